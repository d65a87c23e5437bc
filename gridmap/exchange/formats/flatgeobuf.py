"""FlatGeobuf: read in bulk, written without a spatial index, which would change the order of the rows.

The index cannot hold a row without geometry either. An empty shape comes back as none: the format has no way
to tell the two apart.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import shapely

from gridmap.exchange import gdal, records
from gridmap.exchange.format import Format, RawTable, ReadRequest, WriteRequest, unreadable

DRIVER = "FlatGeobuf"
# Version 3 of the format, any patch of it.
MAGIC = b"fgb\x03fgb"
CURVED = "OGR_GEOMETRY IN (" + ", ".join(f"'{one}'" for one in gdal.CURVES) + ")"
STRAIGHT = {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}
AGAIN = "export it again as FlatGeobuf"


def read(path: Path, request: ReadRequest) -> RawTable:  # noqa: ARG001 - every format's signature
    """Read a FlatGeobuf file; features are counted from 1."""
    with gdal.speaks():
        try:
            layers = records.layers(path, DRIVER)
            if len(layers) != 1:
                raise unreadable(path, "the file holds no table", AGAIN)
            return _table(path, layers[0])
        except gdal.FAILURES as error:
            raise unreadable(path, "the file is damaged or cut short", AGAIN) from error


def write(request: WriteRequest) -> bytes:
    """Return a table as FlatGeobuf, rows in their order."""
    with gdal.speaks():
        return gdal.written(request, DRIVER, layer_options={"SPATIAL_INDEX": "NO"})


def looks_right(head: bytes) -> bool:
    """Say whether the file begins like FlatGeobuf of the version that is read."""
    return head.startswith(MAGIC)


def _table(path: Path, layer: str) -> RawTable:
    read = pyogrio.raw.read(path, layer=layer, return_fids=True)
    meta, fids, wkb, _ = read
    # GDAL ends where the bytes end, without a word; what the header promises is another matter.
    if pyogrio.read_info(path, layer=layer)["features"] > len(fids):
        raise unreadable(path, "the file is cut short", AGAIN)
    columns, faults = gdal.columns_of(path, layer, read)
    rows = np.asarray(fids, dtype=np.int64) + 1
    shapes, broken = gdal.shapes_of(wkb)
    kind = str(meta["geometry_type"]).split(" ")[0]
    curved: list[Any] = []
    if kind not in STRAIGHT:
        _, found, _, _ = pyogrio.raw.read(path, layer=layer, columns=[], where=CURVED, return_fids=True)
        curved = np.flatnonzero(np.isin(fids, found)).tolist()
    faults = [*faults, *broken, *gdal.without_curves(shapes, curved)]
    crs = gdal.stated_crs(meta["crs"])
    if crs is None and shapely.is_missing(shapes).all() and not broken and not curved:
        return RawTable(columns, None, None, rows, "feature", tuple(faults))
    return RawTable(columns, shapes, crs, rows, "feature", tuple(faults))


FORMAT = Format("flatgeobuf", "FlatGeobuf", (".fgb",), looks_right, read, write)
