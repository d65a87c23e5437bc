"""Load what the indexes need before there is anything to index: libraries, and the kept code of kernels."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap.geo.chainage import build_border
from gridmap.geo.index.compiling import compiled
from gridmap.geo.index.line import LineIndex
from gridmap.geo.index.sites import SiteIndex
from gridmap.geo.index.zones import ZoneIndex

# Any plane and place will do: what is loaded is the same for all.
CRS = "EPSG:4508"
WEST, SOUTH, NORTH = (450_000.0, 4_700_000.0), (460_000.0, 4_700_000.0), (455_000.0, 4_710_000.0)
BELT_M = 1_000.0


# The ways (kernels or not) that are loaded in this process.
_loaded: set[bool] = set()


def load(expected: int) -> None:
    """Build an index of each sort over three places, ask each for one, and judge a ring; once in a process.

    Grids for rings of odd shapes (`gridmap.geo.validity_grid_compiled`) are loaded where there are such.

    Parameters
    ----------
    expected : int
        About how many places the real indexes will be asked for: whether kernels are loaded depends on it.
    """
    fast = compiled(expected)
    if fast in _loaded:
        return
    _loaded.add(fast)
    xy, ids = np.array([WEST, SOUTH, NORTH]), np.array(["a", "b", "c"], dtype=object)
    near = xy[:1] + 10.0
    shapes = np.array([shapely.Polygon(xy)], dtype=object)
    line = build_border(np.array([shapely.LineString(xy)], dtype=object), CRS)
    ZoneIndex.of(shapes, ids[:1], expected=expected).contain(near)
    SiteIndex.of(ids, xy, CRS, expected=expected).nearest_mm(near)
    LineIndex.of(line, within_m=BELT_M, expected=expected).locate_mm(near)
    if fast:
        from gridmap.geo.validity_compiled import simple_rings  # noqa: PLC0415 - numba is optional

        ring = shapely.get_coordinates(shapes)
        simple_rings(ring, np.array([0, len(ring)]), np.empty(1, dtype=np.bool_))
