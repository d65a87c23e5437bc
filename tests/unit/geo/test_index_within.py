"""Many homes are told from outside as each by itself would be, also where a millimetre decides."""

import index_data
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.geo.containing import inside
from gridmap.geo.index import within
from gridmap.geo.index.within import inside_many, inside_own


def places(shapes, count):
    """Places where rounding tells; without the one so far off that GEOS warns of it."""
    xy = index_data.places(np.array([*shapes, None], dtype=object)[:-1], count)
    return xy[~(np.abs(xy) > 1e200).any(axis=1) | np.isinf(xy).any(axis=1)]


@pytest.fixture(autouse=True)
def _index_from_the_first_place(monkeypatch):
    monkeypatch.setattr(within, "WORTH", 1)


@pytest.mark.parametrize("origin", [(0.0, 0.0), (18_420_000.0, 5_300_000.0), (1e7 + 1 / 3, 1e7)])
def test_a_place_is_in_an_area_of_any_kind_as_the_area_itself_says(origin):
    zones, _ = index_data.awkward(origin)
    shapes = [one for one in zones if one is not None and one.geom_type.endswith("Polygon")]
    whole = shapely.union_all([one for one in shapes[:18] if one.is_valid])
    for shape in (*shapes[16:], whole):
        xy = places([shapes[0] if shape.is_empty else shape], 300)
        np.testing.assert_array_equal(inside_many(xy, shape), inside(xy, shape))


def test_the_grid_answers_for_nearly_all_and_no_index_is_needed_for_few(monkeypatch):
    zones, _ = index_data.tiling(20, 60)
    whole = shapely.union_all(zones)
    xy = np.random.default_rng(3).uniform((-1e4, -1e4), (2.1e5, 1.1e5), (30_000, 2))
    wanted, asked = inside(xy, whole), []
    monkeypatch.setattr(within, "inside", lambda some, shape: asked.append(len(some)) or inside(some, shape))
    np.testing.assert_array_equal(inside_many(xy, whole), wanted)
    assert 0 < wanted.sum() < len(xy)
    assert sum(asked) < len(xy) / 10
    monkeypatch.setattr(within, "WORTH", 40_000)
    np.testing.assert_array_equal(inside_many(xy, whole), wanted)
    assert asked[-1] == len(xy)


@pytest.mark.parametrize("some", ["sound", "all"])
def test_each_place_is_asked_of_its_own_area_though_others_hold_it_too(some):
    zones, _ = index_data.awkward()
    fit = [one is not None and one.geom_type.endswith("Polygon") for one in zones]
    shapes = zones[fit]
    if some == "sound":
        shapes = shapes[shapely.is_valid(shapes) & ~shapely.is_empty(shapes)]
    xy = places(shapes, 3_000)
    own = np.random.default_rng(8).integers(0, len(shapes), len(xy))
    own[own == 2] = 3  # an area that nobody names
    found = inside_own(xy, shapes, own)
    one_by_one = [bool(inside(xy[at : at + 1], shapes[own[at]])[0]) for at in range(len(xy))]
    assert found.tolist() == one_by_one
    assert 0 < found.sum() < len(xy)


@settings(max_examples=60, deadline=None)
@given(
    corners=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=8),
    unit=st.sampled_from([1e-3, 0.5, 1_000.0]),
    origin=st.sampled_from([0.0, 1e7 + 1 / 3]),
)
def test_places_on_a_lattice_are_told_as_one_by_one(corners, unit, origin):
    shape = shapely.Polygon(np.array(corners) * unit + origin)
    half = np.arange(-1, 14) / 2 * unit + origin
    xy = np.stack(np.meshgrid(half, half), axis=-1).reshape(-1, 2)
    # WORTH is of the module: no fixture of a function goes with hypothesis.
    before, within.WORTH = within.WORTH, 1
    try:
        np.testing.assert_array_equal(inside_many(xy, shape), inside(xy, shape))
    finally:
        within.WORTH = before


def test_no_place_and_no_number_are_in_nothing():
    square = shapely.box(0, 0, 10, 10)
    assert inside_many(np.empty((0, 2)), square).tolist() == []
    lost = np.array([[np.nan, 1.0], [1.0, np.nan], [np.inf, 1.0], [5.0, 5.0]])
    assert inside_many(lost, square).tolist() == [False, False, False, True]
