"""One row's new values: checked once, for the store on disk and the one in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from gridmap.config.spec import ColumnType, ProjectSpec
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError
from gridmap.store.columns import WANTED, from_cells, to_cell
from gridmap.store.structure import Frame, column_types, plain_geometry

_WORDS = {"true": True, "false": False}


def wanted_columns(table: str, present: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Return the columns asked for in the table's order, ``id`` first where there is one.

    Raises
    ------
    ConfigError
        GM105 for a column that the table does not have.
    """
    for name in columns:
        if name not in present and name != "geometry":
            raise ConfigError(
                "GM105", f"no such column: {table}.{name}", where=table, fix=suggest(name, present)
            )
    return [name for name in present if name == "id" or name in columns]


def no_such_row(kind: str, row_id: str) -> ConfigError:
    """Return the error for an id that is not there."""
    return ConfigError("GM105", f"no such id: {row_id}", where=kind, fix="look at the ids of its table")


def plain_values(kind: str, values: Mapping[str, object], spec: ProjectSpec) -> dict[str, Any]:
    """Return new values as SQLite holds them, the geometry as a shapely geometry or None.

    Text is read as the column's type where that is plain.

    Raises
    ------
    ConfigError
        GM105 for an unknown kind or column, GM106 for a value that does not fit (it is not repeated).
    """
    types = column_types(kind, spec)
    known = [name for name in types if name != "id"]
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name == "geometry" and spec.kinds[kind].spatial:
            found[name] = _shape(value, kind)
        elif name == "id":
            raise ConfigError(
                "GM106", "an id is not edited", where=f"{kind}.id", fix="remove the row and save a new one"
            )
        elif name not in known:
            raise ConfigError("GM105", f"no such column: {kind}.{name}", where=kind, fix=suggest(name, known))
        else:
            found[name] = _cell(value, types[name], f"{kind}.{name}")
    return found


def edited(row: Frame, plain: Mapping[str, Any]) -> Frame:
    """Return a frame of one row with its new values."""
    out = row.copy()
    for name, value in plain.items():
        if name == "geometry":
            shapes = np.empty(1, dtype=object)
            shapes[0] = value
            out = gpd.GeoDataFrame(out, geometry=gpd.GeoSeries(shapes, crs=row.crs))
        else:
            out[name] = _column(value, row[name])
    return out


def _column(value: Any, like: pd.Series[Any]) -> pd.Series[Any]:
    kinds: dict[str, ColumnType] = {
        "str": "text", "Int64": "integer", "float64": "real", "boolean": "boolean"
    }  # fmt: skip
    return from_cells([value], kinds.get(str(like.dtype), "date"))


def _cell(value: object, kind: ColumnType, where: str) -> Any:
    try:
        return to_cell(_read(value, kind), kind)
    except (ValueError, OverflowError) as error:
        raise ConfigError(
            "GM106", f"the value is not {WANTED[kind]}", where=where, fix=f"give {WANTED[kind]}"
        ) from error


def _read(value: object, kind: ColumnType) -> object:
    if not isinstance(value, str) or kind == "text":
        return value
    if kind == "integer":
        return int(value)
    if kind == "real":
        return float(value)
    if kind == "boolean":
        if value.lower() not in _WORDS:
            raise ValueError
        return _WORDS[value.lower()]
    return dt.date.fromisoformat(value)


def _shape(value: object, kind: str) -> BaseGeometry | None:
    if isinstance(value, str):
        try:
            value = shapely.from_wkt(value)
        except (GEOSException, ValueError) as error:
            raise ConfigError(
                "GM106", "the value is not a geometry", where=f"{kind}.geometry", fix="give WKT"
            ) from error
    if value is None:
        return None
    if not isinstance(value, BaseGeometry):
        raise ConfigError(
            "GM106",
            "the value is not a geometry",
            where=f"{kind}.geometry",
            fix="give a shapely geometry in the project's CRS, or None",
        )
    shapes = np.empty(1, dtype=object)
    shapes[0] = value
    return plain_geometry(shapes)[0]  # type: ignore[no-any-return]
