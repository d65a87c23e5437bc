"""The cells of one sheet of a workbook, as the spreadsheet shows them, without holding its XML.

A number becomes what its format makes of it (a day, a code with leading zeros), a formula its last value. No
value, an error, or digits that Excel threw away are a fault of the cell.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gridmap.exchange.cell_texts import cleaned, unescaped
from gridmap.exchange.number_formats import PLAIN, NumberFormat
from gridmap.exchange.ooxml import Attributes, TextCollector, Workbook

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)
RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?", re.ASCII)
TRUE, FALSE = {"1", "true"}, {"0", "false"}
# Excel keeps fifteen digits of a number.
EXACT = 10.0**15
INFINITE = float("inf")
# The day before 1900-03-01 that Lotus 1-2-3 invented.
NO_DAY = 60
NO_VALUE = "is a formula without a computed value (open the file in a spreadsheet and save it)"
AN_ERROR = "holds the error of a formula"
LOST = "has lost digits in Excel, which keeps fifteen of a number (keep codes as text)"
NOT_A_NUMBER = "is not the number that its cell says it is"
NOT_A_DAY = "is not a day of the calendar"
Place = tuple[int, int]
Rows = dict[int, dict[int, Any]]


@dataclass(slots=True)
class Grid:
    """What stands in a sheet.

    Parameters
    ----------
    rows : dict of int to dict
        Values by row and column, counted from 1; rows and cells in which nothing stands are not there.
    last : int
        The last row that the file speaks of, be it blank.
    faults : dict of (row, column) to str
        What is wrong with a cell.
    merges : list of (row, column, row, column)
        Cells that are merged: their first and their last.
    hidden_rows : set of int
        Rows with cells that are not shown.
    hidden_columns : list of (int, int)
        Columns that are not shown, first and last.
    formulas, trimmed : int
        How many cells hold formulas, and how many texts had blanks at their ends.
    """

    rows: Rows = field(default_factory=dict)
    last: int = 0
    faults: dict[Place, str] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    formulas: int = 0
    trimmed: int = 0


class _EnoughError(Exception):
    """As many rows as were wanted have been read."""


def read_grid(book: Workbook, part: str, *, most: int | None = None) -> Grid:
    """Read a sheet.

    Parameters
    ----------
    book : Workbook
        The workbook.
    part : str
        The part that holds the sheet.
    most : int, optional
        So many rows with something in them are enough; merged cells are not known then.

    Returns
    -------
    Grid
        Its cells.

    Raises
    ------
    InputError
        GM202 if the sheet is damaged.
    """
    sheet = _Sheet(book, most)
    with contextlib.suppress(_EnoughError):
        book.parts.walk(part, sheet.start, sheet.end, sheet.said)
    return sheet.grid


def column_letters(column: int) -> str:
    """Return what a spreadsheet calls a column: 28 is AB."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Return which column the letters mean, counted from 1; 0 if there is none."""
    number = 0
    for letter in letters:
        if not "A" <= letter <= "Z" or number > LAST_COLUMN:
            return 0
        number = number * 26 + ord(letter) - ord("A") + 1
    return number if number <= LAST_COLUMN else 0


class _Sheet:
    """A sheet while it is read: where the parser is, and what was found."""

    def __init__(self, book: Workbook, most: int | None) -> None:
        self.grid = Grid()
        self._book = book
        self._most = most
        self._columns: dict[str, int] = {}
        self._merged: set[Place] = set()
        self._row = 0
        self._row_text = ""
        self._cells: dict[int, Any] = {}
        self._column = 0
        self._in_cell = self._in_rows = False
        self._kind = self._style = ""
        self._formula = self._in_value = False
        self._value: list[str] = []
        self._strings = TextCollector()
        self._kinds: dict[str, Callable[[str], Any]] = {
            "": self._number,
            "n": self._number,
            "s": self._shared,
            "str": lambda text: self._text(unescaped(text)),
            "inlineStr": lambda _text: self._text(self._strings.taken()),
            "b": self._boolean,
            "e": self._error,
            "d": self._iso,
        }

    def start(self, name: str, attributes: Attributes) -> None:
        if self._in_cell:
            if name == "v":
                self._in_value = True
            elif name == "f":
                self._formula = True
            elif self._kind == "inlineStr":
                self._strings.start(name)
        elif not self._in_rows:
            self._around(name, attributes)
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._begin_row(attributes)

    def end(self, name: str) -> None:
        if self._in_cell:
            if name == "c":
                self._end_cell()
            elif name == "v":
                self._in_value = False
            elif self._kind == "inlineStr":
                self._strings.end(name)
        elif name == "row" and self._in_rows:
            if self._cells:
                self.grid.rows[self._row] = self._cells
                self._cells = {}
        elif name == "sheetData":
            self._in_rows = False

    def said(self, text: str) -> None:
        if self._in_value:
            self._value.append(text)
        elif self._in_cell:
            self._strings.said(text)

    def _around(self, name: str, attributes: Attributes) -> None:
        if name == "sheetData":
            self._in_rows = True
        elif name == "mergeCell":
            self.grid.merges.append(self._merge(attributes.get("ref", "")))
        elif name == "col" and attributes.get("hidden") in TRUE:
            span = [attributes.get(end, "") for end in ("min", "max")]
            if all(re.fullmatch("[0-9]{1,5}", one) for one in span):
                self.grid.hidden_columns.append((int(span[0]), int(span[1])))

    def _merge(self, ref: str) -> tuple[int, int, int, int]:
        found = RANGE.fullmatch(ref)
        if found is None:
            self._book.parts.damaged("the sheet merges cells that are not there, or twice")
        letters, row, last_letters, last_row = found.groups()
        first = (int(row), column_number(letters))
        last = (int(last_row), column_number(last_letters)) if last_letters else first
        if 0 in first or 0 in last or first in self._merged:
            self._book.parts.damaged("the sheet merges cells that are not there, or twice")
        self._merged.add(first)
        return (*first, *last)

    def _begin_row(self, attributes: Attributes) -> None:
        if self._most is not None and len(self.grid.rows) >= self._most:
            raise _EnoughError
        text = attributes.get("r", str(self._row + 1))
        number = int(text) if re.fullmatch("[0-9]{1,7}", text) else 0
        if not self._row < number <= LAST_ROW:
            self._book.parts.damaged("the rows of the sheet are numbered as no spreadsheet does")
        self._row = self.grid.last = number
        self._row_text, self._column = str(number), 0
        if attributes.get("hidden") in TRUE:
            self.grid.hidden_rows.add(number)

    def _begin_cell(self, attributes: Attributes) -> None:
        place = attributes.get("r")
        if place is None:
            self._column += 1
        else:
            letters = place.removesuffix(self._row_text)
            known = self._columns.get(letters)
            if known is None:
                known = self._columns[letters] = column_number(letters)
            self._column = known
        if not 0 < self._column <= LAST_COLUMN or self._column in self._cells:
            self._book.parts.damaged("a cell of the sheet stands where no spreadsheet has one")
        self._kind, self._style = attributes.get("t", ""), attributes.get("s", "")
        self._in_cell, self._formula = True, False
        self._value.clear()

    def _end_cell(self) -> None:
        self._in_cell = self._in_value = False
        text = "".join(self._value)
        read = self._kinds.get(self._kind)
        if read is None:
            self._book.parts.damaged("a cell of the sheet is of a type that Excel does not have")
        if self._formula:
            self.grid.formulas += 1
            if not text and self._kind in {"", "n", "b", "e"}:
                # There is something, though nobody knows what: the row is not blank.
                self._cells[self._column] = None
                self._fault(NO_VALUE)
                return
        value = read(text) if text or self._kind == "inlineStr" else None
        if value is not None:
            self._cells[self._column] = value

    def _fault(self, reason: str) -> None:
        self.grid.faults[self._row, self._column] = reason

    def _number(self, text: str) -> Any:
        text = text.strip()
        number = float(text) if NUMBER.fullmatch(text) else INFINITE
        if abs(number) == INFINITE:
            self._fault(NOT_A_NUMBER)
            return text
        shown = self._format()
        if shown.date or shown.elapsed:
            return self._moment(number, text, shown)
        return self._whole(number, text, shown) if number.is_integer() else number

    def _whole(self, number: float, text: str, shown: NumberFormat) -> Any:
        if abs(number) >= EXACT:
            self._fault(LOST)
            return text
        whole = int(number)
        if shown.zeros and whole >= 0:
            return shown.prefix + str(whole).zfill(shown.zeros)
        # Minus nothing is no code, and no integer either.
        return whole if whole or text[0] != "-" else number

    def _format(self) -> NumberFormat:
        formats = self._book.formats
        style = int(self._style) if self._style.isdecimal() and len(self._style) < 8 else 0  # noqa: PLR2004
        return formats[style] if style < len(formats) else PLAIN

    def _moment(self, serial: float, text: str, shown: NumberFormat) -> str:
        from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel  # noqa: PLC0415

        invented = not self._book.from_1904 and NO_DAY <= serial < NO_DAY + 1
        try:
            if shown.elapsed:
                seconds = round(abs(serial) * 86_400)
                sign = "-" if serial < 0 else ""
                return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
            moment = from_excel(serial, MAC_EPOCH if self._book.from_1904 else WINDOWS_EPOCH)
        except (ValueError, OverflowError):
            moment = None
        if moment is None or serial < 0 or invented:
            self._fault(NOT_A_DAY)
            return text
        return _iso_text(moment)

    def _iso(self, text: str) -> str:
        try:
            return _iso_text(dt.datetime.fromisoformat(text.removesuffix("Z")))
        except ValueError:
            return text

    def _shared(self, text: str) -> str | None:
        texts = self._book.texts
        at = int(text) if re.fullmatch("[0-9]{1,9}", text) else len(texts)
        if at >= len(texts):
            self._book.parts.damaged("a cell of the sheet names a text that is not there")
        value, trimmed = texts[at]
        self.grid.trimmed += trimmed
        return value

    def _text(self, text: str) -> str | None:
        value, trimmed = cleaned(text)
        self.grid.trimmed += trimmed
        return value

    def _boolean(self, text: str) -> Any:
        if text in TRUE or text in FALSE:
            return text in TRUE
        self._fault(NOT_A_NUMBER)
        return text

    def _error(self, text: str) -> str:
        self._fault(AN_ERROR)
        return text


def _iso_text(moment: Any) -> str:
    """Return a day where there is no time of day, as any value of a type here is written in ISO 8601."""
    if isinstance(moment, dt.datetime) and moment.time() == dt.time():
        return moment.date().isoformat()
    return str(moment.isoformat())
