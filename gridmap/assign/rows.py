"""The rows of a table as rules take them: in the order of ids, without places that cannot be."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.assign.columns import ascending, geometries, texts
from gridmap.errors import StructureError
from gridmap.model import Findings

IMPOSSIBLE = "coordinates-"


def in_order(frame: pd.DataFrame, kind: str, lost: frozenset[str] | None) -> pd.DataFrame:
    """Return the rows in code-point order of their ids, those that are lost without their geometry.

    Raises
    ------
    StructureError
        GM305 if an id is missing or there twice.
    """
    return _without(_by_id(frame, kind), lost)


def _by_id(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the rows in code-point order of their ids; nothing is copied if they are already."""
    if ascending(frame["id"]):
        return frame.reset_index(drop=True)
    ids = texts(frame["id"])
    if len(set(ids) - {None}) < len(ids):
        # No store of ours holds such rows: they come from a program that edited it.
        raise StructureError(
            "rows have no id, or one that is there twice",
            where=kind,
            fix="give every row an id of its own where they were changed, e.g. in QGIS",
        )
    return frame.iloc[np.argsort(ids, kind="stable")].reset_index(drop=True)


def lost_rows(known: Findings) -> dict[str, frozenset[str]]:
    """Return the ids, by table, of rows that are known to be in an impossible place."""
    found: dict[str, set[str]] = {}
    for one in known:
        if one.id is not None and one.code.startswith(IMPOSSIBLE):
            found.setdefault(one.table, set()).add(one.id)
    return {table: frozenset(ids) for table, ids in found.items()}


def _without(frame: pd.DataFrame, ids: frozenset[str] | None) -> pd.DataFrame:
    """Return the frame with the geometries of some rows taken away."""
    if not ids or not isinstance(frame, gpd.GeoDataFrame):
        return frame
    shapes = geometries(frame).copy()
    shapes[frame["id"].isin(ids).to_numpy(dtype=bool)] = None
    changed: pd.DataFrame = frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs))
    return changed
