"""Square cells of the plane, each with the few things that can matter to a point in it.

A coarse grid is refined level by level. A cell is looked at as the ball around its middle that holds all
of its points; what the judge of an index keeps for it is handed to its four quarters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.index.chart import Chart
    from gridmap.geo.index.chart_judge import Judge

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# A ball is this much larger than the half diagonal at the largest scale of the chart, and a little more:
# for rounding, and because a square of the plane is not quite flat.
WIDER = 1.005
LEEWAY_M = 0.01
DIAGONAL = 0.5**0.5
# There is a cell for so many points that are expected, within limits: finer ones cost more than they save.
POINTS = 16
FEWEST, MOST = 1024, 400_000
# The box is first cut into no fewer than so many along its narrow side.
ROOTS = 2
QUARTERS = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])


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
    def of(cls, bounds: Floats, expected: int, share: float = 1.0) -> Plan:
        """Plan cells for so many points in a box of which about the given share will be looked at."""
        width, height = np.maximum(bounds[2:] - bounds[:2], 1.0)
        wanted = float(np.clip(expected / POINTS, FEWEST, MOST)) / max(share, 0.1)
        narrow = float(min(width, height))
        # The narrow side is cut into so many, those into halves, and so on: no cell lies beyond it.
        along = max(narrow / float(np.sqrt(width * height / wanted)), 1.0)
        levels = max(int(np.log2(along / ROOTS)), 0)
        root = narrow / round(along / 2**levels)
        return cls(
            float(bounds[0]),
            float(bounds[1]),
            root / 2**levels,
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


def refined(plan: Plan, chart: Chart, judge: Judge) -> CellArrays:
    """Fill the cells.

    Parameters
    ----------
    plan : Plan
        The cells.
    chart : Chart
        Covers all of them.
    judge : Judge
        Says what matters to a cell.
    """
    across, up = plan.roots
    cells = np.stack(np.divmod(np.arange(across * up), across)[::-1], axis=1)
    lists = judge.start(_middle(plan, 0, cells, chart), plan.ball(0, chart))
    table = np.zeros((up, across), dtype=np.int32)
    stored: list[Ints] = [np.zeros(1, dtype=np.int64)]
    used = 1
    for level in range(plan.levels + 1):
        radius, last = plan.ball(level, chart), level == plan.levels
        found = judge.judged(_middle(plan, level, cells, chart), radius, lists, last=last)
        done = np.flatnonzero(found.ready >= 0)
        table[cells[done, 1], cells[done, 0]] = found.ready[done] + used
        stored.append(found.stored)
        used += len(found.stored)
        if last:
            break
        open_ = np.flatnonzero((found.ready < 0) & (found.lists.length > 0))
        cells = (cells[open_, None, :] * 2 + QUARTERS).reshape(-1, 2)
        lists = found.lists.of_cells(np.repeat(open_, len(QUARTERS)))
        table = table.repeat(2, axis=0).repeat(2, axis=1)
    box = (plan.west, plan.south, plan.cell)
    return CellArrays(box, plan.shape, table.reshape(-1), np.concatenate(stored).astype(np.int32))


def _middle(plan: Plan, level: int, cells: Ints, chart: Chart) -> Floats:
    return chart.lattice((plan.west, plan.south), plan.cell * 2 ** (plan.levels - level), cells)


def cell_of(xy: Floats, cells: CellArrays) -> Ints:
    """Return the cell of each point, -1 outside the grid and for a point without position."""
    west, south, size = cells.box
    across, up = cells.shape
    with np.errstate(invalid="ignore"):
        column, row = np.floor((xy[:, 0] - west) / size), np.floor((xy[:, 1] - south) / size)
        inside = (column >= 0) & (column < across) & (row >= 0) & (row < up)
        return np.where(inside, row * across + column, -1).astype(np.int64)
