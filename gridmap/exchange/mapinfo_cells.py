"""The values of MapInfo's column types: as bytes in a ``.dat``, as text in a ``.mid``."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

from gridmap.exchange import dbf

DAY_MS = 86_400_000


def _ints(part: Any) -> list[Any]:
    return list(part.view(f"<i{part.shape[1]}").ravel().tolist())


def _floats(part: Any) -> list[Any]:
    return list(part.view("<f8").ravel().tolist())


def _dates(part: Any) -> list[Any]:
    years = part[:, :2].copy().view("<i2").ravel().tolist()
    return [_date(*one) for one in zip(years, part[:, 2].tolist(), part[:, 3].tolist(), strict=True)]


def _date(year: int, month: int, day: int) -> Any:
    if not (year or month or day):
        return None
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return dbf.WRONG


def _times(part: Any) -> list[Any]:
    return [_time(one) for one in part.view("<i4").ravel().tolist()]


def _time(milliseconds: int) -> Any:
    if not 0 <= milliseconds < DAY_MS:
        # MapInfo has no other way to say that there is none.
        return None if milliseconds < 0 else dbf.WRONG
    return f"{milliseconds // 3_600_000:02}:{milliseconds // 60_000 % 60:02}:{milliseconds // 1000 % 60:02}"


def _moments(part: Any) -> list[Any]:
    days, times = _dates(part[:, :4]), _times(part[:, 4:].copy())
    return [_moment(day, time) for day, time in zip(days, times, strict=True)]


def _moment(day: Any, time: Any) -> Any:
    if not isinstance(day, str):
        return day
    if not isinstance(time, str):
        return time if time is dbf.WRONG else day
    return day if time == "00:00:00" else f"{day}T{time}"


def _truths(part: Any) -> list[Any]:
    known = {0: False, 1: True, ord("F"): False, ord("T"): True, ord(" "): None}
    return [known.get(one, dbf.WRONG) for one in part[:, 0].tolist()]


def _text_truths(cells: list[bytes]) -> list[Any]:
    known = {b"1": True, b"0": False, b"TRUE": True, b"FALSE": False, **dbf.TRUTH, b"": None}
    return [known.get(cell.strip().upper(), dbf.WRONG) for cell in cells]


def _text_times(cells: list[bytes]) -> Iterator[Any]:
    for cell in cells:
        text = cell.strip().ljust(9, b"0")
        if not cell.strip():
            yield None
        elif re.fullmatch(rb"[0-9]{9}", text):
            hours, minutes, rest = int(text[:2]), int(text[2:4]), int(text[4:])
            yield _time(((hours * 60 + minutes) * 60) * 1000 + rest)
        else:
            yield dbf.WRONG


def _text_moments(cells: list[bytes]) -> list[Any]:
    days = dbf.CONVERTERS["D"]([cell.strip()[:8] for cell in cells])
    times = _text_times([cell.strip()[8:] for cell in cells])
    return [_moment(day, time) for day, time in zip(days, times, strict=True)]


NATIVE: dict[str, Callable[[Any], list[Any]]] = {
    "char": lambda part: dbf.texts(dbf.byte_cells(part)),
    "decimal": lambda part: dbf.numbers(dbf.byte_cells(part)),
    "integer": _ints,
    "smallint": _ints,
    "largeint": _ints,
    "float": _floats,
    "date": _dates,
    "time": _times,
    "datetime": _moments,
    "logical": _truths,
}
TEXT: dict[str, Callable[[list[bytes]], list[Any]]] = {
    "char": dbf.texts,
    **dict.fromkeys(("decimal", "integer", "smallint", "largeint", "float"), dbf.numbers),
    "date": dbf.CONVERTERS["D"],
    "time": lambda cells: list(_text_times(cells)),
    "datetime": _text_moments,
    "logical": _text_truths,
}
