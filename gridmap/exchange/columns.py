"""Which of a file's columns are refused: by name, by what they hold, and as movement records together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from gridmap.config.refusals import MOVEMENT, refused_columns
from gridmap.errors import InputError
from gridmap.exchange.checksums import looks_like_phones, present, recognised, sampled
from gridmap.exchange.format import RawTable

__all__ = ["refuse", "refused_columns", "refused_in"]

# Whom or what a position would follow, in a header, folded to letters; and when it was there.
SUBJECTS = re.compile(
    r"人员|姓名|户主|用户|巡逻员|护边员|牧民|手机|电话|设备|终端|车辆|项圈|手环|工号|警号"
    r"|person|people|user|member|driver|rider|patroller|device|tracker|phone|mobile|vehicle|collar|herder|subject"
    r"|\b(?:tid|uid|sn)\b"
)
TIMES = re.compile(
    r"时间|时刻|时分|日期时间|time|\b(?:timestamp|datetime|ts|utc|epoch|seen|recorded|logged|when)\b"
)
# When the record was kept, not when somebody was there.
KEPT = re.compile(
    r"登记|录入|更新|修改|创建|建档|填报|上报|导入|created|updated|modified|edited|registered|entered"
)
CLOCK = re.compile(
    r"\s*(?:[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?[T ]*)?"
    r"[0-9]{1,2}[:时][0-9]{2}(?:[:分][0-9]{2}(?:\.[0-9]+)?秒?)?\s*"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?\s*"
)
MIDNIGHT = re.compile(r".*[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?\s*")
# Longer than any time of day with blanks around it: no pattern runs over a page of text.
LONGEST_TIME = 64
EPOCHS = (1e9, 2e9)
SERIES = 2.0
FEWEST = 3
MOST = 0.5


def refuse(refused: Mapping[str, str], *, where: str) -> None:
    """Refuse a file for its columns.

    Raises
    ------
    InputError
        GM204 with each header and its reason.
    """
    listed = ", ".join(f"{name} ({reason})" for name, reason in sorted(refused.items()))
    raise InputError(
        "GM204",
        f"columns are refused: {listed}",
        where=where,
        fix="delete these columns from the file, or leave them out with --drop-refused; gridmap keeps places "
        "and duties, not what people are",
    )


def refused_in(raw: RawTable, *, placed: bool) -> dict[str, str]:
    """Return the headers of a file that gridmap keeps for nobody, with the reason of each.

    Parameters
    ----------
    raw : RawTable
        The file.
    placed : bool
        Whether its rows have positions, as geometry or in columns: only then can they be movements.

    Returns
    -------
    dict of str to str
        By what the header says, by what most values are recognised as, or because a person or device, a time
        of day and a position together record where somebody was.
    """
    refused = refused_columns(raw.columns)
    for header, values in raw.columns.items():
        if header not in refused:
            reason = recognised(values)
            if reason is not None:
                refused[header] = reason
    if placed:
        refused |= _movements(raw, refused)
    return {header: refused[header] for header in raw.columns if header in refused}


def _movements(raw: RawTable, refused: Collection[str]) -> dict[str, str]:
    """Return the columns that together say who was where when.

    A time of day beside a person or a device is a series where the same one stands there again and again, or
    where each row is a line. One row each (a register with the time of its last change) is none.
    """
    times = [header for header, values in raw.columns.items() if _is_clock(header, values)]
    if not times:
        return {}
    drawn = raw.geometry is not None and _has_lines(raw.geometry)
    subjects = [
        header
        for header, values in raw.columns.items()
        if header not in times
        and (header in refused or SUBJECTS.search(_spaced(header)) or looks_like_phones(values))
        and (drawn or _repeats(values))
    ]
    return dict.fromkeys([*subjects, *times], MOVEMENT) if subjects else {}


def _spaced(header: str) -> str:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", header))
    return re.sub(r"[\W_]+", " ", apart).casefold()


def _is_clock(header: str, values: Sequence[Any] | np.ndarray[Any, Any]) -> bool:
    """Say whether most values are times of day, or seconds since 1970 under a header that says time."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "b":
        return False
    if KEPT.search(_spaced(header)):
        return False
    named = TIMES.search(_spaced(header)) is not None
    if isinstance(values, np.ndarray) and not named:
        return False
    some = sampled(values)
    fitting = sum(_is_time(value, named=named) for value in some)
    return fitting >= FEWEST and fitting >= MOST * len(some)


def _is_time(value: Any, *, named: bool) -> bool:
    if isinstance(value, str):
        text = value.strip()
        short = len(text) <= LONGEST_TIME
        return short and CLOCK.fullmatch(text) is not None and MIDNIGHT.fullmatch(text) is None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    seconds = value / 1000 if value > EPOCHS[1] else value
    return named and EPOCHS[0] <= seconds <= EPOCHS[1]


def _repeats(values: Sequence[Any] | np.ndarray[Any, Any]) -> bool:
    there = present(values)
    return len(there) >= FEWEST and len(there) >= SERIES * len(set(map(str, there)))


def _has_lines(geometry: np.ndarray[Any, np.dtype[np.object_]]) -> bool:
    kinds = shapely.get_type_id(geometry)
    lines = np.isin(kinds, [int(shapely.GeometryType.LINESTRING), int(shapely.GeometryType.MULTILINESTRING)])
    return bool(lines.any())
