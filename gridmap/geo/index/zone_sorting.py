"""Sorting and spreading of whole numbers, the two moves that grids are built with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
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


def split(keys: Ints, count: int) -> tuple[Ints, Ints]:
    """Return quotients and remainders by a count, as `np.divmod`, which takes several times longer."""
    high = keys // count
    return high, keys - high * count


def rank(keys: Ints) -> tuple[Ints, Ints]:
    """Return the distinct keys in order, and for every key which of them it is."""
    ordered, order = sort(keys)
    other = fresh(ordered)
    which = np.empty(len(keys), dtype=np.int64)
    which[order] = np.cumsum(other) - 1
    return ordered[other], which


def fresh(values: NDArray[Any]) -> Bools:
    """Return whether each value is another than the one before it; the first is."""
    other = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=other[1:])
    return other


def spread(first: Numbers, count: Numbers) -> tuple[Ints, Ints]:
    """Return for ranges [first, first + count) the range's position, and the number, of every member."""
    which = np.repeat(np.arange(len(first)), count)
    number = np.take(first - (np.cumsum(count) - count), which)
    number += np.arange(len(which))
    return which, number
