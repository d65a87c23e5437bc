"""Excel workbooks: one sheet, read as the spreadsheet shows it, written so that nothing in it runs.

Texts are cells of type text, in the format of texts: a spreadsheet runs none of them, also when one is typed
anew. Numbers that Excel would cut (from sixteen digits on) and days before March 1900 are texts, too; see
`cell_texts` for what stands between a text and its cell. The headers of positions say what they are in
(``lon_wgs84``). openpyxl makes the workbook; its cells are written by us, since openpyxl cuts numbers to
sixteen digits, takes a text that begins with ``=`` for a formula, and needs a minute for a million cells.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import geopandas as gpd

from gridmap.errors import ConfigError
from gridmap.exchange.cell_texts import continued, pieces
from gridmap.exchange.cells import attributes, plain
from gridmap.exchange.format import Format, RawTable, ReadRequest, WriteRequest
from gridmap.exchange.formats.csv import geometry_cells
from gridmap.exchange.ooxml import opened_workbook
from gridmap.exchange.sheet_cells import EXACT, LAST_COLUMN, LAST_ROW, column_letters
from gridmap.exchange.sheets import sheet_table

MAGIC = b"PK\x03\x04"
# What a spreadsheet would take for a formula if it were typed.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
# Excel's calendar holds a day of 1900 that never was.
FIRST_DAY = dt.date(1900, 3, 1)
DAY_ZERO = dt.date(1899, 12, 30)
LONGEST_TITLE = 31
# No clock in what is written: the same rows are the same bytes.
FIXED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the properties of a workbook have no time zone
FIXED_ENTRY = (1980, 1, 1, 0, 0, 0)
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
DIMENSION = re.compile(rb"<dimension [^>]*/>")
CORE, SHEET = "docProps/core.xml", "xl/worksheets/sheet1.xml"


@dataclass(frozen=True, slots=True)
class _Styles:
    """The numbers of the styles that cells have."""

    text: int
    formula: int
    day: int


def read(path: Path, request: ReadRequest) -> RawTable:
    """Read a sheet of a workbook; rows are numbered as the spreadsheet shows them."""
    _need_openpyxl()
    with opened_workbook(path) as book:
        return sheet_table(book, request)


def write(request: WriteRequest) -> bytes:
    """Return a table as a workbook of one sheet.

    Raises
    ------
    ConfigError
        GM106 if it has more rows or columns than a sheet; GM111 without openpyxl.
    """
    _need_openpyxl()
    import openpyxl  # noqa: PLC0415

    columns = _columns(request)
    count = len(request.frame)
    if count >= LAST_ROW or len(columns) > LAST_COLUMN:
        raise ConfigError(
            "GM106",
            f"the table has {count:,} rows and {len(columns):,} columns; a sheet holds {LAST_ROW - 1:,} rows "
            f"and {LAST_COLUMN:,} columns",
            where=f"the table {request.table}",
            fix="write GeoPackage or CSV",
        )
    book = openpyxl.Workbook()
    book.properties.creator = "gridmap"
    book.properties.created = FIXED
    sheet: Any = book.active
    sheet.title = request.table[:LONGEST_TITLE]
    styles = _Styles(
        _styled(sheet, 1, "@"), _styled(sheet, 2, "@", quoted=True), _styled(sheet, 3, "yyyy-mm-dd")
    )
    stream = io.BytesIO()
    book.save(stream)
    return _filled(stream.getvalue(), _rows(columns, styles))


def looks_right(head: bytes) -> bool:
    """Say whether the file begins like a ZIP archive; a workbook with a password is none."""
    return head.startswith(MAGIC)


def _need_openpyxl() -> None:
    try:
        import openpyxl  # noqa: F401, PLC0415
    except ImportError as error:
        raise ConfigError(
            "GM111",
            "Excel files need the library openpyxl, which is not installed",
            where="*.xlsx",
            fix="pip install 'gridmap[excel]'",
        ) from error


def _columns(request: WriteRequest) -> dict[str, Sequence[Any]]:
    """Return the cells by header: texts, numbers, booleans, days, None."""
    table = attributes(request.frame)
    columns: dict[str, Sequence[Any]] = {}
    for name in table.columns:
        cells = plain(table[name])
        if table[name].dtype.kind == "M":
            cells = [None if cell is None else _day(cell) for cell in cells]
        columns |= _laid_out(str(name), cells)
    if isinstance(request.frame, gpd.GeoDataFrame):
        for name, texts in geometry_cells(request, taken=set(columns)).items():
            shapes = name.startswith("wkt")
            columns |= _laid_out(
                name, [None if not text else text if shapes else float(text) for text in texts]
            )
    return columns


def _day(text: str) -> dt.date | str:
    day = dt.date.fromisoformat(text)
    return day if day >= FIRST_DAY else text


def _laid_out(name: str, cells: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Return a column, and those on which its long texts go on."""
    made = [_cell_values(cell) for cell in cells]
    most = max(map(len, made), default=1)
    headers = [name, *(continued(name, number) for number in range(2, most + 1))]
    return {header: [one[at] if at < len(one) else None for one in made] for at, header in enumerate(headers)}


def _cell_values(cell: Any) -> Sequence[Any]:
    """Return a value as a cell's, or as those of several where it is too long for one; texts escaped."""
    if isinstance(cell, str):
        return pieces(cell)
    if cell is None or isinstance(cell, (bool, dt.date)):
        return (cell,)
    if isinstance(cell, (int, float)) and abs(cell) < EXACT:
        return (cell,)
    return pieces(str(cell))


def _styled(sheet: Any, column: int, form: str, *, quoted: bool = False) -> int:
    """Give a cell a style that the workbook then has; return its number."""
    cell = sheet.cell(1, column)
    cell.number_format = form
    cell.quotePrefix = quoted
    return int(cell.style_id)


def _rows(columns: dict[str, Sequence[Any]], styles: _Styles) -> Iterator[str]:
    """Give the rows of the sheet, the header first, as its XML has them."""

    def cell(place: str, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            style = styles.formula if value.startswith(FORMULA) else styles.text
            text = escape(value)
            return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        if isinstance(value, bool):
            return f'<c r="{place}" t="b"><v>{value:d}</v></c>'
        if isinstance(value, dt.date):
            return f'<c r="{place}" s="{styles.day}"><v>{(value - DAY_ZERO).days}</v></c>'
        number = int(value) if isinstance(value, int) else float(value)
        return f'<c r="{place}"><v>{number!r}</v></c>'

    letters = [column_letters(number) for number in range(1, len(columns) + 1)]
    header = [pieces(name)[0] for name in columns]
    for row, values in enumerate(chain([header], zip(*columns.values(), strict=True)), start=1):
        cells = "".join(cell(f"{one}{row}", value) for one, value in zip(letters, values, strict=True))
        yield f'<row r="{row}">{cells}</row>'


def _filled(data: bytes, rows: Iterator[str]) -> bytes:
    """Return a workbook with rows in its sheet, and with the same dates at any time."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(stream, "w") as made:
        for name in given.namelist():
            info = zipfile.ZipInfo(name, FIXED_ENTRY)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            part = given.read(name)
            if name == CORE:
                part = MODIFIED.sub(rb"\g<1>" + FIXED.isoformat().encode("ascii") + b"Z", part)
            with made.open(info, "w", force_zip64=name == SHEET) as entry:
                if name != SHEET:
                    entry.write(part)
                    continue
                head, _, tail = DIMENSION.sub(b"", part).partition(b"<sheetData>")
                entry.write(head + b"<sheetData>")
                for row in rows:
                    entry.write(row.encode("utf-8", "surrogatepass"))
                entry.write(tail[tail.index(b"</sheetData>") :])
    return stream.getvalue()


FORMAT = Format(
    "xlsx", "Excel", (".xlsx", ".xlsm"), looks_right, read, write, says_datum=True, only_read=(".xlsm",)
)
