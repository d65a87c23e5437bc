"""The index of a line says what `Border.locate` says, wherever a home stands; and what the geodesic says."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from index_points import PATHS, PLACES, awkward, border, ring, wiggly
from kernels_there import need_numba
from pyproj import Geod

from gridmap import geo
from gridmap.geo.index import line as under_test
from gridmap.geo.index.line import DOUBT, LineIndex

BELT_M = 6000.0


@pytest.fixture(params=PATHS)
def path(request, monkeypatch):
    if request.param == "compiled":
        need_numba()
    monkeypatch.setattr(under_test, "compiled", lambda _expected: request.param == "compiled")
    return request.param


def assert_same(line, xy, within_m, expected=20_000):
    index = LineIndex.of(line, within_m=within_m, expected=expected)
    chainage, distance = index.locate_mm(xy)
    assert chainage.dtype == distance.dtype == np.int64
    known = line.locate(xy)
    beyond = ~(np.rint(known.distance_m * 1000.0) <= np.rint(within_m * 1000.0))
    assert distance.tolist() == np.where(beyond, -1, np.rint(known.distance_m * 1000.0)).tolist()
    assert chainage.tolist() == np.where(beyond, -1, np.rint(known.chainage_m * 1000.0)).tolist()
    return index


@pytest.mark.parametrize("crs", PLACES)
@pytest.mark.usefixtures("path")
def test_a_home_has_the_same_place_on_the_line_as_without_the_index(crs):
    rng = np.random.default_rng(17)
    line = border([wiggly(rng, crs)], crs)
    index = assert_same(line, awkward(rng, line, BELT_M, 100), BELT_M)
    assert index.prepared is not None
    assert index.prepared.bounds.far_m > 0.0


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("crs", PLACES)
def test_bounds_hold_the_distance_and_leave_shapes_where_they_are(crs):
    """A bound that is too high leaves out the place that is the nearest."""
    rng = np.random.default_rng(21)
    line = border([wiggly(rng, crs)], crs)
    index = LineIndex.of(line, within_m=BELT_M, expected=20_000)
    xy = np.vstack([awkward(rng, line, BELT_M, 100), [[np.nan, 0.0]]])
    (low, high), metres = index.bounds_m(xy), line.locate(xy).distance_m
    near = metres <= BELT_M
    assert (low[near] <= metres[near] + 1e-9).all()
    assert (high[near] >= metres[near] - 1e-9).all()
    assert (np.isinf(high[near]) == (low[near] == 0.0))[metres[near] > 0.0].all()
    assert np.isinf(high[~near]).all()
    assert (low[~near] <= BELT_M).all()
    assert np.isfinite(high).sum() > len(xy) / 4
    corners = xy[:-1][rng.permutation(len(xy) - 1)[:240]].reshape(-1, 3, 2)
    small = corners[:, :1] + (corners - corners[:, :1]) / 50.0
    shapes = np.concatenate([shapely.linestrings(corners), shapely.linestrings(small)])
    with_bounds, told = line.locate_geoms(shapes, within_m=BELT_M, bounds=index.bounds_m)
    without, known = line.locate_geoms(shapes, within_m=BELT_M)
    assert np.array_equal(with_bounds, without, equal_nan=True)
    for one, other in zip(told, known, strict=True):
        assert np.array_equal(one, other, equal_nan=True)
    assert (without > 0.0).sum() > 20


@pytest.mark.usefixtures("path")
def test_a_closed_line_and_one_with_holes():
    rng, crs = np.random.default_rng(18), "EPSG:4508"
    closed = border([ring(rng, crs)], crs)
    start = closed.parts[0][0]
    outward = start - np.array([[0.0, 0.0], [30.0, 0.0], [900.0, 0.0]])
    assert_same(closed, np.vstack([awkward(rng, closed, BELT_M, 60), outward]), BELT_M)
    whole = wiggly(rng, crs)
    holes = border([whole[:100], whole[101:220], whole[260:]], crs)
    ends = np.vstack([part[[0, -1]] for part in holes.parts])
    between = (ends[1:] + ends[:-1]) / 2.0
    assert_same(holes, np.vstack([awkward(rng, holes, BELT_M, 60), ends, between]), BELT_M)


@pytest.mark.usefixtures("path")
def test_a_comb_ties_on_its_axes_and_the_smaller_chainage_wins():
    corner = np.array([500_000.0, 4_700_000.0])
    teeth = np.array([[0, 0], [0, 9], [4, 9], [4, 0], [8, 0], [8, 9], [12, 9]]) * 100.0
    line = border([corner + teeth], "EPSG:4508")
    # On the central meridian east and west mirror each other: the axes of the comb are as near to both sides.
    axes = np.array([[x, y] for x in (200.0, 400.0, 600.0, 1000.0) for y in range(-300, 1300, 20)])
    assert_same(line, np.vstack([corner + axes, corner + axes + 1e-4]), BELT_M)


@pytest.mark.usefixtures("path")
def test_the_geodesic_agrees():
    rng, crs = np.random.default_rng(19), "EPSG:4498"
    line = border([wiggly(rng, crs)], crs)
    xy = awkward(rng, line, BELT_M, 12)[:-5]
    chainage, distance = LineIndex.of(line, within_m=BELT_M, expected=5000).locate_mm(xy)
    every = geo.to_lonlat(line.place(np.arange(0.0, line.length_m, 20.0)), crs)
    feet = geo.to_lonlat(line.place(np.maximum(chainage, 0) / 1000.0), crs)
    ball = Geod(ellps="GRS80")
    for home, foot, away in zip(geo.to_lonlat(xy, crs), feet, distance, strict=True):
        nearest = ball.inv(*np.broadcast_arrays(*home, *every.T))[2].min()
        if away < 0:
            assert nearest > BELT_M - 1e-3
            continue
        assert abs(ball.inv(*home, *foot)[2] - away / 1000.0) <= 2e-3
        assert away / 1000.0 <= nearest + 1e-3


@pytest.mark.usefixtures("path")
def test_most_homes_are_answered_by_the_index_itself():
    # Or it would be right, and of no use.
    rng, crs = np.random.default_rng(20), "EPSG:4508"
    line = border([wiggly(rng, crs)], crs)
    low, high = line.parts[0].min(axis=0), line.parts[0].max(axis=0)
    xy = rng.uniform(low - BELT_M, high + BELT_M, (5000, 2))
    distance = LineIndex.of(line, within_m=BELT_M, expected=20_000).prepared.look_up(xy)[1]
    assert (distance == DOUBT).mean() < 0.02


@pytest.mark.usefixtures("path")
def test_the_belt_is_inclusive_to_the_millimetre():
    corner = np.array(PLACES["EPSG:4508"])
    line = border([corner + np.array([[0.0, 0.0], [5000.0, 0.0]])], "EPSG:4508")
    xy = corner + np.array([[2500.0, 1000.0]])
    metres = float(line.locate(xy).distance_m[0])
    assert LineIndex.of(line, within_m=metres, expected=100).locate_mm(xy)[1].tolist() == [
        round(metres * 1000)
    ]
    assert LineIndex.of(line, within_m=metres - 1e-3, expected=100).locate_mm(xy)[1].tolist() == [-1]


@pytest.mark.usefixtures("path")
def test_long_straight_edges_short_ones_and_a_wide_belt():
    rng, crs = np.random.default_rng(21), "EPSG:4508"
    corner = np.array(PLACES[crs])
    straight = border([corner + np.array([[0.0, 0.0], [60_000.0, 10.0]])], crs)
    fine = border(
        [corner + np.array([[0.0, 0.0], [0.002, 0.001], [0.5, 0.1], [3.0, 0.0], [900.0, 4.0]])], crs
    )
    assert_same(straight, awkward(rng, straight, 20_000.0, 60), 20_000.0)
    assert_same(fine, awkward(rng, fine, 50.0, 60), 50.0)
    assert_same(fine, awkward(rng, fine, 120_000.0, 30), 120_000.0, expected=2000)


@pytest.mark.usefixtures("path")
def test_where_no_chart_serves_the_answer_is_the_same():
    line = border([np.array([[4.5e5, 4.7e6], [4.6e5, 4.71e6]])], "EPSG:4508")
    index = LineIndex.of(line, within_m=4e6)
    assert index.prepared is None
    xy = np.array([[4.5e5, 4.8e6], [np.nan, 0.0]])
    assert index.locate_mm(xy)[1].tolist() == [int(np.rint(line.locate(xy[:1]).distance_m[0] * 1000)), -1]


@pytest.mark.usefixtures("path")
def test_no_homes_and_few_cells():
    rng, crs = np.random.default_rng(22), "EPSG:32145"
    line = border([wiggly(rng, crs)], crs)
    assert LineIndex.of(line, within_m=BELT_M, expected=0).locate_mm(np.empty((0, 2)))[0].tolist() == []
    assert_same(line, awkward(rng, line, BELT_M, 20), BELT_M, expected=1)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=9, unique=True),
    st.lists(st.tuples(st.integers(-9, 27), st.integers(-9, 27)), min_size=1, max_size=20),
    st.sampled_from([0.01, 30.0, 900.0]),
)
def test_on_a_lattice_where_ties_abound(corners, at, step):
    corner = np.array([499_000.0, 4_700_000.0])
    line = border([corner + np.array(corners) * step], "EPSG:4508")
    for compiled in {False, under_test.compiled()}:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(under_test, "compiled", lambda _expected, chosen=compiled: chosen)
            assert_same(line, corner + np.array(at) * step / 2.0, 8 * step, expected=2000)


@pytest.mark.stress
@pytest.mark.parametrize("crs", PLACES)
@pytest.mark.parametrize("within_m", [300.0, BELT_M, 60_000.0])
@pytest.mark.usefixtures("path")
def test_a_hundred_thousand_homes(crs, within_m):
    rng = np.random.default_rng(23)
    for lines in ([wiggly(rng, crs, 90_000.0, 2000)], [ring(rng, crs)]):
        line = border(lines, crs)
        assert_same(line, awkward(rng, line, within_m, 4600), within_m, expected=100_000)
