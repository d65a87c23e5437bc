"""A household that the index puts in another zone than the map shows has the wrong keeper."""

from __future__ import annotations

import logging
import sys

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from index_data import awkward, places, tiling
from kernels_there import need_numba

from gridmap.geo.containing import TOLERANCE_M, contain
from gridmap.geo.index import compiling, zone_labels, zones
from gridmap.geo.index.zones import ZoneIndex

ORIGINS = [(0.0, 0.0), (1e7, 1e7), (-38_123_456.7, 4_698_765.4)]
EXPECTED = [1, 3_000, 1_000_000]


@pytest.fixture(params=["numpy", "compiled"])
def path(request, monkeypatch):
    if request.param == "compiled":
        need_numba()
    monkeypatch.setattr(zones, "compiled", lambda _expected: request.param == "compiled")
    return request.param


def same(found, wanted):
    np.testing.assert_array_equal(found.lead, wanted.lead)
    np.testing.assert_array_equal(found.extra, wanted.extra)
    assert found.lead.dtype == wanted.lead.dtype == np.int32
    assert found.extra.dtype == wanted.extra.dtype


def brute(xy, polygons, ids):
    """Return lead and extra by the distance to every boundary: no grid, no tree, no parity."""
    kinds = {"Polygon", "MultiPolygon"}
    areal = [p if p is not None and p.geom_type in kinds else shapely.MultiPolygon() for p in polygons]
    valid = [shapely.make_valid(shapely.force_2d(p)) for p in areal]
    order = sorted(range(len(ids)), key=lambda i: ids[i])
    lead, extra = np.full(len(xy), -1), []
    for row, (x, y) in enumerate(xy):
        if not np.isfinite([x, y]).all():
            continue
        point = shapely.Point(x, y)
        edge = [i for i in order if shapely.distance(shapely.boundary(valid[i]), point) <= TOLERANCE_M]
        deep = [i for i in order if i not in edge and shapely.covers(valid[i], point)]
        lead[row] = (deep or edge or [-1])[0]
        extra += [(row, i) for i in deep[1:]]
    return lead, np.array(extra).reshape(-1, 2)


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("expected", EXPECTED)
@pytest.mark.parametrize("origin", ORIGINS)
def test_awkward_zones_answer_as_contain_does(origin, expected):
    polygons, ids = awkward(origin)
    xy = places(polygons, 1_500)
    same(ZoneIndex.of(polygons, ids, expected=expected).contain(xy), contain(xy, polygons, ids))


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("origin", ORIGINS)
def test_awkward_zones_answer_as_every_boundary_measured(origin):
    polygons, ids = awkward(origin)
    xy = places(polygons, 160, seed=9)
    # At one millimetre itself two ways to measure may differ in the last bit.
    xy = xy[(np.abs(xy) < 1e9).all(axis=1)]
    gap = np.abs(shapely.distance(shapely.points(xy)[:, None], shapely.boundary(polygons)) - TOLERANCE_M)
    xy = np.concatenate([xy[~(gap < 1e-6).any(axis=1)], [[np.nan, 0.0]]])
    found = ZoneIndex.of(polygons, ids, expected=10_000).contain(xy)
    lead, extra = brute(xy, polygons, ids)
    np.testing.assert_array_equal(found.lead, lead)
    np.testing.assert_array_equal(found.extra, extra)
    assert len(extra)
    assert (lead < 0).any()


@pytest.mark.usefixtures("path")
def test_a_tiling_leaves_no_household_between_two_zones():
    polygons, ids = tiling(60, 80)
    xy = places(polygons, 4_000)
    found = ZoneIndex.of(polygons, ids, expected=20_000).contain(xy)
    same(found, contain(xy, polygons, ids))
    inside = shapely.covers(shapely.union_all(polygons), shapely.points(xy))
    assert inside.sum() > 2_000
    assert (found.lead[inside] >= 0).all()
    assert not len(found.extra)


@pytest.mark.usefixtures("path")
@pytest.mark.stress
@pytest.mark.parametrize("origin", ORIGINS)
def test_a_hundred_thousand_places_answer_as_contain_does(origin):
    for polygons, ids in (awkward(origin), tiling(1_000, 375, origin=origin)):
        xy = places(polygons, 100_000)
        same(ZoneIndex.of(polygons, ids).contain(xy), contain(xy, polygons, ids))


@settings(max_examples=60, deadline=None)
@given(
    corners=st.lists(
        st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=7),
        min_size=1,
        max_size=5,
    ),
    unit=st.sampled_from([1e-3, 0.5, 1_000.0]),
    origin=st.sampled_from([0.0, 1e7 + 1 / 3]),
    expected=st.sampled_from([1, 500]),
)
def test_any_zones_on_a_lattice_answer_as_contain_does(corners, unit, origin, expected):
    polygons = np.array([shapely.Polygon(np.array(ring) * unit + origin) for ring in corners], dtype=object)
    ids = np.array([f"{number % 3}" for number in range(len(polygons))], dtype=object)
    half = np.arange(-1, 14) / 2 * unit + origin
    xy = np.stack(np.meshgrid(half, half), axis=-1).reshape(-1, 2)
    index = ZoneIndex.of(polygons, ids, expected=expected)
    same(index.contain(xy), contain(xy, polygons, ids))


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize(
    "polygons",
    [
        [],
        [None, shapely.Polygon()],
        [shapely.Point(1, 2).buffer(1e-12)],
        [shapely.box(0, 0, 1e-5, 200_000), shapely.box(0, 0, 200_000, 1e-5)],
        [shapely.box(1e200, 0, 1.1e200, 1e200)],
        [shapely.box(0, 0, 10, 10), shapely.box(1e9, 1e9, 1e9 + 10, 1e9 + 10)],
    ],
    ids=["none", "nothing", "a dot", "hairs", "beyond arithmetic", "far apart"],
)
def test_extents_of_every_size_have_an_answer(polygons):
    shapes = np.array([*polygons, None], dtype=object)[:-1]
    ids = np.array([f"z{number}" for number in range(len(shapes))], dtype=object)
    xy = np.concatenate(
        [np.zeros((1, 2)), shapely.get_coordinates(shapes), [[1.0, 2.0], [np.nan, 1.0], [5.0, 5.0]]]
    )
    same(ZoneIndex.of(shapes, ids, expected=100).contain(xy), contain(xy, shapes, ids))


@pytest.mark.usefixtures("path")
def test_crowds_of_zones_and_of_edges_are_left_to_contain(monkeypatch):
    discs = np.array([shapely.Point(number * 7, 0).buffer(1_000) for number in range(60)], dtype=object)
    ids = np.array([f"z{number:02d}" for number in range(60)], dtype=object)
    xy = places(discs, 300)
    index = ZoneIndex.of(discs, ids, expected=2_000)
    crowded = index._grid.cells.label == index._grid.cells.crowded
    assert crowded.any()
    assert not crowded.all()
    same(index.contain(xy), contain(xy, discs, ids))
    monkeypatch.setattr(zone_labels, "MOST_EDGES", 2)
    same(ZoneIndex.of(discs[:3], ids[:3], expected=2_000).contain(xy), contain(xy, discs[:3], ids[:3]))


@pytest.mark.usefixtures("path")
def test_a_cell_whose_reference_lies_on_an_edge_is_not_trusted():
    polygons = np.array([shapely.box(0, 0, 1_000, 1_000), shapely.box(1_000, 0, 2_000, 1_000)], dtype=object)
    first = ZoneIndex.of(polygons, ["a", "b"], expected=1_000)
    x, y = first._grid.frame.reference(np.arange(first._grid.frame.cells))
    inner = (x > 100) & (x < 1_900) & (y > 100) & (y < 900)
    x, y = float(x[inner][7]), float(y[inner][7])
    cut = np.array([shapely.box(0, 0, x, 1_000), shapely.box(x, 0, 2_000, 1_000)], dtype=object)
    index = ZoneIndex.of(cut, ["a", "b"], expected=1_000)
    cells = index._grid.cells
    assert ((cells.label < -1 - cells.mixed) & (cells.label != cells.crowded)).any()
    xy = np.column_stack([x + np.linspace(-30, 30, 101), np.full(101, y)])
    same(index.contain(xy), contain(xy, cut, np.array(["a", "b"], dtype=object)))


@pytest.mark.usefixtures("path")
def test_columns_of_any_layout_are_read():
    polygons, ids = tiling(8, 20)
    index, xy = ZoneIndex.of(polygons, ids, expected=1_000), places(polygons, 200)
    wanted = index.contain(xy)
    frozen = xy.copy()
    frozen.flags.writeable = False
    for other in (np.asfortranarray(xy), np.repeat(xy, 2, axis=0)[::2], frozen, xy.tolist()):
        same(index.contain(other), wanted)
    assert index.contain(np.empty((0, 2))).lead.shape == (0,)


def test_the_first_look_settles_nearly_all(path):
    polygons, ids = tiling(60, 80)
    index = ZoneIndex.of(polygons, ids, expected=100_000)
    xy = np.random.default_rng(2).uniform((0, 0), (200_000, 100_000), (20_000, 2))
    unsettled = (index._first_look(xy) == zones.OPEN).mean()
    assert unsettled < (0.001 if path == "compiled" else 0.1)


@pytest.fixture
def unnamed(monkeypatch):
    """As in a new process: neither path was named yet, and numba is not loaded."""
    monkeypatch.setattr(compiling, "_told", set())
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    monkeypatch.delenv(compiling.SWITCH, raising=False)
    return monkeypatch


@pytest.mark.parametrize(("switch", "named"), [("0", "numpy"), ("1", "compiled by numba")])
def test_the_log_names_the_path(switch, named, unnamed, caplog):
    if switch == "1":
        need_numba()
    unnamed.setenv(compiling.SWITCH, switch)
    with caplog.at_level(logging.INFO, logger="gridmap"):
        for _ in range(2):
            ZoneIndex.of([shapely.box(0, 0, 1, 1)], ["a"], expected=10).contain([[0.5, 0.5]])
    assert [one.getMessage() for one in caplog.records] == [f"kernels: {named}"]


@pytest.mark.parametrize(
    ("switch", "expected", "chosen"),
    [
        (None, compiling.WORTH - 1, False),
        (None, compiling.WORTH, True),
        ("", 10, False),
        ("1", 10, True),
        ("0", 10**7, False),
    ],
)
def test_numba_is_loaded_where_it_pays_or_is_asked_for(switch, expected, chosen, unnamed):
    unnamed.setattr(compiling, "find_spec", lambda _name: True)
    if switch is not None:
        unnamed.setenv(compiling.SWITCH, switch)
    assert compiling.compiled(expected) == chosen
    # Once it is loaded its kernels cost nothing more.
    unnamed.setitem(sys.modules, "numba", object())
    assert compiling.compiled(expected) == (switch != "0")
    unnamed.setattr(compiling, "find_spec", lambda _name: None)
    assert not compiling.compiled(expected)


def test_kernels_run_where_no_cache_can_be_written(monkeypatch, caplog):
    need_numba()
    from numba.core import caching

    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])

    @compiling.kernel
    def half(x: float) -> float:
        return x / 2

    with caplog.at_level(logging.INFO, logger="gridmap"):

        @compiling.kernel
        def third(x: float) -> float:
            return x / 3

    assert (half(3.0), third(3.0)) == (1.5, 1.0)
    assert "compiled anew in each process" in caplog.text


@pytest.mark.usefixtures("path")
def test_an_edge_that_is_all_but_level_gives_no_warning():
    zones = np.array([shapely.Polygon([(0, 0), (10, 1e-310), (10, 10), (0, 10)])], dtype=object)
    xy = np.array([[5.0, 5.0], [5.0, -1.0]])
    same(ZoneIndex.of(zones, ["a"], expected=2_000).contain(xy), contain(xy, zones, ["a"]))
