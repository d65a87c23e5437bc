"""`gridmap chainage` and `--season` at a prompt: what a person types, and what a script reads."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

import gridmap as gm


def test_there_and_back_at_a_prompt(cli, small_demo):
    there = cli(
        "chainage", "--at", "K23+450", "--offset", 500, "--side", "left", "-C", small_demo, "--json"
    ).json
    back = cli("chainage", there["lon"], there["lat"], "-C", small_demo)
    assert back.code == 0
    assert "chainage       K23+450" in back.out
    assert "500.000 m left" in back.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("K5", "--posts"), "GM106"),
        (("--markers", "--sections", "equal:2"), "GM106"),
        (("--at", "K5", "--save"), "GM106"),
        (("--markers", "--force"), "GM106"),
        (("K5", "--crs", "EPSG:4490"), "GM106"),
        (("K5", "--layer", "x"), "GM106"),
        (("--posts", "--bearing", "3"), "GM106"),
        (("--posts", "--out", "posts.csv"), "GM109"),
        (("K5", "--sectoins", "equal:2"), "GM108"),
    ],
)
def test_one_job_at_a_time_and_only_options_that_belong_to_it(cli, small_demo, words, code):
    said = cli("chainage", *words, "-C", small_demo)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"[{code}]")


def test_a_draft_is_stored_only_on_request(cli, demo_copy):
    rule = ("chainage", "--sections", "level:township", "-C", demo_copy, "--json")
    draft = cli(*rule)
    assert (draft.code, draft.json["saved"]) == (0, False)
    assert "a draft" in draft.err
    rows = draft.json["sections"]
    assert [one["from_m"] for one in rows[1:]] == [one["to_m"] for one in rows[:-1]]
    assert cli(*rule, "--save").json["saved"] is True
    again = cli(*rule, "--save")
    assert (again.code, again.err[:7]) == (2, "[GM104]")
    assert "gridmap undo" in again.err
    listed = cli("chainage", "--markers", "-C", demo_copy, "--json").json["markers"]
    assert [one["chainage_m"] for one in listed] == sorted(one["chainage_m"] for one in listed)


def test_posts_are_written_through_the_gate(cli, demo_copy, tmp_path):
    out = tmp_path / "posts.geojson"
    job = ("chainage", "--posts", "--every", 20_000, "--out", out, "-C", demo_copy)
    refused = cli(*job, "--audience", "public")
    assert (refused.code, out.exists()) == (2, False)
    assert cli(*job, "--audience", "planner", "--json").json == {"path": str(out)}
    made = json.loads(out.read_text(encoding="utf-8"))["features"]
    shown = cli("chainage", "--posts", "--every", 20_000, "-C", demo_copy, "--json").json["posts"]
    assert [one["properties"]["name"] for one in made] == [one["name"] for one in shown]
    assert out.with_name("posts.geojson.manifest.json").is_file()


def test_one_bad_survey_is_noted_and_every_job_goes_on(cli, demo_copy):
    settings = demo_copy / "gridmap.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("calibrate = false", "calibrate = true "), encoding="utf-8")
    assert cli("edit", "landmark", "M08", "surveyed_m=5", "-C", demo_copy).code == 0
    for job in (("K5",), ("--posts", "--every", 20_000), ("--markers",), ()):
        said = cli("chainage", *job, "-C", demo_copy)
        assert said.code == 0, said.err
        assert "note: left out of the calibration" in said.err
        assert "landmark:M08 (against landmark:M" in said.err


def test_what_another_line_moves_is_listed(cli, demo_copy, tmp_path):
    out = tmp_path / "border.gpkg"
    assert cli("export", "border", out, "--audience", "custodian", "-C", demo_copy).code == 0
    said = cli("chainage", "--compare", out, "-C", demo_copy)
    assert said.code == 0, said.err
    assert "note: the lines are 0.0 m apart at most" in said.err
    assert said.out.splitlines()[0].split()[:4] == ["kind", "id", "before", "after"]


def test_a_season_is_shown_and_nothing_of_it_stored(cli, demo_copy):
    said = cli("assign", "--season", "winter", "-C", demo_copy, "--json")
    assert said.code == 0
    assert (said.json["season"], said.json["stored"]) == ("winter", False)
    assert "households stand at their camp" in said.err
    with gm.open(demo_copy) as area:
        assert area.store.results_revision() is None
    wrong = cli("assign", "--season", "wintr", "-C", demo_copy)
    assert (wrong.code, wrong.err[:7]) == (2, "[GM105]")
    made = cli("summary", "--audience", "planner", "--season", "winter", "-C", demo_copy, "--json").json
    assert made["path"].endswith("summary-planner-winter.html")
    denied = cli("summary", "--audience", "public", "--season", "winter", "-C", demo_copy)
    assert (denied.code, denied.err.splitlines()[-3][:7]) == (2, "[GM606]")
    assert not (demo_copy / "summary-public-winter.html").exists()


@pytest.mark.parametrize("page", ["chainage.md", "seasons.md"])
def test_the_commands_of_the_page_run(cli, small_demo, tmp_path, monkeypatch, page):
    shutil.copytree(small_demo, tmp_path / "demo")
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[3] / "docs" / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert lines
    for line in lines:
        said = cli(*shlex.split(line)[1:])
        assert said.code == 0, f"{line}\n{said.err}"
