"""After any edits the arrangement that is only mended equals the one that is made anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from steppe import box, built, home, outpost, steppe, zone

from gridmap.assign import Edit, again, arrange, rearrange
from gridmap.config import default_spec
from gridmap.model import Findings

SPEC = default_spec()
FEW = settings(max_examples=15, deadline=None)

Rows = dict[str, list[dict[str, Any]]]


def start(rng: np.random.Generator) -> Rows:
    """Return the steppe with two dozen homes on it, a third of them where several could answer."""
    rows: Rows = {kind: [dict(row) for row in given] for kind, given in steppe().items()}
    for number in range(24):
        rows["household"].append(some_home(rng, f"H{number + 10}"))
    return rows


def some_home(rng: np.random.Generator, name: str) -> dict[str, Any]:
    # Whole kilometres: on edges of zones, and as far from one stronghold as from another.
    east, north = rng.integers(-2, 63), rng.integers(-33, 2)
    flag = bool(rng.random() < 0.2)
    unit = ["U-home", None, "U-none"][rng.integers(3)]
    return dict(home(name, float(east) * 1000, float(north) * 1000, stronghold=flag, unit=unit))


def edit_home(rng: np.random.Generator, rows: Rows) -> None:
    at = int(rng.integers(len(rows["household"])))
    rows["household"][at] = some_home(rng, rows["household"][at]["id"])


def come(rng: np.random.Generator, rows: Rows) -> None:
    taken = {row["id"] for row in rows["household"]}
    name = next(f"H{number}" for number in rng.permutation(90) if f"H{number}" not in taken)
    rows["household"].append(some_home(rng, name))


def go(rng: np.random.Generator, rows: Rows) -> None:
    rows["household"].pop(int(rng.integers(len(rows["household"]))))


def unplace(rng: np.random.Generator, rows: Rows) -> None:
    rows["household"][int(rng.integers(len(rows["household"])))]["geometry"] = None


def move_outpost(rng: np.random.Generator, rows: Rows) -> None:
    at = int(rng.integers(len(rows["outpost"])))
    unit = ["U-line", "U-line-2", "U-area"][rng.integers(3)]
    rows["outpost"][at] = dict(outpost(f"O{at + 1}", float(rng.integers(60)) * 1000, unit=unit))


def redraw_zone(rng: np.random.Generator, rows: Rows) -> None:
    west = float(rng.integers(0, 50)) * 1000
    rows["patrol_zone"][int(rng.integers(len(rows["patrol_zone"])))] = dict(
        zone(f"Z{rng.integers(1, 4)}", box(west, -30_000, west + 15_000, float(rng.integers(-20, 0)) * 1000))
    )
    # One id, one row.
    rows["patrol_zone"] = list({row["id"]: row for row in rows["patrol_zone"]}.values())


STEPS = (edit_home, edit_home, come, go, unplace, move_outpost, redraw_zone)


def edits_between(before: Rows, after: Rows) -> dict[str, Edit]:
    found = {}
    for kind in after:
        old, new = ({row["id"]: row for row in rows[kind]} for rows in (before, after))
        ids = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        if ids:
            there = built({kind: [new[name] for name in sorted(ids & new.keys())]})[kind]
            found[kind] = Edit(frozenset(ids), there)
    return found


@FEW
@given(seed=st.integers(0, 10_000), steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=4))
def test_a_mended_arrangement_is_the_one_made_anew(seed: int, steps: list[Any]) -> None:
    rng = np.random.default_rng(seed)
    before = start(rng)
    made = arrange(built(before), SPEC)
    after = {kind: [dict(row) for row in rows] for kind, rows in before.items()}
    for step in steps:
        step(rng, after)
        mended = rearrange(made, built(after), edits_between(before, after), known=Findings())
        anew = arrange(built(after), SPEC)
        assert mended is not None
        assert mended.assigned.digest() == anew.assigned.digest()
        assert mended.figures == anew.figures
        assert mended.findings == anew.findings
        assert mended.sections.equals(anew.sections)
        assert mended.zones.equals(anew.zones)
        assert mended.strongholds.equals(anew.strongholds)
        # The next edit is mended on top of this one.
        made, before = mended, {kind: [dict(row) for row in rows] for kind, rows in after.items()}


def homes_asked(state: Any, uses: Any) -> int:
    return sum(len(state.ground.of("household").ids) for use in uses if "household" in use.kinds)


def test_an_edit_of_one_home_asks_for_that_home_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    before = start(rng)
    made = arrange(built(before), SPEC)
    after = {**before, "household": [dict(row) for row in before["household"]]}
    after["household"][2] = dict(home("H3", 7_000, -6_000))
    asked: list[int] = []
    run = again.engine.run
    monkeypatch.setattr(
        again.engine,
        "run",
        lambda state, uses: (asked.append(homes_asked(state, uses)), run(state, uses))[1],
    )
    rearrange(made, built(after), edits_between(before, after), known=Findings())
    assert sum(asked) == 3


def test_an_edit_of_what_everything_rests_on_is_not_mended() -> None:
    rows = start(np.random.default_rng(2))
    made = arrange(built(rows), SPEC)
    edit = Edit(frozenset({"B1"}), built(rows)["border"])
    assert rearrange(made, built(rows), {"border": edit}, known=Findings()) is None


def test_an_edit_that_leaves_nothing_to_arrange_is_refused_as_a_whole_run_is() -> None:
    rows = {**start(np.random.default_rng(4)), "border": [], "admin": []}
    rows["household"] = rows["household"][:1]
    made = arrange(built(rows), SPEC)
    after = {**rows, "household": [{**rows["household"][0], "geometry": None}]}
    assert rearrange(made, built(after), edits_between(rows, after), known=Findings()) is None
