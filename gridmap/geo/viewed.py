"""Shapes of a view, in degrees, brought back into the working CRS to be measured and asked again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap.errors import AssignmentError
from gridmap.geo.chainage import Border, build_border
from gridmap.geo.crs import geoms_from_lonlat

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Geoms = NDArray[np.object_]


def working_shapes(geoms: NDArray[Any], crs: str) -> Geoms:
    """Return geometries in the working CRS, shape (n,); None for those without a place on it.

    Parameters
    ----------
    geoms : array of geometry, shape (n,)
        In degrees of the working CRS's own datum, lon first; None and empty stay away.
    crs : str
        The working CRS.
    """
    given = np.array(geoms, dtype=object).reshape(-1)
    given[shapely.is_empty(given)] = None
    made = np.array(geoms_from_lonlat(given, crs), dtype=object).reshape(-1)
    coordinates, row = shapely.get_coordinates(made, return_index=True)
    made[row[~np.isfinite(coordinates).all(axis=1)]] = None
    return made


def working_border(geoms: NDArray[Any], crs: str, *, length_m: float) -> Border | None:
    """Measure a view's border.

    Parameters
    ----------
    geoms : array of geometry, shape (n,)
        Its rows in degrees, lon first, rounded as the view has them.
    crs : str
        The working CRS.
    length_m : float
        The length that the view states for the border; 0 where it states none.

    Returns
    -------
    Border or None
        None where no row of it is usable.

    Notes
    -----
    A rounded line is longer or shorter than the one it was made of, by some metres in a hundred kilometres.
    Where the true length is stated, every chainage is multiplied by the ratio of the two lengths, so that
    the ends of sections, which are true chainages, stand where they belong.
    """
    try:
        border = build_border(working_shapes(geoms, crs), crs)
    except AssignmentError:
        return None
    if length_m <= 0.0:
        return border
    stretch = length_m / border.length_m
    return replace(border, chainages=tuple(chain * stretch for chain in border.chainages))
