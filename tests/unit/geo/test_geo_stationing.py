"""Chainage and back, posts, and calibration: figures that a survey party walks by."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pydantic import ValidationError
from pyproj import CRS, Geod, Transformer

from gridmap import geo
from gridmap.config.travel import StationingSpec
from gridmap.errors import ConfigError
from gridmap.geo.calibration import calibrate, rising
from gridmap.geo.stationing import LEAST_POST_M, ON, RIGHT, placed, posts, spoken, stationed, stations_frame

CODE, X0, Y0 = "EPSG:4508", 650_000.0, 4_700_000.0
# Nothing of gridmap: the ellipsoid of CGCS2000, and PROJ.
GEOD = Geod(a=6378137.0, rf=298.257222101)
LONLAT = Transformer.from_crs(CRS(CODE), CRS(CODE).geodetic_crs, always_xy=True)
BENT = [(0, 0), (10_000, 0), (16_000, 8_000), (30_000, 8_000)]


def border(*lines):
    drawn = [shapely.LineString([(X0 + x, Y0 + y) for x, y in one]) for one in lines or (BENT,)]
    return geo.build_border(np.array(drawn, dtype=object), CODE)


def lonlat(xy):
    return np.column_stack(LONLAT.transform(xy[:, 0], xy[:, 1]))


def metres(one, other):
    a, b = np.broadcast_arrays(lonlat(np.atleast_2d(one)), lonlat(np.atleast_2d(other)))
    return np.asarray(GEOD.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[2])


def spot(x, y):
    return np.array([[X0 + x, Y0 + y]], dtype=float)


def test_a_place_off_the_line_is_at_right_angles_and_so_far_away():
    """Geodesic, checked with pyproj alone: the offset is the distance, and no place of the line is nearer."""
    line = border()
    for along, away, side in ((3_000.0, 750.0, 1), (12_345.678, 2_000.0, -1), (25_000.0, 9_000.0, 1)):
        place = placed(line, [along], away, side)
        foot = line.place(np.array([along]))
        assert metres(foot, place)[0] == pytest.approx(away, abs=1e-6)
        beside = line.place(np.array([along - 30.0, along + 30.0]))
        assert (metres(beside, place) > away).all()
        back = stationed(line, place)
        assert back.chainage_m[0] == pytest.approx(along, abs=1e-6)
        assert (back.side[0], back.offset_m[0]) == (side, pytest.approx(away, abs=1e-6))


def test_left_is_north_of_a_line_that_runs_east():
    north, south = placed(border(), [4_000.0, 4_000.0], 100.0, [1, -1])
    assert north[1] > Y0 > south[1]


def test_places_around_a_corner_have_the_corner_as_their_foot_and_the_way_back_halves_the_turn():
    line = border()
    edge = np.linspace(spot(0, 0)[0], spot(10_000, 0)[0], 501)
    corner = metres(edge[:-1], edge[1:]).sum()
    found = stationed(line, np.vstack([spot(10_100, -900), spot(10_500, -700)]))
    assert found.chainage_m == pytest.approx([corner, corner], abs=1e-3)
    assert (found.side == RIGHT).all()
    back = placed(line, found.chainage_m, 1_000.0, RIGHT)
    turn = np.degrees(np.arctan2(8, 6)) / 2.0
    wanted = spot(10_000 + 1_000 * np.sin(np.radians(turn)), -1_000 * np.cos(np.radians(turn)))
    assert back == pytest.approx(np.vstack([wanted, wanted]), abs=1.5)


def test_beyond_the_end_of_the_line_the_end_answers():
    found = stationed(border(), spot(-500, 0))
    assert (found.chainage_m[0], found.side[0]) == (0.0, ON)
    assert found.offset_m[0] == pytest.approx(metres(spot(0, 0), spot(-500, 0))[0], abs=1e-6)
    assert found.bearing_deg[0] == pytest.approx(271.2, abs=1.0)


def test_a_place_without_position_has_no_station():
    frame = stations_frame(
        border(), gpd.GeoSeries([shapely.Point(X0, Y0 + 10), None], index=["a", "b"], crs=CODE)
    )
    assert list(frame.index) == ["a", "b"]
    assert frame.loc["a", "side"] == "left"
    assert frame.loc["b"].isna().all()
    assert np.isnan(placed(border(), [np.nan])).all()


@pytest.mark.parametrize(
    ("chainage", "offset", "side", "code"),
    [(-1.0, 0.0, 0, "GM107"), (1e6, 0.0, 0, "GM107"), (5.0, -1.0, 1, "GM106"), (5.0, 1.0, 0, "GM106")],
)
def test_what_is_on_no_border_is_refused(chainage, offset, side, code):
    with pytest.raises(ConfigError) as caught:
        placed(border(), [chainage], offset, side)
    assert caught.value.code == code


def test_posts_stand_at_exact_distances_along_the_densified_line():
    line = border()
    found = posts(line, 1_000.0)
    dense = shapely.get_coordinates(
        shapely.segmentize(shapely.LineString([(X0 + x, Y0 + y) for x, y in BENT]), 5.0)
    )
    chain = np.concatenate([[0.0], np.cumsum(metres(dense[:-1], dense[1:]))])
    wanted = np.column_stack([np.interp(found["chainage_m"], chain, dense[:, axis]) for axis in (0, 1)])
    assert metres(geo.point_xy(found.geometry), wanted).max() < 1e-3
    assert found["number"].tolist() == list(range(int(chain[-1] // 1000) + 1))
    assert found["name"].tolist()[:2] == ["K0", "K1"]
    east = GEOD.inv(*lonlat(dense[:1])[0], *lonlat(dense[1:2])[0])[0]
    assert found["bearing_deg"].iloc[0] == pytest.approx(east, abs=1e-2)


def test_posts_go_on_across_a_hole_without_counting_it():
    line = border([(0, 0), (2_500, 0)], [(9_000, 0), (12_000, 0)])
    found = posts(line, 1_000.0)
    assert found["part"].tolist() == [1, 1, 1, 2, 2, 2]
    gap = np.diff(geo.point_xy(found.geometry)[:, 0])
    assert gap == pytest.approx([1000, 1000, 7500, 1000, 1000], abs=8)


def test_a_post_stands_at_the_end_of_a_line_of_whole_kilometres():
    line = border([(0, 0), (3_000, 0)])
    assert len(posts(line, line.length_m / 3)) == 4


@pytest.mark.parametrize("every_m", [0.0, 0.001, 9.99, np.nan, np.inf])
def test_a_slip_of_the_finger_does_not_ask_for_millions_of_posts(every_m):
    with pytest.raises(ConfigError, match="GM106"):
        posts(border([(0, 0), (3_000, 0)]), every_m)


def test_posts_have_the_least_distance_that_the_settings_have():
    StationingSpec(post_m=LEAST_POST_M)
    with pytest.raises(ValidationError):
        StationingSpec(post_m=LEAST_POST_M - 0.01)


@pytest.mark.parametrize(
    ("along", "words"),
    [(0, "K0"), (23_450, "K23+450"), (999.9996, "K1"), (5_007.25, "K5+007.250"), (86_000.0, "K86")],
)
def test_a_chainage_is_said_as_it_is_written_and_reads_back(along, words):
    assert spoken(along) == words
    assert geo.parse_place(words).chainage_m == pytest.approx(along, abs=5e-4)


def test_calibration_is_exact_at_markers_and_scales_beyond_them():
    known = calibrate([2_000, 10_000, 0.5], [2_040, 10_300, 0.5], ["b", "c", "a"])
    assert known.to_surveyed([0.5, 2_000, 10_000]).tolist() == [0.5, 2_040.0, 10_300.0]
    assert known.to_surveyed(6_000.0) == pytest.approx((2_040 + 10_300) / 2)
    scale = (10_300 - 0.5) / (10_000 - 0.5)
    assert known.to_surveyed(11_000.0) == pytest.approx(10_300 + 1_000 * scale)
    assert known.to_measured(known.to_surveyed([-5.0, 77.7, 12_345.6])) == pytest.approx(
        [-5.0, 77.7, 12_345.6]
    )


def test_one_marker_shifts_and_none_is_no_calibration():
    assert calibrate([5_000.0], [5_100.0], ["a"]).to_surveyed(0.0) == 100.0
    assert calibrate([np.nan], [1.0], ["a"]) is None
    assert calibrate([1.0], [np.nan], ["a"]) is None


NAMES = ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("measured", "surveyed", "left"),
    [
        ([1, 2, 3, 4, 5], [10, 20, 99, 40, 50], {"c": "d"}),
        # Two figures at one place, and two places with one figure: the smaller name counts.
        ([1, 2, 2, 3, 4], [10, 21, 20, 30, 40], {"c": "b"}),
        ([1, 2, 3, 4, 5], [10, 20, 20, 30, 40], {"c": "b"}),
        ([1, 2, 2, 3, 4], [10, 20, 20, 30, 40], {}),
        ([5, 4, 3, 2, 1], [10, 20, 30, 40, 50], {"b": "a", "c": "a", "d": "a", "e": "a"}),
    ],
)
def test_one_bad_survey_does_not_stop_the_others(measured, surveyed, left):
    """The fewest are left out, each named with one that it contradicts; the order of rows plays no part."""
    for turn in range(5):
        order = np.roll(np.arange(5), turn)[:: 1 - 2 * (turn % 2)]
        names = [NAMES[at] for at in order]
        known = calibrate(np.array(measured)[order], np.array(surveyed)[order], names)
        assert {names[one]: names[other] for one, other in known.left_out} == left
        kept = [at for at in range(5) if NAMES[at] not in left]
        told = known.to_surveyed(np.array(measured, dtype=float)[kept])
        assert told.tolist() == np.array(surveyed, dtype=float)[kept].tolist()


def test_as_few_as_can_be_are_left_out():
    rng = np.random.default_rng(3)
    for _ in range(40):
        measured, surveyed = rng.integers(0, 6, 7), rng.integers(0, 6, 7)
        names = [f"n{at}" for at in rng.permutation(7)]
        sets = [[at for at in range(7) if bits >> at & 1] for bits in range(1, 128)]
        pairs = list(zip(measured.tolist(), surveyed.tolist(), strict=True))
        most = max(len({pairs[at] for at in one}) for one in sets if agree(measured[one], surveyed[one]))
        kept, left_out = rising(measured, surveyed, names)
        assert agree(measured[kept], surveyed[kept])
        assert len({pairs[at] for at in kept}) == most
        for one, other in left_out:
            assert not agree(measured[[one, other]], surveyed[[one, other]])
        assert sorted(kept + [one for one, _ in left_out]) == list(range(7))


def agree(measured, surveyed):
    pairs = sorted(set(zip(measured.tolist(), surveyed.tolist(), strict=True)))
    return all(b[0] > a[0] and b[1] > a[1] for a, b in itertools.pairwise(pairs))
