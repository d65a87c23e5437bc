"""Compiled: places by a chart, lengths from chords, the nearest site and the nearest place of a line.

All these kernels stand in this one file, because what numba keeps of a kernel is made anew only when the file
of that kernel changes. They do the same as `chart`, `chart_chord`, `sites` and `line`, for a block of points
at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap.geo.index.chart_chord import FIFTH, MM, RANGE_M, REFERENCE_M, SERIES_M, THIRD
from gridmap.geo.index.chart_judge import INTO, ONTO
from gridmap.geo.index.compiling import kernel
from gridmap.geo.nearest import CURVATURE_SHARE, EARTH_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.index.chart import ChartArrays
    from gridmap.geo.index.chart_cells import CellArrays
    from gridmap.geo.index.line import Bounds
    from gridmap.geo.index.line_segments import SegmentArrays
    from gridmap.geo.index.sites import SiteArrays

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Items = NDArray[np.int32]
    Vector = tuple[float, float, float]
    # What is found of each point: two numbers, each in its own array.
    Found = tuple[Ints, Ints]

# Of the constants from elsewhere that are in the kept machine code: see `compiling.kernel`.
STAMP = "13293df8fd3e"

DOUBT = -2
NONE = -1
TIE_M = 1.001e-3
TINY = 1e-300
# Points that are worked on in steps: what a step leaves is in the processor's cache, the waits for memory of
# a step overlap, and where nothing branches four or eight points are worked on at once.
BLOCK = 4096
# The rows of the room that the steps share, one column a point: place on the tile, geocentric place, chord to
# what is nearest (after measuring: length and whether it is a tie) and the two smallest squared chords.
U, V, X, Y, Z, DX, DY, DZ, BEST, SECOND, ROWS = range(11)
LENGTH, TIE = DX, DY


# Arrays are handed over for a block of points, not for each point: each hand-over counts references. Places
# in arrays are unsigned: a signed one might be negative, and mean one from the end, which costs time.


@kernel
def places(xy: Floats, chart: ChartArrays, row: Ints, room: Floats) -> int:
    """Sort points by their tiles, and fill in their geocentric places relative to the chart's centre.

    Parameters
    ----------
    xy : array of float, shape (n, 2)
    chart : ChartArrays
    row : array of int, shape (n,)
        Filled: which points come first, second, and so on; those outside the chart come last.
    room : array of float, shape (ROWS, n)
        Filled, in this order, but for those outside.

    Returns
    -------
    int
        How many points are on the chart.
    """
    (west, south, size), (across, up) = chart.box, chart.shape
    per_m, tiles = 1.0 / size, np.uint64(across * up)
    tile, end = np.empty(len(xy), dtype=np.uint64), np.zeros(across * up + 1, dtype=np.uint64)
    for point in range(len(xy)):
        x, y = np.floor((xy[point, 0] - west) * per_m), np.floor((xy[point, 1] - south) * per_m)
        inside = (x >= 0) & (x < across) & (y >= 0) & (y < up)
        tile[point] = np.uint64(y) * np.uint64(across) + np.uint64(x) if inside else tiles
        end[tile[point]] += np.uint64(1)
    reached = np.uint64(0)
    for number in range(len(end)):
        reached, end[number] = reached + end[number], reached
    for point in range(len(xy)):
        x, y = (xy[point, 0] - west) * per_m, (xy[point, 1] - south) * per_m
        at = end[tile[point]]
        end[tile[point]], row[at] = at + np.uint64(1), point
        room[U, at], room[V, at] = (x - np.floor(x)) * 2.0 - 1.0, (y - np.floor(y)) * 2.0 - 1.0
    start = np.uint64(0)
    for number in range(tiles):
        _polynomials(chart.coef, number, room, (start, end[number]))
        start = end[number]
    return start  # type: ignore[return-value]


@kernel
def _polynomials(coef: Floats, tile: int, room: Floats, some: Any) -> None:
    """Fill in the places of some points of one tile. The terms stand as in `chart_fit.EXPONENTS`."""
    for axis in range(3 if some[1] > some[0] else 0):
        k00, k01, k02, k03, k04 = (
            coef[tile, 0, axis],
            coef[tile, 1, axis],
            coef[tile, 2, axis],
            coef[tile, 3, axis],
            coef[tile, 4, axis],
        )
        k10, k11, k12, k13 = (
            coef[tile, 5, axis],
            coef[tile, 6, axis],
            coef[tile, 7, axis],
            coef[tile, 8, axis],
        )
        k20, k21, k22 = coef[tile, 9, axis], coef[tile, 10, axis], coef[tile, 11, axis]
        k30, k31, k40 = coef[tile, 12, axis], coef[tile, 13, axis], coef[tile, 14, axis]
        for at in range(some[0], some[1]):
            u, v = room[U, at], room[V, at]
            of_0 = k00 + v * (k01 + v * (k02 + v * (k03 + v * k04)))
            of_1 = k10 + v * (k11 + v * (k12 + v * k13))
            of_2 = k20 + v * (k21 + v * k22)
            room[X + axis, at] = of_0 + u * (of_1 + u * (of_2 + u * (k30 + v * k31 + u * k40)))


@kernel
def lists_of(xy: Floats, cells: CellArrays, lists: Ints) -> None:
    """Fill in where the list of each point's cell starts, and its length; length -1 outside of the cells."""
    table, items, (across, up) = cells.table, cells.items, cells.shape
    (west, south, size), columns = cells.box, np.uint64(cells.shape[0])
    per_m = 1.0 / size
    for point in range(len(xy)):
        column, row = np.floor((xy[point, 0] - west) * per_m), np.floor((xy[point, 1] - south) * per_m)
        inside = (column >= 0) & (column < across) & (row >= 0) & (row < up)
        first = table[np.uint64(row) * columns + np.uint64(column) if inside else np.uint64(0)]
        lists[point, 0] = first if inside else -1
    for point in range(len(xy)):
        first = lists[point, 0]
        length = items[np.uint64(max(first, 0))]
        lists[point, 0], lists[point, 1] = first + 1, length if first >= 0 else -1


@kernel
def _measure(room: Floats, chart: ChartArrays, errors: tuple[float, float], count: int) -> None:
    """Turn chords into lengths of geodesics, in whole millimetres, and say where a tie is possible.

    A length is `DOUBT` where it might round otherwise. The formulas are those of `chart_chord`.

    Parameters
    ----------
    room : array of float, shape (ROWS, n)
    chart : ChartArrays
    errors : tuple of float
        Bound on the error of a chord, and how much nearer a place may be than its chord says.
    count : int
        How many points there are.
    """
    (cx, cy, cz), (second, fourth), (error_m, more_m) = chart.centre, chart.flat, errors
    for at in range(count):
        x, y, z, best = room[DX, at], room[DY, at], room[DZ, at], room[BEST, at]
        square = max(x * x + y * y + z * z, TINY)
        mx, my, mz = 2.0 * (room[X, at] + cx) + x, 2.0 * (room[Y, at] + cy) + y, 2.0 * (room[Z, at] + cz) + z
        bent = square + (second - 1.0) * z * z
        turn = 4.0 * bent * bent / (square * (mx * mx + my * my + fourth * mz * mz))
        metres = np.sqrt(square) * (1.0 + turn * (THIRD + turn * FIFTH))
        share = metres / REFERENCE_M
        error = error_m + SERIES_M * (share * share) * (share * share) * share
        scaled = metres * MM
        rounded = np.rint(scaled)
        sure = (metres <= RANGE_M) & (abs(scaled - rounded) < 0.5 - error * MM)
        chord = np.sqrt(best)
        steep = chord / EARTH_M
        longest = chord + TIE_M + more_m + CURVATURE_SHARE * chord * steep * steep
        room[LENGTH, at], room[TIE, at] = rounded if sure else DOUBT, room[SECOND, at] <= longest * longest


@kernel
def nearest_sites(
    xy: Floats,
    chart: ChartArrays,
    cells: CellArrays,
    sites: SiteArrays,
    error_m: float,
    out: tuple[Items, Ints],
) -> None:
    """Fill in the nearest site of each point and the millimetres to it; `DOUBT` twice where it is open."""
    lists, row, found = np.empty((BLOCK, 2), np.int64), np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64)
    room = np.empty((ROWS, BLOCK))
    for start in range(0, len(xy), BLOCK):
        some = xy[start : min(start + BLOCK, len(xy))]
        index, millimetres = out[0][start : start + len(some)], out[1][start : start + len(some)]
        count = places(some, chart, row, room)
        lists_of(some, cells, lists)
        _choose((lists, row[:count]), cells.items, sites.places, room, found)
        _measure(room, chart, (error_m, 0.0), count)
        for at in range(len(some)):
            site, point = found[at] if at < count else -1, np.uint64(row[at])
            sure = (site >= 0) & (room[LENGTH, at] >= 0.0) & (room[TIE, at] == 0.0)
            which = sites.usable[np.uint64(max(site, 0))]
            index[point] = which if sure else DOUBT
            millimetres[point] = np.int64(room[LENGTH, at]) if sure else DOUBT


@kernel
def _choose(lists_row: tuple[Ints, Ints], items: Items, where: Floats, room: Floats, found: Ints) -> None:
    """Fill in the site with the smallest chord from each point, -1 for none, and the chords."""
    lists, row = lists_row
    for at in range(len(row)):
        point = np.uint64(row[at])
        px, py, pz = room[X, at], room[Y, at], room[Z, at]
        best, second, nearest = np.inf, np.inf, np.int64(-1)
        for number in range(lists[point, 0], lists[point, 0] + lists[point, 1]):
            site = np.int64(items[np.uint64(number)])
            thing = np.uint64(site)
            x, y, z = where[thing, 0] - px, where[thing, 1] - py, where[thing, 2] - pz
            square = x * x + y * y + z * z
            nearest = site if square < best else nearest
            second = min(second, max(square, best))
            best = min(best, square)
        thing = np.uint64(nearest) if nearest >= 0 else np.uint64(0)
        room[DX, at], room[DY, at] = where[thing, 0] - px, where[thing, 1] - py
        room[DZ, at], found[at] = where[thing, 2] - pz, nearest
        room[BEST, at], room[SECOND, at] = best, second


@kernel
def nearest_places(
    xy: Floats, chart: ChartArrays, cells: CellArrays, segments: SegmentArrays, bounds: Bounds, out: Found
) -> None:
    """Fill in chainage and distance of each point in millimetres; -1 beyond the belt, `DOUBT` if open."""
    lists, row, where = np.empty((BLOCK, 2), np.int64), np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64)
    room, near, share = np.empty((ROWS, BLOCK)), np.empty((BLOCK, 2)), np.empty(BLOCK)
    for start in range(0, len(xy), BLOCK):
        some = xy[start : min(start + BLOCK, len(xy))]
        found = (out[0][start : start + len(some)], out[1][start : start + len(some)])
        count = _within(some, cells, (chart.box, chart.shape, bounds.far_m), (lists, where, near), found)
        count = places(near[:count], chart, row, room)
        _scan((lists, row[:count]), cells.items, segments, room, share)
        _measure(room, chart, (bounds.distance_m, bounds.tie_m), count)
        _located((lists, row[:count], where, share), segments.ground, room, bounds, found)


@kernel
def _within(
    xy: Floats,
    cells: CellArrays,
    chart: tuple[Vector, tuple[int, int], float],
    work: tuple[Ints, Ints, Floats],
    out: Found,
) -> int:
    """Answer the points whose cells have no list, and fill in the lists of the others; return their number.

    Points without a cell are beyond the belt where that is sure, and so are those nowhere.
    """
    ((left, low, tile), (wide, high), far_m), (lists, where, near), count = chart, work, np.uint64(0)
    left, low, right, top = left - far_m, low - far_m, left + tile * wide + far_m, low + tile * high + far_m
    table, items, (across, up), (west, south, size) = cells.table, cells.items, cells.shape, cells.box
    columns, per_m, (chainage, distance) = np.uint64(across), 1.0 / size, out
    for point in range(len(xy)):
        x, y = xy[point, 0], xy[point, 1]
        column, row = np.floor((x - west) * per_m), np.floor((y - south) * per_m)
        inside = (column >= 0) & (column < across) & (row >= 0) & (row < up)
        first = table[np.uint64(row) * columns + np.uint64(column) if inside else np.uint64(0)]
        beside = (far_m > 0.0) & (x >= left) & (x <= right) & (y >= low) & (y <= top)
        away = 0 if beside | np.isnan(x - x) | np.isnan(y - y) else -1
        length = items[np.uint64(first)] if inside else away
        said = NONE if length == 0 else DOUBT
        chainage[point], distance[point] = said, said
        where[count], near[count, 0], near[count, 1] = point, x, y
        lists[count, 0], lists[count, 1] = first + 1, length
        count += np.uint64(length > 0)
    return count  # type: ignore[return-value]


@kernel
def _scan(
    lists_row: tuple[Ints, Ints], items: Items, segments: SegmentArrays, room: Floats, share: Floats
) -> None:
    """Fill in the segment of the nearest dip of each point (in the lists), the share of its foot, and chords.

    The foot is on the bent segment. Without branches, which the processor could not foresee; see
    `line.passed` for what is passed over.
    """
    (lists, row), chord, ground, passed = lists_row, segments.chord, segments.ground, np.array([0.0, np.inf])
    for at in range(len(row)):
        point = np.uint64(row[at])
        px, py, pz = room[X, at], room[Y, at], room[Z, at]
        best, second, found, last = np.inf, np.inf, items[0], 0.0
        for number in range(lists[point, 0], lists[point, 0] + lists[point, 1]):
            item = items[np.uint64(number)]
            segment = np.uint64(item >> 2)
            ex, ey, ez, near = chord[segment, 3], chord[segment, 4], chord[segment, 5], chord[segment, 7]
            x, y, z = px - chord[segment, 0], py - chord[segment, 1], pz - chord[segment, 2]
            along = (x * ex + y * ey + z * ez) * chord[segment, 6]
            start = ((item & INTO) != 0) & (along < -near) & (last < 1.0 - near)
            end = ((item & ONTO) != 0) & (along > 1.0 + near)
            last, foot = along, min(max(along, 0.0), 1.0)
            x, y, z = x - foot * ex, y - foot * ey, z - foot * ez
            square = x * x + y * y + z * z + passed[np.uint64(start | end)]
            found = item if square < best else found
            second = min(second, max(square, best))
            best = min(best, square)
        segment = np.uint64(found >> 2)
        ex, ey, ez = chord[segment, 3], chord[segment, 4], chord[segment, 5]
        x, y, z = px - chord[segment, 0], py - chord[segment, 1], pz - chord[segment, 2]
        foot = min(max((x * ex + y * ey + z * ez) * chord[segment, 6], 0.0), 1.0)
        bow = foot * (1.0 - foot)
        room[DX, at] = foot * ex + bow * ground[segment, 0] - x
        room[DY, at] = foot * ey + bow * ground[segment, 1] - y
        room[DZ, at] = foot * ez + bow * ground[segment, 2] - z
        lists[point, 0], share[at], room[BEST, at], room[SECOND, at] = segment, foot, best, second


@kernel
def _located(
    work: tuple[Ints, Ints, Ints, Floats], ground: Floats, room: Floats, bounds: Bounds, out: Found
) -> None:
    """Say what is sure of each point."""
    lists, row, where, share = work
    for at in range(len(row)):
        point = np.uint64(where[np.uint64(row[at])])
        distance = np.int64(room[LENGTH, at])
        if distance > bounds.within_mm:
            out[0][point] = out[1][point] = NONE
        elif distance >= 0 and room[TIE, at] == 0.0:
            found = np.uint64(lists[np.uint64(row[at]), 0])
            end = ground[found, 5]
            along = end if share[at] == 1.0 else min(ground[found, 3] + share[at] * ground[found, 4], end)
            scaled = along * MM
            rounded = np.rint(scaled)
            if abs(scaled - rounded) < 0.5 - bounds.chainage_m * MM:
                out[0][point], out[1][point] = np.int64(rounded), distance
