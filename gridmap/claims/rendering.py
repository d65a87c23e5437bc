"""From positions and codes to the table that people and other programs read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.claims.words import MM, fill

if TYPE_CHECKING:
    from gridmap.claims.assigned import Assigned, Objects

COLUMNS = ("kind", "feature", "layer", "target", "unit", "role", "metres", "rule", "reason")
Positions = npt.NDArray[np.int64]


def rendered(made: Assigned, columns: Sequence[str]) -> pd.DataFrame:
    """Return some columns of the assignments as a table."""
    return pd.DataFrame({name: _MADE[name](made) for name in columns}, columns=list(columns))


def _joined(parts: Sequence[Any], dtype: Any) -> Any:
    return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)


def _taken(values: Sequence[Any] | Objects, positions: Any) -> Any:
    """Return texts by position: a few stand for millions, so that they are made once."""
    known = pd.array(np.asarray(values, dtype=object), dtype="str")
    return known.take(positions) if len(known) else known


def _of_code(name: str) -> Callable[[Assigned], Any]:
    def make(made: Assigned) -> Any:
        positions = _joined([block.code for block in made.blocks], np.int64)
        return _taken([getattr(code, name) for code in made.codes], positions)

    return make


def _features(made: Assigned) -> Any:
    kinds = sorted({block.kind for block in made.blocks})
    start = _starts({kind: len(made.ids[kind]) for kind in kinds})
    positions = [block.feature + start[block.kind] for block in made.blocks]
    return _taken(_joined([made.ids[kind] for kind in kinds], object), _joined(positions, np.int64))


def _of_target(name: str) -> Callable[[Assigned], Any]:
    def make(made: Assigned) -> Any:
        layers = sorted(made.targets)
        start = _starts({layer: len(made.targets[layer].ids) for layer in layers})
        positions = [block.target + start[block.layer] for block in made.blocks]
        values = [getattr(made.targets[layer], name) for layer in layers]
        return _taken(_joined(values, object), _joined(positions, np.int64))

    return make


def _starts(lengths: Mapping[str, int]) -> dict[str, np.int64]:
    """Return where each part begins when all stand behind each other."""
    ends = np.cumsum([0, *lengths.values()], dtype=np.int64)
    return dict(zip(lengths, ends[:-1], strict=True))


def _metres(made: Assigned) -> Any:
    mm = _joined([block.mm for block in made.blocks], np.int64)
    return np.where(mm < 0, np.nan, mm / MM)


def _reasons(made: Assigned) -> Any:
    parts = []
    for block in made.blocks:
        words = np.full(len(block), "", dtype=object)
        ids = made.targets[block.layer].ids
        for position in np.unique(block.code).tolist():
            rows = np.flatnonzero(block.code == position)
            words[rows] = fill(made.codes[position].words, block.mm[rows], ids[block.target[rows]])
        parts.append(words)
    return pd.array(_joined(parts, object), dtype="str")


_MADE: dict[str, Callable[[Assigned], Any]] = {
    "kind": _of_code("kind"),
    "feature": _features,
    "layer": _of_code("layer"),
    "target": _of_target("ids"),
    "unit": _of_target("unit"),
    "role": _of_code("role"),
    "metres": _metres,
    "rule": _of_code("rule"),
    "reason": _reasons,
}
