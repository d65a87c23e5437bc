"""A ring that is called simple without asking GEOS is valid: a faulty zone must not become a target."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import shapely
from index_data import tiling
from kernels_there import need_numba

from gridmap.geo import validity
from gridmap.geo.validity import valid


@pytest.fixture(autouse=True)
def compiled(monkeypatch):
    """The kernel is asked however few vertices there are."""
    need_numba()
    monkeypatch.setattr(validity, "WORTH", 0)
    monkeypatch.setattr(validity, "compiled", lambda _expected: True)


def simple(shapes):
    """Return what the kernel tells of polygons of one ring, GEOS left out."""
    return validity._simple(shapes, shapely.get_num_coordinates(shapes))


def array(shapes):
    return np.array([*shapes, None], dtype=object)[:-1]


def lattice(rng, count, *, side, origin=0.0, step=1.0):
    """Polygons with corners on few places: they touch and cross themselves in every way there is."""
    rings = (rng.integers(0, side, (int(rng.integers(3, 9)), 2)) * step + origin for _ in range(count))
    return array(shapely.Polygon(ring) for ring in rings)


def star(rng, count, middle=(0.0, 0.0)):
    around = np.sort(rng.uniform(0, 2 * np.pi, count))
    far = rng.uniform(0.2, 1.0, count)
    return np.column_stack([far * np.cos(around), far * np.sin(around)]) * 5_000 + middle


@pytest.mark.parametrize("side", [3, 4, 6, 12])
@pytest.mark.parametrize(("origin", "step"), [(0.0, 1.0), (1e7, 1e-3), (-38_123_456.7, 0.1), (0.0, 1e-300)])
def test_no_faulty_ring_is_called_simple_and_no_sound_one_is_lost(side, origin, step):
    shapes = lattice(np.random.default_rng(side), 3_000, side=side, origin=origin, step=step)
    wanted = shapely.is_valid(shapes)
    assert not (simple(shapes) & ~wanted).any()
    assert np.array_equal(valid(shapes), wanted)
    assert 50 < wanted.sum() < 2_500


def test_a_ring_that_all_but_touches_itself_is_judged_by_geos():
    # The tip of a notch comes down on the far edge, nearer and nearer, on it, and beyond.
    below = [0.0, *(sign * 10.0**-power for power in range(1, 18) for sign in (1, -1))]
    ends = [(3.0, 0.1), (10.0 / 3.0, 1e-9), (1e7, 1e7 / 3)]
    rings = [
        [(0, 0), (far, rise), (far, rise + 9), (far / 3, rise / 3 + away), (0, 9)]
        for far, rise in ends
        for away in below
    ]
    shapes = array(map(shapely.Polygon, rings))
    wanted = shapely.is_valid(shapes)
    assert not (simple(shapes) & ~wanted).any()
    assert np.array_equal(valid(shapes), wanted)
    assert wanted.any()
    assert not wanted.all()


def test_large_rings_with_one_fault_somewhere_are_found():
    rng = np.random.default_rng(8)
    rings = [star(rng, count, (1e7, 4.7e6)) for count in (50, 400, 5_000) for _ in range(12)]
    for at, ring in enumerate(rings):
        some = int(rng.integers(len(ring) - 3))
        if at % 4 == 1:
            # A crossing: two vertices change places.
            ring[[some, some + 1]] = ring[[some + 1, some]]
        elif at % 4 == 2:
            # A touch far away along the ring: two vertices at one place.
            ring[some] = ring[(some + len(ring) // 2) % len(ring)]
        elif at % 4 == 3:
            # A spike: there and back again.
            ring[some + 2] = ring[some]
    shapes = array(map(shapely.Polygon, rings))
    wanted = shapely.is_valid(shapes)
    assert np.array_equal(valid(shapes), wanted)
    assert not (simple(shapes) & ~wanted).any()
    assert wanted[::4].all()
    assert not wanted[3::4].any()


def test_zones_that_tile_need_no_other_judge(monkeypatch):
    shapes, _ = tiling(40, 200, origin=(1e7, 4.7e6))
    monkeypatch.setattr(validity, "CHUNK", 1_000)
    assert simple(shapes).all()
    assert len(shapes) > 10


def test_whatever_is_no_single_ring_is_judged_as_before():
    square = shapely.box(0, 0, 10, 10)
    with np.errstate(invalid="ignore"):
        odd = [
            None,
            shapely.Point(),
            shapely.Point(1, 2),
            shapely.Polygon(),
            shapely.MultiPolygon([square, shapely.box(5, 5, 15, 15)]),
            shapely.MultiPolygon([square, shapely.box(20, 0, 30, 10)]),
            square.difference(shapely.box(1, 1, 2, 2)),
            shapely.Polygon(square.exterior, [[(20, 20), (21, 20), (21, 21)]]),
            shapely.LineString([(0, 0), (1, 1)]),
            shapely.Polygon([(0, 0), (1, 0), (1, np.nan), (0, 1)]),
            shapely.Polygon([(0, 0), (1, 0), (1, np.inf), (0, 1)]),
            shapely.Polygon([(0, 0), (1e200, 0), (1e200, 1e200)]),
            shapely.Polygon([(0, 0), (1e16, 0), (1e16, 1e16)]),
            shapely.Polygon([(0, 0), (5, 0), (5, 0), (5, 5)]),
            shapely.Polygon([(0, 0), (1, 1), (2, 2)]),
            shapely.Polygon([(1, 1), (1, 1), (1, 1)]),
            shapely.Polygon([(0, 0, 1), (5, 0, np.nan), (5, 5, 3)]),
            square,
        ]
    shapes = array(odd)
    assert np.array_equal(valid(shapes), shapely.is_valid(shapes))
    assert not len(valid(shapes[:0]))


def test_few_vertices_do_not_load_the_kernel(monkeypatch):
    monkeypatch.setattr(validity, "WORTH", 100)
    monkeypatch.delitem(sys.modules, "gridmap.geo.validity_compiled", raising=False)
    assert valid(array([shapely.box(0, 0, 1, 1)])).all()
    assert "gridmap.geo.validity_compiled" not in sys.modules


def test_chunks_cover_every_polygon_once(monkeypatch):
    rng = np.random.default_rng(9)
    shapes = array(shapely.Polygon(star(rng, int(count))) for count in rng.integers(3, 60, 90))
    whole = simple(shapes)
    for chunk in (1, 7, 64, 10_000):
        monkeypatch.setattr(validity, "CHUNK", chunk)
        assert np.array_equal(simple(shapes), whole)
    assert whole.sum() > 80
