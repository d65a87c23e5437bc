"""What the formats that go through GDAL share: values exact, shapes judged one by one, warnings in the log.

Read in bulk with pyogrio. What it changes without a word is put right here: integers with missing values come
as floats, and curves as lines with many vertices.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio.errors
import pyogrio.raw
import shapely

from gridmap.exchange import records
from gridmap.exchange.cells import attributes, drawable, plain, plain_values
from gridmap.exchange.format import WriteRequest

LOG = logging.getLogger(__name__)
FAILURES = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.FeatureError,
    UnicodeDecodeError,
    *records.ERRORS,
)
BROKEN = "cannot be understood"
CURVED = "is a curve, which is not read; export it with straight edges"
BINARY = "holds bytes, not text"
CURVES = ("CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE")
# A float holds every integer up to here.
EXACT_FLOAT = 2.0**53
# How GDAL says that nothing is known about where coordinates lie.
NO_CRS = ("LOCAL_CS", "ENGCRS", "ENGINEERINGCRS")
UNDEFINED = "Undefined geographic SRS"
TITLES = {
    "POINT": "Point",
    "LINESTRING": "LineString",
    "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
}
Geoms = np.ndarray[Any, np.dtype[np.object_]]
Fault = tuple[int, str, str]


@contextmanager
def speaks() -> Iterator[None]:
    """Send GDAL's warnings to the log instead of the caller's terminal."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield
    for one in said:
        LOG.warning("GDAL: %s", one.message)


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def columns_of(
    path: Path, layer: str, read: tuple[Mapping[str, Any], Any, Any, Any]
) -> tuple[dict[str, Any], list[Fault]]:
    """Return the columns of a table that pyogrio read, every digit kept.

    Parameters
    ----------
    path, layer : Path and str
        What was read: integers that a float cannot hold are read again.
    read : tuple
        What `pyogrio.raw.read` gave with ``return_fids``.

    Returns
    -------
    dict of str to list or array
        Values by name.
    list of (position, column, reason)
        Cells that are no plain value.
    """
    meta, fids, _, values = read
    columns: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, kind, column in zip(meta["fields"].tolist(), meta["dtypes"].tolist(), values, strict=True):
        if column.dtype.kind == "f" and kind.startswith(("int", "uint", "bool")):
            columns[name] = _whole(path, layer, name, (fids, column, kind))
            continue
        if column.dtype.kind == "O":
            raw = []
            if not {bytes, np.ndarray}.isdisjoint(map(type, column)):
                raw = [at for at, one in enumerate(column) if isinstance(one, (bytes, np.ndarray))]
            faults += [(at, name, BINARY) for at in raw]
            column[raw] = None
        columns[name] = plain_values(column)
    return columns, faults


def shapes_of(wkb: Any) -> tuple[Geoms, list[Fault]]:
    """Return well-known binary as shapes, and what cannot be understood.

    An unclosed ring is a fault to tell, not one to mend without a word.
    """
    try:
        shapes = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
    except NotImplementedError:
        shapes = np.array([_shape(one) for one in wkb], dtype=object)
    shapes = shapes.reshape(len(wkb))
    there = np.array([one is not None for one in wkb], dtype=bool)
    broken = np.flatnonzero(shapely.is_missing(shapes) & there)
    return shapes, [(int(at), "geometry", BROKEN) for at in broken]


def without_curves(shapes: Geoms, curved: Any) -> list[Fault]:
    """Take curves out of an array of shapes: pyogrio made lines of them; return the faults."""
    places = [int(at) for at in curved]
    shapes[places] = None
    return [(at, "geometry", CURVED) for at in places]


def stated_crs(text: str | None) -> str | None:
    """Return a CRS as GDAL gives it; None where that only says that it is unknown."""
    if text is None or text.startswith(NO_CRS) or UNDEFINED in text[:80]:
        return None
    return text


def field(column: pd.Series[Any]) -> tuple[Any, Any]:
    """Return values and the mask of missing ones, as GDAL's types: 64-bit, bool, date, text."""
    mask = column.isna().to_numpy(dtype=bool)
    dtype: Any = {"i": np.int64, "u": np.int64, "b": np.bool_, "f": np.float64}.get(column.dtype.kind)
    if column.dtype.kind == "M":
        return column.to_numpy().astype("datetime64[D]"), None
    if dtype is not None:
        return column.to_numpy(dtype=dtype, na_value=dtype(0)), mask if mask.any() else None
    return np.array([None if cell is None else str(cell) for cell in plain(column)], dtype=object), None


def geometry_type(geoms: Any) -> str:
    """Return the one type of all geometries, or ``Unknown``."""
    names = {
        shapely.GeometryType(number).name for number in np.unique(shapely.get_type_id(geoms)) if number >= 0
    }
    # A LinearRing crashes GDAL's writer in this process; to WKB it is a LineString already.
    return TITLES.get(names.pop(), "Unknown") if len(names) == 1 else "Unknown"


def crs_text(crs: Any) -> str | None:
    """Return a CRS as a writer takes it."""
    if crs is None:
        return None
    code = crs.to_epsg(min_confidence=100)
    return f"EPSG:{code}" if code else str(crs.to_wkt())


def written(request: WriteRequest, driver: str, **options: Mapping[str, str]) -> bytes:
    """Return a table as the bytes of a format that GDAL writes, rows in their order.

    Parameters
    ----------
    request : WriteRequest
        The cleared rows.
    driver : str
        GDAL's name of the format.
    **options
        ``layer_options`` and ``dataset_options``, as `pyogrio.raw.write` takes them.
    """
    table = attributes(request.frame)
    fields = [field(table[name]) for name in table.columns]
    geometry: Any = None
    kind = crs = None
    if isinstance(request.frame, gpd.GeoDataFrame):
        geoms = drawable(request.frame.geometry.to_numpy())
        geometry, kind = shapely.to_wkb(geoms), geometry_type(geoms)
        crs = crs_text(request.frame.crs)
    stream = io.BytesIO()
    pyogrio.raw.write(
        stream,
        geometry,
        [values for values, _ in fields],
        [str(name) for name in table.columns],
        field_mask=[mask for _, mask in fields],
        layer=request.table,
        driver=driver,
        geometry_type=kind,
        crs=crs,
        **options,
    )
    return stream.getvalue()


def _whole(path: Path, layer: str, name: str, read: tuple[Any, Any, str]) -> list[Any]:
    """Return integers or truths that came as floats because some are missing."""
    fids, values, kind = read
    there = ~np.isnan(values)
    cells: list[Any] = [None] * len(values)
    known = values[there].astype(np.bool_ if kind == "bool" else np.int64)
    if kind != "bool" and (np.abs(values[there]) >= EXACT_FLOAT).any():
        # Without missing values they come as integers.
        _, again, _, exact = pyogrio.raw.read(
            path,
            layer=layer,
            columns=[name],
            where=f"{quoted(name)} IS NOT NULL",
            read_geometry=False,
            return_fids=True,
        )
        by_fid = dict(zip(np.asarray(again).tolist(), exact[0].tolist(), strict=True))
        return [by_fid.get(fid) for fid in np.asarray(fids).tolist()]
    for at, value in zip(np.flatnonzero(there).tolist(), known.tolist(), strict=True):
        cells[at] = value
    return cells


def _shape(wkb: bytes | None) -> Any:
    try:
        return shapely.from_wkb(wkb, on_invalid="ignore")
    except NotImplementedError:
        return None
