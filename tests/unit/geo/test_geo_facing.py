"""Zones apart from the border: few of their vertices are asked, in any projection, and none in vain."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS, Proj

from gridmap import geo
from gridmap.geo.facing import plane_scale

CODE = "EPSG:4508"
# Equal areas: a metre north is no more than three quarters of a metre east where the map is of Mongolia.
EQUAL_AREA, ASIA = "EPSG:6933", (10_600_000.0, 5_000_000.0)
X0, Y0 = 450_000.0, 4_700_000.0


def border(xy, code=CODE):
    return geo.build_border(np.array([shapely.LineString(xy)], dtype=object), code)


def counting(made):
    """Return a way to locate places, and how many places it was asked for, call by call."""
    asked = []

    def locate(xy):
        asked.append(len(xy))
        return made.locate(xy)

    return locate, asked


@pytest.mark.parametrize(("code", "west"), [(CODE, X0), (EQUAL_AREA, ASIA[0]), ("EPSG:3035", 4_000_000.0)])
def test_the_scale_at_the_border_holds_in_every_direction(code, west):
    xy = np.column_stack([np.linspace(west, west + 300_000.0, 900), np.linspace(3e6, 5e6, 900)])
    least, most = plane_scale((xy,), CRS(code))
    proj = Proj(code)
    factors = proj.get_factors(*proj(*xy.T, inverse=True))
    assert least <= factors.tissot_semiminor.min()
    assert most >= factors.tissot_semimajor.max()
    assert most / least <= 1.05 * factors.tissot_semimajor.max() / factors.tissot_semiminor.min()


def test_a_zone_in_the_belt_is_found_where_a_map_is_longer_across_the_border_than_along_it():
    x, y = ASIA
    made = border([(x, y), (x, y + 40_000.0)], EQUAL_AREA)
    zone = np.array([shapely.box(x + 21_000.0, y, x + 30_000.0, y + 9000.0)], dtype=object)
    distance, _ = made.locate_geoms(zone, within_m=20_000.0)
    north = np.array([(x, y + 9000.0), (x + 21_000.0, y + 9000.0)])
    metres = geo.geodesic_distance(north[:1], north[1:], EQUAL_AREA)[0]
    assert metres < 20_000.0
    assert distance[0] == pytest.approx(metres, abs=1.0)


def test_of_a_zone_with_many_vertices_few_are_asked():
    x = np.linspace(0.0, 30_000.0, 3001)
    made = border(np.column_stack([X0 + x, Y0 + 40.0 * np.sin(x / 700.0)]))
    turn = np.linspace(0.0, 2 * np.pi, 20_001)[:-1]
    around = np.column_stack([np.cos(turn), np.sin(turn)]) * 3000.0 + [X0 + 15_000.0, Y0 + 9000.0]
    locate, asked = counting(made)
    distance, ranges = made.locate_geoms(np.array([shapely.Polygon(around)]), locate=locate)
    assert sum(asked) < 20_001 / 4
    everywhere = made.locate(around)
    best = everywhere.distance_m.argmin()
    assert distance[0] == pytest.approx(everywhere.distance_m[best], abs=0.01)
    assert ranges[0][0, 0] == pytest.approx(everywhere.chainage_m[best], abs=2.0)


def test_what_is_surely_beyond_the_belt_is_not_asked_at_all():
    made = border([(X0, Y0), (X0 + 9000.0, Y0)])
    locate, asked = counting(made)
    far = np.array([shapely.box(X0, Y0 + 21_000.0, X0 + 9000.0, Y0 + 30_000.0), None, shapely.Polygon()])
    distance, ranges = made.locate_geoms(far, within_m=20_000.0, locate=locate)
    assert np.isnan(distance).all()
    assert [len(one) for one in ranges] == [0, 0, 0]
    assert not asked


def test_an_edge_may_be_nearer_than_all_that_was_found_of_a_zone():
    made = border([(X0, Y0), (X0 + 4000.0, Y0 + 300.0), (X0 + 8000.0, Y0)])
    roof = shapely.box(X0 - 30_000.0, Y0 + 700.0, X0 + 38_000.0, Y0 + 900.0)

    def only_near(xy):
        found = made.locate(xy)
        lost = ~(found.distance_m <= 400.001)
        return geo.Located(
            np.where(lost, np.nan, found.chainage_m), np.where(lost, np.nan, found.distance_m), found.side
        )

    distance, ranges = made.locate_geoms(np.array([roof]), within_m=400.001, locate=only_near)
    apex = np.array([(X0 + 4000.0, Y0 + 300.0)])
    metres = geo.geodesic_distance(apex, apex + np.array([0.0, 400.0]), CODE)[0]
    assert distance[0] == pytest.approx(metres, abs=2e-3)
    assert ranges[0][0, 0] == pytest.approx(made.locate(apex).chainage_m[0], abs=0.5)


@pytest.mark.parametrize("length", [100.0, 30_000.0])
def test_a_belt_narrower_than_an_edge_of_the_border_reaches_from_the_middle_of_the_edge(length):
    made = border([(X0, Y0), (X0 + length, Y0)])
    zone = np.array([shapely.box(X0 + 49.0, Y0 + 60.0, X0 + 51.0, Y0 + 62.0)], dtype=object)
    distance, ranges = made.locate_geoms(zone, within_m=61.0)
    assert distance[0] == pytest.approx(60.0, abs=0.1)
    assert ranges[0][0, 0] == pytest.approx(50.0, abs=1.1)


def test_a_narrow_belt_says_what_a_wide_one_says_or_nothing():
    """Vertices of far zones are left out: what was found of them until then is no distance."""
    x = np.linspace(0.0, 60_000.0, 400)
    made = border(np.column_stack([X0 + x, Y0 + 900.0 * np.sin(x / 4000.0)]))
    rng = np.random.default_rng(4)
    zones = np.array(
        [
            shapely.Point(X0 + east, Y0 + 1500.0 + north).buffer(400.0, quad_segs=40)
            for east, north in zip(rng.uniform(0, 6e4, 40), rng.uniform(0, 9e3, 40), strict=True)
        ]
    )
    whole, where = made.locate_geoms(zones)
    for within in (1500.0, 3000.0, 6000.0):
        found, ranges = made.locate_geoms(zones, within_m=within)
        inside = whole <= within
        assert 0 < inside.sum() < len(zones)
        np.testing.assert_array_equal(found[inside], whole[inside])
        assert np.isnan(found[~inside]).all()
        assert all(np.array_equal(ranges[row], where[row]) for row in np.flatnonzero(inside))


def test_a_zone_that_is_nowhere_spoils_no_other():
    made = border([(X0, Y0), (X0 + 20_000.0, Y0)])
    # Turned, so that the nearest vertex is none of those that are asked first.
    good = shapely.affinity.rotate(shapely.Point(X0 + 10_000.0, Y0 + 1000.0).buffer(500.0, quad_segs=64), 11)
    with np.errstate(invalid="ignore"):
        nowhere = shapely.LineString([(X0, Y0 + 2000.0), (np.nan, np.nan), (X0, Y0 + 3000.0)])
    alone, _ = made.locate_geoms(np.array([good]))
    distance, _ = made.locate_geoms(np.array([good, nowhere, good]))
    assert distance[[0, 2]].tolist() == [alone[0], alone[0]]


def test_points_that_belong_together_are_no_line_between_them():
    made = border([(X0, Y0), (X0 + 10_000.0, Y0)])
    beside = shapely.MultiPoint([(X0 + 100.0, Y0 - 3000.0), (X0 + 100.0, Y0 + 5000.0)])
    at_its_ends = shapely.MultiPoint([(X0, Y0), (X0 + 10_000.0, Y0)])
    for points, away in ((beside, 3000.0), (at_its_ends, 0.0)):
        deep = shapely.GeometryCollection([shapely.GeometryCollection([points])])
        distance, ranges = made.locate_geoms(np.array([points, deep], dtype=object))
        assert distance == pytest.approx([away, away], abs=1.0)
        assert ranges[1] == pytest.approx(ranges[0], abs=1e-6)
        assert (np.diff(ranges[0], axis=1) == 0.0).all()


def test_of_places_as_near_on_the_map_the_nearest_on_the_ground_is_found():
    x, y = 320_000.0, 5_600_000.0
    made = border([(x, y), (x, y + 20.0)])
    around = shapely.Point(x, y + 10.0).buffer(34_000.0, quad_segs=16).exterior
    distance, _ = made.locate_geoms(np.array([around], dtype=object))
    every = shapely.get_coordinates(shapely.segmentize(around, 5.0))
    assert distance[0] <= made.locate(every).distance_m.min() + 0.001


def test_what_is_empty_in_a_collection_is_left_out():
    made = border([(X0, Y0), (X0 + 10_000.0, Y0)])
    place = shapely.Point(X0 + 100.0, Y0 - 3000.0)
    nothing = [shapely.Point(), shapely.LineString(), shapely.Polygon(), shapely.GeometryCollection()]
    several = [shapely.GeometryCollection(some) for one in nothing for some in ([place, one], [one, place])]
    alone, _ = made.locate_geoms(np.array([place], dtype=object))
    assert made.locate_geoms(np.array(several, dtype=object))[0].tolist() == [alone[0]] * len(several)


def test_empty_members_of_a_shape_neither_crash_nor_count():
    made = border([(X0, Y0), (X0 + 3000.0, Y0)])
    square, line = (
        shapely.box(X0 + 10.0, Y0 - 10.0, X0 + 50.0, Y0 + 10.0),
        [(X0, Y0 + 300.0), (X0 + 1200.0, Y0)],
    )
    odd = [
        shapely.GeometryCollection([shapely.Polygon(), square, square]),
        shapely.GeometryCollection([shapely.GeometryCollection([shapely.Polygon(), square]), square]),
        shapely.from_wkt(f"MULTILINESTRING(EMPTY,({line[0][0]} {line[0][1]},{line[1][0]} {line[1][1]}))"),
    ]
    distance, ranges = made.locate_geoms(np.array([*odd, square, shapely.LineString(line)], dtype=object))
    assert distance.tolist() == [0.0] * 5
    for odd_one, plain in ((0, 3), (1, 3), (2, 4)):
        assert ranges[odd_one] == pytest.approx(ranges[plain], abs=1e-6)


def test_a_border_touched_twice_within_a_few_metres_is_touched_twice():
    made = border([(X0, Y0), (X0 + 3000.0, Y0)])
    tooth = shapely.Polygon([(X0 + x, Y0 + y) for x, y in [(10, 0), (20, 10), (30, 0), (30, 20), (10, 20)]])
    dots = shapely.MultiPoint([(X0 + 10.0, Y0), (X0 + 30.0, Y0)])
    across = shapely.LineString([(X0 + 5.0, Y0 + 5.0), (X0 + 15.0, Y0 - 5.0), (X0 + 35.0, Y0 + 5.0)])
    _, ranges = made.locate_geoms(np.array([tooth, dots, across], dtype=object))
    for found, places in zip(ranges, [(10.0, 30.0), (10.0, 30.0), (10.0, 25.0)], strict=True):
        assert found.shape == (2, 2)
        assert found[:, 0] == pytest.approx(places, abs=0.01)
        assert found[:, 1] == pytest.approx(places, abs=0.01)


def test_a_collection_touches_as_its_parts_do():
    made = border([(X0, Y0), (X0 + 3000.0, Y0)])
    corners = [(X0 + x, Y0 + y) for x, y in [(10, -5), (20, 5), (30, -5)]]
    line, square = shapely.LinearRing(corners), shapely.box(X0 + 500.0, Y0, X0 + 530.0, Y0 + 10.0)
    both = shapely.GeometryCollection([line, shapely.GeometryCollection([square])])
    distance, ranges = made.locate_geoms(np.array([both, line, square], dtype=object))
    assert distance.tolist() == [0.0] * 3
    assert ranges[0] == pytest.approx(np.vstack(ranges[1:]), abs=1e-6)


def test_a_foot_in_the_midst_of_an_edge_is_found_at_any_distance():
    """Ends far to either side of the foot are hardly farther than the foot, seen from far away."""
    made = border([(X0 - 400.0, Y0 - 300.0), (X0, Y0), (X0 + 400.0, Y0 - 300.0)])
    for away in (1.0, 30.0, 400.0, 3000.0, 30_000.0):
        for aside in (-200.0, -3.0, 0.0, 40.0):
            ends = [(X0 - 230.0 + aside, Y0 + away), (X0 + 230.0 + aside, Y0 + away)]
            foot = made.locate(np.array([(X0, Y0 + away)]))
            distance, ranges = made.locate_geoms(np.array([shapely.LineString(ends)]), within_m=50_000.0)
            assert distance == pytest.approx(foot.distance_m, abs=1e-3)
            assert ranges[0][0] == pytest.approx(foot.chainage_m[0], abs=2e-3)
