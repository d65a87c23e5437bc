"""`gridmap verify` at a prompt: exit codes that a script may rely on, and words that a person may."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture(scope="module")
def finished(small_demo, tmp_path_factory):
    """A project with products in it, to copy from."""
    from gridmap import project

    folder = shutil.copytree(small_demo, tmp_path_factory.mktemp("verify") / "demo")
    with project.open_area(folder) as area:
        area.summary(audience="planner").save(folder / "summary.html")
        area.export("landmark", audience="planner", format="csv").save(folder / "marks.csv")
    return folder


@pytest.fixture
def area(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "area")


def first_id(cli, area, table):
    path = area / f"{table}-ids.csv"
    assert cli("export", table, path, "-a", "custodian", "-C", area).code == 0
    return path.read_text(encoding="utf-8-sig").splitlines()[1].split(",")[0]


def test_a_good_product_is_well(cli, area):
    said = cli("verify", area / "summary.html", "-C", area)
    assert said.code == 0
    assert "as its manifest tells" in said.out
    assert "planner" in said.out
    assert "as they are now" in said.out
    plain = cli("verify", area / "summary.html", "-C", area, "--json").json
    assert plain == {
        "path": str(area / "summary.html"),
        "matches": True,
        "clean": True,
        "columns": [],
        "audience": "planner",
        "unit": None,
        "same_data": True,
        "notes": [],
    }


def test_a_product_that_was_touched_exits_with_1(cli, area):
    path = area / "marks.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    said = cli("verify", path, "-C", area)
    assert (said.code, said.err) == (1, "")
    assert "NOT as its manifest tells" in said.out
    assert cli("verify", path, "-C", area, "--json").json["matches"] is False


def test_a_product_that_holds_what_is_private_by_now_exits_with_1(cli, area):
    word, path = "巴特尔夫的井", area / "named.csv"
    mark, home = (first_id(cli, area, table) for table in ("landmark", "household"))
    assert cli("edit", "landmark", mark, f"name={word}", "-C", area).code == 0
    assert cli("export", "landmark", path, "-a", "planner", "-C", area).code == 0
    assert cli("edit", "landmark", mark, "name=三号井", "-C", area).code == 0
    assert cli("edit", "household", home, f"name={word}", "-C", area).code == 0
    said = cli("verify", path, "-C", area)
    assert said.code == 1
    assert "HOLDS household.name" in said.out
    assert word not in said.out
    assert "changed since" in said.out


def test_without_c_the_products_own_folder_is_asked(cli, area, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert cli("verify", "../area/summary.html").code == 0
    monkeypatch.chdir(area)
    assert cli("verify", "summary.html").code == 0
    shutil.copy(area / "summary.html", tmp_path / "empty")
    shutil.copy(area / "summary.html.manifest.json", tmp_path / "empty")
    assert cli("verify", "../empty/summary.html").code == 0
    monkeypatch.chdir(tmp_path / "empty")
    said = cli("verify", "summary.html")
    assert said.code == 2
    assert "GM101" in said.err


def test_a_missing_or_damaged_manifest_is_misuse_and_no_traceback(cli, area):
    beside = area / "marks.csv.manifest.json"
    beside.write_bytes(beside.read_bytes()[:-20])
    for code in ("GM604", "GM604"):
        said = cli("verify", area / "marks.csv", "-C", area)
        assert (said.code, said.out) == (2, "")
        assert code in said.err
        assert "Traceback" not in said.err
        beside.unlink(missing_ok=True)
    (area / "marks.csv").unlink()
    assert cli("verify", area / "marks.csv", "-C", area).code == 2


def test_a_manifest_in_the_way_is_told_before_the_long_work(cli, area):
    (area / "new.html.manifest.json").write_text("mine", encoding="utf-8")
    for words in (("map",), ("summary",)):
        said = cli(*words, "-a", "planner", "-C", area, "--out", area / "new.html")
        assert said.code == 2
        assert "GM104" in said.err
    assert (area / "new.html.manifest.json").read_text(encoding="utf-8") == "mine"
    assert cli("summary", "-a", "planner", "-C", area, "--out", area / "new.html", "--force").code == 0
    assert cli("verify", area / "new.html", "-C", area).code == 0


def test_a_hostile_manifest_does_nothing_to_the_terminal(cli, area):
    beside = area / "marks.csv.manifest.json"
    text = beside.read_text(encoding="utf-8").replace('"planner"', '"\\u001b[2Jplanner"')
    beside.write_text(text, encoding="utf-8")
    said = cli("verify", area / "marks.csv", "-C", area)
    assert said.code == 2
    assert "\x1b" not in said.err + said.out
