"""Which rings are simple, compiled; imported only where `compiling.compiled` says so.

Each ring has a grid of its own, in which its edges are entered one after the other. Edges that have no cell
in common do not meet, nor do edges in a row that all go east (or north, west, south), but for their common
vertices. Others are apart if their boxes are, or if both ends of one are on one side of the other by more
than rounding may be: the filter of J. R. Shewchuk, "Adaptive precision floating-point arithmetic and fast
robust geometric predicates" (Discrete & Computational Geometry 18, 1997), section 4.3.
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


@kernel
def simple_rings(xy: Floats, starts: NDArray[np.int64], simple: NDArray[np.bool_]) -> None:
    """Tell the rings that are known to be simple; nothing is said of the others.

    Parameters
    ----------
    xy : array of float, shape (n, 2)
        The vertices, ring by ring, the first of each again at its end.
    starts : array of int, shape (m + 1,)
        Where each ring starts.
    simple : array of bool, shape (m,)
        Filled: no two edges of the ring meet, but neighbours in their common vertex, and none is without
        length.
    """
    most = 0
    for ring in range(len(simple)):
        most = max(most, starts[ring + 1] - starts[ring] - 1)
    side = int(FINE * np.sqrt(most)) + 1
    work = (
        np.empty(most, np.int8),
        np.empty(side * side, np.int32),
        np.empty((ENTRIES * most + 1, 4), np.int32),
    )
    for ring in range(len(simple)):
        some = xy[starts[ring] : starts[ring + 1]]
        simple[ring] = len(some) > EDGES and _turns(some, work[0]) and _apart(some, work)


@kernel
def _side(xy: Floats, a: int, b: int, c: int) -> int:
    """Return on which side of the line from a to b vertex c is, 1 or -1; 0 if rounding may decide."""
    left = (xy[a, 0] - xy[c, 0]) * (xy[b, 1] - xy[c, 1])
    right = (xy[a, 1] - xy[c, 1]) * (xy[b, 0] - xy[c, 0])
    doubt = ROUNDING * (abs(left) + abs(right)) + UNDERFLOW
    if left - right > doubt:
        return 1
    return -1 if right - left > doubt else 0


@kernel
def _turns(xy: Floats, ways: Any) -> bool:
    """Whether all vertices are finite, and each edge meets the next in their common vertex alone.

    Fills the ways that each edge goes: 1 east, 2 west, 4 north, 8 south.
    """
    count = len(xy) - 1
    for at in range(count):
        x, y, to_x, to_y = xy[at, 0], xy[at, 1], xy[at + 1, 0], xy[at + 1, 1]
        if not (abs(x) < LARGEST and abs(y) < LARGEST):
            return False
        ways[at] = (to_x > x) + 2 * (to_x < x) + 4 * (to_y > y) + 8 * (to_y < y)
    before = count - 1
    for at in range(count):
        if ways[before] & ways[at] == 0 and _side(xy, before, at, at + 1) == 0:
            return False
        before = at
    return True


@kernel
def _scaled(xy: Floats, side: int) -> Any:
    """Return the south-west corner, and how many of `side` cells there are to a metre in either axis."""
    west, south, east, north = xy[0, 0], xy[0, 1], xy[0, 0], xy[0, 1]
    for at in range(1, len(xy)):
        west, east = min(west, xy[at, 0]), max(east, xy[at, 0])
        south, north = min(south, xy[at, 1]), max(north, xy[at, 1])
    # Less than the side, whatever rounding does; it never turns the order of two coordinates around.
    return west, south, (side - 0.5) / (east - west), (side - 0.5) / (north - south)


@kernel
def _apart(xy: Floats, work: Any) -> bool:
    """Whether edges that are no neighbours are known to be apart."""
    ways, head, runs = work
    count = len(xy) - 1
    side = int(FINE * np.sqrt(count)) + 1
    west, south, wide, high = _scaled(xy, side)
    # Of a ring without width, or with too little, there is nothing to tell.
    if not (wide < LARGEST and high < LARGEST):
        return False
    head[: side * side] = -1
    used, entries = 0, 0
    column, row = int((xy[0, 0] - west) * wide), int((xy[0, 1] - south) * high)
    for at in range(count):
        to_column = int((xy[at + 1, 0] - west) * wide)
        to_row = int((xy[at + 1, 1] - south) * high)
        low, top = min(column, to_column), max(column, to_column)
        first, last = min(row, to_row), max(row, to_row)
        column, row = to_column, to_row
        entries += (top - low + 1) * (last - first + 1)
        if entries > ENTRIES * count:
            return False
        for line in range(first * side, last * side + 1, side):
            for cell in range(line + low, line + top + 1):
                run = head[cell]
                if run >= 0 and runs[run, LAST] == at - 1 and runs[run, WAYS] & ways[at]:
                    runs[run, LAST], runs[run, WAYS] = at, runs[run, WAYS] & ways[at]
                    run = runs[run, BEFORE]
                else:
                    runs[used, FIRST], runs[used, LAST] = at, at
                    runs[used, WAYS], runs[used, BEFORE] = ways[at], run
                    head[cell] = used
                    used += 1
                if run >= 0 and not _runs_apart(xy, at, runs, run):
                    return False
    return True


@kernel
def _runs_apart(xy: Floats, at: int, runs: Any, run: int) -> bool:
    """Whether an edge is known to be apart from those of a run, and of all runs before it in the cell."""
    while run >= 0:
        for other in range(runs[run, FIRST], runs[run, LAST] + 1):
            if not _edges_apart(xy, at, other):
                return False
        run = runs[run, BEFORE]
    return True


@kernel
def _edges_apart(xy: Floats, a: int, c: int) -> bool:
    """Whether edge a and an earlier edge c are neighbours, or known not to meet."""
    b, d = a + 1, c + 1
    if d == a or b - c == len(xy) - 1:
        return True
    for axis in range(2):
        if max(xy[a, axis], xy[b, axis]) < min(xy[c, axis], xy[d, axis]):
            return True
        if min(xy[a, axis], xy[b, axis]) > max(xy[c, axis], xy[d, axis]):
            return True
    side = _side(xy, a, b, c)
    if side != 0 and side == _side(xy, a, b, d):
        return True
    side = _side(xy, c, d, a)
    return side != 0 and side == _side(xy, c, d, b)
