"""Whatever goes into a store comes out of it, in any order, by any road."""

import datetime as dt
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.config import default_spec
from gridmap.store import MemoryStore, conform, create_store
from gridmap.store.blob import decode, encode

SPEC = default_spec()
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
COORDINATE = st.floats(-1e7, 1e7) | st.sampled_from([float("inf"), -0.0, 5e-324])
MAYBE = st.none() | st.integers(-(2**63), 2**63 - 1)
SHAPES = st.one_of(
    st.none(),
    st.builds(shapely.Point, COORDINATE, COORDINATE),
    st.builds(shapely.LineString, st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=5)),
    st.sampled_from([shapely.Point(), shapely.Polygon(), shapely.box(0, 0, 2, 1), shapely.MultiPoint()]),
)
ROW = st.fixed_dictionaries(
    {
        "id": st.text(
            st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=6
        ),
        "name": st.none() | TEXT,
        "stronghold": st.none() | st.booleans(),
        "persons": MAYBE,
        "valid_from": st.none() | st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)),
        "geometry": SHAPES,
    }
)
ROWS = st.lists(ROW, max_size=12, unique_by=lambda row: row["id"])


def frame(rows):
    columns = [name for name in ("id", "name", "stronghold", "persons", "valid_from") if rows]
    data = {name: pd.Series([row[name] for row in rows], dtype=object) for name in columns}
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [row["geometry"] for row in rows]
    return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(shapes, crs=SPEC.crs))


def same(first, second):
    pd.testing.assert_frame_equal(
        pd.DataFrame(first.drop(columns="geometry")), pd.DataFrame(second.drop(columns="geometry"))
    )
    assert list(shapely.to_wkb(first.geometry)) == list(shapely.to_wkb(second.geometry))


@settings(max_examples=18, deadline=None)
@given(ROWS, st.randoms())
def test_writing_and_reading_is_identity_in_any_order(rows, rng):
    shuffled = list(rows)
    rng.shuffle(shuffled)
    with tempfile.TemporaryDirectory() as folder:
        store = create_store(Path(folder) / "border.gpkg", SPEC, {"household": frame(shuffled)})
        same(store.read("household"), conform(frame(rows), "household", SPEC))
        assert store.revision() == MemoryStore(SPEC, {"household": frame(rows)}).revision()
        assert store.verify(deep=True).items == ()
        assert store.outside_changes() == ()


@settings(max_examples=12, deadline=None)
@given(ROWS, ROWS, st.integers(0, 2**31))
def test_two_roads_to_one_content_are_one_revision(first, second, number):
    with tempfile.TemporaryDirectory() as folder:
        disk = create_store(Path(folder) / "border.gpkg", SPEC, {"household": frame(first)})
        memory = MemoryStore(SPEC, {"household": frame(first)})
        for store in (disk, memory):
            store.upsert("household", frame(second), action="x")
        ids = list(memory.read("household")["id"])
        if ids:
            chosen = ids[number % len(ids)]
            for store in (disk, memory):
                store.edit("household", chosen, {"persons": number, "geometry": shapely.Point(number, 1)})
        assert disk.revision() == memory.revision()
        assert disk.verify(deep=True).items == ()
        for store in (disk, memory):
            store.remove("household", ids)
        assert disk.revision() == MemoryStore(SPEC).revision()
        assert disk.verify(deep=True).items == ()


@given(st.lists(SHAPES, max_size=8))
def test_geopackage_binary_is_identity(shapes):
    given_shapes = np.empty(len(shapes), dtype=object)
    given_shapes[:] = shapes
    found = decode(encode(given_shapes, 4508).blobs)
    assert list(shapely.to_wkb(found)) == list(shapely.to_wkb(given_shapes))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 400), st.integers(0, 2**31))
def test_a_bounding_box_finds_what_brute_force_finds(count, seed):
    rng = np.random.default_rng(seed)
    xy = rng.normal(scale=1e6, size=(count, 2))
    homes = gpd.GeoDataFrame(
        {"id": [f"H{n}" for n in range(count)]}, geometry=list(shapely.points(xy)), crs=SPEC.crs
    )
    box = (-4e5, -3e5, 5e5, 6e5)
    inside = (xy >= box[:2]).all(axis=1) & (xy <= box[2:]).all(axis=1)
    with tempfile.TemporaryDirectory() as folder:
        store = create_store(Path(folder) / "border.gpkg", SPEC, {"household": homes})
        found = set(store.read("household", bbox=box)["id"])
    assert found == set(homes["id"][inside])
