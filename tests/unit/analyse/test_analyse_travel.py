"""What is within so many minutes: the border in metres, homes, ground; isolated homes; what snow changes."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap import geo
from gridmap.analyse.demand import Demand, Homes, Posts
from gridmap.analyse.isolated import BARRED, CUT_OFF, NO_POSITION, OFF, isolated
from gridmap.analyse.scenario import change_bands, changed
from gridmap.analyse.travel import by_time, spans
from gridmap.errors import ConfigError
from gridmap.geo import travel

CRS = "EPSG:4508"
WEST, SOUTH, CELL = 400_000.0, 4_600_000.0, 200.0
KM = 1_000.0
WALK = travel.Going(speed_kmh=6.0)  # 100 m a minute
NONE = np.empty(0, dtype=object)


def at(*km: tuple[float, float]) -> np.ndarray:
    return np.array([[WEST + x * KM, SOUTH + y * KM] for x, y in km], dtype=float)


def objects(*given) -> np.ndarray:
    made = np.empty(len(given), dtype=object)
    made[:] = given
    return made


def network(bars=(), ground=None) -> travel.Network:
    lattice = travel.covering((WEST, SOUTH, WEST + 20 * KM, SOUTH + 12 * KM), cell=CELL, crs=CRS)
    surface = travel.surface(lattice, WALK, ground or travel.Ground())
    return travel.build(
        surface, bars=objects(*bars), lines=NONE, speed_kmh=np.empty(0), fords=np.empty((0, 2))
    )


BORDER = geo.build_border(objects(shapely.LineString(at((1, 10), (19, 10)))), CRS)


def demand(*homes: tuple[float, float]) -> Demand:
    ids = np.array([f"H{number:03}" for number in range(len(homes))], dtype=object)
    xy = at(*homes) if homes else np.empty((0, 2))
    return Demand(CRS, BORDER, 20_000.0, None, NONE, Homes(ids, xy, np.full(len(ids), 3)))


def posts(*kept: tuple[str, float, float]) -> Posts:
    kind = np.array([one[0] for one in kept], dtype=object)
    ids = np.array([f"P{number}" for number in range(len(kept))], dtype=object)
    xy = at(*(one[1:] for one in kept)) if kept else np.empty((0, 2))
    return Posts(kind, ids, np.full(len(kept), "u", dtype=object), xy, kind == "outpost")


def test_the_border_is_covered_as_far_as_an_outpost_gets_in_the_time():
    reached = by_time(demand(), posts(("outpost", 10, 10), ("household", 4, 10)), network(), minutes=30)
    [[start, stop]] = reached.line[0].tolist()
    # 30 minutes are 3 km each way, or up to 2.8 % less; the outpost is at chainage 9,000.
    assert 6_000 <= start <= 6_084
    assert 12_000 - 84 <= stop <= 12_000
    assert len(reached.line[1]) == 0, "a stronghold does not keep the line"
    assert reached.measure == "min"


def test_a_river_across_the_border_belt_cuts_the_interval_at_the_river():
    river = shapely.LineString(at((11.03, -1), (11.03, 13)))
    reached = by_time(demand(), posts(("outpost", 10, 10)), network([river]), minutes=30)
    [[start, stop]] = reached.line[0].tolist()
    assert 6_000 <= start <= 6_084
    assert 9_900 <= stop <= 10_030


def test_homes_are_counted_with_the_quickest_and_never_at_no_minutes_nor_given_up():
    homes = demand((4, 5), (4.256, 5), (6, 5), (8, 5), (15, 5), (np.nan, 5))
    reached = by_time(
        homes, posts(("outpost", 15, 5), ("household", 4, 5), ("household", 8, 5)), network(), minutes=21
    )
    found = reached.homes
    assert found.count.tolist() == [1, 1, 2, 1, 0, 0]
    assert found.only.tolist() == [1, 1, -1, 2, -1, -1]
    assert found.nearest.tolist()[:2] == [1, 1]
    assert found.nearest.tolist()[3:] == [2, 2, -1]
    assert found.away[:2] == pytest.approx([0.0, 2.56], abs=0.01)
    assert found.away[4] == pytest.approx(70, rel=0.028)
    assert np.isinf(found.away[5])


def test_with_a_reach_both_must_hold():
    homes = demand((6.5, 5), (8.5, 5))
    keepers = posts(("household", 4, 5), ("outpost", 10, 10))
    wide = by_time(homes, keepers, network(), minutes=50)
    both = by_time(homes, keepers, network(), minutes=50, reach_m=np.array([3_000.0, 1_500.0]))
    assert wide.homes.count.tolist() == [1, 1]
    assert both.homes.count.tolist() == [1, 0]
    [[start, stop]] = both.line[1].tolist()
    assert (start, stop) == pytest.approx((7_500, 10_500), abs=5)
    area = geo.geodesic_area(both.shapes, CRS)
    assert area[0] == pytest.approx(np.pi * 3_000**2, rel=1e-3)
    assert (geo.geodesic_area(wide.shapes, CRS) > area).all()


def test_the_ground_within_is_the_disc_less_what_the_grid_costs():
    reached = by_time(demand(), posts(("household", 10, 6)), network(), minutes=40)
    share = geo.geodesic_area(reached.shapes, CRS)[0] / (np.pi * 4_000**2)
    assert 0.94 < share <= 1.0


def test_intervals_are_linear_between_and_end_at_the_last_place_that_can_be_reached():
    chainage = np.array([0.0, 100, 200, 300, 400, 400, 500, 600])
    part = np.array([0, 0, 0, 0, 0, 1, 1, 1])
    effort = np.array([1.5, 0.5, 0.5, np.inf, 0.5, 0.5, 1.0, 2.0])
    # Parts that meet at a chainage go on; a place alone among those nobody reaches has no length.
    assert spans(chainage, part, effort).tolist() == [[50.0, 200.0], [400.0, 500.0]]
    assert spans(chainage, part, np.full(8, np.inf)).shape == (0, 2)
    assert spans(chainage, part, np.zeros(8)).tolist() == [[0.0, 600.0]]


def test_isolated_homes_are_listed_with_why_and_with_the_nearest_keeper():
    river = shapely.LineString(at((11.03, -1), (11.03, 13)))
    marsh = shapely.box(*at((2, 2)).ravel(), *at((5, 5)).ravel())
    ground = travel.Ground(land=objects(marsh), share=np.array([0.0]))
    net = network([river, marsh], ground)
    homes = demand((8, 6), (14, 6), (3.5, 3.5), (90, 6), (np.nan, 6)).homes
    keepers = posts(("outpost", 10, 10), ("household", 8, 5))
    place = travel.places(net, homes.xy, keepers.xy)
    minutes = place.quickest(travel.field(net, keepers.xy)).seconds / 60
    found = isolated(homes, minutes, keepers, net, crs=CRS)
    assert found["id"].tolist() == ["H001", "H002", "H003", "H004"]
    assert found["reason"].tolist() == [CUT_OFF, BARRED, OFF, NO_POSITION]
    assert found["nearest"].tolist()[:2] == ["outpost:P0", "household:P1"]
    assert found["metres"].iloc[0] == pytest.approx(np.hypot(4_000, 4_000), rel=1e-3)
    assert found["nearest"].isna().iloc[3]
    assert found.geometry.isna().tolist() == [False, False, False, True]


def test_changes_tell_lost_from_longer_and_from_never_there():
    ids = np.array(list("abcd"), dtype=object)
    found = changed(ids, np.array([10.0, 10, np.inf, np.inf]), np.array([35.0, np.inf, np.inf, 5]))
    assert found["change"].tolist()[:2] == [25.0, np.inf]
    assert np.isnan(found["change"][2])
    assert found["change"][3] == -np.inf
    assert found["isolated"].tolist() == [False, True, False, False]


def test_the_difference_map_adds_up_to_what_changed():
    lattice = network().lattice
    before = np.full(lattice.size, 600.0)
    after = before.copy()
    after[:100], after[100:250], after[250:400] = 600 + 15 * 60, 600 + 45 * 60, 600 + 70 * 60
    after[400:450], before[450:500], after[450:500] = np.inf, np.inf, np.inf
    after[500:600] = 600 + 14.9 * 60
    bands = change_bands((lattice, before), (lattice, after), crs=CRS)
    assert bands["change"].tolist() == ["longer", "longer", "longer", "lost"]
    assert bands["from_min"].tolist()[:3] == [15, 30, 60]
    cell = geo.geodesic_area(objects(travel.squares(lattice, np.arange(lattice.size) < 1)), CRS)[0] / 1e6
    assert (bands["km2"] / cell).tolist() == pytest.approx([100, 150, 150, 50], rel=1e-3)
    assert shapely.union_all(bands.geometry.to_numpy()).area == pytest.approx(bands.area.sum())


def test_a_difference_of_cells_of_two_sizes_is_refused():
    small = travel.covering((WEST, SOUTH, WEST + 500, SOUTH + 500), cell=100.0, crs=CRS)
    large = travel.covering((WEST, SOUTH, WEST + 500, SOUTH + 500), cell=250.0, crs=CRS)
    with pytest.raises(ConfigError, match="GM106"):
        change_bands((small, np.zeros(small.size)), (large, np.zeros(large.size)), crs=CRS)


def test_a_difference_of_two_extents_compares_the_same_ground():
    small = travel.covering((WEST, SOUTH, WEST + 1000, SOUTH + 1000), cell=CELL, crs=CRS)
    large = travel.covering((WEST - 400, SOUTH, WEST + 1000, SOUTH + 1400), cell=CELL, crs=CRS)
    east = large.centres()[:, 0]
    before = small.centres()[:, 0]
    bands = change_bands((small, before), (large, east + 20 * 60), crs=CRS)
    assert bands["km2"][0] == pytest.approx(1.0, rel=1e-3)
    assert bands["km2"][1:].sum() == 0
