"""CSV: UTF-8, commas, one header row; ``lon``/``lat`` for points, ``wkt`` for other geometry.

Written with a byte order mark (spreadsheets take it for UTF-8) and CRLF, as RFC 4180 has it. A cell
that a spreadsheet would run as a formula gets an apostrophe in front, and so does a text that is
empty (an empty cell is a missing value) or that already looks guarded: reading takes exactly one
apostrophe away again, so nothing is lost.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.errors import InputError
from gridmap.exchange.cells import attributes, in_wgs84, plain
from gridmap.exchange.format import Format, RawTable, ReadRequest, WriteRequest, unreadable

# Excel and LibreOffice run cells that begin so; in East Asian locales the full-width signs, too.
GUARDED = re.compile(r"'*($|[=+\-@\t\r\n＝＋－＠])")
UNGUARDED = re.compile(r"'+($|[=+\-@\t\r\n＝＋－＠])")
LONGEST_CELL = 2**31 - 1
DEGREE_CELL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
Geoms = np.ndarray[Any, np.dtype[np.object_]]


def guard(text: str) -> str:
    """Return a text as a cell that no spreadsheet runs and that `unguard` gives back exactly."""
    return f"'{text}" if GUARDED.match(text) else text


def unguard(cell: str) -> str:
    """Take away the apostrophe that `guard` put in front."""
    return cell[1:] if UNGUARDED.match(cell) else cell


def read(path: Path, request: ReadRequest) -> RawTable:
    """Read a CSV file; every cell stays text, an empty cell is None."""
    header, records, rows = _records(path)
    # Transposed at once: a million rows as lists of cells would be held twice otherwise.
    columns: dict[str, Sequence[Any]] = dict(zip(header, _transposed(records, len(header)), strict=True))
    records.clear()
    geometry: Geoms | None = None
    faults: tuple[tuple[int, str, str], ...] = ()
    if request.spatial:
        columns, geometry, faults = _positions(columns, len(rows), request, path)
    cleaned = {name: [_cell(cell) for cell in cells] for name, cells in columns.items()}
    numbers = np.asarray(rows, dtype=np.int64)
    return RawTable(cleaned, geometry, request.degrees, numbers, "row", faults)


def write(request: WriteRequest) -> bytes:
    """Return a table as CSV."""
    table = attributes(request.frame)
    cells: dict[str, list[str]] = {name: _texts(table[name]) for name in table.columns}
    if isinstance(request.frame, gpd.GeoDataFrame):
        geoms = in_wgs84(request.frame, request.decimals)
        cells |= _geometry_cells(geoms, request.decimals, pair={"lon", "lat"}.isdisjoint(cells))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(cells)
    writer.writerows(zip(*cells.values(), strict=True))
    return stream.getvalue().encode("utf-8-sig")


def looks_right(head: bytes) -> bool:
    """Refuse what is plainly something else: markup, archives, databases, UTF-16."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return b"\0" not in head and not start.startswith(
        (b"<", b"PK\x03\x04", b"{", b"%PDF", b"SQLite format 3")
    )


def _cell(cell: str) -> str | None:
    if not cell:
        return None
    return unguard(cell) if cell[0] == "'" else cell


@contextlib.contextmanager
def _long_cells() -> Iterator[None]:
    """Lift the csv module's limit of 131,072 characters a cell: a township's WKT is longer."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _records(path: Path) -> tuple[list[str], list[list[str]], list[int]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream, _long_cells():
            reader = csv.reader(stream, strict=True)
            header = _header(next(reader, []), path)
            records: list[list[str]] = []
            rows: list[int] = []
            for number, record in enumerate(reader, start=2):
                if not record:
                    continue
                if len(record) != len(header):
                    what = f"row {number} has {len(record)} cells and the header has {len(header)}"
                    raise unreadable(path, what, "put texts that hold commas in double quotes")
                records.append(record)
                rows.append(number)
    except UnicodeDecodeError as error:
        what = f"the text is not UTF-8 (byte {error.start} and following)"
        raise unreadable(path, what, "save it as CSV UTF-8") from error
    except (csv.Error, OSError) as error:
        raise unreadable(path, f"not a CSV file: {error}", "export it again as CSV UTF-8") from error
    return header, records, rows


def _header(names: list[str], path: Path) -> list[str]:
    cleaned = [name.strip() for name in names]
    if not any(cleaned):
        raise unreadable(path, "the file is empty", "give a file with a header row")
    if len(cleaned) == 1 and re.search(r"[;\t]", cleaned[0]):
        raise unreadable(path, "the columns are not separated by commas", "save it as CSV with commas")
    twice = sorted({name for name in cleaned if cleaned.count(name) > 1})
    if twice:
        named = ", ".join(name or "(no name)" for name in twice)
        raise unreadable(path, f"columns stand there twice: {named}", "give every column a name of its own")
    return cleaned


def _transposed(records: list[list[str]], width: int) -> list[Sequence[str]]:
    return list(zip(*records, strict=True)) if records else [()] * width


def _positions(
    columns: dict[str, Sequence[Any]], count: int, request: ReadRequest, path: Path
) -> tuple[dict[str, Sequence[Any]], Geoms | None, tuple[tuple[int, str, str], ...]]:
    """Take ``lon`` and ``lat``, or ``wkt``, out of the columns."""
    has_point = {"lon", "lat"} <= columns.keys() - request.columns
    has_wkt = "wkt" in columns.keys() - request.columns
    if has_point and has_wkt:
        raise InputError(
            "GM202",
            "both lon/lat and wkt are there: which is meant?",
            where=path.name,
            fix="delete the columns of one of the two",
        )
    taken = {"lon", "lat"} if has_point else {"wkt"} if has_wkt else set()
    rest = {name: cells for name, cells in columns.items() if name not in taken}
    if has_point:
        geometry, faults = _points(columns["lon"], columns["lat"])
    elif has_wkt:
        geometry, faults = _shapes(columns["wkt"])
    else:
        return rest, None, ()
    assert len(geometry) == count  # noqa: S101 - a reader that loses a row must not pass
    return rest, geometry, tuple((at, "geometry", reason) for at, reason in faults)


def _points(lons: Sequence[str], lats: Sequence[str]) -> tuple[Geoms, list[tuple[int, str]]]:
    matches = DEGREE_CELL.fullmatch
    good = [
        matches(lon) is not None and matches(lat) is not None for lon, lat in zip(lons, lats, strict=True)
    ]
    pairs = [(float(lons[at]), float(lats[at])) for at, fits in enumerate(good) if fits]
    xy = np.full((len(lons), 2), np.nan)
    xy[np.array(good, dtype=bool)] = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    off = (np.abs(xy[:, 0]) > 180) | (np.abs(xy[:, 1]) > 90)  # noqa: PLR2004 - the globe
    spelt = "has a lon or lat that is not decimal degrees with a point, e.g. 110.1234"
    faults = [(at, spelt) for at, fits in enumerate(good) if not fits and (lons[at] or lats[at])]
    swapped = "is not on the globe: lat goes to 90; are lon and lat swapped?"
    faults += [(int(at), swapped) for at in np.flatnonzero(off)]
    there = ~np.isnan(xy[:, 0]) & ~off
    points = np.full(len(xy), None, dtype=object)
    points[there] = shapely.points(xy[there])
    return points, faults


def _shapes(cells: Sequence[str]) -> tuple[Geoms, list[tuple[int, str]]]:
    given = np.array([cell or None for cell in cells], dtype=object)
    shapes: Geoms = np.asarray(shapely.from_wkt(given, on_invalid="ignore"), dtype=object).reshape(len(cells))
    wrong = np.array([cell is not None for cell in given], dtype=bool) & shapely.is_missing(shapes)
    reason = "is not well-known text (WKT) in degrees, lon first"
    return shapes, [(int(at), reason) for at in np.flatnonzero(wrong)]


def _texts(column: Any) -> list[str]:
    def text(cell: Any) -> str:
        if cell is None:
            return ""
        if isinstance(cell, bool):
            return "true" if cell else "false"
        return guard(cell) if isinstance(cell, str) else repr(cell)

    return [text(cell) for cell in plain(column)]


def _geometry_cells(geoms: Geoms, decimals: int, *, pair: bool) -> dict[str, list[str]]:
    kinds = set(np.unique(shapely.get_type_id(geoms)).tolist())
    if pair and kinds <= {-1, int(shapely.GeometryType.POINT)} and not shapely.is_empty(geoms).any():
        xs, ys = shapely.get_x(geoms), shapely.get_y(geoms)
        return {"lon": _degrees(xs, decimals), "lat": _degrees(ys, decimals)}
    texts = shapely.to_wkt(geoms, rounding_precision=decimals, trim=True)
    return {"wkt": ["" if text is None else str(text) for text in texts]}


def _degrees(values: Any, decimals: int) -> list[str]:
    return ["" if value != value else f"{value:.{decimals}f}" for value in values.tolist()]  # noqa: PLR0124 - NaN


FORMAT = Format("csv", "CSV", (".csv",), looks_right, read, write)
