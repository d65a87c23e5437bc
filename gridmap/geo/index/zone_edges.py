"""The edges of polygons as plain columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap.geo.containing import TOLERANCE_M, polygons_of
from gridmap.geo.index.zone_sorting import bits, sort

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Roundings between a coordinate and a decision about it, in units of its last place: a dozen at most.
ROUNDINGS = 64
EPSILON = float(np.finfo(np.float64).eps)
# An orientation whose determinant is larger than this share of its two products has the right sign
# (Shewchuk 1997, "Adaptive precision floating-point arithmetic", bound A: 3.33e-16; we take more).
CERTAIN = 4e-16
POLYGON, MULTIPOLYGON = 3, 6
# Odd numbers with well spread bits (the golden ratio and the square roots of 2 and 3, as fractions of 2^64).
MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0x6A09E667F3BCC909), np.uint64(0xBB67AE8584CAA73B))


@dataclass(frozen=True, slots=True)
class Edges:
    """The e distinct edges of m polygons; where two polygons share one, it is held once.

    Parameters
    ----------
    table : array of float, shape (e, 5)
        x and y of the start, x and y of the end, and the reach: length times `margin`; -1 for an edge of
        no length, which its neighbours speak for.
    first : array of int, shape (e + 1,)
        Where in `owner` the polygons of an edge begin.
    owner : array of int, shape (k,)
        Position of each polygon that an edge belongs to.
    turned : array of bool, shape (k,)
        Whether that polygon has the edge the other way round.
    margin : float
        Metres. A place farther than this from an edge is farther than the tolerance whatever rounding did.
    """

    table: Floats
    first: Ints
    owner: Ints
    turned: NDArray[np.bool_]
    margin: float


def edges_of(polygons: NDArray[np.object_]) -> Edges:
    """Return the edges of valid polygons: the same as `gridmap.geo.contain` compares with."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    start = np.flatnonzero(ring[1:] == ring[:-1])
    same, chosen = _merged(coords, start)
    _, held = sort(same)
    first = np.append(0, np.cumsum(np.bincount(same, minlength=len(chosen))))
    table = np.empty((len(chosen), 5), dtype=np.float64)
    table[:, :2] = np.take(coords, chosen, axis=0)
    table[:, 2:4] = np.take(coords, chosen + 1, axis=0)
    size = float(np.abs(coords).max()) if len(coords) else 0.0
    margin = TOLERANCE_M * (1 + 1e-9) + ROUNDINGS * EPSILON * size
    with np.errstate(over="ignore"):
        length = np.hypot(table[:, 2] - table[:, 0], table[:, 3] - table[:, 1])
        table[:, 4] = np.where(length > 0, length * margin, -1.0)
    place = np.ascontiguousarray(coords).view(np.complex128)[:, 0]
    turned = place[start] != place[chosen[same]]
    polygon = owner[part[ring[start]]].astype(np.int64)
    return Edges(table, first, polygon[held], turned[held], margin)


def _merged(coords: Floats, start: Ints) -> tuple[Ints, Ints]:
    """Find equal edges, whichever way they run.

    Edges are sorted by a number mixed from the bits of their ends, and each is compared with the first of
    its number. Different edges that happen to share a number are told apart so; at worst a third is then
    not found equal to the later of the two, and is held twice.

    Returns
    -------
    same : array of int, shape (k,)
        For each edge, which of the chosen it equals.
    chosen : array of int, shape (e,)
        The start of the first edge of each kind, in order.
    """
    number = _number(coords)
    number = (number[start] + number[start + 1]) >> np.uint64(bits(len(start)) + 1)
    ordered, order = sort(number.astype(np.int64))
    begins = np.flatnonzero(np.diff(ordered, prepend=-1))
    leader = np.empty(len(order), dtype=np.int64)
    leader[order] = np.repeat(order[begins], np.diff(begins, append=len(order)))
    one, other = start, start[leader]
    # As complex numbers both coordinates are fetched and compared at once.
    place = np.ascontiguousarray(coords).view(np.complex128)[:, 0]
    along = (place[one] == place[other]) & (place[one + 1] == place[other + 1])
    against = (place[one] == place[other + 1]) & (place[one + 1] == place[other])
    own = np.arange(len(order))
    leader = np.where(along | against, leader, own)
    leads = leader == own
    return (np.cumsum(leads) - 1)[leader], start[leads]


def _number(coords: Floats) -> NDArray[np.uint64]:
    """Return a number for each vertex, mixed from the bits of its coordinates; both zeros are one."""
    x, y = (coords + 0.0).T.copy().view(np.uint64)
    mixed = (x * MIX[0]) ^ ((y * MIX[1]) >> np.uint64(7)) ^ (y * MIX[2])
    number: NDArray[np.uint64] = (mixed ^ (mixed >> np.uint64(29))) * MIX[1]
    return number


def clean(shapes: NDArray[Any]) -> NDArray[np.object_]:
    """Return `polygons_of` each geometry of an array, shape (m,), quickly where nothing is to be done."""
    out = np.empty(len(shapes), dtype=object)
    coords, row = shapely.get_coordinates(shapes, return_index=True)
    fit = np.isin(shapely.get_type_id(shapes), (POLYGON, MULTIPOLYGON)) & ~shapely.is_empty(shapes)
    fit[row[~np.isfinite(coords).all(axis=1)]] = False
    flat = shapely.force_2d(shapes)
    fit[fit] = shapely.is_valid(flat[fit])
    out[fit] = flat[fit]
    out[~fit] = [polygons_of(shape) for shape in shapes[~fit]]
    return out
