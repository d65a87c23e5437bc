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
ONE_THREAD = "one thread"
# How many zones are drawn, and then how many vertices each has.
DRAWN = ("as many vertices in all", "as closely", "as many vertices a zone")

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
of *assign*. *everything*: all three. *one thread*: kept to one processor; where two processors are one core,
as on many rented machines, two threads take more CPU seconds for the same work. *MiB*: {frames:,.0f} of
them are libraries and frames. Not counted, as imports are not for the rivals: what gridmap
loads before, {loading}.
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

CPU seconds of everything, the largest in times of the smallest, and the exponent of growth (1 is linear),
fitted by least squares on logarithms: over all sizes, and over the last two.

"""

ZONES = """
More zones in the same area are smaller; their edges are drawn as closely as those of the fewest.

{everything}
The same, assigning alone, after the index is built:

{alone}
The same, everything by the clock, two threads sharing the work:

{clock}
So drawn, {count:,} zones have {more:.1f} times the vertices of {fewest:,}. With as many in all, with edges
drawn as closely, and with as many a zone they take, everything counted, and at most so much memory:

{drawn}"""

TAIL = """
To run this part again: `python -m tests.bench.run --only core`.
"""


@dataclass(frozen=True)
class Point:
    """A size: homes, zones, and steps of an edge of a zone."""

    homes: int
    zones: int
    steps: int


@dataclass(frozen=True)
class Cell:
    """One way at one size: its runs, each with what the process printed."""

    way: str
    at: Point
    runs: tuple[Run, ...]

    @property
    def homes(self) -> int:
        return self.at.homes

    @property
    def zones(self) -> int:
        return self.at.zones

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


def section(along: Sequence[Cell], across: Sequence[Cell], machine: str) -> Section:
    """Return the section from what was measured along homes, and along zones."""
    cells = [*along, *(Cell(BELT_FIRST, one.at, one.runs) for one in _only(along, "geopandas"))]
    homes, zones = max(one.homes for one in cells), cells[0].zones
    chief = [one for one in cells if one.homes == homes]
    counts = {one.counts() for one in chief}
    agreed = f"{counts.pop()}, by every way." if len(counts) == 1 else ""
    agreed = agreed or "; ".join(f"{one.way} {one.counts()}" for one in chief) + "."
    body = [
        HEAD.format(homes=homes, zones=zones, machine=machine),
        _chief(chief),
        EXPLAINED.format(
            frames=median(chief[0].runs, lambda one: one.figure("frames_mib")),
            times=_times(chief),
            loading=_loading(chief),
            scaled="" if homes > 10_000 else " (here that is all of them)",
            belt_first=BELT_FIRST,
            agreed=agreed,
        ),
        GROWTH.format(picture=PICTURE),
        _growth(cells, "homes", lambda one: one.homes),
        "\n",
        _along_zones(across),
        TAIL,
    ]
    return Section("".join(body), {f"{IMAGES}/{PICTURE}": picture(cells, _as_closely(across))})


def picture(along: Sequence[Cell], across: Sequence[Cell]) -> str:
    """Draw the growth along homes and along zones, without the ways kept to one thread."""
    along, across = ([one for one in some if ONE_THREAD not in one.way] for some in (along, across))
    homes, zones = max(one.homes for one in along), along[0].zones
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
    """Say how many times the seconds of gridmap each rival takes, everything counted."""
    mine = [one for one in cells if one.way.startswith("gridmap")]
    head, clocks = ["rival"], (("CPU s", Cell.everything), ("wall s", Cell.wall))
    head += [f"{words}, of {own.way}" for words, _ in clocks for own in mine]
    rows = [
        [one.way, *(f"{_took(one, clock) / _took(own, clock):.1f}" for _, clock in clocks for own in mine)]
        for one in cells
        if one not in mine
    ]
    said = "\nSeconds of everything, in times those of gridmap, which lets two threads share the work:\n\n"
    return said + table(head, rows)


def _took(cell: Cell, clock: Callable[[Cell, Run], float]) -> float:
    return median(cell.runs, lambda run: clock(cell, run))


def _loading(cells: Sequence[Cell]) -> str:
    """Say what gridmap loads before its clock starts, by way."""
    mine = [one for one in cells if one.way.startswith("gridmap")]
    return " and ".join(
        f"{median(one.runs, lambda each: each.figure('start_cpu_s')):.2f} s ({one.way})" for one in mine
    )


def _as_closely(across: Sequence[Cell]) -> list[Cell]:
    """Return what was measured on zones whose edges are drawn as closely as those of the fewest zones."""
    most = max(one.zones for one in across)
    _, steps, _ = sorted({one.at.steps for one in across if one.zones == most})
    return [one for one in across if one.zones < most or one.at.steps == steps]


def _along_zones(across: Sequence[Cell]) -> str:
    """Return the growth with the number of zones, everything and assigning alone, and as they are drawn."""
    cells = _as_closely(across)
    least, most = (choose(cells, key=lambda one: one.zones).at for choose in (min, max))
    everything = _growth(cells, "zones", lambda one: one.zones)
    mine = [one for one in cells if one.way.startswith("gridmap")]
    alone = _growth(mine, "zones", lambda one: one.zones, Cell.assign)
    clock = [one for one in cells if ONE_THREAD not in one.way]
    return ZONES.format(
        everything=everything,
        alone=alone,
        clock=_growth(clock, "zones", lambda one: one.zones, Cell.wall),
        drawn=_drawn(across),
        count=most.zones,
        fewest=least.zones,
        more=most.zones * most.steps / (least.zones * least.steps),
    )


def _drawn(across: Sequence[Cell]) -> str:
    """Return what the most zones take, and in times of the fewest, by how closely they are drawn."""
    most = max(one.zones for one in across)
    steps = sorted({one.at.steps for one in across if one.zones == most})
    head = ["way", *(f"{words}: {4 * each}" for words, each in zip(DRAWN, steps, strict=True)), "MiB"]
    rows = []
    for name in _names(across):
        mine = sorted(_only(across, name), key=lambda one: (one.zones, one.at.steps))
        base = _took(mine[0], Cell.everything)
        took = [_took(one, Cell.everything) for one in mine if one.zones == most]
        peak = median(mine[-1].runs, peak_of)
        rows.append([name, *(f"{one:.3f} s, {one / base:.2f} times" for one in took), f"{peak:,.0f}"])
    return table(head, rows)


def _growth(
    cells: Sequence[Cell],
    word: str,
    size: Callable[[Cell], int],
    seconds_of: Callable[[Cell, Run], float] = Cell.everything,
) -> str:
    sizes = sorted({size(one) for one in cells})
    head = ["way", *(f"{count:,} {word}" for count in sizes), "times", "exponent", "last two"]
    rows = []
    for name in _names(cells):
        took = {
            size(one): median(one.runs, lambda run, one=one: seconds_of(one, run))
            for one in _only(cells, name)
        }
        if len(took) < len(sizes):
            continue
        seconds = [took[count] for count in sizes]
        rows.append(
            [
                name,
                *(f"{one:.3f}" for one in seconds),
                f"{seconds[-1] / seconds[0]:.2f}",
                f"{exponent(sizes, seconds):.2f}",
                f"{exponent(sizes[-2:], seconds[-2:]):.2f}",
            ]
        )
    return table(head, rows)
