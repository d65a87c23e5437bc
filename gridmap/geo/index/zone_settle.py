"""Places of mixed cells, by the parity of crossings; and places in doubt, by the exact functions."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.geo.containing import TOLERANCE_M, contain
from gridmap.geo.index.zone_labels import reach, side
from gridmap.geo.index.zone_sorting import split, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.index.zone_cells import Grid

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

# Pairs of a place and an edge worked on at once.
PAIRS = 1 << 17


def settle(xy: Floats, grid: Grid) -> tuple[Ints, Ints]:
    """Find the polygons of places in cells with edges, and of those in cells that several polygons hold.

    Parameters
    ----------
    xy : array of float, shape (n, 2)
    grid : Grid

    Returns
    -------
    deep, edge : array of int, shape (2, k)
        Place and polygon: deeper in it than the tolerance; within the tolerance of its edge. Sorted. The
        second may lack places that the first has.
    """
    cells = grid.cells
    label = cells.label[grid.frame.cell(xy)].astype(np.int64)
    number = -2 - label
    mixed = np.flatnonzero((number >= 0) & (number < cells.mixed))
    found, doubt = _by_parity(np.take(xy, mixed, axis=0), number[mixed], grid)
    unclear = np.flatnonzero((number >= cells.mixed) & (label != cells.crowded))
    near = np.concatenate([mixed[doubt], unclear])
    deep, edge = _by_claims(xy[near], number[near] % max(cells.mixed, 1), grid)
    crowd = np.flatnonzero(label == cells.crowded)
    pairs = [
        _free(label, grid),
        np.stack([mixed[found[0]], found[1]]),
        np.stack([near[deep[0]], deep[1]]),
        _by_all(xy[crowd], crowd, grid),
    ]
    return _sorted(np.concatenate(pairs, axis=1)), _sorted(np.stack([near[edge[0]], edge[1]]))


def _sorted(pairs: Ints) -> Ints:
    count = int(pairs[1].max(initial=0)) + 1
    return np.stack(split(np.sort(pairs[0] * count + pairs[1]), count))


def _free(label: Ints, grid: Grid) -> Ints:
    """Return places and polygons, shape (2, k), of places in cells without edges, if several hold them."""
    lists = grid.cells.lists
    place = np.flatnonzero(label >= grid.cells.polygons)
    number = label[place] - grid.cells.polygons
    which, member = spread(lists.first[number], lists.first[number + 1] - lists.first[number])
    return np.stack([place[which], lists.polygon[member]])


def _by_all(xy: Floats, place: Ints, grid: Grid) -> Ints:
    """Return places and polygons, shape (2, k), as `contain` finds them among all polygons."""
    if not len(place):
        return np.empty((2, 0), dtype=np.int64)
    whole = contain(xy, grid.polygons, grid.ids)
    held = np.flatnonzero(whole.lead >= 0)
    return np.hstack(
        [np.stack([place[held], whole.lead[held]]), np.stack([place[whole.extra[:, 0]], whole.extra[:, 1]])]
    )


def _by_parity(xy: Floats, cell: Ints, grid: Grid) -> tuple[Ints, Bools]:
    """Find the polygons of places in mixed cells by walking to them from the cell's reference.

    Each edge that the walk crosses changes whether its polygon holds the walker. A sign that rounding could
    have turned, and a place within an edge's reach, leave the place in doubt.

    Parameters
    ----------
    xy : array of float, shape (n, 2)
    cell : array of int, shape (n,)
        The mixed cell of each place; its reference is clear of all edges.
    grid : Grid

    Returns
    -------
    pairs : array of int, shape (2, k)
        Place and polygon that it lies deep in; none of a place in doubt.
    doubt : array of bool, shape (n,)
    """
    cells = grid.cells
    total = np.cumsum(cells.head[cell, 4] - cells.head[cell, 3])
    starts = np.searchsorted(total, np.arange(0, int(total[-1]) if len(total) else 0, PAIRS))
    bounds = np.unique(np.concatenate([starts, [0, len(cell)]])).tolist()
    pairs, doubt = [np.empty((2, 0), dtype=np.int64)], np.zeros(len(cell), dtype=np.bool_)
    for start, stop in pairwise(bounds):
        some = slice(start, stop)
        place, polygon, doubt[some] = _walk(xy[some], cell[some], grid)
        pairs.append(np.stack([place + start, polygon]))
    return np.concatenate(pairs, axis=1), doubt


def _walk(xy: Floats, cell: Ints, grid: Grid) -> tuple[Ints, Ints, Bools]:
    cells = grid.cells
    head = np.take(cells.head, cell, axis=0)
    count = head[:, 4] - head[:, 3]
    place, entry = spread(head[:, 3].astype(np.int64), count)
    code, turns = np.take(cells.entry, entry, axis=0).T
    edge = grid.edges.ends(code >> 1)
    left, clear = side(edge, reach(edge, grid.edges.margin), *(np.take(each, place) for each in xy.T))
    doubtful = np.zeros(len(xy), dtype=np.bool_)
    doubtful[place[~clear]] = True
    # Only an edge with the place and the reference on different sides can be crossed.
    apart = np.flatnonzero(left != (code & 1).astype(np.bool_))
    of, edge = place[apart], np.take(edge, apart, axis=1)
    x, y = grid.frame.reference(head[of, 0].astype(np.int64))
    walk = np.stack([x, y, *(np.take(each, of) for each in xy.T)])
    start, sure = side(walk, 0.0, edge[0], edge[1])
    end, certain = side(walk, 0.0, edge[2], edge[3])
    doubtful[of[~(sure & certain)]] = True
    crossed = np.zeros(len(place), dtype=np.int32)
    crossed[apart] = np.where(start != end, turns[apart], 0)
    holds = head[:, 5] ^ np.bitwise_xor.reduceat(crossed, np.cumsum(count) - count)
    holds[doubtful] = 0
    places, polygons = [], []
    # One polygon of each place at a time: nearly always there is only one.
    while len(some := np.flatnonzero(holds)):
        lowest = holds[some] & -holds[some]
        places.append(some)
        polygons.append(cells.zone[head[some, 1] + np.log2(lowest).astype(np.int32)])
        holds[some] ^= lowest
    none = [np.empty(0, dtype=np.int64)]
    return np.concatenate(none + places), np.concatenate(none + polygons), doubtful


def _by_claims(xy: Floats, cell: Ints, grid: Grid) -> tuple[Ints, Ints]:
    """Find the polygons of places in mixed cells as `gridmap.geo.contain` does, among those of the cell.

    Parameters
    ----------
    xy : array of float, shape (n, 2)
    cell : array of int, shape (n,)
        The mixed cell of each place.
    grid : Grid

    Returns
    -------
    deep, edge : array of int, shape (2, k)
        Place and polygon: deeper in it than the tolerance; within the tolerance of its edge.
    """
    if not len(cell):
        return np.empty((2, 0), dtype=np.int64), np.empty((2, 0), dtype=np.int64)
    edge = _near(xy, cell, grid)
    head = grid.cells.head[cell]
    place, group = spread(head[:, 1].astype(np.int64), head[:, 2] - head[:, 1])
    polygon = grid.cells.zone[group].astype(np.int64)
    order = np.argsort(polygon, kind="stable")
    place, polygon = place[order], polygon[order]
    inside = np.zeros(len(place), dtype=np.bool_)
    bounds = np.flatnonzero(np.diff(polygon, prepend=-1, append=-1)).tolist()
    for start, stop in pairwise(bounds):
        shape = grid.polygons[polygon[start]]
        shapely.prepare(shape)
        inside[start:stop] = shapely.contains_xy(shape, xy[place[start:stop]])
    count = len(grid.polygons)
    held = place[inside] * count + polygon[inside]
    deep = held[~np.isin(held, edge[0] * count + edge[1])]
    return np.stack(split(deep, count)), edge


def _near(xy: Floats, cell: Ints, grid: Grid) -> Ints:
    """Return places and polygons with an edge within the tolerance, shape (2, k)."""
    cells, edges = grid.cells, grid.edges
    head = cells.head[np.unique(cell)]
    _, entry = spread(head[:, 3].astype(np.int64), head[:, 4] - head[:, 3])
    some = np.unique(cells.entry[entry, 0] >> 1)
    which, owned = edges.owners(some)
    ends = edges.ends(some[which]).T.reshape(-1, 2, 2)
    # Each as its polygon has it: another direction could round the distance otherwise.
    ends[edges.turned[owned]] = ends[edges.turned[owned], ::-1]
    lines = np.asarray(shapely.linestrings(ends), dtype=object).reshape(-1)
    points = np.asarray(shapely.points(xy), dtype=object).reshape(-1)
    place, segment = shapely.STRtree(lines).query(points, predicate="dwithin", distance=TOLERANCE_M)
    return np.unique(np.stack([place, edges.owner[owned[segment]]]).astype(np.int64), axis=1)
