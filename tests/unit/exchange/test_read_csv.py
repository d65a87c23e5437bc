"""Reading CSV: what a township would lose if a cell were taken for something else."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from gridmap.config import default_spec
from gridmap.errors import ConfigError, InputError
from gridmap.exchange import read_frame, read_rows

SPEC = default_spec()
HOME = "id,stronghold,persons,lon,lat\n"


def written(folder: Path, text: str, name: str = "homes.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def homes(folder: Path, *rows: str, header: str = HOME) -> gpd.GeoDataFrame:
    return read_frame(written(folder, header + "\n".join(rows) + "\n"), kind="household", spec=SPEC)


def refused(folder: Path, text: str, *, kind: str = "household", encoding: str = "utf-8") -> str:
    with pytest.raises((InputError, ConfigError)) as caught:
        read_frame(written(folder, text, encoding=encoding), kind=kind, spec=SPEC)
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


@pytest.mark.parametrize("word", ["true", "TRUE", "是", "1"])
def test_truth_has_these_spellings(tmp_path, word):
    assert bool(homes(tmp_path, f"a,{word},4,111,42.5")["stronghold"][0]) is True


@pytest.mark.parametrize("word", ["false", "False", "否", "0"])
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
    reading = read_rows(path, kind="household", spec=SPEC)
    assert len(reading.frame) + len({fault.row for fault in reading.faults}) == reading.total == 3


def test_a_swapped_pair_is_told_not_stored(tmp_path):
    assert "swapped" in refused(tmp_path, HOME + "a,true,4,42.5,111\n")


@pytest.mark.parametrize("number", ["3.5", "3.0", "1,000", "1e3", "９", "99999999999999999999"])
def test_an_integer_is_never_rounded_into_being(tmp_path, number):
    assert "GM206" in refused(tmp_path, HOME + f'a,true,"{number}",111,42.5\n')


def test_large_integers_keep_every_digit(tmp_path):
    frame = homes(tmp_path, "a,true,9007199254740993,111,42.5", "b,true,,111,42.5")
    assert frame["persons"][0] == 9_007_199_254_740_993


def test_dates_are_days(tmp_path):
    header = "id,stronghold,persons,valid_from,lon,lat\n"
    frame = homes(tmp_path, "a,true,1,2024-02-29,111,42.5", header=header)
    assert frame["valid_from"][0] == pd.Timestamp("2024-02-29")
    for wrong in ("2023-02-29", "29.2.2024", "2024-02-29T10:00:00", "20240229"):
        assert "valid_from" in refused(tmp_path, header + f"a,true,1,{wrong},111,42.5\n")


def test_an_unknown_column_is_an_error_with_a_suggestion_not_dropped(tmp_path):
    message = refused(tmp_path, "id,strongold,户主,colour,persons,lon,lat\na,1,b,c,1,111,42\n")
    assert "[GM105]" in message
    assert "strongold: did you mean stronghold?" in message
    assert "户主: did you mean name?" in message
    assert "colour" in message


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
    message = refused(tmp_path, f"id,stronghold,persons,{column},lon,lat\na,1,1,x,111,42\n")
    assert "[GM204]" in message
    assert "delete these columns" in message


@pytest.mark.parametrize("column", ["partying", "trace", "identifier", "idle", "编号", "关系"])
def test_harmless_names_are_merely_unknown(tmp_path, column):
    assert "[GM105]" in refused(tmp_path, f"id,stronghold,persons,{column},lon,lat\na,1,1,x,111,42\n")


def test_a_table_without_geometry_needs_no_position(tmp_path):
    path = written(tmp_path, "id,name,layer,contact\nU1,一连,line,0471-000\n")
    frame = read_frame(path, kind="unit", spec=SPEC)
    assert not isinstance(frame, gpd.GeoDataFrame)
    assert frame["contact"][0] == "0471-000"
    plan = written(tmp_path, "id,from_m,to_m,outpost\nP1,0,1000.5,O1\n", "plan.csv")
    assert read_frame(plan, kind="section_plan", spec=SPEC)["to_m"][0] == 1000.5


def test_lines_and_areas_come_as_well_known_text(tmp_path):
    text = 'id,class,wkt\nt1,track,"LINESTRING (110 42, 111 42.5)"\nt2,road,\nt3,road,LINESTRING 1\n'
    reading = read_rows(written(tmp_path, text), kind="track", spec=SPEC)
    assert reading.frame["id"].tolist() == ["t1", "t2"]
    assert reading.frame.geometry[0].geom_type == "LineString"
    assert "WKT" in reading.faults[0].reason


def test_a_township_longer_than_the_csv_modules_limit_is_read(tmp_path):
    ring = ", ".join(f"{110 + i / 20_000:.6f} {42 + (i % 2) / 1000:.6f}" for i in range(10_000))
    text = f'id,name,unit,wkt\nz,z,u,"POLYGON (({ring}, 110 41, 110.000000 42.000000))"\n'
    assert len(text) > 131_072
    assert len(read_frame(written(tmp_path, text), kind="patrol_zone", spec=SPEC)) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("id;persons\na;1\n", "commas"),
        ("id,id,persons\na,b,1\n", "twice"),
        ("id,persons,lon,lat\na,1,111\n", "row 2 has 3 cells"),
        ('id,persons,lon,lat\n"a,1,111,42\n', "not a CSV file"),
        ("id,stronghold,persons\na,1,1\n", "no positions"),
        ("stronghold,persons,lon,lat\n1,1,111,42\n", "no column id"),
        ("id,stronghold,persons,lon,lat,wkt\na,1,1,1,1,POINT (1 1)\n", "which is meant"),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused_whole(tmp_path, text, said):
    assert said in refused(tmp_path, text)


def test_gbk_is_told_not_turned_into_nonsense(tmp_path):
    message = refused(tmp_path, HOME + "满都拉,true,4,111,42.5\n", encoding="gbk")
    assert "[GM202]" in message
    assert "not UTF-8" in message


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path):
    path = written(tmp_path, HOME + "a,true,4,111,42.5\n", encoding="utf-8-sig")
    assert len(read_frame(path, kind="household", spec=SPEC)) == 1


def test_a_guarded_cell_loses_its_one_apostrophe(tmp_path):
    frame = homes(
        tmp_path,
        "a,1,1,'=SUM(A1),111,42",
        "b,1,1,'O,111,42",
        "c,1,1,'',111,42",
        header="id,stronghold,persons,status,lon,lat\n",
    )
    assert frame["status"].tolist() == ["=SUM(A1)", "'O", "'"]
