"""Everything else inside the border belt supports the section nearest to it."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap import geo
from gridmap.assign.ground import OUTPOST, Bools, Features, Floats
from gridmap.assign.intervals import Ints, to_m, to_mm
from gridmap.assign.rule import Claims, Contribution, Rule, State, positioned
from gridmap.model import Bilingual

EDGE_MM = 2
COARSE_M = 50.0
MARGIN = 1.1
# No projection that one would work in changes its scale by a tenth within this.
WIDE_M = 100_000.0


def _apply(state: State, kind: str) -> Contribution:
    """Send each feature no farther than ``belt_m`` from the border to the section nearest to it.

    Of the outposts only those of line units that lead no section. A point belongs to the section that
    holds the nearest place of the border; a polygon to the smallest id among the sections it is nearest
    to. What is nearest to a gap supports nothing.
    """
    ground = state.ground
    if ground.border is None or not len(state.order):
        return Contribution()
    features = ground.of(kind)
    wanted = features.usable.copy()
    if kind == OUTPOST:
        wanted &= ground.leads_line(features) & ~state.leading(kind)
    rows = np.nonzero(wanted)[0]
    pointlike = positioned(features)[rows].all()
    section, away = (_points if pointlike else _polygons)(state, ground.border, features, rows)
    kept = (section >= 0) & (away >= 0) & (away <= to_mm(ground.spec.layers.line.belt_m))
    rows, target = rows[kept], state.order[section[kept]]
    lead = np.zeros(len(rows), dtype=bool)
    return Contribution(claims=(Claims(kind, rows, target, lead, to_m(away[kept])),))


def _points(state: State, border: geo.Border, features: Features, rows: Ints) -> tuple[Ints, Ints]:
    """Return the section (position west to east, -1 in a gap) and the distance in millimetres."""
    section, away = np.full(len(rows), -1, np.int64), np.full(len(rows), -1, np.int64)
    near = np.nonzero(_maybe_near(border, features.xy[rows], state.ground.spec.layers.line.belt_m))[0]
    if len(near):
        located = border.locate(features.xy[rows[near]])
        at = np.minimum(to_mm(located.chainage_m), state.ground.length_mm)
        section[near], away[near] = state.ladder.holder(at), to_mm(located.distance_m)
    return section, away


def _maybe_near(border: geo.Border, xy: Floats, belt_m: float) -> Bools:
    """Leave out, cheaply, what is surely beyond the belt: most homes of a deep area are."""
    if belt_m > WIDE_M:
        return np.ones(len(xy), dtype=bool)
    edges = [np.hypot(*np.diff(part, axis=0).T) for part in border.parts]
    metres = [np.diff(chain) for chain in border.chainages]
    stretched = max(float(np.max(edge / metre)) for edge, metre in zip(edges, metres, strict=True))
    # Metres in the plane are not metres on the ground; the margin covers how much that changes in a belt.
    coarse = shapely.simplify(border.geometry, COARSE_M)
    around = shapely.buffer(coarse, belt_m * stretched * MARGIN + 2 * COARSE_M)
    shapely.prepare(around)
    return np.asarray(shapely.contains_xy(around, xy[:, 0], xy[:, 1]), dtype=bool)


def _polygons(state: State, border: geo.Border, features: Features, rows: Ints) -> tuple[Ints, Ints]:
    distance, ranges = border.locate_geoms(features.shapes[rows])
    section = np.array([_smallest(state, each) for each in ranges], dtype=np.int64)
    return section, to_mm(distance)


def _smallest(state: State, ranges: Floats) -> int:
    length = state.ground.length_mm
    ends = np.minimum(to_mm(ranges), length)
    # Contact is judged within a millimetre: a zone that ends where a section does has not met the next.
    edge = np.minimum((ends[:, 1] - ends[:, 0]) // 2, EDGE_MM)
    found = [
        state.ladder.between(int(start), int(stop))
        for start, stop in zip(ends[:, 0] + edge, ends[:, 1] - edge, strict=True)
    ]
    return min((each for each in found if each >= 0), default=-1)


RULE = Rule(
    name="within_belt",
    layer="line",
    takes=frozenset({"point", "polygon"}),
    words={
        "support": Bilingual(
            en="nearest section {target} at {metres} m, inside the belt of {limit} m",
            zh="最近的边境段{target}，距边境线 {metres} 米，在 {limit} 米边境带内",
        ),
    },
    limit="belt_m",
    apply=_apply,
)
