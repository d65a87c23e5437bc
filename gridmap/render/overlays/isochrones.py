"""Isochrones: where a keeper gets to in so many minutes, as bands with their outlines."""

from __future__ import annotations

import numpy as np

from gridmap.model.scene import Case, Drawing, Label, Style
from gridmap.render.overlays.coverage import figured, numbers
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet
from gridmap.render.style import WHITE
from gridmap.render.words import word

# From dark to light, and ever more broken: in grey like on the screen. No fill: depth lies below.
INKS = ("#3A1D52", "#6A4391", "#9C7BC0", "#C3ADDB")
DASHES = ("", "10 3", "5 3", "2 3")
WIDEST = 2.6


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw the bands from the shortest time to the longest; their outlines are those of the next."""
    frame = sheet.drawn("isochrones")
    if frame is None or "minutes" not in frame.columns:
        return ()
    minutes, within = numbers(frame, "minutes"), numbers(frame, "within_km2")
    times = np.unique(minutes)
    codes = np.searchsorted(times, minutes)
    cases = tuple(
        Case(
            figured("isochrone", minutes=f"{one:g}", km=f"{within[codes == at].max():,.1f}"),
            _style(at),
            int((codes == at).sum()),
        )
        for at, one in enumerate(times)
    )
    label = Label(
        texts=tuple(figured("isochrone.label", minutes=f"{one:g}") for one in minutes),
        colour=INKS[0],
        size=12,
        weight=700,
        priority=72,
        placement="centre",
    )
    return (
        Drawing(
            "isochrones",
            "area",
            word("table.isochrones"),
            table="isochrones",
            cases=cases,
            codes=pack_ints(codes),
            labels=(label,),
        ),
    )


def _style(at: int) -> Style:
    last = len(INKS) - 1
    return Style(
        stroke=INKS[min(at, last)],
        width=max(1.2, WIDEST - 0.4 * at),
        dash=DASHES[min(at, last)],
        casing=WHITE,
        casing_width=max(1.2, WIDEST - 0.4 * at) + 2,
    )


OVERLAY = Overlay("isochrones", draw)
