"""`gridmap coverage`: what other programs and planners get at a prompt."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

import gridmap as gm

PAGE = Path(__file__).parents[3] / "docs" / "coverage.md"


def blocks(language):
    return re.findall(
        rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def shape(value):
    """Return the keys of JSON, all the way down."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None


def test_the_json_is_the_one_that_programs_rely_on(cli, small_demo):
    done = cli("coverage", "-C", small_demo, "--reach-m", 4000, "--json")
    assert done.code == 0
    [promised] = blocks("json")
    assert shape(done.json) == shape(json.loads(promised))
    with gm.open(small_demo) as area:
        assert done.json == area.plan().coverage(reach_m=4000).to_json()
    said = done.json
    gaps = sum(gap["to_m"] - gap["from_m"] for gap in said["line"]["gaps"])
    assert said["line"]["covered_m"] + gaps == pytest.approx(said["line"]["total_m"], abs=0.01)
    assert said["point"]["covered"] + len(said["point"]["uncovered"]) == said["point"]["total"] == 120
    assert said["point"]["uncovered"] == sorted(said["point"]["uncovered"])
    assert sum(said["depth"].values()) == pytest.approx(said["area"]["total_m2"], abs=0.05)
    assert "every keeper reaches 4 km" in done.err


def test_more_is_answered_only_when_asked_for_and_always_the_same(cli, small_demo):
    words = ("coverage", "-C", small_demo, "--reach-m", 3000, "--json")
    plain = cli(*words).json
    more = ("--by", "zone", "--what-if", "--add", "109.9 42.3", "--as", "stronghold")
    done = cli(*words, *more)
    assert done.out == cli(*words, *more).out
    asked = done.json
    assert set(asked) - set(plain) == {"by", "what_if", "adding"}
    assert {key: asked[key] for key in plain} == plain
    assert {"keeper", "persons", "homes", "metres", "m2"} <= set(asked["what_if"][0])
    assert set(asked["adding"]) == {"metres", "m2", "homes", "persons"}
    assert sum(row["households"] for row in asked["by"]) == plain["point"]["total"]


def test_a_season_and_a_scenario_move_the_homes(cli, demo_copy):
    settings = demo_copy / "gridmap.toml"
    text = settings.read_text(encoding="utf-8")
    more = '\n[scenarios.cold]\ntitle = { en = "Cold", zh = "冷" }\nseason = "winter"\nsnow_cm = 5\n'
    more += '\n[scenarios.deep]\ntitle = { en = "Deep", zh = "深" }\nsnow_cm = 5\n'
    settings.write_text(text + more, encoding="utf-8")
    words = ("coverage", "-C", demo_copy, "--reach-m", 4000, "--json")
    cold, summer = cli(*words, "--scenario", "cold"), cli(*words, "--scenario", "cold", "--season", "summer")
    assert "stand as the plan" in summer.err
    assert "stand as the plan" not in cold.err
    assert cold.json["point"] != summer.json["point"]
    assert "only the season counts" in cold.err
    assert cli(*words, "--scenario", "deep").code == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--without", "outpost:O99"), "GM105"),
        (("--scenario", "flood"), "GM105"),
        (("--season", "monsoon"), "GM105"),
        (("--reach-m", "0"), "GM106"),
        (("--profile", "vehicle"), "GM106"),
        (("--add", "here"), "GM107"),
        (("--reach", "9"), "GM108"),
    ],
)
def test_misuse_is_said_and_exits_with_2(cli, small_demo, words, code):
    done = cli("coverage", "-C", small_demo, *words)
    assert done.code == 2
    assert done.err.count(code) == 1
    assert done.out == ""


def test_the_page_runs_and_a_planner_can_read_what_it_prints(cli, small_demo, monkeypatch, capsys):
    """Each command of docs/coverage.md, on a smaller demo; and its Python."""
    monkeypatch.chdir(small_demo.parent)
    lines = [shlex.split(line) for block in blocks("sh") for line in block.splitlines()][1:]
    with gm.open(small_demo) as area:
        plan = area.plan()
    stronghold = plan.strongholds["id"].iloc[0]
    done = []
    for words in lines:
        real = [word.replace("H0893", stronghold) for word in words[1:]]
        real[real.index("area")] = "demo"
        done.append(cli(*real))
        assert done[-1].code == 0, (words, done[-1].err)
    first, without, adding, *_ = done
    kilometres = (r"^line .* km$", r"^area .* km2$", r"^point .* homes$", r"^S001 .*O01")
    gap = (r"^line: K\d+(\+\d{3})? to K\d+\+\d{3}", r"nearest keeper: outpost:O", "three layers answer")
    for words in (*kilometres, *gap):
        assert re.search(words, first.out, re.MULTILINE), words
    assert without.json == plan.coverage(reach_m=5000, without=["O02", f"household:{stronghold}"]).to_json()
    assert "one more adds" in adding.out
    [code] = blocks("python")
    monkeypatch.setattr(gm, "demo", lambda: gm.open(small_demo))
    exec(compile(code, str(PAGE), "exec"), {})  # noqa: S102 - the page's own code
    capsys.readouterr()
