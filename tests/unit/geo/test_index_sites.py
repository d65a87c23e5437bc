"""The index of sites says what `geo.nearest` says, wherever a home stands; and what the geodesic says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_points import PATHS, PLACES, beside, ids
from kernels_there import need_numba
from pyproj import Geod

from gridmap import geo
from gridmap.geo.index import sites as under_test
from gridmap.geo.index.sites import DOUBT, SiteIndex

SIZE = 60_000.0


@pytest.fixture(params=PATHS)
def path(request, monkeypatch):
    if request.param == "compiled":
        need_numba()
    monkeypatch.setattr(under_test, "compiled", lambda _expected: request.param == "compiled")
    return request.param


def country(rng, crs, count):
    """Sites: most apart, some in pairs, some at one place, one without a position."""
    corner = np.array(PLACES[crs])
    sites = rng.uniform(corner, corner + SIZE, (count, 2))
    sites[1] = sites[0]
    sites[3] = sites[2] + [0.0001, 0.0]
    sites[5] = sites[4] + [0.0, 0.004]
    sites[6] = np.nan
    return sites


def homes(rng, sites, crs, count):
    """Homes anywhere, at sites, half-way between two, about a millimetre off, and where nobody lives."""
    corner, real = np.array(PLACES[crs]), sites[np.isfinite(sites).all(axis=1)]
    one, other = (real[rng.integers(0, len(real), count)] for _ in range(2))
    halfway = (one + other) / 2.0
    strange = [[np.nan, 0.0], [np.inf, -np.inf], [1e9, 1e9], corner - 2e5, corner + 9e5]
    anywhere = rng.uniform(corner - 20_000.0, corner + SIZE + 20_000.0, (2 * count, 2))
    off = [beside(rng, one, metres) for metres in (0.0005, 0.0015, 12.0)]
    return np.vstack([anywhere, one, halfway, beside(rng, halfway, 0.0005), *off, strange])


def assert_same(index, xy, sites, crs):
    said = index.nearest(xy)
    known = geo.nearest(xy, ids(len(sites)), sites, crs)
    assert said.index.tolist() == known.index.tolist()
    assert said.metres.tolist() == known.metres.tolist()
    which, millimetres = index.nearest_mm(xy)
    assert (which.dtype, millimetres.dtype) == (np.int32, np.int64)
    assert millimetres.tolist() == np.where(which < 0, -1, np.rint(known.metres * 1000.0)).tolist()


@pytest.mark.parametrize("crs", PLACES)
@pytest.mark.usefixtures("path")
def test_a_home_has_the_same_nearest_site_as_without_the_index(crs):
    rng = np.random.default_rng(7)
    sites = country(rng, crs, 60)
    index = SiteIndex.of(ids(60), sites, crs, expected=20_000)
    assert_same(index, homes(rng, sites, crs, 200), sites, crs)


@pytest.mark.usefixtures("path")
def test_the_geodesic_agrees():
    rng, crs = np.random.default_rng(8), "EPSG:4508"
    sites = country(rng, crs, 40)
    xy = homes(rng, sites, crs, 60)[:-5]
    here, there = geo.to_lonlat(xy, crs), geo.to_lonlat(sites, crs)
    ball = Geod(ellps="GRS80")
    metres = np.array([ball.inv(*np.broadcast_arrays(*home, there[:, 0], there[:, 1]))[2] for home in here])
    rounded = np.where(np.isnan(sites[:, 0]), np.inf, np.round(metres, 3))
    which, millimetres = SiteIndex.of(ids(40), sites, crs, expected=20_000).nearest_mm(xy)
    assert which.tolist() == rounded.argmin(axis=1).tolist()
    assert millimetres.tolist() == np.rint(rounded.min(axis=1) * 1000.0).tolist()


@pytest.mark.usefixtures("path")
def test_most_homes_are_answered_by_the_index_itself():
    # Or it would be right, and of no use.
    rng, crs = np.random.default_rng(9), "EPSG:4498"
    sites = rng.uniform(PLACES[crs], np.array(PLACES[crs]) + SIZE, (60, 2))
    index = SiteIndex.of(ids(60), sites, crs, expected=20_000)
    xy = rng.uniform(PLACES[crs], np.array(PLACES[crs]) + SIZE, (5000, 2))
    assert (index.look_up(xy)[1] == DOUBT).mean() < 0.003


@pytest.mark.usefixtures("path")
def test_sites_at_one_place_and_lone_sites():
    crs, here = "EPSG:4508", np.array([[450_000.0, 4_700_000.0]])
    xy = np.vstack([here, here + 10.0, here + 1e5, here - 2e6])
    for sites in (here, np.repeat(here, 5, axis=0), here + np.arange(40)[:, None] * [0.0001, 0.0]):
        index = SiteIndex.of(ids(len(sites)), sites, crs, expected=100)
        assert_same(index, xy, sites, crs)


@pytest.mark.usefixtures("path")
def test_sites_along_one_line_and_far_apart():
    rng, crs = np.random.default_rng(10), "EPSG:4508"
    row = np.array(PLACES[crs]) + np.arange(30)[:, None] * [2000.0, 0.0]
    apart = np.array(PLACES[crs]) + np.array([[0.0, 0.0], [400_000.0, 0.0], [0.0, 300_000.0]])
    for sites in (row, apart):
        low, high = sites.min(axis=0), sites.max(axis=0)
        xy = np.vstack([rng.uniform(low - 1000.0, high + 1000.0, (400, 2)), (sites[1:] + sites[:-1]) / 2.0])
        assert_same(SiteIndex.of(ids(len(sites)), sites, crs, expected=2000), xy, sites, crs)


@pytest.mark.usefixtures("path")
def test_without_sites_or_homes_there_is_nothing():
    none = SiteIndex.of(ids(2), np.full((2, 2), np.nan), "EPSG:4508")
    which, millimetres = none.nearest_mm(np.array([[450_000.0, 4.7e6], [np.nan, np.nan]]))
    assert which.tolist() == millimetres.tolist() == [-1, -1]
    some = SiteIndex.of(ids(1), np.array([[450_000.0, 4.7e6]]), "EPSG:4508", expected=10)
    assert some.nearest(np.empty((0, 2))).index.tolist() == []
    with pytest.raises(ValueError, match="differ in length"):
        SiteIndex.of(ids(3), np.zeros((2, 2)), "EPSG:4508")


@pytest.mark.usefixtures("path")
def test_where_no_chart_serves_the_answer_is_the_same():
    sites = np.array([[450_000.0, 4.7e6], [460_000.0, 4.7e6]])
    index = SiteIndex.of(ids(2), sites, "EPSG:4508", bounds=np.array([0.0, 0.0, 1e8, 1e8]))
    assert index.chart is None
    assert_same(index, sites + 3.0, sites, "EPSG:4508")


@pytest.mark.usefixtures("path")
def test_bounds_and_expectation_change_no_answer():
    rng, crs = np.random.default_rng(11), "EPSG:32145"
    sites = country(rng, crs, 50)
    xy = homes(rng, sites, crs, 60)
    corner = np.array(PLACES[crs])
    for expected, bounds in (
        (10, None),
        (200_000, None),
        (5000, np.concatenate([corner, corner + 20_000.0])),
    ):
        assert_same(SiteIndex.of(ids(50), sites, crs, expected=expected, bounds=bounds), xy, sites, crs)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(-5, 35), st.integers(-5, 35)), min_size=1, max_size=20),
    st.sampled_from([0.001, 1.0, 700.0]),
)
def test_on_a_lattice_where_ties_abound(where, at, step):
    corner = np.array([501_000.0, 4_700_000.0])
    sites, xy = corner + np.array(where) * step, corner + np.array(at) * step
    for compiled in {False, under_test.compiled()}:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(under_test, "compiled", lambda _expected, chosen=compiled: chosen)
            index = SiteIndex.of(ids(len(sites)), sites, "EPSG:4508", expected=3000)
            assert_same(index, xy, sites, "EPSG:4508")


@pytest.mark.stress
@pytest.mark.parametrize("crs", PLACES)
@pytest.mark.parametrize("count", [5, 500, 20_000])
@pytest.mark.usefixtures("path")
def test_a_hundred_thousand_homes(crs, count):
    rng = np.random.default_rng(12)
    sites = country(rng, crs, max(count, 7))
    index = SiteIndex.of(ids(len(sites)), sites, crs, expected=100_000)
    assert_same(index, homes(rng, sites, crs, 14_000), sites, crs)
