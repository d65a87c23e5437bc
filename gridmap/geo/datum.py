"""The shifted datums of Chinese web maps, there and back.

GCJ-02 (Amap, Tencent, Google in China) moves positions by 100 to 700 m; BD-09 (Baidu) moves those once more.
Neither is published; the formulas are those that the public knows since 2013 ("eviltransform", "China GPS
offset"), on the ellipsoid of Krasovsky 1940. The common inverse of one step is off by metres: here it is
iterated until nothing moves.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.geo.territory import applies, might_apply
from gridmap.model.datums import Datum

Floats = npt.NDArray[np.float64]
SHIFTED = ("gcj02", "bd09")
# The CRS of degrees on the others.
UNSHIFTED: dict[str, str] = {"wgs84": "EPSG:4326", "cgcs2000": "EPSG:4490"}

# Krasovsky 1940: semi-major axis in metres, first eccentricity squared.
AXIS_M = 6_378_245.0
ECCENTRICITY2 = 0.006_693_421_622_965_943_23
BD_TURN = np.pi * 3000.0 / 180.0
BD_LON, BD_LAT = 0.0065, 0.006
# Each step of the inverse shrinks what is left some thirty times.
STEPS = 30
STILL_DEG = 1e-13


def position_columns(crs: str) -> tuple[str, str]:
    """Return headers for positions that say what these are in: ``lon_wgs84``, ``x_epsg4508``.

    Parameters
    ----------
    crs : str
        A datum's name, or the code of a CRS.
    """
    says = {code: datum for datum, code in UNSHIFTED.items()}.get(crs, crs).lower().replace(":", "")
    first, second = ("lon", "lat") if says in {*UNSHIFTED, *SHIFTED} else ("x", "y")
    return f"{first}_{says}", f"{second}_{says}"


def from_wgs84(lonlat: npt.ArrayLike, datum: Datum, *, inside: Any = None) -> Floats:
    """Shift positions as a web map does.

    Parameters
    ----------
    lonlat : array_like, shape (n, 2)
        Degrees on WGS 84 (or CGCS2000, which is the same within a decimetre or two).
    datum : {"wgs84", "cgcs2000", "gcj02", "bd09"}
        Where to; the first two change nothing.
    inside : shapely geometry, optional
        A polygon in degrees that is known to be in the territory.

    Returns
    -------
    ndarray, shape (n, 2)
        Degrees; positions outside the territory as they were.
    """
    given = np.array(lonlat, dtype=np.float64).reshape(-1, 2)
    if datum not in SHIFTED:
        return given
    moved = _gcj(given) if datum == "gcj02" else _bd(_gcj(given))
    return np.where(applies(given, inside)[:, None], moved, given)


def to_wgs84(lonlat: npt.ArrayLike, datum: Datum, *, inside: Any = None) -> Floats:
    """Take the shift of a web map away, exactly: `from_wgs84` gives the same positions again.

    Parameters
    ----------
    lonlat, datum, inside
        As for `from_wgs84`; degrees of `datum`.

    Returns
    -------
    ndarray, shape (n, 2)
        Degrees on WGS 84. A position that a point of the territory is shifted to is taken back there; any
        other is as it was.
    """
    given = np.array(lonlat, dtype=np.float64).reshape(-1, 2)
    if datum not in SHIFTED:
        return given
    before = given.copy()
    # Elsewhere the formulas lead nowhere: near the poles their inverse runs away.
    near = might_apply(given, inside)
    if datum == "bd09":
        before[near] = _inverse(before[near], _bd)
    before[near] = _inverse(before[near], _gcj)
    return np.where((near & applies(before, inside))[:, None], before, given)


def _inverse(shifted: Floats, shift: Any) -> Floats:
    found = shifted.copy()
    for _ in range(STEPS):
        step = shifted - shift(found)
        found += step
        if not (np.abs(step) > STILL_DEG).any():
            break
    return found


def _gcj(lonlat: Floats) -> Floats:
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    short = 20.0 * (np.sin(6.0 * x * np.pi) + np.sin(2.0 * x * np.pi))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (short + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (short + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    latitude = np.radians(lonlat[:, 1])
    w = 1.0 - ECCENTRICITY2 * np.sin(latitude) ** 2
    meridian = AXIS_M * (1.0 - ECCENTRICITY2) / (w * np.sqrt(w))
    parallel = AXIS_M / np.sqrt(w) * np.cos(latitude)
    away: Floats = np.column_stack([np.degrees(east / parallel), np.degrees(north / meridian)])
    return lonlat + away


def _bd(lonlat: Floats) -> Floats:
    x, y = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * BD_TURN)
    return np.column_stack([radius * np.cos(angle) + BD_LON, radius * np.sin(angle) + BD_LAT])
