"""Pages laid out by numpy: SQLite reads in them what was given, and a file is the same without them."""

import contextlib
import os
import sqlite3
from importlib.util import find_spec
from pathlib import Path

import assigned_sample
import numpy as np
import pytest
import store_sample
from gpkg_validator import assert_valid
from hypothesis import given, settings
from hypothesis import strategies as st
from test_store_assigned import put

from gridmap.store import assigned, bulk, create_store, image, pages, sql
from gridmap.store.pages import Named, Numbers

EDGES = (-1, 0, 1, 2, 127, 128, 255, 256, 16_383, 16_384, 32_767, 32_768, 2**23 - 1, 2**23, 2**31 - 1, 2**31,
         2**47 - 1, 2**47, 2**62, 2**63 - 1)  # fmt: skip
TEXTS = ("", "H", "H0000001", "牧户", "a" * 57, "é" * 28, "牧" * 19)
MADE = "CREATE TABLE t (fid INTEGER PRIMARY KEY NOT NULL, a INTEGER, b TEXT NOT NULL, c INTEGER, d INTEGER)"


def columns(rows, seed, numbers=EDGES, texts=TEXTS):
    rng = np.random.default_rng(seed)
    return {
        "a": rng.choice(np.array(numbers), rows),
        "b": rng.integers(0, len(texts), rows),
        "c": rng.choice(np.array(numbers), rows),
        "d": rng.choice(np.array((0, 1, 300)), rows),
    }, texts


def opened(path=":memory:", made=MADE, *, page=4096):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA page_size={page}")
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(made)
    return contextlib.closing(connection)


def at_once(connection, given, texts):
    found = pages.encoded(list(texts))
    if found is None:
        return False
    laid = {name: Named(found, each) if name == "b" else Numbers(each) for name, each in given.items()}
    return image.insert(connection, "t", laid, rows=len(given["b"]))


def one_by_one(connection, given, texts):
    plain = {name: [None if one < 0 else one for one in each.tolist()] for name, each in given.items()}
    plain["b"] = [texts[one] for one in given["b"].tolist()]
    bulk.insert(connection, "t", plain)
    return True


def rows_of(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert [name for (name,) in connection.execute("SELECT name FROM sqlite_master")] == ["t"]
        return connection.execute("SELECT *, typeof(a), typeof(b), typeof(c) FROM t ORDER BY fid").fetchall()


def both(folder: Path, given, texts, *, page=4096):
    """Write rows in both ways; see that the files are the same, and return how many rows there are."""
    paths = folder / "at_once.db", folder / "one_by_one.db"
    for path, way in zip(paths, (at_once, one_by_one), strict=True):
        path.unlink(missing_ok=True)
        with opened(path, page=page) as connection:
            assert way(connection, given, texts)
            connection.execute("COMMIT")
    found = rows_of(paths[0])
    assert found == rows_of(paths[1])
    assert paths[0].read_bytes() == paths[1].read_bytes()
    return len(found)


@pytest.mark.parametrize("rows", [1, 2, 120, 5_000, 60_000])
def test_rows_are_the_same_to_the_byte_as_by_sqlite_itself(tmp_path, rows):
    assert both(tmp_path, *columns(rows, seed=rows)) == rows
    assert both(tmp_path, *columns(rows, rows, numbers=(7, 8), texts=("H0000001", "H0000002"))) == rows


@settings(max_examples=40, deadline=None)
@given(
    numbers=st.lists(st.sampled_from(EDGES) | st.integers(0, 2**63 - 1), min_size=1, max_size=5),
    texts=st.lists(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=14), min_size=1
    ),
    rows=st.integers(1, 700),
    chunk=st.integers(1, 400),
)
def test_any_values_are_the_same_to_the_byte(tmp_path_factory, numbers, texts, rows, chunk):
    folder = tmp_path_factory.mktemp("image")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(image, "CHUNK", chunk)
        assert both(folder, *columns(rows, rows, numbers, tuple(texts))) == rows


@pytest.mark.parametrize("page", [512, 1024, 16_384, 65_536])
def test_the_pages_of_the_store_may_be_of_another_size(tmp_path, page):
    assert both(tmp_path, *columns(9_000, seed=page), page=page) == 9_000


@pytest.mark.parametrize("rows", [0, 1, 120, 5_000, 60_000])
def test_an_image_is_a_sound_database_of_its_own(rows):
    """SQLite would also copy from pages with small faults: it must have none to complain of."""
    given, texts = columns(max(rows, 1), seed=4)
    laid = {name: Named(pages.encoded(texts), each) if name == "b" else Numbers(each)
            for name, each in given.items()}  # fmt: skip
    empty = np.frombuffer(sql.empty_image(MADE, pages.PAGE), dtype=np.uint8)
    made = pages.laid_out(empty, 2_000_000, laid) if rows else empty
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(made.tobytes())
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT count(*), min(fid) FROM t").fetchone() == (
            rows,
            2_000_000 if rows else None,
        )
        # Found by key, not only one after the other: the interior pages are right.
        last = 1_999_999 + rows
        assert connection.execute("SELECT count(*) FROM t WHERE fid = ?", (last,)).fetchone() == (
            min(rows, 1),
        )


@pytest.mark.parametrize("rows", [1, 120, 30_000])
@pytest.mark.parametrize("first", [1, 2_000_000, 2**50])
def test_the_compiled_way_gives_the_same_bytes(monkeypatch, rows, first):
    if find_spec("numba") is None and not os.environ.get("CI"):
        pytest.skip("numba is not installed: pip install 'gridmap[fast]'")
    empty = np.frombuffer(sql.empty_image(MADE, pages.PAGE), dtype=np.uint8)
    given, texts = columns(min(rows, 100) if first == 1 else rows, seed=rows)
    laid = {name: Named(pages.encoded(texts), each) if name == "b" else Numbers(each)
            for name, each in given.items()}  # fmt: skip
    for held in (laid, {name: each for name, each in laid.items() if name != "b"}):
        made = []
        for compiled in (True, False):
            monkeypatch.setattr(pages, "compiled", lambda _, chosen=compiled: chosen)
            made.append(pages.laid_out(empty, first, held))
        assert (made[0] == made[1]).all()


def test_keys_go_on_from_the_highest_across_every_length_of_varint(tmp_path):
    given, texts = columns(60, seed=1)
    path = tmp_path / "keys.db"
    with opened(path) as connection:
        for start in (100, 16_350, 2_097_120, 2**28 - 30):
            connection.execute("INSERT INTO t (fid, b) VALUES (?, '')", (start,))
            assert at_once(connection, given, texts)
        connection.execute("COMMIT")
    found = [row[0] for row in rows_of(path)]
    assert found == [start + one for start in (100, 16_350, 2_097_120, 2**28 - 30) for one in range(61)]


REFUSED = {
    "a text of 58 bytes": {"texts": ("a" * 58,)},
    "a text of 20 Chinese characters": {"texts": ("牧" * 20,)},
    "a text with a NUL": {"texts": ("a\0b",)},
    "a text that is not Unicode": {"texts": ("\ud800",)},
    "a missing value that may not be": {"made": MADE.replace(" a INTEGER", " a INTEGER NOT NULL")},
    "a column of reals": {"made": MADE.replace("a INTEGER", "a REAL")},
    "a text in a column of numbers": {"made": MADE.replace("b TEXT", "b INTEGER")},
    "another column": {"made": MADE.replace(", d INTEGER", ", d INTEGER, e INTEGER")},
    "no key of whole numbers": {"made": MADE.replace("INTEGER PRIMARY KEY", "TEXT PRIMARY KEY")},
    "the last key is given": {"before": f"INSERT INTO t (fid, b) VALUES ({2**63 - 1}, '')"},
    "a key below zero": {"before": "INSERT INTO t (fid, b) VALUES (-9, '')"},
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_cannot_be_laid_out_is_refused_and_nothing_is_done(why):
    case = REFUSED[why]
    given, texts = columns(200, seed=2, texts=case.get("texts", TEXTS))
    with opened(made=case.get("made", MADE)) as connection:
        connection.execute(case.get("before", "SELECT 1"))
        before = connection.execute("SELECT * FROM t").fetchall()
        assert at_once(connection, given, texts) is False
        assert connection.execute("SELECT * FROM t").fetchall() == before
        assert len(connection.execute("PRAGMA database_list").fetchall()) == 1


def test_a_record_that_might_be_too_long_is_refused():
    made = "CREATE TABLE t (fid INTEGER PRIMARY KEY NOT NULL, a TEXT, b TEXT, c TEXT)"
    texts, at = pages.encoded(["x" * 57, "x" * 20]), np.zeros(9, dtype=np.int64)
    with opened(made=made) as connection:
        assert not image.insert(connection, "t", dict.fromkeys("abc", Named(texts, at)), rows=9)
        short = Named(pages.encoded(["x" * 7]), at)
        assert image.insert(connection, "t", {"a": Named(texts, at), "b": short, "c": short}, rows=9)
        assert connection.execute("SELECT count(*), a, b FROM t").fetchone() == (9, "x" * 57, "x" * 7)


def test_where_nothing_may_be_attached_the_ordinary_way_is_left():
    given, texts = columns(200, seed=2)
    with opened() as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        assert at_once(connection, given, texts) is False
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_a_store_in_utf_16_is_left_to_the_ordinary_way(tmp_path):
    given, texts = columns(200, seed=2)
    with contextlib.closing(sqlite3.connect(tmp_path / "wide.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA encoding='UTF-16'")
        connection.execute(MADE)
        assert at_once(connection, given, texts) is False
        assert one_by_one(connection, given, texts)


def test_a_build_of_python_without_deserialize_takes_the_ordinary_way():
    class Bare:
        """A connection of such a build: whatever else is asked of it fails."""

    assert image.insert(Bare(), "t", {"a": Numbers(np.arange(3))}, rows=3) is False


def test_a_full_disk_while_copying_is_an_error_and_rolls_back(tmp_path):
    given, texts = columns(5_000, seed=2)
    path = tmp_path / "full.db"
    with opened(path) as connection:
        connection.execute("COMMIT")
        whole = path.read_bytes()
        connection.execute("PRAGMA max_page_count=9")
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="full"):
            at_once(connection, given, texts)
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    assert path.read_bytes() == whole


# --- the assignments ------------------------------------------------------------------------------------


def files(tmp_path, spec, made, many, monkeypatch):
    found = []
    for number, least in enumerate(many):
        monkeypatch.setattr(assigned, "MANY", least)
        path = tmp_path / f"{number}.gpkg"
        store = create_store(path, spec, store_sample.area())
        put(store, made)
        assert store.verify(deep=True).items == ()
        found.append(path)
    return found


def test_assignments_are_the_same_file_at_once_again_and_one_by_one(tmp_path, spec, monkeypatch):
    seen = []
    real = image.insert
    monkeypatch.setattr(image, "insert", lambda *args, **more: seen.append(real(*args, **more)) or seen[-1])
    made = assigned_sample.many(7_000)
    first, again, plain = files(tmp_path, spec, made, (1, 1, 10**9), monkeypatch)
    assert seen == [True] * (2 * len(made.blocks))
    assert first.read_bytes() == again.read_bytes() == plain.read_bytes()


def test_the_sum_of_keys_is_the_same_without_reading_them():
    """It is what tells later that a key was changed: a wrong one would cry wolf, or never."""
    with opened(made=assigned.expected()[assigned.BASE]) as connection:
        statement = f"INSERT INTO {assigned.BASE} (fid, code, feature, target) VALUES (?, 1, 'H', 1)"
        for keys, wanted in (((), "0 0"), ((1, 2, 3), "3 6"), ((5,), "4 11"), ((4,), "5 15"), ((0,), "6 15")):
            connection.executemany(statement, [(key,) for key in keys])
            assert assigned.numbers_anew(connection) == assigned.numbers(connection) == wanted


def test_nothing_of_the_image_stays_in_the_file(tmp_path, spec, monkeypatch):
    (path,) = files(tmp_path, spec, assigned_sample.many(7_000), (1,), monkeypatch)
    assert b"gridmap_image" not in path.read_bytes()
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_kind_with_a_long_id_is_written_in_the_ordinary_way(tmp_path, spec, monkeypatch):
    made = assigned_sample.many(500, last="长" * 30)
    first, plain = files(tmp_path, spec, made, (1, 10**9), monkeypatch)
    assert first.read_bytes() == plain.read_bytes()


def test_large_assignments_pass_the_geopackage_validator(tmp_path, spec, monkeypatch):
    (path,) = files(tmp_path, spec, assigned_sample.many(7_000), (1,), monkeypatch)
    assert_valid(path)
