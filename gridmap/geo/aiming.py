"""A place by its chainage, its offset and a bearing: only a place that has its foot there.

The foot of a place is the nearest place of the line. On an edge that leaves two directions, square to it;
at a corner the fan outside of the turn, between the squares of the two edges; at an end of the line the
half circle beyond it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.errors import ConfigError
from gridmap.geo.crs import from_lonlat, geod, to_lonlat
from gridmap.geo.locate import NOTHING, SegmentIndex
from gridmap.geo.measure import bearing, inverse
from gridmap.geo.stationing import (
    CORNER_M,
    LEFT,
    ON,
    QUARTER,
    RIGHT,
    ROUNDED_M,
    SIDES,
    on_border,
    placed,
    spoken,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.chainage import Border

    Floats = NDArray[np.float64]
    Footed = tuple[Floats, "Fan"]

TURN = 360.0
HANDS = (LEFT, RIGHT)
# A bearing written to a tenth of a degree means the square one that it is nearest to.
ROUNDED_DEG = 0.05


@dataclass(frozen=True, slots=True)
class Fan:
    """Bearings that lead to places with one foot, clockwise from the first.

    Parameters
    ----------
    first_deg, width_deg : float
        Degrees from true north, and how far the fan opens; 0 is one bearing.
    side : int
        1 left of the direction of chainage, -1 right, 0 beyond an end of the line.
    """

    first_deg: float
    width_deg: float
    side: int

    def nearest(self, bearing_deg: float) -> tuple[float, float]:
        """Return the bearing of the fan that is nearest to one, and how far off it is."""
        past = (bearing_deg - self.first_deg) % TURN
        if past <= self.width_deg:
            return bearing_deg, 0.0
        over, under = past - self.width_deg, TURN - past
        edge = self.first_deg + (self.width_deg if over <= under else 0.0)
        return edge % TURN, min(over, under)

    def __str__(self) -> str:
        last = (self.first_deg + self.width_deg) % TURN
        span = f"{self.first_deg % TURN:.2f}" + (f" to {last:.2f}" if self.width_deg else "")
        return span if self.side == ON else f"{span} ({SIDES[self.side]})"


def fans(border: Border, chainage_m: float) -> list[Footed]:
    """Return the bearings of the places that have their foot at a chainage, if no other stretch is nearer.

    Parameters
    ----------
    border : Border
        The one border.
    chainage_m : float
        Metres along it, 0 to L. Within half a millimetre of a drawn corner, or an end, it is that corner.

    Returns
    -------
    list of (ndarray, Fan)
        The foot in the working CRS, shape (2,), and the directions. Where a hole begins the far side of it
        comes first, as `Border.place` has it.
    """
    index = SegmentIndex.of(border.parts, border.chainages, border.crs)
    found: list[Footed] = []
    for into, onto in _corners(border, index, chainage_m):
        foot = index.start[onto] if onto != NOTHING else index.end[into]
        if into == NOTHING:
            known = [Fan((_leaving(index, onto) + QUARTER) % TURN, TURN / 2, ON)]
        elif onto == NOTHING:
            known = [Fan((_arriving(index, into) - QUARTER) % TURN, TURN / 2, ON)]
        else:
            known = _corner(_arriving(index, into), _leaving(index, onto))
        found += [(foot, one) for one in known]
    if found:
        return found
    foot = border.place(np.array([chainage_m]))
    square = [
        (float(bearing(foot, placed(border, chainage_m, 1.0, one), border.crs)[0]), one) for one in HANDS
    ]
    return [(foot[0], Fan(azimuth, 0.0, one)) for azimuth, one in square]


def _corners(border: Border, index: SegmentIndex, chainage_m: float) -> list[tuple[int, int]]:
    """Return, of each corner at a chainage, the segment that leads to it and the one that leads on."""
    corners = np.concatenate([c[at] for c, at in zip(border.chainages, border.corners, strict=True)])
    away = np.abs(corners - chainage_m)
    if away.min() >= CORNER_M:
        return []
    onto = int(np.searchsorted(index.start_m, corners[np.argmin(away)], side="left"))
    last = onto - 1
    found = [] if onto == len(index.start_m) else [(int(index.before[onto]), onto)]
    if not found or (last >= 0 and index.after[last] != onto):
        found.append((last, int(index.after[last])))
    return found


def _arriving(index: SegmentIndex, segment: int) -> float:
    back = bearing(index.end[[segment]], index.start[[segment]], index.crs)
    return float(back[0]) + 2 * QUARTER


def _leaving(index: SegmentIndex, segment: int) -> float:
    return float(bearing(index.start[[segment]], index.end[[segment]], index.crs)[0])


def _corner(arriving: float, leaving: float) -> list[Fan]:
    turn = (leaving - arriving + TURN / 2) % TURN - TURN / 2
    side = LEFT if turn > 0.0 else RIGHT
    first = arriving if turn > 0.0 else leaving
    outer = Fan((first - side * QUARTER) % TURN, abs(turn), side)
    if abs(turn) > ROUNDED_DEG:
        return [outer]
    # A corner that hardly turns is an edge: what lies inside of the turn is square to it, too.
    return [outer, Fan((arriving + turn / 2 + side * QUARTER) % TURN, 0.0, -side)]


def aside(
    border: Border, chainage_m: float, offset_m: float, side: int = ON, *, bearing_deg: float | None = None
) -> Floats:
    """Return the one place so far along the border and so far off it, on a side or in a direction.

    Parameters
    ----------
    border : Border
        The one border.
    chainage_m : float
        Metres along it, 0 to L.
    offset_m : float
        Geodesic metres off it, not negative; with 0 side and bearing have no meaning.
    side : int
        1 left, -1 right, 0 on the line.
    bearing_deg : float, optional
        Instead of a side: from the line to the place, 0 to 360 degrees from true north. One within
        0.05 degrees of a square to the line is taken for it.

    Returns
    -------
    ndarray, shape (1, 2)
        The place in the working CRS.

    Raises
    ------
    ConfigError
        GM107 for a chainage that is not on the border; GM106 for an offset that is negative, no number, or
        beyond what the CRS can hold, and for a bearing that is none or leads to places that are not there.
    """
    along = float(on_border(border, chainage_m)[0])
    if not 0.0 <= offset_m < np.inf:
        raise ConfigError(
            "GM106",
            "this is no offset",
            where=f"offset {offset_m:g}",
            fix="give metres off the line, not negative",
        )
    if bearing_deg is None:
        foot, place = border.place(np.array([along])), placed(border, along, offset_m, side)
    else:
        foot, place = _aimed(border, along, offset_m, bearing_deg)
    _, metres = inverse(to_lonlat(foot, border.crs), to_lonlat(place, border.crs), border.crs)
    if not abs(metres[0] - offset_m) <= ROUNDED_M:
        raise ConfigError(
            "GM106",
            "the offset leads out of what the coordinate reference system of the project can hold",
            where=f"offset {offset_m:g}",
            fix="give the place itself as longitude and latitude",
        )
    return place


def _aimed(border: Border, along: float, offset_m: float, bearing_deg: float) -> tuple[Floats, Floats]:
    if not 0.0 <= bearing_deg <= TURN:
        raise ConfigError(
            "GM106",
            "this is no bearing",
            where=f"bearing {bearing_deg:g}",
            fix="give degrees from north, 0 to 360",
        )
    known = fans(border, along)
    aims = [(*fan.nearest(bearing_deg), fan, foot.reshape(1, 2)) for foot, fan in known]
    azimuth, off, fan, foot = min(aims, key=lambda one: one[1])
    if offset_m == 0.0:
        return foot, foot
    if off > ROUNDED_DEG:
        told = " or ".join(str(one) for _, one in known)
        raise ConfigError(
            "GM106",
            f"places in this direction do not have {spoken(along)} as their chainage",
            where=f"bearing {bearing_deg:g}",
            fix=f"give degrees from north: {told}; or a side instead",
        )
    if fan.side != ON and fan.width_deg == 0.0:
        return foot, placed(border, along, offset_m, fan.side)
    start = to_lonlat(foot, border.crs)
    lon, lat, _ = geod(border.crs).fwd(start[:, 0], start[:, 1], [azimuth], [offset_m])
    return foot, from_lonlat(np.column_stack([lon, lat]), border.crs)
