"""Reading CSV: what a township would lose if a cell were taken for something else."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from gridmap.config import default_spec
from gridmap.errors import ConfigError, InputError
from gridmap.exchange import ReadOptions, read_rows, refuse_faulty
from gridmap.exchange.reading import in_process

SPEC = default_spec()
HOME = "id,stronghold,persons,lon_wgs84,lat_wgs84\n"


def written(folder: Path, text: str, name: str = "homes.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def read(path: Path, *, kind: str = "household", **options):
    """Read these files, which the test made itself, without the cost of a child process."""
    return read_rows(path, kind=kind, spec=SPEC, options=ReadOptions(**options), reader=in_process)


def frame_of(path: Path, *, kind: str = "household", **options) -> gpd.GeoDataFrame:
    reading = read(path, kind=kind, **options)
    refuse_faulty(reading)
    return reading.frame


def homes(folder: Path, *rows: str, header: str = HOME, **options) -> gpd.GeoDataFrame:
    return frame_of(written(folder, header + "\n".join(rows) + "\n"), **options)


def refused(folder: Path, text: str, *, kind: str = "household", encoding: str = "utf-8", **options) -> str:
    with pytest.raises((InputError, ConfigError)) as caught:
        frame_of(written(folder, text, encoding=encoding), kind=kind, **options)
    return str(caught.value)


def test_ids_and_codes_stay_the_text_they_are(tmp_path):
    frame = homes(tmp_path, "000123,true,4,110.1,42.5", "1e5,false,3,110.2,42.5", "NA,否,1,110.3,42.5")
    assert frame["id"].tolist() == ["000123", "1e5", "NA"]


def test_a_frame_has_the_columns_and_types_of_its_kind(tmp_path):
    frame = homes(tmp_path, "b,1,4,110.1,42.5", "a,是,,110.2,42.5")
    expected = ["id", *SPEC.kinds["household"].columns, "geometry"]
    assert frame.columns.tolist() == expected
    assert frame["id"].tolist() == ["a", "b"], "rows are ordered by id"
    assert [str(dtype) for dtype in frame[["id", "persons", "stronghold", "valid_from"]].dtypes] == [
        "str",
        "Int64",
        "boolean",
        "datetime64[s]",
    ]
    assert frame.crs.to_epsg() == 4508
    assert frame["persons"].isna().tolist() == [True, False]
    assert frame["name"].isna().all()


def test_degrees_become_the_projects_metres(tmp_path):
    frame = homes(tmp_path, "a,true,4,111,42.5")
    assert frame.geometry.x[0] == pytest.approx(500_000, abs=1e-6), "111°E is the central meridian"
    assert frame.geometry.y[0] == pytest.approx(4_707_000, rel=1e-3)


@pytest.mark.parametrize("word", ["true", "TRUE", "是", "有", "√", "1"])
def test_truth_has_these_spellings(tmp_path, word):
    assert bool(homes(tmp_path, f"a,{word},4,111,42.5")["stronghold"][0]) is True


@pytest.mark.parametrize("word", ["false", "False", "否", "无", "0"])
def test_falsehood_has_these_spellings(tmp_path, word):
    assert bool(homes(tmp_path, f"a,{word},4,111,42.5")["stronghold"][0]) is False


def test_an_empty_cell_is_missing_and_an_empty_position_is_none(tmp_path):
    frame = homes(tmp_path, "a,,,,")
    assert frame["stronghold"].isna()[0]
    assert frame.geometry[0] is None


def test_every_row_that_cannot_be_stored_is_named_as_a_spreadsheet_counts(tmp_path):
    text = (
        HOME + "a,true,4,111,42.5\na,true,5,111,42.5\n,true,5,111,42.5\nd,maybe,x,111,42.5\ne,true,2,11x,42\n"
    )
    message = refused(tmp_path, text)
    assert "[GM206]" in message
    assert "5 of 5 rows" in message
    for part in (
        "row 2: id is also the id of row 3",
        "row 3: id is also the id of row 2",
        "row 4: id is missing",
        "row 5: persons is not a whole number",
        "row 5: stronghold is not true or false",
        "row 6: geometry has a lon or lat that is not decimal degrees",
    ):
        assert part in message


def test_a_message_never_repeats_a_value(tmp_path):
    message = refused(tmp_path, HOME + "SECRETID,SECRETFLAG,SECRETNUMBER,SECRETLON,1\n")
    assert "SECRET" not in message


def test_good_and_bad_rows_add_up_to_the_file(tmp_path):
    path = written(tmp_path, HOME + "a,true,4,111,42.5\nb,true,x,111,42.5\nc,true,y,bad,42.5\n")
    reading = read(path)
    assert len(reading.frame) + len({fault.row for fault in reading.faults}) == reading.total == 3


def test_a_swapped_pair_is_told_not_stored(tmp_path):
    message = refused(tmp_path, HOME + "a,true,4,42.5,111\n")
    assert "[GM208]" in message
    assert "--datum wgs84 --swap-axes" in message


@pytest.mark.parametrize("number", ["3.5", "3.0", "1,000", "1e3", "九", "99999999999999999999"])
def test_an_integer_is_never_rounded_into_being(tmp_path, number):
    assert "GM206" in refused(tmp_path, HOME + f'a,true,"{number}",111,42.5\n')


def test_large_integers_keep_every_digit(tmp_path):
    frame = homes(tmp_path, "a,true,9007199254740993,111,42.5", "b,true,,111,42.5")
    assert frame["persons"][0] == 9_007_199_254_740_993


def test_dates_are_days(tmp_path):
    header = "id,stronghold,persons,valid_from,lon_wgs84,lat_wgs84\n"
    for spelt in ("2024-02-29", "2024/2/29", "2024.02.29", "2024年2月29日", "20240229", "2024-02-29 00:00"):
        frame = homes(tmp_path, f"a,true,1,{spelt},111,42.5", header=header)
        assert frame["valid_from"][0] == pd.Timestamp("2024-02-29"), spelt
    for wrong in ("2023-02-29", "29.2.2024", "2024-02-29T10:00:00", "1/2/2024"):
        assert "valid_from" in refused(tmp_path, header + f"a,true,1,{wrong},111,42.5\n")


def test_a_misspelt_column_is_asked_about_and_one_that_means_nothing_is_said(tmp_path):
    message = refused(tmp_path, "id,strongold,户主,colour,persons,lon_wgs84,lat_wgs84\na,1,b,c,1,111,42\n")
    assert "[GM210]" in message
    assert "strongold: did you mean stronghold?" in message
    path = written(tmp_path, "id,户主,colour,lon_wgs84,lat_wgs84\na,乙,c,111,42\n")
    reading = read(path)
    assert reading.frame["name"][0] == "乙"
    assert reading.headers.left_out == ("colour",)
    assert "[GM210]" in refused(tmp_path, path.read_text(encoding="utf-8"), strict=True)


def test_bare_degrees_are_not_taken_for_a_datum(tmp_path):
    text = "id,lon,lat\na,111,42.5\n"
    message = refused(tmp_path, text)
    assert "[GM201]" in message
    for option in ("--datum wgs84", "--datum gcj02", "--datum bd09"):
        assert option in message
    assert homes(tmp_path, "a,111,42.5", header="id,lon,lat\n", datum="wgs84").geometry.x[0] == pytest.approx(
        500_000
    )
    moved = homes(tmp_path, "a,111,42.5", header="id,lon,lat\n", datum="gcj02")
    assert 100 < abs(moved.geometry.x[0] - 500_000) < 1000, (
        "a point pasted from Amap lies hundreds of metres off"
    )


@pytest.mark.parametrize(
    "column",
    [
        *(
            "身份证",
            "户主身份证号码",
            "公民身份号码",
            "民族",
            "宗教信仰",
            "政治面貌",
            "党派",
            "关注程度",
            "关 注 程 度",
        ),
        *("id_card", "ID Card No", "idCard", "ETHNICITY", "ethnic_group", "religion", "Religious-Belief"),
        *(
            "political_status",
            "party",
            "attention_level",
            "degree of attention",
            "ｉｄ＿ｃａｒｄ",
            "sfzh",
            "minzu",
        ),
    ],
)
def test_columns_about_what_a_person_is_are_refused_by_name(tmp_path, column):
    message = refused(tmp_path, f"id,stronghold,persons,{column},lon_wgs84,lat_wgs84\na,1,1,x,111,42\n")
    assert "[GM204]" in message
    assert "delete these columns" in message


@pytest.mark.parametrize("column", ["partying", "trace", "idle", "关系"])
def test_harmless_names_are_merely_left_out(tmp_path, column):
    text = f"id,stronghold,persons,{column},lon_wgs84,lat_wgs84\na,1,1,x,111,42\n"
    assert read(written(tmp_path, text)).headers.left_out == (column,)


def test_a_table_without_geometry_needs_no_position(tmp_path):
    path = written(tmp_path, "id,name,layer,contact\nU1,一连,line,0471-000\n")
    frame = frame_of(path, kind="unit")
    assert not isinstance(frame, gpd.GeoDataFrame)
    assert frame["contact"][0] == "0471-000"
    plan = written(tmp_path, "id,from_m,to_m,outpost\nP1,0,1000.5,O1\n", "plan.csv")
    assert frame_of(plan, kind="section_plan")["to_m"][0] == 1000.5


def test_lines_and_areas_come_as_well_known_text(tmp_path):
    text = 'id,class,wkt_wgs84\nt1,track,"LINESTRING (110 42, 111 42.5)"\nt2,road,\nt3,road,LINESTRING 1\n'
    reading = read(written(tmp_path, text), kind="track")
    assert reading.frame["id"].tolist() == ["t1", "t2"]
    assert reading.frame.geometry[0].geom_type == "LineString"
    assert "WKT" in reading.faults[0].reason


def test_a_township_longer_than_the_csv_modules_limit_is_read(tmp_path):
    ring = ", ".join(f"{110 + i / 20_000:.6f} {42 + (i % 2) / 1000:.6f}" for i in range(10_000))
    text = f'id,name,unit,wkt_wgs84\nz,z,u,"POLYGON (({ring}, 110 41, 110.000000 42.000000))"\n'
    assert len(text) > 131_072
    assert len(frame_of(written(tmp_path, text), kind="patrol_zone")) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("id,id,persons\na,b,1\n", "twice"),
        ('id,persons,lon,lat\n"a,1,111,42\n', "not a CSV file"),
        ("id,stronghold,persons\na,1,1\n", "no positions"),
        ("stronghold,persons,lon_wgs84,lat_wgs84\n1,1,111,42\n", "no header is the ids"),
        ("id,stronghold,persons,lon,lat,wkt\na,1,1,1,1,POINT (1 1)\n", "which is meant"),
        ("id;persons,lon;lat,name\na;1,111;42,b\n", "could be separated by"),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused_whole(tmp_path, text, said):
    assert said in refused(tmp_path, text)


def test_a_row_of_another_width_waits_and_the_others_come_in(tmp_path):
    reading = read(written(tmp_path, HOME + "a,true,1,111\nb,true,1,111,42\n"))
    assert reading.frame["id"].tolist() == ["b"]
    assert reading.quarantine["reason"][0].startswith("(row) has 4 cells and the header has 5")


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_other_separators_are_seen(tmp_path, sign):
    text = (HOME + "a,true,4,111,42.5\n").replace(",", sign)
    assert frame_of(written(tmp_path, text))["persons"][0] == 4


def test_blank_rows_and_totals_are_no_households(tmp_path):
    text = "编号,户主,人口,经度wgs84,纬度wgs84\nH1,甲,3,111,42\n,,,,\n合计,,3,,\n"
    reading = read(written(tmp_path, text), id_column="编号")
    assert reading.frame["id"].tolist() == ["H1"]
    assert reading.left_out == ((3, "is blank"), (4, "is a total"))


def test_gbk_is_read_and_what_is_neither_is_told(tmp_path):
    text = "id,name,lon_wgs84,lat_wgs84\na,满都拉苏木牧户,111,42.5\n"
    assert frame_of(written(tmp_path, text, encoding="gbk"))["name"][0] == "满都拉苏木牧户"
    path = tmp_path / "x.csv"
    path.write_bytes(b"id,name,lon_wgs84,lat_wgs84\na,\xe4\xf6\xfc\xdf,111,42.5\n")
    with pytest.raises(InputError) as caught:
        frame_of(path)
    assert caught.value.code == "GM207"
    assert "--encoding latin-1: " in str(caught.value)


def test_where_the_encoding_must_be_chosen_no_cell_is_shown_beside_a_chinese_header(tmp_path):
    path = written(tmp_path, "编号,户主\na,满都拉苏木牧户\n", encoding="gbk")
    with pytest.raises(InputError) as caught:
        read(path, encoding="utf-8")
    assert "--encoding gbk: 编号 / 户主" in str(caught.value)
    assert "满都拉" not in str(caught.value)


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path):
    path = written(tmp_path, HOME + "a,true,4,111,42.5\n", encoding="utf-8-sig")
    assert len(frame_of(path)) == 1


def test_a_guarded_cell_loses_its_one_apostrophe(tmp_path):
    frame = homes(
        tmp_path,
        "a,1,1,'=SUM(A1),111,42",
        "b,1,1,'O,111,42",
        "c,1,1,'',111,42",
        header="id,stronghold,persons,status,lon_wgs84,lat_wgs84\n",
    )
    assert frame["status"].tolist() == ["=SUM(A1)", "'O", "'"]
