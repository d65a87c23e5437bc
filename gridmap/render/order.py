"""The order in which a page holds points: along a Hilbert curve, so that neighbours are near in the file.

Steps between neighbours are small and codes of neighbours alike, so they pack small; and what is in view is
drawn from a few stretches of rows.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

LEVELS = 20  # bits of each axis
AT_ONCE = 4  # levels that one look-up takes
ROW_BITS = 24  # with the two axes they fill 64 bits
NIBBLE = 2**AT_ONCE


def spatial_order(x: Ints, y: Ints) -> Ints:
    """Return the rows along a Hilbert curve over their places, shape (n,); rows of one cell stay in order.

    Parameters
    ----------
    x, y : (n,) int array
        Places in whole units; n is below 16 million.

    Raises
    ------
    ValueError
        If there are more rows than a key holds.
    """
    if len(x) >= 2**ROW_BITS:
        raise ValueError(f"{len(x)} rows are more than can be sorted")
    if not len(x):
        return np.zeros(0, dtype=np.int64)
    east, north = x - x.min(), y - y.min()
    # Both axes in one measure: a curve over stretched cells is longer.
    excess = max(0, int(max(east.max(), north.max())).bit_length() - LEVELS)
    keys = (_along(east >> excess, north >> excess) << np.uint64(ROW_BITS)) | np.arange(
        len(x), dtype=np.uint64
    )
    keys.sort()
    return (keys & np.uint64(2**ROW_BITS - 1)).astype(np.int64)


def _along(x: Ints, y: Ints) -> npt.NDArray[np.uint64]:
    """Return how far along the curve each cell lies, from `LEVELS` bits of either axis."""
    digits, turned = _table()
    east, north = x.astype(np.int32), y.astype(np.int32)
    found = np.zeros(len(x), dtype=np.uint64)
    state = np.zeros(len(x), dtype=np.int32)
    for shift in range(LEVELS - AT_ONCE, -1, -AT_ONCE):
        right, up = (east >> shift) & (NIBBLE - 1), (north >> shift) & (NIBBLE - 1)
        at = (state << (2 * AT_ONCE)) | (right << AT_ONCE) | up
        found = (found << np.uint64(2 * AT_ONCE)) | digits[at]
        state = turned[at]
    return found


@cache
def _table() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """Return, by state and the next bits of x and y, the digits of the curve and the state behind them.

    A state says how the curve lies in a cell: bit 0 with its axes swapped, bit 1 turned by half a circle.
    """
    digits = np.zeros(4 * NIBBLE * NIBBLE, dtype=np.uint64)
    turned = np.zeros(4 * NIBBLE * NIBBLE, dtype=np.int32)
    for at in range(len(digits)):
        state, found = at >> (2 * AT_ONCE), 0
        for level in range(AT_ONCE - 1, -1, -1):
            half = state >> 1
            right, up = (at >> (AT_ONCE + level)) & 1 ^ half, (at >> level) & 1 ^ half
            if state & 1:
                right, up = up, right
            found = found << 2 | (3 * right ^ up)
            if not up:
                state ^= 1 | right << 1
        digits[at], turned[at] = found, state
    return digits, turned
