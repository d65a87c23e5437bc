"""Does the file still hold what was put in it? Every value against its hash.

What a row holds is compared with the accepted hash and the accepted record, what indexes hold with the
rows, what describes the tables with the hashes that gridmap sealed. Columns are named, values never.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from gridmap.errors import StoreError
from gridmap.model import Finding, Findings, Level
from gridmap.store import assigned, assigned_reading, blob, ddl, outside, records, rtree, sql, tables
from gridmap.store.assigned import TABLE
from gridmap.store.ddl import quoted
from gridmap.store.meta import SEAL, Meta, side_digests
from gridmap.store.transaction import Context, load_meta, untouched

CODES = {
    "store-damaged": "The file does not hold together",
    "store-value": "A value is not the accepted one",
    "store-row": "A row is missing, or was never accepted",
    "store-index": "A spatial index does not match its rows",
    "store-layout": "A table is not laid out as gridmap makes it",
    "store-description": "A description, style or reference system is not as gridmap wrote it",
}
FIX = "put back a copy, or look with gridmap accept --dry-run whether somebody changed it on purpose"
UNREADABLE = (sqlite3.Error, StoreError, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class _Look:
    """What a step needs: the open file, what it says about itself, and whether others wrote to it."""

    connection: sql.Connection
    context: Context
    meta: Meta
    ours: bool

    def finding(self, code: str, table: str, row_id: str | None, message: str) -> Finding:
        """Make a finding: an error where no other program can have changed the file."""
        level: Level = "error" if self.ours else "warning"
        named = None if row_id is None else outside.as_text(row_id)
        return Finding(code, level, outside.as_text(table), named, message, FIX)


Step = Callable[[_Look], Iterable[Finding]]


def verify(context: Context, *, deep: bool) -> Findings:
    """Compare what is stored with its hashes.

    Parameters
    ----------
    context : Context
        The store.
    deep : bool
        Every value; otherwise what is quick: counts, layout, descriptions.

    Returns
    -------
    Findings
        Codes of `CODES`; nothing means that nothing was lost.

    Raises
    ------
    StoreError
        GM301 if another program holds the file, GM304 if a newer gridmap made it.
    """
    found: list[Finding] = []
    steps: tuple[Step, ...] = (_own, _layouts, _descriptions)
    steps += (_pages, _rows, _results) if deep else (_counts,)
    try:
        with sql.reading(context.target) as connection:
            meta = load_meta(connection, context)
            look = _Look(connection, context, meta, untouched(connection, meta))
            for step in steps:
                found.extend(_careful(step, look))
    except StoreError as error:
        if error.code in {"GM301", "GM304"}:
            raise
        found.append(Finding("store-damaged", "error", "store", None, error.what, error.fix))
    return Findings.of(found)


def _careful(step: Step, look: _Look) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(step(look))
    except UNREADABLE as error:
        if isinstance(error, sqlite3.Error):
            error = sql.mapped(error, look.context.target, writing=False)
        what = error.what if isinstance(error, StoreError) else "it does not hold what gridmap wrote"
        found.append(Finding("store-damaged", "error", "store", None, what, FIX))
    return found


def _own(look: _Look) -> Iterator[Finding]:
    """Compare the file's marks and the store's own notes."""
    for pragma, wanted in (("application_id", ddl.APPLICATION_ID), ("user_version", ddl.USER_VERSION)):
        if look.connection.execute(f"PRAGMA {pragma}").fetchone()[0] != wanted:
            yield look.finding("store-damaged", "store", None, f"the file's {pragma} is not a GeoPackage's")
    if look.meta.get(SEAL) != look.meta.seal():
        # Nobody but gridmap writes this table.
        yield Finding("store-damaged", "error", "gridmap_meta", None, "the store's notes do not match", FIX)


def _pages(look: _Look) -> Iterator[Finding]:
    """Let SQLite look at its own pages and indexes."""
    for (text,) in look.connection.execute("PRAGMA integrity_check(20)").fetchall():
        if text != "ok":
            yield Finding("store-damaged", "error", "store", None, f"SQLite says: {text}", FIX)


def _layouts(look: _Look) -> Iterator[Finding]:
    """Compare the SQL of every table, index and trigger."""
    wanted = dict(zip(ddl.CORE_NAMES, ddl.CORE, strict=True))
    owner = dict.fromkeys(ddl.CORE_NAMES, "store")
    for table in (*look.meta.kinds(), *look.meta.results()):
        made = _made(look.meta, table)
        wanted.update(made)
        owner.update(dict.fromkeys(made, table))
    there = dict(look.connection.execute("SELECT name, sql FROM sqlite_master"))
    for name, text in wanted.items():
        if there.get(name) != text:
            yield look.finding("store-layout", owner[name], None, f"{name} is not as gridmap makes it")


def _made(meta: Meta, table: str) -> dict[str, str]:
    """Return the SQL that makes a table."""
    if table == TABLE and assigned.is_columns(meta):
        return assigned.expected()
    keyed = f"state:{table}" in meta
    return ddl.expected(table, meta.columns(table), spatial=meta.is_spatial(table), keyed=keyed)


def _descriptions(look: _Look) -> Iterator[Finding]:
    """Compare the GeoPackage's own tables with their hashes."""
    found = side_digests(look.connection)
    for key in sorted({key for key in look.meta if key.startswith("side:")} | found.keys()):
        if look.meta.get(key) != found.get(key):
            table = key.removeprefix("side:")
            yield Finding(
                "store-description", "warning", table, None, f"{table} is not as gridmap wrote it", FIX
            )


def _counts(look: _Look) -> Iterator[Finding]:
    """Count rows."""
    for kind in look.meta.kinds():
        there = tables.layout(look.connection, kind)
        count = look.connection.execute(f"SELECT count(*) FROM {quoted(kind)}").fetchone()[0] if there else 0
        if count != look.meta.state(kind).rows:
            yield look.finding("store-row", kind, None, f"{kind} does not have the accepted number of rows")


def _rows(look: _Look) -> Iterator[Finding]:
    """Compare every row of data with its hash."""
    known = set(look.meta.kinds())
    for (kind,) in look.connection.execute("SELECT DISTINCT kind FROM gridmap_row").fetchall():
        if kind not in known:
            yield look.finding("store-row", kind, None, "there are hashes of a table that is not there")
    for kind in sorted(known):
        yield from _accepted(look, kind)
        yield from _current(look, kind)
        yield from _shapes(look, kind)


def _accepted(look: _Look, kind: str) -> Iterator[Finding]:
    """Compare the accepted records with their hashes, and these with the table's sum."""
    head, hashes = f"{kind}\0", []
    rows = look.connection.execute("SELECT id, hash, record FROM gridmap_row WHERE kind = ?", (kind,))
    for row_id, value, record in rows:
        hashes.append(value if isinstance(value, bytes) else b"")
        whole = f"{head}{row_id}\0".encode() + (record if isinstance(record, bytes) else b"")
        if hashlib.blake2b(whole, digest_size=records.HASH_BYTES).digest() != value:
            # Only gridmap writes this table: whoever else wrote to the file, this is damage.
            message = "the accepted record of the row is damaged"
            yield Finding("store-value", "error", kind, outside.as_text(row_id), message, FIX)
    if records.State.of(hashes) != look.meta.state(kind):
        yield look.finding("store-row", kind, None, f"the hashes of {kind} do not add up to its revision")


def _current(look: _Look, kind: str) -> Iterator[Finding]:
    """Compare every row with its accepted hash."""
    known = outside.accepted(look.connection, kind)
    seen: set[str] = set()
    for row_id, record, value in zip(*outside.current(look.connection, kind, look.meta), strict=True):
        if row_id not in known or row_id in seen:
            yield look.finding("store-row", kind, row_id, "the row was never accepted")
        elif known[row_id] != value:
            columns = _columns(look, kind, row_id, record)
            yield look.finding("store-value", kind, row_id, f"not the accepted value of {columns}")
        seen.add(row_id)
    for row_id in known:
        if row_id not in seen:
            yield look.finding("store-row", kind, row_id, "the row is missing")


def _columns(look: _Look, kind: str, row_id: str, record: bytes) -> str:
    try:
        old_values, old_wkb = records.parse(outside.old_record(look.connection, kind, row_id))
        new_values, new_wkb = records.parse(record)
    except (ValueError, TypeError):
        return "some column"
    columns = outside.differing(old_values, new_values)
    return ", ".join((*columns, *(["geometry"] if old_wkb != new_wkb else []))) or "some column"


def _results(look: _Look) -> Iterator[Finding]:
    """Compare the tables of results with their hashes."""
    for table, wanted in sorted(look.meta.results().items()):
        if table == TABLE and assigned.is_columns(look.meta):
            yield from _assigned(look, wanted)
            continue
        there = tables.layout(look.connection, table)
        types = look.meta.columns(table)
        if there is None:
            yield look.finding("store-row", table, None, "the table is missing")
            continue
        cells, blobs, _ = tables.fetch(look.connection, there, list(types), order=None)
        wkb = blob.strip(blobs) if blobs is not None else None
        made = records.results_digest(cells, types, wkb)
        if made != wanted:
            yield look.finding("store-value", table, None, "the stored results are not those that were made")
        yield from _shapes(look, table)


def _assigned(look: _Look, wanted: str) -> Iterator[Finding]:
    """Compare the assignments, the short tables beside them and the numbers of rows with their hashes."""
    try:
        made = assigned_reading.read(look.connection).digest()
    except StoreError:
        made = ""
    if made != wanted:
        yield look.finding("store-value", TABLE, None, "the stored results are not those that were made")
    if assigned.numbers(look.connection) != look.meta[assigned.NUMBERS]:
        yield look.finding("store-row", TABLE, None, "rows of the stored results came, went or moved")
    if assigned.lookups_digest(look.connection) != look.meta[assigned.LOOKUPS]:
        yield look.finding("store-value", TABLE, None, "what the stored results refer to has changed")


def _shapes(look: _Look, table: str) -> Iterator[Finding]:
    """Compare the header of every shape and every entry of the spatial index with the shape."""
    if not look.meta.is_spatial(table):
        return
    keyed = f"state:{table}" in look.meta
    name = quoted("id") if keyed else "NULL"
    fid = quoted(ddl.FID)
    rows = look.connection.execute(
        f"SELECT {fid}, {name}, {quoted(ddl.GEOM)} FROM {quoted(table)} ORDER BY {fid}"
    ).fetchall()
    index = quoted(ddl.rtree_name(table))
    entries = {row[0]: row[1:] for row in look.connection.execute(f"SELECT * FROM {index}")}
    try:
        made = blob.encode(blob.decode([row[2] for row in rows]), int(look.meta["srs_id"]))
    except blob.UnreadableError as error:
        for row in error.rows:
            yield look.finding("store-value", table, rows[row][1], "its geometry cannot be read")
        return
    wide = rtree.boxes(made.bounds).astype(np.float64).tolist()
    for (fid, row_id, shape), canonical, box, indexed in zip(
        rows, made.blobs, wide, made.indexed.tolist(), strict=True
    ):
        if shape != canonical:
            yield look.finding("store-value", table, row_id, "its geometry is not written as gridmap does")
        entry = entries.pop(fid, None)
        if (list(entry) if entry else None) != (box if indexed else None):
            yield look.finding("store-index", table, row_id, "the spatial index does not match the shape")
    if entries:
        yield look.finding("store-index", table, None, "the spatial index holds rows that are not there")
