"""Distances, lengths, areas and bearings are those of the ellipsoid."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer

from gridmap import geo

CODE = "EPSG:4508"
GEOD = Geod(a=6378137.0, rf=298.257222101)
LONLAT = Transformer.from_crs(CRS(CODE), CRS(CODE).geodetic_crs, always_xy=True)
HERE = np.array([[450_000.0, 4_700_000.0]])


def test_distance_is_pyprojs():
    there = HERE + np.array([[3000.0, -7000.0]])
    a, b = LONLAT.transform(*HERE[0]), LONLAT.transform(*there[0])
    assert geo.geodesic_distance(HERE, there, CODE)[0] == pytest.approx(GEOD.inv(*a, *b)[2], rel=1e-12)


def test_a_place_without_position_has_no_distance_and_spoils_no_other():
    places = np.vstack([HERE, [[np.nan, 1.0]], HERE + 1000.0])
    found = geo.geodesic_distance(places, np.vstack([HERE] * 3), CODE)
    assert np.isnan(found).tolist() == [False, True, False]
    assert found[0] == 0.0


@pytest.mark.parametrize(("east", "north", "wanted"), [(0, 1, 0), (1, 0, 90), (0, -1, 180), (-1, 0, 270)])
def test_bearing_counts_clockwise_from_true_north(east, north, wanted):
    middle = geo.from_lonlat(np.array([[111.0, 42.0]]), CODE)
    there = geo.from_lonlat(np.array([[111.0 + east * 0.01, 42.0 + north * 0.01]]), CODE)
    turn = geo.bearing(middle, there, CODE)[0]
    assert 0.0 <= turn < 360.0
    assert min(abs(turn - wanted), 360.0 - abs(turn - wanted)) < 0.01


def test_bearing_to_the_place_itself_is_north_rather_than_noise():
    assert geo.bearing(HERE, HERE, CODE).tolist() == [0.0]


def test_millimetres_have_no_negative_zero():
    rounded = geo.round_mm([-1e-9, 1.0004, 1.0006])
    assert rounded.tolist() == [0.0, 1.0, 1.001]
    assert not np.signbit(rounded[0])


def test_nothing_measures_nothing():
    shapes = np.array([None, shapely.LineString(), shapely.Polygon(), shapely.Point(1, 2)], dtype=object)
    assert geo.geodesic_length(shapes, CODE).tolist() == [0.0] * 4
    assert geo.geodesic_area(shapes, CODE).tolist() == [0.0] * 4
    assert geo.geodesic_length(np.array([], dtype=object), CODE).tolist() == []
    assert geo.geodesic_area(np.array([], dtype=object), CODE).tolist() == []


def test_a_line_without_length_is_measured_not_refused():
    spot = (450_000.0, 4_700_000.0)
    stuck = shapely.LineString([spot, spot])
    lines = np.array(
        [stuck, shapely.MultiLineString([stuck, [spot, (450_100.0, 4_700_000.0)]])], dtype=object
    )
    assert geo.geodesic_length(lines, CODE) == pytest.approx([0.0, 100.0], abs=0.1)
    assert geo.densify(lines, 10.0)[0].equals_exact(stuck, 0.0)


def test_a_thin_polygon_with_a_hole_keeps_its_area():
    # Densified as one polygon, GEOS takes this one apart.
    east, north = 650_000.0, 4_700_000.0
    shell = [(east, north + 3751.0), (east + 39.0, north), (east, north)]
    hole = [(east + 27.3, north + 1125.3), (east + 11.7, north + 2625.7), (east + 11.7, north + 1125.3)]
    holed = np.array([shapely.Polygon(shell, [hole])])
    assert [(one.geom_type, len(one.interiors)) for one in geo.densify(holed, 200.0)] == [("Polygon", 1)]
    found = geo.geodesic_area(holed, CODE)[0]
    parts = geo.geodesic_area(np.array([shapely.Polygon(shell), shapely.Polygon(hole)]), CODE)
    assert found == pytest.approx(parts[0] - parts[1], rel=1e-7)
    assert found == pytest.approx(39.0 * 3751.0 / 2 * 0.84, rel=0.01)


def test_small_and_large_polygons_are_measured_alike():
    sizes = np.array([1990.0, 2010.0])
    squares = shapely.box(700_000.0, 4_700_000.0, 700_000.0 + sizes, 4_700_000.0 + sizes)
    areas = geo.geodesic_area(squares, CODE) / sizes**2
    assert areas[0] == pytest.approx(areas[1], rel=2e-6)


def test_densify_keeps_vertices_and_bounds_edges():
    line = shapely.LineString([(0, 0), (1000, 0), (1000, 30)])
    ring = shapely.Polygon([(0, 0), (900, 0), (900, 900)], [[(800, 100), (850, 100), (850, 150)]])
    dense = geo.densify(np.array([line, ring, None], dtype=object), 100.0)
    assert set(line.coords) <= set(dense[0].coords)
    assert dense[2] is None
    assert dense[1].equals(ring)
    steps = np.diff(shapely.get_coordinates(dense[0]), axis=0)
    assert np.hypot(*steps.T).max() <= 100.0 + 1e-9
