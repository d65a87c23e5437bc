"""A product whose keeper, scenario or season is gone from the project: it is looked into all the same."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import gridmap as gm
from gridmap.config.texts import Text
from gridmap.config.travel import ScenarioSpec
from gridmap.project import leaving
from gridmap.project.typed_keepers import keepers_typed
from gridmap.project.verifying import NOT_ANEW


def spot(east, north):
    return shapely.Point(450_000.0 + east, 4_700_000.0 + north)


def frame(rows):
    shapes = [row.pop("geometry") for row in rows]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4508")


@pytest.fixture
def area():
    """A border, the township behind it, three outposts, three homes, a winter camp and a well."""
    ground = shapely.box(450_000, 4_670_000, 490_000, 4_700_000)
    posts = {"O1": 9_000, "O2": 30_000, "O1,outpost:O2": 20_000}
    homes = {"H1": (8_000, True), "H2": (9_000, False), "H3": (32_000, True)}
    code = "150223101"
    return gm.memory(
        {
            "border": frame([{"id": "B", "geometry": shapely.LineString([spot(0, 0), spot(40_000, 0)])}]),
            "admin": frame(
                [{"id": code, "code": code, "name": "t", "level": "township", "geometry": ground}]
            ),
            "unit": pd.DataFrame([{"id": "UL", "name": "line", "layer": "line"}]),
            "outpost": frame(
                [{"id": n, "name": n, "unit": "UL", "geometry": spot(x, -3_000)} for n, x in posts.items()]
            ),
            "patrol_zone": frame([{"id": "Z", "name": "z", "unit": "UL", "geometry": ground}]),
            "household": frame(
                [
                    {"id": n, "name": f"name {n}", "stronghold": s, "persons": 3, "geometry": spot(x, -9_000)}
                    for n, (x, s) in homes.items()
                ]
            ),
            "camp": frame(
                [{"id": "C", "household": "H2", "season": "winter", "geometry": spot(9_500, -8_000)}]
            ),
            "landmark": frame([{"id": "W", "class": "well", "name": "三号井", "geometry": spot(500, -500)}]),
        }
    )


def renamed(area, **parts):
    area.spec = area.spec.model_copy(update=parts)


def told(area, path):
    """Return whether a product is clean, and check that it says it could not be made anew."""
    found = area.verify(path)
    assert found.matches
    assert not found.same_data
    assert [one.startswith(NOT_ANEW) for one in found.notes] == [True]
    return found


def test_a_keeper_whose_id_holds_commas_and_who_is_gone(area, tmp_path):
    cover = area.plan().coverage(without=["outpost:O1,outpost:O2", "household:H3"])
    out = cover.bars(audience="planner").save(tmp_path / "bars.svg")
    kept = area.verify(out)
    assert (kept.sound, kept.same_data, kept.notes) == (True, True, ())
    area.edit("household", "H3", stronghold=False)
    found = told(area, out)
    assert found.clean
    assert "GM105" in found.notes[0]


def test_who_types_commas_means_the_keeper_that_has_them_or_several(area):
    plan = area.plan()
    assert keepers_typed(plan, ["outpost:O1,outpost:O2"]) == ["outpost:O1,outpost:O2"]
    assert keepers_typed(plan, [" O1,O2 ", "H1"]) == ["O1", "O2", "H1"]
    left = plan.coverage(without=keepers_typed(plan, ["outpost:O2,H1"]))
    assert left.posts.names == ["outpost:O1", "outpost:O1,outpost:O2", "household:H3"]


def test_what_is_private_by_now_is_found_all_the_same(area, tmp_path):
    cover = area.plan().coverage(without=["household:H3"])
    out = cover.map(audience="planner").save(tmp_path / "map.html")
    area.edit("household", "H3", stronghold=False, name="三号井")
    area.edit("landmark", "W", name="x")
    found = told(area, out)
    assert not found.clean
    assert found.columns == ("household.name",)


def test_a_season_and_a_scenario_that_are_gone(area, tmp_path):
    renamed(area, scenarios={"cold": ScenarioSpec(title=Text(en="Cold", zh="冷"), season="winter")})
    winter = area.plan(season="winter").summary(audience="planner").save(tmp_path / "summary.html")
    cold = area.plan(season="winter").coverage(scenario="cold").bars(audience="planner")
    bars = cold.save(tmp_path / "bars.svg")
    assert area.verify(winter).same_data
    assert area.verify(bars).same_data
    renamed(area, scenarios={})
    assert told(area, bars).clean
    renamed(area, seasons={"summer": area.spec.seasons["summer"]})
    assert told(area, winter).clean
    assert told(area, bars).clean


def test_posts_of_a_border_that_is_gone(area, tmp_path):
    out = leaving.export_posts(area, "planner", "csv", every_m=20_000.0).save(tmp_path / "posts.csv")
    held = {name: rows for name, rows in area.frames().items() if name != "border"}
    assert told(gm.memory(held), out).clean
