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
    """The kernels are asked however few vertices there are."""
    need_numba()
    for limit in ("WORTH", "FEW", "LEFT"):
        monkeypatch.setattr(validity, limit, 0)
    monkeypatch.setattr(validity, "compiled", lambda _expected: True)


def simple(shapes):
    """Return what the kernels tell of polygons of one ring, GEOS left out."""
    return validity._simple(shapes)


def without_grid(shapes):
    """Return what is told without grids."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validity, "LEFT", np.inf)
        return simple(shapes)


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


def wiggly(rng, steps, *, wild=0.3):
    """A ring of four wiggly sides, of `steps` edges each; the wilder, the more it crosses itself."""
    corners = np.array([(0, 0), (0, 1), (1, 1), (1, 0)]) + rng.uniform(-0.1, 0.1, (4, 2))
    t = np.arange(steps) / steps
    sides = []
    for start, along in zip(corners, np.roll(corners, -1, axis=0) - corners, strict=True):
        waves = sum(np.sin(2 * np.pi * (turns * t + rng.uniform())) / turns for turns in (1, 3, 5))
        aside = wild * np.minimum(t, 1 - t) * waves
        sides.append(start + np.outer(t, along) + np.outer(aside, (-along[1], along[0])))
    return np.concatenate(sides)


def strip(rng, steps):
    """Two banks that go the same way, on few places: they are apart, or touch, or cross."""
    along, bank = np.arange(float(steps)), rng.integers(-2, 3, steps).astype(float)
    other = bank - rng.integers(0, 9, steps) * (rng.uniform(size=steps) < 1 / steps) - 1
    ring = np.concatenate([np.column_stack([along, bank]), np.column_stack([along, other])[::-1]])
    ring[rng.integers(len(ring)), 1] += rng.integers(-2, 3)
    return ring if rng.integers(2) else ring[:, ::-1]


def spoiled(rng, ring):
    """The ring with a fault somewhere, mostly, and begun somewhere."""
    at, far = rng.integers(len(ring), size=2)
    after = ring[(far + 1) % len(ring)]
    faulty = ring.copy()
    match rng.integers(8):
        case 0:
            faulty[at] = ring[far]
        case 1:
            faulty[at] = (ring[far] + after) / 2
        case 2:
            faulty = np.insert(ring, at, ring[at], axis=0)
        case 3:
            faulty = np.insert(ring, at + 1, [ring[(at + 1) % len(ring)], ring[at]], axis=0)
        case 4:
            faulty[[at, far]] = ring[[far, at]]
        case 5:
            faulty = np.insert(ring, at + 1, [ring[far], after], axis=0)
        case 6:
            faulty[at] += (ring[far] - ring[at]) * rng.uniform(0.5, 1.5)
    return np.roll(faulty, rng.integers(len(faulty)), axis=0)


@pytest.mark.parametrize("side", [3, 4, 6, 12])
@pytest.mark.parametrize(("origin", "step"), [(0.0, 1.0), (1e7, 1e-3), (-38_123_456.7, 0.1), (0.0, 1e-300)])
def test_no_faulty_ring_is_called_simple_and_no_sound_one_is_lost(side, origin, step):
    shapes = lattice(np.random.default_rng(side), 3_000, side=side, origin=origin, step=step)
    wanted = shapely.is_valid(shapes)
    assert not (simple(shapes) & ~wanted).any()
    assert not (without_grid(shapes) & ~wanted).any()
    assert np.array_equal(valid(shapes), wanted)
    assert 50 < wanted.sum() < 2_500


@pytest.mark.parametrize("origin", [0.0, 1e7])
@pytest.mark.parametrize(("size", "digits"), [(20, 0), (1_000, 0), (1e4, 9)])
def test_no_fault_of_a_ring_of_few_runs_is_overlooked(origin, size, digits):
    rng = np.random.default_rng(int(size))
    rings = [wiggly(rng, int(rng.integers(3, 20)), wild=rng.uniform(0.1, 0.9)) for _ in range(3_000)]
    shapes = array(shapely.Polygon(spoiled(rng, np.round(ring * size, digits)) + origin) for ring in rings)
    wanted, quick = shapely.is_valid(shapes), without_grid(shapes)
    assert not (quick & ~wanted).any()
    assert np.array_equal(valid(shapes), wanted)
    assert 300 < wanted.sum() < 2_500
    # Of what is sound nearly all is told, even of rings that turn round nothing.
    assert quick.sum() > 0.5 * wanted.sum()


def test_no_fault_of_two_banks_is_overlooked():
    rng = np.random.default_rng(11)
    shapes = array(shapely.Polygon(strip(rng, int(rng.integers(4, 60)))) for _ in range(4_000))
    wanted, quick = shapely.is_valid(shapes), without_grid(shapes)
    assert not (quick & ~wanted).any()
    assert np.array_equal(valid(shapes), wanted)
    assert 500 < wanted.sum() < 3_500
    assert quick.sum() > 0.5 * wanted.sum()


def test_a_ring_that_goes_round_twice_is_faulty():
    # It turns to one side all the time, and goes round its middle; its edges cross.
    around = np.linspace(0, 4 * np.pi, 33)[:-1]
    ring = np.column_stack([np.cos(around), np.sin(around)]) * np.linspace(1, 2, 32)[:, None]
    shapes = array([shapely.Polygon(ring), shapely.Polygon(ring[::-1]), shapely.Polygon(ring[:16])])
    assert simple(shapes).tolist() == without_grid(shapes).tolist() == [False, False, True]
    assert valid(shapes).tolist() == [False, False, True]


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
    monkeypatch.setattr(validity, "LEFT", np.inf)
    assert simple(shapes).all()
    assert len(shapes) > 10
    rng = np.random.default_rng(12)
    assert without_grid(array(shapely.Polygon(wiggly(rng, 30, wild=0.3)) for _ in range(200))).all()


def test_rings_that_are_left_are_worth_grids_or_not(monkeypatch):
    # A horseshoe with a rough edge has many runs, and goes back round its middle.
    rng = np.random.default_rng(13)
    around = np.linspace(0, 5, 300)
    edge = np.exp(1j * around) * rng.uniform(1, 1.1, 300)
    far = np.concatenate([2 * edge, edge[::-1]])
    shapes = array([shapely.Polygon(np.column_stack([far.real, far.imag]))])
    assert shapely.is_valid(shapes).all()
    assert not without_grid(shapes).any()
    assert simple(shapes).all()
    monkeypatch.setattr(validity, "LEFT", 1_000)
    assert not simple(shapes).any()
    assert valid(shapes).all()


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


def test_few_vertices_are_judged_by_the_kernel_where_it_is_loaded(monkeypatch):
    simple(array([shapely.box(0, 0, 1, 1)]))
    judged = []
    monkeypatch.setattr(validity, "WORTH", 1_000_000)
    monkeypatch.setattr(validity, "FEW", 100)
    monkeypatch.setattr(validity, "_simple", lambda some: judged.append(len(some)) or shapely.is_valid(some))
    for count in (10, 30):
        assert valid(array([shapely.box(0, 0, 1, 1)] * count)).all()
    assert judged == [30]


def test_chunks_cover_every_polygon_once(monkeypatch):
    rng = np.random.default_rng(9)
    shapes = array(shapely.Polygon(star(rng, int(count))) for count in rng.integers(3, 60, 90))
    shapes[[3, 40, 89]] = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    wanted, told = shapely.is_valid(shapes), validity._simple
    assert wanted.sum() == 87
    for chunk, asked in ((1, 90), (64, None), (10_000, 1)):
        monkeypatch.setattr(validity, "CHUNK", chunk)
        lengths = []
        monkeypatch.setattr(
            validity, "_simple", lambda some, known=lengths: known.append(len(some)) or told(some)
        )
        assert np.array_equal(valid(shapes), wanted)
        assert sum(lengths) == 90
        assert asked in {None, len(lengths)}
