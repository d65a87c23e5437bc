"""`gridmap check --deep`: every changed value is found, wherever in the file it is."""

import random
import sqlite3

import pytest
import store_sample

from gridmap.errors import StoreError
from gridmap.store import open_store, sql
from gridmap.store.verify import CODES

TAMPER = {
    "UPDATE household SET persons = 11 WHERE id = 'H00001'": ("store-value", "household", "H00001"),
    "UPDATE household SET id = 'HX' WHERE id = 'H00001'": ("store-row", "household", "HX"),
    "DELETE FROM household WHERE id = 'H00001'": ("store-row", "household", "H00001"),
    "INSERT INTO unit (id) VALUES ('U9')": ("store-row", "unit", "U9"),
    "UPDATE gridmap_row SET record = x'7b7d00' WHERE id = 'H00001'": (
        "store-value", "household", "H00001"
    ),
    "UPDATE gridmap_row SET hash = zeroblob(32) WHERE id = 'U1'": ("store-value", "unit", "U1"),
    "DELETE FROM gridmap_row WHERE id = 'U1'": ("store-row", "unit", "U1"),
    "INSERT INTO gridmap_row VALUES ('ghost', 'a', x'00', x'00')": ("store-row", "ghost", None),
    "UPDATE gridmap_meta SET value = 'x' WHERE key = 'action'": ("store-damaged", "gridmap_meta", None),
    "UPDATE rtree_household_geom SET minx = minx - 5 WHERE id = 3": ("store-index", "household", "H00002"),
    "DELETE FROM rtree_household_geom WHERE id = 3": ("store-index", "household", "H00002"),
    "INSERT INTO rtree_household_geom VALUES (999, 0, 1, 0, 1)": ("store-index", "household", None),
    "UPDATE sections SET to_m = 4": ("store-value", "sections", None),
    "UPDATE sections SET id = 'S2'": ("store-value", "sections", None),
    "UPDATE findings SET id = 'H00002' WHERE fid = 2": ("store-value", "findings", None),
    "DROP TABLE assignments": ("store-row", "assignments", None),
    "DROP TRIGGER rtree_household_geom_delete": ("store-layout", "household", None),
    "UPDATE gpkg_contents SET description = 'x' WHERE table_name = 'unit'": (
        "store-description", "gpkg_contents", None
    ),
    "UPDATE gpkg_spatial_ref_sys SET definition = 'x' WHERE srs_id = 4508": (
        "store-description", "gpkg_spatial_ref_sys", None
    ),
    "UPDATE layer_styles SET styleQML = '' WHERE f_table_name = 'border'": (
        "store-description", "layer_styles", None
    ),
    "PRAGMA user_version = 10200": ("store-damaged", "store", None),
}  # fmt: skip


@pytest.fixture
def full(stored):
    stored.write_results(store_sample.results(), input_revision="a", meta={"version": "1"})
    return stored


@pytest.mark.parametrize("statement", TAMPER)
def test_what_was_tampered_with_is_named(full, path, statement):
    connection = sqlite3.connect(path, isolation_level=None)
    sql._functions(connection)
    connection.execute(statement)
    connection.close()
    found = full.verify(deep=True)
    assert TAMPER[statement] in {(item.code, item.table, item.id) for item in found}
    assert {item.code for item in found} <= set(CODES)


def test_columns_are_named_and_values_are_not(full, path):
    connection = sqlite3.connect(path, isolation_level=None)
    sql._functions(connection)
    connection.execute("UPDATE household SET name = 'secret', persons = 3 WHERE id = 'H00001'")
    connection.close()
    (item,) = full.verify(deep=True).items
    assert "name" in item.message
    assert "secret" not in repr(item)
    assert "户主1" not in repr(item)


def test_damage_is_an_error_and_a_change_by_another_program_a_warning(full, path):
    data = bytearray(path.read_bytes())
    spot = data.index("户主7".encode())
    data[spot] ^= 1
    path.write_bytes(data)
    assert {item.level for item in full.verify(deep=True)} == {"error"}
    data[spot] ^= 1
    path.write_bytes(data)
    assert full.verify(deep=True).items == ()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DELETE FROM unit WHERE id = 'U1'")
    connection.close()
    assert {item.level for item in full.verify(deep=True)} == {"warning"}


def everything(path):
    """Every value another program could read, or None where the file does not open."""
    connection = sqlite3.connect(path)
    try:
        names = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        shadows = ("_node", "_parent", "_rowid")
        return names, {
            name: connection.execute(f'SELECT * FROM "{name}"').fetchall()
            for name, text in names
            if text
            and text.startswith(("CREATE TABLE", "CREATE VIRTUAL"))
            and not name.endswith(shadows)
            # The way back is judged when it is taken: it must lead to the revision before (GM307).
            and name != "gridmap_undo"
        }
    except (sqlite3.Error, UnicodeDecodeError):
        return None
    finally:
        connection.close()


def flip(full, path, count, seed):
    """Flip bits one at a time; return how many changed something, and how many of those were missed."""
    whole, known = path.read_bytes(), everything(path)
    rng = random.Random(seed)  # noqa: S311 - a test's choice of bits
    changed, missed = 0, []
    for _ in range(count):
        bit = rng.randrange(len(whole) * 8)
        data = bytearray(whole)
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        if everything(path) == known:
            continue
        changed += 1
        try:
            found = open_store(path, full.spec).verify(deep=True)
        except StoreError:
            continue
        if not found.items:
            missed.append(bit)
    path.write_bytes(whole)
    return changed, missed


@pytest.fixture
def dense(full):
    """A store whose pages are full, so that most bits mean something."""
    full.replace({"household": store_sample.homes(600)}, action="x")
    return full


def test_single_bit_flips_are_found(dense, path):
    changed, missed = flip(dense, path, 60, seed=1)
    assert changed > 10
    assert missed == []


@pytest.mark.stress
def test_four_hundred_single_bit_flips_are_found(dense, path):
    changed, missed = flip(dense, path, 400, seed=2)
    assert changed > 100
    assert missed == []
