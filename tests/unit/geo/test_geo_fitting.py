"""Edges that cancel prove that zones tile; an edge that does not shows where they may not."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap.geo import fitting

X0, Y0 = 450_000.0, 4_700_000.0


def box(west, south, east, north):
    return shapely.box(X0 + west, Y0 + south, X0 + east, Y0 + north)


def left(*shapes, whole):
    polygons = np.empty(len(shapes), dtype=object)
    polygons[:] = shapes
    return fitting.unfitted(polygons, whole)


def shifted(polygon, start):
    """Return the polygon drawn from another of its vertices."""
    ring = shapely.get_coordinates(polygon.exterior)[:-1]
    return shapely.Polygon(np.roll(ring, -start, axis=0), polygon.interiors)


WEST, EAST, WHOLE = box(0, 0, 1, 1), box(1, 0, 2, 1), shapely.union(box(0, 0, 1, 1), box(1, 0, 2, 1))
HOLE = box(0.2, 0.2, 0.4, 0.4)
LAKE = shapely.difference(WEST, HOLE)


@pytest.mark.parametrize("start", [0, 1, 3])
@pytest.mark.parametrize("turn", [shapely.Polygon, shapely.reverse])
def test_zones_that_fit_leave_nothing_however_they_are_drawn(turn, start):
    assert not len(left(turn(shifted(WEST, start)), EAST, whole=WHOLE))
    assert not len(left(turn(WEST), shifted(EAST, start), whole=shapely.reverse(WHOLE)))


def test_an_island_fits_in_its_hole_and_a_lake_of_the_whole_is_nobodys():
    assert not len(left(LAKE, shifted(HOLE, 2), EAST, whole=WHOLE))
    assert not len(left(LAKE, EAST, whole=shapely.Polygon(WHOLE.exterior, LAKE.interiors)))
    assert len(left(LAKE, EAST, whole=WHOLE)) == 4
    assert len(left(WEST, EAST, whole=shapely.Polygon(WHOLE.exterior, LAKE.interiors))) == 4


def test_parts_of_one_zone_and_of_the_whole_count_like_any_other():
    far = box(10, 0, 11, 1)
    whole = shapely.MultiPolygon([WHOLE, far])
    assert not len(left(shapely.MultiPolygon([WEST, far]), None, shapely.Polygon(), EAST, whole=whole))
    assert len(left(WEST, EAST, whole=whole)) == 4


def test_nothing_tiles_nothing():
    assert not len(left(whole=shapely.MultiPolygon()))
    assert len(left(whole=WEST)) == 4


def test_a_vertex_drawn_twice_is_no_edge_and_the_two_zeros_are_one():
    twice = shapely.Polygon([(0.0, 0.0), (1.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
    minus = shapely.Polygon([(-0.0, 1.0), (-1.0, 1.0), (-1.0, -0.0), (-0.0, -0.0)])
    whole = shapely.Polygon([(-1, 0), (0, 0), (1, 0), (1, 1), (0, 1), (-1, 1)])
    assert not len(left(twice, minus, whole=whole))


def test_a_zone_claimed_twice_is_left_twice_over():
    assert len(left(WEST, WEST, EAST, whole=WHOLE)) == 4
    assert len(left(WEST, WEST, WEST, EAST, whole=WHOLE)) == 8


def test_a_vertex_on_the_straight_edge_of_another_does_not_fit():
    dented = shapely.Polygon([*WEST.exterior.coords[:-1], (X0 + 1.0, Y0 + 0.5)])
    assert len(left(shapely.Polygon(dented.convex_hull), EAST, whole=WHOLE)) == 0
    noded = shapely.Polygon([(X0, Y0), (X0 + 1, Y0), (X0 + 1, Y0 + 0.5), (X0 + 1, Y0 + 1), (X0, Y0 + 1)])
    assert len(left(noded, EAST, whole=WHOLE)) == 3


def test_what_is_left_is_where_it_does_not_fit():
    cells = [box(x, y, x + 1, y + 1) for x in range(12) for y in range(9)]
    whole = shapely.coverage_union_all(cells)
    gone = [7, 60]
    edges = left(*(cell for at, cell in enumerate(cells) if at not in gone), whole=whole)
    found = fitting.bounds_of_parts(edges)
    assert sorted(map(tuple, found)) == sorted(cells[at].bounds for at in gone)
    assert fitting.bounds_of_parts(np.empty((0, 2, 2))).shape == (0, 4)


@pytest.mark.parametrize("constant", ["GOLDEN", "ROOT"])
def test_a_hash_that_many_edges_share_proves_nothing_by_itself(constant, monkeypatch):
    cells = [box(x, y, x + 1, y + 1) for x in range(5) for y in range(4)]
    whole = shapely.coverage_union_all(cells)
    monkeypatch.setattr(fitting, constant, np.uint64(0))
    assert not len(left(*cells, whole=whole))
    edges = left(*cells[1:], box(7, 7, 8, 8), whole=whole)
    assert sorted(map(tuple, fitting.bounds_of_parts(edges))) == sorted(
        [cells[0].bounds, box(7, 7, 8, 8).bounds]
    )
    # Edges of one hash that do not run against each other are no pair.
    assert len(left(WEST, whole=EAST)) == 8


def test_connected_things_name_their_first():
    rng = np.random.default_rng(5)
    for count, pairs in ((1, 0), (40, 20), (400, 390), (3000, 2999)):
        one, other = rng.integers(0, count, (2, pairs))
        if pairs == 2999:
            # A long chain in no order: the slowest to spread.
            order = rng.permutation(count)
            one, other = order[:-1], order[1:]
        found = fitting.connected(one, other, count)
        wanted = np.arange(count)
        for _ in range(count):
            before = wanted.copy()
            np.minimum.at(wanted, one, wanted[other])
            np.minimum.at(wanted, other, wanted[one])
            if (before == wanted).all():
                break
        assert found.tolist() == wanted.tolist()
