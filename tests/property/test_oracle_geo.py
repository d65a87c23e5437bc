"""Nearest, containment and chainage against brute force, where they are hardest: vertices, edges, ties."""

from __future__ import annotations

from itertools import pairwise

import geo_oracle as oracle
import numpy as np
import pytest
import shapely
from geo_oracle import CODE, X0, Y0

from gridmap import geo

rng = np.random.default_rng


def wavy(seed: int, vertices: int, *, west: float = 0.0, width: float = 60_000.0) -> oracle.Xy:
    east = np.linspace(west, west + width, vertices)
    north = 3000.0 * np.sin(east / 7000.0) + rng(seed).normal(0.0, 200.0, vertices)
    return np.column_stack([X0 + east, Y0 + north])


def around(seed: int, count: int) -> oracle.Xy:
    spread = rng(seed)
    return np.column_stack(
        [X0 + spread.uniform(-20_000, 80_000, count), Y0 + spread.uniform(-40_000, 40_000, count)]
    )


BORDERS = {
    "straight": [np.array([[X0, Y0], [X0 + 60_000.0, Y0]])],
    "wavy": [wavy(1, 40)],
    "two parts": [wavy(2, 15, width=20_000.0), wavy(3, 20, west=31_000.0, width=29_000.0)],
    "hairpin": [
        np.array([[X0, Y0], [X0 + 30_000.0, Y0], [X0 + 30_000.0, Y0 + 900.0], [X0 + 50.0, Y0 + 900.0]])
    ],
}


@pytest.mark.parametrize("name", BORDERS)
def test_place_on_the_border_is_the_nearest_there_is(name):
    parts = BORDERS[name]
    border = geo.build_border(np.array([shapely.LineString(part) for part in parts]), CODE)
    on_vertices = np.vstack(parts)
    points = np.vstack([around(5, 30), on_vertices[:12], on_vertices[:6] + np.array([0.4, -0.3])])
    found = border.locate(points)
    for row, point in enumerate(points):
        chainages, distance = oracle.locate(parts, point)
        assert found.distance_m[row] == pytest.approx(distance, abs=6e-4)
        # A far point's foot is flat: a millimetre of distance is metres of chainage there.
        flat = 0.01 + 1e-6 * distance
        assert min(abs(found.chainage_m[row] - at) for at in chainages) < flat


def test_equal_distances_go_to_the_smaller_chainage():
    hairpin = BORDERS["hairpin"]
    border = geo.build_border(np.array([shapely.LineString(hairpin[0])]), CODE)
    # Between the lower and the upper run, at 450 m from either; the projection's scale tells some apart.
    places = np.column_stack([X0 + np.linspace(1000.0, 28_000.0, 40), np.full(40, Y0 + 450.0)])
    down = np.array([0.0, 450.0])
    lower, upper = oracle.metres(places, places - down), oracle.metres(places, places + down)
    tied = np.round(lower, 3) == np.round(upper, 3)
    assert tied.any()
    assert (border.locate(places).chainage_m[tied] < 30_000.0).all()


def test_far_away_places_are_still_found():
    border = geo.build_border(np.array([shapely.LineString(wavy(1, 40))]), CODE)
    points = np.array(
        [[X0 + 30_000.0, Y0 + away] for away in (-2_500_000.0, -300_000.0, 400_000.0, 1_500_000.0)]
    )
    found = border.locate(points)
    for row, point in enumerate(points):
        assert found.distance_m[row] == pytest.approx(
            oracle.locate([wavy(1, 40)], point)[1], rel=1e-9, abs=2e-3
        )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nearest_target_is_the_nearest_of_all_and_ties_go_to_the_smaller_id(seed):
    points = around(seed, 300)
    targets = around(seed + 10, 40)
    # Some at one place, some mirrored so that points between them are as near to either.
    targets = np.vstack([targets, targets[:8], points[:3]])
    ids = np.array([f"H{number:03d}" for number in range(len(targets))])
    found = geo.nearest(points, ids, targets, CODE)
    for row, point in enumerate(points):
        distance = np.round(oracle.metres(targets, point), 3)
        assert found.index[row] == int(np.flatnonzero(distance == distance.min())[0])
        assert found.metres[row] == pytest.approx(distance.min(), abs=1e-9)


def test_five_hundred_homes_at_one_place_still_give_the_smallest_id():
    spot = np.array([[X0, Y0]])
    crowd = spot + rng(4).uniform(-2e-4, 2e-4, (500, 2))
    ids = np.array([f"H{number:03d}" for number in range(502)])
    targets = np.vstack([[[X0 - 9000.0, Y0]], crowd, [[X0 + 9000.0, Y0]]])
    for east in (0.0, 1000.0, 4400.0):
        point = spot + np.array([east, 0.0])
        distance = np.round(oracle.metres(targets, point), 3)
        wanted = np.flatnonzero(distance == distance.min())[0]
        assert geo.nearest(point, ids, targets, CODE).index.tolist() == [wanted]


def claims(point: oracle.Xy, polygons: list[shapely.Polygon]) -> tuple[int, list[int]]:
    """Return the leader and the others by the rule itself, one polygon at a time."""
    place = shapely.Point(point)
    edge = [polygon.boundary.distance(place) <= 1e-3 for polygon in polygons]
    deep = [n for n, polygon in enumerate(polygons) if polygon.contains(place) and not edge[n]]
    if deep:
        return deep[0], deep[1:]
    return next((n for n, near in enumerate(edge) if near), -1), []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_place_belongs_to_the_zone_that_contains_it(seed):
    spread = rng(seed)
    ticks = np.array([0.0, 7000.0, 12_000.0, 20_000.0])
    polygons = [
        shapely.box(X0 + west, Y0 + south, X0 + east, Y0 + north)
        for west, east in pairwise(ticks)
        for south, north in pairwise(ticks)
    ]
    # Two overlap the others, one has a hole, one is in two pieces.
    polygons.append(shapely.box(X0 + 5000.0, Y0 + 5000.0, X0 + 9000.0, Y0 + 9000.0))
    polygons.append(polygons[4].difference(polygons[4].centroid.buffer(500.0)))
    polygons.append(
        shapely.MultiPolygon([polygons[0], shapely.box(X0 + 30_000.0, Y0, X0 + 31_000.0, Y0 + 10.0)])
    )
    order = spread.permutation(len(polygons))
    shuffled = [polygons[n] for n in order]
    ids = np.array([f"Z{rank:02d}" for rank in range(len(polygons))])
    vertices = np.vstack([shapely.get_coordinates(polygon) for polygon in shuffled])
    on_edges = np.vstack(
        [shapely.get_coordinates(polygon.boundary.interpolate(1234.5)) for polygon in shuffled]
    )
    nudged = np.vstack([on_edges + np.array([step, 0.0]) for step in (5e-4, -5e-4, 2e-3, -2e-3)])
    inner = np.array([X0, Y0]) + spread.uniform(-1000.0, 32_000.0, (400, 2))
    points = np.vstack([vertices, on_edges, nudged, inner])
    found = geo.contain(points, np.array(shuffled, dtype=object), ids)
    for row, point in enumerate(points):
        lead, others = claims(point, shuffled)
        assert found.lead[row] == lead
        assert found.extra[found.extra[:, 0] == row, 1].tolist() == others


def test_ids_decide_not_the_order_of_rows():
    polygons = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], dtype=object)
    edge = np.array([[10.0, 5.0]])
    assert geo.contain(edge, polygons, np.array(["B", "A"])).lead.tolist() == [1]
    assert geo.contain(edge, polygons, np.array(["A", "B"])).lead.tolist() == [0]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_zone_is_as_far_from_the_border_as_its_nearest_place(seed):
    line = wavy(seed, 30)
    border = geo.build_border(np.array([shapely.LineString(line)]), CODE)
    spread = rng(seed)
    zones = [
        shapely.Point(X0 + east, Y0 + north).buffer(size, quad_segs=2)
        for east, north, size in zip(
            spread.uniform(-5000, 65_000, 25),
            spread.uniform(-30_000, 30_000, 25),
            spread.uniform(200, 4000, 25),
            strict=True,
        )
    ]
    distance, ranges = border.locate_geoms(np.array(zones, dtype=object))
    for row, zone in enumerate(zones):
        samples = shapely.get_coordinates(shapely.segmentize(zone.exterior, 25.0))
        sampled = border.locate(samples).distance_m.min()
        if shapely.LineString(line).intersects(zone):
            assert distance[row] == 0.0
            continue
        # Samples 25 m apart can only be farther, and by no more than half that.
        assert sampled - 12.5 <= distance[row] <= sampled + 1e-3
        at = border.place(ranges[row][0])[0]
        plane = shapely.distance(zone, shapely.LineString(line))
        assert shapely.distance(zone, shapely.Point(at)) == pytest.approx(plane, rel=2e-4, abs=1e-2)
