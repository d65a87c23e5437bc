"""The square cells of the open country, and how long a metre of the plane is on the ground."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap.geo.heights import Heights, sample
from gridmap.geo.measure import geodesic_distance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.integer[Any]]
    Bools = NDArray[np.bool_]

NOWHERE = -1
# The projection's scale is measured this far apart and taken as linear between: within 1e-6 on the ground.
SPACING_M = 10_000.0
PROBE_M = 100.0


@dataclass(frozen=True)
class Lattice:
    """Square cells in rows from the north, each row from the west.

    Parameters
    ----------
    left, top : float
        Outer corner of the first cell, metres in the CRS.
    cell : float
        Side of a cell in metres of the plane.
    rows, columns : int
        How many there are.
    crs : str
        The working CRS.
    """

    left: float
    top: float
    cell: float
    rows: int
    columns: int
    crs: str

    @property
    def size(self) -> int:
        """How many cells there are."""
        return self.rows * self.columns

    def centres(self, cells: Ints | None = None) -> Floats:
        """Return the centres of cells, of all if none are named; (n, 2) metres."""
        chosen = np.arange(self.size) if cells is None else cells
        row, column = np.divmod(chosen, self.columns)
        return np.column_stack(
            [self.left + (column + 0.5) * self.cell, self.top - (row + 0.5) * self.cell]
        ).astype(np.float64)

    def cells(self, xy: Floats) -> Ints:
        """Return the cell that each of n places is in; -1 outside, and for NaN. Shape (n,)."""
        across = (xy[:, 0] - self.left) / self.cell
        down = (self.top - xy[:, 1]) / self.cell
        with np.errstate(invalid="ignore"):
            inside = (across >= 0) & (down >= 0) & (across < self.columns) & (down < self.rows)
        column = np.floor(np.where(inside, across, 0)).astype(np.int64)
        row = np.floor(np.where(inside, down, 0)).astype(np.int64)
        return np.where(inside, row * self.columns + column, NOWHERE)

    def window(self, bounds: tuple[float, float, float, float]) -> tuple[slice, slice]:
        """Return the rows and columns whose cells touch a box (min x, min y, max x, max y)."""
        west, south, east, north = bounds
        first = int(np.clip(np.floor((self.top - north) / self.cell), 0, self.rows))
        last = int(np.clip(np.floor((self.top - south) / self.cell) + 1, 0, self.rows))
        start = int(np.clip(np.floor((west - self.left) / self.cell), 0, self.columns))
        stop = int(np.clip(np.floor((east - self.left) / self.cell) + 1, 0, self.columns))
        return slice(first, last), slice(start, stop)

    @cached_property
    def metric(self) -> tuple[Floats, Floats, Floats]:
        """E, F, G of the first fundamental form at every cell: metres² = E dx² + 2 F dx dy + G dy².

        Measured geodesically every 10 km, linear between, so that a step of the plane has its length on the
        ground whatever the projection does to directions.
        """
        counts = [max(2, int(np.ceil(n * self.cell / SPACING_M)) + 1) for n in (self.rows, self.columns)]
        step = max(self.rows / (counts[0] - 1), self.columns / (counts[1] - 1)) * self.cell
        coarse = Heights(
            self.left - step / 2, self.top + step / 2, step, np.zeros((counts[0], counts[1]), dtype=float)
        )
        row, column = np.divmod(np.arange(counts[0] * counts[1]), counts[1])
        at = np.column_stack([self.left + column * step, self.top - row * step])
        east, north = np.array([PROBE_M / 2, 0.0]), np.array([0.0, PROBE_M / 2])

        def squared(half: Floats) -> Floats:
            return (geodesic_distance(at - half, at + half, self.crs) / PROBE_M) ** 2

        e, g = squared(east), squared(north)
        f = (squared(east + north) - e - g) / 2
        centres = self.centres()
        return (
            sample(e.reshape(coarse.values.shape), coarse, centres),
            sample(f.reshape(coarse.values.shape), coarse, centres),
            sample(g.reshape(coarse.values.shape), coarse, centres),
        )

    def metres(self, cells: Ints | NDArray[Any], dx: Floats | float, dy: Floats | float) -> Floats:
        """Return the length on the ground of steps of the plane that begin in cells, metres."""
        e, f, g = (part[cells] for part in self.metric)
        return np.asarray(np.sqrt(e * dx * dx + 2 * f * dx * dy + g * dy * dy), dtype=np.float64)


def covering(bounds: tuple[float, float, float, float], *, cell: float, crs: str) -> Lattice:
    """Return the lattice over a box (min x, min y, max x, max y); its lines are at multiples of the cell.

    Two lattices of one cell size therefore lie on each other wherever both are.
    """
    west, south, east, north = bounds
    first, last = np.floor(west / cell), np.ceil(east / cell)
    low, high = np.floor(south / cell), np.ceil(north / cell)
    rows, columns = max(int(high - low), 2), max(int(last - first), 2)
    return Lattice(float(first * cell), float((low + rows) * cell), cell, rows, columns, crs)
