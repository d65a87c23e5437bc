"""Coverage as an analyst asks for it: totals, gaps, breakdowns, what if."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pytest
import shapely
import steppe
from steppe import home, line, outpost, spot

import gridmap as gm
from gridmap import geo
from gridmap.analyse import distance
from gridmap.config import default_spec
from gridmap.errors import ConfigError

KEYS = {
    "line": ["total_m", "covered_m", "share", "gaps"],
    "area": ["total_m2", "covered_m2", "share"],
    "point": ["total", "covered", "persons", "persons_covered", "share", "uncovered"],
    "depth": ["0", "1", "2", "3"],
}
SUMMED = ("line_m", "line_covered_m", "area_m2", "area_covered_m2")


def plan_of(rows):
    return gm.memory(steppe.built(rows), spec=default_spec(steppe.CODE)).plan()


def rows_with(**more):
    return {**steppe.steppe(), **more}


@pytest.fixture(scope="module")
def plan():
    rows = steppe.steppe()
    rows["household"].append(home("H5", 59_000, -29_000, persons=5))
    rows["household"].append({"id": "H6", "stronghold": False, "persons": 2, "geometry": None})
    rows["admin"] += [
        {"id": "150000001001", "code": "150000001001", "name": "g", "level": "gacha",
         "geometry": steppe.box(0, -30_000, 25_000, 0)},
    ]  # fmt: skip
    return plan_of(rows)


@pytest.fixture(scope="module")
def found(plan):
    return plan.coverage(reach_m=9_000)


def test_the_json_has_exactly_the_keys_that_programs_rely_on(found):
    said = found.to_json()
    assert {part: list(said[part]) for part in said} == KEYS
    assert said["point"]["uncovered"] == ["H4", "H5", "H6"]
    assert all(set(gap) == {"from_m", "to_m"} for gap in said["line"]["gaps"])
    assert sum(said["depth"].values()) == pytest.approx(said["area"]["total_m2"], abs=0.05)
    gap_m = sum(gap["to_m"] - gap["from_m"] for gap in said["line"]["gaps"])
    assert said["line"]["covered_m"] + gap_m == pytest.approx(said["line"]["total_m"], abs=0.002)


def test_what_is_reached_is_what_a_ruler_says(found):
    """Three outposts a kilometre behind a straight border, 20 km apart, reach 9 km."""
    half = np.sqrt(9_000**2 - 1_000**2)
    assert found.line.covered_m == pytest.approx(6 * half, abs=3.0)
    assert found.pieces["count"].tolist() == [0, 1, 0, 1, 0, 1, 0]
    assert found.pieces["keepers"].tolist()[1] == "outpost:O1"
    assert found.point.covered == 3
    assert found.point.persons_covered == 9


def test_without_a_reach_the_layers_say_how_far(plan):
    layers = plan.area.spec.layers
    default = plan.coverage().to_json()
    assert layers.line.section_reach_m == 20_000
    assert layers.point.reach_m == 15_000
    assert default["line"] == plan.coverage(reach_m=20_000).to_json()["line"]
    assert default["point"] == plan.coverage(reach_m=15_000).to_json()["point"]


def test_a_household_without_a_position_is_counted_and_not_covered(found):
    assert found.point.total == 6
    assert "H6" in found.to_json()["point"]["uncovered"]
    lost = found.gaps.query("id == 'H6'").iloc[0]
    assert lost.geometry is None
    assert np.isnan(lost["metres"])


def test_only_line_units_cover_the_border_but_any_outpost_the_ground():
    rows = rows_with(outpost=[outpost("O1", 10_000), outpost("O2", 40_000, unit="U-area")])
    rows["household"] = []
    found = plan_of(rows).coverage(reach_m=5_000)
    assert found.pieces["count"].sum() == 1
    # Two discs, each cut by the border a kilometre before its middle.
    assert found.area.covered_m2 == pytest.approx(2 * 0.626_97 * np.pi * 5_000**2, rel=1e-3)


def test_the_order_of_rows_changes_nothing():
    rows = steppe.steppe()
    rows["household"] += [home(f"X{n:02d}", 1_000 * n, -700 * n) for n in range(20)]
    turned = {kind: rows[kind][::-1] for kind in reversed(rows)}
    one, other = (plan_of(each).coverage(reach_m=4_000) for each in (rows, turned))
    assert one.to_json() == other.to_json()
    assert one.losses().equals(other.losses())
    assert gpd.GeoDataFrame.equals(one.gaps, other.gaps)


def test_gaps_say_where_how_large_and_who_is_nearest(found):
    gaps = found.gaps
    stretch = gaps[gaps["layer"] == "line"].iloc[1]
    assert stretch["size"] == pytest.approx(stretch["to_m"] - stretch["from_m"], abs=0.002)
    assert stretch.geometry.geom_type == "LineString"
    assert stretch["nearest"] in {"outpost:O1", "outpost:O2"}
    assert stretch["metres"] > 9_000
    ground = gaps[gaps["layer"] == "area"]
    assert ground["size"].sum() == pytest.approx(found.area.total_m2 - found.area.covered_m2, abs=1.0)
    assert ground["size"].is_monotonic_decreasing
    assert gaps.crs.to_epsg() == 4508
    household = gaps[gaps["id"] == "H5"].iloc[0]
    assert (household["size"], household["unit"]) == (5, "persons")
    away = steppe.geodesic(spot(59_000, -29_000).coords[0], spot(45_000, -5_000).coords[0])
    assert (household["nearest"], household["metres"]) == ("household:H2", pytest.approx(away, abs=0.001))


def test_a_sliver_is_not_listed_but_counted():
    rows = rows_with(household=[home("H1", 30_000, -5_000, stronghold=True)])
    found = plan_of(rows).coverage(reach_m=200_000)
    assert found.gaps.empty
    thin = shapely.box(*shapely.bounds(found.demand.jurisdiction)[:2], steppe.X0 + 0.005, steppe.Y0)
    from gridmap.analyse.gaps import _wide

    assert not _wide(np.array([thin], dtype=object), 0.01)[0]
    assert _wide(np.array([thin], dtype=object), 0.001)[0]


@pytest.mark.parametrize("what", ["section", "zone", "township", "gacha", "unit"])
def test_breakdowns_add_up_to_the_totals(found, what):
    table = found.by(what)
    line, area, point = found.line, found.area, found.point
    totals = {
        **dict(zip(SUMMED, (line.total_m, line.covered_m, area.total_m2, area.covered_m2), strict=True)),
        "households": point.total,
        "households_covered": point.covered,
        "persons": point.persons,
        "persons_covered": point.persons_covered,
    }
    figures = [name for name in totals if name in table.columns]
    assert len(figures) == (2 if what == "section" else 8)
    for name in figures:
        assert table[name].sum() == pytest.approx(totals[name], abs=0.2), name
    assert table["id"].notna().sum() >= 1


def test_a_zone_has_the_border_along_it_and_the_homes_in_it(found):
    table = found.by("zone").set_index("id")
    assert table.loc["Z1", "line_m"] == pytest.approx(20_000, abs=15)
    assert table.loc["Z1", "households"] == 2
    assert table.loc["Z3", "unit"] == "U-line-2"
    # A household without a position is in no zone, nor is it lost.
    assert table["households"].iloc[-1] == 1
    assert table.index.isna()[-1]


def test_where_zones_overlap_the_smaller_id_has_the_place():
    rows = steppe.steppe()
    rows["patrol_zone"].append(steppe.zone("Z0", steppe.box(0, -30_000, 60_000, 0)))
    table = plan_of(rows).coverage().by("zone").set_index("id")
    assert table.loc["Z0", "area_m2"] == pytest.approx(table["area_m2"].sum(), abs=0.2)
    assert table.loc["Z1", ["area_m2", "line_m", "households"]].tolist() == [0, 0, 0]


def test_a_unit_has_its_sections_its_zones_and_the_homes_it_leads(found):
    table = found.by("unit").set_index("id")
    sections = found.by("section").set_index("id")
    assert table.loc["U-line", "line_m"] == pytest.approx(sections.loc[["S001", "S002"], "line_m"].sum())
    assert table.loc["U-line-2", "area_m2"] == pytest.approx(
        found.by("zone").set_index("id").loc["Z3", "area_m2"]
    )
    assert table.loc["U-home", ["households", "households_covered"]].tolist() == [2, 2]
    assert table.index.isna()[-1]


def test_only_active_cells_are_counted():
    rows = rows_with(
        cell=[
            {"id": "150000001001001", "gacha": "x", "geometry": steppe.box(0, -30_000, 30_000, 0)},
            {
                "id": "150000001001002",
                "gacha": "x",
                "status": "retired",
                "geometry": steppe.box(0, -9_000, 9_000, 0),
            },
        ]
    )
    area = gm.memory(steppe.built(rows), spec=default_spec(steppe.CODE))
    area.edit("cell", "150000001001002", status="retired")
    table = area.plan().coverage().by("cell")
    assert table["id"].dropna().tolist() == ["150000001001001"]
    with pytest.raises(ConfigError, match="gridmap grid"):
        plan_of(steppe.steppe()).coverage().by("cell")


def test_a_misspelt_breakdown_or_keeper_is_put_right(plan, found):
    with pytest.raises(ConfigError, match="did you mean township"):
        found.by("townships")
    with pytest.raises(ConfigError, match="did you mean outpost:O3") as error:
        plan.coverage(without=["outpost:O33"])
    assert error.value.code == "GM105"


def test_a_keeper_that_falls_out_is_a_loss(plan):
    whole, fewer = plan.coverage(reach_m=9_000), plan.coverage(reach_m=9_000, without=["O2", "household:H1"])
    assert len(fewer.posts.ids) == len(whole.posts.ids) - 2
    assert whole.line.covered_m - fewer.line.covered_m == pytest.approx(
        2 * np.sqrt(9_000**2 - 1_000**2), abs=2
    )
    # A stronghold that falls out is a household all the same.
    assert {"H1", "H3"} <= set(fewer.to_json()["point"]["uncovered"])
    assert fewer.point.total == whole.point.total
    ranked = whole.losses()
    assert ranked["keeper"].iloc[0] == "household:H1"
    assert ranked[["persons", "homes"]].iloc[0].tolist() == [6, 2]
    order = list(zip(-ranked["persons"], -ranked["homes"], -ranked["metres"], ranked["keeper"], strict=True))
    assert order == sorted(order)


def test_one_more_keeper_adds_what_it_alone_reaches(found):
    lon, lat = geo.to_lonlat(np.array([[steppe.X0 + 59_000, steppe.Y0 - 29_000]]), steppe.CODE)[0]
    as_stronghold = found.adding(lon, lat, as_="stronghold")
    assert (as_stronghold.homes, as_stronghold.persons, as_stronghold.metres) == (1, 5, 0.0)
    as_outpost = found.adding(lon, lat + 0.25, as_="outpost")
    assert as_outpost.metres > 1_000
    assert as_outpost.homes == 0
    idle = found.adding(lon, lat + 0.25, as_="outpost", unit="U-area")
    assert (idle.metres, idle.m2) == (0.0, as_outpost.m2)
    for wrong, code in (({"as_": "tower"}, "GM106"), ({"unit": "U-x"}, "GM105")):
        with pytest.raises(ConfigError) as error:
            found.adding(lon, lat, **wrong)
        assert error.value.code == code
    with pytest.raises(ConfigError) as error:
        found.adding(400.0, lat)
    assert error.value.code == "GM107"


def test_depth_counts_the_layers_that_answer():
    """One outpost, one stronghold, zones over half of the ground: each place by hand."""
    rows = rows_with(
        outpost=[outpost("O1", 30_000)],
        household=[home("H1", 30_000, -12_000, stronghold=True)],
        patrol_zone=[steppe.zone("Z1", steppe.box(0, -30_000, 30_000, 0))],
    )
    found = plan_of(rows).coverage(reach_m=8_000)
    faces = found.depth.faces
    places = [(east, north) for east in range(700, 60_000, 1_900) for north in range(-29_600, 0, 1_700)]
    for east, north in places:
        here = spot(east, north)
        deep = [
            steppe.geodesic(here.coords[0], spot(30_000, -1_000).coords[0]) <= 8_000,
            east <= 30_000,
            steppe.geodesic(here.coords[0], spot(30_000, -12_000).coords[0]) <= 8_000,
        ]
        [row] = np.flatnonzero(shapely.covers(faces.geometry.to_numpy(), here))
        names = itertools.compress(("line", "area", "point"), deep)
        assert faces["layers"].iloc[row] == " ".join(names), (east, north)
        assert faces["depth"].iloc[row] == sum(deep)
    assert found.depth.m2.sum() == pytest.approx(found.area.total_m2, abs=0.01)


def test_the_line_layer_ends_with_the_belt():
    rows = rows_with(outpost=[outpost("O1", 30_000)], household=[], patrol_zone=[])
    spec = default_spec(steppe.CODE)
    line_layer = spec.layers.line.model_copy(update={"belt_m": 3_000.0})
    spec = spec.model_copy(update={"layers": spec.layers.model_copy(update={"line": line_layer})})
    found = gm.memory(steppe.built(rows, spec), spec=spec).plan().coverage(reach_m=8_000)
    assert found.depth.m2[1] < 3_000 * 16_000
    assert found.depth.m2[1] > 3_000 * 13_000


def test_an_area_without_border_or_jurisdiction_covers_nothing_of_them():
    rows = {"unit": list(steppe.UNITS), "household": steppe.steppe()["household"]}
    found = plan_of(rows).coverage()
    said = found.to_json()
    assert said["line"] == {"total_m": 0.0, "covered_m": 0.0, "share": 0.0, "gaps": []}
    assert said["area"]["total_m2"] == 0.0
    assert said["point"]["covered"] == 4
    assert found.by("zone")["households"].sum() == 4
    assert len(found.pieces) == 0
    assert found.losses()["homes"].sum() > 0


@pytest.mark.parametrize(
    "wrong", [{"reach_m": 0}, {"reach_m": float("nan")}, {"reach_m": 2e6}, {"minutes": -1}]
)
def test_a_reach_that_is_none_is_refused(plan, wrong):
    with pytest.raises(ConfigError) as error:
        plan.coverage(**wrong)
    assert error.value.code == "GM106"


def test_who_travels_without_a_time_is_refused(plan):
    with pytest.raises(ConfigError, match="no time is given") as error:
        plan.coverage(profile="vehicle")
    assert error.value.code == "GM106"
    with pytest.raises(ConfigError, match="no such scenario"):
        plan.coverage(scenario="blizzard")


def test_by_time_and_distance_is_what_is_within_both(plan):
    by_time = plan.coverage(minutes=20, profile="vehicle")
    both = plan.coverage(minutes=20, profile="vehicle", reach_m=5_000)
    near = plan.coverage(reach_m=5_000)
    assert both.line.covered_m <= min(by_time.line.covered_m, near.line.covered_m) + 0.001
    assert set(near.point.uncovered) | set(by_time.point.uncovered) <= set(both.point.uncovered)
    assert 0 < both.area.covered_m2 <= by_time.area.covered_m2
    assert by_time.losses()["homes"].sum() > 0


def test_the_pieces_of_a_broken_border_are_whole():
    rows = rows_with(
        border=[
            {"id": "B1", "geometry": line((0, 0), (20_000, 0))},
            {"id": "B2", "geometry": line((24_000, 0), (60_000, 0))},
        ]
    )
    found = plan_of(rows).coverage(reach_m=15_000)
    pieces = found.pieces
    assert pieces["to_m"].tolist()[:-1] == pieces["from_m"].tolist()[1:]
    assert pieces["to_m"].iloc[-1] == found.line.total_m
    assert pieces.geometry.length.sum() == pytest.approx(56_000, abs=1.0)


def test_homes_looked_up_in_an_index_have_the_same_keepers(plan, monkeypatch):
    one_by_one = plan.coverage().reached.homes
    monkeypatch.setattr(distance, "INDEXED", 1)
    looked_up = plan.coverage().reached.homes
    assert (looked_up.nearest >= 0).any()
    assert (looked_up.nearest < 0).any()
    for name in ("count", "only", "nearest", "away"):
        np.testing.assert_array_equal(getattr(looked_up, name), getattr(one_by_one, name))
