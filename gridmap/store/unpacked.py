"""Blocks of a table as its leaves hold them: which column of a record is which, and what its values are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from gridmap.config.spec import ColumnType
from gridmap.store import blob, decoded, leaves
from gridmap.store.arrays import Ready, ready_numbers, ready_texts
from gridmap.store.ddl import quoted
from gridmap.store.tables import Layout

# What `table_xinfo` says of a computed column: no record holds a virtual one.
PLAIN, VIRTUAL = 0, 2


class OddError(Exception):
    """What is read is not what a plain table holds: it is for SQLite to read, or to refuse."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Records of some leaves, and the columns that each has."""

    layout: Layout
    places: dict[str, int]
    records: decoded.Records

    def __len__(self) -> int:
        return len(self.records)

    def column(self, name: str, kind: ColumnType) -> Ready | None:
        """Return the values of a column of texts, dates, whole numbers or truth values.

        None if one is not what such a column holds.
        """
        place = self.places[name]
        if kind in {"text", "date"}:
            texts = decoded.texts(self.records, place)
            return None if texts is None else ready_texts(*texts)
        numbers = decoded.whole_numbers(self.records, place)
        return None if numbers is None else ready_numbers(*numbers, kind)

    def points(self) -> np.ndarray | None:
        """Return the places (n, 2) of the geometries if all are points as this package writes them."""
        found = decoded.blobs(self.records, self.places[self.layout.geom or ""], blob.POINT_BLOB)
        return None if found is None else blob.rows_of_points(found)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table whose leaves can be read from the file."""

    file: leaves.File
    layout: Layout
    numbers: leaves.Positions
    places: dict[str, int]
    width: int

    def blocks(self) -> Iterator[tuple[int, int, Rows | None]]:
        """Yield the last key of each block of leaves, how many rows it has, and the block.

        The block is None if its records are not plain.

        Raises
        ------
        OddError
            If a page is not a leaf with rows.
        """
        for first in range(0, len(self.numbers), leaves.LEAVES):
            pages = leaves.gathered(self.file, self.numbers[first : first + leaves.LEAVES])
            last = None if pages is None else decoded.last_key(pages)
            if pages is None or last is None:
                raise OddError
            found = decoded.records(pages, self.width)
            rows = decoded.count(pages)
            yield last, rows, self._block(found)

    def _block(self, found: decoded.Records | None) -> Rows | None:
        """Return a block; none of records whose key is a value: it is not what they are in order of."""
        key = self.places.get(self.layout.key or "")
        if found is None or key is None or found.types[key].any():
            return None
        return Rows(self.layout, self.places, found)


@contextmanager
def opened(connection: sqlite3.Connection, found: Layout) -> Iterator[Table | None]:
    """Give a table to be read leaf by leaf; None where that is for SQLite to do."""
    with leaves.opened(connection) as file:
        root = None if file is None else leaves.root_of(connection, found.table)
        numbers = None if file is None or root is None else leaves.leaves(file, root)
        columns = connection.execute(f"PRAGMA table_xinfo({quoted(found.table)})").fetchall()
        stored = [name for _, name, *_, hidden in columns if hidden != VIRTUAL]
        plain = all(hidden in {PLAIN, VIRTUAL} for *_, hidden in columns)
        if file is None or numbers is None or not plain:
            yield None
            return
        places = {name: place for place, name in enumerate(stored)}
        yield Table(file, found, numbers, places, len(stored))
