"""Roads and tracks."""

from __future__ import annotations

import numpy as np

from gridmap.model.scene import Case, Drawing, Label, Style
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet, texts
from gridmap.render.words import word

ROAD, CASING = "#7A5C3E", "#FFFDF6"
STYLES = {
    "road": Style(stroke=ROAD, width=2.2, casing=CASING, casing_width=4.6),
    "gravel": Style(stroke=ROAD, width=1.6, dash="9 3"),
    "track": Style(stroke=ROAD, width=1.1, dash="4 4"),
}


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw the tracks by class; one without a class is drawn as the least of them."""
    frame = sheet.drawn("track")
    if frame is None:
        return ()
    names = list(STYLES)
    codes = np.array([names.index(c) if c in STYLES else len(names) - 1 for c in texts(frame, "class")])
    cases = tuple(
        Case(word(f"track.{name}"), style, int((codes == at).sum()))
        for at, (name, style) in enumerate(STYLES.items())
    )
    label = Label(column="name", colour="#5E452C", size=11, min_zoom=11.6, priority=15, placement="centre")
    return (
        Drawing(
            "tracks",
            "base",
            sheet.title("track"),
            table="track",
            cases=cases,
            codes=pack_ints(codes),
            labels=(label,),
        ),
    )


OVERLAY = Overlay("tracks", draw)
