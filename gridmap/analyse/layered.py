"""Ground by how many polygons reach it: once, twice, three times or more."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap import geo
from gridmap.analyse.demand import Objects

POLYGONAL = (3, 6)
DEPTHS = 3
EMPTY = shapely.MultiPolygon()

Stack = tuple[Objects, Objects, Objects]


def layered(shapes: Objects) -> tuple[Any, Any, Any]:
    """Return where at least one, two and three of some polygons are.

    Parameters
    ----------
    shapes : (m,) polygons
        Valid, in the working CRS.

    Returns
    -------
    three Polygons or MultiPolygons
        In the working CRS; each holds the next.

    Notes
    -----
    What is covered k times by two groups A and B together follows from each of them:
    ``k1 = A1 | B1``, ``k2 = A2 | B2 | A1 & B1``, ``k3 = A3 | B3 | A2 & B1 | A1 & B2``. This is associative,
    so the groups are joined two by two in a balanced tree; along a Hilbert curve, so that those joined lie
    beside each other and inner edges vanish early.
    """
    some = shapes[~shapely.is_empty(shapes)]
    if not len(some):
        return EMPTY, EMPTY, EMPTY
    curve = gpd.GeoSeries(shapely.centroid(some)).hilbert_distance().to_numpy()
    some = some[np.argsort(curve, kind="stable")]
    empty = np.full(len(some), EMPTY, dtype=object)
    stack: Stack = (some, empty, empty)
    while len(stack[0]) > 1:
        stack = _halved(stack)
    return stack[0][0], stack[1][0], stack[2][0]


def _halved(stack: Stack) -> Stack:
    """Join each group with its neighbour; an odd one out is left as it is."""
    even = len(stack[0]) // 2 * 2
    (a1, a2, a3), (b1, b2, b3) = ([one[start:even:2] for one in stack] for start in (0, 1))
    joined = (
        union(a1, b1),
        union(union(a2, b2), common(a1, b1)),
        union(union(a3, b3), union(common(a2, b1), common(a1, b2))),
    )
    rest = [one[even:] for one in stack]
    one, two, three = (np.concatenate([new, old]) for new, old in zip(joined, rest, strict=True))
    return one, two, three


def union(one: Any, other: Any) -> Objects:
    """Return the polygonal union of shapes, pair by pair."""
    return _polygonal(shapely.union(one, other))


def common(one: Any, other: Any) -> Objects:
    """Return the polygonal part of what shapes share, pair by pair."""
    return _polygonal(shapely.intersection(one, other))


def without(one: Any, other: Any, *, grid_m: float | None = None) -> Objects:
    """Return the polygonal part of shapes outside of others, pair by pair; on a grid, without hairlines."""
    return _polygonal(shapely.difference(one, other, grid_size=grid_m))


def _polygonal(shapes: Any) -> Objects:
    found = np.atleast_1d(np.asarray(shapes, dtype=object))
    for row in np.flatnonzero(~np.isin(shapely.get_type_id(found), POLYGONAL)):
        found[row] = geo.polygons_of(found[row])
    return found
