"""The assignment core: all three layers of a million homes, gridmap and its rivals on the same frames.

One way in its own process: ``python -m tests.bench.core WAY HOMES ZONES STEPS``. The frames are made in the
process before the clock starts. Prints JSON: seconds of the steps, how many homes have an answer on each
layer, and the peak of memory before (the frames) and after.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np

from tests.bench.areas import STEPS, Size, made
from tests.bench.core_page import ONE_THREAD, Cell, Point, section
from tests.bench.measure import Clock, Run, median, peak_mib, rounds, run
from tests.bench.page import Section, machine
from tests.bench.part import MODULE, ROOT, Asked, Part, say
from tests.bench.rivals import Tables, geopandas_way, shapely_way

Way = Callable[[Tables, Clock], dict[str, float]]

SWITCH = "GRIDMAP_COMPILED"
HOMES, ZONES = (10_000, 100_000, 1_000_000), (1_000, 3_000, 10_000)
# A first look: no part of the page's figures.
FEW_HOMES, FEW_ZONES = (3_000, 10_000), (100, 1_000)
# At the largest homes and fewest zones, and at any other size.
REPEATS, CHIEF_S, OTHER_S = 5, 400.0, 80.0


def ours(tables: Tables, clock: Clock) -> dict[str, float]:
    """Assign as `gridmap.assign.arrange` does, without the proof; marks ``ground``, ``index``, ``assign``.

    What is loaded before is marked ``start``: libraries, which the rivals import before their clock starts,
    and kept machine code.
    """
    from gridmap.assign import engine, frames
    from gridmap.assign.ground import survey
    from gridmap.assign.rule import State
    from gridmap.config import default_spec
    from gridmap.geo.index.loading import load
    from gridmap.model import Findings

    spec = default_spec()
    load(len(tables["household"]))
    clock.mark("start")
    ground = survey(tables, spec, known=Findings())
    clock.mark("ground")
    ground.index.build()
    clock.mark("index")
    state, made_by = engine.run(State(ground), spec.rules)
    found = frames.assigned_of(state, [*engine.section_leads(state), *made_by])
    clock.mark("assign")
    homes: dict[str, list[np.ndarray]] = {"line": [], "area": [], "point": []}
    for rule, claims in made_by:
        if claims.kind == "household":
            homes[rule.layer].append(claims.feature)
    counts = {layer: len(np.unique(np.concatenate(rows))) if rows else 0 for layer, rows in homes.items()}
    return {
        "in_zone": counts["area"],
        "in_reach": counts["point"],
        "in_belt": counts["line"],
        "assignments": len(found),
    }


def ours_alone(tables: Tables, clock: Clock) -> dict[str, float]:
    """Assign on one processor, and so with one thread: what two threads take of a shared core is left out."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return ours(tables, clock)


WAYS: dict[str, Way] = {
    "gridmap": ours,
    "gridmap1": ours_alone,
    "geopandas": geopandas_way,
    "shapely1": shapely_way(1),
}


def one(way: str, at: Point, *, compiled: bool = True) -> Run:
    """Measure one way in a fresh process."""
    words = [*MODULE, "tests.bench.core", way, str(at.homes), str(at.zones), str(at.steps)]
    return run(words, folder=ROOT, environment={SWITCH: "1" if compiled else "0"})


def ways(at: Point, *, rivals: bool = True) -> dict[str, Callable[[], Run]]:
    """Return what is to be measured in turn, by the name that the page gives it."""
    found = {
        "gridmap": lambda: one("gridmap", at, compiled=False),
        f"gridmap, {ONE_THREAD}": lambda: one("gridmap1", at, compiled=False),
    }
    if find_spec("numba"):
        fast = {
            "gridmap, fast": lambda: one("gridmap", at),
            f"gridmap, fast, {ONE_THREAD}": lambda: one("gridmap1", at),
        }
        found = {**fast, **found}
    if rivals:
        found["geopandas"] = lambda: one("geopandas", at)
    found["shapely"] = lambda: one("shapely1", at)
    return found


def along_homes(homes: tuple[int, ...], zones: int, repeats: int) -> list[Cell]:
    """Measure all ways, the sizes one after the other."""
    found = []
    for count in homes:
        budget_s = CHIEF_S if count == homes[-1] else OTHER_S
        found += _measured([Point(count, zones, STEPS)], repeats, budget_s=budget_s, rivals=True)
    return found


def along_zones(homes: int, zones: tuple[int, ...], repeats: int) -> list[Cell]:
    """Measure all ways but geopandas, all sizes in turn: a machine that slows down slows them all.

    Smaller zones have shorter edges: drawn as closely as the larger. The most zones are measured twice more,
    with as many vertices in all as the fewest, and with as many each.
    """
    points = [Point(homes, count, round(STEPS * (zones[0] / count) ** 0.5)) for count in zones]
    points += [Point(homes, zones[-1], steps) for steps in (round(STEPS * zones[0] / zones[-1]), STEPS)]
    return _measured(points, repeats, budget_s=OTHER_S * len(points), rivals=False)


def _measured(points: Sequence[Point], repeats: int, *, budget_s: float, rivals: bool) -> list[Cell]:
    every = {(name, at): way for at in points for name, way in ways(at, rivals=rivals).items()}
    measured = rounds(every, repeats=repeats, budget_s=budget_s)
    found = [Cell(name, at, tuple(runs)) for (name, at), runs in measured.items()]
    for cell in found:
        words = f"{cell.homes:>9,} homes, {cell.zones:>6,} zones, {4 * cell.at.steps:>3} vertices"
        say(f"core: {words}: {cell.way:<20}{median(cell.runs, cell.everything):9.3f} CPU s")
    return found


def measure(asked: Asked) -> Section:
    # The first run compiles kernels and fills the disk's cache: nobody's figure.
    for name, action in ways(Point(1_000, 100, STEPS)).items():
        if name.startswith("gridmap") or not asked.quick:
            action()
    homes, zones, repeats = (FEW_HOMES, FEW_ZONES, 1) if asked.quick else (HOMES, ZONES, REPEATS)
    return section(along_homes(homes, zones[0], repeats), along_zones(homes[-1], zones, repeats), machine())


PART = Part("The assignment core", measure, "about 15 minutes", at_first_look=True)


def main(way: str, homes: str, zones: str, steps: str) -> None:
    tables = made(Size(homes=int(homes), zones=int(zones), steps=int(steps)))
    frames_mib = peak_mib()
    clock = Clock()
    said = WAYS[way](tables, clock)
    said |= {"frames_mib": frames_mib, "peak_mib": peak_mib(), **clock.taken}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
