"""Surveyed chainage of landmarks: it grows along the border, and is one figure at one place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely

from gridmap.checks.base import GEOMETRY, Check, Faults, Stage, doc, shown
from gridmap.checks.context import Context
from gridmap.checks.markers import ON_BORDER_M
from gridmap.geo.calibration import rising

LANDMARK, SURVEYED = "landmark", "surveyed_m"
NUMBERS = ("real", "integer")
MM_DECIMALS = 3

_FALLS = (
    doc(
        "surveyed-falls",
        "warning",
        ("surveyed chainage does not grow along the border", "实测里程沿边境线不递增"),
        "correct surveyed_m of one of the two landmarks, or its position; until then the one reported does "
        "not calibrate chainage",
    ),
)


def _surveyed(context: Context) -> Iterator[Faults]:
    """Report the fewest landmarks without which surveyed chainage grows, as calibration leaves them out."""
    if not context.has_shape(LANDMARK, "point", SURVEYED) or context.border is None:
        return
    if not any(context.typed(LANDMARK, {SURVEYED: one}) for one in NUMBERS):
        return
    told = pd.to_numeric(context.column(LANDMARK, SURVEYED)).to_numpy(dtype=np.float64, na_value=np.nan)
    rows = np.flatnonzero(np.isfinite(told) & context.sound(LANDMARK, "id", GEOMETRY, SURVEYED))
    if not len(rows):
        return
    at = context.border.locate(shapely.get_coordinates(context.geoms(LANDMARK)[rows]))
    near = at.distance_m <= ON_BORDER_M
    rows, along = rows[near], np.round(at.chainage_m[near], MM_DECIMALS)
    ids = [str(one) for one in context.ids(LANDMARK)[rows]]
    _, left_out = rising(along, told[rows], ids)
    if left_out:
        against = [ids[other] for _, other in left_out]
        messages = [f"its surveyed chainage contradicts that of {shown(one)}" for one in against]
        stray = rows[[one for one, _ in left_out]]
        yield Faults("surveyed-falls", LANDMARK, stray, messages, (SURVEYED,), [(one,) for one in against])


CHECKS = (Check(Stage.WHOLE, _FALLS, _surveyed),)
