"""Box and finiteness of many places, column by column: numpy is slow along an axis of two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def extent(xy: Floats) -> tuple[Floats, Floats]:
    """Return the least and the greatest of each column of n > 0 places, shape (n, 2); NaN if there is one."""
    columns = xy[:, 0], xy[:, 1]
    return np.array([one.min() for one in columns]), np.array([one.max() for one in columns])


def finite(xy: Floats) -> NDArray[np.bool_]:
    """Return which places, shape (n, 2), have two finite coordinates."""
    return np.asarray(np.isfinite(xy[:, 0]) & np.isfinite(xy[:, 1]), dtype=np.bool_)
