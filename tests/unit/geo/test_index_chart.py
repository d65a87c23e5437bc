"""A chart says where PROJ says a place is, and a chord is as long as the geodesic: the bounds hold."""

from __future__ import annotations

import numpy as np
import pytest
from index_points import PLACES
from kernels_there import need_numba
from pyproj import CRS, Geod, Transformer

from gridmap.geo.index import chart_chord
from gridmap.geo.index.chart import Chart, ChartArrays
from gridmap.geo.index.chart_lists import Lists


def geocentric_by_proj(xy, crs):
    """The same by PROJ's own geocentric conversion: an independent way."""
    base = CRS.from_user_input(crs).geodetic_crs
    globe = CRS.from_dict(
        {
            "proj": "geocent",
            "a": base.ellipsoid.semi_major_metre,
            "b": base.ellipsoid.semi_minor_metre,
            "units": "m",
        }
    )
    flat = CRS.from_dict(
        {"proj": "longlat", "a": base.ellipsoid.semi_major_metre, "b": base.ellipsoid.semi_minor_metre}
    )
    lon, lat = Transformer.from_crs(crs, base, always_xy=True).transform(xy[:, 0], xy[:, 1])
    return np.column_stack(
        Transformer.from_crs(flat, globe, always_xy=True).transform(lon, lat, np.zeros(len(xy)))
    )


@pytest.mark.parametrize("crs", [*PLACES, "EPSG:2154"])
def test_a_home_is_where_proj_puts_it_on_the_earth(crs):
    rng = np.random.default_rng(1)
    corner = np.array(PLACES.get(crs, (650_000.0, 6_600_000.0)))
    chart = Chart.of(np.concatenate([corner, corner + 150_000.0]), crs)
    assert chart is not None
    assert chart.error_m <= 1.5e-7
    west, south, east, north = chart.bounds
    xy = rng.uniform((west, south), (east, north), (20_000, 2))
    apart = chart.xyz(xy) + np.array(chart.arrays.centre) - geocentric_by_proj(xy, crs)
    assert np.sqrt((apart**2).sum(axis=1)).max() <= chart.error_m
    # Few points are worked out in another way than many.
    few = chart.xyz(xy[:50]) + np.array(chart.arrays.centre) - geocentric_by_proj(xy[:50], crs)
    assert np.sqrt((few**2).sum(axis=1)).max() <= chart.error_m


def test_the_compiled_chart_is_as_true():
    need_numba()
    from gridmap.geo.index.chart_compiled import ROWS, X, Z, places

    corner = np.array(PLACES["EPSG:4498"])
    chart = Chart.of(np.concatenate([corner, corner + 90_000.0]), "EPSG:4498")
    off = np.array([[np.nan, 0.0], [corner[0], np.inf], corner - 1e6])
    xy = np.vstack([off, np.random.default_rng(2).uniform(corner, corner + 90_000.0, (5000, 2))])
    row, room = np.empty(len(xy), dtype=np.int64), np.empty((ROWS, len(xy)))
    count = places(xy, chart.arrays, row, room)
    assert sorted(row[:count].tolist()) == list(range(len(off), len(xy)))
    assert sorted(row[count:].tolist()) == list(range(len(off)))
    apart = room[X : Z + 1, :count].T + chart.arrays.centre - geocentric_by_proj(xy[row[:count]], "EPSG:4498")
    assert np.sqrt((apart**2).sum(axis=1)).max() <= chart.error_m


def test_the_middles_of_cells_are_where_proj_puts_them():
    corner = np.array(PLACES["EPSG:4508"])
    chart = Chart.of(np.concatenate([corner, corner + 90_000.0]), "EPSG:4508")
    cells = np.random.default_rng(5).integers(0, 300, (2000, 2))
    apart = chart.lattice((corner[0], corner[1]), 299.7, cells) + np.array(chart.arrays.centre)
    apart -= geocentric_by_proj(corner + (cells + 0.5) * 299.7, "EPSG:4508")
    assert np.sqrt((apart**2).sum(axis=1)).max() <= chart.error_m
    assert chart.lattice((corner[0], corner[1]), 1.0, cells[:0]).shape == (0, 3)


def test_the_stretch_is_no_less_than_any_seen():
    corner = np.array(PLACES["EPSG:3857"])
    chart = Chart.of(np.concatenate([corner, corner + 90_000.0]), "EPSG:3857")
    rng = np.random.default_rng(3)
    xy = rng.uniform(corner, corner + 89_000.0, (2000, 2))
    step = rng.uniform(-1000.0, 1000.0, (2000, 2))
    moved = np.sqrt(((chart.xyz(xy + step) - chart.xyz(xy)) ** 2).sum(axis=1))
    assert (moved / np.hypot(*step.T)).max() <= chart.stretch


def test_a_point_off_the_chart_has_no_place_on_it():
    corner = np.array(PLACES["EPSG:4508"])
    chart = Chart.of(np.concatenate([corner, corner + 1000.0]), "EPSG:4508")
    off = np.array([[np.nan, 4.7e6], [1e8, 4.7e6], [4.2e5, -np.inf]])
    assert np.isnan(chart.xyz(off)).all()
    assert chart.covers(np.concatenate([corner, corner + 1000.0]))
    assert not chart.covers(np.concatenate([corner, corner + 1e6]))


@pytest.mark.parametrize(
    "bounds",
    [
        (0.0, 0.0, 1e8, 1e8),
        (np.nan, 0.0, 1.0, 1.0),
        (1.0, 0.0, -1e6, 1.0),
        # Beyond the pole, where the projection folds.
        (480_000.0, 9_900_000.0, 520_000.0, 10_100_000.0),
    ],
)
def test_where_a_chart_does_not_serve_there_is_none(bounds):
    assert Chart.of(np.array(bounds), "EPSG:3035" if bounds[1] == 9_900_000.0 else "EPSG:4508") is None


@pytest.mark.parametrize("metres", [0.001, 1.0, 500.0, 20_000.0, 50_000.0, 100_000.0, 200_000.0])
def test_a_chord_gives_the_length_of_the_geodesic(metres):
    ball = Geod(ellps="GRS80")
    rng, count = np.random.default_rng(4), 4000
    lon, lat, turn = np.full(count, 110.0), rng.uniform(-85.0, 85.0, count), rng.uniform(0.0, 360.0, count)
    there = ball.fwd(lon, lat, turn, np.full(count, metres))
    length = ball.inv(lon, lat, there[0], there[1])[2]
    one, other = _on(ball, lon, lat), _on(ball, there[0], there[1])
    arrays = ChartArrays(
        (0.0, 0.0, 1.0),
        (1, 1),
        np.empty((1, 15, 3)),
        (0.0, 0.0, 0.0),
        ((ball.a / ball.b) ** 2, (ball.a / ball.b) ** 4),
    )
    found = chart_chord.geodesic(other - one, one, arrays)
    # 1e-8 m is the rounding of numbers of the size of the earth, which the indexes do not have.
    assert np.abs(found - length).max() <= chart_chord.series_error(metres) + 1e-8


def _on(ball, lon, lat):
    lon, lat = np.radians(lon), np.radians(lat)
    normal = ball.a / np.sqrt(1.0 - ball.es * np.sin(lat) ** 2)
    return np.column_stack(
        [
            normal * np.cos(lat) * np.cos(lon),
            normal * np.cos(lat) * np.sin(lon),
            normal * (1.0 - ball.es) * np.sin(lat),
        ]
    )


def test_a_length_near_half_a_millimetre_is_in_doubt():
    metres = np.array([1.0004, 1.00049995, 1.00050005, 1.0006, np.nan])
    rounded, doubt = chart_chord.whole_mm(metres, 1e-7)
    assert rounded[[0, 3]].tolist() == [1000, 1001]
    assert doubt.tolist() == [False, True, True, False, True]


def test_lists_keep_what_they_hold():
    lists = Lists.of(np.array([2, 0, 3]), np.array([5, 6, 7, 8, 9]))
    assert lists.some(np.array([2, 0, 2])).items.tolist() == [7, 8, 9, 5, 6, 7, 8, 9]
    assert lists.some(slice(0, 2)).items.tolist() == [5, 6]
    # A list that several cells share is there once.
    shared = lists.of_cells(np.array([2, 2, 0]))
    assert len(shared.items) == len(lists.items)
    assert shared.some(np.array([1, 2])).items.tolist() == [7, 8, 9, 5, 6]
    assert [(each.start, each.stop) for each in shared.blocks(4)] == [(0, 1), (1, 3)]
    first, stored = lists.stored(lists.items)
    assert stored.tolist() == [2, 5, 6, 0, 3, 7, 8, 9]
    assert first.tolist() == [0, 3, 4]
