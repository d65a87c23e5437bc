"""What bare numbers could be in: the four Gauss-Kruger codings, both axis orders, degrees of three datums."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from gridmap.geo.crs import geoms_from_lonlat
from gridmap.geo.readings import crs_readings

WORKING = "EPSG:4508"
PLACE = (110.0, 42.2)
AREA = geoms_from_lonlat([shapely.box(109.0, 41.7, 111.5, 42.8)], WORKING)[0]
# How an office writes 110.0, 42.2: 3 and 6 degrees, with the zone before the easting and without.
CODINGS = {
    "EPSG:4525": "CGCS2000 Gauss-Kruger, 3-degree zone 37, with zone prefix",
    "EPSG:4546": "CGCS2000 Gauss-Kruger, 3-degree zone, central meridian 111E",
    "EPSG:4497": "CGCS2000 Gauss-Kruger, 6-degree zone 19, with zone prefix",
    "EPSG:4508": "CGCS2000 Gauss-Kruger, 6-degree zone, central meridian 111E",
}


def coded(crs, places=(PLACE,)):
    way = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    return np.column_stack(way.transform(*np.transpose(places)))


def titles(reading):
    return {reading.title, *(one.split(":")[0] for one in reading.also)}


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("crs", CODINGS)
def test_the_codings_of_a_survey_are_recognised(crs, swap):
    xy = coded(crs)
    found = crs_readings(xy[:, ::-1] if swap else xy, jurisdiction=AREA, working=WORKING)
    first = found[0]
    assert CODINGS[crs] in titles(first)
    assert first.swap is swap
    assert ("--swap-axes" in first.option) is swap
    # pyproj says the same of what is offered first.
    back = Transformer.from_crs(first.crs, "EPSG:4326", always_xy=True).transform(*xy[0])
    assert np.allclose(back, PLACE, rtol=0, atol=1e-9)
    assert np.allclose((first.lon, first.lat), PLACE, rtol=0, atol=1e-9)


def test_readings_with_one_result_are_one():
    """At 111 degrees east the 3-degree and the 6-degree zone have the same numbers: nothing to choose."""
    found = crs_readings(coded("EPSG:4546"), jurisdiction=AREA, working=WORKING)
    assert [one.crs for one in found if "CGCS2000" in one.title] == ["EPSG:4508"]
    assert found[0].also == (f"{CODINGS['EPSG:4546']}: --crs EPSG:4546",)


def test_older_surveys_are_offered_with_their_distance_and_a_warning():
    found = {one.crs: one for one in crs_readings(coded("EPSG:4508"), jurisdiction=AREA, working=WORKING)}
    assert found["EPSG:4508"].apart_m == 0
    for crs in ("EPSG:2344", "EPSG:21459"):
        assert 1 < found[crs].apart_m < 200
        assert "unknown or approximate" in found[crs].title
    # UTM is 0.9996 as large: it lies kilometres away, and still inside.
    assert 1_000 < found["EPSG:32649"].apart_m < 3_000


@pytest.mark.parametrize("crs", ["EPSG:32649", "EPSG:3857", "EPSG:2333", "EPSG:2413"])
def test_other_grids_are_among_the_readings(crs):
    found = crs_readings(coded(crs), jurisdiction=AREA, working=WORKING)
    mine = [one for one in found if crs == one.crs or any(crs in also for also in one.also)]
    assert mine
    assert np.allclose((mine[0].lon, mine[0].lat), PLACE, rtol=0, atol=1e-5)


@pytest.mark.parametrize("swap", [False, True])
def test_degrees_may_be_of_three_datums(swap):
    given = np.array([PLACE[::-1] if swap else PLACE])
    found = crs_readings(given, jurisdiction=AREA, working=WORKING)
    flag = " --swap-axes" if swap else ""
    assert [one.option for one in found] == [f"--datum {name}{flag}" for name in ("wgs84", "gcj02", "bd09")]
    assert [round(one.apart_m, -2) for one in found] == [0, 500, 1300]


def test_a_slip_of_the_pen_hides_no_reading():
    """One longitude of 1100 among ninety-nine good rows."""
    dice = np.random.default_rng(1)
    places = np.column_stack([dice.uniform(109.5, 110.5, 100), dice.uniform(42.0, 42.5, 100)])
    wrong = places.copy()
    wrong[7, 0] = 1100.0
    found = crs_readings(wrong, jurisdiction=AREA, working=WORKING)
    assert found[0].option == "--datum wgs84"
    assert found[0].inside == 0.99
    metres = coded("EPSG:4525", places)
    metres[7] = (374, 0)
    assert crs_readings(metres, jurisdiction=AREA, working=WORKING)[0].crs == "EPSG:4525"


def test_what_lies_nowhere_has_no_reading():
    assert crs_readings([(1e12, -1e12)], jurisdiction=AREA, working=WORKING) == ()
    assert crs_readings([(np.nan, np.nan)], jurisdiction=AREA, working=WORKING) == ()
    assert crs_readings(np.empty((0, 2)), jurisdiction=AREA, working=WORKING) == ()
    assert crs_readings([(10.0, 50.0)], jurisdiction=AREA, working=WORKING) == ()


def test_a_new_project_without_townships_is_told_too():
    """Its CRS says for which part of the earth it is meant."""
    found = crs_readings(coded("EPSG:4546"), jurisdiction=None, working=WORKING)
    assert "EPSG:4508" in {one.crs for one in found}
    assert not any("75E" in one.title for one in found)
    assert crs_readings(coded("EPSG:4525"), jurisdiction=None, working=WORKING)[0].crs == "EPSG:4525"


def test_readings_are_there_at_once():
    """Asking PROJ for the range of three hundred grids took eighteen seconds."""
    begin = time.perf_counter()
    crs_readings(coded("EPSG:4546") + 1, jurisdiction=AREA, working=WORKING)
    assert time.perf_counter() - begin < 5
