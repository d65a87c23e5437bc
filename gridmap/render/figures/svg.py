"""A page as SVG: text as text, in the fonts that were made for it, and the same bytes for the same page.

The fonts lie in the file, so that it looks the same everywhere. A program that does not read them (some
drawing programs) takes another Chinese face; each line of text is kept to its width then.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from gridmap.render.atlas.fonts import WEIGHTS
from gridmap.render.atlas.page import POINT, Marks, Page, Part, Pen, Shape, Words
from gridmap.render.atlas.symbols import outline

OTHERS = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif"
NUMBERS = {"regular": 400, "bold": 700}
DECIMALS = 2


def to_svg(page: Page, *, title: str, about: str) -> bytes:
    """Return a page as one SVG document.

    Parameters
    ----------
    page : Page
        Shapes, marks and words; a page with pixels is none of this module's.
    title, about : str
        What the document says of itself.
    """
    writer = _Writer(page)
    body = "\n".join(line for item in page.items for line in writer.item(item))
    width, height = (_n(value * POINT) for value in (page.width, page.height))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{page.width:g}mm" height="{page.height:g}mm" '
        f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="title about">'
    )
    parts = (
        '<?xml version="1.0" encoding="UTF-8"?>',
        head,
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="about">{escape(about)}</desc>',
        f"<style>{_faces(page)}text{{font-family:'Gridmap Atlas',{OTHERS};white-space:pre}}</style>",
        f"<defs>{writer.clips()}</defs>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        body,
        "</svg>\n",
    )
    return "\n".join(parts).encode("utf-8")


def _faces(page: Page) -> str:
    """Return the fonts of a page as rules; they hold the signs that it needs, and no more."""
    rules = []
    for weight in WEIGHTS:
        data = base64.b64encode(page.fonts.of(weight).path.read_bytes()).decode("ascii")
        rules.append(
            f"@font-face{{font-family:'Gridmap Atlas';font-weight:{NUMBERS[weight]};"
            f"src:url(data:font/ttf;base64,{data})}}"
        )
    return "".join(rules)


def _n(value: float) -> str:
    """Return a number as short as it can be written."""
    rounded = round(float(value), DECIMALS) + 0.0
    return f"{rounded:.{DECIMALS}f}".rstrip("0").rstrip(".")


class _Writer:
    """Items of a page as elements; y runs downwards in SVG."""

    def __init__(self, page: Page) -> None:
        self._height = page.height * POINT
        self._clips: dict[str, str] = {}

    def item(self, item: Any) -> Iterator[str]:
        """Yield the elements of an item."""
        if isinstance(item, Words):
            yield self._words(item)
        elif isinstance(item, Shape):
            yield f'<path d="{self._path(item.parts)}"{_pen(item.pen)}{self._clip(item.clip)}/>'
        elif isinstance(item, Marks):
            yield from self._marks(item)
        else:
            msg = f"{type(item).__name__} is not drawn as SVG"
            raise TypeError(msg)

    def clips(self) -> str:
        """Return the shapes that others are cut to."""
        return "".join(
            f'<clipPath id="{name}"><path d="{path}" clip-rule="evenodd"/></clipPath>'
            for path, name in self._clips.items()
        )

    def _clip(self, parts: tuple[Part, ...]) -> str:
        if not parts:
            return ""
        name = self._clips.setdefault(self._path(parts), f"c{len(self._clips)}")
        return f' clip-path="url(#{name})"'

    def _path(self, parts: tuple[Part, ...]) -> str:
        found = []
        for xy, closed in parts:
            pairs = [f"{_n(x)} {_n(self._height - y)}" for x, y in xy.tolist()]
            found.append("M" + "L".join(pairs) + ("Z" if closed else ""))
        return "".join(found)

    def _words(self, item: Words) -> str:
        x, y = _n(item.x), _n(self._height - item.y)
        turn = f' transform="rotate({_n(-item.angle)} {x} {y})"' if item.angle else ""
        bold = ' font-weight="700"' if item.weight == "bold" else ""
        size = f' font-size="{_n(item.size)}" fill={quoteattr(item.colour)}'
        # Whatever face a reader has, the line is as long as it was planned.
        kept = f' textLength="{_n(item.width)}" lengthAdjust="spacingAndGlyphs"'
        return f'<text x="{x}" y="{y}"{size}{bold}{kept}{turn}>{escape(item.text)}</text>'

    def _marks(self, item: Marks) -> Iterator[str]:
        path = outline(item.symbol)
        for x, y in item.places.tolist():
            polygons = path.to_polygons(closed_only=False)
            parts = tuple((np.asarray(one) * item.radius + np.array([x, y]), True) for one in polygons)
            yield f'<path d="{self._path(parts)}"{_pen(item.pen)}{self._clip(item.clip)}/>'


def _pen(pen: Pen) -> str:
    fill = f' fill="{pen.fill}"' if pen.fill else ' fill="none"'
    if pen.fill and pen.fill_opacity < 1:
        fill += f' fill-opacity="{_n(pen.fill_opacity)}"'
    if not pen.stroke:
        return fill + ' fill-rule="evenodd"' if pen.fill else fill
    stroke = f' stroke="{pen.stroke}" stroke-width="{_n(pen.width)}" stroke-linejoin="round"'
    if pen.opacity < 1:
        stroke += f' stroke-opacity="{_n(pen.opacity)}"'
    if pen.dash:
        stroke += f' stroke-dasharray="{" ".join(_n(one) for one in pen.dash)}"'
    if pen.round_ends:
        stroke += ' stroke-linecap="round"'
    return fill + stroke
