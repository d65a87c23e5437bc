"""A large table's records are cut from the file: what comes out is what SQLite gives, whatever is there."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from store_sample import SPEC, X0, Y0, area, homes

from gridmap.store import arrays, asked, blob, blocks, create_store, decoded, leaves, sql, tables

TYPES = {
    "id": "text",
    "name": "text",
    "size": "real",
    "persons": "integer",
    "stronghold": "boolean",
    "day": "date",
}
MADE = (
    "CREATE TABLE t (fid INTEGER PRIMARY KEY, id TEXT, geom, name TEXT, size REAL, persons INTEGER,"
    " stronghold BOOLEAN, day DATE)"
)
MANY = 60
# Of a whole number, each length that a record gives it, and both ends of it.
WHOLE = [0, 1, 2, -1, 127, 128, -128, 2**15 - 1, -(2**15), 2**23 - 1, -(2**23), 2**23, 2**31 - 1, -(2**31)]
WHOLE += [2**31, 2**47 - 1, -(2**47), 2**47, 2**63 - 1, -(2**63), None]


@pytest.fixture(params=["arrow", "plain"], autouse=True)
def small_blocks(request, monkeypatch):
    """Blocks of two leaves; with and without Arrow."""
    monkeypatch.setattr(blocks, "LEAST", 3)
    monkeypatch.setattr(leaves, "LEAVES", 2)
    if request.param == "plain":
        monkeypatch.setattr(arrays, "pa", None)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "t.db"


@pytest.fixture
def asked_for(monkeypatch):
    """The blocks that SQLite was asked for, because they were not cut from the file."""
    found, block = [], asked.block
    monkeypatch.setattr(asked, "block", lambda *how: found.append(how[2]) or block(*how))
    return found


def row(number, **other):
    values = {
        "fid": number + 1,
        "id": f"H{number:03d}",
        "geom": blob.encode(np.array([shapely.Point(X0 + number, Y0 - number / 3)]), 4508).blobs[0],
        "name": f"户{number % 4}" * (number % 3),
        "size": number / 7,
        "persons": number - 3,
        "stronghold": number % 2,
        "day": f"2026-01-{number % 28 + 1:02d}",
    }
    return tuple((values | other).values())


def make(path, rows, *, page=512, made=MADE, then=()):
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute(f"PRAGMA page_size={page}")
        base.execute("CREATE TABLE gpkg_geometry_columns (table_name, column_name)")
        base.execute("INSERT INTO gpkg_geometry_columns VALUES ('t', 'geom')")
        base.execute(made)
        base.execute("BEGIN")
        base.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        base.execute("COMMIT")
        for statement in then:
            base.execute(statement)


def same(connection, types=None, order="id"):
    found = tables.layout(connection, "t")
    wanted = types or TYPES
    plain, fast = (
        fetch(connection, found, how, order=order)
        for fetch, how in ((tables.fetch, [*wanted]), (blocks.fetch, wanted))
    )
    assert fast[2] == plain[2]
    for name, values in plain[0].items():
        assert [(type(one), one) for one in fast[0][name]] == [(type(one), one) for one in values], name
    if isinstance(fast[1], blob.Shapes):
        shapes, others = (tables.shapes_of(one, ["?"] * len(one), "t") for one in fast[1:2] + plain[1:2])
        assert shapely.to_wkb(shapes).tolist() == shapely.to_wkb(others).tolist()
    else:
        assert fast[1] == plain[1]


def compared(path, **how):
    with sql.reading(sql.Target(path)) as connection:
        same(connection, **how)


@pytest.mark.parametrize("page", [512, 1024, 4096, 65536])
@pytest.mark.parametrize("first", [1, 120, 16_380, 2**40, 2**55])
def test_rows_are_cut_from_the_file(path, asked_for, page, first):
    """Keys of each length, and of two lengths in one block."""
    make(path, [row(number, fid=first + number) for number in range(MANY)], page=page)
    compared(path)
    assert asked_for == []


def test_a_table_of_many_pages_that_others_lie_between(path, asked_for):
    """Rows come and go, pages are used again, and rows are not in the order of their ids."""
    rows = [row(number) for number in np.random.default_rng(2).permutation(3_000).tolist()]
    rows = [(key, *one[1:]) for key, one in enumerate(rows, start=1)]
    index = "CREATE INDEX other ON t (id, name)"
    gone = ("DELETE FROM t WHERE fid % 5 = 0", index, "DELETE FROM t WHERE fid BETWEEN 700 AND 900")
    copied = "fid + 5000, id || '+', geom, name, size, persons, stronghold, day"
    more = f"INSERT INTO t SELECT {copied} FROM t WHERE fid < 400"
    make(path, rows, then=(*gone, more))
    compared(path)
    assert asked_for == []


@pytest.mark.parametrize("value", WHOLE)
def test_whole_numbers_of_every_length(path, asked_for, value):
    make(path, [row(number, persons=value if number % 3 else WHOLE[number % 21]) for number in range(MANY)])
    compared(path)
    make(path, [row(number, persons=value) for number in range(MANY)])
    compared(path)
    assert asked_for == []


def point(number, *, byte_order=1):
    head = blob.encode(np.array([shapely.Point(0, 0)]), 4508).blobs[0][: blob.HEADER]
    return head + shapely.to_wkb(shapely.Point(X0 + number, Y0), byte_order=byte_order)


# Values of one row or more, and whether its block is cut from the file all the same.
ODD = {
    "no name": ({"name": None}, True),
    "no place": ({"geom": None}, True),
    "no truth": ({"stronghold": None}, True),
    "an empty name": ({"name": ""}, True),
    "a name with a NUL": ({"name": "a\0b"}, True),
    "the separators": ({"name": f"{arrays.SEPARATOR}{arrays.MISSING}"}, True),
    "a name of 57 bytes": ({"name": "n" * 57}, True),
    "bytes for a name": ({"name": b"raw"}, True),
    "a whole real number": ({"size": 3.0}, True),
    "a text for a number": ({"persons": "many"}, True),
    "half a person": ({"persons": 2.5}, True),
    "neither true nor false": ({"stronghold": 2}, True),
    "a point the other way round": ({"geom": point(1, byte_order=0)}, True),
    "a shape of another length": ({"geom": point(1)[:20]}, True),
    "a name of 58 bytes": ({"name": "n" * 58}, False),
    "a record of two bytes' length": ({"name": "n" * 100}, False),
    "a name over several pages": ({"name": "n" * 5_000}, False),
    "a long shape": ({"geom": point(1) * 3}, False),
}


@pytest.mark.parametrize("which", [{30}, set(range(20, 60)), set(range(60))], ids=["one", "many", "all"])
@pytest.mark.parametrize("name", ODD)
def test_odd_values(path, asked_for, name, which):
    odd, cut = ODD[name]
    make(path, [row(at, **(odd if at in which else {})) for at in range(MANY)])
    with sql.reading(sql.Target(path)) as connection:
        if "shape" in name:
            # Neither way makes a geometry of it: the bytes are the same.
            found = tables.layout(connection, "t")
            read = blocks.fetch(connection, found, TYPES)[1]
            kept = [one for part in read.parts for one in (part if isinstance(part, list) else [])]
            assert kept.count(odd["geom"]) == len(which)
        else:
            same(connection)
    assert bool(asked_for) != cut


def test_keys_of_nine_bytes_and_below_zero(path, asked_for):
    make(path, [row(number, fid=(-1) ** number * (2**62 + number)) for number in range(MANY)])
    compared(path)
    assert asked_for


def test_random_tables(path):
    """Whatever stands where: the same as a plain SELECT gives."""
    rng = np.random.default_rng(11)
    pool = [odd for odd, _ in ODD.values() if "geom" not in odd] + [{"geom": None}, {"geom": point(3)}]
    pool += [{"persons": one} for one in WHOLE] + [{"name": "é" * one} for one in range(30)]
    for _ in range(12):
        rate, page = rng.choice([0.0, 0.02, 0.3]), int(rng.choice([512, 1024, 4096]))
        rows = [
            row(number, **(pool[rng.integers(len(pool))] if rng.random() < rate else {}))
            for number in rng.permutation(int(rng.integers(5, 300))).tolist()
        ]
        make(path, rows, page=page)
        compared(path)
        compared(
            path, types={name: TYPES[name] for name in rng.permutation([*TYPES])[:3].tolist()}, order=None
        )


@pytest.mark.parametrize(
    ("then", "cut"),
    [
        ("ALTER TABLE t ADD COLUMN later TEXT DEFAULT 'x'", False),
        ("ALTER TABLE t DROP COLUMN size", True),
        ("ALTER TABLE t ADD COLUMN twice INTEGER GENERATED ALWAYS AS (persons * 2) VIRTUAL", True),
        ("CREATE TABLE u AS SELECT 1; VACUUM", True),
    ],
)
def test_columns_that_came_and_went(path, asked_for, then, cut):
    make(path, [row(number) for number in range(MANY)], then=then.split("; "))
    compared(path)
    compared(path, types={**TYPES, "later": "text"})
    assert bool(asked_for) != cut


def test_a_stored_computed_column(path, asked_for):
    made = MADE[:-1] + ", twice INTEGER GENERATED ALWAYS AS (persons * 2) STORED)"
    make(path, [row(number) for number in range(MANY)], made=made.replace("t (", "t (", 1))
    compared(path)
    assert asked_for


def test_what_stands_beside_the_file_is_read_through_sqlite(path, asked_for):
    """The newest pages of a WAL are not in the file."""
    make(path, [row(number) for number in range(MANY)])
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("UPDATE t SET persons = 77")
        compared(path)
        assert asked_for
        with sql.reading(sql.Target(path)) as connection:
            found = tables.layout(connection, "t")
            assert set(blocks.fetch(connection, found, TYPES)[0]["persons"]) == {77}


def test_what_a_transaction_has_written_is_read_through_sqlite(path, asked_for):
    """Its pages are in memory until it ends."""
    make(path, [row(number) for number in range(MANY)])
    with sql.writing(sql.Target(path)) as connection:
        connection.execute("UPDATE t SET persons = 77")
        same(connection)
        assert asked_for
        assert set(blocks.fetch(connection, tables.layout(connection, "t"), TYPES)[0]["persons"]) == {77}


def test_another_process_cannot_write_while_pages_are_read(path, asked_for, monkeypatch):
    make(path, [row(number) for number in range(MANY)])
    change = (
        "import sqlite3, sys\nbase = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)\n"
        "try:\n    base.execute('UPDATE t SET persons = 77')\n"
        "except sqlite3.OperationalError as error:\n    print(error)"
    )
    told, gathered = [], leaves.gathered

    def interrupted(*how):
        if not told:
            words = [sys.executable, "-c", change, str(path)]
            told.append(subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip())
        return gathered(*how)

    monkeypatch.setattr(leaves, "gathered", interrupted)
    compared(path)
    assert (told, asked_for) == (["database is locked"], [])


def test_a_file_that_was_put_in_its_place_is_not_read(path, tmp_path, asked_for):
    """Whoever replaces the file leaves this connection with the old one: so are its bytes."""
    make(path, [row(number) for number in range(MANY)])
    make(tmp_path / "new.db", [row(number, persons=77) for number in range(MANY)])
    with sql.reading(sql.Target(path)) as connection:
        found = tables.layout(connection, "t")
        (tmp_path / "new.db").replace(path)
        assert 77 not in blocks.fetch(connection, found, TYPES)[0]["persons"]
        assert asked_for


@pytest.mark.parametrize("seed", range(3))
def test_damaged_bytes_are_never_read_as_other_values(path, seed):
    """What SQLite still gives of a damaged file is what is cut from it; nothing else goes wrong."""
    make(path, [row(number) for number in range(400)])
    sound = path.read_bytes()
    rng, agreed = np.random.default_rng(seed), 0
    for _ in range(30):
        raw = bytearray(sound)
        for at in rng.integers(512 * 8, len(raw), 3).tolist():
            raw[at] = int(rng.choice([0, 1, 5, 13, 127, 128, 255, rng.integers(256)]))
        path.write_bytes(raw)
        try:
            with sql.reading(sql.Target(path)) as connection:
                plain = tables.fetch(connection, tables.layout(connection, "t"), [*TYPES])
        except sql.StoreError:
            plain = None
        try:
            with sql.reading(sql.Target(path)) as connection:
                fast = blocks.fetch(connection, tables.layout(connection, "t"), TYPES)
        except sql.StoreError:
            continue
        if plain is None:
            # A page that SQLite refuses for what it does not need to know of the rows: none of them is lost.
            assert fast[2] == 400
        else:
            agreed += 1
            assert {name: list(values) for name, values in fast[0].items()} == {
                name: list(values) for name, values in plain[0].items()
            }
    assert agreed > 3


def test_a_leaf_that_says_it_has_no_row_is_damage(path):
    """A byte that flipped must not make some thirty homes vanish without a word."""
    make(path, [row(number) for number in range(400)])
    with closing(sqlite3.connect(path)) as base:
        pages = base.execute("SELECT pageno FROM dbstat WHERE name = 't' AND pagetype = 'leaf' ORDER BY path")
        leaf = pages.fetchall()[2][0]
    raw = bytearray(path.read_bytes())
    at = (leaf - 1) * 512 + 3
    raw[at : at + 2] = b"\0\0"
    path.write_bytes(raw)
    with pytest.raises(sql.StoreError) as refused, sql.reading(sql.Target(path)) as connection:
        blocks.fetch(connection, tables.layout(connection, "t"), {"id": "text", "persons": "integer"})
    assert refused.value.code == "GM307"


def test_records_that_go_on_in_other_pages_are_for_sqlite(path):
    """In a page full to the brim a record whose end is elsewhere seems to fit.

    Of 478 bytes a page of 512 holds 39 (section 1.6 of the format). With six cells of 76 bytes, pointers and
    all, before it, it begins right behind the pointers, and 478 bytes on is the page's very end.
    """
    names = [f"c{number}" for number in range(9)]

    def wide(key, letters):
        sizes = [letters // 9 + (number < letters % 9) for number in range(9)]
        return (key, f"H{key:03d}", *(chr(97 + (key + at) % 26) * size for at, size in enumerate(sizes)))

    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute("PRAGMA page_size=512")
        base.execute("CREATE TABLE gpkg_geometry_columns (table_name, column_name)")
        base.execute(f"CREATE TABLE t (fid INTEGER PRIMARY KEY, id TEXT, {' TEXT, '.join(names)} TEXT)")
        rows = [wide(key, 462 if key % 7 == 0 else 56) for key in range(1, 120)]
        base.executemany(f"INSERT INTO t VALUES ({', '.join('?' * 11)})", rows)
    compared(path, types={"id": "text", **dict.fromkeys(names, "text")})


def test_whole_numbers_of_a_real_column_stay_reals(path):
    make(path, [row(number, size=float(number)) for number in range(MANY)])
    compared(path, types={"id": "text", "size": "integer"})


def test_a_wal_that_was_left_counts_whatever_the_head_says(path):
    """A copy was put back beside the WAL of its crashed successor: SQLite reads both."""
    make(path, [row(number) for number in range(MANY)])
    older = path.read_bytes()
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("UPDATE t SET persons = 77")
    wal = path.with_name(path.name + "-wal").read_bytes()
    base.close()
    path.write_bytes(older)
    path.with_name(path.name + "-wal").write_bytes(wal)
    compared(path)


def test_a_disk_that_cannot_be_read_is_for_sqlite_to_tell(path, monkeypatch):
    make(path, [row(number) for number in range(MANY)])

    def failing(*_):
        raise OSError(5, "Input/output error")

    with sql.reading(sql.Target(path)) as connection:
        whole = leaves.File.run
        monkeypatch.setattr(leaves.File, "run", lambda file, *how: whole(replace(file, read=failing), *how))
        same(connection)


def test_a_store_gives_the_same_frame(tmp_path, monkeypatch):
    tables_of_it = area(700)
    tables_of_it["household"].loc[5:9, "name"] = None
    with create_store(tmp_path / "s.gpkg", SPEC, tables_of_it) as store:
        store.upsert("household", homes(900).iloc[650:], action="save")
        cut, records = [], decoded.records
        monkeypatch.setattr(decoded, "records", lambda *how: cut.append(records(*how)) or cut[-1])
        fast = store.read("household")
        assert sum(map(len, cut)) == len(fast) == 900
        monkeypatch.setattr(blocks, "LEAST", 10**6)
        assert_geodataframe_equal(fast, store.read("household"))
