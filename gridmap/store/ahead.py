"""What is read is worked on while SQLite reads on, which needs no lock of the interpreter."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from gridmap.store import sql

Item = TypeVar("Item")

# Items that wait at most: memory is theirs.
WAITING = 2
# How SQLite was built: any thread may use a connection.
SERIALIZED = 3


def taken(items: Iterator[Item], connection: sqlite3.Connection) -> Generator[Item, None, None]:
    """Yield the items of an iterator that reads from a connection, which goes on in a thread meanwhile.

    Until the last item is there the connection is the thread's: all is read in the caller's transaction, and
    no second connection could see another state of the file. What the iterator raises is raised here. The
    thread has ended when this has: at the last item, at an error, or when it is closed (use
    `contextlib.closing`), which interrupts the query that runs.

    Parameters
    ----------
    items : iterator
        None of its items is None.
    connection : Connection
        One that `sql` did not open, and any of an SQLite that was built for one thread, stays in this one.
    """
    if not isinstance(connection, sql.Connection) or sqlite3.threadsafety != SERIALIZED:
        yield from items
        return
    with ThreadPoolExecutor(1, thread_name_prefix="gridmap-store") as pool:
        waiting = deque(pool.submit(next, items, None) for _ in range(WAITING))
        try:
            while (item := waiting.popleft().result()) is not None:
                waiting.append(pool.submit(next, items, None))
                yield item
        except BaseException:
            for one in waiting:
                one.cancel()
            connection.interrupt()
            raise
