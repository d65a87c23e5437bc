"""Every value of a database that is given as bytes: for looking into a finished GeoPackage."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

ROWS = 5_000
# Where a file says that it has a write-ahead log, which bytes in memory do not have.
JOURNAL = slice(18, 20)
ROLLBACK = b"\x01\x01"
Cell = bytes | int | float | None


class UnreadableDatabaseError(ValueError):
    """The bytes are no database that can be read."""


@dataclass(frozen=True, slots=True)
class Values:
    """Values of some rows.

    Parameters
    ----------
    texts : list of bytes
        Those of type text, as UTF-8.
    blobs : list of bytes
        Those of type blob.
    """

    texts: list[bytes]
    blobs: list[bytes]


def values(data: bytes) -> Iterator[Values]:
    """Yield every text and blob of a database, some rows at a time.

    Parameters
    ----------
    data : bytes
        A SQLite database; nothing of it touches the disk, and nothing in it is run.

    Raises
    ------
    UnreadableDatabaseError
        If it is damaged.
    """
    with _opened(data) as base:
        yield Values([sql for (sql,) in base.execute("SELECT sql FROM sqlite_master") if sql], [])
        for table in _tables(base):
            # The type is asked for: a text may stand in any column, and is bytes here like a blob.
            columns = [_quoted(name) for name in _columns(base, table)]
            asked = ", ".join(f"{name}, typeof({name})" for name in columns)
            rows = base.execute(f"SELECT {asked} FROM {_quoted(table)}")
            while part := rows.fetchmany(ROWS):
                found = Values([], [])
                for row in part:
                    for value, kind in zip(row[::2], row[1::2], strict=True):
                        if kind == b"text":
                            found.texts.append(value)
                        elif kind == b"blob":
                            found.blobs.append(value)
                yield found


def side_by_side(data: bytes) -> bytes:
    """Return the texts of each row as the file holds them: one after the other, with nothing between.

    Raises
    ------
    UnreadableDatabaseError
        If the database is damaged.
    """
    parts: list[bytes] = []
    with _opened(data) as base:
        for table in _tables(base):
            columns = ", ".join(map(_quoted, _columns(base, table)))
            for row in base.execute(f"SELECT {columns} FROM {_quoted(table)}"):
                # Nothing, 0 and 1 take no room in a row.
                parts += [_stored(value) for value in row]
                parts.append(b"\n")
    return b"".join(parts)


def _stored(value: Cell) -> bytes:
    if isinstance(value, bytes):
        return value
    return b"" if value is None or (isinstance(value, int) and value in {0, 1}) else b"\n"


@contextmanager
def _opened(data: bytes) -> Iterator[sqlite3.Connection]:
    plain = data[: JOURNAL.start] + ROLLBACK + data[JOURNAL.stop :]
    with closing(sqlite3.connect(":memory:")) as base:
        base.text_factory = bytes
        try:
            base.deserialize(plain)
            base.execute("PRAGMA trusted_schema = OFF")
            base.execute("PRAGMA query_only = ON")
            yield base
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            raise UnreadableDatabaseError(str(type(error).__name__)) from error


def _tables(base: sqlite3.Connection) -> list[str]:
    """Return the tables that are stored as such: a virtual one stores its rows in others."""
    found = base.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
    )
    return [name.decode("utf-8") for (name,) in found]


def _columns(base: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns that are stored: a computed one is made of the others."""
    found = base.execute("SELECT name FROM pragma_table_xinfo(?) WHERE hidden IN (0, 3)", (table,))
    return [name.decode("utf-8") for (name,) in found]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
