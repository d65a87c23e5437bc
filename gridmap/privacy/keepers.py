"""Whose a row is: what is assigned to a unit, and what is everybody's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gridmap.config import ProjectSpec

Mask = np.ndarray[Any, np.dtype[np.bool_]]


def kept_kinds(spec: ProjectSpec) -> frozenset[str]:
    """Return the kinds whose rows belong to a unit.

    They are the units, what names one, what rules assign, and what names a row of such a kind. All other
    kinds (the border, townships, roads, landmarks) are everybody's.
    """
    kept = {"unit"} & spec.kinds.keys()
    kept |= {kind for rule in spec.rules for kind in rule.kinds}
    while True:
        more = {kind for kind in spec.kinds.keys() - kept if set(_named(spec, kind).values()) & kept}
        if not more:
            return frozenset(kept)
        kept |= more


def own_rows(tables: Mapping[str, pd.DataFrame], spec: ProjectSpec, unit: str) -> dict[str, Mask]:
    """Say which rows of the kept kinds are a unit's own.

    Its own are: the unit itself; rows that name it; rows that an assignment as lead gives it on any layer,
    if they are of a kind that need not name a unit (a home; an outpost is its own unit's alone, whoever keeps
    the zone that it stands in); and, of kinds that have no keeper of their own (a section plan), rows that
    name an own row.

    Parameters
    ----------
    tables : mapping of str to frame
        Kinds and ``assignments``.
    spec : ProjectSpec
        Says which columns name what.
    unit : str
        A unit's id.

    Returns
    -------
    dict of str to (n,) bool array
        One for each kept kind among `tables`.
    """
    kept = kept_kinds(spec)
    kinds = [kind for kind in spec.kinds if kind in kept and kind in tables]
    ruled = {kind for rule in spec.rules for kind in rule.kinds}
    own: dict[str, Mask] = {}
    waiting = []
    for kind in kinds:
        frame = tables[kind]
        if kind == "unit":
            own[kind] = _equal(frame["id"], unit)
        elif kind in ruled or "unit" in _named(spec, kind).values():
            own[kind] = _keeps(frame, kind, spec, unit)
            if not _must_name_unit(spec, kind):
                own[kind] |= _led(frame, kind, tables, unit)
        else:
            waiting.append(kind)
    # As often as there are kinds: a chain of references may stand in any order in the settings.
    for kind in waiting * len(waiting):
        own[kind] = _names_own(tables, kind, spec, own)
    return own


def _named(spec: ProjectSpec, kind: str) -> dict[str, str]:
    """Return the columns of a kind that hold ids of another kind, and of which."""
    named = {name: one.references for name, one in spec.kinds[kind].columns.items()}
    return {name: target for name, target in named.items() if target is not None and "." not in target}


def _must_name_unit(spec: ProjectSpec, kind: str) -> bool:
    return any(
        target == "unit" and spec.kinds[kind].columns[name].required
        for name, target in _named(spec, kind).items()
    )


def _equal(values: pd.Series[Any], wanted: str) -> Mask:
    found: Mask = (values.astype(object) == wanted).fillna(value=False).to_numpy(dtype=bool)
    return found


def _keeps(frame: pd.DataFrame, kind: str, spec: ProjectSpec, unit: str) -> Mask:
    found = np.zeros(len(frame), dtype=bool)
    for column, target in _named(spec, kind).items():
        if target == "unit" and column in frame.columns:
            found |= _equal(frame[column], unit)
    return found


def _led(frame: pd.DataFrame, kind: str, tables: Mapping[str, pd.DataFrame], unit: str) -> Mask:
    rows = tables.get("assignments")
    if rows is None or not len(rows):
        return np.zeros(len(frame), dtype=bool)
    led = rows[_equal(rows["kind"], kind) & _equal(rows["unit"], unit) & _equal(rows["role"], "lead")]
    found: Mask = frame["id"].isin(set(led["feature"])).to_numpy(dtype=bool)
    return found


def _names_own(
    tables: Mapping[str, pd.DataFrame], kind: str, spec: ProjectSpec, own: Mapping[str, Mask]
) -> Mask:
    frame = tables[kind]
    found = np.zeros(len(frame), dtype=bool)
    for column, target in _named(spec, kind).items():
        if target in own and column in frame.columns:
            found |= frame[column].isin(set(tables[target]["id"][own[target]])).to_numpy(dtype=bool)
    return found
