"""The file: a GeoPackage that other programs read, replaced whole or changed in one transaction."""

import sqlite3
import xml.etree.ElementTree as ET

import geopandas as gpd
import numpy as np
import pytest
import shapely
import store_sample
from gpkg_validator import assert_valid

from gridmap.config import parse_spec, template_text
from gridmap.errors import ConfigError, StoreError, StoreLocked, StructureError
from gridmap.store import create_store, open_store, rtree, transaction
from gridmap.store import sql as store_sql
from gridmap.store.ddl import EPOCH


def sql(path, statement, *values):
    connection = sqlite3.connect(path)
    try:
        found = connection.execute(statement, values).fetchall()
        connection.commit()
    finally:
        connection.close()
    return found


def test_the_file_passes_the_geopackage_validator(stored, path):
    stored.write_results(store_sample.results(), input_revision="a", meta={})
    stored.edit("household", "H00001", {"persons": 3})
    assert_valid(path)


def test_the_file_says_what_it_is(stored, path):
    assert sql(path, "PRAGMA application_id") == [(0x47504B47,)]
    assert sql(path, "PRAGMA user_version") == [(10300,)]
    assert sql(path, "PRAGMA journal_mode") == [("delete",)]
    contents = {row[0]: row[1:] for row in sql(path, "SELECT * FROM gpkg_contents")}
    assert contents["household"][1] == "牧户 Households (household)"
    assert contents["unit"][0] == "attributes"
    assert {row[3] for row in contents.values()} == {EPOCH}
    titles = dict(sql(path, "SELECT column_name, title FROM gpkg_data_columns WHERE table_name='household'"))
    assert titles["persons"] == "人口 Persons"
    assert stored.read("household").crs.to_epsg() == 4508


def test_gdal_reads_a_snapshot_and_never_the_live_file(stored, tmp_path):
    copy = stored.snapshot(tmp_path / "copy.gpkg")
    homes = gpd.read_file(copy, layer="household")
    assert len(homes) == 40
    assert homes.crs.to_epsg() == 4508
    assert homes.geometry.geom_equals(stored.read("household").geometry).all()


def test_every_spatial_table_opens_with_a_style_of_its_layer(stored, path):
    stored.write_results(store_sample.results(), input_revision="a", meta={})
    styles = dict(sql(path, "SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault = 1"))
    spatial = {row[0] for row in sql(path, "SELECT table_name FROM gpkg_geometry_columns")}
    assert set(styles) == spatial
    for text in styles.values():
        assert ET.fromstring(text.split("\n", 1)[1]).find("renderer-v2") is not None  # noqa: S314 - ours
    assert "213,94,0" in styles["border"]
    assert "0,158,115" in styles["patrol_zone"]
    assert "0,114,178" in styles["household"]
    sql(path, "UPDATE layer_styles SET styleQML = 'mine' WHERE f_table_name = 'household'")
    stored.replace({"household": store_sample.homes(3)}, action="x")
    assert sql(path, "SELECT styleQML FROM layer_styles WHERE f_table_name = 'household'") == [("mine",)]


def test_the_same_actions_make_the_same_bytes(tmp_path, spec):
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        file = tmp_path / name / "border.gpkg"
        store = create_store(file, spec, store_sample.area(300))
        store.upsert("household", store_sample.homes(10, seed=5), action="import")
        store.edit("household", "H00004", {"persons": 2})
        store.write_results(store_sample.results(), input_revision="a", meta={})
        made.append(file.read_bytes())
    assert made[0] == made[1]


def test_nothing_is_left_beside_the_file(stored, path):
    stored.edit("household", "H00004", {"persons": 2})
    stored.snapshot(path.with_name("copy.gpkg"))
    assert sorted(item.name for item in path.parent.iterdir()) == ["border.gpkg", "copy.gpkg"]


def test_removed_values_do_not_linger_in_the_file(stored, path):
    assert "户主39".encode() in path.read_bytes()
    stored.edit("household", "H00039", {"name": None})
    # What can be taken back is still there, until that is given up.
    stored.forget()
    assert "户主39".encode() not in path.read_bytes()


@pytest.mark.parametrize("count", [0, 1, 51, 52, 2000])
def test_the_packed_spatial_index_is_sqlites_own(path, spec, count):
    create_store(path, spec, {"household": store_sample.homes(count)})
    assert sql(path, "SELECT rtreecheck('rtree_household_geom')") == [("ok",)]
    entries = np.array(sql(path, "SELECT * FROM rtree_household_geom ORDER BY id")).reshape(-1, 5)
    bounds = store_sample.homes(count).geometry.bounds.to_numpy().reshape(-1, 4)
    sql(path, "CREATE VIRTUAL TABLE other USING rtree(id, a, b, c, d)")
    for fid, (low_x, low_y, high_x, high_y) in enumerate(bounds.tolist(), start=1):
        if count > 100 and fid > 100:
            break
        sql(path, "INSERT INTO other VALUES (?, ?, ?, ?, ?)", fid, low_x, high_x, low_y, high_y)
    theirs = np.array(sql(path, "SELECT * FROM other ORDER BY id")).reshape(-1, 5)
    assert (entries[: len(theirs)] == theirs).all()


def test_boxes_never_shrink_in_single_precision():
    rng = np.random.default_rng(5)
    bounds = np.sort(rng.normal(scale=1e7, size=(5000, 2, 2)), axis=1).reshape(-1, 4)
    box = rtree.boxes(bounds).astype(float)
    assert (box[:, 0] <= bounds[:, 0]).all()
    assert (box[:, 2] <= bounds[:, 1]).all()
    assert (box[:, 1] >= bounds[:, 2]).all()
    assert (box[:, 3] >= bounds[:, 3]).all()


def test_faulty_shapes_are_held_for_the_checks(path, spec):
    shapes = [
        shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]),
        shapely.Point(5, 5),
        shapely.LineString([(0, 0), (np.inf, 1)]),
        shapely.GeometryCollection([shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)])]),
        shapely.Point(),
        shapely.MultiPolygon(),
        None,
        shapely.Point(np.nan, 4),
    ]
    frame = gpd.GeoDataFrame({"id": list("abcdefgh")}, geometry=shapes, crs=spec.crs)
    store = create_store(path, spec, {"patrol_zone": frame})
    found = store.read("patrol_zone").geometry.to_numpy()
    assert list(shapely.to_wkb(found)) == list(shapely.to_wkb(np.array(shapes, dtype=object)))
    assert store.verify(deep=True).items == ()
    for row in "abcdefgh":
        store.edit("patrol_zone", row, {"name": "seen"})
    assert store.verify(deep=True).items == ()


def test_hostile_text_comes_back_as_it_was(path, spec):
    text = "{{7*7}}'\";DROP TABLE household;--<script>\\`${x}\u2028\u202e"
    frame = store_sample.homes(1).assign(name=text, id=text)
    store = create_store(path, spec, {"household": frame})
    store.edit("household", text, {"contact": text})
    row = store.read("household", ids=[text]).iloc[0]
    assert row["id"] == row["name"] == row["contact"] == text
    assert store.verify(deep=True).items == ()


def spec_with(extra):
    text = template_text(name_en="a", name_zh="b", crs="EPSG:4508", synthetic=False, source="")
    return parse_spec(
        text.replace("[kinds.household.columns]", f"[kinds.household.columns]\n{extra}"), where="x"
    )


def test_a_column_new_in_the_settings_is_added_without_a_new_revision(stored, path):
    before = stored.revision()
    wider = open_store(path, spec_with('wells = { type = "integer" }'))
    assert wider.read("household")["wells"].isna().all()
    assert wider.revision() == before
    wider.edit("household", "H00001", {"wells": 2})
    assert wider.read("household", ids=["H00001"])["wells"].iloc[0] == 2
    assert wider.verify(deep=True).items == ()


@pytest.mark.usefixtures("stored")
def test_values_of_a_column_gone_from_the_settings_are_not_dropped(path, spec):
    wider = open_store(path, spec_with('wells = { type = "integer" }'))
    wider.edit("household", "H00001", {"wells": 2})
    before = path.read_bytes()
    narrow = open_store(path, spec)
    assert "wells" not in narrow.read("household").columns
    for write in (
        lambda: narrow.edit("household", "H00001", {"persons": 1}),
        lambda: narrow.replace({"household": store_sample.homes(2)}, action="x"),
    ):
        with pytest.raises(StructureError, match="wells"):
            write()
    assert path.read_bytes() == before


@pytest.mark.usefixtures("stored")
def test_settings_in_another_crs_are_refused(path):
    text = template_text(name_en="a", name_zh="b", crs="EPSG:4547", synthetic=False, source="")
    with pytest.raises(ConfigError) as caught:
        open_store(path, parse_spec(text, where="x"))
    assert caught.value.code == "GM103"


def test_creating_over_a_store_replaces_it_whole(stored, path, spec):
    again = create_store(path, spec, {"unit": store_sample.units()})
    assert again.tables()["household"] == 0
    assert stored.tables()["household"] == 0


def test_a_stale_journal_is_not_played_into_a_new_file(path, spec):
    path.with_name("border.gpkg-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\x01" * 4000)
    store = create_store(path, spec, store_sample.area())
    assert store.verify(deep=True).items == ()


@pytest.mark.usefixtures("stored")
def test_a_locked_store_is_not_replaced_nor_written(path, spec):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    before = path.read_bytes()
    impatient = open_store(path, spec, lock_timeout_s=0.1)
    for write in (
        lambda: impatient.edit("household", "H00001", {"persons": 1}),
        lambda: impatient.write_results(store_sample.results(), input_revision="a", meta={}),
        impatient.accept,
    ):
        with pytest.raises(StoreLocked) as caught:
            write()
        assert caught.value.code == "GM301"
    assert len(impatient.read("household")) == 40
    other.execute("ROLLBACK")
    other.close()
    assert path.read_bytes() == before


def test_a_reader_that_does_not_let_go_makes_a_writer_give_up_whole(stored, path, spec):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM household").fetchone()
    before = stored.content()
    with pytest.raises(StoreLocked):
        open_store(path, spec, lock_timeout_s=0.1).edit("household", "H00001", {"persons": 1})
    other.close()
    assert stored.content() == before
    stored.edit("household", "H00001", {"persons": 1})


def test_a_wal_left_by_qgis_is_read_and_then_brought_home(stored, path):
    qgis = sqlite3.connect(path, isolation_level=None)
    store_sql._functions(qgis)
    qgis.execute("PRAGMA journal_mode=WAL")
    qgis.execute("PRAGMA wal_autocheckpoint=0")
    qgis.execute("UPDATE household SET persons = 44 WHERE id = 'H00001'")
    copy = path.with_name("left.gpkg")
    copy.write_bytes(path.read_bytes())
    copy.with_name("left.gpkg-wal").write_bytes(path.with_name("border.gpkg-wal").read_bytes())
    left = open_store(copy, stored.spec, lock_timeout_s=0.2)
    assert left.read("household", ids=["H00001"])["persons"].iloc[0] == 44
    assert [change.columns for change in left.outside_changes()] == [("persons",)]
    left.accept()
    assert sql(copy, "PRAGMA journal_mode") == [("delete",)]
    assert left.read("household", ids=["H00001"])["persons"].iloc[0] == 44
    live = open_store(path, stored.spec, lock_timeout_s=0.2)
    assert live.read("household", ids=["H00001"])["persons"].iloc[0] == 44
    with pytest.raises(StoreLocked):
        live.accept()
    qgis.close()
    assert len(live.accept()) == 1


def test_a_structure_check_that_fails_leaves_the_previous_file(stored, path, monkeypatch):
    before = path.read_bytes()
    monkeypatch.setattr(transaction.Transaction, "_faults", lambda *_: iter(["rows are missing"]))
    with pytest.raises(StoreError) as caught:
        stored.replace({"household": store_sample.homes(2000)}, action="x")
    assert caught.value.code == "GM307"
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert stored.verify(deep=True).items == ()


def tamper(stored, statement):
    with transaction.action(stored._context, "test") as doing:
        doing.connection.execute(statement)
        doing.touched.add("household")


def test_the_structure_check_sees_lost_rows_and_index_entries(stored):
    for statement in (
        "DELETE FROM household WHERE id = 'H00003'",
        "DELETE FROM rtree_household_geom WHERE id = 2",
        "DELETE FROM gridmap_row WHERE kind = 'household' AND id = 'H00003'",
        "DELETE FROM gpkg_geometry_columns WHERE table_name = 'household'",
    ):
        before = stored.content()
        with pytest.raises(StoreError, match="hold together"):
            tamper(stored, statement)
        assert stored.content() == before


@pytest.mark.parametrize("content", [b"", b"not a database at all, only text " * 99, None])
def test_what_is_not_a_store_is_said(path, spec, content):
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        open_store(path, spec)
    assert caught.value.code in {"GM302", "GM307"}
    assert str(path) in str(caught.value)
    if content is not None:
        assert path.read_bytes() == content


def test_a_closed_store_says_so(stored):
    with stored:
        pass
    with pytest.raises(StoreError, match="closed"):
        stored.read("household")


def test_a_path_with_any_character_is_that_path(tmp_path, spec):
    folder = tmp_path / "达茂 a%20b#c?d=e&mode=memory"
    folder.mkdir()
    store = create_store(folder / "边境 border.gpkg", spec, store_sample.area())
    store.edit("household", "H00001", {"persons": 1})
    assert [item.name for item in folder.iterdir()] == ["边境 border.gpkg"]
    assert [item.name for item in tmp_path.iterdir()] == [folder.name]


def test_reading_goes_on_in_other_threads(stored):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: len(stored.read("household")), range(20)))
    assert counts == [40] * 20
