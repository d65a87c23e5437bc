"""A store in memory, for notebooks: the same protocol, the same revisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
import pandas as pd
import shapely

from gridmap.claims import Assigned
from gridmap.config.spec import RESULT_TABLES, ProjectSpec
from gridmap.model import Change, Findings
from gridmap.store import edits, records
from gridmap.store.assigned import TABLE as TABLE_OF_ASSIGNED
from gridmap.store.protocol import Box
from gridmap.store.quarantine import TABLE, Delivery, joined, labelled, nothing_waits
from gridmap.store.results import chosen_columns, conform_results, no_such_table, result_types
from gridmap.store.structure import Frame, column_types, conform, empty
from gridmap.store.undo import KEPT, Since, Touched, Undone, nothing

Held = tuple[dict[str, Frame], dict[str, records.State], Frame | None]


@dataclass(frozen=True)
class _Step:
    """An action that can be taken back, with all that was held before it; no frame is changed in place."""

    action: str
    touched: Touched
    source: str | None
    before: str
    held: Held

    @property
    def rows(self) -> int:
        """How many rows came, went or got other values."""
        return sum(map(len, self.touched.values()))


def _differing(old: Frame, new: Frame) -> frozenset[str]:
    """Return the ids of rows that came, went or have other values."""
    both = old[["id"]].merge(new[["id"]], how="outer", on="id", indicator=True)
    same = both["_merge"] == "both"
    moved = frozenset(both.loc[~same, "id"])
    if not same.any():
        return moved
    one = old[old["id"].isin(new["id"])].set_index("id").sort_index()
    two = new[new["id"].isin(old["id"])].set_index("id").sort_index()
    changed = pd.Series(data=False, index=one.index)
    for column in one.columns:
        if column == "geometry":
            first, second = one["geometry"].to_wkb(), two["geometry"].to_wkb()
        else:
            first, second = one[column], two[column]
        changed |= ~((first == second).fillna(value=False) | (first.isna() & second.isna())).astype(bool)
    return moved | frozenset(changed.index[changed])


class MemoryStore:
    """A store that lives in this process only.

    Parameters
    ----------
    spec : ProjectSpec
        The settings.
    frames : mapping of kind to frame, optional
        Kinds left out are empty.

    Raises
    ------
    StructureError
        GM305 if a frame does not have the structure of its kind.
    """

    path = None

    def __init__(self, spec: ProjectSpec, frames: Mapping[str, Frame] | None = None) -> None:
        self.spec = spec
        given = frames or {}
        for kind in given:
            column_types(kind, spec)
        self._data = {
            kind: conform(given[kind], kind, spec) if kind in given else empty(kind, spec)
            for kind in spec.kinds
        }
        self._results: dict[str, Frame] = {}
        self._assigned: Assigned | None = None
        self._input: str | None = None
        self._meta: dict[str, str] = {}
        self._states: dict[str, records.State] = {}
        self._quarantine: Frame | None = None
        self._steps: list[_Step] = []

    def __repr__(self) -> str:
        return f"<MemoryStore {self.tables()}>"

    def revision(self) -> str:
        """Return the hash of the tables of data."""
        for kind, frame in self._data.items():
            if kind not in self._states:
                self._states[kind] = records.state_of(kind, frame, column_types(kind, self.spec))
        return records.revision_of(self._states)

    def content(self) -> str:
        """Return the hash of the tables of data and of the results."""
        hashes = {}
        for name, frame in self._made().items():
            types = result_types(frame)
            cells, wkb = records.frame_cells(frame, types), records.frame_wkb(frame)
            hashes[name] = records.results_digest(cells, types, wkb)
        if self._assigned is not None:
            hashes[TABLE_OF_ASSIGNED] = self._assigned.digest()
        if self._input is not None:
            hashes["input"] = self._input
        return records.content_of(self.revision(), hashes)

    def tables(self) -> dict[str, int]:
        """Return the rows of every table."""
        rows = {name: len(frame) for name, frame in {**self._data, **self._made()}.items()}
        if self._assigned is not None:
            rows[TABLE_OF_ASSIGNED] = len(self._assigned)
        made = (*RESULT_TABLES, TABLE)
        return {name: rows[name] for name in [*self._data, *made] if name in rows}

    def _made(self) -> dict[str, Frame]:
        """Return the tables of results, and the quarantine if anything waits there."""
        return self._results if self._quarantine is None else {**self._results, TABLE: self._quarantine}

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        bbox: Box | None = None,
        ids: Sequence[str] | None = None,
    ) -> Frame:
        """Read a table; see `Store.read`."""
        if table == TABLE_OF_ASSIGNED and self._assigned is not None:
            return self._assigned.frame(chosen_columns(columns, ids))
        everything = {**self._data, **self._made()}
        if table not in everything:
            raise no_such_table(table, everything)
        frame = everything[table]
        keep = np.ones(len(frame), dtype=bool)
        if bbox is not None and "geometry" in frame.columns:
            bounds = shapely.bounds(np.asarray(frame["geometry"].array, dtype=object))
            low_x, low_y, high_x, high_y = bbox
            keep &= (bounds[:, 0] <= high_x) & (bounds[:, 2] >= low_x)
            keep &= (bounds[:, 1] <= high_y) & (bounds[:, 3] >= low_y)
        if ids is not None:
            keep &= frame["id"].isin(list(ids)).to_numpy()
        chosen = frame if keep.all() else frame.loc[keep].reset_index(drop=True)
        if columns is None:
            return chosen.copy()
        present = [name for name in frame.columns if name != "geometry"]
        wanted = edits.wanted_columns(table, present, columns)
        return chosen[[*wanted, *(["geometry"] if "geometry" in frame.columns else [])]].copy()

    def read_all(self) -> dict[str, Frame]:
        """Read the tables of every kind; see `Store.read_all`."""
        return {kind: self.read(kind) for kind in self.spec.kinds}

    def replace(self, frames: Mapping[str, Frame], *, action: str) -> str:
        """Give these kinds new tables."""
        ready = {kind: conform(frame, kind, self.spec) for kind, frame in frames.items()}
        return self._put(ready, action)

    def _put(
        self,
        ready: Mapping[str, Frame],
        action: str,
        *,
        source: str | None = None,
        waiting: Frame | None = None,
    ) -> str:
        """Give these kinds new tables, and the quarantine if it is given; remember what was there."""
        before = self.revision()
        held = (dict(self._data), dict(self._states), self._quarantine)
        self._data.update(ready)
        for kind in ready:
            self._states.pop(kind, None)
        if waiting is not None and (self._quarantine is None or not waiting.equals(self._quarantine)):
            self._quarantine = waiting if len(waiting) else None
        after = self.revision()
        if after != before or self._quarantine is not held[2]:
            touched = {kind: _differing(held[0][kind], frame) for kind, frame in ready.items()}
            self._steps = [*self._steps, _Step(action, touched, source, before, held)][-KEPT:]
        return after

    def take_in(self, kind: str, frame: Frame, quarantined: pd.DataFrame, delivery: Delivery) -> str:
        """Add a file's rows, and those that cannot be stored to the quarantine."""
        delivery.refuse_between(self.revision(), "the area in memory")
        added = conform(frame, kind, self.spec)
        new = labelled(quarantined, kind, delivery)
        held = nothing_waits() if self._quarantine is None else self._quarantine
        waiting, _ = joined(held, new, kind, delivery, added["id"].tolist())
        return self._put({kind: self._with(kind, added)}, "import", source=delivery.source, waiting=waiting)

    def discard(self, source: str) -> int:
        """Take the rows of a file out of the quarantine."""
        held = nothing_waits() if self._quarantine is None else self._quarantine
        rest = held[held["source"] != source].reset_index(drop=True)
        self._put({}, "discard", source=source, waiting=rest)
        return len(held) - len(rest)

    def undo(self) -> Undone:
        """Take the last import, save or edit back."""
        if not self._steps:
            raise nothing("the area in memory")
        last = self._steps.pop()
        self._data, self._states, self._quarantine = last.held
        return Undone(last.action, ", ".join(last.touched), last.rows, last.source, self.revision())

    def changed_since(self, revision: str, *, most: int) -> Since | None:
        """Return the rows that came, went or changed since a revision; see `Store.changed_since`."""
        touched = self._touched_since(revision)
        if touched is None or sum(map(len, touched.values())) > most:
            return None
        rows = {kind: self.read(kind, ids=sorted(ids)) for kind, ids in touched.items()}
        return Since(self.revision(), touched, rows)

    def _touched_since(self, revision: str) -> Touched | None:
        if revision == self.revision():
            return {}
        starts = [at for at, step in enumerate(self._steps) if step.before == revision]
        if not starts:
            return None
        found: dict[str, frozenset[str]] = {}
        for step in self._steps[starts[-1] :]:
            for kind, ids in step.touched.items():
                found[kind] = found.get(kind, frozenset()) | ids
        return {kind: ids for kind, ids in found.items() if ids}

    def upsert(self, kind: str, frame: Frame, *, action: str) -> str:
        """Add rows, or give rows new values."""
        return self._put({kind: self._with(kind, conform(frame, kind, self.spec))}, action)

    def _with(self, kind: str, ready: Frame) -> Frame:
        """Return a kind's table with these rows added, or given new values."""
        there = self._data[kind]
        kept = there.loc[~there["id"].isin(ready["id"])]
        parts = [part for part in (kept, ready) if len(part)]
        if len(parts) < 2:  # noqa: PLR2004 - the old rows and the new
            return parts[0] if parts else ready
        return conform(pd.concat(parts, ignore_index=True), kind, self.spec)

    def edit(self, kind: str, row_id: str, values: Mapping[str, object]) -> str:
        """Change some values of one row."""
        plain = edits.plain_values(kind, values, self.spec)
        row = self.read(kind, ids=[row_id])
        if not len(row):
            raise edits.no_such_row(kind, row_id)
        return self.upsert(kind, edits.edited(row, plain), action="edit")

    def remove(self, kind: str, ids: Sequence[str]) -> str:
        """Remove rows."""
        frame = self.read(kind)
        known = set(frame["id"])
        for row_id in ids:
            if row_id not in known:
                raise edits.no_such_row(kind, row_id)
        return self.replace({kind: frame.loc[~frame["id"].isin(list(ids))]}, action="remove")

    def forget(self) -> None:
        """Drop what could be taken back."""
        self._steps = []

    def write_results(
        self,
        frames: Mapping[str, Frame],
        *,
        assigned: Assigned | None = None,
        input_revision: str,
        meta: Mapping[str, str],
    ) -> None:
        """Keep the tables of results."""
        ready = conform_results(frames, assigned, self.spec)
        self._results = {name: ready[name] for name in RESULT_TABLES if name in ready}
        self._assigned = assigned
        self._input, self._meta = input_revision, dict(meta)

    def assigned(self) -> Assigned | None:
        """Return the stored assignments as columns; see `Store.assigned`."""
        return self._assigned

    def results_revision(self) -> str | None:
        """Return the hash that the results were made from."""
        return self._input

    def results_meta(self) -> dict[str, str]:
        """Return what was recorded with the results."""
        return dict(self._meta)

    def outside_changes(self) -> tuple[Change, ...]:
        """Return nothing: nobody else reaches this memory."""
        return ()

    def accept(self) -> tuple[Change, ...]:
        """Return nothing: nobody else reaches this memory."""
        return ()

    def verify(self, *, deep: bool) -> Findings:  # noqa: ARG002 - the protocol's
        """Return nothing: there is no file that could be damaged."""
        return Findings()

    def close(self) -> None:
        """Do nothing: the frames go with the object."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
