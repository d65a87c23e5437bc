"""Who answers, and why, must read in the page as it stands in the table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import synthetic_view

from gridmap.model.packed import Packed
from gridmap.render.codec import unpack_ints
from gridmap.render.joins import joins, reasons
from gridmap.render.sheet import Sheet


def rows_of(found, held):
    """Read the joins back into rows as in the table."""
    out = set()
    for join in found:
        ids = held[join.kind]["id"].tolist()
        slots = {
            name: unpack_ints(getattr(join, name)) for name in ("target", "unit", "role", "rule", "metres")
        }
        for name in join.by_target:
            slots[name] = np.concatenate([[0], unpack_ints(getattr(join, name))])[slots["target"]]
        rows = range(join.size) if join.rows is None else unpack_ints(join.rows)
        targets = join.targets
        if isinstance(targets, Packed):
            targets = [held[join.table]["id"].tolist()[row] for row in unpack_ints(targets)]
        for slot, row in enumerate(rows):
            if not slots["target"][slot]:
                continue
            read = {"target": targets[slots["target"][slot] - 1]}
            read |= {
                name: getattr(join, f"{name}s")[slots[name][slot] - 1] for name in ("unit", "role", "rule")
            }
            metres = slots["metres"][slot] - 1
            out.add((join.kind, ids[row], join.layer, *read.values(), metres))
    return out


def test_every_assignment_comes_back():
    held = synthetic_view.tables()
    frame = held["assignments"]
    found = joins(Sheet(synthetic_view.view(held), synthetic_view.spec()))
    wanted = {
        (r.kind, r.feature, r.layer, r.target, r.unit, r.role, r.rule, round(r.metres))
        for r in frame.itertuples()
    }
    assert rows_of(found, held) == wanted
    assert len(wanted) == len(frame)


def test_a_rule_of_a_third_party_keeps_its_stored_reason():
    held = synthetic_view.tables()
    frame = held["assignments"].copy()
    frame.loc[0, "rule"] = "their_rule"
    frame.loc[0, "reason"] = "because {{7*7}}"
    held["assignments"] = frame
    found = joins(Sheet(synthetic_view.view(held), synthetic_view.spec()))
    assert [text for join in found for text in join.reasons] == ["because {{7*7}}"]


def test_rules_bring_their_words_with_the_limit_in_them():
    spec = synthetic_view.spec()
    found = joins(Sheet(synthetic_view.view(), spec))
    words = reasons(found, spec)["nearest_stronghold"]["lead"]
    assert "15,000" in words.en
    assert "{target}" in words.zh
    assert "{limit}" not in words.en + words.zh


def test_assignments_of_a_kind_that_is_not_shown_are_left_out():
    held = synthetic_view.tables()
    del held["household"]
    found = joins(Sheet(synthetic_view.view(held), synthetic_view.spec()))
    assert {join.kind for join in found} == {"outpost"}


def test_unknown_metres_stay_unknown():
    held = synthetic_view.tables()
    frame = held["assignments"].copy()
    frame["metres"] = pd.Series([float("nan"), -5.0, float("inf")] + [1.0] * (len(frame) - 3))
    held["assignments"] = frame
    found = joins(Sheet(synthetic_view.view(held), synthetic_view.spec()))
    outposts = next(join for join in found if join.kind == "outpost")
    assert unpack_ints(outposts.metres).tolist() == [0, 0, 0]
