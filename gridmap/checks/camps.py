"""Seasonal camps: a known season, months that are months, and one camp at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from gridmap.checks.base import Check, Faults, Reads, Scope, Stage, doc, shown
from gridmap.checks.context import Context

YEAR = 12
# 11-3, 6,7,8, 11-12,1-3; with the marks of a Chinese keyboard: 6、7、8月, 11至3月.
_MARKS = str.maketrans({"、": ",", "，": ",", ";": ",", "；": ",", "–": "-", "—": "-", "~": "-", "至": "-"})
_PART = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?", re.ASCII)

_SEASON = (
    doc(
        "camp-season",
        "error",
        ("a camp of a season that is not declared", "营地季节未定义"),
        "use a season listed under [seasons] in gridmap.toml, or add it there",
    ),
)
_MONTHS = (
    doc(
        "camp-months",
        "warning",
        ("the months of a camp are no months, or not those of its season", "营地月份有误"),
        "write months as 11-3 or 6,7,8, within those of the season, or leave them empty",
    ),
)
_TWICE = (
    doc(
        "camp-twice",
        "warning",
        ("two camps of one household at one time", "同户同期营地重复"),
        "delete one of them, or correct its season or months; until then the smaller id counts",
    ),
)


def read_months(text: str) -> frozenset[int] | None:
    """Return the months that a text names: ``11-3`` or ``6,7,8``; None if it names none.

    A range may go over the end of the year.
    """
    found: set[int] = set()
    for part in text.translate(_MARKS).replace("月", "").replace(" ", "").split(","):
        match = _PART.fullmatch(part)
        if match is None:
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        if not (1 <= first <= YEAR and 1 <= last <= YEAR):
            return None
        found |= {(first - 1 + step) % YEAR + 1 for step in range((last - first) % YEAR + 1)}
    return frozenset(found)


def _seasons(context: Context) -> Iterator[Faults]:
    known = context.spec.seasons
    if not known or not context.has("camp", "season"):
        return
    given = context.texts("camp", "season")
    sure = context.sound("camp", "season") & ~pd.isna(given)
    rows = np.flatnonzero(sure & ~np.isin(given.astype(str), list(known)))
    if len(rows):
        message = "the season is not one of " + ", ".join(known)
        yield Faults("camp-season", "camp", rows, message, ("season",))


def _months(context: Context) -> Iterator[Faults]:
    if not context.has("camp", "season", "months"):
        return
    said, seasons = context.texts("camp", "months"), context.texts("camp", "season")
    sure = context.sound("camp", "months", "season") & ~pd.isna(said)
    wrong, messages = [], []
    for row in np.flatnonzero(sure).tolist():
        found = read_months(said[row])
        declared = context.spec.seasons.get(str(seasons[row]))
        if found is None:
            wrong.append(row)
            messages.append(f"{context.said('camp', 'months', row)} is no list of months")
        elif declared is not None and not found <= set(declared.months):
            wrong.append(row)
            apart = ", ".join(map(str, sorted(found - set(declared.months))))
            hidden = context.private("camp", "months") or context.private("camp", "season")
            messages.append("months are outside its season" + ("" if hidden else f" {seasons[row]}: {apart}"))
    if wrong:
        yield Faults("camp-months", "camp", np.array(wrong, dtype=np.intp), messages, ("months",))


def _twice(context: Context) -> Iterator[Faults]:
    if not context.has("camp", "household", "season"):
        return
    homes = context.texts("camp", "household")
    sure = context.sound("camp", "id", "household", "season", "months") & ~pd.isna(homes)
    rows = np.flatnonzero(sure)
    ids = context.ids("camp")
    shared = rows[pd.Series(homes[rows]).duplicated(keep=False).to_numpy()]
    groups: dict[str, list[int]] = {}
    for row in shared[np.argsort(ids[shared].astype(str), kind="stable")].tolist():
        groups.setdefault(str(homes[row]), []).append(row)
    first: dict[int, int] = {}
    for group in groups.values():
        for one, other in combinations(group, 2):
            if _at_one_time(context, one, other):
                first.setdefault(other, one)
    if first:
        later = np.array(sorted(first), dtype=np.intp)
        related = [(str(ids[first[row]]),) for row in later.tolist()]
        messages = [f"its household is at {shown(one)} then" for (one,) in related]
        yield Faults("camp-twice", "camp", later, messages, (), related)


def _at_one_time(context: Context, one: int, other: int) -> bool:
    seasons = context.texts("camp", "season")
    return bool(seasons[one] == seasons[other] or _when(context, one) & _when(context, other))


def _when(context: Context, row: int) -> frozenset[int]:
    """Return the months of a camp: its own, or those of its season."""
    said = context.texts("camp", "months")[row] if context.has("camp", "months") else None
    declared = context.spec.seasons.get(str(context.texts("camp", "season")[row]))
    own = None if said is None else read_months(said)
    return own or frozenset(() if declared is None else declared.months)


CHECKS = (
    Check(Stage.ROW, _SEASON, _seasons, Scope.ROW, Reads.VALUES),
    Check(Stage.KEY, _MONTHS, _months, Scope.ROW, Reads.VALUES),
    Check(Stage.TABLE, _TWICE, _twice, reads=Reads.VALUES),
)
