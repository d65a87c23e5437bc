"""Small settlements of the demo area: one in each gacha that has no seat of government, beside a way."""

from __future__ import annotations

import numpy as np

from gridmap.sample.dice import Floats, Ints
from gridmap.sample.ground import Ground
from gridmap.sample.plane import MM, squared_gap

BESIDE_M = np.array([180.0, -140.0])
BORDER_M, APART_M = 4_000.0, 600.0
# How much farther from the middle of its gacha a settlement may be to stand on a better way.
FARTHER = {"road": 1.0, "gravel": 1.4, "track": 2.2}


def villages(
    ground: Ground, ways: list[tuple[str, Floats]], seats: Floats, taken: Floats
) -> tuple[Ints, Floats]:
    """Return where settlements are.

    Parameters
    ----------
    ground : Ground
        The area.
    ways : list of (class, line)
        Roads and tracks.
    seats : (n, 2)
        Seats of government: their gachas have no settlement of their own.
    taken : (m, 2)
        Places where something else stands.

    Returns
    -------
    gachas : (k,) int
        Position of each settlement's gacha.
    xy : (k, 2)
        Metres.
    """
    beside = np.concatenate([line for _, line in ways]) + BESIDE_M
    worse = np.concatenate([np.full(len(line), FARTHER[name] ** 2) for name, line in ways])
    held = ground.gacha(beside)
    fits = ground.is_clear(beside, border_m=BORDER_M)
    centres = ground.centres()
    inside = ground.inside.ravel()
    found: list[tuple[int, Floats]] = []
    for gacha in sorted(set(range(len(ground.gachas))) - set(ground.gacha(seats).tolist())):
        mine = centres[inside == gacha]
        away = squared_gap(beside, mine.sum(axis=0) / len(mine)) * worse
        wanted = np.flatnonzero(fits & (held == gacha))
        for at in wanted[np.argsort(away[wanted], kind="stable")].tolist():
            others = np.array([*taken, *(xy for _, xy in found)])
            if squared_gap(others, beside[at]).min() >= APART_M**2:
                found.append((gacha, np.round(beside[at], MM)))
                break
    gachas = np.array([one for one, _ in found], dtype=np.int64)
    return gachas, np.array([xy for _, xy in found]).reshape(-1, 2)
