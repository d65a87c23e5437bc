"""A plan mended after edits of a project equals a whole run: rows, figures, findings, stored content."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
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
    rows = area.table("outpost")
    if not len(rows):
        return
    row = rows.iloc[int(rng.integers(len(rows)))]
    away = shapely.Point(row.geometry.x + float(rng.integers(-20_000, 20_000)), row.geometry.y)
    area.edit("outpost", row["id"], geometry=away)


def shrink_zone(area: Any, rng: np.random.Generator) -> None:
    rows = area.table("patrol_zone")
    if not len(rows):
        return
    row = rows.iloc[int(rng.integers(len(rows)))]
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
    if not len(rows):
        return
    columns = [name for name in AMONG_ROWS[kind] if name in rows.columns]
    column = columns[int(rng.integers(len(columns)))]
    one, other = (rows.iloc[int(at)] for at in rng.integers(len(rows), size=2))
    given = None if pd.isna(other[column]) else other[column]
    area.edit(kind, one["id"], **{column: given.item() if hasattr(given, "item") else given})


def be_nearly_called(area: Any, rng: np.random.Generator) -> None:
    """Let a row come whose id is a home's but for its case, a little beside it."""
    row = some_home(area, rng).copy()
    row["id"] = row["id"].str.lower()
    row["geometry"] = row.geometry.translate(7.0, 0.0)
    area.save(row, kind="household")


def move_the_last(area: Any, rng: np.random.Generator) -> None:
    """Move the last home, which is one of nearly another's id where there is one."""
    last = area.table("household").sort_values("id").iloc[-1]
    x, y = (float(one) for one in rng.integers(-50, 50, 2))
    area.edit("household", last["id"], geometry=shapely.Point(last.geometry.x + x, last.geometry.y + y))


def name_a_unit_nearly(area: Any, rng: np.random.Generator) -> None:
    """Name a unit that nobody else names, or one of nearly its name, which leads nowhere."""
    name = "U-ZETA" if rng.random() < 0.4 else "U-ZETAA"
    area.edit("household", some_home(area, rng)["id"].iloc[0], unit=name)


def name_a_unit_there_is(area: Any, rng: np.random.Generator) -> None:
    homes = area.table("household")
    wrong = homes.loc[homes["unit"].str.startswith("U-ZETA").fillna(value=False), "id"]
    units = area.table("unit")["id"]
    home = wrong.iloc[0] if len(wrong) else homes["id"].iloc[int(rng.integers(len(homes)))]
    area.edit("household", home, unit=units.iloc[int(rng.integers(len(units)))])


EMPTIED = ("camp", "outpost", "patrol_zone", "landmark")


def empty_or_fill(area: Any, rng: np.random.Generator) -> None:
    """Remove all rows of a kind; or put the first one back, of what the demo has."""
    kind = EMPTIED[int(rng.integers(len(EMPTIED)))]
    rows = area.table(kind)
    if len(rows):
        area.store.remove(kind, rows["id"].tolist())
    else:
        area.save(DEMO[kind].iloc[:1], kind=kind)


def correct_or_spoil(area: Any, rng: np.random.Generator) -> None:
    """Let the last home have a fault, or none, or go."""
    last = area.table("household").sort_values("id").iloc[-1]["id"]
    if rng.random() < 0.4:
        area.store.remove("household", [last])
    else:
        area.edit("household", last, persons=int(rng.choice([-2, 4])))


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
    be_nearly_called,
    move_the_last,
    name_a_unit_nearly,
    name_a_unit_there_is,
    empty_or_fill,
    correct_or_spoil,
    correct_or_spoil,
)


def told(findings: Any) -> list[Any]:
    return [(one, None if one.geometry is None else shapely.to_wkb(one.geometry)) for one in findings]


@pytest.fixture(params=[5_000, 0], ids=["kinds are small", "kinds are large"], autouse=True)
def _size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updating, "SMALL", request.param)


# What kinds have that a step has emptied.
DEMO: dict[str, Any] = {}
SPARE = {"id": ["U-ZETA"], "name": ["spare"], "layer": ["area"]}


@pytest.fixture(scope="module", params=["on disk", "in memory, with faults"])
def start(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("updated") / "demo" if request.param == "on disk" else None
    made = gm.demo(folder, households=HOMES, faults=folder is None)
    made.save(pd.DataFrame(SPARE), kind="unit")
    DEMO.update({kind: made.table(kind) for kind in EMPTIED})
    return made


@contextlib.contextmanager
def taken_back(area: Any) -> Any:
    """Take back what was done: the demo is made once."""
    first = area.store.revision()
    try:
        yield area
    finally:
        while area.store.revision() != first:
            area.undo()


@pytest.fixture
def area(start: Any) -> Any:
    with taken_back(start):
        yield start


def same(plan: Any, whole: Any) -> None:
    assert plan.made.assigned.digest() == whole.made.assigned.digest()
    assert plan.figures == whole.figures
    assert told(plan.findings) == told(whole.findings)
    assert plan.revision == whole.revision


@FEW
@given(seed=st.integers(0, 10_000), steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=4))
def test_a_mended_plan_is_that_of_a_whole_run(start: Any, seed: int, steps: list[Any]) -> None:
    rng = np.random.default_rng(seed)
    with taken_back(start) as area:
        plan = area.assign()
        for step in steps:
            step(area, rng)
            plan = plan.updated()
            same(plan, area.assign())
        plan.save()
        mended = area.store.content()
        area.assign().save()
        assert area.store.content() == mended


def test_a_plan_of_now_is_itself(start: Any) -> None:
    plan = start.assign()
    assert plan.updated() is plan


def test_an_edit_that_is_mended_reads_no_table(area: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = area.assign()
    home = area.table("household")["id"].iloc[3]
    area.edit("household", home, persons=2)
    monkeypatch.setattr(area.store, "read_all", None)
    monkeypatch.setattr(updating.assignment, "arrange", None)
    assert plan.updated().revision == area.store.revision()


def test_a_change_from_outside_is_seen(tmp_path: Path) -> None:
    area = gm.demo(tmp_path / "demo", households=HOMES)
    plan = area.assign()
    with contextlib.closing(sqlite3.connect(area.store.path)) as base:
        for name in ("ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY", "ST_IsEmpty"):
            base.create_function(name, 1, lambda _blob: 0)
        base.execute(
            "UPDATE household SET stronghold = 1 - stronghold WHERE id IN (SELECT id FROM household LIMIT 9)"
        )
        base.commit()
    assert plan.updated().made.assigned.digest() == area.assign().made.assigned.digest()
    assert plan.updated().made.assigned.digest() != plan.made.assigned.digest()


@pytest.mark.parametrize("edited", ["outpost", "patrol_zone"])
def test_a_name_that_another_row_has_is_found(area: Any, edited: str) -> None:
    plan, rows = area.assign(), area.table(edited)
    area.edit(edited, rows["id"].iloc[0], name=rows["name"].iloc[1])
    assert "name-duplicate" in plan.updated().findings.codes()


@pytest.mark.parametrize("edited", ["geometry", "unit"])
def test_a_known_fault_of_a_unit_is_not_said_of_an_edited_home(area: Any, edited: str) -> None:
    """A unit whose layer is no layer is one fault; what that makes of its homes would only follow."""
    units, home = area.table("unit"), area.table("household").iloc[0]
    line = units.loc[units["layer"] == "line", "id"].iloc[0]
    area.edit("unit", line, layer="nothing")
    if edited == "geometry":
        area.edit("household", home["id"], unit=line)
    plan = area.assign()
    moved = shapely.Point(home.geometry.x + 900.0, home.geometry.y)
    area.edit("household", home["id"], **({"geometry": moved} if edited == "geometry" else {"unit": line}))
    same(plan.updated(), area.assign())


def test_a_home_edited_twice_is_held_against_where_it_stands_now(area: Any) -> None:
    homes, plan = area.table("household"), area.assign()
    one, other = homes.iloc[3], homes.iloc[7]
    area.edit("household", one["id"], geometry=shapely.Point(one.geometry.x + 500.0, one.geometry.y))
    plan = plan.updated()
    # Where it stood somebody else may stand now; where that one stands nobody may.
    area.edit("household", other["id"], geometry=one.geometry)
    plan = plan.updated()
    shared = plan.findings.codes()["position-duplicate"]
    area.edit("household", one["id"], geometry=one.geometry)
    plan = plan.updated()
    assert plan.findings.codes()["position-duplicate"] == shared + 1
    same(plan, area.assign())


def test_a_home_that_moves_has_no_other_place_copied(area: Any) -> None:
    plan, home = area.assign(), area.table("household").iloc[3]
    area.edit("household", home["id"], geometry=shapely.Point(home.geometry.x + 500.0, home.geometry.y))
    before, after = (one.made.ground.of("household").points for one in (plan, plan.updated()))
    assert after._base is before._base
    assert after.at(np.array([3]))[0, 0] == before.at(np.array([3]))[0, 0] + 500.0


def test_an_edit_asks_the_outposts_for_no_chainage(area: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, home = area.assign(), area.table("household")["id"].iloc[3]
    area.edit("household", home, persons=2)
    monkeypatch.setattr("gridmap.assign.rules.chainage_midpoint._stations", None)
    assert len(plan.updated().sections) == len(plan.sections)


def test_a_home_is_held_against_all_others_after_some_went(area: Any) -> None:
    homes, plan = area.table("household"), area.assign()
    area.store.remove("household", homes["id"].iloc[:2].tolist())
    plan = plan.updated()
    area.edit("household", homes["id"].iloc[-1], geometry=homes.geometry.iloc[-2])
    plan = plan.updated()
    assert "position-duplicate" in plan.findings.codes()
    same(plan, area.assign())


def test_a_faulty_home_goes_and_another_is_edited(area: Any) -> None:
    """What a check had marked stood on a row that is no more."""
    ids = sorted(area.table("household")["id"])
    area.edit("household", ids[-1], persons=-2)
    plan = area.assign()
    area.store.remove("household", [ids[-1]])
    plan = plan.updated()
    same(plan, area.assign())
    area.edit("household", ids[3], persons=5)
    same(plan.updated(), area.assign())


def test_a_home_of_nearly_the_id_of_another_is_found_where_it_stands_now(area: Any) -> None:
    home = area.table("household").iloc[[0]].copy()
    home["id"] = home["id"].str.lower()
    home["geometry"] = home.geometry.translate(7.0, 0.0)
    area.save(home, kind="household")
    plan = area.assign()
    assert "id-lookalike" in plan.findings.codes()
    place = home.geometry.iloc[0]
    area.edit("household", home["id"].iloc[0], geometry=shapely.Point(place.x + 30.0, place.y + 5.0))
    same(plan.updated(), area.assign())


def test_a_unit_is_no_longer_meant_once_the_name_is_corrected(area: Any) -> None:
    """A unit that nothing names is excused while a name that leads nowhere may be meant for it."""
    home = area.table("household").iloc[0]
    area.edit("household", home["id"], unit="U-ZETAA")
    plan = area.assign()
    area.edit("household", home["id"], unit=home["unit"])
    plan = plan.updated()
    assert "U-ZETA" in {one.id for one in plan.findings if one.code == "unit-unused"}
    same(plan, area.assign())


@pytest.mark.parametrize("kind", ["household", *EMPTIED])
def test_the_first_row_of_an_empty_kind_comes(area: Any, kind: str) -> None:
    rows = area.table(kind)
    area.store.remove(kind, rows["id"].tolist())
    plan = area.assign()
    area.save(rows.iloc[:1], kind=kind)
    same(plan.updated(), area.assign())
