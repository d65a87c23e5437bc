"""GeoJSON, whole and line by line: a bad feature is told by its number, and takes no other with it."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import shapely
from reading_help import cells, read_as

from gridmap.errors import InputError
from gridmap.exchange.format import WriteRequest
from gridmap.exchange.formats import geojson, geojsonl

LINE = '{{"type":"Feature","properties":{{"id":"{}"}},"geometry":{{"type":"Point","coordinates":[110,42]}}}}'
POINT = {"type": "Point", "coordinates": [110, 42]}


def lines(tmp_path, data):
    data = data.encode() if isinstance(data, str) else data
    return read_as(geojsonl.FORMAT, tmp_path, {".geojsonl": data}, ".geojsonl")


def whole(tmp_path, data):
    data = data.encode() if isinstance(data, str) else data
    return read_as(geojson.FORMAT, tmp_path, {".geojson": data}, ".geojson")


class TestLines:
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n \n"])
    def test_blank_lines_are_none(self, tmp_path, end):
        read = lines(tmp_path, "\ufeff" + end.join([LINE.format("000123"), LINE.format("b"), ""]))
        assert cells(read, "id") == ["000123", "b"]
        assert read.rows.tolist() == [1, 2]
        assert read.crs == "OGC:CRS84"

    def test_record_separators(self, tmp_path):
        spread = json.dumps(json.loads(LINE.format("b")), indent=2)
        read = lines(tmp_path, f"\x1e{LINE.format('a')}\n\x1e{spread}\n")
        assert cells(read, "id") == ["a", "b"]

    def test_a_line_separator_within_a_text_ends_no_line(self, tmp_path):
        assert cells(lines(tmp_path, LINE.format("a\u2028b\x85c")), "id") == ["a\u2028b\x85c"]

    @pytest.mark.parametrize(
        "bad",
        [
            b'{"type":"Feature","prop',
            b"1",
            b'{"a":' * 5000,
            b'{"type":"FeatureCollection","features":[]}',
            '{"type":"Feature","properties":{"id":"户"},"geometry":null}'.encode("gbk"),
            LINE.format("x").encode() * 2,
            LINE.format("x").replace("110", "NaN").encode(),
        ],
    )
    def test_a_bad_line_is_a_fault_of_its_row(self, tmp_path, bad):
        read = lines(tmp_path, b"\n".join([LINE.format("a").encode(), bad, LINE.format("c").encode()]))
        assert cells(read, "id") == ["a", None, "c"]
        assert [(at, column) for at, column, _ in read.faults] == [(1, "(row)")]

    def test_where_no_line_is_a_feature_the_file_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="is not JSON"):
            lines(tmp_path, "{\n{\n")
        with pytest.raises(InputError, match="is not UTF-8"):
            lines(tmp_path, '{"properties":{"id":"户主"}}'.encode("gbk"))

    def test_a_table_without_rows_comes_back(self, tmp_path):
        data = geojsonl.FORMAT.write(WriteRequest("t", pd.DataFrame({"id": []}), 9))
        assert geojsonl.FORMAT.looks_right(data)
        assert len(lines(tmp_path, data).rows) == 0


class TestOneDocument:
    def test_a_single_feature_and_a_bare_geometry_are_one_row(self, tmp_path):
        assert cells(whole(tmp_path, LINE.format("a")), "id") == ["a"]
        read = whole(tmp_path, json.dumps(POINT))
        assert read.geometry.tolist() == [shapely.Point(110, 42)]

    def test_features_that_are_none_do_not_take_the_others_with_them(self, tmp_path):
        text = f'{{"features":[{LINE.format("a")},7,{{"properties":[]}},null],"type":"FeatureCollection"}}'
        read = whole(tmp_path, text)
        assert read.rows.tolist() == [1, 2, 3, 4]
        assert sorted({at for at, _, _ in read.faults}) == [1, 3]

    def test_one_name_twice_is_told_whichever_value_is_meant(self, tmp_path):
        twice = '{"type":"Feature","properties":{"id":"b","id":"c"},"geometry":null}'
        text = f'{{"type":"FeatureCollection","features":[{LINE.format("a")},{twice}]}}'
        read = whole(tmp_path, text)
        assert read.faults == ((1, "(row)", "has one name twice"),)

    def test_a_number_beyond_pythons_limit_is_a_fault_of_its_cell(self, tmp_path):
        long = LINE.format("a").replace('"id"', f'"persons":{"9" * 5000},"id"')
        text = f'{{"type":"FeatureCollection","features":[{long},{LINE.format("b")}]}}'
        read = whole(tmp_path, text)
        assert cells(read, "id") == ["a", "b"]
        assert [(at, column) for at, column, _ in read.faults] == [(0, "persons")]

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('{"type":"FeatureCollection","features":[1,2]}', "not a GeoJSON FeatureCollection"),
            ('{"type":"Topology","features":[]}', "not a GeoJSON FeatureCollection"),
            ('{"type":"FeatureCollection","features":[],"features":[]}', "stands there twice"),
            ('{"type":"FeatureCollection","features":[]} {}', "Extra data"),
            ('{"type":"FeatureCollection","features":[{}', "Expecting"),
            ('{"type":"FeatureCollection","features":[' + "[" * 100_000, "too deeply"),
            ('{"type":["a"],"features":{}}', "not a GeoJSON FeatureCollection"),
        ],
    )
    def test_what_is_no_collection_is_refused(self, tmp_path, text, told):
        with pytest.raises(InputError, match=told):
            whole(tmp_path, text)

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
    def test_utf_16_is_named(self, tmp_path, encoding):
        data = LINE.format("a").encode(encoding)
        assert geojson.FORMAT.looks_right(data)
        with pytest.raises(InputError, match="UTF-16"):
            whole(tmp_path, data)
