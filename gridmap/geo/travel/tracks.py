"""Tracks as a graph: nodes along them, joined where they meet, with lengths as they run on the ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.geo.heights import sample
from gridmap.geo.measure import DENSIFY_M, geodesic_distance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.travel.going import Surface
    from gridmap.geo.travel.lattice import Floats, Ints

    Geoms = NDArray[np.object_]

# Two tracks nearer than this meet.
MEET_M = 1.0
# A track meets itself only where the way along it between the two places is longer than this: of close
# vertices, or of the tremble of a receiver, each would meet the next.
ROUND_M = 10.0
# A vertex this near to the straight way past it says nothing of the track: it is left out.
STRAIGHT_M = 1e-3
SAME_M = 1e-6
KMH = 3.6


@dataclass(frozen=True, slots=True)
class Tracks:
    """The nodes along tracks, and the edges between them.

    Parameters
    ----------
    xy : (n, 2) metres
        The nodes.
    start, end : (k,) int
        Nodes of each edge; each way is an edge of its own.
    seconds : (k,) float
        How long each takes.
    """

    xy: Floats
    start: Ints
    end: Ints
    seconds: Floats


@dataclass(frozen=True, slots=True)
class _Course:
    """Lines as edges of two vertices, with the measure along each line, on the plane and on the ground."""

    ends: Floats  # (k, 2, 2)
    line: Ints  # (k,)
    plane: Floats  # (k,) where the edge begins
    ground: Floats  # (k,)
    long: Floats  # (k,) on the plane
    metres: Floats  # (k,) on the ground


def tracks(surface: Surface, lines: Geoms, speed_kmh: Floats) -> Tracks:
    """Make a graph of tracks.

    Parameters
    ----------
    surface : Surface
        The ground: its cells say how far apart nodes may be, its heights and snow slow those on tracks, too.
    lines : (m,) LineStrings and MultiLineStrings
        In the CRS.
    speed_kmh : (m,) float
        On the level, without snow.

    Returns
    -------
    Tracks
        Two tracks are joined where they cross and where they are within a metre of each other; so is one with
        itself where it comes back after more than 10 m. The step between is paid for at the pace of the
        slower, so that nothing is won by how close vertices are. An edge that snow stops, or that leaves the
        lattice, is not there.
    """
    parts, row = shapely.get_parts(lines, return_index=True)
    parts = np.asarray(shapely.simplify(parts, STRAIGHT_M, preserve_topology=False), dtype=object)
    real = shapely.length(parts) > 0
    course = _course(parts[real], surface.lattice.crs)
    if not len(course.line):
        none = np.empty(0, dtype=np.int64)
        return Tracks(np.empty((0, 2)), none, none, np.empty(0))
    speed = np.asarray(speed_kmh, dtype=np.float64)[row[real]]
    even = _even(course, surface.lattice.cell)
    line, at, meeting = _stations(even, _joins(course))
    xy, ground = _placed(course, line, at)
    step = np.flatnonzero(line[1:] == line[:-1])
    metres = ground[step + 1] - ground[step]
    piece, paces = _paces(surface, course, even, speed)
    of = _of(piece, line[step], (at[step] + at[step + 1]) / 2)
    one, other = meeting
    start = np.concatenate([step, step + 1, one, other])
    end = np.concatenate([step + 1, step, other, one])
    along = [metres * pace[of] for pace in paces]
    slowest = np.full(len(xy), np.inf)
    for node in (step, step + 1):
        np.minimum.at(slowest, node, np.maximum(*paces)[of])
    across = _across(geodesic_distance(xy[one], xy[other], surface.lattice.crs), slowest[one], slowest[other])
    seconds = np.concatenate([*along, across, across])
    kept = np.isfinite(seconds)
    return Tracks(xy, start[kept], end[kept], seconds[kept])


def _course(lines: Geoms, crs: str) -> _Course:
    dense = shapely.segmentize(lines, DENSIFY_M)
    coords, line = shapely.get_coordinates(dense, return_index=True)
    same = line[1:] == line[:-1]
    ends = np.stack([coords[:-1][same], coords[1:][same]], axis=1)
    moved = np.hypot(*(ends[:, 1] - ends[:, 0]).T) > 0
    ends, line = ends[moved], line[1:][same][moved]
    long = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    metres = geodesic_distance(ends[:, 0], ends[:, 1], crs)
    return _Course(ends, line, _along(line, long), _along(line, metres), long, metres)


def _along(line: Ints, length: Floats) -> Floats:
    """Return the measure along its line at which each edge begins."""
    reached = np.cumsum(length) - length
    first = np.unique(line, return_index=True)[1]
    size = np.diff(np.append(first, len(line)))
    return np.asarray(reached - np.repeat(reached[first], size), dtype=np.float64)


def _joins(course: _Course) -> tuple[Ints, Floats]:
    """Return where edges meet, those close along one line apart: lines, and measures on them, (j, 2)."""
    edges = np.asarray(shapely.linestrings(course.ends), dtype=object)
    tree = shapely.STRtree(edges)
    one, other = tree.query(edges, predicate="dwithin", distance=MEET_M)
    round_at_most = course.plane[other] + course.long[other] - course.plane[one]
    wanted = (one < other) & ((course.line[one] != course.line[other]) | (round_at_most > ROUND_M))
    pairs = np.stack([one[wanted], other[wanted]], axis=1)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    between = shapely.shortest_line(edges[pairs[:, 0]], edges[pairs[:, 1]])
    meets = shapely.get_coordinates(between).reshape(-1, 2, 2)
    within = np.hypot(*np.moveaxis(meets - course.ends[pairs, 0], 2, 0))
    line, at = course.line[pairs], course.plane[pairs] + np.minimum(within, course.long[pairs])
    apart = (line[:, 0] != line[:, 1]) | (at[:, 1] - at[:, 0] > ROUND_M)
    return line[apart], at[apart]


def _across(metres: Floats, one: Floats, other: Floats) -> Floats:
    """Return the seconds of steps from track to track, by the pace of the slower; infinite where it stops."""
    pace = np.maximum(one, other)
    known = np.isfinite(pace)
    long = np.where(metres > SAME_M, metres, 0.0)
    return np.where(known, long * np.where(known, pace, 0.0), np.inf)


def _even(course: _Course, most: float) -> tuple[Ints, Floats]:
    """Return nodes along each line no farther apart than `most`: lines, and measures on the plane.

    Where they are depends on the line alone: if another track is closed, nothing may move here.
    """
    last = np.append(np.flatnonzero(np.diff(course.line)), len(course.line) - 1)
    length = course.plane[last] + course.long[last]
    pieces = np.maximum(np.ceil(length / most - SAME_M), 1.0).astype(np.int64)
    of = np.repeat(np.arange(len(last)), pieces + 1)
    number = np.arange(len(of)) - np.repeat(np.cumsum(pieces + 1) - (pieces + 1), pieces + 1)
    return course.line[last][of], length[of] * (number / pieces[of])


def _stations(
    even: tuple[Ints, Floats], joins: tuple[Ints, Floats]
) -> tuple[Ints, Floats, tuple[Ints, Ints]]:
    """Return the nodes along the lines, those where they meet among them, and which meet."""
    line = np.concatenate([even[0], joins[0].ravel()])
    at = np.concatenate([even[1], joins[1].ravel()])
    order = np.lexsort((at, line))
    fresh = np.append(True, (np.diff(line[order]) != 0) | (np.diff(at[order]) > SAME_M))
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.cumsum(fresh) - 1
    meeting = number[len(even[0]) :].reshape(-1, 2)
    apart = meeting[meeting[:, 0] != meeting[:, 1]]
    return line[order][fresh], at[order][fresh], (apart[:, 0], apart[:, 1])


def _paces(
    surface: Surface, course: _Course, even: tuple[Ints, Floats], speed: Floats
) -> tuple[tuple[Ints, Floats], list[Floats]]:
    """Return the pieces between even nodes (line, where it begins), and seconds for a metre each way."""
    xy, ground = _placed(course, *even)
    first = np.flatnonzero(even[0][1:] == even[0][:-1])
    line = even[0][first]
    metres = ground[first + 1] - ground[first]
    ways = ((first, first + 1), (first + 1, first))
    return (line, even[1][first]), [KMH / speed[line] * _slowed(surface, xy, way, metres) for way in ways]


def _of(pieces: tuple[Ints, Floats], line: Ints, at: Floats) -> Ints:
    """Return which piece of its line each measure is in: lines one after another on one axis."""
    span = float(max(pieces[1].max(), at.max(initial=0.0))) + 1.0
    return np.searchsorted(pieces[0] * span + pieces[1], line * span + at, side="right") - 1


def _placed(course: _Course, line: Ints, at: Floats) -> tuple[Floats, Floats]:
    """Return the places, and the measures on the ground, of measures on the plane."""
    edge = _of((course.line, course.plane), line, at)
    share = np.clip((at - course.plane[edge]) / course.long[edge], 0.0, 1.0)
    start, end = course.ends[edge, 0], course.ends[edge, 1]
    return start + (end - start) * share[:, None], course.ground[edge] + course.metres[edge] * share


def _slowed(surface: Surface, xy: Floats, edges: tuple[Ints, Ints], metres: Floats) -> Floats:
    """Return by what snow and slope multiply the time of edges; infinite where there is no way."""
    start, end = edges
    cells = surface.lattice.cells(xy)
    snow = np.where(cells >= 0, surface.snow[cells], 0.0)
    with np.errstate(divide="ignore"):
        slowed: Floats = (1.0 / snow[start] + 1.0 / snow[end]) / 2
    if surface.relief is None:
        return slowed
    height = sample(surface.relief.values, surface.relief, xy)
    rise = height[end] - height[start]
    return slowed * surface.going.slowing(rise / np.maximum(metres, SAME_M))
