"""ESRI Shapefile: shapes through GDAL, attributes byte by byte, a sidecar for what the format cannot hold.

Written as one ZIP archive, whose ``.columns.json`` keeps full names and the values that do not fit.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj

from gridmap.errors import ConfigError
from gridmap.exchange import dbf, encodings, shp
from gridmap.exchange.cells import attributes, drawable
from gridmap.exchange.dbf_texts import named, samples_of, settled
from gridmap.exchange.format import Format, RawTable, ReadRequest, WriteRequest, unreadable
from gridmap.exchange.shapefile_parts import (
    CHANGED,
    Sidecar,
    SidecarError,
    fields_of,
    hashes,
    keep_shapes,
    one_family,
)
from gridmap.exchange.texts import Fault

SIDECAR = ".columns.json"
HEADS = (b"\x02", b"\x03", b"\x30", b"\x31", b"\x32", b"\x83", b"\x8b", b"\xf5", b"\xfb")
FIXED = (1980, 1, 1, 0, 0, 0)
DAMAGED = "export it again as a shapefile with all its parts (.shp, .shx, .dbf, .prj)"
DELETED = "is deleted"
NO_RECORD = "has a shape and no record in the .dbf"
NO_SHAPE = "has a record in the .dbf and no shape"
LONGEST_NAME = 40


def read(path: Path, request: ReadRequest) -> RawTable:
    """Read a shapefile, or a dBase table alone; features are counted from 1, deleted ones too."""
    beside = path.with_suffix(".dbf")
    try:
        data = beside.read_bytes() if beside.is_file() else None
        held = None if data is None else dbf.read(data)
        shapes = shp.read(path) if path.suffix == ".shp" else None
    except dbf.DamagedError as error:
        raise unreadable(path, f"the .dbf is damaged: {error}", DAMAGED) from error
    except shp.DamagedError as error:
        raise unreadable(path, str(error), DAMAGED) from error
    except OSError as error:
        raise unreadable(path, "a part of it cannot be read", "give files that you may read") from error
    crs = _crs(path) if shapes is not None else None
    if held is None or data is None:
        found = shapes or shp.Shapes(np.empty(0, dtype=object), [], ())
        rows = np.arange(1, len(found.geometry) + 1, dtype=np.int64)
        notes = (*found.notes, "there is no .dbf beside the .shp: the shapes have no attributes")
        return RawTable({}, found.geometry, crs, rows, "feature", tuple(found.faults), notes=notes)
    sidecar, notes = _sidecar(path)
    unchanged = sidecar is not None and sidecar.belongs(".dbf", data)
    decision = _decision(held, path, request, sidecar.encoding if sidecar and unchanged else None)
    columns, faults, starred = _columns(held, decision)
    if sidecar is not None:
        columns, shapes, found_out = _restored(sidecar, (columns, held, shapes), path, unchanged=unchanged)
        notes += found_out
    table = _joined(columns, held, shapes, faults)
    notes = (*decision.notes, *notes, *starred, *table.notes)
    return RawTable(
        table.columns,
        table.geometry,
        crs,
        table.rows,
        "feature",
        table.faults,
        left_out=table.left_out,
        notes=notes,
        encoding=decision.encoding,
    )


def write(request: WriteRequest) -> bytes:
    """Return a shapefile as one ZIP archive, nothing in it compressed."""
    encoding = request.encoding
    if "id 1".encode(encoding) != b"id 1":
        raise ConfigError(
            "GM106",
            f"a shapefile's texts cannot be in {encoding}",
            where="--encoding",
            fix="choose utf-8, gbk or gb18030",
        )
    frame = attributes(request.frame)
    sidecar, fields, cells = fields_of(frame, encoding)
    parts: dict[str, bytes] = {}
    if isinstance(request.frame, gpd.GeoDataFrame):
        shapes = drawable(request.frame.geometry.to_numpy())
        parts, held = shp.write(*one_family(shapes))
        keep_shapes(sidecar, shapes, held)
        crs = pyproj.CRS.from_user_input(request.crs)
        parts[".prj"] = crs.to_wkt("WKT1_ESRI").encode("ascii", "replace")
    language = dbf.GBK_LANGUAGE if encoding == "gbk" else 0
    parts[".dbf"] = dbf.write(fields, cells, rows=len(frame), language=language)
    parts[".cpg"] = encoding.upper().encode()
    sidecar.files = hashes(parts)
    parts[SIDECAR] = sidecar.to_bytes()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for suffix in sorted(parts):
            archive.writestr(zipfile.ZipInfo(request.table + suffix, FIXED), parts[suffix])
    return stream.getvalue()


def looks_right(head: bytes) -> bool:
    """Say whether the file is a shapefile's shapes, or a dBase table."""
    return head.startswith((shp.MAGIC, *HEADS))


def _sidecar(path: Path) -> tuple[Sidecar | None, tuple[str, ...]]:
    beside = path.with_name(f"{path.stem}{SIDECAR}")
    if not beside.is_file():
        return None, ()
    try:
        return Sidecar.parse(beside.read_bytes()), ()
    except SidecarError as error:
        return None, (f"the .columns.json is not used: {error}",)


def _restored(
    sidecar: Sidecar,
    held: tuple[dict[str, list[Any]], dbf.Table, shp.Shapes | None],
    path: Path,
    *,
    unchanged: bool,
) -> tuple[dict[str, list[Any]], shp.Shapes | None, tuple[str, ...]]:
    columns, table, shapes = held
    try:
        columns = sidecar.restore_columns(columns, table.numbers, unchanged=unchanged)
    except SidecarError as error:
        return columns, shapes, (f"the .columns.json is not used: {error}",)
    notes = () if unchanged else (CHANGED.format(".dbf"),)
    if shapes is None or not (sidecar.shapes or sidecar.several):
        return columns, shapes, notes
    if not sidecar.belongs(".shp", path.read_bytes()):
        return columns, shapes, (*notes, CHANGED.format(".shp"))
    exact = sidecar.restore_shapes(shapes.geometry)
    return columns, shp.Shapes(exact, shapes.faults, shapes.notes), notes


def _joined(
    columns: dict[str, list[Any]], held: dbf.Table, shapes: shp.Shapes | None, faults: list[Fault]
) -> RawTable:
    """Put records and shapes side by side; a deleted record takes its shape with it."""
    count = held.count if shapes is None else max(held.count, len(shapes.geometry))
    there = np.ones(count, dtype=bool)
    there[: held.count] = False
    there[held.numbers] = True
    numbers = np.flatnonzero(there)
    left_out = tuple((int(at) + 1, DELETED) for at in np.flatnonzero(~there))
    extra = len(numbers) - len(held.numbers)
    columns = {name: [*cells, *[None] * extra] if extra else cells for name, cells in columns.items()}
    if shapes is None:
        return RawTable(columns, None, None, numbers + 1, faults=tuple(faults), left_out=left_out)
    geometry = np.full(count, None, dtype=object)
    geometry[: len(shapes.geometry)] = shapes.geometry
    place = {int(number): at for at, number in enumerate(numbers)}
    told = [(place[at], column, reason) for at, column, reason in shapes.faults if at in place]
    told += [(at, "(row)", NO_RECORD) for number, at in place.items() if number >= held.count]
    told += [(at, "geometry", NO_SHAPE) for number, at in place.items() if number >= len(shapes.geometry)]
    notes = shapes.notes
    if held.count != len(shapes.geometry):
        notes += (f"the .shp has {len(shapes.geometry)} shapes and the .dbf {held.count} records",)
    return RawTable(
        columns,
        geometry[numbers],
        None,
        numbers + 1,
        faults=(*faults, *told),
        left_out=left_out,
        notes=notes,
    )


def _crs(path: Path) -> str | None:
    beside = path.with_suffix(".prj")
    if not beside.is_file():
        return None
    text = beside.read_bytes().decode("utf-8-sig", "replace").strip("\ufeff\0 \r\n")
    return text or None


def _decision(held: dbf.Table, path: Path, request: ReadRequest, own: str | None) -> encodings.Decision:
    if own is not None and request.encoding is None:
        return encodings.Decision(encodings.canonical(own), SIDECAR)
    samples = samples_of(
        (one.name, one.width, cells) for one, cells in zip(held.fields, held.cells, strict=True)
    )
    stated, by = dbf.LANGUAGES.get(held.language), "the language byte of the .dbf"
    beside = path.with_suffix(".cpg")
    if beside.is_file():
        stated, by = beside.read_bytes()[:LONGEST_NAME].decode("ascii", "replace"), ".cpg"
    headers = [one.name for one in held.fields]
    return encodings.decide(
        samples, asked=request.encoding, stated=stated, by=by, where=path.name, headers=headers
    )


def _columns(
    held: dbf.Table, decision: encodings.Decision
) -> tuple[dict[str, list[Any]], list[Fault], tuple[str, ...]]:
    columns: dict[str, list[Any]] = {}
    faults: list[Fault] = []
    notes: list[str] = []
    for one, cells, starred in zip(held.fields, held.cells, held.starred, strict=True):
        name = named(one.name, decision, columns)
        columns[name], found = settled(cells, decision, name)
        faults += found
        if starred:
            notes.append(f"{name} holds stars in {starred} rows: a number that is missing, or did not fit")
    return columns, faults, tuple(notes)


FORMAT = Format(
    "shapefile",
    "Shapefile",
    (".shp", ".dbf"),
    looks_right,
    read,
    write,
    chosen_encoding=True,
    siblings=(".dbf", ".shx", ".prj", ".cpg", SIDECAR),
    archives=(".zip",),
)
