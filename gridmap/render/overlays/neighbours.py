"""What lies around the jurisdiction: a pale tint and wide letters, so that the sheet is not cut out."""

from __future__ import annotations

import numpy as np

from gridmap.model.scene import Case, Drawing, Label
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet, texts
from gridmap.render.style import NEIGHBOUR_INK, NEIGHBOURS
from gridmap.render.words import word


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw neighbours by class; one without a class is drawn as the least of them."""
    frame = sheet.drawn("neighbour")
    if frame is None:
        return ()
    names = list(NEIGHBOURS)
    codes = np.array([names.index(c if c in NEIGHBOURS else "other") for c in texts(frame, "class")])
    cases = tuple(
        Case(word(f"neighbour.{name}"), style, int((codes == at).sum()))
        for at, (name, style) in enumerate(NEIGHBOURS.items())
    )
    label = Label(
        column=sheet.name_column("neighbour"),
        colour=NEIGHBOUR_INK,
        size=15,
        weight=500,
        priority=12,
        placement="view",
        spacing=7,
    )
    return (
        Drawing(
            "neighbours",
            "base",
            sheet.title("neighbour"),
            table="neighbour",
            cases=cases,
            codes=pack_ints(codes),
            labels=(label,),
        ),
    )


OVERLAY = Overlay("neighbours", draw)
