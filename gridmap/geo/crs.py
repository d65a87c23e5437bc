"""Coordinate reference systems: the working CRS, its ellipsoid, and the way to lon/lat and back.

Everything in a project lives in one *working CRS*: projected, metric, declared. Lon/lat means the
geodetic CRS the working CRS is built on (EPSG:4490 for EPSG:4508), always in the order lon, lat.
A CRS is never guessed.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError

from gridmap.errors import InputError

Floats = npt.NDArray[np.float64]
Geoms = npt.NDArray[np.object_]

log = logging.getLogger("gridmap.geo.crs")


def _does_not_serve(crs: str | CRS, what: str) -> InputError:
    return InputError(
        "GM203",
        what,
        where=f"crs = {str(crs)[:80]!r}",
        fix="use a projected CRS in metres, such as EPSG:4508 (CGCS2000 Gauss-Kruger, central meridian 111E)",
    )


@lru_cache(maxsize=64)
def working_crs(crs: str | CRS) -> CRS:
    """Return the working CRS, after making sure that it serves.

    Parameters
    ----------
    crs : str or pyproj.CRS
        Anything `pyproj.CRS.from_user_input` takes, e.g. ``"EPSG:4508"``.

    Returns
    -------
    pyproj.CRS
        Projected, two axes, metres.

    Raises
    ------
    InputError
        GM203 if it cannot be understood, is not projected, or does not count in metres.
    """
    try:
        found = CRS.from_user_input(crs)
    except CRSError as error:
        raise _does_not_serve(crs, "a coordinate reference system cannot be understood") from error
    if not found.is_projected or len(found.axis_info) != 2:  # noqa: PLR2004 - two axes: a plane
        raise _does_not_serve(crs, "the working coordinate reference system is not a plane projection")
    if any(axis.unit_conversion_factor != 1.0 for axis in found.axis_info):
        raise _does_not_serve(crs, "the working coordinate reference system does not count in metres")
    if found.geodetic_crs is None:
        raise _does_not_serve(crs, "the working coordinate reference system has no geodetic base")
    return found


@lru_cache(maxsize=64)
def between(source: CRS, target: CRS) -> Transformer:
    """Return the way from one CRS to another, x and lon first.

    Kept: looking it up takes half a second.
    """
    return Transformer.from_crs(source, target, always_xy=True)


@lru_cache(maxsize=64)
def any_crs(crs: str) -> CRS:
    """Return any CRS by its code or text.

    Raises
    ------
    InputError
        GM203 if it cannot be understood.
    """
    try:
        return CRS.from_user_input(crs)
    except CRSError as error:
        raise InputError(
            "GM203",
            "a coordinate reference system cannot be understood",
            where=f"crs = {str(crs)[:80]!r}",
            fix="give an EPSG code, e.g. EPSG:4508",
        ) from error


@lru_cache(maxsize=64)
def geod(crs: str | CRS) -> Geod:
    """Return the ellipsoid of a working CRS as `pyproj.Geod`: the one metric of gridmap."""
    found = working_crs(crs).get_geod()
    if found is None:
        raise _does_not_serve(crs, "the working coordinate reference system has no ellipsoid")
    return found


@lru_cache(maxsize=64)
def lonlat_crs(crs: str | CRS) -> CRS:
    """Return the geodetic CRS a working CRS is built on; coordinates are still in the order lon, lat."""
    base = working_crs(crs).geodetic_crs
    if base is None:  # pragma: no cover - working_crs refuses such a CRS
        raise _does_not_serve(crs, "the working coordinate reference system has no geodetic base")
    return base


@lru_cache(maxsize=64)
def _transformer(crs: str | CRS, *, inverse: bool) -> Transformer:
    ends = (lonlat_crs(crs), working_crs(crs)) if inverse else (working_crs(crs), lonlat_crs(crs))
    return Transformer.from_crs(*ends, always_xy=True)


def _apply(transformer: Transformer, xy: npt.ArrayLike) -> Floats:
    given = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    x, y = transformer.transform(given[:, 0], given[:, 1])
    out = np.column_stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
    out[~np.isfinite(out).all(axis=1)] = np.nan
    return out


def to_lonlat(xy: npt.ArrayLike, crs: str | CRS) -> Floats:
    """Turn plane coordinates into lon/lat.

    Parameters
    ----------
    xy : array_like, shape (n, 2)
        Metres in the working CRS, easting then northing.
    crs : str or pyproj.CRS
        The working CRS.

    Returns
    -------
    ndarray, shape (n, 2)
        Degrees, lon then lat; NaN where a coordinate is not finite or cannot be transformed.
    """
    return _apply(_transformer(crs, inverse=False), xy)


def from_lonlat(lonlat: npt.ArrayLike, crs: str | CRS) -> Floats:
    """Turn lon/lat in degrees, shape (n, 2), into metres in the working CRS; NaN where impossible."""
    return _apply(_transformer(crs, inverse=True), lonlat)


def _transform_geoms(geoms: npt.ArrayLike, transformer: Transformer) -> Geoms:
    given = np.asarray(geoms, dtype=object)

    def apply(coords: Floats) -> Floats:
        return _apply(transformer, coords)

    return np.asarray(shapely.transform(given, apply), dtype=object)


def geoms_to_lonlat(geoms: npt.ArrayLike, crs: str | CRS) -> Geoms:
    """Turn an array of geometries from the working CRS into lon/lat (vertices only; 2D; None stays)."""
    return _transform_geoms(geoms, _transformer(crs, inverse=False))


def geoms_from_lonlat(geoms: npt.ArrayLike, crs: str | CRS) -> Geoms:
    """Turn an array of geometries from lon/lat into the working CRS (vertices only; 2D; None stays)."""
    return _transform_geoms(geoms, _transformer(crs, inverse=True))


def to_working(frame: Any, crs: str | CRS, *, name: str) -> Any:
    """Bring a GeoDataFrame into the working CRS: the first of the three gates.

    Parameters
    ----------
    frame : GeoDataFrame
        Not changed.
    crs : str or pyproj.CRS
        The working CRS.
    name : str
        File or table the frame came from, for messages.

    Returns
    -------
    GeoDataFrame
        In the working CRS. A transformation that PROJ can only guess at ("ballpark", such as
        EPSG:4326 to EPSG:4490) is said in the log.

    Raises
    ------
    InputError
        GM201 if the frame has no CRS; GM203 if the working CRS does not serve.
    """
    target = working_crs(crs)
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        raise InputError(
            "GM201",
            f"{name} has no coordinate reference system",
            where=name,
            fix="give a file that states it, or set it on the frame; it is never guessed",
        )
    if frame.crs == target:
        return frame.set_crs(target, allow_override=True)
    how = between(frame.crs, target).description
    if "ballpark" in how.lower():
        log.warning("%s: the datum shift is a ballpark one, off by a metre or two (%s)", name, how)
    return frame.to_crs(target)
