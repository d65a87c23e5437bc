"""Gaps, overlaps, orphans and every other finding, in the one colour that nothing else has."""

from __future__ import annotations

import numpy as np

from gridmap.model import LEVELS
from gridmap.model.scene import Case, Drawing
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet, texts
from gridmap.render.style import FAULTS
from gridmap.render.words import word


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw the findings by what they are; those without a place are only in the page's list."""
    frame = sheet.drawn("findings")
    if frame is None:
        return ()
    pairs = zip(texts(frame, "code"), texts(frame, "level"), strict=True)
    names = list(FAULTS)
    codes = np.array([names.index(_case(code, level)) for code, level in pairs])
    cases = tuple(
        Case(word(f"level.{name}" if name in LEVELS else f"fault.{name}"), style, int((codes == at).sum()))
        for at, (name, style) in enumerate(FAULTS.items())
    )
    return (
        Drawing(
            "findings",
            "findings",
            word("table.findings"),
            table="findings",
            cases=cases,
            codes=pack_ints(codes),
        ),
    )


def _case(code: str, level: str) -> str:
    """Return how a finding is drawn: what it says about keeping comes before its level."""
    for name in ("gap", "overlap", "orphan"):
        if code.endswith(f"-{name}"):
            return name
    return level if level in LEVELS else "error"


OVERLAY = Overlay("findings", draw)
