"""Assignments as the page holds them: per kind and layer, codes and metres instead of rows of text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap import registry
from gridmap.config import ProjectSpec
from gridmap.model import LAYERS, TARGETS, Bilingual
from gridmap.model.packed import Join, Packed
from gridmap.render.holdings import NEEDED
from gridmap.render.pack import code_texts, pack_ints
from gridmap.render.sheet import Sheet

Rows = npt.NDArray[np.int64]
MOST_M = 2**31 - 2
PER_SLOT = ("unit", "role", "rule", "reason")


def joins(sheet: Sheet) -> tuple[Join, ...]:
    """Return the view's assignments; none where it has no such table or lacks what names a row."""
    frame = sheet.frame("assignments")
    if frame is None or not set(frame.columns) >= NEEDED:
        return ()
    found: list[Join] = []
    for kind in sorted({str(one) for one in frame["kind"].dropna().unique()}):
        held = sheet.frame(kind)
        if held is None or "id" not in held.columns or not held["id"].is_unique:
            continue
        of_kind = frame[frame["kind"] == kind]
        rows = pd.Index(held["id"].astype(object)).get_indexer(of_kind["feature"].astype(object))
        for layer in LAYERS:
            chosen = (of_kind["layer"] == layer).to_numpy(dtype=bool) & (rows >= 0)
            if chosen.any():
                spread = _Spread(len(held), _ids(sheet, TARGETS[layer]))
                found.extend(_split(of_kind[chosen], rows[chosen], kind=kind, layer=layer, spread=spread))
    return tuple(found)


def _ids(sheet: Sheet, table: str) -> pd.Index | None:
    held = sheet.frame(table)
    if held is None or "id" not in held.columns or not held["id"].is_unique or held["id"].isna().any():
        return None
    found: pd.Index = pd.Index(held["id"].astype(object))
    return found


def _split(frame: pd.DataFrame, rows: Rows, *, kind: str, layer: str, spread: _Spread) -> list[Join]:
    """Give every feature's first row a slot, leads before supports; what is left is listed by row."""
    roles = frame["role"] if "role" in frame.columns else pd.Series("", index=frame.index)
    order = np.lexsort((np.arange(len(frame)), (roles != "lead").to_numpy(dtype=bool), rows))
    frame, rows = frame.iloc[order], rows[order]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = rows[1:] != rows[:-1]
    found = [_join(frame[first], rows[first], kind=kind, layer=layer, spread=spread)]
    if not first.all():
        listed = _Spread(None, spread.ids)
        found.append(_join(frame[~first], rows[~first], kind=kind, layer=layer, spread=listed))
    return found


def _join(frame: pd.DataFrame, rows: Rows, *, kind: str, layer: str, spread: _Spread) -> Join:
    targets, target = spread.targets(frame["target"])
    names: dict[str, tuple[str, ...]] = {}
    codes: dict[str, Packed] = {}
    by_target = []
    for column in PER_SLOT:
        texts, found = code_texts(_column(frame, column))
        per_target = _of_targets(found, target, _count(targets))
        names[column] = texts
        if per_target is None:
            codes[column] = pack_ints(spread.slots(found, rows))
        else:
            by_target.append(column)
            codes[column] = pack_ints(per_target)
    return Join(
        kind=kind,
        layer=layer,
        table=TARGETS[layer],
        size=len(rows) if spread.size is None else spread.size,
        rows=None if spread.size is not None else pack_ints(rows),
        targets=targets,
        target=pack_ints(spread.slots(target, rows)),
        units=names["unit"],
        unit=codes["unit"],
        roles=names["role"],
        role=codes["role"],
        rules=names["rule"],
        rule=codes["rule"],
        metres=pack_ints(spread.slots(_metres(frame), rows)),
        reasons=names["reason"],
        reason=codes["reason"],
        by_target=tuple(by_target),
    )


@dataclass(frozen=True, slots=True)
class _Spread:
    """How the rows of a join are laid out: one slot for each of `size` rows, or as they come (None).

    `ids` are those of the table that the targets are in, by row; None where the view does not hold it.
    """

    size: int | None
    ids: pd.Index | None

    def slots(self, values: Rows, rows: Rows) -> Rows:
        if self.size is None:
            return values
        slots = np.zeros(self.size, dtype=np.int64)
        slots[rows] = values
        return slots

    def targets(self, values: pd.Series) -> tuple[tuple[str, ...] | Packed, Rows]:
        """Return the distinct targets, and a 1-based code for each row.

        Targets that stand in their table are counted as there: neighbours have codes that are near.
        """
        names, codes = code_texts(values)
        held = None if self.ids is None else self.ids.get_indexer(pd.Index(names, dtype=object))
        if held is None or (held < 0).any():
            return names, codes
        rank = np.zeros(len(names) + 1, dtype=np.int64)
        rank[1:][np.argsort(held)] = np.arange(1, len(names) + 1)
        return pack_ints(np.sort(held)), rank[codes]


def _count(targets: tuple[str, ...] | Packed) -> int:
    return targets.size if isinstance(targets, Packed) else len(targets)


def _of_targets(codes: Rows, target: Rows, count: int) -> Rows | None:
    """Return one code for each target, if those of its rows are all alike and every row has a target."""
    if not len(codes) or not target.all():
        return None
    found = np.zeros(count + 1, dtype=np.int64)
    found[target] = codes
    return found[1:] if (found[target] == codes).all() else None


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        return pd.Series(None, index=frame.index, dtype=object)
    values = frame[name]
    if name != "reason" or not {"rule", "metres"} <= set(frame.columns):
        return values
    # Rules bring their words in both languages: the page says those, and holds no text a row.
    worded = [rule for rule in frame["rule"].dropna().unique() if _words(str(rule))]
    return values.astype(object).where(~frame["rule"].isin(worded), None)


def reasons(found: tuple[Join, ...], spec: ProjectSpec) -> dict[str, dict[str, Bilingual]]:
    """Return the words of every rule in use, by rule and case, with the limits filled in.

    The blanks ``{target}`` and ``{metres}`` stay, for the page to fill.
    """
    used = sorted({rule for join in found for rule in join.rules})
    return {rule: {case: _limited(rule, text, spec) for case, text in _words(rule).items()} for rule in used}


def _words(name: str) -> Mapping[str, Bilingual]:
    if name not in registry.names("rules"):
        return {}
    words: Mapping[str, Bilingual] = getattr(registry.get("rules", name), "words", {})
    return words


def _limited(name: str, text: Bilingual, spec: ProjectSpec) -> Bilingual:
    rule = registry.get("rules", name)
    if rule.limit is None:
        return text
    limit = f"{getattr(getattr(spec.layers, rule.layer), rule.limit):,.0f}"
    return Bilingual(en=text.en.replace("{limit}", limit), zh=text.zh.replace("{limit}", limit))


def _metres(frame: pd.DataFrame) -> Rows:
    """Return one more than the whole metres, 0 where they are not known."""
    if "metres" not in frame.columns:
        return np.zeros(len(frame), dtype=np.int64)
    values = pd.to_numeric(frame["metres"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    known = np.isfinite(values) & (values >= 0) & (values < MOST_M)
    return np.where(known, np.rint(np.where(known, values, 0)) + 1, 0).astype(np.int64)
