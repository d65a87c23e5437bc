"""Where nobody reaches: stretches of border, parts of the jurisdiction, households."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import geo
from gridmap.analyse.cover import Covered
from gridmap.analyse.demand import Bools, Demand, Floats, Objects, Posts

COLUMNS = ("layer", "id", "from_m", "to_m", "size", "unit", "lon", "lat", "nearest", "metres", "geometry")
TEXTS = ("layer", "id", "unit", "nearest")


@dataclass(frozen=True, slots=True)
class Slivers:
    """What is no gap but an inaccuracy of drawing: not larger than this, or nowhere wider."""

    m2: float
    width_m: float


def gaps(covered: Covered, demand: Demand, posts: Posts, *, slivers: Slivers) -> gpd.GeoDataFrame:
    """List the gaps of the three demands.

    Parameters
    ----------
    covered : Covered
        What is covered.
    demand : Demand
        What is to be covered.
    posts : Posts
        The keepers.
    slivers : Slivers
        Parts of the jurisdiction that are not listed; the figures hold them all the same.

    Returns
    -------
    GeoDataFrame
        One row a gap in the working CRS: ``layer``; ``id`` of a household; ``from_m`` and ``to_m`` of a
        stretch; ``size`` in ``unit`` (``"m"``, ``"m2"``, ``"persons"``); ``lon`` and ``lat`` of the middle of
        the stretch, of an inner point of the part, or of the household; ``nearest``, the keeper of the layer
        (``kind:id``) that is nearest to it, and ``metres``, how far that is. The border from the west, the
        parts of the jurisdiction from the largest, households by id.
    """
    parts = (
        _line(covered, demand, posts),
        _area(covered, demand, posts, slivers),
        _point(covered, demand, posts),
    )
    columns: dict[str, Any] = {}
    for name in COLUMNS[:-1]:
        values = np.concatenate([np.asarray(part[name], dtype=object) for part in parts])
        columns[name] = pd.array(values, dtype="str") if name in TEXTS else values.astype(np.float64)
    shapes = np.concatenate([np.asarray(part["geometry"], dtype=object) for part in parts])
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=demand.crs))


def _rows(layer: str, unit: str, size: Floats, **more: Any) -> dict[str, Any]:
    count = len(size)
    row: dict[str, Any] = {name: np.full(count, None, dtype=object) for name in ("id", "nearest")}
    row |= {name: np.full(count, np.nan) for name in ("from_m", "to_m", "lon", "lat", "metres")}
    said = {"layer": np.full(count, layer, dtype=object), "unit": np.full(count, unit, dtype=object)}
    return row | said | {"size": size} | more


def _nearest(xy: Floats, demand: Demand, posts: Posts, chosen: Bools) -> dict[str, Any]:
    """Return the nearest of some keepers to each place, and its distance."""
    some = posts.only(np.flatnonzero(chosen))
    found = geo.nearest(xy, np.array(some.names, dtype=object), some.xy, demand.crs)
    # Where there is none the index is -1: the last place, which is missing.
    names = np.array([*some.names, None], dtype=object)[found.index]
    lon, lat = geo.to_lonlat(xy, demand.crs).T
    metres = np.where(found.index >= 0, found.metres, np.nan)
    return {"lon": lon, "lat": lat, "nearest": names, "metres": metres}


def _line(covered: Covered, demand: Demand, posts: Posts) -> dict[str, Any]:
    ends = covered.line.gaps
    if demand.border is None:
        return _rows("line", "m", np.empty(0), geometry=np.empty(0, dtype=object))
    # L is rounded to the millimetre, which may be a hair beyond the border's end.
    drawn = np.minimum(ends, demand.border.length_m)
    shapes = np.empty(len(ends), dtype=object)
    shapes[:] = [demand.border.interval(float(start), float(stop)) for start, stop in drawn]
    middle = demand.border.place(ends.mean(axis=1)) if len(ends) else np.empty((0, 2))
    more = {"from_m": ends[:, 0], "to_m": ends[:, 1], "geometry": shapes}
    size = np.round(ends[:, 1] - ends[:, 0], 3)
    return _rows("line", "m", size, **more, **_nearest(middle, demand, posts, posts.line))


def _area(covered: Covered, demand: Demand, posts: Posts, slivers: Slivers) -> dict[str, Any]:
    parts = np.asarray(shapely.get_parts(covered.area.uncovered), dtype=object)
    size = geo.geodesic_area(parts, demand.crs)
    wide = (size > slivers.m2) & _wide(parts, slivers.width_m)
    parts, size = parts[wide], size[wide]
    box = shapely.bounds(parts).reshape(-1, 4)
    order = np.lexsort((box[:, 1], box[:, 0], -np.round(size, 1)))
    parts, size = parts[order], size[order]
    inner = shapely.get_coordinates(shapely.point_on_surface(parts)).reshape(-1, 2)
    every = np.ones(len(posts.ids), dtype=bool)
    return _rows("area", "m2", np.round(size, 1), geometry=parts, **_nearest(inner, demand, posts, every))


def _wide(parts: Objects, width_m: float) -> Bools:
    # Twice area by perimeter is never more than the width at the widest place, and costs nothing.
    wide = np.asarray(2.0 * shapely.area(parts) > width_m * shapely.length(parts), dtype=bool)
    wide[~wide] = ~shapely.is_empty(shapely.buffer(parts[~wide], -width_m / 2.0))
    return wide


def _point(covered: Covered, demand: Demand, posts: Posts) -> dict[str, Any]:
    rows = np.flatnonzero(~covered.point.inside)
    homes = demand.homes
    xy = homes.xy[rows]
    shapes = np.full(len(rows), None, dtype=object)
    known = np.isfinite(xy).all(axis=1)
    shapes[known] = shapely.points(xy[known])
    near = _nearest(xy, demand, posts, posts.stronghold)
    size = homes.persons[rows].astype(np.float64)
    return _rows("point", "persons", size, **{"id": homes.ids[rows], "geometry": shapes, **near})
