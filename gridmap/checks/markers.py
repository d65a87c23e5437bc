"""Boundary markers: numbered once, in order along the border, and standing on it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.checks.base import GEOMETRY, Check, Faults, Rows, Stage, doc, shown
from gridmap.checks.context import Context
from gridmap.checks.keys import first_of_each

ON_BORDER_M = 500.0
_NUMBER = re.compile(r"(\d+)\D*(\d*)", re.ASCII)
_FEW = 3

_SAME = (
    doc(
        "marker-duplicate",
        "warning",
        ("two boundary markers have one number", "界标编号重复"),
        "correct the number, or delete the repeated row",
    ),
)
_PLACE = (
    doc(
        "marker-off-border",
        "warning",
        ("a boundary marker does not stand on the border", "界标不在边境线上"),
        "measure its position again, or choose another class",
    ),
    doc(
        "marker-order",
        "warning",
        ("a boundary marker's number is out of order along the border", "界标编号顺序有误"),
        "correct its number, or its position",
    ),
)


def _markers(context: Context) -> Rows:
    if not context.has_shape("landmark", "point", "class", "number"):
        return np.empty(0, dtype=np.intp)
    numbers = context.texts("landmark", "number")
    chosen = (context.texts("landmark", "class") == "marker") & context.sound("landmark", "class")
    return np.flatnonzero(chosen & context.sound("landmark", "number") & ~pd.isna(numbers))


def _duplicates(context: Context) -> Iterator[Faults]:
    rows = _markers(context)
    if not len(rows):
        return
    usable = np.zeros(len(context.ids("landmark")), dtype=bool)
    usable[rows] = True
    numbers = context.texts("landmark", "number")
    later, first = first_of_each(numbers, context.ids("landmark"), usable)
    if len(later):
        related = [(str(context.ids("landmark")[row]),) for row in first]
        hidden = context.private("landmark", "number")
        messages = [
            "its number is that of another" + ("" if hidden else f": {shown(numbers[at])}") for at in later
        ]
        yield Faults("marker-duplicate", "landmark", later, messages, ("number",), related)


def _places(context: Context) -> Iterator[Faults]:
    rows = _markers(context)
    rows = rows[context.sound("landmark", GEOMETRY)[rows]] if len(rows) else rows
    if not len(rows) or context.border is None:
        return
    at = context.border.locate(shapely.get_coordinates(context.geoms("landmark")[rows]))
    off = at.distance_m > ON_BORDER_M
    if off.any():
        messages = [f"it stands {away:.0f} m from the border" for away in at.distance_m[off].tolist()]
        yield Faults("marker-off-border", "landmark", rows[off], messages, (GEOMETRY,))
    yield from _out_of_order(context, rows[~off], at.chainage_m[~off])


def _out_of_order(context: Context, rows: Rows, chainage: NDArray[np.float64]) -> Iterator[Faults]:
    """Report the fewest markers without which the numbers rise, or fall, all along the border."""
    ids, numbers = context.ids("landmark"), context.texts("landmark", "number")
    read = [
        ((int(found[1]), int(found[2] or 0)), place, row)
        for row, place in zip(rows.tolist(), chainage.tolist(), strict=True)
        if (found := _NUMBER.search(numbers[row]))
    ]
    if len(read) < _FEW:
        return
    # Twin markers share a place: there the smaller number goes first, whichever way the numbers run.
    ways = [sorted(read, key=lambda one: (sign * one[1], one[0], str(ids[one[2]]))) for sign in (1.0, -1.0)]
    kept = [_rising([number for number, _, _ in way]) for way in ways]
    best = 0 if len(kept[0]) >= len(kept[1]) else 1
    stray = [row for at, (_, _, row) in enumerate(ways[best]) if at not in kept[best]]
    if stray:
        message = "its number is out of order along the border"
        yield Faults("marker-order", "landmark", np.array(stray, dtype=np.intp), message)


def _rising(numbers: list[tuple[int, int]]) -> set[int]:
    """Return positions of a longest run that never falls (patience sorting, Fredman 1975)."""
    tops: list[tuple[int, int]] = []
    piles: list[int] = []
    before: list[int] = []
    for at, number in enumerate(numbers):
        pile = bisect_right(tops, number)
        before.append(piles[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [number]
        piles[pile : pile + 1] = [at]
    found: set[int] = set()
    at = piles[-1] if piles else -1
    while at >= 0:
        found.add(at)
        at = before[at]
    return found


CHECKS = (Check(Stage.TABLE, _SAME, _duplicates), Check(Stage.WHOLE, _PLACE, _places))
