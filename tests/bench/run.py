"""Measure, and write docs/benchmarks.md: ``python -m tests.bench.run [--quick] [--only PART]``.

Figures, not pass or fail: `make test` does not run this.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import coverage, travel
from tests.bench.maps import maps
from tests.bench.measure import Run, alone, median, pairs, run
from tests.bench.page import machine, page, with_maps, with_section

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
GRIDMAP = Path(sys.executable).with_name("gridmap")
PLAIN = (sys.executable, "-m", "tests.bench.plain")

# Households, repeats at most, seconds at most for each measurement.
WHOLE = ((1_400, 7, 120.0), (100_000, 5, 180.0), (1_000_000, 3, 150.0))
QUICK = ((1_400, 3, 30.0), (20_000, 1, 30.0))
LARGEST_MAP = 100_000


@dataclass(frozen=True)
class Row:
    """One line of the page: a job at a size, gridmap's runs and those of the plain way."""

    job: str
    households: int
    ours: list[Run]
    plain: list[Run]
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Wall time of gridmap over that of the plain way: below 1 is faster."""
        if not self.plain:
            return None
        return median(self.ours, wall) / median(self.plain, whole)


def wall(one: Run) -> float:
    return one.wall_s


def whole(one: Run) -> float:
    """Return the wall time of the plain way, with the chainage it measured on a sample reckoned up."""
    measured = float(str(one.said.get("measured_s", 0)))
    return one.wall_s - measured + float(str(one.said.get("whole_s", measured)))


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


def measure_demo(folder: Path, households: int, repeats: int, budget_s: float) -> Row:
    def make() -> Run:
        shutil.rmtree(folder / "area", ignore_errors=True)
        return run([GRIDMAP, "demo", "area", "--households", str(households)], folder=folder)

    return Row("demo", households, alone(make, repeats=repeats, budget_s=budget_s), [])


def measure_assign(folder: Path, households: int, repeats: int, budget_s: float) -> Row:
    def ours() -> Run:
        # Each run meets the area as the demo left it: a stored plan would be overwritten, not made.
        shutil.rmtree(folder / "copy", ignore_errors=True)
        shutil.copytree(folder / "area", folder / "copy")
        return run([GRIDMAP, "assign", "-C", "copy", "--json"], folder=folder)

    def plain() -> Run:
        (folder / "plain.gpkg").unlink(missing_ok=True)
        return run([*PLAIN, "assign", folder / "area/border.gpkg", folder / "plain.gpkg"], folder=ROOT)

    mine, theirs = pairs(ours, plain, repeats=repeats, budget_s=budget_s)
    sampled = any(whole(one) > one.wall_s * 1.0001 for one in theirs)
    note = "plain chainage measured on 10,000 households and scaled linearly" if sampled else ""
    return Row("assign", households, mine, theirs, note)


def measure_map(folder: Path, households: int, repeats: int, budget_s: float) -> Row:
    def ours() -> Run:
        words = ["map", "-C", "copy", "--audience", "planner", "--out", "map.html", "--force", "--json"]
        return run([GRIDMAP, *words], folder=folder)

    def plain() -> Run:
        files = (folder / "area/border.gpkg", folder / "plain.gpkg", folder / "plain.html")
        return run([*PLAIN, "map", *files], folder=ROOT)

    mine, theirs = pairs(ours, plain, repeats=repeats, budget_s=budget_s)
    sizes = [(folder / name).stat().st_size / 1e6 for name in ("map.html", "plain.html")]
    note = f"page of {sizes[0]:.1f} MB with all it needs; plain {sizes[1]:.1f} MB and files from the network"
    return Row("map", households, mine, theirs, note)


def measure_import(folder: Path, households: int, repeats: int, budget_s: float) -> Iterator[Row]:
    """Measure files of a custodian's export, taken into an empty project with the same settings."""
    for suffix in ("gpkg", "csv"):
        file = folder / f"homes.{suffix}"
        words = ["export", "household", file, "--audience", "custodian", "-C", "area"]
        run([GRIDMAP, *words], folder=folder)

        def ours(file: Path = file) -> Run:
            shutil.rmtree(folder / "empty", ignore_errors=True)
            run([GRIDMAP, "new", "empty", "--settings", "area/gridmap.toml"], folder=folder)
            return run([GRIDMAP, "import", file, "--as", "household", "-C", "empty", "--json"], folder=folder)

        def plain(file: Path = file) -> Run:
            (folder / "taken.gpkg").unlink(missing_ok=True)
            return run([*PLAIN, "import", file, folder / "taken.gpkg"], folder=ROOT)

        mine, theirs = pairs(ours, plain, repeats=repeats, budget_s=budget_s)
        taken = {one.said["accepted"] for one in mine}
        if taken != {households}:
            message = f"{taken} rows of {households} were taken in"
            raise RuntimeError(message)
        note = f"{file.stat().st_size / 1e6:.0f} MB"
        yield Row(f"import {suffix}", households, mine, theirs, note)
    # What was taken in is checked: the rows by the import itself, the data by this.
    checked = alone(
        lambda: run([GRIDMAP, "check", "-C", "empty", "--json"], folder=folder, expected=(0, 1)),
        repeats=repeats,
        budget_s=budget_s / 2,
    )
    yield Row("check", households, checked, [])


def rows(sizes: tuple[tuple[int, int, float], ...]) -> Iterator[Row]:
    for households, repeats, budget_s in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            yield measure_demo(folder, households, repeats, budget_s / 2)
            yield measure_assign(folder, households, repeats, budget_s)
            yield from measure_import(folder, households, repeats, budget_s)
            if households <= LARGEST_MAP:
                yield measure_map(folder, households, repeats, budget_s)


def write_maps(text: str) -> None:
    """Measure maps, and write the page with them."""
    with tempfile.TemporaryDirectory() as name:
        shown = list(maps(Path(name), say))
    PAGE.write_text(with_maps(text, shown), encoding="utf-8", newline="\n")


# Sections of the page that are measured alone, by the word of --only.
SECTIONS = {"coverage": coverage, "travel": travel}


def write_section(name: str, text: str) -> str:
    """Measure one section, write the page with it, and return the page."""
    part = SECTIONS[name]
    with tempfile.TemporaryDirectory() as folder:
        made = with_section(text, part.TITLE, part.section(Path(folder), machine()))
    PAGE.write_text(made, encoding="utf-8", newline="\n")
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes; prints the page, writes nothing")
    parser.add_argument(
        "--only", choices=["maps", *SECTIONS], help="one part alone: the rest of the page stays"
    )
    asked = parser.parse_args()
    quick = asked.quick
    if asked.only in SECTIONS:
        write_section(asked.only, PAGE.read_text(encoding="utf-8"))
        return
    if asked.only:
        write_maps(PAGE.read_text(encoding="utf-8"))
        return
    sizes = QUICK if quick else WHOLE
    with tempfile.TemporaryDirectory() as name:
        # The first run compiles modules and fills the disk cache: nobody's figure.
        run([GRIDMAP, "demo", "warm", "--households", "50"], folder=Path(name))
        run([GRIDMAP, "assign", "-C", "warm", "--json"], folder=Path(name))
    measured = []
    for row in rows(sizes):
        ratio = "" if row.ratio is None else f", {row.ratio:.2f} of the plain way"
        say(f"{row.job:<12}{row.households:>10,}  {median(row.ours, wall):8.2f} s{ratio}")
        measured.append(row)
    text = page(measured)
    if quick:
        sys.stdout.write(text)
    else:
        for name in SECTIONS:
            text = write_section(name, text)
        write_maps(text)


if __name__ == "__main__":
    main()
