"""Assignments as columns say what the table in words said, whatever order and numbers they came in."""

from __future__ import annotations

import random
from dataclasses import replace

import assigned_sample
import numpy as np
import pandas as pd
import pytest

from gridmap.claims import Assigned, Block, Code, Targets, fill, gather, half_even


def shuffled(seed: int) -> Assigned:
    """The sample with rows, blocks, codes and targets in another order, and some ids more."""
    rng = np.random.default_rng(seed)
    codes = list(assigned_sample.CODES)
    random.Random(seed).shuffle(codes)  # noqa: S311 - a test's choice of order
    code_at = np.array([codes.index(code) for code in assigned_sample.CODES])
    targets, target_at = {}, {}
    for layer, each in assigned_sample.TARGETS.items():
        order = rng.permutation(len(each.ids))
        targets[layer], target_at[layer] = Targets(each.ids[order], each.unit[order]), np.argsort(order)
    ids = {
        kind: np.array(sorted([*each, "A0", "Z9"]), dtype=object)
        for kind, each in assigned_sample.IDS.items()
    }
    cut = []
    for block in assigned_sample.blocks():
        old = assigned_sample.IDS[block.kind][block.feature].tolist()
        feature = np.array([ids[block.kind].tolist().index(one) for one in old])
        order = rng.permutation(len(block))
        target, code = target_at[block.layer][block.target], code_at[block.code]
        whole = (feature, target, code, block.mm)
        parts = [[column[rows] for column in whole] for rows in np.array_split(order, 3)]
        cut.extend(Block(block.layer, block.kind, *part) for part in parts)
    random.Random(seed).shuffle(cut)  # noqa: S311 - the same
    return gather(cut, codes, ids=ids, targets=targets)


@pytest.fixture
def made() -> Assigned:
    return assigned_sample.assigned()


def test_the_table_says_what_it_said_row_by_row(made: Assigned) -> None:
    pd.testing.assert_frame_equal(made.frame(), assigned_sample.words())
    assert len(made) == len(made.frame())


def test_some_columns_are_those_of_the_whole(made: Assigned) -> None:
    some = ["role", "metres", "feature"]
    pd.testing.assert_frame_equal(made.frame(some), made.frame()[some])


@pytest.mark.parametrize("seed", range(5))
def test_order_and_numbers_of_what_came_in_change_nothing(made: Assigned, seed: int) -> None:
    other = shuffled(seed)
    pd.testing.assert_frame_equal(other.frame(), made.frame())
    assert other.digest() == made.digest()
    assert other.counts == made.counts


def test_any_other_row_is_another_hash(made: Assigned) -> None:
    seen = {made.digest()}
    wanted = 1
    for place, block in enumerate(made.blocks):
        for name in ("feature", "target", "code", "mm"):
            column = getattr(block, name).copy()
            column[-1] += 1 if name != "code" else (-1 if column[-1] else 1)
            changed = replace(block, **{name: column})
            others = (*made.blocks[:place], changed, *made.blocks[place + 1 :])
            if name == "feature" and column[-1] >= len(made.ids[block.kind]):
                continue
            seen.add(replace(made, blocks=others).digest())
            wanted += 1
    for field in ("ids", "unit"):
        column = getattr(made.targets["area"], field).copy()
        column[0] = "Z0"
        changed = replace(made.targets["area"], **{field: column})
        seen.add(replace(made, targets={**made.targets, "area": changed}).digest())
    seen.add(replace(made, codes=(replace(made.codes[0], words="other"), *made.codes[1:])).digest())
    seen.add(replace(made, blocks=made.blocks[:-1]).digest())
    assert len(seen) == wanted + 4


def test_a_lead_and_a_support_of_one_target_are_one_row(made: Assigned) -> None:
    again = [
        *assigned_sample.blocks(),
        assigned_sample.block("area", "household", [(3, 0, 3, 0), (3, 1, 3, 0)]),
    ]
    other = gather(again, assigned_sample.CODES, ids=assigned_sample.IDS, targets=assigned_sample.TARGETS)
    pd.testing.assert_frame_equal(other.frame(), made.frame())


def test_who_leads_is_told_for_every_feature_of_the_kind(made: Assigned) -> None:
    frame = made.frame()
    led = frame[frame["kind"].eq("household") & frame["layer"].eq("point") & frame["role"].eq("lead")]
    target = dict(zip(led["feature"], led["target"], strict=True))
    found = made.leads("point", "household")
    ids = made.targets["point"].ids
    assert [ids[at] if at >= 0 else None for at in found] == [
        target.get(one) for one in made.ids["household"]
    ]
    assert (made.leads("line", "household") == -1).all(), "supports lead nobody"
    assert (made.leads("point", "outpost") == -1).all()


def test_counts_are_those_of_the_table(made: Assigned) -> None:
    counted = made.frame().groupby(["layer", "kind", "role"]).size()
    assert made.counts == counted.to_dict()


def test_codes_that_no_row_has_are_left_out(made: Assigned) -> None:
    more = (Code("line", "a", "none", "lead", "lead", "never"), *assigned_sample.CODES)
    moved = [replace(block, code=block.code + 1) for block in assigned_sample.blocks()]
    other = gather(moved, more, ids=assigned_sample.IDS, targets=assigned_sample.TARGETS)
    assert other.codes == made.codes
    assert other.digest() == made.digest()


def test_nothing_at_all_is_an_empty_table_with_its_columns() -> None:
    none = gather([], (), ids={}, targets={})
    assert len(none) == 0
    assert none.frame().dtypes.astype(str).to_dict() == {
        **dict.fromkeys(none.frame().columns, "str"),
        "metres": "float64",
    }
    assert none.counts == {}


def test_metres_are_rounded_as_python_writes_them() -> None:
    rng = np.random.default_rng(7)
    mm = np.concatenate(
        [np.arange(0, 20_000), rng.integers(0, 10**9, 5_000) * 500, rng.integers(0, 10**12, 5_000)]
    )
    assert [f"{one:,}" for one in half_even(mm).tolist()] == [f"{one / 1000:,.0f}" for one in mm.tolist()]


@pytest.mark.parametrize(
    "text", ["{target} {metres}", "{metres} {target}", "{metres}", "{target}", "no blank"]
)
def test_blanks_may_stand_in_any_order(text: str) -> None:
    found = fill(text, np.array([1_234_500, -1]), np.array(["{metres}", "b"], dtype=object), unknown="?")
    assert found[1] == text.replace("{metres}", "?").replace("{target}", "b")
    assert found[0] == text.replace("{metres}", "1,234").replace("{target}", "{metres}")
