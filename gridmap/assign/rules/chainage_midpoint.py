"""What no plan gives away is split among the line's outposts at their chainage midpoints."""

from __future__ import annotations

import numpy as np

from gridmap.assign.ground import Floats, Ground
from gridmap.assign.intervals import Ints, cells, subtract, to_mm
from gridmap.assign.rule import Contribution, Rule, State, Stretches, positioned
from gridmap.model import Bilingual


def _apply(state: State, kind: str) -> Contribution:
    """Split ``[0, L]`` among the outposts inside the belt, then cut out what is given already.

    One-dimensional Voronoi cells of the chainages, linear for a closed loop too, each no longer than
    ``section_reach_m`` to either side. Of outposts with one chainage the smallest id takes the cell.
    An outpost that leads a stretch already takes no share.
    """
    ground = state.ground
    if ground.border is None:
        return Contribution()
    features = ground.of(kind)
    free = np.nonzero(positioned(features) & ground.leads_line(features) & ~state.leading(kind))[0]
    stations, away, feature = _stations(ground, features.xy[free], free)
    starts, stops = cells(
        stations, length=ground.length_mm, reach=int(to_mm(ground.spec.layers.line.section_reach_m))
    )
    held = state.stretches
    pieces, ends, owner = subtract(starts, stops, holes=(held.starts, held.stops))
    return Contribution(
        stretches=(Stretches(kind, feature[owner], pieces, ends, away[owner], ("",) * len(pieces)),)
    )


def _stations(ground: Ground, xy: Floats, feature: Ints) -> tuple[Ints, Ints, Ints]:
    """Return chainage, distance and position of the outposts in the belt, one a chainage."""
    if ground.border is None or not len(xy):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64)
    located = ground.border.locate(xy)
    away = to_mm(located.distance_m)
    near = (away >= 0) & (away <= to_mm(ground.spec.layers.line.belt_m))
    # np.unique keeps the first of equals, and features are in the order of their ids.
    stations, first = np.unique(to_mm(located.chainage_m)[near], return_index=True)
    return np.minimum(stations, ground.length_mm), away[near][first], feature[near][first]


RULE = Rule(
    name="chainage_midpoint",
    layer="line",
    takes=frozenset({"point"}),
    words={
        "lead": Bilingual(
            en="leads {target}: nearest outpost along the border, within {limit} m; "
            "stands {metres} m from the border",
            zh="牵头{target}：沿线最近的哨所，{limit} 米以内；距边境线 {metres} 米",
        ),
    },
    limit="section_reach_m",
    apply=_apply,
    of_kind=True,
)
