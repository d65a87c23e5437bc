"""Outposts, each shaped after the defence layer that its unit keeps."""

from __future__ import annotations

import numpy as np

from gridmap.model.scene import Case, Drawing, Group, Label
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet, texts
from gridmap.render.style import OUTPOSTS
from gridmap.render.words import word

# An outpost of an unknown unit, or of none, keeps no layer: it stands with the base.
GROUPS: dict[str, Group] = {"": "base", "line": "line", "area": "area", "point": "point"}


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw one drawing for each layer, so that each is switched with its own."""
    frame = sheet.drawn("outpost")
    if frame is None:
        return ()
    keeps = sheet.unit_layers()
    found = np.array([keeps.get(unit, "") for unit in texts(frame, "unit")])
    label = Label(
        column=sheet.name_column("outpost"),
        colour="#1B1F23",
        size=11.5,
        weight=600,
        min_zoom=8.8,
        priority=70,
    )
    return tuple(
        Drawing(
            f"outposts-{layer or 'other'}",
            GROUPS[layer],
            word(f"outposts.{layer or 'other'}"),
            table="outpost",
            cases=(Case(word(f"outposts.{layer or 'other'}"), OUTPOSTS[layer], int((found == layer).sum())),),
            codes=pack_ints((found != layer).astype(np.int64)),
            labels=(label,),
        )
        for layer in GROUPS
        if (found == layer).any()
    )


OVERLAY = Overlay("outposts", draw)
