"""Import and undo at a prompt: every row accounted for, and nothing stored that was not understood."""

from __future__ import annotations

import hashlib
import json

import pytest

HEADER = "户号,户主,电话,人口,堡垒户,经度,纬度\n"
GOOD = "N001,其其格,0470-1,4,否,110.1289,42.5357\nN002,巴图,0470-2,3,是,110.13,42.536\n"


@pytest.fixture
def sheet(tmp_path):
    def write(rows: str = GOOD, header: str = HEADER, name: str = "牧户.csv"):
        path = tmp_path / name
        path.write_text(header + rows, encoding="gbk")
        return path

    return write


def stored(area):
    return hashlib.sha256((area / "border.gpkg").read_bytes()).hexdigest()


def test_a_township_sheet_comes_in_with_its_own_headers(cli, demo_copy, sheet):
    done = cli("import", sheet(), "--as", "household", "--datum", "gcj02", "-C", demo_copy, "--json")
    assert done.code == 0, done.err
    said = done.json
    assert (said["rows"], said["accepted"], said["added"], said["quarantined"]) == (2, 2, 2, 0)
    assert {one["header"]: one["column"] for one in said["columns"]} == {
        "户号": "id",
        "户主": "name",
        "电话": "contact",
        "人口": "persons",
        "堡垒户": "stronghold",
        "经度": "lon",
        "纬度": "lat",
    }
    answer = cli("who", "household:N001", "-C", demo_copy, "--json")
    assert answer.code == 0
    # The pasted point was half a kilometre off, and no longer is.
    plain = cli("who", "110.1289", "42.5357", "-C", demo_copy, "--json").json
    assert abs(plain["line"]["chainage_m"] - answer.json["line"]["chainage_m"]) > 100


def test_bare_degrees_are_not_guessed(cli, demo_copy, sheet):
    before = stored(demo_copy)
    refused = cli("import", sheet(), "--as", "household", "-C", demo_copy)
    assert refused.code == 2
    assert refused.err.startswith("[GM201]")
    assert "--datum gcj02" in refused.err
    assert stored(demo_copy) == before


def test_a_dry_run_shows_the_readings_on_a_small_map(cli, demo_copy, sheet):
    before = stored(demo_copy)
    shown = cli("import", sheet(), "--as", "household", "-C", demo_copy, "--dry-run")
    assert shown.code == 2
    assert any("\u2801" <= char <= "\u28ff" for char in shown.out), "no outline was drawn"
    assert "  A  " in shown.out
    assert "  B  " in shown.out
    assert stored(demo_copy) == before


def test_a_dry_run_tells_all_and_stores_nothing(cli, demo_copy, sheet):
    before = stored(demo_copy)
    words = ["import", sheet(), "--as", "household", "--datum", "gcj02", "-C", demo_copy, "--dry-run"]
    shown = cli(*words)
    assert shown.code == 0
    assert "户主 -> name" in shown.err
    assert "would be taken in" in shown.out
    assert stored(demo_copy) == before
    assert "import" not in [line["action"] for line in cli("log", "-C", demo_copy, "--json").json["log"]]


def test_rows_that_cannot_be_stored_wait_in_quarantine(cli, demo_copy, sheet):
    bad = GOOD + "N003,斯琴,,many,否,110.14,42.53\nN001,其其格,,4,否,110.14,42.53\n,无名,,1,否,110.1,42.5\n"
    words = ["import", sheet(bad), "--as", "household", "--datum", "gcj02", "-C", demo_copy, "--json"]
    done = cli(*words)
    assert done.code == 1
    said = done.json
    # N001 stands there twice: nobody can say which of them is meant.
    assert (said["accepted"], said["quarantined"], said["rows"]) == (1, 4, 5)
    assert {one["row"] for one in said["misfits"]} == {2, 4, 5, 6}
    out = demo_copy / "waiting.csv"
    cli("export", "quarantine", out, "--audience", "custodian", "-C", demo_copy)
    text = out.read_text(encoding="utf-8-sig")
    assert "斯琴" in text
    assert "牧户.csv" in text
    assert cli("export", "quarantine", out, "--audience", "planner", "-C", demo_copy, "--force").code == 2

    mended = sheet(GOOD + "N003,斯琴,,2,否,110.14,42.53\n")
    again = cli("import", mended, "--as", "household", "--datum", "gcj02", "-C", demo_copy, "--json")
    assert again.code == 0
    assert (again.json["added"], again.json["unchanged"]) == (2, 1)
    assert cli("export", "quarantine", out, "--audience", "custodian", "-C", demo_copy, "--force").code == 0
    assert "斯琴" not in out.read_text(encoding="utf-8-sig"), "the mended row still waits"


def test_strict_takes_all_or_nothing(cli, demo_copy, sheet):
    before = stored(demo_copy)
    bad = sheet(GOOD + "N003,斯琴,,many,否,110.14,42.53\n")
    words = ["import", bad, "--as", "household", "--datum", "gcj02", "-C", demo_copy, "--strict"]
    refused = cli(*words)
    assert refused.code == 2
    assert refused.err.startswith("[GM206]")
    assert "row 4" in refused.err
    assert "many" not in refused.err
    assert stored(demo_copy) == before


def test_undo_takes_the_whole_import_back(cli, demo_copy, sheet):
    before = cli("check", "-C", demo_copy, "--json").json["tables"]
    bad = sheet(GOOD + "N003,斯琴,,many,否,110.14,42.53\n")
    cli("import", bad, "--as", "household", "--datum", "gcj02", "-C", demo_copy)
    undone = cli("undo", "-C", demo_copy, "--json")
    assert undone.code == 0
    assert undone.json["undone"] == "import"
    assert undone.json["source"] == "牧户.csv"
    assert cli("check", "-C", demo_copy, "--json").json["tables"] == before
    empty = cli("undo", "-C", demo_copy)
    assert empty.code == 2
    assert empty.err.startswith("[GM308]")


def test_forgetting_answers_a_program_too(cli, demo_copy, sheet):
    cli("import", sheet(GOOD), "--as", "household", "--datum", "gcj02", "-C", demo_copy)
    assert cli("undo", "--forget", "-C", demo_copy, "--json").json == {"forgotten": True}
    assert cli("undo", "-C", demo_copy).err.startswith("[GM308]")


def test_a_choice_that_there_is_not_is_refused(cli, demo_copy, sheet):
    before = stored(demo_copy)
    words = ["import", sheet(GOOD), "--as", "household", "--datum", "gcj02", "-C", demo_copy]
    refused = cli(*words, "--on-duplicate", "replace")
    assert refused.code == 2
    assert refused.err.startswith("[GM106]")
    assert stored(demo_copy) == before


def test_rows_that_are_stored_with_other_values_are_not_overwritten(cli, demo_copy, sheet):
    words = ("--as", "household", "--datum", "gcj02", "-C", demo_copy, "--json")
    cli("import", sheet(), *words)
    changed = sheet(GOOD.replace("巴图,0470-2,3", "巴图,0470-9,5"))
    refused = cli("import", changed, *words)
    assert refused.code == 2
    assert refused.err.startswith("[GM211]")
    assert "N002" in refused.err
    kept = cli("import", changed, *words, "--on-duplicate", "skip").json
    assert (kept["unchanged"], kept["skipped"], kept["updated"]) == (1, 1, 0)
    taken = cli("import", changed, *words, "--on-duplicate", "update").json
    assert (taken["unchanged"], taken["skipped"], taken["updated"]) == (1, 0, 1)


def test_a_mapping_is_kept_under_a_name(cli, demo_copy, sheet):
    odd = HEADER.replace("户主", "签名").replace("户号", "序")
    file = sheet(header=odd)
    words = ("--as", "household", "-C", demo_copy)
    mapping = ("--columns", "签名=name", "--id", "序", "--datum", "gcj02")
    settings = (demo_copy / "gridmap.toml").read_text(encoding="utf-8")
    assert cli("import", file, *words, *mapping, "--save-profile", "township").code == 0
    assert (demo_copy / "gridmap.toml").read_text(encoding="utf-8").startswith(settings.rstrip("\n"))
    cli("undo", "-C", demo_copy)
    again = cli("import", file, *words, "--profile", "township", "--json")
    assert again.code == 0, again.err
    assert again.json["added"] == 2
    taken = cli("import", file, *words, *mapping, "--save-profile", "township", "--on-duplicate", "update")
    assert taken.code == 2
    assert taken.err.startswith("[GM104]")


def test_the_log_says_what_came_from_which_file(cli, demo_copy, sheet):
    file = sheet()
    cli("import", file, "--as", "household", "--datum", "gcj02", "-C", demo_copy)
    line = cli("log", "-C", demo_copy, "--json").json["log"][-1]
    assert line["action"] == "import"
    assert line["source"] == "牧户.csv"
    assert line["size"] == file.stat().st_size
    assert line["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (line["rows"], line["accepted"], line["quarantined"]) == (2, 2, 0)
    assert line["columns"]["户主"] == "name"
    assert line["encoding"] == "gbk"
    # Which values came in is the store's to hold, not the log's.
    assert "其其格" not in json.dumps(line, ensure_ascii=False)


def test_refused_columns_are_dropped_only_when_asked(cli, demo_copy, sheet):
    header = HEADER.replace("电话", "民族")
    words = ("import", sheet(header=header), "--as", "household", "--datum", "gcj02", "-C", demo_copy)
    refused = cli(*words)
    assert refused.code == 2
    assert refused.err.startswith("[GM204]")
    dropped = cli(*words, "--drop-refused", "--json")
    assert dropped.code == 0
    assert "民族" in dropped.json["refused"]


@pytest.mark.parametrize(
    "words",
    [
        ("importt",),
        ("import",),
        ("import", "x.csv", "--as"),
        ("check", "--nonsense"),
        ("demo", "d", "--seed", "x"),
    ],
)
def test_misuse_is_told_in_the_one_form(cli, words):
    told = cli(*words)
    assert told.code == 2
    first, where, fix = told.err.strip().splitlines()
    assert first.startswith("[GM108] ")
    assert where.startswith("  where: ")
    assert fix.startswith("  fix:   ")
    assert "--help" in fix


def test_a_column_that_the_file_lacks_is_the_same_in_every_row(cli, demo_copy, sheet):
    words = ("import", sheet(), "--as", "household", "--datum", "gcj02", "-C", demo_copy, "--json")
    done = cli(*words, "--set", "gacha=150223102200", "--set", "status=新, 迁入")
    assert done.code == 0, done.err
    assert "gacha is the same in every row, as you say" in done.json["notes"]
    out = demo_copy / "homes.csv"
    cli("export", "household", out, "--audience", "custodian", "-C", demo_copy)
    taken = [line for line in out.read_text(encoding="utf-8-sig").splitlines() if line.startswith("N00")]
    assert [("150223102200" in line, "新, 迁入" in line) for line in taken] == [(True, True)] * 2
    for wrong, code in (
        ("gaccha=1", "GM105"),
        ("persons=3", "GM106"),
        ("valid_from=soon", "GM106"),
        ("x", "GM106"),
    ):
        told = cli(*words, "--set", wrong)
        assert (told.code, code in told.err) == (2, True), told.err


BAD = "N003,斯琴,,many,否,110.14,42.53\n,无名,,1,否,110.1,42.5\n"
AS_HOMES = ("--as", "household", "--datum", "gcj02")


def waiting(cli, area):
    return cli("check", "-C", area, "--json").json["tables"].get("quarantine", 0)


def test_rows_of_two_files_of_one_name_all_wait(cli, demo_copy, tmp_path):
    for folder, number in (("a", "N003"), ("b", "N004")):
        (tmp_path / folder).mkdir()
        file = tmp_path / folder / "牧户.csv"
        file.write_text(HEADER + BAD.replace("N003", number), encoding="gbk")
        assert cli("import", file, *AS_HOMES, "-C", demo_copy).code == 1
    assert waiting(cli, demo_copy) == 4


def test_a_row_that_nothing_names_waits_until_it_is_discarded(cli, demo_copy, sheet):
    cli("import", sheet(BAD), *AS_HOMES, "-C", demo_copy)
    mended = cli("import", sheet(BAD.replace("many", "2").split("\n")[0] + "\n"), *AS_HOMES, "-C", demo_copy)
    assert mended.code == 0
    assert "1 rows wait in quarantine" in mended.err
    gone = cli("discard", "牧户.csv", "-C", demo_copy, "--json")
    assert gone.json["discarded"] == 1
    assert waiting(cli, demo_copy) == 0
    assert cli("discard", "牧户.csv", "-C", demo_copy).err.startswith("[GM105]")
    assert cli("undo", "-C", demo_copy, "--json").json["undone"] == "discard"
    assert waiting(cli, demo_copy) == 1


def test_a_log_that_cannot_be_written_does_not_hide_that_rows_are_stored(cli, demo_copy, sheet):
    (demo_copy / "log.jsonl").unlink()
    (demo_copy / "log.jsonl").mkdir()
    done = cli("import", sheet(), *AS_HOMES, "-C", demo_copy, "--json")
    assert done.code == 0
    assert any("are stored, but not logged" in note for note in done.json["notes"])
    assert cli("who", "household:N001", "-C", demo_copy).code == 0


def test_what_waits_holds_no_more_than_the_store_would(cli, demo_copy, sheet):
    header = HEADER.replace("纬度", "纬度,备注")
    rows = "N003,斯琴,,many,否,110.14,42.53,护照 E12345678 京A12345\n"
    assert cli("import", sheet(rows, header), *AS_HOMES, "-C", demo_copy).code == 1
    assert b"E12345678" not in (demo_copy / "border.gpkg").read_bytes()
    assert "斯琴".encode() in (demo_copy / "border.gpkg").read_bytes()
