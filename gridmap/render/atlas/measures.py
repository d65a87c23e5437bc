"""Scale bar and north: what paper is to the ground."""

from __future__ import annotations

import numpy as np

from gridmap.render.atlas.layout import write_in
from gridmap.render.atlas.page import Box, Page, Pen
from gridmap.render.atlas.plane import Plane
from gridmap.render.atlas.tongue import Tongue

STEPS: tuple[int, ...] = tuple(step * 10**power for power in range(1, 7) for step in (1, 2, 5))
INK, GREY = "#1B1F23", "#565B61"
FILLED, OPEN = Pen(fill=INK, stroke=INK, width=0.4), Pen(fill="#FFFFFF", stroke=INK, width=0.4)
SIZE, NUMERIC, NOTE = 6.6, 11.0, 5.8
NORTH_MM = 13.0
PARTS = 4
LEAST_ANGLE = 0.5 / 60  # degrees: half a minute is drawn as none
KM = 1000


def bar_length(plane: Plane, room: float) -> int:
    """Return the round number of metres on the ground that a bar of at most `room` millimetres shows."""
    return next((one for one in reversed(STEPS) if plane.ground_mm(float(one)) <= room), STEPS[0])


def draw_measures(page: Page, box: Box, plane: Plane, tongue: Tongue, *, larger: float = 1.0) -> None:
    """Draw numeric scale, bar, arrow and what is to be said of them; `larger` is for the letters."""
    left = Box(box.left, box.bottom, box.right - NORTH_MM, box.top)
    page.write(f"1:{plane.scale:,}", (left.left, left.top - 4.2), NUMERIC * larger, weight="bold", box=left)
    _bar(page, Box(left.left, left.top - 13.0, left.right, left.top - 5.0), plane, tongue)
    _north(page, Box(box.right - NORTH_MM + 1, box.top - 15.5, box.right, box.top), plane.convergence)
    said = [
        tongue.t("atlas.scale", scale=f"{plane.scale:,}", crs=plane.crs),
        tongue.t("atlas.factor", factor=f"{plane.factor:.6f}"),
        _north_text(plane.convergence, tongue),
    ]
    y = box.top - 16.0
    for text in said:
        y = write_in(page, Box(box.left, box.bottom, box.right, y), text, NOTE * larger, colour=GREY) - 0.7


def _bar(page: Page, box: Box, plane: Plane, tongue: Tongue) -> None:
    """Draw a bar of four parts, metres on the ground at the centre of the sheet."""
    metres = bar_length(plane, box.width - 9)
    long = plane.ground_mm(float(metres))
    x, top, tall = box.left + 1.5, box.bottom + 3.2, 1.4
    step = long / PARTS
    for number in range(PARTS):
        pen = FILLED if number % 2 == 0 else OPEN
        page.box(Box(x + number * step, top - tall, x + (number + 1) * step, top), pen)
    in_km = metres >= KM
    for part in (0, PARTS // 2, PARTS):
        value = metres * part / PARTS / (KM if in_km else 1)
        text = f"{value:g}"
        page.write(text, (x + part * step, top + 0.9), SIZE, align="centre", box=box)
    unit = tongue.t("length.km" if in_km else "length", km="", m="").strip()
    page.write(unit, (x + long + 3.0, top + 0.9), SIZE, box=box)


def _north(page: Page, box: Box, convergence: float) -> None:
    """Draw the arrow to grid north, and beside it the line to true north."""
    x, y = box.middle[0], box.bottom + 1.0
    tip = box.top - 4.6
    page.shape([(np.array([[x, tip], [x - 2.1, y + 3.0], [x, y + 4.4]]), True)], FILLED)
    page.shape([(np.array([[x, tip], [x + 2.1, y + 3.0], [x, y + 4.4]]), True)], OPEN)
    page.write("N", (x, box.top - 3.4), 9.0, align="centre", weight="bold", box=box)
    if abs(convergence) < LEAST_ANGLE:
        return
    turn = np.radians(-convergence)
    # A small angle would not be seen: it is drawn as three degrees at least, and stated as it is.
    shown = np.sign(turn) * max(abs(turn), np.radians(3))
    reach = tip - y - 1
    end = (float(x + reach * np.sin(shown)), float(y + reach * np.cos(shown)))
    page.line((x, y), end, pen=Pen(stroke=GREY, width=0.6, dash=(2.0, 1.4)))


def _north_text(convergence: float, tongue: Tongue) -> str:
    minutes = round(abs(convergence) * 60)
    if not minutes:
        return tongue.t("atlas.north.same")
    angle = f"{minutes // 60}°{minutes % 60:02d}′"
    side = tongue.t("atlas.west" if convergence > 0 else "atlas.east")
    return tongue.t("atlas.north", angle=angle, side=side)
