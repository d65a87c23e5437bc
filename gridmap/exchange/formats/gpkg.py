"""GeoPackage: read in bulk from a copy, written as version 1.3 with fixed dates.

GDAL reads a private copy under a plain name: it neither touches the file that was given (or its
write-ahead log), nor resolves its name as a virtual or remote path. The copy must look like a
GeoPackage by its first bytes and is opened with GDAL's GPKG driver alone.
"""

from __future__ import annotations

import io
import logging
import shutil
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.errors
import pyogrio.raw
import shapely

from gridmap.errors import ConfigError, InputError
from gridmap.exchange import records
from gridmap.exchange.cells import attributes, drawable, plain
from gridmap.exchange.format import Format, RawTable, ReadRequest, WriteRequest, unreadable

LOG = logging.getLogger(__name__)
DRIVER = "GPKG"
MAGIC = b"SQLite format 3\x00"
APPLICATION = slice(68, 72)
GPKG_IDS = {b"GPKG", b"GP10", b"GP11"}
# Written into gpkg_contents.last_change: products of the same data are the same bytes.
FIXED_DATE = "2000-01-01T00:00:00.000Z"
EXACT_FLOAT = 2.0**53
FAILURES = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.FeatureError,
    UnicodeDecodeError,
    *records.ERRORS,
)
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
    with tempfile.TemporaryDirectory(prefix="gridmap-") as folder, _gdal_speaks():
        copy = _snapshot(path, Path(folder))
        try:
            layer = _layer(copy, request, path)
            return _table(copy, layer)
        except FAILURES as error:
            raise unreadable(
                path, "the GeoPackage is damaged or cut short", "open it in QGIS and export it again"
            ) from error


def write(request: WriteRequest) -> bytes:
    """Return a table as a GeoPackage 1.3 of its own."""
    table = attributes(request.frame)
    fields = [_field(table[name]) for name in table.columns]
    geometry: Any = None
    kind = crs = None
    if isinstance(request.frame, gpd.GeoDataFrame):
        geoms = drawable(request.frame.geometry.to_numpy())
        geometry, kind, crs = shapely.to_wkb(geoms), _geometry_type(geoms), _crs_text(request.frame.crs)
    stream = io.BytesIO()
    with _fixed_date(), _gdal_speaks():
        pyogrio.raw.write(
            stream,
            geometry,
            [values for values, _ in fields],
            [str(name) for name in table.columns],
            field_mask=[mask for _, mask in fields],
            layer=request.table,
            driver=DRIVER,
            geometry_type=kind,
            crs=crs,
            dataset_options={"VERSION": "1.3"},
            layer_options={"FID": "fid", "IDENTIFIER": request.table}
            | ({} if geometry is None else {"GEOMETRY_NAME": "geom"}),
        )
    return stream.getvalue()


def looks_right(head: bytes) -> bool:
    """Say whether the file is SQLite and says that it is a GeoPackage."""
    return head.startswith(MAGIC) and head[APPLICATION] in GPKG_IDS | {b"\0\0\0\0"}


@contextmanager
def _gdal_speaks() -> Iterator[None]:
    """Send GDAL's warnings to the log instead of the caller's terminal."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield
    for one in said:
        LOG.warning("GDAL: %s", one.message)


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


class _Writing(NamedTuple):
    """What tells that another program writes to a file."""

    journal: bool
    size: int
    changed_ns: int


def _writing(path: Path) -> _Writing:
    stat = path.stat()
    return _Writing(path.with_name(f"{path.name}-journal").exists(), stat.st_size, stat.st_mtime_ns)


def _snapshot(path: Path, folder: Path) -> Path:
    copy = folder / "source.gpkg"
    try:
        before = _writing(path)
        shutil.copyfile(path, copy)
        log = path.with_name(f"{path.name}-wal")
        if log.is_file():
            shutil.copyfile(log, folder / "source.gpkg-wal")
        after = _writing(path)
    except OSError as error:
        raise unreadable(
            path, "the file cannot be copied for reading", "give a file that you may read"
        ) from error
    # Asked on both sides of the copy: a writer that began or ended during it has torn the copy.
    if before != after or after.journal:
        raise unreadable(
            path, "another program is writing to the file", "close it there (or end its edit), then try again"
        )
    return copy


def _layer(copy: Path, request: ReadRequest, path: Path) -> str:
    found = records.layers(copy, DRIVER)
    if not found:
        raise unreadable(path, "the GeoPackage has no table", "export it again with its table")
    wanted = request.layer or (found[0] if len(found) == 1 else request.kind)
    if wanted in found:
        return wanted
    if request.layer is None:
        what = f"the file has {len(found)} tables and none is called {request.kind}"
    else:
        what = f"there is no table {request.layer}"
    raise ConfigError("GM105", what, where=path.name, fix="name one with --layer: " + ", ".join(found))


def _table(copy: Path, layer: str) -> RawTable:
    info = pyogrio.read_info(copy, layer=layer)
    if info["driver"] != DRIVER:
        raise InputError(
            "GM205", "not a GeoPackage", where="the file to import", fix="export it again as GeoPackage"
        )
    meta, fids, wkb, values = pyogrio.raw.read(copy, layer=layer, return_fids=True)
    columns = dict(zip(meta["fields"].tolist(), values, strict=True))
    inexact = [name for name, one in columns.items() if _lost_digits(one, name, meta)]
    if inexact:
        columns |= records.exact(copy, DRIVER, layer, inexact)
    # A key column of another name is the format's bookkeeping; one called id is the rows' own id.
    if info["fid_column"] == "id" and "id" not in columns:
        columns["id"] = fids
    rows = np.asarray(fids, dtype=np.int64)
    faults = _misfits(copy, layer, info, rows)
    if wkb is None:
        return RawTable(columns, None, None, rows, "fid", faults)
    # An unclosed ring is a fault to tell, not one to mend without a word.
    shapes = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
    broken = np.flatnonzero(
        shapely.is_missing(shapes) & np.array([one is not None for one in wkb], dtype=bool)
    )
    faults += tuple((int(at), "geometry", "cannot be understood") for at in broken)
    return RawTable(columns, shapes, meta["crs"], rows, "fid", faults)


def _misfits(copy: Path, layer: str, info: Any, rows: Any) -> tuple[tuple[int, str, str], ...]:
    """Find cells that hold something else than their column's type.

    SQLite lets a number column hold text, and GDAL reads ``many`` as 0 and ``1,5`` as 1 without a word.
    """
    tests = {}
    for name, kind in zip(info["fields"].tolist(), info["dtypes"].tolist(), strict=True):
        test = next((one for sort, one in MISFITS.items() if kind.startswith(sort)), None)
        if test is not None:
            tests[name] = test.format(_quoted(name))
    if not tests or not info["fid_column"]:
        return ()
    flags = ", ".join(f"({test}) IS TRUE AS c{number}" for number, test in enumerate(tests.values()))
    any_of = " OR ".join(f"({test})" for test in tests.values())
    query = f"SELECT {_quoted(info['fid_column'])}, {flags} FROM {_quoted(layer)} WHERE {any_of}"
    _, fids, _, values = pyogrio.raw.read(copy, sql=query, return_fids=True, read_geometry=False)
    places = {fid: at for at, fid in enumerate(rows.tolist())}
    return tuple(
        (places[fid], name, "holds something else than its column's type")
        for name, flagged in zip(tests, values, strict=True)
        for fid, flag in zip(np.asarray(fids).tolist(), flagged.tolist(), strict=True)
        if flag and fid in places
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _lost_digits(values: Any, name: str, meta: Any) -> bool:
    """Say whether an integer column came back as floats that cannot hold it."""
    kinds = dict(zip(meta["fields"].tolist(), meta["dtypes"].tolist(), strict=True))
    if values.dtype.kind != "f" or not kinds[name].startswith(("int", "uint")):
        return False
    return bool((np.abs(values[~np.isnan(values)]) >= EXACT_FLOAT).any())


def _field(column: pd.Series[Any]) -> tuple[Any, Any]:
    """Return values and the mask of missing ones, as GDAL's types: 64-bit, bool, date, text."""
    mask = column.isna().to_numpy(dtype=bool)
    dtype: Any = {"i": np.int64, "u": np.int64, "b": np.bool_, "f": np.float64}.get(column.dtype.kind)
    if column.dtype.kind == "M":
        return column.to_numpy().astype("datetime64[D]"), None
    if dtype is not None:
        return column.to_numpy(dtype=dtype, na_value=dtype(0)), mask if mask.any() else None
    return np.array([None if cell is None else str(cell) for cell in plain(column)], dtype=object), None


def _geometry_type(geoms: Any) -> str:
    names = {
        shapely.GeometryType(number).name for number in np.unique(shapely.get_type_id(geoms)) if number >= 0
    }
    titles = {
        "POINT": "Point",
        "LINESTRING": "LineString",
        "POLYGON": "Polygon",
        "MULTIPOINT": "MultiPoint",
        "MULTILINESTRING": "MultiLineString",
        "MULTIPOLYGON": "MultiPolygon",
    }
    # A LinearRing crashes GDAL's writer in this process; to WKB it is a LineString already.
    return titles.get(names.pop(), "Unknown") if len(names) == 1 else "Unknown"


def _crs_text(crs: Any) -> str | None:
    if crs is None:
        return None
    code = crs.to_epsg(min_confidence=100)
    return f"EPSG:{code}" if code else str(crs.to_wkt())


FORMAT = Format("gpkg", "GeoPackage", (".gpkg",), looks_right, read, write)
