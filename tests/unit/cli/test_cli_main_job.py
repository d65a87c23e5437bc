"""The main job at a prompt: what other programs rely on in the JSON, and the exit codes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys

import pytest


def test_demo_check_assign_who_map(cli, tmp_path):
    area = tmp_path / "area"
    made = cli("demo", area, "--households", 80, "--json")
    assert made.code == 0
    assert made.json["planted"] == []

    checked = cli("check", "-C", area, "--json")
    assert checked.code == 0
    assert checked.json["findings"] == []
    assert checked.json["tables"]["household"] == 80

    assigned = cli("assign", "-C", area, "--json")
    assert assigned.code == 0
    figures = assigned.json
    assert set(figures) == {"assignments", "layers", "findings"}
    assert set(figures["layers"]["line"]) == {"targets", "length_m", "gap_m", "overlap_m"}
    assert set(figures["layers"]["area"]) == {"targets", "area_m2", "gap_m2", "overlap_m2", "outside_m2"}
    assert set(figures["layers"]["point"]) == {"targets", "served", "orphans"}
    assert figures["layers"]["point"]["served"] == 80
    assert figures["layers"]["line"]["gap_m"] == pytest.approx(0, abs=1e-3)

    answer = cli("who", 110.0, 42.5, "-C", area, "--json").json
    assert set(answer) == {"line", "area", "point", "notes"}
    assert set(answer["line"]) == {"section", "unit", "chainage_m", "distance_m", "also"}
    assert set(answer["area"]) == {"zone", "unit", "also"}
    assert set(answer["point"]) == {"stronghold", "unit", "distance_m", "bearing_deg"}
    assert answer["notes"] == []

    page = cli("map", "-C", area, "--audience", "planner", "--out", tmp_path / "m.html", "--json")
    assert page.json == {"path": str(tmp_path / "m.html")}
    assert (tmp_path / "m.html").read_bytes().startswith(b"<!DOCTYPE html>")


def test_tables_that_other_programs_read(cli, demo_copy):
    cli("assign", "-C", demo_copy)
    with sqlite3.connect(demo_copy / "border.gpkg") as db:
        columns = {
            table: [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            for table in ("sections", "assignments", "findings", "household", "admin", "unit")
        }
        kept = db.execute("SELECT count(*) FROM assignments WHERE layer='point' AND role='lead'").fetchone()[
            0
        ]
    wanted = {"kind", "feature", "layer", "target", "unit", "role", "metres", "rule", "reason"}
    assert wanted <= set(columns["assignments"])
    assert {"id", "unit", "outpost", "from_m", "to_m"} <= set(columns["sections"])
    assert {"id", "stronghold", "persons", "gacha"} <= set(columns["household"])
    assert {"id", "code", "name", "level", "parent"} <= set(columns["admin"])
    assert kept == 120


def test_same_seed_same_bytes(cli, tmp_path):
    pages, stores = [], []
    for name in ("a", "b"):
        area = tmp_path / name
        cli("demo", area, "--households", 60, "--seed", 3)
        cli("assign", "-C", area)
        cli("map", "-C", area, "--audience", "planner", "--out", area / "m.html")
        cli("summary", "-C", area, "--audience", "planner", "--out", area / "s.html")
        pages.append((area / "m.html").read_bytes() + (area / "s.html").read_bytes())
        stores.append((area / "border.gpkg").read_bytes())
    assert pages[0] == pages[1]
    assert stores[0] == stores[1]


def test_planted_faults_are_found_and_nothing_else(cli, tmp_path):
    planted = cli("demo", tmp_path / "f", "--households", 300, "--faults", "--json").json["planted"]
    assert len({fault["code"] for fault in planted}) >= 25
    wanted = {(f["code"], f["table"], f["id"]) for f in planted}
    for command in ("check", "assign"):
        said = cli(command, "-C", tmp_path / "f", "--json")
        assert said.code == 1
        assert {(f["code"], f["table"], f["id"]) for f in said.json["findings"]} == wanted


def test_edit_makes_the_stored_plan_stale_and_who_says_so(cli, demo_copy):
    cli("assign", "-C", demo_copy)
    assert cli("who", 110.0, 42.5, "-C", demo_copy, "--json").json["notes"] == []
    home = _one_id(demo_copy, "household")
    assert cli("edit", "household", home, "persons=6", "-C", demo_copy).code == 0
    notes = cli("who", 110.0, 42.5, "-C", demo_copy, "--json").json["notes"]
    assert any("changed since the plan was stored" in note for note in notes)


def test_edit_moves_a_home_to_a_lon_lat(cli, demo_copy):
    home = _one_id(demo_copy, "household")
    assert cli("edit", "household", home, "lon=110.0", "lat=42.4", "-C", demo_copy).code == 0
    answer = cli("who", f"household:{home}", "-C", demo_copy, "--json").json
    same = cli("who", "110.0", "42.4", "-C", demo_copy, "--json").json
    assert answer["area"] == same["area"]
    assert answer["point"]["distance_m"] == pytest.approx(same["point"]["distance_m"], abs=0.01)


@pytest.mark.parametrize(
    "words",
    [
        ("edit", "household", "H", "persons=many"),
        ("edit", "household", "H", "person=3"),
        ("edit", "household", "NOBODY", "persons=3"),
        ("edit", "homes", "H", "persons=3"),
        ("edit", "household", "H", "persons"),
        ("edit", "household", "H", "lon=110"),
        ("who", "nowhere at all"),
        ("who", "K999+000"),
        ("who", "42.5", "110.1"),
        ("map",),
        ("map", "--audience", "planer"),
        ("export", "household", "x.csv"),
        ("export", "home", "x.csv", "--audience", "planner"),
        ("import", "missing.csv", "--as", "household"),
        ("summary", "--audience", ""),
    ],
)
def test_misuse_is_said_in_the_one_form_and_changes_nothing(cli, demo_copy, monkeypatch, words):
    monkeypatch.chdir(demo_copy.parent)
    before = (demo_copy / "border.gpkg").read_bytes()
    home = _one_id(demo_copy, "household")
    said = cli(*[home if word == "H" else word for word in words], "-C", demo_copy)
    assert said.code == 2
    first, where, fix = said.err.strip().splitlines()[-3:]
    assert first.startswith("[GM")
    assert where.startswith("  where: ")
    assert fix.startswith("  fix:   ")
    assert (demo_copy / "border.gpkg").read_bytes() == before


def test_a_folder_that_is_no_project(cli, tmp_path):
    said = cli("check", "-C", tmp_path)
    assert said.code == 2
    assert "[GM101]" in said.err


def test_nothing_is_overwritten_without_force(cli, demo_copy, tmp_path):
    out = tmp_path / "m.html"
    out.write_text("mine", encoding="utf-8")
    assert cli("map", "-C", demo_copy, "--audience", "planner", "--out", out).code == 2
    assert out.read_text(encoding="utf-8") == "mine"
    assert cli("map", "-C", demo_copy, "--audience", "planner", "--out", out, "--force").code == 0
    assert out.read_bytes().startswith(b"<!DOCTYPE html>")
    assert cli("demo", demo_copy).code == 2
    assert cli("new", demo_copy).code == 2


def test_log_says_what_was_done(cli, demo_copy):
    cli("assign", "-C", demo_copy)
    cli("export", "household", demo_copy / "homes.csv", "--audience", "planner", "-C", demo_copy)
    actions = [line["action"] for line in cli("log", "-C", demo_copy, "--json").json["log"]]
    assert actions == ["demo", "assign", "export household"]


def test_planner_export_has_no_private_column_and_custodian_has(cli, demo_copy, tmp_path):
    cli("export", "household", tmp_path / "p.csv", "--audience", "planner", "-C", demo_copy)
    cli("export", "household", tmp_path / "c.csv", "--audience", "custodian", "-C", demo_copy)
    planner = (tmp_path / "p.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    custodian = (tmp_path / "c.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    assert not {"name", "contact"} & set(planner)
    assert {"name", "contact"} <= set(custodian)


def test_export_then_import_gives_the_rows_back(cli, demo_copy, tmp_path):
    for suffix in ("csv", "geojson", "gpkg"):
        file = tmp_path / f"homes.{suffix}"
        assert cli("export", "household", file, "--audience", "custodian", "-C", demo_copy).code == 0
        empty = tmp_path / f"new_{suffix}"
        assert cli("new", empty).code == 0
        said = cli("import", file, "--as", "household", "-C", empty, "--json")
        assert said.code == 0, said.err
        assert said.json["rows"] == 120


def test_help_shows_an_example_for_every_command(cli):
    for command in ("demo", "new", "import", "edit", "accept", "check", "assign", "who", "map", "summary",
                    "export", "log"):  # fmt: skip
        said = cli(command, "--help")
        assert said.code == 0
        assert f"gridmap {command}" in said.out


def test_usage_errors_exit_2(cli):
    assert cli("check", "--no-such-option").code == 2
    assert cli("nothing").code == 2


def test_the_command_is_installed_and_prints_versions():
    said = subprocess.run(
        [sys.executable, "-m", "gridmap", "--version"], capture_output=True, text=True, check=True
    )
    for word in ("gridmap", "GDAL", "PROJ", "GEOS"):
        assert word in said.stdout


def _one_id(folder, table):
    with sqlite3.connect(folder / "border.gpkg") as db:
        return db.execute(f"SELECT id FROM {table} WHERE stronghold = 0 ORDER BY id LIMIT 1").fetchone()[0]


def test_json_on_stdout_is_only_json(cli, demo_copy):
    json.loads(cli("assign", "-C", demo_copy, "--json").out)
    json.loads(cli("check", "-C", demo_copy, "--json").out)


def test_a_fault_of_our_own_is_never_taken_for_findings(cli, demo_copy, monkeypatch):
    """Exit code 1 tells a script that the data have faults: a crash must not say so."""
    from gridmap.project import Area

    def broken(*_args, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr(Area, "check", broken)
    said = cli("check", "-C", demo_copy)
    assert said.code == 2
    assert said.err.startswith("[GM900]")


def test_a_command_does_not_look_for_garbage_among_everything_it_made(demo_copy):
    """In a run over a million homes it was a second of ten, and half a one at its end."""
    run = (
        "import atexit, gc, sys\n"
        "counts = lambda: [one['collections'] for one in gc.get_stats()] + [gc.get_freeze_count()]\n"
        "atexit.register(lambda: sys.stderr.write(str(counts())))\n"
        "from gridmap.cli import main\n"
        f"sys.argv = ['gridmap', 'check', '-C', {str(demo_copy)!r}]\n"
        "main()\n"
    )
    said = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=True)
    young, middle, whole, left_alone = json.loads(said.stderr)
    assert young < 100
    assert middle + whole < 20
    assert left_alone > 100_000


def test_a_relief_that_is_none_is_said(cli, demo_copy, tmp_path):
    map_to = ("map", "-C", demo_copy, "--audience", "planner", "--out", tmp_path / "m.html")
    (demo_copy / "relief.asc").write_bytes("nonsense 中".encode())
    assert "[GM202]" in cli(*map_to).err
    (demo_copy / "relief.asc").unlink()
    assert "[GM202]" in cli(*map_to).err
    assert not (tmp_path / "m.html").exists()


def test_settings_saved_with_a_byte_order_mark_are_read(cli, demo_copy):
    settings = demo_copy / "gridmap.toml"
    settings.write_bytes(b"\xef\xbb\xbf" + settings.read_bytes())
    assert cli("check", "-C", demo_copy).code == 0


@pytest.mark.parametrize(("area", "code"), [("well", 0), ("faulty", 1)])
def test_a_reader_that_goes_away_changes_no_exit_code(demo_copy, cli, area, code):
    """`gridmap check | head -1`: a broken pipe is no finding, and hides none."""
    if area == "faulty":
        cli("edit", "household", _one_id(demo_copy, "household"), "persons=99", "-C", demo_copy)
    command = [sys.executable, "-m", "gridmap", "check", "-C", str(demo_copy), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (code, b"")


def test_data_text_does_nothing_to_the_terminal(cli, demo_copy, tmp_path):
    file = tmp_path / "homes.csv"
    rows = "id,stronghold,persons,lon_wgs84,lat_wgs84\nH\x1b]0;owned\x07 张\u3000三,false,99,110.0,42.5\n"
    file.write_text(rows, encoding="utf-8", newline="\n")
    assert cli("import", file, "--as", "household", "-C", demo_copy).code == 0
    said = cli("check", "-C", demo_copy)
    assert "household:H\\x1b]0;owned\\x07 张\u3000三" in said.out
    assert "\x1b" not in said.out + said.err + cli("who", "household:H\x1b", "-C", demo_copy).err


def test_a_layer_that_lacks_its_ground_is_said(cli, tmp_path):
    """One home and no border: without a word, "no findings" would be taken for a proof."""
    homes = tmp_path / "homes.csv"
    homes.write_text(
        "id,stronghold,persons,lon_wgs84,lat_wgs84\nH1,true,3,110.1,42.4\n", encoding="utf-8", newline="\n"
    )
    cli("new", tmp_path / "area")
    cli("import", homes, "--as", "household", "-C", tmp_path / "area")
    said = cli("assign", "-C", tmp_path / "area").err
    assert "note: there is no usable border" in said
    assert "note: there is no usable township" in said
