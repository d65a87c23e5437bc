"""Rivers of the synthetic steppe: they run where the relief leads them, into basins or off the sheet."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy

from gridmap.sample.dice import Dice, Flags, Floats, Ints
from gridmap.sample.network import smooth
from gridmap.sample.plane import lengths, squared_gap
from gridmap.sample.relief import EAST_M, NORTH_M, SOUTH_M, WEST_M, height

STREAM = 6
STEP_M = 700.0
# A place whose surroundings, this many cells each way, are all higher is the floor of a basin: a river of
# the steppe ends in it and dries up.
BASIN_CELLS = 13
# Cells that drain through a place where a stream begins, and where it becomes a river.
STREAM_CELLS, RIVER_CELLS = 95, 420
SHORTEST_M = 6_000.0
JITTER = 0.22
# Rivers stop this many cells short of the edge of the relief, which fades there.
EDGE_CELLS = 2
ROUND = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
NOWHERE = -1
# A water that becomes a river this near to one of its ends is all of one class.
MEET = 3


@dataclass(frozen=True, slots=True)
class Reach:
    """A stretch of one water.

    Parameters
    ----------
    line : (n, 2)
        Downstream, in metres.
    name : str
        ``"river"`` or ``"stream"``.
    water : int
        Which water it is a stretch of: 0 is the largest.
    """

    line: Floats
    name: str
    water: int


@lru_cache(maxsize=2)
def reaches(seed: int) -> tuple[Reach, ...]:
    """Return the waters of the area, the largest first.

    Source of method: flow over a priority flood (Barnes, Lehman and Mulla, Computers & Geosciences 62, 2014):
    from the edge and the floors of basins the ground is taken in order of height, and each place drains to
    the one that it was reached from.
    """
    columns, rows = round((EAST_M - WEST_M) / STEP_M), round((NORTH_M - SOUTH_M) / STEP_M)
    x = WEST_M + (np.arange(columns) + 0.5) * STEP_M
    y = SOUTH_M + (np.arange(rows) + 0.5) * STEP_M
    xy = np.column_stack([np.tile(x, rows), np.repeat(y, columns)])
    heights = height(xy, seed=seed).reshape(rows, columns)
    below, order = _drained(heights)
    many = _gathered(below, order)
    push = Dice(seed, STREAM, 0).between(-JITTER, JITTER, 2 * rows * columns).reshape(-1, 2)
    placed = xy + push * STEP_M
    inner = np.zeros((rows, columns), dtype=bool)
    inner[EDGE_CELLS:-EDGE_CELLS, EDGE_CELLS:-EDGE_CELLS] = True
    wet = (many >= STREAM_CELLS) & inner.ravel()
    found: list[Reach] = []
    for number, stem in enumerate(_stems(below, many, wet)):
        if lengths(placed[stem])[-1] >= SHORTEST_M:
            found += _reaches(placed[stem], many[stem], number, found)
    return tuple(found)


def _drained(heights: Floats) -> tuple[Ints, Ints]:
    """Return the cell below each (n,), NOWHERE for an outlet, and all cells in the order of the flood."""
    rows, columns = heights.shape
    low = scipy.ndimage.minimum_filter(heights, size=2 * BASIN_CELLS + 1, mode="nearest") == heights
    low[[0, -1], :] = low[:, [0, -1]] = True
    flat = heights.ravel().tolist()
    below = np.full(rows * columns, NOWHERE, dtype=np.int64).tolist()
    done = low.ravel().tolist()
    waiting = [(flat[at], at) for at in np.flatnonzero(low.ravel()).tolist()]
    heapq.heapify(waiting)
    order = []
    while waiting:
        level, at = heapq.heappop(waiting)
        order.append(at)
        row, column = divmod(at, columns)
        for down, across in ROUND:
            other = at + down * columns + across
            if not (0 <= row + down < rows and 0 <= column + across < columns) or done[other]:
                continue
            done[other] = True
            below[other] = at
            heapq.heappush(waiting, (max(level, flat[other]), other))
    return np.array(below, dtype=np.int64), np.array(order, dtype=np.int64)


def _gathered(below: Ints, order: Ints) -> Ints:
    """Return how many cells drain through each, itself among them."""
    many = [1] * len(below)
    down = below.tolist()
    for at in order[::-1].tolist():
        if down[at] != NOWHERE:
            many[down[at]] += many[at]
    return np.array(many, dtype=np.int64)


def _stems(below: Ints, many: Ints, wet: Flags) -> list[list[int]]:
    """Return each water from its source down to its mouth, the largest first.

    Where waters meet, the larger goes on and the other ends.
    """
    cells = np.flatnonzero(wet)
    cells = cells[np.argsort(-many[cells], kind="stable")]
    main: dict[int, int] = {}
    stems = []
    for at in cells.tolist():
        main.setdefault(int(below[at]), at)
    for at in cells.tolist():
        down = int(below[at])
        goes_on = down != NOWHERE and wet[down]
        if goes_on and main[down] == at:
            continue
        stem = [down, at] if goes_on else [at]
        while stem[-1] in main:
            stem.append(main[stem[-1]])
        stems.append(stem[::-1])
    return stems


def _reaches(line: Floats, cells: Ints, number: int, larger: list[Reach]) -> list[Reach]:
    """Return a water as a stream and, from where enough has come together, a river."""
    turn = int(np.searchsorted(np.maximum.accumulate(cells[:-1]), RIVER_CELLS))
    if turn >= len(cells) - MEET or turn <= MEET:
        name = "river" if turn <= MEET else "stream"
        return [Reach(_led_into(smooth(line), larger), name, number)]
    upper, lower = smooth(line[: turn + 1]), smooth(line[turn:])
    return [Reach(_led_into(lower, larger), "river", number), Reach(upper, "stream", number)]


def _led_into(line: Floats, larger: list[Reach]) -> Floats:
    """Return a line whose end, if it is beside a larger water, is on it: smoothing has moved that one."""
    for one in larger:
        away = squared_gap(one.line, line[-1])
        if away.min() < STEP_M * STEP_M:
            return np.concatenate([line[:-1], one.line[[int(np.argmin(away))]]])
    return line
