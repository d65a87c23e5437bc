"""Where the shifted datums of web maps apply.

GCJ-02 and BD-09 move positions in mainland China and nowhere else; Hong Kong, Macao and Taiwan are not in the
mask, because web maps do not shift there. The mask is made from Natural Earth's countries at 1:10,000,000
(public domain), simplified to 0.002 degrees. It is up to two kilometres off near a border, says nothing about
where a border runs, and is never drawn.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

# How far the mask may be off, in degrees: about two kilometres.
DOUBT_DEG = 0.02
# More than any shift: BD-09 moves by some two kilometres.
SHIFT_DEG = 0.1


@lru_cache(maxsize=1)
def mask() -> Any:
    """Return the territory as a prepared polygon in degrees, lon first."""
    text = resources.files("gridmap.geo").joinpath("data/gcj02_territory.geojson").read_text(encoding="utf-8")
    shape = shapely.from_geojson(json.dumps(json.loads(text)["features"][0]["geometry"]))
    shapely.prepare(shape)
    return shape


@lru_cache(maxsize=1)
def _edge() -> Any:
    edge = shapely.boundary(mask())
    shapely.prepare(edge)
    return edge


@lru_cache(maxsize=8)
def _is_within(wkb: bytes) -> bool:
    shape = shapely.from_wkb(wkb)
    return bool(shapely.area(shapely.intersection(mask(), shape)) > shapely.area(shape) / 2)


def _trusted(inside: Any) -> Any:
    """Return a polygon that is said to be in the territory, None if most of it is not."""
    return inside if inside is not None and _is_within(shapely.to_wkb(inside)) else None


def applies(lonlat: npt.NDArray[np.float64], inside: Any = None) -> npt.NDArray[np.bool_]:
    """Say of each position whether web maps shift it.

    Parameters
    ----------
    lonlat : ndarray, shape (n, 2)
        Degrees on WGS 84.
    inside : shapely geometry, optional
        A polygon in degrees: a project's jurisdiction is truer than the mask, if most of it is in the
        territory.
    """
    inside = _trusted(inside)
    found = shapely.contains_xy(mask(), lonlat[:, 0], lonlat[:, 1])
    if inside is not None:
        found |= shapely.intersects_xy(inside, lonlat[:, 0], lonlat[:, 1])
    return np.asarray(found, dtype=bool)


def might_apply(lonlat: npt.NDArray[np.float64], inside: Any = None) -> npt.NDArray[np.bool_]:
    """Say of each shifted position whether it is so near the territory that its true one may be there."""
    bounds = np.array([shapely.bounds(mask())])
    if (trusted := _trusted(inside)) is not None:
        bounds = np.vstack([bounds, shapely.bounds(trusted)])
    low, high = bounds[:, :2].min(axis=0) - SHIFT_DEG, bounds[:, 2:].max(axis=0) + SHIFT_DEG
    return np.asarray((lonlat >= low).all(axis=1) & (lonlat <= high).all(axis=1), dtype=bool)


def doubtful(lonlat: npt.NDArray[np.float64], inside: Any = None) -> npt.NDArray[np.bool_]:
    """Say of each position whether the mask is too coarse: near its edge, and not in `inside`."""
    inside = _trusted(inside)
    near = shapely.dwithin(shapely.points(np.nan_to_num(lonlat)), _edge(), DOUBT_DEG)
    if inside is not None:
        near &= ~shapely.intersects_xy(inside, lonlat[:, 0], lonlat[:, 1])
    return np.asarray(near, dtype=bool) & np.isfinite(lonlat).all(axis=1)
