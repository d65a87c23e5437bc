"""From a view to an atlas: an index, then one sheet after the other, as a PDF."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gridmap.config import ProjectSpec
from gridmap.model import View
from gridmap.model.view import require_view
from gridmap.render.atlas.asked import Asked
from gridmap.render.atlas.content import Content
from gridmap.render.atlas.fonts import Fonts, make_fonts
from gridmap.render.atlas.grid import draw_frame
from gridmap.render.atlas.index import (
    draw_locator,
    draw_overview,
    draw_table,
    name_of,
    pages_of_index,
    rows_alone,
    rows_beside,
    table_box,
)
from gridmap.render.atlas.layout import Layout, layout, write_in
from gridmap.render.atlas.mapping import draw_map
from gridmap.render.atlas.margins import Heading, draw_foot, draw_margins
from gridmap.render.atlas.naming import write_names
from gridmap.render.atlas.page import Box, Page
from gridmap.render.atlas.panel import draw_panel, locator_box
from gridmap.render.atlas.plane import Plane
from gridmap.render.atlas.press import to_pdf
from gridmap.render.atlas.series import Leaf, beside, fitting, leaves
from gridmap.render.atlas.subjects import subjects
from gridmap.render.atlas.tongue import Tongue
from gridmap.render.atlas.typeface import tools
from gridmap.render.compose import compose
from gridmap.render.words import catalogue

# Families of the catalogue that an atlas writes; what it picks from the scene is asked of the scene.
WORDS = {"atlas", "drawing", "group", "length", "relief", "statement", "synthetic", "table"}


@dataclass(frozen=True, eq=False)
class Atlas:
    """Everything that the pages of an atlas are drawn from.

    Parameters
    ----------
    content : Content
        The scene and its rows.
    asked : Asked
        What was asked for.
    boxes : Layout
        Where the parts of a page are.
    tongue : Tongue
        The language.
    sheets : tuple of Leaf
        The sheets, in their order.
    without : tuple of str
        What has no sheet, for nothing of it is in the view.
    """

    content: Content
    asked: Asked
    boxes: Layout
    tongue: Tongue
    sheets: tuple[Leaf, ...]
    without: tuple[str, ...]

    @property
    def index_pages(self) -> int:
        """How many pages the index takes."""
        return pages_of_index(self.boxes, len(self.sheets))

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return self.index_pages + len(self.sheets)


def atlas_pdf(view: View, spec: ProjectSpec, asked: Asked) -> bytes:
    """Draw an atlas of what one audience may see.

    Parameters
    ----------
    view : View
        Made by `gridmap.privacy.make_view`; geometry in lon/lat.
    spec : ProjectSpec
        The settings: overlays, titles, the working CRS.
    asked : Asked
        Sheets of what, paper, scale, language.

    Returns
    -------
    bytes
        A PDF: an index, then the sheets. Only the relief is made of pixels. The same view, fonts and versions
        give the same bytes.

    Raises
    ------
    PublishError
        GM601 if `view` is not a view that privacy has cleared.
    ConfigError
        GM111 without matplotlib.
    RenderError
        GM702 if there is nothing to make a sheet of; GM703 without a Chinese font; GM704 if the scale takes
        too many sheets.
    """
    require_view(view)
    tools()
    scene = compose(view, spec, map_name=asked.map_name)
    atlas = plan_atlas(Content(scene, view, spec, asked.map_name), asked)
    statement = atlas.content.scene.statement
    with tempfile.TemporaryDirectory(prefix="gridmap-", ignore_cleanup_errors=True) as folder:
        fonts = make_fonts(texts_of(atlas), Path(folder))
        return to_pdf(
            pages(atlas, fonts),
            title=atlas.tongue.pick(statement.project),
            creator=f"gridmap {statement.version}".strip(),
        )


def plan_atlas(content: Content, asked: Asked) -> Atlas:
    """Return what an atlas will hold, before anything of it is drawn."""
    tongue = Tongue(asked.language or content.scene.language)
    boxes = layout(asked)
    found, without = subjects(content, asked.by, tongue)
    sheets = leaves(found, asked, boxes.frame, content.spec.crs)
    return Atlas(content, asked, boxes, tongue, tuple(sheets), tuple(without))


def texts_of(atlas: Atlas) -> Iterator[str]:
    """Yield every text that an atlas may write, for its fonts."""
    scene, tongue = atlas.content.scene, atlas.tongue
    yield "…·–°′、"
    yield from (text for key, text in catalogue()[tongue.name].items() if key.partition(".")[0] in WORDS)
    yield from atlas.content.written()
    yield from atlas.without
    for leaf in atlas.sheets:
        yield from (leaf.subject.name, leaf.subject.kind, *leaf.subject.facts)
    for drawing in scene.drawings:
        yield from (tongue.pick(drawing.title), *(tongue.pick(case.title) for case in drawing.cases))
    said = scene.statement
    yield from (said.crs, said.revision, said.version, said.source)
    pairs = (said.project, said.audience_title, said.banner, said.handling_mark, said.approval, said.unit)
    yield from (tongue.pick(one) for one in (scene.title, *pairs, *said.notes))


def pages(atlas: Atlas, fonts: Fonts) -> Iterator[Page]:
    """Yield the pages, one after the other."""
    first = atlas.index_pages + 1
    rows = [(leaf, first + at) for at, leaf in enumerate(atlas.sheets)]
    yield _index(atlas, fonts, rows)
    left = rows[rows_beside(atlas.boxes) :]
    step = rows_alone(atlas.boxes)
    for at in range(0, len(left), step):
        yield _index_more(atlas, fonts, left[at : at + step], 2 + at // step)
    for leaf, number in rows:
        yield _sheet(atlas, fonts, leaf, number)


def _new_page(atlas: Atlas, fonts: Fonts, number: int, heading: Heading) -> Page:
    page = Page(*atlas.asked.paper, fonts)
    statement, tongue = atlas.content.scene.statement, atlas.tongue
    draw_margins(page, atlas.boxes, heading, statement, tongue)
    text = tongue.t("atlas.page", page=number, pages=atlas.pages)
    draw_foot(page, atlas.boxes.foot, statement, text, tongue)
    return page


def _sheet(atlas: Atlas, fonts: Fonts, leaf: Leaf, number: int) -> Page:
    tongue, boxes, plane = atlas.tongue, atlas.boxes, leaf.plane
    project = tongue.pick(atlas.content.scene.statement.project)
    under = " · ".join(one for one in (project, leaf.subject.kind, *leaf.subject.facts) if one)
    heading = Heading(
        name_of(leaf, tongue), under, tongue.t("atlas.sheet", number=leaf.number), f"1:{plane.scale:,}"
    )
    page = _new_page(atlas, fonts, number, heading)
    shown = draw_map(page, plane, atlas.content, subject=leaf.subject.shape)
    write_names(page, plane, atlas.content)
    near = beside(leaf, list(atlas.sheets))
    draw_frame(
        page,
        plane,
        {edge: tongue.t("atlas.beside", number=tongue.join([*one])) for edge, one in near.items() if one},
    )
    draw_panel(page, boxes, atlas.content, shown, plane, tongue)
    draw_locator(page, locator_box(boxes), leaf, list(atlas.sheets), tongue)
    return page


def _index(atlas: Atlas, fonts: Fonts, rows: list[tuple[Leaf, int]]) -> Page:
    tongue, boxes = atlas.tongue, atlas.boxes
    plane = _overview(atlas)
    under = tongue.t(f"atlas.by.{atlas.asked.by}")
    project = tongue.pick(atlas.content.scene.statement.project)
    page = _new_page(atlas, fonts, 1, Heading(project, under, tongue.t("atlas.index"), f"1:{plane.scale:,}"))
    draw_overview(page, boxes, atlas.content, plane, list(atlas.sheets), tongue)
    box = table_box(boxes)
    y = draw_table(page, box, rows[: rows_beside(boxes)], tongue)
    if atlas.without and y - box.bottom > 4:  # noqa: PLR2004 - a line
        text = tongue.t("atlas.none", names=tongue.join([*atlas.without]))
        write_in(page, Box(box.left, box.bottom + 1, box.right, y - 1.2), text, 6.0, colour="#565B61")
    return page


def _index_more(atlas: Atlas, fonts: Fonts, rows: list[tuple[Leaf, int]], number: int) -> Page:
    tongue, boxes = atlas.tongue, atlas.boxes
    project = tongue.pick(atlas.content.scene.statement.project)
    page = _new_page(atlas, fonts, number, Heading(project, "", tongue.t("atlas.index.more"), ""))
    top, half = boxes.marks.bottom - 3, rows_alone(boxes) // 2
    middle = (boxes.head.left + boxes.head.right) / 2
    for at, (left, right) in enumerate(((boxes.head.left, middle - 4), (middle + 4, boxes.head.right))):
        part = rows[at * half : (at + 1) * half]
        if part:
            draw_table(page, Box(left, boxes.foot.top, right, top), part, tongue)
    return page


def _overview(atlas: Atlas) -> Plane:
    """Return the frame that shows every sheet."""
    extents = np.array([one.plane.extent for one in atlas.sheets])
    left, bottom = extents[:, :2].min(axis=0).tolist()
    right, top = extents[:, 2:].max(axis=0).tolist()
    frame = atlas.boxes.frame
    scale = fitting((right - left, top - bottom), frame, air=3.0)
    centre = (float(round((left + right) / 2)), float(round((bottom + top) / 2)))
    return Plane(frame, centre, scale, atlas.content.spec.crs)
