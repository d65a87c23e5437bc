"""`gridmap who` at a prompt: a pasted point, and a whole file of places."""

from __future__ import annotations

import pytest

ROWS = "编号,经度,纬度\nP1,110.0,42.5\nP2,abc,42.5\nP3,110°00′,42°30′\n"


@pytest.fixture
def places(tmp_path):
    path = tmp_path / "places.csv"
    path.write_text(ROWS, encoding="gbk")
    return path


def test_a_point_pasted_from_a_web_map_is_moved_and_said(cli, small_demo):
    plain = cli("who", 110.0, 42.5, "-C", small_demo, "--json").json
    moved = cli("who", 110.0, 42.5, "--datum", "GCJ02", "-C", small_demo, "--json").json
    assert moved["notes"][0].startswith("position: degrees in GCJ-02")
    assert moved["point"]["distance_m"] != plain["point"]["distance_m"]
    shown = cli("who", "110°00′E", "42°30′N", "--datum", "gcj02", "-C", small_demo)
    assert f"note: {moved['notes'][0]}" in shown.out


def test_a_file_gives_an_answer_a_row_and_lists_what_it_cannot_place(cli, small_demo, places):
    said = cli("who", "--file", places, "--datum", "wgs84", "-C", small_demo, "--json")
    assert said.code == 1
    one, bad, same = said.json
    typed = cli("who", 110.0, 42.5, "-C", small_demo, "--json").json
    assert (one["row"], one["id"], one["name"]) == (2, "P1", None)
    assert [one[layer] for layer in ("line", "area", "point")] == [
        typed[layer] for layer in ("line", "area", "point")
    ]
    assert same["area"] == one["area"]
    assert (bad["row"], bad["id"]) == (3, "P2")
    assert "lon or lat" in bad["reason"]
    table = cli("who", "--file", places, "--datum", "wgs84", "-C", small_demo)
    assert table.code == 1
    lines = table.out.splitlines()
    assert len(lines) == 4
    assert lines[1].split()[:2] == ["2", "P1"]
    assert one["area"]["zone"] in lines[1]
    assert "1 of 3 places cannot be understood" in table.err


def test_a_file_that_can_be_understood_whole_exits_well(cli, small_demo, places):
    places.write_text("lon_wgs84,lat_wgs84\n110.0,42.5\n", encoding="utf-8")
    said = cli("who", "--file", places, "-C", small_demo, "--json")
    assert said.code == 0
    assert said.json[0]["area"] is not None


def test_bare_degrees_of_a_file_list_the_readings(cli, small_demo, places):
    said = cli("who", "--file", places, "-C", small_demo)
    assert said.code == 2
    assert said.err.startswith("[GM201]")
    for option in ("--datum wgs84", "--datum gcj02", "--datum bd09"):
        assert option in said.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("110.0", "42.5", "--datum", "mars"), "GM106"),
        (("K23+450", "--datum", "gcj02"), "GM106"),
        (("110.0", "42.5", "--crs", "EPSG:4525"), "GM106"),
        (("110.0", "42.5", "--file", "places.csv"), "GM106"),
        (("110.0", "42.5", "--datm", "gcj02"), "GM108"),
        ((), "GM107"),
        (("--file", "no-such.csv"), "GM202"),
    ],
)
def test_what_does_not_belong_together_is_a_mistake(cli, small_demo, words, code):
    said = cli("who", *words, "-C", small_demo)
    assert said.code == 2
    assert said.err.startswith(f"[{code}]"), said.err


def test_western_longitudes_are_places(cli, small_demo):
    said = cli("who", "-110.0", "42.5", "--datum", "wgs84", "-C", small_demo)
    assert said.code == 0
    assert "outside the jurisdiction" in said.out


def test_an_audience_is_answered_from_its_own_view(cli, small_demo, places):
    plain = cli("who", 110.12, 42.53, "-C", small_demo, "--json").json
    planner = cli("who", 110.12, 42.53, "-C", small_demo, "--audience", "planner", "--json").json
    assert planner.keys() == plain.keys()
    assert planner["line"]["section"] == plain["line"]["section"]
    assert planner["line"]["distance_m"] == pytest.approx(plain["line"]["distance_m"], abs=2)
    public = cli("who", 110.12, 42.53, "-C", small_demo, "--audience", "public", "--json").json
    assert (public["line"], public["point"]) == (None, None)
    assert public["area"]["zone"] != plain["area"]["zone"], "its ids are its own"
    assert "this view does not hold the border" in public["notes"]
    [row, *_] = cli(
        "who", "--file", places, "--datum", "wgs84", "-C", small_demo, "-a", "public", "--json"
    ).json
    assert row["line"] is None
    shown = cli("who", 110.12, 42.53, "-C", small_demo, "-a", "public").out
    assert "line  军管线  nobody in this view" in shown


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("110.1", "42.5", "--unit", "U-A1"), "GM106"),
        (("110.1", "42.5", "--audience", "strangers"), "GM109"),
        (("110.1", "42.5", "--audience", "partner"), "GM109"),
        (("household:H0001", "--audience", "public"), "GM107"),
        (("K10+000", "--audience", "public"), "GM107"),
    ],
)
def test_what_an_audience_may_not_ask_is_a_mistake(cli, small_demo, words, code):
    said = cli("who", *words, "-C", small_demo)
    assert said.code == 2
    assert said.err.startswith(f"[{code}]"), said.err
