"""Depth: on how many of the three layers somebody answers."""

from __future__ import annotations

import numpy as np

from gridmap.model.scene import Case, Drawing, Style
from gridmap.render.overlays.coverage import figured, numbers, percent
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet
from gridmap.render.style import VERMILLION
from gridmap.render.words import word

# The deeper, the darker, and fewer lines in the hatch; where nobody answers is another colour and crossed.
STYLES = (
    Style(stroke=VERMILLION, width=2.4, dash="8 4", fill=VERMILLION, fill_opacity=0.42, hatch="cross"),
    Style(stroke="#B98A00", width=0.8, fill="#F0DC50", fill_opacity=0.34, hatch="135"),
    Style(stroke="#3F97C9", width=0.8, fill="#56B4E9", fill_opacity=0.26, hatch="dots"),
    Style(stroke="#00568A", width=0.8, fill="#0072B2", fill_opacity=0.34),
)


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw the jurisdiction in four classes, each with its square kilometres and its share."""
    frame = sheet.drawn("cover_depth")
    if frame is None or "depth" not in frame.columns:
        return ()
    codes = np.clip(numbers(frame, "depth").astype(np.int64), 0, len(STYLES) - 1)
    km2 = numbers(frame, "km2")
    cases = tuple(
        Case(
            figured(
                f"cover.depth.{at}",
                km=f"{km2[codes == at].sum():,.1f}",
                share=percent(float(km2[codes == at].sum()), float(km2.sum())),
            ),
            style,
            int((codes == at).sum()),
        )
        for at, style in enumerate(STYLES)
    )
    return (
        Drawing(
            "depth",
            "area",
            word("table.cover_depth"),
            table="cover_depth",
            cases=cases,
            codes=pack_ints(codes),
            # Two tints on each other are neither: where changes are asked for, depth is one question more.
            shown=sheet.drawn("travel_change") is None,
        ),
    )


OVERLAY = Overlay("depth", draw)
