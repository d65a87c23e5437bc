"""Everything else inside the border belt supports the section nearest to it."""

from __future__ import annotations

import numpy as np

from gridmap.assign.ground import OUTPOST, Features, Floats
from gridmap.assign.intervals import Ints, to_mm
from gridmap.assign.rule import Claims, Contribution, Rule, State, placed, positioned, positions
from gridmap.model import Bilingual

EDGE_MM = 2


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
    rows = positions(wanted)
    pointlike = positioned(features)[rows].all()
    if pointlike:
        section, away = _points(state, features, rows)
    else:
        section, away = _polygons(state, features, rows)
    kept = np.flatnonzero((section >= 0) & (away >= 0) & (away <= to_mm(ground.spec.layers.line.belt_m)))
    rows, target = rows[kept], state.order[section[kept]]
    return Contribution(claims=(Claims(kind, rows, target, np.zeros(len(rows), dtype=bool), away[kept]),))


def _points(state: State, features: Features, rows: Ints) -> tuple[Ints, Ints]:
    """Return the section (position west to east, -1 in a gap) and the distance in millimetres."""
    chainage, away = state.ground.index.along(placed(features, rows))
    # What is beyond the belt is at -1, where no section is.
    return state.ladder.holder(np.minimum(chainage, state.ground.length_mm)), away


def _polygons(state: State, features: Features, rows: Ints) -> tuple[Ints, Ints]:
    distance, ranges = state.ground.index.touching(features.shapes[rows])
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
    local=True,
)
