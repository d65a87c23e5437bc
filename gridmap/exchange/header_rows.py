"""Where a sheet's header is, beneath what titles and over how many rows, and what its columns are called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.exchange.sheet_cells import Grid, Rows, column_letters
from gridmap.exchange.vocabulary import DATUMS, POSITION_WORDS, fold, take_apart

# A header stands near the top; what looks like one further down is data.
LOOKED_AT = 50
# One word of the vocabulary may stand in any title.
ENOUGH = 2
# Nobody's header has more lines; a label beside the whole table may be merged over all its rows.
MOST_LINES = 4
LONGEST_WORD = 100
Merge = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class HeaderRows:
    """The header of a sheet.

    Parameters
    ----------
    first, last : int
        Its rows.
    names : mapping of int to str
        Headers by column, in the order of the columns.
    lines : tuple of mapping
        What stands in each of its rows, by column: where it is repeated further down, it is no data.
    """

    first: int
    last: int
    names: Mapping[int, str]
    lines: tuple[Mapping[int, str], ...]


def header_text(value: Any) -> str:
    """Return a cell as the text of a header, its line breaks as blanks."""
    return " ".join(str(value).split()) if value is not None else ""


def is_word(text: str, words: Collection[str]) -> bool:
    """Say whether a header means something to the kind."""
    return 0 < len(text) <= LONGEST_WORD and (fold(text) in words or take_apart(text).bare in words)


def best_row(rows: Rows, words: Collection[str]) -> tuple[int, int, int]:
    """Return the row with the most header words, how many these are, and how many cells it has."""
    best = (0, 0, 0)
    for number in list(rows)[:LOOKED_AT]:
        texts = [header_text(value) for value in rows[number].values()]
        matched = sum(is_word(text, words) for text in texts)
        if matched > best[1]:
            best = (number, matched, sum(map(bool, texts)))
    return best


def matches_well(rows: Rows, words: Collection[str]) -> bool:
    """Say whether a sheet has a header row of which the most part means something to the kind."""
    _, matched, filled = best_row(rows, words)
    return matched >= ENOUGH and matched * 2 >= filled


def find_header(grid: Grid, words: Collection[str]) -> HeaderRows | None:
    """Find the header of a sheet.

    It is the row in which most cells are header words; failing that, the first row of texts, each of its own,
    beneath which no row is wider. Headings that are merged over or beside its cells belong to it.

    Parameters
    ----------
    grid : Grid
        The sheet.
    words : collection of str
        Folded headers that mean something to the kind.

    Returns
    -------
    HeaderRows or None
        None if no row can be it.
    """
    number, matched, _ = best_row(grid.rows, words)
    if matched < ENOUGH:
        number = _plain_header(grid.rows) or number
    if not number:
        return None
    first, last = _block(grid, number)
    lines = [_line(grid, row) for row in range(first, last + 1)]
    columns = sorted({column for line in lines for column in line} | _filled_below(grid.rows, last))
    spread = [_spread(line, first + at, grid.merges) for at, line in enumerate(lines[:-1])] + lines[-1:]
    levels = {column: _levels(line.get(column, "") for line in spread) for column in columns}
    names = {column: _name(found, words) for column, found in levels.items()}
    doubles = {name for name in names.values() if list(names.values()).count(name) > 1}
    for column, name in names.items():
        if not name:
            names[column] = f"(column {column_letters(column)})"
        elif name in doubles:
            names[column] = " ".join(levels[column])
    return HeaderRows(first, last, names, tuple(lines))


def _plain_header(rows: Rows) -> int:
    """Return the first row of different texts side by side under which no row is wider; 0 for none."""
    numbers = list(rows)
    widest = [0] * (len(numbers) + 1)
    for at in range(len(numbers) - 1, -1, -1):
        widest[at] = max(widest[at + 1], *rows[numbers[at]])
    for at, number in enumerate(numbers[:LOOKED_AT]):
        cells = rows[number]
        texts = [value for value in cells.values() if isinstance(value, str)]
        wide = max(cells) - min(cells) + 1
        if len(texts) == len(set(texts)) == len(cells) == wide and 0 < widest[at + 1] <= max(cells):
            return number
    return 0


def _line(grid: Grid, row: int) -> dict[int, str]:
    texts = {column: header_text(value) for column, value in grid.rows.get(row, {}).items()}
    return {column: text for column, text in texts.items() if text}


def _filled_below(rows: Rows, last: int) -> set[int]:
    return {
        column
        for number, cells in rows.items()
        if number > last
        for column, value in cells.items()
        if value is not None
    }


def _block(grid: Grid, number: int) -> tuple[int, int]:
    """Return the rows of a header of which one row is known."""
    first = last = number
    while _is_heading(grid, first - 1):
        first -= 1
    while _has_more(grid, last):
        last += 1
    return first, last


def _is_heading(grid: Grid, row: int) -> bool:
    """Say whether a row has headings that are merged over cells of the next row, and is no title."""
    cells = grid.rows.get(row, {})
    below = grid.rows.get(row + 1, {})
    if any(top == row < bottom < row + MOST_LINES and left in cells for top, left, bottom, _ in grid.merges):
        return len(cells) >= ENOUGH
    wide = [one for one in grid.merges if one[0] == one[2] == row and one[1] < one[3] and one[1] in cells]
    if not wide or not below:
        return False
    # A title begins with the table, and stands alone.
    return len(cells) >= ENOUGH or wide[0][1] > min(below)


def _has_more(grid: Grid, row: int) -> bool:
    """Say whether the next row belongs to the header, too: beneath headings that are merged in this one."""
    cells = grid.rows.get(row, {})
    below = grid.rows.get(row + 1, {})
    if any(
        top <= row < bottom < top + MOST_LINES and left in grid.rows.get(top, {})
        for top, left, bottom, _ in grid.merges
    ):
        return True
    under = {
        column
        for top, left, bottom, right in grid.merges
        if top == bottom == row and left in cells
        for column in range(left, min(right, left + len(below) + 1) + 1)
    }
    return bool(below) and all(
        column in under and isinstance(value, str) for column, value in below.items() if value is not None
    )


def _spread(line: Mapping[int, str], row: int, merges: Sequence[Merge]) -> dict[int, str]:
    """Return a row of headings with each in every column over which it is merged."""
    spread = dict(line)
    for top, left, _, right in merges:
        if top == row and left in line:
            spread |= dict.fromkeys(range(left, right + 1), line[left])
    return spread


def _levels(texts: Iterable[str]) -> list[str]:
    found: list[str] = []
    for text in texts:
        if text and text not in found:
            found.append(text)
    return found


def _name(levels: list[str], words: Collection[str]) -> str:
    """Return one header of those that stand one over the other.

    The whole where it means something, otherwise the last where that does, with what the others say about the
    datum of coordinates; otherwise the whole.
    """
    whole = " ".join(levels)
    if len(levels) < ENOUGH or is_word(whole, words):
        return whole
    last = levels[-1]
    if not is_word(last, words):
        return whole
    apart = take_apart(last)
    if apart.bare in POSITION_WORDS and apart.crs is None:
        for heading in levels[:-1]:
            stated = DATUMS.get(fold(heading)) or take_apart(heading).crs
            if stated is not None:
                return f"{last} {stated}"
    return last
