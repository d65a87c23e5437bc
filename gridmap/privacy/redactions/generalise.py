"""Rows whose place is an administrative unit instead of a point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.config import RedactionSpec
from gridmap.geo import point_xy
from gridmap.privacy.partition_units import Place, Units, units_of
from gridmap.privacy.redaction import Ground, Made, Redaction

Key = tuple[str, str]
Ints = np.ndarray[Any, np.dtype[np.int64]]


def generalise(rows: pd.DataFrame, used: RedactionSpec, ground: Ground) -> Made:
    """Return the rows with the listed columns, and the polygon of the unit they lie in for a place.

    Rows of a unit with fewer than k go a level up. If fewer than k rows of the upper unit would go, the
    smallest of its units go with them: else somebody who takes away the units that are shown is left with
    the few. What does not come to k at the top level is left out.
    """
    units = units_of(ground.admin, ground.spec)
    at = units.locate(point_xy(rows.geometry))
    shown = _shown_at(units, at, used.level or ground.spec.level_names[-1], used.k)
    names = [None if unit < 0 else shown.get(int(unit)) for unit in at]
    ids = rows["id"].astype("str").to_numpy(dtype=object)
    order = [row for row in sorted(range(len(rows)), key=ids.__getitem__) if names[row] is not None]
    group = np.full(len(rows), -1, dtype=np.int64)
    group[order] = np.arange(len(order))
    kept = rows.iloc[order]
    made: dict[str, Any] = {"id": kept["id"].array}
    made |= {column: kept[column].array for column in used.columns if column != "id"}
    places = [place for row in order if (place := names[row]) is not None]
    made["area_name"] = pd.array([place.name for place in places], dtype="str")
    polygons = {line[-1].key: shape for line, shape in zip(units.lines, units.shapes, strict=True)}
    shapes = np.empty(len(places), dtype=object)
    shapes[:] = [polygons[place.key] for place in places]
    frame = gpd.GeoDataFrame(made, geometry=gpd.GeoSeries(shapes, crs=ground.spec.crs))
    return Made("generalised", frame, group)


def _shown_at(units: Units, at: Ints, level: str, k: int) -> dict[int, Place]:
    """Return, for each unit whose rows are shown, the place that they are shown as."""
    held = np.bincount(at[at >= 0], minlength=len(units)).tolist()
    lines = {unit: units.lines[unit] for unit in range(len(units)) if held[unit]}
    # Where in its line each unit's rows are shown; places of the lowest level go up first.
    depth = {unit: line.index(units.place_at(unit, level)) for unit, line in lines.items()}
    for name in reversed(units.levels):
        families: dict[Key, dict[Key, list[int]]] = {}
        for unit, position in depth.items():
            if position and lines[unit][position].level == name:
                parent, child = lines[unit][position - 1].key, lines[unit][position].key
                families.setdefault(parent, {}).setdefault(child, []).append(unit)
        for parent, children in families.items():
            stays = sum(held[unit] for unit in depth if lines[unit][depth[unit]].key == parent)
            sizes = {child: sum(held[unit] for unit in some) for child, some in children.items()}
            for child in _going_up(sizes, stays, k):
                depth.update({unit: depth[unit] - 1 for unit in children[child]})
    shown = {unit: lines[unit][position] for unit, position in depth.items()}
    total = Counter[Key]()
    for unit, place in shown.items():
        total[place.key] += held[unit]
    return {unit: place for unit, place in shown.items() if total[place.key] >= k}


def _going_up(sizes: Mapping[Key, int], stays: int, k: int) -> Iterator[Key]:
    """Yield the places, smallest first, whose rows are shown as those of the place above."""
    for size, child in sorted((size, child) for child, size in sizes.items()):
        if size >= k and not 0 < stays < k:
            return
        stays += size
        yield child


REDACTION = Redaction("generalise", generalise)
