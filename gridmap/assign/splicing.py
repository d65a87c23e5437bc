"""Assignments with the rows of a few features replaced, where they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gridmap.assign.intervals import Ints
from gridmap.claims import Assigned, Block, Targets

COLUMNS = ("feature", "target", "code", "mm")
# Rows looked through at once for a value that is nearly always among the first.
PART = 1 << 16


def splice(old: Assigned, fresh: Assigned, asked: Mapping[tuple[str, str], Ints]) -> Assigned | None:
    """Return assignments with the rows of some features replaced; None where more than rows differs.

    Parameters
    ----------
    old : Assigned
        Before.
    fresh : Assigned
        The rows of the features that were asked again, by the same positions.
    asked : mapping of (layer, kind) to (m,) int
        Those features, ascending.

    Returns
    -------
    Assigned or None
        None if targets or codes are others now, or a kind has its first or last row on a layer.
    """
    if any(not _same(old.targets[layer], each) for layer, each in fresh.targets.items()):
        return None
    known = {code: at for at, code in enumerate(old.codes)}
    if not known.keys() >= set(fresh.codes):
        return None
    codes = np.array([known[code] for code in fresh.codes], dtype=np.int16)
    blocks = []
    for block in old.blocks:
        rows = _Rows.of(block, fresh.block(block.layer, block.kind), asked[block.layer, block.kind], codes)
        blocks.append(_spliced(block, rows))
        # A code is one block's: it is nowhere else.
        if not _all_there(blocks[-1].code, rows.lost_codes(block)):
            return None
    lacking = {(one.layer, one.kind) for one in fresh.blocks} - {(one.layer, one.kind) for one in old.blocks}
    if lacking or not all(map(len, blocks)):
        return None
    return replace(old, blocks=tuple(blocks))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a block that go, and what comes for them.

    Parameters
    ----------
    out : (n,) int
        Positions of those that go, ascending.
    put : mapping of column to (m,) int
        The rows that come, column by column.
    """

    out: Ints
    put: Mapping[str, Any]

    @classmethod
    def of(cls, block: Block, now: Block | None, asked: Ints, codes: Any) -> _Rows:
        out = _ranges(block.feature, asked)
        if now is None:
            return cls(out, {name: getattr(block, name)[:0] for name in COLUMNS})
        put = {"feature": now.feature, "target": now.target, "code": codes[now.code], "mm": now.mm}
        return cls(out, put)

    def lost_codes(self, block: Block) -> list[int]:
        """Return the codes of which rows go, and none come."""
        return sorted({*block.code[self.out].tolist()} - {*self.put["code"].tolist()})


def _all_there(column: Any, values: list[int]) -> bool:
    """Whether a column has every value; mostly the first rows show it."""
    parts = range(0, len(column), PART)
    return all(any((column[at : at + PART] == value).any() for at in parts) for value in values)


def _same(one: Targets, other: Targets) -> bool:
    return np.array_equal(one.ids, other.ids) and np.array_equal(one.unit, other.unit)


def _spliced(block: Block, rows: _Rows) -> Block:
    """Return a block with some rows taken out and others put in their place."""
    out, put = rows.out, rows.put
    if np.array_equal(block.feature[out], put["feature"]):
        # As many rows as before, feature by feature: only values differ.
        return _each(block, lambda column, name: _with(column, out, put[name]))
    kept = np.ones(len(block), dtype=bool)
    kept[out] = False
    at = np.searchsorted(block.feature[kept], put["feature"])
    return _each(block, lambda column, name: np.insert(column[kept], at, put[name]))


def _ranges(feature: Any, asked: Ints) -> Ints:
    """Return the rows of some features, ascending; rows are in the order of features."""
    # Of another type, the whole column would be copied.
    same = asked.astype(feature.dtype)
    first, last = (np.searchsorted(feature, same, side=side) for side in ("left", "right"))
    count = last - first
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.asarray(np.repeat(first, count) + within, dtype=np.int64)


def _each(block: Block, change: Callable[[Any, str], Any]) -> Block:
    columns = {name: change(getattr(block, name), name) for name in COLUMNS}
    return replace(block, **columns)


def _with(column: Any, rows: Ints, values: Any) -> Any:
    if np.array_equal(column[rows], values):
        return column
    made = column.copy()
    made[rows] = values
    return made
