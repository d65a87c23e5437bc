"""The nearest stronghold within reach answers for a household."""

from __future__ import annotations

import numpy as np

from gridmap import geo
from gridmap.assign.ground import HOUSEHOLD
from gridmap.assign.intervals import to_m, to_mm
from gridmap.assign.rule import Claims, Contribution, Rule, State, positioned
from gridmap.model import Bilingual


def _apply(state: State, kind: str) -> Contribution:
    """Send each point to the nearest stronghold no farther than ``reach_m``.

    A stronghold leads itself, even where another stands at the same place. Ties to the millimetre go to
    the smaller id.
    """
    ground = state.ground
    features, strongholds = ground.of(kind), ground.strongholds
    rows = np.nonzero(positioned(features))[0]
    if not len(rows) or not len(strongholds.ids):
        return Contribution()
    found = geo.nearest(features.xy[rows], strongholds.ids, strongholds.xy, ground.spec.crs)
    target, away = np.asarray(found.index, dtype=np.int64).copy(), to_mm(found.metres)
    if kind == HOUSEHOLD:
        own = np.nonzero(ground.flagged[rows])[0]
        # Both are in the order of ids, so the k-th flagged household is the k-th stronghold.
        target[own], away[own] = np.arange(len(own)), 0
    kept = (target >= 0) & (away >= 0) & (away <= to_mm(ground.spec.layers.point.reach_m))
    lead = np.ones(int(kept.sum()), dtype=bool)
    return Contribution(claims=(Claims(kind, rows[kept], target[kept], lead, to_m(away[kept])),))


RULE = Rule(
    name="nearest_stronghold",
    layer="point",
    takes=frozenset({"point"}),
    words={
        "lead": Bilingual(
            en="nearest stronghold {target} at {metres} m, within {limit} m",
            zh="最近的堡垒户{target}，距离 {metres} 米，在 {limit} 米以内",
        ),
        "self": Bilingual(en="is itself a stronghold", zh="本户即堡垒户"),
    },
    limit="reach_m",
    apply=_apply,
)
