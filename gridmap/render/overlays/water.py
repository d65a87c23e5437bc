"""Rivers and streams in a quiet blue, under the roads that cross them."""

from __future__ import annotations

import numpy as np

from gridmap.model.scene import Case, Drawing, Label
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet, texts
from gridmap.render.style import WATER_INK, WATERS
from gridmap.render.words import word


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw waters by class; one without a class is drawn as a stream."""
    frame = sheet.drawn("water")
    if frame is None:
        return ()
    names = list(WATERS)
    codes = np.array([names.index(c if c in WATERS else "stream") for c in texts(frame, "class")])
    cases = tuple(
        Case(word(f"water.{name}"), style, int((codes == at).sum()))
        for at, (name, style) in enumerate(WATERS.items())
    )
    rivers = names.index("river")
    named = texts(frame, sheet.name_column("water"))
    label = Label(
        # The reaches of one river have one name: it is written along the largest of them.
        texts=tuple(name if code == rivers else "" for name, code in zip(named, codes, strict=True)),
        colour=WATER_INK,
        size=11,
        min_zoom=9.8,
        priority=16,
        placement="centre",
        spacing=1,
    )
    return (
        Drawing(
            "water",
            "base",
            sheet.title("water"),
            table="water",
            cases=cases,
            codes=pack_ints(codes),
            labels=(label,),
        ),
    )


OVERLAY = Overlay("water", draw)
