"""From a frame's column to plain values that SQLite holds, and back; every misfit is named.

One place knows how a column type looks in a frame, in SQL and in a record. Values:
text ``str``, integer ``int``, real ``float``, boolean ``0``/``1``, date ``"YYYY-MM-DD"``, missing ``None``.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from types import UnionType
from typing import Any, cast

import numpy as np
import pandas as pd

from gridmap.config.spec import ColumnType
from gridmap.store.arrays import Nothing, Numbers, Texts, arrow_of, holds_nul, no_texts

Cell = str | int | float | None
Cells = list[Cell]

DTYPES: dict[str, str] = {
    "text": "str",
    "integer": "Int64",
    "real": "float64",
    "boolean": "boolean",
    "date": "datetime64[s]",
}
WANTED: dict[str, str] = {
    "text": "text",
    "integer": "a whole number of at most 64 bits",
    "real": "a number",
    "boolean": "true or false",
    "date": "a date without a time of day, years 1 to 9999",
}
INT64 = 2**63
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class MisfitError(Exception):
    """Some values of a column do not have its type; `rows` are their positions."""

    def __init__(self, rows: Sequence[int]) -> None:
        super().__init__(rows)
        self.rows = list(rows)


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)  # noqa: PLR0124 - NaN


def _is_text(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    # Other programs read a text only up to its first NUL.
    return "\0" not in value


def _text(value: object) -> str:
    if not _is_text(value):
        raise ValueError
    return str(value)


def _integer(value: object) -> int:
    whole = isinstance(value, int | np.integer) or (isinstance(value, float) and value.is_integer())
    if not whole or isinstance(value, bool | np.bool_) or not -INT64 <= int(value) < INT64:  # type: ignore[call-overload]
        raise ValueError
    return int(value)  # type: ignore[call-overload, no-any-return]


def _real(value: object) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise ValueError  # noqa: TRY004 - a misfit of the data, collected with the others
    # SQLite keeps no negative zero.
    return float(value) + 0.0


def _boolean(value: object) -> int:
    if not isinstance(value, bool | np.bool_):
        raise ValueError  # noqa: TRY004 - the same
    return int(value)


def _date(value: object) -> str:
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None or value.time() != dt.time(0):
            raise ValueError
        value = value.date()
    if not isinstance(value, dt.date):
        raise ValueError  # noqa: TRY004 - the same
    return value.isoformat()


ONE: dict[str, Callable[[Any], Cell]] = {
    "text": _text,
    "integer": _integer,
    "real": _real,
    "boolean": _boolean,
    "date": _date,
}


def to_cell(value: object, kind: ColumnType) -> Cell:
    """Return one value as SQLite holds it.

    Raises
    ------
    ValueError
        If the value does not have the type.
    """
    return None if _missing(value) else ONE[kind](value)


def to_cells(series: pd.Series[Any], kind: ColumnType) -> Cells:
    """Return a column as SQLite holds it.

    Raises
    ------
    MisfitError
        With the positions of every value that does not have the type.
    """
    quick = _QUICK.get((kind, str(series.dtype)))
    if quick is not None:
        found = quick(series)
        if found is not None:
            return found
    values = series.astype(object).tolist() if str(series.dtype) != "object" else series.tolist()
    cells: Cells = [None] * len(values)
    bad: list[int] = []
    convert = ONE[kind]
    for position, value in enumerate(values):
        if _missing(value):
            continue
        try:
            cells[position] = convert(value)
        except (ValueError, OverflowError):
            bad.append(position)
    if bad:
        raise MisfitError(bad)
    return cells


def _objects(series: pd.Series[Any]) -> Cells:
    """Return a column's values, missing ones as None."""
    values: Cells = series.astype(object).tolist()
    missing = series.isna().to_numpy()
    for row in np.flatnonzero(missing).tolist():
        values[row] = None
    return values


def _quick_text(series: pd.Series[Any]) -> Cells | None:
    arrow = arrow_of(series)
    if arrow is not None:
        return None if holds_nul(arrow) else arrow.to_pylist()
    found = _objects(series)
    texts = cast("list[str | None]", found)
    whole = "".join(filter(None, texts))
    try:
        whole.encode("utf-8")
    except UnicodeEncodeError:
        return None
    return None if "\0" in whole else found


def _quick_integer(series: pd.Series[Any]) -> Cells:
    return _objects(series)


def _quick_real(series: pd.Series[Any]) -> Cells:
    values = series.to_numpy(dtype=float) + 0.0
    found: Cells = values.tolist()
    if np.isnan(values).any():
        found = [None if math.isnan(value) else value for value in values.tolist()]
    return found


def _quick_boolean(series: pd.Series[Any]) -> Cells:
    return _objects(series.astype("Int64"))


def _quick_date(series: pd.Series[Any]) -> Cells | None:
    values = series.to_numpy()
    days = values.astype("datetime64[D]")
    there = ~np.isnat(values)
    known = days[there]
    low, high = np.datetime64("0001-01-01"), np.datetime64("9999-12-31")
    if (known != values[there]).any() or ((known < low) | (known > high)).any():
        return None
    found: Cells = [None] * len(values)
    for position, text in zip(
        np.flatnonzero(there).tolist(), np.datetime_as_string(known).tolist(), strict=True
    ):
        found[position] = text
    return found


_QUICK: dict[tuple[str, str], Callable[[pd.Series[Any]], Cells | None]] = {
    ("text", "str"): _quick_text,
    ("integer", "Int64"): _quick_integer,
    ("integer", "int64"): _quick_integer,
    ("real", "float64"): _quick_real,
    ("boolean", "boolean"): _quick_boolean,
    ("boolean", "bool"): _quick_boolean,
    ("date", "datetime64[s]"): _quick_date,
    ("date", "datetime64[us]"): _quick_date,
    ("date", "datetime64[ns]"): _quick_date,
}


def conformed(series: pd.Series[Any], kind: ColumnType) -> pd.Series[Any]:
    """Return a column with its type's dtype, on a plain index.

    Raises
    ------
    MisfitError
        With the positions of every value that does not have the type.
    """
    if str(series.dtype) != DTYPES[kind]:
        return from_cells(to_cells(series, kind), kind)
    arrow = arrow_of(series) if kind == "text" else None
    if kind in {"text", "date"} and len(series) and (arrow is None or holds_nul(arrow)):
        # The dtype also holds text that is not Unicode and times of day: looked at, not converted.
        to_cells(series, kind)
    plain = series.reset_index(drop=True)
    return plain + 0.0 if kind == "real" else plain


def from_cells(cells: Sequence[Any], kind: ColumnType) -> pd.Series[Any]:
    """Return a frame's column from what SQLite holds.

    Raises
    ------
    MisfitError
        With the positions of every value that does not have the type.
    """
    if isinstance(cells, Numbers | Texts):
        return cells.series() if kind in cells.kinds else from_cells(list(cells), kind)
    types = set() if isinstance(cells, Nothing) else set(map(type, cells)) - {type(None)}
    if not types:
        return nothing(len(cells), kind)
    if not _fits(cells, types, kind):
        raise MisfitError([row for row, value in enumerate(cells) if not _cell_fits(value, kind)])
    return _column(cells, kind)


def _column(cells: Sequence[Any], kind: ColumnType) -> pd.Series[Any]:
    if kind == "text":
        return pd.Series(np.array(cells, dtype=object), dtype="str")
    if kind == "real":
        return pd.Series(np.array(cells, dtype=float))
    if kind == "date":
        filled = ["NaT" if value is None else value for value in cells]
        return pd.Series(np.array(filled, dtype="datetime64[s]"))
    gaps = np.array([value is None for value in cells]) if None in cells else np.zeros(len(cells), dtype=bool)
    filled = [0 if value is None else value for value in cells] if gaps.any() else list(cells)
    if kind == "integer":
        return pd.Series(pd.arrays.IntegerArray(np.array(filled, dtype=np.int64), gaps))
    return pd.Series(pd.arrays.BooleanArray(np.array(filled, dtype=bool), gaps))


def nothing(rows: int, kind: ColumnType) -> pd.Series[Any]:
    """Return a column without a value."""
    if kind == "text":
        return no_texts(rows)
    if kind in {"integer", "boolean"}:
        made = pd.arrays.IntegerArray if kind == "integer" else pd.arrays.BooleanArray
        zeros = np.zeros(rows, dtype=np.int64 if kind == "integer" else bool)
        return pd.Series(made(zeros, np.ones(rows, dtype=bool)))
    empty: Any = np.nan if kind == "real" else np.datetime64("NaT")
    return pd.Series(np.full(rows, empty, dtype=DTYPES[kind]))


def _fits(cells: Sequence[Any], types: set[type], kind: ColumnType) -> bool:
    if kind == "text":
        return types == {str}
    if kind == "real":
        return types <= {float, int}
    if kind == "integer":
        return types == {int}
    return all(_cell_fits(value, kind) for value in set(cells))


_PLAIN: dict[str, type | UnionType] = {"text": str, "integer": int, "real": int | float}


def _cell_fits(value: object, kind: ColumnType) -> bool:
    if value is None:
        return True
    if kind in _PLAIN:
        return isinstance(value, _PLAIN[kind])
    if kind == "boolean":
        return isinstance(value, int) and value in {0, 1}
    if not isinstance(value, str) or not ISO_DATE.fullmatch(value):
        return False
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True
