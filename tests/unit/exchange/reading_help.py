"""Files read in this process, for tests of what a reader understands; the child has tests of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gridmap.errors import InputError
from gridmap.exchange.format import RawTable, ReadRequest


def read_as(one, folder, files, main, **wanted) -> RawTable:
    """Write files as `source` would leave them, and read the main one."""
    for extension, data in files.items():
        (folder / f"data{extension}").write_bytes(data)
    return one.read(folder / f"data{main}", ReadRequest("household", spatial=True, **wanted))


def cells(table: RawTable, name: str) -> list:
    column = table.columns[name]
    return column.tolist() if isinstance(column, np.ndarray) else list(column)


def unless_refused(read: Callable[[], RawTable]) -> RawTable | InputError:
    """Return what was read, or the refusal."""
    try:
        return read()
    except InputError as error:
        return error
