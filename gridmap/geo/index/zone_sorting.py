"""Sorting and spreading of whole numbers, the two moves that grids are built with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Numbers = NDArray[np.integer[Any]]

BITS = 63


def bits(count: int) -> int:
    """Return how many bits hold the numbers below a count."""
    return max(int(count - 1).bit_length(), 1)


def sort(keys: Ints) -> tuple[Ints, Ints]:
    """Return keys of 0 or more in order, and the position that each had; equal keys by position.

    Sorting one whole number that holds key and position is several times faster than sorting positions.
    """
    shift = bits(len(keys))
    if not len(keys) or int(keys.max()).bit_length() + shift > BITS:
        order = np.argsort(keys, kind="stable")
        return keys[order], order
    packed = keys << shift
    packed |= np.arange(len(keys))
    packed.sort()
    order = packed & ((1 << shift) - 1)
    packed >>= shift
    return packed, order


def rank(keys: Ints) -> tuple[Ints, Ints]:
    """Return the distinct keys in order, and for every key which of them it is."""
    ordered, order = sort(keys)
    fresh = np.diff(ordered, prepend=-1) != 0
    which = np.empty(len(keys), dtype=np.int64)
    which[order] = np.cumsum(fresh) - 1
    return ordered[fresh], which


def spread(first: Numbers, count: Numbers) -> tuple[Ints, Ints]:
    """Return for ranges [first, first + count) the range's position, and the number, of every member."""
    which = np.repeat(np.arange(len(first)), count)
    before = np.cumsum(count) - count
    return which, np.arange(len(which)) + np.repeat(first - before, count)
