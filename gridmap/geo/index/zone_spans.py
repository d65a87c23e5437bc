"""Which polygons hold the reference of each cell: spans of cells with one answer, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.index.zone_sorting import fresh, sort, spread

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

    def at(self, cell: Ints) -> Ints:
        """Return the span of each cell."""
        return np.searchsorted(self.start, cell, side="right") - 1

    @property
    def several(self) -> Bools:
        """Whether several polygons hold a span, and not too many to list."""
        return (self.count > 1) & (self.count <= LONGEST)

    def lists(self) -> Lists:
        """Return the polygons of the spans that several hold."""
        polygon = self.polygon[np.repeat(self.several, np.diff(self.first))]
        first = np.concatenate([[0], np.cumsum(self.count[self.several])])
        return Lists(first.astype(np.int32), polygon.astype(np.int32))

    def lengths(self, cells: int) -> Ints:
        """Return the number of cells of each span."""
        return np.diff(self.start, append=cells)


def spans_of(raster: Raster, frame: Frame) -> Spans:
    """Return the spans between a raster's crossings."""
    place = raster.row * frame.columns + raster.column
    begin, end, owner = place[::2], place[1::2], raster.owner[::2]
    event, order = sort(np.concatenate([begin, end]))
    depth = np.cumsum(np.where(order < len(begin), 1, -1))
    last = len(event) - 1 - np.flatnonzero(fresh(event[::-1]))[::-1]
    start = np.concatenate([np.zeros(1, dtype=np.int64), event[last]])
    count = np.concatenate([np.zeros(1, dtype=np.int64), depth[last]])
    # A list for every span that is held, and not by too many: the intervals that run over it.
    listed = (count > 0) & (count <= LONGEST)
    before = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(listed)])
    low, high = before[np.searchsorted(start, begin)], before[np.searchsorted(start, end)]
    which, number = spread(low, high - low)
    polygons = int(owner.max(initial=0)) + 1
    pair = number * polygons + owner[which]
    pair.sort()
    number, polygon = np.divmod(pair, polygons)
    first = np.searchsorted(number, before)
    return Spans(start, count, first, polygon)
