"""GeoParquet 1.1 (1.0 is read, too): every type exact, also integers with missing values.

Read batch by batch. Of the file's notes beside the columns only ``geo`` is looked at; what pandas or another
program keeps there is not, and nothing in the file is ever run. A Parquet file without ``geo`` is a plain
table.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.errors import ShapelyError

from gridmap.errors import ConfigError
from gridmap.exchange.arrow_columns import ColumnBuilder
from gridmap.exchange.cells import attributes, drawable, plain
from gridmap.exchange.format import WGS84, Format, RawTable, ReadRequest, WriteRequest, unreadable
from gridmap.exchange.wkb import from_wkb

MAGIC = b"PAR1"
BATCH = 50_000
EXPORT_AGAIN = "export it again as GeoParquet, or as GeoPackage"
# GeoParquet 1.1's other encodings are GeoArrow's, under shorter names.
NATIVE = frozenset({"point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"})
Geoms = np.ndarray[Any, np.dtype[np.object_]]


@dataclass(frozen=True, slots=True)
class _Geo:
    """What the ``geo`` notes of a file say.

    Parameters
    ----------
    column : str
        Which column is the geometry.
    encoding : str
        How it is written.
    crs : str or None
        What it is in.
    besides : frozenset of str
        Columns that are no values: other geometries, and boxes for looking up.
    notes : tuple of str
        What a reader should know.
    """

    column: str
    encoding: str
    crs: str | None
    besides: frozenset[str]
    notes: tuple[str, ...]


class _Found:
    """What has been read of a file so far.

    Parameters
    ----------
    pa : module
        pyarrow.
    schema : pyarrow.Schema
        The file's columns.
    geo : _Geo or None
        Which of them is the geometry.
    """

    def __init__(self, pa: Any, schema: Any, geo: _Geo | None) -> None:
        self._pa, self._geo = pa, geo
        left = {geo.column, *geo.besides} if geo is not None else set()
        self.builders = {field.name: ColumnBuilder() for field in schema if field.name not in left}
        self.shapes: list[Geoms] = []
        self.broken: list[tuple[int, str, str]] = []
        self.count = 0

    def add(self, batch: Any) -> None:
        """Take the next rows."""
        for name, builder in self.builders.items():
            builder.add(batch.column(name))
        if self._geo is not None:
            made, broken = _shapes(self._pa, batch.column(self._geo.column), self._geo.encoding)
            self.shapes.append(made)
            self.broken += [(self.count + int(at), "geometry", "cannot be understood") for at in broken]
        self.count += batch.num_rows


def read(path: Path, request: ReadRequest) -> RawTable:  # noqa: ARG001 - every format's signature
    """Read a Parquet file; rows are counted from 1."""
    _need_pyarrow()
    with _mapped(path) as (pa, pq), pq.ParquetFile(path, memory_map=False, pre_buffer=False) as file:
        _refuse_doubles(file.schema_arrow.names, path)
        geo = _geo(file.schema_arrow, path)
        found = _Found(pa, file.schema_arrow, geo)
        for batch in file.iter_batches(BATCH, use_threads=False):
            found.add(batch)
        if found.count != file.metadata.num_rows:
            raise unreadable(path, "the file does not hold as many rows as it says", EXPORT_AGAIN)
    faults = [(at, name, reason) for name, one in found.builders.items() for at, reason in one.faults]
    return RawTable(
        {name: one.column() for name, one in found.builders.items()},
        None if geo is None else np.concatenate([np.empty(0, dtype=object), *found.shapes]),
        None if geo is None else geo.crs,
        np.arange(1, found.count + 1, dtype=np.int64),
        "row",
        (*found.broken, *faults),
        notes=() if geo is None else geo.notes,
    )


def write(request: WriteRequest) -> bytes:
    """Return a table as GeoParquet 1.1, or as plain Parquet if it has no geometry.

    Raises
    ------
    ConfigError
        GM111 without pyarrow.
    """
    _need_pyarrow()
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    table = attributes(request.frame)
    columns = {str(name): _array(pa, table[name]) for name in table.columns}
    notes: dict[str, str] = {}
    if isinstance(request.frame, gpd.GeoDataFrame):
        geoms = drawable(request.frame.geometry.to_numpy())
        name = _free_name(columns)
        columns[name] = pa.array(shapely.to_wkb(geoms, byte_order=1, flavor="iso"), type=pa.binary())
        about = json.dumps(_about(request, geoms, name), ensure_ascii=False, separators=(",", ":"))
        notes["geo"] = about
    made = pa.table(columns).replace_schema_metadata(notes)
    stream = io.BytesIO()
    pq.write_table(made, stream, compression="zstd")
    return stream.getvalue()


def looks_right(head: bytes) -> bool:
    """Say whether the file begins like Parquet that is not encrypted."""
    return head.startswith(MAGIC)


def _need_pyarrow() -> None:
    try:
        import pyarrow.parquet  # noqa: F401, PLC0415
    except ImportError as error:
        raise ConfigError(
            "GM111",
            "Parquet files need the library pyarrow, which is not installed",
            where="*.parquet",
            fix="pip install 'gridmap[parquet]'",
        ) from error


@contextmanager
def _mapped(path: Path) -> Iterator[tuple[Any, Any]]:
    """Give pyarrow and its Parquet module; turn their errors into ours."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        yield pa, pq
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError, OverflowError, KeyError, TypeError) as error:
        raise unreadable(path, "the Parquet file is damaged or cut short", EXPORT_AGAIN) from error


def _refuse_doubles(names: list[str], path: Path) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise unreadable(
            path, "columns stand there twice: " + ", ".join(twice), "give each a name of its own"
        )


def _geo(schema: Any, path: Path) -> _Geo | None:
    """Read the ``geo`` notes; None where there are none.

    Raises
    ------
    InputError
        GM202 if they are damaged or of a version or encoding that is not read.
    """
    text = (schema.metadata or {}).get(b"geo")
    if text is None:
        return None
    try:
        about = json.loads(text)
        version, column = about.get("version"), about["primary_column"]
        described = about["columns"]
        own = described[column]
        encoding = own["encoding"]
        besides = {name for name in described if name != column} | {*_boxes(described.values())}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise unreadable(path, "the geo metadata of the file are damaged", EXPORT_AGAIN) from error
    if not isinstance(version, str) or version.partition(".")[0] not in {"0", "1"}:
        raise unreadable(path, "the file is of a version of GeoParquet that is not read", EXPORT_AGAIN)
    if column not in schema.names:
        raise unreadable(path, "the geo metadata name a column that is not there", EXPORT_AGAIN)
    if encoding != "WKB" and encoding not in NATIVE:
        raise unreadable(path, "the geometry is encoded in a way that is not read", EXPORT_AGAIN)
    others = sorted(name for name in described if name != column and name in schema.names)
    notes = [f"further geometries of the file are left out: {', '.join(others)}"] if others else []
    if own.get("edges") == "spherical":
        notes.append("the file says that its edges are arcs on the sphere; they are taken as straight")
    return _Geo(column, encoding, _crs(own), frozenset(besides), tuple(notes))


def _boxes(described: Any) -> Iterator[str]:
    """Give the columns that only hold the bounds of geometries (covering, 1.1)."""
    for one in described:
        for path in one.get("covering", {}).get("bbox", {}).values():
            yield path[0]


def _crs(own: dict[str, Any]) -> str | None:
    """Return what the coordinates are in: without a word degrees on WGS 84; null means that nobody knows."""
    crs = own.get("crs", WGS84)
    return crs if crs is None or isinstance(crs, str) else json.dumps(crs)


def _shapes(pa: Any, array: Any, encoding: str) -> tuple[Geoms, Any]:
    """Return geometries, and the positions of those that cannot be understood."""
    there = np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    if encoding == "WKB":
        texts = array.to_numpy(zero_copy_only=False)
        # One nested too deeply is none here, and so told as what cannot be understood.
        shapes, _ = from_wkb(texts, ignore=True)
    else:
        shapes = _native(pa, array, encoding)
    return shapes, np.flatnonzero(there & shapely.is_missing(shapes))


def _native(pa: Any, array: Any, encoding: str) -> Geoms:
    array.validate(full=True)
    field = pa.field("geometry", array.type, metadata={"ARROW:extension:name": f"geoarrow.{encoding}"})
    try:
        made = gpd.GeoDataFrame.from_arrow(pa.table([array], schema=pa.schema([field])))
    except (AttributeError, IndexError, NotImplementedError, ShapelyError) as error:
        raise ValueError("a column of another type than its encoding") from error
    return np.asarray(made.geometry.to_numpy(), dtype=object)


def _array(pa: Any, column: pd.Series[Any]) -> Any:
    """Return a column in the type that holds it exactly."""
    kinds = {"i": (np.int64, pa.int64()), "u": (np.uint64, pa.uint64()), "b": (np.bool_, pa.bool_())}
    missing = column.isna().to_numpy(dtype=bool)
    kind = column.dtype.kind
    if kind in kinds:
        dtype, arrow = kinds[kind]
        values = column.to_numpy(dtype=dtype, na_value=dtype(0))
        return pa.array(values, type=arrow, mask=missing)
    if kind == "f":
        return pa.array(column.to_numpy(dtype=np.float64, na_value=np.nan), type=pa.float64(), mask=missing)
    if kind == "M":
        days = column.to_numpy().astype("datetime64[D]").astype(np.int64).clip(-(2**31), 2**31 - 1)
        return pa.array(days.astype(np.int32), type=pa.int32(), mask=missing).view(pa.date32())
    texts = [None if cell is None else str(cell) for cell in plain(column)]
    return pa.array(texts, type=pa.string())


def _free_name(columns: dict[str, Any]) -> str:
    name = "geometry"
    while name in columns:
        name += "_"
    return name


def _about(request: WriteRequest, geoms: Geoms, name: str) -> dict[str, Any]:
    """Return the ``geo`` notes of a written file."""
    kinds = {
        shapely.GeometryType(one).name for one in np.unique(shapely.get_type_id(geoms)).tolist() if one >= 0
    }
    crs = request.frame.crs or pyproj.CRS.from_user_input(request.crs)
    own: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(TITLES[kind] for kind in kinds),
        "crs": crs.to_json_dict(),
    }
    places = shapely.get_coordinates(geoms)
    if len(places):
        own["bbox"] = [*places.min(axis=0).tolist(), *places.max(axis=0).tolist()]
    return {"version": "1.1.0", "primary_column": name, "columns": {name: own}}


TITLES = {
    "POINT": "Point",
    "LINESTRING": "LineString",
    "LINEARRING": "LineString",
    "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
    "GEOMETRYCOLLECTION": "GeometryCollection",
}
FORMAT = Format("geoparquet", "GeoParquet", (".parquet", ".geoparquet"), looks_right, read, write)
