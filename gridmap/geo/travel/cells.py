"""Steps from cell to cell: sixteen neighbours, and nothing jumped.

A step to one of the 8 neighbours, or a knight's move (two cells one way, one the other). The straight way of
a knight's move lies a quarter each in the two ends and in the two cells between; if one of these is barred
there is no such step. A diagonal step passes a corner: there is none if both cells beside it are barred.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.travel.going import steep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.travel.going import Surface
    from gridmap.geo.travel.lattice import Bools, Floats

# (rows southward, columns eastward); the second half are the ways back of the first, in the same order.
FORWARD = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (1, -2), (2, 1), (2, -1))
STEPS = (*FORWARD, *((-row, -column) for row, column in FORWARD))
HALF = len(FORWARD)
KNIGHT = 3  # |rows| + |columns| of a knight's move
DIAGONAL = 2


def steps(surface: Surface) -> NDArray[np.float64]:
    """Return the seconds of every step, (cells, 16) in the order of `STEPS`; infinite where there is none."""
    lattice = surface.lattice
    out = np.full((lattice.rows, lattice.columns, len(STEPS)), np.inf)
    for number, step in enumerate(STEPS):
        _Step(surface, step).into(out[..., number])
    return out.reshape(lattice.size, len(STEPS))


class _Step:
    """One of the sixteen steps, for all cells that have a cell at its end."""

    def __init__(self, surface: Surface, step: tuple[int, int]) -> None:
        self.surface, self.step = surface, step
        self.shape = (surface.lattice.rows, surface.lattice.columns)
        row, column = step
        self.start = tuple(
            slice(max(0, -by), size - max(0, by)) for by, size in zip(step, self.shape, strict=True)
        )
        sign = (int(np.sign(row)), int(np.sign(column)))
        if abs(row) + abs(column) == KNIGHT:
            long_row = abs(row) > abs(column)
            self.between = [(sign[0], 0), (sign[0], column)] if long_row else [(0, sign[1]), (row, sign[1])]
        else:
            self.between = []
        self.corner = [(row, 0), (0, column)] if abs(row) + abs(column) == DIAGONAL and row and column else []

    def at(self, values: Floats, by: tuple[int, int] = (0, 0)) -> Floats:
        """Return values some cells off the start of each step."""
        whole = values.reshape(self.shape)
        rows, columns = (
            slice(part.start + off, part.stop + off) for part, off in zip(self.start, by, strict=True)
        )
        return whole[rows, columns]

    def into(self, out: Floats) -> None:
        """Write the seconds of the steps to where they start."""
        if any(part.stop <= part.start for part in self.start):
            return
        pace = self.surface.pace
        swept = [self.at(pace), self.at(pace, self.step), *(self.at(pace, by) for by in self.between)]
        seconds = sum(swept) / len(swept) * self._metres()
        if self.corner:
            shut = np.isinf(self.at(pace, self.corner[0])) & np.isinf(self.at(pace, self.corner[1]))
            seconds[shut] = np.inf
        if self.surface.heights is not None:
            seconds = self._sloped(seconds, self.surface.heights)
        out[self.start] = seconds

    def _metres(self) -> Floats:
        cell = self.surface.lattice.cell
        dx, dy = self.step[1] * cell, -self.step[0] * cell
        e, f, g = (self.at(part) for part in self.surface.lattice.metric)
        return np.asarray(np.sqrt(e * (dx * dx) + f * (2 * dx * dy) + g * (dy * dy)), dtype=np.float64)

    def _sloped(self, seconds: Floats, heights: Floats) -> Floats:
        """Multiply by what the slope takes; of a knight's move in two halves, or it would jump a ridge."""
        going, metres = self.surface.going, self._metres()
        first, last = self.at(heights), self.at(heights, self.step)
        if self.between:
            middle = (self.at(heights, self.between[0]) + self.at(heights, self.between[1])) / 2
            slopes = [(middle - first) / (metres / 2), (last - middle) / (metres / 2)]
        else:
            slopes = [(last - first) / metres]
        barred: Bools = np.logical_or.reduce([steep(going, slope) for slope in slopes])
        slowed = seconds * (sum(going.slowing(slope) for slope in slopes) / len(slopes))
        return np.where(barred, np.inf, slowed)
