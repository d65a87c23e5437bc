"""One action on the file: guarded at its start, checked before its end, all or nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gridmap.claims import Assigned
from gridmap.config.spec import ColumnType, ProjectSpec
from gridmap.errors import ConfigError, StoreError, StructureError
from gridmap.store import (
    assigned,
    blob,
    blocks,
    bulk,
    contents,
    ddl,
    migrations,
    outside,
    records,
    sql,
    tables,
)
from gridmap.store.ddl import quoted
from gridmap.store.meta import Meta, side_digests
from gridmap.store.structure import Frame, assemble, column_types, conform, empty

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Context:
    """What an action needs to know: where, by which settings, and by which migrations."""

    target: sql.Target
    spec: ProjectSpec
    steps: tuple[migrations.Migration, ...] = migrations.MIGRATIONS


def load_meta(connection: sql.Connection, context: Context) -> Meta:
    """Read what the store knows about itself, and see that it is this project's.

    Raises
    ------
    StoreError
        GM304 if a newer gridmap made it, GM307 if it does not know its version.
    ConfigError
        GM103 if it is in another CRS than the settings say.
    """
    meta = Meta.load(connection)
    path = context.target.path
    if not meta.get("schema", "").isdigit() or "crs" not in meta:
        raise StoreError(
            "GM307", f"{path.name} does not know its version", where=str(path), fix="put back a copy"
        )
    migrations.refuse_newer(meta.schema, context.steps, path)
    if meta["crs"] != context.spec.crs:
        raise ConfigError(
            "GM103",
            f"gridmap.toml says {context.spec.crs}, the store is in {meta['crs']}",
            where=str(path),
            fix=f'write crs = "{meta["crs"]}" in gridmap.toml',
        )
    return meta


@dataclass
class Transaction:
    """An open transaction: the connection, what the store knows, which tables were touched."""

    connection: sql.Connection
    context: Context
    meta: Meta
    touched: set[str] = field(default_factory=set)

    @property
    def spec(self) -> ProjectSpec:
        """The project's settings."""
        return self.context.spec

    @property
    def srs_id(self) -> int:
        """The project's CRS as the file numbers it."""
        return int(self.meta["srs_id"])

    def put_kind(self, kind: str, frame: Frame) -> None:
        """Give a kind a new table; the frame is conformed."""
        types = column_types(kind, self.spec)
        cells = records.frame_cells(frame, types)
        shapes = None
        if self.spec.kinds[kind].spatial:
            shapes = blob.encode(np.asarray(frame["geometry"].array, dtype=object), self.srs_id)
        found = records.records(cells, types, shapes.wkb if shapes else None, rows=len(frame))
        hashes = records.row_hashes(kind, cells["id"], found)
        content = tables.Content(cells, types, shapes, len(frame))
        tables.write(self.connection, kind, content, keyed=True)
        self.connection.execute("DELETE FROM gridmap_row WHERE kind = ?", (kind,))
        lines = {"kind": [kind] * len(frame), "id": cells["id"], "hash": hashes, "record": found}
        bulk.insert(self.connection, "gridmap_row", lines)
        contents.register_kind(self.connection, kind, self.spec, self.srs_id)
        contents.set_extent(self.connection, kind, shapes)
        self.meta[f"state:{kind}"] = records.State.of(hashes).to_text()
        self._made(kind, types, shapes)

    def put_result(self, table: str, frame: Frame, types: dict[str, ColumnType]) -> None:
        """Give a table of results its rows."""
        self.drop_result(table)
        cells = records.frame_cells(frame, types)
        shapes = None
        if "geometry" in frame.columns:
            shapes = blob.encode(np.asarray(frame["geometry"].array, dtype=object), self.srs_id)
        wkb = shapes.wkb if shapes else None
        content = tables.Content(cells, types, shapes, len(frame))
        tables.write(self.connection, table, content, keyed=False)
        contents.register_result(self.connection, table, self.spec, self.srs_id if shapes else None)
        contents.set_extent(self.connection, table, shapes)
        self.meta[f"result:{table}"] = records.results_digest(cells, types, wkb)
        self.meta[f"rows:{table}"] = str(len(frame))
        self._made(table, types, shapes)

    def put_assigned(self, made: Assigned) -> None:
        """Store the assignments as columns, with a view in words."""
        table = assigned.TABLE
        self.drop_result(table)
        # The hash is made while SQLite writes: neither needs the interpreter's lock for long.
        with ThreadPoolExecutor(1, thread_name_prefix="gridmap-store") as beside:
            hashed = beside.submit(made.digest)
            assigned.write(self.connection, made)
            self.meta[f"result:{table}"] = hashed.result()
        contents.register_result(self.connection, table, self.spec, None)
        contents.register_own(self.connection, assigned.OWN)
        self.meta[f"rows:{table}"] = str(len(made))
        self.meta[assigned.LOOKUPS] = assigned.lookups_digest(self.connection)
        self.meta[assigned.NUMBERS] = assigned.numbers_anew(self.connection)
        self._made(table, assigned.TYPES, None)

    def drop_result(self, table: str) -> None:
        """Remove a table of results."""
        own = assigned.OWN if table == assigned.TABLE else ()
        if own:
            assigned.drop(self.connection)
        tables.drop(self.connection, table)
        for name in (table, *own):
            contents.forget(self.connection, name)
        for key in ("result", "rows", "columns", "indexed", "lookups", "numbers"):
            self.meta.pop(f"{key}:{table}", None)

    def _made(self, table: str, types: dict[str, ColumnType], shapes: blob.Encoded | None) -> None:
        self.meta[f"columns:{table}"] = tables.columns_text(types)
        self.meta.pop(f"indexed:{table}", None)
        if shapes is not None:
            self.meta[f"indexed:{table}"] = str(int(shapes.indexed.sum()))
        self.touched.add(table)

    def read_kind(self, kind: str) -> Frame:
        """Read a kind's table, whoever made it last, as a conformed frame."""
        types = column_types(kind, self.spec)
        found = tables.layout(self.connection, kind)
        if found is None:
            return empty(kind, self.spec)
        extra = sorted(set(found.columns) - set(types))
        if extra:
            raise StructureError(
                f"{kind} has columns that gridmap.toml does not declare",
                where=str(self.context.target.path),
                fix="declare them in gridmap.toml, or remove them in QGIS",
                faults=tuple(f"unknown column {name}" for name in extra),
            )
        cells, blobs, rows = blocks.fetch(self.connection, found, types)
        shapes = None
        if self.spec.kinds[kind].spatial:
            shapes = tables.shapes_of(blobs or (None,) * rows, cells["id"], kind)
        return conform(assemble(cells, types, shapes, self.spec.crs), kind, self.spec)

    def settle(self, kind: str) -> None:
        """See that a kind's table is as gridmap makes it by its settings; make it so if not."""
        if kind not in self.spec.kinds:
            column_types(kind, self.spec)
        types = column_types(kind, self.spec)
        wanted = ddl.expected(kind, types, spatial=self.spec.kinds[kind].spatial, keyed=True)
        there = dict(self.connection.execute("SELECT name, sql FROM sqlite_master"))
        if any(there.get(name) != text for name, text in wanted.items()):
            if f"state:{kind}" in self.meta:
                logger.info("the table of %s is made anew: its layout had changed", kind)
            self.put_kind(kind, self.read_kind(kind))

    def check_structure(self) -> None:
        """See, before the transaction ends, that each touched table holds together.

        Raises
        ------
        StoreError
            GM307; the transaction is rolled back.
        """
        for table in sorted(self.touched):
            faults = list(self._faults(table))
            if faults:
                raise StoreError(
                    "GM307",
                    f"{table} would not hold together: {faults[0]}",
                    where=str(self.context.target.path),
                    fix="nothing was changed; run gridmap check --deep",
                )

    def _faults(self, table: str) -> Iterator[str]:
        one = self._one
        state = self.meta.state(table)
        wanted = state.rows if f"state:{table}" in self.meta else int(self.meta[f"rows:{table}"])
        if one(f"SELECT count(*) FROM {quoted(assigned.rows_table(self.meta, table))}") != wanted:
            yield "rows are missing"
        kept = one("SELECT count(*) FROM gridmap_row WHERE kind = ?", table)
        if f"state:{table}" in self.meta and kept != wanted:
            yield "hashes are missing"
        if one("SELECT count(*) FROM gpkg_contents WHERE table_name = ?", table) != 1:
            yield "it is not registered"
        if self.meta.is_spatial(table):
            indexed = one(f"SELECT count(*) FROM {quoted(ddl.rtree_name(table))}")
            if indexed != int(self.meta[f"indexed:{table}"]):
                yield "its spatial index is not complete"
            if one("SELECT count(*) FROM gpkg_geometry_columns WHERE table_name = ?", table) != 1:
                yield "its geometry is not registered"

    def _one(self, statement: str, *values: Any) -> Any:
        return self.connection.execute(statement, values).fetchone()[0]


@contextmanager
def action(context: Context, name: str, *, guarded: bool = True) -> Iterator[Transaction]:
    """Run one action in one transaction.

    Raises
    ------
    StoreLocked
        GM301 if another program writes.
    StoreError
        GM303 if the file cannot be written; GM306 if it was changed outside gridmap and `guarded`.
    """
    with sql.writing(context.target) as connection:
        before = load_meta(connection, context)
        before.check_seal()
        transaction = Transaction(connection, context, Meta(before))
        if guarded:
            refuse_outside(connection, context, before)
        clean = [key for key, value in side_digests(connection).items() if before.get(key) == value]
        yield transaction
        transaction.meta["action"] = name
        finish(transaction, before, clean if guarded else None)


def finish(transaction: Transaction, before: Meta, clean: Sequence[str] | None) -> None:
    """Check the structure and write what the store knows about itself.

    What was changed outside in the GeoPackage's own tables (a style saved in QGIS) is not sealed as
    ours until it is accepted: only the tables in `clean` get new hashes (None: all).
    """
    transaction.check_structure()
    meta = transaction.meta
    held = {table: assigned.rows_table(meta, table) for table in transaction.touched}
    contents.recount(transaction.connection, held)
    now = side_digests(transaction.connection)
    transaction.meta.update({key: value for key, value in now.items() if clean is None or key in clean})
    counter = transaction.connection.counter()
    # SQLite adds one when this transaction is committed.
    transaction.meta["counter"] = "" if counter is None else str((counter + 1) % 2**32)
    transaction.meta.save(transaction.connection, before)


def untouched(connection: sql.Connection, meta: Meta) -> bool:
    """Whether no other program can have written since gridmap did: proven by the change counter."""
    counter = connection.counter()
    return counter is not None and meta.get("counter") == str(counter)


def refuse_outside(connection: sql.Connection, context: Context, meta: Meta) -> None:
    """Refuse to write on top of changes that nobody has looked at.

    Raises
    ------
    StoreError
        GM306.
    """
    if untouched(connection, meta):
        return
    changes = outside.changes(connection, context.spec, meta)
    if changes:
        touched = ", ".join(sorted({change.table for change in changes}))
        raise StoreError(
            "GM306",
            f"{context.target.path.name} was changed outside gridmap: {len(changes)} changes in {touched}",
            where=str(context.target.path),
            fix="look at them with: gridmap accept --dry-run; keep them with: gridmap accept",
        )
