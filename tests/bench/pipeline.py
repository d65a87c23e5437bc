"""The whole pipeline, command by command: demo, check, assign, coverage, map; time and memory by stage."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.growth import exponent
from tests.bench.measure import Run, alone, cpu_of, median, peak_of, run, spread, wall_of
from tests.bench.page import Section, machine, table
from tests.bench.part import GRIDMAP, Asked, Part, say

STAGES = ("demo", "check", "assign", "coverage", "map")
# Households, repeats at most, seconds at most for the repeats of a stage.
WHOLE = ((10_000, 5, 60.0), (100_000, 3, 60.0), (1_000_000, 2, 150.0))
QUICK = ((1_400, 1, 60.0),)
LARGEST = 5_000_000
# CPU seconds and MiB at 1,000,000 households on the machine of the committed figures, before the indexes, the
# columns and the bulk paths were built.
BEFORE_AT = 1_000_000
BEFORE = {
    "demo": (31.3, 1863),
    "check": (17.4, 1380),
    "assign": (45.3, 3261),
    "coverage": (37.4, 2074),
    "map": (83.2, 2492),
}

HEAD = """
`gridmap demo`, `check`, `assign`, `coverage` and `map --audience planner`, each a whole process: Python,
imports, reading, work, writing. *before*: at 1,000,000 households, on a machine like that of the committed
figures, before assignments became columns. *growth*: the exponent of CPU seconds over the sizes of this table
(1 is linear; a process's start weighs on small sizes), and over the last two.

{machine}

"""

TAIL = """
`coverage` and `map` make the plan as well: of what `assign` stored they take nothing.

To run this part again: `python -m tests.bench.run --only pipeline`.
"""


@dataclass(frozen=True)
class Row:
    """One stage at one size."""

    stage: str
    households: int
    runs: tuple[Run, ...]


def stages(folder: Path, households: int) -> dict[str, Callable[[], Run]]:
    """Return the commands in their order; each can be run again, and starts from what the last one left."""
    area, copy = folder / "area", folder / "copy"

    def gridmap(*words: str | Path, expected: Sequence[int] = (0,)) -> Run:
        return run([GRIDMAP, *words], folder=folder, expected=expected)

    def demo() -> Run:
        shutil.rmtree(area, ignore_errors=True)
        return gridmap("demo", area, "--households", str(households))

    def assign() -> Run:
        # Each run meets the area as the demo left it: a stored plan would be overwritten, not made.
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(area, copy)
        return gridmap("assign", "-C", copy, "--json")

    page = ("--audience", "planner", "--out", folder / "map.html", "--force", "--json")
    return {
        "demo": demo,
        "check": lambda: gridmap("check", "-C", area, "--json", expected=(0, 1)),
        "assign": assign,
        "coverage": lambda: gridmap("coverage", "-C", copy, "--json"),
        "map": lambda: gridmap("map", "-C", copy, *page),
    }


def rows(folder: Path, sizes: Sequence[tuple[int, int, float]]) -> list[Row]:
    found = []
    for households, repeats, budget_s in sizes:
        for stage, action in stages(folder, households).items():
            row = Row(stage, households, tuple(alone(action, repeats=repeats, budget_s=budget_s)))
            say(f"pipeline: {households:>9,} {stage:<9}{median(row.runs, cpu_of):9.2f} CPU s")
            found.append(row)
    return found


def largest(folder: Path) -> Row:
    """Assign five million, once."""
    steps = stages(folder, LARGEST)
    steps["demo"]()
    row = Row("assign", LARGEST, (steps["assign"](),))
    say(f"pipeline: {LARGEST:>9,} assign   {median(row.runs, cpu_of):9.2f} CPU s")
    shutil.rmtree(folder / "area")
    shutil.rmtree(folder / "copy")
    return row


def section(found: Sequence[Row], words: str) -> Section:
    """Return the section: a line for each stage and size, stage by stage."""
    head = ["stage", "households", "runs", "s", "CPU s", "from, to", "MiB", "before CPU s", "before MiB"]
    lines = []
    for stage in STAGES:
        lines += [_line(row) for row in found if row.stage == stage]
    body = HEAD.format(machine=words) + table(head, lines)
    grown = [_growth(stage, [row for row in found if row.stage == stage]) for stage in STAGES]
    if all(grown):
        body += "\n" + table(["stage", "growth", "last two"], [one for one in grown if one])
    return Section(body + TAIL)


def _line(row: Row) -> list[str]:
    before = BEFORE[row.stage] if row.households == BEFORE_AT else None
    return [
        row.stage,
        f"{row.households:,}",
        str(len(row.runs)),
        f"{median(row.runs, wall_of):.2f}",
        f"{median(row.runs, cpu_of):.2f}",
        spread(row.runs, cpu_of),
        f"{median(row.runs, peak_of):,.0f}",
        f"{before[0]:.1f}" if before else "",
        f"{before[1]:,}" if before else "",
    ]


def _growth(stage: str, found: Sequence[Row]) -> list[str] | None:
    """Return the exponents up to a million; five million is measured for its memory."""
    took = {row.households: median(row.runs, cpu_of) for row in found if row.households < LARGEST}
    if len(took) < 2:
        return None
    sizes, seconds = list(took), list(took.values())
    return [stage, f"{exponent(sizes, seconds):.2f}", f"{exponent(sizes[-2:], seconds[-2:]):.2f}"]


def measure(asked: Asked) -> Section:
    if not asked.quick:
        # The first run compiles modules and fills the disk's cache: nobody's figure.
        for action in stages(asked.folder, 50).values():
            action()
    found = rows(asked.folder, QUICK if asked.quick else WHOLE)
    if not asked.quick:
        found.append(largest(asked.folder))
    return section(found, machine())


PART = Part("The whole pipeline", measure, "about 10 minutes", at_first_look=True)
