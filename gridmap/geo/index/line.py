"""The nearest place of a border, looked up: cells of the belt with the segments that can hold it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridmap.geo.index.chart import CHUNK, Chart
from gridmap.geo.index.chart_cells import CellArrays, Plan, cell_of, refined
from gridmap.geo.index.chart_chord import MM, RANGE_M, geodesic, series_error, tie_margin, whole_mm
from gridmap.geo.index.chart_judge import FLAGS, INTO, ONTO, Judge, Rules, dot
from gridmap.geo.index.compiling import compiled
from gridmap.geo.index.line_segments import SegmentArrays, Segments, things_of
from gridmap.geo.locate import SegmentIndex
from gridmap.geo.threads import cut, in_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.chainage import Border

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Items = NDArray[np.int32]

# Lists as short as this are not worth finer cells.
ENOUGH = 4
# The cells reach this much farther than the belt is wide: the scale of a projection changes across it.
WIDER = 1.05
AROUND_M = 1000.0
AROUND = 0.005
# Points no farther than this from the cells are on the same map; farther ones might be on its other side.
FAR_M = 1_000_000.0
# Rounding of a place on the way to the chainage of its foot.
ROUNDING_M = 1e-8
NONE, DOUBT = -1, -2


class Bounds(NamedTuple):
    """What a kernel needs to know of the errors and the belt.

    Parameters
    ----------
    distance_m, chainage_m : float
        Bounds on the errors of a distance (without that of the series) and of a chainage.
    tie_m : float
        How much nearer a place of the line may be than its chord says, beside another one.
    within_mm : int
        Width of the belt.
    far_m : float
        Points this near to the cells but outside of them are beyond the belt; 0 where that is not sure.
    """

    distance_m: float
    chainage_m: float
    tie_m: float
    within_mm: int
    far_m: float


@dataclass(frozen=True)
class LineIndex:
    """A border, and for each cell of its belt the segments that matter. Make it with `LineIndex.of`.

    Parameters
    ----------
    border : Border
        The line.
    within_m : float
        Width of the belt, inclusive, to the millimetre.
    prepared : Prepared or None
        None where every point is left to `Border.locate`.
    """

    border: Border
    within_m: float
    prepared: Prepared | None

    @classmethod
    def of(cls, border: Border, *, within_m: float, expected: int = 1_000_000) -> LineIndex:
        """Prepare for many points.

        Parameters
        ----------
        border : Border
            Made by `gridmap.geo.build_border`.
        within_m : float
            Width of the belt, inclusive: farther places of the line are not asked for.
        expected : int
            About how many points will be asked; decides how fine the cells are and whether kernels are
            compiled, never an answer.
        """
        return cls(border, within_m, _prepare(border, within_m, expected))

    def locate_mm(self, xy: Floats) -> tuple[Ints, Ints]:
        """Find the nearest place of the border to each point, as `Border.locate` does.

        Parameters
        ----------
        xy : array of float, shape (n, 2)
            Points in the CRS; NaN where a point has no position.

        Returns
        -------
        chainage, distance : array of int, shape (n,)
            Whole millimetres; equal distances go to the smaller chainage. Both -1 for points without
            position and for points beyond the belt.
        """
        points = np.ascontiguousarray(xy, dtype=np.float64).reshape(-1, 2)
        if self.prepared is None:
            return self._exact(points)
        chainage, distance = self.prepared.look_up(points)
        open_ = np.flatnonzero(distance == DOUBT)
        if len(open_):
            chainage[open_], distance[open_] = self._exact(points[open_])
        return chainage, distance

    def bounds_m(self, xy: Floats) -> tuple[Floats, Floats]:
        """Return how many metres each point, shape (n, 2), is away at least and at most.

        Both are the distance to the millimetre. Beyond the belt at most is infinite, and so it is, and at
        least is 0, where only `locate_mm` can tell.
        """
        points = np.ascontiguousarray(xy, dtype=np.float64).reshape(-1, 2)
        found = (self._exact(points) if self.prepared is None else self.prepared.look_up(points))[1]
        low = np.where(found == DOUBT, 0.0, np.where(found == NONE, self.within_m, found / MM))
        return low, np.where(found < 0, np.inf, low)

    def _exact(self, xy: Floats) -> tuple[Ints, Ints]:
        found = self.border.locate(xy)
        within = np.isfinite(found.distance_m)
        within[within] = np.rint(found.distance_m[within] * MM) <= _belt_mm(self.within_m)
        chainage, distance = (
            np.where(within, np.rint(np.where(within, metres, 0.0) * MM), NONE).astype(np.int64)
            for metres in (found.chainage_m, found.distance_m)
        )
        return chainage, distance


@dataclass(frozen=True)
class Prepared:
    """What the look-up works with: chart, cells, segments and bounds; compiled kernels (`fast`) or numpy."""

    chart: Chart
    cells: CellArrays
    segments: SegmentArrays
    bounds: Bounds
    fast: bool

    @cached_property
    def _axes(self) -> Floats:
        """The numbers of the segments, one row a kind: numpy is slow along short rows."""
        return np.ascontiguousarray(self.segments.chord.T)

    def look_up(self, xy: Floats) -> tuple[Ints, Ints]:
        """Return chainage and distance where they are sure, -1 for points beyond the belt, else `DOUBT`."""
        out = (np.empty(len(xy), dtype=np.int64), np.empty(len(xy), dtype=np.int64))
        if self.fast:
            from gridmap.geo.index.chart_compiled import nearest_places  # noqa: PLC0415 - only where wanted

            def work(some: slice) -> None:
                into = (out[0][some], out[1][some])
                nearest_places(xy[some], self.chart.arrays, self.cells, self.segments, self.bounds, into)
        else:

            def work(some: slice) -> None:
                for part in cut(some, CHUNK):
                    self._part(xy[part], out[0][part], out[1][part])

        in_parts(len(xy), work)
        return out

    def _part(self, xy: Floats, chainages: Ints, distances: Ints) -> None:
        """Fill in what `look_up` returns for some points."""
        chainages[:] = distances[:] = DOUBT
        cell = cell_of(xy, self.cells)
        first = np.where(cell >= 0, self.cells.table[cell], 0)
        count = self.cells.items[first]
        none, off = count == 0, np.flatnonzero(cell < 0)
        none[off] = _beside(xy[off], self.chart, self.bounds.far_m)
        chainages[none] = distances[none] = NONE
        row = np.flatnonzero(count)
        if not len(row):
            return
        at = self.chart.xyz(xy.take(row, axis=0))
        segment, share, best, second = self._scan(at, first[row] + 1, count[row])
        chord, ground = (each.take(segment, axis=0) for each in self.segments)
        foot = chord[:, :3] + share[:, None] * chord[:, 3:6]
        foot += (share * (1.0 - share))[:, None] * ground[:, :3]
        metres = geodesic(foot - at, at, self.chart.arrays)
        along = np.where(
            share == 1.0, ground[:, 5], np.minimum(ground[:, 3] + share * ground[:, 4], ground[:, 5])
        )
        distance, doubt = whole_mm(metres, self.bounds.distance_m + series_error(metres))
        chainage, unsure = whole_mm(along, self.bounds.chainage_m)
        nearest = np.sqrt(best)
        doubt |= ~(metres <= RANGE_M)
        beyond = ~doubt & (distance > self.bounds.within_mm)
        doubt |= unsure | (np.sqrt(second) <= nearest + tie_margin(nearest) + self.bounds.tie_m)
        sure = np.flatnonzero(~doubt | beyond)
        chainages[row[sure]] = np.where(beyond, NONE, chainage)[sure]
        distances[row[sure]] = np.where(beyond, NONE, distance)[sure]

    def _scan(self, at: Floats, first: Items, count: Items) -> tuple[Ints, Floats, Floats, Floats]:
        """Return the segment of the nearest dip, the share of its foot, and two smallest squared chords."""
        best, second = np.full(len(at), np.inf), np.full(len(at), np.inf)
        segment, share, last = np.zeros(len(at), dtype=np.int64), np.zeros(len(at)), np.zeros(len(at))
        more, number, axes = np.arange(len(at)), 0, np.ascontiguousarray(at.T)
        while len(more):
            item = self.cells.items[first[more] + number].astype(np.int64)
            chord = [each[item // FLAGS] for each in self._axes]
            away = [
                here - start for here, start in zip((each[more] for each in axes), chord[:3], strict=True)
            ]
            along = dot(away, chord[3:6]) * chord[6]
            clipped = np.clip(along, 0.0, 1.0)
            away = [out - clipped * edge for out, edge in zip(away, chord[3:6], strict=True)]
            square = dot(away, away)
            square[passed(item, along, last[more], chord[7])] = np.inf
            last[more] = along
            nearer = square < best[more]
            second[more] = np.minimum(second[more], np.where(nearer, best[more], square))
            won = more[nearer]
            best[won], segment[won], share[won] = square[nearer], item[nearer] // FLAGS, clipped[nearer]
            number += 1
            more = more[count[more] > number]
        return segment, share, best, second


def passed(item: Ints, along: Floats, last: Floats, near: Floats) -> Bools:
    """Whether the distance surely has no minimum at the foot, or it is counted at the next segment.

    As in `Border.locate` only minima tie. A foot at the start of a segment is one only if the segment that
    leads into it has its foot at its end; a foot at the end is that of the next segment, if at all.
    """
    start = ((item & INTO) != 0) & (along < -near) & (last < 1.0 - near)
    end = ((item & ONTO) != 0) & (along > 1.0 + near)
    return np.asarray(start | end, dtype=bool)


def _beside(xy: Floats, chart: Chart, far_m: float) -> Bools:
    """Whether a point without a cell surely lies beyond the belt, or nowhere."""
    (west, south, east, north), (x, y) = chart.bounds, xy.T
    near = (x >= west - far_m) & (x <= east + far_m) & (y >= south - far_m) & (y <= north + far_m)
    return np.asarray(near & (far_m > 0.0) | ~np.isfinite(x) | ~np.isfinite(y), dtype=bool)


def _belt_mm(within_m: float) -> int:
    return int(np.rint(within_m * MM))


def _prepare(border: Border, within_m: float, expected: int) -> Prepared | None:
    index = SegmentIndex.of(border.parts, border.chainages, border.crs)
    plan = _plan(border, within_m, expected)
    chart = Chart.of(plan.bounds, border.crs)
    segments = None if chart is None else Segments.of(index, chart)
    if chart is None or segments is None:
        return None
    fast, sag_m = compiled(expected), 2.0 * segments.sag_m
    rules = Rules(ENOUGH, FLAGS, sag_m, within_m + 1.0 / MM + sag_m)
    cells = refined(plan, chart, Judge(things_of(segments, index), rules, fast=fast))
    table = cells.table.reshape(cells.shape[::-1])
    # What lies outside is beyond the belt if all along the rim of the cells everything is: a way from the
    # line to it crosses the rim.
    closed = not (table[[0, -1]].any() or table[:, [0, -1]].any())
    bounds = Bounds(
        chart.error_m + segments.error_m,
        (chart.error_m + ROUNDING_M) * segments.ratio,
        sag_m,
        _belt_mm(within_m),
        FAR_M if closed else 0.0,
    )
    return Prepared(chart, cells, segments.arrays, bounds, fast)


def _plan(border: Border, within_m: float, expected: int) -> Plan:
    """Plan cells over the belt, and a little more."""
    line = np.vstack(border.parts)
    edge = np.concatenate([np.hypot(*np.diff(part, axis=0).T) for part in border.parts])
    metres = np.concatenate([np.diff(chain) for chain in border.chainages])
    low, high = line.min(axis=0), line.max(axis=0)
    pad = within_m * WIDER * float(edge.sum() / metres.sum()) + AROUND_M + AROUND * float((high - low).max())
    box = np.concatenate([low - pad, high + pad])
    belt = 2.0 * within_m * border.length_m + np.pi * within_m**2
    share = min(belt / float(np.prod(box[2:] - box[:2])), 1.0)
    return Plan.of(box, expected, share)
