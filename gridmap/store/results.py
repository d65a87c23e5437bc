"""The tables of results, ``sections``, ``assignments`` and ``findings``: stored as they were made.

They are not edited and have no ids of their own (a gap has none), so their rows keep their order and
the table has one hash. Assignments may also be given as columns (`gridmap.claims.Assigned`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.claims import COLUMNS, Assigned
from gridmap.config.spec import RESULT_TABLES, ColumnType, ProjectSpec
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError, StructureError
from gridmap.store.assigned import TABLE
from gridmap.store.columns import MisfitError, from_cells, to_cells
from gridmap.store.edits import wanted_columns
from gridmap.store.structure import Frame, parsed_crs, plain_geometry

_TYPES: dict[str, ColumnType] = {"i": "integer", "u": "integer", "f": "real", "b": "boolean", "M": "date"}
NAMED: dict[str, ColumnType] = {
    "from_m": "real",
    "to_m": "real",
    "metres": "real",
    "size": "real",
}


def result_types(frame: Frame) -> dict[str, ColumnType]:
    """Return the column types of a table of results, read from its dtypes."""
    geometry = geometry_name(frame)
    found: dict[str, ColumnType] = {}
    for name in frame.columns:
        if name == geometry:
            continue
        kind = getattr(frame[name].dtype, "kind", "O")
        found[str(name)] = NAMED.get(str(name)) or _TYPES.get(kind, "text")
    return found


def geometry_name(frame: Frame) -> str | None:
    """Return the name of a frame's active geometry column, if it has one."""
    name = getattr(frame, "_geometry_column_name", None)
    return name if isinstance(frame, gpd.GeoDataFrame) and name in frame.columns else None


def conform_result(frame: Frame, table: str, spec: ProjectSpec) -> Frame:
    """Return a table of results with plain types; the order of its rows is kept.

    Raises
    ------
    ConfigError
        GM105 if it is not a table of results.
    StructureError
        GM305 if a column holds mixed types or the geometry is in another CRS.
    """
    if table not in RESULT_TABLES:
        raise ConfigError(
            "GM105", f"no such table of results: {table}", where="gridmap", fix=suggest(table, RESULT_TABLES)
        )
    types = result_types(frame)
    faults: list[str] = []
    data: dict[str, Any] = {}
    for name, kind in types.items():
        try:
            data[name] = from_cells(to_cells(frame[name], kind), kind)
        except MisfitError as misfit:
            faults.append(f"{name} is not {kind} in {len(misfit.rows)} rows")
    geometry = geometry_name(frame)
    crs = parsed_crs(spec.crs)
    stated: Any = getattr(frame, "crs", None)
    if geometry and len(frame) and (stated is None or not stated.equals(crs, ignore_axis_order=True)):
        faults.append(f"the geometry is not in {spec.crs}")
    if faults:
        raise StructureError(
            f"{table} cannot be stored", where=table, fix="this is a fault of gridmap", faults=tuple(faults)
        )
    plain = pd.DataFrame(data, columns=list(types))
    if geometry is None:
        return plain
    shapes = plain_geometry(np.asarray(frame.geometry.array, dtype=object))
    made: Frame = gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(shapes, crs=crs))
    return made


def conform_results(
    frames: Mapping[str, Frame], assigned: Assigned | None, spec: ProjectSpec
) -> dict[str, Frame]:
    """Return the tables of results with plain types; not the assignments where they are given as columns."""
    return {
        name: conform_result(frame, name, spec)
        for name, frame in frames.items()
        if assigned is None or name != TABLE
    }


def chosen_columns(columns: Sequence[str] | None, ids: Sequence[str] | None) -> list[str]:
    """Return which columns of the assignments are asked for, in their order.

    Raises
    ------
    ConfigError
        GM105 for one that they do not have: they have no ids, either.
    """
    wanted = COLUMNS if columns is None else columns
    return wanted_columns(TABLE, COLUMNS, [*wanted, *([] if ids is None else ["id"])])


def no_such_table(table: str, known: Mapping[str, object]) -> ConfigError:
    """Return the error for a table that is not there."""
    fix = "make it with: gridmap assign" if table in RESULT_TABLES else suggest(table, known)
    return ConfigError("GM105", f"no such table: {table}", where="the store", fix=fix)
