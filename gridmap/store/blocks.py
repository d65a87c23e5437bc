"""Whole tables read in blocks: a million rows without a Python object for each cell.

SQLite joins a column of a block of rows into one text (``group_concat``), which numpy or Arrow cuts. Every
block is checked while it is read: the storage class of each value, the number of values, the length and
the head of each point. A column, or a block's geometry, that is not plain is read the ordinary way, so that
what comes out is always what `tables.fetch` gives. SQLite reads on meanwhile: see `ahead`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from gridmap.config.spec import ColumnType
from gridmap.store import ahead, blob, tables
from gridmap.store.arrays import (
    MISSING,
    SEPARATOR,
    Numbers,
    Part,
    Texts,
    joined_texts,
    number_part,
    text_part,
    whole_numbers,
)
from gridmap.store.ddl import quoted

ROWS = 50_000
# Below this many rows the ordinary way costs as little.
LEAST = 2_000
FIRST = -(2**63)
CLASSES: dict[ColumnType, str] = {"text": "text", "date": "text", "integer": "integer", "boolean": "integer"}


class OddError(Exception):
    """A value is not what a plain column holds."""


class _Block(NamedTuple):
    """A block as SQLite gives it: its rows, a part of each column (None: odd), and its geometries."""

    rows: int
    parts: list[Part | None]
    shapes: blob.Part


@dataclass(slots=True)
class _Column:
    """One column while it is read: its parts by block, and whether a row has a value."""

    name: str
    kind: ColumnType
    odd: bool
    parts: list[Any] = field(default_factory=list)
    filled: bool = False

    def add(self, part: Part | None) -> None:
        """Add a block's part; an odd column holds none."""
        try:
            if part is None:
                self.odd = True
            elif not self.odd:
                number = self.kind in {"integer", "boolean"}
                self.parts.append(number_part(part, self.kind) if number else text_part(part))
                self.filled |= part[1] is not None
        except ValueError:
            self.odd = True

    def made(self, rows: int) -> Sequence[Any]:
        """Return the whole column."""
        if not self.filled:
            return (None,) * rows
        number = self.kind in {"integer", "boolean"}
        return whole_numbers(self.parts) if number else joined_texts(self.parts)


Cells = dict[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class How:
    """How a table is read.

    Parameters
    ----------
    drawn : bool
        The shapes hold points, made while SQLite reads on, instead of their places.
    own : bool
        Nobody but gridmap has written the table, so that its values have their columns' storage classes: to
        ask each of them takes as long as to read it.
    """

    drawn: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The columns to read, which of them are odd or have had gaps, and whether all is our own."""

    kinds: Mapping[str, ColumnType]
    odd: set[str]
    gappy: set[str]
    own: bool


def fetch(
    connection: sqlite3.Connection,
    found: tables.Layout,
    types: Mapping[str, ColumnType],
    *,
    where: tuple[str, Sequence[Any]] = ("", ()),
    order: str | None = "id",
    how: How | None = None,
) -> tuple[Cells, Any, int]:
    """Read columns like `tables.fetch`; a large table comes as `Numbers`, `Texts` and `Shapes`."""
    if not where[0] and _suits(connection, found, order):
        try:
            return _fetched(connection, found, types, order, how or How())
        except OddError:
            pass
    return tables.fetch(connection, found, list(types), where=where, order=order)


def _suits(connection: sqlite3.Connection, found: tables.Layout, order: str | None) -> bool:
    """Say whether the table is large, has row numbers, and is UTF-8."""
    if found.key is None or (order is not None and order not in found.columns):
        return False
    query = f"SELECT 1 FROM {quoted(found.table)} LIMIT 1 OFFSET {LEAST}"
    if connection.execute(query).fetchone() is None:
        return False
    return bool(connection.execute("PRAGMA encoding").fetchone()[0] == "UTF-8")


def _fetched(
    connection: sqlite3.Connection,
    found: tables.Layout,
    types: Mapping[str, ColumnType],
    order: str | None,
    how: How,
) -> tuple[Cells, Any, int]:
    names = [name for name in types if name in found.columns]
    if order is not None and order not in names:
        names = [order, *names]
    kinds = {name: types.get(name, "text") for name in names}
    columns = [_Column(name, kind, odd=CLASSES.get(kind) is None) for name, kind in kinds.items()]
    shapes: list[blob.Part] = []
    rows = 0
    with closing(ahead.taken(_blocks(connection, found, kinds, own=how.own), connection)) as blocks:
        for block in blocks:
            rows += block.rows
            for column, part in zip(columns, block.parts, strict=True):
                column.add(part)
            places = block.shapes
            shapes.append(blob.points(places) if how.drawn and isinstance(places, np.ndarray) else places)
    made: dict[str, Sequence[Any]] = {}
    for column in columns:
        made[column.name] = _ordinary(connection, found, column.name) if column.odd else column.made(rows)
    by = None if order is None else _order(made[order])
    if by is not None:
        made = {name: _taken(values, by) for name, values in made.items()}
    nothing = (None,) * rows
    cells: Cells = {name: made.get(name, nothing) for name in types}
    return cells, (blob.Shapes(shapes, by) if found.geom else None), rows


def _blocks(
    connection: sqlite3.Connection, found: tables.Layout, kinds: Mapping[str, ColumnType], *, own: bool
) -> Iterator[_Block]:
    """Read every block; all of SQLite's work is here."""
    odd = {name for name, kind in kinds.items() if CLASSES.get(kind) is None}
    wanted = _Wanted(kinds, odd, set(), own)
    for span in _spans(connection, found):
        yield _block(connection, found, span, wanted)


def _spans(connection: sqlite3.Connection, found: tables.Layout) -> Iterator[tuple[int, int]]:
    """Yield the first and the last key of each block."""
    key, table = quoted(found.key or ""), quoted(found.table)
    query = f"SELECT {key} FROM {table} NOT INDEXED WHERE {key} >= ? ORDER BY {key} LIMIT 1 OFFSET {ROWS - 1}"
    last = connection.execute(f"SELECT max({key}) FROM {table}").fetchone()[0]
    first = FIRST
    while first <= last:
        row = connection.execute(query, (first,)).fetchone()
        end = last if row is None else row[0]
        yield first, end
        first = end + 1


def _block(
    connection: sqlite3.Connection,
    found: tables.Layout,
    span: tuple[int, int],
    wanted: _Wanted,
) -> _Block:
    """Read one block of rows; a column that is not plain is added to the odd ones."""
    kinds, odd = wanted.kinds, wanted.odd
    row = iter(_asked(connection, found, _questions(found, wanted), span))
    rows = int(next(row))
    parts: list[Part | None] = []
    for column, kind in kinds.items():
        part = None
        if column not in odd:
            right = int(next(row))
            if column in wanted.gappy:
                part = _with_gaps(rows, right, (next(row), next(row), next(row)))
            else:
                part = _part(connection, found, span, (column, kind, (rows, right, next(row))))
            if part is not None and part[2] is not None:
                wanted.gappy.add(column)
            if part is None:
                odd.add(column)
        parts.append(part)
    shapes: blob.Part = []
    if found.geom:
        there, joined = next(row), next(row)
        xy = blob.joined_points(joined, rows) if there == rows else None
        shapes = _ordinary(connection, found, found.geom, span) if xy is None else xy
    return _Block(rows, parts, shapes)


def _questions(found: tables.Layout, wanted: _Wanted) -> list[str]:
    """Return what is asked of a block: the rows, of each column its values, and the geometries."""
    asked = ["count(*)"]
    for column, kind in wanted.kinds.items():
        if column not in wanted.odd:
            name = quoted(column)
            fitting = f"count(*) FILTER (WHERE typeof({name}) = '{CLASSES[kind]}')"
            asked.append(f"count({name})" if wanted.own else fitting)
            # What had gaps before will have them again: it is asked with marks at once.
            asked += _marked(name, kind) if column in wanted.gappy else [_joined(name, kind)]
    if found.geom:
        geom = quoted(found.geom)
        asked += [f"sum(length({geom}) = {blob.POINT_BLOB})", f"CAST(group_concat({geom}, '') AS BLOB)"]
    return asked


def _joined(name: str, kind: ColumnType, *, filled: str | None = None) -> str:
    value = name if filled is None else f"ifnull({name}, {filled})"
    between = {"integer": ",", "boolean": ""}.get(kind, SEPARATOR)
    return f"CAST(group_concat({value}, '{between}') AS BLOB)"


def _asked(
    connection: sqlite3.Connection, found: tables.Layout, asked: Sequence[str], span: tuple[int, int]
) -> Any:
    # Not by an index: every column is joined in the order of the keys.
    query = f"SELECT {', '.join(asked)} FROM {quoted(found.table)} NOT INDEXED"
    return connection.execute(f"{query} WHERE {quoted(found.key or '')} BETWEEN ? AND ?", span).fetchone()


def _part(
    connection: sqlite3.Connection,
    found: tables.Layout,
    span: tuple[int, int],
    read: tuple[str, ColumnType, tuple[int, int, bytes | None]],
) -> Part | None:
    """Return a block of a column; one with gaps is read again with marks in them. None if it is odd."""
    column, kind, (rows, right, joined) = read
    if joined is None or right == rows:
        return rows, joined, None
    return _with_gaps(rows, right, _asked(connection, found, _marked(quoted(column), kind), span))


def _marked(name: str, kind: ColumnType) -> list[str]:
    """Return what is asked of a column with gaps: how many values there are, they filled up, and the gaps."""
    filled = f"'{MISSING}'" if kind in {"text", "date"} else "0"
    return [
        f"count({name})",
        _joined(name, kind, filled=filled),
        f"CAST(group_concat({name} IS NULL, '') AS BLOB)",
    ]


def _with_gaps(rows: int, right: int, found: tuple[int, bytes | None, bytes | None]) -> Part | None:
    there, joined, gaps = found
    if there != right:
        return None
    # A block without a value is told by having no text, one without a gap by having no marks.
    return (rows, joined, gaps if there < rows else None) if there else (rows, None, None)


def _ordinary(
    connection: sqlite3.Connection, found: tables.Layout, name: str, span: tuple[int, int] | None = None
) -> list[Any]:
    """Read one column in the order of the keys."""
    key = quoted(found.key or "")
    bounds = f"WHERE {key} BETWEEN ? AND ?" if span else ""
    query = f"SELECT {quoted(name)} FROM {quoted(found.table)} NOT INDEXED {bounds} ORDER BY {key}"
    return [value for (value,) in connection.execute(query, span or ())]


def _order(ids: Sequence[Any]) -> np.ndarray | None:
    """Return how rows are put in the order of their ids; None if they are.

    Raises
    ------
    OddError
        If an id is not text or there twice: how those are ordered is SQLite's own business.
    """
    if not isinstance(ids, Texts):
        raise OddError
    if ids.rising():
        return None
    order = ids.order()
    if not ids.take(order).rising():
        raise OddError
    return order


def _taken(values: Sequence[Any], order: np.ndarray) -> Sequence[Any]:
    if isinstance(values, Numbers | Texts):
        return values.take(order)
    if isinstance(values, tuple):
        # Nothing in any row.
        return values
    return [values[row] for row in order.tolist()]
