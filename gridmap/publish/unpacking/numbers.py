"""The numbers in bytes that could be coordinates: written with digits, or as 8-byte floats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.privacy.coordinates import FINEST_DEGREE, Floats, Ints, Numbers

# Two numbers of one row, as text: the next cell, with the tags or the name of a member between.
REACH = 100
CHUNK = 1 << 20
ZERO, POINT, MINUS = 0x30, 0x2E, 0x2D
# Digits before and after the point that fit 64 bits together; more are cut off.
MOST_WHOLE, MOST_DECIMALS, MOST_TOGETHER = 8, 15, 17
# Digits that hold a coordinate of five decimals; with fewer there are whole numbers of all sorts.
LEAST_WHOLE = 7
MOST_SCALE = 9
EXPONENT = re.compile(rb"(?<![0-9.])-?[0-9](?:\.[0-9]+)?[eE]\+?0?[0-9](?![0-9])")
# Numbers below this are none of a place; so small ones are everywhere among zero bytes.
SMALLEST_DOUBLE = 1e-4
Range = tuple[float, float, int]


def written(data: bytes, ranges: Sequence[Range]) -> Numbers:
    """Read the numbers with a decimal point that have more decimals than may be seen.

    Parameters
    ----------
    data : bytes
        Text in UTF-8 or any encoding that keeps ASCII.
    ranges : sequence of (from, to, decimals)
        Where coordinates lie, and how many decimals may be seen.

    Returns
    -------
    Numbers
        Those whose length before the point is that of a number in one of the ranges.
    """
    array = np.frombuffer(data, dtype=np.uint8)
    points = _points(array, 1 + min(decimals for *_, decimals in ranges))
    whole, begin, many = _whole(array, points)
    needed = np.full(MOST_WHOLE + 1, MOST_TOGETHER)
    for low, high, decimals in ranges:
        for size in range(_size(low, high)[0], _size(low, high)[1] + 1):
            needed[size] = min(needed[size], decimals + 1)
    fits = ~many & (_run(array, points, needed[whole]) >= needed[whole])
    points, whole, begin = points[fits], whole[fits], begin[fits]
    values, digits = _values(array, points, whole, begin)
    return _merged(
        Numbers(values, digits, points, REACH), _with_exponents(data), _without_points(data, ranges)
    )


def doubles(data: bytes, ranges: Sequence[Range]) -> list[Numbers]:
    """Read the 8-byte floats in the ranges, at any alignment: little endian ones, and big endian ones."""
    table = np.zeros(1 << 16, dtype=bool)
    for low, high, _ in ranges:
        for sign, least, most in ((0, low, high), (1 << 15, -high, -low)):
            if most >= SMALLEST_DOUBLE:
                ends = np.array([max(least, SMALLEST_DOUBLE), most], dtype="<f8")
                # The exponent and the first bits of the fraction: a few of the 65,536 there are.
                first, last = (ends.view("<u8") >> np.uint64(48)).tolist()
                table[sign + first : sign + last + 1] = True
    array = np.frombuffer(data, dtype=np.uint8)
    fewest = min(decimals for *_, decimals in ranges)
    swapped = table[np.arange(1 << 16, dtype="<u2").byteswap()]
    return [
        _doubles(array, _windows(array[6:], table), "<f8", fewest),
        _doubles(array, _windows(array[: len(array) - 6], swapped), ">f8", fewest),
    ]


def packed(integers: npt.NDArray[np.int64], decimals: int) -> Numbers:
    """Return pairs of integers (x, y), as a page packs them, as the numbers that they stand for."""
    values = integers.ravel().astype(np.float64) / 10.0**decimals
    digits, left = np.full(len(values), decimals, dtype=np.int64), integers.ravel().copy()
    _without_zeros(left, digits)
    return Numbers(values, digits, np.arange(len(values), dtype=np.int64), 1)


def any_scale(integers: npt.NDArray[np.int64]) -> list[Numbers]:
    """Return integers as the numbers that they could stand for, with 1 to 9 decimals."""
    places = np.arange(len(integers), dtype=np.int64)
    found = []
    for decimals in range(1, MOST_SCALE + 1):
        digits, left = np.full(len(integers), decimals, dtype=np.int64), integers.copy()
        _without_zeros(left, digits)
        found.append(Numbers(integers / 10.0**decimals, digits, places, 0))
    return found


def _without_points(data: bytes, ranges: Sequence[Range]) -> Numbers:
    """Read the whole numbers that are coordinates written without their decimal point: 1101234567."""
    array = np.frombuffer(data, dtype=np.uint8)
    steps = np.diff(_is_digit(array).view(np.int8), prepend=np.int8(0), append=np.int8(0))
    begins, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    kept = (ends - begins >= LEAST_WHOLE) & (ends - begins <= MOST_TOGETHER)
    begins, ends = begins[kept], ends[kept]
    # Digits beside a point are read with it.
    before, behind = array[np.maximum(begins - 1, 0)], array[np.minimum(ends, max(len(array) - 1, 0))]
    kept = ((before != POINT) | (begins == 0)) & ((behind != POINT) | (ends == len(array)))
    begins, ends, sign = begins[kept], ends[kept], np.where(before[kept] == MINUS, -1.0, 1.0)
    number = _digits(array, begins, ends - begins, np.zeros(len(begins), dtype=np.int64))
    parts = []
    for low, high, decimals in ranges:
        for size in range(_size(low, high)[0], _size(low, high)[1] + 1):
            digits = np.maximum(ends - begins - size, 0)
            values = sign * (number / 10.0**digits)
            fits = (digits > decimals) & (values >= low) & (values <= high)
            digits, left = digits[fits], number[fits]
            _without_zeros(left, digits)
            parts.append(Numbers(values[fits], digits, begins[fits], REACH))
    return _merged(*parts)


def _merged(*parts: Numbers) -> Numbers:
    joined = Numbers(
        np.concatenate([one.values for one in parts]),
        np.concatenate([one.digits for one in parts]),
        np.concatenate([one.places for one in parts]),
        REACH,
    )
    return joined.at(np.argsort(joined.places, kind="stable"))


def _size(low: float, high: float) -> tuple[int, int]:
    """Return how many digits before the point the numbers of a range have, at least and at most."""
    least = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    most = min(max(abs(low), abs(high)), 10.0**MOST_WHOLE - 1)
    return len(str(int(min(least, most)))), len(str(int(most)))


def _is_digit(array: Any) -> npt.NDArray[np.bool_]:
    return np.asarray((array - np.uint8(ZERO)) < 10)  # noqa: PLR2004 - bytes below "0" wrap around


def _points(array: Any, decimals: int) -> Ints:
    """Return where a decimal point has a digit before it and so many behind it."""
    at = np.flatnonzero(array[1 : max(len(array) - decimals, 0)] == POINT) + 1
    at = at[_is_digit(array[at - 1])]
    for step in range(1, decimals + 1):
        at = at[_is_digit(array[at + step])]
    return at


def _whole(array: Any, points: Ints) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Return how many digits stand before each point, where they begin, and whether there are too many."""
    size = np.ones(len(points), dtype=np.int64)
    going = np.ones(len(points), dtype=bool)
    for step in range(2, MOST_WHOLE + 2):
        before = points - step
        going &= (before >= 0) & _is_digit(array[np.maximum(before, 0)])
        size += going
    many = size > MOST_WHOLE
    # A point before the digits: a version or an address, and no number.
    first = points - size - 1
    many |= (first >= 0) & (array[np.maximum(first, 0)] == POINT)
    return np.minimum(size, MOST_WHOLE), points - size, many


def _run(array: Any, points: Ints, most: Any) -> Ints:
    """Return how many digits stand behind each point, counted up to `most`."""
    size = np.zeros(len(points), dtype=np.int64)
    going = np.ones(len(points), dtype=bool)
    for step in range(1, int(np.max(most, initial=0)) + 1):
        going &= points + step < len(array)
        going &= _is_digit(array[np.minimum(points + step, len(array) - 1)]) & (step <= most)
        size += going
    return size


def _values(array: Any, points: Ints, whole: Ints, begin: Ints) -> tuple[Floats, Ints]:
    number = _digits(array, begin, whole, np.zeros(len(points), dtype=np.int64))
    digits = _run(array, points, np.minimum(MOST_TOGETHER - whole, MOST_DECIMALS))
    number = _digits(array, points + 1, digits, number)
    _without_zeros(number, digits)
    sign = np.where((begin > 0) & (array[np.maximum(begin - 1, 0)] == MINUS), -1.0, 1.0)
    return sign * (number / 10.0**digits), digits


def _digits(array: Any, begins: Ints, sizes: Ints, number: Ints) -> Ints:
    """Append the digits that stand at some places to numbers."""
    for step in range(int(sizes.max(initial=0))):
        inside = step < sizes
        digit = array[np.where(inside, begins + step, 0)].astype(np.int64) - ZERO
        number = np.where(inside, number * 10 + digit, number)
    return number


def _without_zeros(number: Ints, digits: Ints) -> None:
    """Take zeros off the ends, in place."""
    for _ in range(int(digits.max(initial=0))):
        ends = (digits > 0) & (number % 10 == 0)
        if not ends.any():
            break
        number[ends] //= 10
        digits[ends] -= 1


def _with_exponents(data: bytes) -> Numbers:
    """Read the numbers that are written as 1.1e2."""
    array = np.frombuffer(data, dtype=np.uint8)
    marks = np.flatnonzero((array[1:-1] | np.uint8(0x20)) == ord("e")) + 1
    marks = marks[
        _is_digit(array[marks - 1]) & (_is_digit(array[marks + 1]) | (array[marks + 1] == ord("+")))
    ]
    found = []
    for at in marks.tolist():
        begin = max(0, at - 2 - MOST_TOGETHER)
        match = next((one for one in EXPONENT.finditer(data, begin, at + 5) if one.end() > at), None)
        if match is not None:
            fraction, _, exponent = match[0].lower().partition(b"e")
            decimals = len(fraction.partition(b".")[2].rstrip(b"0")) - int(exponent)
            if decimals > 0:
                found.append((float(match[0]), decimals, at))
    values, digits, places = ([one[part] for one in found] for part in range(3))
    whole = np.dtype(np.int64)
    return Numbers(
        np.array(values, dtype=np.float64),
        np.array(digits, dtype=whole),
        np.array(places, dtype=whole),
        REACH,
    )


def _windows(array: Any, table: npt.NDArray[np.bool_]) -> Ints:
    """Return where two bytes are one of the pairs in the table."""
    hits = [np.zeros(0, dtype=np.int64)]
    for begin in range(0, max(len(array) - 1, 0), CHUNK):
        part = array[begin : begin + CHUNK + 1].astype("<u2")
        hits.append(begin + np.flatnonzero(table[part[:-1] | (part[1:] << 8)]))
    return np.concatenate(hits)


def _doubles(array: Any, places: Ints, form: str, least: int) -> Numbers:
    places = places[places + 8 <= len(array)]
    raw = array[places[:, None] + np.arange(8)]
    values = np.ascontiguousarray(raw).view(form).ravel().astype(np.float64)
    # As many decimals as the float needs; a rounded coordinate needs few.
    digits = np.full(len(values), FINEST_DEGREE + 1, dtype=np.int64)
    open_ = np.arange(len(values))
    for count in range(FINEST_DEGREE + 1):
        if not len(open_):
            break
        near = np.abs(np.round(values[open_], count) - values[open_]) <= 2 * np.spacing(np.abs(values[open_]))
        digits[open_[near]] = count
        open_ = open_[~near]
    kept = digits > least
    return Numbers(values[kept], digits[kept], places[kept], 8)
