"""Which rings of any kind are simple, compiled; imported only where `compiling.compiled` says so.

Each ring has a grid of its own, in which its edges are entered one after the other. Edges that have no cell
in common do not meet, nor do edges in a row that all go east (or north, west, south), but for their common
vertices. Others are apart as in `validity_compiled`, which tells most rings sooner; a kernel calls none of
another module, so the smallest ones are here again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap.geo.index.compiling import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Of the sum of the two products that a determinant is the difference of; and what may be lost to underflow.
ROUNDING, UNDERFLOW = 3.3306690738754731e-16, 1e-290
# Numbers beyond it, of metres or of cells to a metre, are for GEOS to judge.
LARGEST = 1e15
# Cells along a side for the root of the number of edges, and how many cells an edge may be in on average.
FINE, ENTRIES = 1.5, 8
EDGES = 3
# Of a run of edges in a cell: the first, the last, the ways that all of them go, the run before it.
FIRST, LAST, WAYS, BEFORE = 0, 1, 2, 3

# Coordinates are flat and places unsigned for the reasons given in `validity_compiled`.
u = np.uint64


@kernel
def simple_rings(xy: Floats, starts: NDArray[np.int64], simple: NDArray[np.bool_]) -> None:
    """Tell the rings that are known to be simple, of those that are not told so yet.

    Parameters
    ----------
    xy : array of float, shape (n, 2)
        The vertices, ring by ring, the first of each again at its end.
    starts : array of int, shape (m + 1,)
        Where each ring starts.
    simple : array of bool, shape (m,)
        What is true stays so. Filled: no two edges of the ring meet, but neighbours in their common vertex,
        and none is without length.
    """
    flat = xy.ravel()
    most = 0
    for ring in range(len(simple)):
        if not simple[ring]:
            most = max(most, starts[ring + 1] - starts[ring] - 1)
    side = int(FINE * np.sqrt(most)) + 1
    work = (
        np.empty(most, np.uint8),
        np.empty(side * side, np.int32),
        np.empty((ENTRIES * most + 1, 4), np.int32),
    )
    for ring in range(len(simple)):
        if not simple[ring]:
            some = flat[2 * starts[ring] : 2 * starts[ring + 1]]
            simple[ring] = len(some) > 2 * EDGES and _turns(some, work[0]) and _apart(some, work)


@kernel
def _side(xy: Floats, a: int, b: int, c: int) -> int:
    """Return on which side of the line from a to b vertex c is, 1 or -1; 0 if rounding may decide."""
    x, y = xy[u(2 * c)], xy[u(2 * c + 1)]
    left = (xy[u(2 * a)] - x) * (xy[u(2 * b + 1)] - y)
    right = (xy[u(2 * a + 1)] - y) * (xy[u(2 * b)] - x)
    doubt = ROUNDING * (abs(left) + abs(right)) + UNDERFLOW
    if left - right > doubt:
        return 1
    return -1 if right - left > doubt else 0


@kernel
def _turns(xy: Floats, ways: Any) -> bool:
    """Whether all vertices are finite, and each edge meets the next in their common vertex alone.

    Fills the ways that each edge goes: 1 east, 2 west, 4 north, 8 south.
    """
    count = len(xy) // 2 - 1
    wrong = 0
    for at in range(count):
        x, y, to_x, to_y = xy[u(2 * at)], xy[u(2 * at + 1)], xy[u(2 * at + 2)], xy[u(2 * at + 3)]
        wrong += not (abs(x) < LARGEST) & (abs(y) < LARGEST)
        ways[u(at)] = (to_x > x) | 2 * (to_x < x) | 4 * (to_y > y) | 8 * (to_y < y)
    if wrong:
        return False
    before = count - 1
    for at in range(count):
        if ways[u(before)] & ways[u(at)] == 0 and _side(xy, before, at, at + 1) == 0:
            return False
        before = at
    return True


@kernel
def _scaled(xy: Floats, side: int) -> Any:
    """Return the south-west corner, and how many of `side` cells there are to a metre in either axis.

    And how many cells the edges are in, at least.
    """
    west, south, east, north = xy[0], xy[1], xy[0], xy[1]
    cover = 0.0
    for at in range(2, len(xy), 2):
        x, y = xy[u(at)], xy[u(at + 1)]
        west, east, south, north = min(west, x), max(east, x), min(south, y), max(north, y)
        cover += abs((x - xy[u(at - 2)]) * (y - xy[u(at - 1)]))
    # Less than the side, whatever rounding does; it never turns the order of two coordinates around.
    wide, high = (side - 0.5) / (east - west), (side - 0.5) / (north - south)
    return west, south, wide, high, cover * wide * high


@kernel
def _apart(xy: Floats, work: Any) -> bool:
    """Whether edges that are no neighbours are known to be apart."""
    ways, head, runs = work
    count = len(xy) // 2 - 1
    side = int(FINE * np.sqrt(count)) + 1
    west, south, wide, high, entries = _scaled(xy, side)
    # Of a ring without width, or with too little, there is nothing to tell.
    if not (wide < LARGEST and high < LARGEST and entries <= ENTRIES * count):
        return False
    head[: side * side] = -1
    used, entries = 0, 0
    column, row = int((xy[0] - west) * wide), int((xy[1] - south) * high)
    for at in range(count):
        to_column = int((xy[u(2 * at + 2)] - west) * wide)
        to_row = int((xy[u(2 * at + 3)] - south) * high)
        low, top = min(column, to_column), max(column, to_column)
        first, last = min(row, to_row), max(row, to_row)
        column, row = to_column, to_row
        entries += (top - low + 1) * (last - first + 1)
        if entries > ENTRIES * count:
            return False
        for line in range(first * side, last * side + 1, side):
            for cell in range(line + low, line + top + 1):
                run = head[u(cell)]
                if run >= 0 and runs[u(run), LAST] == at - 1 and runs[u(run), WAYS] & ways[u(at)]:
                    runs[u(run), LAST], runs[u(run), WAYS] = at, runs[u(run), WAYS] & ways[u(at)]
                    run = runs[u(run), BEFORE]
                else:
                    runs[u(used), FIRST], runs[u(used), LAST] = at, at
                    runs[u(used), WAYS], runs[u(used), BEFORE] = ways[u(at)], run
                    head[u(cell)] = used
                    used += 1
                if run >= 0 and not _runs_apart(xy, at, runs, run):
                    return False
    return True


@kernel
def _runs_apart(xy: Floats, at: int, runs: Any, run: int) -> bool:
    """Whether an edge is known to be apart from those of a run, and of all runs before it in the cell."""
    while run >= 0:
        for other in range(runs[u(run), FIRST], runs[u(run), LAST] + 1):
            if not _edges_apart(xy, at, other):
                return False
        run = runs[u(run), BEFORE]
    return True


@kernel
def _edges_apart(xy: Floats, a: int, c: int) -> bool:
    """Whether edge a and an earlier edge c are neighbours, or known not to meet."""
    b, d = a + 1, c + 1
    if d == a or b - c == len(xy) // 2 - 1:
        return True
    for axis in range(2):
        p, q, r, s = xy[u(2 * a + axis)], xy[u(2 * b + axis)], xy[u(2 * c + axis)], xy[u(2 * d + axis)]
        if max(p, q) < min(r, s) or min(p, q) > max(r, s):
            return True
    side = _side(xy, a, b, c)
    if side != 0 and side == _side(xy, a, b, d):
        return True
    side = _side(xy, c, d, a)
    return side != 0 and side == _side(xy, c, d, b)
