"""Files of tables: SQLite databases (GeoPackage), Parquet and dBase."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from gridmap.errors import ConfigError
from gridmap.publish.unpacking.piece import ANY_BYTE, Budget, Piece, TooMuchError
from gridmap.store.values import UnreadableDatabaseError, side_by_side, values

SQLITE, PARQUET, PARQUET_ENCRYPTED = b"SQLite format 3\0", b"PAR1", b"PARE"
BATCH = 50_000
# Of a dBase file: the versions, its head and that of a column, what ends the head and the file.
DBASE = frozenset(b"\x02\x03\x04\x05\x30\x31\x32\x43\x63\x83\x8b\x8e\xcb\xf5\xfb")
DBASE_HEAD, DBASE_WIDTH, DBASE_END = 32, 16, 0x0D


def is_sqlite(data: bytes) -> bool:
    """Say whether bytes begin like a SQLite database."""
    return data.startswith(SQLITE)


def database(data: bytes, budget: Budget) -> Iterator[bytes | Piece]:
    """Yield the values of a database: a long one is cut in the file, at the ends of its pages."""
    try:
        for found in values(data):
            budget.take(sum(map(len, found.texts)) + sum(map(len, found.blobs)))
            yield Piece(b"\n".join(found.texts))
            yield Piece(b"\n".join(found.blobs), ANY_BYTE)
    except UnreadableDatabaseError as error:
        raise TooMuchError("it holds a database that cannot be read") from error


def beside(data: bytes) -> Callable[[], bytes] | None:
    """Return what gives the texts of a database as its pages hold them; None for other bytes."""
    return partial(side_by_side, data) if is_sqlite(data) else None


def is_parquet(data: bytes) -> bool:
    """Say whether bytes are a Parquet file."""
    marks = (PARQUET, PARQUET_ENCRYPTED)
    return len(data) > 2 * len(PARQUET) and data.startswith(marks) and data.endswith(marks)


def parquet(data: bytes, budget: Budget) -> Iterator[bytes | Piece]:
    """Yield what a Parquet file holds: notes, statistics, values, dictionaries with unused entries.

    Raises
    ------
    ConfigError
        GM111 without pyarrow.
    TooMuchError
        If the file is damaged or encrypted.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            "GM111",
            "the guard needs the library pyarrow to look into a Parquet file, and it is not installed",
            where="*.parquet",
            fix="pip install 'gridmap[parquet]'",
        ) from error
    try:
        with pq.ParquetFile(io.BytesIO(data)) as file:
            notes = file.metadata.metadata or {}
            texts = [field.name for field in file.schema_arrow if _is_text(pa, field.type)]
        yield from (part for pair in notes.items() for part in pair)
        # Read as dictionaries, so that an entry that no row uses is seen.
        with pq.ParquetFile(io.BytesIO(data), read_dictionary=texts) as file:
            yield from _statistics(file.metadata)
            for batch in file.iter_batches(BATCH):
                for column in batch.columns:
                    yield from _arrow(pa, column, budget)
    except (pa.ArrowException, OSError, ValueError, OverflowError, KeyError, TypeError) as error:
        if isinstance(error, TooMuchError):
            raise
        raise TooMuchError("it holds a Parquet file that cannot be read") from error


def _is_text(pa: Any, kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _statistics(metadata: Any) -> Iterator[Piece]:
    texts: set[str] = set()
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            told = metadata.row_group(group).column(number).statistics
            if told is not None and told.has_min_max:
                texts |= {str(told.min), str(told.max)}
    if texts:
        yield Piece("\n".join(sorted(texts)).encode("utf-8", "surrogatepass"))


def _arrow(pa: Any, column: Any, budget: Budget) -> Iterator[Piece]:
    """Yield the values of a column: texts one a line, everything else as Arrow holds it."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary
    if _is_text(pa, column.type):
        texts = "\n".join(one for one in column.to_pylist() if one is not None)
        budget.take(len(texts))
        yield Piece(texts.encode("utf-8", "surrogatepass"))
        return
    for buffer in column.buffers():
        if buffer is not None:
            budget.take(buffer.size)
            yield Piece(buffer.to_pybytes(), ANY_BYTE)


def is_dbf(data: bytes) -> bool:
    """Say whether bytes are a dBase table, by what its head must hold."""
    if len(data) <= DBASE_HEAD or data[0] not in DBASE:
        return False
    rows, head, width = _dbf_head(data)
    return (
        DBASE_HEAD < head <= len(data)
        and DBASE_END in data[DBASE_HEAD:head:DBASE_HEAD]
        and width > 0
        and head + rows * width <= len(data)
    )


def dbf(data: bytes, budget: Budget) -> Iterator[bytes | Piece]:  # noqa: ARG001 - every opener's signature
    """Yield the columns of a dBase table, one value a line, and the names of the columns."""
    rows, head, width = _dbf_head(data)
    table = np.frombuffer(data, dtype=np.uint8, count=rows * width, offset=head).reshape(rows, width)
    names, at = [], 1
    for begin in range(DBASE_HEAD, head - 1, DBASE_HEAD):
        if data[begin] == DBASE_END:
            break
        names.append(data[begin : begin + 11].partition(b"\0")[0])
        wide = data[begin + DBASE_WIDTH]
        lines = np.full((rows, wide + 1), ord("\n"), dtype=np.uint8)
        lines[:, :-1] = table[:, at : at + wide]
        yield lines.tobytes().replace(b"\0", b" ")
        at += wide
    yield b"\n".join(names)
    yield data[head + rows * width :]


def _dbf_head(data: bytes) -> tuple[int, int, int]:
    """Return how many rows a table says it has, and how long its head and a row are."""
    return (
        int.from_bytes(data[4:8], "little"),
        int.from_bytes(data[8:10], "little"),
        int.from_bytes(data[10:12], "little"),
    )
