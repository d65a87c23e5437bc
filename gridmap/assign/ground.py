"""The ground that rules work on: every kind as columnar arrays, in the order of ids.

Faulty rows are told apart here, once: what has no usable geometry takes no part and never
crashes a rule; what is wrong with it is for the checks to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap import geo
from gridmap.assign.columns import (
    Names,
    geometries,
    nothing,
    on_earth,
    polygons,
    positions,
    still_placed,
    texts,
)
from gridmap.assign.index import Index
from gridmap.assign.points import Points
from gridmap.assign.rows import in_order, lost_rows
from gridmap.config import ProjectSpec
from gridmap.errors import AssignmentError
from gridmap.model import Findings

Tables = Mapping[str, pd.DataFrame]
Objects = npt.NDArray[np.object_]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

# Kinds that the three layers are about, as DESIGN names them.
BORDER, ADMIN, UNIT, OUTPOST = "border", "admin", "unit", "outpost"
HOUSEHOLD, ZONE, PLAN = "household", "patrol_zone", "section_plan"


@dataclass(frozen=True, slots=True)
class Features:
    """One kind as arrays of one length, in code-point order of the ids.

    Parameters
    ----------
    kind : str
        The kind.
    names : Names
        Their ids, ascending; `ids` has them as an array of texts, made when somebody first asks.
    unit : (n,) text or None
        The unit's id where the row names one that exists.
    usable : (n,) bool
        Whether the geometry can take part.
    points : Points
        Positions of points in the working CRS, NaN where not usable or not a point; `xy` has them as an
        array, shape (n, 2).
    shapes : (n,) polygons or None
        Valid polygons of a polygon kind; None where not usable.
    """

    kind: str
    names: Names
    unit: Objects
    usable: Bools
    points: Points
    shapes: Objects

    @property
    def ids(self) -> Objects:
        """The ids as texts, shape (n,), ascending."""
        return self.names.texts

    @property
    def xy(self) -> Floats:
        """Positions of all, shape (n, 2); of a few `points.at` has them sooner."""
        return self.points.xy

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.usable)


@dataclass(frozen=True)
class Ground:
    """What an arrangement is made from; nothing in it changes.

    Parameters
    ----------
    spec : ProjectSpec
        The settings.
    border : Border or None
        The one border; None if no row of it is usable.
    jurisdiction : Polygon, MultiPolygon or None
        The union of the townships; None if no row of them is usable.
    features : mapping of str to Features
        Every kind of points or polygons.
    zones, strongholds : Features
        The targets of the area and the point layer: those that can take part.
    flagged : (n,) bool
        Whether each household is marked as a stronghold.
    units, line_units : frozenset of str
        Ids of all units, and of those that keep the line.
    lost : mapping of str to ids
        Rows of a kind whose stored position is known to be impossible: they take no part.
    index : Index
        The targets, prepared for many places.
    tables : mapping of str to frame
        The tables in the order of ids.
    """

    spec: ProjectSpec
    border: geo.Border | None
    jurisdiction: Any
    features: Mapping[str, Features]
    zones: Features
    strongholds: Features
    flagged: Bools
    units: frozenset[str]
    line_units: frozenset[str]
    lost: Mapping[str, frozenset[str]]
    index: Index = field(repr=False)
    tables: Tables = field(repr=False)

    @property
    def length_mm(self) -> int:
        """The border's length in whole millimetres; 0 without a border."""
        return 0 if self.border is None else round(self.border.length_m * 1000)

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing to arrange: no border, no jurisdiction, no household with a place."""
        return self.border is None and self.jurisdiction is None and not self.of(HOUSEHOLD).usable.any()

    def of(self, kind: str) -> Features:
        """Return the arrays of a kind; no rows if the project has no such kind."""
        return self.features.get(kind) or _no_features(kind)

    def leads_line(self, features: Features) -> Bools:
        """Whether each feature belongs to a unit that keeps the line."""
        return np.array([unit in self.line_units for unit in features.unit], dtype=bool)


def survey(
    tables: Tables, spec: ProjectSpec, *, known: Findings, placed: Mapping[str, Floats] | None = None
) -> Ground:
    """Prepare the ground from tables in any order of rows.

    Rows that `known` reports to be where no such row can be (swapped axes, degrees for metres…) are
    stored geometries all the same; they take no part, or one of them would shift every chainage.

    Parameters
    ----------
    tables : mapping of str to frame
        By kind.
    spec : ProjectSpec
        The settings.
    known : Findings
        What checks found in the tables.
    placed : mapping of str to (n, 2) metres, optional
        Of kinds of points the positions of all rows, where somebody has looked them up: it saves doing so
        again. NaN where a row is no point.

    Raises
    ------
    AssignmentError
        GM502 if there is nothing at all to arrange: no usable border, township or household.
    """
    lost = lost_rows(known)
    ordered = {
        kind: in_order(tables[kind], kind, lost.get(kind))
        for kind in sorted(spec.kinds.keys() & tables.keys())
    }
    units, line_units = _units(ordered.get(UNIT))
    features = {
        kind: features_of(
            kind, frame, units, spec, xy=still_placed(frame, tables[kind], (placed or {}).get(kind))
        )
        for kind, frame in ordered.items()
        if spec.kinds[kind].geometry in {"point", "polygon"}
    }
    border, aims = _border(ordered.get(BORDER), spec), targets(features, ordered)
    ground = Ground(
        spec=spec,
        border=border,
        jurisdiction=_jurisdiction(features.get(ADMIN), ordered.get(ADMIN), spec),
        features=features,
        **aims,
        units=units,
        line_units=line_units,
        lost=lost,
        index=Index(spec, border, aims["zones"], aims["strongholds"], expected=_most(features)),
        tables=ordered,
    )
    if ground.is_bare:
        level = spec.layers.area.jurisdiction
        raise AssignmentError(
            "GM502",
            "there is no jurisdiction to assign, no border and no household",
            where=f"the tables {BORDER}, {ADMIN} (level {level}) and {HOUSEHOLD}",
            fix="bring data in with: gridmap import FILE --as KIND; see faults with: gridmap check",
        )
    return ground


def border_hash(frame: pd.DataFrame, spec: ProjectSpec) -> str | None:
    """Return the hash of the border that the rows form, None if they form none.

    A section plan records it: along another line, a chainage is another place.
    """
    border = _border(frame, spec)
    return None if border is None else border.hash


def _most(features: Mapping[str, Features]) -> int:
    """Return how many places will be asked at most: what an index may cost depends on it."""
    return max((each.count for each in features.values()), default=0)


def _units(frame: pd.DataFrame | None) -> tuple[frozenset[str], frozenset[str]]:
    """Return the ids of all units and of those that keep the line."""
    if frame is None:
        return frozenset(), frozenset()
    layers = frame["layer"].eq("line").fillna(value=False).to_numpy(dtype=bool)
    ids = texts(frame["id"])
    return frozenset(ids), frozenset(ids[layers])


def features_of(
    kind: str,
    frame: pd.DataFrame,
    units: frozenset[str],
    spec: ProjectSpec,
    *,
    xy: Floats | None = None,
) -> Features:
    """Return the rows of a frame, in the order of their ids, as arrays; `xy` if the positions are known."""
    names = Names(frame["id"])
    unit = _known_units(frame, units)
    if spec.kinds[kind].geometry == "polygon":
        shapes = geometries(frame).copy()
        sound = geo.valid(shapes)
        shapes[~on_earth(shapes, spec.crs, valid=sound)] = None
        outlines = polygons(shapes, known=sound)
        nowhere = Points(np.full((len(frame), 2), np.nan))
        return Features(kind, names, unit, ~shapely.is_missing(outlines), nowhere, outlines)
    xy = (positions(frame) if xy is None else xy).copy()
    placed = geo.projectable(xy, spec.crs)
    xy[~placed] = np.nan
    return Features(kind, names, unit, placed, Points(xy), nothing(len(frame)))


def _known_units(frame: pd.DataFrame, units: frozenset[str]) -> Objects:
    """Return each row's unit; one that does not exist answers for nothing (the checks report it)."""
    if "unit" not in frame.columns:
        return nothing(len(frame))
    codes, named = frame["unit"].factorize()
    known = np.array([*(one if one in units else None for one in named), None], dtype=object)
    found: Objects = known[codes]
    return found


def _border(frame: pd.DataFrame | None, spec: ProjectSpec) -> geo.Border | None:
    if frame is None or not len(frame):
        return None
    try:
        lines = geometries(frame)
        return geo.build_border(lines[on_earth(lines, spec.crs)], spec.crs)
    except AssignmentError:
        # No usable line: there is nothing on the line layer, which the notes and figures say.
        return None


def _jurisdiction(admin: Features | None, frame: pd.DataFrame | None, spec: ProjectSpec) -> Any:
    if admin is None or frame is None:
        return None
    level = frame["level"].eq(spec.layers.area.jurisdiction).fillna(value=False).to_numpy(dtype=bool)
    parts = admin.shapes[level & admin.usable]
    return geo.jurisdiction(parts) if len(parts) else None


class Targets(TypedDict):
    """The fields of a ground that say what its layers are made of."""

    zones: Features
    strongholds: Features
    flagged: Bools


def targets(features: Mapping[str, Features], tables: Tables) -> Targets:
    """Return the zones and strongholds that can take part, and which households are marked as such."""
    homes, zones = (features.get(kind) or _no_features(kind) for kind in (HOUSEHOLD, ZONE))
    flagged = flagged_in(tables.get(HOUSEHOLD), homes.count)
    return Targets(
        zones=only(zones, zones.usable), strongholds=only(homes, homes.usable & flagged), flagged=flagged
    )


def flagged_in(frame: pd.DataFrame | None, count: int) -> Bools:
    """Return which households are marked as strongholds."""
    if frame is None or "stronghold" not in frame.columns:
        return np.zeros(count, dtype=bool)
    return frame["stronghold"].fillna(value=False).to_numpy(dtype=bool)


def only(features: Features, chosen: Any) -> Features:
    """Return some features: `chosen` is a mask, or positions in ascending order."""
    # Positions of a few are taken from two columns much faster than a mask of all.
    chosen = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
    return Features(
        features.kind,
        features.names.of(chosen),
        features.unit[chosen],
        features.usable[chosen],
        Points(features.points.at(chosen)),
        features.shapes[chosen],
    )


def _no_features(kind: str) -> Features:
    none = np.empty(0, dtype=object)
    return Features(kind, Names(none), none, np.empty(0, dtype=bool), Points(np.empty((0, 2))), none)
