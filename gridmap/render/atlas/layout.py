"""Where the parts of a page are, in millimetres; and texts that are fitted into boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gridmap.render.atlas.asked import Asked
from gridmap.render.atlas.grid import BAND, COLLAR
from gridmap.render.atlas.page import ASCENT, DESCENT, POINT, Box, Page
from gridmap.render.atlas.typeface import Weight

EDGE = 8.0  # printers leave this white
HEAD, MARKS, FOOT, GAP = 11.0, 6.0, 5.0, 3.0
PANEL = {"A4": 60.0, "A3": 82.0}  # beside the map
BELOW = {"A4": 82.0, "A3": 104.0}  # under it, on upright paper
LARGER = {"A4": 1.0, "A3": 1.25}  # letters of the panel: larger paper hangs farther away
LEADING = 1.32
SMALLEST = 4.6  # points: what can just be read
SHRINK = 0.2
ELLIPSIS = "…"
FIRST_WIDE = 0x2E80  # from here on characters stand alone: a line may break beside each
OPENING, CLOSING = frozenset("（《“「[("), frozenset("，。、；：！？）》”」·,.;:)]")


@dataclass(frozen=True, slots=True)
class Layout:
    """The boxes of a page: title above, the marks of its audience, map, panel, foot.

    Parameters
    ----------
    head, marks, frame, panel, foot : Box
        From the top; `frame` is the map's neat line.
    upright : bool
        Whether the panel is under the map, and not beside it.
    larger : float
        How much larger the letters of the panel are than on the smallest paper.
    """

    head: Box
    marks: Box
    frame: Box
    panel: Box
    foot: Box
    upright: bool
    larger: float


def layout(asked: Asked) -> Layout:
    """Return the boxes of every page of an atlas."""
    width, height = asked.paper
    upright = asked.orientation == "portrait"
    inner = Box(EDGE, EDGE, width - EDGE, height - EDGE)
    head = Box(inner.left, inner.top - HEAD, inner.right, inner.top)
    marks = Box(inner.left, head.bottom - MARKS, inner.right, head.bottom)
    foot = Box(inner.left, inner.bottom, inner.right, inner.bottom + FOOT)
    rest = Box(inner.left, foot.top + 1.0, inner.right, marks.bottom - 1.5)
    collar = BAND + COLLAR
    if upright:
        panel = Box(rest.left, rest.bottom, rest.right, rest.bottom + BELOW[asked.size])
        held = Box(rest.left, panel.top + GAP, rest.right, rest.top)
    else:
        panel = Box(rest.right - PANEL[asked.size], rest.bottom, rest.right, rest.top)
        held = Box(rest.left, rest.bottom, panel.left - GAP, rest.top)
    return Layout(head, marks, held.inset(collar), panel, foot, upright, LARGER[asked.size])


def lines_of(page: Page, text: str, size: float, width: float, weight: Weight = "regular") -> list[str]:
    """Break a text into lines of at most `width` millimetres: between words or Chinese characters."""
    font, most = page.fonts.of(weight), width * POINT
    rest, found = page.fonts.clean(text), []
    while rest:
        end, wide = 0, 0.0
        while end < len(rest) and (wide := wide + font.width(rest[end], size)) <= most:
            end += 1
        end = _break(rest, max(end, 1))
        found.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return found


def _break(text: str, end: int) -> int:
    """Return where a line that has room for so many characters ends."""
    if end >= len(text):
        return end
    for at in range(end, 0, -1):
        before, behind = text[at - 1], text[at]
        may = " " in {before, behind} or ord(before) >= FIRST_WIDE or ord(behind) >= FIRST_WIDE
        # What closes stays with what it closes, and what opens with what it opens.
        if may and behind not in CLOSING and before not in OPENING:
            return at
    return end


def write_in(page: Page, box: Box, text: str, size: float, **how: Any) -> float:
    """Write a text into a box, smaller if it must be; return how far down it reaches, in millimetres.

    Parameters
    ----------
    page : Page
        What is written on.
    box : Box
        Nothing is written outside of it: the size falls to the smallest that can be read, and of what is
        still too long the end is left out.
    text : str
        One paragraph.
    size : float
        Points, at most.
    **how
        As for `Page.write`; ``most`` lines; ``centred`` puts the lines in the middle of the height.
    """
    weight: Weight = how.pop("weight", "regular")
    most, centred = int(how.pop("most", 99)), bool(how.pop("centred", False))
    size, lines = _fitted(page, box, text, size, weight, most)
    step = size * LEADING / POINT
    top = box.top
    if centred:
        top -= max(0.0, (box.height - _tall(lines, size)) / 2)
    align = how.get("align", "left")
    x = {"left": box.left, "centre": box.middle[0], "right": box.right}[align]
    for number, line in enumerate(lines):
        y = top - ASCENT * size / POINT - number * step
        page.write(line, (x, y), size, weight=weight, box=box, **how)
    return box.top - _tall(lines, size) if lines else box.top


def _tall(lines: list[str], size: float) -> float:
    return ((len(lines) - 1) * LEADING + ASCENT + DESCENT) * size / POINT if lines else 0.0


def _fitted(
    page: Page, box: Box, text: str, size: float, weight: Weight, most: int
) -> tuple[float, list[str]]:
    """Return the size and the lines with which a text fits a box."""
    while True:
        lines = lines_of(page, text, size, box.width, weight)
        if len(lines) <= most and _tall(lines, size) <= box.height + 1e-6:
            return size, lines
        if size - SHRINK < SMALLEST:
            break
        size = round(size - SHRINK, 2)
    room = max(1, int((box.height * POINT / size - ASCENT - DESCENT) / LEADING + 1))
    kept = lines[: min(most, room)]
    if len(kept) < len(lines):
        kept[-1] = _cut(page, kept[-1], size, box.width, weight)
    return size, kept


def _cut(page: Page, line: str, size: float, width: float, weight: Weight) -> str:
    while line and page.fonts.of(weight).width(page.fonts.clean(line + ELLIPSIS), size) > width * POINT:
        line = line[:-1]
    return line.rstrip() + ELLIPSIS
