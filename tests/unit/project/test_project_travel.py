"""Travel times of a plan: what a planner reads off the demo, and asks of an area with snow and rivers."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from coarse import coarse_demo

import gridmap as gm
from gridmap.analyse.cover import cover
from gridmap.config import default_spec
from gridmap.config.texts import Text
from gridmap.config.travel import ScenarioSpec
from gridmap.errors import ConfigError, InputError
from gridmap.project import Area
from gridmap.project.demands import demand_of, posts_of
from gridmap.project.travel import difference, network_of, reached

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def area():
    return coarse_demo(200, cell_m=400.0)


@pytest.fixture(scope="module")
def plan(area):
    return area.assign()


@pytest.fixture(scope="module")
def bare(plan):
    return plan.travel(profile="vehicle")


@pytest.fixture(scope="module")
def blizzard(plan):
    return plan.travel(profile="vehicle", scenario="blizzard")


def test_every_household_has_its_minutes_and_its_keeper_or_is_listed(plan, bare, blizzard):
    for one in (bare, blizzard):
        homes = one.homes
        assert homes["id"].tolist() == sorted(plan.tables["household"]["id"])
        assert list(homes.columns) == ["id", "minutes", "keeper", "reachable"]
        lost = ~np.isfinite(homes["minutes"])
        assert (homes["reachable"] == ~lost).all()
        assert (homes["keeper"].isna() == lost).all()
        assert one.unreachable == homes.loc[lost, "id"].tolist() == one.isolated["id"].tolist()
    assert len(blizzard.unreachable) > len(bare.unreachable)


def test_a_stronghold_is_at_its_own_home_at_once_and_nobody_else_is(plan, bare):
    homes = bare.homes.set_index("id")
    own = posts_of(plan)
    kept = set(own.ids[own.stronghold])
    assert (homes.loc[sorted(kept), "minutes"] == 0).all()
    assert (homes.loc[~homes.index.isin(kept), "minutes"] > 0).all()
    assert homes.loc[sorted(kept), "keeper"].tolist() == [f"household:{one}" for one in sorted(kept)]


def test_minutes_keep_the_index_of_the_frame_whatever_its_crs(area, bare):
    homes = area.table("household").sample(50, random_state=1)
    found = bare.minutes(homes)
    assert found.index.equals(homes.index)
    assert found.name == "minutes"
    expected = bare.homes.set_index("id").loc[homes["id"], "minutes"]
    assert found.to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-9)
    degrees = homes.to_crs(4490)
    assert bare.minutes(degrees).to_numpy() == pytest.approx(found.to_numpy(), abs=1e-3)
    lonlat = shapely.get_coordinates(degrees.geometry.to_numpy())
    assert bare.minutes(lonlat).to_numpy() == pytest.approx(found.to_numpy(), abs=1e-3)
    with pytest.raises(InputError, match="GM201"):
        bare.minutes(gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)]))


def test_isochrones_grow_and_lie_within_the_jurisdiction(plan, bare):
    rings = bare.isochrones((40, 10, 20))
    assert rings["minutes"].tolist() == [10, 20, 40]
    assert rings.geometry.is_valid.all()
    assert (np.diff(rings["km2"]) > 0).all()
    whole = plan.made.ground.jurisdiction
    assert (rings.geometry.difference(whole).area < 1).all()
    homes = bare.homes
    xy = demand_of(plan).homes.xy
    within = shapely.intersects_xy(rings.geometry.iloc[1], xy)
    sure = (homes["minutes"] < 17).to_numpy() & shapely.intersects_xy(whole, xy)
    assert within[sure].all()
    assert not within[(homes["minutes"] > 23).to_numpy()].any()
    with pytest.raises(ConfigError, match="GM106"):
        bare.isochrones((0,))


def test_a_blizzard_only_ever_takes_longer_and_the_difference_says_where(bare, blizzard):
    found = difference(bare, blizzard)
    change = found.homes["change"].to_numpy()
    assert (change[~np.isnan(change)] >= -1e-4).all()
    lost = found.homes.loc[found.homes["isolated"], "id"].tolist()
    assert lost == sorted(set(blizzard.unreachable) - set(bare.unreachable))
    assert lost
    bands = found.bands.set_index("change")
    assert bands.loc["lost", "km2"] > 0
    joined = shapely.union_all(found.bands.geometry.to_numpy())
    assert joined.area == pytest.approx(found.bands.area.sum())


def test_the_quickest_of_all_is_the_quickest_of_outposts_and_strongholds(plan, bare):
    parts = [plan.travel(profile="vehicle", by=by).homes["minutes"] for by in ("outpost", "stronghold")]
    assert bare.homes["minutes"].to_numpy() == pytest.approx(np.minimum(*parts), abs=1e-4)
    assert parts[0].max() > bare.homes["minutes"].max()


def test_coverage_by_time_agrees_with_the_minutes(plan):
    demand, posts = demand_of(plan), posts_of(plan)
    found = reached(plan, demand, posts, minutes=15, profile="vehicle")
    minutes = plan.travel(profile="vehicle", by="stronghold").homes["minutes"].to_numpy()
    assert ((found.homes.count > 0) == (minutes <= 15)).all()
    assert found.homes.away == pytest.approx(minutes)
    covered = cover(demand, posts, found)
    assert 0 < covered.line.covered_m < covered.line.total_m
    winter = reached(plan, demand, posts, minutes=15, profile="vehicle", scenario="blizzard")
    later = cover(demand, posts, winter)
    assert later.line.covered_m < covered.line.covered_m
    assert later.area.covered_m2 < covered.area.covered_m2
    assert later.point.covered < covered.point.covered


def test_the_network_is_made_once_and_few_are_held(plan):
    assert network_of(plan, "vehicle", None) is network_of(plan, "vehicle", None)
    plan.travel(profile="foot")
    plan.travel(profile="horse")
    assert len(plan.networks) == 2


@pytest.mark.parametrize(
    ("asked", "code", "fix"),
    [
        ({"profile": "vehicel"}, "GM105", "did you mean vehicle"),
        ({"profile": "foot", "scenario": "blizard"}, "GM105", "did you mean blizzard"),
        ({"profile": "foot", "by": "outposts"}, "GM106", "did you mean outpost"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_right_one(plan, asked, code, fix):
    with pytest.raises(ConfigError, match=fix) as caught:
        plan.travel(**asked)
    assert caught.value.code == code


def test_without_a_profile_the_profiles_are_named(plan):
    with pytest.raises(ConfigError, match="foot, horse, motorbike, vehicle"):
        reached(plan, demand_of(plan), posts_of(plan), minutes=15, profile=None)


def test_the_page_on_travel_runs(area, monkeypatch):
    page = (ROOT / "docs" / "travel.md").read_text(encoding="utf-8")
    [code] = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    monkeypatch.setattr(gm, "demo", lambda: area)
    said: dict = {}
    exec(compile(code, "docs/travel.md", "exec"), said)  # noqa: S102 - the page's own example
    assert len(said["changed"].bands) == 4
    assert len(said["changed"].homes) == 200


def few(spec=None, **scenario):
    """Return three homes on bare ground: a stronghold, one 3 km and one 256 m off; nothing else at all."""
    settings = spec or default_spec("EPSG:4508")
    if scenario:
        named = ScenarioSpec(title=Text(en="x", zh="x"), **scenario)
        settings = settings.model_copy(update={"scenarios": {"snow": named}})
    xy = [(500_000, 4_700_000), (503_000, 4_700_000), (500_000, 4_700_256)]
    homes = gpd.GeoDataFrame(
        {"id": ["A", "B", "C"], "stronghold": [True, False, False], "persons": 2},
        geometry=[shapely.Point(one) for one in xy],
        crs=settings.crs,
    )
    return gm.memory({"household": homes}, spec=settings)


def test_nothing_but_homes_is_enough():
    """No relief, no track, no water, no land, no jurisdiction: a planner still gets minutes."""
    homes = few().assign().travel(profile="foot").homes
    assert homes["minutes"].tolist() == pytest.approx([0, 40, 256 / 75], rel=0.028)
    assert homes["keeper"].tolist() == ["household:A"] * 3


def test_snow_too_deep_isolates_all_but_the_keeper_and_who_lives_beside_it():
    found = few(snow_cm=90.0).assign().travel(profile="foot", scenario="snow")
    assert found.unreachable == ["B", "C"]
    assert found.isolated["nearest"].tolist() == ["household:A"] * 2
    assert found.isolated["metres"].tolist() == pytest.approx([3_000, 256], rel=1e-3)
    assert found.isochrones((30,))["km2"].tolist() == [0.0]


def test_without_keepers_nobody_is_reached_and_all_are_listed():
    found = few().assign().travel(profile="foot", by="outpost")
    assert found.unreachable == ["A", "B", "C"]
    assert found.isolated["reason"].unique().tolist() == ["no keeper"]


def test_a_grid_of_snow_is_read_beside_the_settings(tmp_path):
    area = few(snow_grid="snow.asc")
    with pytest.raises(InputError, match="GM202"):
        area.assign().travel(profile="foot", scenario="snow")
    area.folder = tmp_path
    with pytest.raises(InputError, match="GM202"):
        area.assign().travel(profile="foot", scenario="snow")
    head = "ncols 2\nnrows 2\nxllcorner 490000\nyllcorner 4690000\ncellsize 20000\n"
    (tmp_path / "snow.asc").write_text(head + "45 45\n45 45\n", encoding="ascii")
    deep = area.assign().travel(profile="foot", scenario="snow").homes["minutes"]
    # Half of what stops somebody on foot takes half of the speed.
    assert deep[1] == pytest.approx(80, rel=0.03)
    (tmp_path / "snow.asc").write_text("no grid", encoding="ascii")
    with pytest.raises(InputError, match="the grid of snow is not an ESRI ASCII grid"):
        area.assign().travel(profile="foot", scenario="snow")


def test_cells_too_small_for_the_area_are_refused_with_those_that_serve(plan):
    spec = plan.area.spec
    fine = spec.model_copy(update={"travel": spec.travel.model_copy(update={"cell_m": 10.0})})
    small = Area(fine, plan.area.store)
    with pytest.raises(ConfigError, match=r"set travel\.cell_m to [0-9]+ or more") as caught:
        small.assign().travel(profile="foot")
    assert caught.value.code == "GM103"


def test_the_difference_of_two_projects_is_refused():
    one = few().assign().travel(profile="foot")
    other = few(default_spec("EPSG:4509")).assign().travel(profile="foot")
    with pytest.raises(ConfigError, match="GM106"):
        difference(one, other)


def test_the_order_of_rows_changes_no_bit():
    rng = np.random.default_rng(3)
    lines = [
        shapely.LineString(xy) for xy in rng.uniform((499_000, 4_699_000), (504_000, 4_701_000), (9, 4, 2))
    ]
    found = []
    for order in (range(9), reversed(range(9))):
        area = few()
        rows = list(order)
        ways = {"id": [f"T{row}" for row in rows], "class": "track"}
        area.save(
            gpd.GeoDataFrame(ways, geometry=[lines[row] for row in rows], crs=area.spec.crs), kind="track"
        )
        travel = area.assign().travel(profile="motorbike")
        found.append((travel.homes.to_csv(), travel.isochrones((3, 6)).to_json()))
    assert found[0] == found[1]


def test_another_country_is_not_travelled_through():
    """A detour through the neighbour would be the quickest way, and nobody takes it."""
    area = few()
    walls = (
        shapely.box(501_400, 4_699_000, 501_600, 4_720_000),
        shapely.box(501_400, 4_650_000, 501_600, 4_699_100),
    )
    land = gpd.GeoDataFrame(
        {"id": ["L1", "L2"], "class": ["water", "water"]}, geometry=list(walls), crs=area.spec.crs
    )
    border = gpd.GeoDataFrame(
        {"id": ["N"], "class": ["country"]},
        geometry=[shapely.box(480_000, 4_600_000, 520_000, 4_698_000)],
        crs=area.spec.crs,
    )
    area.save(land.iloc[:1], kind="land")
    assert area.assign().travel(profile="foot").unreachable == []
    area.save(border, kind="neighbour")
    area.save(land, kind="land")
    assert area.assign().travel(profile="foot").unreachable == ["B"]
