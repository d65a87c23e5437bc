"""Households as herders live: thinly, unevenly, near wells and tracks; made by the million without a loop."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gridmap.sample.dice import Dice, Flags, Floats, Ints
from gridmap.sample.ground import CELL_M, OUTSIDE, Ground
from gridmap.sample.plane import MM, squared_gap

STREAM = 5
# Shares of where a home stands: by a well, along a track, in a settlement, anywhere.
SHARES = np.array([0.56, 0.25, 0.07, 0.12])
WELL_REACH_M, TRACK_REACH_M, SEAT_REACH_M = 5_200.0, 2_000.0, 1_500.0
BORDER_STRIP_M = 1_800.0
REACH_M = 14_000.0
# The least distance between homes: a share of the mean spacing, never more than herders keep.
SPACING, WIDEST_M, CLOSEST_M = 0.11, 250.0, 2.0
DRAWS = 1.9
SPARE = 400
# Out of a hundred households, how many have 1, 2, ... 7 persons.
PERSONS = np.array([14, 27, 21, 18, 11, 6, 3], dtype=np.float64)
SYLLABLES = np.array(list("阿巴朝达额嘎哈吉克拉敏娜敖普其仁苏塔乌温希雅扎德贡和林木宁日图音"), dtype=object)
SHORTEST_NAME = 3
STRONGHOLDS, PER_STRONGHOLD = 40, 5


@dataclass(frozen=True, slots=True)
class Places:
    """What homes gather around; all places (n, 2) in metres.

    Parameters
    ----------
    wells, tracks, seats : ndarray
        Wells; vertices along tracks at even distances; settlements.
    strongholds : ndarray
        The first places to be settled, in the order that spreads them best.
    """

    wells: Floats
    tracks: Floats
    seats: Floats
    strongholds: Floats


def stronghold_count(households: int) -> int:
    """Return how many of the households are strongholds.

    One in five of a few, 40 of the usual 1,400, and beyond that growing with the square root.
    """
    few = max(1, households // PER_STRONGHOLD)
    return min(few, max(STRONGHOLDS, math.isqrt(STRONGHOLDS**2 * households // 1400)))


def settle(households: int, *, seed: int, ground: Ground, places: Places) -> pd.DataFrame:
    """Return the households: x, y, gacha (position), stronghold, persons, name, contact; in no order.

    Every home is inside the area, and within 14 km of a stronghold among the first 40.
    """
    first = places.strongholds[: min(stronghold_count(households), len(places.strongholds))]
    reached = _reached(first, ground)
    draws = int(households * DRAWS) + SPARE
    while True:
        xy = _sift(np.concatenate([first, _scatter(draws, seed, places)]), ground, reached)
        xy = _spread(xy, _spacing(households, ground))[:households]
        if len(xy) == households:
            break
        draws *= 2
    dice = Dice(seed, STREAM, 9)
    return pd.DataFrame(
        {
            "x": xy[:, 0],
            "y": xy[:, 1],
            "gacha": ground.gacha(xy),
            "stronghold": np.arange(households) < stronghold_count(households),
            "persons": dice.weighted(PERSONS, households) + 1,
            "name": _names(households, dice),
            "contact": _contacts(households),
        }
    )


def _scatter(count: int, seed: int, places: Places) -> Floats:
    """Draw places for homes; some of them will not do."""
    dice = Dice(seed, STREAM, 0)
    why = dice.weighted(SHARES, count)
    # Wells are not equally good: a few draw many homes, the same ones however many homes there are.
    worth = Dice(seed, STREAM, 1).unit(len(places.wells))
    weights = 0.15 + worth * worth * worth
    anchors = [
        places.wells[dice.weighted(weights, count)],
        places.tracks[dice.below(len(places.tracks), count)],
        places.seats[dice.below(len(places.seats), count)],
    ]
    reach = np.array([WELL_REACH_M, TRACK_REACH_M, SEAT_REACH_M, 0.0])[why]
    away = dice.disc(count) * (reach * (0.1 + 0.9 * dice.unit(count)))[:, None]
    low, high = places.tracks.min(axis=0) - 3_000.0, places.tracks.max(axis=0) + 3_000.0
    anchors.append(low + (high - low) * dice.unit(2 * count).reshape(-1, 2))
    return np.round(np.choose(why[:, None], anchors) + away, MM)


def _reached(strongholds: Floats, ground: Ground) -> Flags:
    """Return the cells, (rows, columns), whose centre a stronghold reaches."""
    centres = ground.centres()
    reached = np.zeros(len(centres), dtype=bool)
    for stronghold in strongholds:
        reached |= squared_gap(centres, stronghold) < REACH_M**2
    return reached.reshape(ground.inside.shape)


def _sift(xy: Floats, ground: Ground, reached: Flags) -> Floats:
    """Return the places where a home can stand, in the order given."""
    xy = xy[ground.is_clear(xy, border_m=BORDER_STRIP_M) & reached[ground.cells(xy)]]
    return np.asarray(xy[ground.gacha(xy) != OUTSIDE])


def _spacing(households: int, ground: Ground) -> float:
    room = float(ground.clear.sum()) * CELL_M**2
    return min(WIDEST_M, max(CLOSEST_M, SPACING * math.sqrt(room / households)))


def _spread(xy: Floats, spacing: float) -> Floats:
    """Leave out places closer than `spacing` to an earlier one (Matern's second thinning on a grid)."""
    cell = np.floor(xy / spacing).astype(np.int64)
    width = int(cell[:, 0].max()) + 2
    key = cell[:, 1] * width + cell[:, 0]
    keys, rank = np.unique(key, return_index=True)
    at = xy[rank]
    kept = np.ones(len(keys), dtype=bool)
    for step in (-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1):
        place = np.minimum(np.searchsorted(keys, keys + step), len(keys) - 1)
        gap = squared_gap(at[place], at)
        kept &= ~((keys[place] == keys + step) & (rank[place] < rank) & (gap < spacing * spacing))
    return np.asarray(xy[np.sort(rank[kept])])


def _names(count: int, dice: Dice) -> list[str]:
    """Return invented names, all different: syllables without a meaning, marked as samples."""
    base = len(SYLLABLES)
    size = SHORTEST_NAME
    while base**size < count:
        size += 1
    # Multiplying by a number that shares no factor with the range visits each of it once.
    start = int(dice.below(base**size, 1)[0])
    code: Ints = (np.arange(count, dtype=np.int64) * 7_368_787 + start) % base**size
    name = np.full(count, "示例·", dtype=object)
    for _ in range(size):
        name = name + SYLLABLES[code % base]
        code //= base
    return list(name)


def _contacts(count: int) -> list[str]:
    return [f"000-{10_000_000 + number}" for number in range(1, count + 1)]
