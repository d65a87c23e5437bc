"""Compiled: the distinct edges of polygons; imported only where `compiling.compiled` says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.index.compiling import kernel
from gridmap.geo.index.zone_edges import MIX, Edges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.index.zone_edges import Rings

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Numbers = NDArray[np.uint64]
    Shorts = NDArray[np.int32]

# Of the constants from elsewhere that are in the kept machine code: see `compiling.kernel`.
STAMP = "2913e6f44e78"

NONE = -1
# Slots of the table of edges for each edge: 3 / 4 of them are taken at most.
ROOM = 4 / 3
# New edges whose slots are touched at once: where one is, many follow.
CHUNK = 64
ONE, BYTE, HALF = np.uint64(1), np.uint64(8), np.uint64(32)
# Of a slot, for an edge's number and its mark.
BITS = 31
X, Y, TURN = MIX


def joined(rings: Rings) -> Edges:
    """Return the edges of rings, as `zone_edges.edges_of` does."""
    count = len(rings.place)
    first = np.zeros(count + 2, dtype=np.int32)
    owner, turned = np.empty(count, dtype=np.int32), np.empty(count, dtype=np.bool_)
    leader = np.empty(count, dtype=np.int32)
    slots, marks = np.zeros(int(count * ROOM) + 1, dtype=np.int32), np.empty(CHUNK, dtype=np.int32)
    found, scales = (first, owner, turned), (rings.unit, count.bit_length())
    held, course = _join(rings.place, (rings.stop, rings.polygon), scales, (leader, slots, marks), found)
    return Edges(rings.place, first[:-1], owner[:held], turned[:held], rings.box, course * rings.unit)


# Arrays are handed over once, not for each edge: each hand-over counts references. Places in arrays are
# unsigned: a signed one might be negative, and mean one from the end, which costs time.


@kernel
def _join(
    place: Floats,
    rings: tuple[Ints, Shorts],
    scales: tuple[float, int],
    work: tuple[Shorts, Shorts, Shorts],
    found: tuple[Shorts, Shorts, Bools],
) -> tuple[int, int]:
    """Fill in the arrays of `Edges`; return how many polygons edges have, in all, and the course in units.

    `scales` are metres to a unit of course, and bits that hold an edge's number. `work` has room for the
    first equal edge of each edge, for a table of edges, zeros, and for the marks of a chunk of edges.
    """
    leader = work[0]
    course = _lead(place, rings[0], scales, work)
    first, owner, turned = found
    for v in range(len(leader)):
        if leader[v] >= 0:
            first[np.uint32(leader[v] + 2)] += 1
    for v in range(len(leader)):
        first[v + 1] += first[v]
    held = first[len(leader)] + first[len(leader) + 1]
    # Behind each place where an edge's polygons begin is that of the next edge's: while they are filled in it
    # moves on from where they begin to where they end.
    ring = 0
    for v in range(len(leader)):
        while v >= rings[0][ring]:
            ring += 1
        lead = np.uint32(leader[v])
        if leader[v] >= 0:
            at = np.uint32(first[lead + np.uint32(1)])
            first[lead + np.uint32(1)] += 1
            owner[at] = rings[1][ring]
            turned[at] = place[v, 0] != place[lead, 0] or place[v, 1] != place[lead, 1]
    return held, course


@kernel
def _lead(place: Floats, stop: Ints, scales: tuple[float, int], work: tuple[Shorts, Shorts, Shorts]) -> int:
    """Fill in the first edge that equals each edge, -1 where there is no edge; return the course in units.

    What follows a shared edge is mostly shared with the same polygon: that is looked at before the table.
    What follows a new edge is mostly new: many slots are touched at once. In the table an edge stands with
    its mark: few others have the same, so that hardly any other edge is looked at.
    """
    (unit, shift), (leader, slots, marks) = scales, work
    course = guess = start = known = begin = 0
    for end in stop:
        way, many = 0, 1
        for v in range(start, end - 1):
            slot = np.uint64(leader[v] if v < known else 0)
            leader[v] = NONE
            mine = (place[v, 0], place[v, 1], place[v + 1, 0], place[v + 1, 1])
            if mine[0] == mine[2] and mine[1] == mine[3]:
                continue
            guess += way
            at = np.uint64(guess)
            if (
                way
                and 0 <= guess < v
                and leader[guess] >= 0
                and way == _way((place[at, 0], place[at, 1], place[at + ONE, 0], place[at + ONE, 1]), mine)
            ):
                leader[v], many = leader[guess], 1
                continue
            if v >= known:
                begin, known = v, _slots(place, (v, min(v + many, end - 1)), shift, work)
                slot, leader[v] = np.uint64(leader[v]), NONE
            way, mark = 0, marks[np.uint64(v - begin)]
            while slots[slot] and not way:
                if slots[slot] >> shift == mark:
                    at = np.uint64((slots[slot] & ((1 << shift) - 1)) - 1)
                    ends = (place[at, 0], place[at, 1], place[at + ONE, 0], place[at + ONE, 1])
                    way, leader[v] = _way(ends, mine), at
                    guess = int(leader[v])
                slot = slot + ONE if slot + ONE < len(slots) else np.uint64(0)
            if not way:
                slots[slot] = (mark << shift) | (v + 1)
                leader[v], many = v, CHUNK
                course += int((abs(mine[2] - mine[0]) + abs(mine[3] - mine[1])) / unit)
        leader[max(start, end - 1) : end] = NONE
        start = end
    return course


@kernel
def _way(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> int:
    """Return 1 if two edges run the same way, -1 if one runs back along the other, else 0."""
    return 1 if one == other else -1 if one == (other[2], other[3], other[0], other[1]) else 0


@kernel
def _slots(place: Floats, some: tuple[int, int], shift: int, work: tuple[Shorts, Shorts, Shorts]) -> int:
    """Fill in the first slots and the marks of a chunk of edges, and touch the slots; return where it ends.

    Looking a slot up waits for memory. The loop that touches has no branches: the processor fetches many
    slots at a time.
    """
    (start, stop), (slot, slots, marks), half = some, work, np.uint64((1 << BITS - shift) - 1)
    number = _number(place[start, 0], place[start, 1])
    for v in range(start, stop):
        following = _number(place[v + 1, 0], place[v + 1, 1])
        both = number + following
        slot[v] = ((both >> HALF) * np.uint64(len(slots))) >> HALF
        marks[v - start] = (both >> BYTE) & half
        number = following
    warm = 0
    for v in range(start, stop):
        warm |= slots[np.uint32(slot[v])]
    # Nothing is ever below 0: but what is not used would not be fetched.
    return stop if warm >= 0 else start


@kernel
def _number(x: float, y: float) -> np.uint64:
    """Return a number mixed from the coordinates of a vertex."""
    one, other = np.float64(x + 0.0).view(np.uint64), np.float64(y + 0.0).view(np.uint64)
    mixed = (one * X) ^ ((other * Y) >> np.uint64(7)) ^ (other * TURN)
    return (mixed ^ (mixed >> np.uint64(29))) * Y
