"""From raw values to typed columns, row by row where something does not fit.

Text stays text (``000123``), integers and booleans are taken only where the kind declares them, in the
spellings that are declared here. Nothing is guessed: ``3.5`` is not an integer, ``123.0`` is not a code,
``1,234`` may be one number or another, ``11/12/2026`` may be a day in November or in December. Blanks around
anything but text are nothing. A reason never repeats the value: the column may be private.
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
from gridmap.exchange.encodings import destroyed

INTEGER = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
# One way only to read a run of digits: a long one that is followed by something else ends at once.
REAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
GROUPED = re.compile(r"[+-]?[0-9]{1,3}([,' \u00a0\u202f][0-9]{3})+(\.[0-9]+)?", re.ASCII)
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# What a whole column of texts is searched for at once; only where it is found each cell is looked at.
SIGNS = ("\x00", "\ufffd", "锟", "斤拷", "烫烫", "屯屯")
SUSPECT = re.compile("[\ud800-\udfff]|" + "|".join(SIGNS))
# Digits and signs of a Chinese keyboard.
NARROW = str.maketrans("０１２３４５６７８９．－＋／：", "0123456789.-+/:")
TRUE = ("true", "yes", "y", "t", "1", "是", "有", "对", "√", "✓", "✔", "☑")
FALSE = ("false", "no", "n", "f", "0", "否", "无", "错", "×", "✗", "✘", "☒", "☐")
BOOLEANS = {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}
# The year comes first, then nothing is ambiguous.
DAY = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|/([0-9]{1,2})/([0-9]{1,2})|\.([0-9]{1,2})\.([0-9]{1,2})"
    r"|年([0-9]{1,2})月([0-9]{1,2})[日号]|([0-9]{2})([0-9]{2}))(?:[T ]([0-9:.]+))?",
    re.ASCII,
)
MIDNIGHT = re.compile(r"0?0:00(:00(\.0+)?)?", re.ASCII)
YEAR_LAST = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{4}|[0-9]{2})", re.ASCII)
# A character that the plainest spelling does not have; over the others, Python's own converters are exact.
UNUSUAL: dict[str, re.Pattern[str]] = {
    "integer": re.compile(r"[^0-9+\-\n]"),
    "real": re.compile(r"[^0-9.+\-\n]"),
    "date": re.compile(r"[^0-9\-\n]"),
}
ISO_LENGTH = 10
FIRST_DAY, LAST_DAY = np.datetime64("0001-01-01"), np.datetime64("9999-12-31")
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
    quick = _quick(values, wanted) if isinstance(values, np.ndarray) else _quick_texts(values, wanted)
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
    # Of one cell first: pandas looks at every None of a list.
    one: pd.Series[Any] = pd.Series([None], dtype=DTYPES[wanted])
    return one.take(np.zeros(length, dtype=np.intp)).reset_index(drop=True)


def _quick(values: np.ndarray[Any, Any], wanted: ColumnType) -> pd.Series[Any] | None:
    """Convert a whole numpy array where nothing in it can fail."""
    sort = values.dtype.kind
    if wanted == "integer" and sort in "iu" and values.dtype != np.uint64:
        return pd.Series(values, dtype="Int64")
    if wanted == "real" and sort in "iuf" and not np.isinf(values.astype(np.float64)).any():
        return pd.Series(values, dtype="float64")
    if wanted == "boolean" and sort == "b":
        return pd.Series(values, dtype="boolean")
    return None


def _quick_texts(values: Sequence[Any], wanted: ColumnType) -> pd.Series[Any] | None:
    """Convert a whole list of texts where nothing in it can fail, or None: then each cell is looked at."""
    there = [value for value in values if value is not None]
    if not there:
        return missing_column(len(values), wanted)
    try:
        joined = "\n".join(there)
    except TypeError:
        return None
    if wanted == "text":
        return None if _suspect(joined) else pd.Series(np.array(values, dtype=object), dtype="str")
    one_a_line = joined.count("\n") == max(0, len(there) - 1)
    if not one_a_line or (wanted in UNUSUAL and UNUSUAL[wanted].search(joined)):
        return None
    try:
        return _quick_plain(values, wanted)
    except (ValueError, OverflowError, KeyError):
        return None


def _suspect(joined: str) -> bool:
    """Say whether `SUSPECT` is somewhere in a long text: one look for each sign is faster than for all."""
    if joined.isascii():
        return "\0" in joined
    try:
        joined.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return any(sign in joined for sign in SIGNS)


def _quick_plain(values: Sequence[str | None], wanted: ColumnType) -> pd.Series[Any]:
    """Convert texts that are all spelt in the plainest way; an error if one is not."""
    if wanted == "boolean":
        return pd.Series([BOOLEANS[value] if value else None for value in values], dtype="boolean")
    if wanted == "real":
        numbers = [float(value) if value else np.nan for value in values]
        return pd.Series(_finite(np.array(numbers, dtype=np.float64)), dtype="float64")
    if wanted == "integer":
        empty = np.array([not value for value in values], dtype=bool)
        whole = np.array([int(value) if value else 0 for value in values], dtype=np.int64)
        return pd.Series(pd.arrays.IntegerArray(whole, empty))
    if any(value and len(value) != ISO_LENGTH for value in values):
        raise ValueError
    days = np.array([value or "NaT" for value in values], dtype="datetime64[s]")
    # numpy knows a year 0 and years of nine digits.
    if ((days < FIRST_DAY) | (days > LAST_DAY)).any():
        raise ValueError
    return pd.Series(days)


def _finite(numbers: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return numbers as they are; a ValueError if one is too large to be one."""
    if np.isinf(numbers).any():
        raise ValueError
    return numbers


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
        if SUSPECT.search(value):
            if UNSTORABLE.search(value):
                raise _MisfitError("holds a NUL or half a character, which no database keeps")
            if destroyed(value):
                raise _MisfitError("is text that was already destroyed before it came here")
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise _MisfitError("holds a number with a fraction, or a structure, where text belongs")
    return str(value)


def _trimmed(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a converter to which blanks around a text are nothing, and an empty text is a missing value."""

    def trimmed(value: Any) -> Any:
        if not isinstance(value, str):
            return convert(value)
        text = value.strip().translate(NARROW)
        return convert(text) if text else None

    return trimmed


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise _MisfitError("is not a whole number")
    if isinstance(value, str) and GROUPED.fullmatch(value):
        raise _MisfitError("is not a whole number (write it without separators: 1234)")
    if isinstance(value, str) and INTEGER.fullmatch(value):
        value = int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_FLOAT:
        value = int(value)
    if not isinstance(value, int):
        raise _MisfitError("is not a whole number (digits only)")
    if not -INT64 <= value < INT64:
        raise _MisfitError("is a whole number too large to keep")
    return value


def _real(value: Any) -> float:
    if isinstance(value, str) and GROUPED.fullmatch(value):
        raise _MisfitError("is not a number (write it without separators, decimals with a point: 1234.5)")
    if isinstance(value, str) and REAL.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _MisfitError("is not a number (decimals are written with a point)")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
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
    raise _MisfitError("is not true or false (write true, false, 是, 否, 有, 无, 1 or 0)")


def _date(value: Any) -> dt.datetime:
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        if value.time() != dt.time():
            raise _MisfitError("has a time of day where a date belongs")
        return value
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day has no time zone
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    match = DAY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        if isinstance(value, str) and YEAR_LAST.fullmatch(value):
            raise _MisfitError("is a date that can be read in two ways (write the year first: 2026-11-22)")
        raise _MisfitError("is not a date such as 2026-11-22")
    year, *parts, time = match.groups()
    if time is not None and MIDNIGHT.fullmatch(time) is None:
        raise _MisfitError("has a time of day where a date belongs")
    month, day = (int(part) for part in parts if part is not None)
    try:
        return dt.datetime(int(year), month, day)  # noqa: DTZ001 - a day has no time zone
    except ValueError as error:
        raise _MisfitError("is not a day of the calendar") from error


CONVERTERS: dict[ColumnType, Callable[[Any], Any]] = {
    "text": _text,
    "integer": _trimmed(_integer),
    "real": _trimmed(_real),
    "boolean": _trimmed(_boolean),
    "date": _trimmed(_date),
}
