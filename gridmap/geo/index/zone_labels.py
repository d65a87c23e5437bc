"""What is known of every cell of a frame: the polygons that hold it, or the edges that come near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.index.zone_edges import CERTAIN
from gridmap.geo.index.zone_groups import groups_of
from gridmap.geo.index.zone_raster import BLOCK, raster_of
from gridmap.geo.index.zone_sorting import fresh
from gridmap.geo.index.zone_spans import LONGEST, Lists, Spans, spans_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.index.zone_edges import Edges
    from gridmap.geo.index.zone_frame import Frame
    from gridmap.geo.index.zone_raster import Raster

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Shorts = NDArray[np.int32]

NONE = -1
# A cell of more edges is left to the exact functions, whose trees find a place's edges faster.
MOST_EDGES = 128


@dataclass(frozen=True, slots=True)
class Cells:
    """Labels and mixed cells.

    Parameters
    ----------
    label : array of int32, shape (cells,)
        From 0, the one polygon that holds the cell, by position; from `polygons` on, the list of polygons
        that hold it; -1, no polygon; -2 - k, mixed cell k; -2 - mixed - k, mixed cell k whose reference is
        too near to an edge; `crowded`, a cell for the exact functions.
    polygons, mixed : int
        Number of polygons, and number of mixed cells.
    head : array of int32, shape (mixed, 8)
        Of each mixed cell: its number in the frame; where in `zone` it begins and ends; where in `entry` it
        begins and ends; which of its polygons hold its reference, as bits; and its first two polygons, by
        position, or -1 (what is asked for most lies together in memory). A crowded cell has no polygons.
    zone : array of int32, shape (g,)
        Rank of each polygon that has edges in a mixed cell or holds its reference; sorted within a cell.
    entry : array of int32, shape (k, 2)
        Of each edge in a mixed cell: its number, times two, and one more if the reference lies to the left
        of it; and which of the cell's polygons it belongs to, as bits.
    lists : Lists
        The polygons of cells that several hold.
    """

    label: Shorts
    polygons: int
    mixed: int
    head: Shorts
    zone: Shorts
    entry: Shorts
    lists: Lists

    @property
    def crowded(self) -> int:
        """The label of cells that are left to the exact functions."""
        return -2 - 2 * self.mixed


def cells_of(edges: Edges, frame: Frame, order: Ints, *, fast: bool = False) -> Cells:
    """Return the cells of a frame that edges are laid over.

    Parameters
    ----------
    edges : Edges
    frame : Frame
    order : array of int, shape (m + 1,)
        The position of each rank; -1 behind the last.
    fast : bool
        Whether to use the compiled kernels; the cells are the same.
    """
    if fast:
        from gridmap.geo.index.zone_labels_compiled import labelled  # noqa: PLC0415 - numba is optional

        return labelled(edges, frame, order)
    raster = raster_of(edges, frame)
    spans = spans_of(raster, frame)
    begins = np.flatnonzero(fresh(raster.cell))
    cell, begins = raster.cell[begins], np.append(begins, len(raster.cell))
    mixed = len(cell)
    left, clear = _sides(edges, frame, raster)
    unclear = np.zeros(mixed, dtype=np.bool_)
    unclear[np.searchsorted(begins, np.flatnonzero(~clear), side="right") - 1] = True
    over = spans.over(frame.cells)
    span = over[cell]
    crowded = (np.diff(begins) > MOST_EDGES) | (spans.count[span] > LONGEST)
    groups = groups_of(begins, raster.edge, edges, spans, (span, crowded))
    head = np.empty((mixed, 8), dtype=np.int32)
    head[:, 0] = cell
    head[:, 1], head[:, 2] = groups.first[:-1], groups.first[1:]
    head[:, 3], head[:, 4] = begins[:-1], begins[1:]
    head[:, 5] = groups.holds
    zone = np.append(groups.zone, [NONE, NONE])
    for place in (0, 1):
        there = np.diff(groups.first) > place
        head[:, 6 + place] = np.take(order, np.where(there, np.take(zone, groups.first[:-1] + place), NONE))
    label = np.take(_answers(spans, order, -2 - 2 * mixed), over)
    own = -2 - np.arange(mixed) - np.where(unclear, mixed, 0)
    label[cell] = np.where(crowded, -2 - 2 * mixed, own)
    entry = np.column_stack([raster.edge * np.int32(2) + left, groups.turns])
    return Cells(label, len(order) - 1, mixed, head=head, zone=groups.zone, entry=entry, lists=spans.lists())


def _answers(spans: Spans, order: Ints, crowded: int) -> Shorts:
    """Return the label of the cells of each span, were they without edges."""
    label = order[np.append(spans.polygon, NONE)[spans.first[:-1]]]
    label[spans.several] = len(order) - 1 + np.arange(np.count_nonzero(spans.several))
    label[spans.count == 0] = NONE
    label[spans.count > LONGEST] = crowded
    found: Shorts = label.astype(np.int32)
    return found


def _sides(edges: Edges, frame: Frame, raster: Raster) -> tuple[Bools, Bools]:
    """Return for each entry whether the reference lies to the left of the edge, and whether that is clear."""
    left = np.empty(len(raster.cell), dtype=np.bool_)
    clear = np.empty(len(raster.cell), dtype=np.bool_)
    for start in range(0, len(left), BLOCK):
        some = slice(start, start + BLOCK)
        ends = edges.ends(raster.edge[some])
        left[some], clear[some] = side(ends, reach(ends, edges.margin), *frame.reference(raster.cell[some]))
    return left, clear


def reach(ends: Floats, margin: float) -> Floats:
    """Return for edges at least their length, at most an eighth more, times the margin."""
    across, along = np.abs(ends[2] - ends[0]), np.abs(ends[3] - ends[1])
    # Of the two the longer, and half of the shorter: no root, whose rounding differs between libraries.
    reach: Floats = (np.maximum(across, along) + 0.5 * np.minimum(across, along)) * margin
    return reach


def side(ends: Floats, reach: Floats | float, x: Floats, y: Floats) -> tuple[Bools, Bools]:
    """Tell on which side of edges places lie.

    Parameters
    ----------
    ends : array of float, shape (4, n)
        x and y of the start and of the end of each edge.
    reach : array of float, shape (n,)
        Length times the distance from which on a side is clear.
    x, y : array of float, shape (n,)

    Returns
    -------
    tuple of array of bool, shape (n,)
        Whether to the left; whether that is clear: beyond the edge's reach and beyond rounding.
    """
    one = (ends[2] - ends[0]) * (y - ends[1])
    other = (ends[3] - ends[1]) * (x - ends[0])
    turn = one - other
    return turn > 0, np.abs(turn) > reach + CERTAIN * (np.abs(one) + np.abs(other))
