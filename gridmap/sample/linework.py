"""The lines of the demo area, each drawn once: the border, and between nodes natural-looking boundaries.

Every face is put together from the same millimetre-rounded vertices as its neighbours, so zones tile gachas,
gachas tile townships, and the northern edge is the border itself, all exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.sample.dice import Dice, Floats
from gridmap.sample.layout import Layout, border_vertices, layout
from gridmap.sample.plane import MM, along, lengths, squared_gap

Geoms = NDArray[Any]

STREAM = 1
LONGEST_M = 450.0
ROUGHNESS = 0.17
CALMER = 0.82
TAMER = 0.6
# The surveyed length of a border is some 2 % more than that of a line drawn for small scales.
SURVEYED = 1.021
MARKERS = 28
MARKER_SHIFT = 0.3


@dataclass(frozen=True, slots=True)
class Lines:
    """The border and the faces.

    Parameters
    ----------
    border : ndarray of LineString
        One part for each township that touches it, west to east.
    border_xy : (n, 2)
        The border's vertices, markers and junctions among them, west to east.
    markers : (m, 2)
        Where the boundary markers stand: vertices of the border.
    zones : ndarray of Polygon
        In the order of the plan.
    """

    border: Geoms
    border_xy: Floats
    markers: Floats
    zones: Geoms


def draw(seed: int) -> Lines:
    """Return the lines of the area for a seed.

    A seed whose boundaries would touch each other is drawn again with calmer ones; straight ones never touch.
    """
    plan = layout()
    parts, markers = _border(plan, Dice(seed, STREAM, 0))
    roughness = ROUGHNESS
    while True:
        zones = _faces(plan, parts, seed, roughness)
        if shapely.is_valid(zones).all() and shapely.coverage_is_valid(zones):
            break
        roughness *= TAMER
    names = list(plan.border)
    junctions = [name for name in names if name in {"BW", "J1", "J2", "BE"}]
    spans = [names[names.index(a) : names.index(b) + 1] for a, b in pairwise(junctions)]
    lines = [_join([parts[step] for step in pairwise(span)]) for span in spans]
    return Lines(
        border=np.array([shapely.LineString(line) for line in lines], dtype=object),
        border_xy=_join(lines),
        markers=markers,
        zones=zones,
    )


def fractal(start: Floats, end: Floats, dice: Dice, roughness: float) -> Floats:
    """Return a natural-looking line between two places by midpoint displacement, unrounded, (n, 2).

    Source of method: Fournier, Fussell, Carpenter, Computer rendering of stochastic models, CACM 25(6), 1982.
    """
    line = np.array([start, end])
    reach = float(np.sqrt(squared_gap(line[:1], end))[0])
    while reach > LONGEST_M:
        step = np.diff(line, axis=0)
        push = dice.between(-roughness, roughness, len(step))[:, None]
        middle = (line[:-1] + line[1:]) / 2.0 + push * np.column_stack([-step[:, 1], step[:, 0]])
        grown = np.empty((2 * len(line) - 1, 2))
        grown[::2], grown[1::2] = line, middle
        line = grown
        reach /= 2.0
        roughness *= CALMER
    return line


def _border(plan: Layout, dice: Dice) -> tuple[dict[tuple[str, str], Floats], Floats]:
    """Return the border's pieces by pair of border nodes, and the markers on it."""
    raw = border_vertices()
    shift = dice.between(-MARKER_SHIFT, MARKER_SHIFT, MARKERS)
    markers = along(raw, (np.arange(MARKERS) + 0.5 + shift) / MARKERS)
    nodes = along(raw, np.array(list(plan.border.values())))
    every = np.unique(np.concatenate([raw, markers, nodes]), axis=0)
    # The stretch runs eastward at every vertex, so the order along it is the order of x.
    places = np.searchsorted(every[:, 0], nodes[:, 0])
    pieces = {
        pair: every[a : b + 1]
        for pair, (a, b) in zip(pairwise(plan.border), pairwise(places.tolist()), strict=True)
    }
    return pieces, markers


def _faces(plan: Layout, border: dict[tuple[str, str], Floats], seed: int, roughness: float) -> Geoms:
    edges: dict[tuple[str, str], Floats] = dict(border)
    where = {**plan.nodes, **{name: piece[0] for (name, _), piece in border.items()}}
    where |= {name: piece[-1] for (_, name), piece in border.items()}
    rings = []
    for zone in plan.zones:
        sides = []
        for a, b in pairwise([*zone.ring, zone.ring[0]]):
            if (b, a) in edges:
                sides.append(edges[b, a][::-1])
                continue
            if (a, b) not in edges:
                line = fractal(where[a], where[b], Dice(seed, STREAM, 1 + len(edges)), roughness)
                edges[a, b] = np.round(line, MM)
            sides.append(edges[a, b])
        rings.append(_join(sides))
    return np.array([shapely.Polygon(ring) for ring in rings], dtype=object)


def _join(lines: list[Floats]) -> Floats:
    """Return touching lines as one run of vertices."""
    return np.concatenate([lines[0], *(line[1:] for line in lines[1:])])


def surveyed(lines: Lines) -> Floats:
    """Return what a survey would give as the markers' chainage: a drawn line is some 2 % short, (m,).

    Whole metres: a real list of markers has no more.
    """
    upto = lengths(lines.border_xy)
    at = [int(np.argmin(squared_gap(lines.border_xy, marker))) for marker in lines.markers]
    return np.round(upto[at] * SURVEYED)
