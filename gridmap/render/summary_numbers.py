"""What each unit keeps, counted from a view, and numbers as the summary prints them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridmap.config import ProjectSpec
from gridmap.geo import crs as geo_crs
from gridmap.geo import measure
from gridmap.model import LAYERS, View

KILO = 1000.0
NO_VALUE = "—"


@dataclass(frozen=True, slots=True)
class UnitRow:
    """What one unit keeps on one layer (lengths and areas geodesic, in metres)."""

    unit: str
    name: str
    layer: str
    targets: int
    metres: float
    square_metres: float
    households: int
    supports: int


def thousands(value: Any) -> str:
    """Return a count with thin spaces between thousands."""
    return NO_VALUE if value is None else f"{int(value):,}".replace(",", "\u202f")


def kilometres(metres: Any) -> str:
    """Return a length in kilometres, or in metres where it is short; exactly zero is 0."""
    if metres is None:
        return NO_VALUE
    if 0 < abs(metres) < KILO:
        return f"{metres:.3g} m"
    return f"{metres / KILO:,.1f}".replace(",", "\u202f") + " km" if metres else "0"


def square_kilometres(square_metres: Any) -> str:
    """Return an area in square kilometres, or in square metres where it is small; exactly zero is 0."""
    if square_metres is None:
        return NO_VALUE
    if 0 < abs(square_metres) < KILO * 10:
        return f"{square_metres:.3g} m²"
    return f"{square_metres / KILO**2:,.1f}".replace(",", "\u202f") + " km²" if square_metres else "0"


def unit_rows(view: View, spec: ProjectSpec) -> list[UnitRow]:
    """Count what each unit keeps, layer by layer; ordered by layer, then by id.

    Targets without a unit are a row with an empty ``unit``. Tables and columns that the view does not
    hold count as nothing.
    """
    kept: defaultdict[tuple[str, str], list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    for unit, metres in _sections(view):
        _add(kept[unit, "line"], metres, 0.0)
    for unit, square_metres in _zones(view, spec):
        _add(kept[unit, "area"], 0.0, square_metres)
    for unit in _strongholds(view):
        _add(kept[unit, "point"], 0.0, 0.0)
    served, supports = _roles(view)
    known = {one["id"]: one for one in _records(view, "unit", ["id", "name", "layer"])}
    keys = {*kept, *served, *supports, *((unit, str(one.get("layer", ""))) for unit, one in known.items())}
    order: dict[str, int] = {layer: position for position, layer in enumerate(LAYERS)}
    return [
        UnitRow(
            unit=unit,
            name=str(known.get(unit, {}).get("name", "")),
            layer=layer,
            targets=int(kept[unit, layer][0]),
            metres=kept[unit, layer][1],
            square_metres=kept[unit, layer][2],
            households=served[unit, layer],
            supports=supports[unit, layer],
        )
        for unit, layer in sorted(keys, key=lambda key: (order.get(key[1], len(order)), not key[0], key))
    ]


def _add(total: list[float], metres: float, square_metres: float) -> None:
    total[0] += 1
    total[1] += metres
    total[2] += square_metres


def _records(view: View, table: str, columns: list[str]) -> list[dict[str, Any]]:
    """Return rows of a table as dicts, missing values as empty text; none if it is not in the view."""
    if table not in view.tables:
        return []
    frame = pd.DataFrame(view.tables[table].frame)
    there = frame[[column for column in columns if column in frame.columns]].astype(object)
    return [
        {str(key): cell for key, cell in row.items()}
        for row in there.where(there.notna(), "").to_dict("records")
    ]


def _sections(view: View) -> list[tuple[str, float]]:
    rows = _records(view, "sections", ["unit", "from_m", "to_m"])
    return [(str(row.get("unit", "")), _length(row)) for row in rows]


def _length(row: dict[str, Any]) -> float:
    start, end = row.get("from_m", ""), row.get("to_m", "")
    return float(end) - float(start) if start != "" and end != "" else 0.0


def _zones(view: View, spec: ProjectSpec) -> list[tuple[str, float]]:
    rows = _records(view, "patrol_zone", ["unit"])
    if not rows:
        return []
    geoms = np.array(view.tables["patrol_zone"].frame.geometry.to_numpy(), dtype=object)
    sizes = measured_areas(geoms, spec)
    return [(str(row.get("unit", "")), size) for row, size in zip(rows, sizes, strict=True)]


def measured_areas(geoms: Any, spec: ProjectSpec) -> list[float]:
    """Return geodesic areas in square metres of geometries in lon/lat; 0 where there is no polygon."""
    usable = np.array([one is not None and one.geom_type.endswith("Polygon") for one in geoms], dtype=bool)
    usable &= shapely.is_valid(geoms)
    sizes = np.zeros(len(geoms))
    if usable.any():
        sizes[usable] = measure.geodesic_area(geo_crs.geoms_from_lonlat(geoms[usable], spec.crs), spec.crs)
    return [float(size) for size in sizes]


def _strongholds(view: View) -> list[str]:
    rows = _records(view, "household", ["stronghold", "unit"])
    return [str(row.get("unit", "")) for row in rows if row.get("stronghold") is True]


def _roles(view: View) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Count households led and assignments supported, by unit and layer."""
    served: Counter[tuple[str, str]] = Counter()
    supports: Counter[tuple[str, str]] = Counter()
    columns = ["kind", "layer", "role", "unit"]
    if "assignments" not in view.tables or not set(columns) <= set(view.tables["assignments"].frame.columns):
        return served, supports
    frame = view.tables["assignments"].frame[columns].astype("str").fillna("")
    counted = frame.groupby(columns, sort=True).size()
    for (kind, layer, role, unit), count in counted.items():
        if role == "support":
            supports[unit, layer] += int(count)
        elif kind == "household":
            served[unit, layer] += int(count)
    return served, supports
