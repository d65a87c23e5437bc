"""Fords of the synthetic rivers, where no way crosses them for a long while."""

from __future__ import annotations

import numpy as np

from gridmap.sample.dice import Floats
from gridmap.sample.ground import Ground
from gridmap.sample.plane import lengths, squared_gap
from gridmap.sample.water import Reach

APART_M, FROM_WAY_M = 7_000.0, 2_500.0


def fords(reaches: tuple[Reach, ...], ways: list[tuple[str, Floats]], ground: Ground) -> Floats:
    """Return places (n, 2) on rivers, far from each other and from every way, inside the area."""
    beside = np.concatenate([line for _, line in ways])
    found: list[Floats] = []
    for reach in reaches:
        if reach.name != "river":
            continue
        ahead = np.searchsorted(lengths(reach.line), np.arange(1, 100) * APART_M / 2.0)
        places = reach.line[ahead[ahead < len(reach.line) - 1]]
        for place in places[ground.is_clear(places, border_m=APART_M)]:
            others = np.array(found).reshape(-1, 2)
            free = not len(others) or squared_gap(others, place).min() >= APART_M**2
            if free and squared_gap(beside, place).min() >= FROM_WAY_M**2:
                found.append(place)
    return np.array(found).reshape(-1, 2)
