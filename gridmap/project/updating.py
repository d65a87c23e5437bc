"""A plan after edits: only what they touch is read, checked and assigned again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from gridmap import assign as assignment
from gridmap import checks
from gridmap.project.patched import Patch, Tables

if TYPE_CHECKING:
    from gridmap.checks import Checked
    from gridmap.project.plan import Plan
    from gridmap.store.undo import Touched

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
    revision = area.store.revision()
    touched = None
    if plan.checked is not None and plan.made.ground.spec == area.spec:
        touched = area.store.touched_since(plan.revision)
    if touched is None or sum(map(len, touched.values())) > FEW:
        return area.assign(season=season)
    if not touched:
        return plan
    return _mended(plan, touched, revision) or area.assign(season=season)


def _mended(plan: Plan, touched: Touched, revision: str) -> Plan | None:
    tables = plan.tables if isinstance(plan.tables, Tables) else Tables(plan.tables)
    checked, edits = plan.checked, {}
    for kind, ids in touched.items():
        rows = plan.area.store.read(kind, ids=sorted(ids))
        checked = None if checked is None else _rechecked(checked, tables, kind, ids, rows)
        tables = tables.patched(kind, ids, rows)
        edits[kind] = assignment.Edit(ids, rows)
    if checked is None:
        checked = checks.checked(tables, plan.area.spec)
    made = assignment.rearrange(plan.made, tables, edits, known=checked.findings)
    if made is None:
        return None
    return replace(
        plan,
        tables=tables,
        made=made,
        findings=checked.findings + made.findings,
        revision=revision,
        notes=(),
        checked=checked,
    )


def _rechecked(
    old: Checked, tables: Tables, kind: str, ids: frozenset[str], now: pd.DataFrame
) -> Checked | None:
    """Return what checks find after an edit of some rows of one kind; None where all must be checked."""
    patch = tables.patch(kind)
    if len(patch.base) <= SMALL:
        rows = checks.Rows(patch.frame, patch.with_rows(ids, now).frame, whole=True)
        return checks.recheck(old, tables.without(kind), kind, rows)
    was = patch.of(ids)
    if set(was["id"]) != set(now["id"]):
        return None
    beside = _beside(patch, old, kind, pd.concat([was, now], ignore_index=True))
    before, after = (
        pd.concat([part, beside], ignore_index=True).sort_values("id").reset_index(drop=True)
        if len(beside)
        else part
        for part in (was, now)
    )
    return checks.recheck(old, tables.without(kind), kind, checks.Rows(before, after, whole=False))


def _beside(patch: Patch, old: Checked, kind: str, edited: pd.DataFrame) -> pd.DataFrame:
    """Return the rows, as they are now, that checks may hold against edited ones."""
    near = checks.peers(patch.base, edited, old.remains.spec.kinds[kind], xy=old.remains.xy.get(kind))
    # What was edited before stands among the few rows of the patch.
    gone = patch.edited | set(edited["id"])
    found = patch.base.iloc[near]
    rest = patch.rows.loc[~patch.rows["id"].isin(edited["id"])]
    parts = [part for part in (found.loc[~found["id"].isin(gone)], rest) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else found.iloc[:0]
