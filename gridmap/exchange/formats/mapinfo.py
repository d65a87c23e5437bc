"""MapInfo tables (TAB) and interchange files (MIF): read only.

GDAL reads the shapes alone, out of a table that is made here: neither the ``.tab``, which may name other
files, nor any text, which it would decode by a charset that is often wrong, ever reaches it.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw

from gridmap.exchange import dbf, encodings, gdal
from gridmap.exchange.dbf_texts import named, samples_of, settled
from gridmap.exchange.format import Format, RawTable, ReadRequest, unreadable
from gridmap.exchange.mapinfo_parts import (
    CHARSETS,
    Column,
    DamagedError,
    Described,
    dat_cells,
    mid_cells,
    parse_mif,
    parse_tab,
)
from gridmap.exchange.texts import Fault

AGAIN = "export it again from MapInfo, with all the files that belong to it"
DELETED = "is deleted"
NO_RECORD = "has a shape and no values"
NO_SHAPE = "has values and no shape"
TAB = (
    b'!table\n!version 300\n!charset Neutral\n\nDefinition Table\n  Type NATIVE Charset "Neutral"\n'
    b"  Fields 1\n    F Char (1) ;\n"
)


@dataclass
class _Rows:
    """Cells column by column for the rows of some numbers, and the shapes of all numbers."""

    columns: list[Column]
    cells: list[list[Any]]
    numbers: Any
    shapes: Any
    faults: list[Fault]
    crs: str | None = None
    deleted: tuple[tuple[int, str], ...] = ()


def read(path: Path, request: ReadRequest) -> RawTable:
    """Read a table; features are counted from 1, deleted ones too."""
    try:
        data = path.read_bytes()
        found = parse_tab(data, path.name) if path.suffix == ".tab" else parse_mif(data)
        rows = _native(path, found) if path.suffix == ".tab" else _interchange(path, found)
    except DamagedError as error:
        raise unreadable(path, str(error), AGAIN) from error
    except gdal.FAILURES as error:
        raise unreadable(path, "the shapes are damaged or cut short", AGAIN) from error
    decision = _decision(rows, found.charset, path, request)
    columns, faults = _columns(rows, decision)
    return RawTable(
        columns,
        rows.shapes,
        rows.crs,
        rows.numbers + 1,
        "feature",
        (*faults, *rows.faults),
        left_out=rows.deleted,
        notes=decision.notes,
        encoding=decision.encoding,
    )


def looks_right(head: bytes) -> bool:
    """Say whether the file begins like a ``.tab`` or a ``.mif``."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith((b"!table", b"version"))


def _native(path: Path, found: Described) -> _Rows:
    beside = path.with_suffix(".dat")
    if not beside.is_file():
        raise DamagedError("there is no .dat beside the .tab")
    cells, flags = dat_cells(found.columns, beside.read_bytes())
    there = flags != dbf.DELETED
    numbers = np.flatnonzero(there)
    kept = [[column[at] for at in numbers] for column in cells] if len(numbers) < len(flags) else cells
    deleted = tuple((int(at) + 1, DELETED) for at in np.flatnonzero(~there))
    rows = _Rows(found.columns, kept, numbers, None, [], None, deleted)
    parts = {end: path.with_suffix(end) for end in (".map", ".id")}
    if not any(one.is_file() for one in parts.values()):
        return rows
    if not all(one.is_file() for one in parts.values()):
        raise DamagedError("the .map or the .id is missing beside the .tab")
    with tempfile.TemporaryDirectory(dir=path.parent) as name:
        bare = Path(name) / "data.tab"
        bare.write_bytes(TAB)
        # No record of it is marked as deleted: GDAL takes a shape of such a record for damage.
        blank = dbf.write([dbf.Field(b"F", "C", 1)], [[b" "] * len(flags)], rows=len(flags), language=0)
        bare.with_suffix(".dat").write_bytes(blank)
        for end, one in parts.items():
            bare.with_suffix(end).write_bytes(one.read_bytes())
        shapes, fids, rows.crs, rows.faults = _shapes(bare)
    places = {int(number): at for at, number in enumerate(numbers)}
    rows.shapes = np.full(len(numbers), None, dtype=object)
    for fid, shape in zip(fids, shapes, strict=True):
        if fid - 1 in places:
            rows.shapes[places[fid - 1]] = shape
    rows.faults = [
        (places[fids[at] - 1], column, reason) for at, column, reason in rows.faults if fids[at] - 1 in places
    ]
    return rows


def _interchange(path: Path, found: Described) -> _Rows:
    beside = path.with_suffix(".mid")
    if found.columns and not beside.is_file():
        raise DamagedError("there is no .mid beside the .mif")
    cells, odd = mid_cells(found, beside.read_bytes()) if found.columns else ([], {})
    statements = [
        f"{word} {text}"
        for word, text in (("CoordSys", found.coordsys), ("Transform", found.transform))
        if text
    ]
    head = "\n".join(
        ["Version 300", 'Charset "Neutral"', 'Delimiter ","', *statements, "Columns 0", "Data", ""]
    )
    with tempfile.TemporaryDirectory(dir=path.parent) as name:
        bare = Path(name) / "data.mif"
        bare.write_bytes(head.encode("ascii") + found.data)
        shapes, _, crs, faults = _shapes(bare)
    held = len(cells[0]) if cells else len(shapes)
    count = max(held, len(shapes))
    cells = [[*column, *[None] * (count - held)] for column in cells]
    geometry = np.full(count, None, dtype=object)
    geometry[: len(shapes)] = shapes
    width = len(found.columns)
    faults += [
        (at, "(row)", f"has {cells_there} cells and the table {width} columns")
        for at, cells_there in odd.items()
    ]
    faults += [(at, "(row)", NO_RECORD) for at in range(held, count)]
    faults += [(at, "geometry", NO_SHAPE) for at in range(len(shapes), count)]
    return _Rows(found.columns, cells, np.arange(count), geometry, faults, crs if found.coordsys else None)


def _shapes(bare: Path) -> tuple[Any, list[int], str | None, list[Fault]]:
    with gdal.speaks():
        meta, fids, wkb, _ = pyogrio.raw.read(bare, columns=[], return_fids=True)
    shapes, faults = gdal.shapes_of(wkb)
    return shapes, np.asarray(fids).tolist(), gdal.stated_crs(meta["crs"]), faults


def _decision(rows: _Rows, charset: str, path: Path, request: ReadRequest) -> encodings.Decision:
    samples = samples_of(
        (one.name, one.width, cells) for one, cells in zip(rows.columns, rows.cells, strict=True)
    )
    stated = CHARSETS.get(charset.lower())
    return encodings.decide(
        samples,
        asked=request.encoding,
        stated=stated,
        by="the charset of the table",
        where=path.name,
        headers=[one.name for one in rows.columns],
    )


def _columns(rows: _Rows, decision: encodings.Decision) -> tuple[dict[str, list[Any]], list[Fault]]:
    columns: dict[str, list[Any]] = {}
    faults: list[Fault] = []
    for one, cells in zip(rows.columns, rows.cells, strict=True):
        name = named(one.name, decision, columns)
        columns[name], found = settled(cells, decision, name)
        faults += found
    return columns, faults


FORMAT = Format(
    "mapinfo",
    "MapInfo",
    (".tab", ".mif"),
    looks_right,
    read,
    None,
    chosen_encoding=True,
    siblings=(".dat", ".map", ".id", ".ind", ".mid"),
    archives=(".zip",),
)
