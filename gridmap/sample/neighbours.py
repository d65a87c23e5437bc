"""What lies around the demo area, schematically: invented outlines, up to beyond the edge of the sheet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.sample.dice import Dice, Floats
from gridmap.sample.layout import layout
from gridmap.sample.linework import ROUGHNESS, fractal
from gridmap.sample.plane import MM, squared_gap

STREAM = 7
CALMER, CALMEST = 0.6, 8
# Of the vertices of lines between neighbours, one in so many.
EVERY = 8
# Far beyond the relief, so that no edge is in view where the whole area is.
WEST_M, SOUTH_M, EAST_M, NORTH_M = 250_000.0, 4_520_000.0, 600_000.0, 4_860_000.0
# Where the lines between neighbours leave the sheet, metres of EPSG:4508.
ENDS = {
    "BW": (WEST_M, 4_676_000.0),
    "BE": (EAST_M, 4_806_000.0),
    "SW": (326_000.0, SOUTH_M),
    "SE": (523_000.0, SOUTH_M),
}
NAMED = (
    ("north", "蒙古国 Mongolia（示意）", "country"),
    ("east", "东邻旗（示意）", "county"),
    ("south", "本旗南部（示意）", "county"),
    ("west", "西邻旗（示意）", "county"),
)
Run = Floats | list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One neighbour: its name, its class and its ring (n, 2) in metres, not closed."""

    name: str
    kind: str
    ring: Floats


def around(outline: Floats, border: Floats, seed: int) -> list[Neighbour]:
    """Return the neighbours of the area; with it they leave no ground free.

    Parameters
    ----------
    outline : (n, 2)
        The vertices of the area's outer edge, closed.
    border : (m, 2)
        The border's vertices, west to east: part of the outline.
    seed : int
        Another seed draws other lines between the neighbours.
    """
    edge = _from_west(outline[:-1], border)
    # Straight lines never touch: a seed whose lines would is drawn again with calmer ones.
    for roughness in (ROUGHNESS * CALMER**step for step in range(CALMEST)):
        found = _drawn(edge, border, seed, roughness)
        shapes = np.array([shapely.Polygon(one.ring) for one in found], dtype=object)
        if shapely.is_valid(shapes).all() and shapely.coverage_is_valid(shapes):
            return found
    return _drawn(edge, border, seed, 0.0)


def _drawn(edge: Floats, border: Floats, seed: int, roughness: float) -> list[Neighbour]:
    plan = layout().nodes
    at = {name: int(np.argmin(squared_gap(edge, plan[name]))) for name in ("SW", "SE")}
    east = len(border) - 1
    # Along the edge: west end of the border, its east end, south-east, south-west, and home.
    sides = {
        "north": border,
        "east": edge[east : at["SE"] + 1],
        "south": edge[at["SE"] : at["SW"] + 1],
        "west": np.concatenate([edge[at["SW"] :], edge[:1]]),
    }
    starts = {"BW": edge[0], "BE": edge[east], "SE": edge[at["SE"]], "SW": edge[at["SW"]]}
    out = {
        name: _line(starts[name], np.array(ENDS[name]), Dice(seed, STREAM, step), roughness)
        for step, name in enumerate(ENDS)
    }
    rings: dict[str, list[Run]] = {
        "north": [sides["north"][::-1], out["BW"], [(WEST_M, NORTH_M), (EAST_M, NORTH_M)], out["BE"][::-1]],
        "east": [sides["east"][::-1], out["BE"], [(EAST_M, SOUTH_M)], out["SE"][::-1]],
        "south": [sides["south"][::-1], out["SE"], out["SW"][::-1]],
        "west": [sides["west"][::-1], out["SW"], [(WEST_M, SOUTH_M)], out["BW"][::-1]],
    }
    return [Neighbour(name, kind, _joined(rings[side])) for side, name, kind in NAMED]


def _from_west(outline: Floats, border: Floats) -> Floats:
    """Return the outline from the border's western end on, the border first."""
    first = int(np.argmin(squared_gap(outline, border[0])))
    turned = np.roll(outline, -first, axis=0)
    if not (turned[1] == border[1]).all():
        turned = np.roll(turned[::-1], 1, axis=0)
    return turned


def _line(start: Floats, end: Floats, dice: Dice, roughness: float) -> Floats:
    """Return a line outwards; it is long, and nobody looks at it from near."""
    return np.round(fractal(start, end, dice, roughness)[::EVERY], MM)


def _joined(parts: list[Run]) -> Floats:
    """Return the parts as one ring, each vertex once."""
    ring = np.concatenate([np.asarray(part, dtype=np.float64).reshape(-1, 2) for part in parts])
    new = np.ones(len(ring), dtype=bool)
    new[1:] = (ring[1:] != ring[:-1]).any(axis=1)
    ring = ring[new]
    return ring[:-1] if (ring[0] == ring[-1]).all() else ring
