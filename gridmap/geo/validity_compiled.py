"""Which rings of no odd shape are simple, compiled; imported only where `compiling.compiled` says so.

A ring that goes round a place once, and never back, is simple. Others are cut into runs, whose edges all go
east (or north, west, south): they meet in the common vertices of neighbours alone. Runs are compared in
pairs: what one has in the box of the other. `validity_grid_compiled` is for rings of many runs, and for those
that take too long here.

Two edges are apart if their boxes are, or if both ends of one are on one side of the other by more than
rounding may be: the filter of J. R. Shewchuk, "Adaptive precision floating-point arithmetic and fast robust
geometric predicates" (Discrete & Computational Geometry 18, 1997), section 4.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap.geo.index.compiling import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Of the sum of the two products that a determinant is the difference of; and what may be lost to underflow.
ROUNDING, UNDERFLOW = 3.3306690738754731e-16, 1e-290
# Numbers beyond it are for GEOS to judge.
LARGEST = 1e15
# Vertices that the middle of a ring is estimated by.
EDGES, AMID = 3, 8
# Runs are compared if their number squared is no more than so many for each edge. What that may cost for each
# edge, where looking at a vertex costs 1; what a pair of edges costs, and a step in narrowing two chains.
SQUARE, WORK, PAIR, STEP = 2, 20, 4, 6
# A pair of chains is narrowed until both have not become much shorter, or have but few pairs of edges; so
# many pairs wait at most, as each is a half.
BOTH, FEW, DEPTH = 2, 4, 64

# The coordinates of a ring are a flat array, x and y in turn: of one with two axes numba multiplies by the
# length of a row for each place. Places are unsigned: a signed one might be negative, and mean one from the
# end, which costs time. A chain of edges is its first vertex, its last, and the way that all of them go.
u = np.uint64


@kernel
def simple_rings(xy: Floats, starts: Ints, simple: NDArray[np.bool_]) -> None:
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
    flat = xy.ravel()
    most = 0
    for ring in range(len(simple)):
        most = max(most, starts[ring + 1] - starts[ring] - 1)
    runs = _limit(most)
    work = (np.empty((runs + 1, 2), np.int64), np.empty((runs, 4)), np.empty((DEPTH, 6), np.int64))
    for ring in range(len(simple)):
        some = flat[2 * starts[ring] : 2 * starts[ring + 1]]
        simple[ring] = len(some) > 2 * EDGES and (_round(some) or (_finite(some) and _apart(some, work)))


@kernel
def _round(xy: Floats) -> bool:
    """Whether a ring is known to go round a place amid its vertices once, and all the time.

    Then any two edges are in sectors of their own. All turn to one side, and go from below the place to above
    it once. One that is not finite turns nowhere.
    """
    count = len(xy) // 2 - 1
    x, y = 0.0, 0.0
    for part in range(AMID):
        at = 2 * (part * count // AMID)
        x, y = x + xy[u(at)] / AMID, y + xy[u(at + 1)] / AMID
    left = right = ups = 0
    for at in range(0, 2 * count, 2):
        from_x, from_y = xy[u(at)] - x, xy[u(at + 1)] - y
        to_x, to_y = xy[u(at + 2)] - x, xy[u(at + 3)] - y
        one, other = from_x * to_y, from_y * to_x
        doubt = ROUNDING * (abs(one) + abs(other)) + UNDERFLOW
        left += one - other > doubt
        right += other - one > doubt
        ups += (from_y < 0) & (to_y >= 0)
    return bool(ups == 1 and max(left, right) == count)


@kernel
def _finite(xy: Floats) -> bool:
    """Whether all numbers are finite, and not too large."""
    wrong = 0
    for number in xy:
        wrong += not abs(number) < LARGEST
    return wrong == 0


@kernel
def _limit(count: int) -> int:
    """Return how many runs of a ring of so many edges are compared."""
    return int(np.sqrt(SQUARE * count)) + 3


@kernel
def _apart(xy: Floats, work: Any) -> bool:
    """Whether a ring is known to be simple."""
    stops, boxes, stack = work
    runs = _cut(xy, stops, boxes)
    budget = WORK * (len(xy) // 2)
    for run in range(1, runs):
        at = u(run)
        west, south, east, north = boxes[at, 0], boxes[at, 1], boxes[at, 2], boxes[at, 3]
        one = (stops[at, 0], stops[u(run + 1), 0], stops[at, 1])
        for before in range(run):
            at = u(before)
            over = (boxes[at, 0] <= east) & (boxes[at, 1] <= north)
            if over & (boxes[at, 2] >= west) & (boxes[at, 3] >= south):
                other = (stops[at, 0], stops[u(before + 1), 0], stops[at, 1])
                budget = _chains_apart(xy, one, other, stack, budget)
                if budget < 0:
                    return False
    return bool(runs > 0)


@kernel
def _cut(xy: Floats, stops: Any, boxes: Any) -> int:
    """Cut a ring into runs, and return how many; 0 if too many, or if one may meet the next beyond its end.

    Fills where each begins (and where the last ends), the way it goes (1 east, -1 west, 2 north, -2 south),
    and its box.
    """
    count = len(xy) // 2 - 1
    limit = _limit(count)
    at = runs = 0
    while at < count:
        if runs == limit or not _onward(xy, at - 1 if at else count - 1, at):
            return 0
        stop, way, (left, low, right, high) = _run(xy, at, count)
        here = u(runs)
        stops[here, 0], stops[here, 1] = at, way
        boxes[here, 0], boxes[here, 1], boxes[here, 2], boxes[here, 3] = left, low, right, high
        at = stop
        runs += 1
    stops[u(runs), 0] = count
    return runs


@kernel
def _onward(xy: Floats, before: int, at: int) -> bool:
    """Whether an edge is known to meet the one before it in their common vertex alone."""
    x, y = xy[u(2 * at)], xy[u(2 * at + 1)]
    from_x, from_y = x - xy[u(2 * before)], y - xy[u(2 * before + 1)]
    to_x, to_y = xy[u(2 * at + 2)] - x, xy[u(2 * at + 3)] - y
    if (min(from_x, to_x) > 0) | (max(from_x, to_x) < 0) | (min(from_y, to_y) > 0) | (max(from_y, to_y) < 0):
        return True
    turn, doubt = _turn(xy, before, at, at + 1)
    return bool(abs(turn) > doubt)


@kernel
def _run(xy: Floats, start: int, stop: int) -> Any:
    """Return where the longest run from a vertex ends, the way it goes, and its box."""
    at, end = 2 * start, 2 * stop
    x, y = xy[u(at)], xy[u(at + 1)]
    go_x, go_y = 1.0 if xy[u(at + 2)] > x else -1.0, 1.0 if xy[u(at + 3)] > y else -1.0
    along = True
    # As far as it goes on in both axes, which is between its ends; and in the one in which it does then.
    while at < end:
        to_x, to_y = xy[u(at + 2)], xy[u(at + 3)]
        along = (to_x - x) * go_x > 0
        if not (along & ((to_y - y) * go_y > 0)):
            break
        x, y = to_x, to_y
        at += 2
    axis, go, ahead, beside = (0, go_x, x, y) if along else (1, go_y, y, x)
    near, begin = xy[u(2 * start + 1 - axis)], xy[u(2 * start + axis)]
    low, high = min(near, beside), max(near, beside)
    while at < end and (xy[u(at + 2 + axis)] - ahead) * go > 0:
        at += 2
        ahead, beside = xy[u(at + axis)], xy[u(at + 1 - axis)]
        low, high = min(low, beside), max(high, beside)
    first, last = min(begin, ahead), max(begin, ahead)
    box = (first, low, last, high) if along else (low, first, high, last)
    return at // 2, int(go) * (axis + 1), box


@kernel
def _chains_apart(xy: Floats, one: Any, other: Any, stack: Any, budget: int) -> int:
    """Return what is left of the budget if two chains are known to be apart; else less than 0."""
    waiting = 1
    _put(stack, 0, one, other)
    while waiting and budget >= 0:
        waiting -= 1
        at = u(waiting)
        one, other = (stack[at, 0], stack[at, 1], stack[at, 2]), (stack[at, 3], stack[at, 4], stack[at, 5])
        clear, one, other, cost = _narrowed(xy, one, other)
        budget -= cost
        if clear:
            continue
        if abs(one[2]) == abs(other[2]) or min(one[1] - one[0], other[1] - other[0]) == 1:
            budget = _swept(xy, one, other, budget)
        else:
            if one[1] - one[0] < other[1] - other[0]:
                one, other = other, one
            middle = (one[0] + one[1]) // 2
            for half in ((one[0], middle, one[2]), (middle, one[1], one[2])):
                _put(stack, waiting, other, half)
                waiting += 1
    return budget


@kernel
def _put(stack: Any, place: int, one: Any, other: Any) -> None:
    """Put two chains where they wait to be compared."""
    at = u(place)
    stack[at, 0], stack[at, 1], stack[at, 2] = one
    stack[at, 3], stack[at, 4], stack[at, 5] = other


@kernel
def _narrowed(xy: Floats, one: Any, other: Any) -> Any:
    """Return whether two chains are apart; if not, the parts of them that may meet; and the cost of that.

    Of each in turn what is not beside the box of the other is left out, until that is no longer much.
    """
    still, cost = 0, other[1] - other[0]
    west, south, east, north = _box(xy, other[0], other[1])
    while still < BOTH and (one[1] - one[0]) * (other[1] - other[0]) > FEW:
        low, high = (west, east) if abs(one[2]) == 1 else (south, north)
        first, last = _within(xy, one, low, high)
        still = still + 1 if 4 * (last - first) > 3 * (one[1] - one[0]) else 0
        one, other = other, (first, last, one[2])
        cost += last - first + STEP
        left, bottom, right, top = _box(xy, first, last)
        if (left > east) | (bottom > north) | (right < west) | (top < south):
            return True, one, other, cost
        west, south, east, north = left, bottom, right, top
    return False, one, other, cost


@kernel
def _box(xy: Floats, first: int, last: int) -> Any:
    """Return the box of a chain."""
    west, south = xy[u(2 * first)], xy[u(2 * first + 1)]
    east, north = west, south
    for at in range(2 * first + 2, 2 * last + 2, 2):
        x, y = xy[u(at)], xy[u(at + 1)]
        west, east, south, north = min(west, x), max(east, x), min(south, y), max(north, y)
    return west, south, east, north


@kernel
def _within(xy: Floats, chain: Any, low: float, high: float) -> Any:
    """Return the first and the last vertex of the part of a chain between two bounds, in the axis of its way.

    Edges are left out that are beyond the bounds, but one at least stays.
    """
    first, last, way = chain
    axis, sign = abs(way) - 1, 1.0 if way > 0 else -1.0
    if way < 0:
        low, high = -high, -low
    stop = last
    if sign * xy[u(2 * first + axis)] < low:
        while stop - first > 1:
            middle = (first + stop) // 2
            below = sign * xy[u(2 * middle + axis)] < low
            first, stop = middle if below else first, stop if below else middle
    start = first
    if sign * xy[u(2 * last + axis)] > high:
        while last - start > 1:
            middle = (start + last) // 2
            above = sign * xy[u(2 * middle + axis)] > high
            start, last = start if above else middle, middle if above else last
    return first, last


@kernel
def _swept(xy: Floats, one: Any, other: Any, budget: int) -> int:
    """Compare the edges of two chains along an axis that the longer goes in, and the other, or is an edge.

    Returns as `_chains_apart` does.
    """
    axis = abs(one[2] if one[1] - one[0] > 1 else other[2]) - 1
    step = 1 if xy[u(2 * one[1] + axis)] > xy[u(2 * one[0] + axis)] else -1
    turn = 1 if xy[u(2 * other[1] + axis)] > xy[u(2 * other[0] + axis)] else -1
    a, end = (one[0], one[1]) if step > 0 else (one[1], one[0])
    c, stop = (other[0], other[1]) if turn > 0 else (other[1], other[0])
    while a != end and c != stop:
        budget -= PAIR
        if budget < 0 or not _edges_apart(xy, min(a, a + step), min(c, c + turn)):
            return -1
        # Of two that end at one place the next ones are compared with each other: there is nothing between.
        sooner = xy[u(2 * (a + step) + axis)] < xy[u(2 * (c + turn) + axis)]
        a, c = a + step * sooner, c + turn * (1 - sooner)
    return budget


@kernel
def _edges_apart(xy: Floats, a: int, c: int) -> bool:
    """Whether two edges are neighbours, or known not to meet."""
    b, d = a + 1, c + 1
    if b == c or d == a or abs(a - c) == len(xy) // 2 - 2:
        return True
    apart = False
    for axis in range(2):
        p, q, r, s = xy[u(2 * a + axis)], xy[u(2 * b + axis)], xy[u(2 * c + axis)], xy[u(2 * d + axis)]
        apart |= (max(p, q) < min(r, s)) | (min(p, q) > max(r, s))
    return apart or _beside(xy, a, c, d) or _beside(xy, c, a, b)


@kernel
def _beside(xy: Floats, a: int, c: int, d: int) -> bool:
    """Whether two vertices are on one side of the line of an edge by more than rounding may be."""
    turn, doubt = _turn(xy, a, a + 1, c)
    other, more = _turn(xy, a, a + 1, d)
    return bool(((turn > doubt) & (other > more)) | ((turn < -doubt) & (other < -more)))


@kernel
def _turn(xy: Floats, a: int, b: int, c: int) -> Any:
    """Return how far vertex c is on the left of the line from a to b, and what of that rounding may be."""
    x, y = xy[u(2 * c)], xy[u(2 * c + 1)]
    left = (xy[u(2 * a)] - x) * (xy[u(2 * b + 1)] - y)
    right = (xy[u(2 * a + 1)] - y) * (xy[u(2 * b)] - x)
    return left - right, ROUNDING * (abs(left) + abs(right)) + UNDERFLOW
