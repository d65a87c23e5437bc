"""The one metric: geodesic metres and square metres on the ellipsoid of the working CRS.

Edges are straight in the working CRS, so geometries are densified in the plane before they are
measured: a plane-straight edge of 200 m is within a tenth of a millimetre of the geodesic between
its ends anywhere in a 6-degree belt. Distances, lengths and areas of long edges are
GeographicLib's (C. F. F. Karney, "Algorithms for geodesics", J. Geodesy 87, 2013), by `pyproj.Geod`.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Proj

from gridmap.geo.crs import Floats, Geoms, geod, to_lonlat, working_crs

DENSIFY_M = 200.0
POLYGONAL = 2
# Below this extent the areal scale at the centroid gives the area of a polygon within 1e-7, and keeps
# the area of a sliver, which the difference of two large areas would lose.
SMALL_M = 2_000.0


def round_mm(metres: npt.ArrayLike) -> Floats:
    """Round metres to the millimetre: two distances are equal, and a limit is met, to the millimetre."""
    return np.asarray(np.round(np.asarray(metres, dtype=np.float64), 3) + 0.0, dtype=np.float64)


def densify(geoms: npt.ArrayLike, max_m: float = DENSIFY_M) -> Geoms:
    """Add vertices so that no edge is longer than `max_m` plane metres; None and empty stay."""
    given = np.asarray(geoms, dtype=object).reshape(-1)
    out = np.empty(len(given), dtype=object)
    out[:] = [None if one is None else _dense(one, max_m) for one in given]
    return out


def _dense(shape: Any, max_m: float) -> Any:
    if shape.geom_type == "Polygon" and not shape.is_empty:
        # Ring by ring: GEOS mends a polygon that rounding makes touch itself, and may take it apart.
        shell, *holes = (_dense(ring, max_m) for ring in (shape.exterior, *shape.interiors))
        return shapely.Polygon(shell, holes)
    if hasattr(shape, "geoms"):
        # Multi-parts are not made of what is empty, though files have such.
        return type(shape)([_dense(part, max_m) for part in shape.geoms if not part.is_empty])
    return _segmentized(np.array([shape], dtype=object), max_m)[0]


def _segmentized(lines: Geoms, max_m: float) -> Geoms:
    """Add vertices to lines and rings; those without length, which GEOS refuses, and infinite ones stay."""
    length = shapely.length(lines)
    real = np.isfinite(length) & (length > 0.0)
    out = lines.copy()
    out[real] = shapely.segmentize(lines[real], max_m)
    return out


def geodesic_distance(xy_a: npt.ArrayLike, xy_b: npt.ArrayLike, crs: str | CRS) -> Floats:
    """Return geodesic metres between places.

    Parameters
    ----------
    xy_a, xy_b : array_like, shape (n, 2)
        Places in the working CRS.
    crs : str or pyproj.CRS
        The working CRS.

    Returns
    -------
    ndarray, shape (n,)
        Metres; NaN where a place is not finite.
    """
    return _inverse(xy_a, xy_b, crs)[1]


def bearing(xy_a: npt.ArrayLike, xy_b: npt.ArrayLike, crs: str | CRS) -> Floats:
    """Return the azimuth at a towards b in degrees from true north, 0 <= bearing < 360; 0 at one place."""
    azimuth, metres = _inverse(xy_a, xy_b, crs)
    turned = np.mod(azimuth, 360.0)
    turned[turned >= 360.0] = 0.0  # noqa: PLR2004 - a tiny negative angle rounds up to the full circle
    return np.where(metres == 0.0, 0.0, turned)


def _inverse(xy_a: npt.ArrayLike, xy_b: npt.ArrayLike, crs: str | CRS) -> tuple[Floats, Floats]:
    return inverse(to_lonlat(xy_a, crs), to_lonlat(xy_b, crs), crs)


def inverse(lonlat_a: Floats, lonlat_b: Floats, crs: str | CRS) -> tuple[Floats, Floats]:
    """Return azimuth (degrees, -180..180) and metres from a to b, both (n, 2) lon/lat; NaN in, NaN out."""
    known = np.isfinite(lonlat_a).all(axis=1) & np.isfinite(lonlat_b).all(axis=1)
    azimuth, metres = np.full((2, len(lonlat_a)), np.nan)
    a, b = lonlat_a[known], lonlat_b[known]
    forward, _, length = geod(crs).inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])
    azimuth[known] = forward
    metres[known] = length
    return azimuth, metres


def geodesic_length(geoms: npt.ArrayLike, crs: str | CRS) -> Floats:
    """Return the geodesic length of lines.

    Parameters
    ----------
    geoms : array_like of shapely geometries, shape (n,)
        Lines in the working CRS; of a polygon its rings, of a point nothing.
    crs : str or pyproj.CRS
        The working CRS.

    Returns
    -------
    ndarray, shape (n,)
        Metres; 0 for None and empty.
    """
    given = np.asarray(geoms, dtype=object).reshape(-1)
    lines = given.copy()
    polygonal = shapely.get_dimensions(given) == POLYGONAL
    lines[polygonal] = shapely.boundary(given[polygonal])
    parts, owner = shapely.get_parts(lines, return_index=True)
    parts = _segmentized(parts, DENSIFY_M)
    coords, part = shapely.get_coordinates(parts, return_index=True)
    lonlat = to_lonlat(coords, crs)
    same = part[1:] == part[:-1]
    metres = inverse(lonlat[:-1][same], lonlat[1:][same], crs)[1]
    return _summed(owner[part[1:][same]], metres, len(given))


def geodesic_area(geoms: npt.ArrayLike, crs: str | CRS) -> Floats:
    """Return the geodesic area of polygons.

    Parameters
    ----------
    geoms : array_like of shapely geometries, shape (n,)
        Valid polygons and multipolygons in the working CRS; anything else counts 0.
    crs : str or pyproj.CRS
        The working CRS.

    Returns
    -------
    ndarray, shape (n,)
        Square metres, holes taken out; 0 for None and empty.
    """
    given = np.asarray(geoms, dtype=object).reshape(-1)
    polygons, owner = shapely.get_parts(given, return_index=True)
    flat = shapely.get_dimensions(polygons) == POLYGONAL
    polygons, owner = polygons[flat], owner[flat]
    box = shapely.bounds(polygons).reshape(-1, 4)
    small = np.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]) <= SMALL_M
    area = np.zeros(len(polygons))
    area[small] = _small_area(polygons[small], crs)
    area[~small] = _ring_area(polygons[~small], crs)
    return _summed(owner, area, len(given))


def _summed(owner: npt.NDArray[np.intp], values: Floats, count: int) -> Floats:
    return np.asarray(np.bincount(owner, weights=values, minlength=count), dtype=np.float64)


@lru_cache(maxsize=16)
def _projection(crs: str | CRS) -> Proj:
    return Proj(working_crs(crs))


def _small_area(polygons: Geoms, crs: str | CRS) -> Floats:
    if len(polygons) == 0:
        return np.zeros(0)
    centre = shapely.get_coordinates(shapely.centroid(polygons))
    middle = to_lonlat(centre, crs)
    scale = _projection(crs).get_factors(middle[:, 0], middle[:, 1]).areal_scale
    return np.asarray(shapely.area(polygons) / np.asarray(scale), dtype=np.float64)


def _ring_area(polygons: Geoms, crs: str | CRS) -> Floats:
    rings, owner = shapely.get_rings(polygons, return_index=True)
    outer = np.ones(len(rings), dtype=bool)
    outer[1:] = owner[1:] != owner[:-1]
    coords, ring = shapely.get_coordinates(_segmentized(rings, DENSIFY_M), return_index=True)
    lonlat = to_lonlat(coords, crs)
    ends = np.searchsorted(ring, np.arange(len(rings) + 1))
    ellipsoid = geod(crs)
    area = np.zeros(len(polygons))
    for index, (start, end) in enumerate(pairwise(ends.tolist())):
        found = abs(ellipsoid.polygon_area_perimeter(lonlat[start:end, 0], lonlat[start:end, 1])[0])
        area[owner[index]] += found if outer[index] else -found
    return area
