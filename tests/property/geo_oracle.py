"""What gridmap.geo should answer, found the slow way: pyproj and loops, no tree and nothing of gridmap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Geod, Transformer

CODE = "EPSG:4508"
X0, Y0 = 650_000.0, 4_700_000.0
GEOD = Geod(a=6378137.0, rf=298.257222101)
LONLAT = Transformer.from_crs(CRS(CODE), CRS(CODE).geodetic_crs, always_xy=True)

Xy = np.ndarray[Any, np.dtype[np.float64]]


def lonlat(xy: Xy) -> Xy:
    return np.column_stack(LONLAT.transform(xy[:, 0], xy[:, 1]))


def metres(one: Xy, other: Xy) -> Xy:
    """Return geodesic metres between rows of plane coordinates; either may be one row."""
    a, b = np.broadcast_arrays(lonlat(np.atleast_2d(one)), lonlat(np.atleast_2d(other)))
    return np.asarray(GEOD.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[2])


def length(xy: Xy, step: float = 20.0) -> float:
    """Return the geodesic length of a polyline with edges straight in the plane."""
    if (xy == xy[0]).all():
        return 0.0
    dense = shapely.get_coordinates(shapely.segmentize(shapely.LineString(xy), step))
    return float(metres(dense[:-1], dense[1:]).sum())


def foot_on(start: Xy, end: Xy, point: Xy) -> tuple[Xy, Xy]:
    """Return where on each edge the geodesic distance to a point is least, and that distance.

    By golden section between the ends: the distance to a place on a straight edge has one minimum.
    """
    low, high = np.zeros(len(start)), np.ones(len(start))
    for _ in range(60):
        third = (high - low) * 0.381966
        left, right = low + third, high - third
        nearer = away(start, end, left, point) < away(start, end, right, point)
        high, low = np.where(nearer, right, high), np.where(nearer, low, left)
    options = np.stack([np.zeros(len(start)), (low + high) / 2.0, np.ones(len(start))])
    distance = np.stack([away(start, end, one, point) for one in options])
    best = distance.argmin(axis=0), np.arange(len(start))
    return options[best], distance[best]


def away(start: Xy, end: Xy, share: Xy, point: Xy) -> Xy:
    return metres(start + share[:, None] * (end - start), point)


def locate(parts: Sequence[Xy], point: Xy) -> tuple[list[float], float]:
    """Return the chainages of all nearest places (to half a millimetre) and the distance."""
    chainages, distances, reached = [], [], 0.0
    for part in parts:
        share, distance = foot_on(part[:-1], part[1:], point)
        for number, start in enumerate(part[:-1]):
            end = part[number + 1]
            foot = start + share[number] * (end - start)
            chainages.append(reached + (length(np.array([start, foot])) if share[number] > 0 else 0.0))
            reached += length(np.array([start, end]))
        distances.extend(distance.tolist())
    least = min(distances)
    near = [at for at, one in zip(chainages, distances, strict=True) if one <= least + 5e-4]
    return near, least
