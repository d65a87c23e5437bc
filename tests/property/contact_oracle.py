"""Where a border touches shapes or comes nearest to them, found without leaving anything out."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from gridmap import geo
from gridmap.geo.measure import densify

TOUCH_M, POINT_M, EDGE_M = 1e-3, 5e-3, 500.0

Xy = np.ndarray[Any, np.dtype[np.float64]]


def contact(border: geo.Border, shape: Any) -> list[tuple[float, float]]:
    """Return the ranges of chainage in a rim around a shape: each edge of the border is cut with it.

    An edge may be in the rim, out of it and in it again.
    """
    rim, found = shapely.buffer(shape, TOUCH_M), []
    for number, (line, chain) in enumerate(zip(border.parts, border.chainages, strict=True)):
        edges = shapely.linestrings(np.stack([line[:-1], line[1:]], axis=1))
        for at in np.flatnonzero(shapely.dwithin(edges, shape, TOUCH_M)):
            end = chain[at + 1]
            if at == len(edges) - 1 and number < len(border.parts) - 1:
                end = np.nextafter(end, -np.inf)
            edge = line[at + 1] - line[at]
            for part in shapely.get_parts(shapely.intersection(edges[at], rim)):
                met = shapely.get_coordinates(part)
                if not len(met):
                    continue
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
    vertices, dense = np.vstack(border.parts), densify([shape], EDGE_M)[0]
    # The scale changes a little: of the places as near on the map one is the nearest on the ground.
    reach = shapely.distance(border.geometry, shape) * 1.01 + 1.0
    close = vertices[shapely.distance(shapely.points(vertices), shape) <= reach]
    asked = [shapely.get_coordinates(dense)]
    for start, stop in edges_of(dense):
        edge = stop - start
        share = np.clip((close - start) @ edge / (edge @ edge), 0.0, 1.0)
        feet = start + share[:, None] * edge
        asked.append(feet[np.hypot(*(feet - close).T) <= reach])
    found = locate(np.vstack(asked))
    first = np.lexsort((found.chainage_m, found.distance_m))[0]
    return float(found.distance_m[first]), float(found.chainage_m[first])


def edges_of(shape: Any) -> list[tuple[Xy, Xy]]:
    """Return start and end of each edge with a length."""
    if hasattr(shape, "geoms"):
        return [edge for part in shape.geoms for edge in edges_of(part)]
    rings = [shape.exterior, *shape.interiors] if shape.geom_type == "Polygon" else [shape]
    every = [shapely.get_coordinates(ring) for ring in rings]
    return [(a, b) for xy in every for a, b in pairwise(xy) if (a != b).any()]
