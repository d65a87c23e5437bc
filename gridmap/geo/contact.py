"""Where shapes touch a border: the stretches of it that are as good as on them.

A stretch that a shape's own edge runs along is all contact, and so is one in the midst of it. Only what is
left, mostly the ends of contact, is cut by GEOS with the shape and a rim around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.geo.chains import vertices_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.locate import SegmentIndex

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geoms = NDArray[np.object_]
    # Places as complex numbers: they sort, and are found, as one.
    Places = NDArray[np.complex128]


@dataclass(frozen=True)
class Contacts:
    """A border's segments, and the edges that it was drawn with.

    Parameters
    ----------
    segments : SegmentIndex
        The segments.
    first : array of int, shape (d + 1,)
        The first segment of each drawn edge, ascending, and how many segments there are.
    """

    segments: SegmentIndex
    first: Ints

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Over the segments in the plane."""
        ends = np.stack([self.segments.start, self.segments.end], axis=1)
        return shapely.STRtree(np.asarray(shapely.linestrings(ends), dtype=object))

    @cached_property
    def _nodes(self) -> Places:
        """The ends of drawn edges, sorted."""
        return np.unique(np.concatenate([_places(end) for end in self._drawn()]))

    @cached_property
    def _edges(self) -> tuple[Ints, Ints]:
        """The drawn edges as pairs of nodes in one number, sorted, and which edge each is."""
        start, end = (np.searchsorted(self._nodes, _places(each)) for each in self._drawn())
        pair = self._pair(start, end)
        order = np.argsort(pair, kind="stable")
        return pair[order], order

    def _drawn(self) -> tuple[Floats, Floats]:
        return self.segments.start[self.first[:-1]], self.segments.end[self.first[1:] - 1]

    def _pair(self, one: Ints, other: Ints) -> Ints:
        return np.asarray(np.minimum(one, other) * len(self._nodes) + np.maximum(one, other), dtype=np.int64)

    def ranges(self, shapes: Geoms, within_m: float) -> list[Floats]:
        """Find the stretches of the border that are within a little of shapes.

        Parameters
        ----------
        shapes : array of geometry, shape (n,)
            Valid, in the CRS.
        within_m : float
            Metres in the plane; so few that they are the same on the ground.

        Returns
        -------
        list of array of float, shape (k, 2)
            For each shape its ranges of chainage, ascending; those that nearly meet are one.
        """
        out = [np.empty((0, 2))] * len(shapes)
        row, segment = self.tree.query(shapes, predicate="dwithin", distance=within_m).astype(np.int64)
        row, low, high = self._met(shapes, row, segment, within_m)
        order = np.argsort(row, kind="stable")
        row, low, high = row[order], low[order], high[order]
        touching, first = np.unique(row, return_index=True)
        ends = [*first.tolist(), len(row)]
        for each, (one, end) in zip(touching.tolist(), pairwise(ends), strict=True):
            out[each] = _merged(low[one:end], high[one:end], gap_m=2 * within_m)
        return out

    def _met(self, shapes: Geoms, row: Ints, segment: Ints, within_m: float) -> tuple[Ints, Floats, Floats]:
        """Return shapes, and from where to where a segment is within reach of each: as often as it is."""
        shared = self._shared(shapes, row, segment)
        rest = np.flatnonzero(~shared)
        lines = self.tree.geometries[segment[rest]]
        shapely.prepare(shapes[np.unique(row[rest])])
        inside = shapely.contains_properly(shapes[row[rest]], lines)
        whole, cut = np.append(np.flatnonzero(shared), rest[inside]), rest[~inside]
        around, place = np.unique(row[cut], return_inverse=True)
        met = shapely.intersection(lines[~inside], shapely.buffer(shapes[around], within_m)[place])
        low, high, pair = self._stretches(met, segment[cut])
        return (
            np.append(row[whole], row[cut[pair]]),
            np.append(self.segments.start_m[segment[whole]], low),
            np.append(self.segments.end_m[segment[whole]], high),
        )

    def _stretches(self, met: Geoms, segment: Ints) -> tuple[Floats, Floats, Ints]:
        """Return from where to where each part of each piece of a segment is, and which piece it is of."""
        parts, piece = shapely.get_parts(met, return_index=True)
        xy, part = shapely.get_coordinates(parts, return_index=True)
        chainage = self.segments.chainage_of(xy, segment[piece[part]])
        low, high = np.full(len(parts), np.inf), np.full(len(parts), -np.inf)
        np.minimum.at(low, part, chainage)
        np.maximum.at(high, part, chainage)
        some = np.flatnonzero(high >= low)
        return low[some], high[some], piece[some]

    def _shared(self, shapes: Geoms, row: Ints, segment: Ints) -> Bools:
        """Whether a segment is on an edge that border and shape have in common, vertex by vertex."""
        rows = np.unique(row)
        xy, leads, chain, owner = vertices_of(shapes[rows])
        at = _places(xy)
        node = np.minimum(np.searchsorted(self._nodes, at), len(self._nodes) - 1)
        both = np.flatnonzero(leads & (self._nodes[node] == at))
        both = both[self._nodes[node[both + 1]] == at[both + 1]]
        pair = self._pair(node[both], node[both + 1])
        pairs, drawn = self._edges
        found = np.minimum(np.searchsorted(pairs, pair), len(pairs) - 1)
        real = pairs[found] == pair
        edge, whose = drawn[found[real]], rows[owner[chain[both[real]]]]
        mine = np.searchsorted(self.first, segment, side="right") - 1
        count = len(self.first)
        return np.isin(row * count + mine, whose * count + edge)


def _places(xy: Floats) -> Places:
    # There are two zeros, of different bits.
    return (np.ascontiguousarray(xy, dtype=np.float64) + 0.0).view(np.complex128).reshape(-1)


def _merged(low: Floats, high: Floats, *, gap_m: float) -> Floats:
    """Merge ranges that touch or nearly do."""
    order = np.lexsort((high, low))
    low, reach = low[order], np.maximum.accumulate(high[order])
    opens = np.concatenate([[True], low[1:] > reach[:-1] + gap_m])
    closes = np.concatenate([opens[1:], [True]])
    return np.column_stack([low[opens], reach[closes]])
