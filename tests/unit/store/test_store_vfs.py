"""I/O faults at every write, sync, truncation and deletion that an action makes."""

import os

import assigned_sample
import faulty_vfs
import pytest
import store_sample

from gridmap.errors import StoreError
from gridmap.store import open_store
from gridmap.store.migrations import MIGRATIONS, Migration


def one_more_person(doing):
    frame = doing.read_kind("household")
    doing.put_kind("household", frame.assign(persons=frame["persons"] + 1))


STEPS = (
    *MIGRATIONS,
    Migration("one more person in every home", one_more_person),
)
ACTIONS = {
    "import": lambda open_it: open_it().upsert("household", store_sample.homes(60, seed=3), action="import"),
    "edit": lambda open_it: open_it().edit("household", "H00001", {"persons": 9}),
    "assign": lambda open_it: open_it().write_results(
        store_sample.results(), input_revision="a", meta={"version": "1"}
    ),
    "assign many": lambda open_it: open_it().write_results(
        {}, assigned=assigned_sample.many(1_500), input_revision="a", meta={"version": "1"}
    ),
    "migrate": lambda open_it: open_it(steps=STEPS),
}
WAYS = {
    "passing": {},
    "lasting": {"sticky": True},
    "torn": {"sticky": True, "torn": True},
    "full": {"sticky": True, "code": faulty_vfs.FULL},
}


@pytest.fixture(scope="module")
def faults():
    found = faulty_vfs.library()
    if found is None:
        assert not os.environ.get("CI"), "CI must reach the SQLite library to inject faults"
        pytest.skip("the SQLite library of this Python cannot be reached")
    return faulty_vfs.Faults(found)


@pytest.fixture(autouse=True)
def laid_out(monkeypatch):
    """Few assignments are written as many are: as pages that SQLite copies."""
    monkeypatch.setattr("gridmap.store.assigned.MANY", 1)


def inject(path, spec, faults, action, way, every):
    """Fail at each call in turn; return how many faults were injected."""
    whole = path.read_bytes()
    old = open_store(path, spec).content()
    ACTIONS[action](lambda **more: open_store(path, spec, **more))
    new = reopened(path, spec).content()
    assert new != old

    def faulty(**more):
        return open_store(path, spec, vfs=faulty_vfs.NAME, **more)

    at = 1
    while True:
        path.write_bytes(whole)
        faults.arm(at, **WAYS[way])
        code = None
        try:
            ACTIONS[action](faulty)
        except StoreError as error:
            code = error.code
        finally:
            faults.disarm()
        assert code in {None, "GM302", "GM303"}
        store = reopened(path, spec)
        assert store.content() in ({new} if code is None else {old, new})
        assert store.verify(deep=True).items == ()
        if not faults.failed:
            return at - 1
        at += every


def reopened(path, spec):
    """Open what a fault has left, before or after a migration, without any help."""
    try:
        return open_store(path, spec, steps=MIGRATIONS)
    except StoreError:
        return open_store(path, spec, steps=STEPS)


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("action", ACTIONS)
def test_a_fault_now_and_then_leaves_old_or_new(path, spec, faults, action):
    assert inject(path, spec, faults, action, "lasting", every=5) > 2


@pytest.mark.stress
@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("action", ACTIONS)
def test_a_fault_at_every_call_leaves_old_or_new(path, spec, faults, action, way):
    assert inject(path, spec, faults, action, way, every=1) > 10
