"""`gridmap grid` at a prompt: a code that is read out must lead to the ground and to its three keepers."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

STANDARD = "N50J47539B8255346152"


@pytest.fixture(scope="module")
def gridded(small_demo, tmp_path_factory):
    """The small demo with a stored grid, to read from."""
    from gridmap import project

    folder = shutil.copytree(small_demo, tmp_path_factory.mktemp("grid") / "area")
    with project.open_area(folder) as area:
        project.make_grid(area).save()
    return folder


def test_the_grid_is_made_said_and_stays(cli, demo_copy):
    dry = cli("grid", "-C", demo_copy, "--dry-run", "--json").json
    assert dry["saved"] is False
    assert cli("grid", "-C", demo_copy, "--list", "--json").json == {"cells": []}
    made = cli("grid", "-C", demo_copy, "--json").json
    assert made["saved"] is True
    assert made["added"] == dry["added"]
    assert all(re.fullmatch(r"\d{15}", code) for code in made["added"])
    assert (made["form"], made["size_m"], made["households"]) == ("squares", 5000.0, None)
    before = (demo_copy / "border.gpkg").read_bytes()
    again = cli("grid", "-C", demo_copy)
    assert (
        again.out == f"{made['cells']:,} cells (squares 5000 m): 0 added, 0 retired, {made['cells']:,} kept\n"
    )
    assert (demo_copy / "border.gpkg").read_bytes() == before
    merged = cli("grid", "-C", demo_copy, "--form", "merged", "--households", 12, "--json").json
    assert sorted(merged["retired"]) == made["added"]
    assert set(merged["added"]).isdisjoint(made["added"])
    assert cli("undo", "-C", demo_copy, "--json").json["undone"] == "grid"
    log = cli("log", "-C", demo_copy, "--json").json["log"]
    assert [one["action"] for one in log][-3:] == ["grid", "grid", "undo"]


def test_the_list_has_every_cell_with_its_keepers_and_figures(cli, gridded):
    listed = cli("grid", "-C", gridded, "--list", "--json").json["cells"]
    table = cli("grid", "-C", gridded, "--list").out.splitlines()
    assert len(table) == len(listed) + 1
    for row, line in zip(listed, table[1:], strict=True):
        assert row["id"] in line
        assert row["id"].startswith(row["gacha"])
        assert row["gacha"].startswith(row["township"])
        for layer in ("line", "area", "point"):
            assert row[layer] is None or row[layer]["id"] in line
    assert sum(row["households"] for row in listed) == 120
    for layer in ("line", "area", "point"):
        assert any(row[layer] for row in listed)


def test_a_place_has_its_cell_its_keepers_and_its_beidou_code(cli, gridded):
    found = cli("grid", "-C", gridded, "--at", 110.12, 42.53, "--json").json
    assert found["beidou"] == "N49K450713C000000000"
    assert found["cell"]["area"]["unit"]
    written = cli("grid", "-C", gridded, "--at", "42°31′48″N 110°07′12″E", "--json").json
    assert written == found
    by_code = cli("grid", "-C", gridded, "--at", found["cell"]["id"]).out
    assert found["cell"]["id"] in by_code
    assert found["cell"]["area"]["id"] in by_code
    west = cli("grid", "-C", gridded, "--at", -71.9, 44.4)
    assert "northern and eastern" in west.out
    assert "no cell here" in west.out


def test_a_beidou_code_says_where_it_is_and_how_large(cli, gridded):
    said = cli("grid", "-C", gridded, "--beidou", STANDARD.lower(), "--json").json
    assert said["code"] == STANDARD
    assert said["level"] == 10
    assert said["west"] <= 116 + 18 / 60 + 45.37 / 3600 < said["east"]
    assert said["south"] <= 39 + 59 / 60 + 35.38 / 3600 < said["north"]
    assert said["width_m"] == pytest.approx(0.0116, abs=0.0005)
    text = cli("grid", "-C", gridded, "--beidou", "N49K65020").out
    assert "level 4" in text
    assert "size  1,369.8" in text


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("110.1", "42.5"), "GM106"),
        (("--at",), "GM107"),
        (("--at", "110.1", "42.5", "--list"), "GM106"),
        (("--list", "--dry-run"), "GM106"),
        (("--at", "110.1", "42.5", "--jsn"), "GM108"),
        (("--beidou", "S50J47539B8"), "GM107"),
        (("--beidou", "N50J4"), "GM107"),
        (("--form", "hexagons"), "GM106"),
        (("--size-m", "5"), "GM106"),
        (("--size-m", "400"), "GM103"),
    ],
)
def test_what_does_not_go_together_is_a_mistake(cli, gridded, words, code):
    said = cli("grid", *words, "-C", gridded)
    assert said.code == 2
    assert said.err.startswith(f"[{code}]"), said.err


def test_the_page_of_the_grid_runs(cli, demo_copy, tmp_path, monkeypatch):
    page = (Path(__file__).parents[3] / "docs" / "grid.md").read_text(encoding="utf-8")
    [shell] = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    [code] = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    demo_copy.rename("demo")
    first, *others = shell.splitlines()
    assert first.startswith("gridmap demo demo")
    for line in others:
        said = cli(*line.split()[1:])
        assert said.code == 0, f"{line}\n{said.err}"
    exec(compile(code, "docs/grid.md", "exec"), {})  # noqa: S102 - the page's own code
