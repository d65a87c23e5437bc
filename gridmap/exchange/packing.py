"""A file's rows on their way out of the child process: plain buffers and JSON, nothing that runs.

The layout: a magic word, the buffers, each from a multiple of eight bytes on, a JSON header that says where
each begins and what it holds, the header's length as eight bytes, and the magic word again. Numbers are
little endian. Geometry goes as well-known binary (ISO WKB, OGC 06-103r4), plain 2D points as number pairs.
What is unpacked comes from a process that a hostile file may have taken over: every length, type and position
is checked, and nothing in it is ever executed (no pickle).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
import shapely

from gridmap.exchange.format import RawTable
from gridmap.exchange.rings import NESTED
from gridmap.exchange.wkb import from_wkb

MAGIC = b"GMROWS1\n"
# The two files that the child leaves: how it went, and the rows.
ANSWER = "answer.json"
ROWS = "rows.bin"
ALIGNED = 8
# It names columns and buffers, and holds no rows.
LONGEST_HEADER = 2**24
# Geometries are turned into bytes in steps, so that they do not stand in memory twice.
STEP = 50_000
SCALARS = frozenset({str, int, float, bool, type(None)})
KINDS = "iufb"
NUMBER_TYPES = frozenset(
    {"<i1", "<i2", "<i4", "<i8", "<u1", "<u2", "<u4", "<u8", "<f4", "<f8", "|i1", "|u1", "|b1"}
)
Header = dict[str, Any]


class PackingError(ValueError):
    """The packed rows are not what `pack` writes."""


def pack(table: RawTable, stream: BinaryIO) -> None:
    """Write a table to a binary stream.

    Parameters
    ----------
    table : RawTable
        Columns of None, text, integers, floats and booleans, or 1-D arrays of such numbers.
    stream : binary file
        Open for writing, at its beginning.

    Raises
    ------
    TypeError
        If a column or the CRS holds anything else: that is a fault of the format's reader.
    """
    stream.write(MAGIC)
    columns = [_pack_column(str(name), values, stream) for name, values in table.columns.items()]
    header: Header = {
        "columns": columns,
        "geometry": None if table.geometry is None else _pack_geometry(table.geometry, stream),
        "crs": _text_or_none(table.crs, "the CRS"),
        "rows": _put(np.ascontiguousarray(table.rows, dtype="<i8"), stream),
        "row_word": table.row_word,
        "faults": _put(
            _json([[int(at), str(column), str(reason)] for at, column, reason in table.faults]), stream
        ),
        "left_out": _put(_json([[int(number), str(reason)] for number, reason in table.left_out]), stream),
        "notes": [str(note) for note in table.notes],
        "encoding": _text_or_none(table.encoding, "the encoding"),
    }
    text = _json(header)
    if len(text) > LONGEST_HEADER:
        raise PackingError("the names of the columns are too long")
    stream.write(text)
    stream.write(len(text).to_bytes(ALIGNED, "little"))
    stream.write(MAGIC)


def unpack(stream: BinaryIO) -> RawTable:
    """Read a table that `pack` wrote, believing nothing.

    Parameters
    ----------
    stream : binary file
        Open for reading; it must be seekable.

    Returns
    -------
    RawTable
        With the same values; a column that was a list is a list again, an array an array.

    Raises
    ------
    PackingError
        If it is anything else than what `pack` writes.
    """
    try:
        return _table(*_header(stream), stream)
    except PackingError:
        raise
    except (
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        OverflowError,
        RecursionError,
        OSError,
        shapely.errors.ShapelyError,
    ) as error:
        raise PackingError("the packed rows are damaged") from error


def without_giants(table: RawTable, vertices: int) -> RawTable:
    """Take geometries with too many vertices out of a table, with a fault for each of them.

    Parameters
    ----------
    table : RawTable
        As the reader gave it.
    vertices : int
        How many vertices a geometry may have.

    Returns
    -------
    RawTable
        The same rows.
    """
    if table.geometry is None:
        return table
    counts = shapely.get_num_coordinates(table.geometry)
    giants = (counts > vertices).nonzero()[0].tolist()
    if not giants:
        return table
    shapes = table.geometry.copy()
    shapes[giants] = None
    reason = f"has more vertices than the {vertices} that are allowed (max_vertices of [imports])"
    faults = tuple((at, "geometry", reason) for at in giants)
    return replace(table, geometry=shapes, faults=(*table.faults, *faults))


def _table(header: Header, end: int, stream: BinaryIO) -> RawTable:
    rows = _array(header["rows"], stream, end)
    if rows.dtype != np.dtype("<i8"):
        raise PackingError("the row numbers are not integers")
    count = len(rows)
    columns = {
        _text(one["name"]): _unpack_column(one, count, stream, end) for one in _list(header["columns"])
    }
    if len(columns) != len(header["columns"]):
        raise PackingError("two columns have one name")
    packed = header["geometry"]
    shapes, deep = (None, []) if packed is None else _unpack_geometry(packed, count, stream, end)
    faults = _list(json.loads(_bytes(header["faults"], stream, end)))
    left_out = _list(json.loads(_bytes(header["left_out"], stream, end)))
    return RawTable(
        columns,
        shapes,
        _text_or_none(header["crs"], "the CRS"),
        rows,
        _text(header["row_word"]),
        (*(_fault(one, count) for one in faults), *((at, "geometry", NESTED) for at in deep)),
        tuple((_integer(one[0]), _text(one[1])) for one in left_out),
        tuple(_text(one) for one in _list(header["notes"])),
        _text_or_none(header["encoding"], "the encoding"),
    )


def _json(value: Any) -> bytes:
    # ASCII with escapes: half a surrogate pair in a cell goes through as it is.
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def _put(buffer: Any, stream: BinaryIO) -> Header:
    """Write a buffer or an array; return where it is and what it holds."""
    stream.write(b"\0" * (-stream.tell() % ALIGNED))
    begin = stream.tell()
    kind = buffer.dtype.str if isinstance(buffer, np.ndarray) else "json"
    data = memoryview(buffer).cast("B") if len(buffer) else b""
    stream.write(data)
    return {"at": begin, "bytes": len(data), "type": kind}


def _pack_column(name: str, values: Sequence[Any] | np.ndarray[Any, Any], stream: BinaryIO) -> Header:
    if isinstance(values, np.ndarray) and values.dtype.kind in KINDS:
        if values.ndim != 1 or values.dtype.itemsize > ALIGNED:
            msg = f"column {name}: an array of {values.dtype} with {values.ndim} dimensions"
            raise TypeError(msg)
        plain = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
        return {"name": name, **_put(plain, stream)}
    cells = values.tolist() if isinstance(values, np.ndarray) else list(values)
    strange = set(map(type, cells)) - SCALARS
    if strange:
        msg = f"column {name} holds " + ", ".join(sorted(one.__name__ for one in strange))
        raise TypeError(msg)
    return {"name": name, **_put(_json(cells), stream)}


def _unpack_column(one: Mapping[str, Any], count: int, stream: BinaryIO, end: int) -> Any:
    if one["type"] != "json":
        values: Any = _array(one, stream, end)
    else:
        values = json.loads(_bytes(one, stream, end))
        if type(values) is not list or not set(map(type, values)) <= SCALARS:
            raise PackingError("a column is not a list of plain values")
    if len(values) != count:
        raise PackingError("a column has another length than the table")
    return values


def _pack_geometry(shapes: np.ndarray[Any, Any], stream: BinaryIO) -> Header:
    there = ~np.asarray(shapely.is_missing(shapes), dtype=bool)
    known = shapes[there]
    plain = (shapely.get_type_id(known) == shapely.GeometryType.POINT) & ~shapely.is_empty(known)
    head = {"there": _put(there, stream)}
    if bool(np.all(plain & ~shapely.has_z(known) & ~shapely.has_m(known))):
        return {**head, "points": _put(shapely.get_coordinates(known).ravel().astype("<f8"), stream)}
    stream.write(b"\0" * (-stream.tell() % ALIGNED))
    begin = stream.tell()
    lengths: list[int] = []
    for at in range(0, len(known), STEP):
        texts = shapely.to_wkb(known[at : at + STEP], byte_order=1, flavor="iso", output_dimension=4).tolist()
        lengths += map(len, texts)
        stream.write(b"".join(texts))
    wkb = {"at": begin, "bytes": stream.tell() - begin, "type": "json"}
    return {**head, "wkb": wkb, "lengths": _put(np.array(lengths, dtype="<i8"), stream)}


def _unpack_geometry(
    one: Mapping[str, Any], count: int, stream: BinaryIO, end: int
) -> tuple[np.ndarray[Any, np.dtype[np.object_]], list[int]]:
    """Return the shapes, and the positions of those that are nested too deeply to be made."""
    there = _array(one["there"], stream, end)
    if there.dtype.kind != "b" or len(there) != count:
        raise PackingError("the geometry has another length than the table")
    shapes = np.full(count, None, dtype=object)
    known = np.flatnonzero(there)
    if "points" in one:
        pairs = _array(one["points"], stream, end)
        if pairs.dtype != np.dtype("<f8") or len(pairs) != 2 * len(known):
            raise PackingError("the points are not one pair a row")
        shapes[known] = shapely.points(pairs.reshape(-1, 2))
        return shapes, []
    lengths = _array(one["lengths"], stream, end)
    begin, size = _span(one["wkb"], end)
    if len(lengths) != len(known) or lengths.dtype.kind != "i" or (lengths < 0).any():
        raise PackingError("the geometry has another length than the table")
    if (lengths > size).any() or int(lengths.sum()) != size:
        raise PackingError("the geometry is cut short")
    stream.seek(begin)
    nested: list[int] = []
    for at in range(0, len(known), STEP):
        texts = [stream.read(length) for length in lengths[at : at + STEP].tolist()]
        shapes[known[at : at + STEP]], deep = from_wkb(texts)
        nested += known[at : at + STEP][deep].tolist()
    return shapes, nested


def _header(stream: BinaryIO) -> tuple[Header, int]:
    """Return the header and where the buffers end."""
    size = stream.seek(0, os.SEEK_END)
    tail = len(MAGIC) + ALIGNED
    if size < len(MAGIC) + tail:
        raise PackingError("the packed rows are cut short")
    stream.seek(0)
    begins = stream.read(len(MAGIC))
    stream.seek(size - tail)
    length = int.from_bytes(stream.read(ALIGNED), "little")
    most = min(size - tail - len(MAGIC), LONGEST_HEADER)
    if begins != MAGIC or stream.read(len(MAGIC)) != MAGIC or length > most:
        raise PackingError("the packed rows are cut short")
    stream.seek(size - tail - length)
    header = json.loads(stream.read(length))
    if type(header) is not dict:
        raise PackingError("the header is not an object")
    return header, size - tail - length


def _span(one: Mapping[str, Any], end: int) -> tuple[int, int]:
    begin, size = _integer(one["at"]), _integer(one["bytes"])
    if begin < 0 or size < 0 or begin + size > end:
        raise PackingError("a buffer lies outside the file")
    return begin, size


def _bytes(one: Mapping[str, Any], stream: BinaryIO, end: int) -> bytes:
    begin, size = _span(one, end)
    stream.seek(begin)
    return stream.read(size)


def _array(one: Mapping[str, Any], stream: BinaryIO, end: int) -> np.ndarray[Any, Any]:
    if one["type"] not in NUMBER_TYPES:
        raise PackingError("an array is not of plain numbers")
    _, size = _span(one, end)
    dtype = np.dtype(one["type"])
    if size % dtype.itemsize:
        raise PackingError("an array is cut short")
    # Through a bytearray, so that the array can be written to like any other.
    values = np.frombuffer(bytearray(_bytes(one, stream, end)), dtype=dtype)
    if dtype.kind == "b" and (values.view(np.uint8) > 1).any():
        raise PackingError("a boolean is neither true nor false")
    return values


def _fault(one: Any, count: int) -> tuple[int, str, str]:
    at, column, reason = _list(one)
    if not 0 <= _integer(at) < count:
        raise PackingError("a fault is of no row")
    return at, _text(column), _text(reason)


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise PackingError("a list is something else")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise PackingError("a text is something else")
    return value


def _integer(value: Any) -> int:
    if type(value) is not int:
        raise PackingError("a number is something else")
    return value


def _text_or_none(value: Any, what: str) -> str | None:
    if value is not None and type(value) is not str:
        msg = f"{what} is not a text but {type(value).__name__}"
        raise TypeError(msg)
    return value
