"""What was changed outside gridmap, e.g. in QGIS: rows whose hash is not the accepted one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.errors import GEOSException

from gridmap.config.spec import ColumnType, ProjectSpec
from gridmap.geo import measure
from gridmap.model import Change
from gridmap.store import blob, records, tables
from gridmap.store.meta import Meta


def current(
    connection: sqlite3.Connection, kind: str, meta: Meta
) -> tuple[Sequence[Any], list[bytes], list[bytes]]:
    """Return ids, records and hashes of a kind's rows as they are in the file now."""
    found = tables.layout(connection, kind)
    if found is None:
        return (), [], []
    types: dict[str, ColumnType] = {**found.columns, **meta.columns(kind)}
    types["id"] = "text"
    cells, blobs, rows = tables.fetch(connection, found, list(types))
    ids = [as_text(value) for value in cells["id"]]
    wkb = blob.strip(blobs) if blobs is not None else None
    made = records.records(cells, types, wkb, rows=rows)
    return ids, made, records.row_hashes(kind, ids, made)


def accepted(connection: sqlite3.Connection, kind: str) -> dict[str, bytes]:
    """Return the accepted hashes of a kind's rows by id."""
    rows = connection.execute("SELECT id, hash FROM gridmap_row WHERE kind = ? ORDER BY id", (kind,))
    return {as_text(row_id): value for row_id, value in rows}


def as_text(row_id: object) -> str:
    """Return an id as text, also where damage has made it something else."""
    if row_id is None:
        return ""
    return row_id if isinstance(row_id, str) else repr(row_id)


def changes(connection: sqlite3.Connection, spec: ProjectSpec, meta: Meta) -> tuple[Change, ...]:
    """List every row that is not as gridmap left it, by table and id."""
    return tuple(change for kind in meta.kinds() for change in _of_kind(connection, kind, spec, meta))


def _of_kind(connection: sqlite3.Connection, kind: str, spec: ProjectSpec, meta: Meta) -> Iterator[Change]:
    known = accepted(connection, kind)
    ids, made, hashes = current(connection, kind, meta)
    found: list[Change] = []
    seen: set[str] = set()
    for row_id, record, value in zip(ids, made, hashes, strict=True):
        if row_id in seen or row_id not in known:
            found.append(Change(kind, row_id, "added"))
        elif known[row_id] != value:
            old = old_record(connection, kind, row_id)
            found.extend(differences(kind, row_id, old, record, spec.crs))
        seen.add(row_id)
    found.extend(Change(kind, row_id, "removed") for row_id in known if row_id not in seen)
    return iter(sorted(found, key=lambda change: (change.id, change.what)))


def old_record(connection: sqlite3.Connection, kind: str, row_id: str) -> bytes:
    """Return the accepted record of a row."""
    row = connection.execute("SELECT record FROM gridmap_row WHERE kind = ? AND id = ?", (kind, row_id))
    return bytes(row.fetchone()[0])


def differences(kind: str, row_id: str, old: bytes, new: bytes, crs: str) -> Iterator[Change]:
    """Say how a row differs: columns (never values), and metres moved."""
    old_values, old_wkb = records.parse(old)
    new_values, new_wkb = records.parse(new)
    columns = differing(old_values, new_values)
    if columns:
        yield Change(kind, row_id, "changed", columns=columns)
    if old_wkb == new_wkb:
        return
    before, after = _shape(old_wkb), _shape(new_wkb)
    if (
        before is not None
        and after is not None
        and records.wkb_of(np.array([after])) == records.wkb_of(np.array([before]))
    ):
        # The same shape in another encoding is no change.
        return
    yield Change(kind, row_id, "moved", metres=_metres(before, after, crs))


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns whose values differ, sorted."""
    return tuple(sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)))


def _shape(wkb: bytes | None) -> Any:
    try:
        return shapely.force_2d(shapely.from_wkb(wkb))
    except (GEOSException, TypeError):
        return None


def _metres(before: Any, after: Any, crs: str) -> float | None:
    if before is None or after is None or before.is_empty or after.is_empty:
        return None
    if before.geom_type == after.geom_type == "Point":
        here, there = np.array([[before.x, before.y]]), np.array([[after.x, after.y]])
        return float(measure.geodesic_distance(here, there, crs)[0])
    return float(shapely.hausdorff_distance(before, after))
