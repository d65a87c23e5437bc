"""The last gate before the disk: no private text, no half file, nothing lost that was there."""

from __future__ import annotations

import functools
import html
import json
import os
import sqlite3
import urllib.parse
from pathlib import Path

import product_records
import pytest

from gridmap import publish
from gridmap.errors import ConfigError, PublishError
from gridmap.privacy import Withheld

SECRETS = Withheld(
    {
        "household.name": frozenset({"巴特尔夫", 'O"Neil & <Sons>', "😀秘密"}),
        "unit.phone": frozenset({"0471-99"}),
    }
)
NOTHING = Withheld({})
leave = functools.partial(publish.publish, record=product_records.record())


def spelled(text: str) -> dict[str, bytes]:
    entity = "".join(f"&#{ord(char)};" for char in text)
    hexadecimal = "".join(f"&#x{ord(char):X};" for char in text)
    return {
        "plain": text.encode(),
        "json": json.dumps({"a": text}).encode(),
        "json in capitals": json.dumps(text).upper().replace("\\U", "\\u").encode(),
        "html": html.escape(text).encode(),
        "decimal": entity.encode(),
        "hexadecimal": hexadecimal.encode(),
        "json in html": html.escape(json.dumps(text)).encode(),
        "html in json": json.dumps(html.escape(text)).encode(),
        "percent": urllib.parse.quote(text).encode(),
        "csv": ('"' + text.replace('"', '""') + '"').encode(),
    }


@pytest.mark.parametrize("way", sorted(spelled("x")))
@pytest.mark.parametrize("secret", ["巴特尔夫", 'O"Neil & <Sons>', "😀秘密"])
def test_a_private_text_is_found_in_any_spelling(tmp_path, way, secret):
    if way == "json in capitals" and secret.isascii():
        pytest.skip("capitals would change the text itself")
    out = tmp_path / "map.html"
    data = b"<html>" + b"x" * 99 + spelled(secret)[way] + b"</html>"
    with pytest.raises(PublishError) as caught:
        leave(data, out, withheld=SECRETS)
    assert caught.value.code == "GM602"
    assert "household.name" in str(caught.value)
    assert secret not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_private_text_is_found_in_a_database(tmp_path):
    path = tmp_path / "x.gpkg"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE t (a TEXT, b TEXT)")
        base.execute("INSERT INTO t VALUES ('x', '巴特尔夫')")
    base.close()
    with pytest.raises(PublishError, match=r"household\.name"):
        leave(path.read_bytes(), tmp_path / "out.gpkg", withheld=SECRETS)


def test_only_the_columns_that_leak_are_named(tmp_path):
    with pytest.raises(PublishError) as caught:
        leave(b"call 0471-99", tmp_path / "x.csv", withheld=SECRETS)
    assert "unit.phone" in str(caught.value)
    assert "household.name" not in str(caught.value)


def test_what_is_held_elsewhere_or_is_the_pages_own_word_does_not_stop_it(tmp_path):
    held = Withheld({"household.name": frozenset({"满都拉镇", "<title>"})}, frozenset({"满都拉镇"}))
    out = leave("<title>满都拉镇</title>".encode(), tmp_path / "x.html", withheld=held)
    assert out.read_text(encoding="utf-8") == "<title>满都拉镇</title>"


def test_the_bytes_are_left_as_they_are_and_only_their_manifest_beside_them(tmp_path):
    data = bytes(range(256)) * 50
    out = leave(data, tmp_path / "图 一.html", withheld=SECRETS)
    assert out.read_bytes() == data
    assert sorted(tmp_path.iterdir()) == [out, publish.manifest_path(out)]


def test_a_file_that_is_there_stays_without_force(tmp_path):
    out = tmp_path / "map.html"
    out.write_bytes(b"old")
    with pytest.raises(ConfigError) as caught:
        leave(b"new", out, withheld=NOTHING)
    assert caught.value.code == "GM104"
    assert out.read_bytes() == b"old"
    leave(b"new", out, withheld=NOTHING, force=True)
    assert out.read_bytes() == b"new"


def test_a_leak_leaves_the_old_file_also_with_force(tmp_path):
    out = tmp_path / "map.html"
    out.write_bytes(b"old")
    with pytest.raises(PublishError):
        leave("巴特尔夫".encode(), out, withheld=SECRETS, force=True)
    assert out.read_bytes() == b"old"


def test_a_folder_is_never_replaced(tmp_path):
    with pytest.raises(ConfigError, match="GM104"):
        leave(b"x", tmp_path, withheld=NOTHING, force=True)


def test_a_place_that_cannot_be_written_is_a_clear_error(tmp_path):
    with pytest.raises(PublishError) as caught:
        leave(b"x", tmp_path / "none" / "map.html", withheld=NOTHING)
    assert caught.value.code == "GM603"


def test_a_failure_at_the_last_step_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    out = tmp_path / "map.html"
    out.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(PublishError, match="No space left"):
        leave(b"new", out, withheld=NOTHING, force=True)
    monkeypatch.undo()
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


def test_the_bytes_are_on_the_disk_before_the_name_changes(tmp_path, monkeypatch):
    steps = []
    flush, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (steps.append("flush"), flush(handle))[1])
    monkeypatch.setattr(Path, "replace", lambda a, b: (steps.append("replace"), replace(a, b))[1])
    leave(b"x", tmp_path / "x.html", withheld=NOTHING)
    # Both files are flushed (and the folder after each), and the product's name changes last.
    assert steps == ["flush", "replace", "flush", "flush", "replace", "flush"]


@pytest.mark.parametrize(
    "name", ["border.gpkg", "border.gpkg-journal", "gridmap.toml", "log.jsonl", "releases.json"]
)
def test_no_product_replaces_the_files_of_a_project(tmp_path, name):
    for own in ("gridmap.toml", "border.gpkg", "log.jsonl", "releases.json"):
        (tmp_path / own).write_bytes(b"the only copy")
    (tmp_path / "link").symlink_to(tmp_path / name)
    before = sorted(tmp_path.iterdir())
    for out in (tmp_path / name, tmp_path / "link"):
        with pytest.raises(ConfigError) as caught:
            leave(b"a product", out, withheld=NOTHING, force=True)
        assert caught.value.code == "GM104"
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "border.gpkg").read_bytes() == b"the only copy"
