"""Which places and shapes of the plane have a longitude and a latitude.

A working CRS is a map of a part of the Earth: beyond its rim the projection has no inverse. Asking PROJ for
each of a million places costs more than all that is done with them, so many of them are settled together.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from gridmap.geo.crs import Floats, Geoms, to_lonlat
from gridmap.geo.extent import extent, finite

Bools = npt.NDArray[np.bool_]

# Many places are asked by squares: from how many, and how many squares there are along each side.
SQUARED = 20_000
SQUARES = 50
# Of a shape whose box is no longer than this, in metres, the corners and the middle are asked.
BOXED_M = 50_000.0
CORNERS = np.array([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.5, 0.5)])
# Lines and polygons, of one part or several: every vertex is the end of an edge.
EDGED = (1, 2, 3, 5, 6)


def projectable(xy: Floats, crs: str | CRS) -> Bools:
    """Return which places have a longitude and a latitude.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Metres in the working CRS.
    crs : str or pyproj.CRS
        The working CRS.

    Returns
    -------
    ndarray of bool, shape (n,)
        As finite as `to_lonlat`. Of many places, those of a square whose corners and middle have one are not
        asked one by one: no projection that one would work in has a hole within a fiftieth of an area.
    """
    if len(xy) < SQUARED:
        return _asked(xy, crs)
    box = extent(xy)
    if not np.isfinite(box).all():
        found = finite(xy)
        found[found] = projectable(xy[found], crs)
        return found
    found = _in_good_square(xy, box, crs)
    rest = np.flatnonzero(~found)
    found[rest] = _asked(xy[rest], crs)
    return found


def _asked(xy: Floats, crs: str | CRS) -> Bools:
    found = finite(xy)
    found[found] = finite(to_lonlat(xy[found], crs))
    return found


def on_earth(shapes: Geoms, crs: str | CRS, *, valid: Bools | None = None) -> Bools:
    """Return which geometries have coordinates, each of them a place with a longitude and a latitude.

    Parameters
    ----------
    shapes : ndarray of geometry, shape (n,)
        In the working CRS; None and empty ones are nowhere.
    crs : str or pyproj.CRS
        The working CRS.
    valid : ndarray of bool, shape (n,), optional
        Which are known to be valid, and so to have finite coordinates only.

    Returns
    -------
    ndarray of bool, shape (n,)
        Vertex by vertex as `projectable`. Of many vertices, those of a shape are not asked whose box has a
        longitude and a latitude at its corners and in its middle, if the box is small: no projection that
        one would work in has a hole within it.
    """
    counts = shapely.get_num_coordinates(shapes)
    found = np.asarray(counts > 0, dtype=bool)
    asked = np.flatnonzero(found)
    if counts.sum() >= SQUARED:
        known = np.zeros(len(asked), dtype=bool) if valid is None else valid[asked]
        asked = asked[~_in_good_box(shapes[asked], crs, known)]
    lost = np.flatnonzero(~projectable(shapely.get_coordinates(shapes[asked]), crs))
    found[asked[np.searchsorted(np.cumsum(counts[asked]), lost, side="right")]] = False
    return found


def all_finite(shapes: Geoms) -> Bools:
    """Return which geometries, shape (n,), have no coordinate that is infinite or no number."""
    with np.errstate(over="ignore", invalid="ignore"):
        length = shapely.length(shapes)
    # It is not finite if a vertex of an edge is not.
    found = np.isin(shapely.get_type_id(shapes), EDGED) & np.isfinite(length)
    rest = np.flatnonzero(~found)
    coordinates, row = shapely.get_coordinates(shapes[rest], return_index=True)
    found[rest] = True
    found[rest[row[~finite(coordinates)]]] = False
    return found


def _in_good_box(shapes: Geoms, crs: str | CRS, finite_ones: Bools) -> Bools:
    """Return which shapes have finite vertices only, and a small box with a longitude and a latitude.

    Of some it is known that they have finite vertices only.
    """
    boxes = shapely.bounds(shapes)
    small = (boxes[:, 2] <= boxes[:, 0] + BOXED_M) & (boxes[:, 3] <= boxes[:, 1] + BOXED_M)
    # A box may say nothing of vertices that are not finite.
    rest = np.flatnonzero(small & ~finite_ones)
    small[rest] = all_finite(shapes[rest])
    good = np.flatnonzero(small)
    low, high = boxes[good, None, :2], boxes[good, None, 2:]
    places = projectable((low + CORNERS * (high - low)).reshape(-1, 2), crs)
    found = np.zeros(len(shapes), dtype=bool)
    found[good] = places.reshape(-1, len(CORNERS)).all(axis=1)
    return found


def _in_good_square(xy: Floats, box: tuple[Floats, Floats], crs: str | CRS) -> Bools:
    low, high = box
    side = (high - low) / SQUARES
    if not (np.isfinite(side).all() and (side > 0.0).all()):
        return np.zeros(len(xy), dtype=bool)
    good = _good_squares(low, side, crs)
    if good.all():
        return np.ones(len(xy), dtype=bool)
    column, row = (
        np.minimum(((xy[:, axis] - low[axis]) / side[axis]).astype(np.int64), SQUARES - 1) for axis in (0, 1)
    )
    return np.asarray(good[row * SQUARES + column], dtype=bool)


def _good_squares(low: Floats, side: Floats, crs: str | CRS) -> Bools:
    """Return of which squares the corners and the middle have a longitude and a latitude, row by row."""
    corner, middle = (
        finite(to_lonlat(low + steps.reshape(-1, 2) * side, crs)).reshape(steps.shape[:2])
        for steps in (_lattice(SQUARES + 1), _lattice(SQUARES) + 0.5)
    )
    good = corner[:-1, :-1] & corner[:-1, 1:] & corner[1:, :-1] & corner[1:, 1:] & middle
    return np.asarray(good.reshape(-1), dtype=bool)


def _lattice(count: int) -> Floats:
    """Return column and row of count * count places, shape (row, column, 2)."""
    return np.stack(np.meshgrid(np.arange(float(count)), np.arange(float(count))), axis=-1)
