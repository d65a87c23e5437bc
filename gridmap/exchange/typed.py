"""From raw values to typed columns, row by row where something does not fit.

Text stays text (``000123``), integers and booleans are taken only where the kind declares them.
Nothing is guessed: ``3.5`` is not an integer, ``123.0`` is not a
code, ``yes`` is not a boolean. A reason never repeats the value: the column may be private.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gridmap.config.spec import ColumnType

INTEGER = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
REAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
BOOLEANS = {"true": True, "false": False, "是": True, "否": False, "1": True, "0": False}
INT64 = 2**63
EXACT_FLOAT = 2**53
DTYPES: dict[str, str] = {
    "text": "str",
    "integer": "Int64",
    "real": "float64",
    "boolean": "boolean",
    "date": "datetime64[s]",
}


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why one row of a file cannot be stored.

    Parameters
    ----------
    row : int
        The number its reader would count.
    column : str
        The column it is about.
    reason : str
        In words; never the value.
    """

    row: int
    column: str
    reason: str


class _MisfitError(ValueError):
    """A value does not fit; its text is the reason."""


def typed_column(
    values: Sequence[Any] | np.ndarray[Any, Any], wanted: ColumnType
) -> tuple[pd.Series[Any], list[tuple[int, str]]]:
    """Convert a column.

    Parameters
    ----------
    values : sequence
        Raw values, or a numpy array of one type.
    wanted : {"text", "integer", "real", "boolean", "date"}
        Type of the kind's column.

    Returns
    -------
    Series
        Of the frame contract's dtype; missing where a value did not fit.
    list of (int, str)
        Position and reason of each value that did not fit.
    """
    quick = _quick(values, wanted)
    if quick is not None:
        return quick, []
    convert = CONVERTERS[wanted]
    cells: list[Any] = []
    misfits: list[tuple[int, str]] = []
    for position, value in enumerate(_python(values)):
        try:
            cells.append(None if value is None else convert(value))
        except _MisfitError as misfit:
            cells.append(None)
            misfits.append((position, str(misfit)))
    return pd.Series(cells, dtype=DTYPES[wanted]), misfits


def missing_column(length: int, wanted: ColumnType) -> pd.Series[Any]:
    """Return a column of missing values."""
    return pd.Series([None] * length, dtype=DTYPES[wanted])


def _quick(values: Sequence[Any] | np.ndarray[Any, Any], wanted: ColumnType) -> pd.Series[Any] | None:
    """Convert a whole numpy array where nothing in it can fail."""
    if not isinstance(values, np.ndarray):
        return None
    sort = values.dtype.kind
    if wanted == "integer" and sort in "iu" and values.dtype != np.uint64:
        return pd.Series(values, dtype="Int64")
    if wanted == "real" and sort in "iuf" and not np.isinf(values.astype(np.float64)).any():
        return pd.Series(values, dtype="float64")
    if wanted == "boolean" and sort == "b":
        return pd.Series(values, dtype="boolean")
    return None


def _python(values: Sequence[Any] | np.ndarray[Any, Any]) -> Sequence[Any]:
    """Return plain Python values, None where missing."""
    if not isinstance(values, np.ndarray):
        return values
    if values.dtype.kind == "M":
        stamps = values.astype("datetime64[s]")
        return [None if np.isnat(one) else one.item() for one in stamps]
    if values.dtype.kind == "f":
        return [None if math.isnan(one) else one for one in values.tolist()]
    return values.tolist()  # type: ignore[no-any-return] # numpy gives Any


def _text(value: Any) -> str:
    if isinstance(value, str):
        if UNSTORABLE.search(value):
            raise _MisfitError("holds a NUL or half a character, which no database keeps")
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise _MisfitError("holds a number with a fraction, or a structure, where text belongs")
    return str(value)


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise _MisfitError("is not a whole number")
    if isinstance(value, str) and INTEGER.fullmatch(value):
        value = int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_FLOAT:
        value = int(value)
    if not isinstance(value, int):
        raise _MisfitError("is not a whole number")
    if not -INT64 <= value < INT64:
        raise _MisfitError("is a whole number too large to keep")
    return value


def _real(value: Any) -> float:
    if isinstance(value, str) and REAL.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _MisfitError("is not a number (decimals are written with a point)")
    number = float(value) if abs(value) < 10**300 else math.inf
    if not math.isfinite(number):
        raise _MisfitError("is not a finite number")
    return number


def _boolean(value: Any) -> bool:
    if isinstance(value, str):
        value = BOOLEANS.get(value.lower(), value)
    if value is True or value is False:
        return bool(value)
    if isinstance(value, (int, float)) and value in (0, 1):
        return value == 1
    raise _MisfitError("is not true or false (write true, false, 是, 否, 1 or 0)")


def _date(value: Any) -> dt.datetime:
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        stamp = value
    elif isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        stamp = dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day has no time zone
    elif isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T00:00:00)?", value):
        try:
            stamp = dt.datetime.fromisoformat(value)
        except ValueError as error:
            raise _MisfitError("is not a day of the calendar") from error
    else:
        raise _MisfitError("is not a date such as 2026-11-22")
    if stamp.time() != dt.time():
        raise _MisfitError("has a time of day where a date belongs")
    return stamp


CONVERTERS: dict[ColumnType, Callable[[Any], Any]] = {
    "text": _text,
    "integer": _integer,
    "real": _real,
    "boolean": _boolean,
    "date": _date,
}
