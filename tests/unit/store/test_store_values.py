"""Every value of a finished database: what is not read is not checked before it is handed on."""

from __future__ import annotations

import sqlite3

import pytest

from gridmap.store.values import UnreadableDatabaseError, side_by_side, values


def database(*statements: tuple[str, tuple[object, ...]]) -> bytes:
    with sqlite3.connect(":memory:", isolation_level=None) as base:
        for statement, given in statements:
            base.execute(statement, given)
        made = base.serialize()
    base.close()
    return made


def read(data: bytes) -> tuple[set[bytes], set[bytes]]:
    found = list(values(data))
    return {text for one in found for text in one.texts}, {blob for one in found for blob in one.blobs}


def test_texts_and_blobs_of_every_table_whatever_their_columns_say():
    long = "长" * 5000
    texts, blobs = read(
        database(
            ('CREATE TABLE "odd ""name" (id INTEGER PRIMARY KEY, n INTEGER, b BLOB)', ()),
            ('INSERT INTO "odd ""name" VALUES (1, ?, ?)', ("text in a number", b"\0\1")),
            ("CREATE TABLE two (a TEXT) STRICT", ()),
            ("INSERT INTO two VALUES (?)", (long,)),
            ("CREATE VIEW v AS SELECT no_such_function(a) FROM two", ()),
        )
    )
    assert {b"text in a number", long.encode()} <= texts
    assert blobs == {b"\0\1"}
    assert any(b"CREATE VIEW" in text for text in texts)


def test_virtual_and_computed_columns_are_not_run():
    texts, _ = read(
        database(
            ("CREATE VIRTUAL TABLE r USING rtree(id, a, b)", ()),
            ("INSERT INTO r VALUES (1, 2, 3)", ()),
            ("CREATE TABLE t (a TEXT, c TEXT AS (a || 'x'), d TEXT AS (a || 'y') STORED)", ()),
            ("INSERT INTO t (a) VALUES ('kept')", ()),
        )
    )
    assert {b"kept", b"kepty"} <= texts
    assert b"keptx" not in texts


def test_a_database_in_utf_16_is_given_in_utf_8():
    texts, _ = read(
        database(
            ("PRAGMA encoding = 'UTF-16le'", ()),
            ("CREATE TABLE t (a)", ()),
            ("INSERT INTO t VALUES ('巴特尔')", ()),
        )
    )
    assert "巴特尔".encode() in texts


def test_texts_side_by_side_as_the_file_holds_them():
    data = database(
        ("CREATE TABLE t (a, b, c, d)", ()),
        ("INSERT INTO t VALUES ('one', NULL, 1, 'two')", ()),
        ("INSERT INTO t VALUES ('three', 7, 'four', 0.5)", ()),
    )
    assert b"onetwo\n" in side_by_side(data)
    assert b"three\nfour\n" in side_by_side(data)
    assert b"onetwo" in data


@pytest.mark.parametrize("data", [b"", b"SQLite format 3\0", b"SQLite format 3\0" + b"\xff" * 5000])
def test_bytes_that_are_no_database_say_so(data):
    with pytest.raises(UnreadableDatabaseError):
        list(values(data or b"x" * 200))
