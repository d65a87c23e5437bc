"""Calibration: from chainage measured along the drawn line to chainage as surveyed on the ground, and back.

A drawn line is some hundredths shorter than the surveyed one, because it cuts corners. Between two surveyed
markers the difference is spread evenly (linear calibration of a route by points, as highway and river
referencing do it); the geometry is never changed. Where the surveyed chainage of markers does not rise along
the line, the fewest are left out without which it does (longest increasing subsequence, Fredman 1975).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.measure import round_mm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rising piecewise-linear map between measured and surveyed chainage. Make it with `calibrate`.

    Parameters
    ----------
    measured_m, surveyed_m : (k,) float
        The markers, both ascending, in metres; at least one.
    scale : float
        Surveyed metres per measured metre beyond the first and the last marker: that of the whole.
    left_out : tuple of (int, int)
        Markers, by position, that contradict the others and do not count, each with one that counts and does
        not go with it.
    """

    measured_m: Floats
    surveyed_m: Floats
    scale: float
    left_out: tuple[tuple[int, int], ...] = ()

    def to_surveyed(self, measured_m: ArrayLike) -> Floats:
        """Return the surveyed chainage of measured ones, shape (n,); NaN gives NaN."""
        return _mapped(np.asarray(measured_m, dtype=np.float64), self.measured_m, self.surveyed_m, self.scale)

    def to_measured(self, surveyed_m: ArrayLike) -> Floats:
        """Return the measured chainage of surveyed ones, shape (n,); NaN gives NaN.

        It may lie off the border where the survey says so.
        """
        given = np.asarray(surveyed_m, dtype=np.float64)
        return _mapped(given, self.surveyed_m, self.measured_m, 1.0 / self.scale)


def calibrate(measured_m: ArrayLike, surveyed_m: ArrayLike, names: Sequence[str]) -> Calibration | None:
    """Return the calibration by markers, None without any.

    Parameters
    ----------
    measured_m, surveyed_m : array_like, shape (n,)
        Chainage of each marker along the drawn line, and as surveyed, in metres; in any order.
    names : sequence of str, length n
        What the markers are called: of two that contradict each other, the smaller name counts.

    Notes
    -----
    One marker alone shifts, and scales nothing. Markers that contradict others are left out, see `rising`.
    """
    kept, left_out = rising(measured_m, surveyed_m, names)
    if not kept:
        return None
    x, y = (round_mm(one).reshape(-1)[kept] for one in (measured_m, surveyed_m))
    _, first = np.unique(x, return_index=True)
    x, y = x[first], y[first]
    scale = float((y[-1] - y[0]) / (x[-1] - x[0])) if len(x) > 1 else 1.0
    return Calibration(x, y, scale, tuple(left_out))


def rising(
    measured_m: ArrayLike, surveyed_m: ArrayLike, names: Sequence[str]
) -> tuple[list[int], list[tuple[int, int]]]:
    """Find the most markers whose surveyed chainage rises along the line, and those that contradict them.

    Parameters
    ----------
    measured_m, surveyed_m : array_like, shape (n,)
        Chainage of each marker along the drawn line, and as surveyed, in metres; in any order. A marker
        without one of the two, NaN, is neither.
    names : sequence of str, length n
        What the markers are called; all different.

    Returns
    -------
    kept : list of int
        Positions of the markers that agree, from west to east.
    left_out : list of (int, int)
        The others, from west to east, each with the nearest kept one that it contradicts.

    Notes
    -----
    Markers at one place (to the millimetre) agree if they say the same. Of several sets of equal size that
    counts which, from the west, has the smaller name; the order of the markers plays no part.
    """
    measured, surveyed = (round_mm(one).reshape(-1) for one in (measured_m, surveyed_m))
    known = np.flatnonzero(np.isfinite(measured) & np.isfinite(surveyed)).tolist()
    # At one place the larger figure comes first, so that no rising run holds two of them.
    order = sorted(known, key=lambda at: (measured[at], -surveyed[at], names[at]))
    twins: dict[tuple[float, float], list[int]] = {}
    for at in order:
        twins.setdefault((measured[at], surveyed[at]), []).append(at)
    groups = list(twins.values())
    chosen = _longest([float(surveyed[group[0]]) for group in groups], [names[group[0]] for group in groups])
    kept = [at for position in chosen for at in groups[position]]
    stays = set(kept)
    return kept, [(at, _against(at, kept, measured, surveyed)) for at in order if at not in stays]


def _longest(values: list[float], names: list[str]) -> list[int]:
    """Return positions of a longest run that rises; of several, from the start the one with smaller names."""
    before = _lengths(values)
    after = _lengths([-value for value in reversed(values)])[::-1]
    whole = max(before, default=0)
    steps: list[list[int]] = [[] for _ in range(whole)]
    for at, (left, right) in enumerate(zip(before, after, strict=True)):
        # On some longest run, and then at the same step of every one that it is on.
        if left + right == whole + 1:
            steps[left - 1].append(at)
    found: list[int] = []
    for step in steps:
        fitting = [at for at in step if not found or (at > found[-1] and values[at] > values[found[-1]])]
        found.append(min(fitting, key=lambda at: names[at]))
    return found


def _lengths(values: list[float]) -> list[int]:
    """Return the length of the longest rising run that ends at each value (patience sorting)."""
    tops: list[float] = []
    found = []
    for value in values:
        pile = bisect_left(tops, value)
        tops[pile : pile + 1] = [value]
        found.append(pile + 1)
    return found


def _against(at: int, kept: list[int], measured: Floats, surveyed: Floats) -> int:
    """Return the nearest kept marker that does not go with another one."""
    along, told = measured[kept] - measured[at], surveyed[kept] - surveyed[at]
    apart = np.where(along * told > 0.0, np.inf, np.abs(along))
    return kept[int(np.argmin(apart))]


def _mapped(given: Floats, x: Floats, y: Floats, scale: float) -> Floats:
    inner = np.interp(given, x, y)
    below, above = given < x[0], given > x[-1]
    low = y[0] + (given - x[0]) * scale
    high = y[-1] + (given - x[-1]) * scale
    return np.asarray(np.where(below, low, np.where(above, high, inner)), dtype=np.float64)
