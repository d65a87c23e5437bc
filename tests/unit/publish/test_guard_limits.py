"""What cannot be looked into is not left behind, and says so."""

from __future__ import annotations

import base64
import gzip
import io
import sys
import zipfile
import zlib

import leaky
import pyarrow as pa
import pytest

from gridmap.errors import ConfigError, PublishError
from gridmap.privacy import Withheld
from gridmap.publish import guard
from gridmap.publish.unpacking import piece

KEPT = Withheld({"household.name": frozenset({"巴特尔夫"})})


def refused(data: bytes) -> str:
    with pytest.raises(PublishError) as caught:
        guard(data, KEPT, where="map.html")
    assert caught.value.code == "GM602"
    assert "map.html" in str(caught.value)
    assert caught.value.columns == ()
    return str(caught.value)


@pytest.mark.parametrize("form", ["gzip", "zip", "png", "base64"])
def test_a_file_that_unpacks_without_end_is_refused(monkeypatch, form):
    monkeypatch.setattr(piece, "LEAST_ROOM", 1 << 20)
    zeros = bytes(1 << 24)
    packed = gzip.compress(zeros)
    made = {
        "gzip": packed,
        "zip": leaky.archive({"a": zeros}),
        "png": leaky.png((b"zTXt", b"a\0\0" + zlib.compress(zeros))),
        "base64": b"<i>" + base64.b64encode(packed) + b"</i>",
    }
    assert "far more bytes" in refused(made[form])


def test_containers_in_containers_end_somewhere():
    data = b"x"
    for _ in range(piece.DEEPEST + 2):
        data = gzip.compress(data)
    assert "deeper" in refused(data)


def test_a_damaged_archive_is_refused():
    assert "cannot be opened" in refused(leaky.archive({"a": b"b" * 999})[:-30])


def test_an_archive_with_a_password_is_refused():
    data = bytearray(leaky.archive({"a": b"b"}))
    for head, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(head) + flag] |= 1
    assert "password" in refused(bytes(data))


def test_a_damaged_database_is_refused():
    data = leaky.database("INSERT INTO t VALUES ('a', 1, 2)")
    assert "cannot be read" in refused(data[:100] + bytes(len(data) - 100))


def test_a_damaged_parquet_file_is_refused():
    data = leaky.parquet(pa.table({"a": ["b"]}))
    assert "cannot be read" in refused(data[:-20] + b"\xff" * 12 + data[-8:])


def test_parquet_without_its_library_is_never_passed_over(monkeypatch):
    data = leaky.parquet(pa.table({"a": ["b"]}))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigError, match="pyarrow") as caught:
        guard(data, KEPT, where="x")
    assert caught.value.code == "GM111"


def test_a_database_with_a_log_beside_it_is_read_all_the_same():
    """Another program left it in the mode of a write-ahead log."""
    data = bytearray(leaky.overflow("巴特尔夫"))
    data[18:20] = b"\x02\x02"
    with pytest.raises(PublishError, match=r"household\.name"):
        guard(bytes(data), KEPT, where="x")


def test_a_member_that_no_directory_lists_is_found():
    hidden = leaky.archive({"gone": "巴特尔夫, ".encode() * 9})
    local = hidden[: hidden.index(b"PK\x01\x02")]
    made = io.BytesIO()
    made.write(local)
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr("a", b"b")
    with pytest.raises(PublishError, match=r"household\.name"):
        guard(made.getvalue(), KEPT, where="x")


@pytest.mark.parametrize(
    "data", [b"", b"PAR1", b"\x1f\x8b\x08", b"\x89PNG\r\n\x1a\n", b"%PDF-", b"x\x9c\x01"]
)
def test_the_beginning_of_a_container_alone_passes(data):
    guard(data, KEPT, where="x")


def test_nothing_withheld_is_not_looked_for():
    guard(b"PK\x03\x04 damaged", Withheld({}), where="x")
