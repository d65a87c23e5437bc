"""Changes to some rows of a kind's table, and copies of the whole file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmap.errors import StructureError
from gridmap.store import arrays, atomic, blob, contents, edits, records, sql, tables
from gridmap.store.ddl import GEOM, quoted
from gridmap.store.structure import Frame, column_types
from gridmap.store.transaction import Context, Transaction

# An upsert of more than this share of a table writes it anew, which is faster than the triggers.
SHARE = 4


def refuse_loss(doing: Transaction, kind: str) -> None:
    """Refuse to drop a column that the settings no longer declare while it holds values.

    Raises
    ------
    StructureError
        GM305.
    """
    found = tables.layout(doing.connection, kind)
    extra = set(found.columns) - set(column_types(kind, doing.spec)) if found else set()
    for name in sorted(extra):
        column = quoted(name)
        held = doing.connection.execute(
            f"SELECT 1 FROM {quoted(kind)} WHERE {column} IS NOT NULL LIMIT 1"
        ).fetchone()
        if held:
            raise StructureError(
                f"{kind} holds values in columns that gridmap.toml does not declare",
                where=str(doing.context.target.path),
                fix="declare them in gridmap.toml, or empty them in QGIS first",
                faults=(f"unknown column {name}",),
            )


def reach(doing: Transaction, kind: str, frame: Frame) -> dict[str, list[str] | None]:
    """Return which rows an upsert may touch: its own, or (None) any where the table is written anew."""
    whole = len(frame) * SHARE > doing.meta.state(kind).rows
    return {kind: None if whole else frame["id"].tolist()}


def upsert(doing: Transaction, kind: str, frame: Frame) -> None:
    """Add rows, or give rows new values; the frame is conformed."""
    doing.settle(kind)
    held = doing.meta.state(kind).rows
    if len(frame) * SHARE > held:
        there = doing.read_kind(kind)
        kept = there.loc[~arrays.among(there["id"], frame["id"].tolist())] if len(there) else there
        parts = [part for part in (kept, frame) if len(part)]
        joined = pd.concat(parts, ignore_index=True) if len(parts) > 1 else (parts or [frame])[0]
        order = np.argsort(joined["id"].to_numpy(dtype=object), kind="stable")
        doing.put_kind(kind, joined.take(order).reset_index(drop=True))
        return
    types = column_types(kind, doing.spec)
    cells = records.frame_cells(frame, types)
    shapes = None
    if doing.spec.kinds[kind].spatial:
        shapes = blob.encode(np.asarray(frame["geometry"].array, dtype=object), doing.srs_id)
    made = records.records(cells, types, shapes.wkb if shapes else None, rows=len(frame))
    _put(doing, kind, cells, shapes.blobs if shapes else None, made)


def _put(
    doing: Transaction,
    kind: str,
    cells: Mapping[str, Sequence[Any]],
    blobs: Sequence[bytes | None] | None,
    made: Sequence[bytes],
) -> None:
    """Write rows of a settled table one by one; the R-tree follows by its triggers."""
    ids = list(cells["id"])
    hashes = records.row_hashes(kind, ids, made)
    old = _held(doing, kind, ids)
    names = [name for name in cells if name != "id"]
    columns = [cells[name] for name in names]
    if blobs is not None:
        names, columns = [*names, GEOM], [*columns, blobs]
        _count_index(doing, kind, ids, blobs)
    fresh = [row_id not in old for row_id in ids]
    sets = ", ".join(f"{quoted(name)} = ?" for name in names)
    listed = ", ".join(quoted(name) for name in (*names, "id"))
    marks = ", ".join("?" * (len(names) + 1))
    lines = list(zip(*columns, ids, strict=True))
    doing.connection.executemany(
        f"UPDATE {quoted(kind)} SET {sets} WHERE id = ?",
        [line for line, new in zip(lines, fresh, strict=True) if not new],
    )
    doing.connection.executemany(
        f"INSERT INTO {quoted(kind)} ({listed}) VALUES ({marks})",
        [line for line, new in zip(lines, fresh, strict=True) if new],
    )
    doing.connection.executemany(
        "INSERT OR REPLACE INTO gridmap_row VALUES (?, ?, ?, ?)",
        zip([kind] * len(ids), ids, hashes, made, strict=True),
    )
    state = doing.meta.state(kind) - records.State.of(old.values()) + records.State.of(hashes)
    doing.meta[f"state:{kind}"] = state.to_text()
    doing.touched.add(kind)


def _held(doing: Transaction, kind: str, ids: Sequence[str]) -> dict[str, bytes]:
    """Return the accepted hashes of those rows that are there."""
    return dict(
        doing.connection.execute(
            f"SELECT id, hash FROM gridmap_row WHERE kind = ? AND {tables.choose(doing.connection, ids)}",
            (kind,),
        )
    )


def _count_index(
    doing: Transaction, kind: str, ids: Sequence[str], blobs: Sequence[bytes | None] | None
) -> None:
    """Keep count of what the R-tree holds, before rows get these shapes (None: are removed)."""
    if not doing.meta.is_spatial(kind):
        return
    there = doing.connection.execute(
        f"SELECT {quoted(GEOM)} FROM {quoted(kind)} WHERE {tables.choose(doing.connection, ids)}"
    ).fetchall()
    change = -sum(blob.envelope(shape) is not None for (shape,) in there)
    for shape in blobs or ():
        box = blob.envelope(shape)
        change += box is not None
        contents.widen_extent(doing.connection, kind, box)
    doing.meta[f"indexed:{kind}"] = str(int(doing.meta[f"indexed:{kind}"]) + change)


def edit(doing: Transaction, kind: str, row_id: str, plain: Mapping[str, Any]) -> None:
    """Change some values of one row."""
    doing.settle(kind)
    found = tables.layout(doing.connection, kind)
    types = column_types(kind, doing.spec)
    if found is None:
        raise edits.no_such_row(kind, row_id)
    cells, blobs, count = tables.fetch(
        doing.connection, found, list(types), where=("WHERE id = ?", (row_id,))
    )
    if not count:
        raise edits.no_such_row(kind, row_id)
    new = {name: [plain.get(name, cells[name][0])] for name in types}
    shapes = list(blobs) if blobs is not None else None
    if "geometry" in plain:
        one = np.empty(1, dtype=object)
        one[0] = plain["geometry"]
        shapes = blob.encode(one, doing.srs_id).blobs
    wkb = blob.strip(shapes) if shapes is not None else None
    _put(doing, kind, new, shapes, records.records(new, types, wkb, rows=1))


def remove(doing: Transaction, kind: str, ids: Sequence[str]) -> None:
    """Remove rows; every id must be there."""
    doing.settle(kind)
    held = _held(doing, kind, ids)
    for row_id in ids:
        if row_id not in held:
            raise edits.no_such_row(kind, row_id)
    _count_index(doing, kind, ids, None)
    doing.connection.executemany(f"DELETE FROM {quoted(kind)} WHERE id = ?", [(row_id,) for row_id in held])
    doing.connection.executemany(
        "DELETE FROM gridmap_row WHERE kind = ? AND id = ?", [(kind, row_id) for row_id in held]
    )
    doing.meta[f"state:{kind}"] = (doing.meta.state(kind) - records.State.of(held.values())).to_text()
    doing.touched.add(kind)


def snapshot(context: Context, path: Path) -> Path:
    """Copy one consistent state of the file with SQLite's backup; the copy is whole or not there."""
    with atomic.replacing(path) as temporary:
        copy = sql.Target(temporary, context.target.timeout_s)
        with sql.connected(context.target) as source, sql.connected(copy, writing=True) as empty:
            source.backup(empty)
    return path
