"""Random numbers that are the same on every machine and with every numpy.

numpy promises the bit stream of ``PCG64``, not the numbers that ``Generator`` makes of it, and the last
bit of ``sin`` or ``log`` differs between processors. So the demo draws raw bits and uses ``+ - * /`` only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MANTISSA_SHIFT = np.uint64(11)
UNIT_STEP = 2.0**-53
SEED_RANGE = 2**64


class Dice:
    """A stream of random numbers, one for each purpose, so that one purpose does not shift another.

    Parameters
    ----------
    seed : int
        Any whole number.
    stream : int
        Which purpose, 0 or more.
    """

    def __init__(self, seed: int, *stream: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence([seed % SEED_RANGE, *stream]))

    def unit(self, count: int) -> Floats:
        """Return `count` numbers in [0, 1)."""
        raw = self._bits.random_raw(count)
        return np.asarray(np.asarray(raw, dtype=np.uint64) >> MANTISSA_SHIFT, dtype=np.float64) * UNIT_STEP

    def between(self, low: float, high: float, count: int) -> Floats:
        """Return `count` numbers in [low, high)."""
        return low + (high - low) * self.unit(count)

    def below(self, limit: int, count: int) -> Ints:
        """Return `count` whole numbers in [0, limit)."""
        return np.asarray(self.unit(count) * limit, dtype=np.int64)

    def weighted(self, weights: Floats, count: int) -> Ints:
        """Return `count` indices, each drawn in proportion to its weight."""
        edges = np.cumsum(weights)
        drawn = np.searchsorted(edges, self.unit(count) * edges[-1], side="right")
        return np.asarray(np.minimum(drawn, len(weights) - 1), dtype=np.int64)

    def disc(self, count: int) -> Floats:
        """Return `count` directions, (count, 2), evenly from the unit disc, by rejection."""
        kept = np.empty((0, 2))
        while len(kept) < count:
            xy = self.between(-1.0, 1.0, 2 * (2 * (count - len(kept)) + 8)).reshape(-1, 2)
            kept = np.concatenate([kept, xy[xy[:, 0] ** 2 + xy[:, 1] ** 2 < 1.0]])
        return kept[:count]
