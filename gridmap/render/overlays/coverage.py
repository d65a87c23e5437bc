"""What keepers reach: the border by how many outposts do, the area by how many keepers, and the gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gridmap.model import Bilingual
from gridmap.model.scene import Case, Drawing, Label, Style
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet, texts
from gridmap.render.style import VERMILLION, WHITE
from gridmap.render.words import word

MOST = 3  # three and more are drawn alike
GAP_INK = "#A34000"
# Lightness alone tells them apart, also in a grey print; what nobody reaches is broken besides.
BAND = (
    Style(stroke=VERMILLION, width=9, dash="9 5", casing=WHITE, casing_width=14),
    Style(stroke="#9AD0F0", width=9, casing=WHITE, casing_width=12),
    Style(stroke="#2F8FCB", width=9, casing=WHITE, casing_width=12),
    Style(stroke="#08416B", width=9, casing=WHITE, casing_width=12),
)
GROUND = (
    Style(stroke="#56B4E9", width=1.2, dash="2 4", fill="#56B4E9", fill_opacity=0.12),
    Style(stroke="#0072B2", width=1.2, dash="7 4", fill="#0072B2", fill_opacity=0.12),
    Style(stroke="#08416B", width=1.4, fill="#08416B", fill_opacity=0.14),
)
GAP_AREA = Style(stroke=VERMILLION, width=2, dash="6 4", fill=VERMILLION, fill_opacity=0.08, hatch="135")
GAP_HOME = Style(fill=VERMILLION, stroke=WHITE, width=1.2, shape="orphan", size=5.5, far=0.5)


def figured(key: str, **blanks: str) -> Bilingual:
    """Return a message with figures in it, in both languages."""
    said = word(key)
    en, zh = said.en, said.zh
    for name, value in blanks.items():
        en, zh = en.replace(f"{{{name}}}", value), zh.replace(f"{{{name}}}", value)
    return Bilingual(en=en, zh=zh)


def numbers(frame: pd.DataFrame, column: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a column as numbers, 0 where it is missing or absent."""
    if column not in frame.columns:
        return np.zeros(len(frame))
    found = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0))


def percent(part: float, whole: float) -> str:
    """Return a share as a text."""
    return f"{100 * part / whole:.1f} %" if whole > 0 else "–"


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw the area by keepers, which is switched off at first, and the border over it."""
    return (*_area(sheet), *_line(sheet))


def _area(sheet: Sheet) -> tuple[Drawing, ...]:
    frame = sheet.drawn("cover_area")
    if frame is None or "keepers" not in frame.columns:
        return ()
    codes = np.clip(numbers(frame, "keepers").astype(np.int64), 1, MOST) - 1
    km2, shares = numbers(frame, "km2"), numbers(frame, "share")
    cases = tuple(
        Case(
            figured(
                f"cover.area.{at + 1}",
                km=f"{km2[codes == at].sum():,.1f}",
                share=percent(float(shares[codes == at].sum()), 1.0),
            ),
            style,
            int((codes == at).sum()),
        )
        for at, style in enumerate(GROUND)
    )
    return (
        Drawing(
            "coverage-area",
            "area",
            sheet.title("cover_area"),
            table="cover_area",
            cases=cases,
            codes=pack_ints(codes),
            shown=False,
        ),
    )


def _line(sheet: Sheet) -> tuple[Drawing, ...]:
    frame = sheet.drawn("cover_line")
    if frame is None or "keepers" not in frame.columns:
        return ()
    codes = np.clip(numbers(frame, "keepers").astype(np.int64), 0, MOST)
    km = numbers(frame, "km")
    cases = tuple(
        Case(
            figured(
                f"cover.keepers.{at}",
                km=f"{km[codes == at].sum():,.1f}",
                share=percent(float(km[codes == at].sum()), float(km.sum())),
            ),
            style,
            int((codes == at).sum()),
        )
        for at, style in enumerate(BAND)
    )
    return (
        Drawing(
            "coverage",
            "line",
            sheet.title("cover_line"),
            table="cover_line",
            cases=cases,
            codes=pack_ints(codes),
            labels=(_lengths(km, codes),),
        ),
    )


def _lengths(km: np.ndarray[Any, np.dtype[np.float64]], codes: np.ndarray[Any, np.dtype[np.int64]]) -> Label:
    """Return the lengths of what nobody reaches."""
    return Label(
        texts=tuple(
            figured("cover.gap", km=f"{one:,.1f}") if code == 0 else ""
            for one, code in zip(km, codes, strict=True)
        ),
        colour=GAP_INK,
        size=13,
        weight=700,
        priority=97,
        placement="centre",
    )


def draw_gaps(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw ground and homes that nobody reaches; the border's gaps are a part of its band."""
    frame = sheet.drawn("cover_gaps")
    if frame is None or "layer" not in frame.columns:
        return ()
    layer = np.array(texts(frame, "layer"))
    area, point = layer == "area", layer == "point"
    found: list[Drawing] = []
    if area.any():
        title = figured("cover.gaps.area", km=f"{numbers(frame, 'km2')[area].sum():,.1f}")
        found.append(_gaps("area", title, Case(title, GAP_AREA, int(area.sum())), area))
    if point.any():
        title = figured("cover.gaps.point", n=f"{int(point.sum()):,}")
        found.append(_gaps("point", title, Case(title, GAP_HOME, int(point.sum())), point))
    return tuple(found)


def _gaps(layer: str, title: Bilingual, case: Case, rows: np.ndarray[Any, np.dtype[np.bool_]]) -> Drawing:
    return Drawing(
        f"gaps-{layer}",
        "area" if layer == "area" else "point",
        title,
        table="cover_gaps",
        cases=(case,),
        codes=pack_ints((~rows).astype(np.int64)),
        # Where depth is drawn, its places without anybody are what matters; this is one question more.
        shown=layer == "point",
    )


OVERLAY = Overlay("coverage", draw)
GAPS = Overlay("gaps", draw_gaps)
