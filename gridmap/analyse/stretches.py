"""Stretches of border in whole millimetres: how often each piece is reached, and whose it is.

Chainages are rounded to the millimetre once and are integers from then on, so that what is covered and
what is not add up to the whole exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.analyse.demand import Bools, Floats, Ints

MM = 1000


def to_mm(metres: Floats, *, total: int) -> Ints:
    """Return metres as whole millimetres on the border, ``0 <= mm <= total``."""
    rounded = np.rint(np.asarray(metres, dtype=np.float64) * MM)
    return np.clip(rounded, 0, total).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Pieces:
    """The border cut wherever reach begins or ends; the k pieces tile it.

    Parameters
    ----------
    breaks : (k + 1,) int
        Chainages in millimetres, ascending, from 0 to the border's length; empty without a border.
    count : (k,) int
        How many keepers reach each piece.
    starts : (k + 1,) int
        Where in `members` the keepers of each piece begin.
    members : (s,) int
        Positions of the keepers, ascending within each piece.
    """

    breaks: Ints
    count: Ints
    starts: Ints
    members: Ints

    @classmethod
    def of(cls, spans: list[Floats], *, total: int) -> Pieces:
        """Cut a border of `total` millimetres at the ends of the stretches, in metres, of each keeper."""
        if total <= 0:
            none = np.empty(0, dtype=np.int64)
            return cls(none, none, np.zeros(1, dtype=np.int64), none)
        owner = np.repeat(np.arange(len(spans)), [len(one) for one in spans])
        ends = to_mm(np.vstack([np.empty((0, 2)), *spans]), total=total)
        breaks = np.unique(np.concatenate([ends.reshape(-1), [0, total]])).astype(np.int64)
        first, last = np.searchsorted(breaks, ends.T)
        size = last - first
        piece = np.repeat(first, size) + _within(size)
        keeper = np.repeat(owner, size)
        # Two stretches of one keeper that round to one place must not count it twice.
        pairs = np.unique(piece * max(len(spans), 1) + keeper)
        piece, keeper = pairs // max(len(spans), 1), pairs % max(len(spans), 1)
        count = np.bincount(piece, minlength=len(breaks) - 1).astype(np.int64)
        return cls(breaks, count, np.concatenate([[0], np.cumsum(count)]), keeper)

    @property
    def size(self) -> Ints:
        """Length of each piece in millimetres, (k,)."""
        return np.diff(self.breaks)

    def keepers(self, piece: int) -> Ints:
        """Return the positions of the keepers that reach a piece."""
        return self.members[self.starts[piece] : self.starts[piece + 1]]

    def runs(self, chosen: Bools) -> Ints:
        """Return the stretches, shape (g, 2), that neighbouring chosen pieces make together."""
        edge = np.diff(np.concatenate([[0], chosen.astype(np.int8), [0]]))
        ends = (self.breaks[np.flatnonzero(edge == one)] for one in (1, -1))
        return np.column_stack(list(ends)).reshape(-1, 2)

    def by_owner(self, spans: list[Floats]) -> tuple[Ints, Ints]:
        """Add up what of the border is whose, and what of that is reached.

        Parameters
        ----------
        spans : list of n float arrays, shape (k, 2)
            Stretches in metres; where several claim a place the first one has it.

        Returns
        -------
        total, covered : (n + 1,) int
            Millimetres; the last is what nobody claims. Their sums are those of the border.
        """
        total, covered = np.zeros((2, len(spans) + 1), dtype=np.int64)
        if not len(self.breaks):
            return total, covered
        whole = int(self.breaks[-1])
        ends = [to_mm(one, total=whole) for one in spans]
        breaks = np.unique(np.concatenate([self.breaks, *(one.reshape(-1) for one in ends)]))
        owner = np.full(len(breaks) - 1, len(spans), dtype=np.int64)
        for number in range(len(spans) - 1, -1, -1):
            for first, last in np.searchsorted(breaks, ends[number]):
                owner[first:last] = number
        reached = self.count[np.searchsorted(self.breaks, breaks[:-1], side="right") - 1] > 0
        np.add.at(total, owner, np.diff(breaks))
        np.add.at(covered, owner[reached], np.diff(breaks)[reached])
        return total, covered


def _within(size: Ints) -> Ints:
    """Return 0, 1, ... size-1 for each size in turn."""
    ends = np.cumsum(size)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - size, size)
