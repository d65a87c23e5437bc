"""The polygons of every mixed cell: those whose edges come near it, and those that hold its reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.index.zone_edges import SHARED
from gridmap.geo.index.zone_sorting import fresh, rank, split, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.index.zone_edges import Edges
    from gridmap.geo.index.zone_spans import Spans

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Shorts = NDArray[np.int32]

NONE = -1
# Polygons of a cell are bits of a positive int32.
MOST_POLYGONS = 31


@dataclass(frozen=True, slots=True)
class Groups:
    """The polygons of mixed cells; a crowded cell has none.

    Parameters
    ----------
    zone : array of int32, shape (g,)
        Ranks, sorted within a cell.
    first : array of int, shape (mixed + 1,)
        Where in `zone` each cell begins.
    holds : array of int32, shape (mixed,)
        Which of its polygons hold the reference of a cell, as bits.
    turns : array of int32, shape (k,)
        Which of the cell's polygons the edge of each entry belongs to, as bits.
    """

    zone: Shorts
    first: Ints
    holds: Shorts
    turns: Shorts


@dataclass(frozen=True, slots=True)
class _Runs:
    """Entries of a cell that follow each other and belong to the same polygons: they are looked at together.

    Parameters
    ----------
    start : array of int, shape (r + 1,)
        The entry that each begins with.
    edge : array of int32, shape (r,)
        One edge of each.
    cell : array of int, shape (r,)
        Mixed cell of each, ascending.
    alone : array of bool, shape (mixed,)
        Whether a cell has one run only.
    """

    start: Ints
    edge: Shorts
    cell: Ints
    alone: Bools


def groups_of(begins: Ints, edge: Shorts, edges: Edges, spans: Spans, cells: tuple[Ints, Bools]) -> Groups:
    """Return the polygons of mixed cells; those found to be crowded are marked so in the array given.

    Parameters
    ----------
    begins : array of int, shape (mixed + 1,)
        The entry that each mixed cell begins with.
    edge : array of int, shape (k,)
        Edge of each entry, sorted by cell.
    edges : Edges
    spans : Spans
    cells : tuple of array, shape (mixed,)
        The span that each mixed cell lies in, and whether it is crowded.
    """
    span, crowded = cells
    runs = _runs(begins, edge, edges)
    plain, pair, held = _plain(runs, edges, spans, span)
    plain &= ~crowded
    zone, first, holds, turns = _others(runs, edges, spans, (span, crowded, plain))
    # Room for the polygons of plain cells is made between those of the others.
    count = np.where(plain, 1 + (pair[0] != pair[1]), 0)
    start = np.append(0, np.cumsum(np.diff(first) + count))
    every = np.empty(start[-1], dtype=np.int32)
    every[spread(start[:-1], np.where(plain, 0, np.diff(first)))[1]] = zone
    some = np.flatnonzero(plain)
    # Of two the first is written last, over the same place if there is only one.
    for one, place in ((pair[1], start[1:] - 1), (pair[0], start[:-1])):
        every[place[some]] = one[some]
    holds[some] = np.where(held[some] == NONE, 0, np.where(held[some] == pair[0][some], 1, 2))
    lone = plain[runs.cell]
    turns = np.where(lone, (1 << count[runs.cell]) - 1, turns)
    return Groups(every, start, holds, np.repeat(turns, np.diff(runs.start)).astype(np.int32))


def _runs(begins: Ints, edge: Shorts, edges: Edges) -> _Runs:
    other = fresh(np.take(_kinds(edges), edge))
    other[begins[:-1]] = True
    start, before = np.flatnonzero(other), np.cumsum(other)
    count = np.diff(before[begins[:-1]], append=len(start) + 1)
    cell = np.repeat(np.arange(len(count)), count)
    return _Runs(np.append(start, len(edge)), edge[start], cell, count == 1)


def _plain(runs: _Runs, edges: Edges, spans: Spans, span: Ints) -> tuple[Bools, tuple[Shorts, Shorts], Ints]:
    """Tell which cells need no sorting, as most: an edge of one or two polygons, held by no third.

    Returns
    -------
    plain : array of bool, shape (mixed,)
    pair : tuple of array of int32, shape (mixed,)
        The first and the last polygon of a cell's first edge.
    held : array of int, shape (mixed,)
        The polygon that holds its reference, the first of them if there are more; -1 for none.
    """
    edge = runs.edge[fresh(runs.cell)]
    first, stop = edges.first[edge], edges.first[edge + 1]
    one, other = edges.owner[first], edges.owner[stop - 1]
    listed = spans.first[span]
    count = spans.first[span + 1] - listed
    held = np.append(spans.polygon, NONE)[np.where(count > 0, listed, NONE)]
    plain = runs.alone & (count <= 1) & ((held == NONE) | (held == one) | (held == other))
    plain &= (stop - first == 1) | ((stop - first == SHARED) & (one < other))
    return plain, (one, other), held


def _others(
    runs: _Runs, edges: Edges, spans: Spans, cells: tuple[Ints, Bools, Bools]
) -> tuple[Shorts, Ints, Shorts, Ints]:
    """Return the zones, where each cell begins, holds, and turns of each run; nothing for plain cells."""
    span, crowded, plain = cells
    polygons = int(edges.owner.max()) + 1
    rest = np.flatnonzero(~plain[runs.cell])
    run, owned = edges.owners(runs.edge[rest])
    touches = np.take(runs.cell[rest], run) * polygons + edges.owner[owned]
    others = np.flatnonzero(~plain)
    held = span[others]
    which, place = spread(spans.first[held], spans.first[held + 1] - spans.first[held])
    cell = others[which]
    every, at = rank(np.concatenate([touches, cell * polygons + spans.polygon[place]]))
    of, zone = split(every, polygons)
    count = np.bincount(of, minlength=len(span))
    first = np.append(0, np.cumsum(count))
    crowded |= count > MOST_POLYGONS
    bit = 1 << np.minimum(np.arange(len(every)) - first[of], MOST_POLYGONS)
    # Cells with so many polygons that a bit would not do are crowded by now.
    bit[crowded[of]] = 0
    turns = np.zeros(len(runs.cell), dtype=np.int64)
    if len(rest):
        turns[rest] = np.bitwise_xor.reduceat(bit[at[: len(touches)]], np.flatnonzero(fresh(run)))
    holds = np.zeros(len(span), dtype=np.int64)
    np.bitwise_or.at(holds, cell, bit[at[len(touches) :]])
    ranks: Shorts = zone[~crowded[of]].astype(np.int32)
    first = np.append(0, np.cumsum(np.where(crowded, 0, count)))
    return ranks, first, holds.astype(np.int32), turns


def _kinds(edges: Edges) -> Shorts:
    """Return a number for each edge: that of the edge before it where both belong to the same polygons."""
    edge = edges.every
    first, last = edges.first[edge], edges.first[edge + 1] - 1
    pair = edges.owner[first].astype(np.int64) * (int(edges.owner.max()) + 1) + edges.owner[last]
    kinds = np.zeros(len(edges.place), dtype=np.int32)
    # A polygon that touches itself may have an edge twice.
    other = fresh(pair) | fresh(last - first) | (last - first >= SHARED)
    kinds[edge] = np.cumsum(other, dtype=np.int32)
    return kinds
