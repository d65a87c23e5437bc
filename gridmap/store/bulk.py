"""Many rows at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from gridmap.store.ddl import quoted

# Values bound in one statement: below every build's limit, and past it there is little to gain.
VARIABLES = 300


def insert(connection: sqlite3.Connection, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert many rows, several to a statement; a column that is empty in every row is left out."""
    there = {name: values for name, values in columns.items() if any(value is not None for value in values)}
    width = len(there)
    if not width:
        # No rows: not even the keys are there.
        return
    batch = max(1, VARIABLES // width)
    head = f"INSERT INTO {quoted(table)} ({', '.join(map(quoted, there))}) VALUES "
    marks = f"({', '.join('?' * width)})"
    cells = chain.from_iterable(zip(*there.values(), strict=True))
    rest: list[Any] = []

    def batches() -> Iterator[list[Any]]:
        while len(part := list(islice(cells, width * batch))) == width * batch:
            yield part
        rest.extend(part)

    connection.executemany(head + ", ".join([marks] * batch), batches())
    if rest:
        connection.execute(head + ", ".join([marks] * (len(rest) // width)), rest)
