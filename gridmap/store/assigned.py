"""Assignments in the file: a narrow table of whole numbers, two short tables beside it, and a view in words.

The view ``assignments`` has the columns and values of `Assigned.frame`, for QGIS and whoever reads the file
with SQL; gridmap itself reads the tables. A row of the narrow table is found by its ``fid``: after a whole
write they are 1, 2, 3… in the order of block and feature, so that the rows of one feature are found by
halving, without an index.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.claims import COLUMNS, UNKNOWN, Assigned, Block
from gridmap.config.spec import ColumnType
from gridmap.model import LAYERS, Layer
from gridmap.store import bulk, image, pages, tables
from gridmap.store.ddl import FID, quoted
from gridmap.store.meta import digest

TABLE = "assignments"
BASE, CODES, TARGETS = "gridmap_assigned", "gridmap_assigned_code", "gridmap_assigned_target"
OWN = (BASE, CODES, TARGETS)
# What the store notes of them besides the hash of the content.
LOOKUPS, NUMBERS = f"lookups:{TABLE}", f"numbers:{TABLE}"
TYPES: dict[str, ColumnType] = {name: "real" if name == "metres" else "text" for name in COLUMNS}
# Rows that are made into plain numbers at once.
CHUNK = 250_000
# From how many rows on a block's pages are laid out here, not by SQLite row by row.
MANY = 50_000

# Whole metres, halves to even: what Python's f"{metres:,.0f}" says.
_METRES = (
    f"CASE WHEN a.mm IS NULL THEN '{UNKNOWN}' ELSE printf('%,d', a.mm / 1000 +"
    " (a.mm % 1000 > 500 OR (a.mm % 1000 = 500 AND a.mm / 1000 % 2 = 1))) END"
)
_LISTED = (
    f"a.{FID} AS {FID}, c.kind AS kind, a.feature AS feature, c.layer AS layer, t.id AS target,"
    " t.unit AS unit, c.role AS role, a.metres AS metres, c.rule AS rule"
)
_MADE = {
    # No index: it would cost more than all the rest of writing a million homes.
    BASE: f"""CREATE TABLE {BASE} (
  {FID} INTEGER PRIMARY KEY NOT NULL,
  code INTEGER NOT NULL,
  feature TEXT NOT NULL,
  target INTEGER NOT NULL,
  mm INTEGER,
  metres REAL GENERATED ALWAYS AS (mm / 1000.0) VIRTUAL
)""",
    CODES: f"""CREATE TABLE {CODES} (
  code INTEGER PRIMARY KEY NOT NULL,
  layer TEXT NOT NULL,
  kind TEXT NOT NULL,
  rule TEXT NOT NULL,
  role TEXT NOT NULL,
  wording TEXT NOT NULL,
  words TEXT NOT NULL
)""",
    TARGETS: f"""CREATE TABLE {TARGETS} (
  target INTEGER PRIMARY KEY NOT NULL,
  layer TEXT NOT NULL,
  id TEXT NOT NULL,
  unit TEXT
)""",
    # The first part has no row: it gives the columns their types, which a computed column has not.
    TABLE: f"""CREATE VIEW {TABLE} AS
  SELECT {_LISTED}, c.words AS reason
  FROM {BASE} AS a, {CODES} AS c, {TARGETS} AS t WHERE 0
  UNION ALL
  SELECT {_LISTED},
    CAST(replace(replace(c.words, '{{metres}}', {_METRES}), '{{target}}', t.id) AS TEXT) AS reason
  FROM {BASE} AS a
  LEFT JOIN {CODES} AS c ON c.code = a.code
  LEFT JOIN {TARGETS} AS t ON t.target = a.target""",
}


def expected() -> dict[str, str]:
    """Return the SQL of the tables and the view, by name, as SQLite keeps it."""
    return dict(_MADE)


def drop(connection: sqlite3.Connection) -> None:
    """Remove the view, or the table in its place, and the tables under it."""
    tables.drop(connection, TABLE)
    for name in OWN:
        connection.execute(f"DROP TABLE IF EXISTS {quoted(name)}")


def write(connection: sqlite3.Connection, made: Assigned) -> None:
    """Make the tables and the view anew and fill them; rows are numbered from 1 in their order."""
    drop(connection)
    for statement in _MADE.values():
        connection.execute(statement)
    put_lookups(connection, made)
    start = dict(zip(_layers(made), _starts(made), strict=True))
    texts = _encoded(made)
    for block in made.blocks:
        known = texts.get(block.kind)
        if known is None or not _laid_out(connection, block, known, start[block.layer]):
            _inserted(connection, block, made.ids[block.kind], start[block.layer])


def _encoded(made: Assigned) -> dict[str, pages.Texts | None]:
    """Return the ids of the kinds that have a large block, for pages that are laid out here."""
    kinds = {block.kind for block in made.blocks if len(block) >= MANY}
    return {kind: pages.encoded(made.ids[kind].tolist()) for kind in sorted(kinds)}


def _laid_out(connection: sqlite3.Connection, block: Block, ids: pages.Texts, start: int) -> bool:
    """Add a block's rows as pages if it is large and that can be done here."""
    if len(block) < MANY:
        return False
    columns: dict[str, pages.Column] = {
        "code": pages.Numbers(block.code, plus=1),
        "feature": pages.Named(ids, block.feature),
        "target": pages.Numbers(block.target, plus=start),
        "mm": pages.Numbers(block.mm),
    }
    return image.insert(connection, BASE, columns, rows=len(block))


def _inserted(connection: sqlite3.Connection, block: Block, ids: npt.NDArray[np.object_], start: int) -> None:
    """Add a block's rows in the ordinary way."""
    for first in range(0, len(block), CHUNK):
        part = slice(first, first + CHUNK)
        # SQLite numbers the rows itself, from 1: a third faster than being told.
        bulk.insert(
            connection,
            BASE,
            {
                "code": (block.code[part].astype(np.int64) + 1).tolist(),
                "feature": ids[block.feature[part]].tolist(),
                "target": (block.target[part].astype(np.int64) + start).tolist(),
                "mm": _or_missing(block.mm[part]),
            },
        )


def put_lookups(connection: sqlite3.Connection, made: Assigned) -> None:
    """Fill the short tables; they are empty. Codes and targets are numbered from 1, the latter by layer."""
    coded = [
        (number, one.layer, one.kind, one.rule, one.role, one.case, one.words)
        for number, one in enumerate(made.codes, start=1)
    ]
    connection.executemany(f"INSERT INTO {CODES} VALUES (?, ?, ?, ?, ?, ?, ?)", coded)
    listed = [
        (layer, *pair)
        for layer in _layers(made)
        for pair in zip(made.targets[layer].ids.tolist(), made.targets[layer].unit.tolist(), strict=True)
    ]
    numbered = [(number, *one) for number, one in enumerate(listed, start=1)]
    connection.executemany(f"INSERT INTO {TARGETS} VALUES (?, ?, ?, ?)", numbered)


def _layers(made: Assigned) -> list[Layer]:
    return [layer for layer in LAYERS if layer in made.targets]


def _starts(made: Assigned) -> Iterator[int]:
    """Yield the number of each layer's first target."""
    first = 1
    for layer in _layers(made):
        yield first
        first += len(made.targets[layer].ids)


def _or_missing(mm: npt.NDArray[Any]) -> list[int | None]:
    found: list[int | None] = mm.tolist()
    return found if (mm >= 0).all() else [None if one is None or one < 0 else one for one in found]


def lookups_digest(connection: sqlite3.Connection) -> str:
    """Return the hash of every cell of the short tables, numbers and unused rows included."""
    return digest(
        [
            (table, *row)
            for table in (CODES, TARGETS)
            for row in connection.execute(f"SELECT * FROM {table}").fetchall()
        ]
    )


def numbers(connection: sqlite3.Connection) -> str:
    """Return how many rows there are, and the sum of their numbers: what the content does not say."""
    rows, total = connection.execute(f"SELECT count(*), ifnull(sum({FID}), 0) FROM {BASE}").fetchone()
    return f"{rows} {total}"


def numbers_anew(connection: sqlite3.Connection) -> str:
    """Return `numbers` of rows just written, without reading them where they are 1 to their count."""
    rows, lowest, highest = connection.execute(
        # One SELECT each: SQLite then looks at the ends of the table only.
        "SELECT "
        + ", ".join(f"(SELECT {one} FROM {BASE})" for one in ("count(*)", f"min({FID})", f"max({FID})"))
    ).fetchone()
    # Keys are unique: so many between these two are all of them.
    return f"{rows} {rows * (rows + 1) // 2}" if (lowest, highest) == (1, rows) else numbers(connection)


def is_columns(meta: Mapping[str, str]) -> bool:
    """Whether the store holds its assignments as columns; an older one has a table of words."""
    return LOOKUPS in meta


def rows_table(meta: Mapping[str, str], table: str) -> str:
    """Return the table that holds a table's rows: counting those of the view would join them all."""
    return BASE if table == TABLE and is_columns(meta) else table
