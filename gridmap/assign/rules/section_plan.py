"""Explicit intervals in the table ``section_plan`` win, and are kept as given."""

from __future__ import annotations

import numpy as np

from gridmap.assign.columns import texts
from gridmap.assign.ground import PLAN
from gridmap.assign.intervals import to_mm
from gridmap.assign.rule import Contribution, Rule, State, Stretches
from gridmap.model import Bilingual


def _apply(state: State, kind: str) -> Contribution:
    """Give each planned interval to its outpost, cut to the border's length.

    A row takes part if ``from_m < to_m`` leaves at least a millimetre on the border and its outpost
    exists. Rows that overlap both stand: the proof lists the overlap.
    """
    ground = state.ground
    plan = ground.tables.get(PLAN)
    if plan is None or ground.border is None or not len(plan):
        return Contribution()
    features = ground.of(kind)
    place = {feature: at for at, feature in enumerate(features.ids)}
    named = texts(plan["outpost"])
    feature = np.array([place.get(one, -1) for one in named], dtype=np.int64)
    given = np.isfinite(plan[["from_m", "to_m"]].to_numpy(dtype=np.float64, na_value=np.nan)).all(axis=1)
    starts = np.clip(to_mm(plan["from_m"]), 0, ground.length_mm)
    stops = np.clip(to_mm(plan["to_m"]), 0, ground.length_mm)
    rows = np.nonzero(given & (feature >= 0) & (starts < stops))[0]
    away = np.full(len(features.ids), -1, dtype=np.int64)
    away[features.usable] = to_mm(ground.border.locate(features.xy[features.usable]).distance_m)
    ids = texts(plan["id"])
    return Contribution(
        stretches=(
            Stretches(
                kind,
                feature[rows],
                starts[rows],
                stops[rows],
                away[feature[rows]],
                tuple(ids[rows]),
            ),
        )
    )


RULE = Rule(
    name="section_plan",
    layer="line",
    takes=frozenset({"point"}),
    words={
        "lead": Bilingual(
            en="leads {target} by the section plan; stands {metres} m from the border",
            zh="按分段方案牵头{target}，距边境线 {metres} 米",
        ),
    },
    limit=None,
    apply=_apply,
    of_kind=True,
)
