"""A process for the tests that kill, starve or crowd the store; see the functions at the end.

It writes ``try HASH`` before an action, with the content that the action would lead to, and
``done HASH`` after the store has acknowledged it.
"""

import os
import shutil
import sys
from pathlib import Path

import assigned_sample
import store_sample

from gridmap.errors import StoreError
from gridmap.store import MemoryStore, assigned, open_store
from gridmap.store.migrations import MIGRATIONS, Migration

# As many are written: as pages that SQLite copies.
assigned.MANY = 1


def one_more_person(doing):
    frame = doing.read_kind("household")
    doing.put_kind("household", frame.assign(persons=frame["persons"] + 1))


STEPS = (
    *MIGRATIONS,
    Migration("one more person in every home", one_more_person),
)


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def act(store, number):
    """Do the action of a number; the same on every store."""
    row = f"H{number % 40:05d}"
    if number % 4 == 0:
        store.upsert("household", store_sample.homes(30 + number % 200, seed=number), action="import")
    elif number % 4 == 1:
        store.edit("household", store.read("household")["id"].iloc[0], {"persons": number % 50})
    elif number % 4 == 2:
        made = assigned_sample.many(500 + number % 1_000) if number % 8 == 2 else None
        frames = store_sample.results(number)
        store.write_results(frames, assigned=made, input_revision=str(number), meta={"row": row})
    else:
        store.replace({"household": store_sample.homes(50 + number % 100, seed=number)}, action="save")


def work(path):
    """Act for ever, with a mirror in memory that says what must come of it."""
    store, mirror = open_store(path, store_sample.SPEC), MemoryStore(store_sample.SPEC, store_sample.area())
    say("done", store.content())
    number = 0
    while True:
        act(mirror, number)
        say("try", mirror.content())
        act(store, number)
        say("done", store.content())
        number += 1


def migrate(path):
    """Migrate fresh copies for ever."""
    whole = path.with_name("whole.gpkg")
    shutil.copy(path, whole)
    number = 0
    while True:
        one = path.with_name(f"copy{number}.gpkg")
        shutil.copy(whole, one)
        say("try", one.name)
        open_store(one, store_sample.SPEC, steps=STEPS)
        say("done", one.name)
        one.unlink()
        number += 1


def edits(path, name, count):
    """Edit rows of one's own, and say which edits were acknowledged."""
    store = open_store(path, store_sample.SPEC, lock_timeout_s=60)
    for number in range(int(count)):
        row = f"H{number % 20 + (20 if name == 'b' else 0):05d}"
        store.edit("household", row, {"persons": number % 60, "status": f"{name}{number}"})
        say("done", row, number % 60, f"{name}{number}")


def nobody(path):
    """Give up root's powers, then try to write into a folder that is not one's own."""
    store = open_store(path, store_sample.SPEC)
    act(MemoryStore(store_sample.SPEC, store_sample.area()), 0)
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
    say("rows", len(store.read("household")))
    for number in range(4):
        try:
            act(store, number)
            say("wrote", number)
        except StoreError as error:
            say("error", error.code)


def hold(path, seconds):
    """Hold the lock for a while."""
    import sqlite3
    import time

    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    say("held")
    time.sleep(float(seconds))
    connection.execute("COMMIT")


if __name__ == "__main__":
    {"work": work, "migrate": migrate, "edits": edits, "nobody": nobody, "hold": hold}[sys.argv[1]](
        Path(sys.argv[2]), *sys.argv[3:]
    )
