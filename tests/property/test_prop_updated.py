"""A plan mended after edits of a project equals a whole run: rows, figures, findings, stored content."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gridmap as gm
from gridmap.project import updating

FEW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
HOMES = 60


def some_home(area: Any, rng: np.random.Generator) -> Any:
    homes = area.table("household")
    return homes.iloc[[int(rng.integers(len(homes)))]]


def move(area: Any, rng: np.random.Generator) -> None:
    row = some_home(area, rng)
    x, y = row.geometry.iloc[0].x, row.geometry.iloc[0].y
    east, north = rng.integers(-40_000, 40_000, 2)
    area.edit("household", row["id"].iloc[0], geometry=shapely.Point(x + east, y + north))


def put_on_another(area: Any, rng: np.random.Generator) -> None:
    one, other = some_home(area, rng), some_home(area, rng)
    area.edit("household", one["id"].iloc[0], geometry=other.geometry.iloc[0])


def value(area: Any, rng: np.random.Generator) -> None:
    row = some_home(area, rng)
    units = [*area.table("unit")["id"], None, "U-nobody"]
    choices: list[dict[str, Any]] = [
        {"stronghold": bool(rng.random() < 0.5)},
        {"stronghold": None},
        {"persons": int(rng.integers(-2, 60))},
        {"unit": units[int(rng.integers(len(units)))]},
        {"gacha": "999"},
        {"name": "\ufeffÃ©"},
    ]
    area.edit("household", row["id"].iloc[0], **choices[int(rng.integers(len(choices)))])


def come(area: Any, rng: np.random.Generator) -> None:
    row = some_home(area, rng).copy()
    row["id"] = f"N{rng.integers(10**6)}"
    area.save(row, kind="household")


def go(area: Any, rng: np.random.Generator) -> None:
    area.store.remove("household", some_home(area, rng)["id"].tolist())


def move_outpost(area: Any, rng: np.random.Generator) -> None:
    row = area.table("outpost").iloc[int(rng.integers(3))]
    away = shapely.Point(row.geometry.x + float(rng.integers(-20_000, 20_000)), row.geometry.y)
    area.edit("outpost", row["id"], geometry=away)


def shrink_zone(area: Any, rng: np.random.Generator) -> None:
    row = area.table("patrol_zone").iloc[int(rng.integers(3))]
    area.edit("patrol_zone", row["id"], geometry=row.geometry.buffer(-float(rng.integers(1, 2_000))))


def rename_unit(area: Any, rng: np.random.Generator) -> None:
    row = area.table("unit").iloc[int(rng.integers(3))]
    area.edit("unit", row["id"], name=f"name {rng.integers(9)}")


def spoil_unit(area: Any, rng: np.random.Generator) -> None:
    units = area.table("unit")
    row = units.iloc[int(rng.integers(len(units)))]
    area.edit("unit", row["id"], layer="nothing" if rng.random() < 0.7 else "area")


def move_two(area: Any, rng: np.random.Generator) -> None:
    homes = area.table("household")
    rows = homes.iloc[sorted({int(at) for at in rng.integers(len(homes), size=2)})].copy()
    spot = homes.geometry.iloc[int(rng.integers(len(homes)))]
    rows["geometry"] = rows.geometry.translate(float(rng.integers(-900, 900)), 500.0)
    rows.loc[rows.index[-1], "geometry"] = spot
    area.save(rows, kind="household")


def there_and_back(area: Any, rng: np.random.Generator) -> None:
    """Let a home stand on another's spot, where that one stood until now."""
    one, other = some_home(area, rng), some_home(area, rng)
    places = one.geometry.iloc[0], other.geometry.iloc[0]
    area.edit("household", other["id"].iloc[0], geometry=places[0])
    area.edit("household", one["id"].iloc[0], geometry=places[1])


# Columns that checks hold against those of other rows of the table.
AMONG_ROWS = {
    "outpost": ("name", "unit"),
    "patrol_zone": ("name", "unit"),
    "landmark": ("number", "surveyed_m", "name"),
    "camp": ("season", "household", "from_month"),
}


def be_like_another(area: Any, rng: np.random.Generator) -> None:
    kind = sorted(AMONG_ROWS)[int(rng.integers(len(AMONG_ROWS)))]
    rows = area.table(kind)
    columns = [name for name in AMONG_ROWS[kind] if name in rows.columns]
    column = columns[int(rng.integers(len(columns)))]
    one, other = (rows.iloc[int(at)] for at in rng.integers(len(rows), size=2))
    given = None if pd.isna(other[column]) else other[column]
    area.edit(kind, one["id"], **{column: given.item() if hasattr(given, "item") else given})


STEPS = (
    move,
    put_on_another,
    value,
    value,
    come,
    go,
    move_outpost,
    shrink_zone,
    rename_unit,
    spoil_unit,
    move_two,
    there_and_back,
    be_like_another,
    be_like_another,
)


def told(findings: Any) -> list[Any]:
    return [(one, None if one.geometry is None else shapely.to_wkb(one.geometry)) for one in findings]


@pytest.fixture(params=[5_000, 0], ids=["kinds are small", "kinds are large"], autouse=True)
def _size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updating, "SMALL", request.param)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return gm.demo(tmp_path_factory.mktemp("updated") / "demo", households=HOMES)


@FEW
@given(seed=st.integers(0, 10_000), steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=3))
def test_a_mended_plan_is_that_of_a_whole_run(start: Any, seed: int, steps: list[Any]) -> None:
    rng = np.random.default_rng(seed)
    area, first = start, start.store.revision()
    plan = area.assign()
    try:
        for step in steps:
            step(area, rng)
            plan = plan.updated()
            whole = area.assign()
            assert plan.made.assigned.digest() == whole.made.assigned.digest()
            assert plan.figures == whole.figures
            assert told(plan.findings) == told(whole.findings)
            assert plan.revision == whole.revision
        plan.save()
        mended = area.store.content()
        whole.save()
        assert area.store.content() == mended
    finally:
        # The demo is made once: what an example did is taken back.
        while area.store.revision() != first:
            area.undo()


def test_a_plan_of_now_is_itself(start: Any) -> None:
    plan = start.assign()
    assert plan.updated() is plan


def test_an_edit_that_is_mended_reads_no_table(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = start.assign()
    home = start.table("household")["id"].iloc[3]
    start.edit("household", home, persons=2)
    monkeypatch.setattr(start.store, "read", None)
    monkeypatch.setattr(start.store, "read_all", None)
    monkeypatch.setattr(updating.assignment, "arrange", None)
    assert plan.updated().revision == start.store.revision()
    monkeypatch.undo()
    start.undo()


def test_a_change_from_outside_is_seen(start: Any) -> None:
    plan = start.assign()
    with contextlib.closing(sqlite3.connect(start.store.path)) as base:
        for name in ("ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY", "ST_IsEmpty"):
            base.create_function(name, 1, lambda _blob: 0)
        base.execute(
            "UPDATE household SET stronghold = 1 - stronghold WHERE id IN (SELECT id FROM household LIMIT 9)"
        )
        base.commit()
    try:
        assert plan.updated().made.assigned.digest() == start.assign().made.assigned.digest()
        assert plan.updated().made.assigned.digest() != plan.made.assigned.digest()
    finally:
        start.accept()


@pytest.mark.parametrize("edited", ["outpost", "patrol_zone"])
def test_a_name_that_another_row_has_is_found(start: Any, edited: str) -> None:
    plan, rows = start.assign(), start.table(edited)
    start.edit(edited, rows["id"].iloc[0], name=rows["name"].iloc[1])
    try:
        assert "name-duplicate" in plan.updated().findings.codes()
    finally:
        start.undo()


@pytest.mark.parametrize("edited", ["geometry", "unit"])
def test_a_known_fault_of_a_unit_is_not_said_of_an_edited_home(start: Any, edited: str) -> None:
    """A unit whose layer is no layer is one fault; what that makes of its homes would only follow."""
    units, homes, first = start.table("unit"), start.table("household"), start.store.revision()
    line = units.loc[units["layer"] == "line", "id"].iloc[0]
    start.edit("unit", line, layer="nothing")
    home = homes.iloc[0]
    if edited == "geometry":
        start.edit("household", home["id"], unit=line)
    plan = start.assign()
    moved = shapely.Point(home.geometry.x + 900.0, home.geometry.y)
    start.edit("household", home["id"], **({"geometry": moved} if edited == "geometry" else {"unit": line}))
    try:
        assert told(plan.updated().findings) == told(start.assign().findings)
    finally:
        while start.store.revision() != first:
            start.undo()


def test_a_home_edited_twice_is_held_against_where_it_stands_now(start: Any) -> None:
    homes, first = start.table("household"), start.store.revision()
    one, other = homes.iloc[3], homes.iloc[7]
    plan = start.assign()
    try:
        start.edit("household", one["id"], geometry=shapely.Point(one.geometry.x + 500.0, one.geometry.y))
        plan = plan.updated()
        # Where it stood somebody else may stand now; where that one stands nobody may.
        start.edit("household", other["id"], geometry=one.geometry)
        plan = plan.updated()
        assert "position-duplicate" not in plan.findings.codes()
        start.edit("household", one["id"], geometry=one.geometry)
        plan = plan.updated()
        assert "position-duplicate" in plan.findings.codes()
        assert told(plan.findings) == told(start.assign().findings)
    finally:
        while start.store.revision() != first:
            start.undo()


def test_an_edit_asks_the_outposts_for_no_chainage(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, home = start.assign(), start.table("household")["id"].iloc[3]
    start.edit("household", home, persons=2)
    monkeypatch.setattr("gridmap.assign.rules.chainage_midpoint._stations", None)
    try:
        assert len(plan.updated().sections) == len(plan.sections)
    finally:
        monkeypatch.undo()
        start.undo()


def test_a_home_is_held_against_all_others_after_some_went(start: Any) -> None:
    homes, first = start.table("household"), start.store.revision()
    plan = start.assign()
    try:
        start.store.remove("household", homes["id"].iloc[:2].tolist())
        plan = plan.updated()
        start.edit("household", homes["id"].iloc[-1], geometry=homes.geometry.iloc[-2])
        plan = plan.updated()
        assert "position-duplicate" in plan.findings.codes()
        assert told(plan.findings) == told(start.assign().findings)
    finally:
        while start.store.revision() != first:
            start.undo()
