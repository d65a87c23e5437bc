"""Measure maps in a browser, gridmap's and folium's in turn: sizes, making, opening, dragging."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from tests.bench.measure import run

ROOT = Path(__file__).parents[2]
GRIDMAP = Path(sys.executable).with_name("gridmap")
PYTHON = (sys.executable, "-m")
SMALL, LARGE, LARGEST = 1_400, 100_000, 1_000_000
# What planners see of homes: the public columns of the table.
COLUMNS = ["id", "stronghold", "persons", "gacha", "unit", "status"]
OPENINGS = 3


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


def maps(folder: Path, say: Callable[[str], None]) -> Iterator[Shown]:
    """Measure, the smallest first."""
    for one in (_area, _table, _million, _cells):
        shown = one(folder)
        say(f"{shown.name}: {shown.ours} against {shown.plain}")
        yield shown


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
    runs = [run([*PYTHON, "tests.bench.browser", page], folder=ROOT).said for _ in range(OPENINGS)]
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
            run([*PYTHON, "tests.bench.pages", way, kind, source, out], folder=ROOT).said for _ in range(2)
        ]
        found.append(_opened(out, min(float(str(one["cpu_s"])) for one in runs)))
    return found[0], found[1]


def _area(folder: Path) -> Shown:
    area = _made(folder, SMALL)
    store, result, page = area / "border.gpkg", folder / "plain.gpkg", folder / "plain.html"
    run([*PYTHON, "tests.bench.plain", "assign", store, result], folder=ROOT)
    run([*PYTHON, "tests.bench.plain", "map", store, result, page], folder=ROOT)
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
