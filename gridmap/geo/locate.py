"""An index over the border's segments: the nearest place of the line to each of many points.

Candidates are found, and feet dropped, on geocentric coordinates: the straight chord between two places
of the ellipsoid orders distances as the geodesic does, in every projection and at any scale. The
geodesic decides among the few that are left.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.crs import to_lonlat
from gridmap.geo.measure import inverse, round_mm
from gridmap.geo.nearest import Places, chord_margin, geocentric

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Rows times neighbours that are looked at in one go: bounds the memory.
CHUNK = 400_000
FIRST_NEIGHBOURS = 3
# Far from a line its nodes are all about as near: large leaves save the walk from box to box.
LEAF = 64
NOTHING = -1


@dataclass(frozen=True, slots=True)
class Located:
    """Places of the border nearest to n points.

    Parameters
    ----------
    chainage_m : array of float, shape (n,)
        Metres from the western end; NaN for a point without a position.
    distance_m : array of float, shape (n,)
        Geodesic metres from the point to the border, to the millimetre; NaN likewise.
    side : array of int, shape (n,)
        1 left of the direction of chainage (the north of a line that runs east), -1 right, 0 on it.
    """

    chainage_m: Floats
    distance_m: Floats
    side: NDArray[np.int8]


@dataclass(frozen=True)
class SegmentIndex:
    """The segments of a border, and a tree over their ends. Make it with `SegmentIndex.of`.

    Parameters
    ----------
    start, end : array of float, shape (s, 2)
        Ends of each segment in the CRS.
    start_m, end_m : array of float, shape (s,)
        Chainage of the ends; of an end before a hole, the last number below the chainage of the hole, so
        that it leads back to this side of it.
    before, after : array of int, shape (s,)
        The segment that leads into each one, and the one it leads into; -1 at an open end.
    crs : CRS
        The working CRS.
    """

    start: Floats
    end: Floats
    start_m: Floats
    end_m: Floats
    before: Ints
    after: Ints
    crs: CRS

    @classmethod
    def of(cls, parts: tuple[Floats, ...], chainages: tuple[Floats, ...], crs: CRS) -> SegmentIndex:
        """Index the segments of the parts of a border."""
        start_m = np.concatenate([chain[:-1] for chain in chainages])
        end_m = np.concatenate([chain[1:] for chain in chainages])
        before, after = np.arange(len(start_m)) - 1, np.arange(len(start_m)) + 1
        reached = 0
        for number, part in enumerate(parts):
            first, reached = reached, reached + len(part) - 1
            closed = bool((part[0] == part[-1]).all())
            before[first] = reached - 1 if closed else NOTHING
            after[reached - 1] = first if closed else NOTHING
            if number < len(parts) - 1:
                end_m[reached - 1] = np.nextafter(end_m[reached - 1], -np.inf)
        start = np.vstack([part[:-1] for part in parts])
        end = np.vstack([part[1:] for part in parts])
        return cls(start, end, start_m, end_m, before, after, crs)

    @cached_property
    def _origin(self) -> Floats:
        return geocentric(to_lonlat(self.start, self.crs), self.crs)

    @cached_property
    def _edge(self) -> Floats:
        # An end that leads on is the start of the next segment.
        end, last = self._origin[self.after], np.flatnonzero(self.after == NOTHING)
        end[last] = geocentric(to_lonlat(self.end[last], self.crs), self.crs)
        return np.asarray(end - self._origin, dtype=np.float64)

    @cached_property
    def _square(self) -> Floats:
        return np.asarray(np.einsum("ij,ij->i", self._edge, self._edge), dtype=np.float64)

    @cached_property
    def _nodes(self) -> tuple[Places, Ints]:
        """The ends of segments, and the one or two segments that meet at each."""
        number = np.arange(len(self.start))
        last = np.flatnonzero(self.after == NOTHING)
        xyz = np.vstack([self._origin, (self._origin + self._edge)[last]])
        segments = np.vstack(
            [np.column_stack([self.before, number]), np.column_stack([last, np.full(len(last), NOTHING)])]
        )
        return Places(xyz, LEAF), segments

    def locate(self, xy: Floats) -> Located:
        """Find the nearest place to each point; see `Border.locate`."""
        chainage = np.full(len(xy), np.nan)
        distance = np.full(len(xy), np.nan)
        side = np.zeros(len(xy), dtype=np.int8)
        lonlat = to_lonlat(xy, self.crs)
        rows, k = np.flatnonzero(np.isfinite(lonlat).all(axis=1)), FIRST_NEIGHBOURS
        while len(rows):
            k = min(k, self._nodes[0].n)
            again = []
            for first in range(0, len(rows), max(1, CHUNK // k)):
                some = rows[first : first + max(1, CHUNK // k)]
                row, segment, more = self._candidates(lonlat[some], k)
                again.append(some[more])
                found = self._nearest(lonlat[some], row, segment)
                chainage[some], distance[some], best, share = found
                side[some] = self._side(xy[some], best, share)
            rows, k = np.concatenate(again), k * 4
        side[distance == 0.0] = 0
        return Located(chainage, distance, side)

    def chainage_of(self, xy: Floats, segment: Ints) -> Floats:
        """Return the chainage of places on segments in the plane; one off its ends is at the end."""
        edge, away = self.end[segment] - self.start[segment], xy - self.start[segment]
        along = np.einsum("ij,ij->i", away, edge) / np.einsum("ij,ij->i", edge, edge)
        return self._chainage(segment, np.clip(along, 0.0, 1.0))

    def _candidates(self, lonlat: Floats, k: int) -> tuple[Ints, Ints, Bools]:
        """Return (row, segment) pairs in order of row, and which rows may have more of them."""
        nodes, segments = self._nodes
        chord, node = nodes.neighbours(geocentric(lonlat, self.crs), k)
        # The foot is on a segment, so one end of it is within half a segment of the foot, across the chord.
        reach = np.hypot(chord[:, 0], np.sqrt(self._square.max()) / 2.0)
        near = chord <= (reach + chord_margin(chord[:, 0]))[:, None]
        row, column = np.nonzero(near)
        segment = segments[node[row, column]].reshape(-1)
        real = segment != NOTHING
        more = near[:, -1] if k < nodes.n else np.zeros(len(near), dtype=bool)
        return np.repeat(row, 2)[real], segment[real], more

    def _share(self, xyz: Floats, segment: Ints) -> Floats:
        """Return how far along a segment the foot of each point is; under 0 and over 1 is off its ends."""
        along = np.einsum("ij,ij->i", xyz - self._origin[segment], self._edge[segment])
        return np.asarray(along / self._square[segment], dtype=np.float64)

    def _nearest(self, lonlat: Floats, row: Ints, segment: Ints) -> tuple[Floats, Floats, Ints, Floats]:
        """Return chainage, distance, segment and share of the nearest place for each row."""
        xyz = geocentric(lonlat, self.crs)
        share = np.clip(self._share(xyz[row], segment), 0.0, 1.0)
        away = xyz[row] - self._origin[segment] - share[:, None] * self._edge[segment]
        chord = np.sqrt(np.einsum("ij,ij->i", away, away))
        starts = np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1]]))
        least = np.minimum.reduceat(chord, starts)[row]
        kept = np.flatnonzero(chord <= least + chord_margin(least))
        tops = self._is_dip(xyz[row[kept]], segment[kept], share[kept]) | (chord[kept] == least[kept])
        kept = kept[tops]
        row, segment, share = row[kept], segment[kept], share[kept]
        foot = self.start[segment] + share[:, None] * (self.end[segment] - self.start[segment])
        metres = round_mm(inverse(lonlat[row], to_lonlat(foot, self.crs), self.crs)[1])
        chainage = self._chainage(segment, share)
        order = np.lexsort((chainage, metres, row))
        first = order[np.concatenate([[True], row[order][1:] != row[order][:-1]])]
        return chainage[first], metres[first], segment[first], share[first]

    def _is_dip(self, xyz: Floats, segment: Ints, share: Floats) -> Bools:
        """Whether the distance along the line has a minimum here.

        Only minima tie with each other: beside the nearest place of a far point the line is as near, to
        the millimetre, for metres, and the smaller chainage would always be a little off it.
        """
        out = np.ones(len(segment), dtype=bool)
        into, onto = self.before[segment], self.after[segment]
        at = np.flatnonzero((share == 0.0) & (into != NOTHING))
        out[at] = self._share(xyz[at], into[at]) >= 1.0
        at = np.flatnonzero((share == 1.0) & (onto != NOTHING))
        out[at] = self._share(xyz[at], onto[at]) <= 0.0
        return out

    def _chainage(self, segment: Ints, share: Floats) -> Floats:
        start, end = self.start_m[segment], self.end_m[segment]
        return np.where(share == 1.0, end, np.minimum(start + share * (end - start), end))

    def _side(self, xy: Floats, segment: Ints, share: Floats) -> NDArray[np.int8]:
        away = xy - self.start[segment]
        side = np.sign(_cross(self.end[segment] - self.start[segment], away))
        # Nearest to a corner is what lies outside of its turn, whatever either edge alone would say.
        into = np.where(share == 0.0, self.before[segment], np.where(share == 1.0, segment, NOTHING))
        onto = np.where(share == 0.0, segment, np.where(share == 1.0, self.after[segment], NOTHING))
        at = np.flatnonzero((into != NOTHING) & (onto != NOTHING))
        one, two = (self.end[each[at]] - self.start[each[at]] for each in (into, onto))
        turn = _cross(one, two)
        bent = np.abs(turn) > 1e-9 * np.hypot(*one.T) * np.hypot(*two.T)
        side[at[bent]] = -np.sign(turn[bent])
        return side.astype(np.int8)


def _cross(one: Floats, two: Floats) -> Floats:
    return np.asarray(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0], dtype=np.float64)
