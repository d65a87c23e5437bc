"""Square cells of the plane, each with the few things that can matter to a point in it.

A coarse grid is refined level by level. A cell is looked at as the ball around its middle that holds all
of its points; what the judge of an index keeps for it is handed to its four quarters.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from scipy.spatial import cKDTree

    from gridmap.geo.index.chart import Chart

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# A ball is this much larger than the half diagonal at the largest scale of the chart, and a little more:
# for rounding, and because a square of the plane is not quite flat.
WIDER = 1.005
LEEWAY_M = 0.01
DIAGONAL = 0.5**0.5
# Cells are as many as points are expected, within these.
FEWEST, MOST = 1024, 400_000
THINGS = 16
# Items that are judged together: their temporaries stay in the processor's cache.
BLOCK = 16_384


class CellArrays(NamedTuple):
    """What a kernel needs of the cells.

    Parameters
    ----------
    box : tuple of float
        Western and southern edge of the grid in the CRS, and the size of a cell, in metres.
    shape : tuple of int
        Cells from west to east and from south to north.
    table : array of int32, shape (cells,)
        For each cell, rows of cells from the south: where its list stands in `items`.
    items : array of int32
        The lists, each led by its length; the first one is that of all cells without any.
    """

    box: tuple[float, float, float]
    shape: tuple[int, int]
    table: NDArray[np.int32]
    items: NDArray[np.int32]


class Lists(NamedTuple):
    """Lists of some cells.

    Parameters
    ----------
    first, length : array of int, shape (n,)
        Where the list of each cell starts, and its length.
    items : array of int, shape (k,)
        The lists, in the order of the cells, without gaps.
    """

    first: Ints
    length: Ints
    items: Ints

    @classmethod
    def of(cls, count: Ints, items: Ints) -> Lists:
        """Make lists of their lengths."""
        return cls(np.cumsum(count) - count, count, items)

    @property
    def owner(self) -> Ints:
        """Return whose each item is."""
        return np.repeat(np.arange(len(self.length)), self.length)

    def stored(self, items: Ints) -> tuple[Ints, Ints]:
        """Return the lists with other items, each led by its length, and where each stands."""
        at = np.arange(len(items)) + np.repeat(np.arange(len(self.length)), self.length) + 1
        first = self.first + np.arange(len(self.length))
        out = np.empty(len(items) + len(self.length), dtype=np.int64)
        out[at], out[first] = items, self.length
        return first, out

    def some(self, cells: Ints) -> Lists:
        """Return the lists of some cells, in their order; a cell may come again."""
        count = self.length[cells]
        start = np.cumsum(count) - count
        at = np.arange(int(count.sum())) + np.repeat(self.first[cells] - start, count)
        return Lists(start, count, self.items[at])

    def blocks(self) -> Iterator[tuple[slice, Lists]]:
        """Cut into blocks of cells, none with many more items than BLOCK."""
        cut = np.unique(np.searchsorted(self.first, np.arange(0, len(self.items), BLOCK)))
        for start, stop in pairwise([*cut.tolist(), len(self.length)]):
            count = self.length[start:stop]
            first = self.first[start]
            items = self.items[first : first + int(count.sum())]
            yield slice(start, stop), Lists(self.first[start:stop] - first, count, items)

    def kept(self, keep: Bools) -> Lists:
        """Return the lists without the items that are not kept."""
        count = np.bincount(self.owner[keep], minlength=len(self.length)).astype(np.int64)
        return Lists.of(count, self.items[keep])


class Judge(Protocol):
    """What an index knows of its things."""

    def start(self, middle: Floats, radius: float) -> Lists:
        """Return the items near some cells, ascending: all that can matter, and perhaps more."""

    def keep(self, middle: Floats, radius: float, lists: Lists) -> tuple[Bools, Bools]:
        """Whether each item can matter to any place within `radius` of the middle of its cell.

        And whether each cell is settled: a short list of it need not be refined.
        """

    def items(self, lists: Lists) -> Ints:
        """Return the items in the form in which they are stored."""


@dataclass(frozen=True)
class Plan:
    """How a box is cut into cells.

    Parameters
    ----------
    west, south : float
        Corner of the box, in metres of the CRS.
    cell : float
        Size of the smallest cells.
    roots : tuple of int
        Largest cells from west to east and from south to north.
    levels : int
        How often these are quartered.
    """

    west: float
    south: float
    cell: float
    roots: tuple[int, int]
    levels: int

    @classmethod
    def of(cls, bounds: Floats, expected: int, things: int, share: float = 1.0) -> Plan:
        """Plan cells for so many things in a box of which about the given share will be looked at."""
        width, height = np.maximum(bounds[2:] - bounds[:2], 1.0)
        wanted = float(np.clip(expected, FEWEST, MOST)) / max(share, 0.1)
        cell = float(np.sqrt(width * height / wanted))
        # Long and narrow boxes: a cell is no larger than the box is narrow.
        cell = min(cell, float(min(width, height)))
        # The largest cells have a few things each.
        largest = min(width, height, np.sqrt(width * height * THINGS / things))
        levels = max(int(np.log2(largest / cell)), 0)
        root = cell * 2**levels
        return cls(
            float(bounds[0]),
            float(bounds[1]),
            cell,
            (int(np.ceil(width / root)), int(np.ceil(height / root))),
            levels,
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Return the smallest cells from west to east and from south to north."""
        return self.roots[0] << self.levels, self.roots[1] << self.levels

    @property
    def bounds(self) -> Floats:
        """West, south, east and north of the cells."""
        span = self.cell * np.array(self.shape)
        return np.array([self.west, self.south, self.west + span[0], self.south + span[1]])

    def ball(self, level: int, chart: Chart) -> float:
        """Return the radius of the ball that holds a cell, in geocentric metres."""
        size = self.cell * 2 ** (self.levels - level)
        return float(size * DIAGONAL * chart.stretch * WIDER + LEEWAY_M)


def around(tree: cKDTree, middle: Floats, reach: Floats) -> Lists:
    """Return what a tree holds within `reach` of each middle, in ascending order."""
    found = tree.query_ball_point(middle, reach, return_sorted=True)
    count = np.array([len(each) for each in found], dtype=np.int64)
    return Lists.of(count, np.concatenate([np.asarray(each, dtype=np.int64) for each in found]))


def refined(plan: Plan, chart: Chart, judge: Judge, enough: int) -> CellArrays:
    """Fill the cells.

    Parameters
    ----------
    plan : Plan
        The cells.
    chart : Chart
        Covers all of them.
    judge : Judge
        Says what matters to a cell.
    enough : int
        A list no longer than this is not refined.
    """
    across, up = plan.roots
    cells = np.stack(np.divmod(np.arange(across * up), across)[::-1], axis=1)
    lists = judge.start(_middle(plan, 0, cells, chart), plan.ball(0, chart))
    table = np.zeros((plan.shape[1], plan.shape[0]), dtype=np.int32)
    stored: list[Ints] = [np.zeros(1, dtype=np.int64)]
    used = 1
    for level in range(plan.levels + 1):
        lists, settled = _judged(judge, _middle(plan, level, cells, chart), plan.ball(level, chart), lists)
        last = level == plan.levels
        done = np.flatnonzero((lists.length > 0) & (last | settled & (lists.length <= enough)))
        finished = lists.some(done)
        first, items = finished.stored(judge.items(finished))
        _fill(table, cells[done], first + used, 2 ** (plan.levels - level))
        stored.append(items)
        used += len(stored[-1])
        if last:
            break
        open_ = np.repeat(np.flatnonzero((lists.length > enough) | ~settled & (lists.length > 0)), 4)
        quarter = np.tile(np.array([[0, 0], [1, 0], [0, 1], [1, 1]]), (len(open_) // 4, 1))
        cells, lists = cells[open_] * 2 + quarter, lists.some(open_)
    box = (plan.west, plan.south, plan.cell)
    return CellArrays(box, plan.shape, table.reshape(-1), np.concatenate(stored).astype(np.int32))


def _judged(judge: Judge, middle: Floats, radius: float, lists: Lists) -> tuple[Lists, Bools]:
    """Return the lists without what cannot matter, and which cells are settled."""
    parts = [judge.keep(middle[some], radius, block) for some, block in lists.blocks()]
    if not parts:
        return lists, np.ones(len(middle), dtype=bool)
    return lists.kept(np.concatenate([each[0] for each in parts])), np.concatenate(
        [each[1] for each in parts]
    )


def _middle(plan: Plan, level: int, cells: Ints, chart: Chart) -> Floats:
    size = plan.cell * 2 ** (plan.levels - level)
    return chart.xyz((cells + 0.5) * size + np.array([plan.west, plan.south]))


def cell_of(xy: Floats, cells: CellArrays) -> Ints:
    """Return the cell of each point, -1 outside the grid and for a point without position."""
    west, south, size = cells.box
    across, up = cells.shape
    with np.errstate(invalid="ignore"):
        column, row = np.floor((xy[:, 0] - west) / size), np.floor((xy[:, 1] - south) / size)
        inside = (column >= 0) & (column < across) & (row >= 0) & (row < up)
        return np.where(inside, row * across + column, -1).astype(np.int64)


def _fill(table: NDArray[np.int32], cells: Ints, first: Ints, width: int) -> None:
    """Enter the lists of cells that are `width` smallest cells wide."""
    step = np.arange(width)
    rows = cells[:, 1, None, None] * width + step[None, :, None]
    columns = cells[:, 0, None, None] * width + step[None, None, :]
    table[rows, columns] = first[:, None, None]
