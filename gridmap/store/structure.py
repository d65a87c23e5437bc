"""The structure gate: what a table can hold, and what it cannot.

A frame that passes `conform` has unique text ids, its kind's columns in order with their types,
and plain 2D geometry in the project's CRS. Every other fault (a missing required value, a wrong
geometry type, a reference that leads nowhere) can be stored: `gridmap check` finds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from operator import ge
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from gridmap.config.spec import ColumnType, ProjectSpec
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError, StructureError
from gridmap.geo.placed import PlacedArray
from gridmap.store.columns import WANTED, MisfitError, conformed, from_cells, nothing, to_cells

Frame = pd.DataFrame
SHOWN_IDS = 5


@lru_cache(maxsize=32)
def parsed_crs(crs: str) -> pyproj.CRS:
    """Return the parsed CRS (cached: parsing costs milliseconds)."""
    return pyproj.CRS.from_user_input(crs)


def column_types(kind: str, spec: ProjectSpec) -> dict[str, ColumnType]:
    """Return the types of a kind's columns in order, ``id`` first.

    Raises
    ------
    ConfigError
        GM105 if there is no such kind.
    """
    if kind not in spec.kinds:
        raise ConfigError(
            "GM105", f"no such kind: {kind}", where="gridmap.toml", fix=suggest(kind, spec.kinds)
        )
    return {"id": "text", **{name: column.type for name, column in spec.kinds[kind].columns.items()}}


def empty(kind: str, spec: ProjectSpec) -> Frame:
    """Return a kind's table with no rows."""
    types = column_types(kind, spec)
    cells: dict[str, list[Any]] = {name: [] for name in types}
    geometry = np.empty(0, dtype=object) if spec.kinds[kind].spatial else None
    return assemble(cells, types, geometry, spec.crs)


def assemble(
    cells: Mapping[str, Any],
    types: Mapping[str, ColumnType],
    geometry: np.ndarray | PlacedArray | None,
    crs: str,
) -> Frame:
    """Make a frame from columns of plain values and, for a spatial table, geometries.

    Raises
    ------
    StructureError
        GM305 with the rows whose values do not have their column's type.
    """
    ids = cells.get("id")
    faults: list[str] = []
    data: dict[str, Any] = {}
    for name, kind in types.items():
        try:
            data[name] = from_cells(cells[name], kind).array
        except MisfitError as misfit:
            faults.append(_misfit(name, kind, misfit.rows, ids))
    if faults:
        raise StructureError(
            "the table holds values that do not have their column's type",
            where="the store",
            fix="correct them where they were changed (e.g. in QGIS)",
            faults=tuple(faults),
        )
    if geometry is not None:
        data["geometry"] = gpd.GeoSeries(geometry, crs=parsed_crs(crs)).array
    # What was made for this frame alone need not be copied.
    frame = pd.DataFrame(data, copy=False)
    return frame if geometry is None else gpd.GeoDataFrame(frame, geometry="geometry")


def conform(frame: Frame, kind: str, spec: ProjectSpec) -> Frame:
    """Return the frame in the structure of its kind's table, ordered by id; the input is not changed.

    Columns left out are empty. Third dimensions are dropped, rings become lines.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        With a text column ``id``; a spatial kind needs geometry in the project's CRS.
    kind : str
        The kind.
    spec : ProjectSpec
        The project's settings.

    Raises
    ------
    ConfigError
        GM105 if there is no such kind.
    StructureError
        GM305 with every fault: missing or repeated ids, unknown columns, wrong types, another CRS.
    """
    types = column_types(kind, spec)
    spatial = spec.kinds[kind].spatial
    faults: list[str] = []
    active = getattr(frame, "_geometry_column_name", None)
    faults += _unknown_columns(frame, types, active if spatial else None)
    ids = _ids(frame, faults)
    geometry = _geometry(frame, kind, spec, faults) if spatial else None
    data = _typed(frame, types, ids, faults)
    if faults:
        raise StructureError(
            f"the frame does not have the structure of {kind}",
            where=kind,
            fix="correct the rows and columns below",
            faults=tuple(faults),
        )
    data["id"] = conformed(frame["id"], "text") if ids else nothing(0, "text")
    for name, type_ in types.items():
        if name not in data:
            data[name] = nothing(len(frame), type_)
    return _ordered({name: data[name] for name in types}, ids, geometry, spec.crs)


def _typed(
    frame: Frame, types: Mapping[str, ColumnType], ids: list[Any], faults: list[str]
) -> dict[str, Any]:
    """Return the columns that are there, with their types; what does not fit is added to `faults`."""
    data: dict[str, Any] = {}
    for name, kind in types.items():
        if name == "id" or name not in frame.columns or not isinstance(frame[name], pd.Series):
            continue
        try:
            data[name] = conformed(frame[name], kind)
        except MisfitError as misfit:
            faults.append(_misfit(name, kind, misfit.rows, ids))
    return data


def _ordered(data: dict[str, Any], ids: list[Any], geometry: np.ndarray | None, crs: str) -> Frame:
    plain = pd.DataFrame(data, columns=list(data))
    if any(map(ge, ids, islice(ids, 1, None))):
        order = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.intp)
        plain = plain.take(order).reset_index(drop=True)
        geometry = geometry[order] if geometry is not None else None
    if geometry is None:
        return plain
    made: Frame = gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(geometry, crs=parsed_crs(crs)))
    return made


def _unknown_columns(frame: Frame, types: Mapping[str, ColumnType], active: str | None) -> list[str]:
    known = {*types, active} if active else {*types, "geometry"}
    faults = [
        f"unknown column {name}: {suggest(str(name), types)}"
        for name in frame.columns
        if name not in known or (active is None and name == "geometry" and "geometry" not in types)
    ]
    twice = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]})
    return faults + [f"the column {name} is there more than once" for name in twice]


def _ids(frame: Frame, faults: list[str]) -> list[Any]:
    if "id" not in frame.columns or not isinstance(frame["id"], pd.Series):
        if len(frame):
            faults.append("there is no column id")
        return []
    try:
        ids = to_cells(frame["id"], "text")
    except MisfitError as misfit:
        faults.append(f"id is not text in {_rows(misfit.rows, None)}")
        return []
    known = set(ids)
    if len(known) == len(ids) and known.isdisjoint((None, "")):
        return ids
    bare = [row for row, value in enumerate(ids) if value is None or value == ""]
    if bare:
        faults.append(f"id is missing in {_rows(bare, None)}")
    seen: set[Any] = set()
    twice = {value for value in ids if value in seen or seen.add(value)}  # type: ignore[func-returns-value]
    repeated = sorted(str(value) for value in twice if value)
    if repeated:
        shown = ", ".join(repeated[:SHOWN_IDS])
        more = f" and {len(repeated) - SHOWN_IDS} more" if len(repeated) > SHOWN_IDS else ""
        faults.append(f"repeated id: {shown}{more}")
    return ids


def _geometry(frame: Frame, kind: str, spec: ProjectSpec, faults: list[str]) -> np.ndarray | None:
    name = getattr(frame, "_geometry_column_name", None)
    if not isinstance(frame, gpd.GeoDataFrame) or name not in frame.columns:
        if len(frame):
            faults.append(f"{kind} needs geometry: give a GeoDataFrame")
        return np.empty(0, dtype=object)
    if frame.crs is None and len(frame):
        faults.append(f"the geometry has no CRS: this project is in {spec.crs}")
    elif frame.crs is not None and not frame.crs.equals(parsed_crs(spec.crs), ignore_axis_order=True):
        faults.append(
            f"the geometry is in {frame.crs.to_string()}, this project in {spec.crs}: use .to_crs()"
        )
    return plain_geometry(np.asarray(frame.geometry.array, dtype=object))


def plain_geometry(geometry: np.ndarray) -> np.ndarray:
    """Return geometries as they come back from the store: 2D, rings as lines, points of no place empty."""
    out = np.array(geometry, dtype=object)
    deep = shapely.has_z(out) | shapely.has_m(out)
    if deep.any():
        out[deep] = shapely.from_wkb(shapely.to_wkb(out[deep], output_dimension=2))
    kinds = shapely.get_type_id(out)
    rings = kinds == shapely.GeometryType.LINEARRING
    if rings.any():
        out[rings] = [shapely.LineString(ring) for ring in out[rings]]
    points = (kinds == shapely.GeometryType.POINT) & ~shapely.is_empty(out)
    if points.any():
        nowhere = np.zeros(len(out), dtype=bool)
        nowhere[points] = np.isnan(shapely.get_x(out[points])) & np.isnan(shapely.get_y(out[points]))
        out[nowhere] = shapely.Point()
    return out


def _rows(rows: list[int], ids: list[Any] | None) -> str:
    if ids:
        shown = ", ".join(str(ids[row]) for row in rows[:SHOWN_IDS])
    else:
        shown = ", ".join(f"row {row + 1}" for row in rows[:SHOWN_IDS])
    return shown + (f" and {len(rows) - SHOWN_IDS} more" if len(rows) > SHOWN_IDS else "")


def _misfit(name: str, kind: ColumnType, rows: list[int], ids: Any) -> str:
    # The values themselves are not repeated: the column may be private.
    return f"{name} is not {WANTED[kind]} in {_rows(rows, list(ids) if ids else None)}"
