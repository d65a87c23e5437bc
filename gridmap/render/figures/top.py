"""What stands over the strip chart: units, sections, boundary markers."""

from __future__ import annotations

import numpy as np

from gridmap.render.atlas.layout import write_in
from gridmap.render.atlas.page import Box, Page, Pen
from gridmap.render.atlas.tongue import Tongue
from gridmap.render.figures.content import Spans, Strip
from gridmap.render.figures.rows import GREY, GUTTER, INK, LABEL, MARK, MARKS, TITLE, placed, row_of, wide
from gridmap.render.style import SECTIONS

TOP_MM = 19.0
UNITS_MM, SECTIONS_MM, MARKERS_MM = 6.4, 6.0, 6.6
TICK_MM = 1.6


def draw_top(page: Page, box: Box, strip: Strip, tongue: Tongue) -> None:
    """Draw units, sections and markers, from the top of a box."""
    y = box.top
    parts = (
        (UNITS_MM, "figure.units", _units, strip.units),
        (SECTIONS_MM, "figure.sections", _sections, strip.sections),
        (MARKERS_MM, "figure.markers", _markers, strip.markers),
    )
    for tall, title, draw, spans in parts:
        part = Box(box.left, y - tall, box.right, y)
        y -= tall
        if len(spans.names):
            head = Box(part.left - GUTTER, part.bottom, part.left - MARKS, part.top)
            write_in(page, head, tongue.t(title), TITLE, weight="bold", most=1, centred=True)
            draw(page, part, spans, strip.length_km)


def _units(page: Page, box: Box, spans: Spans, length_km: float) -> None:
    """Draw a bracket for each stretch that one unit keeps, with its name."""
    row = row_of(box, length_km, 1.0)
    y = box.bottom + 1.0
    for begin, end in zip(spans.from_km.tolist(), spans.to_km.tolist(), strict=True):
        left, right = row.across.at(begin) + 0.4, row.across.at(end) - 0.4
        page.line((left, y - 0.9), (left, y), (right, y), (right, y - 0.9), pen=Pen(stroke=GREY, width=0.6))
    _names(page, spans, box, length_km, y=y + 1.2, bold=True)


def _sections(page: Page, box: Box, spans: Spans, length_km: float) -> None:
    """Draw the sections in the two colours that they have on the map."""
    row = row_of(box, length_km, 1.0)
    part = Box(box.left, box.bottom + 0.8, box.right, box.top - 0.8)
    for at, (begin, end) in enumerate(zip(spans.from_km.tolist(), spans.to_km.tolist(), strict=True)):
        own = Box(row.across.at(begin), part.bottom, row.across.at(end), part.top)
        page.box(own, Pen(fill=SECTIONS[at % 2].stroke, fill_opacity=0.32, stroke="#8F3A00", width=0.4))
    _names(page, spans, part, length_km, y=part.middle[1] - 0.9, bold=False)


def _names(page: Page, spans: Spans, box: Box, length_km: float, *, y: float, bold: bool) -> None:
    """Write names in the middle of their stretches, where they fit into them."""
    row = row_of(box, length_km, 1.0)
    for begin, end, name in zip(spans.from_km.tolist(), spans.to_km.tolist(), spans.names, strict=True):
        left, right = row.across.at(begin), row.across.at(end)
        size = LABEL
        if wide(page, name, size, bold=bold) > right - left - 1:
            size = MARK - 1
        if wide(page, name, size, bold=bold) <= right - left - 1:
            weight = "bold" if bold else "regular"
            page.write(name, ((left + right) / 2, y), size, align="centre", weight=weight, colour=INK)


def _markers(page: Page, box: Box, spans: Spans, length_km: float) -> None:
    """Draw a tick for each boundary marker, and its number where there is room."""
    row = row_of(box, length_km, 1.0)
    middle = row.across.all(np.asarray(spans.from_km))
    for x in middle.tolist():
        page.line((x, box.bottom + 0.3), (x, box.bottom + 0.3 + TICK_MM), pen=Pen(stroke=INK, width=0.7))
    widths = [wide(page, name, MARK - 0.4) for name in spans.names]
    found = placed(zip(middle.tolist(), widths, strict=True), (box.left, box.right), air=0.8)
    for name, x in zip(spans.names, found, strict=True):
        if x is not None:
            page.write(name, (x, box.bottom + TICK_MM + 1.1), MARK - 0.4, align="centre", colour=INK)
