"""A plan after edits: only what they touch is read, checked and assigned again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridmap import assign as assignment
from gridmap import checks
from gridmap.project.patched import Patch, Tables, joined

if TYPE_CHECKING:
    from gridmap.checks import Checked, Remains
    from gridmap.project.plan import Plan
    from gridmap.store.undo import Since

# Of so many rows at most; beyond, a whole run is as quick.
FEW = 2_000
# A kind with so many rows at most is checked with all of them.
SMALL = 5_000


def updated(plan: Plan) -> Plan:
    """Return the plan of the data as they are now.

    Parameters
    ----------
    plan : Plan
        One of the same area, maybe from before some edits.

    Returns
    -------
    Plan
        Equal to ``area.assign()``. Where the store does not know what was edited since, or the edit is of
        what everything rests on (border, administration, units), it is that.
    """
    area, season = plan.area, None if plan.season is None else plan.season.name
    since = None
    if plan.checked is not None and plan.made.ground.spec == area.spec:
        since = area.store.changed_since(plan.revision, most=FEW)
    if since is None:
        return area.assign(season=season)
    if not since.touched:
        return plan
    return _mended(plan, since) or area.assign(season=season)


def _mended(plan: Plan, since: Since) -> Plan | None:
    tables = plan.tables if isinstance(plan.tables, Tables) else Tables(plan.tables)
    checked, edits = plan.checked, {}
    for kind, ids in since.touched.items():
        rows = since.rows[kind]
        checked = None if checked is None else _rechecked(checked, tables, kind, ids, rows)
        tables = tables.patched(kind, ids, rows)
        edits[kind] = assignment.Edit(ids, rows)
    if checked is None:
        # What a later run builds on is told by the places of rows in these tables.
        tables = tables.settled()
        checked = checks.checked(tables, plan.area.spec)
    made = assignment.rearrange(plan.made, tables, edits, known=checked.findings)
    if made is None:
        return None
    return replace(
        plan,
        tables=tables,
        made=made,
        findings=checked.findings + made.findings,
        revision=since.revision,
        notes=(),
        checked=checked,
    )


def _rechecked(
    old: Checked, tables: Tables, kind: str, ids: frozenset[str], now: pd.DataFrame
) -> Checked | None:
    """Return what checks find after an edit of some rows of one kind; None where all must be checked."""
    patch = tables.patch(kind)
    if len(patch.base) <= SMALL:
        rows = checks.Rows(patch.frame, patch.with_rows(ids, now).frame)
        return checks.recheck(old, tables.without(kind), kind, rows)
    was = patch.of(ids)
    if set(was["id"]) != set(now["id"]):
        return None
    edited = checks.Edited(was, now, old.remains.spec.kinds[kind])
    beside = _beside(patch, old.remains, kind, edited)
    before, after = (joined([part, *beside]) if beside else part for part in (was, now))
    return checks.recheck(old, tables.without(kind), kind, checks.Rows(before, after, edited))


def _beside(patch: Patch, left: Remains, kind: str, edited: checks.Edited) -> list[pd.DataFrame]:
    """Return the rows, as they are now, that checks may hold against edited ones."""
    ids = edited.before["id"].tolist()
    old = np.array([one in patch.edited for one in ids], dtype=bool)
    xy = left.xy.get(kind)
    near = checks.peers(patch.base, edited, held=~old, xy=xy, spots=left.spots.get(kind))
    found = _but(patch.base, near, patch.edited.union(ids))
    if not len(patch.rows):
        return found
    # What was edited before stands among the few rows of the patch.
    places = None if xy is None else checks.places_of(patch.rows)
    return found + _but(patch.rows, checks.peers(patch.rows, edited, held=old, xy=places), ids)


def _but(rows: pd.DataFrame, near: np.ndarray, ids: Collection[str]) -> list[pd.DataFrame]:
    """Return some rows but those with certain ids; no frame if there is none."""
    names = rows["id"].array
    kept = [at for at in near.tolist() if names[at] not in ids]
    return [rows.iloc[kept]] if kept else []
