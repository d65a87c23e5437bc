"""The difference of two scenarios: ground where keepers take longer, and ground where access is lost."""

from __future__ import annotations

import numpy as np

from gridmap.model.scene import Case, Drawing, Style
from gridmap.render.overlays.coverage import figured, numbers
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet, texts
from gridmap.render.style import VERMILLION
from gridmap.render.words import word

TABLE, LOST = "travel_change", "lost"
# Minutes more at which a band begins: what takes at least so much longer is in it, or in a later one.
FROM = (15.0, 30.0, 60.0)
# The longer, the darker; what is lost is darkest, and crossed besides, so that it stands out in grey, too.
STYLES = (
    Style(stroke="#E7A27A", width=0.8, fill="#F9CDB2", fill_opacity=0.6),
    Style(stroke=VERMILLION, width=0.8, fill="#EC8A50", fill_opacity=0.65),
    Style(stroke="#8F3C00", width=1, fill="#C25200", fill_opacity=0.7),
    Style(stroke="#4A1C00", width=1.8, dash="8 4", fill="#7A2E00", fill_opacity=0.7, hatch="cross"),
)


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw three bands and what is lost, each with its square kilometres."""
    frame = sheet.drawn(TABLE)
    if frame is None or not {"change", "from_min"} <= set(frame.columns):
        return ()
    lost = np.array(texts(frame, "change")) == LOST
    later = np.searchsorted(FROM, numbers(frame, "from_min"), side="right") - 1
    codes = np.where(lost, len(FROM), np.maximum(later, 0))
    km2 = numbers(frame, "km2")
    cases = tuple(
        Case(
            figured(f"change.{at}", km=f"{km2[codes == at].sum():,.1f}"),
            style,
            int((codes == at).sum()),
        )
        for at, style in enumerate(STYLES)
    )
    return (
        Drawing("change", "area", word(f"table.{TABLE}"), table=TABLE, cases=cases, codes=pack_ints(codes)),
    )


OVERLAY = Overlay("change", draw)
