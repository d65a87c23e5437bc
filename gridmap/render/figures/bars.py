"""Bars: for each unit what it keeps of its layer, and how much of that is within reach."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gridmap.render.atlas.hatching import hatch
from gridmap.render.atlas.layout import write_in
from gridmap.render.atlas.page import Box, Page, Pen
from gridmap.render.atlas.tongue import Tongue
from gridmap.render.figures.axis import Scale, number, round_up, ticks
from gridmap.render.figures.content import Kept
from gridmap.render.figures.rows import GAP, GREY, GRID, INK, LABEL, MARK, TITLE, wide
from gridmap.render.overlays.coverage import percent

COLOURS = {"line": "#B45000", "area": "#0072B2", "point": "#007A59"}
DECIMALS = {"line": 1, "area": 1, "point": 0}
NAME_MM, FIGURE_MM, KEY_MM = 58.0, 62.0, 8.0
HEAD_MM, FOOT_MM, BETWEEN = 6.5, 6.0, 4.0
TALLEST, LEAST = 11.0, 3.6  # millimetres of a unit


def draw_bars(page: Page, box: Box, layers: Sequence[Kept], tongue: Tongue) -> None:
    """Draw one panel a layer into a box, one bar a unit; of too many the least reached are shown."""
    _key(page, Box(box.left, box.top - KEY_MM, box.right, box.top), tongue)
    room = box.height - KEY_MM - len(layers) * (HEAD_MM + FOOT_MM) - BETWEEN * (len(layers) - 1)
    many = [max(len(one.names), 1) for one in layers]
    tall = min(TALLEST, room / sum(many))
    if tall < LEAST:
        tall = LEAST
        most = max(1, int(room / LEAST / len(layers)))
        many = _shared(many, int(room / LEAST), most)
    y = box.top - KEY_MM
    for one, shown in zip(layers, many, strict=True):
        height = HEAD_MM + FOOT_MM + shown * tall
        _panel(page, Box(box.left, y - height, box.right, y), one, shown, tongue)
        y -= height + BETWEEN


def _shared(many: Sequence[int], room: int, most: int) -> list[int]:
    """Share lines of paper out: who needs no more than an even share gets all, the others what is left."""
    small = sum(one for one in many if one <= most)
    large = [one for one in many if one > most]
    each = (room - small) // max(len(large), 1)
    return [one if one <= most else min(one, each) for one in many]


def _key(page: Page, box: Box, tongue: Tongue) -> None:
    x, y = box.left + NAME_MM, box.top - 3.4
    for key, pen, missing in (
        ("figure.covered", Pen(fill="#4B5157"), False),
        ("figure.missing", Pen(fill="#FFFFFF", stroke=GAP, width=0.7), True),
    ):
        sample = Box(x, y - 0.6, x + 9, y + 2.6)
        page.box(sample, pen)
        if missing:
            hatch(page, "fault", GAP, sample, clip=[sample.ring()])
        text = tongue.t(key)
        page.write(text, (x + 11, y), LABEL, colour=INK)
        x += 11 + wide(page, text, LABEL) + 8


def _panel(page: Page, box: Box, one: Kept, shown: int, tongue: Tongue) -> None:
    head = Box(box.left, box.top - HEAD_MM, box.right, box.top)
    write_in(page, head, tongue.t(f"figure.{one.layer}"), TITLE + 0.6, weight="bold", most=1)
    body = Box(box.left, box.bottom + FOOT_MM, box.right, head.bottom)
    if not len(one.names):
        write_in(page, body, tongue.t("figure.none"), LABEL, colour=GREY, most=1)
        return
    # The least reached stand first; of those that are alike the larger.
    missing = one.kept - one.covered
    order = np.lexsort((np.arange(len(missing)), -one.kept, -missing))[:shown]
    high, step = round_up(float(one.kept.max()), 6)
    across = Scale(0.0, high, body.left + NAME_MM, body.right - FIGURE_MM)
    _axis(page, body, across, step)
    tall = body.height / len(order)
    for at, row in enumerate(order.tolist()):
        top = body.top - at * tall
        own = Box(body.left, top - tall, body.right, top)
        _bar(page, own, across, one, row, tongue)
    left = len(one.names) - len(order)
    if left:
        text = tongue.t("figure.more", n=left)
        page.write(text, (body.left, box.bottom + 1.5), MARK, colour=GREY)


def _axis(page: Page, body: Box, across: Scale, step: float) -> None:
    for value in ticks(across.high, step).tolist():
        x = across.at(value)
        page.line((x, body.bottom), (x, body.top), pen=Pen(stroke=GRID, width=0.4))
        page.write(number(value), (x, body.bottom - 3.2), MARK, align="centre", colour=GREY)
    page.line((across.start, body.bottom), (across.start, body.top), pen=Pen(stroke=INK, width=0.7))


def _bar(page: Page, box: Box, across: Scale, one: Kept, row: int, tongue: Tongue) -> None:
    kept, covered = float(one.kept[row]), float(one.covered[row])
    name = Box(box.left, box.bottom, box.left + NAME_MM - 2, box.top)
    write_in(page, name, one.names[row], LABEL + 0.6, align="right", most=1, centred=True)
    thick = box.height * 0.62
    low = box.middle[1] - thick / 2
    end, split = across.at(kept), across.at(min(covered, kept))
    if split > across.start:
        page.box(Box(across.start, low, split, low + thick), Pen(fill=COLOURS[one.layer]))
    if end - split > 0:
        rest = Box(split, low, end, low + thick)
        page.box(rest, Pen(fill="#FFFFFF", stroke=GAP, width=0.7))
        hatch(page, "fault", GAP, rest, clip=[rest.ring()])
    digits = DECIMALS[one.layer]
    figures = tongue.t(
        "figure.of",
        covered=f"{covered:,.{digits}f}",
        kept=f"{kept:,.{digits}f}",
        share=percent(covered, kept),
    )
    said = Box(box.right - FIGURE_MM + 3, box.bottom, box.right, box.top)
    write_in(page, said, figures, LABEL + 0.4, align="left", most=1, centred=True)
