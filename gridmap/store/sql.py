"""Connections to a store: the only place that calls `sqlite3.connect`, and where its errors are mapped.

One connection per action, so that a store may be copied between threads and processes, and what is
open is never stale. Rollback journal, ``synchronous=EXTRA``, freed pages overwritten.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from gridmap.errors import StoreError, StoreLocked
from gridmap.store.blob import envelope

CACHE_KIB = 65536
COUNTER = slice(24, 28)
VERSIONS = slice(18, 20)
_BUSY, _LOCKED = 5, 6
_DAMAGED = {11: "its pages do not hold together", 26: "it is not a database"}
# Refused, read-only, I/O, full, cannot open, constraint.
_CANNOT_WRITE = {3, 8, 10, 13, 14, 19}


@dataclass(frozen=True, slots=True)
class Target:
    """A store's file and how to open it.

    Parameters
    ----------
    path : Path
        The file.
    timeout_s : float
        How long to wait for another process's lock.
    vfs : str, optional
        Name of a registered SQLite VFS (tests inject faults with one).
    """

    path: Path
    timeout_s: float = 5.0
    vfs: str | None = None

    def uri(self) -> str:
        """Return the file's URI; the file is never made by opening it."""
        extra = f"&vfs={self.vfs}" if self.vfs else ""
        return f"{self.path.absolute().as_uri()}?mode=rw{extra}"


class _Headers:
    """Descriptors for reading a database's header while connections to it are open.

    Closing any descriptor of a file drops every POSIX lock this process has on it, SQLite's too. So
    a descriptor is closed only when this process's last connection to the file is gone.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[tuple[int, int], tuple[int, list[int]]] = {}

    @contextmanager
    def opened(self, path: Path) -> Iterator[int | None]:
        """Give a descriptor that outlives the connection opened inside."""
        if sys.platform == "win32":
            # Locks there belong to a handle, so `counter` opens the file anew; an open handle is in the way.
            yield None
            return
        try:
            with self._lock:
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                found = os.fstat(descriptor)
                key = (found.st_dev, found.st_ino)
                count, descriptors = self._open.get(key, (0, []))
                self._open[key] = (count + 1, [*descriptors, descriptor])
        except OSError:
            yield None
            return
        try:
            yield descriptor
        finally:
            with self._lock:
                count, descriptors = self._open.pop(key)
                if count > 1:
                    self._open[key] = (count - 1, descriptors)
                else:
                    for one in descriptors:
                        os.close(one)


_HEADERS = _Headers()


class Connection(sqlite3.Connection):
    """A connection that can read the file's header."""

    header: int | None = None
    target: Target
    # Whether it is in a transaction that writes nothing.
    reads: bool = False

    def only_reads(self) -> bool:
        """Whether the file's bytes are what this connection reads, from its first SELECT on until it ends.

        No other VFS, which may show others; no WAL, where newer pages stand beside the file.
        """
        return self.reads and self.in_transaction and self.target.vfs is None and self.counter() is not None

    @contextmanager
    def reader(self) -> Iterator[Callable[[int, int], bytes] | None]:
        """Give what reads the file: it takes where and how many bytes; None where that is not possible."""
        header = self.header
        if header is not None:
            yield lambda first, size: os.pread(header, size, first)
        elif sys.platform == "win32":
            try:
                stream = self.target.path.open("rb", buffering=0)
            except OSError:
                yield None
                return
            with stream:
                yield lambda first, size: _read(stream, first, size)
        else:
            yield None

    def counter(self) -> int | None:
        """Return the file's change counter; None where it does not tell (a WAL, no descriptor).

        SQLite adds one in every transaction that writes in rollback mode.
        """
        try:
            if self.header is not None:
                if os.fstat(self.header).st_ino != self.target.path.stat().st_ino:
                    return None
                head = os.pread(self.header, 100, 0)
            elif sys.platform == "win32":
                with self.target.path.open("rb") as stream:
                    head = stream.read(100)
            else:
                return None
        except OSError:
            return None
        if not any(head):
            # A file that is being made.
            return 0
        if head[VERSIONS] != b"\x01\x01":
            return None
        return int.from_bytes(head[COUNTER], "big")


def _read(stream: BinaryIO, first: int, size: int) -> bytes:
    stream.seek(first)
    return stream.read(size)


def _damaged(target: Target, how: str) -> StoreError:
    return StoreError(
        "GM307",
        f"{target.path.name} is damaged: {how}",
        where=str(target.path),
        fix="put back a copy; gridmap check --deep says what a readable file has lost",
    )


def mapped(error: sqlite3.Error, target: Target, *, writing: bool) -> StoreError:
    """Return the project's form of an error of SQLite."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    where, name = str(target.path), target.path.name
    if code in {_BUSY, _LOCKED}:
        return StoreLocked(
            "GM301",
            f"{name} is locked by another program (waited {target.timeout_s:g} s)",
            where=where,
            fix="wait for the other gridmap, or close the project in QGIS, then do it again",
        )
    if code in _DAMAGED or str(error).startswith("Could not decode"):
        return _damaged(target, _DAMAGED.get(code, "its text is not UTF-8"))
    if writing and code in _CANNOT_WRITE:
        return StoreError(
            "GM303",
            f"{name} cannot be written: {error}",
            where=where,
            fix="see that the folder may be written to and the disk is not full; nothing was changed",
        )
    return StoreError(
        "GM302",
        f"{name} cannot be read: {error}",
        where=where,
        fix="see that it is a gridmap store, that you may read it, and that its folder is complete",
    )


def _functions(connection: sqlite3.Connection) -> None:
    """Register what the R-tree triggers call."""

    def part(index: int) -> Any:
        def take(blob: Any) -> float | None:
            box = envelope(blob)
            return None if box is None else box[index]

        return take

    for name, index in (("ST_MinX", 0), ("ST_MinY", 1), ("ST_MaxX", 2), ("ST_MaxY", 3)):
        connection.create_function(name, 1, part(index), deterministic=True)
    connection.create_function(
        "ST_IsEmpty",
        1,
        lambda blob: None if blob is None else int(envelope(blob) is None),
        deterministic=True,
    )


@contextmanager
def connected(target: Target, *, writing: bool = False) -> Iterator[Connection]:
    """Open the file for one action, and map what SQLite raises."""
    with _HEADERS.opened(target.path) as header:
        connection: Connection | None = None
        try:
            connection = sqlite3.connect(
                target.uri(),
                uri=True,
                timeout=target.timeout_s,
                isolation_level=None,
                factory=Connection,
                # `ahead` uses it in a thread of its own, while the caller does not.
                check_same_thread=False,
            )
            connection.header, connection.target = header, target
            _functions(connection)
            connection.execute("PRAGMA synchronous=EXTRA")
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("PRAGMA temp_store=MEMORY")
            connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
            yield connection
        except sqlite3.Error as error:
            raise mapped(error, target, writing=writing) from error
        except UnicodeDecodeError as error:
            # The module's own, for an error message that quotes a damaged schema.
            raise _damaged(target, "its text is not UTF-8") from error
        finally:
            if connection is not None:
                with contextlib.suppress(sqlite3.Error):
                    connection.close()


def empty_image(statement: str, page: int) -> bytes:
    """Return a database of one empty table as bytes: two pages of so many bytes, as `image` fills them."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size={page}")
        connection.execute("PRAGMA auto_vacuum=NONE")
        connection.execute(statement)
        return connection.serialize()


@contextmanager
def reading(target: Target) -> Iterator[Connection]:
    """Give one consistent state of the file, whatever others write meanwhile."""
    with connected(target) as connection:
        connection.execute("BEGIN")
        connection.reads = True
        try:
            yield connection
        finally:
            _undo(connection)


@contextmanager
def writing(target: Target) -> Iterator[Connection]:
    """One transaction: all of what is inside, or nothing."""
    with connected(target, writing=True) as connection:
        _leave_wal(connection, target)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        finally:
            _undo(connection)


def _undo(connection: sqlite3.Connection) -> None:
    # What brought us here matters more than a failing rollback: the journal undoes it at the next open.
    with contextlib.suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _leave_wal(connection: Connection, target: Target) -> None:
    """Bring a file that QGIS left in WAL mode back to a rollback journal, its WAL included."""
    deadline = time.monotonic() + target.timeout_s
    while True:
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        if mode != "wal":
            return
        try:
            if connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0] == "delete":
                return
        except sqlite3.OperationalError as error:
            if (error.sqlite_errorcode & 0xFF) not in {_BUSY, _LOCKED} or time.monotonic() > deadline:
                raise
        if time.monotonic() > deadline:
            raise StoreLocked(
                "GM301",
                f"{target.path.name} is open in another program (waited {target.timeout_s:g} s)",
                where=str(target.path),
                fix="close the project in QGIS, then do it again",
            )
        time.sleep(0.02)
