"""Laws of coverage that hold whatever the border, the keepers and the homes are."""

from __future__ import annotations

import coverage_oracle
import geo_oracle as oracle
import numpy as np
import pytest
import shapely
from geo_oracle import CODE, X0, Y0
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap import geo
from gridmap.analyse.cover import cover
from gridmap.analyse.demand import Demand, Homes, Posts
from gridmap.analyse.depth import depth
from gridmap.analyse.distance import by_distance
from gridmap.analyse.gaps import Slivers, gaps
from gridmap.analyse.losses import gain, losses
from gridmap.geo.reach import reach_line

FEW = settings(max_examples=12, deadline=None)
SOME = 40
MANY = 1_000


def random_border(rng):
    """Return the parts of a border that wanders east, with sharp turns, sometimes with a hole."""
    parts, east = [], 0.0
    for _ in range(rng.integers(1, 3)):
        count = int(rng.integers(2, 10))
        steps = np.cumsum(rng.uniform(300, 6_000, count)) + east
        parts.append(np.column_stack([X0 + steps, Y0 + rng.uniform(-6_000, 6_000, count)]))
        east = float(steps[-1]) + 2_000
    return parts


def compare_with_samples(seed):
    rng = np.random.default_rng(seed)
    parts = random_border(rng)
    line = geo.build_border(np.array([shapely.LineString(one) for one in parts], dtype=object), CODE)
    posts = rng.uniform((X0, Y0 - 15_000), (X0 + 50_000, Y0 + 15_000), (3, 2))
    reach = rng.uniform(400, 20_000, 3)
    found = reach_line(line, posts, reach)
    wanted = [coverage_oracle.within(parts, post, metres) for post, metres in zip(posts, reach, strict=True)]
    for one, other in zip(found, wanted, strict=True):
        assert coverage_oracle.difference_m(one, other) < 1.0
    united = [span for one in wanted for span in one]
    assert coverage_oracle.difference_m(np.vstack(found), united) < 1.0


@pytest.mark.parametrize("seed", range(SOME))
def test_intervals_agree_with_dense_samples(seed):
    compare_with_samples(seed)


@pytest.mark.stress
@pytest.mark.parametrize("seed", range(SOME, SOME + MANY))
def test_intervals_agree_with_dense_samples_on_many_borders(seed):
    compare_with_samples(seed)


def test_intervals_agree_with_finely_segmented_buffers():
    """The way of a plane: good to the projection's scale, but where the circle only touches the line."""
    rng = np.random.default_rng(11)
    east = np.arange(0, 120_000, 4_000.0)
    drawn = np.column_stack([X0 + east, Y0 + np.cumsum(rng.normal(0, 1_500, len(east)))])
    line = geo.build_border(np.array([shapely.LineString(drawn)], dtype=object), CODE)
    posts = rng.uniform((X0, Y0 - 12_000), (X0 + 115_000, Y0 + 12_000), (60, 2))
    reach = rng.uniform(2_000, 15_000, 60)
    scale = line.geometry.length / line.length_m
    compared = 0
    for post, metres, spans in zip(posts, reach, reach_line(line, posts, reach), strict=True):
        circle = shapely.Point(post).buffer(metres * scale, quad_segs=1_024)
        in_plane = shapely.intersection(line.geometry, circle)
        vertices = np.abs(
            oracle.metres(shapely.get_coordinates(line.geometry.segmentize(20.0)), post) - metres
        )
        crossings = len(shapely.get_parts(in_plane)) * 2
        # Away from tangents: the line passes through the circle, it does not run along it.
        if np.count_nonzero(vertices < 30.0) <= crossings * 4:
            compared += 1
            assert np.diff(spans).sum() == pytest.approx(in_plane.length / scale, abs=8.0)
    assert compared > 40


def test_areas_agree_with_a_quadrature_over_the_ellipsoid():
    rng = np.random.default_rng(2)
    posts = rng.uniform((X0, Y0), (X0 + 50_000, Y0 + 30_000), (5, 2))
    reach = rng.uniform(9_000, 20_000, 5)
    west, south, east, north = box = (112.85, 42.25, 113.55, 42.65)
    wanted = coverage_oracle.areas(oracle.lonlat(posts), reach, box)
    assert wanted[2] > 1e7
    steps = np.linspace(0.0, 1.0, 4_001)
    ring = np.vstack(
        [
            np.column_stack([west + (east - west) * steps, np.full_like(steps, south)]),
            np.column_stack([np.full_like(steps, east), south + (north - south) * steps]),
            np.column_stack([east - (east - west) * steps, np.full_like(steps, north)]),
            np.column_stack([np.full_like(steps, west), north - (north - south) * steps]),
        ]
    )
    inside = shapely.Polygon(geo.from_lonlat(ring, CODE))
    demand = Demand(CODE, None, 1.0, inside, np.empty(0, dtype=object), no_homes())
    keepers = posts_at(posts, stronghold=np.zeros(5, dtype=bool))
    found = cover(demand, keepers, by_distance(demand, keepers, reach)).area
    assert found.at_least_m2 == pytest.approx(wanted, rel=1e-6)


def no_homes():
    return Homes(np.empty(0, dtype=object), np.empty((0, 2)), np.empty(0, dtype=np.int64))


def posts_at(xy, *, stronghold):
    kind = np.where(stronghold, "household", "outpost").astype(object)
    ids = np.array([f"P{number:03d}" for number in range(len(xy))], dtype=object)
    return Posts(kind, ids, np.full(len(xy), None, dtype=object), xy, ~stronghold)


@st.composite
def areas(draw):
    """Draw a border, a jurisdiction behind it with two zones, homes, and keepers with their reach."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    drawn = random_border(rng)
    line = geo.build_border(np.array([shapely.LineString(one) for one in drawn], dtype=object), CODE)
    whole = shapely.box(X0, Y0 - 30_000, X0 + 40_000, Y0)
    zones = np.array(
        [
            shapely.box(X0, Y0 - 30_000, X0 + 18_000, Y0),
            shapely.box(X0 + 18_000, Y0 - 20_000, X0 + 40_000, Y0),
        ]
    )
    count = draw(st.integers(0, 40))
    xy = rng.uniform((X0, Y0 - 30_000), (X0 + 40_000, Y0), (count, 2))
    xy[rng.random(count) < 0.1] = np.nan
    ids = np.array([f"H{number:03d}" for number in range(count)], dtype=object)
    demand = Demand(CODE, line, 9_000.0, whole, zones, Homes(ids, xy, rng.integers(0, 7, count)))
    keepers = draw(st.integers(0, 8))
    places = rng.uniform((X0 - 5_000, Y0 - 32_000), (X0 + 45_000, Y0 + 4_000), (keepers, 2))
    posts = posts_at(places, stronghold=np.arange(keepers) >= keepers // 2)
    return demand, posts, rng.uniform(500, 16_000, keepers)


def covered(demand, posts, reach):
    return cover(demand, posts, by_distance(demand, posts, reach))


@given(areas())
@FEW
def test_what_is_covered_and_what_is_not_make_the_whole(drawn):
    demand, posts, reach = drawn
    reached = by_distance(demand, posts, reach)
    found = cover(demand, posts, reached)
    line, area, point = found.line, found.area, found.point
    gap_mm = sum(round((stop - start) * 1000) for start, stop in line.gaps)
    assert round(line.covered_m * 1000) + gap_mm == round(line.total_m * 1000)
    assert line.total_m == pytest.approx(demand.border.length_m, abs=0.001)
    uncovered = geo.geodesic_area(np.array([area.uncovered], dtype=object), CODE)[0]
    assert area.covered_m2 + uncovered == pytest.approx(area.total_m2, abs=1.0)
    assert point.covered + len(point.uncovered) == point.total == len(demand.homes.ids)
    deep = depth(demand, posts, reached)
    assert deep.m2.sum() == pytest.approx(area.total_m2, abs=0.01)
    assert deep.faces["m2"].sum() == pytest.approx(area.total_m2, abs=1.0)


@given(areas())
@FEW
def test_homes_are_counted_one_by_one(drawn):
    demand, posts, reach = drawn
    found = by_distance(demand, posts, reach).homes
    for row, place in enumerate(demand.homes.xy):
        near = []
        if np.isfinite(place).all():
            away = oracle.metres(posts.xy, place)
            near = [n for n in np.flatnonzero(posts.stronghold) if round(away[n], 3) <= reach[n]]
        assert found.count[row] == len(near)
        assert found.only[row] == (near[0] if len(near) == 1 else -1)


@pytest.mark.parametrize("reach", [300.0, 20_000.0, 400_000.0])
def test_a_limit_is_met_to_the_millimetre(reach):
    """Homes a hair within and beyond the limit, where a chord cannot tell."""
    rng = np.random.default_rng(8)
    places = rng.uniform((X0 - 90_000, Y0 - 90_000), (X0 + 90_000, Y0 + 90_000), (12, 2))
    posts = posts_at(places, stronghold=np.ones(12, dtype=bool))
    off = np.tile([-0.02, -0.0006, -0.0004, 0.0004, 0.0006, 0.02], 50)
    lon, lat = oracle.lonlat(places[rng.integers(0, 12, 300)]).T
    there = oracle.GEOD.fwd(lon, lat, rng.uniform(0, 360, 300), reach + off)
    xy = geo.from_lonlat(np.column_stack(there[:2]), CODE)
    ids = np.array([f"H{number:03d}" for number in range(300)], dtype=object)
    demand = Demand(
        CODE, None, 1.0, None, np.empty(0, dtype=object), Homes(ids, xy, np.ones(300, dtype=np.int64))
    )
    count = by_distance(demand, posts, np.full(12, reach)).homes.count
    wanted = sum((np.round(oracle.metres(xy, place), 3) <= reach).astype(int) for place in places)
    assert count.tolist() == wanted.tolist()
    assert (count[off <= 0.0004] > 0).all()


@given(areas(), st.randoms(use_true_random=False))
@FEW
def test_one_keeper_more_never_lowers_coverage(drawn, random):
    demand, posts, reach = drawn
    if not len(posts.ids):
        return
    chosen = np.array([random.random() < 0.6 for _ in posts.ids])
    few, all_of_them = covered(demand, posts.only(chosen), reach[chosen]), covered(demand, posts, reach)
    assert few.line.covered_m <= all_of_them.line.covered_m
    assert few.point.covered <= all_of_them.point.covered
    assert few.point.persons_covered <= all_of_them.point.persons_covered
    # The overlay rounds coordinates to a millionth of a millimetre.
    assert (few.area.at_least_m2 <= all_of_them.area.at_least_m2 + 0.1).all()


@given(areas())
@FEW
def test_a_loss_is_what_coverage_without_the_keeper_is_less(drawn):
    demand, posts, reach = drawn
    reached = by_distance(demand, posts, reach)
    found = cover(demand, posts, reached)
    table = losses(found, demand, posts, reached).set_index("keeper")
    for number, name in enumerate(posts.names):
        rest = np.arange(len(posts.ids)) != number
        fewer = covered(demand, posts.only(rest), reach[rest])
        row = table.loc[name]
        assert row["metres"] == pytest.approx(found.line.covered_m - fewer.line.covered_m, abs=1e-6)
        assert row["homes"] == found.point.covered - fewer.point.covered
        assert row["persons"] == found.point.persons_covered - fewer.point.persons_covered
        assert row["m2"] == pytest.approx(found.area.covered_m2 - fewer.area.covered_m2, abs=1.0)
        alone = posts.only(~rest)
        added = gain(fewer, demand, alone, by_distance(demand, alone, reach[~rest]))
        assert added.metres == pytest.approx(row["metres"], abs=1e-6)
        assert (added.homes, added.persons) == (row["homes"], row["persons"])
        assert added.m2 == pytest.approx(row["m2"], abs=1.0)


@given(areas())
@FEW
def test_a_gap_is_out_of_reach(drawn):
    demand, posts, reach = drawn
    listed = gaps(covered(demand, posts, reach), demand, posts, slivers=Slivers(1.0, 0.01))
    for one in listed.itertuples():
        if not np.isfinite(one.lon):
            # A household without a position is listed, and nobody is near.
            assert (one.layer, one.geometry) == ("point", None)
            continue
        away = oracle.metres(posts.xy, geo.from_lonlat(np.array([[one.lon, one.lat]]), CODE))
        mine = {"line": posts.line, "area": np.ones(len(reach), bool), "point": posts.stronghold}[one.layer]
        # A disc's polygon is off by some centimetres at its vertices.
        assert (away[mine] > reach[mine] - (1.0 if one.layer == "area" else 0.001)).all()
        if mine.any():
            assert one.metres == pytest.approx(away[mine].min(), abs=0.001)
