"""Records of a table's leaves as columns: numpy cuts the bytes, no value is touched one by one.

The other way round from `pages`, where the format is told. What is understood are short records, all of them
with one byte for each column's serial type: values of at most 57 bytes, as rows of points have them. Nothing
is guessed: where a page, a record or a value is of another kind, it is said, and read by SQLite.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.store.leaves import LEAF, Bytes, Positions

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LEAF_HEAD = 8
# A record longer than a page less this goes on in other pages, though it may fit (section 1.6).
SPILLS = 35
# From here on a varint has more bytes than one.
LONG = 128
# The longest varint of a key that is looked for: the ninth byte is of another kind.
WIDEST = 8
# Bytes of the value of each serial type; 10 and 11 are not used by SQLite.
REAL, ZERO, ONE, UNUSED, BLOB, TEXT = 7, 8, 9, (10, 11), 12, 13
_SIZES = np.concatenate(
    [np.array([0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0]), (np.arange(12, LONG) - 12) // 2]
).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Records of some leaves.

    Parameters
    ----------
    raw : (b,) uint8
        The pages, one behind the other.
    body : (n,) int
        Where the values of each record begin.
    types : (columns, n) uint8
        The serial types of its values.
    """

    raw: Bytes
    body: Positions
    types: Bytes
    _at: dict[int, Positions] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.body)

    def at(self, column: int) -> Positions:
        """Return where each value of a column begins."""
        if column not in self._at:
            self._at[column] = self.body if column == 0 else self.at(column - 1) + self._sizes(column - 1)
        return self._at[column]

    def end(self) -> Positions:
        """Return where each record ends."""
        last = len(self.types) - 1
        return self.at(last) + self._sizes(last)

    def _sizes(self, column: int) -> Positions | int:
        types = self.types[column]
        low, high = int(types.min()), int(types.max())
        return int(_SIZES[low]) if low == high else _SIZES[types]

    def window(self, column: int, width: int) -> Bytes:
        """Return so many bytes of each value, (n, width)."""
        return _taken(self.raw, self.at(column), width)


def count(pages: Bytes) -> int:
    """Return how many rows leaves, (n, size), say that they have."""
    return int((pages[:, 3].astype(np.int64) << 8 | pages[:, 4]).sum())


def last_key(pages: Bytes) -> int | None:
    """Return the key of the last row of leaves, (n, size); None if the last is not a leaf with a row."""
    page = pages[-1].tobytes()
    count = int.from_bytes(page[3:5], "big")
    end = LEAF_HEAD + 2 * count
    if page[0] != LEAF or not count or end > len(page):
        return None
    at = int.from_bytes(page[end - 2 : end], "big")
    _, at = _varint(page, at)
    key, at = _varint(page, at)
    return key if at < len(page) else None


def _varint(page: bytes, at: int) -> tuple[int, int]:
    """Return a varint as a signed number of 64 bits, and where it ends."""
    value = 0
    for number, byte in enumerate(page[at : at + 9]):
        value = value << 8 | byte if number == WIDEST else value << 7 | byte & 127
        if byte < LONG or number == WIDEST:
            return (value - (1 << 64) if value >> 63 else value), at + number + 1
    return 0, len(page)


def records(pages: Bytes, columns: int) -> Records | None:
    """Return the records of leaves with so many columns in each; None if not all of them are plain.

    Parameters
    ----------
    pages : (n, size) uint8
        In the order of their keys.
    columns : int
        How many values each record has, the key's NULL among them.
    """
    cells = _cells(pages)
    if cells is None:
        return None
    start, end = cells
    raw = pages.reshape(-1)
    if not len(start):
        return None
    found = _bodies(raw, start, end, columns)
    if found is None or int(found[1].max()) > pages.shape[1] - SPILLS:
        return None
    head, payload = found
    types = np.ascontiguousarray(_taken(raw, head, 1 + columns).T)
    # The first is the length of this head itself.
    if (types[0] != 1 + columns).any() or int(types.max()) >= LONG:
        return None
    if any((types[1:] == one).any() for one in UNUSED):
        return None
    made = Records(raw, head + (1 + columns), types[1:])
    return made if bool((made.end() == head + payload).all()) else None


def _cells(pages: Bytes) -> tuple[Positions, Positions] | None:
    """Return where each cell begins, and where its page ends; None if a page is no leaf."""
    count, size = pages.shape
    held = pages[:, 3].astype(np.int64) << 8 | pages[:, 4]
    most = int(held.max())
    # A leaf without a row is no leaf of a table with rows: SQLite says that it is damaged.
    if (pages[:, 0] != LEAF).any() or not int(held.min()) or LEAF_HEAD + 2 * most > size:
        return None
    listed = np.ascontiguousarray(pages[:, LEAF_HEAD : LEAF_HEAD + 2 * most]).view(">u2")
    inside = listed[np.arange(most) < held[:, None]].astype(np.int64)
    base = np.repeat(np.arange(count, dtype=np.int64) * size, held)
    # The shortest cell: a length, a key, and the head of a record. What is longer is looked at later.
    if len(inside) and (int(inside.min()) < LEAF_HEAD or int(inside.max()) > size - 4):
        return None
    return base + inside, base + size


def _bodies(raw: Bytes, at: Positions, end: Positions, columns: int) -> tuple[Positions, Positions] | None:
    """Return where the record of each cell begins, and its length; None where it goes on in other pages."""
    payload = raw[at].astype(np.int64)
    at = at + 1
    long = np.flatnonzero(payload >= LONG)
    if len(long):
        low = raw[at[long]]
        if int(low.max()) >= LONG:
            return None
        payload[long] = (payload[long] & 127) << 7 | low
        at[long] += 1
    at = _behind_keys(raw, at)
    fits = bool((at + np.maximum(payload, 1 + columns) <= end).all())
    return (at, payload) if fits else None


def _behind_keys(raw: Bytes, at: Positions) -> Positions:
    """Return where each key ends; one of nine bytes seems to end behind all pages."""
    width = 1 + int(np.argmax(raw[at[0] : at[0] + WIDEST] < LONG))
    if int(at.max()) + width <= len(raw):
        # Mostly all are equally wide: their last bytes alone have no top bit.
        shown = _taken(raw, at, width) < LONG
        if bool(shown[:, -1].all()) and not shown[:, :-1].any():
            return at + width
    at = at.copy()
    going = np.arange(len(at))
    for _ in range(WIDEST):
        ended = raw[np.minimum(at[going], len(raw) - 1)] < LONG
        at[going] += 1
        going = going[~ended]
    at[going] = len(raw) + 1
    return at


def whole_numbers(found: Records, column: int) -> tuple[Integers, Mask] | None:
    """Return the whole numbers of a column, and which are missing; None if one is something else."""
    types = found.types[column]
    known = np.flatnonzero(np.bincount(types, minlength=LONG))
    if known[-1] > ONE or REAL in known:
        return None
    out = np.zeros(len(found), dtype=np.int64)
    for kind in known.tolist():
        if kind in {0, ZERO}:
            continue
        rows = slice(None) if len(known) == 1 else np.flatnonzero(types == kind)
        out[rows] = 1 if kind == ONE else _numbers(found.raw, found.at(column)[rows], int(_SIZES[kind]))
    return out, types == 0


def _numbers(raw: Bytes, at: Positions, width: int) -> Integers:
    """Return big-endian signed numbers.

    Those of 3 and 6 bytes are read as 4 and 8, from a byte or two before: the record's head is there.
    """
    read = {3: 4, 6: 8}.get(width, width)
    spare = read - width
    values = _taken(raw, at - spare, read).view(f">i{read}")[:, 0].astype(np.int64)
    if not spare:
        return values
    # The strange bytes are shifted out at the top; the sign comes down again.
    out: Integers = values << (64 - 8 * width) >> (64 - 8 * width)
    return out


def texts(found: Records, column: int) -> tuple[Bytes, Positions, Mask] | None:
    """Return the bytes of the texts of a column, where each begins and the last ends, and which are missing.

    None if one is something else; whether they are UTF-8 is not looked at.
    """
    types = found.types[column]
    low, high = int(types.min()), int(types.max())
    if low == high and (low == 0 or _is_text(low)):
        # Most columns of ids are as wide in every row, and many columns are empty.
        width = int(_SIZES[low])
        offsets = np.arange(len(types) + 1) * width
        return found.window(column, width).reshape(-1), offsets, np.full(len(types), low == 0)
    there = types != 0
    if not _is_text(types[there]).all():
        return None
    lengths = np.where(there, _SIZES[types], 0)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    out = np.empty(int(offsets[-1]), dtype=np.uint8)
    at = found.at(column)
    for width in np.flatnonzero(np.bincount(lengths)).tolist():
        if width:
            rows = np.flatnonzero(lengths == width)
            _windows(out, width)[offsets[rows]] = _windows(found.raw, width)[at[rows]]
    return out, offsets, ~there


def _is_text(types: Any) -> Any:
    return (types >= TEXT) & (types % 2 == 1)


def blobs(found: Records, column: int, size: int) -> Bytes | None:
    """Return the values of a column that are all blobs of so many bytes, (n, size); None if they are not."""
    plain = bool((found.types[column] == BLOB + 2 * size).all())
    return found.window(column, size) if plain else None


def _windows(raw: Bytes, width: int) -> npt.NDArray[np.void]:
    """Return every run of so many bytes as one value, without a copy: they overlap."""
    return np.ndarray((len(raw) - width + 1,), f"V{width}", raw, 0, (1,))


def _taken(raw: Bytes, at: Positions, width: int) -> Bytes:
    """Return so many bytes from each position on, (n, width)."""
    if not width:
        return np.empty((len(at), 0), dtype=np.uint8)
    return _windows(raw, width)[at].view(np.uint8).reshape(len(at), width)
