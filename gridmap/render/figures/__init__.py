"""Figures of a coverage on one sheet of A4: the border unrolled, and bars by unit, as SVG and PNG."""

from gridmap.render.figures.asked import FORMATS, Figure
from gridmap.render.figures.drawn import draw_figure

__all__ = ["FORMATS", "Figure", "draw_figure"]
