"""What it costs to start: an import, a word of help, an answer in a small area."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from tests.bench.measure import Run, cpu_of, median, rounds, run, spread, wall_of
from tests.bench.page import Section, machine, table
from tests.bench.part import GRIDMAP, ROOT, Asked, Part

HOMES, REPEATS, FEW, BUDGET_S = 1_400, 21, 3, 120.0
PLACE = ("110.12", "42.53")

HEAD = """
Whole processes, warm: the modules are compiled and in the disk's cache.

{machine}

"""

TAIL = """
`gridmap who` answers from the demo area of 1,400 households, assigned.

To run this part again: `python -m tests.bench.run --only start`.
"""


def section(found: Mapping[str, Sequence[Run]], words: str) -> Section:
    head = ["command", "runs", "CPU s", "from, to", "s"]
    rows = [
        [
            f"`{name}`",
            str(len(runs)),
            f"{median(runs, cpu_of):.3f}",
            spread(runs, cpu_of),
            f"{median(runs, wall_of):.3f}",
        ]
        for name, runs in found.items()
    ]
    return Section(HEAD.format(machine=words) + table(head, rows) + TAIL)


def measure(asked: Asked) -> Section:
    area = asked.folder / "start"
    run([GRIDMAP, "demo", area, "--households", str(HOMES)], folder=asked.folder)
    run([GRIDMAP, "assign", "-C", area, "--json"], folder=asked.folder)
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        'python -c "import gridmap"': [sys.executable, "-c", "import gridmap"],
        "gridmap --help": [GRIDMAP, "--help"],
        "gridmap --version": [GRIDMAP, "--version"],
        "gridmap who 110.12 42.53": [GRIDMAP, "who", *PLACE, "-C", area, "--json"],
    }
    ways = {name: lambda words=words: run(words, folder=ROOT) for name, words in commands.items()}
    for action in ways.values():
        action()
    repeats = FEW if asked.quick else REPEATS
    return section(rounds(ways, repeats=repeats, budget_s=BUDGET_S), machine())


PART = Part("Start", measure, "a minute", at_first_look=True)
