"""Which rows of a table are asked for: how many, in which box, by which ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridmap.store import sql, tables
from gridmap.store.ddl import FID, quoted
from gridmap.store.protocol import Box
from gridmap.store.structure import Frame


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which columns and rows of a table are read, as `Store.read` takes them; all of them by default."""

    columns: Sequence[str] | None = None
    bbox: Box | None = None
    ids: Sequence[str] | None = None


def count(connection: sql.Connection, table: str) -> int:
    """Return how many rows a table has; none if it is not there."""
    if tables.layout(connection, table) is None:
        return 0
    return int(connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0])


def where(
    connection: sql.Connection, found: tables.Layout, bbox: Box | None, ids: Sequence[str] | None
) -> tuple[str, list[Any]]:
    """Return the SQL that chooses rows by bounding box and ids, and its values."""
    parts: list[str] = []
    values: list[Any] = []
    if bbox is not None and found.rtree is not None:
        low_x, low_y, high_x, high_y = bbox
        parts.append(
            f"{quoted(found.key or FID)} IN (SELECT id FROM {quoted(found.rtree)}"
            " WHERE minx <= ? AND maxx >= ? AND miny <= ? AND maxy >= ?)"
        )
        values += [high_x, low_x, high_y, low_y]
    if ids is not None:
        parts.append(tables.choose(connection, ids))
    return ("WHERE " + " AND ".join(parts) if parts else "", values)


def within(frame: Frame, bbox: Box) -> Frame:
    """Leave out what the R-tree, in single precision, let in at the edge."""
    bounds = shapely.bounds(np.asarray(frame["geometry"].array, dtype=object))
    low_x, low_y, high_x, high_y = bbox
    keep = (bounds[:, 0] <= high_x) & (bounds[:, 2] >= low_x)
    keep &= (bounds[:, 1] <= high_y) & (bounds[:, 3] >= low_y)
    kept: pd.DataFrame = frame if keep.all() else frame.loc[keep].reset_index(drop=True)
    return kept
