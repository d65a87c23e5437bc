"""Columns of Arrow arrays as plain values, every one exact or told as a fault.

The types in the file decide, nothing else: what pandas noted beside them (an index, its own types) is not
looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Column = Sequence[Any] | np.ndarray[Any, Any]
BYTES = "holds bytes, where a text or number belongs"
UNREAD = "holds a value of a type that is not read"


class ColumnBuilder:
    """One column, put together from the arrays of a file's batches.

    ``faults`` are the positions of values that are not read, and why.
    """

    def __init__(self) -> None:
        self._pieces: list[Column] = []
        self._rows = 0
        self.faults: list[tuple[int, str]] = []

    def add(self, array: Any) -> None:
        """Add the values of the next batch."""
        values, reason = _values(array)
        if reason:
            self.faults += [(self._rows + int(at), reason) for at in np.flatnonzero(_there(array))]
        self._pieces.append(values)
        self._rows += len(values)

    def column(self) -> Column:
        """Return the whole column: an array of numbers where none is missing, otherwise a list."""
        if self._pieces and all(isinstance(piece, np.ndarray) for piece in self._pieces):
            return np.concatenate(self._pieces)
        cells: list[Any] = []
        for piece in self._pieces:
            cells += piece.tolist() if isinstance(piece, np.ndarray) else piece
        return cells


def _there(array: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=bool)


def _values(array: Any) -> tuple[Column, str]:
    """Return an array's values, and what is wrong with all that are there."""
    import pyarrow as pa  # noqa: PLC0415

    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if isinstance(array, pa.DictionaryArray):
        array = array.dictionary_decode()
    types, kind = pa.types, array.type
    if types.is_union(kind):
        return [None] * len(array), UNREAD
    converters: tuple[tuple[tuple[Callable[[Any], bool], ...], Callable[[Any], Column]], ...] = (
        ((types.is_integer, types.is_boolean), _whole),
        ((types.is_floating,), _numbers),
        ((types.is_date, types.is_timestamp), _days),
        ((types.is_string, types.is_large_string, types.is_string_view, types.is_null), _plain),
        ((types.is_decimal,), lambda cells: _spelt(cells, lambda one: format(one, "f"))),
        ((types.is_time,), lambda cells: _spelt(cells, lambda one: one.isoformat())),
        ((types.is_nested,), lambda cells: _spelt(cells, _json)),
    )
    for tests, convert in converters:
        if any(test(kind) for test in tests):
            return convert(array), ""
    return [None] * len(array), BYTES if "binary" in str(kind) else UNREAD


def _plain(array: Any) -> list[Any]:
    return list(array.to_pylist())


def _whole(array: Any) -> Column:
    """Return integers or booleans: as a list where one is missing, since no array holds that exactly."""
    if array.null_count:
        return _plain(array)
    return np.asarray(array.to_numpy(zero_copy_only=False))


def _numbers(array: Any) -> Column:
    numbers = np.asarray(array.to_numpy(zero_copy_only=False))
    return numbers.astype(np.float64) if numbers.dtype == np.float16 else numbers


def _spelt(array: Any, spell: Callable[[Any], str]) -> list[str | None]:
    return [None if one is None else spell(one) for one in array.to_pylist()]


def _json(value: Any) -> str:
    """Return a nested value as JSON; bytes in it as hexadecimal digits."""
    return json.dumps(
        value, ensure_ascii=False, default=lambda one: one.hex() if isinstance(one, bytes) else str(one)
    )


def _days(array: Any) -> list[str | None]:
    """Return days, and times where a value is more than a day: in UTC where the file knows the time zone."""
    zone = "Z" if getattr(array.type, "tz", None) else ""
    stamps = _stamps(array)
    days = stamps.astype("datetime64[D]")
    whole = days.astype(stamps.dtype) == stamps
    texts = np.where(whole, np.datetime_as_string(days), np.datetime_as_string(stamps)).tolist()
    if zone:
        texts = [f"{text}T00:00:00Z" if day else f"{text}Z" for text, day in zip(texts, whole, strict=True)]
    return [text if there else None for text, there in zip(texts, _there(array), strict=True)]


def _stamps(array: Any) -> np.ndarray[Any, Any]:
    """Return the moments of an array as numpy's, of any year; where one is missing, the beginning of 1970."""
    import pyarrow as pa  # noqa: PLC0415

    kind = array.type
    unit = {"date32[day]": "D", "date64[ms]": "ms"}.get(str(kind)) or kind.unit
    width = pa.int32() if pa.types.is_date32(kind) else pa.int64()
    counts = array.view(width).fill_null(0).to_numpy(zero_copy_only=False)
    return counts.astype(np.int64).astype(f"datetime64[{unit}]")  # type: ignore[no-any-return] # pyarrow is Any
