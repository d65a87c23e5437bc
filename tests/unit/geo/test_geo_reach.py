"""Reach along the border: what a planner counts as covered, to the millimetre."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer

from gridmap import geo
from gridmap.geo.reach import reach_line

CODE = "EPSG:4508"
X0, Y0 = 450_000.0, 4_700_000.0
GEOD = Geod(a=6378137.0, rf=298.257222101)
LONLAT = Transformer.from_crs(CRS(CODE), CRS(CODE).geodetic_crs, always_xy=True)


def at(*places):
    return np.array([(X0 + east, Y0 + north) for east, north in places], dtype=float)


def border(*rows):
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [shapely.LineString(at(*row)) for row in rows]
    return geo.build_border(shapes, CODE)


def reached(line, place, metres):
    return reach_line(line, at(place), np.array([float(metres)]))[0]


def away(line, chainage, place):
    (x, y), (px, py) = line.place(np.array([chainage]))[0], at(place)[0]
    lon, lat = LONLAT.transform([x, px], [y, py])
    return GEOD.inv(lon[0], lat[0], lon[1], lat[1])[2]


def test_a_border_of_100_km_and_a_post_of_25_km_is_half_covered():
    # 100 km on the ground, whatever the plane makes of it.
    line = border(((-60_000, 0), (60_000, 0)))
    middle = line.length_m / 2
    cut = line.interval(middle - 50_000, middle + 50_000)
    line = geo.build_border(np.array([cut], dtype=object), CODE)
    post = line.place(np.array([50_000.0]))
    [spans] = reach_line(line, post, np.array([25_000.0]))
    assert line.length_m == pytest.approx(100_000, abs=0.002)
    assert spans == pytest.approx(np.array([[25_000, 75_000]]), abs=0.001)


def test_the_ends_are_where_the_reach_ends_to_the_millimetre():
    line = border(((0, 0), (20_000, 3_000), (30_000, -4_000), (55_000, 1_000)))
    spans = reached(line, (24_000, -6_000), 9_000)
    assert len(spans) == 1
    for end in spans[0]:
        assert away(line, end, (24_000, -6_000)) == pytest.approx(9_000, abs=0.001)
    for inner in np.linspace(*spans[0], 40):
        assert away(line, inner, (24_000, -6_000)) <= 9_000.001


def test_a_line_that_leaves_and_comes_back_is_reached_twice():
    line = border(((0, 0), (10_000, 0), (10_000, 8_000), (12_000, 8_000), (12_000, 0), (22_000, 0)))
    spans = reached(line, (11_000, -1_000), 3_000)
    assert len(spans) == 2
    assert spans[0, 1] < spans[1, 0]


def test_an_edge_with_both_ends_out_of_reach_still_dips_into_it():
    # Edges are 100 m: the circle of 30 m meets one of them between its ends.
    line = border(((0, 0), (1_000, 0)))
    spans = reached(line, (550, 20), 30)
    assert np.diff(spans[0])[0] == pytest.approx(2 * np.sqrt(30**2 - 20**2), rel=1e-4)
    assert spans[0].mean() == pytest.approx(away(line, 0.0, (550, 0)), abs=0.01)


def test_a_circle_that_only_touches_the_line_covers_nothing():
    line = border(((0, 0), (1_000, 0)))
    near = away(line, 550.0, (550, 20))
    assert len(reached(line, (550, 20), near - 1e-4)) == 0
    assert len(reached(line, (5_000, 0), 10)) == 0


def test_a_hole_between_parts_is_no_chainage():
    line = border(((0, 0), (5_000, 0)), ((6_000, 0), (11_000, 0)))
    spans = reached(line, (5_500, 0), 2_000)
    assert len(spans) == 1
    assert np.diff(spans[0])[0] == pytest.approx(3_000, abs=1.0)
    assert line.interval(*spans[0]).geom_type == "MultiLineString"


def test_where_a_loop_closes_reach_is_at_both_ends_of_the_chainage():
    ring = ((0, 0), (0, 8_000), (8_000, 8_000), (8_000, 0), (0, 0))
    line = border(ring)
    [spans] = reach_line(line, line.place(np.array([0.0])), np.array([1_000.0]))
    assert spans[0, 0] == 0.0
    assert spans[-1, 1] == line.length_m
    assert np.diff(spans).sum() == pytest.approx(2_000, abs=0.5)


def test_a_place_that_is_none_reaches_nothing_and_a_vast_reach_everything():
    line = border(((0, 0), (50_000, 9_000)))
    found = reach_line(line, np.array([[np.nan, np.nan], at((0, -900))[0]]), np.array([1e6, 1e6]))
    assert len(found[0]) == 0
    assert found[1].tolist() == [[0.0, line.length_m]]


def test_many_places_at_once_are_each_as_alone(monkeypatch):
    from gridmap.geo import reach

    rng = np.random.default_rng(5)
    line = border(tuple(zip(np.arange(0, 60_000, 5_000), rng.uniform(-4_000, 4_000, 12), strict=True)))
    places = at(*rng.uniform((0, -20_000), (60_000, 20_000), (30, 2)))
    metres = rng.uniform(500, 25_000, 30)
    together = reach_line(line, places, metres)
    monkeypatch.setattr(reach, "CHUNK", 500)
    chunked = reach_line(line, places, metres)
    for number in range(30):
        [alone] = reach_line(line, places[number : number + 1], metres[number : number + 1])
        assert together[number].tolist() == alone.tolist() == chunked[number].tolist()
