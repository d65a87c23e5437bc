"""Faults that a store refuses to hold: ids, columns, types, CRS; and a frame made fit for the checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.checks.base import GEOMETRY, NO_ROW, Faults, Mask, doc, shown
from gridmap.config import ColumnSpec, KindSpec, ProjectSpec
from gridmap.geo.crs import to_working, working_crs

STRUCTURE_DOCS = (
    doc(
        "column-missing",
        "error",
        ("a required column is missing", "缺少必填列"),
        "add the column, or rename the one that holds it",
        stored=False,
    ),
    doc(
        "column-unknown",
        "error",
        ("a column is not declared for the kind", "列未在该类型中声明"),
        "drop or rename the column, or declare it in gridmap.toml",
        stored=False,
    ),
    doc(
        "value-type",
        "error",
        ("a value is not of its column's type", "值与列的类型不符"),
        "give a value of the column's type",
        stored=False,
    ),
    doc(
        "id-missing",
        "error",
        ("rows have no id", "行缺少编号"),
        "give every row a stable text id of its own",
        stored=False,
    ),
    doc(
        "id-duplicate",
        "error",
        ("several rows have one id", "多行使用同一编号"),
        "give each row an id of its own, or drop the repeated rows",
        stored=False,
    ),
    doc(
        "crs-missing",
        "error",
        ("the frame has no coordinate reference system", "数据没有坐标参考系"),
        "say which with frame.set_crs(...): a CRS is never guessed",
        stored=False,
    ),
    doc(
        "geometry-heights",
        "info",
        ("geometries have heights, which are not stored", "几何含高程，存储时丢弃"),
        "nothing, or keep heights in a column of their own",
        stored=False,
    ),
)

_INT64 = 2.0**63
Cell = Callable[[object], bool]


def take_in(frame: pd.DataFrame, *, kind: str, spec: ProjectSpec) -> tuple[pd.DataFrame, list[Faults]]:
    """Bring a frame to the types that checks work on, and list what a store would refuse.

    Returns
    -------
    DataFrame, list of Faults
        The frame with a RangeIndex, known columns only, 2D geometries in the working CRS, and
        missing values in place of what is not of its type.
    """
    faults: list[Faults] = []
    one = spec.kinds[kind]
    frame = _geometry_named(frame, one)
    known = ["id", *one.columns, *([GEOMETRY] if one.spatial else [])]
    faults += _columns(frame, kind, one, known)
    frame = frame.loc[:, ~frame.columns.duplicated() & frame.columns.isin(known)]
    if one.spatial and GEOMETRY in frame.columns:
        frame, spatial = _placed(frame, kind, spec)
        faults += spatial
    clean: dict[str, Any] = {}
    for name in frame.columns:
        if name == GEOMETRY:
            clean[name], wrong = _geometries(frame[name])
            expected = "a geometry"
        else:
            column = ColumnSpec(type="text") if name == "id" else one.columns[name]
            clean[name], wrong = _typed(frame[name], column)
            expected = column.type
        if wrong.any():
            message = f"{name} is not {expected}"
            faults.append(Faults("value-type", kind, np.flatnonzero(wrong), message, (name,)))
    result = pd.DataFrame(clean, index=pd.RangeIndex(len(frame)))
    faults += _ids(frame, result, kind)
    if GEOMETRY in result.columns:
        faults += _flattened(result, kind)
    return result, faults


def _geometry_named(frame: pd.DataFrame, one: KindSpec) -> pd.DataFrame:
    if not one.spatial or not isinstance(frame, gpd.GeoDataFrame):
        return frame
    name = frame.active_geometry_name
    renamed: pd.DataFrame = frame if name in {None, GEOMETRY} else frame.rename_geometry(GEOMETRY)
    return renamed


def _project_fault(code: str, kind: str, message: str) -> Faults:
    return Faults(code, kind, np.array([NO_ROW]), message)


def _columns(frame: pd.DataFrame, kind: str, one: KindSpec, known: list[str]) -> Iterator[Faults]:
    required = ["id", *(name for name, column in one.columns.items() if column.required)]
    if one.spatial:
        required.append(GEOMETRY)
    for name in required:
        if name not in frame.columns:
            yield _project_fault("column-missing", kind, f"there is no column {name}")
    seen: set[object] = set()
    for name in frame.columns:
        if name not in known:
            yield _project_fault("column-unknown", kind, f"{kind} has no column {shown(name)}")
        elif name in seen:
            yield _project_fault("column-unknown", kind, f"the column {name} is there more than once")
        seen.add(name)


def _placed(frame: pd.DataFrame, kind: str, spec: ProjectSpec) -> tuple[pd.DataFrame, list[Faults]]:
    """Bring the frame to the working CRS; without a CRS no position can be judged, so none is kept."""
    crs = getattr(frame[GEOMETRY], "crs", None)
    if crs is None:
        message = "the geometries have no coordinate reference system"
        return frame.drop(columns=GEOMETRY), [_project_fault("crs-missing", kind, message)]
    if crs == working_crs(spec.crs):
        return frame, []
    placed: pd.DataFrame = to_working(gpd.GeoDataFrame(frame, geometry=GEOMETRY), spec.crs, name=kind)
    return placed, []


def _geometries(column: pd.Series[Any]) -> tuple[np.ndarray[Any, Any], Mask]:
    values = np.array(column, dtype=object)
    missing = np.asarray(column.isna(), dtype=bool)
    values[missing] = None
    wrong = np.array([not isinstance(value, BaseGeometry) for value in values], dtype=bool) & ~missing
    values[wrong] = None
    return values, wrong


def _flattened(frame: pd.DataFrame, kind: str) -> list[Faults]:
    values = frame[GEOMETRY].to_numpy(dtype=object)
    high = shapely.has_z(values)
    frame[GEOMETRY] = shapely.force_2d(values)
    if not high.any():
        return []
    return [_project_fault("geometry-heights", kind, f"{int(high.sum())} geometries have heights")]


def _ids(frame: pd.DataFrame, clean: pd.DataFrame, kind: str) -> Iterator[Faults]:
    if "id" not in frame.columns:
        clean.insert(0, "id", pd.Series([None] * len(clean), dtype="str"))
        return
    missing = np.asarray(frame["id"].isna()) | np.asarray(clean["id"] == "", dtype=bool)
    if missing.any():
        yield _project_fault("id-missing", kind, f"{int(missing.sum())} rows have no id")
    ids = clean["id"].where(~missing)
    repeated = ids.notna() & ids.duplicated(keep=False)
    if repeated.any():
        counts = ids[repeated].value_counts()
        first = np.flatnonzero(repeated & ~ids.duplicated(keep="first"))
        messages = [f"{counts[ids[row]]} rows have the id {shown(ids[row])}" for row in first]
        yield Faults("id-duplicate", kind, first, messages)


def _typed(column: pd.Series[Any], declared: ColumnSpec) -> tuple[Any, Mask]:
    """Return the column in its declared type, and which cells were not of it (missing in the result)."""
    fits, dtype = _CELLS[declared.type]
    values = column.astype(object).to_numpy()
    missing = np.asarray(column.isna(), dtype=bool)
    if column.dtype == dtype:
        wrong = np.zeros(len(values), dtype=bool)
    else:
        wrong = np.array([not fits(value) for value in values], dtype=bool) & ~missing
    kept: Any = pd.Series(values, dtype=object).where(~(missing | wrong), None)
    if declared.type == "date":
        naive = [None if value is None else _naive(value) for value in kept]
        return pd.Series(pd.to_datetime(pd.Series(naive, dtype="datetime64[s]"))), wrong
    return kept.astype(dtype), wrong


def _naive(value: Any) -> dt.datetime:
    return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a date, of no time zone


def _integer(value: object) -> bool:
    if isinstance(value, bool | np.bool_):
        return False
    if isinstance(value, float | np.floating):
        number = float(value)
        return number.is_integer() and abs(number) < _INT64
    return isinstance(value, int | np.integer) and abs(int(value)) < _INT64


def _real(value: object) -> bool:
    number = isinstance(value, int | float | np.integer | np.floating)
    return number and not isinstance(value, bool)


_CELLS: dict[str, tuple[Cell, str]] = {
    "text": (lambda value: isinstance(value, str), "str"),
    "integer": (_integer, "Int64"),
    "real": (_real, "float64"),
    "boolean": (lambda value: isinstance(value, bool | np.bool_), "boolean"),
    "date": (lambda value: isinstance(value, dt.date) and not pd.isna(value), "datetime64[s]"),
}
