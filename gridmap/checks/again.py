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

from gridmap.checks.base import NO_ROW, Scope
from gridmap.checks.context import Context
from gridmap.checks.engine import Checked, in_order, run_one
from gridmap.checks.keys import references
from gridmap.checks.positions import TOLERANCE_M
from gridmap.checks.remains import Trace
from gridmap.config import KindSpec, ProjectSpec
from gridmap.model import Finding, Findings

# What others are worked out from: an edit of these is checked whole.
FOUNDATIONS = frozenset({"admin", "border"})
# Found by holding a row against others of its table: those are among its peers.
AMONG_PEERS = frozenset({"position-duplicate"})
# Found by holding names and ids of all tables against each other: an edit that is decided by peers changes
# none of them (`_refers_soundly`, and ids stay).
OF_NAMES = frozenset({"id-lookalike", "code-duplicate", "reference-dangling", "unit-unused"})
# So many spots are looked for with a tree.
MANY = 20

Keyed = tuple[Finding, bytes | None]


def peers(rows: pd.DataFrame, edited: pd.DataFrame, spec: KindSpec, *, xy: np.ndarray | None) -> np.ndarray:
    """Return which rows checks may hold against edited ones.

    Parameters
    ----------
    rows : DataFrame
        Rows of a kind, those that were edited among them.
    edited : DataFrame
        The edited rows, first as they were and then as they are, each in the order of ids.
    spec : KindSpec
        The kind.
    xy : (n, 2) metres
        Positions of `rows`; None where the kind has none.

    Returns
    -------
    (k,) int
        Positions of those on the same spot; and where an edit brings or takes away the name of another row
        (a unit), of some that have it too: whether anything still has it is a question to all rows.
    """
    found = [np.empty(0, dtype=np.intp)]
    if xy is not None:
        found.append(_beside(xy, _spots(edited)))
    half = len(edited) // 2
    for name, column in spec.columns.items():
        if column.references is None or name not in edited.columns:
            continue
        was, now = edited[name].iloc[:half], edited[name].iloc[half:]
        if was.reset_index(drop=True).equals(now.reset_index(drop=True)):
            continue
        for value in edited[name].dropna().unique():
            same = np.flatnonzero((rows[name] == value).fillna(value=False).to_numpy(dtype=bool))
            # One more than were edited: one of them was not.
            found.append(same[: half + 1])
    return np.unique(np.concatenate(found))


def _beside(xy: np.ndarray, spots: np.ndarray) -> np.ndarray:
    """Return which positions are as good as on one of a few spots."""
    if len(spots) > MANY:
        placed = np.flatnonzero(np.isfinite(xy).all(axis=1))
        from scipy.spatial import cKDTree  # noqa: PLC0415 - takes long to load, and only edits need it

        away = cKDTree(spots).query(xy[placed], distance_upper_bound=3.0 * TOLERANCE_M)[0]
        return np.asarray(placed[np.isfinite(away)])
    rows = [np.empty(0, dtype=np.intp)]
    for x, y in spots.tolist():
        near = np.flatnonzero(np.abs(xy[:, 0] - x) <= 2.0 * TOLERANCE_M)
        rows.append(near[np.abs(xy[near, 1] - y) <= 2.0 * TOLERANCE_M])
    return np.concatenate(rows)


def _spots(edited: pd.DataFrame) -> np.ndarray:
    shapes = np.asarray(edited["geometry"], dtype=object)
    points = shapes[shapely.get_type_id(shapes) == shapely.GeometryType.POINT]
    found: np.ndarray = np.unique(shapely.get_coordinates(points), axis=0)
    return np.asarray(found[np.isfinite(found).all(axis=1)])


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of an edited kind, as they were and as they are, in the order of ids.

    Parameters
    ----------
    before, after : DataFrame
        All rows of the kind; or, of a kind with very many, those that were edited and their `peers`.
    whole : bool
        Which of the two.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    whole: bool


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
    both = pd.concat([rows.before, rows.after], ignore_index=True)
    some = {} if rows.whole else _linked(tables, old.remains.spec, kind, both)
    kept = {name: frame.loc[some[name]] if name in some else frame for name, frame in tables.items()}
    traces, sides, clean = list(old.traces), [], True
    for frame in (rows.before, rows.after):
        context = old.remains.context({**kept, kind: frame})
        if not rows.whole and not _refers_soundly(context, kind):
            return None
        sides.append(Counter(_keyed(list(_run(old, context, (kind, some), traces)))))
        clean &= not any(mask.any() for (table, _), mask in context.marks.items() if table == kind)
    gone, came = sides[0] - sides[1], sides[1] - sides[0]
    if not rows.whole and not all(_decided(one, kind) for one, _ in (*gone, *came)):
        return None
    left = _without(old.findings, gone)
    if left is None:
        return None
    return replace(
        old,
        findings=Findings.of([*left, *(_shaped(key) for key in came.elements())]),
        traces=tuple(traces),
        doubtful=old.doubtful if clean else old.doubtful | {kind},
    )


def _peers_suffice(old: Checked, kind: str, rows: Rows) -> bool:
    """Whether what checks find in edited rows and their peers is all that an edit can change."""
    if set(rows.before["id"]) != set(rows.after["id"]):
        # Ids that come or go are held against all others.
        return False
    for check, trace in zip(in_order(), old.traces, strict=True):
        known = {doc.code for doc in check.docs} <= AMONG_PEERS | OF_NAMES
        if check.scope is Scope.SET and kind in trace.looked and not known:
            return False
    spec = old.remains.spec
    named = (column.references for one in spec.kinds.values() for column in one.columns.values())
    # A key of its own is held against those of all rows.
    return not any(one is not None and one.startswith(f"{kind}.") and one != f"{kind}.id" for one in named)


def _linked(
    tables: Mapping[str, pd.DataFrame], spec: ProjectSpec, kind: str, rows: pd.DataFrame
) -> dict[str, np.ndarray]:
    """Return which rows of other tables name one of these rows, of each table that names rows of the kind.

    The others would all seem to lead nowhere.
    """
    found: dict[str, np.ndarray] = {}
    for name, frame in tables.items():
        for column, declared in spec.kinds[name].columns.items() if len(frame) else ():
            target, _, key = (declared.references or "").partition(".")
            if target == kind and column in frame.columns and (key or "id") in rows.columns:
                named = frame[column].isin(rows[key or "id"]).to_numpy(dtype=bool)
                found[name] = named | found.get(name, False)
    return found


def _run(
    old: Checked, context: Context, asked: tuple[str, Mapping[str, np.ndarray]], traces: list[Trace]
) -> Iterator[Finding]:
    """Run the checks that look at a kind; the others leave what they left. `traces` are kept up."""
    kind, some = asked
    alone = context.alone(kind)
    for number, check in enumerate(in_order()):
        trace = old.traces[number]
        if kind in trace.looked:
            context.looked.clear()
            yield from run_one(check, alone if check.scope is Scope.ROW else context)
            traces[number] = replace(traces[number], looked=traces[number].looked | context.looked)
            continue
        for table, rows, aspects in trace.marked:
            if table in context.tables:
                context.mark(table, _standing(rows, some.get(table)), *aspects)
        context.disputed = trace.disputed


def _standing(rows: np.ndarray, kept: np.ndarray | None) -> np.ndarray:
    """Return where rows stand among those of their table that were kept."""
    if kept is None:
        return rows
    there = rows[rows != NO_ROW]
    return np.asarray((np.cumsum(kept) - 1)[there[kept[there]]])


def _refers_soundly(context: Context, kind: str) -> bool:
    """Whether every value that names another row names a sound one.

    What leads nowhere is excused by how many other values do: that cannot be said from a few rows.
    """
    for ref in references(context):
        if ref.kind != kind or not context.has(ref.target, ref.key):
            continue
        known = context.texts(ref.target, ref.key)[context.sound(ref.target, ref.key)]
        if not set(context.column(kind, ref.column).dropna()) <= set(known):
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
