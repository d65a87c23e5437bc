"""The part of the plane where a project's CRS makes sense: its area of use with a wide margin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

from gridmap.checks.base import Mask
from gridmap.checks.context import Context
from gridmap.geo.crs import working_crs

Boxes = NDArray[np.float64]

_MARGIN_M = 200_000.0
# A CRS of one's own may name no area of use: then only what no map projection can mean is refused.
_WORLD_M = 2.1e7


@dataclass(frozen=True, slots=True)
class Bounds:
    """A box of the plane, in metres of the CRS that it names."""

    x0: float
    y0: float
    x1: float
    y1: float
    crs: str


def region_bounds(context: Context) -> Bounds:
    """Return where rows of a project may be."""
    return _bounds(context.spec.crs)


@lru_cache(maxsize=16)
def _bounds(code: str) -> Bounds:
    crs: Any = working_crs(code)
    world = Bounds(-_WORLD_M, -_WORLD_M, _WORLD_M, _WORLD_M, crs.name)
    area = crs.area_of_use
    if area is None:
        return world
    transformer = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    box = transformer.transform_bounds(area.west, area.south, area.east, area.north)
    if not np.isfinite(box).all():
        return world
    x0, y0, x1, y1 = box
    return Bounds(x0 - _MARGIN_M, y0 - _MARGIN_M, x1 + _MARGIN_M, y1 + _MARGIN_M, crs.name)


def inside_bounds(boxes: Boxes, region: Bounds) -> Mask:
    """Return which boxes, shape (n, 4), are within the region; a box that is not finite is not."""
    low = (boxes[:, 0] >= region.x0) & (boxes[:, 1] >= region.y0)
    return np.asarray(low & (boxes[:, 2] <= region.x1) & (boxes[:, 3] <= region.y1), dtype=bool)
