"""Assignments with the rows of a few features replaced, where they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gridmap.assign.intervals import Ints
from gridmap.claims import Assigned, Block, Targets


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
        now = fresh.block(block.layer, block.kind)
        blocks.append(_spliced(block, now, asked[block.layer, block.kind], codes))
    lacking = {(one.layer, one.kind) for one in fresh.blocks} - {(one.layer, one.kind) for one in old.blocks}
    if lacking or not all(map(len, blocks)) or not _all_used(old, blocks):
        return None
    return replace(old, blocks=tuple(blocks))


def _all_used(old: Assigned, blocks: list[Block]) -> bool:
    """Whether every code still has a row: those that lost rows are counted."""
    for was, now in zip(old.blocks, blocks, strict=True):
        if len(was) == len(now):
            lost = np.unique(was.code[was.code != now.code])
        else:
            lost = np.flatnonzero(np.bincount(was.code))
        if not np.isin(lost, now.code).all():
            return False
    return True


def _same(one: Targets, other: Targets) -> bool:
    return np.array_equal(one.ids, other.ids) and np.array_equal(one.unit, other.unit)


def _spliced(block: Block, now: Block | None, asked: Ints, codes: Any) -> Block:
    """Return a block with the rows of some features taken out and others put in their place."""
    out = _ranges(block.feature, asked)
    if now is None:
        kept = np.ones(len(block), dtype=bool)
        kept[out] = False
        return _each(block, lambda column, _name: column[kept])
    put = {"feature": now.feature, "target": now.target, "code": codes[now.code], "mm": now.mm}
    if len(out) == len(now) and np.array_equal(block.feature[out], now.feature):
        # As many rows as before, feature by feature: only values differ.
        return _each(block, lambda column, name: _with(column, out, put[name]))
    kept = np.ones(len(block), dtype=bool)
    kept[out] = False
    at = np.searchsorted(block.feature[kept], now.feature)
    return _each(block, lambda column, name: np.insert(column[kept], at, put[name]))


def _ranges(feature: Any, asked: Ints) -> Ints:
    """Return the rows of some features, ascending; rows are in the order of features."""
    first, last = (np.searchsorted(feature, asked, side=side) for side in ("left", "right"))
    count = last - first
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.asarray(np.repeat(first, count) + within, dtype=np.int64)


def _each(block: Block, change: Callable[[Any, str], Any]) -> Block:
    columns = {name: change(getattr(block, name), name) for name in ("feature", "target", "code", "mm")}
    return replace(block, **columns)


def _with(column: Any, rows: Ints, values: Any) -> Any:
    made = column.copy()
    made[rows] = values
    return made
