"""Find which of very many texts occur in a large body of bytes.

A hundred thousand names against megabytes of a page: each text by itself would take hours, a
pattern of alternatives more memory than there is. Instead every place of the haystack is looked up
by its first bytes in a table of hashed beginnings (one pass, vectorised), the few places that pass in
the sorted list of these beginnings, and only what is left is compared. Nothing is missed, and nothing
is reported that is not there.

What is there may still be there by chance. A short number stands inside many coordinates, and four
letters somewhere in megabytes of a packed picture: see `_Judge`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import compress
from typing import Any

import numpy as np

from gridmap.privacy.chance import RARE

SHORT, LONG = 4, 6
# The table of beginnings: at most one place in 32 is taken, and it is not larger than that takes.
SPARSE, FEWEST_BITS, MOST_BITS = 32, 16, 25
CHUNK = 1 << 20
SPREAD = np.uint64(0x9E3779B97F4A7C15)
# A short run of digits stands inside many coordinates; it is looked for as a whole number only.
SHORT_NUMBER = 7
DIGITS = frozenset(b"0123456789")
IN_NUMBERS = frozenset(b"0123456789.")
NUMBER = re.compile(rb"[0-9][0-9.]*[0-9]")
# So many printable characters in a row are text, wherever they stand: so is one place in ten million of
# random bytes.
EVIDENT = 16
PRINTABLE = re.compile(rb"(?:[\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2})*")
Positions = np.ndarray[Any, np.dtype[np.int64]]


class Needles:
    """A set of texts to look for.

    Parameters
    ----------
    texts : iterable of str
        What to look for; texts of fewer than four bytes are left out.
    encoding : str
        How the haystacks spell texts; a text that has no spelling in it is left out.
    """

    def __init__(self, texts: Iterable[str], *, encoding: str = "utf-8") -> None:
        self.encoding = encoding
        encoded = list(set(_encoded(texts, encoding)))
        sizes = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
        found, counts = np.unique(sizes, return_counts=True)
        self.lengths: Counter[int] = Counter(dict(zip(found.tolist(), counts.tolist(), strict=True)))
        short, long = (sizes >= SHORT) & (sizes < LONG), sizes >= LONG
        chosen = [(_chosen(encoded, short), SHORT), (_chosen(encoded, long), LONG)]
        self._groups = [_Group(needles, width) for needles, width in chosen if needles]

    def __bool__(self) -> bool:
        return bool(self._groups)

    def found(self, haystack: bytes, *, symbols: int = 0) -> set[str]:
        """Return the texts that occur in `haystack`.

        Parameters
        ----------
        haystack : bytes
            In the encoding of the needles.
        symbols : int
            0 for text, in which each find counts. For bytes in which anything may stand by chance, of how
            many different ones they are made (256; 64 for the letters of base64): a find counts only where
            chance is no explanation.
        """
        judge = _Judge(haystack, self.lengths, symbols)
        hits: set[bytes] = set()
        for group in self._groups:
            for at, needle in group.matches(haystack):
                if needle not in hits and judge.counts(at, needle):
                    hits.add(needle)
        return {hit.decode(self.encoding, _errors(self.encoding)) for hit in hits}

    def places(self, haystack: bytes, *, besides: Iterable[str] = ()) -> list[int]:
        """Return the byte positions where any of the texts begins, but for some of them."""
        judge = _Judge(haystack, self.lengths, 0)
        harmless = set(_encoded(besides, self.encoding))
        return sorted(
            at
            for group in self._groups
            for at, needle in group.matches(haystack)
            if needle not in harmless and judge.counts(at, needle)
        )


class _Judge:
    """Says whether a find counts.

    Of n needles of b bytes, size * n / symbols**b are found by chance in random bytes. A find counts where
    that is rare. It also counts where it plainly is a text: among printable characters, or with its own
    length in the four bytes before it.

    Digits inside a longer number (a code, a coordinate) are as random: of n numbers of b digits,
    windows * n / 10**b are found by chance, where the windows are the places in such numbers. Shorter
    ones count as whole numbers only.
    """

    def __init__(self, haystack: bytes, lengths: Counter[int], symbols: int) -> None:
        self._haystack, self._lengths, self._symbols = haystack, lengths, symbols
        self._windows: dict[int, int] = {}

    def counts(self, at: int, needle: bytes) -> bool:
        """Judge one find."""
        size = len(needle)
        if self._symbols:
            by_chance = len(self._haystack) * self._lengths[size] / float(self._symbols) ** min(size, 64)
            if by_chance >= RARE and not self._evident(at, size):
                return False
        if not needle.isdigit() or not self._inside_number(at, size):
            return True
        return size >= SHORT_NUMBER and self._in_numbers(size) * self._lengths[size] / 10.0**size < RARE

    def _inside_number(self, at: int, size: int) -> bool:
        before, after = self._haystack[at - 1 : at], self._haystack[at + size : at + size + 1]
        return any(byte in IN_NUMBERS for byte in before + after)

    def _in_numbers(self, size: int) -> int:
        """Count the places of the haystack where so many digits stand inside a longer number."""
        if size not in self._windows:
            longer = (len(match[0]) - size for match in NUMBER.finditer(self._haystack))
            self._windows[size] = sum(more + 1 for more in longer if more > 0)
        return self._windows[size]

    def _evident(self, at: int, size: int) -> bool:
        if self._symbols != 256:  # noqa: PLR2004 - base64 is printable throughout
            return False
        if {size.to_bytes(4, "little"), size.to_bytes(4, "big")} & {self._haystack[max(at - 4, 0) : at]}:
            return True
        for begin in range(max(0, at - EVIDENT), at + 1):
            match = PRINTABLE.match(self._haystack, begin, at + size + EVIDENT)
            if match is not None and match.end() - begin >= EVIDENT and match.end() >= at + size:
                return True
        return False


class _Group:
    """Needles of at least `width` bytes, found by their first `width` bytes."""

    def __init__(self, needles: list[bytes], width: int) -> None:
        self.needles = frozenset(needles)
        self.width = width
        self._mask = np.uint64((1 << (8 * width)) - 1)
        sizes = np.fromiter(map(len, needles), dtype=np.int64, count=len(needles))
        text = np.frombuffer(b"".join(needles) + b"\0" * 8, dtype=np.uint8)
        begins = np.cumsum(sizes) - sizes
        whole = np.zeros((len(needles), 8), dtype=np.uint8)
        for place in range(width):
            whole[:, place] = text[begins + place]
        # By beginning only the lengths: all phone numbers of a district begin alike.
        self._starts, which = np.unique(whole.view("<u8").ravel(), return_inverse=True)
        pairs = np.unique(which * (int(sizes.max()) + 1) + sizes)
        self._sizes = (pairs % (int(sizes.max()) + 1)).tolist()
        owner = pairs // (int(sizes.max()) + 1)
        self._first = np.searchsorted(owner, np.arange(len(self._starts) + 1))
        bits = min(max((len(self._starts) * SPARSE).bit_length(), FEWEST_BITS), MOST_BITS)
        self._shift = np.uint64(64 - bits)
        self._table = np.zeros(1 << bits, dtype=bool)
        self._table[self._slots(self._starts)] = True

    def matches(self, haystack: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield (position, needle)."""
        for at, start in self._candidates(haystack):
            for length in self._sizes[self._first[start] : self._first[start + 1]]:
                needle = haystack[at : at + length]
                if needle in self.needles:
                    yield at, needle

    def _candidates(self, haystack: bytes) -> Iterator[tuple[int, int]]:
        """Yield places where a needle may begin, and the position of its beginning."""
        padded = np.frombuffer(haystack + b"\0" * 16, dtype=np.uint8)
        for begin in range(0, len(haystack), CHUNK):
            end = min(begin + CHUNK, len(haystack))
            places, starts = self._in_chunk(padded, begin, end)
            order = np.argsort(places)
            yield from zip(places[order].tolist(), starts[order].tolist(), strict=True)

    def _in_chunk(self, padded: Any, begin: int, end: int) -> tuple[Positions, Positions]:
        """Look up every 8-byte window that begins in the chunk: eight aligned readings, one a shift."""
        hits, starts = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for shift in range(8):
            count = -(-(end - begin - shift) // 8)
            if count <= 0:
                continue
            windows = padded[begin + shift : begin + shift + 8 * count].view("<u8") & self._mask
            passed = np.flatnonzero(self._table[self._slots(windows)])
            known = windows[passed]
            at = np.minimum(np.searchsorted(self._starts, known), len(self._starts) - 1)
            right = self._starts[at] == known
            hits.append(begin + shift + 8 * passed[right])
            starts.append(at[right])
        return np.concatenate(hits), np.concatenate(starts)

    def _slots(self, windows: Any) -> Any:
        return (windows * SPREAD) >> self._shift


def _errors(encoding: str) -> str:
    return "surrogatepass" if encoding.startswith("utf") else "strict"


def _chosen(needles: list[bytes], which: Any) -> list[bytes]:
    return list(compress(needles, which.tolist()))


def _encoded(texts: Iterable[str], encoding: str) -> Iterable[bytes]:
    errors, given = _errors(encoding), list(texts)
    try:
        return [text.encode(encoding, errors) for text in given]
    except UnicodeEncodeError:
        return _spellable(given, encoding, errors)


def _spellable(texts: list[str], encoding: str, errors: str) -> Iterator[bytes]:
    for text in texts:
        try:
            yield text.encode(encoding, errors)
        except UnicodeEncodeError:
            continue
