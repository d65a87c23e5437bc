"""Hatches: the second cue beside a tint, as lines and dots cut to the shape by the PDF viewer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.render.atlas.page import Box, Marks, Page, Pen, points

Floats = npt.NDArray[np.float64]
GAP, FAULT_GAP = 2.3, 1.6  # millimetres between lines
FINE, FAULT_FINE, FAULT_BROAD = 0.35, 0.8, 1.4  # points
SEEN, FAULT_SEEN, DOTS_SEEN = 0.36, 0.85, 0.55
DOT = 0.55  # radius of a dot, points
CROSS = 45.0


def hatch(page: Page, name: str, colour: str, box: Box, *, clip: Sequence[Floats]) -> None:
    """Draw a hatch.

    Parameters
    ----------
    page : Page
        What is drawn on.
    name : str
        As styles name it: the angle of the lines in degrees, ``cross``, ``dots``, ``fault``, ``fault-cross``.
    colour : str
        Of its lines.
    box : Box
        Around the shape, in millimetres.
    clip : sequence of (n, 2) arrays
        The rings that it is cut to.
    """
    fault = name.startswith("fault")
    gap = FAULT_GAP if fault else GAP
    width = {"fault": FAULT_BROAD, "fault-cross": FAULT_FINE}.get(name, FINE)
    pen = Pen(stroke=colour, width=width, opacity=FAULT_SEEN if fault else SEEN)
    if name == "dots":
        _dots(page, box, Pen(fill=colour, fill_opacity=DOTS_SEEN), clip)
        return
    turn = CROSS if fault or name == "cross" else float(name) if name.isdigit() else CROSS
    page.shape(_lines(box, turn, gap), pen, clip=clip)
    if name in {"cross", "fault-cross"}:
        page.shape(_lines(box, turn + 90, gap), pen, clip=clip)


def _lines(box: Box, turn: float, gap: float) -> list[tuple[Floats, bool]]:
    """Return parallel lines over a box; those of neighbouring boxes go on in each other.

    A turn of 0 is level, as ``90`` is upright; 45 rises to the right.
    """
    along = np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))])
    across = np.array([-along[1], along[0]])
    ring = box.ring()
    from_, to = (ring @ across).min(), (ring @ across).max()
    begin, end = (ring @ along).min(), (ring @ along).max()
    steps = np.arange(np.ceil(from_ / gap), np.floor(to / gap) + 1) * gap
    return [(np.array([step * across + begin * along, step * across + end * along]), False) for step in steps]


def _dots(page: Page, box: Box, pen: Pen, clip: Sequence[Floats]) -> None:
    x = np.arange(np.ceil(box.left / GAP), np.floor(box.right / GAP) + 1) * GAP
    y = np.arange(np.ceil(box.bottom / GAP), np.floor(box.top / GAP) + 1) * GAP
    places = np.stack([np.tile(x, len(y)), np.repeat(y, len(x))], axis=1)
    if len(places):
        parts = tuple((points(ring), True) for ring in clip)
        page.items.append(Marks("circle", points(places), DOT, pen, clip=parts))


def around(rings: Sequence[Any], within: Box) -> Box:
    """Return the box around rings, no larger than another."""
    xy = np.concatenate(rings)
    (left, bottom), (right, top) = xy.min(axis=0), xy.max(axis=0)
    return Box(
        max(float(left), within.left), max(float(bottom), within.bottom),
        min(float(right), within.right), min(float(top), within.top),
    )  # fmt: skip
