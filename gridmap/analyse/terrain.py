"""The network of open country and ways, made of a project's tables for a profile and a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.analyse.demand import Bools, Floats, Objects
from gridmap.config import CONFIG_NAME, ProjectSpec
from gridmap.config.travel import ProfileSpec, ScenarioSpec
from gridmap.errors import ConfigError
from gridmap.geo import travel
from gridmap.geo.containing import all_polygons_of
from gridmap.geo.heights import Heights

Tables = Mapping[str, pd.DataFrame]

# Kinds that lie on the ground.
TRACK, WATER, LAND, SNOW, LANDMARK, NEIGHBOUR = "track", "water", "land", "snow", "landmark", "neighbour"
COUNTRY = "country"
# Ways may lead so far outside of the jurisdiction and of what lies beyond its edge.
MARGIN_M = 5_000.0
# What is farther from the jurisdiction than this is a fault of the data, and nobody travels there.
FAR_M = 50_000.0
MOST_CELLS = 3_000_000
OPEN = 1.0
POLYGONAL = 2


@dataclass(frozen=True, slots=True)
class Extent:
    """What the network is to lie over.

    Parameters
    ----------
    whole : polygons or None
        The jurisdiction, in the working CRS; without one ways lead all over the ground between the rest.
    border : lines or None
        The border.
    xy : (n, 2) metres
        Keepers and homes; those outside of the jurisdiction, but not far, widen it.
    """

    whole: Any
    border: Any
    xy: Floats


@dataclass(frozen=True, slots=True)
class Weather:
    """What a scenario lays on the ground.

    Parameters
    ----------
    name : str or None
        The scenario; None for none.
    spec : ScenarioSpec or None
        Its settings.
    grid : Heights or None
        Its grid of depths in centimetres.
    """

    name: str | None = None
    spec: ScenarioSpec | None = None
    grid: Heights | None = None


def network(
    tables: Tables,
    spec: ProjectSpec,
    profile: ProfileSpec,
    *,
    extent: Extent,
    weather: Weather,
    relief: Heights | None,
) -> travel.Network:
    """Make the network over which somebody travels.

    Parameters
    ----------
    tables : mapping of str to frame
        The project's tables in the working CRS; those that are missing or empty are not needed.
    spec : ProjectSpec
        Its settings: cells and fords.
    profile : ProfileSpec
        Who travels.
    extent : Extent
        Where.
    weather : Weather
        Snow and closures.
    relief : Heights or None
        Heights; level without.

    Returns
    -------
    Network
        Seconds.

    Raises
    ------
    ConfigError
        GM103 if the cells are too small for the area.
    """
    within = _within(extent)
    lattice = _lattice(within, spec)
    rivers, lakes = _waters(tables, profile)
    land, share = _land(tables, profile)
    land, share = np.concatenate([land, lakes]), np.concatenate([share, np.zeros(len(lakes))])
    snow, depth = _snow(tables, weather)
    ground = travel.Ground(
        land=land,
        share=share,
        snow=snow,
        depth=depth,
        snow_cm=0.0 if weather.spec is None else weather.spec.snow_cm,
        snow_grid=weather.grid,
        relief=relief,
        shut=_abroad(tables, extent.whole),
        within=within,
    )
    lines, speed = _tracks(tables, profile, weather.spec)
    return travel.build(
        travel.surface(lattice, going(profile), ground),
        bars=np.concatenate([rivers, land[share == 0.0]]),
        lines=lines,
        speed_kmh=speed,
        fords=_points(_of_class(tables, LANDMARK, spec.travel.fords)),
    )


def going(profile: ProfileSpec) -> travel.Going:
    """Return a profile in numbers."""
    return travel.Going(
        speed_kmh=profile.speed_kmh,
        slope_decay=profile.slope_decay,
        slope_ease=profile.slope_ease,
        slope_most=profile.slope_most,
        snow_stop_cm=profile.snow_stop_cm,
        slowest_land=min([OPEN, *(share for share in profile.land.values() if share > 0.0)]),
    )


def _within(extent: Extent) -> Any:
    """Return where ways may lead."""
    known = extent.xy[np.isfinite(extent.xy).all(axis=1)]
    shapes = [one for one in (extent.whole, extent.border) if one is not None]
    if extent.whole is not None:
        base = shapely.union_all(np.array(shapes, dtype=object))
        shapely.prepare(base)
        # Homes by the million lie inside: only the others are measured.
        outside = known[~np.asarray(shapely.intersects_xy(base, known), dtype=bool)]
        away = shapely.distance(base, np.asarray(shapely.points(outside), dtype=object))
        known = outside[away <= FAR_M]
    places = np.unique(known, axis=0)
    parts = [*shapes, *([shapely.MultiPoint(places)] if len(places) else [])]
    joined = shapely.union_all(np.array(parts, dtype=object))
    return shapely.buffer(joined if extent.whole is not None else shapely.convex_hull(joined), MARGIN_M)


def _lattice(within: Any, spec: ProjectSpec) -> travel.Lattice:
    cell = spec.travel.cell_m
    bounds = (0.0, 0.0, cell, cell) if within.is_empty else within.bounds
    lattice = travel.covering(bounds, cell=cell, crs=spec.crs)
    if lattice.size > MOST_CELLS:
        least = cell * float(np.sqrt(lattice.size / MOST_CELLS))
        raise ConfigError(
            "GM103",
            f"travel.cell_m is too small for the area: {lattice.size:,} cells, more than {MOST_CELLS:,}",
            where=CONFIG_NAME,
            fix=f"set travel.cell_m to {np.ceil(least / 10) * 10:.0f} or more",
        )
    return lattice


def _of_class(tables: Tables, kind: str, classes: tuple[str, ...]) -> Objects:
    """Return the geometries of a kind's rows of some classes."""
    shapes, named = _rows(tables, kind)
    found: Objects = shapes[_is_one_of(named, classes)]
    return found


def _rows(tables: Tables, kind: str) -> tuple[Objects, Objects]:
    """Return the geometries and classes of a kind's rows that have a geometry with finite coordinates."""
    frame = tables.get(kind)
    if frame is None or not len(frame) or not isinstance(frame, gpd.GeoDataFrame):
        return np.empty(0, dtype=object), np.empty(0, dtype=object)
    kept = _usable(frame)
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)[kept]
    named = frame["class"].astype(object).to_numpy()[kept] if "class" in frame.columns else None
    return shapes, np.full(len(shapes), None, dtype=object) if named is None else named


def _usable(frame: gpd.GeoDataFrame) -> Bools:
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    coords, row = shapely.get_coordinates(shapes, return_index=True)
    usable[row[~np.isfinite(coords).all(axis=1)]] = False
    return np.asarray(usable, dtype=bool)


def _is_one_of(named: Objects, classes: tuple[str, ...]) -> Bools:
    return np.array([one in classes for one in named], dtype=bool)


def _waters(tables: Tables, profile: ProfileSpec) -> tuple[Objects, Objects]:
    """Return the waters that bar: those drawn as lines, and those drawn as polygons, on which nobody goes."""
    shapes = _of_class(tables, WATER, profile.barred_by)
    dimension = shapely.get_dimensions(shapes)
    return shapes[dimension == 1], all_polygons_of(shapes[dimension == POLYGONAL])


def _points(shapes: Objects) -> Floats:
    points = shapes[shapely.get_type_id(shapes) == shapely.GeometryType.POINT]
    return np.asarray(shapely.get_coordinates(points), dtype=np.float64).reshape(-1, 2)


def _land(tables: Tables, profile: ProfileSpec) -> tuple[Objects, Floats]:
    """Return the land that slows or bars, and the share of the speed that it leaves."""
    shapes, named = _rows(tables, LAND)
    share = np.array([profile.land.get(one, OPEN) for one in named], dtype=np.float64)
    slows = share < OPEN
    return all_polygons_of(shapes[slows]), share[slows]


def _snow(tables: Tables, weather: Weather) -> tuple[Objects, Floats]:
    frame = tables.get(SNOW)
    none = np.empty(0, dtype=object), np.empty(0)
    if weather.name is None or frame is None or not isinstance(frame, gpd.GeoDataFrame):
        return none
    chosen = _usable(frame) & frame["scenario"].eq(weather.name).fillna(value=False).to_numpy(dtype=bool)
    depth = frame["depth_cm"].to_numpy(dtype=np.float64, na_value=0.0)[chosen]
    return all_polygons_of(np.asarray(frame.geometry.to_numpy(), dtype=object)[chosen]), depth


def _abroad(tables: Tables, whole: Any) -> Objects:
    """Return other countries, which nobody travels through; where drawn over the jurisdiction, it counts."""
    countries = all_polygons_of(_of_class(tables, NEIGHBOUR, (COUNTRY,)))
    return countries if whole is None else np.asarray(shapely.difference(countries, whole), dtype=object)


def _tracks(tables: Tables, profile: ProfileSpec, scenario: ScenarioSpec | None) -> tuple[Objects, Floats]:
    """Return the tracks that are open to the profile, and the speed on them."""
    frame = tables.get(TRACK)
    if frame is None or not isinstance(frame, gpd.GeoDataFrame) or "class" not in frame.columns:
        return np.empty(0, dtype=object), np.empty(0)
    speed = np.array([profile.tracks.get(one, np.nan) for one in frame["class"].astype(object)])
    kept = _usable(frame) & np.isfinite(speed)
    if scenario is not None:
        shut = frame["id"].isin(scenario.closed_tracks) | frame["class"].isin(scenario.closed_classes)
        kept &= ~shut.fillna(value=False).to_numpy(dtype=bool)
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)[kept]
    linear = shapely.get_dimensions(shapes) == 1
    return shapes[linear], speed[kept][linear]
