"""A keeper that there is not yet, at a place that somebody has in mind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap import geo
from gridmap.analyse.demand import Floats, Posts
from gridmap.assign.ground import HOUSEHOLD, OUTPOST
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError
from gridmap.project.lookup import find_position

if TYPE_CHECKING:
    from gridmap.project.plan import Plan

NEW = "new"
STRONGHOLD = "stronghold"
KEEPERS = (OUTPOST, STRONGHOLD)
OUTSIDE = "the place of the new keeper is outside the jurisdiction"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a new keeper would stand.

    Parameters
    ----------
    xy : (2,) metres
        In the working CRS.
    notes : tuple of str
        What the reader should know, e.g. that it is outside the jurisdiction.
    """

    xy: Floats
    notes: tuple[str, ...]


def spot_of(plan: Plan, *place: Any) -> Spot:
    """Find the place of a new keeper; everything that `Plan.who` takes for one place is a place.

    Raises
    ------
    ConfigError
        GM107 if it cannot be understood or found.
    """
    xy, notes = find_position(plan, *place)
    if not np.isfinite(xy).all():
        raise ConfigError(
            "GM107",
            "the project's CRS has no position for the place",
            where="adding",
            fix="give a place nearer to the jurisdiction",
        )
    jurisdiction = plan.made.ground.jurisdiction
    if jurisdiction is not None:
        whole = np.array([jurisdiction], dtype=object)
        if geo.contain(xy[None, :], whole, np.array([NEW], dtype=object)).lead[0] < 0:
            notes = (*notes, OUTSIDE)
    return Spot(xy, notes)


def refuse_other(as_: Any, where: str = "as") -> None:
    """Refuse what is neither an outpost nor a stronghold.

    Raises
    ------
    ConfigError
        GM106.
    """
    if as_ not in KEEPERS:
        raise ConfigError("GM106", f"no such keeper: {as_}", where=where, fix=suggest(str(as_), KEEPERS))


def new_post(plan: Plan, spot: Spot, *, as_: str, unit: str | None) -> Posts:
    """Return a keeper at a place.

    Parameters
    ----------
    plan : Plan
        The arrangement.
    spot : Spot
        Where.
    as_ : {"outpost", "stronghold"}
        What it is.
    unit : str, optional
        Its unit. An outpost without one is taken to keep the line.

    Raises
    ------
    ConfigError
        GM106 if it is neither; GM105 if there is no such unit.
    """
    refuse_other(as_)
    ground = plan.made.ground
    known = ground.tables["unit"]["id"].tolist() if "unit" in ground.tables else []
    if unit is not None and unit not in known:
        raise ConfigError("GM105", f"no such unit: {unit}", where="unit", fix=suggest(str(unit), known))
    line = as_ == OUTPOST and (unit is None or unit in ground.line_units)
    kind = OUTPOST if as_ == OUTPOST else HOUSEHOLD
    kinds, ids, units = (np.array([one], dtype=object) for one in (kind, NEW, unit))
    return Posts(kinds, ids, units, spot.xy[None, :], np.array([line]))
