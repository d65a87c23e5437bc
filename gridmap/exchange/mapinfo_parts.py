"""All of a MapInfo table but its shapes: what a ``.tab`` says, the head of a ``.mif``, the cells of both.

The values stand in a dBase-like ``.dat``, binary where the ``.tab`` names a binary type, or in a ``.mid``,
which is text. Here every text is the bytes that stand in the file. Whatever a ``.tab`` says beyond the plain
description of a table of its own (links, views, tables of other programs, seamless tables) is refused: it
names other files.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gridmap.errors import InputError
from gridmap.exchange import dbf, mapinfo_cells

CHARSETS = {
    "windowssimpchinese": "gbk",
    "windowstradchinese": "big5",
    "windowsjapanese": "cp932",
    "windowskorean": "cp949",
    "windowsthai": "cp874",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    **{
        f"windows{name}": f"cp125{number}"
        for name, number in {
            "latin2": 0,
            "cyrillic": 1,
            "latin1": 2,
            "greek": 3,
            "turkish": 4,
            "hebrew": 5,
            "arabic": 6,
            "baltic": 7,
            "vietnamese": 8,
        }.items()
    },
    **{f"iso8859_{number}": f"iso8859-{number}" for number in range(1, 10)},
    **{
        f"codepage{number}": f"cp{number}"
        for number in (437, 850, 852, 855, 857, 860, 861, 863, 864, 865, 869)
    },
}
MARK = b"\xef\xbb\xbf"
# Of texts as Latin-1: other white space there is half of a Chinese character.
BLANK, LINE_END = " \t\r\n", re.compile("\r\n|\r|\n")
SORTS = "Char|Integer|SmallInt|LargeInt|Decimal|Float|DateTime|Date|Time|Logical"
COLUMN = re.compile(
    rf'\s*"?(.+?)"?\s+({SORTS})\s*(?:\(\s*(\d{{1,5}})\s*(?:,\s*(\d{{1,5}})\s*)?\))?\s*(?:Index\s+\d+)?\s*;?\s*',
    re.IGNORECASE | re.ASCII,
)
# Besides the type: everything that a table of its own may say. None of it names a file.
HARMLESS = re.compile(
    r"\s*|!table|!(edit_)?version\s+\d+|!charset\s+\S+|Definition Table|Fields\s+\d+|ReadOnly",
    re.IGNORECASE | re.ASCII,
)
TYPE = re.compile(r'Type\s+(\w+)(?:\s+Charset\s+"?([^"\s]*)"?)?', re.IGNORECASE | re.ASCII)
SEAMLESS = re.compile(r'"\\IsSeamless"\s*=\s*"TRUE"', re.IGNORECASE | re.ASCII)
HEAD = re.compile(
    r"(Version|Charset|Delimiter|Unique|Index|CoordSys|Transform|Columns|Data)\b\s*(.*)",
    re.IGNORECASE | re.ASCII,
)
# What a CoordSys may be made of; it goes to GDAL as it is.
PLAIN = re.compile(r"[ -~\t]*")
BINARY = {
    "integer": 4,
    "smallint": 2,
    "largeint": 8,
    "float": 8,
    "date": 4,
    "time": 4,
    "datetime": 8,
    "logical": 1,
}
NATIVE = "export it as a native MapInfo table (Save Copy As), with its .dat, .map and .id"


class DamagedError(ValueError):
    """A file is not what MapInfo writes; the text says why."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name is still bytes."""

    name: bytes
    sort: str
    width: int


@dataclass
class Described:
    """What a ``.tab`` or the head of a ``.mif`` says."""

    charset: str = ""
    columns: list[Column] = field(default_factory=list)
    delimiter: str = "\t"
    coordsys: str = ""
    transform: str = ""
    data: bytes = b""


def parse_tab(data: bytes, name: str) -> Described:
    """Return what a ``.tab`` says.

    Raises
    ------
    DamagedError
        If its columns cannot be understood.
    InputError
        GM205 if it is not a table of its own.
    """
    found = Described()
    wanted = 0
    for line in _own_lines(data, name):
        if wanted > len(found.columns):
            found.columns.append(_column(line))
        elif said := TYPE.fullmatch(line):
            if said[1].upper() != "NATIVE":
                raise _not_native(
                    name, f"a table of the type {said[1].upper()[:20]}, which is kept elsewhere"
                )
            found.charset = said[2] or found.charset
        elif not HARMLESS.fullmatch(line):
            raise _not_native(name, "more than a table of its own: a view, or a link to other files")
        elif line.lower().startswith("!charset"):
            found.charset = line.split()[1]
        elif line.lower().startswith("fields"):
            wanted = int(line.split()[1])
    if not found.columns or len(found.columns) != wanted:
        raise DamagedError("the .tab does not describe its columns")
    return found


def parse_mif(data: bytes) -> Described:
    """Return what the head of a ``.mif`` says, and what stands behind it.

    Raises
    ------
    DamagedError
        If it cannot be understood.
    """
    found = Described()
    wanted = 0
    stream = io.BytesIO(data.removeprefix(MARK))
    said = {"charset": "", "delimiter": '"\t"', "coordsys": "", "transform": ""}
    last = ""
    for raw in stream:
        line = raw.decode("latin-1").strip(BLANK)
        if wanted > len(found.columns):
            found.columns.append(_column(line))
            continue
        word = HEAD.fullmatch(line)
        if word is None:
            # A statement may go on in the next line.
            if last in said:
                said[last] += f" {line}"
            continue
        last = word[1].lower()
        if last == "data":
            break
        if last == "columns":
            wanted = _count(word[2])
        elif last in said:
            said[last] = word[2]
    else:
        raise DamagedError("the .mif has no data")
    found.charset = said["charset"].strip('" ')
    found.delimiter = said["delimiter"].strip().strip('"') or "\t"
    found.coordsys, found.transform, found.data = said["coordsys"], said["transform"], stream.read()
    if len(found.delimiter) != 1 or not (
        PLAIN.fullmatch(found.coordsys) and PLAIN.fullmatch(found.transform)
    ):
        raise DamagedError("the head of the .mif cannot be understood")
    return found


def dat_cells(columns: Sequence[Column], data: bytes) -> tuple[list[list[Any]], Any]:
    """Return the cells of a ``.dat``, column by column, and the byte before each record (a star: deleted).

    Raises
    ------
    DamagedError
        If it is damaged, or of another table.
    """
    try:
        fields, block = dbf.layout(data)
    except dbf.DamagedError as error:
        raise DamagedError(f"the .dat is damaged: {error}") from error
    widths = [BINARY.get(one.sort, one.width) for one in columns]
    if widths != [one.width for one in fields]:
        raise DamagedError("the .dat has other columns than the .tab")
    parts = dbf.parts(fields, block)
    cells = [mapinfo_cells.NATIVE[one.sort](part) for one, part in zip(columns, parts, strict=True)]
    return cells, block[:, 0]


def mid_cells(found: Described, data: bytes) -> tuple[list[list[Any]], dict[int, int]]:
    """Return the cells of a ``.mid``, column by column, and how many each row has that has not one for each.

    Raises
    ------
    DamagedError
        If it cannot be understood.
    """
    # Latin-1 gives every byte back as it was.
    text = data.removeprefix(MARK).decode("latin-1")
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=found.delimiter))
    except csv.Error as error:
        raise DamagedError("the .mid cannot be understood: a quote is not closed") from error
    while records and not records[-1]:
        records.pop()
    width = len(found.columns)
    odd = {at: len(one) for at, one in enumerate(records) if len(one) != width}
    made = []
    for place, one in enumerate(found.columns):
        cells = [record[place].encode("latin-1") if place < len(record) else b"" for record in records]
        made.append(mapinfo_cells.TEXT[one.sort](cells))
    return made, odd


def _own_lines(data: bytes, name: str) -> list[str]:
    """Return the lines of a ``.tab`` up to its metadata, bytes as Latin-1."""
    lines = [line.strip(BLANK) for line in LINE_END.split(data.removeprefix(MARK).decode("latin-1"))]
    end = next((at for at, line in enumerate(lines) if line.lower() == "begin_metadata"), len(lines))
    if any(SEAMLESS.search(line) for line in lines[end:]):
        raise _not_native(name, "a seamless table, which is made of others")
    return lines[:end]


def _column(line: str) -> Column:
    found = COLUMN.fullmatch(line)
    if found is None:
        raise DamagedError("a column is described in a way that is not understood")
    return Column(found[1].encode("latin-1"), found[2].lower(), int(found[3] or 0))


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text.strip()):
        raise DamagedError("the head of the .mif cannot be understood")
    return int(text)


def _not_native(name: str, what: str) -> InputError:
    return InputError("GM205", f"the .tab describes {what}", where=name, fix=NATIVE)
