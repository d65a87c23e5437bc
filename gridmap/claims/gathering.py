"""Blocks in any order made into assignments in the one order that they have, each row once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from gridmap.claims.assigned import Assigned, Block, Code, Ints, Objects, Targets
from gridmap.model import LAYERS

Positions = npt.NDArray[np.int64]
Renumbered = npt.NDArray[np.int64] | None


def gather(
    blocks: Iterable[Block],
    codes: Sequence[Code],
    *,
    ids: Mapping[str, Objects],
    targets: Mapping[str, Targets],
) -> Assigned:
    """Put blocks together; the result does not depend on how they were cut, ordered and numbered.

    Parameters
    ----------
    blocks : iterable of Block
        Several may be of one layer and kind. Of rows with the same feature and target one is kept: the one
        that leads, otherwise the first.
    codes : sequence of Code
        What the blocks' codes are positions in.
    ids : mapping of kind to (n,) text
        What the blocks' features are positions in, in code-point order.
    targets : mapping of layer to Targets
        What the blocks' targets are positions in, in any order.

    Returns
    -------
    Assigned
    """
    ordered = {layer: _by_id(each) for layer, each in targets.items()}
    support = np.array([code.role != "lead" for code in codes], dtype=bool)
    parts: dict[tuple[int, str], list[Block]] = {}
    for block in blocks:
        if len(block):
            parts.setdefault((LAYERS.index(block.layer), block.kind), []).append(block)
    made = [_one(parts[key], ordered[LAYERS[key[0]]][1], support) for key in sorted(parts)]
    kept, code_at = _used(made, codes)
    return Assigned(
        blocks=tuple(
            Block(
                block.layer,
                block.kind,
                block.feature.astype(np.int32, copy=False),
                block.target.astype(np.int32, copy=False),
                _renumbered(block.code, code_at),
                _known(block.mm.astype(np.int64, copy=False)),
            )
            for block in made
        ),
        codes=kept,
        ids=ids,
        targets={layer: each for layer, (each, _) in ordered.items()},
    )


def _by_id(given: Targets) -> tuple[Targets, Renumbered]:
    """Return targets in the order of their ids, and their new positions (None where nothing moved)."""
    ids = given.ids.tolist()
    if all(one < other for one, other in pairwise(ids)):
        return given, None
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)
    moved = np.empty(len(order), dtype=np.int64)
    moved[order] = np.arange(len(order))
    return Targets(given.ids[order], given.unit[order]), moved


def _used(made: Sequence[Block], codes: Sequence[Code]) -> tuple[tuple[Code, ...], npt.NDArray[np.int16]]:
    """Return the codes that a row has, ascending, and the new position of every old one."""
    kept = sorted({codes[one] for block in made for one in _there(block.code)})
    at = {code: position for position, code in enumerate(kept)}
    return tuple(kept), np.array([at.get(code, -1) for code in codes], dtype=np.int16)


def _there(code: Ints) -> list[int]:
    """Return the codes that some row has: a few, so that a look for each costs less than to sort them all."""
    return [one for one in range(int(code.min()), int(code.max()) + 1) if (code == one).any()]


def _renumbered(code: Ints, code_at: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    there = _there(code)
    if all(code_at[one] == one for one in there):
        return code.astype(np.int16, copy=False)
    made = np.full(len(code), code_at[there[0]])
    for one in there[1:]:
        made[code == one] = code_at[one]
    return made


def _known(mm: Positions) -> Positions:
    """Return millimetres as they are, -1 where they are unknown."""
    return mm if mm.min() >= -1 else np.maximum(mm, -1)


def _one(parts: Sequence[Block], moved: Renumbered, support: npt.NDArray[np.bool_]) -> Block:
    """Return the rows of one layer and kind in their order."""
    first = parts[0]
    feature = _joined([part.feature for part in parts])
    target = _joined([part.target for part in parts])
    code = _joined([part.code for part in parts])
    mm = _joined([part.mm for part in parts])
    target = target if moved is None else moved[target]
    if (feature[1:] > feature[:-1]).all():
        # One row a feature, in order: what the rules give for nearly all homes.
        return Block(first.layer, first.kind, feature, target, code, mm)
    order = _order(feature, support[code], target)
    return Block(first.layer, first.kind, feature[order], target[order], code[order], mm[order])


def _joined(parts: Sequence[Ints]) -> Ints:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _order(feature: Ints, support: npt.NDArray[np.bool_], target: Ints) -> Positions:
    """Return which rows to keep, by feature, role and target; a feature has each target once."""
    wide = int(target.max(initial=0)) + 1
    key = (feature.astype(np.int64) * 2 + support) * wide + target
    order = np.argsort(key, kind="stable")
    sorted_feature = feature[order]
    again = sorted_feature[1:] == sorted_feature[:-1]
    shared = np.zeros(len(order), dtype=bool)
    shared[1:] |= again
    shared[:-1] |= again
    rows = np.flatnonzero(shared)
    # Behind each other are only the rows of one role: a lead and a support of one target are not.
    pair = sorted_feature[rows].astype(np.int64) * wide + target[order][rows]
    _, first = np.unique(pair, return_index=True)
    kept = ~shared
    kept[rows[first]] = True
    return np.asarray(order[kept], dtype=np.int64)
