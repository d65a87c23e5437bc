"""After an edit: what checks find now, without looking at a million rows again.

A small project stands for the whole: the rows that were edited, those that a check may hold against
them, and every other table. It is checked as it was and as it is. What differs between the two differs in
the whole project too; what the small project itself lacks is in both, and cancels out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
import shapely

from gridmap.checks.base import NO_ROW, Check, Scope
from gridmap.checks.context import Context
from gridmap.checks.edited import Edited
from gridmap.checks.engine import Checked, in_order, run_one
from gridmap.checks.keys import references
from gridmap.checks.remains import Trace
from gridmap.config import ProjectSpec
from gridmap.model import Finding, Findings

# What others are worked out from: an edit of these is checked whole.
FOUNDATIONS = frozenset({"admin", "border"})
# Found by holding a row against others of its table: those are among its peers.
AMONG_PEERS = frozenset({"position-duplicate"})
# Found by holding names and ids of all tables against each other: an edit that is decided by peers changes
# none of them, nor what they mark (`_refers_soundly`, and ids stay).
OF_NAMES = frozenset({"id-lookalike", "code-duplicate", "reference-dangling"})
# An edit may take the last row away that names a unit, or bring the first: then all is checked.
UNUSED = frozenset({"unit-unused"})

Keyed = tuple[Finding, bytes | None]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of an edited kind, as they were and as they are, in the order of ids.

    Parameters
    ----------
    before, after : DataFrame
        All rows of the kind; or, of a kind with very many, those that were edited and their `peers`.
    edited : Edited or None
        Those that were edited; None where all rows are here.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    edited: Edited | None = None

    @property
    def whole(self) -> bool:
        """Whether all rows of the kind are here."""
        return self.edited is None


def recheck(old: Checked, tables: Mapping[str, pd.DataFrame], kind: str, rows: Rows) -> Checked | None:
    """Return what checks find after an edit of some rows of a kind; None where all must be checked anew.

    Parameters
    ----------
    old : Checked
        Before the edit.
    tables : mapping of str to DataFrame
        All tables but that of the kind.
    kind : str
        The kind that was edited.
    rows : Rows
        What became of it.
    """
    asked = [trace.looked for trace in old.traces if kind in trace.looked]
    if kind in FOUNDATIONS or not (old.doubtful - {kind}).isdisjoint(frozenset().union(*asked)):
        return None
    if not rows.whole and not _peers_suffice(old, kind, rows):
        return None
    some = {} if rows.whole else _linked(tables, old.remains.spec, kind, rows)
    kept = {name: frame.loc[some[name]] if name in some else frame for name, frame in tables.items()}
    sound = _sound(old, kind, rows)
    after = old.remains.context({**kept, kind: rows.after})
    if not _refers_soundly(after, kind, rows, sound=sound is not None):
        return None
    part, traces = _Part(kind, some, rows, sound is not None), list(old.traces)
    was, contexts = Counter[Keyed](), [after]
    first = replace(part, known=sound or frozenset())
    if any(map(first.asks, in_order(), old.traces)):
        contexts.append(old.remains.context({**kept, kind: rows.before}))
        was = Counter(_keyed(list(_run(old, contexts[-1], first, traces))))
    # Last, so that the traces tell what checks leave now.
    now = Counter(_keyed(list(_run(old, after, part, traces))))
    gone, came = was - now, now - was
    if not rows.whole and not all(_decided(one, kind) for one, _ in (*gone, *came)):
        return None
    left = _without(old.findings, gone)
    if left is None:
        return None
    marks = (each for side in contexts for each in side.marks.items())
    # Where a finding came or went, marks did.
    doubtful = {one.table for one, _ in (*gone, *came)} - {kind}
    if any(table == kind and mask.any() for (table, _), mask in marks):
        doubtful.add(kind)
    return replace(
        old,
        findings=Findings.of([*left, *(_shaped(key) for key in came.elements())]),
        traces=tuple(traces),
        doubtful=old.doubtful | doubtful,
    )


def _sound(old: Checked, kind: str, rows: Rows) -> frozenset[Scope] | None:
    """Return the scopes of checks that found nothing in the rows as they were; None if anything did.

    Those of a row and other tables may have found something there.
    """
    told = {one.id for one in old.findings if one.table == kind}
    if None in told or not told.isdisjoint(rows.before["id"]):
        return None
    elsewhere = any(one.table != kind for one in old.findings)
    return frozenset({Scope.ROW} if elsewhere else {Scope.ROW, Scope.LINKED})


def _peers_suffice(old: Checked, kind: str, rows: Rows) -> bool:
    """Whether what checks find in edited rows and their peers is all that an edit can change."""
    if set(rows.before["id"]) != set(rows.after["id"]):
        # Ids that come or go are held against all others.
        return False
    for check, trace in zip(in_order(), old.traces, strict=True):
        known = {doc.code for doc in check.docs} <= AMONG_PEERS | OF_NAMES | UNUSED
        if check.scope is Scope.SET and kind in trace.looked and not known:
            return False
    edited = set() if rows.edited is None else set(rows.edited.before["id"])
    if any(one.table == kind and one.code in OF_NAMES and one.id in edited for one in old.findings):
        # What was found of its name stays, but where it was found may be elsewhere now.
        return False
    spec = old.remains.spec
    named = (column.references for one in spec.kinds.values() for column in one.columns.values())
    # A key of its own is held against those of all rows.
    return not any(one is not None and one.startswith(f"{kind}.") and one != f"{kind}.id" for one in named)


def _linked(
    tables: Mapping[str, pd.DataFrame], spec: ProjectSpec, kind: str, rows: Rows
) -> dict[str, np.ndarray]:
    """Return which rows of other tables name one of these rows, of each table that names rows of the kind.

    The others would all seem to lead nowhere.
    """
    found: dict[str, np.ndarray] = {}
    for name, frame in tables.items():
        for column, declared in spec.kinds[name].columns.items() if len(frame) else ():
            target, _, key = (declared.references or "").partition(".")
            if target == kind and column in frame.columns and (key or "id") in rows.before.columns:
                keys = {*rows.before[key or "id"].dropna(), *rows.after[key or "id"].dropna()}
                named = frame[column].isin(keys).to_numpy(dtype=bool)
                found[name] = named | found.get(name, False)
    return found


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands for a project.

    Parameters
    ----------
    kind : str
        The kind that was edited.
    some : mapping of table to bool mask
        Which rows are left of other tables; of those that are not named, all.
    rows : Rows
        All rows of the kind, or a few.
    sound : bool
        Whether nothing was found in these before, so that no check has left a mark on them.
    known : frozenset of Scope
        Scopes of checks that are known to find nothing.
    """

    kind: str
    some: Mapping[str, np.ndarray]
    rows: Rows
    sound: bool
    known: frozenset[Scope] = frozenset()

    def asks(self, check: Check, trace: Trace) -> bool:
        """Whether a check is run again."""
        if self.kind not in trace.looked or check.scope in self.known:
            return False
        if self.rows.edited is None:
            return True
        codes = {doc.code for doc in check.docs}
        lone = len(self.rows.before) < 2 and codes <= AMONG_PEERS  # noqa: PLR2004 - one has no peer
        # What is found, and marked, is what was: nothing in these rows, and elsewhere what was left there.
        untouched = self.sound and not self.rows.edited.concerns(check.reads)
        return not (codes <= OF_NAMES or lone or untouched)


def _run(old: Checked, context: Context, part: _Part, traces: list[Trace]) -> Iterator[Finding]:
    """Run the checks that are asked again; `traces` are kept up. What the others left, they leave."""
    alone = context.alone(part.kind)
    for number, check in enumerate(in_order()):
        trace, row_by_row = old.traces[number], check.scope is Scope.ROW
        asked = part.asks(check, trace)
        if asked:
            context.looked.clear()
            context.dangled.clear()
            yield from run_one(check, alone if row_by_row else context)
            looked = traces[number].looked | context.looked
            traces[number] = replace(traces[number], looked=looked, dangled=tuple(context.dangled))
        else:
            for table, values in trace.dangled:
                context.dangle(table, values)
        if row_by_row or not asked:
            _leave(trace, context, part)


def _leave(trace: Trace, context: Context, part: _Part) -> None:
    """Mark what a check marked in other tables, and leave what it knew of the townships.

    In the edited kind it marked nothing: it never looked there, or found nothing in these rows.
    """
    for table, marked, aspects in trace.marked:
        if table in context.tables and table != part.kind:
            context.mark(table, _standing(marked, part.some.get(table)), *aspects)
    context.disputed = trace.disputed


def _standing(rows: np.ndarray, kept: np.ndarray | None) -> np.ndarray:
    """Return where rows stand among those of their table that were kept."""
    if kept is None:
        return rows
    there = rows[rows != NO_ROW]
    return np.asarray((np.cumsum(kept) - 1)[there[kept[there]]])


def _refers_soundly(context: Context, kind: str, rows: Rows, *, sound: bool) -> bool:
    """Whether every value that names another row, or named one, names one that is there.

    What leads nowhere is excused by how many other values do: that cannot be said from a few rows. Where
    nothing was found in the rows before, a column that is as it was need not be asked: it left no mark.
    """
    if rows.edited is None:
        return True
    for ref in references(context):
        if ref.kind != kind or (sound and ref.column not in rows.edited.changed):
            continue
        named = {*rows.before[ref.column].dropna(), *rows.after[ref.column].dropna()}
        there = context.has(ref.target, ref.key)
        if named and not (there and named <= set(context.texts(ref.target, ref.key))):
            return False
    return True


def _decided(one: Finding, kind: str) -> bool:
    """Whether a finding that came or went can be known from the edited rows and their peers."""
    return (one.table == kind and one.code in _of_rows()) or one.code in AMONG_PEERS


@cache
def _of_rows() -> frozenset[str]:
    """Return the codes of checks that hold no row against others of its table."""
    return frozenset(doc.code for check in in_order() if check.scope is not Scope.SET for doc in check.docs)


def _keyed(findings: list[Finding]) -> list[Keyed]:
    # Findings are equal wherever their places are; what is stored is not.
    shapes = np.empty(len(findings), dtype=object)
    shapes[:] = [one.geometry for one in findings]
    return list(zip(findings, shapely.to_wkb(shapes).tolist(), strict=True))


def _shaped(key: Keyed) -> Finding:
    one, wkb = key
    return replace(one, geometry=None if wkb is None else shapely.from_wkb(wkb))


def _without(findings: Findings, gone: Counter[Keyed]) -> list[Finding] | None:
    """Return the findings without those that went; None if one of these is not there."""
    left = Counter(gone)
    asked = {one for one, _ in gone}
    kept = [one for one in findings if one not in asked]
    for one, wkb in _keyed([one for one in findings if one in asked]):
        if left[one, wkb] > 0:
            left[one, wkb] -= 1
        else:
            kept.append(one)
    return None if any(left.values()) else kept
