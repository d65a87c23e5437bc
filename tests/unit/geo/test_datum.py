"""GCJ-02 and BD-09, there and back: nobody's home moves by a metre, and nothing moves abroad."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Geod

from gridmap.geo.crs import geoms_to_lonlat
from gridmap.geo.datum import from_wgs84, to_wgs84
from gridmap.geo.territory import applies, doubtful, mask
from gridmap.sample import demo_tables

GEOD = Geod(ellps="WGS84")
POINTS = 20_000
# Longitude and latitude on WGS 84, in GCJ-02, in BD-09: by prcoords 1.0.2 (CC0), which we had no part in.
PAIRS = np.array(
    [
        (110.0, 42.2, 110.006044423, 42.201899749, 110.012553439, 42.207825356),
        (109.84, 40.66, 109.845705155, 40.661150424, 109.852278886, 40.666903171),
        (111.97, 43.65, 111.977187235, 43.652007920, 111.983587292, 43.658209535),
        (116.397, 39.909, 116.403243506, 39.910403397, 116.409615693, 39.916744222),
        (87.62, 43.82, 87.622853192, 43.821211348, 87.629321165, 43.827315450),
        (121.47, 31.23, 121.474534900, 31.228067482, 121.481076208, 31.233986716),
        (100.1, 25.6, 100.101296334, 25.597147132, 100.107780572, 25.603283911),
        (130.9, 47.3, 130.907677353, 47.302220175, 130.914081244, 47.308540191),
        (75.99, 39.47, 75.992955638, 39.470227497, 75.999465199, 39.476187842),
        (110.35, 20.02, 110.354411019, 20.017997369, 110.360936794, 20.023752904),
        (109.7953, 41.1961, 109.801171810, 41.197755060, 109.807565651, 41.204090298),
        (111.1037, 41.0942, 111.110518417, 41.096026258, 111.116913887, 41.102320781),
        (110.6435, 41.4754, 110.649472142, 41.477136176, 110.655848065, 41.483422642),
        (108.732, 41.6597, 108.737415603, 41.661584245, 108.743855972, 41.667790444),
        (108.65, 41.5637, 108.655195534, 41.565430975, 108.661829212, 41.571120207),
        (108.7794, 41.1179, 108.784768873, 41.119489909, 108.791372459, 41.125167649),
        (110.1981, 42.0749, 110.204201037, 42.076865915, 110.210772047, 42.082636606),
        (108.9952, 41.2902, 109.000737361, 41.291924631, 109.007314327, 41.297754463),
        (111.0097, 42.232, 111.016366358, 42.233950989, 111.022777577, 42.240166839),
        (110.8084, 41.5157, 110.814642751, 41.517543642, 110.821260033, 41.523223292),
        (112.405, 41.0606, 112.412106702, 41.062429972, 112.418610470, 41.068473426),
        (111.9339, 41.3765, 111.940664001, 41.378200799, 111.947081178, 41.384372413),
        (109.077, 41.1531, 109.082833915, 41.154916065, 109.089206884, 41.161237861),
        (109.7339, 42.061, 109.739914402, 42.062904574, 109.746537759, 42.068574273),
    ]
)
# What Baidu's own documentation of its service "geoconv" gives for a point on WGS 84.
BAIDU = ((114.21892734521, 29.575429778924), (114.2307519546763, 29.57908428837437))
ABROAD = {
    "Ulaanbaatar": (106.917, 47.918),
    "Sainshand": (110.14, 44.89),
    "Dalanzadgad": (104.42, 43.57),
    "Zamyn-Uud": (111.90, 43.72),
    "Seoul": (126.98, 37.57),
    "Sinuiju": (124.40, 40.08),
    "Hanoi": (105.85, 21.03),
    "Almaty": (76.90, 43.25),
    "Vladivostok": (131.90, 43.10),
}
# Web maps shift mainland China alone: these are left as they are as well.
NOT_MAINLAND = {
    "Hong Kong": (114.16, 22.30),
    "Macao": (113.55, 22.19),
    "Taipei": (121.56, 25.04),
    "Kinmen": (118.32, 24.45),
}
MAINLAND = {
    "Shenzhen": (114.06, 22.54),
    "Zhuhai": (113.53, 22.28),
    "Haikou": (110.35, 20.02),
    "Dandong": (124.38, 40.13),
    "Erenhot": (111.97, 43.65),
    "Bayan Obo": (109.97, 41.77),
}


def metres(one, other):
    return GEOD.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])[2]


def somewhere(seed, *, inside):
    """Return points of the area, in the territory or out of it."""
    dice = np.random.default_rng(seed)
    found = np.column_stack([dice.uniform(108.5, 112.5, 4 * POINTS), dice.uniform(41.0, 43.6, 4 * POINTS)])
    found = found[applies(found) == inside]
    return found[:POINTS]


def beyond_the_border(metres_away):
    """Return points north of the border of the demo, which follows the true one."""
    line = geoms_to_lonlat(demo_tables(households=10, seed=1)["border"].geometry.to_numpy(), "EPSG:4508")
    xy = shapely.get_coordinates(shapely.segmentize(line, 0.01))
    lon, lat, _ = GEOD.fwd(xy[:, 0], xy[:, 1], np.zeros(len(xy)), np.full(len(xy), metres_away))
    found = np.column_stack([lon, lat])
    # North of a bend may be this side of the border again.
    return found[~applies(found) & ~doubtful(found)]


@pytest.mark.parametrize("pair", PAIRS.tolist())
def test_the_shift_is_the_one_that_web_maps_make(pair):
    lon, lat, *shifted = pair
    gcj, bd = from_wgs84([(lon, lat)], "gcj02"), from_wgs84([(lon, lat)], "bd09")
    assert metres(gcj, np.array([shifted[:2]])) < 1e-3
    assert metres(bd, np.array([shifted[2:]])) < 1e-3
    assert metres(to_wgs84([shifted[:2]], "gcj02"), np.array([(lon, lat)])) < 1e-3
    assert metres(to_wgs84([shifted[2:]], "bd09"), np.array([(lon, lat)])) < 1e-3


def test_baidu_itself_gives_the_same_within_a_metre():
    assert metres(from_wgs84([BAIDU[0]], "bd09"), np.array([BAIDU[1]])) < 1


@pytest.mark.parametrize(("datum", "most"), [("gcj02", 1e-5), ("bd09", 1e-3)])
def test_there_and_back_over_the_area_is_the_same_place(datum, most):
    given = somewhere(3, inside=True)
    assert len(given) == POINTS
    shifted = from_wgs84(given, datum)
    moved = metres(shifted, given)
    assert (moved > 300).all()
    assert (moved < 2_500).all()
    assert metres(to_wgs84(shifted, datum), given).max() < most
    assert metres(from_wgs84(to_wgs84(shifted, datum), datum), shifted).max() < most


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@pytest.mark.parametrize("place", [*ABROAD, *NOT_MAINLAND])
def test_nothing_is_shifted_outside_the_mainland(datum, place):
    given = np.array([(ABROAD | NOT_MAINLAND)[place]])
    assert (from_wgs84(given, datum) == given).all()
    assert (to_wgs84(given, datum) == given).all()


@pytest.mark.parametrize("place", MAINLAND)
def test_a_town_at_the_edge_of_the_territory_is_shifted(place):
    given = np.array([MAINLAND[place]])
    assert metres(from_wgs84(given, "gcj02"), given) > 100


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_nothing_is_shifted_across_the_border(datum):
    """Our neighbours' wells are where they are; 3 km beyond is outside of what the mask may be off."""
    for away in (3_000, 6_000, 30_000):
        given = beyond_the_border(away)
        assert len(given) > 100
        assert (from_wgs84(given, datum) == given).all()
        assert (to_wgs84(given, datum) == given).all()


def test_nothing_is_shifted_over_mongolia():
    given = somewhere(4, inside=False)
    for datum in ("gcj02", "bd09"):
        assert (from_wgs84(given, datum) == given).all()


def test_what_is_known_to_be_inside_counts_before_the_mask():
    """A township's own outline says better than a coarse map where it lies."""
    edge = shapely.get_coordinates(mask().geoms[0].exterior if mask().geom_type == "MultiPolygon" else mask())
    lon, lat = edge[(edge[:, 0] > 108.5) & (edge[:, 0] < 112) & (edge[:, 1] > 42)][0]
    spot = np.array([(lon, lat + 0.01)])
    assert doubtful(spot)[0]
    inside = shapely.box(lon - 0.1, lat - 0.2, lon + 0.1, lat + 0.05)
    assert not doubtful(spot, inside)[0]
    assert metres(from_wgs84(spot, "gcj02", inside=inside), spot) > 300
    assert metres(to_wgs84(from_wgs84(spot, "gcj02", inside=inside), "gcj02", inside=inside), spot) < 1e-5


def test_a_project_abroad_is_no_territory():
    """A Mongolian county's own wells, copied from Amap, are not shifted there: nor may they be here."""
    sum_ = shapely.box(109.5, 44.0, 111.0, 45.0)
    given = np.array([(110.14, 44.89)])
    for datum in ("gcj02", "bd09"):
        assert (from_wgs84(given, datum, inside=sum_) == given).all()
        assert (to_wgs84(given, datum, inside=sum_) == given).all()


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000"])
def test_a_true_datum_moves_nothing(datum):
    given = somewhere(5, inside=True)[:100]
    assert (from_wgs84(given, datum) == given).all()
    assert (to_wgs84(given, datum) == given).all()


def test_no_position_stays_none():
    for datum in ("gcj02", "bd09"):
        assert np.isnan(to_wgs84([(np.nan, np.nan)], datum)).all()
        assert to_wgs84(np.empty((0, 2)), datum).shape == (0, 2)


def test_the_caller_keeps_his_own_numbers():
    given = somewhere(6, inside=True)[:10]
    before = given.copy()
    to_wgs84(given, "bd09")
    from_wgs84(given, "gcj02")
    assert (given == before).all()
