"""dBase tables, byte by byte: a shapefile's attributes.

GDAL decodes texts by a ``.cpg`` or language byte that is often wrong, and gives numbers of more than 15
digits as floats. Here every text is the bytes that stand in the file, and every number its digits. The
layout is that of dBase III (the ESRI Shapefile Technical Description, 1998, refers to it), with the binary
columns of Visual FoxPro.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

HEADER, FIELD = 32, 32
END = 0x0D
LANGUAGE = 29
DELETED = ord("*")
# Language bytes (LDID) that name an encoding; 0 and the rest say nothing.
LANGUAGES = {
    0x4D: "gbk",
    0x4E: "cp949",
    0x4F: "big5",
    0x7B: "cp932",
    0x7A: "gbk",
    0x57: "cp1252",
    0xC9: "cp1251",
}
GBK_LANGUAGE = 0x4D
NAME_BYTES, TEXT_BYTES, MOST_FIELDS = 10, 254, 255
FOXPRO = {0x30, 0x31, 0x32}
LEVEL_7 = 0x04
# Bits of a column's flags.
SYSTEM, NULLABLE = 0x01, 0x02
INTEGER = re.compile(rb"[+-]?[0-9]+")
REAL = re.compile(rb"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
# Over nothing but these, Python's own converters are exact.
PLAIN_INTEGERS, PLAIN_REALS = re.compile(rb"[0-9\- \0\n]*"), re.compile(rb"[0-9\-. \0\n]*")
LONGEST_NUMBER = 300
DAY = re.compile(rb"([0-9]{4})([0-9]{2})([0-9]{2})")
TRUTH = {**dict.fromkeys((b"T", b"t", b"Y", b"y"), True), **dict.fromkeys((b"F", b"f", b"N", b"n"), False)}
BLANK = b" \0"
# From day 1 of the Julian calendar's count to day 1 of Python's.
JULIAN = 1_721_425
PER_SECOND, MONEY = 1000, 10_000


class DamagedError(ValueError):
    """The bytes are not a dBase table; the text says why."""


class Odd:
    """A cell that is no value of its column's type; the text says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


WRONG = Odd("is not of its column's type")
MEMO = Odd("is a memo, kept in another file (.dbt, .fpt), which is not read")
UNREAD = Odd("is of a binary type that is not read")


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its name and texts are still bytes."""

    name: bytes
    sort: str
    width: int
    decimals: int = 0
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A dBase table.

    Parameters
    ----------
    fields : tuple of Field
        The columns.
    cells : tuple of list
        Column by column: bytes for texts, else int, float, bool, an ISO day, None; an `Odd` for what is none.
    numbers : list of int
        The number of each record, from 0; deleted ones are left out.
    count : int
        Records with the deleted ones.
    language : int
        The language byte.
    starred : tuple of int
        Column by column, how many numbers are stars.
    """

    fields: tuple[Field, ...]
    cells: tuple[list[Any], ...]
    numbers: list[int]
    count: int
    language: int
    starred: tuple[int, ...]


def read(data: bytes) -> Table:
    """Read a table.

    Raises
    ------
    DamagedError
        If the file is cut short or is something else.
    """
    fields, block = layout(data)
    numbers = np.flatnonzero(block[:, 0] != DELETED)
    held = list(zip(fields, parts(fields, block[numbers]), strict=True))
    foxpro = data[0] in FOXPRO
    cells = [_cells(one, part, foxpro=foxpro) for one, part in held]
    _take_nulls(held, cells)
    kept = [at for at, one in enumerate(fields) if not one.flags & SYSTEM and one.sort != "0"]
    return Table(
        tuple(fields[at] for at in kept),
        tuple(cells[at] for at in kept),
        numbers.tolist(),
        len(block),
        data[LANGUAGE],
        tuple(_stars(*held[at]) for at in kept),
    )


def layout(data: bytes) -> tuple[tuple[Field, ...], Any]:
    """Return the columns, and the records as an array of bytes; the first of each says if it is deleted.

    Raises
    ------
    DamagedError
        If the file is cut short or is something else.
    """
    if len(data) < HEADER + 1:
        raise DamagedError("it is shorter than its own header")
    if data[0] & 0x07 == LEVEL_7:
        raise DamagedError("it is of dBase level 7, which is not read")
    count, start, width = struct.unpack_from("<IHH", data, 4)
    fields = _fields(data, start, width)
    if len(data) < start + count * width:
        raise DamagedError("it holds fewer records than its header says")
    block = np.frombuffer(data, dtype=np.uint8, count=count * width, offset=start)
    return fields, block.reshape(count, width)


def parts(fields: Sequence[Field], block: Any) -> list[Any]:
    """Return the bytes of each column as an array with a row for each record."""
    return [
        np.ascontiguousarray(block[:, at : at + one.width])
        for one, at in zip(fields, _offsets(fields), strict=True)
    ]


def write(fields: Sequence[Field], cells: Sequence[Sequence[bytes]], *, rows: int, language: int) -> bytes:
    """Return a table of cells that are bytes, each as wide as its column; the date in its header is fixed."""
    start = HEADER + FIELD * len(fields) + 1
    width = 1 + sum(one.width for one in fields)
    head = struct.pack("<4BIHH16xBB2x", 0x03, 100, 1, 1, rows, start, width, 0, language)
    named = b"".join(
        struct.pack("<11sc4xBB14x", one.name, one.sort.encode(), one.width, one.decimals) for one in fields
    )
    block = np.full((rows, width), ord(" "), dtype=np.uint8)
    for one, at, column in zip(fields, _offsets(fields), cells, strict=True):
        block[:, at : at + one.width] = np.frombuffer(b"".join(column), dtype=np.uint8).reshape(
            rows, one.width
        )
    return head + named + bytes([END]) + block.tobytes() + b"\x1a"


def byte_cells(part: Any) -> list[bytes]:
    """Return the rows of an array of bytes, without the NULs at their ends."""
    rows, width = part.shape
    return part.view(f"S{width}").ravel().tolist() if rows and width else [b""] * rows


def texts(cells: Sequence[bytes]) -> list[bytes | None]:
    """Return texts without the blanks that fill their column, and without what stands behind a NUL."""
    if any(b"\0" in cell for cell in cells):
        cells = [cell.split(b"\0", 1)[0] for cell in cells]
    return [cell.rstrip(b" ") or None for cell in cells]


def numbers(cells: Sequence[bytes]) -> list[Any]:
    """Return numbers: int where there is no fraction, every digit kept; None for blanks and for stars."""
    joined = b"\n".join(cells)
    if max(map(len, cells), default=0) < LONGEST_NUMBER:
        for plain, convert in ((PLAIN_INTEGERS, int), (PLAIN_REALS, float)):
            if plain.fullmatch(joined) and (
                convert is int or all(b"." in cell or not cell.strip(BLANK) for cell in cells)
            ):
                try:
                    return [convert(cell.strip(BLANK)) if cell.strip(BLANK) else None for cell in cells]
                except ValueError:
                    break
    return [_number(cell) for cell in cells]


def _fields(data: bytes, start: int, width: int) -> tuple[Field, ...]:
    # FoxPro writes widths of texts above 255 with the decimals as the high byte; others leave noise there.
    for wide in (True, False):
        found: list[Field] = []
        at = HEADER
        while at + FIELD <= min(start, len(data)) and data[at] != END:
            name = data[at : at + 11].split(b"\0", 1)[0]
            sort, size, decimals, flags = chr(data[at + 11]), data[at + 16], data[at + 17], data[at + 18]
            size += 256 * decimals if sort == "C" and wide else 0
            found.append(Field(name, sort, size, decimals, flags))
            at += FIELD
        if found and width == 1 + sum(one.width for one in found):
            return tuple(found)
    raise DamagedError("its columns do not add up to the width of a record")


def _offsets(fields: Sequence[Field]) -> list[int]:
    return list(itertools.accumulate((one.width for one in fields[:-1]), initial=1))


def _cells(one: Field, part: Any, *, foxpro: bool) -> list[Any]:
    binary = BINARY.get((one.sort, one.width))
    if binary is not None and (foxpro or one.sort == "I"):
        return binary(part)
    if one.sort in MEMOS:
        return [MEMO if cell.strip(BLANK) else None for cell in byte_cells(part)]
    if one.sort in CONVERTERS:
        return CONVERTERS[one.sort](byte_cells(part))
    return [UNREAD if cell.strip(BLANK) else None for cell in byte_cells(part)]


def _take_nulls(held: Sequence[tuple[Field, Any]], cells: list[list[Any]]) -> None:
    """Obey Visual FoxPro's hidden column of bits: which cells are null, which texts do not fill theirs."""
    flags = next((part for one, part in held if one.sort == "0"), None)
    if flags is None:
        return
    bits = np.unpackbits(flags, axis=1, bitorder="little").astype(bool)
    at = 0
    for place, (one, part) in enumerate(held):
        if one.sort in {"V", "Q"}:
            for row in np.flatnonzero(_bit(bits, at)).tolist():
                length = int(part[row, -1])
                cells[place][row] = (
                    part[row, : min(length, one.width - 1)].tobytes() if one.sort == "V" else UNREAD
                )
            at += 1
        if one.flags & NULLABLE:
            for row in np.flatnonzero(_bit(bits, at)).tolist():
                cells[place][row] = None
            at += 1


def _bit(bits: Any, at: int) -> Any:
    return bits[:, at] if at < bits.shape[1] else np.zeros(len(bits), dtype=bool)


def _stars(one: Field, part: Any) -> int:
    if one.sort not in {"N", "F"} or not one.width:
        return 0
    return int(np.count_nonzero((part == ord("*")).any(axis=1)))


def _number(cell: bytes) -> Any:
    text = cell.strip(BLANK)
    # Stars are a number that did not fit its column, or how ArcGIS says that there is none.
    if not text or set(text) <= {ord("*")}:
        return None
    if INTEGER.fullmatch(text):
        return int(text)
    return float(text) if REAL.fullmatch(text) else WRONG


def _day(cell: bytes) -> Any:
    text = cell.strip(BLANK)
    if not text or set(text) == {ord("0")}:
        return None
    found = DAY.fullmatch(text)
    return "-".join(part.decode() for part in found.groups()) if found else WRONG


def _truth(cell: bytes) -> Any:
    text = cell.strip(b" \0?")
    return TRUTH.get(text, WRONG) if text else None


def _money(part: Any) -> list[Any]:
    whole = part.view("<i8").ravel().tolist()
    return [value // MONEY if value % MONEY == 0 else value / MONEY for value in whole]


def _moments(part: Any) -> list[Any]:
    return [_moment(day, milliseconds) for day, milliseconds in part.view("<i4").reshape(-1, 2).tolist()]


def _moment(day: int, milliseconds: int) -> Any:
    if not day:
        return None
    try:
        begin = dt.datetime.fromordinal(day - JULIAN)
        made = begin + dt.timedelta(seconds=round(milliseconds / PER_SECOND))
    except (ValueError, OverflowError):
        return WRONG
    return made.date().isoformat() if made == begin else made.isoformat()


CONVERTERS: dict[str, Callable[[list[bytes]], list[Any]]] = {
    "C": texts,
    "V": texts,
    "N": numbers,
    "F": numbers,
    "D": lambda cells: [_day(cell) for cell in cells],
    "L": lambda cells: [_truth(cell) for cell in cells],
}
MEMOS = {"M", "G", "P", "W", "B"}
BINARY: dict[tuple[str, int], Callable[[Any], list[Any]]] = {
    ("I", 4): lambda part: part.view("<i4").ravel().tolist(),
    ("B", 8): lambda part: part.view("<f8").ravel().tolist(),
    ("Y", 8): _money,
    ("T", 8): _moments,
}
