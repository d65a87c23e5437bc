"""Compiled: edges laid over a frame; imported only where `compiling.compiled` says so.

Edges are laid over the frame one by one, and what was found is brought into the order of cells. The rest is
done by `zone_sweep_compiled`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.index.compiling import kernel
from gridmap.geo.index.zone_edges import CERTAIN
from gridmap.geo.index.zone_frame import SHARE_X, SHARE_Y
from gridmap.geo.index.zone_raster import margin_of
from gridmap.geo.index.zone_sweep_compiled import FLAGS, HERE, NEXT, UNCLEAR, swept

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.index.zone_edges import Edges
    from gridmap.geo.index.zone_frame import Frame
    from gridmap.geo.index.zone_labels import Cells

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Shorts = NDArray[np.int32]

# Of the constants from elsewhere that are in the kept machine code: see `compiling.kernel`.
STAMP = "d7ebc111bc0d"

NONE = -1
# Entries for an edge that room is made for at first.
FIRST_ROOM = 1.5


def labelled(edges: Edges, frame: Frame, order: Ints) -> Cells:
    """Return the cells of a frame, as `zone_labels.cells_of` does."""
    label = np.zeros(frame.cells, dtype=np.int32)
    key, code, mixed = _laid(edges, frame, label)
    head, entry = np.empty((mixed, 8), dtype=np.int32), np.empty((len(key), 2), dtype=np.int32)
    more = np.empty(len(key), dtype=np.int32)
    _sort((key, code), edges.first, label, head, (entry, more))
    del key, code
    return swept((label, head, entry, more), edges.owner, order)


def _laid(edges: Edges, frame: Frame, label: Shorts) -> tuple[Shorts, Shorts, int]:
    """Return cell and flags, and edge and side, of every entry in the order of edges; and the mixed cells.

    The number of entries of each cell is filled into `label`.
    """
    grid = (frame.x, frame.y, frame.step, frame.columns, frame.rows)
    margins = (edges.margin, margin_of(edges, frame))
    room = int(len(edges.owner) * FIRST_ROOM) + frame.columns
    key, code = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    edge = count = mixed = 0
    while edge < len(edges.place):
        edge, count, mixed = _lay(
            (edges.place, edges.first), grid, margins, (edge, count, mixed), (key, code, label)
        )
        if edge < len(edges.place):
            key, code = (np.concatenate([one, np.empty_like(one)]) for one in (key, code))
    return key[:count], code[:count], mixed


@kernel
def _lay(
    edges: tuple[Floats, Shorts],
    grid: tuple[float, float, float, int, int],
    margins: tuple[float, float],
    done: tuple[int, int, int],
    found: tuple[Shorts, Shorts, Shorts],
) -> tuple[int, int, int]:
    """Lay edges over a frame, from the first that is not done on until the room is too small for one.

    Returns
    -------
    edge, count, mixed : int
        The first edge that is not done, entries and cells with entries so far.
    """
    (place, first), (key, code, label) = edges, found
    west, south, step, columns, rows = grid
    edge, count, mixed = done
    for v in range(edge, len(place) - 1):
        if first[v] == first[v + 1]:
            continue
        ax, ay, bx, by = place[v, 0], place[v, 1], place[v + 1, 0], place[v + 1, 1]
        reach = _reach(bx - ax, by - ay) * margins[0]
        course = ((ax - west) / step, (ay - south) / step, (bx - ax) / step, (by - ay) / step)
        lowest, highest = _near(course[1], (by - south) / step, margins[1], rows)
        begin = count
        for row in range(lowest, highest + 1):
            low, high = _near(*_within(course, row, margins[1]), margins[1], columns)
            if count + high - low >= len(key):
                return v, begin, mixed
            y = south + (row + SHARE_Y) * step
            crossed = NONE
            if (ay <= y) != (by <= y):
                x = ax + (y - ay) / (by - ay) * (bx - ax)
                crossed = max(int(np.ceil((x - west) / step - SHARE_X)), low)
            for column in range(low, high + 1):
                x = west + (column + SHARE_X) * step
                left, flags = _side(bx - ax, by - ay, x - ax, y - ay, reach)
                flags |= (HERE if column == crossed else 0) | (NEXT if column == high < crossed else 0)
                key[count] = ((row * columns + column) << FLAGS) | flags
                code[count] = 2 * v + left
                count += 1
        for j in range(begin, count):
            cell = np.uint32(key[j] >> FLAGS)
            mixed += label[cell] == 0
            label[cell] += 1
    return len(place), count, mixed


@kernel
def _reach(dx: float, dy: float) -> float:
    """Return at least the length of an edge, as `zone_labels.reach`."""
    across, along = abs(dx), abs(dy)
    return max(across, along) + 0.5 * min(across, along)


@kernel
def _side(dx: float, dy: float, px: float, py: float, reach: float) -> tuple[int, int]:
    """Return 1 if a place lies to the left of an edge, else 0; and the flag if that is not clear.

    The edge's course and the place are both counted from its start.
    """
    one, other = dx * py, dy * px
    turn = one - other
    clear = abs(turn) > reach + CERTAIN * (abs(one) + abs(other))
    return 1 if turn > 0 else 0, 0 if clear else UNCLEAR


@kernel
def _near(one: float, other: float, margin: float, count: int) -> tuple[int, int]:
    """Return the first and the last of a number of rows or columns that a stretch comes near."""
    low, high = int(min(one, other) - margin), int(max(one, other) + margin)
    return max(low, 0), min(high, count - 1)


@kernel
def _within(course: tuple[float, float, float, float], row: int, margin: float) -> tuple[float, float]:
    """Return where along x the part of an edge within the margin of a row begins and ends, in cells."""
    u, v, du, dv = course
    if dv == 0.0:
        return u, u + du
    slope = 1.0 / dv
    begin, end = (row - margin - v) * slope, (row + 1 + margin - v) * slope
    return u + _share(begin) * du, u + _share(end) * du


@kernel
def _share(value: float) -> float:
    """Return a value brought between 0 and 1."""
    return min(value, 1.0) if value > 0.0 else 0.0


@kernel
def _sort(
    found: tuple[Shorts, Shorts], first: Shorts, label: Shorts, head: Shorts, entries: tuple[Shorts, Shorts]
) -> None:
    """Give mixed cells their numbers, fill in heads but for polygons, and sort the entries by cell.

    `label` holds the number of entries of each cell, and then the number of the mixed cell. An entry gets its
    edge, and in the place of its bits where the edge's polygons begin; beside it, how many, and the flags.
    """
    (key, code), (entry, more) = found, entries
    k = begin = 0
    for cell in range(len(label)):
        count = label[cell]
        if count:
            head[k, 0], head[k, 3], head[k, 4] = cell, begin, begin
            label[cell] = k
            begin += count
            k += 1
    for j in range(len(key)):
        number = np.uint32(label[np.uint32(key[j] >> FLAGS)])
        at = np.uint32(head[number, 4])
        head[number, 4] += 1
        edge = np.uint32(code[j] >> 1)
        entry[at, 0], entry[at, 1] = code[j], first[edge]
        more[at] = ((first[edge + np.uint32(1)] - first[edge]) << FLAGS) | (key[j] & ((1 << FLAGS) - 1))
