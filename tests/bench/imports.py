"""A file of households taken in, by gridmap and by plain geopandas; then what was taken in is checked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measure import Run, alone, cpu_of, median, pairs, peak_of, run, spread, wall_of
from tests.bench.page import Section, machine, table
from tests.bench.part import GRIDMAP, MODULE, ROOT, Asked, Part, say

# Households, repeats at most, seconds at most for each measurement.
WHOLE = ((100_000, 3, 60.0), (1_000_000, 2, 150.0))
QUICK = ((3_000, 1, 60.0),)

HEAD = """
`gridmap import homes.FILE --as household` into an empty project, of a file that a custodian exported, and
then `gridmap check` of what was taken in; whole processes.

{machine}

"""

TAIL = """
A ratio is gridmap's wall time, or memory, over that of the plain way: below 1 is faster, or smaller. *plain*
(`tests/bench/plain.py`): `read_file`, `to_crs`, `to_file`: no limits, no mapping of columns, no checks of
rows, no hashes, no way back, and all is lost if it is killed.

To run this part again: `python -m tests.bench.run --only import`.
"""


@dataclass(frozen=True)
class Row:
    """One job at one size: gridmap's runs, and those of the plain way if there is one."""

    job: str
    households: int
    megabytes: float
    ours: list[Run]
    plain: list[Run]


def rows(folder: Path, households: int, repeats: int, budget_s: float) -> Iterator[Row]:
    area = folder / f"area{households}"
    run([GRIDMAP, "demo", area, "--households", str(households)], folder=folder)
    for suffix in ("gpkg", "csv"):
        file = folder / f"homes{households}.{suffix}"
        words = ["export", "household", file, "--audience", "custodian", "-C", area]
        run([GRIDMAP, *words], folder=folder)

        def ours(file: Path = file) -> Run:
            shutil.rmtree(folder / "empty", ignore_errors=True)
            run([GRIDMAP, "new", "empty", "--settings", area / "gridmap.toml"], folder=folder)
            return run([GRIDMAP, "import", file, "--as", "household", "-C", "empty", "--json"], folder=folder)

        def plain(file: Path = file) -> Run:
            (folder / "taken.gpkg").unlink(missing_ok=True)
            return run([*MODULE, "tests.bench.plain", "import", file, folder / "taken.gpkg"], folder=ROOT)

        mine, theirs = pairs(ours, plain, repeats=repeats, budget_s=budget_s)
        taken = {one.said["accepted"] for one in mine}
        if taken != {households}:
            message = f"{taken} rows of {households} were taken in"
            raise RuntimeError(message)
        yield Row(f"import {suffix}", households, file.stat().st_size / 1e6, mine, theirs)
    # What was taken in is checked: the rows by the import itself, the data by this.
    checked = alone(
        lambda: run([GRIDMAP, "check", "-C", "empty", "--json"], folder=folder, expected=(0, 1)),
        repeats=repeats,
        budget_s=budget_s / 2,
    )
    yield Row("check", households, 0.0, checked, [])


def section(found: Sequence[Row], words: str) -> Section:
    head = ["job", "households", "MB", "runs", "s", "CPU s", "from, to", "MiB"]
    head += ["plain s", "plain CPU s", "plain MiB", "time ratio", "memory ratio"]
    return Section(HEAD.format(machine=words) + table(head, map(_line, found)) + TAIL)


def _line(row: Row) -> list[str]:
    cells = [
        row.job,
        f"{row.households:,}",
        f"{row.megabytes:.0f}" if row.megabytes else "",
        str(len(row.ours)),
        f"{median(row.ours, wall_of):.2f}",
        f"{median(row.ours, cpu_of):.2f}",
        spread(row.ours, cpu_of),
        f"{median(row.ours, peak_of):,.0f}",
    ]
    if not row.plain:
        return [*cells, *[""] * 5]
    return [
        *cells,
        f"{median(row.plain, wall_of):.2f}",
        f"{median(row.plain, cpu_of):.2f}",
        f"{median(row.plain, peak_of):,.0f}",
        f"{median(row.ours, wall_of) / median(row.plain, wall_of):.2f}",
        f"{median(row.ours, peak_of) / median(row.plain, peak_of):.2f}",
    ]


def measure(asked: Asked) -> Section:
    found = []
    for size in QUICK if asked.quick else WHOLE:
        for row in rows(asked.folder, *size):
            say(f"import: {row.households:>9,} {row.job:<12}{median(row.ours, cpu_of):8.2f} CPU s")
            found.append(row)
    return section(found, machine())


PART = Part("Import", measure, "about 6 minutes")
