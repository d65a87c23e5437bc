"""From a view to a finished figure: one sheet of A4 with title, marks, chart and data statement."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gridmap.config import ProjectSpec
from gridmap.model import View
from gridmap.model.scene import Statement
from gridmap.model.view import require_view
from gridmap.render.atlas.fonts import Fonts, make_fonts
from gridmap.render.atlas.layout import EDGE, FOOT, HEAD, MARKS, Layout, write_in
from gridmap.render.atlas.margins import Heading, draw_foot, draw_margins
from gridmap.render.atlas.page import Box, Page
from gridmap.render.atlas.tongue import Tongue
from gridmap.render.atlas.typeface import tools
from gridmap.render.compose import statement
from gridmap.render.figures.asked import Figure
from gridmap.render.figures.bars import draw_bars
from gridmap.render.figures.content import Kept, Strip, strip_of, units_of
from gridmap.render.figures.png import to_png
from gridmap.render.figures.rows import GREY, UNIT
from gridmap.render.figures.strip import Limits, draw_strip
from gridmap.render.figures.svg import to_svg
from gridmap.render.overlays.coverage import percent
from gridmap.render.sheet import Sheet
from gridmap.render.words import catalogue

PAPER = (297.0, 210.0)  # A4 lying, millimetres, ISO 216
SAID_MM = 12.0
# What of the catalogue figures write, besides the family of their own.
FAMILY, WORDS = "figure.", ("synthetic", "atlas.for", "atlas.revision", "atlas.made")
SIGNS = "…·–°′、（）％%/；：“”。，K0123456789"
KM = 1000.0


def draw_figure(view: View, spec: ProjectSpec, asked: Figure) -> bytes:
    """Draw a figure of what one audience may see.

    Parameters
    ----------
    view : View
        Made by `gridmap.privacy.make_view`, with the tables of an analysis.
    spec : ProjectSpec
        The settings.
    asked : Figure
        Which figure, format and language.

    Returns
    -------
    bytes
        SVG or PNG. The same view, fonts and versions give the same bytes.

    Raises
    ------
    PublishError
        GM601 if `view` is not a view that privacy has cleared.
    ConfigError
        GM111 without matplotlib.
    RenderError
        GM702 if there is nothing to draw; GM703 without a Chinese font.
    """
    require_view(view)
    tools()
    told = statement(Sheet(view, spec))
    tongue = Tongue(asked.language or _language(spec))
    chart = strip_of(view, spec) if asked.what == "strip" else units_of(view, spec)
    with tempfile.TemporaryDirectory(prefix="gridmap-", ignore_cleanup_errors=True) as folder:
        fonts = make_fonts(texts_of(chart, told, tongue), Path(folder))
        page = figure_page(chart, view.facts.get("coverage", {}), told, tongue, fonts)
        title = f"{tongue.t(f'figure.{asked.what}')} · {tongue.pick(told.project)}"
        if asked.fmt == "png":
            return to_png(page, title=title)
        return to_svg(page, title=title, about=_about(told, tongue))


def _language(spec: ProjectSpec) -> str:
    name = "coverage" if "coverage" in spec.maps else next(iter(spec.maps), None)
    return "zh" if name is None else spec.opens_in(name)


def figure_page(
    chart: Strip | Sequence[Kept], fact: Mapping[str, Any], told: Statement, tongue: Tongue, fonts: Fonts
) -> Page:
    """Return the page of a figure, before it becomes bytes.

    Parameters
    ----------
    chart : Strip or sequence of Kept
        What is drawn.
    fact : mapping
        What the view says of the analysis: limits and the belt.
    told : Statement
        What every product says of its data.
    tongue : Tongue
        The language.
    fonts : Fonts
        With every sign that is written.
    """
    page = Page(*PAPER, fonts)
    boxes = _boxes()
    strip = chart if isinstance(chart, Strip) else None
    draw_margins(page, boxes, _heading(chart, told, tongue), told, tongue)
    # How far keepers reach is said above, in letters that can be read.
    draw_foot(page, boxes.foot, replace(told, notes=()), "", tongue)
    lines = [tongue.pick(note) for note in told.notes]
    lines += _statement(strip, fact, told, tongue)
    y = boxes.panel.top
    for line in lines:
        y = (
            write_in(
                page,
                Box(boxes.panel.left, boxes.panel.bottom, boxes.panel.right, y),
                line,
                UNIT,
                most=2,
                colour=GREY,
            )
            - 0.5
        )
    if strip is not None:
        limits = Limits(fact.get("metres"), fact.get("minutes"))
        draw_strip(page, boxes.frame, strip, limits, tongue)
    elif not isinstance(chart, Strip):
        draw_bars(page, boxes.frame, chart, tongue)
    return page


def _boxes() -> Layout:
    width, height = PAPER
    inner = Box(EDGE, EDGE, width - EDGE, height - EDGE)
    head = Box(inner.left, inner.top - HEAD, inner.right, inner.top)
    marks = Box(inner.left, head.bottom - MARKS, inner.right, head.bottom)
    foot = Box(inner.left, inner.bottom, inner.right, inner.bottom + FOOT)
    said = Box(inner.left, foot.top + 1.0, inner.right, foot.top + 1.0 + SAID_MM)
    frame = Box(inner.left, said.top + 1.0, inner.right, marks.bottom - 2.0)
    return Layout(head, marks, frame, said, foot, upright=False, larger=1.0)


def _heading(chart: Strip | Sequence[Kept], told: Statement, tongue: Tongue) -> Heading:
    project = tongue.pick(told.project)
    if not isinstance(chart, Strip):
        return Heading(tongue.t("figure.bars"), project, "", "")
    share = percent(chart.covered_km, chart.length_km)
    total = tongue.t(
        "figure.total",
        covered=f"{chart.covered_km:,.1f}",
        total=f"{chart.length_km:,.1f}",
        share=share,
        gaps=len(chart.gaps),
    )
    return Heading(tongue.t("figure.strip"), project, share, total)


def _statement(
    strip: Strip | None, fact: Mapping[str, Any], told: Statement, tongue: Tongue
) -> Iterator[str]:
    """Yield what is to be known of the figures, and of the data."""
    if strip is not None:
        metres = float((strip.bins[0, 1] - strip.bins[0, 0]) * KM) if len(strip.bins) else 0.0
        yield tongue.t("figure.bins", m=f"{metres:,.0f}", belt=f"{float(fact.get('belt_m', 0)) / KM:g}")
    yield tongue.t("figure.statement", crs=told.crs, source=told.source or "–")


def _about(told: Statement, tongue: Tongue) -> str:
    """Return the data statement as one text, for who cannot see the picture."""
    said = [tongue.pick(one) for one in (told.audience_title, told.banner, *told.notes)]
    marks = [tongue.t("synthetic")] if told.synthetic else []
    about = [told.crs, told.source, told.revision, f"gridmap {told.version}"]
    return " · ".join(one for one in (*marks, *said, *about) if one)


def texts_of(chart: Strip | Sequence[Kept], told: Statement, tongue: Tongue) -> Iterator[str]:
    """Yield every text that may be written, for the fonts."""
    yield SIGNS
    words = catalogue()[tongue.name]
    yield from (text for key, text in words.items() if key.startswith(FAMILY) or key in WORDS)
    if isinstance(chart, Strip):
        for spans in (chart.sections, chart.units, chart.markers):
            yield from spans.names
    else:
        for one in chart:
            yield from one.names
    yield from (told.crs, told.revision, told.version, told.source)
    pairs = (told.project, told.audience_title, told.banner, told.handling_mark, told.approval, told.unit)
    yield from (tongue.pick(one) for one in (*pairs, *told.notes))
