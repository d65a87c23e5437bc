"""The GeoPackage 1.3 tables, as SQL: one place quotes names, one place knows the schema."""

from __future__ import annotations

from collections.abc import Mapping

from gridmap.config.spec import ColumnType

APPLICATION_ID = 0x47504B47
USER_VERSION = 10300
# No clock in the store: the same input gives the same bytes.
EPOCH = "1970-01-01T00:00:00.000Z"
FID, GEOM = "fid", "geom"
SQL_TYPES: dict[str, str] = {
    "text": "TEXT",
    "integer": "INTEGER",
    "real": "REAL",
    "boolean": "BOOLEAN",
    "date": "DATE",
}

CORE = (
    """CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL,
  srs_id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL,
  description TEXT
)""",
    """CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY,
  data_type TEXT NOT NULL,
  identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE,
  min_y DOUBLE,
  max_x DOUBLE,
  max_y DOUBLE,
  srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
)""",
    """CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL,
  m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
)""",
    """CREATE TABLE gpkg_extensions (
  table_name TEXT,
  column_name TEXT,
  extension_name TEXT NOT NULL,
  definition TEXT NOT NULL,
  scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
)""",
    """CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  name TEXT,
  title TEXT,
  description TEXT,
  mime_type TEXT,
  constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name)
)""",
    """CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL,
  constraint_type TEXT NOT NULL,
  value TEXT,
  min NUMERIC,
  min_is_inclusive BOOLEAN,
  max NUMERIC,
  max_is_inclusive BOOLEAN,
  description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
)""",
    """CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY,
  f_table_catalog TEXT(256),
  f_table_schema TEXT(256),
  f_table_name TEXT(256),
  f_geometry_column TEXT(256),
  styleName TEXT(30),
  styleQML TEXT,
  styleSLD TEXT,
  useAsDefault BOOLEAN,
  description TEXT,
  owner TEXT(30),
  ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)""",
    """CREATE TABLE gridmap_meta (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID""",
    """CREATE TABLE gridmap_row (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  hash BLOB NOT NULL,
  record BLOB NOT NULL,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID""",
    """CREATE TABLE gridmap_undo (
  step INTEGER NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  record BLOB,
  PRIMARY KEY (step, kind, id)
) WITHOUT ROWID""",
)
# What SQLite (since 3.24) makes for an R-tree.
SHADOWS = {
    "rowid": "rowid INTEGER PRIMARY KEY,nodeno",
    "node": "nodeno INTEGER PRIMARY KEY,data",
    "parent": "nodeno INTEGER PRIMARY KEY,parentnode",
}
CORE_NAMES = tuple(text.split()[2] for text in CORE)


def quoted(name: str) -> str:
    """Return a name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def rtree_name(table: str, geom: str = GEOM) -> str:
    """Return the name of a table's spatial index."""
    return f"rtree_{table}_{geom}"


def create_table(table: str, types: Mapping[str, ColumnType], *, spatial: bool, keyed: bool) -> str:
    """Return the SQL of a user table; `keyed`: its ``id`` is there and unique."""
    columns = [f"{quoted(FID)} INTEGER PRIMARY KEY NOT NULL"]
    if keyed:
        columns.append(f"{quoted('id')} TEXT NOT NULL UNIQUE")
    if spatial:
        columns.append(f"{quoted(GEOM)} GEOMETRY")
    columns += [
        f"{quoted(name)} {SQL_TYPES[kind]}" for name, kind in types.items() if not (keyed and name == "id")
    ]
    return f"CREATE TABLE {quoted(table)} (\n  " + ",\n  ".join(columns) + "\n)"


def create_rtree(table: str) -> str:
    """Return the SQL of a table's spatial index."""
    return f"CREATE VIRTUAL TABLE {quoted(rtree_name(table))} USING rtree(id, minx, maxx, miny, maxy)"


def create_triggers(table: str) -> dict[str, str]:
    """Return the triggers of the GeoPackage R-tree extension (1.3), by name."""
    name, tree, fid, geom = quoted(table), quoted(rtree_name(table)), quoted(FID), quoted(GEOM)
    same, other = f"OLD.{fid} = NEW.{fid}", f"OLD.{fid} != NEW.{fid}"
    full = f"NEW.{geom} NOTNULL AND NOT ST_IsEmpty(NEW.{geom})"
    bare = f"NEW.{geom} ISNULL OR ST_IsEmpty(NEW.{geom})"
    box = ", ".join(f"{call}(NEW.{geom})" for call in ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"))
    put = f"INSERT OR REPLACE INTO {tree} VALUES (NEW.{fid}, {box});"
    drop_old = f"DELETE FROM {tree} WHERE id = OLD.{fid};"
    bodies = {
        "insert": f"AFTER INSERT ON {name} WHEN ({full}) BEGIN {put} END",
        "update1": f"AFTER UPDATE OF {geom} ON {name} WHEN {same} AND ({full}) BEGIN {put} END",
        "update2": f"AFTER UPDATE OF {geom} ON {name} WHEN {same} AND ({bare}) BEGIN {drop_old} END",
        "update3": f"AFTER UPDATE ON {name} WHEN {other} AND ({full}) BEGIN {drop_old} {put} END",
        "update4": f"AFTER UPDATE ON {name} WHEN {other} AND ({bare}) "
        f"BEGIN DELETE FROM {tree} WHERE id IN (OLD.{fid}, NEW.{fid}); END",
        "delete": f"AFTER DELETE ON {name} WHEN OLD.{geom} NOT NULL BEGIN {drop_old} END",
    }
    names = {f"{rtree_name(table)}_{event}": body for event, body in bodies.items()}
    return {trigger: f"CREATE TRIGGER {quoted(trigger)} {body}" for trigger, body in names.items()}


def expected(table: str, types: Mapping[str, ColumnType], *, spatial: bool, keyed: bool) -> dict[str, str]:
    """Return the SQL of everything that belongs to a table, by name, as SQLite keeps it."""
    found = {table: create_table(table, types, spatial=spatial, keyed=keyed)}
    if spatial:
        tree = rtree_name(table)
        found[tree] = create_rtree(table)
        found.update(
            {f"{tree}_{part}": f'CREATE TABLE "{tree}_{part}"({text})' for part, text in SHADOWS.items()}
        )
        found.update(create_triggers(table))
    return found
