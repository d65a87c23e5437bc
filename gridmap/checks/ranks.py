"""Administrative codes: levels, patterns, parents, and codes that nest in their parents'."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from gridmap.checks.base import Check, Faults, Mask, Reads, Rows, Scope, Stage, doc
from gridmap.checks.columns import Objects
from gridmap.checks.context import Context

_LEVELS = (
    doc(
        "level-unknown",
        "error",
        ("the level is not one of the project's", "级别未定义"),
        "use a level listed under [[levels]] in gridmap.toml, or add it there",
    ),
    doc(
        "code-pattern",
        "error",
        ("the code does not have the form of its level", "代码格式与级别不符"),
        "give the official code, digits only, as text with its leading zeros",
    ),
)
_PARENTS = (
    doc(
        "parent-missing",
        "error",
        ("a row below the top level has no parent", "缺少上级"),
        "give the code of the row that it belongs to",
    ),
    doc(
        "parent-level",
        "error",
        ("the parent is not of the level above", "上级级别不符"),
        "give the code of a row one level up",
    ),
    doc(
        "code-not-nested",
        "error",
        ("the code does not begin with its parent's code", "代码与上级代码不衔接"),
        "correct the code, or the parent",
    ),
)


def _levels(context: Context) -> Iterator[Faults]:
    if not context.has("admin", "level", "code"):
        return
    levels, codes = context.texts("admin", "level"), context.texts("admin", "code")
    given = context.sound("admin", "level") & ~pd.isna(levels)
    rows = np.flatnonzero(given & ~np.isin(levels.astype(str), context.spec.level_names))
    if len(rows):
        message = "the level is not one of " + ", ".join(context.spec.level_names)
        yield Faults("level-unknown", "admin", rows, message, ("level",))
    for level in context.spec.levels:
        # ASCII: a full-width digit looks right, and matches no reference.
        pattern = re.compile(level.pattern, re.ASCII)
        mine = given & context.sound("admin", "level", "code") & (levels == level.name) & ~pd.isna(codes)
        rows = np.array([row for row in np.flatnonzero(mine) if not pattern.fullmatch(codes[row])], np.intp)
        if len(rows):
            messages = [
                f"{_said(context, 'code', row)} is no code of a {level.name}" for row in rows.tolist()
            ]
            yield Faults("code-pattern", "admin", rows, messages, ("code",))


def _parents(context: Context) -> Iterator[Faults]:
    if not context.has("admin", "level", "code", "parent"):
        return
    names = context.spec.level_names
    levels, parents = context.texts("admin", "level"), context.texts("admin", "parent")
    codes = context.texts("admin", "code")
    rank = np.array([names.index(level) if level in names else -1 for level in levels], dtype=np.intp)
    sure = context.sound("admin", "level", "parent", "twin")
    orphans = np.flatnonzero(sure & (rank > 0) & pd.isna(parents))
    if len(orphans):
        yield Faults("parent-missing", "admin", orphans, "it has no parent", ("parent",))
    wrong, loose = _judged(sure, (rank, codes, parents), context)
    if len(wrong):
        messages = [
            f"its parent {_said(context, 'parent', row)} is not one level up" for row in wrong.tolist()
        ]
        yield Faults("parent-level", "admin", wrong, messages, ("parent",))
    if len(loose):
        pairs = [(_said(context, "code", row), _said(context, "parent", row)) for row in loose.tolist()]
        messages = [f"{code} does not begin with {parent}" for code, parent in pairs]
        yield Faults("code-not-nested", "admin", loose, messages, ("code",))


def _said(context: Context, column: str, row: int) -> str:
    return context.said("admin", column, row)


def _judged(sure: Mask, cells: tuple[Rows, Objects, Objects], context: Context) -> tuple[Rows, Rows]:
    """Return the rows whose parent is of the wrong level, and those whose code does not nest."""
    rank, codes, parents = cells
    sound_code = context.sound("admin", "code", "twin") & ~pd.isna(codes)
    at = {codes[row]: row for row in np.flatnonzero(sound_code & sure)}
    wrong, loose = [], []
    for row in np.flatnonzero(sure & ~pd.isna(parents) & (rank >= 0)).tolist():
        above = at.get(parents[row])
        if above is None or rank[above] < 0:
            continue
        if rank[above] != rank[row] - 1:
            wrong.append(row)
        elif sound_code[row] and not codes[row].startswith(parents[row]):
            loose.append(row)
    return np.array(wrong, dtype=np.intp), np.array(loose, dtype=np.intp)


CHECKS = (
    Check(Stage.ROW, _LEVELS, _levels, Scope.ROW, Reads.VALUES),
    Check(Stage.REFERENCE, _PARENTS, _parents, reads=Reads.VALUES),
)
