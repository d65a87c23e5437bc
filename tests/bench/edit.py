"""One household edited among a million: assigned again in process, against a full run.

In its own process: ``python -m tests.bench.edit FOLDER``, a project that nothing else uses.
"""

from __future__ import annotations

import json
import statistics
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import shapely

from tests.bench.measure import Clock, Run, median, peak_of, rounds, run, spread
from tests.bench.page import Section, machine, table
from tests.bench.part import MODULE, ROOT, Asked, Part, say

# Homes, zones, processes.
WHOLE, QUICK = (1_000_000, 1_000, 2), (10_000, 100, 1)
BUDGET_S = 200.0
EDITS, FULL, SHIFT_M = 7, 2, 900.0
NEEDED = "gridmap.project.updating"

HEAD = """
{homes:,} homes and {zones:,} zones of the section on the core, in a project on the disk. A home moves by
{shift:.0f} m; then the plan that was there is brought up to date, and a plan is made of everything. {edits}
homes one after the other in each process; what is given of a process is the median.

{machine}

"""

TAIL = """
*stored*: `area.edit`, with its transaction and hashes. *updated*: `plan.updated()`. *full*: `area.assign()`:
reading, checking and assigning. *updated* takes 1/{share:,.0f} of *full* in CPU seconds.
{same}

To run this part again: `python -m tests.bench.run --only edit`.
"""
SAME = "Both plans, stored, have the same content hash."
OTHER = "THE PLANS DIFFER: their content hashes are not the same."
STEPS = ("stored", "updated", "full")


def ours_edit(folder: Path) -> dict[str, float]:
    """Edit, update and assign in full; `same` is 1 if the stored plans have one content hash."""
    import gridmap

    with gridmap.open(folder) as area:
        plan = area.assign()
        ids = area.table("household", columns=["id"])["id"]
        took: dict[str, list[float]] = {}
        for turn in range(EDITS):
            clock = Clock()
            # Now in front of the last one, now behind it.
            place = 1 + turn * 3 % EDITS
            _moved(area, str(ids.iloc[place * len(ids) // (EDITS + 1)]))
            clock.mark("stored")
            plan = plan.updated()
            clock.mark("updated")
            if turn < FULL:
                whole = area.assign()
                clock.mark("full")
            for name, seconds in clock.taken.items():
                took.setdefault(name, []).append(seconds)
            if turn == FULL - 1:
                hashes = {_content(area, one) for one in (plan, whole)}
    said = {name: statistics.median(seconds) for name, seconds in took.items()}
    return {**said, "same": float(len(hashes) == 1)}


def _moved(area: Any, home: str) -> None:
    """Move a home to the south, where no border is."""
    row = area.store.read("household", ids=[home])
    place = shapely.get_coordinates(row.geometry.to_numpy())[0] - [0.0, SHIFT_M]
    area.edit("household", home, geometry=shapely.Point(place))


def _content(area: Any, plan: Any) -> str:
    plan.save()
    return str(area.store.content())


def section(runs: list[Run], homes: int, zones: int, words: str) -> Section:
    rows = [
        [
            step,
            f"{median(runs, lambda one, step=step: one.figure(f'{step}_cpu_s')):.3f}",
            spread(runs, lambda one, step=step: one.figure(f"{step}_cpu_s")),
            f"{median(runs, lambda one, step=step: one.figure(f'{step}_wall_s')):.3f}",
        ]
        for step in STEPS
    ]
    share = median(runs, lambda one: one.figure("full_cpu_s") / one.figure("updated_cpu_s"))
    same = all(one.figure("same") for one in runs)
    head = HEAD.format(homes=homes, zones=zones, shift=SHIFT_M, edits=EDITS, machine=words)
    tail = TAIL.format(share=share, same=SAME if same else OTHER)
    peak = f"\nPeak of the process: {median(runs, peak_of):,.0f} MiB, over {len(runs)} processes.\n"
    return Section(head + table(["step", "CPU s", "from, to", "s"], rows) + peak + tail)


def measure(asked: Asked) -> Section | None:
    if not find_spec(NEEDED):
        say(f"edit: left out, for there is no {NEEDED} yet")
        return None
    homes, zones, repeats = QUICK if asked.quick else WHOLE
    area = asked.folder / "edited"
    run([*MODULE, "tests.bench.files", "make", area, str(homes), str(zones)], folder=ROOT)
    action = {"edit": lambda: run([*MODULE, "tests.bench.edit", area], folder=ROOT)}
    return section(rounds(action, repeats=repeats, budget_s=BUDGET_S)["edit"], homes, zones, machine())


PART = Part("One home edited", measure, "about 4 minutes", at_first_look=True)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(ours_edit(Path(sys.argv[1]))) + "\n")
