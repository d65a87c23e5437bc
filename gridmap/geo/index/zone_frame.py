"""The frame of a label grid: where its cells lie, and which cell a place is in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.index.zone_edges import EPSILON, LARGEST, ROUNDINGS
from gridmap.geo.index.zone_sorting import split

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.index.zone_edges import Edges

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Cells for each place. The fewest cost next to nothing to fill in; beyond the most, building them costs more
# than they save. Between the two, as many as keep the share of cells with edges at `MIXED`.
FEWEST, MOST = 1, 8
MIXED = 0.2
MIN_CELLS, MAX_CELLS = 1 << 10, 1 << 24
MAX_ENTRIES = 1 << 24
# Where in its cell the reference lies, and how far the first cell begins before the box: no round shares,
# so that edges along round coordinates meet neither.
SHARE_X, SHARE_Y = 0.4871, 0.5193
LEAD_IN = 1.2718


@dataclass(frozen=True, slots=True)
class Frame:
    """Square cells over the box of all edges, with a ring of cells around that no edge comes near.

    Parameters
    ----------
    x, y : float
        South-western corner, in the working CRS.
    step : float
        Side of a cell in metres.
    columns, rows : int
        Cell (row, column) has the number ``row * columns + column``.
    """

    x: float
    y: float
    step: float
    columns: int
    rows: int

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.columns * self.rows

    def cell(self, xy: Floats) -> Ints:
        """Return the cell of places, shape (n, 2); one of the ring for what is outside, infinite or NaN."""
        inverse = 1.0 / self.step
        with np.errstate(over="ignore"):
            column = (xy[:, 0] - self.x) * inverse
            row = (xy[:, 1] - self.y) * inverse
        # fmin and fmax pass by NaN: it ends in the ring's last row or column.
        cell: Ints = np.fmax(np.fmin(row, self.rows - 1), 0.0).astype(np.int64)
        cell *= self.columns
        cell += np.fmax(np.fmin(column, self.columns - 1), 0.0).astype(np.int64)
        return cell

    def reference(self, cell: Ints) -> tuple[Floats, Floats]:
        """Return x and y of the place of each cell whose membership is known."""
        row, column = (each.astype(np.float64) for each in split(cell, self.columns))
        return self.x + (column + SHARE_X) * self.step, self.y + (row + SHARE_Y) * self.step


def frame_of(edges: Edges, expected: int) -> Frame | None:
    """Return the frame for a number of expected places; None where no grid can be laid."""
    if not len(edges.owner) or not edges.margin < LARGEST * ROUNDINGS * EPSILON:
        return None
    west, south, east, north = edges.box
    wide, high = east - west, north - south
    # An edge lies in about as many cells as it is cells long, along x and along y.
    course = edges.course
    wanted = wide * high * (course / (wide * high * MIXED)) ** 2 if wide * high else 0.0
    cells = min(max(FEWEST * expected, min(wanted, MOST * expected), MIN_CELLS), MAX_CELLS)
    step = max(
        math.sqrt(wide * high / cells),
        32 * max(wide, high) / cells,
        course / MAX_ENTRIES,
        16 * edges.margin,
    )
    return Frame(
        west - LEAD_IN * step,
        south - LEAD_IN * step,
        step,
        math.ceil(wide / step + 2 * LEAD_IN) + 1,
        math.ceil(high / step + 2 * LEAD_IN) + 1,
    )
