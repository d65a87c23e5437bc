"""The friendly layer: what an analyst types in a notebook."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sqlite3
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import gridmap as gm
from gridmap.errors import ConfigError, PublishError, StoreError, StructureError


@pytest.fixture(scope="module")
def area():
    return gm.demo(households=150)


@pytest.fixture
def stored(tmp_path):
    with gm.demo(tmp_path / "area", households=60) as made:
        yield made


def test_tables_are_plain_geodataframes(area):
    homes = area.table("household")
    assert type(homes) is gpd.GeoDataFrame
    assert homes.crs.to_epsg() == 4508
    assert len(homes) == 150
    assert homes["id"].is_monotonic_increasing
    assert not isinstance(area.table("unit"), gpd.GeoDataFrame)
    with pytest.raises(ConfigError, match="did you mean household"):
        area.table("houshold")


def test_who_takes_a_coordinate_a_chainage_a_name_and_a_frame(area):
    plan = area.assign()
    spot = plan.who(110.0, 42.5)
    assert spot == plan.who("110.0, 42.5")
    assert spot == plan.who("42°30'00\"N 110°00'00\"E")
    on_line = plan.who("K23+450")
    assert on_line.line.chainage_m == pytest.approx(23_450, abs=0.01)
    assert on_line.line.distance_m == pytest.approx(0, abs=0.01)
    home = area.table("household").iloc[0]
    assert plan.who(f"household:{home.id}").point is not None
    marker = area.table("landmark").query("`class` == 'marker'").iloc[0]
    assert plan.who(f"landmark:{marker.id}").line is not None
    seat = area.table("landmark").query("`class` == 'seat'").iloc[0]
    assert plan.who(seat["name"]) == plan.who(f"landmark:{seat.id}")
    places = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy([110.0, 110.0], [42.5, 10.0]), index=["a", "b"], crs=4326
    )
    table = plan.who(places)
    assert list(table.index) == ["a", "b"]
    assert table.loc["a", "zone"] == spot.area.zone
    assert pd.isna(table.loc["b", "zone"])


def test_outside_everything_is_three_nulls_and_a_note(area):
    far = area.assign().who(100.0, 30.0)
    assert far.line is None
    assert far.area is None
    assert far.point is None
    assert far.notes


def test_measure_keeps_the_index(area):
    homes = area.table("household").set_index(pd.Index(range(1000, 1150)))
    plan = area.assign()
    series = gm.nearest_stronghold(homes, plan.strongholds)
    assert series.name == "nearest_stronghold"
    assert series.index.equals(homes.index)
    assert set(series) <= set(plan.strongholds["id"])


def test_save_refuses_what_the_store_cannot_hold_and_keeps_what_was_there(stored):
    before = stored.store.content()
    homes = stored.table("household").head(2)
    twice = pd.concat([homes.head(1), homes.head(1)])
    for bad in (twice, homes.assign(surprise=1), homes.assign(persons="many")):
        with pytest.raises(StructureError) as caught:
            stored.save(bad, kind="household")
        assert caught.value.code == "GM305"
        assert caught.value.faults
    assert stored.store.content() == before


def test_save_adds_and_updates_by_id(stored):
    homes = stored.table("household")
    one = homes.head(1).assign(persons=9)
    new = homes.tail(1).assign(id="H99999x", geometry=[shapely.Point(*homes.geometry.iloc[0].coords[0])])
    stored.save(pd.concat([one, new], ignore_index=True), kind="household")
    after = stored.table("household").set_index("id")
    assert len(after) == 61
    assert after.loc[one["id"].iloc[0], "persons"] == 9
    assert "H99999x" in after.index


def test_edit_types_values_and_dates(stored):
    home = stored.table("household")["id"].iloc[0]
    stored.edit("household", home, persons=3, valid_from=dt.date(2026, 1, 2), status="active")
    row = stored.table("household").set_index("id").loc[home]
    assert row["persons"] == 3
    assert row["valid_from"] == pd.Timestamp("2026-01-02")
    stored.edit("household", home, status=None)
    assert pd.isna(stored.table("household").set_index("id").loc[home, "status"])
    with pytest.raises(ConfigError):
        stored.edit("household", home, no_such=1)


def test_reading_by_columns_and_bounding_box(stored):
    homes = stored.table("household")
    x, y = homes.geometry.x, homes.geometry.y
    box = (x.min(), y.min(), float(x.median()), y.max())
    part = stored.table("household", columns=["persons"], bbox=box)
    assert set(part.columns) == {"id", "persons", "geometry"}
    assert list(part["id"]) == list(homes.loc[x <= float(x.median()), "id"])


def test_a_section_plan_remembers_the_border_it_was_made_for(stored):
    outposts = stored.assign().sections
    frame = pd.DataFrame(
        {"id": ["p1"], "from_m": [0.0], "to_m": [5000.0], "outpost": [outposts["outpost"].iloc[0]]}
    )
    stored.save(frame, kind="section_plan")
    assert stored.table("section_plan")["border_hash"].notna().all()
    first = stored.assign().sections.iloc[0]
    assert (first["from_m"], first["to_m"]) == (0.0, 5000.0)
    border = stored.table("border")
    moved = border.assign(geometry=border.geometry.translate(0.0, 0.02))
    stored.save(moved, kind="border")
    assert "section-plan-stale" in stored.check().codes()
    stored.edit("section_plan", "p1", border_hash=None)
    assert "section-plan-stale" not in stored.check().codes()
    assert stored.table("section_plan")["border_hash"].notna().all()


QGIS = """
import sys, pyogrio
path = sys.argv[1]
frame = pyogrio.read_dataframe(path, layer="landmark")
spot = frame.geometry.iloc[0]
frame.loc[0, "geometry"] = type(spot)(spot.x + 30, spot.y + 40)
frame.loc[1, "name"] = "renamed"
frame = frame.drop(index=2)
pyogrio.write_dataframe(frame, path, layer="landmark", append=False)
"""


def test_an_edit_by_another_program_is_listed_and_accepted(stored):
    """A planner edits border.gpkg in a GIS that rewrites the whole layer."""
    ids = list(stored.table("landmark")["id"])
    path = stored.folder / "border.gpkg"
    stored.close()
    subprocess.run([sys.executable, "-W", "ignore", "-c", QGIS, str(path)], check=True)
    with gm.open(stored.folder) as area:
        changes = {(c.id, c.what): c for c in area.outside_changes()}
        assert set(changes) == {(ids[0], "moved"), (ids[1], "changed"), (ids[2], "removed")}
        assert changes[ids[0], "moved"].metres == pytest.approx(50, rel=1e-3)
        assert changes[ids[1], "changed"].columns == ("name",)
        assert [item.code for item in area.check() if item.code == "changed-outside"] == ["changed-outside"]
        with pytest.raises(StoreError, match="GM306"):
            area.edit("landmark", ids[0], status="x")
        before = area.store.revision()
        assert len(area.accept()) == 3
        assert area.outside_changes() == ()
        area.edit("landmark", ids[0], status="x")
        assert area.store.revision() != before


def test_a_product_shows_inline_and_saves_the_same_bytes(area, tmp_path):
    page = area.assign().map(audience="planner")
    assert page.save(tmp_path / "a.html").read_bytes() == page.data
    assert "<iframe srcdoc=" in page._repr_html_()
    assert area.assign().map(audience="planner").data == page.data


def test_results_that_are_not_those_of_the_data_are_not_exported(stored):
    def homes():
        page = stored.export("assignments", audience="custodian", format="csv")
        return page.data.decode("utf-8"), page.notes

    home = stored.table("household")["id"].iloc[0]
    assert home in homes()[0], "before they are stored at all"
    stored.assign().save()
    kept, said = homes()
    assert said == ()
    stored.edit("household", home, geometry=shapely.Point(0, 0))
    made, said = homes()
    assert made != kept
    assert "changed since" in said[0]
    stored.assign().save()
    assert homes() == (made, ())


def test_a_product_that_is_no_page_is_named_and_not_shown(area):
    table = area.export("household", audience="custodian", format="csv")
    name = area.table("household")["name"].dropna().iloc[0]
    assert name in table.data.decode("utf-8")
    assert table._repr_html_() is None
    assert name not in repr(table)
    assert "custodian" in repr(table)


def test_a_notebook_shows_nothing_that_the_guard_would_not_leave(area):
    page = area.assign().map(audience="planner")
    secret = area.table("household")["name"].dropna().iloc[0]
    leaky = dataclasses.replace(page, data=page.data + f"<!-- {secret} -->".encode())
    with pytest.raises(PublishError) as caught:
        leaky._repr_html_()
    assert caught.value.code == "GM602"
    assert secret not in str(caught.value)


def test_planner_products_hold_no_private_value(area):
    homes = area.table("household")
    private = [value for column in ("name", "contact") for value in homes[column].dropna()]
    assert private
    for page in (area.assign().map(audience="planner"), area.assign().summary(audience="planner")):
        text = page.data.decode("utf-8")
        assert not [value for value in private if value in text]


def test_memory_area_answers_like_the_stored_one(stored):
    there = stored.assign()
    here = gm.memory(stored.frames(), spec=stored.spec).assign()
    pd.testing.assert_frame_equal(there.assignments, here.assignments)
    assert there.figures == here.figures


def test_shuffled_rows_change_nothing(area):
    rng = np.random.default_rng(0)
    shuffled = {kind: frame.iloc[rng.permutation(len(frame))] for kind, frame in area.frames().items()}
    there, here = (gm.memory(tables, spec=area.spec).assign() for tables in (area.frames(), shuffled))
    pd.testing.assert_frame_equal(there.assignments, here.assignments)
    assert there.map(audience="planner").data == here.map(audience="planner").data


def test_checking_a_frame_that_is_not_stored(area):
    homes = area.table("household").head(3)
    bad = pd.concat([homes, homes.head(1)]).assign(persons=[1, 2, -1, 1])
    codes = gm.check(bad, kind="household").codes()
    assert any("duplicate" in code for code in codes)
    assert sum(codes.values()) >= 2
    with pytest.raises(ConfigError, match="GM105"):
        gm.check(homes, kind="home")


def test_stored_plan_is_used_only_for_its_own_input(stored):
    assert stored.plan().notes == ()
    stored.assign().save()
    assert stored.plan().notes == ()
    stored.edit("household", stored.table("household")["id"].iloc[0], persons=19)
    stale = stored.plan()
    assert stale.notes
    places = gpd.GeoDataFrame(geometry=gpd.points_from_xy([110.0], [42.5]), crs=4326)
    assert "changed since the plan was stored" in stale.who(places)["notes"].iloc[0]
    assert any("changed since" in note for note in stale.who(110.0, 42.5).notes)


def test_a_locked_store_is_said_within_the_set_time(stored):
    other = sqlite3.connect(stored.folder / "border.gpkg", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreError) as caught:
            stored.edit("household", stored.table("household")["id"].iloc[0], persons=2)
        assert caught.value.code == "GM301"
    finally:
        other.execute("ROLLBACK")
        other.close()
