"""A demo area whose cost surface is coarse: the same model of travel, in a fraction of the time."""

from __future__ import annotations

import gridmap as gm


def coarse_demo(households: int, *, cell_m: float) -> gm.Area:
    """Return a demo in memory with cells of so many metres."""
    made = gm.demo(households=households)
    coarse = made.spec.travel.model_copy(update={"cell_m": cell_m})
    made.spec = made.spec.model_copy(update={"travel": coarse})
    return made
