"""Find which of very many texts occur in a large body of bytes.

A hundred thousand names against megabytes of a page: each text by itself would take hours, a
pattern of alternatives more memory than there is. Instead every place of the haystack is looked up
by its first bytes in a table of hashed beginnings (one pass, vectorised), and only the few places
that pass are compared. Nothing is missed, and nothing is reported that is not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

SHORT, LONG = 4, 6
TABLE_BITS = 22
CHUNK = 1 << 20
SPREAD = np.uint64(0x9E3779B97F4A7C15)
# A short run of digits stands inside many coordinates; it is looked for as a whole number only.
SHORT_NUMBER = 7
DIGITS = frozenset(b"0123456789")
Positions = np.ndarray[Any, np.dtype[np.int64]]


class Needles:
    """A set of texts to look for.

    Parameters
    ----------
    texts : iterable of str
        What to look for, in UTF-8; texts shorter than four bytes are left out.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        encoded = {text.encode("utf-8", "surrogatepass") for text in texts}
        self._groups = [
            _Group({one for one in encoded if SHORT <= len(one) < LONG}, SHORT),
            _Group({one for one in encoded if len(one) >= LONG}, LONG),
        ]
        self._groups = [group for group in self._groups if group.needles]

    def __bool__(self) -> bool:
        return bool(self._groups)

    def found(self, haystack: bytes) -> set[str]:
        """Return the texts that occur in `haystack` (UTF-8)."""
        hits: set[bytes] = set()
        for group in self._groups:
            for _, needle in group.matches(haystack, once=True):
                hits.add(needle)
        return {hit.decode("utf-8", "surrogatepass") for hit in hits}

    def places(self, haystack: bytes) -> list[int]:
        """Return the byte positions where any of the texts begins."""
        return sorted(at for group in self._groups for at, _ in group.matches(haystack, once=False))


class _Group:
    """Needles of at least `width` bytes, found by their first `width` bytes."""

    def __init__(self, needles: set[bytes], width: int) -> None:
        self.needles = needles
        self.width = width
        # By beginning only the lengths: all phone numbers of a district begin alike.
        lengths: defaultdict[bytes, set[int]] = defaultdict(set)
        for needle in needles:
            lengths[needle[:width]].add(len(needle))
        self._by_start = {start: sorted(found) for start, found in lengths.items()}
        self._mask = np.uint64((1 << (8 * width)) - 1)
        self._table = np.zeros(1 << TABLE_BITS, dtype=bool)
        starts = b"".join(start.ljust(8, b"\0") for start in self._by_start)
        self._table[self._slots(np.frombuffer(starts, dtype="<u8"))] = True

    def matches(self, haystack: bytes, *, once: bool) -> Iterable[tuple[int, bytes]]:
        """Yield (position, needle); with `once`, a needle found before need not come again."""
        done: set[bytes] = set()
        for at in self._candidates(haystack):
            for length in self._by_start.get(haystack[at : at + self.width], ()):
                needle = haystack[at : at + length]
                if needle not in self.needles or needle in done or _inside_number(haystack, at, needle):
                    continue
                if once:
                    done.add(needle)
                yield at, needle

    def _candidates(self, haystack: bytes) -> Iterable[int]:
        padded = np.frombuffer(haystack + b"\0" * 16, dtype=np.uint8)
        for begin in range(0, len(haystack), CHUNK):
            end = min(begin + CHUNK, len(haystack))
            yield from np.sort(self._in_chunk(padded, begin, end)).tolist()

    def _in_chunk(self, padded: Any, begin: int, end: int) -> Positions:
        """Look up every 8-byte window that begins in the chunk: eight aligned readings, one a shift."""
        hits = []
        for shift in range(8):
            count = -(-(end - begin - shift) // 8)
            if count <= 0:
                continue
            windows = padded[begin + shift : begin + shift + 8 * count].view("<u8")
            hits.append(begin + shift + 8 * np.flatnonzero(self._table[self._slots(windows)]))
        return np.concatenate(hits) if hits else np.zeros(0, dtype=np.int64)

    def _slots(self, windows: Any) -> Any:
        return ((windows & self._mask) * SPREAD) >> np.uint64(64 - TABLE_BITS)


def _inside_number(haystack: bytes, at: int, needle: bytes) -> bool:
    """Say whether a short number is only a part of a longer one."""
    if len(needle) >= SHORT_NUMBER or not needle.isdigit():
        return False
    neighbours = haystack[at - 1 : at] + haystack[at + len(needle) : at + len(needle) + 1]
    return any(byte in DIGITS or byte == ord(".") for byte in neighbours)
