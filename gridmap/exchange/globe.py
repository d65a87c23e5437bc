"""Whether coordinates can be somewhere on the earth at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

Geoms = np.ndarray[Any, np.dtype[np.object_]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

HALF_TURN = 180.0
# Eastings of degrees go to 180 or, in some files, to 360.
MOST = (360.0, 90.0, 360.0, 90.0)


def around(lonlat: Geoms) -> Mask:
    """Say of each shape whether it is wider than half the earth, as one over 180 degrees is in lon/lat."""
    bounds = shapely.bounds(lonlat)
    with np.errstate(invalid="ignore"):
        return np.asarray(bounds[:, 2] - bounds[:, 0] > HALF_TURN, dtype=bool)


def off_globe(lonlat: Geoms) -> Mask:
    """Say of each shape in degrees whether it is nowhere: PROJ would take 500 degrees east for 140."""
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(shapely.bounds(lonlat)) > MOST).any(axis=1), dtype=bool)


def finite(shapes: Geoms) -> Mask:
    """Say of each geometry whether all its coordinates are finite (true where it has none)."""
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    result = np.ones(len(shapes), dtype=bool)
    result[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return result
