"""Assignments read from the file: from the narrow table as columns, not from the view."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from operator import lt
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.claims import Assigned, Block, Code, Targets, gather
from gridmap.config.spec import ColumnType
from gridmap.errors import StoreError
from gridmap.model import LAYERS, Layer
from gridmap.store import blocks, tables
from gridmap.store.arrays import Numbers, Texts
from gridmap.store.assigned import BASE, CODES, TABLE, TARGETS

STORED: dict[str, ColumnType] = {"code": "integer", "feature": "text", "target": "integer", "mm": "integer"}
# Numbers of codes and targets are small; a larger one is damage.
MOST_KEYS = 2**24

Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]


def read(connection: sqlite3.Connection) -> Assigned:
    """Read the assignments as columns, whatever the order and the numbers of rows, codes and targets.

    Raises
    ------
    StoreError
        GM307 if the tables do not hold together.
    """
    try:
        return _read(connection)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise StoreError(
            "GM307",
            "the stored assignments do not hold together",
            where=TABLE,
            fix="make them anew with: gridmap assign",
        ) from error


def _read(connection: sqlite3.Connection) -> Assigned:
    found = tables.layout(connection, BASE)
    if found is None:
        raise KeyError(BASE)
    cells, _, _ = blocks.fetch(connection, found, STORED, order=None)
    columns = "code, layer, kind, rule, role, wording, words"
    coded = connection.execute(f"SELECT {columns} FROM {CODES} ORDER BY code").fetchall()
    listed = connection.execute(
        f"SELECT target, layer, id, unit FROM {TARGETS} ORDER BY layer, target"
    ).fetchall()
    rows = _Rows(
        code=_position(_whole(cells["code"]), [one[0] for one in coded]),
        feature=_texts(cells["feature"]),
        target=_position(_whole(cells["target"]), [one[0] for one in listed]),
        mm=_whole(cells["mm"]),
    )
    codes = [Code(*one[1:]) for one in coded]
    runs = list(_runs(rows.code, [(one.layer, one.kind) for one in codes]))
    kinds = sorted({run.kind for run in runs})
    known = {kind: _Known.of([rows.feature[run.rows] for run in runs if run.kind == kind]) for kind in kinds}
    local = _local([layer for _, layer, *_ in listed])
    return gather(
        [_block(rows, run, known[run.kind], local) for run in runs],
        codes,
        ids={kind: np.array(one.ids, dtype=object) for kind, one in known.items()},
        targets={layer: _targets(listed, layer) for layer in local},
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """The narrow table: positions in both short tables, ids, millimetres (-1 where unknown)."""

    code: Ints
    feature: list[str]
    target: Ints
    mm: Ints


@dataclass(frozen=True, slots=True)
class _Run:
    """Rows behind each other that are of one layer and kind."""

    layer: Layer
    kind: str
    rows: slice


def _whole(cells: Sequence[Any]) -> Ints:
    """Return whole numbers that are not negative; -1 where there is none."""
    if isinstance(cells, Numbers):
        values, missing = cells.values, cells.missing
    else:
        # An array of these refuses what is not a whole number.
        values = np.array(array("q", [0 if one is None else one for one in cells]), dtype=np.int64)
        missing = np.array([one is None for one in cells], dtype=bool)
    if (values < 0).any():
        raise ValueError
    return values if missing is None else np.where(missing, -1, values)


def _texts(cells: Sequence[Any]) -> list[str]:
    found: list[str] = cells.array().tolist() if isinstance(cells, Texts) else list(cells)
    return found


def _position(values: Ints, keys: Sequence[int]) -> Ints:
    """Return the position of the key that each value is."""
    if keys and not 0 <= min(keys) <= max(keys) < MOST_KEYS:
        raise ValueError
    position = np.full(max(keys, default=0) + 2, -1, dtype=np.int64)
    position[list(keys)] = np.arange(len(keys))
    # What is no key at all, and what is beyond the last one, has the position of the last place: none.
    found = position[np.clip(values, -1, len(position) - 1)]
    if (found < 0).any():
        raise ValueError
    return found


def _runs(code: Ints, pairs: Sequence[tuple[Layer, str]]) -> Iterator[_Run]:
    known = sorted(set(pairs))
    pair = np.array([known.index(one) for one in pairs], dtype=np.int64)[code]
    cuts = [0, *(np.flatnonzero(np.diff(pair)) + 1).tolist(), len(code)]
    for first, last in pairwise(cuts):
        if first < last:
            yield _Run(*known[int(pair[first])], slice(first, last))


@dataclass(frozen=True)
class _Known:
    """The ids of a kind that have a row, in code-point order."""

    ids: list[str]

    @classmethod
    def of(cls, lists: Sequence[list[str]]) -> _Known:
        """Join the ids of several runs; mostly one run has all of them, in order."""
        longest = max(lists, key=len)
        whole = cls(longest if all(map(lt, longest, longest[1:])) else sorted(set(longest)))
        others = [one for one in lists if one != whole.ids]
        more = {one for each in others for one in each if one not in whole.position}
        return cls(sorted([*whole.ids, *more])) if more else whole

    @cached_property
    def position(self) -> dict[str, int]:
        """The position of each id; a run that has all of them does without."""
        return {one: place for place, one in enumerate(self.ids)}

    def positions(self, listed: list[str]) -> npt.NDArray[np.int32]:
        """Return the positions of the ids of a run."""
        if listed == self.ids:
            return np.arange(len(listed), dtype=np.int32)
        return np.fromiter(map(self.position.__getitem__, listed), dtype=np.int32, count=len(listed))


def _local(layers: Sequence[Layer]) -> dict[Layer, slice]:
    """Return where each layer's targets stand; they are listed layer by layer."""
    found: dict[Layer, slice] = {}
    for layer in LAYERS:
        if layer in layers:
            first = layers.index(layer)
            found[layer] = slice(first, first + layers.count(layer))
    if sum(part.stop - part.start for part in found.values()) != len(layers):
        raise ValueError
    return found


def _targets(listed: Sequence[tuple[Any, ...]], layer: Layer) -> Targets:
    there = [one for one in listed if one[1] == layer]
    ids, units = (np.array([one[place] for one in there], dtype=object) for place in (2, 3))
    return Targets(ids, units)


def _block(rows: _Rows, run: _Run, known: _Known, local: dict[Layer, slice]) -> Block:
    places = local[run.layer]
    target = rows.target[run.rows]
    if ((target < places.start) | (target >= places.stop)).any():
        raise ValueError
    return Block(
        run.layer,
        run.kind,
        known.positions(rows.feature[run.rows]),
        target - places.start,
        rows.code[run.rows],
        rows.mm[run.rows],
    )
