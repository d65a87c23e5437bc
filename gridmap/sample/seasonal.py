"""Seasonal camps of the synthetic households: some move for the summer, fewer for the winter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.sample.dice import Dice, Flags, Floats, Ints
from gridmap.sample.ground import Ground
from gridmap.sample.homes import BORDER_STRIP_M
from gridmap.sample.plane import MM

STREAM = 8
# Of a hundred households, how many have a camp for the season, and how far from home it is at most.
SEASONS = (("summer", 28.0, 9_000.0, "6-9"), ("winter", 12.0, 6_000.0, "11-3"))
HUNDRED = 100.0
NEAREST_SHARE = 0.25
# Of more households than this no more move: an area of a million is for trying out speed.
MOST = 5_000


@dataclass(frozen=True, slots=True)
class Camps:
    """Camps of one season.

    Parameters
    ----------
    season, months : str
        Which season, and its months.
    home : (n,) int
        Position of the household that moves there.
    xy : (n, 2)
        Metres.
    """

    season: str
    months: str
    home: Ints
    xy: Floats


def camps(homes: Floats, stronghold: Flags, ground: Ground, seed: int) -> list[Camps]:
    """Return where households are in a season; a camp is in the household's own gacha.

    Parameters
    ----------
    homes : (n, 2)
        Positions of the households in metres.
    stronghold : (n,) bool
        Strongholds stay where they are: others count on finding them.
    ground : Ground
        The area.
    seed : int
        The area's seed.
    """
    found = []
    gachas = ground.gacha(homes)
    share = min(1.0, MOST / len(homes))
    for number, (season, many, away, months) in enumerate(SEASONS):
        dice = Dice(seed, STREAM, number)
        moves = (dice.unit(len(homes)) * HUNDRED < many * share) & ~stronghold
        reach = away * (NEAREST_SHARE + (1.0 - NEAREST_SHARE) * dice.unit(len(homes)))
        xy = np.round(homes + dice.disc(len(homes)) * reach[:, None], MM)
        fits = ground.is_clear(xy, border_m=BORDER_STRIP_M) & (ground.gacha(xy) == gachas)
        home = np.flatnonzero(moves & fits)
        found.append(Camps(season, months, home, xy[home]))
    return found
