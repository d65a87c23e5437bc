"""Assignments as the page holds them: per kind and layer, codes and metres instead of rows of text."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap import registry
from gridmap.config import ProjectSpec
from gridmap.model import LAYERS, TARGETS, Bilingual
from gridmap.model.scene import Join, Packed
from gridmap.render.holdings import NEEDED
from gridmap.render.pack import code_texts, pack_ints
from gridmap.render.sheet import Sheet

Rows = npt.NDArray[np.int64]
MOST_M = 2**32 - 2


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
                found.extend(_split(of_kind[chosen], rows[chosen], kind=kind, layer=layer, size=len(held)))
    return tuple(found)


def _split(frame: pd.DataFrame, rows: Rows, *, kind: str, layer: str, size: int) -> list[Join]:
    """Give every feature's first row a slot, leads before supports; what is left is listed by row."""
    roles = frame["role"] if "role" in frame.columns else pd.Series("", index=frame.index)
    order = np.lexsort((np.arange(len(frame)), (roles != "lead").to_numpy(dtype=bool), rows))
    frame, rows = frame.iloc[order], rows[order]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = rows[1:] != rows[:-1]
    found = [_join(frame[first], rows[first], kind=kind, layer=layer, size=size)]
    if not first.all():
        found.append(_join(frame[~first], rows[~first], kind=kind, layer=layer, size=None))
    return found


def _join(frame: pd.DataFrame, rows: Rows, *, kind: str, layer: str, size: int | None) -> Join:
    names: dict[str, tuple[str, ...]] = {}
    codes: dict[str, Packed] = {}
    for column in ("target", "unit", "role", "rule", "reason"):
        texts, found = code_texts(_column(frame, column))
        names[column], codes[column] = texts, pack_ints(_slots(found, rows, size))
    return Join(
        kind=kind,
        layer=layer,
        table=TARGETS[layer],
        size=len(rows) if size is None else size,
        rows=None if size is not None else pack_ints(rows),
        targets=names["target"],
        target=codes["target"],
        units=names["unit"],
        unit=codes["unit"],
        roles=names["role"],
        role=codes["role"],
        rules=names["rule"],
        rule=codes["rule"],
        metres=pack_ints(_slots(_metres(frame), rows, size)),
        reasons=names["reason"],
        reason=codes["reason"],
    )


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


def _slots(values: Rows, rows: Rows, size: int | None) -> Rows:
    if size is None:
        return values
    slots = np.zeros(size, dtype=np.int64)
    slots[rows] = values
    return slots
