"""What a view holds of an arrangement, ready to be asked: the same questions, of less.

A view is what one audience may see: rows and columns may be missing, positions and chainages are rounded, ids
may be others. What answers is made of nothing else. Where several claim a place the smaller of the view's ids
answers, as everywhere; with ids made for the audience that may be another than with the project's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gridmap import geo
from gridmap.assign.columns import Names, geometries, nothing, polygons, texts
from gridmap.assign.ground import (
    ADMIN,
    HOUSEHOLD,
    UNIT,
    ZONE,
    Features,
    Ground,
    Objects,
    Tables,
    targets,
)
from gridmap.assign.index import Index
from gridmap.assign.intervals import Ints, Ladder, to_mm
from gridmap.assign.points import Points
from gridmap.config import ProjectSpec
from gridmap.model.scene import Held

SECTIONS = "sections"
# Besides half of what chainages are rounded to: the millimetre that both ends are rounded to again.
SLACK_MM = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """What a view holds of an arrangement; made by `seen`, asked by `answer` and its like.

    Parameters
    ----------
    ground : Ground
        Border, townships, zones and strongholds as the view has them, in the working CRS.
    sections : DataFrame
        ``id`` and ``unit`` of the view's sections, in code-point order of the ids.
    ladder : Ladder
        The border cut at every end of a section; members are positions in `sections`.
    held : mapping of str to str
        How much the view holds of each layer, and of ``border``, ``admin`` and ``unit``.
    """

    ground: Ground
    sections: pd.DataFrame
    ladder: Ladder
    held: Mapping[str, Held]

    @property
    def border(self) -> geo.Border | None:
        """The view's border, measured."""
        return self.ground.border

    def holds(self, what: str) -> bool:
        """Say whether the view holds all of a layer (or of ``border``, ``admin``): only then is a gap one."""
        return self.held.get(what) == "whole"


def seen(
    tables: Tables,
    spec: ProjectSpec,
    *,
    held: Mapping[str, Held],
    border: geo.Border | None,
    step_m: float,
) -> Seen:
    """Prepare what a view holds to be asked who answers at a place.

    Parameters
    ----------
    tables : mapping of str to frame
        The view's tables; geometries in the working CRS, None for rows that are known to be misplaced.
    spec : ProjectSpec
        The settings: limits, rules, the level of the jurisdiction.
    held : mapping of str to str
        How much the view holds of each layer ("whole", "own", …), and of ``border``, ``admin``, ``unit``; of
        what is "none" nothing is used.
    border : Border or None
        The view's border, its chainages stretched to the length that the view states
        (`gridmap.geo.viewed.working_border`).
    step_m : float
        Chainages in the view are multiples of it, 0 where they are not rounded: a section that ends within
        half of it from the border's end ends there.

    Returns
    -------
    Seen
    """
    units = frozenset(texts(tables[UNIT]["id"])) if held[UNIT] == "whole" else None
    ordered = {
        kind: _by_id(tables[kind]) for kind, layer in _USED if held[layer] != "none" and kind in tables
    }
    features = {kind: _features(kind, ordered[kind], units) for kind in (ZONE, HOUSEHOLD) if kind in ordered}
    aims = targets(features, ordered)
    ground = Ground(
        spec=spec,
        border=border,
        jurisdiction=_jurisdiction(tables, spec, held),
        features=features,
        **aims,
        units=frozenset(),
        line_units=frozenset(),
        lost={},
        index=Index(spec, border, aims["zones"], aims["strongholds"], expected=0),
        tables=ordered,
    )
    sections, ladder = _sections(ordered.get(SECTIONS), ground.length_mm, step_m)
    return Seen(ground, sections, ladder, held)


# The tables that answers are from, and the layer whose targets they hold.
_USED = ((ZONE, "area"), (HOUSEHOLD, "point"), (SECTIONS, "line"))


def _by_id(frame: pd.DataFrame) -> pd.DataFrame:
    known = frame[frame["id"].notna()]
    order = np.argsort(texts(known["id"]), kind="stable")
    return known.iloc[order].reset_index(drop=True)


def _features(kind: str, frame: pd.DataFrame, units: frozenset[str] | None) -> Features:
    shapes = geometries(frame)
    unit = _units(frame, units)
    if kind == ZONE:
        outlines = polygons(shapes)
        nowhere = Points(np.full((len(frame), 2), np.nan))
        return Features(kind, Names(frame["id"]), unit, ~shapely.is_missing(outlines), nowhere, outlines)
    xy = geo.xy_of(shapes)
    placed = np.asarray(np.isfinite(xy).all(axis=1), dtype=bool)
    return Features(kind, Names(frame["id"]), unit, placed, Points(xy), nothing(len(frame)))


def _units(frame: pd.DataFrame, units: frozenset[str] | None) -> Objects:
    """Return the units that rows name; of a view with every unit only those that exist, as an arrangement."""
    if "unit" not in frame.columns:
        return nothing(len(frame))
    named = texts(frame["unit"])
    return np.array([one if units is None or one in units else None for one in named], dtype=object)


def _jurisdiction(tables: Tables, spec: ProjectSpec, held: Mapping[str, Held]) -> object:
    if held[ADMIN] != "whole":
        return None
    frame = tables[ADMIN]
    level = frame["level"].eq(spec.layers.area.jurisdiction).fillna(value=False).to_numpy(dtype=bool)
    parts = polygons(geometries(frame)[level])
    parts = parts[~shapely.is_missing(parts)]
    return geo.jurisdiction(parts) if len(parts) else None


def _sections(frame: pd.DataFrame | None, length: int, step_m: float) -> tuple[pd.DataFrame, Ladder]:
    """Return the sections with their stretches in whole millimetres; none without a border to stand on."""
    if frame is None or not length:
        none = pd.DataFrame({"id": pd.array([], dtype="str"), "unit": pd.array([], dtype="str")})
        return none, Ladder.of(np.empty(0, np.int64), np.empty(0, np.int64))
    starts, stops = (to_mm(frame[name].to_numpy(dtype=float, na_value=np.nan)) for name in ("from_m", "to_m"))
    known = (starts >= 0) & (stops > starts)
    unit = frame["unit"] if "unit" in frame.columns else pd.Series(None, index=frame.index, dtype="str")
    told = pd.DataFrame({"id": frame["id"], "unit": unit})[known].reset_index(drop=True)
    return told, Ladder.of(starts[known], _ends(stops[known], length, step_m), length=length)


def _ends(stops: Ints, length: int, step_m: float) -> Ints:
    """Return the ends of sections, those that rounding took from the border's end brought back to it."""
    at_end = np.abs(stops - length) <= round(step_m * 500) + SLACK_MM
    return np.where(at_end, length, stops)
