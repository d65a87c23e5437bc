"""How time grows with size: the exponent, fitted by least squares on logarithms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return b of seconds = a * size ** b: 1 is linear growth.

    Raises
    ------
    ValueError
        With fewer than two different sizes there is no growth, and with a time of nothing no logarithm.
    """
    if len(set(sizes)) < 2 or min(seconds) <= 0 or min(sizes) <= 0:
        message = f"no exponent can be fitted to {list(zip(sizes, seconds, strict=True))}"
        raise ValueError(message)
    slope, _ = np.polyfit(np.log(sizes), np.log(seconds), 1)
    return float(slope)
