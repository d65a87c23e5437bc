"""Many rows at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np

from gridmap.store.ddl import quoted

# Values bound in one statement: below every build's limit, and past it there is little to gain.
VARIABLES = 300


def insert(
    connection: sqlite3.Connection, table: str, columns: Mapping[str, Sequence[Any] | np.ndarray]
) -> None:
    """Insert many rows, several to a statement; a column that is empty in every row is left out.

    Parameters
    ----------
    columns : mapping of str to sequence
        Plain values; whole numbers and reals may be numpy arrays (n,), in which NaN is a missing value.
    """
    plain = {name: _plain(values) for name, values in columns.items()}
    there = {name: values for name, values in plain.items() if _any(values)}
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


def _plain(values: Sequence[Any] | np.ndarray) -> Sequence[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else values


def _any(values: Sequence[Any]) -> bool:
    """Say whether there is a value; most columns begin with one, or have none."""
    return len(values) > 0 and (values[0] is not None or values.count(None) < len(values))
