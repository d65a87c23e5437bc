"""A large table is read in blocks: what comes out is what a plain SELECT gives, whatever the table holds."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, nullcontext

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal
from store_sample import SPEC, X0, Y0, area, homes

from gridmap.errors import StoreError, StructureError
from gridmap.store import ahead, arrays, asked, blob, blocks, create_store, sql, tables, unpacked

TYPES = {
    "id": "text",
    "name": "text",
    "size": "real",
    "persons": "integer",
    "stronghold": "boolean",
    "day": "date",
}
MANY = 30


@pytest.fixture(params=["arrow", "plain"], autouse=True)
def small_blocks(request, monkeypatch):
    """Blocks of 7 rows that SQLite joins, so that 30 rows have borders between them; with and without Arrow.

    What is cut from the file itself: test_store_unpacked.py.
    """
    monkeypatch.setattr(unpacked, "opened", lambda *_: nullcontext())
    monkeypatch.setattr(asked, "ROWS", 7)
    monkeypatch.setattr(blocks, "LEAST", 3)
    if request.param == "plain":
        monkeypatch.setattr(arrays, "pa", None)


def made(rows, *, declared="TEXT"):
    """A table as another program may leave it: `rows` by key, with one value of every type."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE gpkg_geometry_columns (table_name, column_name)")
    base.execute("INSERT INTO gpkg_geometry_columns VALUES ('t', 'geom')")
    base.execute(
        f"CREATE TABLE t (fid INTEGER PRIMARY KEY, id {declared}, geom, name {declared}, size REAL,"
        " persons INTEGER, stronghold BOOLEAN, day DATE)"
    )
    base.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return base


def row(number, **other):
    shape = shapely.Point(X0 + number, Y0 - number / 3)
    values = {
        "fid": number + 1,
        "id": f"H{number:03d}",
        "geom": blob.encode(np.array([shape]), 4508).blobs[0],
        "name": f"户{number % 4}",
        "size": number / 7,
        "persons": number - 3,
        "stronghold": number % 2,
        "day": f"2026-01-{number % 28 + 1:02d}",
    }
    return tuple((values | other).values())


def both(base, order="id", types=None):
    """Return the table as a plain SELECT gives it, and as blocks give it."""
    found = tables.layout(base, "t")
    wanted = types or TYPES
    plain = tables.fetch(base, found, list(wanted), order=order)
    return plain, blocks.fetch(base, found, wanted, order=order)


def same(base, order="id", types=None):
    plain, fast = both(base, order, types)
    assert fast[2] == plain[2]
    for name, values in plain[0].items():
        assert list(fast[0][name]) == list(values), name
        assert list(map(type, fast[0][name])) == list(map(type, values)), name
    shapes = tables.shapes_of(fast[1], fast[0]["id"], "t")
    assert (shapely.to_wkb(shapes) == shapely.to_wkb(blob.decode(plain[1]))).all()
    return fast


def test_a_plain_table_comes_in_blocks():
    fast = same(made([row(n) for n in range(MANY)]))
    assert isinstance(fast[0]["name"], arrays.Texts)
    assert isinstance(fast[0]["persons"], arrays.Numbers)
    assert [type(part) for part in fast[1].parts] == [np.ndarray] * 5


@pytest.mark.parametrize("count", [0, 1, 3, 4, 6, 7, 8, 14, 15])
def test_every_size_at_the_borders_of_blocks(count):
    same(made([row(n) for n in range(count)]))


@pytest.mark.parametrize("column", ["name", "size", "persons", "stronghold", "day"])
@pytest.mark.parametrize("gone", [range(7, 14), range(0, MANY, 3), range(MANY)])
def test_missing_values_stay_missing(column, gone):
    same(made([row(n, **({column: None} if n in gone else {})) for n in range(MANY)]))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", "a\x1fb"),
        ("name", "\x1e"),
        ("name", "\x1f"),
        ("name", ""),
        ("name", "a\0b"),
        ("name", "𠮷" * 3000),
        ("name", b"\x01\x02"),
        ("name", "1"),
        ("persons", 2**63 - 1),
        ("persons", -(2**63)),
        ("persons", 1.5),
        ("persons", "many"),
        ("persons", b"7"),
        ("stronghold", 10),
        ("stronghold", -1),
        ("stronghold", ""),
        ("stronghold", b"1"),
        ("stronghold", 0.5),
        ("size", "x"),
        ("day", "yesterday"),
        ("day", 20260101),
    ],
)
def test_an_odd_value_is_read_as_it_is(column, value):
    for odd in ({9: {column: value}}, {9: {column: value}, 11: {column: None}}):
        same(made([row(n, **odd.get(n, {})) for n in range(MANY)], declared=""))


@pytest.mark.parametrize(
    "shape",
    [
        None,
        shapely.Point(),
        shapely.Point(np.inf, 1.0),
        shapely.box(0, 0, 1, 1),
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.MultiPoint([(0, 0)]),
    ],
)
def test_another_shape_among_points(shape):
    one = np.empty(1, dtype=object)
    one[0] = shape
    odd = blob.encode(one, 4508).blobs[0]
    base = made([row(n, **({"geom": odd} if n in {8, 13} else {})) for n in range(MANY)])
    fast = same(base)
    # A place that is none is not told as one: checks look at the shape.
    assert fast[1].placed() is None


def test_blobs_whose_lengths_only_add_up_are_told_apart():
    good = row(3)[2]
    base = made([row(n, geom={8: good[:-1], 9: good + b"\0"}.get(n, row(n)[2])) for n in range(MANY)])
    with pytest.raises(StoreError, match="H008"):
        same(base)


def test_a_text_where_the_geometry_should_be_is_no_point():
    base = made([row(n, **({"geom": "GP" + "x" * 27} if n == 8 else {})) for n in range(MANY)])
    _, fast = both(base)
    with pytest.raises(StoreError, match="the geometry of H008 cannot be read"):
        tables.shapes_of(fast[1], fast[0]["id"], "t")


def test_the_row_of_an_unreadable_shape_is_named_after_sorting():
    base = made([row(n, fid=MANY - n, **({"geom": b"GP"} if n == 4 else {})) for n in range(MANY)])
    _, fast = both(base)
    with pytest.raises(StoreError, match="H004"):
        tables.shapes_of(fast[1], fast[0]["id"], "t")


def test_rows_are_ordered_by_id_whatever_their_keys():
    order = np.random.default_rng(5).permutation(MANY)
    keys = (int(order[n]) * 5 - 40 for n in range(MANY))
    same(made([row(n, fid=key, name=None if n % 5 else "ß") for n, key in enumerate(keys)]))


def test_ids_are_ordered_as_code_points():
    # UTF-16 would put the second of these before the first.
    ids = ["\uffff", "\U00010000", "A", "a", "户", ""]
    same(made([row(n, id=value) for n, value in enumerate(ids)]))


@pytest.mark.parametrize("odd", [None, "H004", 7, b"H"])
def test_ids_that_are_missing_repeated_or_no_text_are_left_to_sqlite(odd):
    same(made([row(n, **({"id": odd} if n == 3 else {})) for n in range(MANY)], declared=""))


def test_keys_at_both_ends_of_64_bits():
    same(made([row(n, fid={0: -(2**63), 1: 2**63 - 1}.get(n, n)) for n in range(MANY)]), order=None)


def test_a_table_of_results_keeps_its_order():
    base = made([row(n, id=f"{MANY - n:03d}") for n in range(MANY)])
    fast = same(base, order=None)
    assert list(fast[0]["id"])[:2] == ["030", "029"]


def test_a_table_without_row_numbers_or_in_utf_16_is_read_plainly():
    base = made([row(n) for n in range(MANY)])
    base.execute("ALTER TABLE t RENAME TO other")
    base.execute("CREATE VIEW t AS SELECT * FROM other")
    assert isinstance(both(base)[1][0]["name"], tuple)
    wide = sqlite3.connect(":memory:")
    wide.execute("PRAGMA encoding = 'UTF-16'")
    wide.execute("CREATE TABLE gpkg_geometry_columns (table_name, column_name)")
    wide.execute("CREATE TABLE t (fid INTEGER PRIMARY KEY, id TEXT)")
    wide.executemany("INSERT INTO t VALUES (?, ?)", [(n, f"户{n:02d}") for n in range(MANY)])
    plain, fast = both(wide, types={"id": "text"})
    assert list(fast[0]["id"]) == list(plain[0]["id"])


def test_text_that_is_not_utf_8_is_refused_as_before(tmp_path):
    with create_store(tmp_path / "s.gpkg", SPEC, area(MANY)) as store:
        with sql.writing(sql.Target(store.path)) as base:
            base.execute("UPDATE household SET name = CAST(x'ff41' AS TEXT) WHERE id = 'H00011'")
        with pytest.raises(StoreError, match="GM307"):
            store.read("household")


@pytest.mark.parametrize("columns", [None, ["stronghold"], ["gacha", "persons"], []])
def test_a_store_gives_the_same_frame(tmp_path, monkeypatch, columns):
    frame = homes(MANY).sample(frac=1, random_state=3)
    frame.loc[frame.index[:4], "name"] = None
    with create_store(tmp_path / "s.gpkg", SPEC, {"household": frame.iloc[:20]}) as store:
        store.upsert("household", frame.iloc[20:24], action="save")
        fast = store.read("household", columns=columns)
        monkeypatch.setattr(blocks, "LEAST", 10**6)
        plain = store.read("household", columns=columns)
    assert_geodataframe_equal(fast, plain)
    assert_frame_equal(pd.DataFrame(fast.dtypes), pd.DataFrame(plain.dtypes))


def test_a_value_that_does_not_fit_is_named_as_before(tmp_path):
    with create_store(tmp_path / "s.gpkg", SPEC, area(MANY)) as store:
        with sql.writing(sql.Target(store.path)) as base:
            base.execute("UPDATE household SET persons = 'many' WHERE id = 'H00017'")
        with pytest.raises(StructureError) as caught:
            store.read("household")
    assert caught.value.faults == ("persons is not a whole number of at most 64 bits in H00017",)


@pytest.fixture
def large(tmp_path):
    """A store whose households are read in five blocks, by a thread."""
    assert sqlite3.threadsafety == ahead.SERIALIZED
    with create_store(tmp_path / "s.gpkg", SPEC, area(MANY)) as store:
        yield store


def threads():
    return [one for one in threading.enumerate() if one.name.startswith("gridmap-store")]


def test_sqlite_reads_in_a_thread_that_ends_with_the_table(large, monkeypatch):
    seen, block = [], asked.block
    monkeypatch.setattr(asked, "block", lambda *how: seen.append(threading.current_thread()) or block(*how))
    assert len(large.read("household")) == MANY
    assert len(seen) == 5
    assert threading.main_thread() not in seen
    assert not any(one.daemon for one in seen)
    assert threads() == []


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, MemoryError])
def test_an_error_of_the_one_who_cuts_ends_the_thread(large, monkeypatch, error):
    count, text_part = iter(range(99)), blocks.text_part

    def fails(part):
        if next(count) == 7:
            raise error
        return text_part(part)

    monkeypatch.setattr(blocks, "text_part", fails)
    with pytest.raises(error):
        large.read("household")
    assert threads() == []
    monkeypatch.undo()
    assert large.upsert("household", homes(1), action="save")
    assert len(large.read("household")) == MANY


@pytest.mark.parametrize(
    ("error", "code"), [(sqlite3.DatabaseError("disk image"), "GM302"), (None, "GM307")], ids=["own", "text"]
)
def test_an_error_of_the_thread_is_told_as_one_of_the_store(large, monkeypatch, error, code):
    block = asked.block

    def fails(connection, found, span, wanted):
        if span[0] > asked.FIRST:
            if error is not None:
                raise error
            connection.execute("SELECT CAST(x'ff41' AS TEXT)").fetchone()
        return block(connection, found, span, wanted)

    monkeypatch.setattr(asked, "block", fails)
    with pytest.raises(StoreError, match=code):
        large.read("household")
    assert threads() == []


def test_what_another_process_wants_to_write_between_blocks_is_not_seen(large, monkeypatch):
    """A reader keeps one state: a writer waits for it, and the next reader sees what was written."""
    change = (
        "import sqlite3, sys\nbase = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)\n"
        "try:\n    base.execute('DELETE FROM gridmap_row')\n"
        "except sqlite3.OperationalError as error:\n    print(error)"
    )
    told, number_part = [], blocks.number_part

    def interrupted(*how):
        words = [sys.executable, "-c", change, str(large.path)]
        told.append(subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip())
        return number_part(*how)

    before = large.read("household")
    monkeypatch.setattr(blocks, "number_part", interrupted)
    assert_geodataframe_equal(large.read("household"), before)
    monkeypatch.undo()
    assert told
    assert set(told) == {"database is locked"}


def test_in_wal_mode_others_write_between_blocks_and_are_not_seen(large, monkeypatch):
    """QGIS leaves a file in WAL mode: there a writer does not wait."""
    other = sqlite3.connect(large.path, isolation_level=None)
    assert other.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
    before, block = large.read("household"), asked.block

    def changed(*how):
        with closing(sqlite3.connect(large.path, isolation_level=None)) as writer:
            for name in ("ST_IsEmpty", "ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY"):
                writer.create_function(name, 1, lambda _: 0)
            writer.execute("UPDATE household SET name = name || '!'")
        return block(*how)

    monkeypatch.setattr(asked, "block", changed)
    assert_geodataframe_equal(large.read("household"), before)
    monkeypatch.undo()
    assert set(large.read("household")["name"].str[-5:]) == {"!!!!!"}
    other.close()


def test_an_sqlite_for_one_thread_gives_the_same_without_one(large, monkeypatch):
    before, seen, block = large.read("household"), [], asked.block
    monkeypatch.setattr(ahead.sqlite3, "threadsafety", 0)
    monkeypatch.setattr(asked, "block", lambda *how: seen.append(threading.current_thread()) or block(*how))
    assert_geodataframe_equal(large.read("household"), before)
    assert set(seen) == {threading.main_thread()}
