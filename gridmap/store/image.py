"""Many narrow rows at once: pages laid out by numpy, and copied by SQLite record by record.

An image is a database in memory that holds one table (`pages`). It is attached to the connection, and
``INSERT INTO main.t SELECT * FROM image.t`` copies its records as they are: SQLite's transfer optimisation,
sqlite.org/lang_insert.html and ``xferOptimization`` in its source. They are the records that SQLite would
have made of the same values, added in the same order: a file is the same whether its rows came this way or
by `bulk`.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from gridmap.store import sql
from gridmap.store.ddl import quoted
from gridmap.store.pages import PAGE, SHORT, Bytes, Column, Named, Numbers, Rows, laid_out, varint_width

IMAGE = "gridmap_image"
# Rows of one image: it is copied while the next is laid out.
CHUNK = 100_000
# Keys from here on are varints of another kind.
HIGHEST = 1 << 56


def insert(connection: sqlite3.Connection, table: str, columns: Rows, *, rows: int) -> bool:
    """Add rows to a table, numbered on from its highest key.

    Parameters
    ----------
    connection : Connection
        It may be inside a transaction. The image stays attached until the connection is closed.
    table : str
        A table in ``main`` with a key of whole numbers as its first column, and no index.
    columns : mapping of str to Numbers or Named
        All other columns that the table stores, in their order.
    rows : int
        How many rows each column has.

    Returns
    -------
    bool
        False if it cannot be done here, and nothing was done: SQLite cannot open a database from bytes or
        attach one, the table or its columns are of another kind, a missing value is not allowed, or a record
        could have more than 127 bytes.
    """
    if not _fits(connection, table, columns):
        return False
    highest = connection.execute(f"SELECT max(rowid) FROM main.{quoted(table)}").fetchone()[0]
    start = 1 if highest is None else highest + 1
    head = _attached(connection, table) if 0 < start < HIGHEST - rows else None
    if head is None:
        return False

    def made(first: int, end: int) -> Bytes:
        part = slice(first - start, end - start)
        return laid_out(head, first, {name: _cut(column, part) for name, column in columns.items()})

    # SQLite copies without Python's lock; the connection stays in the thread that uses it.
    with ThreadPoolExecutor(1) as beside:
        coming = None
        for first, end in _parts(start, start + rows):
            following = beside.submit(made, first, end)
            if coming is not None:
                _copy(connection, table, coming.result())
            coming = following
        if coming is not None:
            _copy(connection, table, coming.result())
    return True


def _fits(connection: sqlite3.Connection, table: str, columns: Rows) -> bool:
    """Say whether the table stores just these columns as they are, and their records are short."""
    if not hasattr(connection, "deserialize") or not columns:
        return False
    if connection.execute("PRAGMA main.encoding").fetchone()[0] != "UTF-8":
        return False
    # Computed columns are not among them.
    key, *others = connection.execute(f"PRAGMA main.table_info({quoted(table)})").fetchall() or [None]
    if key is None or (key[2], key[5]) != ("INTEGER", 1) or [row[1] for row in others] != list(columns):
        return False
    longest = 2 + len(columns)
    for (_, _, kind, needed, *_), column in zip(others, columns.values(), strict=True):
        if isinstance(column, Named):
            if kind != "TEXT":
                return False
            longest += int(column.texts.lengths.max(initial=0))
        elif kind != "INTEGER" or ((needed or column.plus) and int(column.values.min(initial=0)) < 0):
            return False
        else:
            longest += 8
    return longest < SHORT


def _attached(connection: sqlite3.Connection, table: str) -> Bytes | None:
    """Attach an image without a row; return its two pages, or None if SQLite cannot."""
    statement = connection.execute(
        "SELECT sql FROM main.sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).fetchone()[0]
    empty = np.frombuffer(sql.empty_image(statement, PAGE), dtype=np.uint8)
    there = IMAGE in {name for _, name, _ in connection.execute("PRAGMA database_list")}
    try:
        if not there:
            connection.execute(f"ATTACH ':memory:' AS {IMAGE}")
        connection.deserialize(empty.tobytes(), name=IMAGE)
        connection.execute("EXPLAIN " + _copying(table)).fetchall()
    except sqlite3.Error:
        with contextlib.suppress(sqlite3.Error):
            connection.execute(f"DETACH {IMAGE}")
        return None
    return empty if len(empty) == 2 * PAGE else None


def _copying(table: str) -> str:
    return f"INSERT INTO main.{quoted(table)} SELECT * FROM {IMAGE}.{quoted(table)}"


def _copy(connection: sqlite3.Connection, table: str, image: Bytes) -> None:
    connection.deserialize(image.data, name=IMAGE)
    connection.execute(_copying(table))


def _parts(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the keys of each image, first and behind the last: all keys of one are equally long."""
    first = start
    while first < end:
        behind = min(first + CHUNK, end, 1 << 7 * varint_width(first))
        yield first, behind
        first = behind


def _cut(column: Column, part: slice) -> Column:
    if isinstance(column, Named):
        return Named(column.texts, column.at[part])
    return Numbers(column.values[part].astype(np.int64) + column.plus)
