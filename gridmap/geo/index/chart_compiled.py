"""Compiled: places by a chart, lengths from chords, the nearest site and the nearest place of a line.

All kernels stand in this one file, because what numba keeps of a kernel is made anew only when the file of
that kernel changes. They do the same as `chart`, `chart_chord`, `sites` and `line`, point by point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.index.chart_chord import FIFTH, MM, RANGE_M, REFERENCE_M, SERIES_M, THIRD
from gridmap.geo.index.compiling import kernel
from gridmap.geo.index.line_segments import INTO, ONTO
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

DOUBT = -2
NONE = -1
TIE_M = 1.001e-3
# Points that are worked on in steps: the waits for memory of a step overlap.
BLOCK = 512


# Arrays are handed over for a block of points, not for each point: each hand-over counts references. Places
# in arrays are unsigned: a signed one might be negative, and mean one from the end, which costs time.


@kernel
def frame_of(box: Vector) -> Vector:
    """Return west and south of a grid and squares per metre."""
    return box[0], box[1], 1.0 / box[2]


@kernel
def places(xy: Floats, chart: ChartArrays, at: Floats) -> None:
    """Fill in the geocentric places of points relative to the chart's centre; NaN outside the chart.

    The terms stand as in `chart_fit.EXPONENTS`.
    """
    coef, across = chart.coef, np.uint64(chart.shape[0])
    west, south, per_m = frame_of(chart.box)
    for point in range(len(xy)):
        x, y = (xy[point, 0] - west) * per_m, (xy[point, 1] - south) * per_m
        column, row = np.floor(x), np.floor(y)
        if not (0 <= column < chart.shape[0] and 0 <= row < chart.shape[1]):
            at[point, 0] = at[point, 1] = at[point, 2] = np.nan
            continue
        u, v = (x - column) * 2.0 - 1.0, (y - row) * 2.0 - 1.0
        tile = np.uint64(row) * across + np.uint64(column)
        for axis in range(3):
            of_0 = coef[tile, 2, axis] + v * (coef[tile, 3, axis] + v * coef[tile, 4, axis])
            of_0 = coef[tile, 0, axis] + v * (coef[tile, 1, axis] + v * of_0)
            of_1 = coef[tile, 6, axis] + v * (coef[tile, 7, axis] + v * coef[tile, 8, axis])
            of_1 = coef[tile, 5, axis] + v * of_1
            of_2 = coef[tile, 9, axis] + v * (coef[tile, 10, axis] + v * coef[tile, 11, axis])
            of_3 = coef[tile, 12, axis] + v * coef[tile, 13, axis]
            at[point, axis] = of_0 + u * (of_1 + u * (of_2 + u * (of_3 + u * coef[tile, 14, axis])))


@kernel
def lists_of(xy: Floats, cells: CellArrays, lists: Ints) -> None:
    """Fill in where the list of each point's cell starts, and its length; length -1 outside of the cells."""
    table, items, across = cells.table, cells.items, np.uint64(cells.shape[0])
    west, south, per_m = frame_of(cells.box)
    for point in range(len(xy)):
        column, row = np.floor((xy[point, 0] - west) * per_m), np.floor((xy[point, 1] - south) * per_m)
        lists[point, 0] = -1
        if 0 <= column < cells.shape[0] and 0 <= row < cells.shape[1]:
            lists[point, 0] = table[np.uint64(row) * across + np.uint64(column)]
    for point in range(len(xy)):
        first = lists[point, 0]
        lists[point, 0], lists[point, 1] = first + 1, items[np.uint64(first)] if first >= 0 else -1


@kernel
def geodesic(chord: Vector, at: Vector, centre: Vector, flat: tuple[float, float]) -> float:
    """Return the geodesic length over a chord from a place."""
    x, y, z = chord
    second, fourth = flat
    square = x * x + y * y + z * z
    if square == 0.0:
        return 0.0
    mx = 2.0 * (at[0] + centre[0]) + x
    my = 2.0 * (at[1] + centre[1]) + y
    mz = 2.0 * (at[2] + centre[2]) + z
    bent = square + (second - 1.0) * z * z
    turn = 4.0 * bent * (bent / square) / (mx * mx + my * my + fourth * mz * mz)
    return np.sqrt(square) * (1.0 + turn * (THIRD + turn * FIFTH))  # type: ignore[no-any-return]


@kernel
def whole_mm(metres: float, error_m: float) -> int:
    """Round to millimetres; `DOUBT` where a length so uncertain might round otherwise."""
    scaled = metres * MM
    rounded = np.rint(scaled)
    if not abs(scaled - rounded) < 0.5 - error_m * MM:
        return DOUBT
    return np.int64(rounded)  # type: ignore[return-value]


@kernel
def distance_mm(metres: float, error_m: float) -> int:
    """Return a geodesic that was taken from a chord in millimetres, or `DOUBT`."""
    if not metres <= RANGE_M:
        return DOUBT
    share = metres / REFERENCE_M
    square = share * share
    return whole_mm(metres, error_m + SERIES_M * square * square * share)


@kernel
def tie_square(square: float, more_m: float) -> float:
    """Return the square of the longest chord whose geodesic may be as short to the millimetre."""
    chord = np.sqrt(square)
    share = chord / EARTH_M
    longest = chord + TIE_M + more_m + CURVATURE_SHARE * chord * share * share
    return longest * longest  # type: ignore[no-any-return]


@kernel
def nearest_sites(
    xy: Floats, chart: ChartArrays, cells: CellArrays, sites: SiteArrays, error_m: float, out: Ints
) -> None:
    """Fill in the nearest site of each point and the millimetres to it; `DOUBT` twice where it is open."""
    at, lists = np.empty((BLOCK, 3)), np.empty((BLOCK, 2), dtype=np.int64)
    for start in range(0, len(xy), BLOCK):
        stop = min(start + BLOCK, len(xy))
        places(xy[start:stop], chart, at)
        lists_of(xy[start:stop], cells, lists)
        _nearest((at, lists, cells.items), chart, sites, error_m, out[start:stop])


@kernel
def _nearest(
    block: tuple[Floats, Ints, Items], chart: ChartArrays, sites: SiteArrays, error_m: float, out: Ints
) -> None:
    """Do what `nearest_sites` does, for a block of points."""
    at, lists, items = block
    where, usable, centre, flat = sites.places, sites.usable, chart.centre, chart.flat
    for point in range(len(out)):
        out[point, 0] = out[point, 1] = DOUBT
        px, py, pz = at[point, 0], at[point, 1], at[point, 2]
        best, second, found = np.inf, np.inf, np.uint64(0)
        for number in range(lists[point, 0], lists[point, 0] + lists[point, 1]):
            site = np.uint64(items[np.uint64(number)])
            dx, dy, dz = where[site, 0] - px, where[site, 1] - py, where[site, 2] - pz
            square = dx * dx + dy * dy + dz * dz
            if square < best:
                best, second, found = square, best, site
            elif square < second:
                second = square
        if not best < np.inf or (second < np.inf and second <= tie_square(best, 0.0)):
            continue
        chord = (where[found, 0] - px, where[found, 1] - py, where[found, 2] - pz)
        millimetres = distance_mm(geodesic(chord, (px, py, pz), centre, flat), error_m)
        if millimetres >= 0:
            out[point, 0], out[point, 1] = usable[found], millimetres


@kernel
def nearest_places(
    xy: Floats, chart: ChartArrays, cells: CellArrays, segments: SegmentArrays, bounds: Bounds, out: Ints
) -> None:
    """Fill in chainage and distance of each point in millimetres; -1 beyond the belt, `DOUBT` if open."""
    at, feet, lists = np.empty((BLOCK, 3)), np.empty((BLOCK, 3)), np.empty((BLOCK, 2), dtype=np.int64)
    for start in range(0, len(xy), BLOCK):
        stop = min(start + BLOCK, len(xy))
        places(xy[start:stop], chart, at)
        lists_of(xy[start:stop], cells, lists)
        _outside(xy[start:stop], chart, bounds.far_m, lists)
        _scan(at, lists[: stop - start], cells.items, segments.chord, feet)
        _located((at, lists, feet), chart, segments, bounds, out[start:stop])


@kernel
def _outside(xy: Floats, chart: ChartArrays, far_m: float, lists: Ints) -> None:
    """Give points without a cell, that are surely beyond the belt or nowhere, an empty list."""
    west, south, size = chart.box
    east, north = west + size * chart.shape[0], south + size * chart.shape[1]
    for point in range(len(xy)):
        if lists[point, 1] >= 0:
            continue
        x, y = xy[point, 0], xy[point, 1]
        near = west - far_m <= x <= east + far_m and south - far_m <= y <= north + far_m
        if (near and far_m > 0.0) or not (np.isfinite(x) and np.isfinite(y)):
            lists[point, 1] = 0


@kernel
def _scan(at: Floats, lists: Ints, items: Items, chord: Floats, feet: Floats) -> None:
    """Fill in the share of the foot at the nearest dip of each point, and the two smallest squared chords.

    The first column of the lists becomes the segment. Without branches, which the processor could not
    foresee; see `line.passed` for what is passed over.
    """
    for point in range(len(lists)):
        px, py, pz = at[point, 0], at[point, 1], at[point, 2]
        best, second, found, share, last = np.inf, np.inf, np.uint64(0), 0.0, 0.0
        for number in range(lists[point, 0], lists[point, 0] + lists[point, 1]):
            item = items[np.uint64(number)]
            segment = np.uint64(item >> 2)
            ex, ey, ez, near = chord[segment, 3], chord[segment, 4], chord[segment, 5], chord[segment, 7]
            x, y, z = px - chord[segment, 0], py - chord[segment, 1], pz - chord[segment, 2]
            along = (x * ex + y * ey + z * ez) * chord[segment, 6]
            start = ((item & INTO) != 0) & (along < -near) & (last < 1.0 - near)
            end = ((item & ONTO) != 0) & (along > 1.0 + near)
            last = along
            clipped = min(max(along, 0.0), 1.0)
            x, y, z = x - clipped * ex, y - clipped * ey, z - clipped * ez
            square = np.inf if start | end else x * x + y * y + z * z
            nearer = square < best
            second = min(second, best if nearer else square)
            best = square if nearer else best
            found = segment if nearer else found
            share = clipped if nearer else share
        feet[point, 0], feet[point, 1], feet[point, 2] = share, best, second
        lists[point, 0] = found


@kernel
def _located(
    block: tuple[Floats, Ints, Floats], chart: ChartArrays, segments: SegmentArrays, bounds: Bounds, out: Ints
) -> None:
    """Measure to the feet that were found, and say what is sure."""
    at, lists, feet = block
    chord, ground, centre, flat = segments.chord, segments.ground, chart.centre, chart.flat
    for point in range(len(out)):
        out[point, 0] = out[point, 1] = NONE if lists[point, 1] == 0 else DOUBT
        share, best, second = feet[point, 0], feet[point, 1], feet[point, 2]
        if lists[point, 1] <= 0 or not best < np.inf:
            continue
        found, bow, here = (
            np.uint64(lists[point, 0]),
            share * (1.0 - share),
            (at[point, 0], at[point, 1], at[point, 2]),
        )
        x = chord[found, 0] + share * chord[found, 3] + bow * ground[found, 0] - here[0]
        y = chord[found, 1] + share * chord[found, 4] + bow * ground[found, 1] - here[1]
        z = chord[found, 2] + share * chord[found, 5] + bow * ground[found, 2] - here[2]
        metres = geodesic((x, y, z), here, centre, flat)
        distance = distance_mm(metres, bounds.distance_m)
        if distance > bounds.within_mm:
            out[point, 0] = out[point, 1] = NONE
        elif distance >= 0 and not (second < np.inf and second <= tie_square(best, bounds.tie_m)):
            end = ground[found, 5]
            along = end if share == 1.0 else min(ground[found, 3] + share * ground[found, 4], end)
            chainage = whole_mm(along, bounds.chainage_m)
            if chainage >= 0:
                out[point, 0], out[point, 1] = chainage, distance
