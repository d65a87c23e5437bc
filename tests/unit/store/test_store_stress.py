"""Kills, full disks, closed folders, locks and crowds: the previous file whole, or the new one.

Small here; whole under the marker ``stress``.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import store_child
import store_sample

from gridmap.errors import StoreError, StoreLocked
from gridmap.store import create_store, open_store
from gridmap.store.migrations import MIGRATIONS

resource = pytest.importorskip("resource", reason="kills and limits of file size are POSIX")

CHILD = Path(store_child.__file__)
ENVIRONMENT = {**os.environ, "PYTHONWARNINGS": "ignore"}


def child(*words):
    return subprocess.Popen(
        [sys.executable, str(CHILD), *map(str, words)], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    )


def kill_at_random(process, rng, longest_s):
    """Wait for the first line, then a random time, kill, and return what was said."""
    first = process.stdout.readline()
    time.sleep(rng.uniform(0, longest_s))
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.stdout.close()
    process.wait()
    # A line that was cut was not said.
    return [line.split() for line in (first + rest).split("\n")[:-1]]


def kill_working(folder, count, seed):
    rng = random.Random(seed)  # noqa: S311 - a test's choice of moments
    inside = 0
    for number in range(count):
        path = folder / f"kill{number}" / "border.gpkg"
        path.parent.mkdir()
        create_store(path, store_sample.SPEC, store_sample.area())
        said = kill_at_random(child("work", path), rng, 1.5)
        done = [word for what, word in said if what == "done"][-1]
        allowed = {done} | ({said[-1][1]} if said[-1][0] == "try" else set())
        inside += said[-1][0] == "try"
        store = open_store(path, store_sample.SPEC)
        assert store.content() in allowed
        assert store.verify(deep=True).items == ()
        store.edit("unit", "U1", {"name": "after"})
    return inside


def kill_migrating(folder, count, seed):
    rng = random.Random(seed)  # noqa: S311 - a test's choice of moments
    for number in range(count):
        path = folder / f"migrate{number}" / "border.gpkg"
        path.parent.mkdir()
        old = create_store(path, store_sample.SPEC, store_sample.area(500)).content()
        said = kill_at_random(child("migrate", path), rng, 0.8)
        (left,) = path.parent.glob("copy*.gpkg") if said[-1][0] == "try" else (path,)
        try:
            found = open_store(left, store_sample.SPEC, steps=MIGRATIONS).content()
        except StoreError as error:
            found = error.code
        assert found in {old, "GM304"}
        store = open_store(left, store_sample.SPEC, steps=store_child.STEPS)
        assert (store.read("household")["persons"] == store_sample.homes(500)["persons"] + 1).all()
        assert store.verify(deep=True).items == ()


def test_kills_leave_old_or_new(tmp_path):
    kill_working(tmp_path, 4, seed=1)
    kill_migrating(tmp_path, 2, seed=2)


@pytest.mark.stress
@pytest.mark.timeout(3600)
def test_two_hundred_kills_leave_old_or_new(tmp_path):
    assert kill_working(tmp_path, 150, seed=3) > 50
    kill_migrating(tmp_path, 50, seed=4)


def held(path):
    """Return the file's bytes, its free pages empty: SQLite does not keep what stood in one that it takes.

    The leaves of the list of free pages: sqlite.org/fileformat2.html, section 1.5.
    """
    raw = bytearray(path.read_bytes())
    size = int.from_bytes(raw[16:18], "big")
    trunk = int.from_bytes(raw[32:36], "big")
    while trunk:
        at = (trunk - 1) * size
        count = int.from_bytes(raw[at + 4 : at + 8], "big")
        for place in range(at + 8, at + 8 + 4 * count, 4):
            first = (int.from_bytes(raw[place : place + 4], "big") - 1) * size
            raw[first : first + size] = bytes(size)
        trunk = int.from_bytes(raw[at : at + 4], "big")
    return bytes(raw)


def starve(path, limits):
    """Act under each limit of file size; a file that cannot grow is a disk that is full."""
    refused = 0
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in limits:
        for number in range(4):
            store = open_store(path, store_sample.SPEC)
            before, whole = store.content(), held(path)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
            said = ""
            try:
                store_child.act(store, number)
            except StoreError as error:
                said = str(error)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            if said:
                refused += 1
                assert "GM303" in said
                assert "fix:" in said
                assert store.content() == before
                assert held(path) == whole
            assert store.verify(deep=True).items == ()
    return refused


@pytest.mark.usefixtures("stored")
def test_a_full_disk_leaves_every_byte(path):
    size = path.stat().st_size
    assert starve(path, [0, 600, size // 2, size]) >= 8


def test_a_full_disk_leaves_no_half_made_store_nor_copy(stored, path, spec):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    whole = path.read_bytes()
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        for make in (
            lambda: create_store(path, spec, store_sample.area(3000)),
            lambda: create_store(path.with_name("other.gpkg"), spec, store_sample.area(3000)),
            lambda: stored.snapshot(path.with_name("copy.gpkg")),
        ):
            with pytest.raises(StoreError) as caught:
                make()
            assert caught.value.code == "GM303"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [item.name for item in path.parent.iterdir()] == ["border.gpkg"]
    assert held(path) == whole


@pytest.mark.stress
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("stored")
def test_a_full_disk_at_every_size_leaves_every_byte(path):
    size = path.stat().st_size
    assert starve(path, range(0, size + 200_000, 7_000)) > 50


@pytest.mark.stress
def test_a_small_disk_that_fills_leaves_the_last_whole_file(tmp_path, spec):
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("mounting a tmpfs is not allowed here")
    try:
        store = create_store(disk / "border.gpkg", spec, store_sample.area())
        refused = []
        for number in range(200):
            before = store.content()
            try:
                store.upsert("household", store_sample.homes(100 * number, seed=number), action="import")
            except StoreError as error:
                refused.append(error.code)
                if store.content() != before or store.verify(deep=True).items or len(refused) == 3:
                    break
        assert refused == ["GM303"] * 3
        assert store.content() == before
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_read_only_folder_leaves_every_byte(spec):
    # Not pytest's folder: nobody may not look into it.
    with tempfile.TemporaryDirectory(prefix="gridmap-test-") as name:
        folder = Path(name)
        path = folder / "border.gpkg"
        create_store(path, spec, store_sample.area())
        path.chmod(0o666)
        folder.chmod(0o555)
        before = path.read_bytes()
        process = child("nobody", path)
        said = process.communicate(timeout=120)[0].split("\n")
        folder.chmod(0o755)
        assert said[0] == "rows 40"
        assert said[1:5] == ["error GM303"] * 4
        assert path.read_bytes() == before
        assert [item.name for item in folder.iterdir()] == ["border.gpkg"]


def test_a_lock_held_by_another_process_is_said_within_the_set_time(stored, path, spec):
    process = child("hold", path, 30)
    assert process.stdout.readline() == "held\n"
    before = path.read_bytes()
    start = time.monotonic()
    with pytest.raises(StoreLocked) as caught:
        open_store(path, spec, lock_timeout_s=0.3).edit("household", "H00001", {"persons": 1})
    assert time.monotonic() - start < 3
    assert caught.value.code == "GM301"
    assert len(stored.read("household")) == 40
    process.kill()
    process.communicate()
    assert path.read_bytes() == before
    stored.edit("household", "H00001", {"persons": 1})


def crowd(path, count):
    create_store(path, store_sample.SPEC, store_sample.area())
    processes = [child("edits", path, name, count) for name in "ab"]
    said = [process.communicate(timeout=600)[0] for process in processes]
    assert all(process.returncode == 0 for process in processes)
    lines = [[line.split() for line in text.splitlines()] for text in said]
    assert [len(one) for one in lines] == [count, count]
    store = open_store(path, store_sample.SPEC)
    rows = store.read("household").set_index("id")
    for one in lines:
        for _, row, persons, status in {line[1]: line for line in one}.values():
            assert rows.loc[row, "persons"] == int(persons)
            assert rows.loc[row, "status"] == status
    assert store.verify(deep=True).items == ()
    assert store.outside_changes() == ()


def test_two_processes_lose_no_acknowledged_edit(path):
    crowd(path, 10)


@pytest.mark.stress
def test_two_processes_of_fifty_edits_lose_none(path):
    crowd(path, 50)
