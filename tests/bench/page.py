"""Write the page of figures: the machine in words, the table, what was and was not measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from tests.bench.measure import Run, median, spread

if TYPE_CHECKING:
    from tests.bench.maps import Opened, Shown
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


MAPS = """
## Maps in a browser

Chromium without a GPU and without a network, 1440 by 900, the page opened from a file; each figure is the
best of three openings.

{machine}

| shown | MB | CPU s | usable after s | frames a second | longest frame ms |
|---|---|---|---|---|---|
"""

MAPS_TAIL = """
- *MB*: the file. gridmap's holds all it needs; folium's asks for ten more files from the network.
- *CPU s*: of Python, from the same GeoDataFrame in memory to HTML in memory, after a first page of twenty
  rows (imports and first uses are paid before, on both sides). Whole areas are in the table above.
- *usable after*: from the start of loading until the map is painted and the page hears events.
- *frames a second*: while the map is dragged to and fro for two seconds; *longest frame*: the longest gap
  between two frames after it is let go, when what came into view is painted.
- *folium*: `folium.GeoJson` with circle markers on a canvas, the same columns as fields of its tooltip
  (`tests/bench/pages.py`); for the area of 1,400 homes one layer a table (`tests/bench/plain.py`). Of the
  files that it takes from the network Leaflet is served from the disk, and jQuery, Bootstrap and the icon
  fonts, without which points are drawn as well, are empty: its figures are those of a machine that has all.
- *reckoned*: a page of folium of a million homes is not made: bytes and times are ten times those of the
  hundred thousand above.

To run this part again: `python -m tests.bench.run --only maps` (some minutes).
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


def with_maps(text: str, shown: Sequence[Shown]) -> str:
    """Return docs/benchmarks.md with the part on maps made anew."""
    lines = [line for one in shown for line in _shown(one)]
    before = text.split(MAPS.split("{machine}", maxsplit=1)[0].split("\n\n", maxsplit=1)[0], maxsplit=1)[0]
    return before.rstrip("\n") + "\n" + MAPS.format(machine=machine()) + "".join(lines) + MAPS_TAIL


def with_section(text: str, title: str, body: str) -> str:
    """Return docs/benchmarks.md with one section made anew; a new one comes before the one on maps."""
    head = f"\n## {title}\n"
    before, found, rest = text.partition(head)
    if found:
        after = rest.partition("\n## ")
        return before + head + body + after[1] + after[2]
    before, maps, rest = text.partition(MAPS.partition("\n\n")[0] + "\n")
    return before.rstrip("\n") + "\n" + head + body + maps + rest


def _shown(one: Shown) -> list[str]:
    reckoned = ", reckoned" if one.plain.reckoned else ""
    found = [
        _opened(f"{one.name}: gridmap", one.ours),
        _opened(f"{one.name}: folium{reckoned}", one.plain),
    ]
    ours, plain = one.ours, one.plain
    cpu = "" if ours.cpu_s is None or plain.cpu_s is None else f"1/{plain.cpu_s / ours.cpu_s:.0f}"
    cells = [
        f"{one.name}: ratio",
        f"1/{plain.page_bytes / ours.page_bytes:.1f}",
        cpu,
        f"1/{plain.usable_s / ours.usable_s:.1f}",
        f"{ours.frames / plain.frames:.1f}",
        f"1/{plain.longest_ms / ours.longest_ms:.1f}",
    ]
    return [*found, "| " + " | ".join(cells) + " |\n"]


def _opened(name: str, one: Opened) -> str:
    cells = [
        name,
        f"{one.page_bytes / 1e6:.2f}",
        "" if one.cpu_s is None else f"{one.cpu_s:.2f}",
        f"{one.usable_s:.2f}",
        f"{one.frames:.0f}",
        f"{one.longest_ms:.0f}",
    ]
    return "| " + " | ".join(cells) + " |\n"


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
