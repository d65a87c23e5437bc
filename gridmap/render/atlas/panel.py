"""The panel of a sheet: legend, scale, where it lies, and what is said of the data."""

from __future__ import annotations

from gridmap.model.scene import Statement
from gridmap.render.atlas.content import Content
from gridmap.render.atlas.layout import Layout, write_in
from gridmap.render.atlas.legend import draw_legend, legend_lines
from gridmap.render.atlas.mapping import Shown
from gridmap.render.atlas.measures import draw_measures
from gridmap.render.atlas.page import Box, Page, Pen
from gridmap.render.atlas.plane import Plane
from gridmap.render.atlas.tongue import Tongue

AIR = 2.2
MEASURES, LOCATOR = 29.0, 24.0
STATEMENT, STATEMENT_SIZE = 31.0, 5.6
HEADING = 7.0
EDGE, RULE = Pen(stroke="#1B1F23", width=0.7), Pen(stroke="#B9BEC4", width=0.4)
GREY = "#565B61"


def locator_box(boxes: Layout) -> Box:
    """Return where the panel shows the place of a sheet among the others."""
    panel = boxes.panel.inset(AIR)
    if boxes.upright:
        left = panel.left + panel.width * 0.5
        right = panel.left + panel.width * 0.75 - AIR
        return Box(left, panel.bottom, right, panel.top - MEASURES * boxes.larger - AIR)
    low = panel.bottom + (STATEMENT + MEASURES) * boxes.larger + 2 * AIR
    return Box(panel.left, low, panel.right, low + LOCATOR * boxes.larger)


def draw_panel(
    page: Page, boxes: Layout, content: Content, shown: Shown, plane: Plane, tongue: Tongue
) -> None:
    """Draw everything of the panel but the locator."""
    page.box(boxes.panel, EDGE)
    panel, locator = boxes.panel.inset(AIR), locator_box(boxes)
    if boxes.upright:
        middle = Box(locator.left, panel.top - MEASURES * boxes.larger, locator.right, panel.top)
        legend = Box(panel.left, panel.bottom, locator.left - AIR, panel.top)
        said = Box(locator.right + AIR, panel.bottom, panel.right, panel.top)
        for x in (legend.right + AIR / 2, locator.right + AIR / 2):
            page.line((x, panel.bottom), (x, panel.top), pen=RULE)
    else:
        said = Box(panel.left, panel.bottom, panel.right, panel.bottom + STATEMENT * boxes.larger)
        low = said.top + AIR
        middle = Box(panel.left, low, panel.right, low + MEASURES * boxes.larger)
        legend = Box(panel.left, locator.top + AIR, panel.right, panel.top)
        for y in (said.top + AIR / 2, middle.top + AIR / 2, locator.top + AIR / 2):
            page.line((panel.left, y), (panel.right, y), pen=RULE)
    lines = legend_lines(content, shown, plane, tongue)
    draw_legend(page, legend, lines, tongue.t("atlas.legend"), larger=boxes.larger)
    draw_measures(page, middle, plane, tongue, larger=boxes.larger)
    draw_statement(page, said, content.scene.statement, tongue, larger=boxes.larger)


def draw_statement(
    page: Page, box: Box, statement: Statement, tongue: Tongue, *, larger: float = 1.0
) -> None:
    """Write what is said of the data: as it fits the box."""
    top = write_in(
        page,
        Box(box.left, box.top - 3.4 * larger, box.right, box.top),
        tongue.t("statement"),
        HEADING * larger,
        weight="bold",
    )
    unit = tongue.pick(statement.unit)
    rows = [
        ("statement.crs", statement.crs),
        ("statement.revision", statement.revision),
        ("statement.audience", tongue.pick(statement.audience_title)),
        ("statement.unit", unit),
        ("statement.source", statement.source),
        ("statement.basemap", statement.basemap),
    ]
    said = [tongue.t("atlas.fact", title=tongue.t(key), value=value) for key, value in rows if value]
    said += [tongue.t("synthetic")] if statement.synthetic else []
    said += [text for one in (statement.approval, statement.handling_mark) if (text := tongue.pick(one))]
    y = top - 0.6
    for text in said:
        rest = Box(box.left, box.bottom, box.right, y)
        y = write_in(page, rest, text, STATEMENT_SIZE * larger, colour=GREY) - 0.5
        if y <= box.bottom + 1.5:
            break
