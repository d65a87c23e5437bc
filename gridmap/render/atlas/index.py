"""The first pages: where every sheet lies, and on which page it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from gridmap.render.atlas.content import Content
from gridmap.render.atlas.grid import draw_frame
from gridmap.render.atlas.layout import Layout, write_in
from gridmap.render.atlas.mapping import draw_map
from gridmap.render.atlas.measures import draw_measures
from gridmap.render.atlas.naming import write_names
from gridmap.render.atlas.page import Box, Page, Pen
from gridmap.render.atlas.panel import draw_statement
from gridmap.render.atlas.plane import Plane
from gridmap.render.atlas.series import Leaf
from gridmap.render.atlas.tongue import Tongue

ROW = 5.4
SIZE, HEAD_SIZE = 7.2, 7.0
AIR = 2.2
EDGE, RULE = Pen(stroke="#1B1F23", width=0.7), Pen(stroke="#B9BEC4", width=0.4)
GREY = "#565B61"
BADGE, BADGE_SIZE = 2.6, 7.0
# On the overview only what orients: seats, townships, zones.
NAMES_FROM, NAMES_OF = 60, frozenset({"base", "area"})
MEASURES, STATEMENT = 29.0, 31.0
BADGE_STEP = 5.6
TABLE = 0.64  # of the panel's width, on upright paper
FAINT = Pen(stroke="#8A8F96", width=0.4)


def rows_beside(boxes: Layout) -> int:
    """Return how many sheets the table beside the overview has room for."""
    return int((table_box(boxes).height - 8) // ROW)


def rows_alone(boxes: Layout) -> int:
    """Return how many sheets a page of the table alone has room for, in two columns."""
    return 2 * int((boxes.marks.bottom - boxes.foot.top - 14) // ROW)


def pages_of_index(boxes: Layout, sheets: int) -> int:
    """Return how many pages the index takes."""
    more = max(0, sheets - rows_beside(boxes))
    return 1 + -(-more // rows_alone(boxes))


def draw_overview(
    page: Page, boxes: Layout, content: Content, plane: Plane, leaves: list[Leaf], tongue: Tongue
) -> None:
    """Draw the overview with the outlines of the sheets, the scale and the statement."""
    draw_map(page, plane, content, dots=False)
    _outlines(page, plane, leaves)
    write_names(page, plane, content, least=NAMES_FROM, groups=NAMES_OF)
    _badges(page, plane, leaves)
    draw_frame(page, plane, {})
    page.box(boxes.panel, EDGE)
    panel = boxes.panel.inset(AIR)
    if boxes.upright:
        right = Box(panel.left + panel.width * TABLE, panel.bottom, panel.right, panel.top)
        upper = Box(right.left, right.top - MEASURES * boxes.larger, right.right, right.top)
        said = Box(right.left, right.bottom, right.right, upper.bottom - AIR)
    else:
        said = Box(panel.left, panel.bottom, panel.right, panel.bottom + STATEMENT * boxes.larger)
        low = said.top + AIR
        upper = Box(panel.left, low, panel.right, low + MEASURES * boxes.larger)
        for y in (said.top + AIR / 2, upper.top + AIR / 2):
            page.line((panel.left, y), (panel.right, y), pen=RULE)
    draw_measures(page, upper, plane, tongue, larger=boxes.larger)
    draw_statement(page, said, content.scene.statement, tongue, larger=boxes.larger)


def table_box(boxes: Layout) -> Box:
    """Return where the table stands beside the overview."""
    panel = boxes.panel.inset(AIR)
    if boxes.upright:
        return Box(panel.left, panel.bottom, panel.left + panel.width * TABLE - 2 * AIR, panel.top)
    low = panel.bottom + (STATEMENT + MEASURES) * boxes.larger + 2 * AIR
    return Box(panel.left, low, panel.right, panel.top)


def draw_table(page: Page, box: Box, rows: list[tuple[Leaf, int]], tongue: Tongue) -> float:
    """Draw a table of sheets with their pages; return its lower edge."""
    wide = box.width
    ends = [0.0, min(11.0, wide * 0.14), wide - min(25.0, wide * 0.42), wide - min(8.0, wide * 0.14), wide]
    keys = ("number", "name", "scale", "page")
    y = box.top
    for at, key in enumerate(keys):
        cell = Box(box.left + ends[at], y - 4.2, box.left + ends[at + 1] - 1.0, y)
        align = "right" if key in {"scale", "page"} else "left"
        write_in(page, cell, tongue.t(f"atlas.column.{key}"), HEAD_SIZE, weight="bold", most=1, align=align)
    y -= 5.0
    page.line((box.left, y), (box.right, y), pen=EDGE)
    for leaf, number in rows:
        cells = (leaf.number, name_of(leaf, tongue), f"1:{leaf.plane.scale:,}", str(number))
        for at, text in enumerate(cells):
            cell = Box(box.left + ends[at], y - ROW + 0.3, box.left + ends[at + 1] - 1.0, y - 0.3)
            align = "left" if at < 2 else "right"  # noqa: PLR2004 - figures stand at the right
            write_in(
                page, cell, text, SIZE, weight="bold" if at == 0 else "regular", align=align, centred=True
            )
        y -= ROW
        page.line((box.left, y), (box.right, y), pen=RULE)
    return y


def name_of(leaf: Leaf, tongue: Tongue) -> str:
    """Return what a sheet is called, with its part where a subject takes several."""
    if leaf.parts == 1:
        return leaf.subject.name
    return f"{leaf.subject.name} · {tongue.t('atlas.part', part=leaf.part, parts=leaf.parts)}"


def draw_locator(page: Page, box: Box, leaf: Leaf, leaves: list[Leaf], tongue: Tongue) -> None:
    """Draw where a sheet lies among the others."""
    top = write_in(
        page, Box(box.left, box.top - 3.4, box.right, box.top), tongue.t("atlas.locator"), 7.0, weight="bold"
    )
    room = Box(box.left, box.bottom, box.right, top - 1.0)
    extents = np.array([one.plane.extent for one in leaves])
    left, bottom = extents[:, :2].min(axis=0)
    right, up = extents[:, 2:].max(axis=0)
    mm = min(room.width / (right - left), room.height / (up - bottom))
    shift = np.array(room.middle) - np.array([(left + right) / 2, (bottom + up) / 2]) * mm
    for one in [*(other for other in leaves if other is not leaf), leaf]:
        own = one is leaf
        ring = _ring(one.plane.extent) * mm + shift
        pen = (
            Pen(stroke=one.subject.colour, width=1.2, fill=one.subject.colour, fill_opacity=0.18)
            if own
            else FAINT
        )
        page.shape([(ring, True)], pen)


def _ring(extent: tuple[float, float, float, float]) -> Any:
    return Box(*extent).ring()


def _outlines(page: Page, plane: Plane, leaves: list[Leaf]) -> None:
    for leaf in leaves:
        ring = [(plane.place(_ring(leaf.plane.extent)), True)]
        clip = [plane.frame.ring()]
        page.shape(ring, Pen(stroke="#FFFFFF", width=2.4, opacity=0.85), clip=clip)
        page.shape(ring, Pen(stroke=leaf.subject.colour, width=1.1), clip=clip)


def _badges(page: Page, plane: Plane, leaves: list[Leaf]) -> None:
    """Write the number of every sheet at its upper left corner, or where beside it there is room."""
    taken: list[tuple[float, float]] = []
    for leaf in leaves:
        ring = plane.place(_ring(leaf.plane.extent))
        (left, bottom), (right, top) = ring.min(axis=0), ring.max(axis=0)
        steps = [
            (left + BADGE + 0.6 + at * BADGE_STEP, top) for at in range(int((right - left) / BADGE_STEP))
        ]
        steps += [
            (left, top - BADGE - 0.6 - at * BADGE_STEP) for at in range(int((top - bottom) / BADGE_STEP))
        ]
        inner = plane.frame.inset(BADGE + 0.5)
        free = [
            (float(x), float(y))
            for x, y in steps
            if inner.left <= x <= inner.right
            and inner.bottom <= y <= inner.top
            and all(abs(x - a) > 2 * BADGE + 0.4 or abs(y - b) > 2 * BADGE + 0.4 for a, b in taken)
        ]
        at = (
            free[0]
            if free
            else (float(np.clip(left, inner.left, inner.right)), float(np.clip(top, inner.bottom, inner.top)))
        )
        taken.append(at)
        _badge(page, at, leaf)


def _badge(page: Page, at: tuple[float, float], leaf: Leaf) -> None:
    size = BADGE_SIZE if len(leaf.number) < 3 else BADGE_SIZE - 1.4  # noqa: PLR2004 - two digits
    half = max(BADGE, page.fonts.bold.width(leaf.number, size) * 25.4 / 144 + 0.8)
    box = Box(at[0] - half, at[1] - BADGE * 0.85, at[0] + half, at[1] + BADGE * 0.85)
    page.box(box, Pen(fill="#FFFFFF", stroke=leaf.subject.colour, width=1.0))
    page.write(leaf.number, at, size, align="centre", middle=True, weight="bold", box=box)
