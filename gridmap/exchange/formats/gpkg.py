"""GeoPackage: read in bulk, written as version 1.3 with fixed dates.

What is read is a private copy (with the write-ahead log that another program left), opened with GDAL's
GPKG driver alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pyogrio.raw

from gridmap.errors import InputError
from gridmap.exchange import gdal, records
from gridmap.exchange.format import Format, RawTable, ReadRequest, WriteRequest, unreadable

DRIVER = "GPKG"
MAGIC = b"SQLite format 3\x00"
APPLICATION = slice(68, 72)
GPKG_IDS = {b"GPKG", b"GP10", b"GP11"}
# Written into gpkg_contents.last_change: products of the same data are the same bytes.
FIXED_DATE = "2000-01-01T00:00:00.000Z"
# What a cell of a column type may not be, in SQLite's words; by the beginning of pyogrio's type name.
MISFITS = {
    "int": "typeof({0}) NOT IN ('integer', 'null')",
    "float": "typeof({0}) NOT IN ('real', 'integer', 'null')",
    "bool": "{0} NOT IN (0, 1)",
    "datetime": "{0} IS NOT NULL AND (typeof({0}) <> 'text' OR date({0}) IS NULL)",
}
_CONFIG = threading.Lock()


def read(path: Path, request: ReadRequest) -> RawTable:
    """Read one table of a GeoPackage; rows are named by their fid."""
    with gdal.speaks():
        try:
            return _table(path, _layer(path, request))
        except gdal.FAILURES as error:
            raise unreadable(
                path, "the GeoPackage is damaged or cut short", "open it in QGIS and export it again"
            ) from error


def write(request: WriteRequest) -> bytes:
    """Return a table as a GeoPackage 1.3 of its own."""
    place = {"GEOMETRY_NAME": "geom"} if isinstance(request.frame, gpd.GeoDataFrame) else {}
    with _fixed_date(), gdal.speaks():
        return gdal.written(
            request,
            DRIVER,
            dataset_options={"VERSION": "1.3"},
            layer_options={"FID": "fid", "IDENTIFIER": request.table, **place},
        )


def looks_right(head: bytes) -> bool:
    """Say whether the file is SQLite and says that it is a GeoPackage."""
    return head.startswith(MAGIC) and head[APPLICATION] in GPKG_IDS | {b"\0\0\0\0"}


@contextmanager
def _fixed_date() -> Iterator[None]:
    """Fix the date that GDAL writes; a setting of the whole process, so one writer at a time."""
    with _CONFIG:
        before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _layer(path: Path, request: ReadRequest) -> str:
    found = records.layers(path, DRIVER)
    if not found:
        raise unreadable(path, "the GeoPackage has no table", "export it again with its table")
    wanted = request.layer or (found[0] if len(found) == 1 else request.kind)
    if wanted in found:
        return wanted
    if request.layer is None:
        what = f"the file has {len(found)} tables and none is called {request.kind}"
    else:
        what = f"there is no table {request.layer}"
    raise unreadable(path, what, "name one with --layer: " + ", ".join(found))


def _table(copy: Path, layer: str) -> RawTable:
    info = pyogrio.read_info(copy, layer=layer)
    if info["driver"] != DRIVER:
        raise InputError(
            "GM205", "not a GeoPackage", where="the file to import", fix="export it again as GeoPackage"
        )
    read = pyogrio.raw.read(copy, layer=layer, return_fids=True)
    meta, fids, wkb, _ = read
    columns, found = gdal.columns_of(copy, layer, read)
    # A key column of another name is the format's bookkeeping; one called id is the rows' own id.
    if info["fid_column"] == "id" and "id" not in columns:
        columns["id"] = fids
    rows = np.asarray(fids, dtype=np.int64)
    faults = (*found, *_misfits(copy, layer, info, rows))
    if wkb is None:
        return RawTable(columns, None, None, rows, "fid", faults)
    unread = [(at, "geometry", gdal.BROKEN) for at in _unread(copy, layer, info, (rows, wkb))]
    shapes, broken = gdal.shapes_of(wkb)
    curved = gdal.without_curves(shapes, _curved(copy, layer, info, rows))
    faults = (*faults, *unread, *broken, *curved)
    return RawTable(columns, shapes, gdal.stated_crs(meta["crs"]), rows, "fid", faults)


def _misfits(copy: Path, layer: str, info: Any, rows: Any) -> tuple[tuple[int, str, str], ...]:
    """Find cells that hold something else than their column's type.

    SQLite lets a number column hold text, and GDAL reads ``many`` as 0 and ``1,5`` as 1 without a word.
    """
    tests = {}
    for name, kind in zip(info["fields"].tolist(), info["dtypes"].tolist(), strict=True):
        test = next((one for sort, one in MISFITS.items() if kind.startswith(sort)), None)
        if test is not None:
            tests[name] = test.format(gdal.quoted(name))
    if not tests or not info["fid_column"]:
        return ()
    flags = ", ".join(f"({test}) IS TRUE AS c{number}" for number, test in enumerate(tests.values()))
    any_of = " OR ".join(f"({test})" for test in tests.values())
    query = f"SELECT {gdal.quoted(info['fid_column'])}, {flags} FROM {gdal.quoted(layer)} WHERE {any_of}"
    _, fids, _, values = pyogrio.raw.read(copy, sql=query, return_fids=True, read_geometry=False)
    places = _places(rows, fids)
    return tuple(
        (places[fid], name, "holds something else than its column's type")
        for name, flagged in zip(tests, values, strict=True)
        for fid, flag in zip(np.asarray(fids).tolist(), flagged.tolist(), strict=True)
        if flag and fid in places
    )


def _unread(copy: Path, layer: str, info: Any, read: tuple[Any, Any]) -> list[int]:
    """Return the positions of geometries that are there and that GDAL gives as none without a word."""
    rows, wkb = read
    none = [at for at, one in enumerate(wkb) if one is None]
    missing = dict(zip(rows[none].tolist(), none, strict=True))
    return _among(missing, copy, layer, info, "{0} IS NOT NULL") if missing else []


def _curved(copy: Path, layer: str, info: Any, rows: Any) -> list[int]:
    """Return the positions of curves, which pyogrio gives as lines of many vertices."""
    named = ", ".join(f"'{one}'" for one in gdal.CURVES)
    return _among(rows, copy, layer, info, f"ST_GeometryType({{0}}) IN ({named})")


def _places(rows: Any, fids: Any) -> dict[int, int]:
    """Return the positions of the rows with these keys, by key; mostly there is none to look for."""
    return {fid: at for at, fid in enumerate(rows.tolist())} if len(fids) else {}


def _among(among: Any, copy: Path, layer: str, info: Any, test: str) -> list[int]:
    """Return the positions of the rows whose geometry passes a test, in SQL."""
    key, column = info["fid_column"], info["geometry_name"]
    if not key or not column:
        return []
    where = test.format(gdal.quoted(column))
    query = f"SELECT {gdal.quoted(key)}, 1 AS there FROM {gdal.quoted(layer)} WHERE {where}"
    _, fids, _, _ = pyogrio.raw.read(copy, sql=query, return_fids=True, read_geometry=False)
    places = among if isinstance(among, dict) else _places(among, fids)
    return [places[fid] for fid in np.asarray(fids).tolist() if fid in places]


FORMAT = Format("gpkg", "GeoPackage", (".gpkg",), looks_right, read, write, siblings=("-wal",))
