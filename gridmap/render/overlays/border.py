"""The border, its chainage, and the sections it is kept in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.errors import AssignmentError
from gridmap.geo.chainage import Border, build_border
from gridmap.geo.crs import geoms_from_lonlat, to_lonlat
from gridmap.model.scene import Case, Drawing, Label, Mark
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet, geometry_of, texts
from gridmap.render.style import BORDER, SECTIONS
from gridmap.render.words import word

EVERY_M = 10_000.0
CLOSE_M = 1_500.0  # a round mark this near to a section's end gives way to it
MARK_DECIMALS = 5
STEP_M = 50.0  # half the stretch that a mark's bearing is taken over


def chainage_text(metres: float) -> str:
    """Return chainage as it is written on the ground: ``K23+450``."""
    whole = round(metres)
    return f"K{whole // 1000}+{whole % 1000:03d}"


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw the line, then the sections over it."""
    drawings = []
    frame = sheet.drawn("border")
    sections = sheet.frame("sections")
    if frame is not None:
        case = Case(sheet.title("border"), BORDER, len(frame))
        drawings.append(
            Drawing(
                "border",
                "line",
                sheet.title("border"),
                table="border",
                cases=(case,),
                codes=pack_ints([0] * len(frame)),
                marks=marks(frame, sections, crs=sheet.spec.crs, decimals=sheet.view.decimals),
            )
        )
    if sections is not None and len(sections) and geometry_of(sections) is not None:
        drawings.append(_sections(sections, sheet))
    return tuple(drawings)


def _sections(frame: pd.DataFrame, sheet: Sheet) -> Drawing:
    # Neighbours differ: sections are counted along the border, not by id.
    start = (
        pd.to_numeric(frame["from_m"], errors="coerce").to_numpy(dtype=float) if "from_m" in frame else None
    )
    order = np.arange(len(frame)) if start is None else np.argsort(start, kind="stable")
    codes = np.empty(len(frame), dtype=np.int64)
    codes[order] = np.arange(len(frame)) % 2
    cases = tuple(
        Case(word(f"section.{name}"), style, int((codes == at).sum()))
        for at, (name, style) in enumerate(zip(("odd", "even"), SECTIONS, strict=True))
    )
    label = Label(
        texts=_section_labels(frame, sheet),
        shorts=tuple(texts(frame, "id")) if sheet.keeps_ids else (),
        colour="#8F3A00",
        size=12,
        weight=700,
        min_zoom=8,
        priority=90,
        placement="centre",
    )
    return Drawing(
        "sections",
        "line",
        sheet.title("sections"),
        table="sections",
        cases=cases,
        codes=pack_ints(codes),
        labels=(label,),
        # What keepers reach is a band along the same line: one of the two at a time.
        shown=sheet.drawn("cover_line") is None,
    )


def _section_labels(frame: pd.DataFrame, sheet: Sheet) -> tuple[str, ...]:
    names = sheet.unit_names()
    ids, units = texts(frame, "id"), texts(frame, "unit")
    if not sheet.keeps_ids:
        return tuple(names.get(unit, "") for unit in units)
    return tuple(
        " · ".join(part for part in (one, names.get(unit, unit)) if part)
        for one, unit in zip(ids, units, strict=True)
    )


def marks(
    frame: pd.DataFrame, sections: pd.DataFrame | None, *, crs: str, decimals: int = MARK_DECIMALS
) -> tuple[Mark, ...]:
    """Return a mark every 10 km and at the ends of sections, along the border as the view shows it.

    Method: the view's line, brought back to the working CRS, is measured by `gridmap.geo.chainage`.
    The view is rounded (5 decimals are about a metre), so a mark stands within some metres of its place;
    it has no more `decimals` of a degree than the view.
    """
    geoms = geometry_of(frame)
    if geoms is None:
        return ()
    usable = geoms[~(shapely.is_missing(geoms) | shapely.is_empty(geoms))]
    try:
        border = build_border(geoms_from_lonlat(usable, crs), crs)
    except AssignmentError:
        return ()
    ends = _ends(sections, border.length_m)
    rounds = np.arange(0.0, border.length_m, EVERY_M)
    if len(ends):
        rounds = rounds[np.abs(rounds[:, None] - ends[None, :]).min(axis=1) > CLOSE_M]
    at = np.concatenate([ends, rounds])
    major = np.concatenate([np.ones(len(ends), dtype=bool), np.zeros(len(rounds), dtype=bool)])
    order = np.argsort(at, kind="stable")
    digits = min(MARK_DECIMALS, decimals)
    return tuple(
        replace(mark, lon=round(mark.lon, digits), lat=round(mark.lat, digits))
        for mark in _place(border, at[order], major[order], crs)
    )


def _ends(sections: pd.DataFrame | None, length_m: float) -> npt.NDArray[np.float64]:
    ends = [0.0, length_m]
    if sections is not None and {"from_m", "to_m"} <= set(sections.columns):
        both_ends = sections[["from_m", "to_m"]].to_numpy(dtype=float).ravel()
        ends.extend(float(end) for end in both_ends if 0 <= end <= length_m)
    # Ends of neighbours are the same place, and so are ends within a metre (the view is rounded).
    return np.array(sorted({float(round(end)) for end in ends if end <= length_m}))


def _place(
    border: Border, at: npt.NDArray[np.float64], major: npt.NDArray[np.bool_], crs: str
) -> tuple[Mark, ...]:
    here = to_lonlat(border.place(at), crs)
    before = to_lonlat(border.place(np.clip(at - STEP_M, 0, border.length_m)), crs)
    after = to_lonlat(border.place(np.clip(at + STEP_M, 0, border.length_m)), crs)
    east = (after[:, 0] - before[:, 0]) * np.cos(np.radians(here[:, 1]))
    bearing = np.degrees(np.arctan2(east, after[:, 1] - before[:, 1])) % 360
    return tuple(
        Mark(
            float(lon),
            float(lat),
            round(float(angle), 1),
            chainage_text(metres),
            bool(big),
        )
        for (lon, lat), angle, metres, big in zip(here, bearing, at, major, strict=True)
    )


OVERLAY = Overlay("border", draw)
