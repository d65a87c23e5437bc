"""FlatGeobuf: digits, nothing against empty, places missing and mixed; what GDAL drops without a word."""

from __future__ import annotations

import io
import struct

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio.raw
import pytest
import shapely
from reading_help import cells, read_as

from gridmap.config import default_spec
from gridmap.errors import InputError
from gridmap.exchange import read_frame
from gridmap.exchange.format import WriteRequest
from gridmap.exchange.formats.flatgeobuf import FORMAT


def written(frame) -> bytes:
    return FORMAT.write(WriteRequest("household", frame, 9))


def by_gdal(geoms, columns, kind="Unknown", crs="EPSG:4326", **options) -> bytes:
    stream = io.BytesIO()
    pyogrio.raw.write(
        stream,
        np.array(geoms, dtype=object),
        list(columns.values()),
        list(columns),
        driver="FlatGeobuf",
        layer="t",
        geometry_type=kind,
        crs=crs,
        layer_options=options,
    )
    return stream.getvalue()


def test_values_come_back_exactly_and_in_their_order(tmp_path):
    frame = gpd.GeoDataFrame(
        {
            "id": ["b", "000123", "c"],
            "name": ["", None, "é😀\n"],
            "persons": pd.array([2**62 + 1, None, -(2**63)], dtype="Int64"),
            "stronghold": pd.array([True, None, False], dtype="boolean"),
            "metres": [0.1, np.nan, 5e-324],
            "valid_from": pd.Series(["0001-01-01", None, "9999-12-31"], dtype="datetime64[s]"),
        },
        geometry=[shapely.Point(110.123456789, 42), None, shapely.LineString([(0, 0), (1, 1)])],
        crs="EPSG:4490",
    )
    assert written(frame) == written(frame)
    read = read_as(FORMAT, tmp_path, {".fgb": written(frame)}, ".fgb")
    assert cells(read, "id") == ["b", "000123", "c"]
    assert cells(read, "name") == ["", None, "é😀\n"]
    assert cells(read, "persons") == [2**62 + 1, None, -(2**63)], "digits that a float would drop"
    assert cells(read, "stronghold") == [True, None, False]
    assert cells(read, "valid_from") == ["0001-01-01", None, "9999-12-31"]
    assert read.geometry.tolist() == frame.geometry.tolist()
    assert read.crs == "EPSG:4490"
    assert read.rows.tolist() == [1, 2, 3]


def test_an_integer_code_with_a_hole_in_the_column_is_still_an_integer(tmp_path):
    point = shapely.to_wkb(shapely.Point(110, 42))
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b"], "gacha": pd.array([150223102, None], dtype="Int64")},
        geometry=gpd.GeoSeries.from_wkb([point, point], crs="EPSG:4326"),
    )
    path = tmp_path / "x.fgb"
    path.write_bytes(written(frame))
    read = read_frame(path, kind="household", spec=default_spec())
    assert read["gacha"].tolist()[0] == "150223102"


@pytest.mark.parametrize("rows", [0, 2])
def test_a_table_without_geometry_and_one_without_rows(tmp_path, rows):
    frame = pd.DataFrame({"id": ["a", "b"][:rows], "name": pd.Series([None, ""][:rows], dtype="str")})
    read = read_as(FORMAT, tmp_path, {".fgb": written(frame)}, ".fgb")
    assert cells(read, "id") == ["a", "b"][:rows]
    assert read.geometry is None


def test_what_gdal_writes_with_an_index_is_read_too(tmp_path):
    points = [shapely.to_wkb(shapely.Point(110 + at / 100, 42)) for at in range(50)]
    data = by_gdal(points, {"n": np.arange(50)}, "Point", SPATIAL_INDEX="YES")
    read = read_as(FORMAT, tmp_path, {".fgb": data}, ".fgb")
    assert sorted(cells(read, "n")) == list(range(50))


def test_a_curve_is_told_not_taken_for_the_line_that_gdal_makes_of_it(tmp_path):
    curve = struct.pack("<BII6d", 1, 8, 3, 0, 0, 1, 1, 2, 0)
    data = by_gdal([shapely.to_wkb(shapely.Point(1, 2)), curve], {"n": np.arange(2)})
    read = read_as(FORMAT, tmp_path, {".fgb": data}, ".fgb")
    assert read.geometry.tolist() == [shapely.Point(1, 2), None]
    assert [(at, column) for at, column, _ in read.faults] == [(1, "geometry")]
    assert "curve" in read.faults[0][2]


def test_a_file_cut_between_two_features_is_not_a_shorter_table(tmp_path):
    points = [shapely.to_wkb(shapely.Point(110, 42))] * 3
    data = by_gdal(points, {"n": np.arange(3)}, "Point", SPATIAL_INDEX="NO")
    begin = 12 + struct.unpack_from("<I", data, 8)[0]
    one = 4 + struct.unpack_from("<I", data, begin)[0]
    with pytest.raises(InputError, match="GM202"):
        read_as(FORMAT, tmp_path, {".fgb": data[: begin + one]}, ".fgb")


def test_only_the_version_that_is_known_is_taken_for_the_format():
    assert FORMAT.looks_right(b"fgb\x03fgb\x01")
    assert not FORMAT.looks_right(b"fgb\x09fgb\x00")
