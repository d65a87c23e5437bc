"""Lines that nobody crosses but on tracks and at fords: waters, and the edges of land that is barred.

A step or a leg is cut where its straight way meets a barrier, exactly, not by cells: so a river narrower than
a cell separates, also diagonally. Barriers are held as single edges in a tree, and asked only near them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy
import shapely

from gridmap.geo.travel.cells import FORWARD, HALF

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.travel.lattice import Bools, Floats, Ints, Lattice

    Geoms = NDArray[np.object_]

# A place this near to a barrier stands on it, and is reached from either side.
ON_IT_M = 0.5
# A ford opens every barrier this near to it: a river is often drawn by its two banks.
FORD_M = 100.0
# A leg is at most two and a half cells long, and a barrier is marked every half cell: one cell off at most.
AROUND = 4
POLYGONAL = 2


@dataclass(frozen=True, slots=True)
class Opened:
    """Which barriers fords open.

    Parameters
    ----------
    shapes : int
        How many barriers there are.
    keys : (k,) int
        Ford times `shapes` plus barrier, ascending.
    """

    shapes: int
    keys: Ints

    def lets(self, ford: Ints, barrier: Ints) -> Bools:
        """Return whether each ford opens each barrier, pair by pair, (m,)."""
        return np.isin(ford * self.shapes + barrier, self.keys)


@dataclass(frozen=True)
class Barriers:
    """What bars the way.

    Parameters
    ----------
    edges : (k,) LineStrings of two vertices
        The barriers' edges, in the CRS.
    owner : (k,) int
        Which of the shapes each edge is of.
    shapes : (n,) lines and polygons
        The barriers themselves.
    tree : STRtree
        Over the edges.
    near : (cells,) bool
        Whether a step or leg that begins in the cell may meet one.
    """

    edges: Geoms
    owner: Ints
    shapes: Geoms
    tree: shapely.STRtree
    near: Bools

    def cut(
        self,
        start: Floats,
        end: Floats,
        *,
        place: bool = False,
        through: tuple[Opened, Ints] | None = None,
    ) -> Bools:
        """Return which straight ways meet a barrier, (m,).

        Parameters
        ----------
        start, end : (m, 2) metres
            Ends of the ways.
        place : bool
            Whether the starts are places: a barrier that a place stands on, or in, does not bar it.
        through : Opened and (m,) int, optional
            What fords open, and the ford that each way begins at.
        """
        cut = np.zeros(len(start), dtype=bool)
        if not len(self.edges) or not len(start):
            return cut
        ways = shapely.linestrings(np.stack([start, end], axis=1))
        way, edge = self.tree.query(np.asarray(ways, dtype=object), predicate="intersects")
        bars = np.ones(len(way), dtype=bool)
        if through is not None:
            fords, of = through
            bars &= ~fords.lets(of[way].astype(np.int64), self.owner[edge])
        if place:
            at = np.asarray(shapely.points(start[way]), dtype=object)
            bars &= ~np.asarray(shapely.dwithin(self.edges[edge], at, ON_IT_M), dtype=bool)
            bars &= ~self._inside(edge, at)
        cut[way[bars]] = True
        return cut

    def opened(self, fords: Floats) -> Opened:
        """Return which barriers each of n fords opens: all within `FORD_M`, and the nearest in any case."""
        at = np.asarray(shapely.points(fords), dtype=object)
        found = [self.tree.query(at, predicate="dwithin", distance=FORD_M), self.tree.query_nearest(at)]
        ford, edge = np.concatenate(found, axis=1) if len(self.edges) and len(at) else np.empty((2, 0), int)
        return Opened(len(self.shapes), np.unique(ford * len(self.shapes) + self.owner[edge]))

    def _inside(self, edge: Ints, at: Geoms) -> Bools:
        inside = np.zeros(len(edge), dtype=bool)
        shapes = self.shapes[self.owner[edge]]
        polygonal = np.flatnonzero(shapely.get_dimensions(shapes) == POLYGONAL)
        inside[polygonal] = shapely.intersects(shapes[polygonal], at[polygonal])
        return inside


def barriers(lattice: Lattice, shapes: Geoms) -> Barriers:
    """Take lines and polygons apart into edges, and mark the cells near them.

    Parameters
    ----------
    lattice : Lattice
        The cells; what lies off them bars nothing.
    shapes : (n,) lines and polygons
        In the CRS; None and empty ones bar nothing.
    """
    outlines = shapes.copy()
    polygonal = shapely.get_dimensions(shapes) == POLYGONAL
    outlines[polygonal] = shapely.boundary(shapes[polygonal])
    lines, of = shapely.get_parts(outlines, return_index=True)
    coords, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    pairs = np.stack([coords[:-1][same], coords[1:][same]], axis=1)
    edges = np.asarray(shapely.linestrings(pairs) if len(pairs) else [], dtype=object)
    owner = np.asarray(of[line[1:][same]], dtype=np.int64)
    shapely.prepare(shapes)
    return Barriers(edges, owner, shapes, shapely.STRtree(edges), _near(lattice, pairs))


def _near(lattice: Lattice, pairs: Floats) -> Bools:
    near = np.zeros(lattice.size, dtype=bool)
    if len(pairs):
        length = np.hypot(*(pairs[:, 1] - pairs[:, 0]).T)
        pieces = np.maximum(np.ceil(length / (lattice.cell / 2)), 1.0).astype(np.int64) + 1
        edge = np.repeat(np.arange(len(pairs)), pieces)
        number = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        share = (number / (pieces[edge] - 1))[:, None]
        cells = lattice.cells(pairs[edge, 0] * (1 - share) + pairs[edge, 1] * share)
        near[cells[cells >= 0]] = True
    around = np.ones((2 * AROUND + 1, 2 * AROUND + 1), dtype=bool)
    grown = scipy.ndimage.binary_dilation(near.reshape(lattice.rows, lattice.columns), structure=around)
    return np.asarray(grown, dtype=bool).ravel()


def cut_steps(lattice: Lattice, seconds: Floats, barred: Barriers) -> None:
    """Take the steps that meet a barrier out of the table of `cells.steps`, in place."""
    near = np.flatnonzero(barred.near)
    for number, (row, column) in enumerate(FORWARD):
        start = near[np.isfinite(seconds[near, number])]
        end = start + row * lattice.columns + column
        cut = barred.cut(lattice.centres(start), lattice.centres(end))
        seconds[start[cut], number] = np.inf
        seconds[end[cut], number + HALF] = np.inf
