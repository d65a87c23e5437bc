"""A place belongs to the zone that contains it."""

from __future__ import annotations

import numpy as np

from gridmap.assign.rule import Claims, Contribution, Rows, Rule, State, chosen, positioned, positions
from gridmap.model import Bilingual


def _apply(state: State, kind: str) -> Contribution:
    """Send each point to the zone that contains it.

    Of several zones more than a millimetre around it, the smallest id leads and the others support; on a
    shared edge the smallest id alone. `metres` is 0.
    """
    ground = state.ground
    features, zones = ground.of(kind), ground.zones
    rows = positions(positioned(features))
    if not len(rows) or not len(zones.ids):
        return Contribution()
    found = ground.index.contain(chosen(features.xy, rows))
    inside = found.lead >= 0
    leads = (rows, found.lead) if inside.all() else (rows[inside], found.lead[inside])
    others = (rows[found.extra[:, 0]], found.extra[:, 1])
    claims = (_claims(kind, leads, lead=True), _claims(kind, others, lead=False))
    return Contribution(claims=claims if len(found.extra) else claims[:1])


def _claims(kind: str, pairs: tuple[Rows, Rows], *, lead: bool) -> Claims:
    count = len(pairs[0])
    return Claims(kind, *pairs, np.full(count, lead), np.zeros(count, dtype=np.int64))


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
    local=True,
)
