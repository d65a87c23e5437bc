"""The cells of an index: the same however they are filled, and nothing that can be nearest is left out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_points import PLACES, border, ids, ring, wiggly
from kernels_there import need_numba

from gridmap.geo.index import line as of_line
from gridmap.geo.index import sites as of_sites
from gridmap.geo.index.chart import Chart
from gridmap.geo.index.chart_cells import Plan

CRS = "EPSG:4508"
CORNER = np.array(PLACES[CRS])


def both(module, make):
    """The cells as numpy and as the compiled kernel fill them."""
    found = []
    for compiled in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "compiled", lambda _expected, chosen=compiled: chosen)
            index = make()
        assert (index.prepared if module is of_line else index).fast is compiled
        found.append(index.prepared.cells if module is of_line else index.cells)
    return found


def assert_alike(numpy, compiled):
    assert numpy.box == compiled.box
    assert numpy.shape == compiled.shape
    assert numpy.table.tobytes() == compiled.table.tobytes()
    assert numpy.items.tobytes() == compiled.items.tobytes()


def line_cells(lines, within_m, crs=CRS, expected=200_000):
    whole = border(lines, crs)
    return both(of_line, lambda: of_line.LineIndex.of(whole, within_m=within_m, expected=expected))


def site_cells(xy, crs=CRS, expected=200_000, bounds=None):
    names = ids(len(xy))
    return both(of_sites, lambda: of_sites.SiteIndex.of(names, xy, crs, expected=expected, bounds=bounds))


@pytest.mark.parametrize("crs", PLACES)
@pytest.mark.parametrize("within_m", [150.0, 6000.0, 50_000.0])
def test_both_ways_fill_the_cells_of_a_line_alike(crs, within_m):
    need_numba()
    rng = np.random.default_rng(31)
    assert_alike(*line_cells([wiggly(rng, crs)], within_m, crs))
    assert_alike(*line_cells([ring(rng, crs)], within_m, crs))


def test_both_ways_fill_the_cells_of_awkward_lines_alike():
    need_numba()
    rng = np.random.default_rng(32)
    whole = wiggly(rng, CRS)
    assert_alike(*line_cells([whole[:100], whole[101:220], whole[260:]], 3000.0))
    # One segment; segments of a millimetre; a comb on the axis of the projection, where all ties.
    assert_alike(*line_cells([CORNER + np.array([[0.0, 0.0], [50.0, 3.0]])], 500.0))
    fine = np.array([[0.0, 0.0], [0.002, 0.001], [0.5, 0.1], [3.0, 0.0], [900.0, 4.0]])
    assert_alike(*line_cells([CORNER + fine], 50.0))
    teeth = np.array([[0, 0], [0, 9], [4, 9], [4, 0], [8, 0], [8, 9], [12, 9]]) * 100.0
    assert_alike(*line_cells([np.array([500_000.0, 4_700_000.0]) + teeth], 6000.0))
    # A long and narrow belt.
    assert_alike(*line_cells([CORNER + np.array([[0.0, 0.0], [190_000.0, 10.0]])], 900.0, expected=3000))


@pytest.mark.parametrize("crs", PLACES)
@pytest.mark.parametrize("count", [1, 2, 7, 500, 4000])
def test_both_ways_fill_the_cells_of_sites_alike(crs, count):
    need_numba()
    rng, corner = np.random.default_rng(33), np.array(PLACES[crs])
    xy = rng.uniform(corner, corner + 60_000.0, (count, 2))
    xy[: count // 5] = np.round(xy[: count // 5], -3)
    assert_alike(*site_cells(xy, crs))


def test_both_ways_fill_the_cells_of_awkward_sites_alike():
    need_numba()
    lattice = np.stack(np.meshgrid(np.arange(20.0), np.arange(20.0)), axis=-1).reshape(-1, 2)
    assert_alike(*site_cells(CORNER + lattice * 1000.0))
    assert_alike(*site_cells(CORNER + lattice * 1e-4))
    assert_alike(*site_cells(CORNER + np.arange(300)[:, None] * [500.0, 0.0]))
    assert_alike(*site_cells(CORNER + lattice, bounds=np.concatenate([CORNER + 40_000.0, CORNER + 50_000.0])))


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=9, unique=True),
    st.sampled_from([0.01, 30.0, 900.0]),
)
def test_both_ways_fill_the_cells_of_a_lattice_alike(corners, step):
    need_numba()
    xy = np.array([499_000.0, 4_700_000.0]) + np.array(corners) * step
    assert_alike(*line_cells([xy], 8 * step, expected=20_000))
    assert_alike(*site_cells(xy, expected=20_000))


def test_a_list_names_all_that_is_nearest_to_some_place_of_its_cell():
    # Brute force by the chord; without the index's own search for what is nearest.
    rng = np.random.default_rng(34)
    xy = rng.uniform(CORNER, CORNER + 40_000.0, (300, 2))
    index = of_sites.SiteIndex.of(ids(len(xy)), xy, CRS, expected=30_000)
    west, south, size = index.cells.box
    at = rng.uniform(
        (west, south), (west + size * index.cells.shape[0], south + size * index.cells.shape[1]), (4000, 2)
    )
    column, row = ((at - (west, south)) / size).astype(int).T
    first = index.cells.table[row * index.cells.shape[0] + column]
    here = index.chart.xyz(at)
    nearest = ((here[:, None, :] - index.sites.places[None]) ** 2).sum(axis=2).argmin(axis=1)
    lists = [index.cells.items[one + 1 : one + 1 + index.cells.items[one]].tolist() for one in first]
    assert all(one in some for one, some in zip(nearest.tolist(), lists, strict=True))
    # Or it would be right, and of no use.
    assert np.mean([len(some) for some in lists]) < 4.0


@pytest.mark.parametrize(
    "bounds", [(0.0, 0.0, 9e4, 4e4), (0.0, 0.0, 2e6, 700.0), (0.0, 0.0, 3.0, 9e5), (5.0, 5.0, 5.0, 5.0)]
)
@pytest.mark.parametrize("expected", [0, 10_000, 5_000_000])
def test_a_plan_covers_its_box_and_little_more(bounds, expected):
    box = np.array(bounds)
    plan = Plan.of(box, expected)
    west, south, east, north = plan.bounds
    assert west == box[0]
    assert south == box[1]
    assert east >= box[2] * (1.0 - 1e-12)
    assert north >= box[3] * (1.0 - 1e-12)
    wide, high = np.maximum(box[2:] - box[:2], 1.0)
    assert (east - west) * (north - south) <= 2.0 * wide * high
    assert plan.cell <= min(wide, high)


def test_a_ball_holds_its_cell():
    plan = Plan.of(np.array([480_000.0, 5_300_000.0, 570_000.0, 5_340_000.0]), 30_000)
    chart = Chart.of(plan.bounds, "EPSG:32632")
    rng = np.random.default_rng(35)
    for level in range(plan.levels + 1):
        size = plan.cell * 2 ** (plan.levels - level)
        cells = np.stack([rng.integers(0, count << level, 300) for count in plan.roots], axis=1)
        middle = chart.lattice((plan.west, plan.south), size, cells)
        share = rng.choice([0.0, 1e-9, 0.5, 1.0 - 1e-9], (len(cells), 2))
        place = chart.xyz(np.array([plan.west, plan.south]) + (cells + share) * size)
        assert np.sqrt(((place - middle) ** 2).sum(axis=1)).max() <= plan.ball(level, chart)
