"""The working CRS as a script in a page can apply it: a PROJ string that it knows, or polynomials.

The polynomials are Chebyshev interpolants through PROJ's own values (L. N. Trefethen, "Approximation Theory
and Approximation Practice", 2013, chapter 4): a projection is smooth, so a few dozen terms along each axis
give it to a fraction of a millimetre over some degrees.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.polynomial import chebyshev
from pyproj import Proj

from gridmap.geo.crs import from_lonlat, geod, working_crs

Floats = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]

# Projections that proj4js computes as PROJ does, to a tenth of a millimetre; a browser test proves each.
SCRIPTED = frozenset({"aea", "lcc", "merc", "omerc", "stere", "sterea", "tmerc", "utm"})
# What only leads to another datum, or says nothing of the plane; the ellipsoid is written out instead.
LEFT_OUT = {"datum", "ellps", "towgs84", "nadgrids", "geoidgrids", "pm"} | {
    "axis", "type", "no_defs", "wktext", "units",
}  # fmt: skip
SAME_M = 1e-4
CHECKED = 9
TERMS = (8, 12, 16, 24, 32)
WIDENED_DEG = 1.0
MOST_LAT, MOST_LON = 89.0, 180.0


@dataclass(frozen=True, slots=True)
class Polynomials:
    """A projection within a box of degrees.

    Parameters
    ----------
    box : (west, south, east, north)
        In degrees.
    x, y : array of float, shape (n, n)
        Chebyshev coefficients of easting and northing in metres: rows along the longitude, columns along
        the latitude.
    """

    box: Box
    x: Floats
    y: Floats


def proj_text(crs: str, box: Box) -> str:
    """Return the working CRS as a PROJ string for a script that knows no datums.

    Parameters
    ----------
    crs : str
        The working CRS.
    box : (west, south, east, north)
        Degrees: where it must be right.

    Returns
    -------
    str
        From degrees of the CRS's own datum to its metres, easting first; "" where the projection is none of
        `SCRIPTED`, or the string does not say all of it.
    """
    with warnings.catch_warnings():
        # What a PROJ string loses is compared below.
        warnings.simplefilter("ignore", UserWarning)
        words = working_crs(crs).to_proj4().split()
    pairs = [word.lstrip("+").partition("=")[::2] for word in words]
    kept = {name: value for name, value in pairs if name not in LEFT_OUT}
    if kept.get("proj") not in SCRIPTED:
        return ""
    if not kept.keys() & {"a", "R"}:
        ellipsoid = geod(crs)
        kept["a"] = repr(ellipsoid.a)
        kept["b"] = repr(ellipsoid.b)
    text = " ".join(f"+{name}={value}" if value else f"+{name}" for name, value in kept.items())
    return text if _off(text, crs, box) <= SAME_M else ""


def _off(text: str, crs: str, box: Box) -> float:
    """Return how far, in metres, a PROJ string is from the working CRS at most."""
    lonlat = _grid(box, np.linspace(-1.0, 1.0, CHECKED))
    x, y = Proj(text)(lonlat[:, 0], lonlat[:, 1])
    away = np.hypot(*(np.column_stack([x, y]) - from_lonlat(lonlat, crs)).T)
    return float(away.max()) if np.isfinite(away).all() else np.inf


def _grid(box: Box, nodes: Floats) -> Floats:
    """Return every pair of nodes (-1 to 1) in a box of degrees, shape (n * n, 2), longitude by longitude."""
    west, south, east, north = box
    lon = (west + east) / 2 + nodes * (east - west) / 2
    lat = (south + north) / 2 + nodes * (north - south) / 2
    return np.column_stack([np.repeat(lon, len(nodes)), np.tile(lat, len(nodes))])


def widened(box: Box) -> Box:
    """Return a box of degrees with a margin, so that places beside the area have a position, too."""
    west, south, east, north = box
    return (
        max(west - WIDENED_DEG, -MOST_LON),
        max(south - WIDENED_DEG, -MOST_LAT),
        min(east + WIDENED_DEG, MOST_LON),
        min(north + WIDENED_DEG, MOST_LAT),
    )


def polynomials(crs: str, box: Box) -> Polynomials | None:
    """Return the working CRS as polynomials, None if a tenth of a millimetre needs too many terms.

    Parameters
    ----------
    crs : str
        The working CRS.
    box : (west, south, east, north)
        Degrees: where they must be right.
    """
    for terms in TERMS:
        nodes = np.cos(np.pi * (np.arange(terms) + 0.5) / terms)
        xy = from_lonlat(_grid(box, nodes), crs)
        if not np.isfinite(xy).all():
            return None
        base = chebyshev.chebvander(nodes, terms - 1)
        # At these nodes the polynomials are orthogonal: the transpose is the inverse, but for its weights.
        weights = np.where(np.arange(terms) == 0, 1.0, 2.0) / terms
        back = base.T * weights[:, None]
        x, y = (back @ values.reshape(terms, terms) @ back.T for values in xy.T)
        between = np.linspace(-1.0, 1.0, 2 * terms + 1)
        made = np.column_stack([chebyshev.chebgrid2d(between, between, one).ravel() for one in (x, y)])
        if np.hypot(*(made - from_lonlat(_grid(box, between), crs)).T).max() <= SAME_M:
            return Polynomials(box, x, y)
    return None
