"""The segments of a border as an index needs them, and as the judge of cells knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridmap.geo.crs import to_lonlat
from gridmap.geo.index.chart_judge import Things
from gridmap.geo.nearest import geocentric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.index.chart import Chart
    from gridmap.geo.locate import SegmentIndex

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Where a segment is asked for, along its way.
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
# A line whose segments are bent more oddly than this between their ends is left to the exact code.
ODD_M = 1e-5
# An edge is measured along the ground, and stretches less than this against the chord between its ends.
MOST_RATIO = 2.0
# A foot this near to an end may be called on either side of it.
END_M = 1e-6


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
        way = index.end - index.start
        feet = np.concatenate([index.start + share * way for share in SHARES[:-1]] + [index.end])
        origin, *places = np.split(geocentric(to_lonlat(feet, index.crs), index.crs), len(SHARES))
        edge = places.pop() - origin
        square = np.einsum("ij,ij->i", edge, edge)
        span = index.end_m - index.start_m
        if not (square > 0.0).all() or not np.isfinite(square).all():
            return None
        quarters = [at - origin - share * edge for at, share in zip(places, SHARES[1:-1], strict=True)]
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


def things_of(segments: Segments, index: SegmentIndex) -> Things:
    """Return the segments as the judge knows them, with what leads into what."""
    chord = segments.arrays.chord.copy()
    chord[:, 7] = np.sqrt(1.0 / chord[:, 6])
    # The joint of a closed line has two chainages, so it joins nothing.
    joined = index.before == np.arange(len(chord)) - 1
    joined[0] = False
    return Things(chord, joined)


def _length(vector: Floats) -> Floats:
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", vector, vector)), dtype=np.float64)
