"""The answer at a place: who answers here on each layer, and why nobody does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap import geo
from gridmap.assign.columns import texts
from gridmap.assign.ground import Bools, Floats, Ground, Objects
from gridmap.assign.intervals import MM, Ints, Ladder, to_m, to_mm
from gridmap.model import LAYERS, Answer, AreaAnswer, LineAnswer, PointAnswer
from gridmap.model.answer import note

EDGE_MM = 1
OUTSIDE = note("outside")
SEPARATOR = "; "

Also = list[tuple[str, ...]]


class Keepers(Protocol):
    """What an answer is looked up in: an `Arrangement`, or what a view holds of one (`Seen`)."""

    @property
    def border(self) -> geo.Border | None:
        """The one border."""

    @property
    def ground(self) -> Ground:
        """Townships, zones, strongholds and the settings."""

    @property
    def sections(self) -> pd.DataFrame:
        """``id`` and ``unit`` of the sections."""

    @property
    def ladder(self) -> Ladder:
        """The border cut at every end of a section; members are positions in `sections`."""

    def holds(self, _what: str) -> bool:
        """Say whether all of a layer (or of ``border``, ``admin``) is known: only then is a gap one."""


@dataclass(frozen=True, slots=True)
class _Line:
    """Section (position or -1), chainage and distance in millimetres, and who else claims it."""

    section: Ints
    chainage: Ints
    away: Ints
    also: Also


@dataclass(frozen=True, slots=True)
class _Area:
    """Zone (position or -1), and who else claims the place."""

    zone: Ints
    also: Also


@dataclass(frozen=True, slots=True)
class _Point:
    """Nearest stronghold (position or -1), its distance in millimetres, whether in reach, bearing."""

    nearest: Ints
    away: Ints
    served: Bools
    bearing: Floats


@dataclass(frozen=True, slots=True)
class _Found:
    """All that is known about n places."""

    inside: Bools
    line: _Line
    area: _Area
    point: _Point
    notes: Also


def answer(arrangement: Keepers, xy: npt.ArrayLike) -> Answer:
    """Say who answers at one place.

    Parameters
    ----------
    arrangement : Arrangement or Seen
        Made by `arrange`, or by `seen` of a view.
    xy : (2,) metres
        The place in the working CRS.

    Returns
    -------
    Answer
        A layer that nobody keeps here is None, and a note says why.
    """
    return each_answer(arrangement, np.asarray(xy, dtype=np.float64).reshape(1, 2))[0]


def each_answer(arrangement: Keepers, xy: npt.ArrayLike) -> tuple[Answer, ...]:
    """Say who answers at each of many places; the same as `answer` at each, found all at once."""
    places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    found = _find(arrangement, places)
    return tuple(
        Answer(
            line=_line_answer(arrangement, found.line, at),
            area=_area_answer(arrangement, found.area, at),
            point=_point_answer(arrangement, found.point, at),
            notes=found.notes[at],
        )
        for at in range(len(places))
    )


def answers(arrangement: Keepers, xy: npt.ArrayLike) -> pd.DataFrame:
    """Say who answers at many places at once; the same as `answer` at each.

    Parameters
    ----------
    arrangement : Arrangement or Seen
        Made by `arrange`, or by `seen` of a view.
    xy : (n, 2) metres
        Places in the working CRS; a place with NaN has no answer.

    Returns
    -------
    DataFrame, n rows
        ``section``, ``line_unit``, ``chainage_m``, ``border_m``, ``zone``, ``area_unit``, ``stronghold``,
        ``point_unit``, ``stronghold_m``, ``bearing_deg``, ``also_line``, ``also_area``, ``notes``; missing
        where nobody answers. Several ids or notes in one cell are joined by ``"; "``.
    """
    found = _find(arrangement, np.asarray(xy, dtype=np.float64).reshape(-1, 2))
    ground, sections = arrangement.ground, arrangement.sections
    line, point = found.line, found.point
    kept, served = line.section >= 0, point.served
    stronghold = np.where(served, point.nearest, -1)
    return pd.DataFrame(
        {
            "section": _pick(texts(sections["id"]), line.section),
            "line_unit": _pick(texts(sections["unit"]), line.section),
            "chainage_m": np.where(kept, to_m(line.chainage), np.nan),
            "border_m": np.where(kept, to_m(line.away), np.nan),
            "zone": _pick(ground.zones.ids, found.area.zone),
            "area_unit": _pick(ground.zones.unit, found.area.zone),
            "stronghold": _pick(ground.strongholds.ids, stronghold),
            "point_unit": _pick(ground.strongholds.unit, stronghold),
            "stronghold_m": np.where(served, to_m(point.away), np.nan),
            "bearing_deg": np.where(served, point.bearing, np.nan),
            "also_line": _joined(line.also),
            "also_area": _joined(found.area.also),
            "notes": _joined(found.notes),
        }
    )


def _find(made: Keepers, xy: Floats) -> _Found:
    """Look the places up on every layer; outside the jurisdiction nothing answers."""
    placed: Bools = np.asarray(np.isfinite(xy).all(axis=1), dtype=bool)
    chainage, away = _along(made, xy, placed)
    inside = _inside(made, xy, placed, away)
    ruled = {use.layer for use in made.ground.spec.rules}
    line = _line(made, chainage, away, inside)
    area = _area(made, xy, inside & ("area" in ruled))
    point = _point(made, xy, inside & ("point" in ruled))
    notes = [
        _notes(made, at, line=line, area=area, point=point) if one else (OUTSIDE,)
        for at, one in enumerate(inside.tolist())
    ]
    unruled = tuple(note("unruled", layer=layer) for layer in LAYERS if layer not in ruled)
    return _Found(inside, line, area, point, [(*each, *unruled) for each in notes])


def _along(made: Keepers, xy: Floats, placed: Bools) -> tuple[Ints, Ints]:
    """Return chainage and distance to the border in millimetres, -1 where there is none."""
    chainage, away = np.full(len(xy), -1, np.int64), np.full(len(xy), -1, np.int64)
    if made.border is not None and placed.any():
        located = made.border.locate(xy[placed])
        chainage[placed] = np.minimum(to_mm(located.chainage_m), made.ground.length_mm)
        away[placed] = to_mm(located.distance_m)
    return chainage, away


def _inside(made: Keepers, xy: Floats, placed: Bools, away: Ints) -> Bools:
    """Return which places are inside; the jurisdiction's edge and the border itself are."""
    whole = made.ground.jurisdiction
    if whole is None:
        return placed
    inside = (away >= 0) & (away <= EDGE_MM)
    inside[placed] |= geo.inside(xy[placed], whole)
    return inside


def _line(made: Keepers, chainage: Ints, away: Ints, inside: Bools) -> _Line:
    near = inside & (away >= 0) & (away <= to_mm(made.ground.spec.layers.line.belt_m))
    rung = np.where(near, made.ladder.rung(chainage), -1)
    members = made.ladder.members
    held = [members[each] if each >= 0 else () for each in rung.tolist()]
    names = texts(made.sections["id"])
    return _Line(
        section=np.array([each[0] if each else -1 for each in held], dtype=np.int64),
        chainage=chainage,
        away=away,
        also=[tuple(names[list(each[1:])]) if len(each) > 1 else () for each in held],
    )


def _area(made: Keepers, xy: Floats, inside: Bools) -> _Area:
    zones = made.ground.zones
    zone = np.full(len(xy), -1, np.int64)
    also: Also = [()] * len(xy)
    rows = np.nonzero(inside)[0]
    if len(zones.ids) and len(rows):
        found = geo.contain(xy[rows], zones.shapes, zones.ids)
        zone[rows] = found.lead
        for row, other in found.extra.tolist():
            also[rows[row]] = (*also[rows[row]], zones.ids[other])
    return _Area(zone, [tuple(sorted(each)) for each in also])


def _point(made: Keepers, xy: Floats, inside: Bools) -> _Point:
    strongholds, crs = made.ground.strongholds, made.ground.spec.crs
    nearest, away = np.full(len(xy), -1, np.int64), np.full(len(xy), -1, np.int64)
    bearing = np.full(len(xy), np.nan)
    rows = np.nonzero(inside)[0]
    if len(strongholds.ids) and len(rows):
        found = geo.nearest(xy[rows], strongholds.ids, strongholds.xy, crs)
        nearest[rows], away[rows] = found.index, to_mm(found.metres)
        bearing[rows] = geo.bearing(xy[rows], strongholds.xy[found.index], crs)
    served = (nearest >= 0) & (away >= 0) & (away <= to_mm(made.ground.spec.layers.point.reach_m))
    return _Point(nearest, away, served, np.round(bearing, 3) % 360)


def _notes(made: Keepers, at: int, *, line: _Line, area: _Area, point: _Point) -> tuple[str, ...]:
    """Say why a layer has no answer at a place inside, and what a view may lack."""
    said: list[str] = []
    if made.ground.jurisdiction is None:
        said.append(note("jurisdiction" if made.holds("admin") else "unseen-jurisdiction"))
    if line.section[at] < 0:
        said.append(_line_note(made, int(line.chainage[at]), int(line.away[at])))
    ruled = {use.layer for use in made.ground.spec.rules}
    if area.zone[at] < 0 and "area" in ruled:
        said.append(note("zone") if made.holds("area") else note("unseen-layer", layer="area"))
    if not point.served[at] and "point" in ruled:
        said.append(_point_note(made, int(point.nearest[at]), int(point.away[at])))
    elif "point" in ruled and not made.holds("point"):
        said.append(note("unseen-nearer"))
    return tuple(said)


def _line_note(made: Keepers, chainage: int, away: int) -> str:
    belt = made.ground.spec.layers.line.belt_m
    if away < 0:
        return note("border" if made.holds("border") else "unseen-border")
    if away > to_mm(belt):
        return note("belt", away=f"{away / MM:,.0f}", belt=f"{belt:,.0f}")
    if not made.holds("line"):
        return note("unseen-layer", layer="line")
    return note("gap", chainage=f"{chainage / MM:,.0f}")


def _point_note(made: Keepers, nearest: int, away: int) -> str:
    if not made.holds("point"):
        return note("unseen-layer", layer="point")
    if nearest < 0:
        return note("stronghold")
    reach = made.ground.spec.layers.point.reach_m
    name = made.ground.strongholds.ids[nearest]
    return note("reach", reach=f"{reach:,.0f}", name=name, away=f"{away / MM:,.0f}")


def _line_answer(made: Keepers, line: _Line, row: int) -> LineAnswer | None:
    at = int(line.section[row])
    if at < 0:
        return None
    section, unit = made.sections["id"].iloc[at], made.sections["unit"].iloc[at]
    along, away = float(line.chainage[row]) / MM, float(line.away[row]) / MM
    return LineAnswer(section, None if pd.isna(unit) else unit, along, away, line.also[row])


def _area_answer(made: Keepers, area: _Area, row: int) -> AreaAnswer | None:
    at, zones = int(area.zone[row]), made.ground.zones
    return AreaAnswer(zones.ids[at], zones.unit[at], area.also[row]) if at >= 0 else None


def _point_answer(made: Keepers, point: _Point, row: int) -> PointAnswer | None:
    at, strongholds = int(point.nearest[row]), made.ground.strongholds
    if not point.served[row]:
        return None
    away, bearing = float(point.away[row]) / MM, float(point.bearing[row])
    return PointAnswer(strongholds.ids[at], strongholds.unit[at], away, bearing)


def _pick(values: Objects, at: Ints) -> Any:
    """Return the values at positions as text, missing at -1."""
    return pd.array(np.concatenate([values, [None]])[at], dtype="str")


def _joined(cells: Also) -> Any:
    return pd.array([SEPARATOR.join(each) if each else None for each in cells], dtype="str")
