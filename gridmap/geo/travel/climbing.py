"""What the slope of a leg takes: by the heights of its two ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.heights import sample

if TYPE_CHECKING:
    from gridmap.geo.travel.going import Surface
    from gridmap.geo.travel.lattice import Floats
    from gridmap.geo.travel.legs import Legs

# Legs that are looked at in one go: bounds the memory.
CHUNK = 1_000_000


def climbed(surface: Surface, legs: Legs, xy: Floats, extra: Floats, *, leaving: bool) -> Legs:
    """Return legs with the time that they take uphill or downhill.

    Parameters
    ----------
    surface : Surface
        The ground; without heights everything is level.
    legs : Legs
        As on the level.
    xy : (n, 2) metres
        The places.
    extra : (m, 2) metres
        The nodes after the cells.
    leaving : bool
        Whether one goes from the place to the node, not to the place.
    """
    if surface.relief is None or surface.heights is None:
        return legs
    lattice, relief = surface.lattice, surface.relief
    at = sample(relief.values, relief, xy)
    nodes = np.concatenate([surface.heights, sample(relief.values, relief, extra)])
    seconds = legs.seconds.copy()
    for first in range(0, len(seconds), CHUNK):
        some = slice(first, first + CHUNK)
        place, node = legs.place[some], legs.node[some]
        cell = node < lattice.size
        ends = np.empty((len(node), 2))
        ends[cell], ends[~cell] = lattice.centres(node[cell]), extra[node[~cell] - lattice.size]
        metres = np.hypot(*(ends - xy[place]).T)
        rise = (at[place] - nodes[node]) * (-1.0 if leaving else 1.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            slope = np.where(metres > 0, rise / metres, 0.0)
        seconds[some] *= surface.going.slowing(slope)
    return replace(legs, seconds=seconds)
