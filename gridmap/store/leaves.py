"""The leaves of a table as they stand in the file, read beside SQLite while its lock keeps writers away.

SQLite gives a million rows value by value; their bytes are there at once. What is read is what SQLite would
read: the connection is in a transaction that only reads, so it holds the file's shared lock, and in rollback
mode nobody writes into the file meanwhile, not even a writer that is about to (sqlite.org/lockingv3.html).
Whatever is not as expected (a WAL, another layout, damage) is left to SQLite, which knows it or says so.

Source: "Database File Format", sqlite.org/fileformat2.html, sections 1.3 (header) and 1.6 (b-tree pages).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.store import sql

Bytes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]

MAGIC = b"SQLite format 3\0"
LEAF, INTERIOR = 13, 5
INTERIOR_HEAD = 12
# A tree of pages is never as deep: each has two children at least.
DEEPEST = 40
# Leaves of one block: some ten thousand rows, whose bytes and numbers stay in a processor's cache.
LEAVES = 256
# Pages that are read besides, for each that is wanted, so that there is one call for all.
BESIDES = 3


@dataclass(frozen=True, slots=True)
class File:
    """A database's file.

    Parameters
    ----------
    size : int
        Bytes of a page.
    pages : int
        How many there are, numbered from 1.
    read : callable
        Takes where, and how many bytes; gives fewer at the end of the file.
    """

    size: int
    pages: int
    read: Callable[[int, int], bytes]

    def run(self, first: int, count: int) -> Bytes | None:
        """Return pages behind each other, (count, size); None if they are not there."""
        if not 1 <= first <= self.pages - count + 1:
            return None
        try:
            found = self.read((first - 1) * self.size, count * self.size)
        except OSError:
            # SQLite meets it too, and says so.
            return None
        if len(found) != count * self.size:
            return None
        return np.frombuffer(found, dtype=np.uint8).reshape(count, self.size)


@contextmanager
def opened(connection: sqlite3.Connection) -> Iterator[File | None]:
    """Give the file that a connection reads; None where its bytes may be others than those SQLite sees."""
    # Whatever is asked first takes the lock.
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    # A WAL that was left beside an older file counts, whatever the file's head says.
    wal = connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    if wal or not isinstance(connection, sql.Connection) or not connection.only_reads():
        yield None
        return
    with connection.reader() as read:
        # No reserved bytes: some builds of SQLite encrypt pages, or keep sums in them.
        try:
            head = b"" if read is None else read(0, 100)
        except OSError:
            head = b""
        if read is None or len(head) < len(MAGIC) or not head.startswith(MAGIC) or head[20]:
            yield None
            return
        # 65536 does not fit two bytes, and is written as 1.
        size = int.from_bytes(head[16:18], "big")
        yield File(1 << 16 if size == 1 else size, pages, read)


def root_of(connection: sqlite3.Connection, table: str) -> int | None:
    """Return the number of a table's first page."""
    found = connection.execute(
        "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).fetchone()
    return found[0] if found and isinstance(found[0], int) else None


def leaves(file: File, root: int) -> Positions | None:
    """Return the numbers of the pages that hold a table's rows, in the order of their keys.

    None if that is not plain; that each is a leaf is for `decoded` to see.
    """
    level = np.array([root], dtype=np.int64)
    for _ in range(DEEPEST):
        first = file.run(int(level[0]), 1)
        if first is None:
            return None
        if first[0, 0] == LEAF:
            return level
        children = [_children(file, number) for number in level.tolist()]
        found = [one for one in children if one is not None]
        if len(found) < len(children):
            return None
        level = np.concatenate(found)
        if len(level) > file.pages:
            return None
    return None


def _children(file: File, number: int) -> Positions | None:
    """Return the numbers of the pages below one, the last one's standing in its head."""
    page = file.run(number, 1)
    if page is None or page[0, 0] != INTERIOR:
        return None
    raw = page[0]
    count = int.from_bytes(raw[3:5].tobytes(), "big")
    if INTERIOR_HEAD + 2 * count > file.size:
        return None
    at = raw[INTERIOR_HEAD : INTERIOR_HEAD + 2 * count].view(">u2").astype(np.int64)
    if count and int(at.max()) > file.size - 4:
        return None
    named = np.vstack([raw[at[:, None] + np.arange(4)], raw[None, 8:INTERIOR_HEAD]])
    return np.ascontiguousarray(named).view(">u4")[:, 0].astype(np.int64)


def gathered(file: File, numbers: Positions) -> Bytes | None:
    """Return pages by their numbers, (n, size); None if one is not there."""
    low, high = int(numbers.min()), int(numbers.max())
    if high - low < (1 + BESIDES) * len(numbers):
        run = file.run(low, high - low + 1)
        if run is None or high - low + 1 == len(numbers) == 1 + int((np.diff(numbers) == 1).sum()):
            return run
        return run[numbers - low]
    found = [file.run(number, 1) for number in numbers.tolist()]
    there = [one for one in found if one is not None]
    return np.concatenate(there) if len(there) == len(found) else None
