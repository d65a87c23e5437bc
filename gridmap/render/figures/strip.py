"""The strip chart: the border unrolled from west to east, with what keepers do along it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.render.atlas.hatching import hatch
from gridmap.render.atlas.layout import write_in
from gridmap.render.atlas.page import Box, Page, Pen
from gridmap.render.atlas.tongue import Tongue
from gridmap.render.figures.axis import LABEL_MM, TICK_MM, number, round_up, step_for, ticks
from gridmap.render.figures.content import Floats, Strip
from gridmap.render.figures.rows import (
    GAP,
    GAP_INK,
    GREY,
    GRID,
    GUTTER,
    INK,
    LABEL,
    MARK,
    MARKS,
    PALE,
    UNIT,
    Row,
    draw_frame,
    draw_gap,
    draw_heads,
    draw_line,
    draw_marks,
    placed,
    row_of,
    wide,
)
from gridmap.render.figures.top import TOP_MM, draw_top
from gridmap.render.overlays.coverage import BAND
from gridmap.render.overlays.depth import STYLES

# Heights of the rows, in shares of what is left beside axis and top.
SHARES = (0.27, 0.16, 0.32, 0.25)
BETWEEN, AXIS_MM, RIGHT_MM, LABELS_MM = 4.0, 8.0, 17.0, 4.2
DEPTHS = 3
HOME, LINE, LIMIT = "#007A59", "#5B2A86", "#A34000"
BAR_MM = 1.0  # bars are no narrower: bins are joined where the border is long
FARTHEST = 4  # an axis shows this many times the limit, not more: what is beyond is at its end
ONES = 6  # up to so many keepers every one has its mark


@dataclass(frozen=True, slots=True)
class Limits:
    """What is drawn as a limit in the row of the nearest outpost; None for none."""

    metres: float | None = None
    minutes: float | None = None


def draw_strip(page: Page, box: Box, strip: Strip, limits: Limits, tongue: Tongue) -> None:
    """Draw the chart into a box."""
    plot = Box(box.left + GUTTER, box.bottom + AXIS_MM, box.right - RIGHT_MM, box.top - TOP_MM)
    _gridlines(page, plot, strip)
    draw_top(page, Box(plot.left, plot.top, plot.right, box.top), strip, tongue)
    free = plot.height - BETWEEN * len(SHARES)
    top = plot.top - BETWEEN
    boxes = []
    for share in SHARES:
        boxes.append(Box(plot.left, top - free * share, plot.right, top))
        top -= free * share + BETWEEN
    _coverage(page, boxes[0], strip, tongue)
    _depth(page, boxes[1], strip, tongue)
    _nearest(page, boxes[2], strip, limits, tongue)
    _homes(page, boxes[3], strip, tongue)
    _axis(page, plot, strip, tongue)


def _gridlines(page: Page, plot: Box, strip: Strip) -> None:
    """Draw what runs through all rows: round kilometres, ends of sections, stretches nobody reaches."""
    row = row_of(plot, strip.length_km, 1.0)
    for begin, end in strip.gaps.tolist():
        page.box(row.bar(begin, end, 0.0, 1.0), Pen(fill=GAP, fill_opacity=0.09))
    step = step_for(strip.length_km, plot.width, LABEL_MM)
    for km in ticks(strip.length_km, step).tolist():
        x = row.across.at(km)
        page.line((x, plot.bottom), (x, plot.top), pen=Pen(stroke=GRID, width=0.35))
    for km in np.unique(np.concatenate([strip.sections.from_km, strip.sections.to_km])).tolist():
        x = row.across.at(km)
        page.line((x, plot.bottom), (x, plot.top), pen=Pen(stroke=PALE, width=0.4, dash=(2.2, 1.8)))


def _axis(page: Page, plot: Box, strip: Strip, tongue: Tongue) -> None:
    """Draw the axis of chainage, with a tick a kilometre where there is room."""
    row = row_of(plot, strip.length_km, 1.0)
    y, step = plot.bottom, step_for(strip.length_km, plot.width, LABEL_MM)
    page.line((plot.left, y), (plot.right, y), pen=Pen(stroke=INK, width=0.8))
    fine = max(1.0, step_for(strip.length_km, plot.width, TICK_MM))
    for km in ticks(strip.length_km, min(fine, step)).tolist():
        x = row.across.at(km)
        page.line((x, y), (x, y - 1.0), pen=Pen(stroke=INK, width=0.4))
    for km in ticks(strip.length_km, step).tolist():
        x = row.across.at(km)
        page.line((x, y), (x, y - 1.8), pen=Pen(stroke=INK, width=0.8))
        page.write(f"K{number(km)}", (x, y - 4.6), LABEL, align="centre", colour=INK)
    text = tongue.t("figure.chainage")
    page.write(text, (plot.left - GUTTER, y - 4.6), MARK, colour=GREY)


def _coverage(page: Page, box: Box, strip: Strip, tongue: Tongue) -> None:
    counts = strip.steps[:, 2]
    most = max(3.0, float(counts.max()))
    high, step = (most, 1.0) if most <= ONES else round_up(most)
    inner = Box(box.left, box.bottom, box.right, box.top - LABELS_MM)
    row = row_of(inner, strip.length_km, high)
    marks = ticks(high, step)
    draw_marks(page, row, marks, [number(one) for one in marks])
    for begin, end, count in strip.steps.tolist():
        if count:
            style = BAND[min(int(count), len(BAND) - 1)]
            page.box(row.bar(begin, end, 0.0, count), Pen(fill=style.stroke))
        else:
            draw_gap(page, row.bar(begin, end, 0.0, high))
    _outline(page, row, strip.steps)
    more = _gap_labels(page, row, strip.gaps, tongue)
    draw_heads(page, box, tongue.t("figure.keepers"), (tongue.t("figure.keepers.unit"), *more))
    draw_frame(page, inner)


def _outline(page: Page, row: Row, steps: Floats) -> None:
    """Draw the edge of the steps."""
    x = row.across.all(steps[:, :2].ravel())
    y = row.up.all(np.repeat(steps[:, 2], 2))
    page.shape([(np.column_stack([x, y]), False)], Pen(stroke=INK, width=0.6))


def _gap_labels(page: Page, row: Row, gaps: Floats, tongue: Tongue) -> list[str]:
    """Write the lengths of gaps over them, the longest first; return what is to be said of the others."""
    sizes = gaps[:, 1] - gaps[:, 0]
    order = np.argsort(-sizes, kind="stable")
    texts = [tongue.t("figure.gap", km=f"{sizes[at]:,.1f}") for at in order]
    wanted = [
        (row.across.at(float(gaps[at].mean())), wide(page, text, LABEL, bold=True))
        for at, text in zip(order, texts, strict=True)
    ]
    found = placed(wanted, (row.box.left, row.box.right))
    for text, x in zip(texts, found, strict=True):
        if x is not None:
            y = row.box.top + 1.2
            page.write(text, (x, y), LABEL, align="centre", weight="bold", colour=GAP_INK)
    left = [float(sizes[at]) for at, x in zip(order, found, strict=True) if x is None]
    return [tongue.t("figure.gaps.more", n=len(left), km=f"{sum(left):,.1f}")] if left else []


def _depth(page: Page, box: Box, strip: Strip, tongue: Tongue) -> None:
    row = row_of(box, strip.length_km, float(DEPTHS))
    marks = np.arange(DEPTHS + 1, dtype=np.float64)
    draw_marks(page, row, marks, [number(one) for one in marks])
    first = np.flatnonzero(np.diff(strip.depth, prepend=-1))
    last = np.append(first[1:], len(strip.depth)) - 1
    for one, other in zip(first.tolist(), last.tolist(), strict=True):
        deep = int(strip.depth[one])
        style = STYLES[min(max(deep, 0), DEPTHS)]
        part = row.bar(strip.bins[one, 0], strip.bins[other, 1], 0.0, float(deep or DEPTHS))
        if deep == 0:
            draw_gap(page, part)
            continue
        page.box(part, Pen(fill=style.fill, fill_opacity=0.75, stroke=style.stroke, width=0.5))
        if style.hatch:
            hatch(page, style.hatch, style.stroke, part, clip=[part.ring()])
    draw_heads(page, box, tongue.t("figure.depth"), (tongue.t("figure.depth.unit"),))
    draw_frame(page, box)


def _nearest(page: Page, box: Box, strip: Strip, limits: Limits, tongue: Tongue) -> None:
    timed = not bool(np.isnan(strip.minutes).all())
    values = strip.minutes if timed else strip.km
    limit = limits.minutes if timed else None if limits.metres is None else limits.metres / 1000
    known = values[np.isfinite(values)]
    most = float(known.max()) if len(known) else 0.0
    shown = most if limit is None else min(max(most, limit * 1.15), limit * FARTHEST)
    high, step = round_up(shown)
    row = row_of(box, strip.length_km, high)
    marks = ticks(high, step)
    draw_marks(page, row, marks, [number(one) for one in marks])
    _nobody(page, row, strip.bins[np.isinf(values)], tongue)
    draw_line(page, row, strip.bins.mean(axis=1), values, Pen(stroke=LINE, width=1.3))
    unit = tongue.t("figure.minutes.unit" if timed else "figure.metres.unit")
    if limit is not None:
        y = row.up.at(limit)
        page.line((box.left, y), (box.right, y), pen=Pen(stroke=LIMIT, width=1.0, dash=(4.0, 2.0)))
        said = tongue.t("figure.limit", limit=f"{number(limit)} {'min' if timed else 'km'}")
        room = Box(box.right + 1.5, y - 2.0, box.right + RIGHT_MM, y + 2.0)
        write_in(page, room, said, LABEL, weight="bold", colour=LIMIT, most=1, centred=True)
    beyond = [tongue.t("figure.most", n=f"{most:,.1f}")] if most > high else []
    draw_heads(page, box, tongue.t("figure.minutes"), (unit, *beyond))
    draw_frame(page, box)


def _nobody(page: Page, row: Row, bins: Floats, tongue: Tongue) -> None:
    """Draw bins where nobody gets to, whatever time it takes, and say so at the left."""
    pen = Pen(fill=GAP, fill_opacity=0.4)
    for begin, end in bins.tolist():
        page.box(row.bar(begin, end, 0.0, row.up.high), pen)
    if len(bins):
        left, y = row.box.left - GUTTER, row.box.bottom + 1.0
        page.box(Box(left, y - 0.4, left + 3.6, y + 2.2), pen)
        room = Box(left + 4.8, y - 1.4, row.box.left - MARKS, y + 3.0)
        write_in(page, room, tongue.t("figure.unreachable"), UNIT, colour=GAP_INK, most=1, centred=True)


def _homes(page: Page, box: Box, strip: Strip, tongue: Tongue) -> None:
    width = box.width / max(len(strip.bins), 1)
    together = max(1, int(np.ceil(BAR_MM / width)))
    starts = np.arange(0, len(strip.bins), together)
    stops = np.minimum(starts + together, len(strip.bins))
    begin, end = strip.bins[starts, 0], strip.bins[stops - 1, 1]
    each = np.add.reduceat(strip.homes, starts) / np.maximum(end - begin, 1e-6)
    high, step = round_up(float(each.max()))
    row = row_of(box, strip.length_km, high)
    marks = ticks(high, step)
    draw_marks(page, row, marks, [number(one) for one in marks])
    pen = Pen(fill=HOME, stroke="#FFFFFF", width=0.25)
    for left, right, value in zip(begin.tolist(), end.tolist(), each.tolist(), strict=True):
        if value > 0:
            page.box(row.bar(left, right, 0.0, value), pen)
    said = tongue.t("figure.homes.bars", km=number(float(np.round(np.median(end - begin), 1))))
    draw_heads(page, box, tongue.t("figure.homes"), (tongue.t("figure.homes.unit"), said))
    draw_frame(page, box)
