"""Measure maps in a browser, gridmap's and folium's in turn: sizes, making, opening, dragging."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from tests.bench.measure import run
from tests.bench.page import Section, machine
from tests.bench.part import GRIDMAP, MODULE, ROOT, Asked, Part, say

SMALL, LARGE, LARGEST = 1_400, 100_000, 1_000_000
# What planners see of homes: the public columns of the table.
COLUMNS = ["id", "stronghold", "persons", "gacha", "unit", "status"]
OPENINGS = 3

HEAD = """
Chromium without a GPU and without a network, 1440 by 900, the page opened from a file; each figure is the
best of three openings.

{machine}

| shown | MB | CPU s | usable after s | frames a second | longest frame ms |
|---|---|---|---|---|---|
"""

TAIL = """
- *MB*: the file. gridmap's holds all it needs; folium's asks for ten more files from the network.
- *CPU s*: of Python, from the same GeoDataFrame in memory to HTML in memory, after a first page of twenty
  rows (imports and first uses are paid before, on both sides). Whole areas are in the part on the pipeline.
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


@dataclass(frozen=True)
class Opened:
    """One way to show one thing: bytes of the page, CPU seconds of making it from a frame, and the browser.

    What is None was not measured for this thing; `reckoned` says that the figures are those of another size.
    """

    page_bytes: float
    cpu_s: float | None
    usable_s: float
    frames: float
    longest_ms: float
    reckoned: bool = False


@dataclass(frozen=True)
class Shown:
    """One line of the page of figures: what is shown, both ways."""

    name: str
    ours: Opened
    plain: Opened
    note: str = ""


def maps(folder: Path, *, quick: bool) -> Iterator[Shown]:
    """Measure, the smallest first; a first look ends there."""
    for one in (_area,) if quick else (_area, _table, _million, _cells):
        shown = one(folder)
        say(f"{shown.name}: {shown.ours} against {shown.plain}")
        yield shown


def measure(asked: Asked) -> Section:
    return section(list(maps(asked.folder, quick=asked.quick)), machine())


PART = Part("Maps in a browser", measure, "about 7 minutes")


def section(shown: Sequence[Shown], words: str) -> Section:
    lines = [line for one in shown for line in _lines(one)]
    return Section(HEAD.format(machine=words) + "".join(lines) + TAIL)


def _lines(one: Shown) -> list[str]:
    reckoned = ", reckoned" if one.plain.reckoned else ""
    found = [
        _line(f"{one.name}: gridmap", one.ours),
        _line(f"{one.name}: folium{reckoned}", one.plain),
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


def _line(name: str, one: Opened) -> str:
    cells = [
        name,
        f"{one.page_bytes / 1e6:.2f}",
        "" if one.cpu_s is None else f"{one.cpu_s:.2f}",
        f"{one.usable_s:.2f}",
        f"{one.frames:.0f}",
        f"{one.longest_ms:.0f}",
    ]
    return "| " + " | ".join(cells) + " |\n"


def _made(folder: Path, households: int) -> Path:
    """Make a demo area and its plan; a map follows."""
    area = folder / f"area{households}"
    if not area.exists():
        run([GRIDMAP, "demo", area, "--households", str(households)], folder=folder)
        run([GRIDMAP, "assign", "-C", area, "--json"], folder=folder)
    return area


def _map(folder: Path, households: int) -> Path:
    area, out = _made(folder, households), folder / f"map{households}.html"
    run(
        [GRIDMAP, "map", "-C", area, "--audience", "planner", "--out", out, "--force", "--json"],
        folder=folder,
    )
    return out


def _opened(page: Path, cpu_s: float | None = None) -> Opened:
    """Open a page some times, and take the best of each: the machine's other work only ever adds."""
    runs = [run([*MODULE, "tests.bench.browser", page], folder=ROOT).said for _ in range(OPENINGS)]
    figures = {name: [float(str(one[name])) for one in runs] for name in runs[0]}
    return Opened(
        page.stat().st_size,
        cpu_s,
        min(figures["usable_s"]),
        max(figures["frames_a_second"]),
        min(figures["longest_after_ms"]),
    )


def _both(folder: Path, kind: str, source: Path | str) -> tuple[Opened, Opened]:
    """Turn one frame into pages both ways, and open them."""
    found = []
    for way in ("ours", "theirs"):
        out = folder / f"{way}.html"
        runs = [
            run([*MODULE, "tests.bench.pages", way, kind, source, out], folder=ROOT).said for _ in range(2)
        ]
        found.append(_opened(out, min(float(str(one["cpu_s"])) for one in runs)))
    return found[0], found[1]


def _area(folder: Path) -> Shown:
    area = _made(folder, SMALL)
    store, result, page = area / "border.gpkg", folder / "plain.gpkg", folder / "plain.html"
    run([*MODULE, "tests.bench.plain", "assign", store, result], folder=ROOT)
    run([*MODULE, "tests.bench.plain", "map", store, result, page], folder=ROOT)
    return Shown(f"the area, {SMALL:,} homes", _opened(_map(folder, SMALL)), _opened(page))


def _table(folder: Path) -> Shown:
    homes = gpd.read_file(_made(folder, LARGE) / "border.gpkg", layer="household").to_crs(4490)
    homes["stronghold"] = homes["stronghold"].astype("boolean")
    homes["persons"] = homes["persons"].astype("Int64")
    homes = homes[[*COLUMNS, "geometry"]]
    homes["geometry"] = homes.geometry.set_precision(1e-5)
    frame = folder / "homes.pkl"
    pd.to_pickle(homes, frame)
    ours, plain = _both(folder, "household", frame)
    return Shown(f"one table, {LARGE:,} homes", ours, plain)


def _million(folder: Path) -> Shown:
    area = _made(folder, LARGEST)
    out = _map(folder, LARGEST)
    shutil.rmtree(area)
    made = _opened(folder / "theirs.html")
    many = LARGEST // LARGE
    plain = Opened(
        made.page_bytes * many, None, made.usable_s * many, made.frames, made.longest_ms * many, reckoned=True
    )
    return Shown(f"the area, {LARGEST:,} homes", _opened(out), plain)


def _cells(folder: Path) -> Shown:
    ours, plain = _both(folder, "patrol_zone", "cells")
    return Shown("one table, 18,000 cells", ours, plain)
