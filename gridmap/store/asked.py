"""Blocks of a table as SQLite gives them: each column of a block joined into one text (``group_concat``)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from gridmap.config.spec import ColumnType
from gridmap.store import blob, tables
from gridmap.store.arrays import MISSING, SEPARATOR, Part, Ready
from gridmap.store.ddl import quoted

# Rows of a block.
ROWS = 50_000
FIRST = -(2**63)
CLASSES: dict[ColumnType, str] = {"text": "text", "date": "text", "integer": "integer", "boolean": "integer"}
Span = tuple[int, int]


class Answer(NamedTuple):
    """A block: its rows, a part of each column (None: odd), and its geometries."""

    rows: int
    parts: list[Part | Ready | None]
    shapes: blob.Part


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns to read, which of them are odd or have had gaps, and whether all is our own."""

    kinds: Mapping[str, ColumnType]
    odd: set[str]
    gappy: set[str]
    own: bool


def spans(connection: sqlite3.Connection, found: tables.Layout) -> Iterator[Span]:
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


def block(
    connection: sqlite3.Connection,
    found: tables.Layout,
    span: Span,
    wanted: Columns,
) -> Answer:
    """Ask for one block of rows; a column that is not plain is added to the odd ones."""
    kinds, odd = wanted.kinds, wanted.odd
    row = iter(_asked(connection, found, _questions(found, wanted), span))
    rows = int(next(row))
    parts: list[Part | Ready | None] = []
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
        shapes = ordinary(connection, found, found.geom, span) if xy is None else xy
    return Answer(rows, parts, shapes)


def _questions(found: tables.Layout, wanted: Columns) -> list[str]:
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


def _asked(connection: sqlite3.Connection, found: tables.Layout, asked: Sequence[str], span: Span) -> Any:
    # Not by an index: every column is joined in the order of the keys.
    query = f"SELECT {', '.join(asked)} FROM {quoted(found.table)} NOT INDEXED"
    return connection.execute(f"{query} WHERE {quoted(found.key or '')} BETWEEN ? AND ?", span).fetchone()


def _part(
    connection: sqlite3.Connection,
    found: tables.Layout,
    span: Span,
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


def ordinary(
    connection: sqlite3.Connection, found: tables.Layout, name: str, span: Span | None = None
) -> list[Any]:
    """Read one column in the order of the keys."""
    key = quoted(found.key or "")
    bounds = f"WHERE {key} BETWEEN ? AND ?" if span else ""
    query = f"SELECT {quoted(name)} FROM {quoted(found.table)} NOT INDEXED {bounds} ORDER BY {key}"
    return [value for (value,) in connection.execute(query, span or ())]
