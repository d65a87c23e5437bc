"""Discs and the belt as ground: square metres that are those of the ellipsoid."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer

from gridmap import geo
from gridmap.geo.discs import belt, discs

CODE = "EPSG:4508"
X0, Y0 = 450_000.0, 4_700_000.0
GEOD = Geod(a=6378137.0, rf=298.257222101)
LONLAT = Transformer.from_crs(CRS(CODE), CRS(CODE).geodetic_crs, always_xy=True)


def at(*places):
    return np.array([(X0 + east, Y0 + north) for east, north in places], dtype=float)


def true_disc(xy, metres, count=20_000):
    """Return the area of a geodesic disc by a polygon so fine that what it leaves out is nothing."""
    lon, lat = LONLAT.transform(*xy)
    turn = np.linspace(0.0, 360.0, count, endpoint=False)
    ring = GEOD.fwd(np.full(count, lon), np.full(count, lat), turn, np.full(count, metres))
    return abs(GEOD.polygon_area_perimeter(ring[0], ring[1])[0])


@pytest.mark.parametrize("metres", [500.0, 5_000.0, 20_000.0, 150_000.0])
def test_a_disc_has_the_area_of_the_true_disc(metres):
    places = at((0, 0), (200_000, 60_000))
    found = geo.geodesic_area(discs(places, np.full(2, metres), CODE), CODE)
    assert found == pytest.approx([true_disc(one, metres) for one in places], rel=1e-7)


def test_a_disc_without_a_place_or_a_reach_is_empty():
    made = discs(np.array([[np.nan, 1.0], [X0, Y0]]), np.array([100.0, 0.0]), CODE)
    assert shapely.is_empty(made).all()
    assert shapely.is_valid(made).all()


def border(*places):
    return geo.build_border(np.array([shapely.LineString(at(*places))], dtype=object), CODE)


def test_the_belt_of_a_straight_border_has_its_area():
    """Along a geodesic a belt is two strips and two half discs: walked round with `Geod.fwd`."""
    ends = LONLAT.transform(*at((-70_000, -9_000), (60_000, 21_000)).T)
    inner = np.array(GEOD.npts(ends[0][0], ends[1][0], ends[0][1], ends[1][1], 3_000))
    path = np.vstack([[ends[0][0], ends[1][0]], inner, [ends[0][1], ends[1][1]]])
    line = np.array([shapely.LineString(geo.from_lonlat(path, CODE))], dtype=object)
    ahead = np.array(GEOD.inv(*path[:-1].T, *path[1:].T)[0])
    back = np.array(GEOD.inv(*path[:-1].T, *path[1:].T)[1])
    azimuth = np.append(ahead, back[-1] - 180.0)
    half = np.linspace(-90.0, 90.0, 4_000)
    turns = np.concatenate(
        [azimuth - 90.0, azimuth[-1] + half, azimuth[::-1] + 90.0, azimuth[0] + 180.0 + half]
    )
    start = np.vstack([path, np.repeat(path[-1:], 4_000, 0), path[::-1], np.repeat(path[:1], 4_000, 0)])
    ring = GEOD.fwd(*start.T, turns, np.full(len(turns), 20_000.0))
    wanted = abs(GEOD.polygon_area_perimeter(ring[0], ring[1])[0])
    found = geo.geodesic_area(np.array([belt(geo.build_border(line, CODE), 20_000.0)], dtype=object), CODE)
    assert found[0] == pytest.approx(wanted, rel=1e-6)


def test_the_belt_holds_what_is_as_near_and_nothing_else():
    rng = np.random.default_rng(3)
    line = border(*zip(np.arange(0, 90_000, 3_000), rng.uniform(-9_000, 9_000, 30), strict=True))
    ground = belt(line, 12_000.0)
    assert ground.is_valid
    places = at(*rng.uniform((-20_000, -30_000), (110_000, 30_000), (4_000, 2)))
    away = line.locate(places).distance_m
    clear = np.abs(away - 12_000) > 0.2
    assert 500 < (away < 12_000).sum() < 3_500
    assert (shapely.contains_xy(ground, places) == (away < 12_000))[clear].all()


def test_a_belt_without_width_is_nothing():
    assert belt(border((0, 0), (1_000, 0)), 0.0).is_empty
