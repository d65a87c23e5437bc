"""What a station says of a place that is not quite where one would think: far off, or nearer to elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap import geo
from gridmap.errors import ConfigError

if TYPE_CHECKING:
    from gridmap.project.stationing import Measured, Station

STILL_M = 1e-3
TURN = 360.0


def outside_notes(where: Measured, xy: Any, away_m: float) -> tuple[str, ...]:
    """Say that a place is outside the area: outside the jurisdiction, and beyond the belt of the border.

    Parameters
    ----------
    where : Measured
        The border, and the jurisdiction; without one the belt alone decides.
    xy : array_like, shape (2,)
        The place in the project's CRS.
    away_m : float
        Metres from it to the border.

    Returns
    -------
    tuple of str
        One note, or none.
    """
    belt, whole = where.area.spec.layers.line.belt_m, where.ground.jurisdiction
    if away_m <= belt:
        return ()
    if whole is not None and bool(geo.inside(np.asarray(xy, dtype=np.float64).reshape(1, 2), whole)[0]):
        return ()
    told = f"this place is outside the area: the border is {away_m:,.0f} m away, the belt is {belt:,.0f} m"
    return (told if whole is None else f"{told}, and it is outside the jurisdiction",)


def moved_notes(where: Measured, found: Station, along: float, foot: tuple[float, float]) -> tuple[str, ...]:
    """Say that another stretch of the border is nearer to a place than the chainage that was asked for.

    Parameters
    ----------
    where : Measured
        The border.
    found : Station
        The place as it stands to the border.
    along, foot : float, (float, float)
        The chainage that was asked for, and where it is in degrees.

    Returns
    -------
    tuple of str
        One note, or none.
    """
    # The two ends of a closed line are one place.
    _, _, apart = geo.geod(where.border.crs).inv(found.foot_lon, found.foot_lat, *foot)
    if min(apart, abs(found.chainage_m - along)) <= STILL_M:
        return ()
    nearer = f"{found.said}, {found.offset_m:.1f} m off"
    return (f"another stretch of the border is nearer to this place: {nearer}",)


def refuse_unmeasured(xy: Any) -> None:
    """Refuse a place, shape (2,), where the project's CRS is not defined (GM107)."""
    if not np.isfinite(xy).all():
        raise ConfigError(
            "GM107",
            "this place is beyond what the coordinate reference system of the project can hold",
            where="the place",
            fix="write longitude first; only places on the border's side of the earth are measured",
        )


def as_typed(where: Measured, found: Station, place: geo.Place) -> Station:
    """Return a station with the degrees that were typed, and measured from the border to them.

    Half round the earth a projection does not lead back to where it came from.
    """
    if place.lon is None or place.lat is None:
        return found
    typed = replace(found, lon=place.lon, lat=place.lat)
    if found.offset_m == 0.0:
        return typed
    azimuth, _, metres = geo.geod(where.border.crs).inv(found.foot_lon, found.foot_lat, place.lon, place.lat)
    return replace(typed, offset_m=round(metres, 3), bearing_deg=azimuth % TURN)
