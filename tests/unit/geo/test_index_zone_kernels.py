"""A household has the same keeper with and without the extra `fast`: both build the same index."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from index_data import awkward, places, tiling
from kernels_there import need_numba

from gridmap.geo.containing import contain
from gridmap.geo.index import zone_edges, zone_groups, zone_labels
from gridmap.geo.index.zone_cells import grid_of
from gridmap.geo.index.zones import ZoneIndex

ORIGINS = [(0.0, 0.0), (1e7, 1e7), (-38_123_456.7, 4_698_765.4)]


@pytest.fixture(autouse=True)
def _numba_is_there():
    need_numba()


def equal(one, other, name="grid"):
    """Assert that two results are equal down to the types of their numbers."""
    assert type(one) is type(other), name
    if dataclasses.is_dataclass(one):
        for part in dataclasses.fields(one):
            equal(getattr(one, part.name), getattr(other, part.name), f"{name}.{part.name}")
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype, name
        np.testing.assert_array_equal(one, other, err_msg=name)
    else:
        assert one == other, name


def both(shapes, expected):
    """Build the grid both ways, compare, and return it."""
    shapes = np.array([*shapes, None], dtype=object)[:-1]
    ids = np.array([f"z{number % 7}-{number}" for number in range(len(shapes))], dtype=object)
    plain, fast = (grid_of(shapes, ids, expected, fast=fast) for fast in (False, True))
    equal(plain, fast)
    return fast


@pytest.mark.parametrize("expected", [1, 3_000, 60_000])
@pytest.mark.parametrize("origin", ORIGINS)
def test_awkward_zones_give_the_same_index(origin, expected):
    grid = both(awkward(origin)[0], expected)
    assert len(grid.cells.head)
    assert len(grid.cells.lists.polygon)


def test_zones_that_share_edges_give_the_same_index_and_share_them():
    zones, _ = tiling(60, 80)
    grid = both(zones, 30_000)
    held = len(grid.edges.owner)
    assert len(np.flatnonzero(np.diff(grid.edges.first))) < 0.6 * held
    assert 0.4 < grid.edges.turned.mean() < 0.6


@pytest.mark.parametrize(
    "zones",
    [
        [],
        [None, shapely.Polygon()],
        [shapely.Point(1, 2).buffer(1e-12)],
        [shapely.box(0, 0, 1e-5, 200_000), shapely.box(0, 0, 200_000, 1e-5)],
        [shapely.box(0, 0, 1e-5, 200_000)],
        [shapely.box(1e200, 0, 1.1e200, 1e200)],
        [shapely.box(0, 0, 10, 10), shapely.box(1e9, 1e9, 1e9 + 10, 1e9 + 10)],
        [shapely.box(-0.0, -0.0, 10, 10), shapely.box(0.0, 0.0, -10, 10)],
        [shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.Point(9, 9).buffer(3)]), shapely.Polygon()],
        [shapely.Point(8, 8).buffer(5) - shapely.Point(8, 8).buffer(2), shapely.box(0, 0, 30, 30)],
    ],
    ids=[
        "none",
        "nothing",
        "a dot",
        "hairs",
        "a hair",
        "beyond arithmetic",
        "far apart",
        "zeros",
        "parts",
        "a hole",
    ],
)
def test_extents_of_every_size_give_the_same_index(zones):
    both(zones, 100)


@pytest.mark.parametrize("count", [3, 28, 60])
def test_zones_upon_zones_give_the_same_index(count, monkeypatch):
    discs = [shapely.Point(number * 7, 0).buffer(1_000) for number in range(count)]
    grid = both([*discs, *discs[:3], shapely.reverse(discs[1])], 2_000)
    assert (grid.cells.label == grid.cells.crowded).any() == (count > 20)
    monkeypatch.setattr(zone_labels, "MOST_EDGES", 2)
    monkeypatch.setattr(zone_groups, "MOST_POLYGONS", 4)
    grid = both(discs, 2_000)
    assert (grid.cells.label == grid.cells.crowded).any()


def test_room_grows_where_more_is_found_than_was_thought():
    # Long edges in many cells; many lists of zones; many zones in each cell.
    stars = [shapely.affinity.rotate(shapely.box(-9_000, -2, 9_000, 2), 7 * turn) for turn in range(25)]
    grid = both(stars, 40_000)
    assert len(grid.cells.entry) > 3 * len(grid.edges.owner)
    rings = [shapely.Point(3 * number, 0).buffer(900 + number) for number in range(20)]
    cells = both(rings, 20_000).cells
    assert len(cells.lists.first) > 1_100
    assert len(cells.zone) > len(cells.entry) + 1_100


@settings(max_examples=60, deadline=None)
@given(
    corners=st.lists(
        st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=7),
        min_size=1,
        max_size=6,
    ),
    unit=st.sampled_from([1e-3, 0.5, 1_000.0]),
    origin=st.sampled_from([0.0, -3.0, 1e7 + 1 / 3]),
    expected=st.sampled_from([1, 500]),
)
def test_any_zones_on_a_lattice_give_the_same_index(corners, unit, origin, expected):
    both([shapely.Polygon(np.array(ring) * unit + origin) for ring in corners], expected)


def test_edges_that_share_a_number_are_told_apart(monkeypatch):
    zones, _ = tiling(12, 20)
    wanted = zone_edges.edges_of(zones)
    monkeypatch.setattr(zone_edges, "_number", lambda xy: np.zeros(len(xy), dtype=np.uint64))
    equal(zone_edges.edges_of(zones), wanted)


@pytest.mark.parametrize("fast", [False, True])
def test_what_is_said_to_be_valid_is_not_tested_and_answers_the_same(fast, monkeypatch):
    zones, ids = tiling(20, 30)
    raised = shapely.force_3d(zones[3], z=9.0)
    shapes = np.array([*zones[:3], raised, *zones[4:], None, shapely.Polygon()], dtype=object)
    ids = np.array([*ids, "none", "nothing"], dtype=object)
    xy = places(zones, 400)
    wanted = contain(xy, shapes, ids)
    monkeypatch.setattr(shapely, "is_valid", None)
    monkeypatch.setattr("gridmap.geo.index.zones.compiled", lambda _expected: fast)
    found = ZoneIndex.of(shapes, ids, expected=1_000, valid=True).contain(xy)
    np.testing.assert_array_equal(found.lead, wanted.lead)
    np.testing.assert_array_equal(found.extra, wanted.extra)


def test_a_zone_with_a_place_that_is_no_number_holds_nothing():
    with np.errstate(invalid="ignore"):
        lost = shapely.from_wkt("POLYGON ((0 0, 10 0, 10 nan, 0 10, 0 0))")
    shapes = np.array([lost, shapely.box(20, 20, 30, 30)], dtype=object)
    found = ZoneIndex.of(shapes, ["a", "b"], expected=100).contain([[2.0, 2.0], [25.0, 25.0]])
    assert found.lead.tolist() == [-1, 1]


@pytest.mark.stress
def test_thousands_of_zones_give_the_same_index():
    both(tiling(10_000, 375, origin=(1e7 + 1 / 3, 5e6))[0], 1_000_000)
