"""The pages of a table of narrow rows as SQLite lays them out, made by numpy.

The records are those that SQLite makes of the same values, to the byte. Source: "Database File Format",
sqlite.org/fileformat2.html, sections 1.3 (header), 1.6 (pages of a b-tree, varints) and 2.1 (records). What
is used of it:

- A *varint* is a number in groups of 7 bits, the highest first; all bytes but the last have their top bit
  set.
- A *record* is a header (its own length, then a serial type for each column, all varints) and the values
  behind it. Serial types: 0 is NULL; 1 to 6 are big-endian whole numbers of 1, 2, 3, 4, 6 and 8 bytes; 8
  and 9 are the numbers 0 and 1, without a byte; 13 + 2n is a text of n bytes. The key is a NULL.
- A *leaf* of a table has a head of 8 bytes, 2 bytes for each cell saying where it is, and the cells at its
  end: length of the record, key (both varints), record.
- An *interior page* has a head of 12 bytes, the last 4 of which are the number of its last child; a cell is
  the number of a child (4 bytes) and the highest key in it (a varint).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.geo.index.compiling import compiled

Bytes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]
Integers = npt.NDArray[np.integer[Any]]

PAGE = 4096
# A length below this is a varint of one byte.
SHORT = 128
# The longest text whose serial type is a varint of one byte.
LONGEST = (SHORT - 1 - 13) // 2
_LEAF_HEAD, _INTERIOR_HEAD = 8, 12
_LEAF, _INTERIOR = 13, 5
# The highest number of each serial type but the last, a missing value's first; and the types.
_REACH = np.array([-1, 0, 1, 2**7 - 1, 2**15 - 1, 2**23 - 1, 2**31 - 1, 2**47 - 1], dtype=np.int64)
_SERIAL = np.array([0, 8, 9, 1, 2, 3, 4, 5, 6], dtype=np.uint8)
# Bytes of the numbers of each serial type.
_BYTES = np.array([0, 1, 2, 3, 4, 6, 8, 0, 0, 0], dtype=np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A column of whole numbers.

    Parameters
    ----------
    values : (n,) integer
        A negative one is a missing value.
    plus : int
        Not below zero; it is added to every value. Then none may be missing.
    """

    values: Integers
    plus: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Texts in UTF-8, encoded once, one behind the other. Made by `encoded`."""

    whole: Bytes
    starts: Positions
    lengths: Bytes


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A column of texts.

    Parameters
    ----------
    texts : Texts
        The different ones.
    at : (n,) integer
        Which of them each row has.
    """

    texts: Texts
    at: Integers


Column = Numbers | Named
Rows = Mapping[str, Column]


def encoded(texts: Sequence[str]) -> Texts | None:
    """Encode texts for `Named`; None for none, or if one has more than 57 bytes, a NUL, or is not Unicode."""
    try:
        # Each ends with a NUL; a window may look past the last.
        whole = np.frombuffer("\0".join([*texts, "\0" * LONGEST]).encode(), dtype=np.uint8)
    except UnicodeEncodeError:
        return None
    ends = np.flatnonzero(whole[: len(whole) - LONGEST] == 0)
    starts = np.concatenate([[0], ends[:-1] + 1])
    if len(ends) != len(texts) or int((ends - starts).max()) > LONGEST:
        return None
    return Texts(whole, starts, (ends - starts).astype(np.uint8))


def laid_out(empty: Bytes, first: int, columns: Rows) -> Bytes:
    """Return a database of one table with rows, as bytes.

    Parameters
    ----------
    empty : (2 * PAGE,) uint8
        The same database without a row.
    first : int
        The key of the first row; the others rise by one, and all varints of them are equally long.
    columns : mapping of str to Numbers or Named
        The columns that are stored, in the order of the table; the key is not among them. At least one row;
        none may make a record of more than 127 bytes.

    Returns
    -------
    (pages * PAGE,) uint8
    """
    rows = _count(next(iter(columns.values())))
    key_width = varint_width(first)
    head = 1 + key_width + 2 + len(columns)
    # As many cells on every page, so that the longest that there could be would still fit.
    on_page = (PAGE - _LEAF_HEAD) // (2 + head + sum(map(_most, columns.values())))
    tree = _levels(-(-rows // on_page), key_width)
    image = np.zeros(PAGE * (1 + sum(map(len, tree))), dtype=np.uint8)
    image[: 2 * PAGE] = empty
    image[28:32] = _big_endian(np.array([len(image) // PAGE]), 4)[0]
    keys = np.arange(first, first + rows)
    if compiled(rows) and sum(isinstance(column, Named) for column in columns.values()) <= 1:
        _fill_compiled(image, tree[0], on_page, (first, key_width), columns)
    else:
        _fill(image, tree[0], on_page, keys, columns)
    last = np.minimum(np.arange(1, len(tree[0]) + 1) * on_page, rows) - 1
    _fill_interior(image, tree, keys[last], key_width)
    return image


def _count(column: Column) -> int:
    return len(column.at if isinstance(column, Named) else column.values)


def _most(column: Column) -> int:
    """Return how many bytes a value of a column has at most."""
    if isinstance(column, Named):
        return int(column.texts.lengths.max(initial=0))
    return int(_BYTES[_types(Numbers(np.array([column.values.max(initial=-1)])))][0])


def _fill_compiled(image: Bytes, pages: range, on_page: int, keys: tuple[int, int], columns: Rows) -> None:
    """Write the leaves as `_fill`, to the byte."""
    from gridmap.store import pages_compiled  # noqa: PLC0415 - loads numba

    listed = list(columns.values())
    numbers = np.empty((_count(listed[0]), len(listed)), dtype=np.int64)
    for into, column in zip(numbers.T, listed, strict=True):
        into[:] = column.at if isinstance(column, Named) else column.values
    texts = {place: column.texts for place, column in enumerate(listed) if isinstance(column, Named)}
    named, held = next(iter(texts.items()), (-1, None))
    begin = PAGE * (pages.start - 1)
    pages_compiled.fill_leaves(image, (begin, PAGE, on_page), keys, (numbers, named, held))


def _fill(image: Bytes, pages: range, on_page: int, keys: Positions, columns: Rows) -> None:
    """Write the leaves: their heads, and the cell of every row."""
    types = [_types(column) for column in columns.values()]
    widths = [_widths(column, kind) for column, kind in zip(columns.values(), types, strict=True)]
    key_width = varint_width(int(keys[0]))
    body = np.sum(widths, axis=0, dtype=np.int64)
    header = 2 + len(types)
    head = 1 + key_width + header
    at = _fill_leaves(image, pages, np.cumsum(body + head), on_page)
    at += head + body
    # From the last column to the first: see `_put_numbers`.
    for column, width in zip([*columns.values()][::-1], widths[::-1], strict=True):
        at -= width
        for one in np.flatnonzero(np.bincount(width)).tolist():
            _put_values(image, at, column, width, one)
    cell = np.empty((len(keys), head), dtype=np.uint8)
    cell[:, 0] = header + body
    cell[:, 1 : 1 + key_width] = _varints(keys, key_width)
    cell[:, 1 + key_width] = header
    cell[:, 2 + key_width] = 0
    for position, kind in enumerate(types, start=3 + key_width):
        cell[:, position] = kind
    _put(image, at - head, cell)


def _types(column: Column) -> Bytes:
    """Return the serial type of every value."""
    if isinstance(column, Named):
        return np.asarray(13 + 2 * column.texts.lengths[column.at], dtype=np.uint8)
    which = np.zeros(len(column.values), dtype=np.uint8)
    highest = int(column.values.max(initial=-1))
    for reach in _REACH[highest > _REACH]:
        which += column.values > reach
    return _SERIAL[which]


def _widths(column: Column, types: Bytes) -> Bytes:
    """Return the bytes of every value."""
    return np.asarray((types - 13) >> 1, np.uint8) if isinstance(column, Named) else _BYTES[types]


def _put_values(image: Bytes, at: Positions, column: Column, widths: Bytes, width: int) -> None:
    """Write the values of a column that have so many bytes."""
    if not width:
        return
    rows: Positions | slice = slice(None)
    if widths[0] != width or not (widths == width).all():
        rows = np.flatnonzero(widths == width)
    if isinstance(column, Named):
        found = _windows(column.texts.whole, width)[column.texts.starts[column.at[rows]]]
        _windows(image, width)[at[rows]] = found
    else:
        _put_numbers(image, at[rows], column.values[rows], width)


def _put_numbers(image: Bytes, at: Positions, values: Integers, width: int) -> None:
    """Write big-endian numbers of a width.

    Those of 3 and 6 bytes as 4 and 8, a byte or two too early: what stands there is written afterwards.
    """
    written = {3: 4, 6: 8}.get(width, width)
    _windows(image, written)[at - (written - width)] = values.astype(f">u{written}").view(f"V{written}")


def _windows(whole: Bytes, width: int) -> npt.NDArray[np.void]:
    """Return every run of so many bytes as one value, without a copy: they overlap."""
    return np.ndarray((len(whole) - width + 1,), f"V{width}", whole, 0, (1,))


def _put(image: Bytes, at: Positions, values: Bytes) -> None:
    """Write a row of bytes (n, width) at each position."""
    width = values.shape[1]
    _windows(image, width)[at] = np.ascontiguousarray(values).view(f"V{width}")[:, 0]


def _big_endian(values: Integers, width: int) -> Bytes:
    return values.astype(">i8").view(np.uint8).reshape(-1, 8)[:, 8 - width :]


def varint_width(value: int) -> int:
    """Return the bytes of a varint of less than 2 ** 56: beyond, the last byte is another kind."""
    return max(1, -(-value.bit_length() // 7))


def _varints(values: npt.NDArray[np.int64], width: int) -> Bytes:
    """Return the varints (n, width) of values that are all so wide."""
    out = np.empty((len(values), width), dtype=np.uint8)
    for position in range(width):
        out[:, position] = (values >> 7 * (width - 1 - position)) & 127
    out[:, :-1] |= 128
    return out


# --- the tree ------------------------------------------------------------------------------------------


def _levels(leaves: int, key_width: int) -> list[range]:
    """Return the numbers of the pages of each level, leaves first; the root is page 2."""
    most = (PAGE - _INTERIOR_HEAD) // (2 + 4 + key_width) + 1
    sizes = [leaves]
    while sizes[-1] > 1:
        sizes.append(-(-sizes[-1] // most))
    levels, number = [], 3
    for size in sizes[:-1]:
        levels.append(range(number, number + size))
        number += size
    return [*levels, range(2, 3)]


def _put_heads(image: Bytes, pages: range, kind: int, cells: Positions, content: Positions) -> None:
    """Write the first 7 bytes of pages: how many cells each has, and where they begin."""
    heads = np.zeros((len(pages), 7), dtype=np.uint8)
    heads[:, 0] = kind
    heads[:, 3:5] = _big_endian(cells, 2)
    heads[:, 5:7] = _big_endian(content, 2)
    _put(image, PAGE * (np.asarray(pages, dtype=np.int64) - 1), heads)


def _fill_leaves(image: Bytes, pages: range, ends: Positions, on_page: int) -> Positions:
    """Write the heads of leaves; return where in the image each cell begins.

    Parameters
    ----------
    ends : (n,) int
        Where each cell would end if all were one behind the other.
    """
    rows = len(ends)
    page = np.repeat(np.arange(len(pages)), on_page)[:rows]
    place = np.arange(rows) - page * on_page
    last = np.minimum(np.arange(1, len(pages) + 1) * on_page, rows) - 1
    begins = np.concatenate([[0], ends[:-1]])
    # Cells stand at the end of their page.
    inside = begins - ends[last][page] + PAGE
    base = PAGE * (pages.start - 1 + page)
    _put_numbers(image, base + _LEAF_HEAD + 2 * place, inside, 2)
    firsts = np.arange(len(pages)) * on_page
    _put_heads(image, pages, _LEAF, last - firsts + 1, inside[firsts])
    return np.asarray(base + inside, dtype=np.int64)


def _fill_interior(image: Bytes, levels: Sequence[range], keys: Positions, key_width: int) -> None:
    """Write the pages above the leaves; `keys` are the highest of each leaf."""
    size = 4 + key_width
    for below, level in pairwise(levels):
        # Spread evenly: none is left with a single child, which no page may have.
        cuts = np.linspace(0, len(below), len(level) + 1).astype(np.int64)
        held = np.diff(cuts) - 1
        _put_heads(image, level, _INTERIOR, held, PAGE - size * held)
        for number, (start, end) in zip(level, pairwise(cuts.tolist()), strict=True):
            cells = np.empty((end - start - 1, size), dtype=np.uint8)
            cells[:, :4] = _big_endian(np.arange(below[start], below[end - 1]), 4)
            cells[:, 4:] = _varints(keys[start : end - 1], key_width)
            content = PAGE - cells.size
            at = PAGE * (number - 1)
            image[at + 8 : at + 12] = _big_endian(np.array([below[end - 1]]), 4)[0]
            places = _big_endian(content + size * np.arange(len(cells)), 2)
            image[at + 12 : at + 12 + places.size] = places.ravel()
            image[at + content : at + PAGE] = cells.ravel()
        keys = keys[cuts[1:] - 1]
