"""Compiled: the cells of a frame, one after the other; imported only where `compiling.compiled` says so.

A walker goes from reference to reference, row by row, and keeps account of the polygons that hold it: an edge
that crosses its way changes that. What it finds is the label of the cells without edges. For the others it
joins the polygons of their edges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.index import zone_groups, zone_labels
from gridmap.geo.index.compiling import kernel
from gridmap.geo.index.zone_labels import Cells
from gridmap.geo.index.zone_spans import LONGEST, Lists

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Shorts = NDArray[np.int32]
    Table = tuple[Shorts, Shorts, Shorts, Shorts]
    Pair = tuple[Shorts, Shorts]

# Of the constants from elsewhere that are in the kept machine code: see `compiling.kernel`.
STAMP = "ef4bb2778e7c"

NONE = -1
# What an entry says beside its edge: the side of the reference is not clear; the edge crosses the row's
# reference line so that the reference of this cell is the first beyond it; or that of the next cell.
UNCLEAR, HERE, NEXT = 1, 2, 4
FLAGS = 3
# Lists that room is made for at first, and what one cell may add.
ROOM, MOST_LISTS = 1024, 2
MOST = MOST_LISTS * LONGEST
# Cells whose polygons are joined before their bits are found: they stay in the processor's cache.
CHUNK = 4096
# The walker's account: polygons that hold it; where in that list each stands; those that were entered or
# left since it was last looked at; and of these, 1 if an odd number of times, 2 if an even one.
HOLDS, WHERE, TOUCHED, TIMES = 0, 1, 2, 3


def swept(cells: Table, owner: Shorts, order: Ints) -> Cells:
    """Fill in the rest of the arrays of `Cells`.

    Parameters
    ----------
    cells : tuple of array
        `Cells.label`, `Cells.head` and `Cells.entry`, as `zone_labels_compiled` leaves them, and for each
        entry how many polygons its edge has, and its flags.
    owner : array of int32
        `Edges.owner`.
    order : array of int
        The position of each rank; -1 behind the last.
    """
    label, head, entry, _ = cells
    mixed, polygons = len(head), len(order) - 1
    account = np.zeros((4, len(order)), dtype=np.int32)
    account[WHERE] = NONE
    first, polygon = np.zeros(ROOM, dtype=np.int32), np.empty(ROOM, dtype=np.int32)
    done = _walk(cells, owner, order, (first, polygon), account, (0, 0, 0, NONE, 0))
    while done[0] < mixed:
        first, polygon = _longer(first), _longer(polygon)
        done = _walk(cells, owner, order, (first, polygon), account, done)
    # No polygon reaches the ring of cells around all of them.
    label[int(head[-1, 0]) + 1 :] = NONE
    first = first[: done[-1] + 1].copy()
    lists = Lists(first, polygon[: first[-1]].copy())
    zone = np.empty(len(entry) + ROOM, dtype=np.int32)
    limits = (zone_labels.MOST_EDGES, zone_groups.MOST_POLYGONS)
    k, zones = _join(cells, (owner, order), (lists.first, lists.polygon), limits, zone, (0, 0))
    while k < mixed:
        zone = _longer(zone)
        k, zones = _join(cells, (owner, order), (lists.first, lists.polygon), limits, zone, (k, zones))
    return Cells(label, polygons, mixed, head=head, zone=zone[:zones].copy(), entry=entry, lists=lists)


def _longer(some: Shorts) -> Shorts:
    """Return an array with room for twice as many."""
    return np.concatenate([some, np.zeros_like(some)])


@kernel
def _walk(
    cells: Table,
    owner: Shorts,
    order: Ints,
    lists: Pair,
    account: Shorts,
    done: tuple[int, int, int, int, int],
) -> tuple[int, int, int, int, int]:
    """Walk from the first mixed cell that is not done on until the room for lists is too small.

    Fills in the labels of cells without edges, and in the place of each mixed cell's bits what holds its
    reference: as its label would say it, but a single polygon by rank.

    Returns
    -------
    tuple of int
        Mixed cells done; polygons that hold the walker; polygons that were touched since; what holds it;
        number of lists.
    """
    label, head, entry, more = cells
    k, depth, touched, held, number = done
    last, crowded = int(head[k - 1, 0]) if k else NONE, -2 - 2 * len(head)
    while k < len(head) and number + MOST_LISTS < len(lists[0]) and lists[0][number] + MOST < len(lists[1]):
        cell = int(head[k, 0])
        if cell > last + 1:
            if touched:
                held, number = _held(account, (depth, touched, crowded), held, lists, number)
                touched = 0
            answer = order[held] if 0 <= held < len(order) - 1 else held
            for free in range(last + 1, cell):
                label[free] = answer
        for flag in (HERE, NEXT):
            for j in range(head[k, 3], head[k, 4]):
                if more[j] & flag:
                    for i in range(entry[j, 1], entry[j, 1] + (more[j] >> FLAGS)):
                        depth, touched = _cross(account, owner[i], depth, touched)
            if flag == HERE and touched:
                held, number = _held(account, (depth, touched, crowded), held, lists, number)
                touched = 0
            head[k, 5] = held
        last = cell
        k += 1
    return k, depth, touched, held, number


@kernel
def _cross(account: Shorts, polygon: int, depth: int, touched: int) -> tuple[int, int]:
    """Enter or leave a polygon; return how many hold the walker, and how many were touched."""
    if account[WHERE, polygon] < 0:
        account[WHERE, polygon] = depth
        account[HOLDS, depth] = polygon
        depth += 1
    else:
        depth -= 1
        where, moved = account[WHERE, polygon], account[HOLDS, depth]
        account[HOLDS, where], account[WHERE, moved] = moved, where
        account[WHERE, polygon] = NONE
    if account[TIMES, polygon] == 0:
        account[TOUCHED, touched] = polygon
        touched += 1
    account[TIMES, polygon] = 3 - account[TIMES, polygon] if account[TIMES, polygon] else 1
    return depth, touched


@kernel
def _held(
    account: Shorts, counts: tuple[int, int, int], held: int, lists: Pair, number: int
) -> tuple[int, int]:
    """Return what holds the walker now, a new list if several polygons do; and the number of lists."""
    depth, touched, crowded = counts
    changed = 0
    for i in range(touched):
        changed += account[TIMES, account[TOUCHED, i]] & 1
        account[TIMES, account[TOUCHED, i]] = 0
    if changed == 0:
        return held, number
    if depth == 0:
        return NONE, number
    if depth == 1:
        return int(account[HOLDS, 0]), number
    if depth > LONGEST:
        return crowded, number
    first, member = lists
    start = first[number]
    for n in range(depth):
        _insert(member, start, n, account[HOLDS, n])
    first[number + 1] = start + depth
    return account.shape[1] - 1 + number, number + 1


@kernel
def _insert(some: Shorts, start: int, count: int, one: int) -> int:
    """Put a number into its place among sorted ones, if it is not there; return how many there are."""
    i = start + count
    while i > start and some[i - 1] > one:
        i -= 1
    if i > start and some[i - 1] == one:
        return count
    for at in range(start + count, i, -1):
        some[at] = some[at - 1]
    some[i] = one
    return count + 1


@kernel
def _join(
    cells: Table,
    polygons: tuple[Shorts, Ints],
    lists: Pair,
    limits: tuple[int, int],
    zone: Shorts,
    done: tuple[int, int],
) -> tuple[int, int]:
    """Join the polygons of mixed cells from the first that is not done on, while there is room for them.

    Returns
    -------
    tuple of int
        Mixed cells done; polygons of all of them.
    """
    k, zones = done
    while k < len(cells[1]):
        start = k
        k, zones = _polygons(cells, polygons, lists, limits, zone, (k, zones))
        if k == start:
            break
        _bits(cells, polygons, lists, zone, (start, k))
    return k, zones


@kernel
def _polygons(
    cells: Table,
    polygons: tuple[Shorts, Ints],
    lists: Pair,
    limits: tuple[int, int],
    zone: Shorts,
    done: tuple[int, int],
) -> tuple[int, int]:
    """Fill in the polygons of a chunk of mixed cells, none of a crowded one, and where they begin and end."""
    (_, head, entry, more), owner, single = cells, polygons[0], len(polygons[1]) - 1
    first, member = lists
    start, zones = done
    most_edges, most = limits
    stop = min(start + CHUNK, len(head))
    for k in range(start, stop):
        if zones + most >= len(zone):
            return k, zones
        begin, end, held = head[k, 3], head[k, 4], int(head[k, 5])
        count = most + 1 if end - begin > most_edges or held < NONE else 0
        for j in range(begin, end if count == 0 else begin):
            for i in range(entry[j, 1], entry[j, 1] + (more[j] >> FLAGS)):
                if count > most:
                    break
                if count == 0 or (zone[zones] != owner[i] and zone[zones + count - 1] != owner[i]):
                    count = _insert(zone, zones, count, owner[i])
        several = held >= single
        low, high = (
            (first[held - single], first[held - single + 1]) if several else (0, 1 if held >= 0 else 0)
        )
        for i in range(low, high):
            if count <= most:
                count = _insert(zone, zones, count, member[i] if several else held)
        head[k, 1] = zones
        zones += count if count <= most else 0
        head[k, 2] = zones
    return stop, zones


@kernel
def _bits(
    cells: Table, polygons: tuple[Shorts, Ints], lists: Pair, zone: Shorts, some: tuple[int, int]
) -> None:
    """Fill in labels, bits and first two polygons of some mixed cells."""
    (label, head, entry, more), (owner, order), (first, member) = cells, polygons, lists
    single = len(order) - 1
    for k in range(some[0], some[1]):
        zones, count, held = head[k, 1], head[k, 2] - head[k, 1], int(head[k, 5])
        unclear = 0
        for j in range(head[k, 3], head[k, 4]):
            unclear |= more[j] & UNCLEAR
            bits = 0
            if count:
                for i in range(entry[j, 1], entry[j, 1] + (more[j] >> FLAGS)):
                    bits ^= _bit(zone, zones, owner[i])
            entry[j, 1] = bits
        bits = 0
        several = held >= single
        low, high = (
            (first[held - single], first[held - single + 1]) if several else (0, 1 if held >= 0 else 0)
        )
        for i in range(low, high if count else low):
            bits |= _bit(zone, zones, member[i] if several else held)
        head[k, 5] = bits
        head[k, 6] = order[zone[zones]] if count else NONE
        head[k, 7] = order[zone[zones + 1]] if count > 1 else NONE
        own = -2 - k - (len(head) if unclear else 0)
        label[head[k, 0]] = own if count else -2 - 2 * len(head)


@kernel
def _bit(zone: Shorts, start: int, polygon: int) -> int:
    """Return the bit of a polygon of a cell."""
    i = 0
    while zone[start + i] != polygon:
        i += 1
    return 1 << i
