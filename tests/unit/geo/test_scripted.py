"""The working CRS for a script: a PROJ string without datums, or polynomials; both as PROJ itself has it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial import chebyshev
from pyproj import Proj

from gridmap.geo import from_lonlat
from gridmap.geo.scripted import SAME_M, polynomials, proj_text, widened

STEPPE = (108.0, 41.0, 112.0, 44.0)


def places(box, count=200):
    dice = np.random.default_rng(1)
    west, south, east, north = box
    return np.column_stack([dice.uniform(west, east, count), dice.uniform(south, north, count)])


@pytest.mark.parametrize(
    ("crs", "box"),
    [
        ("EPSG:4508", STEPPE),
        ("EPSG:32649", STEPPE),
        ("EPSG:3857", STEPPE),
        ("EPSG:2433", (110.0, 41.0, 114.0, 44.0)),
        ("EPSG:32145", (-73.5, 42.5, -71.5, 45.1)),
        ("EPSG:28992", (4.0, 51.0, 7.0, 53.0)),
    ],
)
def test_the_text_gives_what_the_crs_gives(crs, box):
    text = proj_text(crs, box)
    x, y = Proj(text)(*places(box).T)
    assert np.abs(np.column_stack([x, y]) - from_lonlat(places(box), crs)).max() < 1e-4
    assert "datum" not in text
    assert "towgs84" not in text
    assert "+a=" in text, "a script need not know an ellipsoid by its name"


def test_a_projection_that_scripts_do_not_know_has_no_text():
    two_points = "+proj=tpeqd +lat_1=41 +lat_2=44 +lon_1=108 +lon_2=112 +ellps=GRS80 +units=m"
    assert proj_text(two_points, STEPPE) == ""


@pytest.mark.parametrize(
    "crs",
    ["EPSG:4508", "EPSG:3857", "+proj=tpeqd +lat_1=41 +lat_2=44 +lon_1=108 +lon_2=112 +ellps=GRS80 +units=m"],
)
def test_polynomials_give_what_the_crs_gives_to_a_tenth_of_a_millimetre(crs):
    box = widened(STEPPE)
    made = polynomials(crs, box)
    west, south, east, north = box
    lonlat = places(box)
    u = (2 * lonlat[:, 0] - west - east) / (east - west)
    v = (2 * lonlat[:, 1] - south - north) / (north - south)
    xy = np.column_stack([chebyshev.chebval2d(u, v, one) for one in (made.x, made.y)])
    assert np.hypot(*(xy - from_lonlat(lonlat, crs)).T).max() <= SAME_M


def test_where_a_projection_ends_there_are_no_polynomials():
    assert polynomials("EPSG:3857", (100.0, 80.0, 110.0, 90.0)) is None


def test_a_box_is_widened_and_stays_on_the_globe():
    assert widened(STEPPE) == (107.0, 40.0, 113.0, 45.0)
    assert widened((-179.5, -89.0, 179.5, 89.0)) == (-180.0, -89.0, 180.0, 89.0)
