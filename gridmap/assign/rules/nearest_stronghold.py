"""The nearest stronghold within reach answers for a household."""

from __future__ import annotations

import numpy as np

from gridmap.assign.ground import HOUSEHOLD
from gridmap.assign.intervals import to_mm
from gridmap.assign.rule import Claims, Contribution, Rule, State, chosen, positioned, positions
from gridmap.model import Bilingual


def _apply(state: State, kind: str) -> Contribution:
    """Send each point to the nearest stronghold no farther than ``reach_m``.

    A stronghold leads itself, even where another stands at the same place. Ties to the millimetre go to
    the smaller id.
    """
    ground = state.ground
    features, strongholds = ground.of(kind), ground.strongholds
    rows = positions(positioned(features))
    if not len(rows) or not len(strongholds.ids):
        return Contribution()
    target, away = ground.index.nearest(chosen(features.xy, rows))
    if kind == HOUSEHOLD:
        own = np.flatnonzero(chosen(ground.flagged, rows))
        target[own], away[own] = np.searchsorted(strongholds.ids, features.names.of(rows[own]).texts), 0
    # What has no target is -1 away.
    reach = int(to_mm(ground.spec.layers.point.reach_m))
    if away.min() < 0 or away.max() > reach:
        kept = np.flatnonzero((away >= 0) & (away <= reach))
        rows, target, away = rows[kept], target[kept], away[kept]
    return Contribution(claims=(Claims(kind, rows, target, np.ones(len(rows), dtype=bool), away),))


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
    local=True,
)
