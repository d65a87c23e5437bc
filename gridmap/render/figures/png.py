"""A page as PNG, by matplotlib: nothing of a clock, a version or a machine is in the file."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from gridmap.render.atlas.page import Marks, Page, Part, Pen, Shape, Words
from gridmap.render.atlas.press import INCH, RAW, figure
from gridmap.render.atlas.typeface import tools

DPI = 200


def to_png(page: Page, *, title: str) -> bytes:
    """Return a page as pixels, 200 to an inch: A4 is 2,338 x 1,653."""
    mpl = tools()
    out = io.BytesIO()
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(RAW)
        made = figure(larger(page, DPI / INCH))
        made.patch.set_visible(True)
        made.patch.set_facecolor("white")
        # Texts of this kind hold Latin-1 alone; of the program matplotlib would give its version.
        about = {"Title": title.encode("latin-1", "replace").decode("latin-1"), "Software": None}
        made.savefig(out, format="png", dpi=INCH, metadata=about, pil_kwargs={"dpi": (DPI, DPI)})
    return out.getvalue()


def larger(page: Page, by: float) -> Page:
    """Return a page with everything on it so many times as large."""
    return Page(page.width * by, page.height * by, page.fonts, [_larger(item, by) for item in page.items])


def _larger(item: Any, by: float) -> Any:
    if isinstance(item, Words):
        return replace(item, x=item.x * by, y=item.y * by, size=item.size * by, width=item.width * by)
    if isinstance(item, Shape):
        return replace(item, parts=_parts(item.parts, by), pen=_pen(item.pen, by), clip=_parts(item.clip, by))
    if isinstance(item, Marks):
        pen, clip = _pen(item.pen, by), _parts(item.clip, by)
        return replace(item, places=item.places * by, radius=item.radius * by, pen=pen, clip=clip)
    msg = f"{type(item).__name__} is not drawn as a figure"
    raise TypeError(msg)


def _parts(parts: tuple[Part, ...], by: float) -> tuple[Part, ...]:
    return tuple((xy * by, closed) for xy, closed in parts)


def _pen(pen: Pen, by: float) -> Pen:
    return replace(pen, width=pen.width * by, dash=tuple(one * by for one in pen.dash))
