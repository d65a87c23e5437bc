"""The GeoPackage's own tables: what is in the file, under which name, in which CRS, in which colours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

import numpy as np
import pyproj

from gridmap.config.spec import ProjectSpec
from gridmap.config.texts import Text
from gridmap.store import styles
from gridmap.store.blob import Encoded
from gridmap.store.ddl import EPOCH, GEOM, quoted
from gridmap.store.structure import parsed_crs

WGS84 = 4326
OWN_SRS = 100_000
EXTENSIONS = (
    ("gpkg_data_columns", None, "gpkg_schema", "http://www.geopackage.org/spec131/#extension_schema"),
    ("gpkg_data_column_constraints", None, "gpkg_schema", "http://www.geopackage.org/spec131/#extension_schema"),
    ("gridmap_meta", None, "gridmap_store", "docs/decisions/0003-store.md"),
    ("gridmap_row", None, "gridmap_store", "docs/decisions/0003-store.md"),
    ("gridmap_undo", None, "gridmap_store", "docs/decisions/0008-imports.md"),
)  # fmt: skip
RESULT_TITLES = {
    "sections": Text(en="Sections of the border", zh="边境段"),
    "assignments": Text(en="Assignments", zh="分配"),
    "findings": Text(en="Findings", zh="问题"),
    "quarantine": Text(en="Quarantine: rows that cannot be stored", zh="待处理的行"),
}


def said(text: Text) -> str:
    """Return a text in both languages."""
    return f"{text.zh} {text.en}".strip()


def srs_id_of(crs: str) -> int:
    """Return the number of a CRS in ``gpkg_spatial_ref_sys``: its EPSG code, or one of our own."""
    code = parsed_crs(crs).to_epsg()
    return OWN_SRS if code is None else int(code)


def fill_reference_systems(connection: sqlite3.Connection, crs: str) -> None:
    """Write the rows that every GeoPackage has, and the project's CRS."""
    wgs84 = pyproj.CRS.from_epsg(WGS84)
    parsed = parsed_crs(crs)
    code = srs_id_of(crs)
    authority = "EPSG" if parsed.to_epsg() else "gridmap"
    rows = [
        ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian coordinates"),
        ("Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic coordinates"),
        ("WGS 84 geodetic", WGS84, "EPSG", WGS84, wgs84.to_wkt("WKT1_GDAL"), "degrees"),
        (parsed.name, code, authority, code, parsed.to_wkt("WKT1_GDAL"), "the project's CRS, in metres"),
    ]
    connection.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", rows)


def fill_extensions(connection: sqlite3.Connection) -> None:
    """Register the extensions that do not belong to one table."""
    connection.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, ?, ?, ?, 'read-write')", [row[:4] for row in EXTENSIONS]
    )


def register_kind(connection: sqlite3.Connection, kind: str, spec: ProjectSpec, srs_id: int) -> None:
    """Register a kind's table with readable names, titles of its columns and its style."""
    one = spec.kinds[kind]
    _register(
        connection, kind, f"{said(one.title)} ({kind})", said(one.title), srs_id if one.spatial else None
    )
    _describe_columns(connection, kind, spec)
    styles.put(connection, kind, one.geometry, spec.levels)


def register_result(
    connection: sqlite3.Connection, table: str, spec: ProjectSpec, srs_id: int | None
) -> None:
    """Register a table of results."""
    title = said(RESULT_TITLES[table])
    _register(connection, table, f"{title} ({table})", f"{title}, {said(spec.name)}", srs_id)
    styles.put(connection, table, "none" if srs_id is None else table)


def register_own(connection: sqlite3.Connection, own: Iterable[str]) -> None:
    """Register tables that only gridmap knows, so that other programs leave them alone."""
    definition = "docs/decisions/0015-columnar-assignments.md"
    connection.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gridmap_store', ?, 'read-write')",
        [(table, definition) for table in own],
    )


def forget(connection: sqlite3.Connection, table: str) -> None:
    """Remove what the GeoPackage's own tables say about a table."""
    for name in ("gpkg_extensions", "gpkg_geometry_columns", "gpkg_data_columns", "gpkg_contents"):
        connection.execute(f"DELETE FROM {name} WHERE table_name = ?", (table,))
    connection.execute(
        "DELETE FROM gpkg_data_column_constraints WHERE constraint_name LIKE ? ESCAPE '\\'",
        (table.replace("_", "\\_") + ".%",),
    )


def _register(
    connection: sqlite3.Connection, table: str, identifier: str, description: str, srs_id: int | None
) -> None:
    forget(connection, table)
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (table, "attributes" if srs_id is None else "features", identifier, description, EPOCH, srs_id),
    )
    if srs_id is None:
        return
    # GEOMETRY: the store also holds a shape of the wrong type, so that a check can point at it.
    connection.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, ?, 'GEOMETRY', ?, 0, 0)", (table, GEOM, srs_id)
    )
    connection.execute(
        "INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index',"
        " 'http://www.geopackage.org/spec131/#extension_rtree', 'write-only')",
        (table, GEOM),
    )


def _describe_columns(connection: sqlite3.Connection, kind: str, spec: ProjectSpec) -> None:
    for name, column in spec.kinds[kind].columns.items():
        constraint = None
        if column.values:
            constraint = f"{kind}.{name}"
            connection.executemany(
                "INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type, value)"
                " VALUES (?, 'enum', ?)",
                [(constraint, value) for value in dict.fromkeys(column.values)],
            )
        title = said(column.title) if column.title else None
        private = "private: not for every audience" if column.private else None
        if title or private or constraint:
            connection.execute(
                "INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, ?)",
                (kind, name, None, title, private, constraint),
            )


def recount(connection: sqlite3.Connection, touched: Mapping[str, str]) -> None:
    """Keep GDAL's own note of how many features a table has, where GDAL has left one.

    Parameters
    ----------
    connection : Connection
        The file.
    touched : mapping of table to table
        Each table or view, and the one that holds its rows.
    """
    there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'gpkg_ogr_contents'").fetchone()
    for table, rows in sorted(touched.items()) if there else ():
        connection.execute(
            "UPDATE gpkg_ogr_contents SET feature_count ="
            f" (SELECT count(*) FROM {quoted(rows)}) WHERE table_name = ?",
            (table,),
        )


def set_extent(connection: sqlite3.Connection, table: str, shapes: Encoded | None) -> None:
    """Record the bounding box of a table that was written whole."""
    box: list[float | None] = [None] * 4
    if shapes is not None and shapes.indexed.any():
        inside = shapes.bounds[shapes.indexed]
        low, high = inside.min(axis=0), inside.max(axis=0)
        box = np.array([low[0], low[1], high[2], high[3]]).tolist()
    _put_extent(connection, table, box)


def widen_extent(
    connection: sqlite3.Connection, table: str, found: tuple[float, float, float, float] | None
) -> None:
    """Widen the bounding box of a table by a new shape; it is not narrowed until the table is rewritten."""
    row = connection.execute(
        "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?", (table,)
    ).fetchone()
    if row is None or found is None:
        return
    box = [
        new if old is None else (min(old, new) if side < 2 else max(old, new))  # noqa: PLR2004 - minima come first
        for side, (old, new) in enumerate(zip(row, found, strict=True))
    ]
    _put_extent(connection, table, box)


def _put_extent(connection: sqlite3.Connection, table: str, box: list[float | None]) -> None:
    connection.execute(
        "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ?, last_change = ?"
        " WHERE table_name = ?",
        (*box, EPOCH, table),
    )
