"""Integers as text: small, fast to read in a page, the same on every machine.

Nothing is deflated: zlib's output differs between its builds, and a map must not. Integers go into blocks of
32. Of each block the smallest is kept, and of every value in it how much larger it is, in as many bits as the
largest needs (frame of reference); a block of like values takes no bits. A column is kept as it is or as the
steps from each value to the next, whichever is smaller. What JavaScript reads is in ``assets/js/codec.js``.

The bytes behind the base64, little-endian: the width of the references; the width of every block, in bits;
zeros to a multiple of 4 bytes; the references (above the smallest of them) and then the blocks, in words of
32 bits from the lowest bit up. Of the last block only the words that hold something are there.
"""

from __future__ import annotations

import base64
import binascii
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gridmap.model.packed import Packed

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint32]

BLOCK = 32  # with as many values as a word has bits, every block begins with a word
POWERS = np.uint64(1) << np.arange(33, dtype=np.uint64)
MOST_SPAN = 2**32 - 1
MOST_STEP = 2**31 - 1  # steps are added up in 32 bits with a sign
WHOLE_FLOATS = 2**53  # what JavaScript counts exactly


class _Blocks(NamedTuple):
    """Values above the smallest of all, as blocks side by side, shape (32, n), and what each block needs."""

    columns: Words
    references: Words
    widths: npt.NDArray[np.uint8]
    reference_width: int

    def words(self) -> int:
        """Return about how many words it takes, header included."""
        blocks = len(self.widths)
        return int(self.widths.sum(dtype=np.int64)) + (blocks + 4) // 4 + _words(blocks, self.reference_width)


def pack_ints(values: npt.ArrayLike) -> Packed:
    """Pack integers, shape (n,).

    Raises
    ------
    ValueError
        If they span more than 32 bits, or are no whole numbers that JavaScript can count to.
    """
    array = np.asarray(values)
    array = np.asarray(array, dtype=np.int64).ravel()
    if array.size == 0:
        return Packed(size=0, low=0, high=0, steps=None, data="")
    low, high = int(array.min()), int(array.max())
    if high - low > MOST_SPAN or max(-low, high) > WHOLE_FLOATS:
        raise ValueError(f"integers from {low} to {high} span more than 32 bits")
    if low == high:
        return Packed(size=len(array), low=low, high=high, steps=None, data="")
    best, steps = _blocks(array - low), None
    if high - low <= MOST_STEP and len(array) > 1:
        differences = np.diff(array, prepend=low)
        least = int(differences.min())
        other = _blocks(differences - least)
        if other.words() < best.words():
            best, steps = other, least
    return Packed(size=len(array), low=low, high=high, steps=steps, data=_written(best, len(array)))


def unpack_ints(packed: Packed) -> Ints:
    """Return what was packed, shape (size,).

    Raises
    ------
    ValueError
        If the text is not of the form that `pack_ints` writes.
    """
    if not packed.data:
        if packed.low != packed.high:
            raise ValueError("packed integers without data must all be alike")
        return np.full(packed.size, packed.low, dtype=np.int64)
    try:
        raw = base64.b64decode(packed.data, validate=True)
    except binascii.Error as error:
        raise ValueError("packed integers are written in base64") from error
    above = _read(raw, packed.size)
    if packed.steps is None:
        return np.asarray(above + packed.low)
    return np.asarray(np.cumsum(above + packed.steps) + packed.low)


def _blocks(above: Ints) -> _Blocks:
    """Cut values into blocks; the last is filled with its last value, which widens nothing."""
    count = -(-len(above) // BLOCK)
    filled = np.full(count * BLOCK, above[-1], dtype=np.uint32)
    filled[: len(above)] = above
    columns = np.ascontiguousarray(filled.reshape(count, BLOCK).T)
    references = columns.min(axis=0)
    widths = _bits(columns.max(axis=0) - references)
    return _Blocks(columns, references, widths, int(_bits(references.max(keepdims=True))[0]))


def _bits(values: Words) -> npt.NDArray[np.uint8]:
    return np.searchsorted(POWERS, values, side="right").astype(np.uint8)


def _words(count: int, width: int) -> int:
    return -(-count * width // 32)


def _written(blocks: _Blocks, size: int) -> str:
    widths, count = blocks.widths, len(blocks.widths)
    head = np.zeros((count + 4) // 4 * 4, dtype=np.uint8)
    head[0] = blocks.reference_width
    head[1 : count + 1] = widths
    above = blocks.columns - blocks.references
    starts = np.concatenate([[0], np.cumsum(widths, dtype=np.int64)])
    body = np.zeros(int(starts[-1]), dtype=np.uint32)
    for width in np.flatnonzero(np.bincount(widths)).tolist():
        which = np.flatnonzero(widths == width)
        body[starts[which, None] + np.arange(width)] = _squeezed(above[:, which], width)
    spare = int(widths[-1]) - _words(size - (count - 1) * BLOCK, int(widths[-1]))
    body = body[: len(body) - spare]
    lanes = _run(blocks.references, blocks.reference_width)
    raw = head.tobytes() + lanes.astype("<u4").tobytes() + body.astype("<u4").tobytes()
    return base64.b64encode(raw).decode("ascii")


def _run(values: Words, width: int) -> Words:
    """Squeeze any number of values into one run of words."""
    filled = np.zeros(-(-len(values) // BLOCK) * BLOCK, dtype=np.uint32)
    filled[: len(values)] = values
    return _squeezed(filled.reshape(-1, BLOCK).T, width).ravel()[: _words(len(values), width)]


def _squeezed(columns: Words, width: int) -> Words:
    """Put blocks side by side, shape (32, n), into words, shape (n, width)."""
    words = np.zeros((width + 1, columns.shape[1]), dtype=np.uint32)
    for at in range(BLOCK if width else 0):
        word, shift = divmod(at * width, 32)
        words[word] |= columns[at] << np.uint32(shift)
        if shift + width > 32:  # noqa: PLR2004 - bits of a word
            words[word + 1] |= columns[at] >> np.uint32(32 - shift)
    return np.ascontiguousarray(words[:width].T)


def _spread(words: Words, width: int) -> Ints:
    """Take blocks out of words, shape (n, width); the other way of `_squeezed`."""
    columns = np.zeros((width + 1, len(words)), dtype=np.uint64)
    columns[:width] = words.T
    mask = np.uint64((1 << width) - 1)
    rows = np.empty((BLOCK, len(words)), dtype=np.int64)
    for at in range(BLOCK):
        word, shift = divmod(at * width, 32)
        both = columns[word] | (columns[min(word + 1, width)] << np.uint64(32))
        rows[at] = (both >> np.uint64(shift)) & mask
    return np.ascontiguousarray(rows.T)


def _read(raw: bytes, size: int) -> Ints:
    """Return values above the smallest reference, shape (size,)."""
    blocks = -(-size // BLOCK)
    head = (blocks + 4) // 4 * 4
    if size < 1 or len(raw) < head or len(raw) % 4:
        raise ValueError("packed integers are cut short")
    widths = np.frombuffer(raw, dtype=np.uint8, count=blocks, offset=1).astype(np.int64)
    width = raw[0]
    if width > 32 or widths.max() > 32:  # noqa: PLR2004 - bits of a word
        raise ValueError("packed integers of more than 32 bits")
    lanes = _words(blocks, width)
    starts = np.concatenate([[0], np.cumsum(widths)])
    words = np.zeros(max(lanes, -(-blocks // BLOCK) * width) + int(starts[-1]), dtype=np.uint32)
    found = np.frombuffer(raw, dtype="<u4", offset=head)
    spare = int(widths[-1]) - _words(size - (blocks - 1) * BLOCK, int(widths[-1]))
    if len(found) != lanes + int(starts[-1]) - spare:
        raise ValueError("packed integers are cut short, or hold more than they say")
    words[: len(found)] = found
    whole = np.zeros(-(-blocks // BLOCK) * width, dtype=np.uint32)
    whole[:lanes] = found[:lanes]
    references = _spread(whole.reshape(-1, width), width).ravel()[:blocks] if width else np.zeros(blocks, int)
    rows = np.zeros((blocks, BLOCK), dtype=np.int64)
    for one in np.unique(widths).tolist():
        if one:
            which = np.flatnonzero(widths == one)
            rows[which] = _spread(words[lanes + starts[which, None] + np.arange(one)], one)
    return np.asarray((rows + references[:, None]).ravel()[:size])
