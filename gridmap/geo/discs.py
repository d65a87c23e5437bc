"""Ground within so many geodesic metres of a place, or of the border, as polygons in the working CRS.

A polygon of n vertices on a circle is smaller than the disc, by (2/3)(pi/n)^2 of it. The vertices of
`discs` stand a little farther out, so that the areas are equal:
``(n/2) r^2 sin(2 pi/n) = pi R^2`` gives ``r = R sqrt((2 pi/n) / sin(2 pi/n))``. Then every edge is as much
outside of the circle at its ends as it is inside at its middle, and a union or an intersection, which cuts
circles anywhere, is wrong by a part of one edge's deviation at each cut at most: with 360 vertices by less
than 3e-8 of a disc.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap.geo.containing import polygons_of
from gridmap.geo.crs import from_lonlat, geod, to_lonlat
from gridmap.geo.measure import bearing, densify

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    from gridmap.geo.chainage import Border

    Floats = NDArray[np.float64]
    Geoms = NDArray[np.object_]

VERTICES = 360
# Arcs of the belt: steps of a tenth of a degree leave less than 4e-7 of a sector out.
BELT_QUADRANT = 900
BELT_EDGE_M = 250.0
# A vertex of the belt is moved until it is this near to its distance from the border.
BELT_EXACT_M = 1e-3
BELT_MOVES = 8


def discs(xy: Floats, reach_m: Floats, crs: str | CRS) -> Geoms:
    """Return geodesic discs.

    Parameters
    ----------
    xy : array of float, shape (m, 2)
        Centres in the working CRS; NaN gives an empty polygon.
    reach_m : array of float, shape (m,)
        Radii in geodesic metres.
    crs : str or CRS
        Projected, metric.

    Returns
    -------
    array of Polygon, shape (m,)
        In the working CRS, with the area of the true disc; empty where there is no disc.
    """
    centre = to_lonlat(xy, crs)
    reach = np.asarray(reach_m, dtype=np.float64)
    made = np.full(len(centre), shapely.Polygon(), dtype=object)
    rows = np.flatnonzero(np.isfinite(centre).all(axis=1) & (reach > 0.0))
    if not len(rows):
        return made
    turn = 2.0 * np.pi / VERTICES
    radius = np.repeat(reach[rows] * np.sqrt(turn / np.sin(turn)), VERTICES)
    lon, lat = np.repeat(centre[rows], VERTICES, axis=0).T
    azimuth = np.tile(np.degrees(np.arange(VERTICES) * turn), len(rows))
    edge_lon, edge_lat, _ = geod(crs).fwd(lon, lat, azimuth, radius)
    ring = from_lonlat(np.column_stack([edge_lon, edge_lat]), crs).reshape(len(rows), VERTICES, 2)
    made[rows] = shapely.polygons(shapely.linearrings(ring))
    return made


def belt(border: Border, belt_m: float) -> Any:
    """Return all places within `belt_m` geodesic metres of the border.

    Parameters
    ----------
    border : Border
        The border.
    belt_m : float
        Geodesic metres.

    Returns
    -------
    Polygon or MultiPolygon
        In the working CRS, valid; its area is exact to 1e-6.

    Notes
    -----
    The plane gives the form: a buffer with fine arcs, cut into short edges. Then every vertex is moved along
    the geodesic from its nearest place of the border until it is `belt_m` away from it: what the plane
    stretches, and what a buffer leaves out of shallow bays, is so put right. Between two vertices that are
    right an arc of the radius r is off by s^2/8r for an edge s.
    """
    if belt_m <= 0.0:
        return shapely.MultiPolygon()
    plane = shapely.buffer(border.geometry, belt_m * _scale(border), quad_segs=BELT_QUADRANT)
    fine = densify(np.array([plane], dtype=object), BELT_EDGE_M)[0]
    return polygons_of(shapely.transform(fine, lambda xy: _moved(border, xy, belt_m)))


def _scale(border: Border) -> float:
    """Return how much the plane stretches at the middle of the border."""
    at = border.place(np.array([border.length_m / 2.0]))
    west, south = to_lonlat(at, border.crs)[0]
    lon, lat, _ = geod(border.crs).fwd(west, south, 90.0, 1000.0)
    off = from_lonlat(np.array([[lon, lat]]), border.crs) - at
    return float(np.hypot(*off[0]) / 1000.0)


def _moved(border: Border, xy: Floats, belt_m: float) -> Floats:
    out = xy.copy()
    for _ in range(BELT_MOVES):
        found = border.locate(out)
        wrong = np.flatnonzero(np.abs(found.distance_m - belt_m) > BELT_EXACT_M)
        if not len(wrong):
            break
        foot = border.place(found.chainage_m[wrong])
        azimuth = bearing(foot, out[wrong], border.crs)
        start = to_lonlat(foot, border.crs)
        away = np.full(len(wrong), belt_m)
        lon, lat, _ = geod(border.crs).fwd(start[:, 0], start[:, 1], azimuth, away)
        out[wrong] = from_lonlat(np.column_stack([lon, lat]), border.crs)
    return out
