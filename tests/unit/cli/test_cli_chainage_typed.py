"""`gridmap chainage` with what people really type: the end, bearings, far places, faulty lists."""

from __future__ import annotations

import pytest


def test_the_end_that_is_printed_can_be_typed(cli, small_demo):
    length = cli("chainage", "-C", small_demo, "--json").json["length_m"]
    kilometres, metres = divmod(round(length, 3), 1_000)
    end = f"K{kilometres:.0f}+{metres:07.3f}"
    assert cli("chainage", "--at", end, "-C", small_demo, "--json").json["chainage_m"] == length
    assert cli("chainage", end, "-C", small_demo).code == 0
    assert cli("who", end, "-C", small_demo, "--json").json["line"]["section"]
    beyond = cli("who", f"K{kilometres:.0f}+{metres + 0.002:07.3f}", "-C", small_demo)
    assert (beyond.code, beyond.err[:7]) == (2, "[GM107]")
    assert end in beyond.err


@pytest.mark.parametrize(
    "words",
    [
        ("--offset", 500, "--bearing", 40),
        ("--offset", "nan", "--side", "left"),
        ("--offset", 5, "--bearing", 323.5, "--side", "left"),
        ("--offset", 1e8, "--side", "left"),
    ],
)
def test_what_is_not_there_is_no_place(cli, small_demo, words):
    said = cli("chainage", "--at", "K23+450", *words, "-C", small_demo)
    assert (said.code, said.out, said.err[:7]) == (2, "", "[GM106]")


def test_a_place_on_the_other_side_of_the_earth_is_said_back_as_typed(cli, small_demo):
    said = cli("chainage", 20, 10, "-C", small_demo, "--json")
    assert (said.json["lon"], said.json["lat"]) == (20.0, 10.0)
    assert "outside the area" in said.err
    assert "outside" not in cli("chainage", 110.12, 42.53, "-C", small_demo).err
    assert cli("chainage", 21, 0, "-C", small_demo).err.startswith("[GM107]")


def test_an_empty_project_has_no_border(cli, tmp_path):
    cli("new", tmp_path / "empty")
    said = cli("chainage", "-C", tmp_path / "empty")
    assert (said.code, said.err[:7]) == (2, "[GM501]")


def test_every_bad_row_of_a_list_is_named_at_once(cli, demo_copy, tmp_path):
    bad = ["a,K1,-3,left", "b,K1,x,left", "c,K1,nan,left", "d,K400,,", "e,K2,5,up", "f,K2,30000,left"]
    bad += ["g,,,", ",K3,,", "h,K4,7,", "same,K5,x,left", "same,K6,,"]
    path = tmp_path / "markers.csv"
    path.write_text("\n".join(["number,chainage,offset_m,side", "good,K1,,", *bad]), encoding="utf-8")
    log = (demo_copy / "log.jsonl").read_bytes()
    said = cli("chainage", "--place", path, "--save", "-C", demo_copy, "--json")
    assert (demo_copy / "log.jsonl").read_bytes() == log
    assert (said.code, said.err.splitlines()[0]) == (2, "[GM206] 11 markers cannot be placed")
    assert all(f"row {row}: " in said.err for row in range(3, 14))
    told = {(one["row"], one["column"]) for one in said.json["faults"]}
    offsets = {(row, "offset_m") for row in (3, 4, 5, 8, 11, 12)}
    others = {(6, "chainage"), (7, "side"), (9, "chainage"), (10, "number"), (12, "number"), (13, "number")}
    assert told == offsets | others
