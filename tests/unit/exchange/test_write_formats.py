"""Writing: what a reader of our files would trip over, and that same rows are the same bytes."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.config import default_spec
from gridmap.errors import ConfigError, PublishError
from gridmap.exchange import write_table
from gridmap.exchange.formats.csv import guard, unguard
from gridmap.model import View, ViewTable
from gridmap.model.view import seal

SPEC = default_spec()
FORMATS = ("csv", "geojson", "gpkg", "geojsonl", "flatgeobuf", "shapefile")


def homes() -> gpd.GeoDataFrame:
    columns = {
        "id": pd.Series(["000123", "=1+1", "c"], dtype="str"),
        "name": pd.Series(['满都拉 "甲", 乙', "a\r\nb\u2028{{7*7}}</script>", None], dtype="str"),
        "persons": pd.Series([2**53 + 1, None, -3], dtype="Int64"),
        "stronghold": pd.Series([True, False, None], dtype="boolean"),
        "metres": pd.Series([0.1, np.nan, 1e20]),
        "valid_from": pd.Series(["2024-02-29", None, None], dtype="datetime64[s]"),
    }
    places = [shapely.Point(110.1234567, 42.5), shapely.Point(-0.0000001, 42), None]
    return gpd.GeoDataFrame(columns, geometry=places, crs="EPSG:4490")


def view_of(frame: pd.DataFrame, decimals: int = 7) -> View:
    return seal(View("custodian", {"household": ViewTable("household", frame)}, decimals))


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_same_rows_are_the_same_bytes(fmt):
    assert write_table(view_of(homes()), "household", fmt) == write_table(view_of(homes()), "household", fmt)


@pytest.mark.parametrize("fmt", FORMATS)
def test_only_a_cleared_view_is_written(fmt):
    by_hand = View("custodian", {"household": ViewTable("household", homes())}, 7)
    for other in (homes(), by_hand, {"household": homes()}):
        with pytest.raises(PublishError) as caught:
            write_table(other, "household", fmt)
        assert caught.value.code == "GM601"


def test_a_table_or_format_that_is_not_there():
    with pytest.raises(ConfigError, match="did you mean household") as caught:
        write_table(view_of(homes()), "houshold", "csv")
    assert caught.value.code == "GM105"
    for word in ("dxf", ""):
        with pytest.raises(ConfigError) as caught:
            write_table(view_of(homes()), "household", word)
        assert caught.value.code == "GM110"


class TestCsv:
    def test_a_spreadsheet_shows_chinese_and_runs_nothing(self):
        data = write_table(view_of(homes()), "household", "csv")
        assert data.startswith(b"\xef\xbb\xbf")
        rows = rows_of(data)
        assert rows[0]["name"] == '满都拉 "甲", 乙'
        assert rows[1]["id"] == "'=1+1"
        assert rows[1]["name"] == "a\r\nb\u2028{{7*7}}</script>"

    def test_values_are_written_in_full(self):
        rows = rows_of(write_table(view_of(homes()), "household", "csv"))
        assert rows[0]["persons"] == "9007199254740993"
        assert rows[2]["persons"] == "-3"
        assert [row["stronghold"] for row in rows] == ["true", "false", ""]
        assert rows[0]["valid_from"] == "2024-02-29"
        assert [float(row["metres"]) for row in rows if row["metres"]] == [0.1, 1e20]
        assert (rows[0]["lon_wgs84"], rows[0]["lat_wgs84"]) == ("110.1234567", "42.5000000")
        assert (rows[2]["lon_wgs84"], rows[2]["lat_wgs84"]) == ("", "")

    def test_other_shapes_are_well_known_text(self):
        frame = gpd.GeoDataFrame(
            {"id": ["a", "b"]},
            geometry=[shapely.LineString([(110, 42.1234567), (111, 42)]), None],
            crs="EPSG:4490",
        )
        rows = rows_of(write_table(view_of(frame), "household", "csv"))
        assert [row["wkt_wgs84"] for row in rows] == ["LINESTRING (110 42.1234567, 111 42)", ""]

    def test_a_column_of_the_same_name_is_not_overwritten(self):
        frame = homes().assign(lon_wgs84="mine")
        rows = rows_of(write_table(view_of(frame), "household", "csv"))
        assert rows[0]["lon_wgs84"] == "mine"
        assert rows[0]["wkt_wgs84"].startswith("POINT")

    @pytest.mark.parametrize("start", list("=+-@\t\r\n") + list("＝＋－＠"))
    def test_what_a_spreadsheet_would_run_is_guarded_and_given_back(self, start):
        for text in (start, f"{start}cmd|' /C calc'!A0", f"'{start}x", f"''{start}"):
            assert guard(text)[0] == "'"
            assert unguard(guard(text)) == text

    @pytest.mark.parametrize("text", ["", "'", "''", "'a", "O'Neil", "a=b", "满都拉"])
    def test_other_texts_come_back_too(self, text):
        assert unguard(guard(text)) == text
        assert guard(text) != "", "an empty cell is a missing value, an empty text is not"


class TestGeoJson:
    def test_it_is_rfc_7946(self):
        document = json.loads(write_table(view_of(homes()), "household", "geojson"))
        assert document["type"] == "FeatureCollection"
        assert "crs" not in document
        first = document["features"][0]
        assert first["type"] == "Feature"
        assert first["geometry"] == {"type": "Point", "coordinates": [110.1234567, 42.5]}
        assert first["properties"]["persons"] == 2**53 + 1
        assert document["features"][2]["geometry"] is None
        assert document["features"][2]["properties"]["name"] is None

    def test_rings_follow_the_right_hand_rule(self):
        clockwise = shapely.Polygon([(0, 0), (0, 9), (9, 9), (9, 0)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
        frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[clockwise], crs="EPSG:4490")
        geometry = json.loads(write_table(view_of(frame), "household", "geojson"))["features"][0]["geometry"]
        outer, inner = (shapely.LinearRing(ring) for ring in geometry["coordinates"])
        assert outer.is_ccw
        assert not inner.is_ccw

    def test_a_table_without_geometry_and_an_empty_one(self):
        plain = json.loads(write_table(view_of(pd.DataFrame({"id": ["a"]})), "household", "geojson"))
        assert plain["features"][0]["geometry"] is None
        assert json.loads(write_table(view_of(homes().iloc[:0]), "household", "geojson"))["features"] == []

    def test_another_datum_is_shifted_to_wgs_84(self):
        # NAD27 and WGS 84 are tens of metres apart here: unshifted, every reader would be misled.
        place = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(-105, 40)], crs="EPSG:4267")
        document = json.loads(write_table(view_of(place), "household", "geojson"))
        expected = place.to_crs("OGC:CRS84").geometry[0]
        assert document["features"][0]["geometry"]["coordinates"] == [
            round(expected.x, 7),
            round(expected.y, 7),
        ]
        assert document["features"][0]["geometry"]["coordinates"] != [-105, 40]

    def test_no_number_that_json_does_not_know(self):
        frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(float("nan"), 1)], crs="EPSG:4490")
        data = write_table(view_of(frame), "household", "geojson")
        assert b"NaN" not in data
        assert json.loads(data)["features"][0]["geometry"] is None


class TestGeoPackage:
    def test_it_is_version_1_3_with_a_spatial_index_and_no_clock(self, tmp_path):
        path = tmp_path / "x.gpkg"
        path.write_bytes(write_table(view_of(homes()), "household", "gpkg"))
        with sqlite3.connect(path) as base:
            assert base.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
            assert base.execute("PRAGMA user_version").fetchone() == (10300,)
            assert base.execute("SELECT last_change, srs_id FROM gpkg_contents").fetchall() == [
                ("2000-01-01T00:00:00.000Z", 4490)
            ]
            assert base.execute("SELECT count(*) FROM rtree_household_geom").fetchone() == (2,)
            rows = base.execute("SELECT id, persons, stronghold, valid_from FROM household").fetchall()
        base.close()
        assert rows == [
            ("000123", 2**53 + 1, 1, "2024-02-29"),
            ("=1+1", None, 0, None),
            ("c", -3, None, None),
        ]

    def test_tables_without_geometry_without_rows_and_of_mixed_shapes(self, tmp_path):
        mixed = gpd.GeoDataFrame(
            {"id": ["a", "b"]},
            geometry=[shapely.Point(1, 2), shapely.LineString([(0, 0), (1, 1)])],
            crs="EPSG:4490",
        )
        for frame, count in ((pd.DataFrame({"id": ["a"]}), 1), (homes().iloc[:0], 0), (mixed, 2)):
            path = tmp_path / f"{count}.gpkg"
            path.write_bytes(write_table(view_of(frame), "household", "gpkg"))
            with sqlite3.connect(path) as base:
                assert base.execute("SELECT count(*) FROM household").fetchone() == (count,)
            base.close()

    def test_writing_leaves_gdals_settings_as_they_were(self):
        import pyogrio

        before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
        write_table(view_of(homes()), "household", "gpkg")
        assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == before


class TestGeoJsonLines:
    def test_every_line_is_a_feature(self):
        data = write_table(view_of(homes()), "household", "geojsonl")
        features = [json.loads(line) for line in data.decode().split("\n") if line]
        whole = json.loads(write_table(view_of(homes()), "household", "geojson"))
        assert features == whole["features"]


class TestFlatGeobuf:
    def test_other_programs_find_rows_types_and_crs(self, tmp_path):
        path = tmp_path / "x.fgb"
        path.write_bytes(write_table(view_of(homes()), "household", "flatgeobuf"))
        read = gpd.read_file(path)
        assert read["id"].tolist() == ["000123", "=1+1", "c"]
        assert read.crs.to_epsg() in {4326, 4490}
        assert read.geometry[2] is None


class TestShapefile:
    @pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
    def test_other_programs_read_chinese_names_and_values(self, tmp_path, encoding):
        frame = gpd.GeoDataFrame(
            {"户主": ["满都拉镇", "巴雅尔"], "人口": [3, 4]},
            geometry=[shapely.Point(110, 42), shapely.Point(111, 42)],
            crs="EPSG:4490",
        )
        path = tmp_path / "x.zip"
        path.write_bytes(write_table(view_of(frame), "household", "shapefile", encoding=encoding))
        read = gpd.read_file(f"zip://{path}")
        assert read["户主"].tolist() == ["满都拉镇", "巴雅尔"]
        assert read["人口"].tolist() == [3, 4]
        assert read.crs.to_epsg() == 4326
        assert read.geometry.x.tolist() == [110, 111]


def test_geojson_writes_no_digit_more_than_the_audience_may_see():
    ring = [(109.68326, 42.49634), (110.38232, 42.41471), (110.34131, 42.47876)]
    frame = gpd.GeoDataFrame({"id": ["Z1"]}, geometry=[shapely.Polygon(ring)], crs="EPSG:4490")
    text = write_table(view_of(frame, decimals=5), "household", "geojson").decode()
    assert "42.49634]" in text
    assert "110.38232," in text
    assert re.search(r"\d\.\d{6}", text) is None
