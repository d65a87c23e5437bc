"""What touches the border, and what is nearest to it, is found by asking little: it must be what all says."""

from __future__ import annotations

import contact_oracle as oracle
import numpy as np
import pytest
import shapely
from shapely import affinity

from gridmap import geo

CODE = "EPSG:4508"
X0, Y0 = 450_000.0, 4_700_000.0
PER_SEED = 14


def jagged(rng):
    x = np.cumsum(rng.uniform(1.0, 400.0, rng.integers(3, 60)))
    return [np.column_stack([x, rng.uniform(-300.0, 300.0, len(x))]).round(3)]


def arc(rng):
    turn = np.linspace(0.0, 2 * np.pi * rng.uniform(0.2, 0.9), rng.integers(5, 80))
    return [(rng.uniform(200, 5000) * np.column_stack([np.cos(turn), np.sin(turn)])).round(3)]


def lines(rng):
    """Return the parts of a border: straight, jagged, bent, folded back on itself, closed, with a hole."""
    folded = [(0, 0), (4000, 0), (4000, 600), (0, 600), (0, 1200), (4000, 1200)]
    closed = [(0, 0), (0, 3000), (3000, 3000), (3000, 0), (0, 0)]
    holed = [[(0, 0), (1500, 200)], [(1900, 200), (2500, 0), (4000, 100)]]
    straight = [[(0, 0), (int(rng.integers(200, 9000)), 0)]]
    drawn = [straight, jagged(rng), arc(rng), [folded], [closed], holed][rng.integers(6)]
    return [np.array(one, dtype=float) for one in drawn]


def along(rng, line):
    """Return a zone that shares vertices with the border, and edges, or a hair's breadth beside it."""
    start, stop = sorted(rng.choice(len(line), 2, replace=False))
    run, off = line[start : stop + 1].copy(), np.array([0.0, -rng.uniform(10.0, 3000.0)])
    run[:, 1] -= rng.choice([0.0, 0.0, 0.0, 5e-4, 9e-4, 1e-3, 1.1e-3, 0.02])
    return shapely.Polygon(np.vstack([run, run[-1:] + off, run[:1] + off]))


def at_vertex(rng, line):
    vertex = line[rng.integers(len(line))]
    return shapely.Polygon(vertex + np.array([(0.0, 0.0), (300.0, -800.0), (-300.0, -800.0)]))


def beside(rng, line):
    """Return a zone whose edge is level with the border: a hair's breadth above it, or far."""
    above = rng.choice([5e-4, 9.9e-4, 1e-3, 1.01e-3, 2e-3, 1.0, 700.0, 8_000.0, 19_950.0, 20_050.0, 31_000.0])
    west, north = line[:, 0].min() - rng.integers(-100, 3000), line[:, 1].max() + above
    return shapely.box(west, north, west + rng.integers(100, 6000), north + 700.0)


def astride(rng, line):
    """Return a zone that holds a part of the border, all of it, or all of it in a hole."""
    low, high = line.min(axis=0), line.max(axis=0)
    around = shapely.box(*(low - 900.0), *(high + 900.0))
    hole = shapely.LineString(line).buffer(rng.uniform(1.0, 400.0))
    return [around, around.difference(hole), hole, affinity.translate(around, 900.0)][rng.integers(4)]


def star(rng, line):
    turn = np.sort(rng.uniform(0.0, 2 * np.pi, rng.integers(5, 200)))
    ring = rng.uniform(50.0, 900.0, len(turn))[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    return shapely.Polygon(rng.uniform(line.min(axis=0) - 8000.0, line.max(axis=0) + 8000.0) + ring)


def wide(rng, line):
    return shapely.Polygon(rng.uniform(line.min(axis=0) - 15_000.0, line.max(axis=0) + 15_000.0, (3, 2)))


def other(rng, line):
    """Return what is no single polygon."""
    way = rng.uniform(line.min(axis=0) - 3000.0, line.max(axis=0) + 3000.0, (4, 2))
    parts = shapely.MultiPolygon([shapely.Point(one).buffer(90.0) for one in (way[0], way[0] + 9000.0)])
    kinds = [shapely.Point(way[0]), shapely.LineString(way), parts, shapely.GeometryCollection([parts]), None]
    return kinds[rng.integers(5)]


SHAPES = [along, along, at_vertex, beside, beside, astride, star, wide, other]


def moved(shape):
    if shape is None:
        return None
    sound = shape if shape.is_valid else shapely.make_valid(shape, method="structure", keep_collapsed=False)
    return shapely.transform(sound, lambda xy: xy + np.array([X0, Y0]))


def compared(seed):
    """Hold what one drawn border answers for drawn shapes against the oracle; return how many met it."""
    rng = np.random.default_rng(seed)
    parts = lines(rng)
    made = geo.build_border(np.array([moved(shapely.LineString(one)) for one in parts], dtype=object), CODE)
    shapes = np.full(PER_SEED, None, dtype=object)
    for number in range(PER_SEED):
        draw = SHAPES[rng.integers(len(SHAPES))]
        shapes[number] = moved(draw(rng, parts[rng.integers(len(parts))]))
    # A limit is inclusive: one of them is how far away one of the shapes is.
    apart = made.locate_geoms(shapes)[0]
    within = float(rng.choice([np.inf, 20_000.0, 3000.0, *rng.choice(apart[apart > 0.0], 3)]))

    def rounded(xy):
        """Answer as an index does: to the millimetre, and nothing beyond."""
        found = made.locate(xy)
        near = found.distance_m <= within
        chainage = np.where(near, geo.round_mm(found.chainage_m), np.nan)
        return geo.Located(chainage, np.where(near, found.distance_m, np.nan), found.side)

    locate = rounded if rng.random() < 0.6 else made.locate
    distance, ranges = made.locate_geoms(shapes, within_m=within, locate=locate)
    for shape, away, places in zip(shapes, distance, ranges, strict=True):
        if shape is None or shape.is_empty:
            assert np.isnan(away)
            continue
        wanted = oracle.contact(made, shape)
        metres = 0.0
        if not wanted:
            metres, chainage = oracle.nearest(made, shape, locate)
            wanted = [(chainage, chainage)]
        if metres <= within:
            assert away == metres
            assert places.shape == (len(wanted), 2)
            assert places == pytest.approx(np.array(wanted), abs=1e-7 if metres == 0.0 else 0.0, rel=0.0)
        else:
            assert not away <= within
    return int(np.count_nonzero(distance == 0.0)), int(np.count_nonzero(distance > 0.0))


def test_contact_and_nearest_place_are_those_of_all_edges_and_vertices():
    met = np.array([compared(seed) for seed in range(40)]).sum(axis=0)
    assert met.min() > 100


@pytest.mark.stress
@pytest.mark.parametrize("block", range(10))
def test_contact_and_nearest_place_on_many_borders(block):
    for seed in range(1000 + 300 * block, 1300 + 300 * block):
        compared(seed)
