"""Patrol zones, tinted and hatched by the unit that keeps them."""

from __future__ import annotations

import numpy as np

from gridmap.model.scene import Case, Drawing, Label, Style
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet, texts
from gridmap.render.style import HATCHES, ZONE_EDGE, ZONE_TINTS
from gridmap.render.words import both, word

TINT = 0.16
UNDER_AREAS = 0.04  # homes as areas lie over the zones: their tints must not turn into others
OTHER = "\x00"  # no unit's id: it sorts before all of them


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw the zones; one legend line for each unit."""
    frame = sheet.drawn("patrol_zone")
    if frame is None:
        return ()
    names = sheet.unit_names()
    # A unit that is not in the view and whose id is a new one cannot be told from others of its kind.
    keepers = [
        unit if sheet.keeps_ids or not unit or unit in names else OTHER for unit in texts(frame, "unit")
    ]
    units = sorted(set(keepers))
    codes = np.array([units.index(unit) for unit in keepers])
    tint = _tint(sheet)
    titles = {"": word("none.unit"), OTHER: word("unit.other")}
    cases = tuple(
        Case(titles.get(unit) or both(names.get(unit, unit)), _style(at, tint), int((codes == at).sum()))
        for at, unit in enumerate(units)
    )
    label = Label(
        column=sheet.name_column("patrol_zone"),
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


def _tint(sheet: Sheet) -> float:
    covered = any(one.kind == "household" for one in sheet.derived().values())
    return UNDER_AREAS if covered and "household" not in sheet.view.tables else TINT


def _style(at: int, tint: float) -> Style:
    return Style(
        stroke=ZONE_EDGE,
        width=1.5,
        dash="7 3",
        fill=ZONE_TINTS[at % len(ZONE_TINTS)],
        fill_opacity=tint,
        hatch=HATCHES[at % len(HATCHES)],
    )


OVERLAY = Overlay("zones", draw)
