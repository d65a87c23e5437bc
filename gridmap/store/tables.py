"""Whole tables: how they are found in the file, written, and read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gridmap.config.spec import ColumnType
from gridmap.errors import StoreError
from gridmap.geo.placed import PlacedArray, placed
from gridmap.store import blob, bulk, ddl, rtree
from gridmap.store.ddl import FID, GEOM, quoted

ALIASES: dict[str, ColumnType] = {
    "BOOLEAN": "boolean",
    "DATE": "date",
    "REAL": "real",
    "DOUBLE": "real",
    "FLOAT": "real",
    "INTEGER": "integer",
    "INT": "integer",
    "MEDIUMINT": "integer",
    "SMALLINT": "integer",
    "TINYINT": "integer",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """A table as it is in the file, whoever made it.

    Parameters
    ----------
    table : str
        Its name.
    columns : dict of str to type
        Its columns besides the key and the geometry, in order.
    geom : str or None
        Its geometry column.
    rtree : str or None
        Its spatial index.
    """

    table: str
    columns: dict[str, ColumnType] = field(default_factory=dict)
    key: str | None = None
    geom: str | None = None
    rtree: str | None = None


def layout(connection: sqlite3.Connection, table: str) -> Layout | None:
    """Return how a table looks in the file; None if it is not there."""
    info = connection.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
    if not info:
        return None
    row = connection.execute(
        "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (table,)
    ).fetchone()
    names = [name for _, name, *_ in info]
    geom = row[0] if row and row[0] in names else (GEOM if GEOM in names else None)
    keys = [name for _, name, kind, _, _, key in info if key and kind.upper() == "INTEGER"]
    key = keys[0] if len(keys) == 1 else None
    columns = {
        name: ALIASES.get(kind.upper().partition("(")[0], "text")
        for _, name, kind, *_ in info
        if name not in {key, geom}
    }
    tree = None
    if geom is not None:
        wanted = ddl.rtree_name(table, geom)
        there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (wanted,)).fetchone()
        tree = wanted if there else None
    return Layout(table, columns, key, geom, tree)


@dataclass(frozen=True, slots=True)
class Content:
    """A table's rows, column by column.

    Parameters
    ----------
    cells : dict of str to sequence
        Plain values.
    types : dict of str to type
        Their types.
    shapes : Encoded or None
        The geometries of a spatial table.
    """

    cells: Mapping[str, Sequence[Any]]
    types: Mapping[str, ColumnType]
    shapes: blob.Encoded | None
    rows: int


def drop(connection: sqlite3.Connection, table: str) -> None:
    """Remove a table with all that belongs to it."""
    there = layout(connection, table)
    for name in {there.rtree if there else None, ddl.rtree_name(table)}:
        if name is not None:
            connection.execute(f"DROP TABLE IF EXISTS {quoted(name)}")
    view = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = ? AND type = 'view'", (table,)
    ).fetchone()
    connection.execute(f"DROP {'VIEW' if view else 'TABLE'} IF EXISTS {quoted(table)}")


def write(connection: sqlite3.Connection, table: str, content: Content, *, keyed: bool) -> None:
    """Make a table anew and fill it; rows are numbered from 1 in their order."""
    drop(connection, table)
    spatial = content.shapes is not None
    connection.execute(ddl.create_table(table, content.types, spatial=spatial, keyed=keyed))
    columns: dict[str, Sequence[Any]] = {FID: range(1, content.rows + 1)}
    columns.update({name: content.cells[name] for name in content.types})
    if content.shapes is not None:
        columns[GEOM] = content.shapes.blobs
    bulk.insert(connection, table, columns)
    if content.shapes is not None:
        connection.execute(ddl.create_rtree(table))
        rows = np.flatnonzero(content.shapes.indexed)
        rtree.fill(connection, ddl.rtree_name(table), rows + 1, content.shapes.bounds[rows])
        for statement in ddl.create_triggers(table).values():
            connection.execute(statement)


def fetch(
    connection: sqlite3.Connection,
    found: Layout,
    columns: Sequence[str],
    *,
    where: tuple[str, Sequence[Any]] = ("", ()),
    order: str | None = "id",
) -> tuple[dict[str, Sequence[Any]], Sequence[Any] | None, int]:
    """Read columns of a table, its geometries as blobs, and how many rows; a missing column is empty."""
    there = [name for name in columns if name in found.columns]
    wanted = [*there, *([found.geom] if found.geom else [])]
    by = quoted(order) if order in found.columns else (quoted(found.key) if found.key else "rowid")
    listed = ", ".join(quoted(name) for name in wanted) or "NULL"
    rows = connection.execute(
        f"SELECT {listed} FROM {quoted(found.table)} {where[0]} ORDER BY {by}", where[1]
    ).fetchall()
    series: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(wanted)
    cells: dict[str, Sequence[Any]] = {name: (None,) * len(rows) for name in columns}
    cells.update(zip(there, series, strict=False))
    return cells, (series[len(there)] if found.geom else None), len(rows)


def choose(connection: sqlite3.Connection, ids: Sequence[str]) -> str:
    """Return the SQL of "one of these ids", which are put in a temporary table.

    Not ``json_each``: it cuts a text at a NUL.
    """
    connection.execute("DROP TABLE IF EXISTS temp.gridmap_chosen")
    connection.execute("CREATE TEMP TABLE gridmap_chosen (id TEXT)")
    # An id that is not Unicode is in no table.
    rows = [(row_id,) for row_id in ids if row_id.encode("utf-8", errors="ignore").decode("utf-8") == row_id]
    connection.executemany("INSERT INTO temp.gridmap_chosen VALUES (?)", rows)
    return "id IN (SELECT id FROM temp.gridmap_chosen)"


def shapes_of(blobs: Any, ids: Sequence[Any], where: str) -> np.ndarray:
    """Return the geometries of blobs.

    Raises
    ------
    StoreError
        GM307 with the ids of the rows whose geometry cannot be read.
    """
    try:
        return blobs.geometry() if isinstance(blobs, blob.Shapes) else blob.decode(blobs)
    except blob.UnreadableError as error:
        named = ", ".join(str(ids[row]) for row in error.rows[:5]) if len(ids) else f"{len(error.rows)} rows"
        raise StoreError(
            "GM307",
            f"the geometry of {named} cannot be read",
            where=where,
            fix="correct or remove the rows (e.g. in QGIS), or put back a copy",
        ) from error


def column_of(blobs: Any, ids: Sequence[Any], where: str, crs: str) -> np.ndarray | PlacedArray:
    """Return the geometries of blobs as the column of a frame.

    Of points that were read in blocks none is made until somebody asks for it.

    Raises
    ------
    StoreError
        As `shapes_of`.
    """
    xy = blobs.placed() if isinstance(blobs, blob.Shapes) else None
    return shapes_of(blobs, ids, where) if xy is None else placed(xy, crs)


def columns_text(types: Mapping[str, ColumnType]) -> str:
    """Return a table's columns as ``gridmap_meta`` keeps them."""
    return json.dumps(dict(types), ensure_ascii=False)
