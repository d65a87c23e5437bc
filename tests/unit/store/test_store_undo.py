"""A wrong import, edit or removal is taken back whole: nothing of it stays, and nothing else goes."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely
import store_sample
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.errors import StoreError, StoreLocked
from gridmap.store import Delivery, MemoryStore, create_store, open_store

NONE = pd.DataFrame({"row": pd.Series(dtype="Int64"), "row_word": "", "row_id": "", "reason": "", "raw": ""})
A, B = Delivery("a.csv", "a" * 64), Delivery("b.csv", "b" * 64)


def waiting(*numbers, reason="id is missing", ids=None):
    count = len(numbers)
    return pd.DataFrame(
        {
            "row": pd.array(numbers, dtype="Int64"),
            "row_word": ["row"] * count,
            "row_id": pd.Series(ids or [None] * count, dtype="str"),
            "reason": [reason] * count,
            "raw": ['{"户主": "示例"}'] * count,
        }
    )


@pytest.fixture(params=["file", "memory"])
def store(request, tmp_path, spec):
    frames = store_sample.area()
    if request.param == "memory":
        yield MemoryStore(spec, frames)
    else:
        with create_store(tmp_path / "border.gpkg", spec, frames) as made:
            yield made


def some(store, count, **values):
    return store.read("household").head(count).assign(**values)


def new(store, *ids):
    return store.read("household").head(len(ids)).assign(id=list(ids))


ACTS = {
    "edit": lambda store: store.edit("household", "H00001", {"persons": 9, "geometry": shapely.Point(1, 2)}),
    "upsert few": lambda store: store.upsert("household", some(store, 1, persons=8), action="save"),
    "upsert new": lambda store: store.upsert("household", new(store, "N1", "N2"), action="save"),
    "upsert all": lambda store: store.upsert("household", some(store, 99, persons=7), action="save"),
    "remove": lambda store: store.remove("household", ["H00001", "H00002"]),
    "replace": lambda store: store.replace(
        {"household": some(store, 2), "unit": store.read("unit").head(1)}, action="x"
    ),
    "import": lambda store: store.take_in("household", new(store, "N3"), waiting(4, 5, ids=["M4", None]), A),
    "import again": lambda store: store.take_in("household", new(store, "N4"), waiting(5), A),
    "import other": lambda store: store.take_in("unit", store.read("unit").head(0), waiting(2), B),
}


def state(store):
    held = store.read("quarantine").to_dict("records") if "quarantine" in store.tables() else []
    return store.revision(), held


@pytest.mark.parametrize("act", ACTS)
def test_each_action_is_taken_back_whole(store, act):
    before = state(store)
    ACTS[act](store)
    assert state(store) != before
    undone = store.undo()
    assert undone.revision == store.revision()
    assert state(store) == before
    assert store.verify(deep=True).items == ()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(sorted(ACTS)), min_size=1, max_size=6))
def test_the_way_back_is_the_way_there(tmp_path_factory, spec, acts):
    with create_store(tmp_path_factory.mktemp("undo") / "border.gpkg", spec, store_sample.area()) as store:
        passed = []
        for act in acts:
            before = state(store)
            try:
                ACTS[act](store)
            except Exception as error:  # noqa: BLE001 - e.g. a row to remove that is gone already
                assert getattr(error, "code", "") == "GM105"  # noqa: PT017
            if state(store) != before:
                passed.append(before)
        for before in reversed(passed):
            store.undo()
            assert state(store) == before
        with pytest.raises(StoreError) as caught:
            store.undo()
        assert caught.value.code == "GM308"


def test_the_last_ten_actions_are_kept(store):
    for persons in range(1, 13):
        store.edit("household", "H00001", {"persons": persons})
    for _ in range(10):
        store.undo()
    assert store.read("household", ids=["H00001"])["persons"].item() == 2
    with pytest.raises(StoreError) as caught:
        store.undo()
    assert caught.value.code == "GM308"


def test_an_action_that_changed_nothing_is_no_step(store):
    store.edit("household", "H00001", {"persons": 9})
    store.upsert("household", store.read("household"), action="save")
    assert store.undo().action == "edit"


def test_a_million_new_rows_are_not_kept_twice(tmp_path, spec):
    with create_store(tmp_path / "border.gpkg", spec, {}) as store:
        frame = store_sample.area()["household"]
        store.take_in("household", frame, NONE, A)
        undone = store.undo()
        assert (undone.rows, undone.source) == (len(frame), "a.csv")
        assert len(store.read("household")) == 0


def test_undo_does_not_write_over_changes_from_outside(tmp_path, spec):
    import sqlite3

    path = tmp_path / "border.gpkg"
    with create_store(path, spec, store_sample.area()) as store:
        store.edit("household", "H00001", {"persons": 9})
        connection = sqlite3.connect(path)
        connection.execute("UPDATE unit SET name = 'x' WHERE fid = 1")
        connection.commit()
        connection.close()
        with pytest.raises(StoreError) as caught:
            store.undo()
        assert caught.value.code == "GM306"
        store.accept()
        with pytest.raises(StoreError) as caught:
            store.undo()
        assert caught.value.code == "GM308"


def rows_waiting(store):
    if "quarantine" not in store.tables():
        return []
    held = store.read("quarantine")
    return sorted(zip(held["source"], held["row"].tolist(), strict=True))


def test_the_same_file_read_again_does_not_wait_twice(store):
    for _ in range(2):
        store.take_in("household", new(store, "N1"), waiting(3, 4), A)
    assert rows_waiting(store) == [("a.csv", 3), ("a.csv", 4)]
    store.take_in("household", new(store, "N1"), NONE, A)
    assert rows_waiting(store) == []


def test_another_file_of_the_same_name_takes_nothing_out(store):
    store.take_in("household", new(store, "N1"), waiting(3, 4), A)
    store.take_in("household", new(store, "N2"), waiting(3), Delivery("a.csv", "c" * 64))
    assert rows_waiting(store) == [("a.csv", 3), ("a.csv", 3), ("a.csv", 4)]
    store.write_results({}, input_revision="x", meta={})
    assert store.tables()["quarantine"] == 3


def test_a_row_leaves_when_one_with_its_id_comes_in_from_whatever_file(store):
    store.take_in("household", new(store, "N1"), waiting(3, 4, 5, ids=["M1", "M2", "M3"]), A)
    store.take_in("household", new(store, "M1"), waiting(9, ids=["M2"]), B)
    assert rows_waiting(store) == [("a.csv", 5), ("b.csv", 9)]
    # What is stored already, as the file has it, is not written again and settles its row all the same.
    store.take_in("household", new(store), NONE, Delivery("c.csv", "c" * 64, accepted=["M3"]))
    assert rows_waiting(store) == [("b.csv", 9)]
    assert store.discard("b.csv") == 1
    assert rows_waiting(store) == []
    assert store.undo().action == "discard"
    assert rows_waiting(store) == [("b.csv", 9)]


def test_what_came_between_is_not_written_over(store):
    seen = store.revision()
    store.edit("household", "H00001", {"persons": 9})
    before = state(store)
    with pytest.raises(StoreLocked) as caught:
        store.take_in("household", new(store, "N1"), NONE, Delivery("a.csv", expected=seen))
    assert caught.value.code == "GM301"
    assert state(store) == before


def test_importing_the_same_twice_is_one_step_in_both_stores(store):
    for _ in range(2):
        store.take_in("household", new(store, "N1"), waiting(3), A)
    store.undo()
    with pytest.raises(StoreError, match="GM308"):
        store.undo()


def test_both_stores_say_the_same(tmp_path, spec):
    one = MemoryStore(spec, store_sample.area())
    two = create_store(tmp_path / "border.gpkg", spec, store_sample.area())
    for act in ("edit", "import", "import other", "upsert new"):
        ACTS[act](one)
        ACTS[act](two)
        assert one.content() == two.content()
    assert two.verify(deep=True).items == ()
    assert open_store(tmp_path / "border.gpkg", spec).content() == one.content()
    first, second = one.undo(), two.undo()
    assert first == second


def test_a_text_that_other_programs_would_cut_is_refused(store):
    with pytest.raises(StoreError) as caught:
        store.upsert("unit", store.read("unit").head(1).assign(name="a\0b"), action="save")
    assert caught.value.code == "GM305"
    assert "a\0b" not in str(caught.value)
