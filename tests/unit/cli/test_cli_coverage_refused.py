"""What `gridmap coverage` and `gridmap grid` refuse before any work, and what a reader must be told."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gridmap as gm
from gridmap.analyse.cells import Gacha, Recipe, renew
from gridmap.errors import ConfigError
from gridmap.project.how_far import How, notes_of
from gridmap.project.one_more import OUTSIDE, spot_of

FOR = ("--audience", "planner")
COMPARED = ("--map", "a.html", *FOR, "--minutes", "60", "--profile", "vehicle")


@pytest.fixture(scope="module")
def plan(small_demo):
    with gm.open(small_demo) as area:
        yield area.plan()


@pytest.fixture
def never(monkeypatch):
    """Nothing may be computed: what is refused is refused at once."""

    def refuse(*_words, **_options):
        pytest.fail("a plan was made before the misuse was said")

    monkeypatch.setattr("gridmap.project.plans.made", refuse)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--audience", "public"), "GM106 --audience is for a product"),
        (("--force",), "GM106 --force is for a product"),
        (("--language", "en"), "GM106 --language is for a product"),
        (("--map", "a.html", "--language", "en", *FOR), "GM106 --strip FILE or --bars FILE"),
        (("--strip", "a.svg", "--against", "none", *FOR), "GM106 --map FILE"),
        (("--map", "a.html", "--against", "none", *FOR), "GM106 --minutes 60 --profile vehicle"),
        ((*COMPARED, "--against", "none"), "GM106 compared with itself"),
        ((*COMPARED, "--against", "blizard"), "GM105 did you mean blizzard"),
        (("--as", "stronghold"), "GM106 --as says what is added"),
        (("--add", "K1", "--as", "well"), "GM106 where: --as"),
        (("--without", ""), "GM106 name is empty"),
        (("--without", "outpost:O01,,outpost:O02"), "GM106 name is empty"),
        (("--minutes", "10081", "--profile", "foot"), "GM106 at most 10,080"),
        (("--reach-m", "0.99"), "GM106 from 1 to 1,000,000"),
        (("--strip", "a.svg", "--bars", "./a.svg", *FOR), "GM106 the same file"),
        (("--map", "a.svg", *FOR), "GM106 .html or .htm"),
        (("--strip", "none/a.svg", *FOR), "GM603 folder is missing"),
        (("--bars", "there.svg", *FOR), "GM104 --force"),
        (("--map", "a.html", "--audience", "public"), "GM607 does not see"),
    ],
)
@pytest.mark.usefixtures("never")
def test_what_does_not_belong_together_is_said_at_once(cli, small_demo, tmp_path, monkeypatch, words, said):
    """Who named an audience would think that what is printed was made for it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.svg").write_text("mine", encoding="utf-8")
    done = cli("coverage", "-C", small_demo, *words)
    assert (done.code, done.out) == (2, "")
    code, what = said.split(maxsplit=1)
    assert done.err.startswith(f"[{code}]"), done.err
    assert what in done.err
    assert [one.name for one in tmp_path.iterdir()] == ["there.svg"]


@pytest.mark.usefixtures("never")
def test_a_project_from_before_the_map_is_told_the_lines_at_once(cli, demo_copy):
    settings = demo_copy / "gridmap.toml"
    text = settings.read_text(encoding="utf-8")
    bars = ("coverage", "-C", demo_copy, "--bars", demo_copy / "a.svg", *FOR)
    settings.write_text(re.sub(r"^cover_units = .*\n", "", text, flags=re.MULTILINE), encoding="utf-8")
    done = cli(*bars)
    assert done.err.startswith("[GM702]")
    assert 'cover_units = ["id", "name"' in done.err
    settings.write_text(
        re.sub(r"^\[maps\.coverage\].*\n(.+\n)*", "", text, flags=re.MULTILINE), encoding="utf-8"
    )
    done = cli("coverage", "-C", demo_copy, "--map", demo_copy / "a.html", *FOR)
    assert done.err.startswith("[GM105]")
    assert "[maps.coverage]" in done.err


def test_errors_in_the_data_are_told(demo_copy):
    """A household that is faulty covers nothing, and the figures do not show it."""
    with gm.open(demo_copy) as area:
        area.edit("household", "H0001", gacha="000000000000")
        [note] = notes_of(area.plan(), How())
    assert note == f"the data have 1 error: gridmap check -C {demo_copy}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"reach_m": True},
        {"reach_m": "5000"},
        {"reach_m": float("nan")},
        {"minutes": 0},
        {"minutes": 20_000, "profile": "foot"},
        {"minutes": 9, "profile": 5},
        {"scenario": ["blizzard"]},
        {"without": [1]},
        {"without": 7},
        {"without": "outpost:"},
    ],
)
def test_a_notebook_is_told_what_is_no_reach_and_no_name(plan, wrong):
    with pytest.raises(ConfigError) as caught:
        plan.coverage(**wrong)
    assert caught.value.code == "GM106"


def test_a_text_is_one_keeper_and_none_is_nobody(plan):
    whole = plan.coverage(reach_m=3000)
    assert plan.coverage(reach_m=3000, without=None).posts.names == whole.posts.names
    for named in ("outpost:O02", " outpost : O02 ", "O02", ["O02"], np.array(["outpost:O02"])):
        left = plan.coverage(reach_m=np.float64(3000), without=named).posts.names
        assert set(whole.posts.names) - set(left) == {"outpost:O02"}


def test_a_new_keeper_stands_wherever_who_would_answer(plan):
    found = plan.coverage(reach_m=3000)
    home = plan.tables["household"].iloc[0]
    at_home = found.adding(f"household:{home['id']}", as_="stronghold")
    assert at_home.homes >= 1
    lon, lat = plan.tables["household"].to_crs("EPSG:4490").geometry.iloc[0].coords[0]
    assert found.adding(lon, lat, as_="stronghold").homes == at_home.homes
    assert spot_of(plan, "K20+000").notes in {(), (OUTSIDE,)}
    assert spot_of(plan, "100 40").notes == (OUTSIDE,)
    assert spot_of(plan, lon, lat).notes == ()


def test_without_the_kind_cell_both_commands_say_the_same(cli, demo_copy):
    settings = demo_copy / "gridmap.toml"
    text = settings.read_text(encoding="utf-8")
    text = re.sub(r"^\[kinds\.cell(\.columns)?\].*\n(.+\n)*", "", text, flags=re.MULTILINE)
    settings.write_text(re.sub(r"^cell = .*\n", "", text, flags=re.MULTILINE), encoding="utf-8")
    grid, coverage = cli("grid", "-C", demo_copy), cli("coverage", "-C", demo_copy, "--by", "cell")
    assert grid.err.startswith("[GM105]")
    assert coverage.err == grid.err


@pytest.mark.parametrize(
    ("words", "where"), [(("--size-m", 400), "--size-m"), (("--form", "hexagons"), "--form")]
)
def test_a_setting_from_the_prompt_is_said_to_stand_there(cli, small_demo, words, where):
    assert f"where: {where}\n" in cli("grid", "-C", small_demo, "--dry-run", *words).err


def test_codes_that_no_cell_can_have_are_all_named(cli, demo_copy):
    with gm.open(demo_copy) as area:
        admin = area.table("admin")
        lowest = admin[admin["level"] == area.spec.levels[-1].name].copy()
        lowest["code"] = [f"{code}X" if at else code for at, code in enumerate(lowest["code"])]
        area.save(lowest, kind="admin")
    said = cli("grid", "-C", demo_copy).err
    wrong = sorted(lowest["code"])[1:]
    assert said.startswith("[GM103]")
    assert all(code in said for code in [one for one in wrong if one.endswith("X")][:20])
    assert "gridmap edit admin " in said
    assert (f"and {len(lowest) - 21:,} more" in said) == (len(lowest) > 21)


def test_ground_that_is_cut_the_same_keeps_its_code_in_another_form():
    """Officials know the ground by its code; how it was cut is not theirs to know."""
    import geopandas as gpd
    import shapely

    small = Gacha("150223100201", shapely.box(0, 0, 900, 900))
    none = gpd.GeoDataFrame(
        {name: [] for name in ("id", "gacha", "form", "predecessors", "status")},
        geometry=[],
        crs="EPSG:4508",
    )
    first = renew([small], Recipe("squares", 1000.0, 30, 0.2), np.empty((0, 2)), none)
    other = renew([small], Recipe("merged", 1000.0, 30, 0.2), np.empty((0, 2)), first.rows)
    assert other.kept == first.added == ("150223100201001",)
    assert not other.retired
    assert other.rows["form"].tolist() == ["merged 1000 m, 30 households"]
