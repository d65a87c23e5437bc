"""The table of the cells: their three keepers and their figures; and the cell at a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import geo
from gridmap.analyse import cells
from gridmap.analyse.demand import Homes, Ints, Objects
from gridmap.assign.ground import HOUSEHOLD
from gridmap.errors import ConfigError
from gridmap.geo import beidou
from gridmap.geo.containing import all_polygons_of
from gridmap.project.cells import KIND, require_kind
from gridmap.project.demands import homes_of, persons_notes
from gridmap.project.lookup import find_position

if TYPE_CHECKING:
    from gridmap.project.plan import Plan

TOWNSHIP_DIGITS = 9
SEPARATOR = "; "


def cell_table(plan: Plan) -> gpd.GeoDataFrame:
    """Return every cell in use with its three keepers and its figures, in the order of codes.

    Parameters
    ----------
    plan : Plan
        The arrangement.

    Returns
    -------
    GeoDataFrame
        ``id`` (15 digits), ``gacha``, ``gacha_name``, ``township``, ``township_name``, ``form``; then

        - ``line``: the section that runs longest along the cell, else the one at the nearest place of the
          border, none beyond the belt or at a gap; ``line_unit``, ``line_away_m``, ``line_also``;
        - ``area``: the zone with the largest share; ``area_unit``, ``area_share``, ``area_also``;
        - ``point``: the stronghold that leads most of its homes, else the nearest within reach of its inner
          point; ``point_unit``, ``point_homes``, ``point_also``;
        - ``km2``, ``households``, ``persons``, ``strongholds``, ``border_m``; geometry in the working CRS.

        Missing where nobody answers. Sums over cells are the totals of the gachas. Cells without a usable
        outline are left out; `cell_notes` says how many.

    Raises
    ------
    ConfigError
        GM105 if the project has no kind ``cell``.
    """
    require_kind(plan.area.spec)
    rows, shapes, _ = _in_use(plan)
    ids = rows["id"].to_numpy(dtype=object)
    homes, leads = _homes(plan)
    flagged = plan.made.ground.flagged & np.isfinite(homes.xy).all(axis=1)
    figures = cells.figured(shapes, ids, homes, flagged, plan.area.spec.crs)
    columns = {
        **_named(rows, plan.tables["admin"]),
        **_kept(plan, shapes, figures, leads),
        "km2": figures.km2,
        "households": figures.households,
        "persons": figures.persons,
        "strongholds": figures.strongholds,
    }
    border_m = columns.pop("border_m")
    return gpd.GeoDataFrame(
        {**columns, "border_m": border_m}, geometry=gpd.GeoSeries(shapes, crs=plan.area.spec.crs)
    )


def cell_notes(plan: Plan) -> tuple[str, ...]:
    """Return what a reader of `cell_table` should know: cells that are left out, persons that are unknown."""
    require_kind(plan.area.spec)
    lost = _in_use(plan)[2]
    who = "1 cell has" if lost == 1 else f"{lost:,} cells have"
    empty = (f"{who} no usable outline, and {'is' if lost == 1 else 'are'} left out",) if lost else ()
    return (*empty, *persons_notes(plan.made.ground))


def _in_use(plan: Plan) -> tuple[gpd.GeoDataFrame, Objects, int]:
    """Return the cells in use in the order of their codes, their outlines, and how many have none."""
    stored = plan.tables[KIND]
    rows = stored[cells.is_active(stored["status"])].sort_values("id")
    shapes = all_polygons_of(rows.geometry.to_numpy())
    usable = ~shapely.is_empty(shapes)
    kept = gpd.GeoDataFrame(rows[usable].reset_index(drop=True))
    return kept, shapes[usable], int(np.count_nonzero(~usable))


def _homes(plan: Plan) -> tuple[Homes, Ints]:
    """Return the households, and the position of the stronghold that leads each; -1 for none."""
    return homes_of(plan.made.ground), plan.made.assigned.leads("point", HOUSEHOLD)


def _named(rows: gpd.GeoDataFrame, admin: pd.DataFrame) -> dict[str, Any]:
    known = admin.drop_duplicates("code").set_index("code")["name"]
    gacha = rows["gacha"]
    township = gacha.str[:TOWNSHIP_DIGITS]
    return {
        "id": rows["id"],
        "gacha": gacha,
        "gacha_name": _text(gacha.map(known)),
        "township": township,
        "township_name": _text(township.map(known)),
        "form": rows["form"],
    }


def _kept(plan: Plan, shapes: Objects, figures: cells.Figured, leads: Ints) -> dict[str, Any]:
    ground, spec = plan.made.ground, plan.area.spec
    ordered = plan.sections.sort_values("id").reset_index(drop=True)
    sections = cells.Sections(
        ordered["id"].to_numpy(dtype=object),
        ordered["from_m"].to_numpy(dtype=np.float64),
        ordered["to_m"].to_numpy(dtype=np.float64),
    )
    line, border_m = cells.line_keepers(
        shapes, plan.made.border, sections, belt_m=spec.layers.line.belt_m, crs=spec.crs
    )
    zones, strongholds = ground.zones, ground.strongholds
    area = cells.area_keepers(shapes, zones.shapes, sliver_m2=spec.layers.area.sliver_m2, crs=spec.crs)
    inner = geo.point_xy(gpd.GeoSeries(shapes, crs=spec.crs).representative_point())
    near = geo.nearest(inner, strongholds.ids, strongholds.xy, spec.crs)
    point = cells.point_keepers(
        figures.cell_of_home,
        leads,
        near.index,
        near.metres <= spec.layers.point.reach_m,
        count=len(shapes),
    )
    units = ordered["unit"].astype(object).where(ordered["unit"].notna(), None).to_numpy()
    return {
        **_columns("line", line, sections.ids, units, "away_m"),
        **_columns("area", area, zones.ids, zones.unit, "share"),
        **_columns("point", point, strongholds.ids, strongholds.unit, "homes"),
        "border_m": border_m,
    }


def _columns(layer: str, kept: cells.Kept, ids: Objects, units: Objects, amount: str) -> dict[str, Any]:
    return {
        layer: _picked(ids, kept.lead),
        f"{layer}_unit": _picked(units, kept.lead),
        f"{layer}_{amount}": kept.amount,
        f"{layer}_also": _text([SEPARATOR.join(ids[list(each)]) if each else None for each in kept.also]),
    }


def _picked(values: Objects, at: Ints) -> Any:
    return _text(np.concatenate([np.asarray(values, dtype=object), [None]])[at])


def _text(values: Any) -> Any:
    found = pd.Series(values, dtype=object)
    return pd.array(found.where(found.notna(), None).to_numpy(), dtype="str")


@dataclass(frozen=True)
class CellHere:
    """The cell at a place.

    Parameters
    ----------
    lon, lat : float
        The place, in degrees of the project's own datum.
    cell : Series or None
        Its row of `cell_table`; None where there is no cell.
    beidou : str or None
        The BeiDou grid code of the place, level 10; None outside the hemispheres that have one.
    notes : tuple of str
        What the reader should know.
    """

    lon: float
    lat: float
    cell: pd.Series[Any] | None
    beidou: str | None
    notes: tuple[str, ...]


def cell_at(plan: Plan, *place: Any) -> CellHere:
    """Return the cell at a place, with its keepers, and the place's BeiDou grid code.

    Parameters
    ----------
    plan : Plan
        The arrangement.
    *place
        As for `Plan.who`.

    Raises
    ------
    ConfigError
        GM107 if the place cannot be understood or found; GM105 if the project has no kind ``cell``.
    """
    require_kind(plan.area.spec)
    xy, said = find_position(plan, *place)
    lon, lat = geo.to_lonlat(xy[None, :], plan.area.spec.crs)[0].tolist()
    table = cell_table(plan)
    ids = table["id"].to_numpy(dtype=object)
    found = int(geo.contain(xy[None, :], table.geometry.to_numpy(), ids).lead[0])
    notes = (*plan.notes, *said, *cell_notes(plan))
    if found < 0:
        notes = (
            *notes,
            "there is no cell here" if len(table) else "there is no grid: make it with gridmap grid",
        )
    return CellHere(lon, lat, table.iloc[found] if found >= 0 else None, _beidou(place, lon, lat), notes)


def _beidou(place: tuple[Any, ...], lon: float, lat: float) -> str | None:
    parsed = geo.parse_place(*place)
    words = parsed.text.replace(",", " ").split()
    exact = (beidou.from_seconds(lon), beidou.from_seconds(lat))
    if parsed.kind == "lonlat" and parsed.lon is not None and parsed.lat is not None:
        exact = (beidou.from_seconds(parsed.lon), beidou.from_seconds(parsed.lat))
        if [float(word) for word in words if _plain(word)] == [parsed.lon, parsed.lat]:
            exact = (beidou.exact(words[0]), beidou.exact(words[1]))
    try:
        return beidou.encode(*exact)
    except ConfigError:
        return None


def _plain(word: str) -> bool:
    return word.isascii() and word.lstrip("+-").replace(".", "", 1).isdecimal()
