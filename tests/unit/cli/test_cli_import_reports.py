"""What independent testers of imports and exports stumbled over, as they typed it."""

from __future__ import annotations

import zipfile

import geopandas as gpd
import pyogrio
import pytest
import shapely

HEADER = "户号,户主,人口,经度,纬度\n"
AS_HOMES = ("--as", "household", "--datum", "wgs84")


@pytest.fixture
def sheet(tmp_path):
    def write(text: str, name: str = "牧户.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8-sig")
        return path

    return write


def stored(cli, area, name):
    out = area / "stored.csv"
    cli("export", "household", out, "--audience", "custodian", "-C", area, "--force")
    lines = out.read_text(encoding="utf-8-sig").splitlines()
    head = lines[0].split(",")
    return next(
        dict(zip(head, line.split(","), strict=True)) for line in lines if line.startswith(f"{name},")
    )


def test_a_polygon_file_that_states_another_zone_is_refused_with_its_readings(cli, demo_copy, tmp_path):
    shape = shapely.box(37_410_000, 4_700_000, 37_411_000, 4_701_000)
    frame = gpd.GeoDataFrame({"id": ["Z"], "name": ["区"], "unit": ["U"]}, geometry=[shape], crs="EPSG:4546")
    pyogrio.write_dataframe(frame, tmp_path / "z.shp", driver="ESRI Shapefile", encoding="UTF-8")
    refused = cli("import", tmp_path / "z.shp", "--as", "patrol_zone", "-C", demo_copy)
    assert refused.code == 2
    assert refused.err.startswith("[GM208]"), refused.err
    assert "EPSG:4525" in refused.err


def test_a_crs_that_puts_everything_outside_is_said(cli, demo_copy, sheet):
    file = sheet("户号,户主,X,Y\nN1,甲,37414617.972,4719584.916\n")
    words = (
        "import",
        file,
        "--as",
        "household",
        "--crs",
        "EPSG:4546",
        "-C",
        demo_copy,
        "--dry-run",
        "--json",
    )
    notes = cli(*words).json["notes"]
    assert any("no position lies inside the jurisdiction; --crs EPSG:4525" in note for note in notes), notes


def test_metres_said_to_be_degrees_are_refused_whole(cli, demo_copy, sheet):
    file = sheet("户号,户主,X,Y\nN1,甲,37414617.972,4719584.916\n")
    refused = cli("import", file, "--as", "household", "--crs", "EPSG:4490", "-C", demo_copy)
    assert refused.err.startswith("[GM208]"), refused.err


def test_one_identity_number_keeps_its_row_out_and_is_kept_nowhere(cli, demo_copy, sheet):
    number = "152624197010181344"
    rows = "".join(f"N{at},甲{at},3,110.1{at},42.5\n" for at in range(8))
    file = sheet(f"{HEADER}{rows}N8,巴图 {number},3,110.2,42.5\nN9,乙,{number},110.2,42.5\n")
    done = cli("import", file, *AS_HOMES, "-C", demo_copy, "--json")
    assert (done.code, done.json["accepted"], done.json["quarantined"]) == (1, 8, 2)
    for one in demo_copy.iterdir():
        assert number.encode() not in one.read_bytes(), one.name


def test_an_update_says_nothing_of_columns_that_the_file_does_not_have(cli, demo_copy, sheet):
    before = stored(cli, demo_copy, "H0001")
    file = sheet(f"户号,户主,经度,纬度\nH0001,新名,{before['lon_wgs84']},{before['lat_wgs84']}\n")
    done = cli("import", file, *AS_HOMES, "--on-duplicate", "update", "-C", demo_copy, "--json")
    assert done.json["updated"] == 1, done.err
    after = stored(cli, demo_copy, "H0001")
    assert after.pop("name") == "新名"
    before.pop("name")
    assert after == before


def test_who_signed_the_sheet_is_no_household(cli, demo_copy, sheet):
    file = sheet(f"{HEADER}N1,甲,3,110.1,42.5\n填表人：王五,,,审核人：李四,\n")
    done = cli("import", file, *AS_HOMES, "-C", demo_copy, "--json")
    assert (done.code, done.json["rows"]) == (0, 1)
    assert done.json["left_out"][0]["row"] == 3


def test_a_title_above_the_header_is_told(cli, demo_copy, sheet):
    refused = cli(
        "import", sheet(f"牧户登记表,,,,\n{HEADER}N1,甲,3,110.1,42.5\n"), *AS_HOMES, "-C", demo_copy
    )
    assert "the first line is a title" in refused.err


def test_a_shapefile_is_written_under_the_name_it_can_be_read_by(cli, demo_copy, tmp_path):
    words = ("--audience", "custodian", "-C", demo_copy)
    refused = cli("export", "household", tmp_path / "homes.shp", *words)
    assert refused.err.startswith("[GM110]")
    assert ".zip" in refused.err
    assert cli("export", "household", tmp_path / "homes.zip", *words).code == 0
    assert zipfile.is_zipfile(tmp_path / "homes.zip")
    again = cli("import", tmp_path / "homes.zip", "--as", "household", "-C", demo_copy, "--json")
    assert again.json["unchanged"] == again.json["rows"], again.err


def test_a_character_that_an_encoding_does_not_have_is_told(cli, demo_copy, sheet, tmp_path):
    cli("import", sheet(f"{HEADER}N1,𠮷,3,110.1,42.5\n"), *AS_HOMES, "-C", demo_copy)
    words = ("export", "household", tmp_path / "x.csv", "--audience", "custodian", "-C", demo_copy)
    refused = cli(*words, "--encoding", "gbk")
    assert refused.err.startswith("[GM106]"), refused.err
    assert "gb18030" in refused.err
    assert cli(*words, "--encoding", "gb18030").code == 0
