"""CSV and TSV: every cell is text, the first row names the columns.

The encoding is decided from the bytes, the delimiter from the header line. A row with more or fewer cells
than the header is told, not guessed at. Written with a byte order mark (spreadsheets take it for UTF-8) and
CRLF, as RFC 4180 has it. A cell that a spreadsheet would run as a formula gets an apostrophe in front, and so
does a text that is empty (an empty cell is a missing value) or that already looks guarded: reading takes
exactly one apostrophe away again, so nothing is lost. The headers of positions say what they are in
(``lon_wgs84``).
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.errors import ConfigError
from gridmap.exchange import encodings
from gridmap.exchange.cells import attributes, drawable, plain
from gridmap.exchange.format import Format, RawTable, ReadRequest, WriteRequest, unreadable
from gridmap.exchange.totals import is_total
from gridmap.geo.datum import position_columns

# Excel and LibreOffice run cells that begin so; in East Asian locales the full-width signs, too.
GUARDED = re.compile(r"'*($|[=+\-@\t\r\n＝＋－＠])")
UNGUARDED = re.compile(r"'+($|[=+\-@\t\r\n＝＋－＠])")
LONGEST_CELL = 2**31 - 1
DELIMITERS = ",;\t|"
Geoms = np.ndarray[Any, np.dtype[np.object_]]


def guard(text: str) -> str:
    """Return a text as a cell that no spreadsheet runs and that `unguard` gives back exactly."""
    return f"'{text}" if GUARDED.match(text) else text


def unguard(cell: str) -> str:
    """Take away the apostrophe that `guard` put in front."""
    return cell[1:] if UNGUARDED.match(cell) else cell


@dataclass
class _Rows:
    """What was read line by line."""

    records: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    faults: list[tuple[int, str, str]] = field(default_factory=list)
    left_out: list[tuple[int, str]] = field(default_factory=list)


def read(path: Path, request: ReadRequest, *, delimiters: str = DELIMITERS) -> RawTable:
    """Read a table of texts; an empty cell is None."""
    text, decision = _decoded(path, request)
    delimiter, first, body = _delimiter(text, path, delimiters)
    header, found = _rows(body, delimiter, first, path)
    # Transposed at once: a million rows as lists of cells would be held twice otherwise.
    columns = dict(zip(header, _transposed(found.records, len(header)), strict=True))
    found.records.clear()
    cleaned: dict[str, Sequence[Any]] = {}
    for name in header:
        cells = columns.pop(name)
        guarded = "'" in "".join(cells)
        cleaned[name] = [_cell(cell) for cell in cells] if guarded else [cell or None for cell in cells]
    return RawTable(
        cleaned,
        None,
        None,
        np.asarray(found.numbers, dtype=np.int64),
        "row",
        tuple(found.faults),
        left_out=tuple(found.left_out),
        notes=decision.notes,
        encoding=decision.encoding,
    )


def write(request: WriteRequest) -> bytes:
    """Return a table as CSV."""
    table = attributes(request.frame)
    cells: dict[str, list[str]] = {name: _texts(table[name]) for name in table.columns}
    if isinstance(request.frame, gpd.GeoDataFrame):
        cells |= geometry_cells(request, taken=set(cells))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(cells)
    writer.writerows(zip(*cells.values(), strict=True))
    text = stream.getvalue()
    try:
        return text.encode("utf-8-sig" if request.encoding == "utf-8" else request.encoding)
    except UnicodeEncodeError as error:
        raise ConfigError(
            "GM106",
            f"{request.encoding} does not have every character of the table",
            where="--encoding",
            fix="write --encoding gb18030, or leave it out for UTF-8",
        ) from error


def looks_right(head: bytes) -> bool:
    """Refuse what is plainly something else: markup, archives, databases."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return (wide or b"\0" not in head) and not start.startswith(
        (b"<", b"PK\x03\x04", b"{", b"%PDF", b"SQLite format 3")
    )


def geometry_cells(request: WriteRequest, *, taken: set[str]) -> dict[str, list[str]]:
    """Return the columns that hold positions, by headers that say what these are in."""
    geoms = drawable(request.frame.geometry.to_numpy())
    kinds = set(np.unique(shapely.get_type_id(geoms)).tolist())
    first, second = position_columns(request.crs)
    pair = {first, second}.isdisjoint(taken)
    if pair and kinds <= {-1, int(shapely.GeometryType.POINT)} and not shapely.is_empty(geoms).any():
        xs, ys = shapely.get_x(geoms), shapely.get_y(geoms)
        return {first: _numbers(xs, request.decimals), second: _numbers(ys, request.decimals)}
    texts = shapely.to_wkt(geoms, rounding_precision=request.decimals, trim=True)
    return {f"wkt_{first.partition('_')[2]}": ["" if text is None else str(text) for text in texts]}


def _decoded(path: Path, request: ReadRequest) -> tuple[str, encodings.Decision]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, "the file cannot be read", "give a file that you may read") from error
    mark = encodings.bom_of(data)
    if mark is not None:
        name, length = mark
        decision = encodings.Decision(name, "byte order mark")
        data = data if name == "utf-16" else data[length:]
    else:
        headers = data[:LONGEST_HEADER].split(b"\n", 1)[:1]
        decision = encodings.decide([data], asked=request.encoding, where=path.name, headers=headers)
    try:
        text = data.decode(decision.encoding)
    except UnicodeDecodeError as error:
        what = f"the text is not {decision.encoding} (byte {error.start} and following)"
        raise unreadable(path, what, "save it as CSV UTF-8") from error
    if "\0" in text:
        raise unreadable(path, "the file holds NUL characters", "save it as CSV UTF-8")
    return text, decision


def _delimiter(text: str, path: Path, delimiters: str) -> tuple[str, int, str]:
    """Return the delimiter, the number of the header's row, and the text from there on."""
    first = 1
    told = re.match(r"sep=(.)\r?\n", text)
    if told:
        return told[1], 2, text[told.end() :]
    line = re.sub(r'"[^"]*"', "", text[:LONGEST_HEADER].split("\n", 1)[0].rstrip("\r"))
    counts = {one: line.count(one) for one in delimiters if one in line}
    if not counts:
        return delimiters[0], first, text
    best = sorted(counts, key=lambda one: -counts[one])
    if len(best) > 1 and counts[best[0]] == counts[best[1]]:
        named = " and ".join(repr(one) for one in best if counts[one] == counts[best[0]])
        raise unreadable(
            path, f"the columns could be separated by {named}", "write sep=, (or your sign) as the first line"
        )
    return best[0], first, text


LONGEST_HEADER = 200_000
FEWEST_HEADERS = 2


@contextlib.contextmanager
def _long_cells() -> Iterator[None]:
    """Lift the csv module's limit of 131,072 characters a cell: a township's WKT is longer."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _rows(text: str, delimiter: str, first: int, path: Path) -> tuple[list[str], _Rows]:
    found = _Rows()
    began = first
    try:
        with _long_cells():
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            header = _header(next(reader, []), path)
            width = len(header)
            for number, record in enumerate(reader, start=first + 1):
                began = number
                if len(record) == width and any(record) and not is_total(record):
                    found.records.append(record)
                    found.numbers.append(number)
                else:
                    _odd(record, width, number, found)
    except csv.Error as error:
        what = f"not a CSV file: {error} after row {began}"
        raise unreadable(path, what, "close the quotes that open there, or export it again as CSV") from error
    return header, found


def _odd(record: list[str], width: int, number: int, found: _Rows) -> None:
    """Look after a row that is blank, a total, or of another width than the header."""
    if not any(cell.strip() for cell in record):
        found.left_out.append((number, "is blank"))
    elif is_total(record):
        found.left_out.append((number, "is a total"))
    else:
        reason = f"has {len(record)} cells and the header has {width}"
        found.faults.append((len(found.numbers), "(row)", reason))
        found.records.append([*record, *[""] * width][:width])
        found.numbers.append(number)


def _header(names: list[str], path: Path) -> list[str]:
    cleaned = [name.strip() for name in names]
    if not any(cleaned):
        raise unreadable(path, "the file is empty", "give a file with a header row")
    twice = sorted(name for name, times in Counter(cleaned).items() if times > 1)
    if twice:
        if twice == [""] and len(cleaned) - Counter(cleaned)[""] < FEWEST_HEADERS:
            what = "the first line is a title, and no header"
            raise unreadable(path, what, "delete the lines above the header, or save the table as .xlsx")
        named = ", ".join(name or "(no name)" for name in twice)
        raise unreadable(path, f"columns stand there twice: {named}", "give every column a name of its own")
    return cleaned


def _transposed(records: list[list[str]], width: int) -> list[Sequence[str]]:
    return list(zip(*records, strict=True)) if records else [()] * width


def _cell(cell: str) -> str | None:
    if not cell:
        return None
    return unguard(cell) if cell[0] == "'" else cell


def _texts(column: Any) -> list[str]:
    def text(cell: Any) -> str:
        if cell is None:
            return ""
        if isinstance(cell, bool):
            return "true" if cell else "false"
        return guard(cell) if isinstance(cell, str) else repr(cell)

    return [text(cell) for cell in plain(column)]


def _numbers(values: Any, decimals: int) -> list[str]:
    return ["" if value != value else f"{value:.{decimals}f}" for value in values.tolist()]  # noqa: PLR0124 - NaN


FORMAT = Format("csv", "CSV", (".csv",), looks_right, read, write, says_datum=True, chosen_encoding=True)
TSV = Format("tsv", "TSV", (".tsv", ".tab.txt"), looks_right, partial(read, delimiters="\t"), None)
