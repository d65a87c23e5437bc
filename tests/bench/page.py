"""Write the page of figures: the machine in words, the table, what was and was not measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from tests.bench.measure import Run, median, spread

if TYPE_CHECKING:
    from tests.bench.run import Row

GIB = 1024**3
LIBRARIES = ("geopandas", "shapely", "pyogrio", "pandas", "numpy", "scipy", "folium")

HEAD = """# Benchmarks

Made by `make bench`: do not edit by hand. Figures, not promises: compare the ratios, not the seconds.

{machine}

Each run is a fresh process, from start to end: Python, imports, reading, work, writing. Seconds and memory
are medians; gridmap and the plain way run in turn. Memory is the peak of resident memory.

| job | households | runs | s | from, to | CPU s | MiB | plain s | plain MiB | time ratio | memory ratio |
|---|---|---|---|---|---|---|---|---|---|---|
"""

TAIL = """
A ratio is gridmap's figure over that of the plain way: below 1 is faster, or smaller.

**What the jobs are**

| job | command |
|---|---|
| demo | `gridmap demo area --households N` |
| assign | `gridmap assign -C area --json` |
| import gpkg, csv | `gridmap import homes.gpkg --as household -C empty --json` |
| check | `gridmap check -C empty --json`, of what was imported |
| map | `gridmap map -C area --audience planner --out map.html` (it makes the plan anew, too) |

**What the plain way is** (`tests/bench/plain.py`): the same store read with geopandas; `sjoin` within the
zones, `sjoin_nearest` with a limit for the strongholds, `line_locate_point` and `distance` in one call each
for the border, sections cut at midpoints, `to_file`; `folium.GeoJson` with circle markers on a canvas,
fields in tooltips, one layer per table; `read_file`, `to_crs` and `to_file` for an import. It has no
checks, no rule for ties and shared edges, plane distances instead of geodesic ones, no proof, no reasons,
and writes no assignment rows; its page needs the network; its import has no limits, no mapping, no hashes,
no way back, and loses everything if it is killed. So the ratio says what those cost. There is no plain way
to make the demo area.

To run it again: `make bench` (about 15 minutes), or `python -m tests.bench.run --quick` for a first look.
"""


def machine() -> str:
    """Describe the machine in words: no names, no paths."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"Machine: {cores} cores ({platform.machine()}), {memory:.0f} GiB of memory, {system}, "
        f"Python {platform.python_version()}.\nLibraries: {libraries}."
    )


def page(rows: Sequence[Row]) -> str:
    """Return docs/benchmarks.md."""
    notes = [f"- {row.job}, {row.households:,} households: {row.note}." for row in rows if row.note]
    head = HEAD.format(machine=machine())
    return head + "".join(map(_line, rows)) + "\n" + "\n".join(notes) + "\n" + TAIL


def _line(row: Row) -> str:
    cells = [
        row.job,
        f"{row.households:,}",
        str(len(row.ours)),
        f"{median(row.ours, _wall):.2f}",
        spread(row.ours),
        f"{median(row.ours, _cpu):.2f}",
        f"{median(row.ours, _peak):,.0f}",
    ]
    if row.plain and row.ratio is not None:
        plain_s = median(row.ours, _wall) / row.ratio
        plain_mib = median(row.plain, _peak)
        memory = median(row.ours, _peak) / plain_mib
        cells += [f"{plain_s:.2f}", f"{plain_mib:,.0f}", f"{row.ratio:.2f}", f"{memory:.2f}"]
    else:
        cells += [""] * 4
    return "| " + " | ".join(cells) + " |\n"


def _wall(one: Run) -> float:
    return one.wall_s


def _cpu(one: Run) -> float:
    return one.cpu_s


def _peak(one: Run) -> float:
    return one.peak_mib
