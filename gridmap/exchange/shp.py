"""The shapes of a shapefile: their index checked or made anew, read and written through GDAL.

GDAL gets a copy of the ``.shp`` and its index alone, so that it decodes no text. The layout is that of the
ESRI Shapefile Technical Description (1998).
"""

from __future__ import annotations

import shutil
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely

from gridmap.exchange import gdal

DRIVER = "ESRI Shapefile"
MAGIC = (9994).to_bytes(4, "big")
HEADER, RECORD, ENTRY = 100, 8, 8
LENGTH = 24
NULL, MULTIPATCH = 0, 31
KNOWN = (0, 1, 3, 5, 8, 11, 13, 15, 18, 21, 23, 25, 28)
IS_MULTIPATCH = "is a MultiPatch, which is not read; export it as polygons"
Geoms = np.ndarray[Any, np.dtype[np.object_]]


class DamagedError(ValueError):
    """The bytes are not a shapefile's shapes; the text says why."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """Shapes in the order of their index, what is wrong with some, and what was found on the way."""

    geometry: Geoms
    faults: list[gdal.Fault]
    notes: tuple[str, ...]


def read(path: Path) -> Shapes:
    """Read the shapes of a shapefile.

    Raises
    ------
    DamagedError
        If the file is cut short or is something else.
    """
    data = path.read_bytes()
    if len(data) < HEADER or not data.startswith(MAGIC):
        raise DamagedError("the .shp is not one")
    if 2 * struct.unpack_from(">i", data, LENGTH)[0] > len(data):
        raise DamagedError("the .shp is cut short")
    beside = path.with_suffix(".shx")
    index = _index(beside.read_bytes(), data) if beside.is_file() else None
    notes: tuple[str, ...] = ()
    if index is None:
        told = "does not belong to the .shp" if beside.is_file() else "is missing"
        notes = (f"the .shx {told}: the shapes are read in the order in which they stand",)
        index = _walked(data)
    shapes = _through_gdal(path, data, index)
    kinds = _kinds(data, index[:, 0])
    faults = []
    for at in np.flatnonzero((kinds == MULTIPATCH) | (~np.isin(kinds, KNOWN))).tolist():
        shapes[at] = None
        faults.append((at, "geometry", IS_MULTIPATCH if kinds[at] == MULTIPATCH else gdal.BROKEN))
    told_already = {at for at, _, _ in faults}
    faults += [
        (at, "geometry", gdal.BROKEN)
        for at in np.flatnonzero(shapely.is_missing(shapes) & (kinds != NULL)).tolist()
        if at not in told_already
    ]
    return Shapes(shapes, faults, notes)


def write(shapes: Geoms, kind: str) -> tuple[dict[str, bytes], Geoms]:
    """Return the ``.shp`` and ``.shx`` of shapes of one type, and the shapes that these hold."""
    with tempfile.TemporaryDirectory(prefix="gridmap-") as name, gdal.speaks():
        path = Path(name) / "data.shp"
        pyogrio.raw.write(
            path,
            shapely.to_wkb(shapes),
            [np.arange(len(shapes), dtype=np.int32)],
            ["n"],
            layer="data",
            driver=DRIVER,
            geometry_type=kind,
            # Only so that GDAL does not warn: its .prj is not taken.
            crs="EPSG:4326",
        )
        _, _, wkb, _ = pyogrio.raw.read(path, columns=[])
        held, _ = gdal.shapes_of(wkb)
        return {end: path.with_suffix(end).read_bytes() for end in (".shp", ".shx")}, held


def _index(index: bytes, data: bytes) -> Any | None:
    """Return offsets and lengths in bytes; None if the index is not that of these shapes."""
    if len(index) < HEADER or not index.startswith(MAGIC):
        return None
    entries = np.frombuffer(index, dtype=">i4", offset=HEADER, count=(len(index) - HEADER) // ENTRY * 2)
    found = entries.reshape(-1, 2).astype(np.int64) * 2
    starts, lengths = found[:, 0], found[:, 1]
    if (starts < HEADER).any() or (lengths < 0).any() or (starts + RECORD + lengths > len(data)).any():
        return None
    same = _numbers(data, starts + 4, ">i4") * 2 == lengths
    return found if bool(np.all(same)) else None


def _walked(data: bytes) -> Any:
    """Return offsets and lengths in bytes, from one record to the next."""
    found: list[tuple[int, int]] = []
    at = HEADER
    while at + RECORD <= len(data):
        length = 2 * struct.unpack_from(">i", data, at + 4)[0]
        if length <= 0 or at + RECORD + length > len(data):
            break
        found.append((at, length))
        at += RECORD + length
    if at < len(data):
        raise DamagedError(
            "the .shp is damaged, and there is no .shx that would show where each shape begins"
        )
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _through_gdal(path: Path, data: bytes, index: Any) -> Geoms:
    head = data[:LENGTH] + struct.pack(">i", (HEADER + ENTRY * len(index)) // 2) + data[LENGTH + 4 : HEADER]
    with tempfile.TemporaryDirectory(dir=path.parent) as name:
        bare = Path(name) / "data.shp"
        shutil.copyfile(path, bare)
        bare.with_suffix(".shx").write_bytes(head + (index // 2).astype(">i4").tobytes())
        try:
            with gdal.speaks():
                _, fids, wkb, _ = pyogrio.raw.read(bare, columns=[], return_fids=True)
        except gdal.FAILURES as error:
            raise DamagedError("the shapes are damaged or cut short") from error
    if wkb is None or not np.array_equal(fids, np.arange(len(index))):
        raise DamagedError("the shapes are damaged or cut short")
    return gdal.shapes_of(wkb)[0]


def _kinds(data: bytes, starts: Any) -> Any:
    # A record too short for its type is none.
    whole = data + b"\0" * RECORD
    return _numbers(whole, starts + RECORD, "<i4")


def _numbers(data: bytes, starts: Any, kind: str) -> Any:
    """Return the four-byte integers that begin at some places."""
    block = np.frombuffer(data, dtype=np.uint8)
    return block[starts[:, None] + np.arange(4)].copy().view(kind).ravel().astype(np.int64)
