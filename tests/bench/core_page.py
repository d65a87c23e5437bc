"""The section of the page on the assignment core: its tables, and the plot of growth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench.growth import exponent
from tests.bench.measure import Run, median, peak_of, spread
from tests.bench.page import IMAGES, Section, table
from tests.bench.plot import Panel, Series, drawn

PICTURE = "benchmarks-growth.svg"
COUNTS = ("in_zone", "in_reach", "in_belt")
# Steps of the geopandas way: as written plainly, and with the homes of the belt picked out first.
PLAIN, CAREFUL = ("area", "point", "line"), ("area", "point", "belt_join", "belt_along")
BELT_FIRST = "geopandas, belt first"

HEAD = """
{homes:,} homes in no order, {zones:,} zones (377 vertices in the median, edges shared vertex by vertex,
tiling 200 by 100 km), 500 strongholds, a border of 205 km with 4,000 vertices: all three layers, from frames
in memory. `tests/bench/areas.py` makes them. Imports are not counted, and compiled code is kept from an
earlier run, as numba does.

{machine}

"""

EXPLAINED = """
*ground*: gridmap's arrays from the frames, with what is faulty told apart. *index*: what is prepared once.
*assign*: all three layers of all homes after that, for gridmap with the reasons, as codes. *homes a CPU s*:
of *assign*. *everything*: all three. *MiB*: {frames:,.0f} of them are libraries and frames.
{times}
*geopandas*: `sjoin` with the zones, `sjoin_nearest` within reach, `line_locate_point` and `distance` from
every home to the border; the last two are measured on 10,000 homes and scaled linearly{scaled}.
*{belt_first}*: the same, but only of homes within the belt, found with `sjoin` by `dwithin`.
*shapely*: a tree over the zones and `contains_xy` once per prepared zone; scipy's k-d tree for strongholds,
and for the border over the middles of its segments, with a bound that proves the nearest and shapely's tree
where it does not (`tests/bench/rivals.py`). All of them measure in the plane, and know no ties, shared edges,
units or reasons.

Homes with an answer, area, point and line: {agreed}
"""

GROWTH = """
![CPU seconds against homes and zones, on logarithmic axes](images/{picture})

CPU seconds of everything, and the exponent of growth (1 is linear), fitted by least squares on logarithms:
over all sizes, and over the last two.

"""

TAIL = """
To run this part again: `python -m tests.bench.run --only core`.
"""


@dataclass(frozen=True)
class Cell:
    """One way at one size: its runs, each with what the process printed."""

    way: str
    homes: int
    zones: int
    runs: tuple[Run, ...]

    def assign(self, one: Run, clock: str = "cpu") -> float:
        """Return the seconds of assigning alone."""
        steps = {"geopandas": PLAIN, BELT_FIRST: CAREFUL}.get(self.way, ("assign",))
        return sum(one.figure(f"{step}_{clock}_s") for step in steps)

    def ground(self, one: Run, clock: str = "cpu") -> float:
        """Return the seconds from frames to arrays, which only gridmap has."""
        return _said(one, f"ground_{clock}_s")

    def index(self, one: Run, clock: str = "cpu") -> float:
        """Return the seconds of preparing; geopandas prepares nothing apart."""
        return _said(one, f"index_{clock}_s")

    def everything(self, one: Run) -> float:
        """Return the CPU seconds of all three."""
        return self.ground(one) + self.index(one) + self.assign(one)

    def wall(self, one: Run) -> float:
        """Return the wall seconds of all three."""
        return self.ground(one, "wall") + self.index(one, "wall") + self.assign(one, "wall")

    def counts(self) -> str:
        return ", ".join(f"{self.runs[0].figure(name):,.0f}" for name in COUNTS)


def section(cells: Sequence[Cell], machine: str) -> Section:
    """Return the section from what was measured: figures of the largest homes at the fewest zones first."""
    cells = [*cells, *(Cell(BELT_FIRST, one.homes, one.zones, one.runs) for one in _only(cells, "geopandas"))]
    homes = max(one.homes for one in cells)
    zones = next(one.zones for one in cells)
    chief = [one for one in cells if (one.homes, one.zones) == (homes, zones)]
    counts = {one.counts() for one in chief}
    agreed = f"{counts.pop()}, by every way." if len(counts) == 1 else ""
    agreed = agreed or "; ".join(f"{one.way} {one.counts()}" for one in chief) + "."
    body = [
        HEAD.format(homes=homes, zones=zones, machine=machine),
        _chief(chief),
        EXPLAINED.format(
            frames=median(chief[0].runs, lambda one: one.figure("frames_mib")),
            times=_times(chief),
            scaled="" if homes > 10_000 else " (here that is all of them)",
            belt_first=BELT_FIRST,
            agreed=agreed,
        ),
        GROWTH.format(picture=PICTURE),
        _growth([one for one in cells if one.zones == zones], "homes", lambda one: one.homes),
        "\n",
        _growth([one for one in cells if one.homes == homes], "zones", lambda one: one.zones),
        TAIL,
    ]
    return Section("".join(body), {f"{IMAGES}/{PICTURE}": picture(cells, homes, zones)})


def picture(cells: Sequence[Cell], homes: int, zones: int) -> str:
    """Draw the growth along homes and along zones."""
    shown = cells
    along = [one for one in shown if one.zones == zones]
    across = [one for one in shown if one.homes == homes]
    panels = [
        Panel(f"{zones:,} zones", "homes", _series(along, lambda one: one.homes)),
        Panel(
            f"{homes:,} homes",
            "zones",
            [s for s in _series(across, lambda one: one.zones) if len(s.points) > 1],
        ),
    ]
    return drawn(panels, seconds="CPU seconds, everything counted")


def _said(one: Run, name: str) -> float:
    return one.figure(name) if name in one.said else 0.0


def _only(cells: Sequence[Cell], way: str) -> list[Cell]:
    return [one for one in cells if one.way == way]


def _names(cells: Sequence[Cell]) -> list[str]:
    return list(dict.fromkeys(one.way for one in cells))


def _series(cells: Sequence[Cell], size: Callable[[Cell], int]) -> list[Series]:
    return [
        Series(name, [(size(one), median(one.runs, one.everything)) for one in _only(cells, name)])
        for name in _names(cells)
    ]


def _chief(cells: Sequence[Cell]) -> str:
    head = ["way", "runs", "ground CPU s", "index CPU s", "assign CPU s", "from, to", "homes a CPU s"]
    head += ["everything CPU s", "wall s", "MiB"]
    rows = []
    for one in cells:
        assign = median(one.runs, one.assign)
        rows.append(
            [
                one.way,
                str(len(one.runs)),
                f"{median(one.runs, one.ground):.2f}",
                f"{median(one.runs, one.index):.2f}",
                f"{assign:.2f}",
                spread(one.runs, one.assign),
                f"{one.homes / assign:,.0f}",
                f"{median(one.runs, one.everything):.2f}",
                f"{median(one.runs, one.wall):.2f}",
                f"{median(one.runs, peak_of):,.0f}",
            ]
        )
    return table(head, rows)


def _times(cells: Sequence[Cell]) -> str:
    """Say how many times the CPU seconds of gridmap each rival takes, everything counted."""
    took = {one.way: median(one.runs, one.everything) for one in cells}
    mine = [name for name in took if name.startswith("gridmap")]
    rivals = [name for name in took if name not in mine]
    rows = [[name, *(f"{took[name] / took[own]:.1f}" for own in mine)] for name in rivals]
    said = "\nCPU seconds of everything, in times those of gridmap:\n\n"
    return said + table(["rival", *(f"of {own}" for own in mine)], rows)


def _growth(cells: Sequence[Cell], word: str, size: Callable[[Cell], int]) -> str:
    sizes = sorted({size(one) for one in cells})
    head = ["way", *(f"{count:,} {word}" for count in sizes), "exponent", "last two"]
    rows = []
    for name in _names(cells):
        took = {size(one): median(one.runs, one.everything) for one in _only(cells, name)}
        if len(took) < len(sizes):
            continue
        seconds = [took[count] for count in sizes]
        rows.append(
            [
                name,
                *(f"{one:.3f}" for one in seconds),
                f"{exponent(sizes, seconds):.2f}",
                f"{exponent(sizes[-2:], seconds[-2:]):.2f}",
            ]
        )
    return table(head, rows)
