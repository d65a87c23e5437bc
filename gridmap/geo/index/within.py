"""Which of many places lie in a polygon that each of them names: a label grid first, the polygon in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap.geo.containing import inside
from gridmap.geo.index.zone_edges import MULTIPOLYGON, POLYGON
from gridmap.geo.index.zones import OPEN, ZoneIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Below so many places the polygons are asked before an index is built.
WORTH = 20_000
# One look at a cell is all that is wanted: fewer cells than for an answer to every place.
SHARE = 4


def inside_many(xy: Floats, polygon: Any) -> Bools:
    """Return which places, shape (n, 2), lie in a polygon or within a millimetre of it, as `geo.inside` does.

    Many places are looked up in a label grid. A cell that no edge comes near, beyond the tolerance and what
    rounding adds to it, lies in the polygon or outside with all its places; those of other cells are asked
    one by one.
    """
    places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    shapes = np.empty(1, dtype=object)
    shapes[0] = polygon
    return inside_own(places, shapes, np.zeros(len(places), dtype=np.int64))


def inside_own(xy: Floats, polygons: NDArray[Any], own: NDArray[np.integer[Any]]) -> Bools:
    """Return which places lie in the polygon that each names, or within a millimetre of it.

    Parameters
    ----------
    xy : array of float, shape (n, 2)
        In the working CRS; NaN lies in nothing.
    polygons : array of geometry, shape (m,)
    own : array of int, shape (n,)
        Position of the polygon of each place.

    Returns
    -------
    array of bool, shape (n,)
        As `gridmap.geo.containing.inside` of each polygon with its places.
    """
    within = np.zeros(len(xy), dtype=np.bool_)
    waiting = np.arange(len(xy)) if len(xy) < WORTH else _looked_up(xy, polygons, own, within)
    order = waiting[np.argsort(own[waiting], kind="stable")]
    for group in np.split(order, np.flatnonzero(np.diff(own[order])) + 1):
        if len(group):
            within[group] = inside(xy[group], polygons[own[group[0]]])
    return within


def _looked_up(
    xy: Floats, polygons: NDArray[Any], own: NDArray[np.integer[Any]], within: Bools
) -> NDArray[np.intp]:
    """Fill in what a look tells, and return the places of which it does not."""
    named = np.flatnonzero(np.bincount(own, minlength=len(polygons)))
    shapes = polygons[named]
    # An index mends what is invalid: the answer of the polygon as it is may be another.
    fit = np.isin(shapely.get_type_id(shapes), (POLYGON, MULTIPOLYGON)) & shapely.is_valid(shapes)
    if not fit.all():
        return np.arange(len(xy))
    names = np.arange(len(named)).astype(str).astype(object)
    found = ZoneIndex.of(shapes, names, expected=len(xy) // SHARE, valid=True).look(xy)
    lead = np.append(named, [OPEN, -1])[found]
    within[:] = lead == own
    return np.flatnonzero(lead == OPEN)
