"""Exact coordinates: a number that says one more exactly than is allowed gives a home away."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy import stats

from gridmap.geo import crs as geo_crs
from gridmap.privacy import make_view, withheld
from gridmap.privacy.chance import implausible
from gridmap.privacy.coordinates import ExactCoordinates, Numbers, exact_coordinates

CRS = "EPSG:4508"


def homes(xy) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"id": range(len(xy))}, geometry=shapely.points(xy), crs=CRS)


def numbers(values, digits, *, reach: int = 1) -> Numbers:
    values = np.asarray(values, dtype=float)
    digits = np.full(len(values), digits) if isinstance(digits, int) else np.asarray(digits)
    return Numbers(values, digits, np.arange(len(values)), reach)


@pytest.fixture(scope="module")
def xy():
    return np.random.default_rng(1).uniform([360_000, 4_640_000], [480_000, 4_760_000], (500, 2))


@pytest.fixture(scope="module")
def exact(xy) -> ExactCoordinates:
    return exact_coordinates({"household": homes(xy), "unit": gpd.pd.DataFrame()}, CRS, 5)


def test_pairs_agree_with_a_comparison_of_all_with_all(exact, xy):
    dice = np.random.default_rng(2)
    lonlat = geo_crs.to_lonlat(xy, CRS)
    for digits in range(6, 12):
        for _ in range(60):
            row = dice.integers(len(lonlat))
            scale = 10.0**digits
            make = np.floor if dice.random() < 0.5 else np.round
            value = make(lonlat[row] * scale) / scale
            if dice.random() < 0.5:
                value = value + dice.choice([-3, 3], 2) / scale
            differ = lonlat - value
            fits = (differ > -0.5 / scale) & (differ < 1.0 / scale)
            finer = (np.abs(value - np.round(value, 5)) > 1e-10).any()
            wanted = bool(fits.all(axis=1).any()) and finer
            order = slice(None, None, int(dice.choice([-1, 1])))
            if digits > 7 and fits.any() and not wanted:
                continue  # a single number may count, too
            assert bool(exact.leaks(numbers(value[order], digits))) == wanted


def test_a_number_alone_counts_only_where_chance_is_no_explanation(exact, xy):
    lonlat = geo_crs.to_lonlat(xy, CRS)
    assert exact.leaks(numbers([np.round(lonlat[3, 1], 9)], 9)) == {"household.geometry"}
    assert exact.leaks(numbers([xy[3, 0]], 7)) == {"household.geometry"}
    # Of a thousand numbers of one decimal, some are among five hundred eastings in any case.
    dice = np.random.default_rng(3)
    chance = np.round(dice.uniform(360_000, 480_000, 1000), 1)
    assert not exact.leaks(numbers([*chance, np.round(xy[3, 0], 1)], 1, reach=0))
    assert exact.leaks(numbers([*chance, *np.round(xy[:100, 0], 1)], 1, reach=0))


def test_what_is_rounded_for_the_audience_is_no_secret(exact, xy):
    lonlat = np.round(geo_crs.to_lonlat(xy, CRS), 5)
    assert not exact.leaks(numbers(lonlat.ravel(), 5))
    assert not exact.leaks(numbers(lonlat.ravel() + 1e-14, 12))
    assert not exact.leaks(numbers(np.round(xy).ravel(), 0))
    assert not exact.leaks(numbers([], 7))


def test_coordinates_that_are_round_themselves_are_no_secret():
    exact = exact_coordinates({"household": homes([[400_000.0, 4_700_000.0]])}, CRS, 5)
    assert not any(len(axis.ordered) for axis in exact.metres.axes)
    assert all(len(axis.ordered) for axis in exact.degrees.axes)


def test_each_table_is_named_by_itself(xy):
    tables = {"household": homes(xy[:50]), "outpost": homes(xy[50:60]), "border": homes(xy[:1])}
    exact = exact_coordinates(tables, CRS, 5)
    assert exact.leaks(numbers(xy[55], 7)) == {"outpost.geometry"}
    assert exact.leaks(numbers(xy[0], 7)) == {"household.geometry", "border.geometry"}


def test_every_vertex_of_every_shape_counts(xy):
    line = gpd.GeoDataFrame({"id": ["B"]}, geometry=[shapely.LineString(xy[:9])], crs=CRS)
    exact = exact_coordinates({"border": line}, CRS, 5)
    assert exact.leaks(numbers(xy[4], 7)) == {"border.geometry"}


def test_west_and_south_of_nought():
    xy = geo_crs.from_lonlat([[-72.123456789, 44.123456789]], "EPSG:32618")
    exact = exact_coordinates(
        {"household": homes(xy).set_crs("EPSG:32618", allow_override=True)}, "EPSG:32618", 5
    )
    for lon in (-72.1234568, -72.1234567):
        assert exact.leaks(numbers([lon, 44.1234568], 7))
    assert not exact.leaks(numbers([72.1234568, 44.1234561], 7))


def test_degrees_where_metres_should_be_do_not_stop_every_product(xy):
    """A faulty row holds 110.1234567, 42.1 as metres: as degrees, five decimals of it may be seen."""
    exact = exact_coordinates({"landmark": homes([*xy, [110.1234567, 42.1234567]])}, CRS, 5)
    assert not exact.leaks(numbers([110.12346, 42.12346], 5))
    assert exact.leaks(numbers([110.1234567, 42.1234567], 7)) == {"landmark.geometry"}


def test_a_place_that_is_no_number_or_missing_is_left_out():
    frame = homes([[np.nan, 1.0], [400_000.5, 4_700_000.5]])
    frame.loc[2] = {"id": 2, "geometry": None}
    exact = exact_coordinates({"household": frame}, CRS, 5)
    assert len(exact.metres.xy) == 1


def test_no_table_with_a_place_has_nothing_exact():
    assert exact_coordinates({"unit": gpd.pd.DataFrame({"id": [1]})}, CRS, 5) is None


def test_nothing_prints_a_coordinate(tables, spec):
    found = withheld(tables, spec, make_view(tables, spec, "planner", facts={}))
    assert "vertices" in repr(found)
    for value in shapely.get_coordinates(tables["household"].geometry)[:20].ravel():
        for shown in (repr(found), repr(found.coordinates), repr(found.coordinates.degrees)):
            assert str(value)[:8] not in shown


def test_many_finds_are_judged_by_the_law_of_rare_events():
    for hits, expected in ((1, 1e-4), (1, 0.01), (5, 1.0), (9, 1.0), (300, 200.0), (200, 200.0)):
        assert implausible(hits, expected) == (stats.poisson.sf(hits - 1, expected) < 1e-3)
    assert not implausible(0, 0.0)
    assert implausible(1, 0.0)


def test_very_many_places_take_no_time_to_speak_of():

    xy = np.random.default_rng(4).uniform([360_000, 4_640_000], [480_000, 4_760_000], (200_000, 2))
    exact = exact_coordinates({"household": homes(xy)}, CRS, 5)
    began = time.process_time()
    assert exact.leaks(numbers(np.round(xy[:50_000], 2).ravel(), 2))
    assert time.process_time() - began < 3
