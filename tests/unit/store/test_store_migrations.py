"""Schema versions: older ones are brought forward in one transaction, newer ones left alone."""

import sqlite3

import pytest
import store_sample

from gridmap.errors import StoreError
from gridmap.store import open_store
from gridmap.store.migrations import MIGRATIONS, Migration


def one_more_person(doing):
    frame = doing.read_kind("household")
    doing.put_kind("household", frame.assign(persons=frame["persons"] + 1))


def fails(_):
    raise RuntimeError("a fault in the second step")


STEP = Migration("one more person in every home", one_more_person)


def schema(path):
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT value FROM gridmap_meta WHERE key = 'schema'").fetchone()[0]
    connection.close()
    return int(found)


def test_steps_run_in_order_and_once(stored, path, spec):
    before = stored.read("household")["persons"]
    for _ in range(2):
        store = open_store(path, spec, steps=(*MIGRATIONS, STEP, STEP))
        assert (store.read("household")["persons"] == before + 2).all()
        assert schema(path) == len(MIGRATIONS) + 3
        assert store.verify(deep=True).items == ()
    store.edit("household", "H00001", {"persons": 1})


@pytest.mark.usefixtures("stored")
def test_a_step_that_fails_leaves_every_byte(path, spec):
    before = path.read_bytes()
    with pytest.raises(RuntimeError):
        open_store(path, spec, steps=(*MIGRATIONS, STEP, Migration("fails", fails)))
    assert path.read_bytes() == before
    assert schema(path) == len(MIGRATIONS) + 1


def test_a_newer_store_is_refused_and_left_as_it_is(stored, path, spec):
    open_store(
        path,
        spec,
        steps=(
            *MIGRATIONS,
            STEP,
        ),
    )
    before = path.read_bytes()
    with pytest.raises(StoreError) as caught:
        open_store(path, spec)
    assert caught.value.code == "GM304"
    for act in (
        lambda: stored.edit("household", "H00001", {"persons": 1}),
        lambda: stored.read("household"),
        lambda: stored.verify(deep=True),
    ):
        with pytest.raises(StoreError, match="GM304"):
            act()
    assert path.read_bytes() == before


@pytest.mark.usefixtures("stored")
def test_an_older_store_with_changes_from_outside_is_not_migrated_over_them(path, spec):
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM unit WHERE id = 'U1'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="GM306"):
        open_store(
            path,
            spec,
            steps=(
                *MIGRATIONS,
                STEP,
            ),
        )
    assert open_store(path, spec).accept()
    assert (
        open_store(
            path,
            spec,
            steps=(
                *MIGRATIONS,
                STEP,
            ),
        ).tables()["unit"]
        == len(store_sample.units()) - 1
    )
