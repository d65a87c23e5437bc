"""Waters, settlements and neighbours of the demo: a sheet that reads as a map, and nobody's real map."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap.sample import demo_tables, neighbours, water
from gridmap.sample.relief import height

SEEDS = (1, 7, 11)
# Smoothing and the jitter of places move a line some hundred metres off the floor of its valley.
RISE_M = 26.0
HOMES = (16_745_841.997, 187_353_258.771)


@pytest.fixture(scope="module", params=SEEDS)
def seed(request):
    return request.param


@pytest.fixture(scope="module")
def tables(seed):
    return demo_tables(households=1, seed=seed)


def test_water_runs_downhill(seed):
    for reach in water.reaches(seed):
        levels = height(reach.line, seed=seed)
        assert levels[0] > levels[-1] - RISE_M, reach.water
        climbed = levels - np.minimum.accumulate(levels)
        # In a hollow without an outlet water stands until it runs over: a step up of its depth.
        assert np.quantile(climbed, 0.9) < RISE_M, reach.water


def test_rivers_end_in_a_basin_in_another_water_or_where_the_relief_ends(seed):
    found = water.reaches(seed)
    lines = [shapely.LineString(one.line) for one in found]
    sheet = shapely.box(*(water.WEST_M, water.SOUTH_M), *(water.EAST_M, water.NORTH_M))
    ends: dict[str, int] = {"water": 0, "edge": 0, "basin": 0}
    for at, one in enumerate(found):
        mouth = shapely.Point(one.line[-1])
        others = [line for other, line in enumerate(lines) if other != at]
        if min(line.distance(mouth) for line in others) < 1e-6:
            ends["water"] += 1
        elif sheet.exterior.distance(mouth) < (water.EDGE_CELLS + 1.5) * water.STEP_M:
            ends["edge"] += 1
        else:
            ends["basin"] += 1
            angle = np.arange(0, 360, 15) * np.pi / 180
            ring = one.line[-1] + 4_000 * np.column_stack([np.cos(angle), np.sin(angle)])
            around = height(ring, seed=seed)
            assert (around > height(one.line[-1:], seed=seed) - RISE_M).mean() > 0.8
    assert ends["water"] > 10
    assert ends["edge"] > 0
    assert ends["basin"] > 0 or seed != SEEDS[1]


def test_waters_do_not_cross(seed):
    lines = np.array([shapely.LineString(one.line) for one in water.reaches(seed)], dtype=object)
    assert shapely.is_simple(lines).mean() > 0.97
    first, second = shapely.STRtree(lines).query(lines, predicate="crosses")
    # Smoothed, two that run side by side may touch: hardly ever.
    assert len(first) / 2 <= 0.06 * len(lines)
    assert len(second) == len(first)


def test_neighbours_leave_no_ground_between_them_and_the_area(tables):
    around = tables["neighbour"].geometry.to_numpy()
    towns = tables["admin"][tables["admin"]["level"] == "township"].geometry.to_numpy()
    whole = np.concatenate([around, towns])
    assert shapely.is_valid(whole).all()
    assert shapely.coverage_is_valid(whole)
    box = shapely.box(neighbours.WEST_M, neighbours.SOUTH_M, neighbours.EAST_M, neighbours.NORTH_M)
    assert shapely.area(whole).sum() == pytest.approx(box.area, rel=1e-12)


def test_the_border_is_the_edge_of_the_neighbouring_country_alone(tables):
    around = tables["neighbour"]
    line = shapely.union_all(tables["border"].geometry.to_numpy())
    edges = shapely.boundary(around.geometry.to_numpy())
    shared = shapely.length(shapely.intersection(edges, line)) / line.length
    assert shared[around["class"] == "country"] == pytest.approx([1.0])
    assert shared[around["class"] != "country"] == pytest.approx([0.0, 0.0, 0.0])


def test_every_gacha_without_a_seat_has_a_settlement_beside_a_way(tables):
    landmarks = tables["landmark"]
    places = landmarks[landmarks["class"] == "settlement"]
    gachas = tables["admin"][tables["admin"]["level"] == "gacha"].geometry.to_numpy()
    held = [int(shapely.contains(gachas, spot).argmax()) for spot in places.geometry]
    assert len(set(held)) == len(held)
    seats = landmarks[landmarks["class"] == "seat"].geometry
    with_seat = {int(shapely.contains(gachas, spot).argmax()) for spot in seats}
    assert not with_seat & set(held)
    assert len(held) >= len(gachas) - len(with_seat) - 1
    ways = shapely.union_all(tables["track"].geometry.to_numpy())
    assert shapely.distance(places.geometry.to_numpy(), ways).max() < 400


def test_nothing_of_it_passes_for_the_real_country(tables):
    landmarks = tables["landmark"]
    villages = landmarks.loc[landmarks["class"] == "settlement", "name"]
    assert villages.str.endswith("（示例）").all()
    assert tables["neighbour"]["name"].str.contains("示意").all()
    assert tables["water"]["name"].dropna().str.contains("示例").all()


def test_homes_stay_where_they_were_before_there_was_water():
    """Recorded before the base was drawn: it has its own dice, so that nobody's tests move with it."""
    homes = demo_tables(households=40, seed=7)["household"]
    places = shapely.get_coordinates(homes.geometry.to_numpy())
    assert places.sum(axis=0) == pytest.approx(HOMES, abs=1e-6)
