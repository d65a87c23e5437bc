"""Assignments in the store: whole numbers underneath, the same words above, and no cell unguarded."""

import contextlib
import sqlite3
from dataclasses import replace

import assigned_sample
import numpy as np
import pandas as pd
import pyogrio
import pytest
import store_sample
from gpkg_validator import assert_valid
from test_store_verify import flip

from gridmap.claims import Block, Targets, gather
from gridmap.errors import ConfigError, StoreError
from gridmap.store import MemoryStore, create_store, open_store, sql, transaction, verify
from gridmap.store.meta import Meta
from gridmap.store.migrations import MIGRATIONS


def put(store, made=None, *, number=1):
    frames = store_sample.results(number)
    if made is not None:
        del frames["assignments"]
    store.write_results(frames, assigned=made, input_revision="abc", meta={"version": "1"})


def run(path, *statements):
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        return [connection.execute(statement).fetchall() for statement in statements][-1]
    finally:
        connection.close()


@pytest.fixture
def made():
    return assigned_sample.assigned()


@pytest.fixture
def full(stored, made):
    put(stored, made)
    return stored


def test_what_was_written_is_read(any_store, made):
    put(any_store, made)
    pd.testing.assert_frame_equal(any_store.read("assignments"), assigned_sample.words())
    some = any_store.read("assignments", columns=["reason", "feature"])
    pd.testing.assert_frame_equal(some, assigned_sample.words()[["feature", "reason"]])
    assert any_store.tables()["assignments"] == len(made)
    assert any_store.assigned().digest() == made.digest()
    assert any_store.verify(deep=True).items == ()
    assert any_store.verify(deep=False).items == ()
    with pytest.raises(ConfigError, match="GM105"):
        any_store.read("assignments", columns=["wages"])
    with pytest.raises(ConfigError, match="GM105"):
        any_store.read("assignments", ids=["H01"])


def test_both_stores_have_one_hash_of_the_content(full, made, spec):
    memory = MemoryStore(spec, store_sample.area())
    put(memory, made)
    assert memory.content() == full.content()
    assert memory.tables() == full.tables()
    put(memory)
    assert memory.content() != full.content()
    assert memory.assigned() is None


def test_the_view_says_the_same_with_the_columns_of_before(full, path):
    connection = sqlite3.connect(path)
    view = pd.read_sql("SELECT * FROM assignments", connection)
    connection.close()
    assert view.columns.tolist() == [
        "fid", "kind", "feature", "layer", "target", "unit", "role", "metres", "rule", "reason"
    ]  # fmt: skip
    assert view["fid"].tolist() == list(range(1, len(view) + 1))
    frame = full.read("assignments")
    pd.testing.assert_frame_equal(view.drop(columns="fid").astype(frame.dtypes.to_dict()), frame)


def test_gdal_sees_an_attribute_table_with_types(full, tmp_path):
    copy = full.snapshot(tmp_path / "copy.gpkg")
    info = pyogrio.read_info(copy, layer="assignments")
    assert info["fid_column"] == "fid"
    assert dict(zip(info["fields"], info["ogr_types"], strict=True)) == {
        **dict.fromkeys(info["fields"], "OFTString"), "metres": "OFTReal"
    }  # fmt: skip
    found = pyogrio.read_dataframe(copy, layer="assignments")
    frame = full.read("assignments")
    pd.testing.assert_frame_equal(found.astype(frame.dtypes.to_dict()), frame)
    assert not {name for name, _ in pyogrio.list_layers(copy)} & {
        "gridmap_assigned", "gridmap_assigned_code", "gridmap_assigned_target"
    }  # fmt: skip


@pytest.mark.usefixtures("full")
def test_the_file_with_a_view_passes_the_geopackage_validator(path):
    assert_valid(path)


def test_order_and_numbers_of_rows_do_not_count(full, path):
    before, frame = full.assigned().digest(), full.read("assignments")
    run(
        path,
        "UPDATE gridmap_assigned SET fid = 1000 - fid, code = 50 - code, target = 90 - target",
        "UPDATE gridmap_assigned_code SET code = 50 - code",
        "UPDATE gridmap_assigned_target SET target = 90 - target",
    )
    pd.testing.assert_frame_equal(full.read("assignments"), frame)
    assert full.assigned().digest() == before


def cells(path):
    """Every cell of the tables under the view: how to change it, one at a time."""
    connection = sqlite3.connect(path)
    for table in ("gridmap_assigned", "gridmap_assigned_code", "gridmap_assigned_target"):
        names = [(name, kind) for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})")]
        listed = ", ".join(name for name, _ in names)
        rows = connection.execute(f"SELECT rowid, {listed} FROM {table}").fetchall()
        for row, *values in rows:
            for (name, kind), value in zip(names, values, strict=True):
                others = [987, 1, "x"] if kind == "INTEGER" else ["x", f"{value}x"]
                for other in others:
                    if other != value:
                        yield table, row, name, other
    connection.close()


def test_every_changed_cell_is_found(path, spec, made):
    bare = create_store(path, spec)
    bare.write_results({}, assigned=made, input_revision="abc", meta={})
    tried, missed = 0, []
    for number, (table, row, name, other) in enumerate(list(cells(path))):
        if number % 7 and table == "gridmap_assigned":
            continue
        connection = sqlite3.connect(path)
        with contextlib.closing(connection), contextlib.suppress(sqlite3.IntegrityError):
            # Refused by SQLite itself: a number that is taken, or none.
            connection.execute(f'UPDATE {table} SET "{name}" = ? WHERE rowid = ?', (other, row))
            context = transaction.Context(sql.Target(path), spec)
            look = verify._Look(connection, context, Meta.load(connection), ours=True)
            tried += 1
            if not list(verify._careful(verify._results, look)):
                missed.append((table, row, name, other))
    assert missed == []
    assert tried > 100


ROW = "(SELECT * FROM gridmap_assigned LIMIT 1)"
CODE = "(SELECT * FROM gridmap_assigned_code LIMIT 1)"
TAMPER = {
    "DELETE FROM gridmap_assigned WHERE fid = 3": "store-row",
    f"INSERT INTO gridmap_assigned SELECT 99, code, feature, target, mm FROM {ROW}": "store-row",
    "UPDATE gridmap_assigned SET mm = NULL WHERE fid = 1": "store-value",
    "UPDATE gridmap_assigned SET mm = -1 WHERE mm IS NULL": "store-value",
    "UPDATE gridmap_assigned SET mm = 0.5 WHERE fid = 2": "store-value",
    "INSERT INTO gridmap_assigned_target VALUES (77, 'area', 'Z9', NULL)": "store-value",
    f"INSERT INTO gridmap_assigned_code SELECT 77, layer, kind, rule, role, wording, 'x' FROM {CODE}": (
        "store-value"
    ),
    "DROP TABLE gridmap_assigned": "store-value",
    "DROP TABLE gridmap_assigned_code": "store-damaged",
    "DROP VIEW assignments": "store-layout",
    "DELETE FROM gpkg_extensions WHERE table_name = 'gridmap_assigned'": "store-description",
}


@pytest.mark.parametrize("statement", TAMPER)
def test_what_was_tampered_with_is_found_and_named(full, path, statement):
    run(path, statement)
    assert TAMPER[statement] in {item.code for item in full.verify(deep=True)}


def test_a_store_whose_assignments_do_not_hold_together_says_how_to_go_on(full, path):
    run(path, "DELETE FROM gridmap_assigned_target WHERE target = 1")
    with pytest.raises(StoreError, match=r"(?s)GM307.*gridmap assign"):
        full.read("assignments")
    put(full, assigned_sample.assigned())
    assert full.verify(deep=True).items == ()


def test_an_older_store_with_a_table_of_words_is_read_and_then_written_anew(path, spec, made):
    create_store(path, spec, store_sample.area())
    put(open_store(path, spec))
    run(path, "UPDATE gridmap_meta SET value = '2' WHERE key = 'schema'")
    connection = sqlite3.connect(path)
    # As an older gridmap would have sealed it.
    meta = Meta.load(connection)
    meta.save(connection, dict(meta) | {"seal": ""})
    connection.commit()
    connection.close()
    store = open_store(path, spec)
    assert run(path, "SELECT value FROM gridmap_meta WHERE key = 'schema'") == [(str(len(MIGRATIONS) + 1),)]
    assert store.read("assignments")["reason"].tolist() == ["it answers for itself"]
    assert store.assigned() is None
    assert store.verify(deep=True).items == ()
    put(store, made)
    assert len(store.read("assignments")) == len(made)
    assert run(path, "SELECT type FROM sqlite_master WHERE name = 'assignments'") == [("view",)]
    put(store)
    left = run(path, "SELECT name FROM sqlite_master WHERE name LIKE 'gridmap_assigned%'")
    left += run(path, "SELECT table_name FROM gpkg_extensions WHERE table_name LIKE 'gridmap_assigned%'")
    assert left == []
    assert store.assigned() is None
    assert store.verify(deep=True).items == ()


def test_the_same_assignments_are_the_same_bytes(tmp_path, spec, made):
    files = [tmp_path / name for name in ("one.gpkg", "two.gpkg")]
    for path in files:
        put(create_store(path, spec, store_sample.area()), made)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_gdals_own_count_of_rows_is_kept(full, path, made):
    run(
        path,
        "CREATE TABLE gpkg_ogr_contents (table_name TEXT NOT NULL PRIMARY KEY, feature_count INTEGER)",
        "INSERT INTO gpkg_ogr_contents VALUES ('assignments', 1)",
    )
    put(full, made)
    assert run(path, "SELECT feature_count FROM gpkg_ogr_contents") == [(len(made),)]


def test_a_fault_while_writing_leaves_what_was_there(full, path, made, monkeypatch):
    before, whole = full.content(), path.read_bytes()
    monkeypatch.setattr("gridmap.store.assigned.put_lookups", None)
    with pytest.raises(TypeError):
        put(full, made)
    assert full.content() == before
    assert path.read_bytes() == whole


def test_single_bit_flips_in_the_columns_are_found(path, spec):
    bare = create_store(path, spec)
    homes = np.array([f"H{number:05d}" for number in range(3_000)], dtype=object)
    target = Targets(np.array(["H00000", "H00001"], dtype=object), np.array([None, "U1"], dtype=object))
    block = Block("point", "household", *np.arange(12_000).reshape(4, -1))
    block = replace(block, feature=np.arange(3_000), target=np.arange(3_000) % 2, code=np.zeros(3_000, int))
    many = gather([block], [assigned_sample.CODES[4]], ids={"household": homes}, targets={"point": target})
    bare.write_results({}, assigned=many, input_revision="abc", meta={})
    changed, missed = flip(bare, path, 150, seed=11)
    assert changed > 20
    assert missed == []
