"""The way back: what the last actions touched, as it was before, and how it is put back.

Before an action the accepted records of the rows it may touch are set aside; after it, those that differ
are kept in ``gridmap_undo`` under the number of the step. A row that was not there before is kept without a
record; a table that was empty before is only named. Undoing puts the records back and sees that the
revision is the one before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import shapely

from gridmap.errors import StoreError
from gridmap.store import quarantine, records, rows, sql, tables
from gridmap.store.meta import Meta
from gridmap.store.structure import Frame, assemble, column_types, conform, empty
from gridmap.store.transaction import Transaction

KEPT = 10
KEY = "undo"
INSERT = "INSERT INTO gridmap_undo (step, kind, id, record) "


Touched = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Since:
    """What became of the data since a revision, all in one state.

    Parameters
    ----------
    revision : str
        The revision of now.
    touched : mapping of kind to ids
        Ids of rows that came, went or changed.
    rows : mapping of kind to DataFrame
        Those of them that are there now, in the order of ids.
    """

    revision: str
    touched: Touched
    rows: Mapping[str, Frame]


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back.

    Parameters
    ----------
    action : str
        What had been done, e.g. ``"import"``.
    kind : str
        The table (several are named with commas).
    rows : int
        Rows that are now as they were before.
    source : str or None
        The file they had come from.
    revision : str
        The revision of the data now: the one before the action.
    """

    action: str
    kind: str
    rows: int
    source: str | None
    revision: str


@dataclass(frozen=True, slots=True)
class Step:
    """An action that can be taken back; `blank` are the kinds that had no rows before it."""

    step: int
    action: str
    kinds: tuple[str, ...]
    source: str | None
    rows: int
    before: str
    blank: tuple[str, ...]


@dataclass
class Memory:
    """What an action adds to its step besides the rows of kinds."""

    quarantined: quarantine.Replaced | None = None


def nothing(where: str) -> StoreError:
    """Return the error for a store without a step to take back."""
    return StoreError(
        "GM308",
        "there is nothing to take back",
        where=where,
        fix=f"only the last {KEPT} imports, saves and edits can be, and none from before an accept",
    )


def steps_of(meta: Meta) -> list[Step]:
    """Return the steps that can be taken back, oldest first."""
    return [
        Step(**{**one, "kinds": tuple(one["kinds"]), "blank": tuple(one["blank"])})
        for one in json.loads(meta.get(KEY, "[]"))
    ]


@contextmanager
def remembered(
    doing: Transaction, touched: Mapping[str, Sequence[str] | None], *, action: str, source: str | None = None
) -> Iterator[Memory]:
    """Keep what an action changes, so that it can be taken back.

    Parameters
    ----------
    doing : Transaction
        The action.
    touched : mapping of kind to ids
        The rows it may touch; None for any row of the kind.
    action, source : str
        What `Undone` says later.
    """
    before = doing.meta.revision()
    blank = tuple(kind for kind in touched if not doing.meta.state(kind).rows)
    connection = doing.connection
    connection.execute("DROP TABLE IF EXISTS temp.gridmap_before")
    connection.execute(
        "CREATE TEMP TABLE gridmap_before (kind TEXT, id TEXT, hash BLOB, record BLOB,"
        " PRIMARY KEY (kind, id)) WITHOUT ROWID"
    )
    for kind, ids in touched.items():
        if kind not in blank:
            connection.execute(
                "INSERT INTO temp.gridmap_before SELECT kind, id, hash, record FROM gridmap_row"
                f" WHERE kind = ? AND {_among(doing, ids)}",
                (kind,),
            )
    memory = Memory()
    yield memory
    known = steps_of(doing.meta)
    number = known[-1].step + 1 if known else 1
    kept = sum(_keep(doing, number, kind, ids, blank=kind in blank) for kind, ids in touched.items())
    if memory.quarantined is not None:
        connection.executemany(
            INSERT + "VALUES (?, ?, ?, ?)",
            [(number, quarantine.TABLE, *line) for line in memory.quarantined.lines()],
        )
    if kept or memory.quarantined:
        _remember(doing, [*known, Step(number, action, tuple(touched), source, kept, before, blank)])


def touched_since(connection: sql.Connection, meta: Meta, revision: str) -> Touched | None:
    """Return the ids of rows that came, went or changed since a revision, by kind.

    Parameters
    ----------
    connection, meta
        The open store.
    revision : str
        A revision of before.

    Returns
    -------
    mapping of kind to ids, or None
        None where the last steps do not lead back to it.
    """
    if revision == meta.revision():
        return {}
    known = steps_of(meta)
    at = next((place for place in reversed(range(len(known))) if known[place].before == revision), None)
    if at is None or any(step.blank for step in known[at:]):
        return None
    rows = connection.execute(
        "SELECT DISTINCT kind, id FROM gridmap_undo WHERE step >= ? AND kind != ?",
        (known[at].step, quarantine.TABLE),
    )
    found: dict[str, set[str]] = {}
    for kind, row_id in rows:
        found.setdefault(kind, set()).add(row_id)
    return {kind: frozenset(ids) for kind, ids in found.items()}


def forget(doing: Transaction) -> None:
    """Drop every step: it would lead back to before what was accepted from outside."""
    doing.connection.execute("DELETE FROM gridmap_undo")
    doing.meta.pop(KEY, None)


def take_back(doing: Transaction) -> Undone:
    """Put back what the last step touched.

    Raises
    ------
    StoreError
        GM308 if there is no step; GM307 if what was kept does not lead back to the revision before it.
    """
    known = steps_of(doing.meta)
    if not known:
        raise nothing(str(doing.context.target.path))
    last = known[-1]
    kept = doing.connection.execute(
        "SELECT kind, id, record FROM gridmap_undo WHERE step = ? ORDER BY kind, id", (last.step,)
    ).fetchall()
    for kind in last.kinds:
        if kind in last.blank:
            doing.put_kind(kind, empty(kind, doing.spec))
        else:
            _restore(doing, kind, [(row_id, record) for name, row_id, record in kept if name == kind])
    quarantine.restore(doing, [(one, record) for name, one, record in kept if name == quarantine.TABLE])
    doing.connection.execute("DELETE FROM gridmap_undo WHERE step = ?", (last.step,))
    _remember(doing, known[:-1])
    if doing.meta.revision() != last.before:
        raise StoreError(
            "GM307",
            "what was kept does not lead back to the revision before",
            where=str(doing.context.target.path),
            fix="nothing was changed; if gridmap.toml has other columns now, put them back and try again",
        )
    return Undone(last.action, ", ".join(last.kinds), last.rows, last.source, last.before)


def _among(doing: Transaction, ids: Sequence[str] | None) -> str:
    return "1" if ids is None else tables.choose(doing.connection, ids)


def _keep(doing: Transaction, number: int, kind: str, ids: Sequence[str] | None, *, blank: bool) -> int:
    """Keep the rows of a kind that are not as they were; return how many there are."""
    connection = doing.connection
    if blank:
        return doing.meta.state(kind).rows
    changed = connection.execute(
        INSERT + "SELECT ?, b.kind, b.id, b.record FROM temp.gridmap_before b"
        " LEFT JOIN gridmap_row r ON r.kind = b.kind AND r.id = b.id"
        " WHERE b.kind = ? AND (r.hash IS NULL OR r.hash != b.hash)",
        (number, kind),
    ).rowcount
    fresh = connection.execute(
        INSERT + f"SELECT ?, kind, id, NULL FROM gridmap_row r WHERE kind = ? AND {_among(doing, ids)}"
        " AND NOT EXISTS (SELECT 1 FROM temp.gridmap_before b WHERE b.kind = r.kind AND b.id = r.id)",
        (number, kind),
    ).rowcount
    return int(changed + fresh)


def _remember(doing: Transaction, known: list[Step]) -> None:
    kept = known[-KEPT:]
    oldest = kept[0].step if kept else 0
    doing.connection.execute("DELETE FROM gridmap_undo WHERE step < ?", (oldest,))
    if kept:
        doing.meta[KEY] = json.dumps([asdict(one) for one in kept], ensure_ascii=False)
    else:
        doing.meta.pop(KEY, None)


def _restore(doing: Transaction, kind: str, kept: Sequence[tuple[str, bytes | None]]) -> None:
    """Give rows back the values that they had; rows that were not there go."""
    fresh = [row_id for row_id, record in kept if record is None]
    if fresh:
        rows.remove(doing, kind, fresh)
    old = [(row_id, bytes(record)) for row_id, record in kept if record is not None]
    if old:
        rows.upsert(doing, kind, conform(_frame(doing, kind, old), kind, doing.spec))


def _frame(doing: Transaction, kind: str, old: Sequence[tuple[str, bytes]]) -> Frame:
    types = column_types(kind, doing.spec)
    parsed = [records.parse(record) for _, record in old]
    cells: dict[str, list[Any]] = {name: [values.get(name) for values, _ in parsed] for name in types}
    cells["id"] = [row_id for row_id, _ in old]
    shapes = None
    if doing.spec.kinds[kind].spatial:
        shapes = np.asarray(shapely.from_wkb([wkb for _, wkb in parsed]), dtype=object)
    return assemble(cells, types, shapes, doing.spec.crs)
