"""How a track is drawn (close vertices, twice, a loop) does not say how long it takes; fords."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from gridmap.geo import travel

CRS, CELL = "EPSG:4508", 200.0
WEST, SOUTH = 400_000.0, 4_600_000.0
LATTICE = travel.covering((WEST, SOUTH, WEST + 20 * CELL, SOUTH + 20 * CELL), cell=CELL, crs=CRS)
# Off a track there is hardly any way on: a shortcut in the answer is one along tracks.
CRAWL = travel.Going(speed_kmh=0.36)
KMH = 30.0


def at(*xy: tuple[float, float]) -> np.ndarray:
    """Return places by metres east and north of the corner."""
    return np.array(xy, dtype=float).reshape(-1, 2) + np.array([WEST, SOUTH])


def line(*xy: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(at(*xy))


def dense(track: shapely.LineString, spacing: float) -> shapely.LineString:
    """Return the same track with more vertices, written down to the millimetre as files are."""
    return shapely.LineString(shapely.get_coordinates(shapely.segmentize(track, spacing)).round(3))


def seconds(start, end, *, tracks=(), bars=(), fords=(), ground=None) -> float:
    def shapes(given):
        made = np.empty(len(given), dtype=object)
        made[:] = given
        return made

    network = travel.build(
        travel.surface(LATTICE, CRAWL, ground or travel.Ground()),
        bars=shapes(bars),
        lines=shapes(tracks),
        speed_kmh=np.full(len(tracks), KMH),
        fords=at(*fords),
    )
    post = at(start)
    return float(travel.places(network, at(end), post).quickest(travel.field(network, post)).seconds[0])


ENDS = (1_000.0, 1_000.0), (2_731.0, 2_003.0)
STRAIGHT = line(*ENDS)
MINUTES = math.dist(*ENDS) / (KMH / 3.6) / 60


@pytest.mark.parametrize("spacing", [100.0, 10.0, 1.0, 0.5, 0.1])
def test_two_kilometres_take_four_minutes_however_close_the_vertices(spacing):
    assert seconds(*ENDS, tracks=[dense(STRAIGHT, spacing)]) / 60 == pytest.approx(MINUTES, rel=1e-3)
    assert pytest.approx(4.0, abs=0.01) == MINUTES


@pytest.mark.parametrize("beside", [0.0, 0.6])
def test_a_track_that_is_drawn_twice_is_no_quicker(beside):
    again = shapely.affinity.translate(STRAIGHT, beside, -beside)
    drawn = [dense(STRAIGHT, 0.7), dense(again, 0.4)]
    assert seconds(*ENDS, tracks=drawn) / 60 == pytest.approx(MINUTES, rel=1e-3)


def test_the_tremble_of_a_receiver_is_no_shortcut():
    """Vertices half a metre apart and a few centimetres off: the time is that of the line as drawn."""
    rng = np.random.default_rng(4)
    xy = shapely.get_coordinates(shapely.segmentize(STRAIGHT, 0.5))
    xy[1:-1] += rng.normal(0, 0.05, (len(xy) - 2, 2))
    drawn = shapely.LineString(xy)
    assert seconds(*ENDS, tracks=[drawn]) == pytest.approx(drawn.length / (KMH / 3.6), rel=1e-3)


SHAPES = {
    "winding": line(*ENDS[:1], *((1_300 + 10 * n, 1_500 + 300 * math.sin(n)) for n in range(30)), *ENDS[1:]),
    "a sharp hairpin": line(ENDS[0], (3_500, 1_500), (1_200, 1_530), ENDS[1]),
    "a loop that crosses itself": line(
        ENDS[0], (2_000, 1_500), (3_000, 3_000), (1_000, 3_000), (2_200, 1_400), ENDS[1]
    ),
    "a loop that all but meets": line(
        ENDS[0], (2_000, 1_500), (3_000, 3_000), (1_000, 3_000), (2_000, 1_500.8), ENDS[1]
    ),
}


@pytest.mark.parametrize("track", SHAPES.values(), ids=SHAPES)
def test_more_vertices_change_no_time(track):
    coarse = seconds(*ENDS, tracks=[track])
    for spacing in (3.0, 0.3):
        assert seconds(*ENDS, tracks=[dense(track, spacing)]) == pytest.approx(coarse, rel=1e-4)


def test_a_track_that_meets_itself_need_not_be_driven_round():
    metres = KMH / 3.6
    for name in ("a loop that crosses itself", "a loop that all but meets"):
        track = SHAPES[name]
        assert seconds(*ENDS, tracks=[track]) < 0.5 * track.length / metres, name


def test_a_closed_ring_is_driven_the_shorter_way_round():
    ring = line((1_000, 1_000), (3_000, 1_000), (3_000, 3_000), (1_000, 3_000), (1_000, 1_000))
    took = seconds((1_000, 2_000), (2_000, 1_000), tracks=[ring])
    assert took == pytest.approx(2_000 / (KMH / 3.6), rel=1e-3)


BANKS = [line((2_000, -100), (2_000, 4_100)), line((2_030, -100), (2_030, 4_100))]


@pytest.mark.parametrize("fords", [[(2_015, 900)], [(2_000, 900)], [(2_000, 900), (2_030, 900)]])
def test_a_river_drawn_by_its_two_banks_is_forded(fords):
    assert math.isinf(seconds((1_500, 900), (2_500, 900), bars=BANKS))
    assert seconds((1_500, 900), (2_500, 900), bars=BANKS, fords=fords) == pytest.approx(10_000, rel=0.05)


def test_a_ford_opens_what_is_near_it_or_else_the_nearest_and_nothing_else():
    far = line((2_145, -100), (2_145, 4_100))
    assert math.isinf(seconds((1_500, 900), (2_500, 900), bars=[*BANKS, far], fords=[(2_015, 900)]))
    off = [(1_850, 900)]  # 150 m from the near bank: it alone is opened
    assert math.isfinite(seconds((1_500, 900), (2_500, 900), bars=BANKS[:1], fords=off))
    assert math.isinf(seconds((1_500, 900), (2_500, 900), bars=BANKS, fords=off))
