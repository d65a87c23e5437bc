"""The network: cells, tracks and fords as one directed graph, with the legs that join places to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy

from gridmap.geo.travel import legs as joining
from gridmap.geo.travel.barriers import Barriers, barriers, cut_steps
from gridmap.geo.travel.cells import STEPS, steps
from gridmap.geo.travel.climbing import climbed
from gridmap.geo.travel.legs import FORD, PLACE, REACH_CELLS, TRACK, Legs
from gridmap.geo.travel.tracks import Tracks, tracks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.travel.going import Surface
    from gridmap.geo.travel.lattice import Floats, Ints, Lattice

    Geoms = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Rows:
    """A graph as compressed sparse rows; an edge of 0 seconds is an edge.

    Parameters
    ----------
    ends : (nodes + 1,) int
        Where the edges of each node begin.
    to : (edges,) int
        Where each edge leads.
    seconds : (edges,) float
        How long it takes.
    """

    ends: Ints
    to: NDArray[np.int32]
    seconds: Floats

    def matrix(self) -> scipy.sparse.csr_array:
        """Return the graph in scipy's form."""
        size = len(self.ends) - 1
        return scipy.sparse.csr_array((self.seconds, self.to, self.ends.astype(np.int32)), shape=(size, size))


@dataclass(frozen=True)
class Network:
    """Open country and ways, ready for many questions. Make it with `build`.

    Parameters
    ----------
    surface : Surface
        The ground.
    barred : Barriers
        What is not crossed.
    graph : Rows
        Cells first, then track nodes, then fords.
    extra : (m, 2) metres
        Where the track nodes and fords are.
    """

    surface: Surface
    barred: Barriers
    graph: Rows
    extra: Floats

    @property
    def lattice(self) -> Lattice:
        """The cells."""
        return self.surface.lattice

    def legs(self, xy: Floats, *, leaving: bool = False) -> Legs:
        """Return the legs to n places, or from them, and the nodes around; none for one off the lattice."""
        return climbed(self.surface, self._legs(xy), xy, self.extra, leaving=leaving)

    def _legs(self, xy: Floats) -> Legs:
        found = joining.join(self.surface, self.barred, xy, whose=PLACE)
        known = np.flatnonzero(self.lattice.cells(xy) >= 0)
        if not len(self.extra) or not len(known):
            return found
        reach = REACH_CELLS * self.lattice.cell
        inside = np.flatnonzero(self.lattice.cells(self.extra) >= 0)
        place, node = joining.near_pairs(
            scipy.spatial.cKDTree(xy[known]), scipy.spatial.cKDTree(self.extra[inside]), reach
        )
        place, node = known[place].astype(np.int32), inside[node]
        asked = Legs(place, (node + self.lattice.size).astype(np.int32), np.zeros(len(place)))
        ends = (xy, self.extra[node])
        return joining.merged(found, joining.timed(self.surface, self.barred, asked, ends, whose=PLACE))

    def direct(self, xy: Floats, posts: Floats) -> Legs:
        """Return the legs straight from keepers (their nodes) to places near them, in the order of both."""
        inside = np.flatnonzero(self.lattice.cells(xy) >= 0)
        there = np.flatnonzero(self.lattice.cells(posts) >= 0)
        none = np.empty(0, dtype=np.int32)
        if not len(inside) or not len(there):
            return Legs(none, none, np.empty(0))
        reach = REACH_CELLS * self.lattice.cell
        place, post = joining.near_pairs(
            scipy.spatial.cKDTree(xy[inside]), scipy.spatial.cKDTree(posts[there]), reach
        )
        place, post = inside[place].astype(np.int32), there[post].astype(np.int32)
        start, end = xy[place], posts[post]
        seconds = joining.seconds_of(self.surface, start, end, whose=PLACE, both=True)
        cut = self.barred.cut(start, end, place=True) & self.barred.cut(end, start, place=True)
        kept = np.isfinite(seconds) & ~cut
        size = self.lattice.size
        legs = Legs(place[kept], post[kept] + np.int32(size), seconds[kept])
        return replace(climbed(self.surface, legs, xy, posts, leaving=False), node=post[kept])

    def departing(self, posts: Floats) -> scipy.sparse.csr_array:
        """Return the graph with a node more for each keeper, which only leads away from it."""
        legs = self.legs(posts, leaving=True)
        own = _rows(len(posts), legs.place, legs.node, legs.seconds)
        base = self.graph
        ends = np.concatenate([base.ends, base.ends[-1] + own.ends[1:]])
        return Rows(
            ends, np.concatenate([base.to, own.to]), np.concatenate([base.seconds, own.seconds])
        ).matrix()


def build(surface: Surface, *, bars: Geoms, lines: Geoms, speed_kmh: Floats, fords: Floats) -> Network:
    """Build the network.

    Parameters
    ----------
    surface : Surface
        The ground.
    bars : (n,) lines and polygons
        What is crossed only on tracks and at fords: waters, and land that is barred.
    lines, speed_kmh : (m,) lines, (m,) float
        The tracks that are open to whoever travels, and the speed on them.
    fords : (k, 2) metres
        Where the barriers within 100 m can be crossed, the nearest in any case.

    Returns
    -------
    Network
        Edges are seconds from node to node.
    """
    barred = barriers(surface.lattice, bars)
    table = steps(surface)
    cut_steps(surface.lattice, table, barred)
    ways = tracks(surface, lines, speed_kmh)
    known = fords[surface.lattice.cells(fords) >= 0]
    extra = np.concatenate([ways.xy, known])
    size = surface.lattice.size
    at_tracks = joining.join(surface, barred, ways.xy, whose=TRACK)
    at_fords = joining.join(surface, barred, known, whose=FORD, through=barred.opened(known))
    joined = [
        _both(surface, at_tracks, ways.xy, first=size),
        _both(surface, at_fords, known, first=size + len(ways.xy)),
    ]
    more = _more(size, len(extra), ways, joined)
    return Network(surface, barred, _with(_table(surface.lattice, table, len(extra)), more), extra)


def _both(surface: Surface, legs: Legs, xy: Floats, *, first: int) -> tuple[Ints, Ints, Floats]:
    """Return legs between places and cells as edges both ways; the places are nodes from `first` on."""
    place = legs.place.astype(np.int64) + first
    none = np.empty((0, 2))
    away, back = (climbed(surface, legs, xy, none, leaving=leaving).seconds for leaving in (True, False))
    return (
        np.concatenate([place, legs.node]),
        np.concatenate([legs.node, place]),
        np.concatenate([away, back]),
    )


def _more(size: int, extra: int, ways: Tracks, joined: list[tuple[Ints, Ints, Floats]]) -> Rows:
    every = [(ways.start + size, ways.end + size, ways.seconds), *joined]
    start, end, seconds = (np.concatenate([one[part] for one in every]) for part in range(3))
    return _rows(size + extra, start.astype(np.int64), end.astype(np.int64), seconds)


def _rows(size: int, start: Ints, end: Ints, seconds: Floats) -> Rows:
    """Return edges as sparse rows; of several from one node to another the quickest."""
    order = np.lexsort((seconds, end, start))
    start, end, seconds = start[order], end[order], seconds[order]
    first = np.ones(len(start), dtype=bool)
    first[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1])
    ends = np.concatenate([[0], np.cumsum(np.bincount(start[first], minlength=size))])
    return Rows(ends.astype(np.int64), end[first].astype(np.int32), seconds[first])


def _table(lattice: Lattice, table: Floats, extra: int) -> Rows:
    there = np.isfinite(table)
    ends = np.concatenate([[0], np.cumsum(there.sum(axis=1)), np.zeros(extra, dtype=np.int64)])
    ends[lattice.size + 1 :] = ends[lattice.size]
    by = np.array([row * lattice.columns + column for row, column in STEPS], dtype=np.int32)
    to = np.arange(lattice.size, dtype=np.int32)[:, None] + by
    return Rows(ends.astype(np.int64), to[there], table[there])


def _with(one: Rows, other: Rows) -> Rows:
    """Return a graph with the edges of both, which have none in common."""
    if not len(other.to):
        return one
    ends = one.ends + other.ends
    to = np.empty(ends[-1], dtype=np.int32)
    seconds = np.empty(ends[-1])
    for part, before in ((one, other.ends[:-1]), (other, one.ends[1:])):
        at = np.arange(len(part.to)) + np.repeat(before, np.diff(part.ends))
        to[at], seconds[at] = part.to, part.seconds
    return Rows(ends, to, seconds)
