"""Many rows at once: the same records, hashes, blobs and tables as one row at a time gives."""

import hashlib
import json
import sqlite3

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from store_sample import SPEC, homes

from gridmap.errors import StructureError
from gridmap.store import arrays, blob, bulk, conform, records

TYPES = {"id": "text", "a%s": "text", "n": "integer", "r": "real", "t": "boolean"}
TEXT = (
    st.none()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
    | st.sampled_from(['"', "\\", "%s", "\x1f"])
)
ROWS = st.lists(
    st.tuples(
        TEXT,
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.sampled_from([0, 1]),
    ),
    max_size=6,
)


def by_hand(values, wkb):
    """A record as docs/decisions/0003-store.md writes it."""
    there = {name: value for name, value in values.items() if value is not None}
    return json.dumps(there, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\0" + wkb


@given(rows=ROWS)
def test_a_record_is_what_the_decision_says(rows):
    names = list(TYPES)[1:]
    cells = {"id": [str(n) for n in range(len(rows))]}
    cells |= {name: [row[at] for row in rows] for at, name in enumerate(names)}
    wkb = [b"" if n % 3 == 0 else bytes([n]) for n in range(len(rows))]
    made = records.records(cells, TYPES, [one or None for one in wkb], rows=len(rows))
    values = [dict(zip(names, row, strict=True)) for row in rows]
    for one in values:
        # A real is never minus zero in the store.
        one["r"] = one["r"] if one["r"] is None else one["r"] + 0.0
    assert made == [by_hand(one, shape) for one, shape in zip(values, wkb, strict=True)]


@given(values=st.lists(st.binary(min_size=32, max_size=32), max_size=9))
def test_the_state_of_a_table_is_the_sum_of_its_hashes(values):
    values = [b"\xff" * 32, *values, b"\xff" * 32]
    total = sum(int.from_bytes(one, "big") for one in values) % 2**256
    assert records.State.of(iter(values)) == records.State(len(values), total)


def test_hashes_of_another_length_do_not_stop_a_write():
    assert records.State.of([b"\1", b"\2\0"]) == records.State(2, 513)


@pytest.mark.parametrize("odd", [None, shapely.Point(), shapely.box(0, 0, 1, 1), shapely.Point(np.nan, 1)])
def test_points_are_encoded_together_as_they_are_one_by_one(odd):
    shapes = np.empty(4, dtype=object)
    shapes[:] = [shapely.Point(1.5, -2), shapely.Point(3, 4, 5), odd, shapely.Point(0, 1e7)]
    points = shapes[[0, 1, 3]]
    for several in (shapes, points, points[:0]):
        made = blob.encode(several, 4508)
        alone = [blob.encode(np.array([one, None], dtype=object), 4508) for one in several]
        assert made.blobs == [one.blobs[0] for one in alone]
        assert made.wkb == [one.wkb[0] for one in alone]
        assert made.indexed.tolist() == [bool(one.indexed[0]) for one in alone]
        for row, one in enumerate(alone):
            assert np.array_equal(made.bounds[row], one.bounds[0], equal_nan=True)


def test_numpy_columns_are_inserted_as_plain_values():
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE t (fid INTEGER PRIMARY KEY, whole INTEGER, metres REAL, word TEXT, none TEXT)")
    size = 1000
    columns = {
        "fid": range(1, size + 1),
        "whole": np.arange(size, dtype=np.int32) - 5,
        "metres": np.where(np.arange(size) % 3 == 0, np.nan, 0.5),
        "word": [None, *["w"] * (size - 1)],
        "none": (None,) * size,
    }
    bulk.insert(base, "t", columns)
    rows = base.execute("SELECT * FROM t ORDER BY fid").fetchall()
    wanted = [(n + 1, n - 5, None if n % 3 == 0 else 0.5, None if n == 0 else "w", None) for n in range(size)]
    assert rows == wanted
    bulk.insert(base, "t", {name: values[:0] for name, values in columns.items()})
    assert base.execute("SELECT count(*) FROM t").fetchone() == (size,)


@pytest.mark.parametrize("arrow", [True, False])
def test_a_nul_in_a_text_is_refused_with_its_row(monkeypatch, arrow):
    if not arrow:
        monkeypatch.setattr(arrays, "pa", None)
    frame = homes(5)
    frame.loc[3, "name"] = "a\0b"
    with pytest.raises(StructureError) as caught:
        conform(frame, "household", SPEC)
    assert caught.value.faults == ("name is not text in H00003",)


def test_a_frame_conforms_the_same_with_and_without_arrow(monkeypatch):
    frame = homes(9).sample(frac=1, random_state=2)
    frame["name"] = frame["name"].astype("str").where(np.arange(9) % 2 == 0)
    made = conform(frame, "household", SPEC)
    monkeypatch.setattr(arrays, "pa", None)
    pd.testing.assert_frame_equal(pd.DataFrame(conform(frame, "household", SPEC)), pd.DataFrame(made))


def test_texts_are_found_among_others():
    texts = pd.Series(["a", None, "b", "a"], dtype="str")
    assert arrays.among(texts, ["a", "z"]).tolist() == [True, False, False, True]
    assert arrays.among(texts[:0], ["a"]).tolist() == []


def test_row_hashes_are_of_kind_id_and_record():
    wanted = hashlib.blake2b("household\0户1\0{}\0".encode(), digest_size=32).digest()
    assert records.row_hashes("household", ["户1"], [b"{}\0"]) == [wanted]
