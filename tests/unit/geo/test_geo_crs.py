"""The first gate: a CRS is declared, projected and metric, and never guessed."""

from __future__ import annotations

import logging

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from gridmap import geo
from gridmap.errors import InputError

CODE = "EPSG:4508"


@pytest.mark.parametrize(
    "crs", ["EPSG:4490", "EPSG:4326", "EPSG:2263", "EPSG:999999", "nonsense", "EPSG:4979"]
)
def test_a_crs_in_which_metres_are_not_metres_is_refused(crs):
    with pytest.raises(InputError) as error:
        geo.working_crs(crs)
    assert error.value.code == "GM203"
    assert "EPSG:4508" in error.value.fix


def test_the_ellipsoid_is_the_crss_own():
    assert geo.working_crs(CODE).to_epsg() == 4508
    assert geo.geod(CODE).a == 6378137.0
    assert 1.0 / geo.geod(CODE).f == pytest.approx(298.257222101)


def test_lon_comes_first_and_the_way_back_is_exact():
    lonlat = np.array([[110.12, 42.53], [111.0, 41.9]])
    xy = geo.from_lonlat(lonlat, CODE)
    assert xy[1, 0] == pytest.approx(500_000.0, abs=1e-3)
    assert 4_600_000 < xy[0, 1] < 4_800_000
    assert geo.to_lonlat(xy, CODE) == pytest.approx(lonlat, abs=1e-10)


def test_places_that_are_nowhere_become_nan_not_infinite():
    found = geo.from_lonlat(np.array([[np.nan, 42.0], [110.0, np.inf], [42.5, 110.1]]), CODE)
    assert np.isnan(found).all()


def test_geometries_go_there_and_back_with_none_kept():
    shapes = np.array([shapely.box(5e5, 4.7e6, 5.1e5, 4.71e6), None, shapely.Point()], dtype=object)
    there = geo.geoms_to_lonlat(shapes, CODE)
    assert 110 < there[0].centroid.x < 112
    back = geo.geoms_from_lonlat(there, CODE)
    assert back[0].equals_exact(shapes[0], 1e-6)
    assert back[1] is None
    assert back[2].is_empty


def test_a_frame_without_crs_is_not_guessed():
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(110, 42)])
    with pytest.raises(InputError) as error:
        geo.to_working(frame, CODE, name="homes.csv")
    assert error.value.code == "GM201"
    assert "homes.csv" in str(error.value)


def test_a_ballpark_datum_shift_is_said(caplog):
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(111, 42)], crs="EPSG:4326")
    with caplog.at_level(logging.INFO, logger="gridmap"):
        moved = geo.to_working(frame, CODE, name="homes.csv")
    assert moved.crs == CRS(CODE)
    assert moved.geometry.iloc[0].x == pytest.approx(500_000.0, abs=5.0)
    assert "ballpark" in caplog.text


def test_the_base_crs_needs_no_shift(caplog):
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(111, 42)], crs="EPSG:4490")
    with caplog.at_level(logging.INFO, logger="gridmap"):
        geo.to_working(frame, CODE, name="homes.csv")
    assert not caplog.text
    assert frame.geometry.iloc[0].x == 111
