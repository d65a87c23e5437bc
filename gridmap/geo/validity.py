"""Which geometries are valid; of many polygons of one ring a compiled look at each ring tells most."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.geo.index.compiling import compiled

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.integer[Any]]
Objects = npt.NDArray[np.object_]

# From so many vertices on the kernel is worth loading; for numba itself a vertex is a tenth of a place.
WORTH, VERTICES_A_PLACE = 100_000, 10
# Vertices looked at in one go: what is copied of them stays in a processor's cache.
CHUNK = 100_000


def valid(shapes: Objects) -> Bools:
    """Return which geometries are valid, as `shapely.is_valid` says.

    Parameters
    ----------
    shapes : ndarray of geometry, shape (n,)
        None is not valid.

    Returns
    -------
    ndarray of bool, shape (n,)
        A simple ring bounds a valid polygon (the Jordan curve theorem); GEOS is asked of all others.
    """
    counts = shapely.get_num_coordinates(shapes)
    vertices = int(counts.sum())
    if vertices < WORTH or not compiled(vertices // VERTICES_A_PLACE):
        return np.asarray(shapely.is_valid(shapes), dtype=bool)
    found = np.zeros(len(shapes), dtype=bool)
    rings = np.flatnonzero((shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON) & (counts > 0))
    rings = rings[shapely.get_num_interior_rings(shapes[rings]) == 0]
    found[rings] = _simple(shapes[rings], counts[rings])
    others = np.flatnonzero(~found)
    found[others] = shapely.is_valid(shapes[others])
    return found


def _simple(polygons: Objects, counts: Ints) -> Bools:
    """Return which polygons of one ring are known to be simple."""
    from gridmap.geo.validity_compiled import simple_rings  # noqa: PLC0415 - only where kernels are used

    found = np.zeros(len(polygons), dtype=bool)
    ends = np.append(0, np.cumsum(counts, dtype=np.int64))
    cuts = np.append(np.searchsorted(ends, np.arange(0, ends[-1], CHUNK)), len(polygons))
    for start, stop in pairwise(np.unique(cuts).tolist()):
        starts = ends[start : stop + 1] - ends[start]
        simple_rings(shapely.get_coordinates(polygons[start:stop]), starts, found[start:stop])
    return found
