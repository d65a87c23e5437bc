"""Legs: the straight way between a place and the nodes around it, over the cells that it sweeps.

No house lies at a cell's centre. Each place is joined to the centres, the track nodes and the fords within
two and a half cells, at the pace of the open ground between, so that a house off a track is neither at no
distance from it nor out of reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.travel.lattice import NOWHERE

if TYPE_CHECKING:
    import scipy

    from gridmap.geo.travel.barriers import Barriers, Opened
    from gridmap.geo.travel.going import Surface
    from gridmap.geo.travel.lattice import Bools, Floats, Ints, Lattice

REACH_CELLS = 2.5
# A place leaves its own barred cell over so much of a cell: from a border that runs just short of its centre
# to the centre of the next cell, aslant.
OWN_CELLS = 0.75
NEAR = (-2, -1, 0, 1, 2)
AROUND = tuple((row, column) for row in NEAR for column in NEAR)
CROSSINGS = 3  # a leg this long crosses at most so many lines of the lattice each way
CHUNK = 20_000
# Whose legs they are decides what the cells at their ends cost.
PLACE, TRACK, FORD = "place", "track", "ford"


@dataclass(frozen=True, slots=True)
class Legs:
    """Legs, in the order of their places and then of their nodes.

    Parameters
    ----------
    place, node : (k,) int
        Positions of the ends; 32 bits, for a million places have twenty million legs.
    seconds : (k,) float
        How long each takes, either way.
    """

    place: Ints
    node: Ints
    seconds: Floats


def swept(lattice: Lattice, start: Floats, end: Floats) -> tuple[Ints, Floats]:
    """Return the cells that straight legs pass, in order, and the shares of the legs in them.

    Parameters
    ----------
    lattice : Lattice
        The cells; both ends of each leg lie in it.
    start, end : (m, 2) metres
        Ends, at most two and a half cells apart.

    Returns
    -------
    cells : (m, 7) int
        -1 beyond the last; a leg through a corner also passes the cell beside it, with no share.
    share : (m, 7) float
        Adding up to 1.
    """
    corner = np.array([lattice.left, lattice.top])
    flip = np.array([1.0, -1.0]) / lattice.cell
    at, to = (start - corner) * flip, (end - corner) * flip
    first = np.floor(at)
    way = np.where(to >= at, 1.0, -1.0)
    lines = (
        first[:, :, None] + np.where(way > 0, 1.0, 0.0)[:, :, None] + way[:, :, None] * np.arange(CROSSINGS)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        crossed = (lines - at[:, :, None]) / (to - at)[:, :, None]
    crossed = np.where(crossed < 1.0, crossed, 1.0).reshape(len(at), 2 * CROSSINGS)
    order = np.argsort(crossed, axis=1, kind="stable")
    when = np.take_along_axis(crossed, order, axis=1)
    columns = np.cumsum(order < CROSSINGS, axis=1)
    rows = np.arange(1, 2 * CROSSINGS + 1) - columns
    column = first[:, :1] + np.column_stack([np.zeros(len(at)), columns]) * way[:, :1]
    row = first[:, 1:] + np.column_stack([np.zeros(len(at)), rows]) * way[:, 1:]
    begin = np.column_stack([np.zeros(len(at)), when])
    share = np.diff(np.column_stack([begin, np.ones(len(at))]), axis=1)
    inside = (column >= 0) & (row >= 0) & (column < lattice.columns) & (row < lattice.rows)
    cells = np.where((begin < 1.0) & inside, row * lattice.columns + column, NOWHERE)
    return cells.astype(np.int64), share


def seconds_of(surface: Surface, start: Floats, end: Floats, *, whose: str, both: bool = False) -> Floats:
    """Return how long straight legs take by the cells they sweep, (m,); infinite where one is barred.

    Parameters
    ----------
    surface : Surface
        The ground.
    start, end : (m, 2) metres
        Ends, at most two and a half cells apart.
    whose : {"place", "track", "ford"}
        A place leaves its own cell at the cell's `own` pace, and even if that is barred, over three quarters
        of a cell at most. Around a ford land does not bar.
    both : bool
        Whether the ends are places, too.
    """
    lattice = surface.lattice
    cells, share = swept(lattice, start, end)
    used = cells >= 0
    pace = (surface.forded if whose == FORD else surface.pace)[cells]
    length = np.hypot(*(end - start).T)
    if whose == PLACE:
        ends = [np.zeros(len(cells), dtype=np.int64)]
        if both:
            ends.append(used.sum(axis=1) - 1)
        rows = np.arange(len(cells))
        for last in ends:
            far = np.isinf(pace[rows, last]) & (share[rows, last] * length > OWN_CELLS * lattice.cell)
            pace[rows, last] = np.where(far, np.inf, surface.own[cells[rows, last]])
    barred = (np.isinf(pace) & used).any(axis=1)
    mean = (np.where(used & np.isfinite(pace), pace, 0.0) * share).sum(axis=1)
    metres = lattice.metres(cells[:, 0], *(end - start).T)
    return np.where(barred, np.inf, metres * mean)


def join(
    surface: Surface, barred: Barriers, xy: Floats, *, whose: str, through: Opened | None = None
) -> Legs:
    """Join places to the cells around them.

    Parameters
    ----------
    surface : Surface
        The ground; a place off it is joined to nothing.
    barred : Barriers
        What is not crossed.
    xy : (n, 2) metres
        The places; NaN is joined to nothing.
    whose : {"place", "track", "ford"}
        As for `seconds_of`.
    through : Opened, optional
        The barriers that each may cross.
    """
    found = [
        _join(surface, barred, (np.arange(at, min(at + CHUNK, len(xy))), xy), whose=whose, through=through)
        for at in range(0, len(xy), CHUNK)
    ]
    return _together(found)


def _join(
    surface: Surface, barred: Barriers, asked: tuple[Ints, Floats], *, whose: str, through: Opened | None
) -> Legs:
    """Join some of the places: those on ground that is alike all around at once, the others leg by leg."""
    lattice, (places, xy) = surface.lattice, asked
    home = lattice.cells(xy[places])
    places, home = places[home >= 0].astype(np.int32), home[home >= 0]
    row, column = np.divmod(home, lattice.columns)
    by = np.array(AROUND)
    rows, columns = row[:, None] + by[:, 0], column[:, None] + by[:, 1]
    dx = lattice.left + (columns + 0.5) * lattice.cell - xy[places, 0][:, None]
    dy = lattice.top - (rows + 0.5) * lattice.cell - xy[places, 1][:, None]
    near = (rows >= 0) & (columns >= 0) & (rows < lattice.rows) & (columns < lattice.columns)
    near &= dx * dx + dy * dy <= (REACH_CELLS * lattice.cell) ** 2
    alike = surface.plain[home] & ~barred.near[home]
    pace = np.where(alike, surface.pace[home], 0.0)
    seconds = lattice.metres(home[:, None], dx, dy) * pace[:, None]
    node = np.where(near, rows * lattice.columns + columns, 0).astype(np.int32)
    near[~alike] &= np.isfinite((surface.forded if whose == FORD else surface.pace)[node[~alike]])
    at, which = np.nonzero(near)
    legs = Legs(places[at], node[at, which], seconds[at, which])
    hard = np.flatnonzero(~alike[at])
    some = Legs(legs.place[hard], legs.node[hard], legs.seconds[hard])
    legs.seconds[hard] = _timed(
        surface, barred, some, (xy, lattice.centres(some.node)), whose=whose, through=through
    )
    return _leading(legs)


def timed(
    surface: Surface,
    barred: Barriers,
    legs: Legs,
    ends: tuple[Floats, Floats],
    *,
    whose: str,
    through: Opened | None = None,
) -> Legs:
    """Return those legs that lead there, with their seconds; `ends` are all places, and each leg's end."""
    seconds = _timed(surface, barred, legs, ends, whose=whose, through=through)
    return _leading(Legs(legs.place, legs.node, seconds))


def _timed(
    surface: Surface,
    barred: Barriers,
    legs: Legs,
    ends: tuple[Floats, Floats],
    *,
    whose: str,
    through: Opened | None,
) -> Floats:
    xy, end = ends
    start = xy[legs.place]
    seconds = seconds_of(surface, start, end, whose=whose)
    asked = np.flatnonzero(np.isfinite(seconds) & barred.near[surface.lattice.cells(start)])
    crossing = None if through is None else (through, legs.place[asked])
    cut = barred.cut(start[asked], end[asked], place=whose != TRACK, through=crossing)
    seconds[asked[cut]] = np.inf
    return seconds


def _leading(legs: Legs) -> Legs:
    kept = np.isfinite(legs.seconds)
    return legs if kept.all() else Legs(legs.place[kept], legs.node[kept], legs.seconds[kept])


def near_pairs(
    places: scipy.spatial.cKDTree, others: scipy.spatial.cKDTree, reach: float
) -> tuple[Ints, Ints]:
    """Return which places and others are within reach of each other, in the order of both."""
    pairs = places.sparse_distance_matrix(others, reach, output_type="ndarray")
    order = np.lexsort((pairs["j"], pairs["i"]))
    return pairs["i"][order].astype(np.int32), pairs["j"][order].astype(np.int32)


def _together(found: list[Legs]) -> Legs:
    none = np.empty(0, dtype=np.int32)
    return Legs(
        np.concatenate([none, *(one.place for one in found)]),
        np.concatenate([none, *(one.node for one in found)]),
        np.concatenate([np.empty(0), *(one.seconds for one in found)]),
    )


def merged(one: Legs, other: Legs) -> Legs:
    """Return the legs of both, in order."""
    both = _together([one, other])
    order = np.lexsort((both.node, both.place))
    return Legs(both.place[order], both.node[order], both.seconds[order])


def finite(xy: Floats) -> Bools:
    """Return which places are known, (n,)."""
    return np.asarray(np.isfinite(xy).all(axis=1), dtype=bool)
