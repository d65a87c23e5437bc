"""Whole tables read in blocks: a million rows without a Python object for each cell.

A block's records are read from the file, and numpy cuts them (`unpacked`). Where that cannot be done, SQLite
joins a column of a block of rows into one text (``group_concat``), which numpy or Arrow cuts. Every block is
checked while it is read: the storage class of each value, the number of values, the length and the head of
each point. A column, or a block's geometry, that is not plain is read the ordinary way, so that what comes
out is always what `tables.fetch` gives. The next block is read meanwhile: see `ahead`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gridmap.config.spec import ColumnType
from gridmap.store import ahead, asked, blob, tables, unpacked
from gridmap.store.arrays import (
    Nothing,
    Numbers,
    Part,
    Ready,
    Texts,
    joined_texts,
    number_part,
    text_part,
    whole_numbers,
)
from gridmap.store.asked import CLASSES, FIRST, Answer, Columns, Span, ordinary
from gridmap.store.ddl import quoted
from gridmap.store.unpacked import OddError

# Below this many rows the ordinary way costs as little.
LEAST = 2_000


@dataclass(slots=True)
class _Column:
    """One column while it is read: its parts by block, and whether a row has a value."""

    name: str
    kind: ColumnType
    odd: bool
    parts: list[Any] = field(default_factory=list)
    filled: bool = False

    def add(self, part: Part | Ready | None) -> None:
        """Add a block's part; an odd column holds none."""
        try:
            if part is None:
                self.odd = True
            elif isinstance(part, Ready):
                self.parts.append(part.values)
                self.filled |= part.filled
            elif not self.odd:
                number = self.kind in {"integer", "boolean"}
                self.parts.append(number_part(part, self.kind) if number else text_part(part))
                self.filled |= part[1] is not None
        except ValueError:
            self.odd = True

    def made(self, rows: int) -> Sequence[Any]:
        """Return the whole column."""
        if not self.filled:
            return Nothing(rows)
        number = self.kind in {"integer", "boolean"}
        return whole_numbers(self.parts) if number else joined_texts(self.parts)


Cells = dict[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class How:
    """How a table is read.

    Parameters
    ----------
    own : bool
        Nobody but gridmap has written the table, so that its values have their columns' storage classes: to
        ask each of them takes as long as to read it.
    """

    own: bool = False


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
            shapes.append(block.shapes)
    made: dict[str, Sequence[Any]] = {}
    for column in columns:
        made[column.name] = ordinary(connection, found, column.name) if column.odd else column.made(rows)
    by = None if order is None else _order(made[order])
    if by is not None:
        made = {name: _taken(values, by) for name, values in made.items()}
    nothing = Nothing(rows)
    cells: Cells = {name: made.get(name, nothing) for name in types}
    return cells, (blob.Shapes(shapes, by) if found.geom else None), rows


def _blocks(
    connection: sqlite3.Connection, found: tables.Layout, kinds: Mapping[str, ColumnType], *, own: bool
) -> Iterator[Answer]:
    """Read every block; all of the reading is here.

    Raises
    ------
    OddError
        If SQLite finds other rows than stand in the leaves, or these are none: the file is damaged.
    """
    # SQLite keeps whole numbers of a REAL column as such in the file, and gives them back as reals.
    odd = {
        name for name, kind in kinds.items() if CLASSES.get(kind) is None or found.columns.get(name) == "real"
    }
    wanted = Columns(kinds, odd, set(), own)
    with unpacked.opened(connection, found) as table:
        if table is None:
            yield from (
                asked.block(connection, found, span, wanted) for span in asked.spans(connection, found)
            )
            return
        first = FIRST
        for last, rows, records in table.blocks():
            span = (first, last)
            given = None if records is None else _of(connection, records, span, wanted)
            block = asked.block(connection, found, span, wanted) if given is None else given
            if block.rows != rows:
                raise OddError
            yield block
            first = last + 1


def _of(connection: sqlite3.Connection, records: unpacked.Rows, span: Span, wanted: Columns) -> Answer:
    """Return a block of records; a column that is not plain is added to the odd ones."""
    parts: list[Part | Ready | None] = []
    for column, kind in wanted.kinds.items():
        part = None if column in wanted.odd else records.column(column, kind)
        if part is None:
            wanted.odd.add(column)
        parts.append(part)
    shapes: blob.Part = []
    found = records.layout
    if found.geom:
        xy = records.points()
        shapes = ordinary(connection, found, found.geom, span) if xy is None else xy
    return Answer(len(records), parts, shapes)


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
    if isinstance(values, Nothing):
        return values
    return [values[row] for row in order.tolist()]
