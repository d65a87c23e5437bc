"""Mending and snapping: only what is asked for, only what is wrong, and every change is told."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from gridmap.errors import ConfigError
from gridmap.exchange.rings import DEEPEST, NESTED, OPEN, from_wkt
from gridmap.geo.repair import repair
from gridmap.geo.snap import snap

CRS = "EPSG:4508"
X, Y = 420_000.0, 4_700_000.0


def square(x=0.0, y=0.0, size=1000.0):
    return box(X + x, Y + y, X + x + size, Y + y + size)


def moved(*points):
    return [(X + x, Y + y) for x, y in points]


BOW_TIE = Polygon(moved((0, 0), (1000, 1000), (1000, 0), (0, 1000), (0, 0)))


def test_what_is_right_is_left_alone():
    given = [
        square(),
        Point(X, Y),
        LineString(moved((0, 0), (1, 1))),
        None,
        Polygon(),
        MultiPolygon([square()]),
    ]
    done = repair(given, crs=CRS)
    assert done.repairs == ()
    for one, other in zip(given, done.geometry, strict=True):
        assert (one is None and other is None) or shapely.equals_identical(one, other)


def test_a_bow_tie_becomes_two_wings_and_says_its_area():
    done = repair([square(), BOW_TIE], crs=CRS)
    (one,) = done.repairs
    assert one.position == 1
    assert one.what == "made valid: Self-intersection"
    assert shapely.is_valid(done.geometry[1])
    # Its wings cancel each other out before; together they are half of the square.
    assert one.before_m2 == pytest.approx(0, abs=1)
    assert one.after_m2 == pytest.approx(500_000, rel=1e-3)


def test_a_repeated_vertex_is_dropped_and_said():
    twice = Polygon(moved((0, 0), (0, 0), (1000, 0), (1000, 1000), (1000, 1000), (0, 1000)))
    done = repair([twice], crs=CRS)
    (one,) = done.repairs
    assert one.what == "repeated vertices dropped"
    assert one.before_m2 == pytest.approx(one.after_m2)
    assert shapely.get_num_coordinates(done.geometry[0]) == 5


def test_a_polygon_stays_one():
    """A spike is no line beside the township."""
    spike = Polygon(moved((0, 0), (1000, 0), (1000, 1000), (500, 1000), (500, 3000), (500, 1000), (0, 1000)))
    done = repair([spike], crs=CRS)
    assert done.geometry[0].geom_type == "Polygon"
    assert done.geometry[0].area == pytest.approx(1_000_000)
    assert done.repairs[0].after_m2 == pytest.approx(done.repairs[0].before_m2)


def test_what_nothing_can_be_made_of_stays_as_it_is():
    nothing = Polygon(moved((0, 0), (1000, 0), (0, 0)))
    done = repair([nothing], crs=CRS)
    assert done.geometry[0] is not None
    assert done.geometry[0].geom_type == "Polygon"


def test_the_given_shapes_are_not_changed():
    given = np.array([BOW_TIE], dtype=object)
    repair(given, crs=CRS)
    assert given[0] is BOW_TIE


def test_neighbours_that_nearly_meet_are_made_to_meet():
    """Two townships a hand's breadth apart, and one that overlaps the second by as much."""
    given = [square(), square(1000.1), square(2000.0)]
    done = snap(given, crs=CRS, width_m=0.5)
    assert shapely.coverage_is_valid(done.geometry, gap_width=0.5)
    union = shapely.union_all(done.geometry)
    assert union.geom_type == "Polygon"
    assert len(union.interiors) == 0
    assert 0 < len(done.moves) <= 3
    for move in done.moves:
        assert 0 < move.moved_m <= 0.5
        assert abs(move.after_m2 - move.before_m2) < 0.2 * 1000


def test_a_coverage_in_order_is_left_alone():
    given = [square(), square(1000), square(0, 1000), None]
    done = snap(given, crs=CRS, width_m=0.5)
    assert done.moves == ()
    assert all(
        shapely.equals_identical(one, other) for one, other in zip(given[:3], done.geometry[:3], strict=True)
    )
    assert done.geometry[3] is None


def test_a_wide_gap_is_not_closed():
    done = snap([square(), square(1010)], crs=CRS, width_m=0.5)
    assert done.moves == ()


@pytest.mark.parametrize(
    ("polygons", "width", "what"),
    [
        ([square()], 0.0, "not positive"),
        ([square()], float("nan"), "not positive"),
        ([BOW_TIE], 0.5, "only valid polygons"),
        ([Point(X, Y)], 0.5, "only valid polygons"),
        # A dispute is no sliver: who owns a hundred metres is not for a tool to say.
        ([square(), square(900)], 0.5, "overlap by more"),
    ],
)
def test_what_cannot_be_snapped_is_refused(polygons, width, what):
    with pytest.raises(ConfigError, match=what) as caught:
        snap(polygons, crs=CRS, width_m=width)
    assert caught.value.code == "GM106"


# --- rings in text ---


def test_an_open_ring_is_a_fault_unless_it_may_be_closed():
    text = "POLYGON ((110 42, 110.1 42, 110.1 42.1))"
    shapes, wrong = from_wkt([text], repair=False)
    assert shapes[0] is None
    assert wrong == [(0, OPEN)]
    shapes, wrong = from_wkt([text], repair=True)
    assert wrong == []
    assert shapes[0].equals(Polygon([(110, 42), (110.1, 42), (110.1, 42.1)]))


def test_nothing_can_be_parsed_that_would_end_this_very_process():
    """Well-known text is parsed here, not in the child: a hundred thousand brackets overflow its stack."""
    deep = "GEOMETRYCOLLECTION (" * 100_000 + "POINT EMPTY" + ")" * 100_000
    shapes, wrong = from_wkt([deep, "POINT (1 2)", "(" * 10**6], repair=True)
    assert wrong == [(0, NESTED), (2, NESTED)]
    assert shapes[1].equals(Point(1, 2))
    well = "GEOMETRYCOLLECTION (" * (DEEPEST - 1) + "POINT (1 2)" + ")" * (DEEPEST - 1)
    assert from_wkt([well], repair=False)[1] == []


def test_a_curve_among_points_is_the_fault_of_its_row_alone():
    curve = "CURVEPOLYGON (CIRCULARSTRING (0 0, 1 1, 2 0, 1 -1, 0 0))"
    shapes, wrong = from_wkt(["POINT (1 2)", curve, None, " "], repair=True)
    assert shapes[0].equals(Point(1, 2))
    assert [at for at, _ in wrong] == [1]
    assert shapes[2:].tolist() == [None, None]


def test_a_shape_of_too_many_vertices_is_not_even_parsed():
    line = "LINESTRING (" + ", ".join(f"{at} 42" for at in range(11)) + ")"
    assert from_wkt([line], repair=False, most=11)[1] == []
    shapes, wrong = from_wkt([line], repair=False, most=10)
    assert shapes[0] is None
    assert "more vertices than the 10" in wrong[0][1]
