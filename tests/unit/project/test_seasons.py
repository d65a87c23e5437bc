"""Seasons: households at their camps, and nobody who may not know learns where those are."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

import gridmap as gm
from gridmap import publish
from gridmap.errors import ConfigError, PublishError
from gridmap.model.recipe import MAP, Recipe
from gridmap.project import leaving

SEASON = "winter"


@pytest.fixture(scope="module")
def area():
    """The demo with its camps, and two of our own: a stronghold that moves, a household with two camps."""
    made = gm.demo(households=60)
    homes = made.table("household")
    plain = homes[~homes["stronghold"].astype(bool)]
    movers = [homes["id"][homes["stronghold"].astype(bool)].iloc[0], *plain["id"].iloc[:2]]
    taken = made.table("camp")
    free = [one for one in movers if one not in set(taken["household"])]
    rows = [
        {"id": f"zz{number}-{suffix}", "household": one, "season": SEASON, "shift": shift}
        for number, one in enumerate(free)
        for suffix, shift in (("a", 300.123456), ("b", 900.654321))[: 1 + (number == 0)]
    ]
    at = homes.set_index("id").geometry
    shapes = [shapely.Point(at[row["household"]].x + row["shift"], at[row["household"]].y) for row in rows]
    frame = gpd.GeoDataFrame(
        [{k: v for k, v in row.items() if k != "shift"} for row in rows], geometry=shapes, crs=made.spec.crs
    )
    made.save(frame, kind="camp")
    return made


@pytest.fixture(scope="module")
def plan(area):
    return area.assign(season=SEASON)


def at(frame):
    return dict(zip(frame["id"], frame.geometry, strict=True))


def test_households_with_a_camp_stand_there_and_the_others_at_home(area, plan):
    camps = area.table("camp")
    camps = camps[camps["season"] == SEASON].sort_values("id").drop_duplicates("household")
    wanted = dict(zip(camps["household"], camps.geometry, strict=True))
    home, now = at(area.table("household")), at(plan.tables["household"])
    assert len(wanted) >= 3
    for row_id, place in now.items():
        assert place.equals(wanted.get(row_id, home[row_id])), row_id
    assert plan.season.moved == tuple(sorted(wanted))
    assert plan.notes[0].startswith(f"season winter: {len(wanted)} of 60 households")


def test_everything_else_is_as_for_the_year(area, plan):
    year = area.assign()
    assert year.season is None
    assert [one.code for one in plan.findings if one.code == "gacha-mismatch"] == []
    for kind, frame in year.tables.items():
        other = plan.tables[kind]
        assert frame.drop(columns="geometry", errors="ignore").equals(
            other.drop(columns="geometry", errors="ignore")
        )
    moved = set(plan.season.moved)
    point, other = (
        one.assignments[(one.assignments["layer"] == "area") & (one.assignments["kind"] == "outpost")]
        for one in (year, plan)
    )
    assert point["target"].tolist() == other["target"].tolist()
    metres = [
        one.assignments.query("layer == 'line' and kind == 'household'").set_index("feature")["metres"]
        for one in (year, plan)
    ]
    both = metres[0].index.intersection(metres[1].index)
    changed = set(both[(metres[0][both] != metres[1][both]).to_numpy()])
    assert changed <= moved


def test_a_season_is_never_stored_and_leaves_the_data_as_they_are(area, plan):
    before = area.store.content()
    with pytest.raises(ConfigError, match="GM106") as caught:
        plan.save()
    assert "not stored" in caught.value.what
    assert area.store.content() == before


def test_an_unknown_season_is_refused_with_the_likeliest_one(area):
    with pytest.raises(ConfigError, match="did you mean winter") as caught:
        area.plan(season="wintr")
    assert caught.value.code == "GM105"


def test_without_declared_seasons_those_of_the_camps_count():
    made = gm.demo(households=20)
    made.spec = made.spec.model_copy(update={"seasons": {}, "scenarios": {}})
    named = set(made.table("camp")["season"])
    for season in named:
        assert made.plan(season=season).season.title.en == season
    with pytest.raises(ConfigError, match="GM105"):
        made.plan(season="spring")


@pytest.mark.parametrize(("audience", "unit"), [("partner", "U-A1"), ("public", None)])
def test_who_may_not_see_camps_gets_no_product_of_a_season(plan, audience, unit):
    """Where homes stand in winter is where the camps are: by default that is denied."""
    asked = {"audience": audience, "unit": unit}
    for make in (plan.map, plan.summary, lambda **who: plan.asked_by(who["audience"], unit=who["unit"])):
        with pytest.raises(PublishError) as caught:
            make(**asked)
        assert caught.value.code == "GM606"


def test_an_audience_with_camps_but_redacted_homes_gets_none_either(area):
    """Areas of the year and areas of the season, laid over each other, would be finer than both."""
    spec = area.spec
    public = spec.audiences["public"]
    listed = public.model_copy(update={"columns": {**public.columns, "camp": ("id", "season")}})
    area.spec = spec.model_copy(update={"audiences": {**spec.audiences, "public": listed}})
    try:
        with pytest.raises(PublishError, match="GM606"):
            area.plan(season=SEASON).summary(audience="public")
    finally:
        area.spec = spec


@pytest.mark.parametrize(("audience", "unit"), [("partner", "U-A1"), ("public", None)])
def test_nothing_of_camps_is_in_the_products_of_the_year(area, audience, unit):
    camps = area.table("camp")
    year = area.assign()
    text = year.summary(audience=audience, unit=unit).data.decode()
    assert not any(one in text for one in camps["id"] if one.startswith("zz"))
    made = leaving.material(area, Recipe(MAP, audience, unit, {"map": "main"}), year, keep=False)
    assert "camp" not in made.view.tables


def test_the_guard_knows_camps_and_the_homes_that_were_left(area, plan):
    """A planner sees five decimals: of the camp, and of the home that the page does not even show."""
    made = leaving.material(area, Recipe(MAP, "planner", None, plan.options(map="main")), plan)
    kept = leaving.withheld(area, made)
    moved = plan.season.moved[0]
    for frame in (plan.tables["household"], plan.season.homes, area.table("household")):
        spot = at(frame)[moved]
        lonlat = gpd.GeoSeries([spot], crs=area.spec.crs).to_crs(4490)[0]
        said = f"{lonlat.x:.9f},{lonlat.y:.9f}".encode()
        with pytest.raises(PublishError, match="GM602"):
            publish.guard(b"place\n" + said + b"\n", kept, where="page.csv")
        rounded = f"{np.round(lonlat.x, 5)},{np.round(lonlat.y, 5)}".encode()
        publish.guard(b"place\n" + rounded + b"\n", kept, where="page.csv")


def test_products_of_a_season_say_so_in_both_languages_and_verify(area, plan, tmp_path):
    for made, name in (
        (plan.map(audience="planner"), "m.html"),
        (plan.summary(audience="planner"), "s.html"),
    ):
        out = made.save(tmp_path / name)
        text = out.read_text(encoding="utf-8")
        assert "Winter" in text
        assert "冬季" in text
        found = area.verify(out)
        assert (found.sound, found.same_data, found.notes) == (True, True, ())
    year = area.assign().map(audience="planner").data.decode()
    assert (
        "households with a camp of the season are shown there" in plan.map(audience="planner").data.decode()
    )
    assert "households with a camp of the season are shown there" not in year


def test_the_same_season_gives_the_same_bytes(area, plan):
    again = area.assign(season=SEASON)
    assert again.summary(audience="planner").data == plan.summary(audience="planner").data


def test_planners_ask_who_answers_in_a_season(plan):
    moved = plan.season.moved[-1]
    spot = at(plan.tables["household"])[moved]
    assert plan.who(f"household:{moved}").point == plan.answers(np.array([[spot.x, spot.y]]))[0].point
    assert plan.who(f"household:{moved}", audience="planner").notes[0] == plan.notes[0]
