"""What GDAL and pyogrio change without a word, put right or told."""

from __future__ import annotations

import sqlite3
import struct

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from reading_help import cells

from gridmap.exchange import gdal
from gridmap.exchange.format import ReadRequest
from gridmap.exchange.formats.gpkg import FORMAT

HEAD = b"GP\0\x01" + struct.pack("<I", 4326)
CIRCULAR = struct.pack("<BII6d", 1, 8, 3, 0, 0, 1, 1, 2, 0)
COMPOUND = struct.pack("<BII", 1, 9, 1) + CIRCULAR


@pytest.fixture
def path(tmp_path):
    frame = gpd.GeoDataFrame(
        {
            "id": ["a", "b", "c"],
            "code": pd.array([150223102, None, 7], dtype="Int64"),
            "big": pd.array([2**62 + 1, None, 7], dtype="Int64"),
            "yes": pd.array([True, None, False], dtype="boolean"),
        },
        geometry=shapely.points(110 + np.arange(3), 42.0),
        crs="EPSG:4326",
    )
    made = tmp_path / "data.gpkg"
    pyogrio.write_dataframe(frame, made, driver="GPKG", layer="homes")
    return made


def changed(path, *statements):
    with sqlite3.connect(path) as opened:
        for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            opened.execute(f'DROP TRIGGER "{name}"')
        for text, *values in statements:
            opened.execute(text, values)
    opened.close()


def read(path, kind="homes"):
    return FORMAT.read(path, ReadRequest(kind, spatial=True))


def test_integers_and_truths_with_missing_values_are_still_that(path):
    table = read(path)
    assert cells(table, "code") == [150223102, None, 7]
    assert cells(table, "big") == [2**62 + 1, None, 7], "digits that a float would drop"
    assert cells(table, "yes") == [True, None, False]


def test_a_curve_is_told_not_taken_for_the_line_that_gdal_makes_of_it(path):
    changed(
        path,
        ("UPDATE homes SET geom = ? WHERE fid = 1", HEAD + CIRCULAR),
        ("UPDATE homes SET geom = ? WHERE fid = 3", HEAD + COMPOUND),
    )
    table = read(path)
    assert table.geometry.tolist() == [None, shapely.Point(111, 42), None]
    assert [(at, column) for at, column, _ in table.faults] == [(0, "geometry"), (2, "geometry")]
    assert "curve" in table.faults[0][2]


def test_bytes_in_a_column_are_told_not_turned_into_text(path):
    changed(
        path,
        ("ALTER TABLE homes ADD COLUMN photo BLOB",),
        ("UPDATE homes SET photo = x'00ff' WHERE fid = 2",),
    )
    table = read(path)
    assert cells(table, "photo") == [None, None, None]
    assert table.faults == ((1, "photo", gdal.BINARY),)


@pytest.mark.parametrize("srs", [-1, 0])
def test_a_crs_that_is_declared_to_be_unknown_is_none(path, srs):
    changed(
        path,
        ("UPDATE gpkg_geometry_columns SET srs_id = ?", srs),
        ("UPDATE gpkg_contents SET srs_id = ?", srs),
    )
    assert read(path).crs is None


def test_a_geometry_column_of_any_name_a_view_and_a_generated_column(path):
    changed(
        path,
        ("ALTER TABLE homes RENAME COLUMN geom TO 位置",),
        ("UPDATE gpkg_geometry_columns SET column_name = '位置'",),
        ("ALTER TABLE homes ADD COLUMN twice TEXT GENERATED ALWAYS AS (id || id) VIRTUAL",),
    )
    table = read(path)
    assert table.geometry.tolist() == shapely.points(110 + np.arange(3), 42.0).tolist()
    assert cells(table, "id") == ["a", "b", "c"]


def test_a_shape_with_heights_and_measures(path):
    line = shapely.from_wkt("LINESTRING ZM (0 0 1 2, 1 1 3 4)")
    wkb = shapely.to_wkb(line, flavor="iso", output_dimension=4)
    changed(path, ("UPDATE homes SET geom = ? WHERE fid = 1", HEAD + wkb))
    assert shapely.force_2d(read(path).geometry)[0] == shapely.LineString([(0, 0), (1, 1)])


def test_well_known_binary_that_shapely_does_not_know_is_a_fault_of_its_row():
    shapes, faults = gdal.shapes_of([shapely.to_wkb(shapely.Point(1, 2)), CIRCULAR, b"\x01", None])
    assert shapes.tolist() == [shapely.Point(1, 2), None, None, None]
    assert [at for at, _, _ in faults] == [1, 2]
