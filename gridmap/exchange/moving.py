"""Coordinates moved as a whole: every vertex of every shape through one function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

Geoms = np.ndarray[Any, np.dtype[np.object_]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


def transformed(shapes: Geoms, move: Callable[[Floats], Any]) -> Geoms:
    """Return shapes with their coordinates (n, 2) moved; one that cannot be is infinite."""

    def apply(xy: Floats) -> Floats:
        if not len(xy):
            return xy
        out = np.array(move(xy), dtype=np.float64)
        # Not NaN, which is not equal to itself: a ring would be open then.
        out[~np.isfinite(out).all(axis=1)] = np.inf
        return out

    if _all_points(shapes):
        return np.asarray(shapely.points(apply(shapely.get_coordinates(shapes))), dtype=object)
    return np.asarray(shapely.transform(shapes, apply), dtype=object)


def _all_points(shapes: Geoms) -> bool:
    """Say whether every shape is a point at a place: those are made anew faster than they are changed."""
    point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    return len(shapes) > 0 and bool(point.all()) and not shapely.is_empty(shapes).any()


def swapped(shapes: Geoms) -> Geoms:
    """Return shapes with their two coordinates exchanged."""
    return np.asarray(shapely.transform(shapes, lambda xy: xy[:, ::-1]), dtype=object)
