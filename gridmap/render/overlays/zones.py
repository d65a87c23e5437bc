"""Patrol zones, tinted and hatched by the unit that keeps them."""

from __future__ import annotations

import numpy as np

from gridmap.model.scene import Case, Drawing, Label, Style
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet, texts
from gridmap.render.style import HATCHES, ZONE_EDGE, ZONE_TINTS
from gridmap.render.words import both, word


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw the zones; one legend line for each unit."""
    frame = sheet.drawn("patrol_zone")
    if frame is None:
        return ()
    keepers = texts(frame, "unit")
    units = sorted(set(keepers))
    names = sheet.unit_names()
    codes = np.array([units.index(unit) for unit in keepers])
    cases = tuple(
        Case(both(names.get(unit, unit)) if unit else word("none.unit"), _style(at), int((codes == at).sum()))
        for at, unit in enumerate(units)
    )
    label = Label(
        column="name" if "name" in frame.columns else "id",
        colour="#00497A",
        size=12.5,
        weight=600,
        min_zoom=8.2,
        priority=60,
        placement="centre",
    )
    return (
        Drawing(
            "zones",
            "area",
            sheet.title("patrol_zone"),
            table="patrol_zone",
            cases=cases,
            codes=pack_ints(codes),
            labels=(label,),
        ),
    )


def _style(at: int) -> Style:
    return Style(
        stroke=ZONE_EDGE,
        width=1.5,
        dash="7 3",
        fill=ZONE_TINTS[at % len(ZONE_TINTS)],
        fill_opacity=0.16,
        hatch=HATCHES[at % len(HATCHES)],
    )


OVERLAY = Overlay("zones", draw)
