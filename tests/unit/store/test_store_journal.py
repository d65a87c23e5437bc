"""The log beside the store: whole lines only, whoever writes, whatever broke."""

import threading

import pytest

from gridmap.errors import StoreError
from gridmap.store import journal, write_file


def test_entries_come_back_in_order(tmp_path):
    path = tmp_path / "log.jsonl"
    assert journal.read(path) == []
    for number in range(3):
        journal.append(path, {"action": "编辑\n\u2028", "number": number})
    assert [entry["number"] for entry in journal.read(path)] == [0, 1, 2]
    assert path.read_bytes().count(b"\n") == 3


def test_a_torn_last_line_is_left_out_and_the_next_one_is_whole(tmp_path):
    path = tmp_path / "log.jsonl"
    journal.append(path, {"number": 0})
    with path.open("ab") as stream:
        stream.write('{"number": 1, "name": "鎮'.encode()[:-1])
    assert [entry["number"] for entry in journal.read(path)] == [0]
    journal.append(path, {"number": 2})
    assert [entry["number"] for entry in journal.read(path)] == [0, 2]


def test_two_writers_do_not_mix_lines(tmp_path):
    path = tmp_path / "log.jsonl"

    def write(name):
        for number in range(40):
            journal.append(path, {"by": name, "number": number, "text": "x" * 500})

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Reading leaves out a torn line: all of them are there, so none was torn.
    entries = journal.read(path)
    for name in "ab":
        assert [entry["number"] for entry in entries if entry["by"] == name] == list(range(40))
    assert len(entries) == 80


def test_a_log_that_cannot_be_written_or_read_is_said(tmp_path):
    with pytest.raises(StoreError, match="GM303"):
        journal.append(tmp_path / "no" / "log.jsonl", {"number": 1})
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="GM302"):
        journal.read(tmp_path / "folder")


def test_a_small_file_is_written_whole_with_the_line_ends_it_has(tmp_path):
    for text in ("名 = 1\nb = 2\n", "\ufeff名 = 1\r\nb = 2\n"):
        path = write_file(tmp_path / "a.toml", text)
        assert path.read_bytes() == text.encode()
    with pytest.raises(StoreError, match="GM303"):
        write_file(tmp_path / "no" / "a.toml", "x")
    assert [item.name for item in tmp_path.iterdir()] == ["a.toml"]
