"""Isochrones: the ground within so many minutes as polygons, contoured between the cells' centres."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from contourpy import FillType, contour_generator

from gridmap.geo.containing import polygons_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.travel.lattice import Bools, Floats, Ints, Lattice

    Geoms = NDArray[np.object_]

# What is kept of coordinates: the last digits of a division differ from machine to machine.
GRID_M = 1e-3
BEFORE = -1.0


def isochrones(lattice: Lattice, seconds: Floats, limits: Floats) -> Geoms:
    """Return the ground within so many seconds.

    Parameters
    ----------
    lattice : Lattice
        The cells.
    seconds : (cells,) float
        Times at the cells' centres; infinite where nobody can get.
    limits : (k,) float
        Seconds.

    Returns
    -------
    (k,) polygons
        In the CRS, valid, with holes, empty where nothing is within. Linear between centres; between three
        centres of which one cannot be reached there is no ground.
    """
    grid = seconds.reshape(lattice.rows, lattice.columns)
    most = float(np.max(limits, initial=0.0))
    rows, columns = _box(grid <= most)
    part = np.ma.masked_invalid(grid[rows, columns])
    if min(part.shape) < 2 or part.count() == 0:  # noqa: PLR2004 - contours need two rows
        return np.full(len(limits), shapely.MultiPolygon(), dtype=object)
    x = lattice.left + (np.arange(lattice.columns)[columns] + 0.5) * lattice.cell
    y = lattice.top - (np.arange(lattice.rows)[rows] + 0.5) * lattice.cell
    made = contour_generator(x, y, part, fill_type=FillType.OuterOffset, corner_mask=True)
    out = np.empty(len(limits), dtype=object)
    out[:] = [_polygons(*made.filled(BEFORE, float(limit))) for limit in limits]
    return out


def _box(within: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the rows and columns around what is within, and one more on each side."""
    found = []
    for axis in (1, 0):
        some = np.flatnonzero(within.any(axis=axis))
        if not len(some):
            return slice(0, 0), slice(0, 0)
        found.append(slice(max(int(some[0]) - 1, 0), int(some[-1]) + 2))
    return found[0], found[1]


def _polygons(points: list[Floats], offsets: list[Ints]) -> Any:
    made = []
    for xy, ends in zip(points, offsets, strict=True):
        rings = [xy[start:stop] for start, stop in pairwise(ends.tolist())]
        made.append(shapely.Polygon(rings[0], rings[1:]))
    whole: Any = shapely.MultiPolygon(made)
    if not whole.is_valid:
        # Two contours may meet in a point, where four centres stand crosswise.
        whole = shapely.make_valid(whole, method="structure", keep_collapsed=False)
    return polygons_of(shapely.normalize(shapely.set_precision(whole, GRID_M)))


def squares(lattice: Lattice, chosen: Bools) -> Any:
    """Return the union of cells as polygons in the CRS; empty if none is chosen."""
    grid = np.zeros((lattice.rows, lattice.columns + 2), dtype=np.int8)
    grid[:, 1:-1] = chosen.reshape(lattice.rows, lattice.columns)
    change = np.diff(grid, axis=1)
    row, start = np.nonzero(change == 1)
    stop = np.nonzero(change == -1)[1]
    top = lattice.top - row * lattice.cell
    west, east = lattice.left + start * lattice.cell, lattice.left + stop * lattice.cell
    runs = shapely.box(west, top - lattice.cell, east, top)
    return polygons_of(shapely.normalize(shapely.union_all(runs)))
