"""A place belongs to the zone that contains it."""

from __future__ import annotations

import numpy as np

from gridmap import geo
from gridmap.assign.rule import Claims, Contribution, Rule, State, positioned
from gridmap.model import Bilingual


def _apply(state: State, kind: str) -> Contribution:
    """Send each point to the zone that contains it.

    Of several zones more than a millimetre around it, the smallest id leads and the others support; on a
    shared edge the smallest id alone. `metres` is 0.
    """
    ground = state.ground
    features, zones = ground.of(kind), ground.zones
    rows = np.nonzero(positioned(features))[0]
    if not len(rows) or not len(zones.ids):
        return Contribution()
    found = geo.contain(features.xy[rows], zones.shapes, zones.ids)
    inside = np.nonzero(found.lead >= 0)[0]
    feature = np.concatenate([rows[inside], rows[found.extra[:, 0]]])
    target = np.concatenate([found.lead[inside], found.extra[:, 1]])
    lead = np.arange(len(feature)) < len(inside)
    return Contribution(claims=(Claims(kind, feature, target, lead, np.zeros(len(feature))),))


RULE = Rule(
    name="containing_zone",
    layer="area",
    takes=frozenset({"point"}),
    words={
        "lead": Bilingual(en="inside zone {target}", zh="位于巡逻区{target}内"),
        "support": Bilingual(
            en="zone {target} overlaps the leading zone here", zh="巡逻区{target}在此处与牵头区重叠"
        ),
    },
    limit=None,
    apply=_apply,
)
