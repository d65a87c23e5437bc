"""The compiled look at each place; imported only where `compiling.compiled` says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap.geo.index.compiling import kernel
from gridmap.geo.index.zone_edges import CERTAIN
from gridmap.geo.index.zone_frame import SHARE_X, SHARE_Y

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.index.zone_cells import Grid

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Shorts = NDArray[np.int32]

# Of the constants from elsewhere that are in the kept machine code: see `compiling.kernel`.
STAMP = "bfb7c6e80e8e"

OPEN = -2
UNCLEAR = 2
SEVERAL = 3
# Places looked at before those in mixed cells among them are walked to: what is fetched for them stays in the
# processor's cache.
CHUNK = 1 << 14


def first_look(xy: Floats, grid: Grid, lead: Shorts) -> None:
    """Find the polygon of each place that a bounded computation settles.

    Parameters
    ----------
    xy : array of float, shape (n, 2)
    grid : Grid
    lead : array of int32, shape (n,)
        Filled: position of the polygon; -1 where there is none; -2 where the place is in several polygons
        or in doubt.
    """
    frame, cells = grid.frame, grid.cells
    # A read-only view of one layout, whatever the caller brings: one machine code for all.
    places = np.ascontiguousarray(xy).view()
    places.flags.writeable = False
    margin = grid.edges.margin
    shape = (frame.x, frame.y, 1.0 / frame.step, frame.columns, frame.rows)
    steps = (frame.x + SHARE_X * frame.step, frame.y + SHARE_Y * frame.step, frame.step, frame.columns)
    tables = (cells.head, cells.zone, cells.entry, grid.edges.place, grid.order)
    row, number, warm = np.empty(CHUNK, np.int64), np.empty(CHUNK, np.int64), np.empty(CHUNK, np.float64)
    for start in range(0, len(places), CHUNK):
        some, out = places[start : start + CHUNK], lead[start : start + CHUNK]
        _look(some, shape, cells.label, (cells.polygons, cells.mixed), out)
        count = _fetch(out, tables, row, number, warm)
        _walk(some, (*steps, margin), tables, row[:count], out)


@kernel
def _look(xy: Floats, shape: Any, label: Any, limits: Any, lead: Shorts) -> None:
    """Fill in what each place's cell says: the polygon or -1; -3 - k in mixed cell k; -2 otherwise."""
    west, south, inverse, columns, rows = shape
    polygons, mixed = limits
    for i in range(len(xy)):
        u = (xy[i, 0] - west) * inverse
        v = (xy[i, 1] - south) * inverse
        # Comparisons with NaN are false: it ends in the ring's first row or column.
        column = (int(u) if u < columns else columns - 1) if u >= 0.0 else 0
        row = (int(v) if v < rows else rows - 1) if v >= 0.0 else 0
        found = label[row * columns + column]
        if found < -1:
            lead[i] = found - 1 if found > -2 - mixed else OPEN
        else:
            lead[i] = found if found < polygons else OPEN


@kernel
def _fetch(lead: Shorts, tables: Any, row: Ints, number: Ints, warm: Floats) -> int:
    """Fill in the rows in mixed cells, and touch what the walk to them will read; return how many.

    The walk waits for memory at every step. These loops have no branches: the processor fetches many places'
    lines at a time.
    """
    head, _, entry, place, _ = tables
    count = 0
    for i in range(len(lead)):
        row[count] = i
        count += lead[i] < OPEN
    for j in range(count):
        number[j] = head[OPEN - 1 - lead[row[j]], 3]
    for j in range(count):
        number[j] = entry[number[j], 0] >> 1
    for j in range(count):
        warm[j] = place[number[j], 0] + place[number[j] + 1, 1]
    return count


@kernel
def _walk(xy: Floats, steps: Any, tables: Any, row: Ints, lead: Shorts) -> None:
    """Settle the places of mixed cells, walking to each from the reference of its cell."""
    head, zone, entry, place, order = tables
    for i in row:
        k = OPEN - 1 - lead[i]
        px, py = xy[i, 0], xy[i, 1]
        x = steps[0] + (head[k, 0] % steps[3]) * steps[2]
        y = steps[1] + (head[k, 0] // steps[3]) * steps[2]
        holds = head[k, 5]
        for j in range(head[k, 3], head[k, 4]):
            e = entry[j, 0] >> 1
            ax, ay, bx, by = place[e, 0], place[e, 1], place[e + 1, 0], place[e + 1, 1]
            left = _side(bx - ax, by - ay, px - ax, py - ay, _reach(bx - ax, by - ay) * steps[4])
            crossed = 0
            # Only an edge with the place and the reference on different sides can be crossed.
            if left != entry[j, 0] & 1:
                start = _side(px - x, py - y, ax - x, ay - y, 0.0)
                end = _side(px - x, py - y, bx - x, by - y, 0.0)
                crossed = (start ^ end) | ((start | end) & UNCLEAR)
            if (left | crossed) >= UNCLEAR:
                holds = SEVERAL
                break
            holds ^= entry[j, 1] * crossed
        if holds == 0:
            lead[i] = -1
        elif holds & (holds - 1):
            lead[i] = OPEN
        elif holds <= 2:  # noqa: PLR2004 - one of the first two
            lead[i] = head[k, 5 + holds]
        else:
            lead[i] = order[zone[head[k, 1] + _place(holds)]]


@kernel
def _place(bit: int) -> int:
    """Return the place of the one bit that is set."""
    place = 0
    while bit > 1:
        bit >>= 1
        place += 1
    return place


@kernel
def _reach(dx: float, dy: float) -> float:
    """Return at least the length of an edge, as `zone_labels.reach`."""
    across, along = abs(dx), abs(dy)
    return max(across, along) + 0.5 * min(across, along)


@kernel
def _side(dx: float, dy: float, px: float, py: float, reach: float) -> int:
    """Tell the side of an edge that a place lies on: 1 left, 0 right, 2 within its reach or rounding.

    The edge's course and the place are both counted from its start.
    """
    one = dx * py
    other = dy * px
    turn = one - other
    if not abs(turn) > reach + CERTAIN * (abs(one) + abs(other)):
        return UNCLEAR
    return 1 if turn > 0 else 0
