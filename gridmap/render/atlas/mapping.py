"""The map of a sheet: every drawing of the scene, cut to the frame, in the scene's order and styles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.model.scene import Drawing, Style
from gridmap.render.atlas import ink
from gridmap.render.atlas.content import AREA, LINE, POINT, Content, Rows
from gridmap.render.atlas.grid import draw_grid
from gridmap.render.atlas.hatching import around, hatch
from gridmap.render.atlas.page import Marks, Page, Pen, points
from gridmap.render.atlas.plane import Plane
from gridmap.render.atlas.relief import basemap, relief

FINE_MM = 0.03  # what a line may be simplified by: less than a printer shows
VEIL = Pen(fill="#FFFFFF", fill_opacity=0.45)
OUTLINE = Pen(stroke="#1B1F23", width=1.1, opacity=0.8)
OVER = {"line", "point"}  # groups whose lines and signs are drawn over veil and grid

Mask = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Shown:
    """What is on a map, for its legend and its names.

    Parameters
    ----------
    cases : dict
        Rows of each case of each drawing that are inside the frame, by (drawing, case).
    relief : bool
        Whether it reaches the sheet.
    """

    cases: dict[tuple[str, int], int] = field(default_factory=dict)
    relief: bool = False


def draw_map(page: Page, plane: Plane, content: Content, *, subject: Any = None, dots: bool = True) -> Shown:
    """Draw the scene.

    Parameters
    ----------
    page : Page
        What is drawn on.
    plane : Plane
        Frame, scale and centre.
    content : Content
        The scene and its rows.
    subject : geometry, optional
        What the sheet is about, in metres: what is outside of its areas pales.
    dots : bool
        Draw what is drawn as dots; on an overview they would only be grey.

    Returns
    -------
    Shown
        What of it is inside the frame.
    """
    shown = Shown()
    page.box(plane.frame, Pen(fill="#FFFFFF"))
    ground = True
    for drawing in content.scene.drawings:
        if ground and _is_over(drawing, content):
            ground = _end_ground(page, plane, content, subject)
        if drawing.picture is not None:
            under = basemap(drawing.picture, plane)
            page.items += [] if under is None else [under]
        elif drawing.raster is not None:
            under = relief(drawing.raster, plane)
            shown.relief = under is not None
            page.items += [] if under is None else [under]
        elif not drawing.graticule and (dots or any(one.style.shape != "dot" for one in drawing.cases)):
            _drawing(page, plane, content, drawing, shown)
    if ground:
        _end_ground(page, plane, content, subject)
    return shown


def _is_over(drawing: Drawing, content: Content) -> bool:
    """Say whether a drawing lies over veil and grid: signs and lines of the layers, and findings."""
    rows = content.rows(drawing.table)
    only_areas = rows is None or bool((rows.kinds[rows.kinds >= 0] == AREA).all())
    return drawing.group == "findings" or (drawing.group in OVER and not only_areas)


def _end_ground(page: Page, plane: Plane, content: Content, subject: Any) -> bool:
    """Draw what lies between tinted areas and the rest: the veil, then the grid."""
    if subject is not None:
        _veil(page, plane, subject)
    if any(one.graticule for one in content.scene.drawings):
        draw_grid(page, plane)
    return False


def _veil(page: Page, plane: Plane, subject: Any) -> None:
    """Pale what is outside of the areas that the sheet is about, and draw their edge."""
    areas = [one for one in shapely.get_parts(subject) if shapely.get_dimensions(one) == AREA]
    if areas:
        own = plane.on_paper(np.array([shapely.union_all(areas)], dtype=object))
        outside = plane.frame.ring()
        rest = shapely.difference(shapely.polygons(outside), own)
        page.shape([(ring, True) for ring in ink.rings(rest)], VEIL, clip=[outside])
        page.shape(ink.paths(own), OUTLINE, clip=[outside])


def _drawing(page: Page, plane: Plane, content: Content, drawing: Drawing, shown: Shown) -> None:
    rows = content.rows(drawing.table)
    if rows is None:
        return
    codes = content.codes(drawing)
    for kind in (AREA, LINE):
        cases = [
            (at, case.style, _cut(rows, (codes == at) & (rows.kinds == kind), plane))
            for at, case in enumerate(drawing.cases)
        ]
        # Pale grounds first: no line of the drawing is under the ground of another.
        for _, style, geoms in cases:
            if style.casing and len(geoms):
                page.shape(ink.paths(geoms), ink.casing(style), clip=[plane.frame.ring()])
        for at, style, geoms in cases:
            if len(geoms):
                _count(shown, drawing, at, geoms, plane)
                (_areas if kind == AREA else _lines)(page, plane, style, geoms)
    for at, case in enumerate(drawing.cases):
        many = _signs(page, plane, case.style, rows.xy[(codes == at) & (rows.kinds == POINT)])
        if many:
            shown.cases[drawing.name, at] = shown.cases.get((drawing.name, at), 0) + many


def _cut(rows: Rows, chosen: Mask, plane: Plane) -> Any:
    """Return shapes on paper, without those that are off it."""
    geoms = rows.geoms[chosen]
    left, bottom, right, top = plane.extent
    box = shapely.bounds(geoms)
    near = (box[:, 0] <= right) & (box[:, 2] >= left) & (box[:, 1] <= top) & (box[:, 3] >= bottom)
    cut = shapely.simplify(plane.on_paper(geoms[near]), FINE_MM)
    return cut[~shapely.is_missing(cut) & ~shapely.is_empty(cut)]


def _count(shown: Shown, drawing: Drawing, at: int, geoms: Any, plane: Plane) -> None:
    many = int(shapely.intersects(shapely.polygons(plane.frame.ring()), geoms).sum())
    if many:
        shown.cases[drawing.name, at] = shown.cases.get((drawing.name, at), 0) + many


def _areas(page: Page, plane: Plane, style: Style, geoms: Any) -> None:
    rings = ink.rings(geoms)
    frame = [plane.frame.ring()]
    if style.fill and style.fill_opacity:
        page.shape([(ring, True) for ring in rings], ink.ground(style), clip=frame)
    if style.hatch and style.fill:
        # Cut at the frame itself: lines that are clipped by the shape are clipped by nothing else.
        box = plane.frame
        own = ink.rings(shapely.clip_by_rect(geoms, box.left, box.bottom, box.right, box.top))
        if own:
            hatch(page, style.hatch, style.fill, around(own, box), clip=own)
    if style.stroke:
        page.shape(ink.paths(ink.joined(geoms)), ink.stroke(style), clip=frame)


def _lines(page: Page, plane: Plane, style: Style, geoms: Any) -> None:
    page.shape(ink.paths(geoms), ink.stroke(style), clip=[plane.frame.ring()])


def _signs(page: Page, plane: Plane, style: Style, xy: npt.NDArray[np.float64]) -> int:
    """Draw symbols, and return how many are inside the frame."""
    if not len(xy):
        return 0
    size = ink.radius(style, plane.scale)
    places = plane.place(xy)
    # A symbol whose middle is in the frame is drawn whole: the frame is drawn over what stands out.
    inside = places[plane.holds(places)]
    if len(inside):
        clip = ((points(plane.frame.ring()), True),)
        if style.casing:
            ground = Pen(stroke=style.casing, width=2.2, fill=style.casing)
            page.items.append(Marks(style.shape, points(inside), size, ground, clip=clip))
        page.items.append(Marks(style.shape, points(inside), size, ink.sign(style), clip=clip))
    return len(inside)
