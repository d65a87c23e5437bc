"""Which gacha a place is in, for a million places at once: a raster for most, polygons for the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.sample.dice import Flags, Floats, Ints
from gridmap.sample.linework import Geoms
from gridmap.sample.relief import EAST_M, NORTH_M, SOUTH_M, WEST_M

CELL_M = 250.0
# Finer than a cell, so that a line marks every cell it runs through, or the cell beside it.
MARK_M = 60.0
OUTSIDE = -1


@dataclass(frozen=True, slots=True)
class Ground:
    """A raster of the area: rows from south to north, columns from west to east.

    Parameters
    ----------
    gachas : ndarray of Polygon
        What the raster's numbers stand for.
    inside : (rows, columns) int
        Position in `gachas` of what holds the cell's centre, or -1.
    mixed : (rows, columns) bool
        Whether a gacha's boundary runs through the cell or close by.
    clear : (rows, columns) bool
        Whether the whole cell is in the area, some way from its outer edge.
    border_m : (rows, columns)
        Metres from the cell's centre to the border.
    outline : (n, 2)
        The vertices of the area's outer edge.
    """

    gachas: Geoms
    inside: Ints
    mixed: Flags
    clear: Flags
    border_m: Floats
    outline: Floats

    def cells(self, xy: Floats) -> tuple[Ints, Ints]:
        """Return the row and the column of each place; places beyond the raster get its edge."""
        row = np.floor((xy[:, 1] - SOUTH_M) / CELL_M).astype(np.int64)
        column = np.floor((xy[:, 0] - WEST_M) / CELL_M).astype(np.int64)
        return np.clip(row, 0, self.inside.shape[0] - 1), np.clip(column, 0, self.inside.shape[1] - 1)

    def gacha(self, xy: Floats) -> Ints:
        """Return the position in `gachas` of what holds each place (n, 2), or -1: exact."""
        at = self.cells(xy)
        found = self.inside[at].copy()
        doubtful = np.flatnonzero(self.mixed[at])
        found[doubtful] = _containing(self.gachas, xy[doubtful])
        return found

    def is_clear(self, xy: Floats, *, border_m: float) -> Flags:
        """Whether each place is in the area, off its edge and at least about `border_m` from the border."""
        at = self.cells(xy)
        return np.asarray(self.clear[at] & (self.border_m[at] >= border_m))

    def centres(self) -> Floats:
        """Return the centres of the cells, (rows * columns, 2), row by row."""
        return _centres(*self.inside.shape)


def survey(gachas: Geoms, border: Geoms) -> Ground:
    """Return the raster of an area of gachas behind a border."""
    shape = (round((NORTH_M - SOUTH_M) / CELL_M), round((EAST_M - WEST_M) / CELL_M))
    centres = _centres(*shape)
    inside = _containing(gachas, centres).reshape(shape)
    edge = shapely.boundary(shapely.coverage_union_all(gachas))
    return Ground(
        gachas=gachas,
        inside=inside,
        mixed=_marked(shapely.boundary(gachas), shape),
        clear=(inside != OUTSIDE) & ~_marked(np.array([edge]), shape),
        border_m=_distance(border, centres).reshape(shape),
        outline=shapely.get_coordinates(edge),
    )


def _centres(rows: int, columns: int) -> Floats:
    x = WEST_M + (np.arange(columns) + 0.5) * CELL_M
    y = SOUTH_M + (np.arange(rows) + 0.5) * CELL_M
    return np.column_stack([np.tile(x, rows), np.repeat(y, columns)])


def _containing(polygons: Geoms, xy: Floats) -> Ints:
    found = np.full(len(xy), OUTSIDE, dtype=np.int64)
    shapely.prepare(polygons)
    bounds = shapely.bounds(polygons)
    for position, polygon in enumerate(polygons):
        low, high = bounds[position, :2], bounds[position, 2:]
        near = np.flatnonzero(((xy >= low) & (xy <= high)).all(axis=1))
        found[near[shapely.contains_xy(polygon, xy[near])]] = position
    return found


def _marked(lines: Geoms, shape: tuple[int, int]) -> Flags:
    """Return the cells that lines run through, and their neighbours."""
    xy = shapely.get_coordinates(shapely.segmentize(lines, MARK_M))
    row = np.floor((xy[:, 1] - SOUTH_M) / CELL_M).astype(np.int64) + 1
    column = np.floor((xy[:, 0] - WEST_M) / CELL_M).astype(np.int64) + 1
    hit = np.zeros((shape[0] + 2, shape[1] + 2), dtype=bool)
    hit[row, column] = True
    wide = hit[1:-1].copy()
    wide |= hit[:-2]
    wide |= hit[2:]
    return np.asarray(wide[:, 1:-1] | wide[:, :-2] | wide[:, 2:])


def _distance(lines: Geoms, xy: Floats) -> Floats:
    """Return plane distances to lines of few segments: the same on every machine."""
    best = np.full(len(xy), np.inf)
    for part in lines:
        vertices = shapely.get_coordinates(part)
        for start, step in zip(vertices[:-1], np.diff(vertices, axis=0), strict=True):
            away = xy - start
            share = (away[:, 0] * step[0] + away[:, 1] * step[1]) / (step[0] ** 2 + step[1] ** 2)
            share = np.clip(share, 0.0, 1.0)
            gap = (away[:, 0] - share * step[0]) ** 2 + (away[:, 1] - share * step[1]) ** 2
            best = np.minimum(best, gap)
    return np.asarray(np.sqrt(best))
