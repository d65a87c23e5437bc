"""Rows of a chart: a frame with its title and marks, and what is drawn in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.render.atlas.hatching import hatch
from gridmap.render.atlas.layout import write_in
from gridmap.render.atlas.page import POINT, Box, Page, Pen
from gridmap.render.figures.axis import Scale

Floats = npt.NDArray[np.float64]
INK, GREY, PALE, GRID, GAP = "#1B1F23", "#565B61", "#8A8F96", "#D9DCE0", "#D55E00"
GAP_INK = "#A34000"
GUTTER, MARKS = 40.0, 9.0  # millimetres left of a row: for its title and marks, and of these for marks
TITLE, UNIT, MARK, LABEL = 8.4, 6.4, 6.4, 7.2
HAIR = Pen(stroke=GRID, width=0.35)
FRAME = Pen(stroke=PALE, width=0.5)
LEAST_MM = 0.12  # narrower things would not be seen


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a chart.

    Parameters
    ----------
    box : Box
        Where its values are drawn.
    across : Scale
        Kilometres from the left.
    up : Scale
        Values from below.
    """

    box: Box
    across: Scale
    up: Scale

    def bar(self, from_km: float, to_km: float, low: float, high: float) -> Box:
        """Return the rectangle of a stretch between two values."""
        left, right = self.across.at(from_km), self.across.at(to_km)
        return Box(left, self.up.at(low), max(right, left + LEAST_MM), self.up.at(high))


def row_of(box: Box, length_km: float, high: float) -> Row:
    """Return a row of a box for a length and values from 0 to `high`."""
    return Row(box, Scale(0.0, length_km, box.left, box.right), Scale(0.0, high, box.bottom, box.top))


def draw_heads(page: Page, box: Box, title: str, under: Iterable[str]) -> None:
    """Write the title of a row, and what is said under it, at its left."""
    room = Box(box.left - GUTTER, box.bottom, box.left - MARKS, box.top)
    y = write_in(page, room, title, TITLE, weight="bold", most=2) - 0.5
    for text in under:
        if y - room.bottom > 2:  # noqa: PLR2004 - millimetres of a line
            y = write_in(page, Box(room.left, room.bottom, room.right, y), text, UNIT, colour=GREY) - 0.3


def draw_marks(page: Page, row: Row, marks: Floats, texts: Iterable[str]) -> None:
    """Draw the frame of a row, and its marks with their texts."""
    for value, text in zip(marks.tolist(), texts, strict=True):
        y = row.up.at(value)
        page.line((row.box.left, y), (row.box.right, y), pen=HAIR)
        page.write(text, (row.box.left - 1.2, y), MARK, align="right", middle=True, colour=GREY)


def draw_frame(page: Page, box: Box) -> None:
    """Draw the outline of a row, over what is in it."""
    page.box(box, FRAME)


def draw_gap(page: Page, box: Box) -> None:
    """Draw a stretch that nobody reaches: tint, lines and edges."""
    page.box(box, Pen(fill=GAP, fill_opacity=0.22))
    hatch(page, "fault", GAP, box, clip=[box.ring()])
    for x in (box.left, box.right):
        page.line((x, box.bottom), (x, box.top), pen=Pen(stroke=GAP, width=0.7))


def draw_line(page: Page, row: Row, km: Floats, values: Floats, pen: Pen) -> None:
    """Draw values as a line, broken where there is none."""
    known = np.isfinite(values)
    edge = np.flatnonzero(np.diff(np.concatenate([[0], known.astype(np.int8), [0]])))
    for first, last in edge.reshape(-1, 2):
        x, y = row.across.all(km[first:last]), row.up.all(values[first:last])
        if last - first == 1:
            # One value alone is a line as long as what it stands for.
            x, y = np.array([x[0] - 0.4, x[0] + 0.4]), np.repeat(y, 2)
        page.shape([(np.column_stack([x, y]), False)], pen)


def wide(page: Page, text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a text in millimetres."""
    return page.fonts.of("bold" if bold else "regular").width(page.fonts.clean(text), size) / POINT


def placed(
    places: Iterable[tuple[float, float]], room: tuple[float, float], air: float = 1.2
) -> list[float | None]:
    """Find places for texts on one line, the more important first.

    Parameters
    ----------
    places : iterable of (middle, width)
        Where texts would stand, and how wide they are, in millimetres.
    room : (left, right)
        They stay in it.
    air : float
        Between two of them.

    Returns
    -------
    list of float or None
        The middle of each; None for one that would meet another.
    """
    taken: list[tuple[float, float]] = []
    found: list[float | None] = []
    for wanted, width in places:
        middle = min(max(wanted, room[0] + width / 2), room[1] - width / 2)
        left, right = middle - width / 2 - air, middle + width / 2 + air
        clear = width <= room[1] - room[0] and all(right <= one or left >= other for one, other in taken)
        if clear:
            taken.append((left + air, right - air))
        found.append(middle if clear else None)
    return found
