"""Assignments as columns against the same claims taken one at a time."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from steppe import box, built, home, outpost, steppe, zone

from gridmap.assign import arrange, engine, frames, reason
from gridmap.assign.ground import HOUSEHOLD, survey
from gridmap.assign.rule import State
from gridmap.claims import COLUMNS, Assigned
from gridmap.config import default_spec
from gridmap.model import LAYERS, Findings

SPEC = default_spec()


def one_by_one(state: Any, made: Any) -> pd.DataFrame:
    """Return the table that loops over claims make: rows by key, the first lead of a target wins."""
    rows: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for rule, claims in made:
        targets = frames._targets(state, rule.layer)
        ids = state.ground.of(claims.kind).ids
        for at in range(len(claims.feature)):
            feature, target = ids[claims.feature[at]], targets.ids[claims.target[at]]
            role = "lead" if claims.lead[at] else "support"
            own = rule.layer == "point" and claims.kind == HOUSEHOLD and feature == target
            metres = float(claims.mm[at]) / 1000 if claims.mm[at] >= 0 else float("nan")
            words = reason(
                rule, "self" if own else role, metres=metres, target=target, spec=state.ground.spec
            )
            unit = targets.unit[claims.target[at]]
            row = (claims.kind, feature, rule.layer, target, unit, role, metres, rule.name, words)
            key = (LAYERS.index(rule.layer), claims.kind, feature, target)
            if key not in rows or (role == "lead" and rows[key][5] == "support"):
                rows[key] = row
    ordered = sorted(rows.values(), key=lambda r: (LAYERS.index(r[2]), r[0], r[1], r[5] != "lead", r[3]))
    frame = pd.DataFrame(ordered, columns=list(COLUMNS))
    return frame.astype({name: "float64" if name == "metres" else "str" for name in COLUMNS})


def crowded() -> dict[str, Any]:
    """A steppe with overlapping zones, two strongholds at one place, ids out of step with west to east."""
    rows = steppe()
    rows["patrol_zone"] = [*rows["patrol_zone"], zone("A-over", box(0, 0, 30_000, 9_000), unit="U-area")]
    rows["household"] = [
        *rows["household"],
        home("H0", 5_000, 5_000, stronghold=True),
        home("H00", 5_000, 5_000, stronghold=True),
        home("Hx", 5_000.5, 5_001),
    ]
    rows["outpost"] = [*rows["outpost"], outpost("A9", 500.0)]
    return rows


@pytest.mark.parametrize("twice", [False, True])
def test_columns_say_what_the_claims_say_one_at_a_time(
    monkeypatch: pytest.MonkeyPatch, *, twice: bool
) -> None:
    spec = SPEC.model_copy(update={"rules": (*SPEC.rules, *SPEC.rules)}) if twice else SPEC
    seen: list[pd.DataFrame] = []
    make = frames.assigned_of

    def watched(state: Any, made: Any) -> Assigned:
        seen.append(one_by_one(state, list(made)))
        return make(state, made)

    monkeypatch.setattr(frames, "assigned_of", watched)
    plan = arrange(built(crowded(), spec), spec)
    pd.testing.assert_frame_equal(plan.assignments, seen[0])
    assert len(plan.assigned) == plan.figures.assignments == len(seen[0])
    assert {"lead", "support"} == set(seen[0]["role"])


def test_nobody_makes_words_who_only_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def rendered(*_: object) -> None:
        raise AssertionError("a million rows in words")

    monkeypatch.setattr(Assigned, "frame", rendered)
    plan = arrange(built(crowded()), SPEC)
    assert plan.figures.assignments == sum(plan.assigned.counts.values())
    assert plan.assigned.leads("point", HOUSEHOLD).max() >= 0


def test_a_million_ids_are_not_made_texts_for_figures_alone() -> None:
    ground = survey(built(crowded()), SPEC, known=Findings())
    ground.index.build()
    state, made = engine.run(State(ground), SPEC.rules)
    assigned = frames.assigned_of(state, made)
    names = ground.of(HOUSEHOLD).names
    assert len(assigned) > len(state.ground.of(HOUSEHOLD).usable)
    assert "texts" not in vars(names)
    assert names.of([2, 0]).texts.tolist() == ground.of(HOUSEHOLD).ids[[2, 0]].tolist()
    assert assigned.ids[HOUSEHOLD] is names.texts
    assert names.of(names.texts == "Hx").texts.tolist() == ["Hx"]
