"""Coverage section by section, zone by zone, unit by unit: whose what is, from a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridmap.analyse.breakdown import Owners, breakdown, by_polygons, grouped
from gridmap.analyse.cover import Covered
from gridmap.analyse.demand import Bools, Demand, Objects
from gridmap.assign.columns import texts
from gridmap.assign.ground import ADMIN, HOUSEHOLD, UNIT, ZONE, Ground
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError

if TYPE_CHECKING:
    from gridmap.project.plan import Plan

SECTION, CELL = "section", "cell"
ACTIVE = "active"


def table_by(plan: Plan, demand: Demand, covered: Covered, what: str) -> pd.DataFrame:
    """Return coverage by ``section``, ``zone``, ``unit``, ``cell`` or an administrative level.

    Raises
    ------
    ConfigError
        GM105 if it is none of them, or there are no cells.
    """
    levels = [level.name for level in plan.area.spec.levels]
    known = [SECTION, "zone", *levels, UNIT, CELL]
    if what not in known:
        raise ConfigError("GM105", f"no coverage by {what}", where="by", fix=suggest(what, known))
    if what == SECTION:
        return _sections(plan, demand, covered)
    if what == UNIT:
        return _units(plan, demand, covered)
    kind = {"zone": ZONE, CELL: CELL}.get(what, ADMIN)
    return _polygons(plan.made.ground, demand, covered, kind=kind, level=what if kind == ADMIN else "")


def _sections(plan: Plan, demand: Demand, covered: Covered) -> pd.DataFrame:
    frame = plan.sections
    spans = [np.array([[start, stop]]) for start, stop in zip(frame["from_m"], frame["to_m"], strict=True)]
    made = breakdown(covered, demand, Owners(texts(frame["id"]), spans=spans))
    return _beside(made, frame, ("unit", "outpost", "from_m", "to_m"))


def _polygons(ground: Ground, demand: Demand, covered: Covered, *, kind: str, level: str) -> pd.DataFrame:
    features, frame = ground.of(kind), ground.tables.get(kind)
    if frame is None or (kind == CELL and not len(frame)):
        raise ConfigError(
            "GM105",
            f"there is no row of the kind {kind}",
            where="by",
            fix=f"make some first, e.g. gridmap {_maker(kind)}",
        )
    chosen = features.usable & _taking_part(frame, kind, level)
    made = breakdown(covered, demand, by_polygons(demand, features.ids[chosen], features.shapes[chosen]))
    return _beside(made, frame, _open_columns(ground, kind, ("name", "unit", "gacha")))


def _open_columns(ground: Ground, kind: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of some columns that the kind has and that are not private."""
    hidden, frame = ground.spec.kinds[kind].private, ground.tables[kind]
    return tuple(column for column in wanted if column in frame.columns and column not in hidden)


def _maker(kind: str) -> str:
    return "grid" if kind == CELL else f"import FILE --as {kind}"


def _taking_part(frame: pd.DataFrame, kind: str, level: str) -> Bools:
    if kind == ADMIN:
        return _equal(frame, "level", level)
    if kind == CELL and "status" in frame.columns:
        return np.asarray(frame["status"].isna().to_numpy(dtype=bool) | _equal(frame, "status", ACTIVE))
    return np.ones(len(frame), dtype=bool)


def _equal(frame: pd.DataFrame, column: str, value: str) -> Bools:
    return np.asarray(frame[column].eq(value).fillna(value=False).to_numpy(dtype=bool))


def _units(plan: Plan, demand: Demand, covered: Covered) -> pd.DataFrame:
    """Return what each unit keeps: its sections, its zones, the homes that its strongholds lead."""
    ground = plan.made.ground
    frame = ground.tables.get(UNIT)
    ids = np.empty(0, dtype=object) if frame is None else texts(frame["id"])
    lines = _sections(plan, demand, covered)
    zones = breakdown(covered, demand, Owners(ground.zones.ids, shapes=ground.zones.shapes))
    homes = breakdown(covered, demand, Owners(ids, homes=_led(plan, ids)))
    groups = [_unit_of(lines, plan.sections), _of_zones(zones, ground), texts(homes["id"])]
    line_columns = ["id", "line_m", "line_covered_m"]
    made = grouped([lines[line_columns], zones, homes], groups, ids)
    return made if frame is None else _beside(made, frame, _open_columns(ground, UNIT, ("name", "layer")))


def _unit_of(table: pd.DataFrame, sections: pd.DataFrame) -> Objects:
    unit = dict(zip(texts(sections["id"]), texts(sections["unit"]), strict=True))
    return np.array([unit.get(one) for one in texts(table["id"])], dtype=object)


def _of_zones(table: pd.DataFrame, ground: Ground) -> Objects:
    unit = dict(zip(ground.zones.ids, ground.zones.unit, strict=True))
    return np.array([unit.get(one) for one in texts(table["id"])], dtype=object)


def _led(plan: Plan, ids: Objects) -> Any:
    """Return the position of the unit whose stronghold leads each household; -1 for none."""
    made = plan.made.assigned
    known = {one: number for number, one in enumerate(ids)}
    # The last place is where -1 leads: nobody.
    unit = np.array([*(known.get(one, -1) for one in made.targets["point"].unit), -1], dtype=np.int64)
    return unit[made.leads("point", HOUSEHOLD)]


def _beside(made: pd.DataFrame, frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Put some columns of a table beside the figures of its rows."""
    known = frame[["id", *columns]].copy()
    known["id"] = known["id"].astype("str")
    joined = made[["id"]].merge(known, on="id", how="left", sort=False)
    rest = made.drop(columns="id").reset_index(drop=True)
    return pd.concat([joined.reset_index(drop=True), rest], axis=1)
