"""Spots that rows stand on, sorted: whether some share one, and how many stand beside a place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridmap.geo.extent import extent

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOLERANCE_M = 0.001
# Below it, whole numbers of 64 bits hold any product of two spans, and floats the spans themselves.
_EXACT = 2.0**62
# As many places at a time as a processor's cache holds.
_BLOCK = 1 << 14
# What stands beside a spot is at most so many tolerances away along each axis.
_BESIDE = 3


@dataclass(frozen=True, slots=True)
class Spots:
    """Places rounded to the tolerance, each spot one whole number.

    Parameters
    ----------
    keys : (n,) int64
        The spots, ascending, those that several share as often as they do.
    low : (2,) tolerances
        The least coordinates.
    across : (2,) int
        How many spots there are along each axis.
    """

    keys: Ints
    low: Floats
    across: Ints

    @classmethod
    def of(cls, xy: Floats) -> Spots | None:
        """Sort places, (n, 2) metres, all finite; None if there is none or they are too far apart."""
        if not len(xy):
            return None
        # Rounding never turns the order of two numbers around: the least spot is that of the least place.
        low, high = (np.round(one / TOLERANCE_M) for one in extent(xy))
        across = high - low + 1.0
        if not across[0] * across[1] < _EXACT:
            return None
        found = cls(np.empty(len(xy), dtype=np.int64), low, across.astype(np.int64))
        for start in range(0, len(xy), _BLOCK):
            found.keys[start : start + _BLOCK] = found._key(_rounded(xy[start : start + _BLOCK], low))
        found.keys.sort()
        return found

    def of_some(self, xy: Floats) -> Spots:
        """Return some of the places, numbered in the same way."""
        return Spots(np.sort(self._key(_rounded(xy, self.low))), self.low, self.across)

    @property
    def differ(self) -> bool:
        """Whether no two places share a spot."""
        return not (self.keys[1:] == self.keys[:-1]).any()

    def beside(self, xy: Floats) -> Ints:
        """Return how many stand within a few tolerances of each of some places, shape (m, 2)."""
        found = np.zeros(len(xy), dtype=np.int64)
        # What is far away may be too much for whole numbers.
        spots = np.round(xy / TOLERANCE_M) - self.low
        rows = np.flatnonzero(((spots >= -_BESIDE) & (spots < self.across + _BESIDE)).all(axis=1))
        east, north = spots[rows].astype(np.int64).T
        least = np.maximum(north - _BESIDE, 0)
        most = np.minimum(north + _BESIDE, self.across[1] - 1)
        for step in range(-_BESIDE, _BESIDE + 1):
            there = np.flatnonzero((east + step >= 0) & (east + step < self.across[0]))
            column = east[there] + step
            first = np.searchsorted(self.keys, self._key(np.column_stack([column, least[there]])), "left")
            last = np.searchsorted(self.keys, self._key(np.column_stack([column, most[there]])), "right")
            found[rows[there]] += last - first
        return found

    def _key(self, spots: Ints) -> Ints:
        # Both numbers in one: sorting whole numbers is far quicker than hashing pairs.
        return np.asarray(spots[:, 0] * self.across[1] + spots[:, 1], dtype=np.int64)


def _rounded(xy: Floats, low: Floats) -> Ints:
    return np.asarray((np.round(xy / TOLERANCE_M) - low).astype(np.int64))
