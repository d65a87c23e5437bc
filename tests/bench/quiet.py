"""How fast the machine is just now: other machines on the same processor slow it down by half and more.

Such minutes come and go between two runs. A fixed piece of work tells them, whatever is measured.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
import shapely

Way = TypeVar("Way")
Measured = TypeVar("Measured")

# Work that takes no longer than so many times its least was done on a quiet machine.
QUIET = 1.25
TIMES = 3


def work_s() -> float:
    """Return the CPU seconds of a fixed piece of work: numpy on more than a cache holds, and GEOS."""
    rng = np.random.default_rng(1)
    numbers = rng.random(1_000_000)
    places = rng.integers(0, len(numbers), 500_000)
    disc, xy = shapely.Point(0.5, 0.5).buffer(0.4, quad_segs=500), rng.random((30_000, 2))
    shapely.prepare(disc)
    taken = []
    for _ in range(TIMES):
        start = time.process_time()
        np.sort(numbers)
        np.take(numbers, places)
        shapely.contains_xy(disc, xy)
        taken.append(time.process_time() - start)
    return min(taken)


def quiet(measured: Mapping[Way, Sequence[tuple[float, Measured]]]) -> dict[Way, list[Measured]]:
    """Return of each way the runs that were made on a quiet machine; all of all ways if one has none.

    Parameters
    ----------
    measured : mapping of way to sequence of tuple
        Of each run, seconds that the fixed work took beside it, and the run.
    """
    least = min((work for runs in measured.values() for work, _ in runs), default=0.0)
    found = {way: [one for work, one in runs if work <= QUIET * least] for way, runs in measured.items()}
    if all(found.values()):
        return found
    return {way: [one for _, one in runs] for way, runs in measured.items()}
