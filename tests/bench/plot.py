"""A plot on logarithmic axes as SVG, legible on light and dark: the same text for the same figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 480, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 36, 44, 52
LEGEND = 24
# Okabe and Ito's colours that stand out on white and on near black; dashes and marks tell them apart in grey.
LOOKS = (
    ("#0072b2", "#56b4e9", ""),
    ("#009e73", "#2fc79c", "7 3"),
    ("#b8860b", "#e6b422", "2 3"),
    ("#c04a00", "#ff8c4a", "9 3 2 3"),
    ("#a04f80", "#dd9fc4", "4 4"),
)
STYLE = """<style>
  .card { fill: #ffffff; stroke: #d0d0d0 } .grid { stroke: #e2e2e2 } .axis { stroke: #444444 }
  text { font: 12px system-ui, sans-serif; fill: #1f1f1f } .title { font-size: 14px; font-weight: 600 }
  .line { fill: none; stroke-width: 2 } .dot { stroke: none }
LIGHT
  @media (prefers-color-scheme: dark) {
    .card { fill: #16191d; stroke: #3c4248 } .grid { stroke: #30363c } .axis { stroke: #b8bec4 }
    text { fill: #e8eaec }
DARK
  }
</style>
"""


@dataclass(frozen=True)
class Series:
    """One line of a plot: sizes and seconds, both above 0."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    """One plot: seconds against a size."""

    title: str
    size: str
    series: Sequence[Series]


@dataclass(frozen=True)
class Axis:
    """Whole decades between two pixels."""

    low: int
    high: int
    start: float
    stop: float

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.stop - self.start)


def drawn(panels: Sequence[Panel], *, seconds: str) -> str:
    """Return the plots side by side, with one legend for all.

    Parameters
    ----------
    panels : sequence of Panel
        A series keeps its looks by name, in the order of first mention.
    seconds : str
        What the upright axes measure.

    Raises
    ------
    ValueError
        If there is nothing to draw, a figure that has no logarithm, or more series than looks.
    """
    names = list(dict.fromkeys(one.name for panel in panels for one in panel.series))
    figures = [value for panel in panels for one in panel.series for point in one.points for value in point]
    if not figures or min(figures) <= 0 or len(names) > len(LOOKS):
        message = f"{len(names)} series cannot be drawn"
        raise ValueError(message)
    legend = HEIGHT + LEGEND * math.ceil(len(names) / 3) + 8
    wide = WIDTH * len(panels)
    label = escape("; ".join(panel.title for panel in panels), quote=True)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {legend}" '
            f'width="{wide}" height="{legend}" role="img" aria-label="{label}">\n'
        ),
        _style(),
        f'<rect class="card" x="0.5" y="0.5" width="{wide - 1}" height="{legend - 1}" rx="6"/>\n',
    ]
    upright = _axis([point[1] for panel in panels for one in panel.series for point in one.points])
    for number, panel in enumerate(panels):
        parts += [f'<g transform="translate({number * WIDTH} 0)">\n', *_panel(panel, names, upright, seconds)]
        parts.append("</g>\n")
    return "".join([*parts, *_legend(names, wide), "</svg>\n"])


def _style() -> str:
    light = [f"  .s{at} {{ stroke: {one[0]}; fill: {one[0]} }}" for at, one in enumerate(LOOKS)]
    dark = [f"    .s{at} {{ stroke: {one[1]}; fill: {one[1]} }}" for at, one in enumerate(LOOKS)]
    text = STYLE.replace("LIGHT", "\n".join(light)).replace("DARK", "\n".join(dark))
    # After the colours, which would fill the lines.
    return text.replace("</style>", "  .line { fill: none }\n</style>")


def _axis(values: Sequence[float]) -> tuple[int, int]:
    low = math.floor(math.log10(min(values)) + 1e-9)
    return low, max(math.ceil(math.log10(max(values)) - 1e-9), low + 1)


def _panel(panel: Panel, names: list[str], upright: tuple[int, int], seconds: str) -> list[str]:
    across = _axis([point[0] for one in panel.series for point in one.points])
    x = Axis(*across, LEFT, WIDTH - RIGHT)
    y = Axis(*upright, HEIGHT - BOTTOM, TOP)
    parts = [f'<text class="title" x="{LEFT}" y="26">{escape(panel.title)}</text>\n']
    for power in range(x.low, x.high + 1):
        at = _number(x.at(10.0**power))
        parts.append(f'<path class="grid" d="M{at} {TOP}V{HEIGHT - BOTTOM}"/>\n')
        parts.append(f'<text x="{at}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{10**power:,}</text>\n')
    for power in range(y.low, y.high + 1):
        at = _number(y.at(10.0**power))
        parts.append(f'<path class="grid" d="M{LEFT} {at}H{WIDTH - RIGHT}"/>\n')
        parts.append(f'<text x="{LEFT - 8}" y="{at}" dy="4" text-anchor="end">{10.0**power:g}</text>\n')
    middle, half = (LEFT + WIDTH - RIGHT) / 2, (TOP + HEIGHT - BOTTOM) / 2
    parts += [
        f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>\n',
        f'<text x="{_number(middle)}" y="{HEIGHT - 12}" text-anchor="middle">{escape(panel.size)}</text>\n',
        (
            f'<text transform="translate(18 {_number(half)}) rotate(-90)" text-anchor="middle">'
            f"{escape(seconds)}</text>\n"
        ),
    ]
    for one in panel.series:
        places = [(_number(x.at(size)), _number(y.at(took))) for size, took in sorted(one.points)]
        parts += _line(names.index(one.name), places)
    return parts


def _line(look: int, places: Sequence[tuple[str, str]]) -> list[str]:
    dash = f' stroke-dasharray="{LOOKS[look][2]}"' if LOOKS[look][2] else ""
    path = "L".join(f"{x} {y}" for x, y in places)
    dots = [f'<path class="dot s{look}" d="{_mark(look, float(x), float(y))}"/>\n' for x, y in places]
    return [f'<path class="line s{look}"{dash} d="M{path}"/>\n', *dots]


def _mark(look: int, x: float, y: float) -> str:
    """Return a mark with its own number of corners."""
    corners = (12, 4, 3, 4, 5)[look]
    turn = (0.0, math.pi / 4, -math.pi / 2, 0.0, -math.pi / 2)[look]
    angles = [turn + 2 * math.pi * at / corners for at in range(corners)]
    return (
        "M" + "L".join(f"{_number(x + 5 * math.cos(a))} {_number(y + 5 * math.sin(a))}" for a in angles) + "Z"
    )


def _legend(names: list[str], wide: int) -> list[str]:
    parts = []
    for at, name in enumerate(names):
        x = LEFT + at % 3 * (wide - LEFT) // 3
        y = HEIGHT + 4 + LEGEND * (at // 3)
        ends = [(_number(x), _number(y)), (_number(x + 34), _number(y))]
        parts += _line(at, ends)
        parts.append(f'<text x="{x + 46}" y="{y}" dy="4">{escape(name)}</text>\n')
    return parts


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
