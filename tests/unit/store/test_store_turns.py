"""One process at a time: what is read, worked out and written is not overtaken in between."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from gridmap.errors import StoreLocked
from gridmap.store import in_turn

HOLDS = """
import sys, time
from pathlib import Path
from gridmap.store import in_turn
with in_turn(Path(sys.argv[1])):
    print("mine", flush=True)
    time.sleep(60)
"""


def test_turns_are_taken_one_after_the_other(tmp_path):
    said = []

    def take(name):
        with in_turn(tmp_path):
            said.append(name)
            time.sleep(0.05)
            said.append(name)

    threads = [threading.Thread(target=take, args=(name,)) for name in "abc"]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(said) == 6
    assert said[0::2] == said[1::2]


def test_nothing_is_left_in_the_folder(tmp_path):
    with in_turn(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_who_waits_too_long_is_told_and_a_killed_process_has_no_turn(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE) as child:
        assert child.stdout.readline().strip() == b"mine"
        with pytest.raises(StoreLocked) as caught, in_turn(tmp_path, patience_s=0.1):
            pass
        child.kill()
        child.wait()
    assert caught.value.code == "GM301"
    with in_turn(tmp_path, patience_s=5):
        pass


def test_a_folder_that_cannot_be_opened_stops_nobody(tmp_path):
    with in_turn(tmp_path / "not there"):
        pass
