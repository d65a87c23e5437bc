"""The symbols of the map as outlines in a box from -1 to 1, upwards: those of ``assets/js/shapes.js``.

They are read from that file, so that page and paper never differ, and a symbol is drawn once.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

SOURCE = re.compile(r"gm\.parts\.symbols\s*=\s*\{(.*?)\};", re.DOTALL)
ENTRY = re.compile(r"(\w+):\s*\"([^\"]+)\"")
TOKEN = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)")
COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "A": 7, "Z": 0}
ARC_STEPS = 12  # chords of a half circle: at two millimetres nobody sees them
FALLBACK = "circle"


@cache
def _sources() -> dict[str, str]:
    script = (
        resources.files("gridmap.render").joinpath("assets", "js", "shapes.js").read_text(encoding="utf-8")
    )
    found = SOURCE.search(script)
    return dict(ENTRY.findall(found[1])) if found else {}


@cache
def outline(name: str) -> Any:
    """Return a symbol as a matplotlib path; one that is not known is a circle."""
    from matplotlib.path import Path  # noqa: PLC0415

    known = _sources()
    vertices, codes = _read(known.get(name) or known[FALLBACK])
    xy = np.array(vertices) * [1.0, -1.0]  # a page's y runs down, paper's up
    return Path(
        xy, [{"M": Path.MOVETO, "L": Path.LINETO, "C": Path.CURVE4, "Z": Path.CLOSEPOLY}[c] for c in codes]
    )


def _read(data: str) -> tuple[list[tuple[float, float]], list[str]]:
    """Read the few commands of SVG paths that the symbols use, all of them absolute."""
    tokens = TOKEN.findall(data)
    vertices: list[tuple[float, float]] = []
    codes: list[str] = []
    begin = here = (0.0, 0.0)
    at, command = 0, ""
    while at < len(tokens):
        if tokens[at].isalpha():
            command, at = tokens[at], at + 1
        many = COUNTS[command]
        given = [float(one) for one in tokens[at : at + many]]
        at += many
        made, begin = _step(command, given, here, begin)
        vertices += [place for place, _ in made]
        codes += [code for _, code in made]
        here = made[-1][0]
        command = "L" if command == "M" else command
    return vertices, codes


def _step(
    command: str, given: list[float], here: tuple[float, float], begin: tuple[float, float]
) -> tuple[list[tuple[tuple[float, float], str]], tuple[float, float]]:
    """Return what one command draws, and where the part that it belongs to begins."""
    if command == "Z":
        return [(begin, "Z")], begin
    if command == "C":
        pairs = zip(given[0::2], given[1::2], strict=True)
        return [(pair, "C") for pair in pairs], begin
    if command == "A":
        return [(place, "L") for place in _arc(here, given)], begin
    x = given[0] if command in "MLH" else here[0]
    y = given[-1] if command in "MLV" else here[1]
    return [((x, y), "M" if command == "M" else "L")], (x, y) if command == "M" else begin


def _arc(here: tuple[float, float], given: list[float]) -> list[tuple[float, float]]:
    """Return chords of an arc of a circle (SVG 1.1, appendix F.6.5, for equal radii)."""
    radius, large, sweep, end = given[0], given[3], given[4], complex(given[5], given[6])
    start = complex(*here)
    half = abs(end - start) / 2
    radius = max(radius, half)
    rise = np.sqrt(max(radius * radius - half * half, 0.0)) * (1 if large != sweep else -1)
    centre = (start + end) / 2 + rise * 1j * (end - start) / abs(end - start)
    begin, stop = np.angle(start - centre), np.angle(end - centre)
    if sweep and stop <= begin:
        stop += 2 * np.pi
    if not sweep and stop >= begin:
        stop -= 2 * np.pi
    steps = max(2, int(np.ceil(abs(stop - begin) / np.pi * ARC_STEPS)))
    turned = [
        centre + radius * np.exp(1j * (begin + (stop - begin) * at / steps)) for at in range(1, steps + 1)
    ]
    return [(round(one.real, 4), round(one.imag, 4)) for one in turned]
