"""Columns as they come out of SQLite in blocks: numbers in numpy, texts in Arrow where it is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from operator import ge
from typing import Any, NamedTuple, overload

import numpy as np
import pandas as pd

from gridmap.config.spec import ColumnType

pa: Any
pc: Any
try:
    import pyarrow as pa
    import pyarrow.compute as pc
except ImportError:  # of the extra that reads Parquet
    pa = pc = None

# What stands between the texts of a block, and for a missing one: control characters.
SEPARATOR, MISSING = "\x1f", "\x1e"
_TEXT: Any = pd.StringDtype(na_value=np.nan)

# Rows of a block, their joined values (None: every one is missing), and a digit for each: is it missing.
Part = tuple[int, bytes | None, bytes | None]


class Ready(NamedTuple):
    """Values of a block as `number_part` or `text_part` gives them, and whether one is there."""

    values: Any
    filled: bool


class Nothing(Sequence[None]):
    """A column without a value."""

    def __init__(self, rows: int) -> None:
        self._rows = range(rows)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, at: int) -> None: ...
    @overload
    def __getitem__(self, at: slice) -> list[None]: ...
    def __getitem__(self, at: int | slice) -> Any:
        """Return None, for every row that is asked for."""
        found = self._rows[at]
        return None if isinstance(found, int) else [None] * len(found)


class Numbers(Sequence[Any]):
    """Whole numbers or truth values; `missing` is None where every row has one."""

    def __init__(self, values: np.ndarray, missing: np.ndarray | None) -> None:
        self.values = values
        self.missing = missing
        self.kinds: tuple[ColumnType, ...] = ("boolean",) if values.dtype == bool else ("integer",)

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, at: int) -> int | None: ...
    @overload
    def __getitem__(self, at: slice) -> list[int | None]: ...
    def __getitem__(self, at: int | slice) -> Any:
        """Return one value as SQLite holds it."""
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        return None if self.missing is not None and self.missing[at] else int(self.values[at])

    def take(self, order: np.ndarray) -> Numbers:
        """Return the rows in another order."""
        return Numbers(self.values[order], None if self.missing is None else self.missing[order])

    def series(self) -> pd.Series[Any]:
        """Return the column of a frame."""
        gaps = np.zeros(len(self), dtype=bool) if self.missing is None else self.missing
        made = pd.arrays.BooleanArray if self.values.dtype == bool else pd.arrays.IntegerArray
        return pd.Series(made(self.values, gaps))


class Texts(Sequence[Any]):
    """Texts, some of them missing (None)."""

    kinds: tuple[ColumnType, ...] = ("text",)

    def __init__(self, values: Any) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, at: int) -> str | None: ...
    @overload
    def __getitem__(self, at: slice) -> list[str | None]: ...
    def __getitem__(self, at: int | slice) -> Any:
        """Return one text as SQLite holds it."""
        if isinstance(at, slice):
            return self.tolist()[at]
        found = self._values[at]
        return found if found is None or isinstance(found, str) else found.as_py()

    def __iter__(self) -> Iterator[str | None]:
        return iter(self.tolist())

    def tolist(self) -> list[str | None]:
        """Return the texts."""
        values: list[str | None] = (
            self._values if isinstance(self._values, list) else self._values.to_pylist()
        )
        return values

    def array(self) -> np.ndarray:
        """Return the texts as an array of objects (n,)."""
        if isinstance(self._values, list):
            return np.array(self._values, dtype=object)
        return np.asarray(self._values.to_numpy(zero_copy_only=False))

    def gaps(self) -> np.ndarray:
        """Return which texts are missing, (n,) of bool."""
        if isinstance(self._values, list):
            return np.array([value is None for value in self._values], dtype=bool)
        return np.asarray(self._values.is_null().to_numpy(zero_copy_only=False), dtype=bool)

    def take(self, order: np.ndarray) -> Texts:
        """Return the rows in another order."""
        if isinstance(self._values, list):
            return Texts([self._values[row] for row in order.tolist()])
        return Texts(self._values.take(pa.array(order)))

    def order(self) -> np.ndarray:
        """Return the positions of the texts in code-point order, (n,)."""
        if isinstance(self._values, list):
            keys = ["" if value is None else value for value in self._values]
            return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)
        return np.asarray(pc.sort_indices(self._values).to_numpy(), dtype=np.intp)

    def rising(self) -> bool:
        """Say whether every text is there and comes after the one before it, in code-point order."""
        if isinstance(self._values, list):
            return None not in self._values and not any(map(ge, self._values, self._values[1:]))
        if self._values.null_count:
            return False
        # Bytes of UTF-8 are ordered as code points are.
        return bool(pc.all(pc.less(self._values[:-1], self._values[1:])).as_py())

    def series(self) -> pd.Series[Any]:
        """Return the column of a frame."""
        if isinstance(self._values, list):
            return pd.Series(np.array(self._values, dtype=object), dtype="str")
        return pd.Series(_TEXT.__from_arrow__(self._values))


def no_texts(rows: int) -> pd.Series[Any]:
    """Return the column of a frame where every text is missing."""
    if pa is None:
        return pd.Series(np.full(rows, None, dtype=object), dtype="str")
    return pd.Series(_TEXT.__from_arrow__(pa.nulls(rows, pa.large_string())))


def arrow_of(series: pd.Series[Any]) -> Any:
    """Return the Arrow array behind a column of texts, which are then all Unicode; None if there is none."""
    if pa is None or getattr(series.dtype, "storage", None) != "pyarrow":
        return None
    return pa.array(series.array, from_pandas=True)


def holds_nul(texts: Any) -> bool:
    """Say whether a text of an Arrow array holds a NUL."""
    return bool(pc.any(pc.match_substring(texts, "\0")).as_py())


def among(texts: pd.Series[Any], wanted: Iterable[str]) -> np.ndarray:
    """Say of each text whether it is one of those wanted, (n,): `isin` makes an Arrow scalar of each."""
    there = set(wanted)
    return np.fromiter(map(there.__contains__, texts.tolist()), dtype=bool, count=len(texts))


def number_part(part: Part, kind: ColumnType) -> tuple[np.ndarray, np.ndarray]:
    """Return the whole numbers of a block, or truth values written as one digit each, and which are missing.

    Raises
    ------
    ValueError
        If a value is not one.
    """
    rows, joined, gaps = part
    if joined is None:
        found = np.zeros(rows, dtype=np.int64)
    elif kind == "boolean":
        found = np.frombuffer(joined, dtype=np.uint8).astype(np.int64) - ord("0")
    else:
        found = np.fromstring(joined.decode("ascii"), dtype=np.int64, sep=",")
    if len(found) != rows or (kind == "boolean" and ((found < 0) | (found > 1)).any()):
        raise ValueError
    return found.astype(bool) if kind == "boolean" else found, _gaps(rows, joined, gaps)


def ready_numbers(values: np.ndarray, missing: np.ndarray, kind: ColumnType) -> Ready | None:
    """Return whole numbers of a block as `number_part`; None if one is no truth value, where it should be."""
    if kind == "boolean":
        if int(values.min(initial=0)) < 0 or int(values.max(initial=0)) > 1:
            return None
        values = values.astype(bool)
    return Ready((values, missing), not missing.all())


def ready_texts(raw: np.ndarray, offsets: np.ndarray, missing: np.ndarray) -> Ready | None:
    """Return texts of a block as `text_part`; None if one is not UTF-8.

    Parameters
    ----------
    raw : (b,) uint8
        All of them, one behind the other.
    offsets : (n + 1,) int
        Where each begins, and the last ends.
    missing : (n,) of bool
        Those that are not there; they are empty.
    """
    try:
        return Ready((_listed if pa is None else _whole_arrow)(raw, offsets, missing), not missing.all())
    except ValueError:
        return None


def whole_numbers(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> Numbers:
    """Return a column of the blocks of `number_part`."""
    gone = np.concatenate([missing for _, missing in parts])
    return Numbers(np.concatenate([values for values, _ in parts]), gone if gone.any() else None)


def text_part(part: Part) -> Any:
    """Return the texts of a block: an Arrow array, or a list where there is no Arrow.

    Raises
    ------
    ValueError
        If a text holds the separator, or is not UTF-8.
    """
    return _split(*part) if pa is None else _arrow(*part)


def joined_texts(parts: Sequence[Any]) -> Texts:
    """Return a column of the blocks of `text_part`."""
    if pa is None:
        return Texts([text for part in parts for text in part])
    return Texts(pa.concat_arrays(parts))


def _gaps(rows: int, joined: bytes | None, gaps: bytes | None) -> np.ndarray:
    if joined is None:
        return np.ones(rows, dtype=bool)
    if gaps is None:
        return np.zeros(rows, dtype=bool)
    found: np.ndarray = np.frombuffer(gaps, dtype=np.uint8) == ord("1")
    return found


def _split(rows: int, joined: bytes | None, gaps: bytes | None) -> list[str | None]:
    if joined is None:
        return [None] * rows
    texts: list[str | None] = list(joined.decode("utf-8").split(SEPARATOR))
    if len(texts) != rows:
        raise ValueError
    if gaps is not None:
        for row in np.flatnonzero(_gaps(rows, joined, gaps)).tolist():
            texts[row] = None
    return texts


def _arrow(rows: int, joined: bytes | None, gaps: bytes | None) -> Any:
    """Cut joined texts without making a Python text of any."""
    if joined is None:
        return pa.nulls(rows, pa.large_string())
    raw = np.frombuffer(joined, dtype=np.uint8)
    cut = raw == ord(SEPARATOR)
    ends = np.flatnonzero(cut)
    if len(ends) != rows - 1:
        raise ValueError
    gone = _gaps(rows, joined, gaps)
    texts = raw[~cut]
    offsets = np.zeros(rows + 1, dtype=np.int64)
    offsets[1:-1] = ends - np.arange(rows - 1)
    offsets[-1] = len(texts)
    if gone.any():
        # A missing text was marked by one character, which goes too.
        keep = np.ones(len(texts), dtype=bool)
        keep[offsets[:-1][gone]] = False
        texts = texts[keep]
        offsets[1:] -= np.cumsum(gone)
    return _whole_arrow(texts, offsets, gone)


def _listed(raw: np.ndarray, offsets: np.ndarray, missing: np.ndarray) -> list[str | None]:
    whole, cuts = raw.tobytes(), offsets.tolist()
    texts: list[str | None] = [whole[start:end].decode("utf-8") for start, end in pairwise(cuts)]
    for row in np.flatnonzero(missing).tolist():
        texts[row] = None
    return texts


def _whole_arrow(raw: np.ndarray, offsets: np.ndarray, missing: np.ndarray) -> Any:
    there = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
    buffers = [there, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(raw))]
    made = pa.Array.from_buffers(pa.large_string(), len(missing), buffers)
    try:
        made.validate(full=True)
    except pa.ArrowInvalid as error:
        raise ValueError from error
    return made
