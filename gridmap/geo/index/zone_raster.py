"""Edges laid over a frame: the cells each comes near, and where it crosses the reference line of a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.index.zone_frame import SHARE_X, SHARE_Y
from gridmap.geo.index.zone_sorting import bits, fresh, split, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.index.zone_edges import Edges
    from gridmap.geo.index.zone_frame import Frame

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

BLOCK = 1 << 15
# Added to the margin, in cells: roundings of positions counted in cells.
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Raster:
    """What edges do to a frame.

    Parameters
    ----------
    cell, edge : array of int, shape (k,)
        Every pair of a cell and an edge that comes within the margin of it, sorted by cell, then edge.
    row, owner, column : array of int, shape (2 i,)
        Crossings of the rows' reference lines, sorted by row, owner and column: the first column whose
        reference lies beyond it. Places 2 j and 2 j + 1 are where the owner begins and ends, apart.
    """

    cell: Ints
    edge: NDArray[np.int32]
    row: Ints
    owner: Ints
    column: Ints


def raster_of(edges: Edges, frame: Frame) -> Raster:
    """Lay edges over a frame, block by block (an edge costs some hundred bytes while it is worked on)."""
    every = edges.every
    shift = bits(len(edges.place))
    entries, crossings = [], []
    polygons = int(edges.owner.max()) + 1
    for start in range(0, len(every), BLOCK):
        block = every[start : start + BLOCK]
        ends = edges.ends(block)
        which, row = _rows(ends, frame, margin_of(edges, frame))
        cell, of = _cells(ends, frame, which, row, margin_of(edges, frame))
        entries.append((cell << shift) | np.take(block, np.take(which, of)))
        edge, column, line = _crossings(ends, frame, which, row)
        of, owned = edges.owners(np.take(block, edge))
        line = np.take(line, of) * polygons + np.take(edges.owner, owned)
        crossings.append(line * (frame.columns + 1) + np.take(column, of))
    entry = np.concatenate(entries)
    # Sorting whole numbers that hold both keys is several times faster than sorting positions.
    entry.sort()
    crossing = np.concatenate(crossings)
    crossing.sort()
    # An owner that is left and entered again at one place is not left there.
    begins = np.flatnonzero(fresh(crossing))
    crossing = crossing[begins[np.diff(begins, append=len(crossing)) % 2 == 1]]
    crossing, column = split(crossing, frame.columns + 1)
    row, owner = split(crossing, polygons)
    return Raster(entry >> shift, (entry & ((1 << shift) - 1)).astype(np.int32), row, owner, column)


def margin_of(edges: Edges, frame: Frame) -> float:
    """Return how near to a cell an edge must come to be one of it, in cells."""
    return edges.margin / frame.step + SLACK


def _rows(ends: Floats, frame: Frame, margin: float) -> tuple[Ints, Ints]:
    """Return pairs of an edge and a row that it comes near."""
    start, end = ((ends[y] - frame.y) / frame.step for y in (1, 3))
    low = np.floor(np.minimum(start, end) - margin).astype(np.int64)
    high = np.floor(np.maximum(start, end) + margin).astype(np.int64)
    return spread(low, high - low + 1)


def _cells(ends: Floats, frame: Frame, edge: Ints, row: Ints, margin: float) -> tuple[Ints, Ints]:
    """Return pairs of a cell and a place in the arrays of edges and rows."""
    starts = (ends[0] - frame.x) / frame.step, (ends[1] - frame.y) / frame.step
    turns = (ends[2] - ends[0]) / frame.step, (ends[3] - ends[1]) / frame.step
    u0, v0, du, dv = (np.take(each, edge) for each in (*starts, *turns))
    # The part of the edge within the margin of the row, as shares of its length; all of a level edge.
    level = dv == 0
    with np.errstate(over="ignore", invalid="ignore"):
        slope = 1.0 / np.where(level, 1.0, dv)
        begin = np.where(level, 0.0, np.clip((row - margin - v0) * slope, 0.0, 1.0))
        end = np.where(level, 1.0, np.clip((row + 1 + margin - v0) * slope, 0.0, 1.0))
    one, other = u0 + begin * du, u0 + end * du
    low = np.floor(np.minimum(one, other) - margin).astype(np.int64)
    high = np.floor(np.maximum(one, other) + margin).astype(np.int64)
    which, column = spread(low, high - low + 1)
    column += np.take(row * frame.columns, which)
    return column, which


def _crossings(ends: Floats, frame: Frame, edge: Ints, row: Ints) -> tuple[Ints, Ints, Ints]:
    """Return edges that cross the reference line of a row, the column behind the crossing, and the row."""
    lines = frame.y + (np.arange(frame.rows) + SHARE_Y) * frame.step
    y = np.take(lines, row)
    # A half-open rule: a line through a vertex crosses one of its two edges, or both, or neither.
    across = np.flatnonzero((np.take(ends[1], edge) <= y) != (np.take(ends[3], edge) <= y))
    edge, y = edge[across], y[across]
    x0, y0, x1, y1 = (np.take(each, edge) for each in ends)
    x = x0 + (y - y0) / (y1 - y0) * (x1 - x0)
    column = np.ceil((x - frame.x) / frame.step - SHARE_X).astype(np.int64)
    return edge, column, row[across]
