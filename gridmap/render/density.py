"""How dense is it: rows per square kilometre of areas, in classes with round limits."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.config import ProjectSpec
from gridmap.model import Bilingual
from gridmap.render.sheet import geometry_of
from gridmap.render.summary_numbers import measured_areas
from gridmap.render.words import catalogue, word

SHARES = (0.2, 0.4, 0.6, 0.8)
ROUND = tuple(step * 10.0**power for power in range(-5, 6) for step in (1, 1.5, 2, 3, 5, 7))
SQUARE_KM = 1e6


@dataclass(frozen=True, slots=True)
class Classes:
    """Areas by density.

    Parameters
    ----------
    limits : tuple of float
        Where one class ends and the next begins; one fewer than there are classes.
    codes : (n,) int array
        For each area, its class: from the thinnest.
    """

    limits: tuple[float, ...]
    codes: npt.NDArray[np.int64]

    def title(self, at: int, kind: str) -> Bilingual:
        """Return the words of a class in the legend."""
        low = "" if at == 0 else _figure(self.limits[at - 1])
        high = "" if at == len(self.limits) else _figure(self.limits[at])
        span = f"{low}–{high}" if low and high else f"< {high}" if high else f"≥ {low}" if low else ""
        own = f"density.{kind}"
        pattern = word(own if own in catalogue()["en"] else "density")
        return Bilingual(en=pattern.en.replace("{span}", span), zh=pattern.zh.replace("{span}", span))


def classes(frame: pd.DataFrame, spec: ProjectSpec) -> Classes:
    """Sort areas (a column ``rows``, polygons in lon/lat) into classes.

    Method: rows over the geodesic area of the polygon as it is shown; limits are the round numbers nearest
    to the fifths of the distribution, so that a new edition of the map keeps them while the data changes
    little.
    """
    geoms = geometry_of(frame)
    rows = pd.to_numeric(frame["rows"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    # Rounding to few decimals may make a narrow polygon cross itself: it still has its area.
    sizes = np.array(measured_areas(shapely.make_valid(geoms, method="structure"), spec)) / SQUARE_KM
    known = np.isfinite(rows) & (sizes > 0)
    values = np.zeros(len(rows))
    values[known] = rows[known] / sizes[known]
    limits = _limits(values[known])
    return Classes(limits, np.array([bisect_right(limits, value) for value in values], dtype=np.int64))


def ramp(found: Classes, tints: Sequence[str]) -> list[str]:
    """Return a tint for each class: few are spread over all tints, the densest is always the darkest."""
    many = len(found.limits) + 1
    steps = np.linspace(0, len(tints) - 1, many).round().astype(int) if many > 1 else [len(tints) // 2]
    return [tints[at] for at in steps]


def _limits(values: npt.NDArray[np.float64]) -> tuple[float, ...]:
    if not len(values) or not values.max() > 0:
        return ()
    between = [one for one in ROUND if values.min() < one <= values.max()]
    wanted = np.log(np.maximum(np.quantile(values, SHARES), ROUND[0]))
    near = {min(between, key=lambda one: abs(np.log(one) - value)) for value in wanted} if between else set()
    return tuple(sorted(near))


def _figure(value: float) -> str:
    """Return a round number without an exponent: a limit is read aloud."""
    return f"{value:,.5f}".rstrip("0").rstrip(".")
