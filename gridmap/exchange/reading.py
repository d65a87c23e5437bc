"""A file of any registered format, as rows of a kind in the project's CRS."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from pyproj.exceptions import CRSError

from gridmap.config import CONFIG_NAME, STORE_NAME, KindSpec, ProjectSpec
from gridmap.errors import ConfigError, InputError
from gridmap.exchange.columns import check_columns
from gridmap.exchange.format import WGS84, RawTable, ReadRequest, format_of
from gridmap.exchange.typed import RowFault, missing_column, typed_column
from gridmap.geo import crs as geo_crs

LOG = logging.getLogger(__name__)
SHOWN = 20
CGCS2000 = "EPSG:4490"


@dataclass(frozen=True)
class Reading:
    """What came out of a file.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        The rows that can be stored, ordered by id: ``id``, the kind's columns, ``geometry`` in the
        project's CRS for a spatial kind.
    faults : tuple of RowFault
        Why each of the other rows cannot.
    total : int
        Rows in the file; the rows of `frame` and the distinct rows of `faults` add up to it.
    row_word : str
        What a row number counts: ``row`` (as a spreadsheet does), ``feature`` or ``fid``.
    """

    frame: Any
    faults: tuple[RowFault, ...]
    total: int
    row_word: str


def read_frame(path: Path, *, kind: str, spec: ProjectSpec, layer: str | None = None) -> Any:
    """Read a GeoPackage, GeoJSON or CSV file as rows of a kind.

    Parameters
    ----------
    path : Path
        A regular file; the extension says which format it must be.
    kind : str
        The kind the rows shall become.
    spec : ProjectSpec
        Settings: the kinds and the working CRS.
    layer : str, optional
        The table to read, where the file has several.

    Returns
    -------
    GeoDataFrame or DataFrame
        Ordered by ``id``; ``id``, the kind's columns (absent ones all missing), then ``geometry`` in
        the project's CRS for a spatial kind.

    Raises
    ------
    InputError
        GM201 without a CRS; GM202 unreadable; GM204 columns refused by name; GM205 not a format of
        ours; GM206 with the number of every row that cannot be stored.
    ConfigError
        GM105 for an unknown kind, layer or column.
    """
    reading = read_rows(path, kind=kind, spec=spec, layer=layer)
    if reading.faults:
        shown = "; ".join(
            f"{reading.row_word} {fault.row}: {fault.column} {fault.reason}"
            for fault in reading.faults[:SHOWN]
        )
        more = len(reading.faults) - SHOWN
        bad = len({fault.row for fault in reading.faults})
        raise InputError(
            "GM206",
            f"{bad} of {reading.total} rows cannot be stored",
            where=f"{path.name}: {shown}" + (f"; and {more} more" if more > 0 else ""),
            fix="correct these rows in the file; nothing was taken in",
        )
    return reading.frame


def read_rows(path: Path, *, kind: str, spec: ProjectSpec, layer: str | None = None) -> Reading:
    """Read a file like `read_frame`, but give the rows that cannot be stored beside those that can.

    Parameters
    ----------
    path, kind, spec, layer
        As for `read_frame`.

    Returns
    -------
    Reading
        Rows that can be stored, and why each of the others cannot.
    """
    if kind not in spec.kinds:
        raise ConfigError(
            "GM105", f"no such kind: {kind}", where=path.name, fix="one of: " + ", ".join(sorted(spec.kinds))
        )
    _refuse_live_store(path)
    schema = spec.kinds[kind]
    columns = frozenset({"id", *schema.columns})
    request = ReadRequest(kind, columns, schema.spatial, degrees=_degrees(spec), layer=layer)
    raw = format_of(path).read(path, request)
    check_columns(raw.columns, kind, schema, where=path.name)
    if "id" not in raw.columns:
        raise ConfigError(
            "GM105",
            "there is no column id",
            where=path.name,
            fix="add a column id with a text that is unique in the table",
        )
    table, faults = _typed(raw, schema)
    faults += [RowFault(int(raw.rows[at]), column, reason) for at, column, reason in raw.faults]
    if schema.spatial:
        placed = _placed(raw, spec, name=path.name)
        faults += _lost(raw, placed)
        table = gpd.GeoDataFrame(table, geometry=placed, crs=geo_crs.working_crs(spec.crs))
    elif raw.geometry is not None and not shapely.is_missing(raw.geometry).all():
        LOG.warning("%s: %s has no geometry; that of the file is left out", path.name, kind)
    faults += _id_faults(table["id"], raw)
    return _split(table, raw, faults)


def _refuse_live_store(path: Path) -> None:
    # GDAL must never open a live store: it drops the locks of a sqlite3 connection in this process.
    real = path.resolve()
    if real.name == STORE_NAME and (real.parent / CONFIG_NAME).exists():
        raise InputError(
            "GM205",
            "this is a project's own store, not a file to import",
            where=str(path),
            fix="import what this writes: gridmap export TABLE FILE --audience custodian -C PROJECT",
        )


def _degrees(spec: ProjectSpec) -> str:
    """Return what bare degrees are in: CGCS2000 where the project is, and else WGS 84.

    The two differ by less than a metre, and people who copy degrees into a table do not tell which.
    """
    base = geo_crs.working_crs(spec.crs).geodetic_crs
    return CGCS2000 if base is not None and base.equals(CGCS2000) else WGS84


def _typed(raw: RawTable, schema: KindSpec) -> tuple[pd.DataFrame, list[RowFault]]:
    data: dict[str, pd.Series[Any]] = {}
    faults: list[RowFault] = []
    types = {"id": "text", **{name: one.type for name, one in schema.columns.items()}}
    for name, wanted in types.items():
        if name not in raw.columns:
            data[name] = missing_column(len(raw.rows), wanted)
            continue
        data[name], misfits = typed_column(raw.columns[name], wanted)
        faults += [RowFault(int(raw.rows[at]), name, reason) for at, reason in misfits]
    return pd.DataFrame(data), faults


def _placed(raw: RawTable, spec: ProjectSpec, *, name: str) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Return the geometries in the working CRS, 2D."""
    if raw.geometry is None:
        raise InputError(
            "GM202",
            "the file has no positions",
            where=name,
            fix="give a file with geometry; in CSV the columns lon and lat, or wkt",
        )
    foreign = gpd.GeoSeries(shapely.force_2d(raw.geometry), crs=_stated_crs(raw.crs, name))
    # The check on the way in: a file without a CRS stops here (GM201).
    moved = geo_crs.to_working(gpd.GeoDataFrame(geometry=foreign), spec.crs, name=name)
    placed: np.ndarray[Any, np.dtype[np.object_]] = moved.geometry.to_numpy()
    return placed


def _stated_crs(crs: object | None, name: str) -> pyproj.CRS | None:
    if crs is None:
        return None
    try:
        parsed = pyproj.CRS.from_user_input(crs)
    except CRSError as error:
        raise InputError(
            "GM201",
            f"{name} states a coordinate reference system that cannot be understood",
            where=name,
            fix="set the file's CRS to an EPSG code, e.g. EPSG:4490, and export it again",
        ) from error
    # GeoPackage's "undefined" systems and drawing-office grids have no place on the earth.
    return parsed if parsed.is_geographic or parsed.is_projected else None


def _lost(raw: RawTable, placed: np.ndarray[Any, np.dtype[np.object_]]) -> list[RowFault]:
    """Find positions that were finite in the file and have no place in the working CRS."""
    before, after = _finite(raw.geometry), _finite(placed)
    reason = "lies where the project's coordinate reference system has no place; are lon and lat swapped?"
    return [RowFault(int(raw.rows[at]), "geometry", reason) for at in np.flatnonzero(before & ~after)]


def _finite(geoms: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Say of each geometry whether all its coordinates are finite (true where it has none)."""
    coordinates, owner = shapely.get_coordinates(geoms, return_index=True)
    result = np.ones(len(geoms), dtype=bool)
    result[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return result


def _id_faults(ids: pd.Series[Any], raw: RawTable) -> list[RowFault]:
    rows = raw.rows
    blank = (ids.isna() | (ids.str.strip() == "")).to_numpy(dtype=bool, na_value=True)
    faults = [RowFault(int(rows[at]), "id", "is missing") for at in np.flatnonzero(blank)]
    # Every row of a clash is named: which of them is meant is the reader's to say.
    clash = np.flatnonzero(ids.duplicated(keep=False).to_numpy() & ~blank)
    last = {ids.iloc[at]: int(rows[at]) for at in clash}
    first = {ids.iloc[at]: int(rows[at]) for at in clash[::-1]}
    for at in clash:
        row, one = int(rows[at]), ids.iloc[at]
        other = first[one] if row != first[one] else last[one]
        faults.append(RowFault(row, "id", f"is also the id of {raw.row_word} {other}"))
    return faults


def _split(table: Any, raw: RawTable, faults: Iterable[RowFault]) -> Reading:
    ordered = tuple(sorted(faults, key=lambda fault: (fault.row, fault.column, fault.reason)))
    bad = np.isin(raw.rows, np.unique(np.array([fault.row for fault in ordered], dtype=np.int64)))
    kept = table[~bad].sort_values("id", kind="stable", ignore_index=True)
    return Reading(kept, ordered, len(raw.rows), raw.row_word)
