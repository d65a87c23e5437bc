"""Scales: kilometres along the border to millimetres of paper, and round numbers to mark on an axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
STEPS: tuple[float, ...] = tuple(step * 10.0**power for power in range(-2, 7) for step in (1.0, 2.0, 5.0))
LABEL_MM, TICK_MM = 13.0, 1.2
MOST_TICKS = 4


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` as millimetres from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return where a value is; one beyond the scale is at its end."""
        inside = min(max(value, self.low), self.high)
        span = self.high - self.low
        return self.start + (self.end - self.start) * ((inside - self.low) / span if span > 0 else 0.0)

    def all(self, values: Floats) -> Floats:
        """Return where values are, (n,)."""
        return np.array([self.at(float(one)) for one in values])


def step_for(span: float, room_mm: float, least_mm: float) -> float:
    """Return the smallest round step of which each takes so many millimetres at least."""
    for step in STEPS:
        if span <= 0 or step / span * room_mm >= least_mm:
            return step
    return STEPS[-1]


def ticks(high: float, step: float) -> Floats:
    """Return multiples of a step from 0 as far as `high`."""
    return np.arange(int(np.floor(high / step + 1e-9)) + 1, dtype=np.float64) * step


def round_up(value: float, parts: int = MOST_TICKS) -> tuple[float, float]:
    """Return the end of an axis that shows a value, and the step between at most so many marks on it."""
    if not value > 0:
        return 1.0, 1.0
    step = next((one for one in STEPS if one * parts >= value - 1e-9), STEPS[-1])
    return float(np.ceil(value / step - 1e-9) * step), step


def number(value: float) -> str:
    """Return a mark's text."""
    return f"{value:,.10g}"
