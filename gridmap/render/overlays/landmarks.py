"""Landmarks: what planners find places by. Markers with their number, seats, settlements, ports, wells."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gridmap.model.scene import Case, Drawing, Label, Style
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet, texts
from gridmap.render.style import INK, WHITE
from gridmap.render.words import word

WELL = "#00639C"
WATERSIDE = frozenset({"well", "ford", "bridge"})
STYLES = {
    "seat": Style(fill=WHITE, stroke=INK, width=2.2, shape="seat", size=6.5),
    "port": Style(fill=INK, stroke=WHITE, width=1.2, shape="diamond", size=7),
    "settlement": Style(fill=WHITE, stroke=INK, width=1.5, shape="circle", size=3.6, far=0.8),
    "marker": Style(fill=WHITE, stroke=INK, width=1.4, shape="pillar", size=5.5, far=0.6),
    "bridge": Style(fill=WELL, stroke=WHITE, width=1, shape="square", size=4.5, far=0.5),
    "ford": Style(fill=WHITE, stroke=WELL, width=1.6, shape="diamond", size=4.5, far=0.4),
    "gate": Style(fill=WHITE, stroke=INK, width=1.4, shape="gate", size=5.5, far=0.5),
    "well": Style(fill=WELL, stroke=WHITE, width=1, shape="drop", size=5, far=0.5),
    "other": Style(fill=WHITE, stroke=INK, width=1.2, shape="square", size=4.5, far=0.5),
}
# (minimum zoom of the name, priority, size, weight)
NAMES = {
    "seat": (0.0, 100, 15.0, 700),
    "port": (8.0, 85, 12.5, 700),
    "settlement": (9.0, 50, 11.5, 500),
    "marker": (9.4, 40, 10.5, 500),
    "bridge": (11.0, 24, 10.5, 400),
    "ford": (11.0, 24, 10.5, 400),
    "gate": (11.3, 22, 10.5, 400),
    "well": (11.3, 20, 10.5, 400),
    "other": (11.0, 18, 10.5, 400),
}


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw one drawing for each class that there is; an unknown class is drawn as "other"."""
    frame = sheet.drawn("landmark")
    if frame is None:
        return ()
    found = np.array([one if one in STYLES else "other" for one in texts(frame, "class")])
    return tuple(_drawing(frame, name, found) for name in reversed(STYLES) if (found == name).any())


def _drawing(frame: pd.DataFrame, name: str, found: np.ndarray[tuple[int], np.dtype[np.str_]]) -> Drawing:
    title = word(f"landmark.{name}")
    zoom, priority, size, weight = NAMES[name]
    label = Label(
        texts=_numbers(frame) if name == "marker" else (),
        column="" if name == "marker" else "name",
        colour=WELL if name in WATERSIDE else INK,
        size=size,
        weight=weight,
        min_zoom=zoom,
        priority=priority,
    )
    return Drawing(
        f"landmarks-{name}",
        "base",
        title,
        table="landmark",
        cases=(Case(title, STYLES[name], int((found == name).sum())),),
        codes=pack_ints((found != name).astype(np.int64)),
        labels=(label,),
    )


def _numbers(frame: pd.DataFrame) -> tuple[str, ...]:
    pairs = zip(texts(frame, "number"), texts(frame, "name"), strict=True)
    return tuple(number or name for number, name in pairs)


OVERLAY = Overlay("landmarks", draw)
