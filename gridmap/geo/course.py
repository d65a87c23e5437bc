"""The course of the border: rows of lines joined into parts, each with its direction, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap.geo.crs import to_lonlat
from gridmap.geo.fitting import connected

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    Floats = NDArray[np.float64]

# Ends nearer than this are one place: a line cut in two by another program need not fit to the last bit.
JOIN_M = 1e-3
RING_VERTICES = 4


def course(geoms: NDArray[Any], crs: CRS) -> list[Floats]:
    """Return the vertices of each part of the border, in the order and direction of chainage.

    Parameters
    ----------
    geoms : array of geometry
        LineStrings or MultiLineStrings in the CRS, in any order and direction. Others, empty ones, those
        without length or with coordinates that are not finite, and repetitions are left out.
    crs : CRS
        The working CRS.

    Returns
    -------
    list of array of float, shape (k, 2)
        Parts that touch end to end are one. Each runs from its western end (the southern of two at one
        longitude), a closed loop clockwise from its westernmost vertex; the parts follow one another by
        where they start, west to east, then south to north.
    """
    joined = (_clean(shapely.get_coordinates(line)) for line in _joined(_lines(geoms)))
    directed = [_directed(part, crs) for part in joined if len(part) > 1]
    starts = [tuple(_rounded(to_lonlat(part[:1], crs))[0]) for part in directed]
    order = sorted(range(len(directed)), key=lambda i: (starts[i], directed[i].tolist()))
    return [directed[i] for i in order]


def _lines(geoms: NDArray[Any]) -> list[Floats]:
    parts = shapely.get_parts(shapely.force_2d(np.asarray(geoms, dtype=object)))
    linear = np.isin(
        shapely.get_type_id(parts), [shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING]
    )
    found = [shapely.get_coordinates(one) for one in parts[linear]]
    cleaned = [_clean(one) for one in found if np.isfinite(one).all()]
    return [one for one in cleaned if len(one) > 1]


def _joined(lines: list[Floats]) -> list[Any]:
    if not lines:
        return []
    ends = np.vstack([line[[0, -1]] for line in lines])
    ends = _snapped(ends).reshape(-1, 2, 2)
    for line, (first, last) in zip(lines, ends, strict=True):
        line[0], line[-1] = first, last
    # A row that is there twice would be measured twice; the order of rows must not matter.
    normal = (shapely.normalize(shapely.LineString(line)) for line in lines)
    unique = sorted({line.wkb: line for line in normal if line.length > 0.0}.items())
    return list(shapely.get_parts(shapely.line_merge(shapely.MultiLineString([line for _, line in unique]))))


def _snapped(ends: Floats) -> Floats:
    """Bring ends that are one place to one position: that of the smallest coordinates."""
    places = np.asarray(shapely.points(ends), dtype=object)
    pairs = shapely.STRtree(places).query(places, predicate="dwithin", distance=JOIN_M)
    if pairs.shape[1] == len(ends):
        return ends
    _, group = np.unique(connected(pairs[0], pairs[1], len(ends)), return_inverse=True)
    order = np.lexsort((ends[:, 1], ends[:, 0], group))
    first = order[np.unique(group[order], return_index=True)[1]]
    return np.asarray(ends[first[group]], dtype=np.float64)


def _clean(vertices: Floats) -> Floats:
    moved = np.any(vertices[1:] != vertices[:-1], axis=1)
    return np.asarray(vertices[np.concatenate([[True], moved])[: len(vertices)]], dtype=np.float64)


def _directed(part: Floats, crs: CRS) -> Floats:
    """Turn a part to run west to east; a closed loop clockwise from its westernmost vertex."""
    lonlat = _rounded(to_lonlat(part, crs))
    if len(part) >= RING_VERTICES and (part[0] == part[-1]).all():
        ring, around = part[:-1], lonlat[:-1]
        if shapely.is_ccw(shapely.LinearRing(part)):
            ring, around = ring[::-1], around[::-1]
        first = int(np.lexsort((ring[:, 1], ring[:, 0], around[:, 1], around[:, 0]))[0])
        turned = np.roll(ring, -first, axis=0)
        return np.vstack([turned, turned[:1]])
    ends = (tuple(lonlat[0]), tuple(part[0])), (tuple(lonlat[-1]), tuple(part[-1]))
    return part[::-1] if ends[1] < ends[0] else part


def _rounded(lonlat: Floats) -> Floats:
    # A tenth of a millimetre: "at one longitude" must survive the way through the projection.
    return np.round(lonlat, 9)
