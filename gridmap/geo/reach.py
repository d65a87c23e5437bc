"""Which stretches of the border lie within reach of places: exact chainage intervals, in geodesic metres."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import scipy

from gridmap.geo.crs import to_lonlat
from gridmap.geo.measure import inverse
from gridmap.geo.nearest import EARTH_M, chord_margin, geocentric

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    from gridmap.geo.chainage import Border

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Shorter than this is a contact in one place, not a stretch.
LEAST_M = 1e-3
# An edge is 100 m at most: halved so often, what is left of it is a hundredth of a millimetre.
HALVINGS = 24
# Pairs of a place and a node of the line that are looked at in one go: bounds the memory.
CHUNK = 1_000_000


def chord_of(metres: Floats) -> Floats:
    """Return the straight chord of a geodesic of that length, to within `chord_margin`."""
    angle = np.minimum(np.asarray(metres, dtype=np.float64) / (2.0 * EARTH_M), np.pi / 2.0)
    return np.asarray(2.0 * EARTH_M * np.sin(angle), dtype=np.float64)


def reach_line(border: Border, xy: Floats, reach_m: Floats) -> list[Floats]:
    """Find the stretches of the border within reach of each place.

    Parameters
    ----------
    border : Border
        The border; its edges are 100 m at most and straight in the working CRS.
    xy : array of float, shape (m, 2)
        Places in the working CRS; NaN reaches nothing.
    reach_m : array of float, shape (m,)
        Geodesic metres, inclusive.

    Returns
    -------
    list of m arrays of float, shape (k, 2)
        Chainage intervals in metres, ascending and apart. Their ends are exact to a millimetre but where
        the circle only touches the line. Contacts shorter than a millimetre are nothing. Chainage goes on
        across a hole between parts, so an interval that reaches both sides of one is a single one.

    Notes
    -----
    An edge with both ends within reach lies within reach: a geodesic disc is convex. With one end within,
    the crossing is found by halving the edge. With none, the edge can still dip into the disc around the
    foot of the perpendicular; there both crossings are found. A k-d tree over geocentric positions offers
    the edges, chords decide the clear cases, the geodesic (Karney 2013) all others.
    """
    places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    line = _Line.of(border)
    found = [np.empty((0, 2)) for _ in range(len(places))]
    lonlat = to_lonlat(places, border.crs)
    known = np.flatnonzero(np.isfinite(lonlat).all(axis=1))
    reach = np.asarray(reach_m, dtype=np.float64)
    for rows in line.chunks(lonlat[known], reach[known]):
        some = known[rows]
        owner, spans = line.spans(lonlat[some], reach[some])
        ends = np.searchsorted(owner, np.arange(len(some) + 1))
        for row, (first, last) in zip(some, pairwise(ends), strict=True):
            found[row] = spans[first:last]
    return found


@dataclass(frozen=True)
class _Line:
    """The nodes of a border, its edges between them, and a tree."""

    xy: Floats
    xyz: Floats
    lonlat: Floats
    first: Ints
    chainage: Floats
    tree: scipy.spatial.cKDTree
    longest: float
    crs: CRS

    @classmethod
    def of(cls, border: Border) -> _Line:
        xy = np.vstack(border.parts)
        lonlat = to_lonlat(xy, border.crs)
        xyz = geocentric(lonlat, border.crs)
        # The last node of a part begins no edge.
        last = np.cumsum([len(part) for part in border.parts]) - 1
        first = np.setdiff1d(np.arange(len(xy)), last)
        longest = float(np.sqrt(np.square(xyz[first + 1] - xyz[first]).sum(axis=1).max()))
        tree = scipy.spatial.cKDTree(xyz)
        return cls(xy, xyz, lonlat, first, np.concatenate(border.chainages), tree, longest, border.crs)

    def chunks(self, lonlat: Floats, reach: Floats) -> list[Ints]:
        """Divide places so that no chunk has more than so many nodes in reach, but for a single place."""
        if not len(lonlat):
            return []
        xyz = geocentric(lonlat, self.crs)
        count = np.asarray(self.tree.query_ball_point(xyz, self._wide(reach), return_length=True))
        number = (np.cumsum(count) // CHUNK).astype(np.int64)
        return [np.flatnonzero(number == one) for one in np.unique(number)]

    def _wide(self, reach: Floats) -> Floats:
        """Return chords within which one end is of every edge that a disc can meet."""
        chord = chord_of(reach)
        return np.asarray(chord + chord_margin(chord) + self.longest, dtype=np.float64)

    def spans(self, lonlat: Floats, reach: Floats) -> tuple[Ints, Floats]:
        """Return whose each chainage interval is, and the intervals; sorted by both."""
        centre = geocentric(lonlat, self.crs)
        place, edge = self._edges(centre, reach)
        solver = _Solver(self, lonlat, reach, place, edge)
        one, other = self.first[edge], self.first[edge] + 1
        at_one, at_other = solver.within(centre, one), solver.within(centre, other)
        dips, foot = solver.dips(centre, np.flatnonzero(~at_one & ~at_other))
        low, high = np.zeros(len(edge)), np.ones(len(edge))
        leaves, enters = np.flatnonzero(at_one & ~at_other), np.flatnonzero(~at_one & at_other)
        high[leaves] = solver.crossing(leaves, np.zeros(len(leaves)), np.ones(len(leaves)))
        low[enters] = solver.crossing(enters, np.ones(len(enters)), np.zeros(len(enters)))
        low[dips] = solver.crossing(dips, foot, np.zeros(len(dips)))
        high[dips] = solver.crossing(dips, foot, np.ones(len(dips)))
        kept = at_one | at_other
        kept[dips] = True
        start, length = self.chainage[one], self.chainage[other] - self.chainage[one]
        # The very number of the node where all of an edge is in, so that neighbours meet exactly.
        begins = np.where(low == 0.0, start, start + low * length)
        ends = np.where(high == 1.0, self.chainage[other], start + high * length)
        return _joined(place[kept], begins[kept], ends[kept])

    def _edges(self, centre: Floats, reach: Floats) -> tuple[Ints, Ints]:
        """Return pairs of place and edge that may meet."""
        near = self.tree.query_ball_point(centre, self._wide(reach))
        place = np.repeat(np.arange(len(centre)), [len(one) for one in near])
        node = np.concatenate([np.asarray(one, dtype=np.int64) for one in near])
        edge_of = np.full(len(self.xy), -1, dtype=np.int64)
        edge_of[self.first] = np.arange(len(self.first))
        before = np.where(node > 0, edge_of[np.maximum(node - 1, 0)], -1)
        pairs = np.concatenate([place, place]) * len(self.first)
        edges = np.concatenate([edge_of[node], before])
        keys = np.unique((pairs + edges)[edges >= 0])
        return keys // len(self.first), keys % len(self.first)


@dataclass(frozen=True)
class _Solver:
    """Pairs of a place and an edge, and where the one's circle crosses the other."""

    line: _Line
    lonlat: Floats
    reach: Floats
    place: Ints
    edge: Ints

    def within(self, centre: Floats, node: Ints) -> Bools:
        """Whether the node of each pair is within reach of its place."""
        away = self.line.xyz[node] - centre[self.place]
        chord = np.sqrt(np.einsum("ij,ij->i", away, away))
        limit = chord_of(self.reach)[self.place]
        inside = np.asarray(chord <= limit, dtype=np.bool_)
        doubt = np.flatnonzero(np.abs(chord - limit) <= chord_margin(limit))
        metres = inverse(self.lonlat[self.place[doubt]], self.line.lonlat[node[doubt]], self.line.crs)[1]
        inside[doubt] = metres <= self.reach[self.place[doubt]]
        return inside

    def dips(self, centre: Floats, pairs: Ints) -> tuple[Ints, Floats]:
        """Return which of the pairs with both ends out of reach dip into it, and the share of their feet."""
        node = self.line.first[self.edge[pairs]]
        along = self.line.xyz[node + 1] - self.line.xyz[node]
        away = centre[self.place[pairs]] - self.line.xyz[node]
        share = np.einsum("ij,ij->i", away, along) / np.einsum("ij,ij->i", along, along)
        between = (share > 0.0) & (share < 1.0)
        pairs, share = pairs[between], share[between]
        near = self._metres(pairs, share) < self.reach[self.place[pairs]]
        return pairs[near], share[near]

    def crossing(self, pairs: Ints, inner: Floats, outer: Floats) -> Floats:
        """Return the share of each edge, between one within reach and one out of it, where reach ends."""
        inner, outer = inner.copy(), outer.copy()
        limit = self.reach[self.place[pairs]]
        for _ in range(HALVINGS if len(pairs) else 0):
            middle = (inner + outer) / 2.0
            inside = self._metres(pairs, middle) <= limit
            inner, outer = np.where(inside, middle, inner), np.where(inside, outer, middle)
        return inner

    def _metres(self, pairs: Ints, share: Floats) -> Floats:
        node = self.line.first[self.edge[pairs]]
        one, other = self.line.xy[node], self.line.xy[node + 1]
        there = to_lonlat(one + share[:, None] * (other - one), self.line.crs)
        return inverse(self.lonlat[self.place[pairs]], there, self.line.crs)[1]


def _joined(owner: Ints, low: Floats, high: Floats) -> tuple[Ints, Floats]:
    """Join intervals of one owner that meet; leave out those without length."""
    if not len(owner):
        return owner, np.empty((0, 2))
    order = np.lexsort((high, low, owner))
    owner, low, high = owner[order], low[order], high[order]
    opens = np.ones(len(owner), dtype=np.bool_)
    opens[1:] = (owner[1:] != owner[:-1]) | (low[1:] > high[:-1])
    closes = np.append(opens[1:], True)
    owner, spans = owner[opens], np.column_stack([low[opens], high[closes]])
    real = spans[:, 1] - spans[:, 0] >= LEAST_M
    return owner[real], spans[real]
