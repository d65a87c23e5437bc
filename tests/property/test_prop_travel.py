"""More snow, more closure, more water, slower land: nothing gets quicker, ever."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.geo import travel
from gridmap.geo.heights import Heights

CRS, CELL, SIZE = "EPSG:4508", 200.0, 12
WEST, SOUTH = 400_000.0, 4_600_000.0
LATTICE = travel.covering((WEST, SOUTH, WEST + SIZE * CELL, SOUTH + SIZE * CELL), cell=CELL, crs=CRS)
GOING = travel.Going(
    9.0, slope_decay=4.0, slope_ease=0.05, slope_most=0.7, snow_stop_cm=60.0, slowest_land=0.3
)
# Times are sums of some hundred terms; keepers start a microsecond apart.
ROUNDING_S = 1e-5

place = st.tuples(*[st.floats(0.05, SIZE - 0.05).map(lambda one: round(one, 2))] * 2)
way = st.lists(place, min_size=2, max_size=4, unique=True)
patch = st.tuples(place, st.floats(0.3, 4).map(lambda one: round(one, 2)))
world = st.fixed_dictionaries(
    {
        "tracks": st.lists(way, max_size=4),
        "rivers": st.lists(way, max_size=3),
        "fords": st.lists(place, max_size=3),
        "land": st.lists(st.tuples(patch, st.sampled_from([0.0, 0.3, 0.6])), max_size=4),
        "snow": st.lists(st.tuples(patch, st.sampled_from([10.0, 40.0, 60.0])), max_size=3),
        "snow_cm": st.sampled_from([0.0, 20.0, 55.0]),
        "hills": st.integers(0, 3),
    }
)
worse = st.fixed_dictionaries(
    {
        "closed": st.sets(st.integers(0, 3)),
        "dried": st.sets(st.integers(0, 2)),
        "rivers": st.lists(way, max_size=2),
        "land": st.lists(st.tuples(patch, st.sampled_from([0.0, 0.3])), max_size=2),
        "snow": st.lists(st.tuples(patch, st.sampled_from([30.0, 60.0])), max_size=2),
        "snow_cm": st.sampled_from([0.0, 30.0, 70.0]),
    }
)


def at(xy) -> np.ndarray:
    return np.array(xy, dtype=float).reshape(-1, 2) * CELL + [WEST, SOUTH]


def objects(made: list) -> np.ndarray:
    out = np.empty(len(made), dtype=object)
    out[:] = made
    return out


def patches(given) -> tuple[np.ndarray, np.ndarray]:
    shapes = [shapely.Point(at(xy)[0]).buffer(size * CELL, quad_segs=3) for (xy, size), _ in given]
    return objects(shapes), np.array([value for _, value in given], dtype=float)


def lines(given) -> list:
    return [shapely.LineString(at(one)) for one in given]


def times(one: dict, posts, homes) -> np.ndarray:
    land, share = patches(one["land"])
    snow, depth = patches(one["snow"])
    relief = None
    if one["hills"]:
        heights = np.random.default_rng(one["hills"]).uniform(0, 80, (SIZE + 2, SIZE + 2))
        relief = Heights(WEST - CELL, SOUTH + (SIZE + 1) * CELL, CELL, heights)
    ground = travel.Ground(land, share, snow, depth, snow_cm=one["snow_cm"], relief=relief)
    network = travel.build(
        travel.surface(LATTICE, GOING, ground),
        bars=np.concatenate([objects(lines(one["rivers"])), land[share == 0]]),
        lines=objects(lines(one["tracks"])),
        speed_kmh=np.full(len(one["tracks"]), 30.0),
        fords=at(one["fords"]),
    )
    return travel.places(network, at(homes), at(posts)).quickest(travel.field(network, at(posts))).seconds


def without(given: list, gone: set[int]) -> list:
    return [one for number, one in enumerate(given) if number not in gone]


@settings(max_examples=120, deadline=None)
@given(
    world,
    worse,
    st.lists(place, min_size=1, max_size=3),
    st.lists(place, min_size=1, max_size=25),
)
def test_more_closure_never_improves_access(one, more, posts, homes):
    harder = {
        **one,
        "tracks": without(one["tracks"], more["closed"]),
        "rivers": [*one["rivers"], *more["rivers"]],
        "fords": without(one["fords"], more["dried"]),
        "land": [*one["land"], *more["land"]],
        "snow": [*one["snow"], *more["snow"]],
        "snow_cm": max(one["snow_cm"], more["snow_cm"]),
    }
    before, after = times(one, posts, homes), times(harder, posts, homes)
    assert (after >= before - ROUNDING_S).all()


@settings(max_examples=60, deadline=None)
@given(world, st.lists(place, min_size=1, max_size=4), st.lists(place, min_size=1, max_size=25))
def test_another_keeper_never_takes_longer(one, posts, homes):
    assert (times(one, posts, homes) <= times(one, posts[:-1] or posts, homes) + ROUNDING_S).all()
