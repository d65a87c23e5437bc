"""From the cells of a sheet to rows with headers; titles, blanks, totals and repeated headers are told."""

from __future__ import annotations

import bisect
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from gridmap.errors import InputError
from gridmap.exchange.cell_texts import CONTINUED
from gridmap.exchange.format import RawTable, ReadRequest
from gridmap.exchange.header_rows import HeaderRows, find_header, header_text, matches_well
from gridmap.exchange.ooxml import SheetPart, Workbook
from gridmap.exchange.sheet_cells import Grid, Place, Rows, read_grid
from gridmap.exchange.totals import FILLED_IN_A_TOTAL, is_total

# So many rows say whether a sheet has data and what its header is.
PEEKED_AT = 50
SHOWN = 20


@dataclass(slots=True)
class _Body:
    """The rows beneath the header, and what became of each."""

    numbers: list[int] = field(default_factory=list)
    records: list[Mapping[int, Any]] = field(default_factory=list)
    left_out: list[tuple[int, str]] = field(default_factory=list)


def sheet_table(book: Workbook, request: ReadRequest) -> RawTable:
    """Read the one sheet of a workbook that is meant.

    Parameters
    ----------
    book : Workbook
        The workbook.
    request : ReadRequest
        Names the sheet, if there are several, and the words of headers.

    Returns
    -------
    RawTable
        Rows are numbered as the spreadsheet shows them.

    Raises
    ------
    InputError
        GM202 if there is no sheet with data, or several and none is meant; without a header row; with two
        columns of one name.
    """
    name = book.parts.path.name
    sheet, notes = _chosen(book, request)
    grid = read_grid(book, sheet.part)
    header = find_header(grid, request.words)
    if header is None:
        raise InputError(
            "GM202",
            f"the sheet {sheet.name} has no row of headers",
            where=name,
            fix="write the names of the columns into the row above the data",
        )
    _refuse_doubles(header, name)
    spread = _unmerged(grid, header.last)
    body = _body(grid, header)
    columns = _columns(body.records, header.names)
    notes += _notes(grid, sheet, header, spread)
    return RawTable(
        columns,
        None,
        None,
        np.asarray(body.numbers, dtype=np.int64),
        "row",
        tuple(_faults(grid.faults, body.numbers, header.names)),
        left_out=tuple(body.left_out),
        notes=tuple(notes),
    )


def _chosen(book: Workbook, request: ReadRequest) -> tuple[SheetPart, list[str]]:
    """Return the sheet that is meant, and why."""
    name = book.parts.path.name
    names = [sheet.name for sheet in book.sheets]
    if request.layer is not None:
        wanted = request.layer.strip().casefold()
        named = [one for one in book.sheets if one.name == request.layer]
        named = named or [one for one in book.sheets if one.name.strip().casefold() == wanted]
        if len(named) != 1:
            what = f"there is no sheet {request.layer}"
            raise InputError("GM202", what, where=name, fix=f"name one with --layer: {_listed(names)}")
        return named[0], []
    peeks = [(sheet, read_grid(book, sheet.part, most=PEEKED_AT).rows) for sheet in book.sheets]
    filled = [(sheet, rows) for sheet, rows in peeks if rows]
    if len(filled) == 1:
        return filled[0][0], []
    if not filled:
        raise InputError(
            "GM202", "no sheet of the workbook has data", where=name, fix="give the workbook with the table"
        )
    fitting = [sheet for sheet, rows in filled if matches_well(rows, request.words)]
    others = [sheet.name for sheet, _ in filled]
    if len(fitting) != 1:
        raise InputError(
            "GM202",
            f"the workbook has {len(filled)} sheets with data, and one is wanted",
            where=name,
            fix=f"name one with --layer: {_listed(others)}",
        )
    others.remove(fitting[0].name)
    taken = f"the sheet {fitting[0].name} is taken for its headers"
    return fitting[0], [f"{taken}; not read: {_listed(others)} (--layer names another)"]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _refuse_doubles(header: HeaderRows, name: str) -> None:
    names = list(header.names.values())
    twice = sorted({one for one in names if names.count(one) > 1})
    if twice:
        raise InputError(
            "GM202",
            f"columns stand there twice: {_listed(twice)}",
            where=f"{name}, row {header.last}",
            fix="give every column a name of its own",
        )


def _unmerged(grid: Grid, header_ends: int) -> int:
    """Give the value of cells merged downwards to every row of the merge; return how many merges these are.

    Of cells that are merged sideways the first keeps it. What a file may still hold in the others is not
    shown by any spreadsheet, and is taken away.
    """
    numbers = list(grid.rows)
    merges = [one for one in grid.merges if one[0] > header_ends]
    for top, left, bottom, right in merges:
        for row in _between(numbers, top, bottom):
            cells = grid.rows[row]
            for column in [one for one in cells if left <= one <= right]:
                if (row, column) != (top, left):
                    del cells[column]
                    grid.faults.pop((row, column), None)
    # A row in which nothing stands but what is merged into it is none of its own.
    own = {row for row in numbers if grid.rows[row]}
    spread = 0
    for top, left, bottom, _ in merges:
        if left not in grid.rows.get(top, {}):
            continue
        below = [row for row in _between(numbers, top + 1, bottom) if row in own]
        spread += bool(below)
        for row in below:
            grid.rows[row][left] = grid.rows[top][left]
            if (top, left) in grid.faults:
                grid.faults[row, left] = grid.faults[top, left]
    return spread


def _between(numbers: Sequence[int], first: int, last: int) -> Sequence[int]:
    return numbers[bisect.bisect_left(numbers, first) : bisect.bisect_right(numbers, last)]


def _body(grid: Grid, header: HeaderRows) -> _Body:
    """Sort the rows: titles above the header, then data, blanks, totals, and headers once more."""
    body = _Body()
    body.left_out = [(number, "is a title") for number in grid.rows if number < header.first]
    lines = [line for line in (*header.lines, dict(header.names)) if line]
    for before, number in pairwise([header.last, *_data(grid.rows, header.last)]):
        body.left_out += _blank(before + 1, number - 1)
        cells = grid.rows[number]
        reason = _no_data(cells, header.names, lines)
        if reason is None:
            body.numbers.append(number)
            body.records.append(cells)
        else:
            body.left_out.append((number, reason))
    ends = max(header.last, *_data(grid.rows, header.last), 0)
    body.left_out += _blank(ends + 1, grid.last)
    return body


def _data(rows: Rows, header_ends: int) -> Iterator[int]:
    return (number for number, cells in rows.items() if number > header_ends and cells)


def _blank(first: int, last: int) -> list[tuple[int, str]]:
    """Return what is said of rows in which nothing stands."""
    if first > last:
        return []
    return [(first, "is blank" if first == last else f"is blank, and so are the rows to {last}")]


def _no_data(
    cells: Mapping[int, Any], names: Mapping[int, str], lines: Collection[Mapping[int, str]]
) -> str | None:
    """Return why a row is no data, None if it is."""
    if len(cells) <= FILLED_IN_A_TOTAL and is_total([header_text(cells.get(column)) for column in names]):
        return "is a total"
    column, first = next(iter(cells.items()))
    if any(line.get(column) == first for line in lines):
        texts = {column: header_text(value) for column, value in cells.items()}
        if texts in lines:
            return "repeats the header"
    return None


def _columns(records: Sequence[Mapping[int, Any]], names: Mapping[int, str]) -> dict[str, Sequence[Any]]:
    """Return the columns by their headers; one that goes on another is put together with it."""
    columns: dict[str, Sequence[Any]] = {}
    last, parts = "", 1
    for column, name in names.items():
        cells = [record.get(column) for record in records]
        more = CONTINUED.fullmatch(name)
        if more is not None and more[1] == last and int(more[2]) == parts + 1:
            parts += 1
            columns[last] = [_joined(one, two) for one, two in zip(columns[last], cells, strict=True)]
        else:
            last, parts = name, 1
            columns[name] = cells
    return columns


def _joined(first: Any, more: Any) -> Any:
    return first if more is None else f"{'' if first is None else first}{more}"


def _faults(
    faults: Mapping[Place, str], numbers: Sequence[int], names: Mapping[int, str]
) -> Iterator[tuple[int, str, str]]:
    at = {number: position for position, number in enumerate(numbers)} if faults else {}
    for (row, column), reason in sorted(faults.items()):
        if row in at and column in names:
            yield at[row], names[column], reason


def _notes(grid: Grid, sheet: SheetPart, header: HeaderRows, spread: int) -> list[str]:
    """Return what a reader should know, without a value."""
    notes = []
    if header.first > 1 or header.last > header.first:
        rows = f"row {header.first}" if header.first == header.last else f"rows {header.first} and following"
        notes.append(f"the header is {rows} of the sheet {sheet.name}")
    if sheet.hidden:
        notes.append(f"the sheet {sheet.name} is hidden in the workbook; it is read")
    hidden = sum(number > header.last for number in grid.hidden_rows & grid.rows.keys())
    if hidden:
        notes.append(f"rows that are hidden in the sheet are read, too: {hidden}")
    shut = [
        name
        for column, name in header.names.items()
        if any(first <= column <= last for first, last in grid.hidden_columns)
    ]
    if shut:
        notes.append(f"columns that are hidden in the sheet are read, too: {_listed(shut)}")
    if spread:
        notes.append(f"merged cells whose value was given to each of their rows: {spread}")
    if grid.formulas:
        notes.append(f"cells with formulas, of which the last computed value is taken: {grid.formulas}")
    if grid.trimmed:
        notes.append(f"texts with blanks at their ends, which are left out: {grid.trimmed}")
    return notes
