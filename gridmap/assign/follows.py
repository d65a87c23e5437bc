"""What only follows from a fault that is reported already.

Each question is as narrow as the data allow: a fault explains what lies at its place, or what its row
took from the arrangement; a fault of a name or a reference explains no gap in the ground.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridmap import geo
from gridmap.assign.columns import texts
from gridmap.assign.ground import (
    ADMIN,
    BORDER,
    HOUSEHOLD,
    OUTPOST,
    PLAN,
    UNIT,
    ZONE,
    Bools,
    Features,
    Ground,
    Objects,
)
from gridmap.assign.intervals import Ints, to_mm
from gridmap.model import Finding, Findings

# Codes, or how they begin, by what they can explain. A code that is not here explains nothing: a place
# listed twice is better than one not listed.
# The outline or position of a row is wrong: all of it is in doubt.
OF_THE_ROW = ("geometry-", "coordinates-", "polygon-tiny", "line-zero-length")
# What the jurisdiction is made of.
OF_TOWNSHIPS = ("township-", "level-unknown")
OF_BORDER = ("border-",)
OF_POSITION = ("position-across", "position-outside")
TOUCH_M = 0.01


@dataclass(frozen=True)
class Known:
    """The known faults, sorted by what they can explain.

    Parameters
    ----------
    ground : Ground
        What the arrangement is made from.
    errors : mapping of table to ids
        Rows with a fault at error level.
    misplaced_rows : mapping of table to ids
        Rows whose position is in doubt.
    areas, lines : arrays of geometries
        Places of faults of townships and zones, and of the border.
    """

    ground: Ground
    errors: Mapping[str, frozenset[str]]
    misplaced_rows: Mapping[str, frozenset[str]]
    areas: Objects
    lines: Objects

    @classmethod
    def of(cls, ground: Ground, findings: Findings) -> Known:
        """Sort findings. Only errors explain: no error goes unreported, exit code and all, for a warning."""
        told = [one for one in findings if one.level == "error"]
        position = [one for one in told if one.code.startswith(OF_THE_ROW + OF_POSITION)]
        return cls(
            ground=ground,
            errors=_rows(told),
            misplaced_rows=_rows(position),
            areas=_places(ground, told, tables=(ADMIN, ZONE), codes=OF_THE_ROW + OF_TOWNSHIPS),
            lines=_places(ground, told, tables=(BORDER,), codes=OF_THE_ROW + OF_BORDER),
        )

    def reports(self, table: str, rows: Iterable[str]) -> bool:
        """Whether one of the rows has a known fault at error level."""
        return not self.errors.get(table, frozenset()).isdisjoint(rows)

    def explains_patch(self, patch: Any) -> bool:
        """Whether a gap or overlap of zones lies at the place of a known fault, touching included."""
        return bool(len(self.areas)) and bool(shapely.dwithin(self.areas, patch, TOUCH_M).any())

    def explains_line_gap(self, start: int, stop: int, place: Any) -> bool:
        """Whether a gap in the line lies on a faulty part of the border, or where a faulty row led."""
        if len(self.lines) and shapely.dwithin(self.lines, place, TOUCH_M).any():
            return True
        return self._planned(start, stop) or self._kept(start, stop)

    def _planned(self, start: int, stop: int) -> bool:
        """Whether a faulty row of the section plan names part of the stretch."""
        plan = self.ground.tables.get(PLAN)
        if plan is None or not len(plan):
            return False
        faulty = plan["id"].isin(self.errors.get(PLAN, frozenset())).to_numpy(dtype=bool)
        ends = np.column_stack([to_mm(plan["from_m"]), to_mm(plan["to_m"])])
        return bool((faulty & (ends.min(axis=1) < stop) & (ends.max(axis=1) > start)).any())

    def _kept(self, start: int, stop: int) -> bool:
        """Whether an outpost that takes no part because of a fault could lead the whole stretch."""
        ground, outposts = self.ground, self.ground.of(OUTPOST)
        if ground.border is None:
            return False
        xy = outposts.xy[self._idle(outposts) & outposts.usable]
        if not len(xy):
            return False
        at = to_mm(ground.border.locate(xy).chainage_m)
        reach = int(to_mm(ground.spec.layers.line.section_reach_m))
        return bool(((at - reach <= start) & (stop <= at + reach)).any())

    def _idle(self, outposts: Features) -> Bools:
        """Return which outposts take no part because of a reported fault of their unit."""
        nobody = np.array([unit is None for unit in outposts.unit], dtype=bool)
        faulty = self.errors.get(UNIT, frozenset()) - self.ground.line_units
        unkept = np.array([unit in faulty for unit in outposts.unit], dtype=bool)
        own = _chosen(outposts.ids, self.errors.get(OUTPOST, frozenset())) & nobody
        return np.asarray(own | unkept, dtype=bool)

    def covers(self, features: Features, rows: Ints) -> Bools:
        """Return which points stand at the place of a known fault of the townships or zones."""
        found = np.zeros(len(rows), dtype=bool)
        if len(self.areas) and len(rows):
            points = shapely.points(features.points.at(rows))
            found[shapely.STRtree(self.areas).query(points, predicate="dwithin", distance=TOUCH_M)[0]] = True
        return found

    def misplaced(self, features: Features, rows: Ints) -> Bools:
        """Return which of some rows of a kind have a known fault of their position."""
        faulty = self.misplaced_rows.get(features.kind, frozenset())
        return np.isin(rows, _positions(features.ids, faulty)) if faulty else np.zeros(len(rows), dtype=bool)

    def near_doubtful(self, homes: Features, rows: Ints) -> Bools:
        """Return which homes may have a stronghold in reach that is not marked for lack of a value.

        A home whose ``stronghold`` is missing is reported for that; that it and its neighbours have no
        stronghold would only follow.
        """
        none = np.zeros(len(rows), dtype=bool)
        faulty = _positions(homes.ids, self.errors.get(HOUSEHOLD, frozenset()))
        if not len(rows) or not len(faulty):
            return none
        frame = self.ground.tables[HOUSEHOLD]
        if "stronghold" not in frame.columns:
            return none
        unknown = frame["stronghold"].isna().to_numpy(dtype=bool)[faulty]
        doubtful = faulty[unknown & homes.usable[faulty]]
        if not len(doubtful):
            return none
        found = geo.nearest(
            homes.points.at(rows), homes.ids[doubtful], homes.points.at(doubtful), self.ground.spec.crs
        )
        reach = to_mm(self.ground.spec.layers.point.reach_m)
        away = to_mm(found.metres)
        return np.asarray((away >= 0) & (away <= reach), dtype=bool)


def _rows(findings: Iterable[Finding]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in findings:
        if one.id is not None:
            found.setdefault(one.table, set()).add(one.id)
    return {table: frozenset(ids) for table, ids in found.items()}


def _positions(ids: Objects, wanted: Collection[str]) -> Ints:
    """Return where some ids stand among ascending ones; those that are not there are left out."""
    asked = np.array(sorted(wanted), dtype=object)
    at = np.searchsorted(ids, asked) if len(asked) else np.empty(0, dtype=np.int64)
    there = at < len(ids)
    there[there] = ids[at[there]] == asked[there]
    return at[there].astype(np.int64)


def _chosen(ids: Objects, wanted: Collection[str]) -> Bools:
    found = np.zeros(len(ids), dtype=bool)
    found[_positions(ids, wanted)] = True
    return found


def _places(
    ground: Ground, findings: list[Finding], *, tables: tuple[str, ...], codes: tuple[str, ...]
) -> Objects:
    """Return the places of faults in some tables: the fault's own, and all of a row that is wrong itself."""
    told = [one for one in findings if one.table in tables]
    unlevelled = _unlevelled(ground) if any(one.table == ADMIN for one in told) else frozenset()
    found: list[Any] = []
    for one in told:
        whole = one.code.startswith(OF_THE_ROW) or (one.table == ADMIN and one.id in unlevelled)
        if not (whole or one.code.startswith(codes)):
            continue
        found.append(one.geometry)
        if whole and one.id is not None:
            features = ground.of(one.table)
            found.extend(features.shapes[features.ids == one.id])
    shapes = np.empty(len(found), dtype=object)
    shapes[:] = found
    return _sound(shapes)


def _unlevelled(ground: Ground) -> frozenset[str]:
    """Return the ids of admin rows without a level of the project: they may be townships."""
    frame = ground.tables.get(ADMIN)
    if frame is None:
        return frozenset()
    return frozenset(texts(frame.loc[~frame["level"].isin(ground.spec.level_names), "id"]))


def _sound(shapes: Objects) -> Objects:
    finite = np.isfinite(shapely.bounds(shapes)).all(axis=1) if len(shapes) else np.empty(0, dtype=bool)
    kept = shapes[finite & ~shapely.is_empty(shapes) & ~shapely.is_missing(shapes)]
    return np.asarray(shapely.make_valid(kept), dtype=object)
