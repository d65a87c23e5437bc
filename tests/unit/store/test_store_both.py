"""What every store does, on disk and in memory alike."""

import subprocess
import sys

import pandas as pd
import pytest
import shapely
import store_sample

from gridmap.errors import ConfigError, StructureError
from gridmap.store import MemoryStore, conform, create_store, tables


def same(first, second):
    assert type(first) is type(second)
    assert list(first.columns) == list(second.columns)
    pd.testing.assert_frame_equal(
        pd.DataFrame(first.drop(columns="geometry", errors="ignore")),
        pd.DataFrame(second.drop(columns="geometry", errors="ignore")),
    )
    if "geometry" in first.columns:
        assert first.crs == second.crs
        assert list(shapely.to_wkb(first.geometry.to_numpy())) == list(
            shapely.to_wkb(second.geometry.to_numpy())
        )


def test_reading_returns_what_was_written(any_store, spec):
    for kind, frame in store_sample.area().items():
        same(any_store.read(kind), conform(frame, kind, spec))
    assert len(any_store.read("track")) == 0
    assert any_store.tables() == {
        **dict.fromkeys(spec.kinds, 0),
        "household": 40,
        "patrol_zone": 3,
        "unit": 2,
    }


def test_all_kinds_are_read_as_each_alone(any_store, spec):
    everything = any_store.read_all()
    assert list(everything) == list(spec.kinds)
    for kind, frame in everything.items():
        same(frame, any_store.read(kind))


def test_all_kinds_are_read_in_one_state(stored, monkeypatch):
    """A plan is of one state of the data: another process cannot change a kind between two."""
    change = (
        "import sqlite3, sys\nbase = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)\n"
        "try:\n    base.execute('DELETE FROM gridmap_row')\n"
        "except sqlite3.OperationalError as error:\n    print(error)"
    )
    told, layout = [], tables.layout

    def interrupted(connection, table):
        if table == "unit":
            words = [sys.executable, "-c", change, str(stored.path)]
            told.append(subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip())
        return layout(connection, table)

    monkeypatch.setattr(tables, "layout", interrupted)
    assert len(stored.read_all()["household"]) == 40
    assert told == ["database is locked"]


def test_both_stores_have_one_revision_for_one_content(path, spec):
    disk, memory = create_store(path, spec, store_sample.area()), MemoryStore(spec, store_sample.area())
    assert disk.revision() == memory.revision()
    for store in (disk, memory):
        store.upsert("household", store_sample.homes(3, seed=9), action="test")
        store.edit("household", "H00007", {"persons": 9, "status": "away"})
        store.remove("unit", ["U2"])
        store.write_results(store_sample.results(), input_revision="abc", meta={"version": "1"})
    assert disk.revision() == memory.revision()
    assert disk.content() == memory.content()


def test_shuffled_rows_and_empty_columns_make_no_other_revision(path, spec):
    frames = store_sample.area()
    shuffled = {kind: frame.sample(frac=1, random_state=3) for kind, frame in frames.items()}
    shuffled["household"]["status"] = None
    assert MemoryStore(spec, frames).revision() == create_store(path, spec, shuffled).revision()


def test_a_change_undone_is_the_old_revision(any_store):
    before = any_store.revision()
    assert any_store.edit("household", "H00003", {"persons": 55}) != before
    old = int(store_sample.homes(40)["persons"].iloc[3])
    assert any_store.edit("household", "H00003", {"persons": old}) == before


def test_columns_box_and_ids_narrow_what_is_read(any_store):
    homes = any_store.read("household")
    x, y = homes.geometry.x, homes.geometry.y
    box = (x.quantile(0.2), y.quantile(0.2), x.quantile(0.7), y.quantile(0.7))
    inside = homes[(x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])].reset_index(drop=True)
    assert 0 < len(inside) < len(homes)
    same(any_store.read("household", bbox=box), inside)
    part = any_store.read("household", columns=["persons", "name"], ids=["H00002", "H00001", "H99999"])
    assert list(part.columns) == ["id", "name", "persons", "geometry"]
    assert list(part["id"]) == ["H00001", "H00002"]
    assert list(any_store.read("unit", columns=["layer"]).columns) == ["id", "layer"]
    with pytest.raises(ConfigError, match="did you mean persons"):
        any_store.read("household", columns=["person"])
    with pytest.raises(ConfigError, match="no such table"):
        any_store.read("nothing")


def test_upsert_adds_and_replaces_by_id(any_store):
    new = store_sample.homes(42).iloc[[5, 41]].assign(persons=[60, 59])
    any_store.upsert("household", new, action="import")
    homes = any_store.read("household").set_index("id")
    assert len(homes) == 41
    assert homes.loc["H00005", "persons"] == 60
    assert homes.loc["H00041", "persons"] == 59
    many = store_sample.homes(60, seed=4)
    any_store.upsert("household", many, action="import")
    same(any_store.read("household"), conform(many, "household", any_store.spec))


def test_edit_takes_typed_values_text_and_shapes(any_store):
    place = shapely.Point(store_sample.X0 + 1, store_sample.Y0 + 1)
    any_store.edit("household", "H00001", {"persons": "7", "valid_from": "2026-03-04", "geometry": place})
    any_store.edit("household", "H00001", {"stronghold": True, "name": None})
    row = any_store.read("household", ids=["H00001"]).iloc[0]
    assert row["persons"] == 7
    assert row["valid_from"] == pd.Timestamp("2026-03-04")
    assert row["stronghold"]
    assert pd.isna(row["name"])
    assert row["geometry"].equals(place)
    assert len(any_store.read("household", bbox=place.bounds)) == 1


@pytest.mark.parametrize(
    ("row", "values", "code"),
    [
        ("H99999", {"persons": 1}, "GM105"),
        ("H00001", {"person": 1}, "GM105"),
        ("H00001", {"persons": "many"}, "GM106"),
        ("H00001", {"persons": 1.5}, "GM106"),
        ("H00001", {"id": "H2"}, "GM106"),
        ("H00001", {"geometry": 5}, "GM106"),
        ("H00001", {"geometry": "POINT (1"}, "GM106"),
        ("H00001", {"valid_from": "yesterday"}, "GM106"),
    ],
)
def test_a_bad_edit_is_said_and_changes_nothing(any_store, row, values, code):
    before = any_store.content()
    with pytest.raises(ConfigError) as caught:
        any_store.edit("household", row, values)
    assert caught.value.code == code
    assert "many" not in str(caught.value)
    assert any_store.content() == before


def test_removing_takes_rows_out_or_nothing(any_store):
    with pytest.raises(ConfigError, match="H99999"):
        any_store.remove("household", ["H00001", "H99999"])
    any_store.remove("household", ["H00001", "H00002"])
    assert any_store.tables()["household"] == 38


def test_a_frame_that_cannot_be_stored_leaves_everything(any_store):
    before = any_store.content()
    bad = store_sample.homes(2).assign(id="H1")
    for write in (
        lambda: any_store.upsert("household", bad, action="x"),
        lambda: any_store.replace({"unit": store_sample.units(), "household": bad}, action="x"),
    ):
        with pytest.raises(StructureError):
            write()
    assert any_store.content() == before


def test_results_come_back_in_their_order_with_what_they_were_made_from(any_store):
    assert any_store.results_revision() is None
    with pytest.raises(ConfigError, match="gridmap assign"):
        any_store.read("sections")
    before, revision = any_store.content(), any_store.revision()
    any_store.write_results(store_sample.results(), input_revision="abc", meta={"version": "1"})
    assert any_store.results_revision() == "abc"
    assert any_store.results_meta() == {"version": "1"}
    assert any_store.revision() == revision
    assert any_store.content() != before
    found = any_store.read("findings")
    assert list(found["code"]) == ["gap", "orphan"]
    assert pd.isna(found["id"].iloc[0])
    assert found.geometry.iloc[1] is None
    assert any_store.tables()["assignments"] == 1
    assert any_store.read("assignments").columns[0] == "kind"
    again = any_store.content()
    any_store.write_results(store_sample.results(2), input_revision="abc", meta={})
    assert any_store.content() != again


def test_nothing_is_found_on_what_gridmap_wrote(any_store):
    any_store.upsert("household", store_sample.homes(3, seed=9), action="x")
    any_store.edit("household", "H00007", {"persons": 9})
    any_store.remove("household", ["H00008"])
    any_store.write_results(store_sample.results(), input_revision="abc", meta={})
    assert any_store.verify(deep=True).items == ()
    assert any_store.verify(deep=False).items == ()
    assert any_store.outside_changes() == ()
    assert any_store.accept() == ()
