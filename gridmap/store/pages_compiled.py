"""The compiled way to fill leaves; imported only where `compiling.compiled` says so. See `pages`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap.geo.index.compiling import kernel

if TYPE_CHECKING:
    from gridmap.store.pages import Bytes, Texts

LEAF, LEAF_HEAD, TEXT, ZERO = 13, 8, 13, 8
# Numbers of 6 and 8 bytes have the types 5 and 6.
FOUR, SIX = 4, 6
# Unsigned: a signed place in an array is first looked at whether it counts from the end.
ONE, EIGHT, LOW = np.uint64(1), np.uint64(8), np.uint64(255)


def fill_leaves(image: Bytes, leaves: tuple[int, int, int], keys: tuple[int, int], values: Any) -> None:
    """Write all records into the leaves of an image.

    Parameters
    ----------
    image : (b,) uint8
        Filled: the leaves among its pages.
    leaves : (int, int, int)
        Where the first begins, the bytes of a page, and how many records each has but the last.
    keys : (int, int)
        The first, and the bytes of each.
    values : (numbers, named, texts)
        (n, columns) int64 the numbers of each row; which of them names texts, -1 for none; and the texts.
    """
    numbers, named, texts = values
    _fill(image, leaves, keys, numbers, (named, *_plain(texts)))


def _plain(texts: Texts | None) -> tuple[Any, Any, Any]:
    """Return the arrays of texts, read-only whatever they were: one machine code for all."""
    none = np.empty(0, np.uint8)
    parts = (
        (none, np.empty(0, np.int64), none) if texts is None else (texts.whole, texts.starts, texts.lengths)
    )
    views = tuple(part.view() for part in parts)
    for view in views:
        view.flags.writeable = False
    return views[0], views[1], views[2]


@kernel
def _fill(image: Any, leaves: Any, keys: Any, numbers: Any, texts: Any) -> None:
    begin, size, most = leaves
    first, key_width = keys
    rows, columns = numbers.shape
    head = 3 + key_width + columns
    widths = np.empty((most, columns), np.int64)
    for page in range((rows + most - 1) // most):
        start, stop = page * most, min(rows, (page + 1) * most)
        base = begin + page * size
        # Cells stand at the end of their page.
        at = size - (stop - start) * head - _measured(numbers, start, stop, texts, widths)
        image[base] = LEAF
        image[base + 3], image[base + 4] = (stop - start) >> 8, (stop - start) & 255
        image[base + 5], image[base + 6] = at >> 8, at & 255
        for row in range(start, stop):
            pointer = np.uint64(base + LEAF_HEAD + 2 * (row - start))
            image[pointer], image[pointer + ONE] = at >> 8, at & 255
            cell = np.uint64(base + at)
            key = first + row
            for place in range(key_width):
                image[cell + ONE + np.uint64(place)] = ((key >> (7 * (key_width - 1 - place))) & 127) | 128
            record = cell + ONE + np.uint64(key_width)
            image[record - ONE] &= 127
            image[record], image[record + ONE] = 2 + columns, 0
            end = _put_values(image, cell + np.uint64(head), row, start, (numbers, widths), texts)
            image[cell] = end - record
            at = np.int64(end) - base


@kernel
def _measured(numbers: Any, start: int, stop: int, texts: Any, widths: Any) -> Any:
    """Fill in how many bytes each value has; return how many all have together."""
    named, _, _, lengths = texts
    total: Any = 0
    for row in range(start, stop):
        for column in range(numbers.shape[1]):
            value = numbers[row, column]
            if column == named:
                width = np.int64(lengths[value])
            else:
                # None for a missing value, and for 0 and 1, which their types say.
                width = np.int64(value > 1) + (value > 127) + (value > 32_767) + (value > 8_388_607)  # noqa: PLR2004
                width += 2 * (value > 2_147_483_647) + 2 * (value > 140_737_488_355_327)  # noqa: PLR2004
            widths[row - start, column] = width
            total += width
    return total


@kernel
def _put_values(image: Any, at: Any, row: int, start: int, table: Any, texts: Any) -> Any:
    """Write the values of a record, and before them their types; return where it ends."""
    numbers, widths = table
    named, whole, starts, _ = texts
    columns = numbers.shape[1]
    kind = at - np.uint64(columns)
    for column in range(columns):
        value, width = numbers[row, column], widths[row - start, column]
        if column == named:
            image[kind] = TEXT + 2 * width
            text = np.uint64(starts[value])
            for place in range(np.uint64(width)):
                image[at + place] = whole[text + place]
        else:
            said = 0 if value < 0 else ZERO + value
            image[kind] = said if width == 0 else width - (width > FOUR) - (width > SIX)
            rest = np.uint64(value)
            last = at + np.uint64(width) - ONE
            for place in range(np.uint64(width)):
                image[last - place] = rest & LOW
                rest >>= EIGHT
        kind += ONE
        at += np.uint64(width)
    return at
