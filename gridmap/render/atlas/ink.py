"""Styles of the screen as pens on paper: pixels become points, and a print is looked at from nearer."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gridmap.model.scene import Style
from gridmap.render.atlas.page import Pen

LINES, SIGNS, TEXTS = 0.5, 0.52, 0.62  # points of a pixel
THINNEST = 0.3
CASING_SEEN = 0.85
FAR_SCALE = 400_000  # from here on symbols are drawn as the page draws them when it is far out

Lines = list[tuple[Any, bool]]


def dashes(style: Style) -> tuple[float, ...]:
    """Return a style's dashes in points."""
    found = tuple(float(one) * LINES for one in style.dash.split())
    return found if len(found) % 2 == 0 else found * 2


def stroke(style: Style) -> Pen:
    """Return the pen of a line or an edge."""
    return Pen(stroke=style.stroke, width=max(THINNEST, style.width * LINES), dash=dashes(style))


def casing(style: Style) -> Pen:
    """Return the pen of the pale ground under a line."""
    return Pen(stroke=style.casing, width=style.casing_width * LINES, opacity=CASING_SEEN, round_ends=True)


def ground(style: Style) -> Pen:
    """Return the pen that fills an area, under its hatch."""
    if style.hatch.startswith("fault"):
        # Faults stand on white, so that nothing under them is read with them.
        return Pen(fill="#FFFFFF", fill_opacity=0.55)
    return Pen(fill=style.fill, fill_opacity=style.fill_opacity)


def sign(style: Style) -> Pen:
    """Return the pen of a symbol."""
    return Pen(stroke=style.stroke, width=style.width * LINES * 0.8 if style.stroke else 0.0, fill=style.fill)


def radius(style: Style, scale: int) -> float:
    """Return how large a symbol is on a sheet of a scale, in points."""
    return style.size * SIGNS * (style.far if scale >= FAR_SCALE else 1.0)


def rings(geoms: Any) -> list[Any]:
    """Return the rings of areas, shape (n, 2) each: holes run the other way round than what they are in."""
    parts = shapely.get_parts(geoms)
    areas = parts[shapely.get_type_id(parts) == 3]  # noqa: PLR2004 - GEOS's number of a polygon
    turned = [shapely.geometry.polygon.orient(one) for one in areas if not one.is_empty]
    return [shapely.get_coordinates(ring)[:-1] for one in turned for ring in (one.exterior, *one.interiors)]


def paths(geoms: Any) -> Lines:
    """Return lines, and the edges of areas, as open paths."""
    parts = shapely.get_parts(geoms)
    edges = np.where(shapely.get_dimensions(parts) == 2, shapely.boundary(parts), parts)  # noqa: PLR2004 - areas
    lines = shapely.get_parts(edges[~shapely.is_missing(edges) & ~shapely.is_empty(edges)])
    return [(shapely.get_coordinates(one), False) for one in lines if shapely.get_dimensions(one) == 1]


def joined(geoms: Any) -> Any:
    """Return edges of areas and lines, each stretch once: dashes of two neighbours would fill each other."""
    edges = np.where(shapely.get_dimensions(geoms) == 2, shapely.boundary(geoms), geoms)  # noqa: PLR2004 - areas
    try:
        return np.array([shapely.line_merge(shapely.union_all(edges))], dtype=object)
    except shapely.GEOSException:
        # A faulty outline is drawn as it is.
        return np.asarray(edges, dtype=object)
