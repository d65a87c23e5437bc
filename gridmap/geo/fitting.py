"""Where polygons do not fit together edge by edge to a whole: what is left when their edges cancel.

Walk round every polygon with its inside on the left, and round the whole the other way. Where two
polygons fit, each walks their common edge against the other; where a polygon ends with the whole, the
whole's walk is against its own. Cross out such pairs of edges. What remains is a set of closed walks,
and how often they wind round a place is the number of polygons that claim it, less one where the place is of
the whole: the winding number of a sum of closed walks is the sum of theirs (L. Ahlfors, "Complex Analysis",
3rd edition, 4.2.1 and 4.4.1). So where nothing remains, every place of the whole is claimed once and no
other place at all; and what remains winds round nothing outside of its own bounds. Coordinates are compared,
not computed with: there is no rounding in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    # Places as complex numbers: both coordinates are compared, and moved, at once.
    Places = NDArray[np.complex128]

# Odd numbers without a pattern, of the golden ratio and the square root of two: they spread the bits.
GOLDEN, ROOT = np.uint64(0x9E3779B97F4A7C15), np.uint64(0x6A09E667F3BCC909)
HALF = np.uint64(32)
NOBODY = -1


def unfitted(polygons: NDArray[Any], whole: Any) -> Floats:
    """Return the edges that do not cancel when polygons are laid on a whole.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon, shape (n,)
        Valid, finite; None and empty ones claim nothing.
    whole : Polygon or MultiPolygon
        Valid.

    Returns
    -------
    array of float, shape (m, 2, 2)
        Start and end of each; none if and only if the polygons tile the whole and fit vertex by vertex.

    Notes
    -----
    Edges are paired by the order of a hash and then compared in full: a hash that different edges share
    costs time, never truth.
    """
    at, edge = _edges(polygons, whole)
    order, opens = _grouped(at, edge)
    closes, opens = opens[1:], opens[:-1]
    # Of a group of two the first opens it, and the second, which does not, closes it.
    first = np.flatnonzero(opens[:-1] & ~closes[:-1] & closes[1:])
    one, other = np.take(order, first), np.take(order, first + 1)
    twin = np.full(len(at), NOBODY, dtype=np.int64)
    twin[one], twin[other] = other, one
    unlike = np.take(at, twin[:-1] + 1) != at[:-1]
    unlike |= np.take(at, twin[:-1], mode="clip") != at[1:]
    unlike &= twin[:-1] != NOBODY
    alone = opens & closes
    crowd = ~alone
    crowd[first] = crowd[first + 1] = False
    kept = np.concatenate([order[alone], np.flatnonzero(unlike)])
    return np.concatenate([_ends(at, kept), _uncancelled(_ends(at, order[crowd]))])


def bounds_of_parts(edges: Floats) -> Floats:
    """Return the bounds of each connected part of edges, shape (k, 4): west, south, east, north."""
    nodes, number = np.unique(np.ascontiguousarray(edges).view(np.complex128), return_inverse=True)
    start, end = number.reshape(-1, 2).T
    part = np.unique(connected(start, end, len(nodes)), return_inverse=True)[1]
    out = np.tile([np.inf, np.inf, -np.inf, -np.inf], (int(part.max(initial=-1)) + 1, 1))
    np.minimum.at(out[:, :2], part, nodes.view(np.float64).reshape(-1, 2))
    np.maximum.at(out[:, 2:], part, nodes.view(np.float64).reshape(-1, 2))
    return out


def connected(one: Ints, other: Ints, count: int) -> Ints:
    """Return for each of `count` things the first thing that pairs (one, other) connect it with."""
    first = np.arange(count)
    while True:
        low = np.minimum(first[one], first[other])
        lower = first.copy()
        # Who was the first of an end takes the lower one over, and all that name it follow.
        for ends in (one, other, first[one], first[other]):
            np.minimum.at(lower, ends, low)
        lower = lower[lower]
        if (lower == first).all():
            return first
        first = lower


def _edges(polygons: NDArray[Any], whole: Any) -> tuple[Places, Ints]:
    """Return the vertices of all walks, and which of them start an edge: it ends at the next vertex."""
    parts = shapely.get_parts(np.asarray(polygons, dtype=object))
    rings, part = shapely.get_rings(np.concatenate([parts, shapely.get_parts([whole])]), return_index=True)
    shell = np.ones(len(rings), dtype=bool)
    shell[1:] = part[1:] != part[:-1]
    wrong = shapely.is_ccw(rings) != (shell == (part < len(parts)))
    if 2 * np.count_nonzero(wrong) > len(rings):
        # All walks may as well go the other way round.
        wrong = ~wrong
    rings[wrong] = shapely.reverse(rings[wrong])
    xy = np.ascontiguousarray(shapely.get_coordinates(rings))
    # There are two zeros, of different bits.
    xy += 0.0
    at = xy.view(np.complex128).reshape(-1)
    real = at[1:] != at[:-1]
    real[np.cumsum(shapely.get_num_coordinates(rings))[:-1] - 1] = False
    return at, np.flatnonzero(real)


def _grouped(at: Places, edge: Ints) -> tuple[Ints, Bools]:
    """Return the edges in the order of a hash that knows no direction, and where in it a new hash begins.

    The second, shape (n + 1,), says so of the end too.
    """
    bits = at.view(np.uint64).reshape(-1, 2)
    mixed = bits[:, 0] * GOLDEN
    mixed ^= mixed >> HALF
    mixed += bits[:, 1]
    mixed *= ROOT
    mixed ^= mixed >> HALF
    mixed[:-1] += mixed[1:]
    mixed *= GOLDEN
    # The number of the edge takes the place of the low bits: plain numbers sort fastest.
    width = len(at).bit_length()
    place = np.uint64((1 << width) - 1)
    ranked = np.take(mixed, edge)
    ranked &= ~place
    ranked |= edge.view(np.uint64)
    ranked.sort()
    group = ranked >> np.uint64(width)
    opens = np.ones(len(edge) + 1, dtype=bool)
    np.not_equal(group[1:], group[:-1], out=opens[1:-1])
    ranked &= place
    return ranked.view(np.int64), opens


def _ends(at: Places, edge: Ints) -> Floats:
    return np.stack([at[edge], at[edge + 1]], axis=1).view(np.float64).reshape(-1, 2, 2)


def _uncancelled(edges: Floats) -> Floats:
    """Return what is left of edges, shape (m, 2, 2), when all that run against each other are crossed out."""
    (x, y), (to_x, to_y) = edges[:, 0].T, edges[:, 1].T
    back = (x > to_x) | ((x == to_x) & (y > to_y))
    ahead = np.where(back[:, None, None], edges[:, ::-1], edges).reshape(-1, 4)
    kinds, kind = np.unique(ahead, axis=0, return_inverse=True)
    net = np.bincount(kind.reshape(-1), weights=np.where(back, -1.0, 1.0), minlength=len(kinds))
    times = np.abs(net).astype(np.int64)
    left, turned = np.repeat(kinds, times, axis=0).reshape(-1, 2, 2), np.repeat(net < 0.0, times)
    return np.where(turned[:, None, None], left[:, ::-1], left)
