"""What the synthetic ground is like: patches of sand, marsh and rock, and snow after a blizzard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.sample.dice import Dice, Floats
from gridmap.sample.network import smooth
from gridmap.sample.plane import MM

STREAM = 9
CORNERS = 20
RAGGED = 0.3
# Two cuts leave so many places for each corner.
PER_CORNER = 4
# (class, name, centre in km of EPSG:4508, half width and half height in km): laid by hand, invented.
LAND = (
    ("sand", "示例沙地1", (388.0, 4_697.5), (6.0, 2.2)),
    ("sand", "示例沙地2", (421.5, 4_702.5), (4.5, 2.6)),
    ("sand", "示例沙地3", (452.0, 4_703.0), (3.4, 4.2)),
    ("marsh", "示例湿地1", (409.0, 4_696.5), (2.4, 1.3)),
    ("marsh", "示例湿地2", (438.5, 4_690.0), (1.8, 1.5)),
    ("rock", "示例石山1", (384.0, 4_668.5), (5.5, 3.2)),
    ("rock", "示例石山2", (426.0, 4_663.0), (4.2, 2.4)),
    ("rock", "示例石山3", (458.0, 4_661.5), (4.0, 2.6)),
)
# (depth in cm, centre, half width and half height in km)
SNOW = (
    (28.0, (414.0, 4_672.0), (46.0, 15.0)),
    (42.0, (388.0, 4_673.0), (14.0, 8.5)),
    (55.0, (454.0, 4_668.0), (11.0, 7.0)),
    (95.0, (383.5, 4_668.0), (4.6, 3.0)),
)


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch of ground: its class or depth of snow, its name, its outline (n, 2) in metres."""

    kind: str
    name: str
    depth_cm: float
    ring: Floats


def land(seed: int) -> list[Patch]:
    """Return the patches that are no open steppe."""
    return [
        Patch(kind, name, 0.0, _blob(centre, half, Dice(seed, STREAM, number)))
        for number, (kind, name, centre, half) in enumerate(LAND)
    ]


def snow(seed: int) -> list[Patch]:
    """Return where a blizzard has laid snow, and how deep."""
    return [
        Patch("snow", "", depth, _blob(centre, half, Dice(seed, STREAM, len(LAND) + number)))
        for number, (depth, centre, half) in enumerate(SNOW)
    ]


def _blob(centre: tuple[float, float], half: tuple[float, float], dice: Dice) -> Floats:
    """Return a ragged ellipse, closed and smooth; its angles are rational, so that no sine is needed."""
    # The tangent of half the angle, from 0 up to the one of a quarter turn, which is 1.
    tangent = np.arange(CORNERS // 4) / (CORNERS // 4)
    cosine, sine = (1 - tangent**2) / (1 + tangent**2), 2 * tangent / (1 + tangent**2)
    around = np.concatenate(
        [
            np.column_stack([cosine, sine]),
            np.column_stack([-sine, cosine]),
            np.column_stack([-cosine, -sine]),
            np.column_stack([sine, -cosine]),
        ]
    )
    push = 1.0 - RAGGED * dice.unit(len(around))
    ring = (np.array(centre) + around * push[:, None] * np.array(half)) * 1000.0
    # Smoothing leaves the ends of a line as they are: it goes around for a second time, and one turn is kept.
    twice = smooth(np.concatenate([ring, ring, ring[:1]]))
    turn = len(ring) * PER_CORNER
    start = turn // 2
    one = twice[start : start + turn]
    return np.round(np.concatenate([one, one[:1]]), MM)
