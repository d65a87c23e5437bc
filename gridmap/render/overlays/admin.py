"""Administrative areas: the ground the arrangement stands on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmap.model import Bilingual
from gridmap.model.scene import Case, Drawing, Label, Style
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet, texts
from gridmap.render.style import PALE

AREA_INK, LOWER_INK = "#5B5148", "#565B61"
Codes = npt.NDArray[np.int64]
# Thick to thin from the top level down: the deeper a level, the finer its line.
EDGES = (
    Style(
        stroke="#3D4248",
        width=2.0,
        dash="14 4 3 4",
        casing="#FFFFFF",
        casing_width=5,
        fill="#FFFFFF",
        fill_opacity=0.10,
    ),
    Style(stroke=PALE, width=1.0, dash="2 3"),
    Style(stroke=PALE, width=0.7, dash="1 3"),
)


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw one drawing for each administrative level, the finest lowest."""
    frame = sheet.drawn("admin")
    if frame is None:
        return ()
    found = texts(frame, "level")
    levels = [level for level in sheet.spec.levels if level.name in found]
    if not levels:
        return (_level("admin", np.zeros(len(frame), dtype=np.int64), 0, sheet),)
    drawings = []
    for depth, level in reversed(list(enumerate(sheet.spec.levels))):
        if level not in levels:
            continue
        codes = np.array([0 if one == level.name else 1 for one in found])
        drawings.append(_level(level.name, codes, depth, sheet))
    return tuple(drawings)


def _level(name: str, codes: Codes, depth: int, sheet: Sheet) -> Drawing:
    level = next((one for one in sheet.spec.levels if one.name == name), None)
    title = sheet.title("admin") if level is None else Bilingual(en=level.title.en, zh=level.title.zh)
    top = depth == 0
    label = Label(
        column="name",
        # Names of areas stand wide and pale, those of places (seats) close and dark.
        colour=AREA_INK if top else LOWER_INK,
        size=18 if top else 11.5,
        weight=600 if top else 400,
        min_zoom=0 if top else 10.1,
        priority=62 if top else 30,
        placement="centre",
        spacing=9 if top else 1,
    )
    case = Case(title, EDGES[min(depth, len(EDGES) - 1)], int((codes == 0).sum()))
    return Drawing(
        f"admin-{name}", "base", title, table="admin", cases=(case,), codes=pack_ints(codes), labels=(label,)
    )


OVERLAY = Overlay("admin", draw)
