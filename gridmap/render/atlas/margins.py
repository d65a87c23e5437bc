"""What stands on every page around the map: title, marks of the audience, foot."""

from __future__ import annotations

from dataclasses import dataclass

from gridmap.model.scene import Statement
from gridmap.render.atlas.layout import Layout, write_in
from gridmap.render.atlas.page import POINT, Box, Page, Pen
from gridmap.render.atlas.tongue import Tongue

TITLE, SUB, NUMBER, MARK, SMALL = 15.0, 8.0, 13.0, 8.4, 6.2
INK, GREY, RULE = "#1B1F23", "#565B61", Pen(stroke="#1B1F23", width=0.8)
NUMBER_MM = 62.0  # what number and scale have at the right of the title
MARK_GAP = 2.0


@dataclass(frozen=True, slots=True)
class Heading:
    """What a page is called: its title, what is said under it, and at the right its number and its scale."""

    title: str
    under: str
    number: str
    scale: str


def draw_margins(page: Page, boxes: Layout, heading: Heading, statement: Statement, tongue: Tongue) -> None:
    """Draw the title block and the marks of the audience."""
    head = boxes.head
    split = head.right - NUMBER_MM
    left = Box(head.left, head.bottom, split - 3, head.top)
    write_in(
        page,
        Box(left.left, left.top - 6.4, left.right, left.top),
        heading.title,
        TITLE,
        weight="bold",
        most=1,
    )
    write_in(
        page,
        Box(left.left, left.bottom, left.right, left.bottom + 3.7),
        heading.under,
        SUB,
        most=1,
        colour=GREY,
    )
    right = Box(split, head.bottom, head.right, head.top)
    how = {"align": "right", "most": 1}
    write_in(
        page,
        Box(right.left, right.top - 5.8, right.right, right.top),
        heading.number,
        NUMBER,
        weight="bold",
        **how,
    )
    write_in(page, Box(right.left, right.bottom, right.right, right.bottom + 3.7), heading.scale, SUB, **how)
    page.line((head.left, head.bottom - 0.4), (head.right, head.bottom - 0.4), pen=RULE)
    _marks(page, boxes.marks, statement, tongue)


def _marks(page: Page, box: Box, statement: Statement, tongue: Tongue) -> None:
    """Draw the handling mark, the audience's banner and the mark of synthetic data, side by side."""
    wanted = [
        (tongue.pick(statement.handling_mark), "#B00020", "#FFFFFF", "#B00020"),
        (tongue.t("synthetic") if statement.synthetic else "", "#FFE9A8", INK, "#8A6500"),
        (tongue.pick(statement.banner), "#EEF1F4", INK, "#8A8F96"),
        (tongue.pick(statement.approval), "#FFFFFF", INK, "#8A8F96"),
    ]
    wanted = [one for one in wanted if one[0].strip()]
    if not wanted:
        return
    widths = [page.fonts.bold.width(page.fonts.clean(one[0]), MARK) / POINT + 6 for one in wanted]
    room = box.width - MARK_GAP * (len(wanted) - 1)
    # Of what is too long for the page each has its share.
    shrink = min(1.0, room / sum(widths))
    x = box.left
    for (text, fill, colour, edge), width in zip(wanted, widths, strict=True):
        own = Box(x, box.bottom + 0.2, x + width * shrink, box.top - 0.9)
        page.box(own, Pen(fill=fill, stroke=edge, width=0.7))
        inner = Box(own.left + 1.6, own.bottom + 0.4, own.right - 1.6, own.top - 0.4)
        write_in(page, inner, text, MARK, weight="bold", align="centre", colour=colour, centred=True)
        x = own.right + MARK_GAP


def draw_foot(page: Page, box: Box, statement: Statement, number: str, tongue: Tongue) -> None:
    """Draw the last line: the project, the revision of its data, the number of the page."""
    page.line((box.left, box.top), (box.right, box.top), pen=Pen(stroke="#8A8F96", width=0.4))
    said = [
        tongue.pick(statement.project),
        tongue.t("atlas.for", audience=_audience(statement, tongue)),
        *(tongue.pick(note) for note in statement.notes),
        tongue.t("atlas.revision", revision=statement.revision),
        tongue.t("atlas.made", version=statement.version),
    ]
    line = Box(box.left, box.bottom, box.right - 48, box.top - 1.2)
    write_in(page, line, " · ".join(one for one in said if one), SMALL, most=1, colour=GREY)
    how = {"align": "right", "most": 1, "weight": "bold"}
    write_in(page, Box(box.right - 46, box.bottom, box.right, box.top - 1.2), number, SMALL + 0.6, **how)


def _audience(statement: Statement, tongue: Tongue) -> str:
    unit = tongue.pick(statement.unit)
    return tongue.pick(statement.audience_title) + (f" · {unit}" if unit else "")
