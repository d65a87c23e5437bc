"""The ground that rules work on: every kind as columnar arrays, in the order of ids.

Faulty rows are told apart here, once: what has no usable geometry takes no part and never
crashes a rule; what is wrong with it is for the checks to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap import geo
from gridmap.config import ProjectSpec
from gridmap.errors import AssignmentError, StructureError
from gridmap.model import Findings

Tables = Mapping[str, pd.DataFrame]
Objects = npt.NDArray[np.object_]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

IMPOSSIBLE = "coordinates-"
AREAL = (3, 6)

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
    ids : (n,) text
        Ids, ascending.
    unit : (n,) text or None
        The unit's id where the row names one that exists.
    usable : (n,) bool
        Whether the geometry can take part.
    xy : (n, 2) metres
        Positions of points in the working CRS; NaN where not usable or not a point.
    shapes : (n,) polygons or None
        Valid polygons of a polygon kind; None where not usable.
    """

    kind: str
    ids: Objects
    unit: Objects
    usable: Bools
    xy: Floats
    shapes: Objects


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
    line_units : frozenset of str
        Ids of the units that keep the line.
    tables : mapping of str to frame
        The tables in the order of ids.
    """

    spec: ProjectSpec
    border: geo.Border | None
    jurisdiction: Any
    features: Mapping[str, Features]
    line_units: frozenset[str]
    tables: Tables = field(repr=False)

    @property
    def length_mm(self) -> int:
        """The border's length in whole millimetres; 0 without a border."""
        return 0 if self.border is None else round(self.border.length_m * 1000)

    def of(self, kind: str) -> Features:
        """Return the arrays of a kind; no rows if the project has no such kind."""
        return self.features.get(kind) or _no_features(kind)

    @cached_property
    def zones(self) -> Features:
        """The zones that can take part: targets of the area layer."""
        return _only(self.of(ZONE), self.of(ZONE).usable)

    @cached_property
    def strongholds(self) -> Features:
        """The strongholds that can take part: targets of the point layer."""
        homes = self.of(HOUSEHOLD)
        return _only(homes, homes.usable & self.flagged)

    @cached_property
    def flagged(self) -> Bools:
        """Whether each household is marked as a stronghold."""
        frame = self.tables.get(HOUSEHOLD)
        if frame is None or "stronghold" not in frame.columns:
            return np.zeros(len(self.of(HOUSEHOLD).ids), dtype=bool)
        return frame["stronghold"].fillna(value=False).to_numpy(dtype=bool)

    def leads_line(self, features: Features) -> Bools:
        """Whether each feature belongs to a unit that keeps the line."""
        return np.array([unit in self.line_units for unit in features.unit], dtype=bool)


def survey(tables: Tables, spec: ProjectSpec, *, known: Findings) -> Ground:
    """Prepare the ground from tables in any order of rows.

    Rows that `known` reports to be where no such row can be (swapped axes, degrees for metres…) are
    stored geometries all the same; they take no part, or one of them would shift every chainage.

    Raises
    ------
    AssignmentError
        GM502 if there is nothing at all to arrange: no usable border, township or household.
    """
    lost = _lost(known)
    ordered = {
        kind: _without(_by_id(tables[kind], kind), lost.get(kind))
        for kind in sorted(spec.kinds.keys() & tables.keys())
    }
    units, line_units = _units(ordered.get(UNIT))
    features = {
        kind: _features(kind, frame, units, spec)
        for kind, frame in ordered.items()
        if spec.kinds[kind].geometry in {"point", "polygon"}
    }
    ground = Ground(
        spec=spec,
        border=_border(ordered.get(BORDER), spec),
        jurisdiction=_jurisdiction(features.get(ADMIN), ordered.get(ADMIN), spec),
        features=features,
        line_units=line_units,
        tables=ordered,
    )
    if ground.border is None and ground.jurisdiction is None and not ground.of(HOUSEHOLD).usable.any():
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


def _by_id(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the rows in code-point order of their ids; nothing is copied if they are already."""
    ids = texts(frame["id"])
    if len(set(ids) - {None}) < len(ids):
        # No store of ours holds such rows: they come from a program that edited it.
        raise StructureError(
            "rows have no id, or one that is there twice",
            where=kind,
            fix="give every row an id of its own where they were changed, e.g. in QGIS",
        )
    if not all(one <= other for one, other in pairwise(ids)):
        frame = frame.iloc[np.argsort(ids, kind="stable")]
    return frame.reset_index(drop=True)


def _lost(known: Findings) -> dict[str, set[str]]:
    """Return the ids, by table, of rows that are known to be in an impossible place."""
    found: dict[str, set[str]] = {}
    for one in known:
        if one.id is not None and one.code.startswith(IMPOSSIBLE):
            found.setdefault(one.table, set()).add(one.id)
    return found


def _without(frame: pd.DataFrame, ids: set[str] | None) -> pd.DataFrame:
    """Return the frame with the geometries of some rows taken away."""
    if not ids or not isinstance(frame, gpd.GeoDataFrame):
        return frame
    shapes = geometries(frame).copy()
    shapes[frame["id"].isin(ids).to_numpy(dtype=bool)] = None
    changed: pd.DataFrame = frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs))
    return changed


def texts(column: pd.Series[Any]) -> Objects:
    """Return texts as Python strings, None where missing."""
    found: Objects = column.astype(object).where(column.notna(), None).to_numpy()
    return found


def _units(frame: pd.DataFrame | None) -> tuple[frozenset[str], frozenset[str]]:
    """Return the ids of all units and of those that keep the line."""
    if frame is None:
        return frozenset(), frozenset()
    layers = frame["layer"].eq("line").fillna(value=False).to_numpy(dtype=bool)
    ids = texts(frame["id"])
    return frozenset(ids), frozenset(ids[layers])


def _features(kind: str, frame: pd.DataFrame, units: frozenset[str], spec: ProjectSpec) -> Features:
    ids = texts(frame["id"])
    named = texts(frame["unit"]) if "unit" in frame.columns else np.full(len(ids), None, dtype=object)
    # A unit that does not exist answers for nothing; the checks report the reference.
    unit = np.array([one if one in units else None for one in named], dtype=object)
    shapes = geometries(frame)
    shapes = shapes.copy()
    shapes[~on_earth(shapes, spec.crs)] = None
    if spec.kinds[kind].geometry == "polygon":
        outlines = polygons(shapes)
        nowhere = np.full((len(ids), 2), np.nan)
        return Features(kind, ids, unit, ~shapely.is_missing(outlines), nowhere, outlines)
    # A shape that is not a point has no x.
    xy = np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)])
    placed: Bools = np.asarray(np.isfinite(xy).all(axis=1), dtype=bool)
    xy[~placed] = np.nan
    return Features(kind, ids, unit, placed, xy, np.full(len(ids), None, dtype=object))


def geometries(frame: pd.DataFrame) -> Objects:
    """Return the geometries of a frame as an array of objects, None where missing."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return np.full(len(frame), None, dtype=object)
    return np.asarray(frame.geometry.to_numpy(), dtype=object)


def on_earth(shapes: Objects, crs: str) -> Bools:
    """Return which geometries have coordinates, each of them a place with a longitude and a latitude."""
    coordinates, row = shapely.get_coordinates(shapes, return_index=True)
    lost: Bools = np.asarray(~np.isfinite(coordinates).all(axis=1), dtype=bool)
    lost[~lost] = ~np.isfinite(geo.to_lonlat(coordinates[~lost], crs)).all(axis=1)
    found = np.zeros(len(shapes), dtype=bool)
    found[row] = True
    found[row[lost]] = False
    return found


def polygons(shapes: Objects) -> Objects:
    """Return valid polygons; None for what is not a polygon or without area."""
    usable = np.full(len(shapes), None, dtype=object)
    places = np.nonzero(np.isin(shapely.get_type_id(shapes), AREAL))[0]
    if not len(places):
        return usable
    parts = shapes[places]
    repaired = shapely.make_valid(parts, method="structure", keep_collapsed=False)
    sound = np.where(shapely.is_valid(parts), parts, repaired)
    kept = (shapely.area(sound) > 0) & np.isin(shapely.get_type_id(sound), AREAL)
    usable[places[kept]] = sound[kept]
    return usable


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


def _only(features: Features, chosen: Bools) -> Features:
    return Features(
        features.kind,
        features.ids[chosen],
        features.unit[chosen],
        features.usable[chosen],
        features.xy[chosen],
        features.shapes[chosen],
    )


def _no_features(kind: str) -> Features:
    none = np.empty(0, dtype=object)
    return Features(kind, none, none, np.empty(0, dtype=bool), np.empty((0, 2)), none)
