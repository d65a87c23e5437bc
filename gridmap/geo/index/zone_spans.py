"""Which polygons hold the reference of each cell: spans of cells with one answer, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.index.zone_sorting import rank, split, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.index.zone_frame import Frame
    from gridmap.geo.index.zone_raster import Raster

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Shorts = NDArray[np.int32]

# Places that more polygons hold are left to the exact functions: lists of them would fill the memory.
LONGEST = 24


@dataclass(frozen=True, slots=True)
class Lists:
    """Which polygons hold a run of cells, where there are several.

    Parameters
    ----------
    first : array of int32, shape (s + 1,)
        Where in `polygon` a list begins.
    polygon : array of int32, shape (l,)
        Ranks, sorted within a list.
    """

    first: Shorts
    polygon: Shorts


@dataclass(frozen=True, slots=True)
class Spans:
    """Runs of cells, in the order of cells, whose references lie in the same polygons.

    Parameters
    ----------
    start : array of int, shape (s,)
        First cell of each span; the first is 0. A span ends where the next begins.
    count : array of int, shape (s,)
        How many polygons hold the span.
    first : array of int, shape (s + 1,)
        Where in `polygon` those of a span begin; nothing is listed for more than `LONGEST`.
    polygon : array of int, shape (l,)
        Sorted within a span.
    """

    start: Ints
    count: Ints
    first: Ints
    polygon: Ints

    def over(self, cells: int) -> Ints:
        """Return the span of every cell of a frame."""
        return np.repeat(np.arange(len(self.start)), np.diff(self.start, append=cells))

    @property
    def several(self) -> Bools:
        """Whether several polygons hold a span, and not too many to list."""
        return (self.count > 1) & (self.count <= LONGEST)

    def lists(self) -> Lists:
        """Return the polygons of the spans that several hold."""
        polygon = self.polygon[np.repeat(self.several, np.diff(self.first))]
        first = np.concatenate([[0], np.cumsum(self.count[self.several])])
        return Lists(first.astype(np.int32), polygon.astype(np.int32))


def spans_of(raster: Raster, frame: Frame) -> Spans:
    """Return the spans between a raster's crossings."""
    place = raster.row * frame.columns + raster.column
    begin, end, owner = place[::2], place[1::2], raster.owner[::2]
    half = len(begin)
    event, which = rank(np.concatenate([begin, end]))
    begins, ends = (np.bincount(some, minlength=len(event)) for some in (which[:half], which[half:]))
    start, count = np.append(0, event), np.append(0, np.cumsum(begins - ends))
    # A list for every span that is held, and not by too many: the intervals that run over it.
    listed = (count > 0) & (count <= LONGEST)
    before = np.append(0, np.cumsum(listed))
    low, high = before[which[:half] + 1], before[which[half:] + 1]
    which, number = spread(low, high - low)
    polygons = int(owner.max(initial=0)) + 1
    pair = number * polygons + owner[which]
    pair.sort()
    number, polygon = split(pair, polygons)
    first = np.append(0, np.cumsum(np.bincount(number, minlength=before[-1])))[before]
    return Spans(start, count, first, polygon)
