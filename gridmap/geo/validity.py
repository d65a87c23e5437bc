"""Which geometries are valid; of many polygons of one ring a compiled look at each ring tells most."""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.geo.index.compiling import compiled

Bools = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

# From so many vertices on the kernel is worth loading; for numba itself a vertex is a tenth of a place. They
# are estimated by so many shapes: each has a place of its own in memory, and looking there takes time.
WORTH, VERTICES_A_PLACE, SAMPLE = 100_000, 10, 500
# And so many where it is loaded.
KERNEL, FEW = "gridmap.geo.validity_compiled", 1_000
# About how many vertices are looked at in one go: shapes, and what is copied of them, stay in a processor's
# cache.
CHUNK = 50_000
# Of a chunk, so many vertices of rings not told yet are worth the grids.
LEFT = 5_000


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
    some = shapes[:: len(shapes) // SAMPLE + 1]
    vertices = int(shapely.get_num_coordinates(some).sum() * len(shapes) / max(1, len(some)))
    if vertices < (FEW if KERNEL in sys.modules else WORTH) or not compiled(vertices // VERTICES_A_PLACE):
        return np.asarray(shapely.is_valid(shapes), dtype=bool)
    size = max(1, len(shapes) * CHUNK // max(1, vertices))
    found = np.empty(len(shapes), dtype=bool)
    for at in range(0, len(shapes), size):
        found[at : at + size] = _simple(shapes[at : at + size])
    others = np.flatnonzero(~found)
    found[others] = shapely.is_valid(shapes[others])
    return found


def _simple(shapes: Objects) -> Bools:
    """Return which shapes are known to be polygons of one ring that is simple."""
    from gridmap.geo.validity_compiled import simple_rings  # noqa: PLC0415 - only where kernels are used

    found = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    found &= shapely.get_num_interior_rings(shapes) == 0
    rings = shapes[found]
    counts = shapely.get_num_coordinates(rings)
    xy, starts = shapely.get_coordinates(rings), np.append(0, np.cumsum(counts, dtype=np.int64))
    simple = np.empty(len(rings), dtype=bool)
    simple_rings(xy, starts, simple)
    if counts[~simple].sum() >= LEFT:
        from gridmap.geo.validity_grid_compiled import simple_rings as rest  # noqa: PLC0415

        rest(xy, starts, simple)
    found[found] = simple
    return np.asarray(found, dtype=bool)
