"""What stands for rows that are not shown as they are: areas by density, counts by unit, rough places."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from gridmap.model.scene import Case, Derived, Drawing, Group, Label, Style
from gridmap.render.density import classes, ramp
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet, geometry_of, texts
from gridmap.render.style import AREA_EDGE, COUNT_EDGE, GREENS, GREY, GREYS, ROUGH_HATCH

GROUPS: dict[str, Group] = {"household": "point", "patrol_zone": "area", "section_plan": "line"}
# What a reader takes for a home, in either language, without being a word of one.
HOME = "⌂ "


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw every derived table that has shapes; counts only by their edges where areas are there, too."""
    held = sheet.derived()
    with_areas = {one.kind for name, one in held.items() if _densities(sheet.drawn(name), one, "areas")}
    areas, counts, rough = [], [], []
    for name, one in held.items():
        frame = sheet.drawn(name)
        if frame is None:
            continue
        if "rows" not in frame.columns:
            rough.append(_rough(name, one, frame, sheet))
        elif one.form == "counts" and one.kind in with_areas:
            counts.append(_counts(name, one, frame, sheet))
        else:
            areas.append(_areas(name, one, frame, sheet))
    return (*areas, *counts, *rough)


def _densities(frame: pd.DataFrame | None, one: Derived, form: str) -> bool:
    return frame is not None and one.form == form and "rows" in frame.columns


def _areas(name: str, one: Derived, frame: pd.DataFrame, sheet: Sheet) -> Drawing:
    found = classes(frame, sheet.spec)
    tints = ramp(found, GREENS if one.kind == "household" else GREYS)
    cases = tuple(
        Case(
            found.title(at, one.kind) if found.limits else sheet.title(name),
            Style(stroke=AREA_EDGE, width=0.6, fill=tint, fill_opacity=0.85),
            int((found.codes == at).sum()),
        )
        for at, tint in enumerate(tints)
    )
    label = Label(
        texts=tuple(texts(frame, "rows")),
        colour="#0F4433",
        size=10.5,
        weight=500,
        min_zoom=8.2,
        priority=28,
        placement="centre",
        fits=True,
    )
    return _drawing(name, one, sheet, cases=cases, codes=found.codes, labels=(label,))


def _counts(name: str, one: Derived, frame: pd.DataFrame, sheet: Sheet) -> Drawing:
    case = Case(sheet.title(name), COUNT_EDGE, len(frame))
    sign = HOME if one.kind == "household" else ""
    label = Label(
        texts=tuple(f"{sign}{rows}" if rows else "" for rows in texts(frame, "rows")),
        colour="#0F4433",
        size=14,
        weight=700,
        priority=75,
        placement="centre",
    )
    codes = np.zeros(len(frame), dtype=np.int64)
    return _drawing(name, one, sheet, cases=(case,), codes=codes, labels=(label,))


def _rough(name: str, one: Derived, frame: pd.DataFrame, sheet: Sheet) -> Drawing:
    style = Style(stroke=GREY, width=1.2, dash="2 3", fill=GREY, hatch=ROUGH_HATCH)
    case = Case(sheet.title(name), style, len(frame))
    label = Label(
        texts=_times(frame),
        colour=GREY,
        size=12,
        weight=600,
        min_zoom=8.4,
        priority=26,
        placement="centre",
        fits=True,
    )
    return _drawing(
        name, one, sheet, cases=(case,), codes=np.zeros(len(frame), dtype=np.int64), labels=(label,)
    )


def _times(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return how many rows share a shape, at the first of them: the others would write over it."""
    geoms = geometry_of(frame)
    shapes = [] if geoms is None else [b"" if geom is None else geom.wkb for geom in geoms]
    many = Counter(shapes)
    first: dict[bytes, int] = {}
    for at, shape in enumerate(shapes):
        first.setdefault(shape, at)
    return tuple(f"×{many[one]}" if first[one] == at else "" for at, one in enumerate(shapes))


def _drawing(
    name: str,
    one: Derived,
    sheet: Sheet,
    *,
    cases: tuple[Case, ...],
    codes: np.ndarray[tuple[int], np.dtype[np.int64]],
    labels: tuple[Label, ...],
) -> Drawing:
    return Drawing(
        name.replace("_", "-"),
        GROUPS.get(one.kind, "base"),
        sheet.title(name),
        table=name,
        cases=cases,
        codes=pack_ints(codes),
        labels=labels,
    )


OVERLAY = Overlay("generalised", draw)
