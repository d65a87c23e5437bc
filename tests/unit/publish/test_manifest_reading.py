"""A manifest comes back from anybody: what is not one is told, never guessed at, never a traceback."""

from __future__ import annotations

import json
import os

import product_records
import pytest

from gridmap import publish
from gridmap.errors import PublishError
from gridmap.privacy import Withheld

PRIVATE = "巴特尔的秘密"


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    made = product_records.record(redacted=(product_records.AREAS,))
    out = publish.publish(b"x", folder / "map.html", withheld=Withheld({}), record=made)
    return json.loads(publish.manifest_path(out).read_bytes())


def refused(path, data):
    path.write_bytes(data)
    with pytest.raises(PublishError) as caught:
        publish.read_manifest(path)
    assert caught.value.code == "GM604"
    assert PRIVATE not in str(caught.value)
    assert caught.value.fix
    return caught.value


def test_what_was_written_is_read(good, tmp_path):
    path = tmp_path / "x.manifest.json"
    path.write_bytes(json.dumps(good).encode())
    found = publish.read_manifest(path)
    assert found.redactions[0].k == 10
    assert json.loads(found.to_bytes()) == good


def test_a_missing_one_says_what_to_do(tmp_path):
    with pytest.raises(PublishError, match="no manifest beside") as caught:
        publish.read_manifest(tmp_path / "map.html.manifest.json")
    assert caught.value.code == "GM604"
    assert "make the product again" in caught.value.fix


def test_one_of_a_later_gridmap_says_so(good, tmp_path):
    later = {"format": 2, "whatever": "it holds"}
    assert "update gridmap" in refused(tmp_path / "m", json.dumps(later).encode()).fix
    refused(tmp_path / "m", json.dumps({**good, "format": int("9" * 4000)}).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"12",
        b"\xff\xfe{}",
        b"\x00" * 100,
        b"{" * 200_000,
        b"[" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"format": ' + b"9" * 5000 + b"}",
        b'{"format": NaN}',
        b'{"format": 1e999}',
        b'{"format": 1, "format": 1}',
        b'{"format": true}',
        b'{"format": 1}',
        b'{"\\ud800": 1}',
    ],
    ids=lambda data: repr(data[:20]),
)
def test_what_is_no_manifest_is_refused(tmp_path, data):
    refused(tmp_path / "map.html.manifest.json", data)


@pytest.mark.parametrize(
    "change",
    [
        {PRIVATE: 1},
        {"product": 5},
        {"action": PRIVATE},
        {"action": "export"},
        {"audience": None},
        {"unit": [PRIVATE]},
        {"options": {"map": {"deep": PRIVATE}}},
        {"decimals": -1},
        {"decimals": "5"},
        {"ids": PRIVATE},
        {"k": 1.5},
        {"tables": {"household": {PRIVATE: 1}}},
        {"redactions": [{"kind": PRIVATE}]},
        {"output": {"bytes": 1, "sha256": PRIVATE}},
        {"output": {"bytes": 1, "sha256": "A" * 64}},
        {"output": {"bytes": True, "sha256": "a" * 64}},
        {"input": None},
        {"versions": {"gridmap": 1}},
    ],
    ids=str,
)
def test_a_value_that_no_manifest_has_is_refused_by_its_key_and_without_it(good, tmp_path, change):
    refused(tmp_path / "m", json.dumps({**good, **change}, ensure_ascii=False).encode())


def test_a_missing_key_is_named(good, tmp_path):
    for key in set(good) - {"format"}:
        plain = {name: value for name, value in good.items() if name != key}
        assert f"{key} is missing" in refused(tmp_path / "m", json.dumps(plain).encode()).what


def test_a_key_given_twice_is_refused(good, tmp_path):
    """A reader might go by the first, and the program by the last."""
    text = json.dumps(good)
    assert text.startswith("{")
    twice = '{"audience": "custodian", ' + text[1:]
    refused(tmp_path / "m", twice.encode())


def test_a_huge_one_is_refused_without_being_taken_in(good, tmp_path):
    path = tmp_path / "m"
    path.write_bytes(json.dumps(good).encode())
    os.truncate(path, 3 << 30)
    with pytest.raises(PublishError, match="larger than any"):
        publish.read_manifest(path)


def test_a_pipe_or_folder_is_refused_at_once(tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        with pytest.raises(PublishError, match="GM604"):
            publish.read_manifest(tmp_path / name)
