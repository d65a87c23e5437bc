"""The store on disk: one GeoPackage, one transaction per action."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pandas as pd

from gridmap.claims import Assigned
from gridmap.config.spec import RESULT_TABLES, ColumnType, ProjectSpec
from gridmap.errors import StoreError
from gridmap.model import Change, Findings
from gridmap.store import (
    assigned,
    assigned_reading,
    blocks,
    edits,
    outside,
    quarantine,
    rows,
    selecting,
    sql,
    tables,
    transaction,
    undo,
    verify,
)
from gridmap.store.assigned import TABLE
from gridmap.store.meta import Meta
from gridmap.store.protocol import Box
from gridmap.store.quarantine import Delivery
from gridmap.store.results import chosen_columns, conform_results, no_such_table, result_types
from gridmap.store.structure import Frame, assemble, column_types, conform, empty


class GpkgStore:
    """A border area's tables in a GeoPackage.

    Made by `gridmap.store.open_store` and `gridmap.store.create_store`.
    """

    def __init__(self, context: transaction.Context) -> None:
        self._context = context
        self._closed = False

    def __repr__(self) -> str:
        return f"<GpkgStore {self.path}>"

    @property
    def path(self) -> Path:
        """The file."""
        return self._context.target.path

    @property
    def spec(self) -> ProjectSpec:
        """The settings."""
        return self._context.spec

    # --- reading ---------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Any:
        self._alive()
        with sql.reading(self._context.target) as connection:
            yield connection, transaction.load_meta(connection, self._context)

    def _alive(self) -> None:
        if self._closed:
            raise StoreError("GM302", "the store is closed", where=str(self.path), fix="open it again")

    def revision(self) -> str:
        """Return the hash of the tables of data."""
        with self._reading() as (_, meta):
            return str(meta.revision())

    def content(self) -> str:
        """Return the hash of the tables of data and of the results."""
        with self._reading() as (_, meta):
            return str(meta.content())

    def changed_since(self, revision: str, *, most: int) -> undo.Since | None:
        """Return the rows that came, went or changed since a revision; see `Store.changed_since`."""
        with self._reading() as (connection, meta):
            # What another program may have changed stands in no step.
            own = transaction.untouched(connection, meta)
            touched = undo.touched_since(connection, meta, revision) if own else None
            if touched is None or sum(map(len, touched.values())) > most:
                return None
            rows = {
                kind: self._frame(connection, meta, kind, selecting.Wanted(ids=sorted(ids)))
                for kind, ids in touched.items()
            }
            return undo.Since(str(meta.revision()), touched, rows)

    def tables(self) -> dict[str, int]:
        """Return the rows of every table."""
        with self._reading() as (connection, meta):
            made = (*RESULT_TABLES, quarantine.TABLE)
            names = [*self.spec.kinds, *(name for name in made if name in meta.results())]
            # What nobody else has written has as many rows as are noted: counting a million takes a while.
            own = transaction.untouched(connection, meta)
            return {
                name: meta.state(name).rows
                if own and name in self.spec.kinds
                else selecting.count(connection, assigned.rows_table(meta, name))
                for name in names
            }

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        bbox: Box | None = None,
        ids: Sequence[str] | None = None,
    ) -> Frame:
        """Read a table; see `Store.read`.

        Raises
        ------
        ConfigError
            GM105 if there is no such table or column.
        StoreError
            GM307 if what is stored cannot be read.
        """
        with self._reading() as (connection, meta):
            return self._frame(connection, meta, table, selecting.Wanted(columns, bbox, ids))

    def read_all(self) -> dict[str, Frame]:
        """Read the tables of every kind, all in one state; see `Store.read_all`."""
        with self._reading() as (connection, meta):
            everything = selecting.Wanted()
            return {kind: self._frame(connection, meta, kind, everything) for kind in self.spec.kinds}

    def _frame(self, connection: sql.Connection, meta: Meta, table: str, wanted: selecting.Wanted) -> Frame:
        types, spatial = self._types(table, meta)
        columns, bbox, ids = wanted.columns, wanted.bbox, wanted.ids
        if table == assigned.TABLE and assigned.is_columns(meta):
            return assigned_reading.read(connection).frame(chosen_columns(columns, ids))
        if columns is not None:
            types = {name: types[name] for name in edits.wanted_columns(table, list(types), columns)}
        found = tables.layout(connection, table)
        if found is None:
            return empty(table, self.spec)[[*types, *(["geometry"] if spatial else [])]]
        where = selecting.where(connection, found, bbox if spatial else None, ids)
        order = "id" if table in self.spec.kinds else None
        # Columns that the settings declare otherwise now hold what they declared before.
        same = all(found.columns.get(name, kind) == kind for name, kind in types.items())
        how = blocks.How(own=same and transaction.untouched(connection, meta))
        cells, blobs, count = blocks.fetch(connection, found, types, where=where, order=order, how=how)
        shapes = None
        if spatial:
            shapes = tables.column_of(blobs or (None,) * count, cells.get("id", ()), table, self.spec.crs)
        frame = assemble(cells, types, shapes, self.spec.crs)
        return selecting.within(frame, bbox) if bbox is not None and spatial else frame

    def assigned(self) -> Assigned | None:
        """Return the stored assignments as columns; see `Store.assigned`."""
        with self._reading() as (connection, meta):
            return assigned_reading.read(connection) if assigned.is_columns(meta) else None

    def _types(self, table: str, meta: Meta) -> tuple[dict[str, ColumnType], bool]:
        if table in self.spec.kinds:
            return column_types(table, self.spec), self.spec.kinds[table].spatial
        if table in meta.results():
            return meta.columns(table), meta.is_spatial(table)
        raise no_such_table(table, {**self.spec.kinds, **meta.results()})

    def results_revision(self) -> str | None:
        """Return the hash that the stored results were made from."""
        with self._reading() as (_, meta):
            return meta.get("results.input")  # type: ignore[no-any-return]

    def results_meta(self) -> dict[str, str]:
        """Return what was recorded with the stored results."""
        with self._reading() as (_, meta):
            found: dict[str, str] = json.loads(meta.get("results.meta", "{}"))
            return found

    def outside_changes(self) -> tuple[Change, ...]:
        """List what was changed outside gridmap since the last revision."""
        with self._reading() as (connection, meta):
            if transaction.untouched(connection, meta):
                return ()
            return outside.changes(connection, self.spec, meta)

    def verify(self, *, deep: bool) -> Findings:
        """Compare what is stored with its hashes."""
        self._alive()
        return verify.verify(self._context, deep=deep)

    def snapshot(self, path: Path) -> Path:
        """Copy one consistent state to another file, for GDAL and other readers.

        Raises
        ------
        StoreError
            GM303 if the copy cannot be written.
        """
        self._alive()
        return rows.snapshot(self._context, path)

    # --- writing ---------------------------------------------------------------------------------

    def replace(self, frames: Mapping[str, Frame], *, action: str) -> str:
        """Give these kinds new tables."""
        self._alive()
        ready = {kind: conform(frame, kind, self.spec) for kind, frame in frames.items()}
        with transaction.action(self._context, action) as doing:
            with undo.remembered(doing, dict.fromkeys(ready), action=action):
                for kind in self.spec.kinds:
                    if kind in ready:
                        rows.refuse_loss(doing, kind)
                        doing.put_kind(kind, ready[kind])
            return doing.meta.revision()

    def upsert(self, kind: str, frame: Frame, *, action: str) -> str:
        """Add rows, or give rows new values."""
        self._alive()
        ready = conform(frame, kind, self.spec)
        with transaction.action(self._context, action) as doing:
            with undo.remembered(doing, rows.reach(doing, kind, ready), action=action):
                rows.upsert(doing, kind, ready)
            return doing.meta.revision()

    def take_in(self, kind: str, frame: Frame, quarantined: pd.DataFrame, delivery: Delivery) -> str:
        """Add a file's rows, and those that cannot be stored to the quarantine."""
        self._alive()
        ready = conform(frame, kind, self.spec)
        with transaction.action(self._context, "import") as doing:
            delivery.refuse_between(doing.meta.revision(), str(self._context.target.path))
            touched = rows.reach(doing, kind, ready)
            with undo.remembered(doing, touched, action="import", source=delivery.source) as memory:
                if len(ready):
                    rows.upsert(doing, kind, ready)
                taken = ready["id"].tolist()
                memory.quarantined = quarantine.put(doing, kind, quarantined, delivery, taken)
            return doing.meta.revision()

    def discard(self, source: str) -> int:
        """Take the rows of a file out of the quarantine."""
        self._alive()
        with (
            transaction.action(self._context, "discard") as doing,
            undo.remembered(doing, {}, action="discard", source=source) as memory,
        ):
            memory.quarantined = quarantine.without(doing, source)
        return len(memory.quarantined.gone)

    def undo(self) -> undo.Undone:
        """Take the last import, save or edit back.

        Raises
        ------
        StoreError
            GM308 if there is nothing to take back.
        """
        self._alive()
        with transaction.action(self._context, "undo") as doing:
            return undo.take_back(doing)

    def forget(self) -> None:
        """Drop what could be taken back: removed and changed values are then nowhere in the file."""
        self._alive()
        with transaction.action(self._context, "forget") as doing:
            undo.forget(doing)

    def edit(self, kind: str, row_id: str, values: Mapping[str, object]) -> str:
        """Change some values of one row."""
        self._alive()
        plain = edits.plain_values(kind, values, self.spec)
        with transaction.action(self._context, "edit") as doing:
            with undo.remembered(doing, {kind: [row_id]}, action="edit"):
                rows.edit(doing, kind, row_id, plain)
            return doing.meta.revision()

    def remove(self, kind: str, ids: Sequence[str]) -> str:
        """Remove rows."""
        self._alive()
        column_types(kind, self.spec)
        with transaction.action(self._context, "remove") as doing:
            with undo.remembered(doing, {kind: ids}, action="remove"):
                rows.remove(doing, kind, ids)
            return doing.meta.revision()

    def write_results(
        self,
        frames: Mapping[str, Frame],
        *,
        assigned: Assigned | None = None,
        input_revision: str,
        meta: Mapping[str, str],
    ) -> None:
        """Store the tables of results with the hash of what they were made from."""
        self._alive()
        ready = conform_results(frames, assigned, self.spec)
        with transaction.action(self._context, "assign") as doing:
            for name in RESULT_TABLES:
                if name == TABLE and assigned is not None:
                    doing.put_assigned(assigned)
                elif name in ready:
                    doing.put_result(name, ready[name], result_types(ready[name]))
                elif f"result:{name}" in doing.meta:
                    doing.drop_result(name)
            doing.meta["results.input"] = input_revision
            doing.meta["results.meta"] = json.dumps(dict(meta), ensure_ascii=False, sort_keys=True)

    def accept(self) -> tuple[Change, ...]:
        """Make what was changed outside gridmap a revision.

        Raises
        ------
        StructureError
            GM305 if what was changed cannot be held: repeated ids, unknown columns, wrong types.
        """
        self._alive()
        with transaction.action(self._context, "accept", guarded=False) as doing:
            found = outside.changes(doing.connection, self.spec, doing.meta)
            touched = {change.table for change in found}
            for kind in self.spec.kinds:
                if kind in touched:
                    doing.put_kind(kind, doing.read_kind(kind))
                else:
                    doing.settle(kind)
            if found:
                undo.forget(doing)
            return found

    def close(self) -> None:
        """Let go of the store."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
