"""The label grid: one answer for every cell without an edge, and the edges of every other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap.geo.containing import by_id
from gridmap.geo.index.zone_edges import CERTAIN, Edges, clean, edges_of
from gridmap.geo.index.zone_frame import Frame, frame_of
from gridmap.geo.index.zone_raster import BLOCK, raster_of
from gridmap.geo.index.zone_sorting import rank, spread
from gridmap.geo.index.zone_spans import LONGEST, Spans, spans_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.index.zone_raster import Raster

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Shorts = NDArray[np.int32]

NONE = -1
# A cell of more edges is left to the exact functions, whose trees find a place's edges faster.
MOST_EDGES = 128
# Polygons of a cell are bits of a positive int32.
MOST_POLYGONS = 31


@dataclass(frozen=True, slots=True)
class Cells:
    """Labels and mixed cells.

    Parameters
    ----------
    label : array of int32, shape (cells,)
        From 0, the one polygon that holds the cell, by position; from `lists` on, the span whose polygons
        hold it; -1, no polygon; -2 - k, mixed cell k; -2 - mixed - k, mixed cell k whose reference is too
        near to an edge; `crowded`, a cell for the exact functions.
    lists, mixed, crowded : int
        Number of polygons, number of mixed cells, and -2 - 2 mixed.
    head : array of int32, shape (mixed, 8)
        Of each mixed cell: its number in the frame; where in `zone` it begins and ends; where in `entry` it
        begins and ends; which of its polygons hold its reference, as bits; and its first two polygons, by
        position (what is asked for most lies together in memory).
    zone : array of int32, shape (g,)
        Rank of each polygon that has edges in a mixed cell or holds its reference; sorted within a cell.
    entry : array of int32, shape (k, 2)
        Of each edge in a mixed cell: its number, times two, and one more if the reference lies to the left
        of it; and which of the cell's polygons it belongs to, as bits.
    spans : Spans
        The lists of polygons.
    """

    label: Shorts
    lists: int
    mixed: int
    crowded: int
    head: Shorts
    zone: Shorts
    entry: Shorts
    spans: Spans


@dataclass(frozen=True, slots=True)
class Grid:
    """Everything that an answer needs; polygons go by their rank in the order of ids, but for labels.

    Parameters
    ----------
    frame : Frame
    cells : Cells
    edges : Edges
    polygons : array of geometry, shape (m,)
        Valid, in the order of ids.
    ids : array of str, shape (m,)
        In order.
    order : array of int, shape (m + 1,)
        From rank to position; the last, and so -1, stands for no polygon.
    """

    frame: Frame
    cells: Cells
    edges: Edges
    polygons: NDArray[np.object_]
    ids: NDArray[Any]
    order: Ints


def grid_of(shapes: NDArray[Any], ids: NDArray[Any], expected: int) -> Grid:
    """Return the grid of any geometries and their ids for an expected number of places."""
    ranked = by_id(ids)
    order = np.append(ranked, NONE)
    polygons = clean(shapes[ranked])
    edges = edges_of(polygons)
    frame = frame_of(edges, expected)
    if frame is None:
        return Grid(Frame(0.0, 0.0, 1.0, 1, 1), _nothing(), edges, polygons, ids[ranked], order)
    return Grid(frame, _cells_of(edges, frame, order), edges, polygons, ids[ranked], order)


def _nothing() -> Cells:
    """Return one cell that is left to the exact functions."""
    none = np.empty(0, dtype=np.int32)
    spans = Spans(np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(2, np.int64), np.empty(0, np.int64))
    head, entry = np.empty((0, 8), dtype=np.int32), np.empty((0, 2), dtype=np.int32)
    return Cells(np.full(1, -2, dtype=np.int32), 0, 0, -2, head=head, zone=none, entry=entry, spans=spans)


def _cells_of(edges: Edges, frame: Frame, order: Ints) -> Cells:
    raster = raster_of(edges, frame)
    spans = spans_of(raster, frame)
    fresh = np.diff(raster.cell, prepend=-1) != 0
    number = np.cumsum(fresh) - 1
    cell = raster.cell[fresh]
    mixed = len(cell)
    left, clear = _sides(edges, frame, raster)
    unclear = np.zeros(mixed, dtype=np.bool_)
    unclear[number[~clear]] = True
    span = spans.at(cell)
    groups = _groups(number, raster.edge, edges, spans, span)
    head = np.empty((mixed, 8), dtype=np.int32)
    head[:, 0] = cell
    head[:, 1], head[:, 2] = groups.first[:-1], groups.first[1:]
    head[:, 3] = np.flatnonzero(fresh)
    head[:, 4] = np.append(head[1:, 3], len(fresh))
    head[:, 5] = groups.holds
    head[:, 6] = order[groups.zone[head[:, 1]]]
    head[:, 7] = order[groups.zone[np.minimum(head[:, 1] + 1, len(groups.zone) - 1)]]
    many = head[:, 4] - head[:, 3] > MOST_EDGES
    many |= (spans.count[span] > LONGEST) | (head[:, 2] - head[:, 1] > MOST_POLYGONS)
    crowded = -2 - 2 * mixed
    label = np.repeat(_answers(spans, order, crowded), spans.lengths(frame.cells))
    own = -2 - np.arange(mixed) - np.where(unclear, mixed, 0)
    label[cell] = np.where(many, crowded, own)
    entry = np.column_stack([raster.edge * np.int32(2) + left, groups.turns])
    return Cells(label, len(order) - 1, mixed, crowded, head=head, zone=groups.zone, entry=entry, spans=spans)


def _answers(spans: Spans, order: Ints, crowded: int) -> Shorts:
    """Return the label of the cells of each span, were they without edges."""
    alone = order[np.append(spans.polygon, NONE)[spans.first[:-1]]]
    label = np.where(spans.count == 1, alone, len(order) - 1 + np.arange(len(spans.count)))
    label[spans.count == 0] = NONE
    label[spans.count > LONGEST] = crowded
    return label.astype(np.int32)


def _sides(edges: Edges, frame: Frame, raster: Raster) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return for each entry whether the reference lies to the left of the edge, and whether that is clear."""
    left = np.empty(len(raster.cell), dtype=np.bool_)
    clear = np.empty(len(raster.cell), dtype=np.bool_)
    for start in range(0, len(left), BLOCK):
        some = slice(start, start + BLOCK)
        left[some], clear[some] = side(
            np.take(edges.table, raster.edge[some], axis=0), *frame.reference(raster.cell[some])
        )
    return left, clear


def side(edge: Floats, x: Floats, y: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell on which side of edges places lie.

    Parameters
    ----------
    edge : array of float, shape (n, 5)
        Rows of `Edges.table`.
    x, y : array of float, shape (n,)

    Returns
    -------
    tuple of array of bool, shape (n,)
        Whether to the left; whether that is clear: beyond the edge's reach and beyond rounding.
    """
    one = (edge[:, 2] - edge[:, 0]) * (y - edge[:, 1])
    other = (edge[:, 3] - edge[:, 1]) * (x - edge[:, 0])
    turn = one - other
    return turn > 0, np.abs(turn) > edge[:, 4] + CERTAIN * (np.abs(one) + np.abs(other))


@dataclass(frozen=True, slots=True)
class _Groups:
    """The polygons of mixed cells: `Cells.zone`, where in it each cell begins, bits by cell and by entry."""

    zone: Shorts
    first: Ints
    holds: Ints
    turns: Shorts


def _groups(number: Ints, edge: Shorts, edges: Edges, spans: Spans, span: Ints) -> _Groups:
    """Return the polygons of mixed cells.

    Parameters
    ----------
    number, edge : array of int, shape (k,)
        Mixed cell and edge of each entry, sorted by cell.
    edges : Edges
    spans : Spans
    span : array of int, shape (mixed,)
        The span that each mixed cell lies in.
    """
    polygons = int(edges.owner.max()) + 1
    which, owned = spread(edges.first[edge], np.diff(edges.first)[edge])
    touches = number[which] * polygons + edges.owner[owned]
    cell, place = spread(spans.first[span], np.diff(spans.first)[span])
    every, at = rank(np.concatenate([touches, cell * polygons + spans.polygon[place]]))
    first = np.searchsorted(every, np.arange(len(span) + 1) * polygons)
    # More polygons than bits: such a cell is left to the exact functions, whatever its bits are.
    bit = 1 << np.minimum(np.arange(len(every)) - np.repeat(first[:-1], np.diff(first)), MOST_POLYGONS)
    begins = np.flatnonzero(np.diff(which, prepend=-1))
    turns = np.bitwise_xor.reduceat(bit[at[: len(touches)]], begins)
    held = np.zeros(len(span), dtype=np.int64)
    np.bitwise_or.at(held, cell, bit[at[len(touches) :]])
    zone = (every % polygons).astype(np.int32)
    return _Groups(zone, first, held.astype(np.int32), turns.astype(np.int32))
