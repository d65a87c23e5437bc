"""Edits by other programs: found, listed, not written over, accepted as a revision."""

import sqlite3

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
import store_sample

from gridmap.errors import StoreError, StructureError
from gridmap.store import blob, outside, sql, transaction


@pytest.fixture
def qgis(stored, path):  # noqa: ARG001 - the file must be there
    """Another program at the file, with the functions that the R-tree triggers call."""
    connection = sqlite3.connect(path, isolation_level=None)
    sql._functions(connection)
    yield connection
    connection.close()


def shape(geometry, srs=4508):
    return blob.encode(pd.Series([geometry], dtype=object).to_numpy(), srs).blobs[0]


def test_added_removed_moved_and_changed_are_listed_without_values(stored, qgis):
    home = stored.read("household", ids=["H00002"]).geometry.iloc[0]
    qgis.execute("UPDATE household SET persons = 50, name = 'secret' WHERE id = 'H00001'")
    moved = shapely.Point(home.x + 30, home.y + 40)
    qgis.execute("UPDATE household SET geom = ? WHERE id = 'H00002'", (shape(moved),))
    qgis.execute("DELETE FROM household WHERE id = 'H00003'")
    qgis.execute("INSERT INTO household (id, persons) VALUES ('NEW', 3)")
    zone = shapely.box(store_sample.X0, store_sample.Y0, store_sample.X0 + 1100, store_sample.Y0 + 1000)
    qgis.execute("UPDATE patrol_zone SET geom = ? WHERE id = 'Z1'", (shape(zone),))
    found = stored.outside_changes()
    listed = [(change.table, change.id, change.what, change.columns) for change in found]
    assert listed == [
        ("household", "H00001", "changed", ("name", "persons")),
        ("household", "H00002", "moved", ()),
        ("household", "H00003", "removed", ()),
        ("household", "NEW", "added", ()),
        ("patrol_zone", "Z1", "moved", ()),
    ]
    assert found[1].metres == pytest.approx(50, rel=1e-2)
    assert found[4].metres == pytest.approx(100)
    assert "secret" not in repr(found)


def test_nothing_is_written_over_changes_that_nobody_looked_at(stored, qgis):
    qgis.execute("UPDATE household SET persons = 50 WHERE id = 'H00001'")
    before = stored.content()
    for write in (
        lambda: stored.edit("household", "H00001", {"persons": 1}),
        lambda: stored.upsert("unit", store_sample.units(), action="x"),
        lambda: stored.replace({"unit": store_sample.units()}, action="x"),
        lambda: stored.remove("unit", ["U1"]),
        lambda: stored.write_results(store_sample.results(), input_revision="a", meta={}),
    ):
        with pytest.raises(StoreError, match="gridmap accept") as caught:
            write()
        assert caught.value.code == "GM306"
    assert stored.content() == before
    assert stored.read("household", ids=["H00001"])["persons"].iloc[0] == 50


def test_accepting_makes_a_revision_and_writing_goes_on(stored, qgis):
    before = stored.revision()
    qgis.execute("UPDATE household SET persons = 50 WHERE id = 'H00001'")
    assert stored.revision() == before
    assert len(stored.accept()) == 1
    assert stored.revision() != before
    assert stored.outside_changes() == ()
    assert stored.verify(deep=True).items == ()
    stored.edit("household", "H00001", {"persons": int(store_sample.homes(40)["persons"].iloc[1])})
    assert stored.revision() == before


def test_a_look_without_a_change_is_no_change(stored, qgis):
    qgis.execute("PRAGMA journal_mode=WAL")
    qgis.execute("CREATE TABLE qgis_projects (name TEXT)")
    qgis.execute("VACUUM")
    qgis.close()
    assert stored.outside_changes() == ()
    stored.edit("household", "H00001", {"persons": 1})
    assert stored.verify(deep=True).items == ()


def test_the_same_shape_in_another_encoding_is_no_change(stored, qgis):
    zone = stored.read("patrol_zone").geometry.iloc[0]
    other = b"GP\x00\x00" + (4508).to_bytes(4, "big") + shapely.to_wkb(zone, byte_order=0)
    qgis.execute("UPDATE patrol_zone SET geom = ? WHERE id = 'Z1'", (other,))
    assert stored.outside_changes() == ()
    stored.edit("unit", "U1", {"name": "丙"})


def test_a_layer_dropped_and_made_anew_by_gdal_is_compared_by_rows(stored, path):
    homes = stored.read("household")
    homes.loc[homes["id"] == "H00005", "persons"] = 33
    # What gdf.to_file does to a live store; gridmap itself never does.
    pyogrio.write_dataframe(homes, path, layer="household", driver="GPKG", append=False)
    found = stored.outside_changes()
    assert {change.table for change in found} == {"household"}
    assert [(change.id, change.columns) for change in found if change.what == "changed"][:1] == [
        ("H00005", ("persons",))
    ]
    stored.accept()
    assert stored.read("household", ids=["H00005"])["persons"].iloc[0] == 33
    assert stored.verify(deep=True).items == ()


def test_a_dropped_layer_is_all_rows_removed(stored, qgis):
    qgis.execute("DROP TABLE patrol_zone")
    assert [change.what for change in stored.outside_changes()] == ["removed"] * 3
    assert len(stored.read("patrol_zone")) == 0
    assert stored.tables()["patrol_zone"] == 0
    stored.accept()
    assert stored.tables()["patrol_zone"] == 0
    assert stored.verify(deep=True).items == ()


def test_a_column_added_outside_is_listed_and_refused_with_a_fix(stored, qgis):
    qgis.execute("ALTER TABLE household ADD COLUMN wells INTEGER")
    assert stored.outside_changes() == ()
    qgis.execute("UPDATE household SET wells = 2 WHERE id = 'H00001'")
    assert [change.columns for change in stored.outside_changes()] == [("wells",)]
    before = stored.content()
    with pytest.raises(StructureError, match=r"declare them in gridmap\.toml"):
        stored.accept()
    assert stored.content() == before


def test_a_value_of_another_type_left_outside_is_named_not_shown(stored, qgis):
    qgis.execute("UPDATE household SET persons = 'secret' WHERE id = 'H00001'")
    assert [change.columns for change in stored.outside_changes()] == [("persons",)]
    for act in (lambda: stored.read("household"), stored.accept):
        with pytest.raises(StructureError, match="persons is not a whole number") as caught:
            act()
        assert "H00001" in str(caught.value)
        assert "secret" not in str(caught.value)


def test_a_shape_that_cannot_be_read_is_named(stored, qgis):
    qgis.execute("DROP TRIGGER rtree_household_geom_update1")
    qgis.execute("DROP TRIGGER rtree_household_geom_update2")
    qgis.execute("UPDATE household SET geom = x'47500001FF' WHERE id = 'H00001'")
    assert [change.what for change in stored.outside_changes()] == ["moved"]
    with pytest.raises(StoreError, match="H00001") as caught:
        stored.read("household")
    assert caught.value.code == "GM307"


def test_triggers_lost_outside_are_put_back_at_the_next_write(stored, qgis):
    qgis.execute("DROP TRIGGER rtree_household_geom_update1")
    assert [item.code for item in stored.verify(deep=False)] == ["store-layout"]
    stored.edit("household", "H00001", {"persons": 5})
    assert stored.verify(deep=True).items == ()


def test_a_style_saved_in_qgis_stays_and_is_accepted(stored, qgis):
    qgis.execute("UPDATE layer_styles SET styleQML = 'mine' WHERE f_table_name = 'household'")
    assert [item.code for item in stored.verify(deep=True)] == ["store-description"]
    stored.edit("household", "H00001", {"persons": 5})
    assert [item.code for item in stored.verify(deep=True)] == ["store-description"]
    assert stored.accept() == ()
    assert stored.verify(deep=True).items == ()
    assert qgis.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = 'household'").fetchone() == (
        "mine",
    )


def test_rows_are_compared_only_when_another_program_may_have_written(stored, qgis, monkeypatch):
    def looked(*_):
        raise AssertionError("compared every row")

    monkeypatch.setattr(outside, "changes", looked)
    assert stored.outside_changes() == ()
    stored.edit("household", "H00001", {"persons": 5})
    stored.replace({"household": store_sample.homes(5000)}, action="x")
    stored.edit("household", "H00001", {"persons": 5})
    assert stored.outside_changes() == ()
    qgis.execute("UPDATE household SET persons = 50 WHERE id = 'H00001'")
    with pytest.raises(AssertionError, match="every row"):
        stored.outside_changes()


def test_reading_the_header_drops_no_lock_of_this_process(stored, path):
    with transaction.action(stored._context, "x") as doing:
        doing.connection.execute("UPDATE gridmap_meta SET value = 'y' WHERE key = 'action'")
        assert stored.outside_changes() == ()
        import subprocess
        import sys

        code = (
            "import sqlite3,sys;c=sqlite3.connect(sys.argv[1],timeout=0,isolation_level=None);"
            "c.execute('BEGIN IMMEDIATE')"
        )
        ran = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, check=False)
        assert b"locked" in ran.stderr


def test_gdal_style_counts_follow(stored, path):
    sql_make = "CREATE TABLE gpkg_ogr_contents (table_name TEXT NOT NULL PRIMARY KEY, feature_count INTEGER)"
    connection = sqlite3.connect(path)
    connection.execute(sql_make)
    connection.execute("INSERT INTO gpkg_ogr_contents VALUES ('household', 40)")
    connection.commit()
    connection.close()
    stored.replace({"household": store_sample.homes(7)}, action="x")
    copy = stored.snapshot(path.with_name("copy.gpkg"))
    assert pyogrio.read_info(copy, layer="household")["features"] == 7
    assert len(gpd.read_file(copy, layer="household")) == 7


def test_a_column_declared_otherwise_since_is_refused_however_many_rows_there_are(tmp_path):
    import gridmap as gm

    area = gm.demo(tmp_path / "demo", households=2_500)
    area.close()
    settings = tmp_path / "demo" / "gridmap.toml"
    text = settings.read_text(encoding="utf-8")
    there = 'persons = { type = "integer", required = true, min = 0, max = 60,'
    assert there in text
    settings.write_text(text.replace(there, 'persons = { type = "text",'), encoding="utf-8")
    with pytest.raises(StructureError, match="GM305"):
        gm.open(tmp_path / "demo").table("household")
