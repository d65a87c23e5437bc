"""Rows cross from the child to us: a digit lost there nobody would notice, and a lie believed runs us."""

from __future__ import annotations

import io
import json
import math
import struct

import numpy as np
import pytest
import shapely

from gridmap.exchange.format import RawTable
from gridmap.exchange.packing import MAGIC, PackingError, pack, unpack, without_giants
from gridmap.exchange.wkb import from_wkb, is_nested


def there_and_back(table):
    stream = io.BytesIO()
    pack(table, stream)
    return unpack(stream)


def table(columns, geometry=None, count=None, **more):
    count = len(next(iter(columns.values()))) if count is None else count
    return RawTable(columns, geometry, more.pop("crs", None), np.arange(1, count + 1), **more)


def packed(one):
    stream = io.BytesIO()
    pack(one, stream)
    return stream.getvalue()


def with_header(data, change):
    """Return packed rows with another header, as a hostile child could write it."""
    length = int.from_bytes(data[-16:-8], "little")
    header = json.loads(data[-16 - length : -16])
    change(header)
    text = json.dumps(header).encode()
    return data[: -16 - length] + text + len(text).to_bytes(8, "little") + MAGIC


def test_every_value_comes_back_exactly():
    cells = [None, "", "巴雅尔 😀", "\ud800 half", "a\0b", 2**63, -(2**70), 0, True, False, 0.1, -0.0, 1e308]
    back = there_and_back(table({"列 one": cells}))
    assert back.columns["列 one"] == cells
    assert [type(cell) for cell in back.columns["列 one"]] == [type(cell) for cell in cells]
    assert math.copysign(1, back.columns["列 one"][11]) == -1


def test_numbers_that_are_none_come_back_as_such():
    back = there_and_back(table({"x": [math.nan, math.inf, -math.inf]}))
    assert math.isnan(back.columns["x"][0])
    assert back.columns["x"][1:] == [math.inf, -math.inf]


@pytest.mark.parametrize("dtype", ["i1", "i8", "u8", "f4", "f8", "?", ">i4", ">f8"])
def test_arrays_come_back_as_arrays(dtype):
    given = np.array([0, 1, 1], dtype=dtype)
    back = there_and_back(table({"n": given})).columns["n"]
    assert isinstance(back, np.ndarray)
    assert back.dtype == given.dtype.newbyteorder("<")
    assert np.array_equal(back, given)
    back[0] = 1  # like any other array


def test_a_table_without_rows_comes_back():
    back = there_and_back(table({"a": [], "n": np.array([], dtype="f8")}, np.array([], dtype=object)))
    assert len(back.rows) == 0
    assert back.geometry is not None
    assert len(back.geometry) == 0


@pytest.mark.parametrize(
    "shapes",
    [
        [shapely.Point(110.1234567890123, 42.1), None, shapely.Point(-0.0, 1e-300)],
        [shapely.Point(1, 2, 3), None],
        [shapely.Point(), shapely.Point(math.inf, 1)],
        [shapely.from_wkt("POINT M (1 2 3)"), shapely.from_wkt("LINESTRING ZM (1 2 3 4, 5 6 7 8)")],
        [shapely.from_wkt("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))"), shapely.from_wkt("MULTIPOINT EMPTY")],
        [shapely.from_wkt("GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))")],
        [None, None],
    ],
    ids=["points", "height", "empty", "measures", "polygons", "collection", "none"],
)
def test_geometry_comes_back_to_the_last_bit(shapes):
    given = np.array(shapes, dtype=object)
    back = there_and_back(table({}, given, len(shapes))).geometry
    assert [shapely.to_wkt(one, rounding_precision=-1) for one in back] == [
        shapely.to_wkt(one, rounding_precision=-1) for one in given
    ]


def test_what_the_reader_says_comes_back():
    back = there_and_back(
        table(
            {"a": ["x", "y"]},
            crs="EPSG:4326",
            row_word="fid",
            faults=((1, "geometry", "is open"),),
            left_out=((1, "a title"),),
            notes=("read as GBK",),
            encoding="gbk",
        )
    )
    assert (back.crs, back.row_word, back.encoding) == ("EPSG:4326", "fid", "gbk")
    assert (back.faults, back.left_out, back.notes) == (
        ((1, "geometry", "is open"),),
        ((1, "a title"),),
        ("read as GBK",),
    )
    assert back.rows.tolist() == [1, 2]


@pytest.mark.parametrize("strange", [b"bytes", [1], object(), np.float64(1), 1j])
def test_a_reader_that_gives_something_else_is_told(strange):
    with pytest.raises(TypeError, match="column a holds"):
        packed(table({"a": [strange]}))


def test_a_crs_that_is_no_text_is_told():
    with pytest.raises(TypeError, match="CRS"):
        packed(table({"a": [1]}, crs=4326))


GOOD = table(
    {"a": ["x", "y"], "n": np.array([1, 2]), "b": np.array([True, False])},
    np.array([shapely.Point(1, 2), shapely.LineString([(0, 0), (1, 1)])], dtype=object),
    faults=((0, "a", "is wrong"),),
)


@pytest.mark.parametrize("length", range(0, len(packed(GOOD)), 7))
def test_cut_short_is_refused(length):
    with pytest.raises(PackingError):
        unpack(io.BytesIO(packed(GOOD)[:length]))


HARM = {
    "a column of another length": lambda h: h["columns"][1].update(bytes=8),
    "a buffer before the file": lambda h: h["columns"][1].update(at=-8),
    "a buffer past the end": lambda h: h["columns"][1].update(at=2**62),
    "a size past the end": lambda h: h["rows"].update(bytes=2**62),
    "a negative size": lambda h: h["rows"].update(bytes=-8),
    "objects": lambda h: h["columns"][1].update(type="|O"),
    "a type by words": lambda h: h["columns"][1].update(type="os.system"),
    "rows of reals": lambda h: h["rows"].update(type="<f8"),
    "a list in a column": lambda h: h["columns"][0].update(at=h["rows"]["at"], type="json"),
    "a name that is no text": lambda h: h["columns"][0].update(name=["a"]),
    "two columns of one name": lambda h: h["columns"][0].update(name="n"),
    "a boolean of two": lambda h: h["columns"][1].update(type="|b1", bytes=2, at=h["columns"][1]["at"] + 8),
    "faults elsewhere": lambda h: h["faults"].update(at=h["rows"]["at"]),
    "faults in the header": lambda h: h.update(faults=[[0, "a", "is wrong"]]),
    "a header of many megabytes": lambda h: h["notes"].append("x" * 2**24),
    "notes of numbers": lambda h: h["notes"].append(1),
    "a CRS of numbers": lambda h: h.update(crs=4326),
    "no rows": lambda h: h.pop("rows"),
    "geometry of another length": lambda h: h["geometry"]["lengths"].update(bytes=8),
    "geometry elsewhere": lambda h: h["geometry"]["wkb"].update(at=0),
    "geometry without lengths": lambda h: h["geometry"].pop("lengths"),
    "a list for the columns": lambda h: h.update(columns={}),
}


@pytest.mark.parametrize("change", HARM.values(), ids=HARM.keys())
def test_a_child_that_lies_is_refused(change):
    with pytest.raises(PackingError):
        unpack(io.BytesIO(with_header(packed(GOOD), change)))


@pytest.mark.parametrize("fault", [(2, "a", "is wrong"), (-1, "a", "is wrong")])
def test_a_fault_of_no_row_is_refused(fault):
    with pytest.raises(PackingError):
        unpack(io.BytesIO(packed(table({"a": ["x", "y"]}, faults=(fault,)))))


def test_a_fault_of_every_row_comes_back():
    """A dirty file is no attack: its faults are rows' worth of text."""
    faults = tuple((at, "a", "is not text in the file's encoding") for at in range(400_000))
    assert there_and_back(table({"a": [None] * 400_000}, faults=faults)).faults == faults


def nested(deep, kind=7):
    heads = b"".join(struct.pack("<BII", 1, kind, 1) for _ in range(deep))
    return heads + struct.pack("<BIdd", 1, 1, 1, 2)


@pytest.mark.parametrize("kind", [4, 5, 6, 7, 9, 10, 11, 12, 1007, 2007, 3007])
def test_shapes_in_shapes_without_end_do_not_end_this_process(kind):
    """GEOS calls itself for each level: a hundred thousand are a crash of the program, not an error."""
    shapes, deep = from_wkb([None, nested(100_000, kind)], ignore=True)
    assert list(shapes) == [None, None]
    assert deep == [1]


def test_depth_is_found_behind_other_parts_and_in_any_order_of_bytes():
    swapped = b"".join(struct.pack(">BII", 0, 7, 1) for _ in range(100)) + struct.pack(">BIdd", 0, 1, 1, 2)
    marked = b"".join(struct.pack("<BIII", 1, 7 | 0x20000000, 4326, 1) for _ in range(100))
    before = shapely.to_wkb(shapely.from_wkt("POLYGON Z ((0 0 1, 1 1 1, 1 0 1, 0 0 1))"), flavor="iso")
    line = shapely.to_wkb(shapely.from_wkt("LINESTRING (0 0, 1 1)"))
    late = struct.pack("<BII", 1, 7, 3) + before + line + nested(100)
    assert all(is_nested(blob) for blob in (swapped, marked + nested(1), late))


def test_honest_shapes_are_not_nested():
    parts = shapely.MultiPolygon([shapely.Point(at, 0).buffer(0.3) for at in range(100)])
    several = shapely.GeometryCollection([parts, shapely.Point(1, 2), shapely.LineString([(0, 0), (1, 1)])])
    for shape in (parts, several, shapely.MultiPoint([(at, at) for at in range(100)]), several.geoms[2]):
        for flavor in ("iso", "extended"):
            blob = shapely.to_wkb(
                shapely.set_srid(shape, 4326), include_srid=flavor == "extended", flavor=flavor
            )
            assert not is_nested(blob)
            assert from_wkb([blob])[0][0].equals(shape)
    assert is_nested(nested(33))
    assert not is_nested(nested(32))
    assert not is_nested(nested(100)[:250])


def test_a_nested_shape_from_the_child_is_a_fault_of_its_row():
    given = packed(table({}, np.array([shapely.from_wkb(nested(40)), shapely.Point(1, 2)]), 2))
    back = unpack(io.BytesIO(given))
    assert back.geometry[0] is None
    assert back.geometry[1].wkt == "POINT (1 2)"
    assert back.faults == ((0, "geometry", "is nested too deeply"),)


def test_a_header_that_nests_without_end_is_refused():
    text = b"[" * 100_000
    with pytest.raises(PackingError):
        unpack(io.BytesIO(MAGIC + text + len(text).to_bytes(8, "little") + MAGIC))


def test_a_geometry_with_too_many_vertices_is_a_fault_of_its_row():
    line = shapely.LineString(np.arange(20).reshape(10, 2))
    given = table({}, np.array([line, None, shapely.Point(1, 2)], dtype=object), 3, faults=((1, "a", "b"),))
    kept = without_giants(given, 9)
    assert [one is None for one in kept.geometry] == [True, True, False]
    assert kept.faults[0] == (1, "a", "b")
    assert kept.faults[1][:2] == (0, "geometry")
    assert "more vertices than the 9" in kept.faults[1][2]
    assert given.geometry[0] is line
    assert without_giants(given, 10) is given
