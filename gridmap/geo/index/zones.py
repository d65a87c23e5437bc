"""Which polygon contains each of millions of places: a label grid first, the polygons only in doubt."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap.geo.containing import Containment
from gridmap.geo.index.compiling import compiled
from gridmap.geo.index.zone_cells import Grid, grid_of
from gridmap.geo.index.zone_labels import NONE
from gridmap.geo.index.zone_settle import settle
from gridmap.geo.threads import in_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Shorts = NDArray[np.int32]

# Below so many places `gridmap.geo.contain` is done before an index is built.
WORTH = 10_000
# Places worked on at once by numpy: what is made of them stays in the processor's cache.
CHUNK = 1 << 15
OPEN = -2

log = logging.getLogger(__name__)


class ZoneIndex:
    """Polygons prepared for `contain`; made by `ZoneIndex.of`.

    A grid is laid over the polygons. A cell that no edge comes near has one answer for all places in it.
    In any other cell the edges between a place and a reference whose polygons are known are counted. Only
    where rounding or the tolerance could turn that does a place go to the polygons themselves.
    """

    def __init__(self, grid: Grid, *, fast: bool = False) -> None:
        self._grid = grid
        # Compiled or not is chosen once.
        self._fast = fast

    @classmethod
    def of(cls, polygons: Any, ids: Any, *, expected: int = 1_000_000, valid: bool = False) -> ZoneIndex:
        """Build the index.

        Parameters
        ----------
        polygons : array of geometry, shape (m,)
            In the working CRS, as for `gridmap.geo.contain`.
        ids : array of str, shape (m,)
            The smaller id leads where several claim a place.
        expected : int
            Number of places that will be asked for, in all: the more, the finer the grid, and many are
            looked up by compiled kernels. The answers do not depend on it.
        valid : bool
            Whether the caller knows that every polygon and multipolygon is valid, as those that somebody
            has checked or mended: testing it costs more than the index. False is always safe.

        Returns
        -------
        ZoneIndex
        """
        shapes = np.asarray(polygons, dtype=object).reshape(-1)
        names = np.asarray(ids, dtype=object).reshape(-1)
        fast = compiled(expected)
        return cls(grid_of(shapes, names, expected, valid=valid, fast=fast), fast=fast)

    def contain(self, xy: Any) -> Containment:
        """Find the polygon that each place belongs to, exactly as `gridmap.geo.contain` does.

        Parameters
        ----------
        xy : array of float, shape (n, 2)
            In the working CRS; NaN belongs to nothing.

        Returns
        -------
        Containment
        """
        places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        order = self._grid.order
        lead = self._first_look(places)
        rows = np.flatnonzero(lead == OPEN)
        log.debug("%d of %d places took more than a look", len(rows), len(lead))
        deep, edge = settle(np.take(places, rows, axis=0), self._grid)
        first = np.diff(deep[0], prepend=-1) != 0
        lead[rows] = NONE
        lead[rows[deep[0, first]]] = order[deep[1, first]]
        extra = np.column_stack([rows[deep[0, ~first]], order[deep[1, ~first]]])
        edge = edge[:, (lead[rows[edge[0]]] == NONE) & (np.diff(edge[0], prepend=-1) != 0)]
        lead[rows[edge[0]]] = order[edge[1]]
        return Containment(lead, extra)

    def _first_look(self, places: Floats) -> Shorts:
        """Return the polygon of each place, shape (n,); `OPEN` where that takes more than a look."""
        if self._fast:
            from gridmap.geo.index.zones_compiled import first_look  # noqa: PLC0415 - numba is optional

            lead = np.empty(len(places), dtype=np.int32)
            in_parts(len(places), lambda some: first_look(places[some], self._grid, lead[some]))
            return lead
        return self.look(places)

    def look(self, xy: Any) -> Shorts:
        """Look at the cell of each place, and no further.

        Parameters
        ----------
        xy : array of float, shape (n, 2)
            In the working CRS.

        Returns
        -------
        array of int32, shape (n,)
            Position of the one polygon that holds the cell of the place, farther from its edges than the
            tolerance; -1 where no polygon comes so near to the cell; `OPEN` where that cannot be said.
        """
        places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        lead = np.empty(len(places), dtype=np.int32)
        frame, cells = self._grid.frame, self._grid.cells
        for start in range(0, len(places), CHUNK):
            label = cells.label[frame.cell(places[start : start + CHUNK])]
            label[(label < NONE) | (label >= cells.polygons)] = OPEN
            lead[start : start + CHUNK] = label
        return lead
