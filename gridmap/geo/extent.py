"""Box and finiteness of many places, column by column: numpy is slow along an axis of two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# As many places make a row where there are so many.
WIDE = 256


def extent(xy: Floats) -> tuple[Floats, Floats]:
    """Return the least and the greatest of each column of n > 0 places, shape (n, 2); NaN if there is one."""
    head = len(xy) // WIDE * WIDE if xy.flags.c_contiguous else 0
    # Down long rows numpy takes the least of many columns at a time.
    rows = xy[:head].reshape(-1, 2 * WIDE)
    parts = [rows.min(axis=0), rows.max(axis=0)] if head else []
    some = np.concatenate([xy[head:], *(one.reshape(-1, 2) for one in parts)])
    return some.min(axis=0), some.max(axis=0)


def finite(xy: Floats) -> NDArray[np.bool_]:
    """Return which places, shape (n, 2), have two finite coordinates."""
    return np.asarray(np.isfinite(xy[:, 0]) & np.isfinite(xy[:, 1]), dtype=np.bool_)
