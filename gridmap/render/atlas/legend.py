"""The legend of a sheet: what is on it, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gridmap.model.scene import Drawing, Style
from gridmap.render.atlas import ink
from gridmap.render.atlas.content import Content
from gridmap.render.atlas.grid import GRID, arc_step, grid_step
from gridmap.render.atlas.hatching import hatch
from gridmap.render.atlas.layout import lines_of, write_in
from gridmap.render.atlas.mapping import Shown
from gridmap.render.atlas.page import POINT, Box, Marks, Page, Pen, points
from gridmap.render.atlas.plane import Plane
from gridmap.render.atlas.tongue import Tongue

GROUPS = ("line", "area", "point", "findings", "base")
SIZES = (9.0, 8.4, 7.8, 7.2, 6.8, 6.4, 6.0, 5.6, 5.2, 4.8)
MOST_SIZE = 7.2
SWATCH, AFTER = 7.0, 1.4  # millimetres: the sign, and the gap behind it
HEADING = "#565B61"
RELIEF = ("#E2E8D0", "#F0E6CC", "#D6C2A5")
LEAST_COLUMN, COLUMN_COST = 26.0, 1.1


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the legend; without a style it is a heading, or says something of the map."""

    text: str
    style: Style | None = None
    form: str = ""


def draw_legend(page: Page, box: Box, lines: list[Line], title: str, *, larger: float = 1.0) -> None:
    """Draw the legend into a box: in as many columns as fit, as large as it can be."""
    head = Box(box.left, box.top - 4.2 * larger, box.right, box.top)
    top = write_in(page, head, title, 8.6 * larger, weight="bold")
    rest = Box(box.left, box.bottom, box.right, top - 1.0)
    most = max(1, int(rest.width // LEAST_COLUMN))
    tries = [
        (size, columns) for size in SIZES if size <= MOST_SIZE * larger for columns in range(1, most + 1)
    ]
    # One more column breaks more lines: it is worth a smaller letter.
    tries.sort(key=lambda one: one[1] * COLUMN_COST - one[0])
    for size, columns in tries:
        placed = _placed(page, lines, rest, columns, size)
        if placed is not None:
            break
    else:
        size = SIZES[-1]
        placed = _placed(page, lines, rest, most, size, cut=True)
    for line, own in placed or []:
        _draw(page, line, own, size)


def legend_lines(content: Content, shown: Shown, plane: Plane, tongue: Tongue) -> list[Line]:
    """Return what a legend says: of each layer what is on the sheet, then of the base."""
    found: list[Line] = []
    for group in GROUPS:
        own: list[Line] = []
        for drawing in reversed(content.scene.drawings):
            if drawing.group == group:
                own += _of_drawing(drawing, content, shown, tongue)
        if group == "base":
            own += _of_base(content, shown, plane, tongue)
        if own:
            found += [Line(tongue.t(f"group.{group}")), *own]
    return found


def _of_drawing(drawing: Drawing, content: Content, shown: Shown, tongue: Tongue) -> list[Line]:
    seen = [at for at in range(len(drawing.cases)) if (drawing.name, at) in shown.cases]
    rows = content.rows(drawing.table)
    if not seen or rows is None:
        return []
    codes = content.codes(drawing)
    made = []
    for at in seen:
        case = drawing.cases[at]
        kinds = rows.kinds[(codes == at) & (rows.kinds >= 0)]
        form = ("point", "line", "area")[int(np.bincount(kinds).argmax())]
        made.append(Line(tongue.pick(case.title), case.style, form))
    # Words of the catalogue say what they are; names and figures need it said: of units, of classes.
    alone = len(drawing.cases) == 1 or all(drawing.cases[at].title.key for at in seen)
    return made if alone else [Line(tongue.pick(drawing.title), None, "sub"), *made]


def _of_base(content: Content, shown: Shown, plane: Plane, tongue: Tongue) -> list[Line]:
    found = []
    raster = next((one.raster for one in content.scene.drawings if one.raster is not None), None)
    if shown.relief and raster is not None:
        span = tongue.t("relief.scale", low=f"{raster.min_m:,.0f}", high=f"{raster.max_m:,.0f}")
        found.append(Line(f"{tongue.t('drawing.relief')} · {span}", Style(), "relief"))
    if any(one.graticule for one in content.scene.drawings):
        km = f"{grid_step(plane.scale) / 1000:g}"
        found.append(Line(tongue.t("atlas.grid", km=km, crs=content.spec.crs), Style(), "grid"))
        minutes = arc_step(plane)
        step = f"{minutes // 60}°" if minutes % 60 == 0 else f"{minutes}′"
        found.append(Line(tongue.t("atlas.graticule", step=step), Style(), "cross"))
    return found


def _placed(
    page: Page, lines: list[Line], box: Box, columns: int, size: float, *, cut: bool = False
) -> list[tuple[Line, Box]] | None:
    """Return the place of every line, column after column; None if they do not fit."""
    width = (box.width - (columns - 1) * 3) / columns
    found: list[tuple[Line, Box]] = []
    column, y = 0, box.top
    for number, line in enumerate(lines):
        height = _height(page, line, width, size)
        # A heading stays with what it is the heading of.
        needed = height + (
            _height(page, lines[number + 1], width, size) if not line.form and number + 1 < len(lines) else 0
        )
        if y - needed < box.bottom - 1e-6:
            column, y = column + 1, box.top
            if column >= columns:
                return found if cut else None
        left = box.left + column * (width + 3)
        found.append((line, Box(left, y - height, left + width, y)))
        y -= height
    return found


def _height(page: Page, line: Line, width: float, size: float) -> float:
    if not line.form:
        return size * 1.75 / POINT
    beside = 0.0 if line.style is None else SWATCH + AFTER
    many = len(lines_of(page, line.text, size, width - beside))
    return (max(many, 1) * 1.18 + 0.34) * size / POINT


def _draw(page: Page, line: Line, box: Box, size: float) -> None:
    if not line.form:
        own = Box(box.left, box.bottom, box.right, box.top - size * 0.5 / POINT)
        write_in(page, own, line.text, size, weight="bold", most=1)
    elif line.style is None:
        write_in(page, Box(box.left, box.bottom, box.right, box.top - 0.2), line.text, size, colour=HEADING)
    else:
        right = Box(box.left + SWATCH + AFTER, box.bottom, box.right, box.top)
        lines = lines_of(page, line.text, size, right.width)
        tall = len(lines) * 1.18 * size / POINT
        for number, one in enumerate(lines):
            y = box.middle[1] + tall / 2 - (number + 0.5) * 1.18 * size / POINT
            page.write(one, (right.left, y), size, middle=True, box=box)
        middle = box.middle[1]
        half = min(1.5, size * 0.5 / POINT * 1.1)
        _sign(page, line, Box(box.left, middle - half, box.left + SWATCH, middle + half))


def _sign(page: Page, line: Line, box: Box) -> None:
    style, middle = line.style, box.middle
    if style is None:
        return
    if line.form == "point":
        radius = min(ink.radius(style, 1), box.height * POINT / 2 * 1.15)
        page.items.append(Marks(style.shape, points([middle]), radius, ink.sign(style)))
    elif line.form == "line":
        ends = [(np.array([[box.left, middle[1]], [box.right, middle[1]]]), False)]
        if style.casing:
            page.shape(ends, ink.casing(style))
        page.shape(ends, ink.stroke(style))
    elif line.form == "area":
        _patch(page, style, box)
    else:
        _other(page, line.form, box)


def _patch(page: Page, style: Style, box: Box) -> None:
    if style.fill:
        page.box(box, ink.ground(style))
    if style.fill and style.hatch:
        hatch(page, style.hatch, style.fill, box, clip=[box.ring()])
    edge = ink.stroke(style)
    page.box(box, replace(edge, width=min(edge.width, 1.2)))


def _other(page: Page, form: str, box: Box) -> None:
    if form == "relief":
        wide = box.width / len(RELIEF)
        for number, tint in enumerate(RELIEF):
            left = box.left + number * wide
            page.box(Box(left, box.bottom, left + wide, box.top), Pen(fill=tint))
        return
    x, y = box.middle
    if form == "grid":
        for place in (box.left + 1.2, box.right - 1.2):
            page.line((place, box.bottom), (place, box.top), pen=GRID)
        page.line((box.left, y), (box.right, y), pen=GRID)
        return
    pen = replace(GRID, width=0.45, opacity=1.0)
    page.line((x - 1.3, y), (x + 1.3, y), pen=pen)
    page.line((x, y - 1.3), (x, y + 1.3), pen=pen)
