"""References from table to table, and rows that share a key."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gridmap.checks.base import Mask, Rows
from gridmap.checks.columns import Objects
from gridmap.checks.context import Context

# A suggestion is a courtesy: it may not cost more than the check.
_MOST_GUESSES = 50
_MOST_TARGETS = 5_000
# The gacha of a retired cell may be gone; its row stays, so that nobody uses its code again.
GRID, RETIRED = "cell", "retired"


@dataclass(frozen=True, slots=True)
class Reference:
    """A column whose values are keys of a table: ``kind.column`` refers to ``target.key``."""

    kind: str
    column: str
    target: str
    key: str

    def dangling(self, context: Context) -> tuple[Rows, list[str]]:
        """Return positions and values that lead nowhere.

        A target row whose own key is faulty may be the one that is meant. Values that look like such a
        key are not reported, as they would only follow; nor are the others, if there are no more of
        them than rows whose key is missing.
        """
        column = context.coded(self.kind, self.column)
        usable = context.sound(self.kind, self.column) & column.given
        if self.kind == GRID and context.has(self.kind, "status"):
            usable &= context.texts(self.kind, "status") != RETIRED
        there = context.has(self.target, self.key)
        lacking = np.ones(len(column.texts), dtype=bool)
        if there:
            lacking = ~context.among(column.texts, self.target, self.key)
        rows = np.flatnonzero(usable & column.spread(lacking, missing=False))
        if not len(rows) or not there:
            return rows, [str(value) for value in column.of(rows)]
        known = context.texts(self.target, self.key)
        lost = known[~context.sound(self.target, self.key)]
        wrong = sorted({str(key) for key in lost if key is not None})
        excused = set(close_matches(sorted({str(value) for value in column.of(rows)}), wrong))
        rows = rows[[value not in excused for value in column.of(rows)]]
        if len(set(column.of(rows))) <= int(pd.isna(lost).sum()):
            rows = rows[:0]
        return rows, [str(value) for value in column.of(rows)]

    def suggestions(self, context: Context, values: list[str]) -> dict[str, str]:
        """Return the likeliest correction of each value that has one."""
        if not context.has(self.target, self.key):
            return {}
        known = sorted({str(key) for key in context.texts(self.target, self.key) if key is not None})
        return close_matches(sorted(set(values)), known)


def close_matches(words: list[str], known: list[str]) -> dict[str, str]:
    """Return for each word the known one that looks most like it, if any does."""
    result: dict[str, str] = {}
    for word in words[:_MOST_GUESSES]:
        close = difflib.get_close_matches(word.strip(), known[:_MOST_TARGETS], n=1, cutoff=0.75)
        if close:
            result[word] = close[0]
    return result


def references(context: Context) -> Iterator[Reference]:
    """Yield the references between tables that are here, in the order of the settings."""
    for kind, frame in context.tables.items():
        for column, declared in context.spec.kinds[kind].columns.items():
            if declared.references is None or declared.type != "text" or column not in frame.columns:
                continue
            target, _, key = declared.references.partition(".")
            key = key or "id"
            if target in context.tables and key in context.tables[target].columns:
                yield Reference(kind, column, target, key)


def first_of_each(keys: Objects, ids: Objects, usable: Mask) -> tuple[Rows, Rows]:
    """Find usable rows that share a key with a row of a smaller id.

    Returns
    -------
    later, first : arrays of intp
        For each later row, the row with the smallest id of those with its key.
    """
    rows = np.flatnonzero(usable)
    codes, _ = pd.factorize(keys[rows])
    shared = np.bincount(codes, minlength=1)[codes] > 1 if len(rows) else np.empty(0, dtype=bool)
    rows, codes = rows[shared], codes[shared]
    order = sorted(range(len(rows)), key=lambda at: (int(codes[at]), str(ids[rows[at]])))
    rows, codes = rows[order], codes[order]
    starts = np.r_[True, codes[1:] != codes[:-1]] if len(rows) else np.empty(0, dtype=bool)
    first = rows[starts][np.cumsum(starts) - 1] if len(rows) else rows
    return rows[~starts], first[~starts]
