"""Grid cells in use: thin outlines, with their serial where there is room for it."""

from __future__ import annotations

import numpy as np

from gridmap.model.scene import Case, Drawing, Label, Style
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet, texts
from gridmap.render.words import word

INK = "#6A4C7D"
OUTLINE = Style(stroke=INK, width=0.8, dash="5 2 1 2")
RETIRED = "retired"
SERIAL_DIGITS = 3


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw the cells in use; nothing where there are none, or the view does not say which are."""
    frame = sheet.drawn("cell")
    if frame is None or "status" not in frame.columns:
        return ()
    retired = np.array([one == RETIRED for one in texts(frame, "status")])
    if retired.all():
        return ()
    case = Case(word("cell.active"), OUTLINE, int((~retired).sum()))
    # An id that is new for this audience is no code.
    named = sheet.keeps_ids and "id" in frame.columns
    serials = [one[-SERIAL_DIGITS:] for one in texts(frame, "id")] if named else []
    label = Label(
        texts=tuple("" if gone else one for one, gone in zip(serials, retired, strict=False)),
        colour=INK,
        size=10.5,
        weight=500,
        min_zoom=10.6,
        priority=16,
        placement="centre",
        fits=True,
    )
    return (
        Drawing(
            "cells",
            "area",
            sheet.title("cell"),
            table="cell",
            cases=(case,),
            codes=pack_ints(retired.astype(np.int64)),
            labels=(label,) if named else (),
        ),
    )


OVERLAY = Overlay("cells", draw)
