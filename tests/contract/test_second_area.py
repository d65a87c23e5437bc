"""Another country, another CRS, other levels and languages: who is not in the demo's place is served too."""

from __future__ import annotations

import json
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import gridmap as gm
from gridmap.cli import main
from gridmap.config import load_spec
from gridmap.render import library

ROOT = Path(__file__).parents[2]
SECOND = ROOT / "data" / "second"
PAGE = ROOT / "docs" / "second-area.md"
# What only the demo may say: its CRS, its codes, its levels, its languages' words for places.
DEMO = re.compile("4508|4490|150223|township|gacha|sumu|苏木|嘎查|旗|镇|村", re.IGNORECASE)
HAN = re.compile("[\u4e00-\u9fff]")
LARGEST = 200_000


@dataclass
class Said:
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Run the page's commands in their order; a command's answer is kept by its words."""
    folder = tmp_path_factory.mktemp("second")
    patch = pytest.MonkeyPatch()
    said: dict[str, Said] = {}
    with patch.context() as here:
        here.chdir(folder)
        (folder / "data").symlink_to(ROOT / "data", target_is_directory=True)
        for words in commands():
            extra = ["--json"] if words[1] in {"check", "assign", "who", "import"} else []
            said[" ".join(words[1:3])] = ran(here, [*words, *extra])
    return folder / "vermont", said


def commands() -> list[list[str]]:
    [block] = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [shlex.split(line) for line in block.splitlines()]


def ran(patch: pytest.MonkeyPatch, words: list[str]) -> Said:
    import contextlib
    import io

    patch.setattr(sys, "argv", words)
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
    return Said(code, out.getvalue(), err.getvalue())


def scene_of(folder: Path) -> dict:
    """Return what the page was given, without the words of the page itself."""
    text = (folder / "map.html").read_text(encoding="utf-8")
    held = re.findall(r'<script type="application/json" data-gridmap="(\w+)">(.*?)</script>', text, re.DOTALL)
    scene: dict = {}
    for part, value in held:
        scene.setdefault(part, []).append(json.loads(value))
    del scene["messages"]
    return scene


def test_every_command_of_the_page_goes_well(built):
    _, said = built
    assert len(said) == len(commands()) == 12
    assert {words: one.err for words, one in said.items() if one.code} == {}


def test_every_row_of_every_file_comes_in(built):
    _, said = built
    reports = [json.loads(one.out) for words, one in said.items() if words.startswith("import")]
    assert [one["quarantined"] for one in reports] == [0] * 6
    assert {one["kind"]: one["rows"] for one in reports} == {
        "unit": 8, "admin": 15, "border": 1, "patrol_zone": 14, "outpost": 10, "household": 90,
    }  # fmt: skip


def test_headers_are_matched_by_titles_in_the_areas_own_languages(built):
    _, said = built
    report = json.loads(said["import data/second/households.csv"].out)
    meant = {one["header"]: one["column"] for one in report["columns"]}
    assert (meant["Ferme"], meant["Shelter"], meant["Personnes"]) == ("name", "stronghold", "persons")


def test_nothing_is_wrong_and_every_metre_is_kept(built):
    _, said = built
    assert json.loads(said["check -C"].out)["findings"] == []
    figures = json.loads(said["assign -C"].out)
    assert figures["findings"] == []
    line, area, point = (figures["layers"][layer] for layer in ("line", "area", "point"))
    assert (line["gap_m"], area["gap_m2"], point["orphans"]) == (0, 0, 0)
    assert 300_000 < line["length_m"] < 330_000
    # The state's area is 24,900 km2, water and all.
    assert area["area_m2"] / 1e6 == pytest.approx(24_900, rel=0.01)
    assert point["served"] == 90


def test_who_answers_in_a_western_place(built):
    _, said = built
    answer = json.loads(said["who -71.9"].out)
    assert answer["line"]["unit"].startswith("L")
    assert answer["area"]["zone"] == "D005"
    assert answer["point"]["distance_m"] < 25_000


def test_a_home_in_another_county_than_written_is_found(built):
    """The check goes by what a column refers to, not by what the demo calls it."""
    folder, _ = built
    with gm.open(folder) as area:
        homes = area.table("household")
        moved = gm.memory({**area.frames(), "household": homes.assign(county="50009")}, spec=area.spec)
    found = [one for one in moved.check() if one.table == "household"]
    assert len(found) == int((homes["county"] != "50009").sum())
    assert {one.message for one in found} == {"it does not stand in the county written down ('50009')"}


@pytest.mark.parametrize("name", ["map.html", "summary.html"])
def test_no_page_knows_the_demo(built, name):
    folder, _ = built
    text = (folder / name).read_text(encoding="utf-8")
    # The page's own code and words have filters called township and gacha; an area without such columns
    # shows neither.
    text = text.replace(library.own_script(), "")
    text = re.sub(r'data-gridmap="messages">.*?</script>', "", text)
    for word in ("4508", "150223", "苏木", "嘎查", "gacha", "township"):
        assert word not in text, word


def test_the_data_of_the_map_is_its_own(built):
    folder, _ = built
    scene = scene_of(folder)
    # Columns that gridmap adds to every kind, and its rules, come in its own two languages.
    del scene["reasons"]
    text = json.dumps(scene, ensure_ascii=False)
    assert not DEMO.search(text)
    assert scene["statement"][0]["crs"] == "EPSG:32145"
    assert scene["language"] == ["en"]
    titles = {one["name"]: one["title"] for one in scene["table"]}
    assert titles["household"] == {"en": "Hill farms", "zh": "Fermes de montagne"}
    assert not any(HAN.search(value) for one in titles.values() for value in [one["en"]])


def test_no_text_of_the_map_is_empty(built):
    folder, _ = built

    # An office that has no mark, number or unit of its own has none in any language.
    may_be_empty = {"handling_mark", "approval", "unit"}

    def pairs(value):
        if isinstance(value, dict):
            if {"en", "zh"} <= value.keys():
                yield value
            for name, one in value.items():
                if name not in may_be_empty or one != {"en": "", "zh": ""}:
                    yield from pairs(one)
        elif isinstance(value, list):
            for one in value:
                yield from pairs(one)

    found = list(pairs(scene_of(folder)))
    assert len(found) > 20
    assert [one for one in found if not one["en"] or not one["zh"]] == []


def test_what_is_stored_is_its_own(built):
    folder, _ = built
    # GeoPackage keeps WGS 84 for everybody; nothing else of the store may be the demo's.
    assert not re.search(rb"4508|150223|gacha|township", (folder / "border.gpkg").read_bytes())
    assert not DEMO.search((folder / "log.jsonl").read_text(encoding="utf-8"))


def test_settings_say_it_is_synthetic_and_where_it_comes_from():
    spec = load_spec(SECOND / "gridmap.toml")
    assert spec.synthetic
    assert "Census Bureau" in spec.source
    assert "public domain" in (SECOND / "SOURCES.md").read_text(encoding="utf-8")
    assert spec.levels[1].title.every == ("County", "Comté")


def test_the_files_are_small():
    for path in SECOND.iterdir():
        if path.is_file():
            assert path.stat().st_size < LARGEST, path.name
