"""Chainage of a project: places to chainage and back, landmarks, and kilometre posts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from gridmap import checks, geo
from gridmap.assign.ground import Features, Ground, survey
from gridmap.errors import AssignmentError, ConfigError
from gridmap.geo import stationing as lines
from gridmap.geo.aiming import aside
from gridmap.geo.calibration import Calibration, calibrate
from gridmap.geo.stationing import LEFT, ON, RIGHT, SIDES, spoken
from gridmap.model import Findings
from gridmap.project.lookup import find_position
from gridmap.project.station_notes import as_typed, moved_notes, outside_notes, refuse_unmeasured

if TYPE_CHECKING:
    from gridmap.model.datums import Datum
    from gridmap.project.area import Area
    from gridmap.project.asking import Asked

LANDMARK, MARKER, OUTPOST = "landmark", "marker", "outpost"
# What stands farther from the border does not mark it: the limit of the check marker-off-border.
ON_LINE_M = 500.0
SURVEYED = re.compile(r"^\s*[SsＳｓ](?=\s*[KkＫｋ])")
HANDS = {"left": LEFT, "right": RIGHT, "on": ON, "左": LEFT, "右": RIGHT, "左侧": LEFT, "右侧": RIGHT}
SHOWN = 5
CORNER = "the nearest place of the border is a corner or an end: the bearing, not the side, leads back here"


@dataclass(frozen=True)
class Measured:
    """A project's border as chainage is measured along it. Make it with `measured`.

    Parameters
    ----------
    area : Area
        The project.
    tables : mapping of str to frame
        Its tables; geometries in the project's CRS.
    ground : Ground
        The same as arrays, without what stands where nothing can.
    border : Border
        The one border.
    """

    area: Area
    tables: Mapping[str, pd.DataFrame]
    ground: Ground
    border: geo.Border

    @property
    def made(self) -> Measured:
        """Itself: what `find_position` asks for the border and the jurisdiction."""
        return self

    @cached_property
    def calibration(self) -> Calibration | None:
        """From measured to surveyed chainage; None if the settings do not ask for it, or nothing is surveyed.

        Landmarks whose surveyed chainage contradicts others do not count; `notes` names them.
        """
        found = self._calibrating
        if found is None:
            return None
        given = found["surveyed_m"].to_numpy(dtype=float, na_value=np.nan)
        return calibrate(found["chainage_m"], given, found["id"].tolist())

    @cached_property
    def _calibrating(self) -> pd.DataFrame | None:
        """The landmarks that may calibrate the border; None if the settings do not ask for it."""
        found = self.landmarks() if self.area.spec.stationing.calibrate else None
        if found is None or "surveyed_m" not in found.columns:
            return None
        if not pd.api.types.is_numeric_dtype(found["surveyed_m"]):
            return None
        return found[found["offset_m"] <= ON_LINE_M]

    @property
    def notes(self) -> tuple[str, ...]:
        """What who reads a surveyed chainage should know: which landmarks contradict others."""
        found, known = self._calibrating, self.calibration
        if found is None or known is None:
            return ()
        ids = found["id"].tolist()
        told = [
            f"{LANDMARK}:{ids[one]} (against {LANDMARK}:{ids[other]})"
            for one, other in known.left_out[:SHOWN]
        ]
        if not told:
            return ()
        why = "left out of the calibration, because surveyed chainage does not rise along the border there: "
        more = len(known.left_out) - len(told)
        return (why + ", ".join(told) + (f" and {more} more" if more else ""),)

    def surveyed(self, chainage_m: float) -> float | None:
        """Return the surveyed chainage of a measured one; None without a calibration."""
        return None if self.calibration is None else float(self.calibration.to_surveyed(chainage_m))

    def said(self, chainage_m: float) -> str:
        """Return a chainage in words: ``K23+450``, and the surveyed one where there is a calibration."""
        other = self.surveyed(chainage_m)
        # West of where the survey begins there is no surveyed chainage to speak of.
        if other is None or round(other, 3) < 0.0:
            return spoken(chainage_m)
        return f"{spoken(chainage_m)} (surveyed {spoken(max(other, 0.0))})"

    def landmarks(self, *, only: str | None = None) -> pd.DataFrame | None:
        """Return landmarks (of one class) with their chainage, in the order of it; None without the kind."""
        frame, found = self.ground.tables.get(LANDMARK), self.ground.of(LANDMARK)
        if frame is None:
            return None
        rows = found.usable.copy()
        if only is not None and "class" not in frame.columns:
            rows[:] = False
        elif only is not None:
            rows &= frame["class"].eq(only).fillna(value=False).to_numpy(dtype=bool)
        at = lines.stationed(self.border, found.xy[rows])
        kept = [one for one in ("id", "class", "number", "name", "surveyed_m") if one in frame.columns]
        table = pd.DataFrame(frame[kept].loc[rows]).reset_index(drop=True)
        table["chainage_m"] = np.round(at.chainage_m, 3)
        table["offset_m"] = np.round(at.offset_m, 3)
        table["side"] = [SIDES[one] for one in at.side.tolist()]
        return table.sort_values(["chainage_m", "id"], kind="stable", ignore_index=True)

    def outposts(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Return ids and chainage of the outposts of line units inside the belt, in the order of ids."""
        found: Features = self.ground.of(OUTPOST)
        rows = np.flatnonzero(found.usable & self.ground.leads_line(found))
        at = self.border.locate(found.xy[rows])
        near = at.distance_m <= self.area.spec.layers.line.belt_m
        return found.ids[rows[near]], at.chainage_m[near]


@dataclass(frozen=True, slots=True)
class Station:
    """A place as it stands to the border.

    Parameters
    ----------
    lon, lat : float
        The place, in degrees of the project's own datum.
    chainage_m, surveyed_m : float, float or None
        Metres along the drawn line to the foot, and as surveyed where there is a calibration.
    offset_m, side : float, str
        Geodesic metres from the foot; left or right of the direction of chainage, or on the line.
    bearing_deg : float
        From the foot to the place, from true north.
    foot_lon, foot_lat : float
        The nearest place of the border.
    said : str
        The chainage in words.
    notes : tuple of str
        What the place was taken to be in.
    """

    lon: float
    lat: float
    chainage_m: float
    surveyed_m: float | None
    offset_m: float
    side: str
    bearing_deg: float
    foot_lon: float
    foot_lat: float
    said: str
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {**asdict(self), "notes": list(self.notes)}


def measured(area: Area, *, checked: bool = True) -> Measured:
    """Prepare to measure along an area's border.

    Parameters
    ----------
    area : Area
        The project.
    checked : bool
        Leave out rows that the checks know to be in an impossible place, as the arrangement does, so that
        chainage is the same.

    Raises
    ------
    AssignmentError
        GM501 if there is no usable border.
    """
    tables = area.frames()
    known = checks.check_tables(tables, area.spec) if checked else Findings()
    try:
        ground = survey(tables, area.spec, known=known)
    except AssignmentError:
        # Nothing at all to arrange: then there is no border either, and that is what is asked for.
        ground = None
    if ground is None or ground.border is None:
        raise AssignmentError(
            "GM501",
            "there is no border to measure along",
            where="the table border",
            fix="add a line: gridmap import FILE --as border",
        )
    return Measured(area, tables, ground, ground.border)


def station(where: Measured, *place: Any, datum: Datum | None = None) -> Station:
    """Say where a place stands to the border.

    Parameters
    ----------
    where : Measured
        The border.
    *place
        As `gridmap.Plan.who` takes it; ``SK23+910`` is a surveyed chainage.
    datum : str, optional
        What degrees are in.

    Raises
    ------
    ConfigError
        GM107 if the place cannot be understood or found, is a surveyed chainage without a calibration, or is
        where the project's CRS is not defined.
    """
    text = str(place[0]) if len(place) == 1 else ""
    if SURVEYED.match(text):
        return at_chainage(where, text)
    xy, notes = find_position(cast("Asked", where), *place, datum=datum)
    refuse_unmeasured(xy)
    found = _station(where, xy, notes)
    found = found if datum else as_typed(where, found, geo.parse_place(*place))
    return replace(found, notes=(*found.notes, *outside_notes(where, xy, found.offset_m)))


def at_chainage(
    where: Measured,
    chainage: str,
    offset_m: float = 0.0,
    side: str = "on",
    *,
    bearing_deg: float | None = None,
) -> Station:
    """Return the place at a chainage, and so far off the line.

    Parameters
    ----------
    where : Measured
        The border.
    chainage : str
        ``K23+450``, ``23450m``, or as surveyed ``SK23+910``.
    offset_m : float
        Geodesic metres off the line, not negative.
    side : {"left", "right", "on"}
        Seen in the direction of chainage, which runs west to east.
    bearing_deg : float, optional
        Instead of a side, the direction from the line in degrees from true north: at a corner of the border
        many places have one chainage, offset and side.

    Raises
    ------
    ConfigError
        GM107 for a chainage that is none or off the border; GM106 for another side, a wrong offset, or a
        bearing that leads to places with another chainage (see `geo.aiming.aside`).
    """
    along = float(lines.on_border(where.border, chainage_of(where, chainage))[0])
    xy = aside(where.border, along, offset_m, hand(side), bearing_deg=bearing_deg)
    found = _station(where, xy[0], ())
    asked = geo.to_lonlat(where.border.place(np.array([along])), where.border.crs)[0]
    moved = moved_notes(where, found, along, (asked[0], asked[1]))
    # What was asked for is said back as it was, also at a corner.
    foot = asked if bearing_deg is None or moved else (found.foot_lon, found.foot_lat)
    return replace(
        found,
        chainage_m=along,
        surveyed_m=where.surveyed(along),
        said=where.said(along),
        offset_m=float(offset_m),
        side=SIDES[hand(side)] if bearing_deg is None else found.side,
        foot_lon=float(foot[0]),
        foot_lat=float(foot[1]),
        notes=(*moved, *outside_notes(where, xy[0], found.offset_m)),
    )


def _station(where: Measured, xy: Any, notes: tuple[str, ...]) -> Station:
    crs = where.border.crs
    found = lines.stationed(where.border, xy)
    lonlat = geo.to_lonlat(np.asarray(xy).reshape(1, 2), crs)[0]
    foot = geo.to_lonlat(found.foot, crs)[0]
    along = round(float(found.chainage_m[0]), 3)
    if found.offset_m[0] > 0.0 and lines.at_corner(where.border, along)[0]:
        notes = (*notes, CORNER)
    return Station(
        lon=float(lonlat[0]),
        lat=float(lonlat[1]),
        chainage_m=along,
        surveyed_m=where.surveyed(along),
        offset_m=round(float(found.offset_m[0]), 3),
        side=SIDES[int(found.side[0])],
        bearing_deg=float(found.bearing_deg[0]),
        foot_lon=float(foot[0]),
        foot_lat=float(foot[1]),
        said=where.said(along),
        notes=notes,
    )


def chainage_of(where: Measured, text: str) -> float:
    """Return the measured chainage that a text says, in metres; GM107 if it says none."""
    surveyed = bool(SURVEYED.match(text))
    place = geo.parse_place(SURVEYED.sub("", text))
    if place.kind != "chainage" or place.chainage_m is None:
        raise ConfigError("GM107", "this is no chainage", where=text, fix="write e.g. K23+450, or 23450m")
    if not surveyed:
        return place.chainage_m
    if where.calibration is None:
        raise ConfigError(
            "GM107",
            "a surveyed chainage is given, and the border is not calibrated",
            where=text,
            fix="set calibrate = true under [stationing], and surveyed_m of at least one landmark",
        )
    return float(where.calibration.to_measured(place.chainage_m))


def hand(side: str) -> int:
    """Return 1 for left, -1 for right, 0 for on; GM106 for anything else."""
    word = side.strip().lower()
    if word not in HANDS:
        raise ConfigError("GM106", f"no such side: {side}", where="--side", fix="left, right or on")
    return HANDS[word]
