"""Coverage of a million homes, 300 km of border and a thousand keepers, and the plain way to it.

Run in a process of its own: ``python -m tests.bench.coverage make FILE HOMES``, ``... ours FILE``,
``... plain FILE``. Both ways start from the same frames and print what they found as JSON.

The plain way is what a good analyst writes with geopandas and shapely: the border less the union of buffers,
`sjoin` of homes to strongholds within a distance, the area of the union of buffers. It measures in the plane.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from tests.bench.measure import Run, cpu_of, median, pairs, peak_of, run
from tests.bench.page import Section, machine
from tests.bench.part import MODULE, ROOT, Asked, Part

CODE = "EPSG:4508"
HOMES, FEW, KEEPERS, LONG_M, DEEP_M = 1_000_000, 10_000, 1_000, 300_000.0, 80_000.0
WEST, NORTH = 350_000.0, 4_730_000.0
OUTPOST_M, STRONGHOLD_M, BELT_M = 20_000.0, 15_000.0, 20_000.0
QUAD_SEGS = 90
REPEATS, BUDGET_S = 2, 200.0

HEAD = """
{homes:,} homes, {long:,.0f} km of border and {keepers:,} keepers (a tenth of them outposts, the others
strongholds), from frames in memory to figures; imports and reading the frames are not counted.

{machine}

| way | s | process CPU s | MiB | border m | area m2 | homes |
|---|---|---|---|---|---|---|
"""

TAIL = """
*gridmap*: `by_distance` and `cover` of `gridmap.analyse`: geodesic metres, how many keepers reach each piece
of border, each home and each place (once, twice, three times), the nearest and the only keeper of each home.
*with depth*: also the belt and how many layers answer where. *process CPU s*: of the whole process, with
imports, reading the frames and, for gridmap, the depth. *plain*: in the plane, the border less the union
of buffers ({segments} segments a quarter circle), the area of the union of all buffers within the
jurisdiction, and `sjoin` of the homes with strongholds within their reach (`predicate="dwithin"`), which
gives how many reach each home; no depth, no counts of border and ground. The ratio of times is
{ratio:.2f} (below 1 gridmap is faster), that of memory {memory:.2f}.

To run this part again: `python -m tests.bench.run --only coverage`.
"""


def made(homes: int = HOMES) -> dict[str, gpd.GeoDataFrame]:
    """Return the frames of an invented area."""
    rng = np.random.default_rng(6)
    east = np.linspace(0.0, LONG_M, 601)
    north = np.cumsum(rng.normal(0.0, 150.0, len(east)))
    line = np.column_stack([WEST + east, NORTH + north - north.mean()])
    foot = [(WEST + LONG_M, NORTH - DEEP_M), (WEST, NORTH - DEEP_M)]
    whole = shapely.Polygon([*line, *foot])
    edges = np.linspace(WEST, WEST + LONG_M, 31)
    strips = [shapely.box(a, NORTH - 2 * DEEP_M, b, NORTH + DEEP_M) for a, b in pairwise(edges)]
    zones = shapely.intersection(np.array(strips, dtype=object), whole)
    outposts = line[rng.choice(len(line), KEEPERS // 10, replace=False)] - (0.0, 1_500.0)
    strongholds = _spread(rng, KEEPERS - len(outposts))
    return {
        "border": _frame([shapely.LineString(line)], "B"),
        "jurisdiction": _frame([whole], "J"),
        "zone": _frame(zones, "Z"),
        "outpost": _frame(shapely.points(outposts), "O"),
        "stronghold": _frame(shapely.points(strongholds), "S"),
        "home": _frame(shapely.points(_spread(rng, homes)), "H"),
    }


def _spread(rng: np.random.Generator, count: int) -> Any:
    low, high = (WEST, NORTH - DEEP_M), (WEST + LONG_M, NORTH - 2_000.0)
    return rng.uniform(low, high, (count, 2))


def _frame(shapes: Any, letter: str) -> gpd.GeoDataFrame:
    ids = [f"{letter}{number:07d}" for number in range(len(shapes))]
    return gpd.GeoDataFrame({"id": ids}, geometry=gpd.GeoSeries(shapes, crs=CODE))


def ours(frames: dict[str, gpd.GeoDataFrame], clock: Callable[[], float]) -> dict[str, float]:
    from gridmap import geo
    from gridmap.analyse.cover import cover
    from gridmap.analyse.demand import Demand, Homes, Posts
    from gridmap.analyse.depth import depth
    from gridmap.analyse.distance import by_distance

    start = clock()
    counts = [len(frames[kind]) for kind in ("outpost", "stronghold")]
    keepers = pd.concat([frames["outpost"], frames["stronghold"]])
    line = np.repeat([True, False], counts)
    kind = np.where(line, "outpost", "household").astype(object)
    xy = geo.point_xy(keepers.geometry)
    posts = Posts(
        kind, keepers["id"].to_numpy(dtype=object), np.full(len(line), None, dtype=object), xy, line
    )
    homes = frames["home"]
    ids, persons = homes["id"].to_numpy(dtype=object), np.full(len(homes), 3)
    demand = Demand(
        CODE,
        geo.build_border(frames["border"].geometry.to_numpy(), CODE),
        BELT_M,
        frames["jurisdiction"].geometry.iloc[0],
        frames["zone"].geometry.to_numpy(),
        Homes(ids, geo.point_xy(homes.geometry), persons),
    )
    reached = by_distance(demand, posts, np.where(line, OUTPOST_M, STRONGHOLD_M))
    found = cover(demand, posts, reached)
    figures = {"line_m": found.line.covered_m, "area_m2": found.area.covered_m2, "homes": found.point.covered}
    seconds = clock() - start
    depth(demand, posts, reached)
    return {**figures, "seconds": seconds, "with_depth": clock() - start}


def plain(frames: dict[str, gpd.GeoDataFrame], clock: Callable[[], float]) -> dict[str, float]:
    start = clock()
    posts = frames["outpost"].geometry.buffer(OUTPOST_M, quad_segs=QUAD_SEGS)
    strongholds = frames["stronghold"].geometry.buffer(STRONGHOLD_M, quad_segs=QUAD_SEGS)
    border = frames["border"].geometry.iloc[0]
    covered = border.length - border.difference(posts.union_all()).length
    ground = pd.concat([posts, strongholds]).union_all()
    area = ground.intersection(frames["jurisdiction"].geometry.iloc[0]).area
    joined = frames["home"].sjoin(frames["stronghold"], predicate="dwithin", distance=STRONGHOLD_M)
    count = joined.groupby(level=0).size()
    return {"line_m": covered, "area_m2": area, "homes": len(count), "seconds": clock() - start}


def measure(asked: Asked) -> Section:
    """Measure both ways in turn, and return the part of the page."""
    homes = FEW if asked.quick else HOMES
    file = asked.folder / "area.pkl"
    words = [*MODULE, "tests.bench.coverage"]
    run([*words, "make", file, str(homes)], folder=ROOT)
    mine, theirs = pairs(
        lambda: run([*words, "ours", file], folder=ROOT),
        lambda: run([*words, "plain", file], folder=ROOT),
        repeats=1 if asked.quick else REPEATS,
        budget_s=BUDGET_S,
    )
    return section(mine, theirs, homes, machine())


PART = Part("Coverage", measure, "about 3 minutes")


def section(mine: list[Run], theirs: list[Run], homes: int, words: str) -> Section:
    ratio = median(mine, _seconds) / median(theirs, _seconds)
    memory = median(mine, peak_of) / median(theirs, peak_of)
    head = HEAD.format(homes=homes, long=LONG_M / 1_000, keepers=KEEPERS, machine=words)
    rows = [_row("gridmap", mine, _seconds), _row("gridmap, with depth", mine, _with_depth)]
    rows.append(_row("plain", theirs, _seconds))
    return Section(head + "".join(rows) + TAIL.format(segments=QUAD_SEGS, ratio=ratio, memory=memory))


def _row(name: str, runs: list[Run], seconds: Callable[[Run], float]) -> str:
    figures = (f"{runs[0].figure(key):,.0f}" for key in ("line_m", "area_m2", "homes"))
    took = [f"{median(runs, seconds):.2f}", f"{median(runs, cpu_of):.2f}", f"{median(runs, peak_of):,.0f}"]
    return "| " + " | ".join([name, *took, *figures]) + " |\n"


def _seconds(one: Run) -> float:
    return one.figure("seconds")


def _with_depth(one: Run) -> float:
    return one.figure("with_depth")


def main(what: str, file: str, homes: str = str(HOMES)) -> None:
    if what == "make":
        pd.to_pickle(made(int(homes)), file)
        return
    way = {"ours": ours, "plain": plain}[what]
    frames = pd.read_pickle(file)  # noqa: S301 - the file that `make` has just made
    sys.stdout.write(json.dumps(way(frames, time.perf_counter)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
