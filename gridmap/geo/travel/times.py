"""Shortest times from keepers, by Dijkstra's method (1959) in scipy, and what they are at places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy

from gridmap.geo.travel.legs import Legs

if TYPE_CHECKING:
    from gridmap.geo.travel.lattice import Floats, Ints
    from gridmap.geo.travel.network import Network

NOBODY = -1
# The k-th keeper starts so many seconds late: of two that are there at one time the first wins, by the
# sums of seconds alone and not by the order in which a heap happens to hold them. So of many keepers one that
# is quicker by less than this for each place between them in the order loses to the one before it.
TIE_S = 1e-6
# Keepers whose times are held at once.
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Field:
    """Times from the quickest of the keepers, k nodes.

    Parameters
    ----------
    seconds : (k,) float
        How long it takes to get there; infinite where nobody can.
    source : (k,) int
        Which keeper is the quickest; -1 where nobody can. At one time, the first.
    """

    seconds: Floats
    source: Ints


def field(network: Network, posts: Floats) -> Field:
    """Return the time to every node of a network from the quickest of the keepers.

    Parameters
    ----------
    network : Network
        Cells first.
    posts : (m, 2) metres
        The keepers, in the order in which ties go; one off the lattice gets nowhere.
    """
    size = len(network.graph.ends) - 1
    if not len(posts):
        return Field(np.full(size, np.inf), np.full(size, NOBODY, dtype=np.int64))
    graph = network.departing(posts)
    late = np.repeat(np.arange(len(posts)) * TIE_S, np.diff(graph.indptr[size:]))
    graph.data[graph.indptr[size] :] += late
    seconds, _, source = scipy.sparse.csgraph.dijkstra(
        graph, indices=np.arange(size, size + len(posts)), min_only=True, return_predecessors=True
    )
    seconds = seconds[:size]
    found = np.where(np.isfinite(seconds), source[:size] - size, NOBODY).astype(np.int64)
    return Field(np.where(found >= 0, seconds - found * TIE_S, np.inf), found)


def each(network: Network, posts: Floats, *, limit: float) -> Iterator[Floats]:
    """Yield for each keeper the seconds to every node, infinite beyond the limit.

    Parameters
    ----------
    network : Network
        Cells first.
    posts : (m, 2) metres
        The keepers.
    limit : float
        Seconds.
    """
    size = len(network.graph.ends) - 1
    graph = network.departing(posts)
    for first in range(0, len(posts), AT_ONCE):
        asked = np.arange(first, min(first + AT_ONCE, len(posts))) + size
        yield from scipy.sparse.csgraph.dijkstra(graph, indices=asked, limit=limit)[:, :size]


@dataclass(frozen=True)
class Places:
    """Places joined to a network, so that many fields can be read at them. Make it with `places`.

    Parameters
    ----------
    count : int
        How many they are.
    legs : Legs
        Between places and nodes.
    direct : Legs
        From keepers straight to places.
    """

    count: int
    legs: Legs
    direct: Legs

    def seconds(self, times: Floats, post: int) -> Floats:
        """Return the seconds to each place from one keeper, by its times to the nodes; (n,)."""
        out = np.full(self.count, np.inf)
        _least(out, self.legs.place, times[self.legs.node] + self.legs.seconds)
        mine = self.direct.node == post
        np.minimum.at(out, self.direct.place[mine], self.direct.seconds[mine])
        return out

    def quickest(self, one: Field) -> Field:
        """Return the seconds to each place from the quickest keeper, and which it is; (n,)."""
        out = Field(np.full(self.count, np.inf), np.full(self.count, NOBODY, dtype=np.int64))
        late = one.seconds + one.source * TIE_S
        for legs, keeper, seconds in (
            (self.legs, one.source[self.legs.node], late[self.legs.node] + self.legs.seconds),
            (self.direct, self.direct.node, self.direct.seconds + self.direct.node * TIE_S),
        ):
            _quicker(out, legs.place, keeper, seconds)
        out.seconds[:] -= np.where(out.source >= 0, out.source * TIE_S, 0.0)
        return out


def places(network: Network, xy: Floats, posts: Floats) -> Places:
    """Join n places to a network, and to the keepers that are as near as a node would be."""
    return Places(len(xy), network.legs(xy), network.direct(xy, posts))


def _least(out: Floats, place: Ints, seconds: Floats) -> None:
    """Lower what is known of places by more of it; the places are ascending."""
    if len(place):
        first = np.flatnonzero(np.append(True, np.diff(place) != 0))
        least = np.minimum.reduceat(seconds, first)
        out[place[first]] = np.minimum(out[place[first]], least)


def _quicker(out: Field, place: Ints, keeper: Ints, seconds: Floats) -> None:
    """Put down keepers that are quicker than what is known of places; the places are ascending."""
    before = out.seconds.copy()
    _least(out.seconds, place, seconds)
    best = np.flatnonzero(seconds == out.seconds[place])
    best = best[np.isfinite(seconds[best]) & (out.seconds[place[best]] < before[place[best]])]
    at, first = np.unique(place[best], return_index=True)
    out.source[at] = keeper[best[first]]
