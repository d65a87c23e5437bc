"""Travel times over a million cells from fifty keepers, and the plain way to them with scikit-image.

Run in a process of its own: ``python -m tests.bench.travel ours`` or ``... plain``. Both ways make the same
patches of land on a plane of 1,000 by 1,000 cells, find the time to every cell from the nearest of the same
keepers, and print what they found as JSON.

The plain way is `skimage.graph.MCP_Geometric`, which takes the 8 neighbours and nothing else: its worst error
on open ground is 8.2 %, where 16 neighbours have 2.8 %, and it cannot see what lies between two cells.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import numpy as np
import shapely

from tests.bench.measure import Run, cpu_of, median, pairs, peak_of, run
from tests.bench.page import Section, machine
from tests.bench.part import MODULE, ROOT, Asked, Part

CODE = "EPSG:4508"
SIDE, KEEPERS, PATCHES, CELL_M = 1_000, 50, 400, 200.0
HOMES = 1_000_000
WEST, SOUTH = 400_000.0, 4_500_000.0
SPEED_KMH = 20.0
SHARES = (0.0, 0.3, 0.6)
REPEATS, BUDGET_S = 2, 200.0

HEAD = """
{cells:,} cells of {cell:.0f} m, {patches} patches of slower or barred land, {keepers} keepers: the time from
the nearest of them to every cell. From arrays in memory to arrays in memory; imports are not counted.

{machine}

| way | neighbours | build s | times s | both s | process CPU s | MiB | mean minutes |
|---|---|---|---|---|---|---|---|
"""

TAIL = """
*gridmap*: `surface`, `build` and `field` of `gridmap.geo.travel`: geodesic lengths, 16 neighbours, the cells
that a step sweeps, the legs of the keepers, which keeper is the quickest. *plain*: `MCP_Geometric` of
scikit-image (compiled) on the same costs, in the plane, 8 neighbours (it takes no others), no legs, no
keeper's name. It builds nothing ahead: asking again costs it all its time again, and gridmap only *times*.
The ratio of both is {ratio:.2f}, that of *times* alone {again:.2f}, that of memory {memory:.2f} (below 1
gridmap is faster, or smaller); gridmap's memory and *process CPU s* are those of the network and of the homes
below. To join {homes:,} homes to the network gridmap takes {joined:.2f} s more, and {read:.2f} s to read
times at them.

To run this part again: `python -m tests.bench.run --only travel`.
"""


def patches() -> tuple[np.ndarray, np.ndarray]:
    """Return pieces of land, and the share of the speed that each leaves."""
    rng = np.random.default_rng(6)
    centre = rng.uniform((WEST, SOUTH), (WEST + SIDE * CELL_M, SOUTH + SIDE * CELL_M), (PATCHES, 2))
    shapes = shapely.buffer(shapely.points(centre), rng.uniform(500, 4_000, PATCHES))
    return np.asarray(shapes, dtype=object), rng.choice(SHARES, PATCHES)


def keepers() -> np.ndarray:
    """Return where the keepers are: on open ground, at the centres of cells."""
    rng = np.random.default_rng(7)
    shapes, _ = patches()
    cells = rng.integers(0, SIDE, (KEEPERS * 10, 2))
    xy = np.column_stack([WEST, SOUTH]) + (cells + 0.5) * CELL_M
    away = ~shapely.intersects_xy(shapely.union_all(shapes), xy)
    return xy[away][:KEEPERS]


def ours(clock: Callable[[], float]) -> dict[str, float]:
    from gridmap.geo import travel

    shapes, share = patches()
    posts = keepers()
    begin = clock()
    bounds = (WEST, SOUTH, WEST + SIDE * CELL_M, SOUTH + SIDE * CELL_M)
    lattice = travel.covering(bounds, cell=CELL_M, crs=CODE)
    going = travel.Going(SPEED_KMH, slowest_land=min(one for one in SHARES if one > 0))
    surface = travel.surface(lattice, going, travel.Ground(land=shapes, share=share))
    none = np.empty(0, dtype=object)
    network = travel.build(
        surface, bars=shapes[share == 0], lines=none, speed_kmh=np.empty(0), fords=np.empty((0, 2))
    )
    built = clock()
    found = travel.field(network, posts)
    timed = clock()
    homes = np.random.default_rng(8).uniform(bounds[:2], bounds[2:], (HOMES, 2))
    places = travel.places(network, homes, posts)
    joined = clock()
    places.quickest(found)
    read = clock()
    return {
        **_said(found.seconds[: lattice.size], begin, built, timed),
        "joined": joined - timed,
        "read": read - joined,
    }


def plain(clock: Callable[[], float]) -> dict[str, float]:
    from skimage.graph import MCP_Geometric

    shapes, share = patches()
    posts = keepers()
    begin = clock()
    x = WEST + (np.arange(SIDE) + 0.5) * CELL_M
    y = SOUTH + (SIDE - np.arange(SIDE) - 0.5) * CELL_M
    left = np.ones((SIDE, SIDE))
    for shape, value in zip(shapes, share, strict=True):
        west, south, east, north = shape.bounds
        rows = np.flatnonzero((y >= south) & (y <= north))
        columns = np.flatnonzero((x >= west) & (x <= east))
        if not len(rows) or not len(columns):
            continue
        shapely.prepare(shape)
        window = np.ix_(rows, columns)
        inside = shapely.intersects_xy(shape, *np.meshgrid(x[columns], y[rows]))
        left[window] = np.where(inside, np.minimum(left[window], value), left[window])
    # A negative cost is barred.
    cost = np.where(left > 0, 3.6 / SPEED_KMH / np.where(left > 0, left, 1), -1.0)
    built = clock()
    starts = np.column_stack(
        [(SOUTH + SIDE * CELL_M - posts[:, 1]) // CELL_M, (posts[:, 0] - WEST) // CELL_M]
    )
    found, _ = MCP_Geometric(cost, sampling=(CELL_M, CELL_M)).find_costs(starts.astype(int).tolist())
    return _said(found.ravel(), begin, built, clock())


def _said(seconds: np.ndarray, begin: float, built: float, timed: float) -> dict[str, float]:
    known = seconds[np.isfinite(seconds)]
    return {
        "build": built - begin,
        "times": timed - built,
        "mean_min": float(known.mean()) / 60,
        "reached": len(known),
    }


def measure(asked: Asked) -> Section:
    """Measure both ways in turn, and return the part of the page; a first look takes one run of each."""
    words = [*MODULE, "tests.bench.travel"]
    mine, theirs = pairs(
        lambda: run([*words, "ours"], folder=ROOT),
        lambda: run([*words, "plain"], folder=ROOT),
        repeats=1 if asked.quick else REPEATS,
        budget_s=BUDGET_S,
    )
    return section(mine, theirs, machine())


PART = Part("Travel times", measure, "about 3 minutes")


def section(mine: list[Run], theirs: list[Run], words: str) -> Section:
    head = HEAD.format(cells=SIDE * SIDE, cell=CELL_M, patches=PATCHES, keepers=KEEPERS, machine=words)
    tail = TAIL.format(
        ratio=_median(mine, "build", "times") / _median(theirs, "build", "times"),
        again=_median(mine, "times") / _median(theirs, "times"),
        memory=median(mine, peak_of) / median(theirs, peak_of),
        homes=HOMES,
        joined=_median(mine, "joined"),
        read=_median(mine, "read"),
    )
    return Section(head + _row("gridmap", 16, mine) + _row("plain", 8, theirs) + tail)


def _row(name: str, neighbours: int, runs: list[Run]) -> str:
    parts = [_median(runs, "build"), _median(runs, "times"), _median(runs, "build", "times")]
    cells = [name, str(neighbours), *(f"{one:.2f}" for one in parts), f"{median(runs, cpu_of):.2f}"]
    cells.append(f"{median(runs, peak_of):,.0f}")
    return "| " + " | ".join([*cells, f"{_median(runs, 'mean_min'):.2f}"]) + " |\n"


def _median(runs: list[Run], *names: str) -> float:
    return median(runs, lambda one: sum(one.figure(name) for name in names))


def main(what: str) -> None:
    way = {"ours": ours, "plain": plain}[what]
    sys.stdout.write(json.dumps(way(time.perf_counter)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
