"""The border as one measured line: its course, its hash, places and stretches of it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap import geo
from gridmap.errors import AssignmentError

CODE = "EPSG:4508"
X0, Y0 = 450_000.0, 4_700_000.0


def at(*places):
    return np.array([(X0 + east, Y0 + north) for east, north in places], dtype=float)


def line(*places):
    return shapely.LineString(at(*places))


def border(*rows):
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = rows
    return geo.build_border(shapes, CODE)


def test_without_a_usable_line_there_is_nothing_to_measure_along():
    with np.errstate(invalid="ignore"):
        unplaced = shapely.from_wkt("LINESTRING (450000 NaN, 450001 4700000)")
    faulty = [
        None,
        shapely.LineString(),
        shapely.Point(X0, Y0),
        shapely.box(0, 0, 1, 1),
        line((0, 0), (0, 0)),
        unplaced,
    ]
    with pytest.raises(AssignmentError) as error:
        border(*faulty)
    assert error.value.code == "GM501"
    assert border(*faulty, line((0, 0), (100, 0))).length_m == pytest.approx(100, abs=0.1)


def test_chainage_runs_from_the_west_whichever_way_the_row_was_drawn():
    east_to_west = border(line((9000, 100), (4000, 900), (0, 0)))
    assert east_to_west.parts[0][0].tolist() == at((0, 0))[0].tolist()
    assert east_to_west.hash == border(line((0, 0), (4000, 900), (9000, 100))).hash


def test_a_line_along_one_longitude_runs_from_the_south():
    # Stored to the hundredth of a millimetre: what is left of that in the longitudes must not tip it.
    for lon in np.linspace(109.5, 112.4, 30):
        xy = np.round(geo.from_lonlat(np.array([[lon, 42.2], [lon, 42.3], [lon, 42.4]]), CODE), 5)
        for drawn in (xy, xy[::-1]):
            assert border(shapely.LineString(drawn)).parts[0][0].tolist() == xy[0].tolist()


def test_parts_run_west_to_east_and_a_hole_is_not_counted():
    west, east = line((0, 0), (3000, 0)), line((9000, 0), (5000, 0))
    made = border(east, west)
    assert len(made.parts) == 2
    assert made.length_m == pytest.approx(7000, rel=1e-3)
    seam = made.chainages[0][-1]
    assert made.chainages[1][0] == seam
    assert made.place(np.array([seam]))[0].tolist() == at((5000, 0))[0].tolist()


def test_both_sides_of_a_hole_lead_back_to_themselves():
    made = border(line((0, 0), (3000, 0)), line((5000, 0), (9000, 0)))
    ends = at((3000, 0), (5000, 0), (3000, 400), (5000, -400))
    found = made.locate(ends)
    back = made.place(found.chainage_m)
    assert geo.geodesic_distance(back, at((3000, 0), (5000, 0), (3000, 0), (5000, 0)), CODE).max() < 1e-3


def test_rows_that_touch_end_to_end_are_one_part_even_if_they_do_not_fit_to_the_last_bit():
    whole = border(line((0, 0), (3000, 500), (9000, 0)))
    cut = border(line((9000, 0), (3000, 500)), line((0, 0), (3000.0004, 500)))
    assert len(cut.parts) == 1
    assert cut.length_m == pytest.approx(whole.length_m, abs=2e-3)


def test_a_cut_in_the_middle_of_an_edge_does_not_make_another_border():
    whole = border(line((0, 0), (9000, 333)))
    cut = border(line((0, 0), (3000, 111)), line((3000, 111), (9000, 333)))
    assert cut.hash == whole.hash
    assert border(line((0, 0), (9000, 334))).hash != whole.hash


def test_a_row_that_is_there_twice_is_measured_once():
    once, twice = line((0, 0), (5000, 0)), line((5000, 0), (0, 0))
    assert border(once, twice).length_m == border(once).length_m


def test_a_loop_starts_at_its_westernmost_southernmost_vertex_and_runs_clockwise():
    lonlat = np.array([[110.6, 42.2], [110.6, 42.4], [110.4, 42.4], [110.4, 42.2], [110.6, 42.2]])
    xy = geo.from_lonlat(lonlat, CODE)
    wanted = xy[[3, 2, 1, 0, 3]]
    for ring in (xy, xy[::-1]):
        made = border(shapely.LineString(ring))
        assert made.parts[0][made.corners[0]] == pytest.approx(wanted)
    halves = border(shapely.LineString(xy[:3]), shapely.LineString(xy[2:]))
    assert halves.hash == made.hash


def test_a_loops_start_is_chainage_zero_not_its_length():
    made = border(line((0, 0), (0, 4000), (4000, 4000), (4000, 0), (0, 0)))
    start = made.parts[0][:1]
    assert made.locate(start).chainage_m.tolist() == [0.0]
    assert made.locate(start + np.array([[-500.0, 500.0]])).chainage_m.tolist() == [0.0]


def test_a_stretch_across_a_hole_has_two_parts_and_keeps_the_vertices():
    made = border(line((0, 0), (2000, 700), (3000, 0)), line((5000, 0), (9000, 0)))
    seam = made.chainages[0][-1]
    found = made.interval(1000.0, seam + 1000.0)
    assert found.geom_type == "MultiLineString"
    assert tuple(at((2000, 700))[0]) in found.geoms[0].coords[:]
    assert len(shapely.get_coordinates(found)) == 5
    assert made.interval(seam - 10.0, seam).geom_type == "LineString"
    assert made.interval(500.0, 500.0).is_empty
    assert made.interval(-5.0, made.length_m + 5.0).equals(made.geometry)


def test_left_is_north_of_a_line_that_runs_east_also_off_a_sharp_corner():
    made = border(line((0, 0), (5000, 0), (200, 900)))
    west_to_east = made.locate(at((2000, -300), (2000, 200), (2000, 0), (6000, -100), (6000, 300)))
    assert west_to_east.side.tolist() == [-1, 1, 0, -1, -1]


def test_a_place_without_position_is_nowhere():
    found = border(line((0, 0), (5000, 0))).locate(np.array([[np.nan, 1.0], [X0, Y0]]))
    assert np.isnan(found.chainage_m).tolist() == [True, False]
    assert np.isnan(found.distance_m).tolist() == [True, False]
    assert border(line((0, 0), (5000, 0))).locate(np.empty((0, 2))).chainage_m.shape == (0,)


def test_vertices_repeated_do_not_disturb():
    plain = border(line((0, 0), (2000, 300), (5000, 0)))
    stuttering = border(line((0, 0), (0, 0), (2000, 300), (2000, 300), (2000, 300), (5000, 0)))
    assert stuttering.hash == plain.hash
    assert stuttering.length_m == plain.length_m


def test_in_the_middle_of_an_arc_every_place_is_as_near_and_the_first_is_the_answer():
    lon, lat = geo.to_lonlat(at((0, 0)), CODE)[0]
    turns = np.linspace(-90.0, 90.0, 7201)
    east, north, _ = geo.geod(CODE).fwd(*np.broadcast_arrays(lon, lat, turns, 3000.0))
    arc = geo.from_lonlat(np.column_stack([east, north]), CODE)
    found = border(shapely.LineString(arc)).locate(at((0, 0)))
    assert found.distance_m == pytest.approx([3000.0], abs=1e-3)
    assert found.chainage_m[0] < 2.0


def test_a_zone_along_the_border_is_in_contact_where_it_touches():
    made = border(line((0, 0), (10_000, 0)))
    along = shapely.Polygon(at((2000, 0), (6000, 0), (6000, -3000), (2000, -3000)))
    corner = shapely.Polygon(at((7000, -1000), (8000, 0), (9000, -1000)))
    astride = shapely.Polygon(at((1000, -10), (1000, 10), (1500, 10), (1500, -10)))
    shapes = np.array([along, corner, astride, None, shapely.Polygon()], dtype=object)
    distance, ranges = made.locate_geoms(shapes)
    assert distance[:3].tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(distance[3:]).all()

    def measured(start, end):
        return made.locate(at((start, 0), (end, 0))).chainage_m.reshape(1, 2)

    assert ranges[0] == pytest.approx(measured(2000, 6000), abs=5e-3)
    assert ranges[1] == pytest.approx(measured(8000, 8000), abs=5e-3)
    assert ranges[2] == pytest.approx(measured(1000, 1500), abs=5e-3)
    assert [len(one) for one in ranges[3:]] == [0, 0]


def test_a_zone_apart_is_nearest_where_a_vertex_of_the_border_points_at_its_edge():
    made = border(line((0, 0), (5000, 800), (10_000, 0)))
    flat = shapely.Polygon(at((-20_000, 2000), (40_000, 2000), (40_000, 9000), (-20_000, 9000)))
    distance, ranges = made.locate_geoms(np.array([flat], dtype=object))
    apex, above = at((5000, 800)), at((5000, 2000))
    assert distance[0] == pytest.approx(geo.geodesic_distance(apex, above, CODE)[0], abs=2e-3)
    assert ranges[0][0, 0] == pytest.approx(made.locate(apex).chainage_m[0], abs=0.5)
