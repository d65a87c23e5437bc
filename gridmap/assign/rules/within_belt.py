"""Everything else inside the border belt supports the section nearest to it."""

from __future__ import annotations

import numpy as np

from gridmap.assign.ground import OUTPOST, Features, Floats
from gridmap.assign.intervals import Ints, to_mm
from gridmap.assign.rule import Claims, Contribution, Rows, Rule, State, chosen, positioned, positions
from gridmap.model import Bilingual

EDGE_MM = 2

# Of features inside the belt: their rows, the section that each is nearest to (position west to east, -1 in a
# gap), and how many millimetres away the border is.
Belt = tuple[Rows, Ints, Ints]


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
    pointlike = chosen(positioned(features), rows).all()
    along = _points if pointlike else _polygons
    rows, section, away = along(state, features, rows)
    kept = np.flatnonzero(section >= 0)
    rows, target = rows[kept], state.order[section[kept]]
    return Contribution(claims=(Claims(kind, rows, target, np.zeros(len(rows), dtype=bool), away[kept]),))


def _points(state: State, features: Features, rows: Rows) -> Belt:
    chainage, away = state.ground.index.along(chosen(features.xy, rows))
    near = np.flatnonzero(away >= 0)
    section = state.ladder.holder(np.minimum(chainage[near], state.ground.length_mm))
    return rows[near], section, away[near]


def _polygons(state: State, features: Features, rows: Rows) -> Belt:
    distance, ranges = state.ground.index.touching(features.shapes[rows])
    away = to_mm(distance)
    near = np.flatnonzero((away >= 0) & (away <= to_mm(state.ground.spec.layers.line.belt_m)))
    return rows[near], _smallest(state, [ranges[at] for at in near]), away[near]


def _smallest(state: State, ranges: list[Floats]) -> Ints:
    """Return the smallest section that each feature's ranges of chainage meet, -1 where they meet none."""
    ends = np.minimum(to_mm(np.concatenate([np.empty((0, 2)), *ranges])), state.ground.length_mm)
    # Contact is judged within a millimetre: a zone that ends where a section does has not met the next.
    edge = np.minimum((ends[:, 1] - ends[:, 0]) // 2, EDGE_MM)
    met = state.ladder.between(ends[:, 0] + edge, ends[:, 1] - edge)
    owner = np.repeat(np.arange(len(ranges)), [len(each) for each in ranges])
    found = np.full(len(ranges), -1, dtype=np.int64)
    # The smallest is written last.
    order = np.argsort(-met, kind="stable")
    order = order[met[order] >= 0]
    found[owner[order]] = met[order]
    return found


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
