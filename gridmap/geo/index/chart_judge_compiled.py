"""Compiled: what the judge keeps; imported only where `compiling.compiled` says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.index.chart_judge import INTO, LEEWAY_M, ONTO
from gridmap.geo.index.compiling import kernel
from gridmap.geo.nearest import CHORD_SHARE, CURVATURE_SHARE, EARTH_M, TIE_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.index.chart_judge import Rules, Things
    from gridmap.geo.index.chart_lists import Lists

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Of the constants from elsewhere that are in the kept machine code: see `compiling.kernel`.
STAMP = "78695adbb2ae"

# Cells that are worked on in two steps: what the first leaves stays in the processor's cache.
BLOCK = 64


# The operations and their order are those of `Judge`, so that the same is kept to the last item.


@kernel
def judged(
    middle: Floats,
    limits: tuple[float, Rules, bool],
    lists: Lists,
    things: Things,
    out: tuple[tuple[Ints, Ints, Ints, Ints], Floats],
) -> tuple[int, int]:
    """Do what `Judge.judged` does.

    Parameters
    ----------
    middle : array of float, shape (n, 3)
    limits : tuple
        Radius of the balls, the rules, and whether all lists are finished.
    lists : Lists
    things : Things
    out : tuple
        Filled: length of each list, the lists, where the finished ones are stored, and these. And room to
        work in for the lists of BLOCK cells, shape (k, 2).

    Returns
    -------
    kept, used : int
        How much is filled of the second and of the last of these.
    """
    (radius, (enough, step, more_m, beyond_m), last), ((length, kept, ready, stored), room) = limits, out
    ball, found, used = np.empty((BLOCK, 5)), 0, 0
    for start in range(0, len(middle), BLOCK):
        stop = min(start + BLOCK, len(middle))
        first, count = lists.first[start:stop], lists.length[start:stop]
        _measure(middle[start:stop], first, count, (lists.items, things.chord, room), ball)
        for cell in range(stop - start):
            farthest = np.sqrt(ball[cell, 3]) + radius
            steep = farthest / EARTH_M
            margin = farthest * (CHORD_SHARE + CURVATURE_SHARE * (steep * steep)) + TIE_M + more_m
            near = farthest <= beyond_m + 2.0 * radius
            ball[cell, 4] = (2.0 * farthest + margin) * margin if near else -np.inf
        tables, before = (lists.items, things.chord, things.joined, room), found
        found = _keep(first, count, tables, (ball, radius), (length[start:stop], kept, found))
        for cell in range(stop - start):
            short = length[start + cell] <= enough and np.sqrt(ball[cell, 3]) + radius <= beyond_m
            ball[cell, 4] = 1.0 if last or short else 0.0
        some = (length[start:stop], ready[start:stop])
        used = _store(kept[before:found], some, things.joined, (ball, step), (stored, used))
    return found, used


@kernel
def _store(
    kept: Ints, cells: tuple[Ints, Ints], joined: Bools, how: tuple[Floats, int], out: tuple[Ints, int]
) -> int:
    """Store the lists that are finished (1 in the last column of the balls); return where the next goes."""
    (length, ready), (ball, step), (stored, used), first = cells, how, out, 0
    for cell in range(len(length)):
        stop = first + length[cell]
        ready[cell] = -1
        if ball[cell, 4] != 0.0 and stop > first:
            ready[cell], stored[np.uint64(used)] = used, length[cell]
            for number in range(first, stop):
                item = kept[np.uint64(number)]
                leads = number > first and item - kept[np.uint64(number - 1)] == 1 and joined[np.uint64(item)]
                onto = kept[np.uint64(number + 1)] if number + 1 < stop else -1
                goes = onto - item == 1 and joined[np.uint64(onto)]
                used += 1
                stored[np.uint64(used)] = item * step + INTO * leads + ONTO * goes
            used += 1
        first = stop
    return used


@kernel
def _measure(
    middle: Floats, first: Ints, count: Ints, tables: tuple[Ints, Floats, Floats], ball: Floats
) -> None:
    """Fill in, for each item, its squared distance and how far along its foot is; and what is nearest.

    Without branches, which the processor could not foresee.
    """
    items, chord, room = tables
    used = np.uint64(0)
    for cell in range(len(middle)):
        cx, cy, cz = middle[cell, 0], middle[cell, 1], middle[cell, 2]
        least, nearest = np.inf, np.int64(0)
        for number in range(first[cell], first[cell] + count[cell]):
            item = items[np.uint64(number)]
            thing = np.uint64(item)
            ex, ey, ez = chord[thing, 3], chord[thing, 4], chord[thing, 5]
            x, y, z = cx - chord[thing, 0], cy - chord[thing, 1], cz - chord[thing, 2]
            share = (x * ex + y * ey + z * ez) * chord[thing, 6]
            clipped = min(max(share, 0.0), 1.0)
            x, y, z = x - clipped * ex, y - clipped * ey, z - clipped * ez
            square = x * x + y * y + z * z
            nearest = item if square < least else nearest
            least = min(least, square)
            room[used, 0], room[used, 1] = square, share * chord[thing, 7]
            used += np.uint64(1)
        thing = np.uint64(nearest)
        ex, ey, ez = chord[thing, 3], chord[thing, 4], chord[thing, 5]
        x, y, z = cx - chord[thing, 0], cy - chord[thing, 1], cz - chord[thing, 2]
        clipped = min(max((x * ex + y * ey + z * ez) * chord[thing, 6], 0.0), 1.0)
        ball[cell, 0], ball[cell, 1] = cx - (x - clipped * ex), cy - (y - clipped * ey)
        ball[cell, 2], ball[cell, 3] = cz - (z - clipped * ez), least


@kernel
def _keep(
    first: Ints,
    count: Ints,
    tables: tuple[Ints, Floats, Bools, Floats],
    balls: tuple[Floats, float],
    out: tuple[Ints, Ints, int],
) -> int:
    """Fill in what is kept of each list, and how much; return where the next goes. Without branches too."""
    (items, chord, joined, room), (ball, radius), (length, kept, found) = tables, balls, out
    used, reach = np.uint64(0), radius + LEEWAY_M
    for cell in range(len(first)):
        fx, fy, fz = ball[cell, 0], ball[cell, 1], ball[cell, 2]
        least, slack = ball[cell, 3], ball[cell, 4]
        start, last, stop = found, np.int64(-2), first[cell] + count[cell]
        for number in range(first[cell], stop):
            item, onto = items[np.uint64(number)], items[np.uint64(number + (number + 1 < stop))]
            thing, along = np.uint64(item), room[used, 1]
            x, y, z = chord[thing, 0] - fx, chord[thing, 1] - fy, chord[thing, 2] - fz
            end = x * x + y * y + z * z
            x, y, z = x + chord[thing, 3], y + chord[thing, 4], z + chord[thing, 5]
            ends = np.sqrt(max(end, x * x + y * y + z * z))
            near = room[used, 0] - least <= 2.0 * radius * ends + slack
            used += np.uint64(1)
            before = (item - last == 1) & joined[thing] & (along < -reach)
            goes = (onto - item == 1) & joined[np.uint64(onto)] & (room[used, 1] >= -reach)
            last = item
            kept[np.uint64(found)] = item
            found += near & (not before | (goes & (along > chord[thing, 7] + reach)))
        length[cell] = found - start
    return found
