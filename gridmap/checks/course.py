"""The course of the border line: parts that join, do not cross or branch, and follow the edge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.checks.base import GEOMETRY, Check, Faults, Mask, Rows, Stage, doc
from gridmap.checks.columns import Objects
from gridmap.checks.context import COURSE, Context

# Farther apart, a hole between parts is taken as meant: a stretch that others keep.
JOIN_M = 100.0
# Two sources of one border seldom differ by more.
EDGE_M = 1_000.0
_MANY_ENDS = 3

_CROSSES = (
    doc(
        "border-crosses",
        "error",
        ("the border line crosses or repeats itself", "边境线自相交或重复"),
        "redraw the line at the place given, or delete the part that is there twice",
    ),
    doc(
        "border-branches",
        "error",
        ("the border line branches", "边境线分叉"),
        "delete the part that leads off the line, or move its end",
    ),
)
_EDGE = (
    doc(
        "border-off-edge",
        "warning",
        ("a part of the border is not along the edge of the jurisdiction", "边境线偏离辖区边缘"),
        "correct the part, or the outline of the townships",
    ),
)
_JOINS = (
    doc(
        "border-not-joined",
        "error",
        ("two ends of the border nearly meet and do not join", "边境线端点未衔接"),
        "snap the two ends to one point",
    ),
)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The single lines of the border, with the rows that they are of; ordered by id, then along the row."""

    lines: Objects
    rows: Rows
    starts: Objects
    ends: Objects


def _parts(context: Context, *aspects: str) -> _Parts:
    ids = context.ids("border")
    rows = np.flatnonzero(context.sound("border", *aspects))
    rows = np.array(sorted(rows.tolist(), key=lambda row: str(ids[row])), dtype=np.intp)
    lines, at = shapely.get_parts(context.geoms("border")[rows], return_index=True)
    return _Parts(lines, rows[at], shapely.get_point(lines, 0), shapely.get_point(lines, -1))


def _crosses(context: Context) -> Iterator[Faults]:
    if not context.has_shape("border", "line"):
        return
    found: dict[tuple[str, int], list[tuple[str, BaseGeometry]]] = {}
    parts = _parts(context, GEOMETRY)
    for line, row in zip(parts.lines, parts.rows.tolist(), strict=True):
        if not line.is_simple and not (line.is_ring and shapely.LinearRing(line).is_simple):
            place = shapely.node(line)
            found.setdefault(("border-crosses", row), []).append(("", place))
    _pairs(context, parts, found)
    _stars(context, parts, found, {row for _, row in found})
    crossing = {row for code, row in found if code == "border-crosses"}
    for (code, row), hits in sorted(found.items()):
        if code == "border-branches" and row in crossing:
            continue
        others = tuple(sorted({other for other, _ in hits if other}))
        what = "leads off the line" if code == "border-branches" else "crosses or repeats the line"
        message = what + (" of " + ", ".join(others) if others else "")
        place = shapely.union_all([shape for _, shape in hits])
        rows = np.array([row], dtype=np.intp)
        # A line that only meets itself is still the best there is to measure along.
        yield Faults(code, "border", rows, message, (COURSE,) if others else (), [others], [place])


def _pairs(
    context: Context, parts: _Parts, found: dict[tuple[str, int], list[tuple[str, BaseGeometry]]]
) -> None:
    """Note where one part meets another anywhere but end to end, at the shorter row."""
    if not len(parts.lines):
        return
    ids, rank = context.ids("border"), _ranks(context, parts)
    first, second = shapely.STRtree(parts.lines).query(parts.lines, predicate="intersects")
    for a, b in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        if a >= b:
            continue
        tips_a = shapely.MultiPoint([parts.starts[a], parts.ends[a]])
        tips_b = shapely.MultiPoint([parts.starts[b], parts.ends[b]])
        met = shapely.intersection(parts.lines[a], parts.lines[b])
        inner = met.difference(tips_a).difference(tips_b)
        met_at_tip = met.difference(shapely.intersection(tips_a, tips_b)).difference(inner)
        code = "border-crosses" if not inner.is_empty else "border-branches"
        place = inner if not inner.is_empty else met_at_tip
        if not place.is_empty:
            kept, stray = sorted((int(parts.rows[a]), int(parts.rows[b])), key=rank.__getitem__)
            found.setdefault((code, stray), []).append((str(ids[kept]), place))


def _ranks(context: Context, parts: _Parts) -> dict[int, tuple[float, str]]:
    """Return the order in which rows are believed: a short piece is the likelier stray."""
    geoms, ids = context.geoms("border"), context.ids("border")
    return {row: (-geoms[row].length, str(ids[row])) for row in set(parts.rows.tolist())}


def _stars(
    context: Context,
    parts: _Parts,
    found: dict[tuple[str, int], list[tuple[str, BaseGeometry]]],
    stray: set[int],
) -> None:
    """Note where three ends or more meet in one point, at every row but the two longest."""
    ids, rank = context.ids("border"), _ranks(context, parts)
    meeting: dict[tuple[float, float], list[int]] = {}
    for tips in (parts.starts, parts.ends):
        for xy, row in zip(shapely.get_coordinates(tips).tolist(), parts.rows.tolist(), strict=True):
            if row not in stray:
                meeting.setdefault((xy[0], xy[1]), []).append(row)
    for xy, rows in sorted(meeting.items()):
        if len(rows) >= _MANY_ENDS:
            ordered = sorted(rows, key=rank.__getitem__)
            for row in sorted(set(ordered[2:])):
                found.setdefault(("border-branches", row), []).append(
                    (str(ids[ordered[0]]), shapely.Point(xy))
                )


def _edge(context: Context) -> Iterator[Faults]:
    if not context.has_shape("border", "line") or context.jurisdiction is None:
        return
    rows = np.flatnonzero(context.sound("border", GEOMETRY, COURSE))
    edge = context.jurisdiction.boundary
    rows = rows[~_along(context.geoms("border")[rows], edge)]
    if not len(rows):
        return
    off = shapely.difference(context.geoms("border")[rows], edge.buffer(EDGE_M))
    hit = shapely.length(off) > 0
    if hit.any():
        message = f"a part of it is more than {EDGE_M:g} m from the edge of the jurisdiction"
        yield Faults("border-off-edge", "border", rows[hit], message, (COURSE,), places=off[hit])


def _along(lines: Objects, edge: BaseGeometry) -> Mask:
    """Return which lines are well within `EDGE_M` of the edge all along, by places at short steps on them.

    The buffer of the edge, which is dear, holds what is within nine tenths of its distance: GEOS draws its
    arcs with chords, and leaves out bends of the edge that are shallower than a hundredth of the distance.
    """
    step = EDGE_M * 0.4
    xy, line = shapely.get_coordinates(shapely.segmentize(lines, step / 2), return_index=True)
    parts = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    # The first vertex in each stretch of a step: no place of a line is farther than a step from one of them.
    stretch = np.floor(np.cumsum(parts) / step)
    kept = np.diff(stretch, prepend=-1.0) + np.diff(line, prepend=-1) > 0
    shapely.prepare(edge)
    far = ~shapely.dwithin(edge, shapely.points(xy[kept]), step)
    found = np.ones(len(lines), dtype=bool)
    found[line[kept][far]] = False
    return found


def _joins(context: Context) -> Iterator[Faults]:
    """Report pairs of loose ends that are close: a hole of this size is a slip of the pen."""
    if not context.has_shape("border", "line"):
        return
    parts = _parts(context, GEOMETRY, COURSE)
    ids = context.ids("border")
    tips = np.concatenate([parts.starts, parts.ends])
    owner, line = np.tile(parts.rows, 2), np.tile(np.arange(len(parts.lines)), 2)
    xy = shapely.get_coordinates(tips)
    _, at, counts = np.unique(xy, axis=0, return_inverse=True, return_counts=True)
    loose = np.flatnonzero(counts[at] == 1)
    if not len(loose):
        return
    pairs = shapely.STRtree(tips[loose]).query(tips[loose], predicate="dwithin", distance=JOIN_M)
    seen: set[tuple[int, int]] = set()
    for a, b in sorted((int(loose[a]), int(loose[b])) for a, b in pairs.T.tolist()):
        if a >= b or (line[a] == line[b] and parts.lines[line[a]].length <= 2 * JOIN_M):
            continue
        low, high = sorted((int(owner[a]), int(owner[b])), key=lambda row: str(ids[row]))
        if (low, high) in seen:
            continue
        seen.add((low, high))
        place = shapely.LineString([tips[a], tips[b]])
        other = str(ids[low])
        message = f"its end is {place.length:.3f} m from the end of {other} and does not join it"
        rows = np.array([high], dtype=np.intp)
        yield Faults("border-not-joined", "border", rows, message, (), [(other,)], [place])


CHECK_CROSSES = Check(Stage.TABLE, _CROSSES, _crosses)
CHECK_EDGE = Check(Stage.PLACE, _EDGE, _edge)
CHECK_JOINS = Check(Stage.PLACE, _JOINS, _joins)
