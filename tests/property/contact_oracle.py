"""Where a border touches shapes or comes nearest to them, found without leaving anything out."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gridmap import geo
from gridmap.geo.measure import densify

TOUCH_M, POINT_M, EDGE_M = 1e-3, 5e-3, 500.0

Xy = np.ndarray[Any, np.dtype[np.float64]]


def contact(border: geo.Border, shape: Any) -> list[tuple[float, float]]:
    """Return the ranges of chainage in a rim around a shape: each edge of the border is cut with it."""
    rim, found = shapely.buffer(shape, TOUCH_M), []
    for number, (line, chain) in enumerate(zip(border.parts, border.chainages, strict=True)):
        edges = shapely.linestrings(np.stack([line[:-1], line[1:]], axis=1))
        for at in np.flatnonzero(shapely.dwithin(edges, shape, TOUCH_M)):
            met = shapely.get_coordinates(shapely.intersection(edges[at], rim))
            if not len(met):
                continue
            end = chain[at + 1]
            if at == len(edges) - 1 and number < len(border.parts) - 1:
                end = np.nextafter(end, -np.inf)
            edge = line[at + 1] - line[at]
            share = np.clip((met - line[at]) @ edge / (edge @ edge), 0.0, 1.0)
            places = np.where(share == 1.0, end, np.minimum(chain[at] + share * (end - chain[at]), end))
            found.append((float(places.min()), float(places.max())))
    merged: list[tuple[float, float]] = []
    for low, high in sorted(found):
        if merged and low <= merged[-1][1] + 2 * TOUCH_M:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        else:
            merged.append((low, high))
    return [((low + high) / 2.0,) * 2 if high - low < POINT_M else (low, high) for low, high in merged]


def nearest(border: geo.Border, shape: Any, locate: Any) -> tuple[float, float]:
    """Return distance and smallest chainage of the nearest pair: all vertices are asked, and all feet."""
    vertices = shapely.points(np.vstack(border.parts))
    feet = shapely.get_coordinates(shapely.shortest_line(vertices, shape))[1::2]
    # The foot of a vertex that faces another part of the shape is the nearest place of something else.
    close = shapely.distance(vertices, shape) <= shapely.distance(border.geometry, shape) * 1.01 + 1.0
    found = locate(np.vstack([shapely.get_coordinates(densify([shape], EDGE_M)), feet[close]]))
    first = np.lexsort((found.chainage_m, found.distance_m))[0]
    return float(found.distance_m[first]), float(found.chainage_m[first])
