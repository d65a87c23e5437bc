"""Which bytes are in a column of texts: block by block, as much as a processor's cache holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gridmap.checks.columns import ASCII_END, Bytes

BLOCK = 1 << 16
# A block begins with the last bytes of the one before: what is looked for is no longer than four.
OVERLAP = 3
LAST = 0xFF

Range = tuple[int, int]
Mask = NDArray[np.bool_]


class Scan:
    """The bytes of texts that lie end to end in UTF-8.

    A range of bytes that is not between the least and the greatest costs nothing to ask for. What lies across
    the end of a text is found as well: a scan serves to say that something is nowhere.

    Parameters
    ----------
    raw : array of uint8, shape (n,)
    """

    def __init__(self, raw: Bytes) -> None:
        self.raw = raw

    @cached_property
    def span(self) -> Range:
        """The least and the greatest byte; (0xFF, 0) of nothing."""
        return (int(self.raw.min()), int(self.raw.max())) if len(self.raw) else (LAST, 0)

    @property
    def ascii(self) -> bool:
        """Whether there is no byte beyond ASCII."""
        return self.span[1] < ASCII_END

    def holds(self, *ranges: Range) -> bool:
        """Whether there is a byte in one of these ranges, ends included."""
        least, most = self.span
        ranges = tuple(one for one in ranges if one[0] <= most and one[1] >= least)
        if any(low <= least <= high or low <= most <= high for low, high in ranges):
            return True
        return bool(ranges) and self._anywhere(lambda block: any(_among(block, one).any() for one in ranges))

    def follows(self, *ranges: Range) -> bool:
        """Whether there are neighbouring bytes, up to four, each in its range."""
        if not self.holds(ranges[0]):
            return False
        return self._anywhere(lambda block: _in_a_row(block, ranges))

    def has(self, text: bytes) -> bool:
        """Whether these bytes are there; quick where not even the first four of them are."""
        start = tuple((byte, byte) for byte in text[: OVERLAP + 1])
        return self.follows(*start) and (len(text) <= len(start) or text in self.raw.tobytes())

    def _anywhere(self, found: Callable[[Bytes], bool]) -> bool:
        return any(found(block) for block in self._blocks())

    def _blocks(self) -> Iterator[Bytes]:
        for start in range(0, len(self.raw), BLOCK):
            yield self.raw[max(start - OVERLAP, 0) : start + BLOCK]


def _among(block: Bytes, one: Range) -> Mask:
    low, high = one
    if low == high:
        return np.asarray(block == low, dtype=bool)
    # Below `low` the difference wraps around, beyond the range.
    return np.asarray(block - np.uint8(low) <= high - low, dtype=bool)


def _in_a_row(block: Bytes, ranges: Sequence[Range]) -> bool:
    length = len(block) - len(ranges) + 1
    if length <= 0:
        return False
    found = _among(block[:length], ranges[0])
    for after, one in enumerate(ranges[1:], start=1):
        found &= _among(block[after : after + length], one)
    return bool(found.any())
