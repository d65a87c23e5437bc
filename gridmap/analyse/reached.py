"""Who reaches what: made by straight distance (`distance`) or by travel time (`travel`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.analyse.demand import Floats, Ints, Objects

NOBODY = -1


@dataclass(frozen=True, slots=True)
class HomesReached:
    """Which strongholds reach each home.

    Parameters
    ----------
    count : (n,) int
        How many strongholds reach it (a stronghold reaches itself).
    only : (n,) int
        Position in the posts of the one stronghold that does, where it is one alone; else -1.
    nearest : (n,) int
        Position in the posts of the nearest stronghold (the quickest, by time), within reach or not; -1 if
        there is none, or none can get there.
    away : (n,) float
        How far that is: metres by distance, minutes by time; infinite where there is none.
    """

    count: Ints
    only: Ints
    nearest: Ints
    away: Floats

    @staticmethod
    def none(size: int) -> HomesReached:
        """Return what is so where there is no stronghold."""
        nobody = np.full(size, NOBODY, dtype=np.int64)
        return HomesReached(np.zeros(size, dtype=np.int64), nobody, nobody.copy(), np.full(size, np.inf))


@dataclass(frozen=True, slots=True)
class Reached:
    """Who reaches what of the three demands.

    Parameters
    ----------
    line : list of (k, 2) float arrays
        For each post the chainage intervals in metres that it reaches, ascending and apart; none for what is
        no outpost of a line unit.
    shapes : (m,) polygons
        For each post the ground that it reaches, in the working CRS, not clipped; valid, may be empty.
    homes : HomesReached
        Which strongholds reach the households.
    measure : {"m", "min"}
        What `homes.away` is in.
    """

    line: list[Floats]
    shapes: Objects
    homes: HomesReached
    measure: str
