"""Headers: a column is what the file says it is, or the caller is asked; never what it might have been."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap.config import ProjectSpec, default_spec, parse_spec, template_text
from gridmap.errors import ConfigError, InputError
from gridmap.exchange.format import RawTable
from gridmap.exchange.headers import Headers, match_headers
from gridmap.exchange.options import ReadOptions
from gridmap.exchange.profile_options import profile_of, with_profile
from gridmap.exchange.vocabulary import fold, stated_crs, take_apart, words_for

SPEC = default_spec()


def raw(text: str, geometry: np.ndarray | None = None) -> RawTable:
    header, *rows = csv.reader(io.StringIO(text))
    columns = {name: [row[at] or None for row in rows] for at, name in enumerate(header)}
    return RawTable(columns, geometry, None, np.arange(2, len(rows) + 2))


def matched(
    text: str,
    kind: str = "household",
    *,
    spec: ProjectSpec = SPEC,
    geometry: np.ndarray | None = None,
    **said: object,
) -> Headers:
    table = raw(text, geometry)
    found = match_headers(table, kind=kind, spec=spec, options=ReadOptions(**said), name="牧户.csv")
    used = [*found.columns, *found.positions.values(), *found.left_out, *found.refused]
    assert sorted(used) == sorted(table.columns), "every header is accounted for once"
    return found


def refusal(text: str, kind: str = "household", **said: object) -> str:
    with pytest.raises(InputError) as caught:
        matched(text, kind, **said)
    assert caught.value.code == "GM210", caught.value
    return str(caught.value)


def settings(extra: str) -> ProjectSpec:
    text = template_text(name_en="a", name_zh="甲", crs="EPSG:4508", synthetic=False, source="")
    words, rest = extra.partition("---")[::2]
    return parse_spec(text.replace("[imports.words]", "[imports.words]\n" + words) + rest, where="x")


class TestFold:
    @pytest.mark.parametrize(
        ("header", "folded"),
        [
            ("经度(°)", "经度"),
            ("户主 姓名", "户主姓名"),
            ("Householder_Name", "householdername"),
            (" ＮＡＭＥ ", "name"),
            ("*联系电话（必填）", "联系电话"),
            ("人口\n(人)", "人口"),
            ("From (m)", "from"),
            ("起点(米)", "起点"),
            ("人口(男)", "人口男"),
            ("", ""),
        ],
    )
    def test_how_a_header_is_written_does_not_matter(self, header, folded):
        assert fold(header) == folded

    @pytest.mark.parametrize(
        ("header", "bare", "crs"),
        [
            ("lon_wgs84", "lon", "EPSG:4326"),
            ("lat-WGS-84", "lat", "EPSG:4326"),
            ("经度(GCJ02)", "经度", "gcj02"),
            ("高德经度", "经度", "gcj02"),
            ("lng(GCJ-02 高德)", "lng", "gcj02"),
            ("lng_bd09", "lng", "bd09"),
            ("百度纬度", "纬度", "bd09"),
            ("X(EPSG:4525)", "x", "EPSG:4525"),
            ("x_epsg4508", "x", "EPSG:4508"),
            ("wkt_cgcs2000", "wkt", "EPSG:4490"),
            ("lon_4326", "lon", "EPSG:4326"),
            ("经度", "经度", None),
            ("lon_mars", "lonmars", None),
            ("name_wgs84", "namewgs84", None),
        ],
    )
    def test_what_a_header_says_about_its_coordinates(self, header, bare, crs):
        apart = take_apart(header)
        assert (apart.bare, apart.crs) == (bare, crs)

    def test_metres_in_cgcs2000_do_not_say_which_zone(self):
        assert stated_crs(take_apart("X(CGCS2000)")) is None
        assert stated_crs(take_apart("X(EPSG:4525)")) == "EPSG:4525"

    def test_a_reader_that_looks_for_the_header_row_gets_every_word(self):
        words = words_for("household", SPEC)
        assert {"户主", "户号", "经度", "lonwgs84", "householder", "电话", "id", "wkt"} <= words
        assert "" not in words
        assert "经度" not in words_for("unit", SPEC)


class TestColumns:
    def test_a_township_sheet(self):
        found = matched(
            "户号,户主姓名,联系电话,家庭人口,是否堡垒户,嘎查代码,责任单位,东经,北纬\nN1,a,1,4,否,1,U,110,42\n"
        )
        assert dict(found.columns) == {
            "户号": "id",
            "户主姓名": "name",
            "联系电话": "contact",
            "家庭人口": "persons",
            "是否堡垒户": "stronghold",
            "嘎查代码": "gacha",
            "责任单位": "unit",
        }
        assert found.positions == {"lon": "东经", "lat": "北纬"}
        assert found.stated_crs is None
        assert found.sources["id"] == found.id_header == "户号"

    def test_pinyin_and_english(self):
        found = matched("huhao,xingming,dianhua,renkou,lng,lat\n1,a,1,4,110,42\n")
        assert list(found.columns.values()) == ["id", "name", "contact", "persons"]
        found = matched(
            "Household ID,Householder,Phone Number,Population,Longitude,Latitude\n1,a,1,4,110,42\n"
        )
        assert list(found.columns.values()) == ["id", "name", "contact", "persons"]

    def test_a_column_of_ones_own_export_is_its_name(self):
        found = matched(
            "id,name,contact,stronghold,persons,gacha,unit,lon_wgs84,lat_wgs84\na,b,c,1,1,1,U,110,42\n"
        )
        assert set(found.how.values()) == {"column name", "vocabulary"}
        assert found.stated_crs == "EPSG:4326"

    def test_the_kinds_own_titles_win_over_the_vocabulary(self):
        """编号 is the number of a marker, and only elsewhere the id."""
        found = matched("编号,类别,id,lon,lat\n1,well,a,110,42\n", kind="landmark")
        assert found.columns == {"编号": "number", "类别": "class", "id": "id"}
        assert found.how["编号"] == "title"

    def test_a_persons_word_is_a_name_only_where_names_are_private(self):
        assert "姓名" in matched("id,姓名,lon,lat\n1,a,1,1\n").columns
        assert matched("id,姓名,lon,lat\n1,a,1,1\n", kind="landmark").left_out == ("姓名",)

    def test_a_things_name_is_the_rows_where_the_rows_are_that_thing(self):
        assert matched("id,单位名称\n1,a\n", kind="unit").columns["单位名称"] == "name"
        assert matched("id,单位,lon,lat\n1,a,1,1\n", kind="outpost").columns["单位"] == "unit"

    def test_a_header_in_two_languages(self):
        found = matched("编号 ID,名称/Name,经度 Longitude,纬度 Lat\n1,a,110,42\n", kind="patrol_zone")
        assert found.columns == {"编号 ID": "id", "名称/Name": "name"}
        assert found.positions == {"lon": "经度 Longitude", "lat": "纬度 Lat"}

    def test_the_words_of_the_settings(self):
        spec = settings('"户主签名" = "name"\n"站" = "lon"\n')
        found = matched("id,户主签名,站,lat\n1,a,110,42\n", spec=spec)
        assert found.columns["户主签名"] == "name"
        assert found.how["户主签名"] == "imports.words"
        assert found.positions["lon"] == "站"

    def test_a_kinds_own_column_is_no_position(self):
        own = (
            '---\n[kinds.mast]\ngeometry = "point"\ntitle = { en = "m", zh = "杆" }\n'
            '[kinds.mast.columns]\nlat = { type = "real" }\n'
        )
        found = matched("id,lat,x,y\n1,2,3,4\n", kind="mast", spec=settings(own))
        assert found.columns["lat"] == "lat"
        assert set(found.positions) == {"x", "y"}

    def test_what_means_nothing_is_left_out_and_said(self):
        assert matched("id,颜色,备注,lon,lat\n1,a,b,1,1\n").left_out == ("颜色", "备注")

    def test_two_headers_for_one_column_are_asked_about(self):
        message = refusal("id,户主,姓名,lon,lat\n1,a,b,1,1\n")
        assert "户主, 姓名" in message
        assert "--columns 户主=name" in message
        assert matched("id,户主,姓名,lon,lat\n1,a,b,1,1\n", columns={"姓名": "name"}).left_out == ("户主",)

    def test_a_header_that_stands_there_again_is_not_dropped_silently(self):
        assert "name, name_2" in refusal("id,name,name_2,lon,lat\n1,a,b,1,1\n")

    def test_a_misspelt_column_is_not_left_out(self):
        message = refusal("id,strongold,lon,lat\n1,a,1,1\n")
        assert "did you mean stronghold?" in message
        assert "--columns strongold=" in message
        assert "did you mean lon?" in refusal("id,longtitude,lat\n1,1,1\n")
        assert matched("id,GBCODE\n1,a\n", kind="admin", geometry=shapely.points([[1, 1]])).left_out
        assert matched("id,strongold,lon,lat\n1,a,1,1\n", columns={"strongold": ""}).left_out == (
            "strongold",
        )
        assert matched("id,stronghold,strongold,lon,lat\n1,1,a,1,1\n").left_out == ("strongold",)

    def test_strict_takes_no_header_that_means_nothing(self):
        assert "颜色" in refusal("id,颜色,lon,lat\n1,a,1,1\n", strict=True)
        assert matched("id,颜色,lon,lat\n1,,1,1\n", strict=True).left_out == ("颜色",), "an empty column"
        assert matched("id,颜色,lon,lat\n1,a,1,1\n", strict=True, columns={"颜色": ""}).left_out == ("颜色",)


class TestAsked:
    def test_the_caller_counts_first(self):
        found = matched("id,name,签名,lon,lat\n1,a,b,1,1\n", columns={"签名": "name"})
        assert found.columns == {"id": "id", "签名": "name"}
        assert found.how["签名"] == "asked"
        assert found.left_out == ("name",)

    def test_a_header_may_be_written_another_way(self):
        found = matched("id,经度 (°),纬度 (°)\n1,1,1\n", columns={"经度": "lat", "纬度": "lon"})
        assert found.positions == {"lon": "纬度 (°)", "lat": "经度 (°)"}

    @pytest.mark.parametrize(
        ("columns", "said"),
        [
            ({"签命": "name"}, "did you mean 签名?"),
            ({"签名": "nam"}, "did you mean name?"),
            ({"签名": "name", "颜色": "name"}, "two headers"),
            ({"签名": "lon", "颜色": "x"}, "which is meant"),
            ({"签名": "lon", "lon": ""}, None),
        ],
    )
    def test_what_the_file_or_the_kind_does_not_have_is_told(self, columns, said):
        text = "id,签名,颜色,lon,lat\n1,a,b,1,1\n"
        if said is None:
            assert matched(text, columns=columns).positions == {"lon": "签名", "lat": "lat"}
        else:
            assert said in refusal(text, columns=columns)

    def test_positions_cannot_be_asked_for_where_there_are_none(self):
        assert "no geometry" in refusal("id,东经\n1,1\n", kind="unit", columns={"东经": "lon"})
        points = shapely.points([[1, 1]])
        assert "geometry of its own" in refusal("id,东经\n1,1\n", columns={"东经": "lon"}, geometry=points)


class TestIds:
    def test_ids_are_never_made_up(self):
        message = refusal("代码,姓名,lon,lat\n15,a,1,1\n16,b,1,1\n")
        assert "--id 代码" in message
        assert "--id @row" in message

    def test_a_persons_name_is_not_proposed_as_an_id(self):
        assert "姓名" not in refusal("姓名,电话,lon,lat\na,1,1,1\nb,2,1,1\n").partition("fix:")[2]

    def test_a_header_may_be_the_id_and_its_column_too(self):
        found = matched("编号,类别,lon,lat\n1,well,1,1\n", kind="landmark", id_column="编号")
        assert found.columns["编号"] == "number"
        assert found.sources == {"number": "编号", "class": "类别", "id": "编号"}

    def test_the_named_header_beats_a_column_id(self):
        found = matched("id,户号,lon,lat\n1,N1,1,1\n", id_column="户号")
        assert found.columns == {"户号": "id"}
        assert found.left_out == ("id",)

    def test_two_that_could_be_ids_are_asked_about(self):
        assert "--id 户号" in refusal("户号,编号,lon,lat\n1,2,1,1\n")

    def test_contradictions_are_told(self):
        text = "a,b,lon,lat\n1,2,1,1\n"
        assert "contradict" in refusal(text, id_column="a", columns={"b": "id"})
        assert "contradict" in refusal(text, id_column="a", columns={"a": ""})
        assert "no header c" in refusal(text, id_column="c")


class TestPositions:
    @pytest.mark.parametrize(
        ("header", "roles"),
        [
            ("lon,lat", ("lon", "lat")),
            ("lng,lat", ("lon", "lat")),
            ("longitude,latitude", ("lon", "lat")),
            ("东经(度),北纬(度)", ("lon", "lat")),
            ("X(m),Y(m)", ("x", "y")),
            ("横坐标,纵坐标", ("x", "y")),
            ("Y（东）,X（北）", ("x", "y")),
            ("easting,northing", ("x", "y")),
        ],
    )
    def test_pairs(self, header, roles):
        first, second = header.split(",")
        assert matched(f"id,{header}\n1,2,3\n").positions == {roles[0]: first, roles[1]: second}

    def test_the_easting_of_a_survey_goes_first(self):
        """纵坐标 is the X of a Chinese survey and points north: taken as x, every point would be mirrored."""
        assert matched("id,纵坐标X,横坐标Y\n1,2,3\n").positions == {"x": "横坐标Y", "y": "纵坐标X"}

    def test_one_column_that_holds_both(self):
        assert matched('id,坐标\n1,"110.1,42.5"\n').positions == {"place": "坐标"}
        assert matched('id,位置\n1,"110.1,42.5"\n').positions == {"place": "位置"}

    def test_an_address_is_no_position(self):
        assert matched("id,位置\n1,百灵庙镇12号\n").positions == {}
        assert matched("id,位置,lon,lat\n1,百灵庙镇12号,1,1\n").left_out == ("位置",)

    def test_two_ways_are_asked_about(self):
        message = refusal("id,lon,lat,wkt\n1,1,1,POINT (1 1)\n")
        assert "which is meant" in message
        assert "--columns lon=lon,lat=lat" in message
        assert matched("id,lon,lat,wkt\n1,1,1,x\n", columns={"wkt": "wkt"}).positions == {"wkt": "wkt"}
        text = "id,lon_wgs84,lat_wgs84,lon_gcj02,lat_gcj02\n1,1,1,1,1\n"
        assert "lon_wgs84, lon_gcj02" in refusal(text)
        chosen = matched(text, columns={"lon_gcj02": "lon", "lat_gcj02": "lat"})
        assert chosen.stated_crs == "gcj02"

    def test_half_a_pair_is_told(self):
        assert "no header for lat" in refusal("id,lon\n1,1\n")

    def test_headers_that_contradict_each_other_are_told(self):
        assert "state different" in refusal("id,lon_wgs84,lat_gcj02\n1,1,1\n")

    def test_a_file_with_geometry_keeps_it(self):
        found = matched("id,lon,lat\n1,1,1\n", geometry=shapely.points([[1, 1]]))
        assert found.positions == {}
        assert found.left_out == ("lon", "lat")


NAMES = (
    "id,ID,编号,name,姓名,户主,name_2,lon,lat,经度,lon_wgs84,lon_gcj02,x,y,wkt,坐标,位置,电话,身份证号,民族"
)
WORDS = st.sampled_from(next(csv.reader([NAMES + ",时间,设备号,longtitude"])))
CELLS = st.none() | st.text(max_size=8) | st.sampled_from(["1", "110.5", "2026-11-22 10:00", "POINT (1 1)"])


@given(
    st.lists(WORDS | st.text(max_size=6), unique=True, max_size=8),
    st.lists(st.lists(CELLS, min_size=8, max_size=8), max_size=5),
    st.dictionaries(WORDS, st.sampled_from(["", "name", "id", "lon", "wkt", "x", "nix"]), max_size=2),
    st.none() | WORDS,
    st.booleans(),
)
def test_any_headers_are_matched_or_refused_with_a_reason(names, rows, columns, id_column, flag):
    """Whatever stands there: every header is accounted for, or the error is one of ours."""
    table = RawTable(
        {name: [row[at] for row in rows] for at, name in enumerate(names)}, None, None, np.arange(len(rows))
    )
    said = ReadOptions(columns=columns, id_column=id_column, drop_refused=flag, strict=not flag)
    try:
        found = match_headers(table, kind="household", spec=SPEC, options=said, name="f.csv")
    except InputError as error:
        told = error.code
        assert told in {"GM204", "GM210"}
        return
    parts = [{*found.columns}, {*found.positions.values()}, {*found.left_out}, {*found.refused}]
    assert sorted(names) == sorted(header for part in parts for header in part)
    assert found.how.keys() == parts[0] | parts[1]


class TestProfiles:
    TABLE = (
        '---\n[imports.profiles.office]\ncolumns = { "签名" = "name", "备注" = "" }\n'
        'id = "序"\ndatum = "gcj02"\nencoding = "gbk"\n'
    )

    def test_a_profile_speaks_where_the_caller_says_nothing(self):
        made = with_profile(ReadOptions(columns={"备注": "status"}), settings(self.TABLE), "office")
        assert made.columns == {"签名": "name", "备注": "status"}
        assert (made.id_column, made.datum, made.encoding) == ("序", "gcj02", "gbk")

    def test_the_caller_speaks_before_the_profile(self):
        said = ReadOptions(crs="EPSG:4525", encoding="utf-8", columns={"户主": "name", "x": "id"})
        made = with_profile(said, settings(self.TABLE), "office")
        assert (made.crs, made.datum, made.encoding, made.id_column) == ("EPSG:4525", None, "utf-8", None)
        assert made.columns == {"备注": "", "户主": "name", "x": "id"}

    def test_what_is_saved_is_what_was_said(self):
        said = ReadOptions(
            crs="EPSG:4525", swap_axes=True, columns={"户主": "name"}, id_column="序", layer="s"
        )
        saved = profile_of(said)
        spec = SPEC.model_copy(update={"imports": SPEC.imports.model_copy(update={"profiles": {"p": saved}})})
        assert with_profile(ReadOptions(), spec, "p") == said

    def test_an_unknown_profile_is_told(self):
        with pytest.raises(ConfigError, match="did you mean office"):
            with_profile(ReadOptions(), settings(self.TABLE), "ofice")
        with pytest.raises(ConfigError, match="GM105"):
            with_profile(ReadOptions(), SPEC, "office")


def test_a_hundred_thousand_columns_are_refused_at_once():
    """Matching each with every word would take minutes, in the very process that the user waits for."""
    header = ",".join(["id", *(f"c{at}" for at in range(100_000))])
    with pytest.raises(InputError) as caught:
        matched(header + "\n" + ",".join(["a"] * 100_001))
    assert caught.value.code == "GM209"
