"""Travel over open country: what a planner would believe of a house, a river, a ford and a track."""

from __future__ import annotations

import heapq
import math
import time

import numpy as np
import pytest
import shapely

from gridmap.geo import geodesic_distance, travel
from gridmap.geo.heights import Heights

CRS = "EPSG:4508"
CELL = 200.0
WEST, SOUTH = 400_000.0, 4_600_000.0
WALK = travel.Going(speed_kmh=3.6)  # one metre a second: seconds are metres
NONE = np.empty(0, dtype=object)


def plane(size: int = 30) -> travel.Lattice:
    return travel.covering((WEST, SOUTH, WEST + size * CELL, SOUTH + size * CELL), cell=CELL, crs=CRS)


def at(*xy: tuple[float, float]) -> np.ndarray:
    """Return places by cells east and north of the corner."""
    return np.array([[WEST + x * CELL, SOUTH + y * CELL] for x, y in xy], dtype=float)


def line(*xy: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(at(*xy))


def shapes(*given) -> np.ndarray:
    made = np.empty(len(given), dtype=object)
    made[:] = given
    return made


def net(lattice=None, *, going=WALK, ground=None, bars=(), tracks=(), fords=()):
    surface = travel.surface(lattice or plane(), going, ground or travel.Ground())
    return travel.build(
        surface,
        bars=shapes(*bars),
        lines=shapes(*(one for one, _ in tracks)),
        speed_kmh=np.array([speed for _, speed in tracks], dtype=float),
        fords=at(*fords) if fords else np.empty((0, 2)),
    )


def seconds(network, start, end) -> float:
    posts, xy = at(start), at(end)
    return float(travel.places(network, xy, posts).quickest(travel.field(network, posts)).seconds[0])


def test_open_country_is_never_quicker_than_the_straight_way_and_2_8_percent_longer_at_worst():
    lattice = plane(121)
    post = at((60.5, 60.5))
    found = travel.field(net(lattice), post).seconds[: lattice.size]
    centres = lattice.centres()
    straight = geodesic_distance(np.broadcast_to(post, centres.shape), centres, CRS)
    away = straight > 0
    ratio = found[away] / straight[away]
    assert ratio.min() >= 1 - 2e-6
    assert ratio.max() <= 1.028
    # The bound is reached, or the test would say nothing of it.
    assert ratio.max() > 1.027


def test_places_off_the_centres_pay_the_same_and_a_tenth_of_a_cell():
    lattice = plane(121)
    rng = np.random.default_rng(6)
    post, xy = at((60.81, 60.17)), at(*rng.uniform(1, 120, (5_000, 2)))
    network = net(lattice)
    found = travel.places(network, xy, post).quickest(travel.field(network, post)).seconds
    straight = geodesic_distance(np.broadcast_to(post, xy.shape), xy, CRS)
    assert (found >= straight * (1 - 2e-6)).all()
    assert (found <= straight * 1.028 + 0.1 * CELL).all()
    far = straight > 50 * CELL
    assert (found[far] <= straight[far] * 1.028).all()


def test_a_house_256_m_off_the_track_is_neither_at_no_minutes_nor_out_of_reach():
    network = net(tracks=[(line((2, 10), (28, 10)), 36.0)])
    on_it = seconds(network, (3, 10), (20, 10))
    house = seconds(network, (3, 10), (20, 10 + 256 / CELL))
    assert on_it == pytest.approx(17 * CELL / 10, rel=0.01)
    # The leg is a quarter of an hour's walk's fifteenth: 256 m at a metre a second, less what cutting saves.
    assert 200 < house - on_it <= 257


RIVERS = {
    "along a column": line((10.3, -1), (10.3, 31)),
    "on the lattice's own line": line((10, -1), (10, 31)),
    "through the centres": line((10.5, -1), (10.5, 31)),
    "diagonal": line((-1, -1.2), (31, 30.8)),
    "diagonal through the corners": line((-1, -1), (31, 31)),
    "as a knight moves": line((2.1, -1), (18.1, 31)),
    "winding": line(*((10 + 2 * math.sin(y), y) for y in np.linspace(-1, 31, 200))),
}


@pytest.mark.parametrize("river", RIVERS.values(), ids=RIVERS)
def test_a_river_without_a_ford_separates(river):
    lattice = plane()
    network = net(lattice, bars=[river])
    found = travel.field(network, at((1.2, 29.1))).seconds[: lattice.size]
    centres = np.asarray(shapely.points(lattice.centres()))
    box = shapely.box(*at((0, 0)).ravel(), *at((30, 30)).ravel())
    banks = list(shapely.ops.split(box, river).geoms)
    mine = next(one for one in banks if one.contains(shapely.Point(at((1.2, 29.1))[0])))
    here = shapely.contains(mine.buffer(-1e-6), centres)
    there = ~shapely.intersects(mine.buffer(1e-6), centres)
    assert np.isfinite(found[here]).all()
    assert np.isinf(found[there]).all()
    assert there.sum() > 50


def test_a_ford_joins_and_costs_the_way_to_it():
    river = line((10.3, -1), (10.3, 31))
    assert math.isinf(seconds(net(bars=[river]), (5, 25), (15, 25)))
    forded = seconds(net(bars=[river], fords=[(10.3, 5)]), (5, 25), (15, 25))
    assert forded == pytest.approx(2 * math.hypot(5.3, 20) * CELL, rel=0.04)


def test_a_ford_lets_across_its_own_river_and_no_other():
    rivers = [line((10.3, -1), (10.3, 31)), line((11.2, -1), (11.2, 31))]
    assert math.isinf(seconds(net(bars=rivers, fords=[(10.3, 5)]), (5, 5), (15, 5)))


def test_a_track_crosses_a_river_and_a_track_that_is_closed_does_not():
    river, track = line((10.3, -1), (10.3, 31)), line((5, 8), (15, 8))
    assert seconds(net(bars=[river], tracks=[(track, 36.0)]), (5, 8), (15, 8)) == pytest.approx(200, rel=0.02)
    assert math.isinf(seconds(net(bars=[river]), (5, 8), (15, 8)))


def test_a_place_on_the_water_is_reached_from_either_side():
    network = net(bars=[line((10, -1), (10, 31))])
    assert math.isfinite(seconds(network, (5, 10), (10, 10)))
    assert math.isfinite(seconds(network, (15, 10), (10, 10)))


def test_a_lake_thinner_than_a_cell_bars_too_and_a_home_in_it_is_not_given_up():
    lake = shapely.box(*at((10.1, -1)).ravel(), *at((10.4, 31)).ravel())
    ground = travel.Ground(land=shapes(lake), share=np.array([0.0]))
    network = net(ground=ground, bars=[lake])
    assert math.isinf(seconds(network, (5, 10), (15, 10)))
    assert math.isfinite(seconds(network, (5, 10), (10.3, 10)))


@pytest.mark.parametrize("wall", [[(10, row) for row in range(31)], [(row, row) for row in range(31)]])
def test_barred_cells_are_not_jumped(wall):
    """One cell thick, straight or touching at corners only: neither a diagonal step nor a knight's passes."""
    cells = shapely.union_all(
        [shapely.box(*at((x, y)).ravel(), *at((x + 1, y + 1)).ravel()) for x, y in wall]
    )
    network = net(ground=travel.Ground(shut=shapes(cells.buffer(-10))))
    assert math.isinf(seconds(network, (3.5, 20.5), (20.5, 3.5)))
    assert math.isinf(seconds(network, (wall[9][0] - 0.1, 9.6), (wall[9][0] + 1.1, 8.9)))


def test_where_pieces_of_land_overlap_the_slower_counts():
    whole = shapely.box(*at((-1, -1)).ravel(), *at((31, 31)).ravel())
    ground = travel.Ground(land=shapes(whole, whole), share=np.array([0.25, 0.5]))
    network = net(ground=ground)
    assert seconds(network, (5.5, 5.5), (15.5, 5.5)) == pytest.approx(10 * CELL / 0.25, rel=1e-3)


def test_tracks_join_where_they_cross_and_where_they_end_within_a_metre_of_each_other():
    bars = [line((-1, 3), (31, 3)), line((-1, 20), (31, 20))]  # nothing but tracks between
    crossing = [(line((5, 1), (5, 25)), 36.0), (line((1, 10), (9, 10)), 36.0)]
    assert math.isfinite(seconds(net(bars=bars, tracks=crossing), (5, 1), (1, 10)))
    touching = [(line((5, 1), (5, 10)), 36.0), (line((5, 10 + 0.8 / CELL), (5, 25)), 36.0)]
    assert seconds(net(bars=bars, tracks=touching), (5, 1), (5, 25)) == pytest.approx(480, rel=0.02)
    apart = [(line((5, 1), (5, 2.5)), 36.0), (line((5, 2.6), (5, 2.9)), 36.0)]
    assert math.isinf(seconds(net(bars=bars, tracks=apart), (5, 1), (5, 25)))


def test_a_winding_track_has_its_own_length_and_a_slow_one_is_left():
    zigzag = line(*((2 + step, 10 + 3 * (step % 2)) for step in range(21)))
    quick = seconds(net(tracks=[(zigzag, 36.0)]), (2, 10), (22, 10))
    assert quick == pytest.approx(20 * math.hypot(1, 3) * CELL / 10, rel=0.02)
    slow = seconds(net(tracks=[(zigzag, 0.5)]), (2, 10), (22, 10))
    assert slow == pytest.approx(20 * CELL, rel=0.03)


def test_uphill_takes_longer_than_downhill_and_a_ridge_is_not_jumped():
    rows = np.arange(40)[:, None]
    slope = Heights(WEST - 5 * CELL, SOUTH + 35 * CELL, CELL, np.repeat(20.0 * (40 - rows), 40, axis=1))
    going = travel.Going(3.6, slope_decay=3.5, slope_ease=0.05)
    network = net(going=going, ground=travel.Ground(relief=slope))
    up, down = seconds(network, (10.5, 5.5), (10.5, 20.5)), seconds(network, (10.5, 20.5), (10.5, 5.5))
    # Tobler: a slope of 0.1 up multiplies by exp(3.5 * 0.1), down by exp(3.5 * 0).
    assert up == pytest.approx(15 * CELL * math.exp(0.35), rel=1e-3)
    assert down == pytest.approx(15 * CELL, rel=1e-3)
    ridge = np.zeros((40, 40))
    ridge[20] = 300.0
    wall = net(
        going=travel.Going(3.6, slope_most=0.5),
        ground=travel.Ground(relief=Heights(WEST - 5 * CELL, SOUTH + 35 * CELL, CELL, ridge)),
    )
    assert math.isinf(seconds(wall, (10.5, 5.5), (10.5, 25.5)))


def test_without_heights_where_the_grid_ends_the_ground_is_level():
    part = Heights(WEST, SOUTH + 10 * CELL, CELL, np.full((5, 5), 900.0))
    network = net(going=travel.Going(3.6, slope_decay=3.5), ground=travel.Ground(relief=part))
    assert seconds(network, (10.5, 20.5), (20.5, 20.5)) == pytest.approx(10 * CELL, rel=1e-3)


def test_snow_slows_and_stops_tracks_as_well():
    going = travel.Going(3.6, snow_stop_cm=40.0)
    ways = [(line((2, 10), (28, 10)), 36.0)]
    bare = seconds(net(going=going, tracks=ways), (3, 10), (20, 10))
    deep = seconds(net(going=going, ground=travel.Ground(snow_cm=20.0), tracks=ways), (3, 10), (20, 10))
    assert deep == pytest.approx(2 * bare, rel=0.01)
    stopped = net(going=going, ground=travel.Ground(snow_cm=40.0), tracks=ways)
    assert math.isinf(seconds(stopped, (3, 10), (20, 10)))
    assert seconds(stopped, (3, 10), (3, 10)) == 0


def test_the_deepest_of_all_that_is_said_of_snow_counts():
    lattice = plane()
    deep = shapely.box(*at((0, 0)).ravel(), *at((10, 30)).ravel())
    grid = Heights(WEST, SOUTH + 30 * CELL, CELL, np.full((30, 20), 12.0))
    ground = travel.Ground(snow=shapes(deep, deep), depth=np.array([30.0, 5.0]), snow_cm=10.0, snow_grid=grid)
    share = travel.surface(lattice, travel.Going(3.6, snow_stop_cm=100.0), ground).snow.reshape(30, 30)
    assert share[5, [5, 15, 25]] == pytest.approx([0.70, 0.88, 0.90])


def test_of_two_keepers_that_are_as_quick_the_first_is_named():
    # On the central meridian, where east and west are alike.
    west = 500_000.0 - 15.5 * CELL
    network = net(travel.Lattice(west, SOUTH + 30 * CELL, CELL, 30, 31, CRS))
    both = np.array([[west + 5.5 * CELL, SOUTH + 15.5 * CELL], [west + 25.5 * CELL, SOUTH + 15.5 * CELL]])
    house = np.array([[west + 15.5 * CELL, SOUTH + 15.5 * CELL]])
    for posts in (both, both[::-1]):
        found = travel.places(network, house, posts).quickest(travel.field(network, posts))
        assert found.source.tolist() == [0]
        assert found.seconds[0] == pytest.approx(10 * CELL, rel=1e-3)


def test_off_the_lattice_and_without_a_position_nobody_is_reached():
    network = net()
    assert math.isinf(seconds(network, (5, 5), (500, 5)))
    assert math.isinf(seconds(network, (500, 5), (5, 5)))
    assert math.isinf(seconds(network, (5, 5), (math.nan, 5)))
    empty = travel.places(network, at((5, 5)), np.empty((0, 2)))
    assert np.isinf(empty.quickest(travel.field(network, np.empty((0, 2)))).seconds).all()


def plain_dijkstra(graph, start: int, size: int) -> np.ndarray:
    """Shortest times by the textbook, with a heap of Python's own."""
    out = np.full(graph.shape[0], np.inf)
    queue = [(0.0, start)]
    while queue:
        reached, node = heapq.heappop(queue)
        if reached >= out[node]:
            continue
        out[node] = reached
        for edge in range(graph.indptr[node], graph.indptr[node + 1]):
            heapq.heappush(queue, (reached + graph.data[edge], int(graph.indices[edge])))
    return out[:size]


@pytest.mark.parametrize("seed", range(3))
def test_times_are_those_of_an_independent_dijkstra(seed):
    rng = np.random.default_rng(seed)
    boxes = [shapely.box(*at(a).ravel(), *at(a + s).ravel()) for a, s in rng.uniform(1, 12, (12, 2, 2))]
    ground = travel.Ground(
        land=shapes(*boxes),
        share=rng.choice([0.0, 0.2, 0.6], 12),
        relief=Heights(WEST - CELL, SOUTH + 20 * CELL, CELL, rng.uniform(0, 60, (25, 25))),
    )
    going = travel.Going(9.0, slope_decay=3.5, slope_ease=0.05, slope_most=0.6)
    ways = [(line(*pair), 30.0) for pair in rng.uniform(0, 15, (4, 5, 2))]
    bars = [line(*pair) for pair in rng.uniform(0, 15, (3, 3, 2))]
    network = net(plane(15), going=going, ground=ground, bars=bars, tracks=ways, fords=[(4, 4), (9, 9)])
    posts = at((7.3, 7.9), (1.2, 13.4), (13.7, 2.6))
    graph = network.departing(posts)
    size = len(network.graph.ends) - 1
    per_post = [plain_dijkstra(graph, size + number, size) for number in range(3)]
    assert np.isfinite(per_post).sum() > 100
    for one, times in zip(per_post, travel.each(network, posts, limit=np.inf), strict=True):
        np.testing.assert_allclose(times, one, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(travel.field(network, posts).seconds, np.min(per_post, axis=0), atol=1e-5)


def test_isochrones_hold_the_places_that_are_within_and_have_the_holes():
    lattice = plane(60)
    lake = at((30, 30))[0]
    island = shapely.Point(lake).buffer(6 * CELL)
    ground = travel.Ground(land=shapes(island), share=np.array([0.0]))
    network = net(lattice, ground=ground, bars=[island])
    post = at((20.5, 30.5))
    one = travel.field(network, post)
    limits = np.array([2_000.0, 6_000.0])
    made = travel.isochrones(lattice, one.seconds[: lattice.size], limits)
    assert shapely.is_valid(made).all()
    assert made[0].within(made[1].buffer(1e-3))
    assert len(made[1].interiors) == 1
    xy = at(*np.random.default_rng(2).uniform(0, 60, (3_000, 2)))
    times = travel.places(network, xy, post).quickest(one).seconds
    for shape, limit in zip(made, limits, strict=True):
        holds = shapely.intersects_xy(shape, xy)
        sure = (times < limit - 1.5 * CELL) & (shapely.distance(island, shapely.points(xy)) > 2 * CELL)
        sure &= (np.abs(xy - at((30, 30))) < 28 * CELL).all(axis=1)
        assert holds[sure].all()
        assert not holds[times > limit + 1.5 * CELL].any()
        assert sure.sum() > 100


def test_nothing_within_is_an_empty_polygon():
    lattice = plane()
    empty = travel.isochrones(lattice, np.full(lattice.size, np.inf), np.array([60.0]))
    assert empty[0].is_empty
    assert travel.squares(lattice, np.zeros(lattice.size, dtype=bool)).is_empty


def test_squares_are_the_cells():
    lattice = plane(4)
    chosen = np.zeros(16, dtype=bool)
    chosen[[0, 1, 4, 15]] = True
    made = travel.squares(lattice, chosen)
    assert made.area == pytest.approx(4 * CELL**2)
    assert len(made.geoms) == 2
    holds = shapely.contains(made, shapely.points(lattice.centres()))
    assert holds.tolist() == chosen.tolist()


def test_to_close_a_track_moves_no_node_of_another():
    """Or a home beside the other track would be nearer to it for the closing."""
    ways = [(line((1, 1), (2, 1)), 30.0), (line((1, 3), (2, 1)), 30.0), (line((1, 1), (1, 3)), 30.0)]
    for tracks in (ways, ways[1:], ways[2:]):
        assert seconds(net(plane(12), tracks=tracks), (1, 1), (1, 2)) == pytest.approx(24, abs=0.01)


@pytest.mark.stress
def test_a_million_places_are_read_in_seconds():
    network = net(plane(400))
    posts = at(*np.random.default_rng(1).uniform(1, 399, (50, 2)))
    xy = at(*np.random.default_rng(2).uniform(0, 400, (1_000_000, 2)))
    start = time.process_time()
    found = travel.places(network, xy, posts).quickest(travel.field(network, posts))
    assert time.process_time() - start < 30
    assert np.isfinite(found.seconds).all()
