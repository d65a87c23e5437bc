"""Assignments as columns: positions, codes and millimetres, a few bytes a row, and no text of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.claims.rendering import COLUMNS, rendered
from gridmap.model import Layer, Role

Objects = npt.NDArray[np.object_]
Ints = npt.NDArray[np.integer[Any]]
Case = Literal["lead", "support", "self"]

HASH_BYTES = 32


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """What all rows of one layer, kind, rule and case have in common.

    Parameters
    ----------
    layer, kind : str
        The block that its rows are in.
    rule : str
        The rule that made them.
    role : {"lead", "support"}
        What they are.
    case : {"lead", "support", "self"}
        Which words the rule has for them: ``self`` where a feature is its own target.
    words : str
        The reason in English, the limit filled in, with the blanks ``{target}`` and ``{metres}``, each at
        most once.
    """

    layer: Layer
    kind: str
    rule: str
    role: Role
    case: Case
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """All targets of a layer, those that nothing is assigned to included.

    Parameters
    ----------
    ids : (n,) text
        Ids.
    unit : (n,) text or None
        The unit that keeps each.
    """

    ids: Objects
    unit: Objects


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The assignments of one kind on one layer, column by column.

    Parameters
    ----------
    layer, kind : str
        The layer and the kind.
    feature : (n,) int32
        Positions in the kind's ids.
    target : (n,) int32
        Positions in the layer's targets.
    code : (n,) int16
        Positions in the codes.
    mm : (n,) int64
        Whole millimetres; -1 where unknown.
    """

    layer: Layer
    kind: str
    feature: Ints
    target: Ints
    code: Ints
    mm: Ints

    def __len__(self) -> int:
        return len(self.feature)


@dataclass(frozen=True, eq=False)
class Assigned:
    """All assignments of an area; nothing in it changes. Made by `gather`.

    Parameters
    ----------
    blocks : tuple of Block
        By layer (line, area, point) and kind; in each the rows by feature, role (lead first) and target. None
        is empty.
    codes : tuple of Code
        Those that a row has, ascending.
    ids : mapping of kind to (n,) text
        What the blocks' features are positions in: ids in code-point order. Some may have no row.
    targets : mapping of layer to Targets
        What the blocks' targets are positions in, in code-point order of the ids.
    """

    blocks: tuple[Block, ...]
    codes: tuple[Code, ...]
    ids: Mapping[str, Objects]
    targets: Mapping[str, Targets]

    def __len__(self) -> int:
        return sum(map(len, self.blocks))

    def __repr__(self) -> str:
        return f"<Assigned: {len(self)} rows in {len(self.blocks)} blocks>"

    @cached_property
    def counts(self) -> dict[tuple[str, str, str], int]:
        """Rows by layer, kind and role; what has none is left out."""
        found: dict[tuple[str, str, str], int] = {}
        for block in self.blocks:
            rows = np.bincount(block.code, minlength=len(self.codes)).tolist()
            for code, count in zip(self.codes, rows, strict=True):
                key = (block.layer, block.kind, code.role)
                if count:
                    found[key] = found.get(key, 0) + count
        return found

    def block(self, layer: Layer, kind: str) -> Block | None:
        """Return the rows of a kind on a layer; None if there are none."""
        return next((one for one in self.blocks if (one.layer, one.kind) == (layer, kind)), None)

    def leads(self, layer: Layer, kind: str) -> npt.NDArray[np.int64]:
        """Return the target that leads each of a kind's ids on a layer, as a position; -1 for none.

        Where a feature leads or is led more than once (a section plan may name an outpost twice), the first.
        """
        found = np.full(len(self.ids.get(kind, ())), -1, dtype=np.int64)
        block = self.block(layer, kind)
        if block is not None:
            rows = np.flatnonzero(self.leading[block.code])[::-1]
            found[block.feature[rows]] = block.target[rows]
        return found

    @cached_property
    def leading(self) -> npt.NDArray[np.bool_]:
        """Which codes are of leads."""
        return np.array([code.role == "lead" for code in self.codes], dtype=bool)

    def frame(self, columns: Sequence[str] = COLUMNS) -> pd.DataFrame:
        """Return the assignments in words, ordered by layer, kind, feature, role (lead first) and target.

        Parameters
        ----------
        columns : sequence of str
            Which of ``kind``, ``feature``, ``layer``, ``target``, ``unit``, ``role``, ``metres``, ``rule``,
            ``reason``; the last costs more than all others.

        Returns
        -------
        DataFrame
            Texts, ``metres`` a float (NaN where unknown), ``unit`` missing where nobody keeps the target.
        """
        return rendered(self, columns)

    def digest(self) -> str:
        """Return the hash of the content: the same for the same rows, however positions were numbered.

        Ids of features that have no row do not count; targets that have none do.
        """
        return self._digest

    @cached_property
    def _digest(self) -> str:
        digest = hashlib.blake2b(digest_size=HASH_BYTES)
        held: dict[str, Any] = {
            "codes": [astuple(code) for code in self.codes],
            "targets": {
                layer: [each.ids.tolist(), each.unit.tolist()]
                for layer, each in self.targets.items()
                if len(each.ids)
            },
            "blocks": [[block.layer, block.kind, len(block)] for block in self.blocks],
        }
        _told(digest, _joined([json.dumps(held, ensure_ascii=False, sort_keys=True)]))
        whole: dict[str, bytes] = {}
        for block in self.blocks:
            ids = self.ids[block.kind]
            if not _are_all(block.feature, len(ids)):
                _told(digest, _joined(ids[block.feature].tolist()))
            else:
                # Every home has a row on two layers: their ids are joined once.
                if block.kind not in whole:
                    whole[block.kind] = _joined(ids.tolist())
                _told(digest, whole[block.kind])
            digest.update(np.ascontiguousarray(block.target, dtype="<i4").data)
            digest.update(np.ascontiguousarray(block.code, dtype="<i2").data)
            digest.update(np.ascontiguousarray(block.mm, dtype="<i8").data)
        return digest.hexdigest()


def _are_all(feature: npt.NDArray[Any], count: int) -> bool:
    """Say whether these are all positions, each once and in order; they never fall."""
    return len(feature) == count > 0 and int(feature[-1]) == count - 1 and bool((np.diff(feature) == 1).all())


def _joined(texts: Iterable[str]) -> bytes:
    return "\0".join(texts).encode("utf-8", "surrogatepass")


def _told(digest: Any, whole: bytes) -> None:
    """Add texts, and where they end: no id that can be stored holds a NUL."""
    digest.update(len(whole).to_bytes(8, "little"))
    digest.update(whole)
