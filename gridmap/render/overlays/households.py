"""Households as small dots, strongholds as houses above them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gridmap.model.scene import Case, Drawing, Label
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet
from gridmap.render.style import HOUSEHOLD, STRONGHOLD
from gridmap.render.words import word


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw every household once: in the one drawing or in the other."""
    frame = sheet.drawn("household")
    if frame is None:
        return ()
    strong = np.zeros(len(frame), dtype=np.int64)
    if "stronghold" in frame.columns:
        strong = pd.Series(frame["stronghold"]).fillna(value=False).astype(bool).to_numpy().astype(np.int64)
    many = int(strong.sum())
    drawings = [
        Drawing(
            "households",
            "point",
            sheet.title("household"),
            table="household",
            cases=(Case(sheet.title("household"), HOUSEHOLD, len(frame) - many),),
            codes=pack_ints(strong),
        )
    ]
    if many:
        column = "id" if sheet.keeps_ids else sheet.name_column("household")
        drawings.append(
            Drawing(
                "strongholds",
                "point",
                word("table.strongholds"),
                table="household",
                cases=(Case(word("table.strongholds"), STRONGHOLD, many),),
                codes=pack_ints(1 - strong),
                labels=(Label(column=column, colour="#00563F", size=10.5, min_zoom=10.5, priority=25),),
            )
        )
    return tuple(drawings)


OVERLAY = Overlay("households", draw)
