"""The segments of a border as an index needs them, and which of them can matter to a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from gridmap.geo.crs import to_lonlat
from gridmap.geo.index.chart_cells import Lists, around
from gridmap.geo.nearest import chord_margin, geocentric

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridmap.geo.index.chart import Chart
    from gridmap.geo.locate import SegmentIndex

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# What is stored of a segment in a list: four times its number, and whether the segments that lead into it
# and on from it stand beside it in the list.
INTO, ONTO, FLAGS = 1, 2, 4
# A line whose segments are bent more oddly than this between their ends is left to the exact code.
ODD_M = 1e-5
# An edge is measured along the ground, and stretches less than this against the chord between its ends.
MOST_RATIO = 2.0
# A foot this near to an end may be called on either side of it.
END_M = 1e-6
# Rounding of places, where it says whether a foot is off the end.
LEEWAY_M = 1e-3


class SegmentArrays(NamedTuple):
    """What a kernel needs of the segments.

    Parameters
    ----------
    chord : array of float, shape (s, 8)
        Geocentric start relative to the chart's centre, vector to the end, 1 over its square, and the
        share of it that is END_M.
    ground : array of float, shape (s, 6)
        How the ground bends away from the chord (times share and 1 - share), chainage of the start,
        metres to the end, chainage of the end.
    """

    chord: Floats
    ground: Floats


class Segments(NamedTuple):
    """The arrays, and the bounds on what is worked out with them.

    Parameters
    ----------
    arrays : SegmentArrays
        See there.
    error_m : float
        Bound on the distance between a foot on the bent segment and the one that is measured to.
    sag_m : float
        Bound on the distance between a foot on the chord and the one that is measured to.
    ratio : float
        Metres of chainage per metre of chord, at most.
    """

    arrays: SegmentArrays
    error_m: float
    sag_m: float
    ratio: float

    @classmethod
    def of(cls, index: SegmentIndex, chart: Chart) -> Segments | None:
        """Describe the segments of a border; None if they are too odd for it."""
        origin = geocentric(to_lonlat(index.start, index.crs), index.crs)
        edge = geocentric(to_lonlat(index.end, index.crs), index.crs) - origin
        square = np.einsum("ij,ij->i", edge, edge)
        span = index.end_m - index.start_m
        if not (square > 0.0).all() or not np.isfinite(square).all():
            return None
        quarters = [_ground(index, share) - origin - share * edge for share in (0.25, 0.5, 0.75)]
        bend = 4.0 * quarters[1]
        off = [_length(quarters[at] - 0.1875 * bend).max() for at in (0, 2)]
        ratio = float((span / np.sqrt(square)).max())
        # What is left after the bend is cubic: largest near the quarters.
        error, sag = 1.1 * float(max(off)), 1.1 * float(_length(bend).max()) / 4.0
        if error > ODD_M or ratio > MOST_RATIO:
            return None
        local = origin - np.array(chart.arrays.centre)
        chord = np.column_stack([local, edge, 1.0 / square, END_M / np.sqrt(square)])
        ground = np.column_stack([bend, index.start_m, span, index.end_m])
        return cls(SegmentArrays(chord, ground), error, sag + error, max(ratio, 1.0))


def _ground(index: SegmentIndex, share: float) -> Floats:
    foot = index.start + share * (index.end - index.start)
    return geocentric(to_lonlat(foot, index.crs), index.crs)


class LineJudge:
    """Keeps the segments that can hold the nearest place of the line for a place of a ball.

    Let c be the middle of the ball and r its radius, p any place in it, f the place of the line nearest to
    c at the distance d, and q any place of a segment s at the distance e from c.

    *Too far.* ``|p - q|**2 - |p - f|**2`` is linear in p with slope ``2 (f - q)``, so it is at least
    ``|c - q|**2 - d**2 - 2 r |f - q|``, and that at least ``e**2 - d**2 - 2 r F`` with F the distance from f
    to the farther end of s. The nearest place of all is no farther from p than f. If s holds a place within
    the margin m of a tie, then for some p the difference is at most ``2 m |p - f| + m**2``, with
    ``|p - f| <= d + r``. Otherwise s is dropped.

    *Behind.* The foot of p along s moves by no more than p does. If that of c lies more than r before the
    start of s, every p is nearest to its start, which is the end of the segment that leads into s: s is
    dropped if that one is in the list too. Likewise beyond its end, unless the next segment is dropped for
    being behind in the same step: of two that meet at a corner one stays. So each segment that is dropped
    leads, step by step, to one that is no farther from any p and is kept, or was dropped as too far.

    *Beyond.* If ``d - r`` is more than the belt, no place of the cell is in it.

    Parameters
    ----------
    segments : Segments
        Of the border.
    index : SegmentIndex
        The same segments, with what leads into what.
    beyond_m : float
        Chords longer than this are surely beyond the belt.
    """

    def __init__(self, segments: Segments, index: SegmentIndex, beyond_m: float) -> None:
        chord = np.ascontiguousarray(segments.arrays.chord.T)
        # One array an axis: numpy is slow along rows of three.
        self.origin, self.edge, self.per_square = tuple(chord[:3]), tuple(chord[3:6]), chord[6]
        self.length = np.sqrt(1.0 / self.per_square)
        number = np.arange(len(self.length))
        # The joint of a closed line has two chainages, so it joins nothing.
        self.joined = index.before == number - 1
        self.joined[0] = False
        self.more_m = 2.0 * segments.sag_m
        self.beyond_m = beyond_m

    def start(self, middle: Floats, radius: float) -> Lists:
        """Return the segments whose middles are so near that they can hold the nearest place."""
        tree, half = (
            cKDTree(np.stack(self.origin, 1) + np.stack(self.edge, 1) / 2.0),
            float(self.length.max()) / 2.0,
        )
        least = np.asarray(tree.query(middle)[0], dtype=np.float64) + 2.0 * radius + half
        return around(tree, middle, least + chord_margin(least) + self.more_m)

    def keep(self, middle: Floats, radius: float, lists: Lists) -> tuple[Bools, Bools]:
        """Whether each segment can hold the nearest place; see the class. Inside the belt all is settled."""
        segment, count = lists.items, lists.length
        origin, edge = ([each[segment] for each in axes] for axes in (self.origin, self.edge))
        away = [np.repeat(at, count) - start for at, start in zip(middle.T, origin, strict=True)]
        share = dot(away, edge) * self.per_square[segment]
        clipped = np.clip(share, 0.0, 1.0)
        away = [out - clipped * along for out, along in zip(away, edge, strict=True)]
        square = dot(away, away)
        least = np.minimum.reduceat(square, lists.first)
        nearest = np.repeat(least, count)
        top = np.flatnonzero(square == nearest)
        # Any of several that are as near will do: f is one place of the line.
        top = top[np.searchsorted(top, lists.first)]
        foot = [at - out[top] for at, out in zip(middle.T, away, strict=True)]
        to_start = [start - np.repeat(at, count) for start, at in zip(origin, foot, strict=True)]
        to_end = [start + along for start, along in zip(to_start, edge, strict=True)]
        ends = np.sqrt(np.maximum(dot(to_start, to_start), dot(to_end, to_end)))
        farthest = np.sqrt(least) + radius
        margin = chord_margin(farthest) + self.more_m
        slack = np.where(
            farthest <= self.beyond_m + 2.0 * radius, (2.0 * farthest + margin) * margin, -np.inf
        )
        near = square - nearest <= 2.0 * radius * ends + np.repeat(slack, count)
        length = self.length[segment]
        return near & ~self._behind(
            lists, share * length, length, radius + LEEWAY_M
        ), farthest <= self.beyond_m

    def _behind(self, lists: Lists, along: Floats, length: Floats, reach: float) -> Bools:
        """Whether the segments beside each one are no farther; see the class."""
        into = self._into(lists)
        before = into & (along < -reach)
        beyond = np.zeros(len(along), dtype=bool)
        beyond[:-1] = into[1:] & (along > length + reach)[:-1] & ~before[1:]
        return before | beyond

    def _into(self, lists: Lists) -> Bools:
        """Whether the item before each one in its list is the segment that leads into it."""
        into = np.zeros(len(lists.items), dtype=bool)
        into[1:] = (np.diff(lists.items) == 1) & self.joined[lists.items[1:]]
        into[lists.first[lists.length > 0]] = False
        return into

    def items(self, lists: Lists) -> Ints:
        """Return the segments with what stands beside them."""
        into = self._into(lists)
        onto = np.concatenate([into[1:], [False]]) if len(into) else into
        return np.asarray(lists.items * FLAGS + INTO * into + ONTO * onto, dtype=np.int64)


def dot(one: Sequence[Floats], other: Sequence[Floats]) -> Floats:
    """Return the scalar products of vectors that are given axis by axis."""
    return np.asarray(one[0] * other[0] + one[1] * other[1] + one[2] * other[2], dtype=np.float64)


def _length(vector: Floats) -> Floats:
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", vector, vector)), dtype=np.float64)
