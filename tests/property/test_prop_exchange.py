"""What the custodian writes, `import` reads back as the same rows, in every format."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.config import default_spec
from gridmap.exchange import read_rows, refuse_faulty, write_table
from gridmap.exchange.reading import in_process, isolated
from gridmap.geo.crs import geoms_from_lonlat, geoms_to_lonlat
from gridmap.privacy import make_view
from gridmap.sample import demo_tables

SPEC = default_spec()
# Each with the extension that its files go under.
EXTENSIONS = {
    "csv": "csv",
    "geojson": "geojson",
    "kml": "kml",
    "gpkg": "gpkg",
    "geojsonl": "geojsonl",
    "flatgeobuf": "fgb",
    "shapefile": "zip",
    "xlsx": "xlsx",
    "geoparquet": "parquet",
}
# Rows of each table of the demo: its lines have hundreds of vertices.
MANY = 20
FORMATS = tuple(EXTENSIONS)
DEGREE = 1e-9

CELLS = ["", "'", "=1+1", "'=x", "000123", "NA", "null", "true", "a,b", 'q"q', "a\r\nb", "\r", "\u2028", "😀"]
ODD = [" ", "\n", "\t x ", "\x01", "\x1f\x7f\x85", "\ufeff", "\ufffe"]
MARKUP = ["</SimpleData>", "]]>", "<![CDATA[", "&lt;", "&#13;", "\\u003c", "\\\\u0001", "\\u"]
# Anything that can be stored: no lone surrogate, no NUL (SQLite ends a text there).
CELL = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    st.sampled_from([*CELLS, *ODD, *MARKUP]),
)
PLACE = st.one_of(
    st.none(),
    st.builds(lambda x, y: (round(x, 9), round(y, 9)), st.floats(108.5, 113.5), st.floats(40, 44)),
)
HOME = st.tuples(
    CELL,
    CELL,
    st.one_of(st.none(), st.booleans()),
    st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
    st.one_of(st.none(), st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31))),
    PLACE,
)


def frame_of(rows: list[tuple]) -> gpd.GeoDataFrame:
    kind = SPEC.kinds["household"]
    count = len(rows)
    types = {
        "text": "str",
        "integer": "Int64",
        "real": "float64",
        "boolean": "boolean",
        "date": "datetime64[s]",
    }
    data = {"id": pd.Series([f"{n:05d}" for n in range(count)], dtype="str")}
    given_columns = {"name": 0, "contact": 1, "stronghold": 2, "persons": 3, "valid_from": 4}
    for name, column in kind.columns.items():
        cells = [row[given_columns[name]] for row in rows] if name in given_columns else [None] * count
        data[name] = pd.Series(cells, dtype=types[column.type])
    places = np.array([None if row[5] is None else shapely.Point(row[5]) for row in rows], dtype=object)
    geometry = geoms_from_lonlat(places, SPEC.crs)
    return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(geometry, crs=SPEC.crs))


def there_and_back(tables: dict, kind: str, fmt: str, reader=in_process):
    """Write and read again: here, what this program wrote itself; a child for each would take minutes."""
    data = write_table(make_view(tables, SPEC, "custodian", facts={}), kind, fmt)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{EXTENSIONS[fmt]}"
        path.write_bytes(data)
        reading = read_rows(path, kind=kind, spec=SPEC, reader=reader)
    refuse_faulty(reading)
    return reading.frame


def assert_same(read, written) -> None:
    attributes = [column for column in written.columns if column != "geometry"]
    pd.testing.assert_frame_equal(pd.DataFrame(read[attributes]), pd.DataFrame(written[attributes]))
    if not isinstance(written, gpd.GeoDataFrame):
        return
    assert (read.geometry.isna() == written.geometry.isna()).all()
    there = written.geometry.notna().to_numpy()
    pair = [geoms_to_lonlat(frame.geometry.to_numpy()[there], SPEC.crs) for frame in (read, written)]
    assert (shapely.get_type_id(pair[0]) == shapely.get_type_id(pair[1])).all()
    # GeoJSON turns rings by the right-hand rule: the same shape, perhaps the other way round.
    pair = [shapely.orient_polygons(one) for one in pair]
    assert (
        np.abs(shapely.get_coordinates(pair[0]) - shapely.get_coordinates(pair[1])).max(initial=0) <= DEGREE
    )


@pytest.mark.parametrize("fmt", FORMATS)
@given(rows=st.lists(HOME, max_size=6))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_households_come_back_as_they_were(fmt, rows):
    frame = frame_of(rows)
    assert_same(there_and_back({"household": frame}, "household", fmt), frame)


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_table_of_the_demo_comes_back(fmt):
    tables = demo_tables(households=80, seed=11)
    for kind, whole in tables.items():
        frame = whole.head(MANY)
        assert_same(there_and_back({kind: frame}, kind, fmt), frame)


@pytest.mark.parametrize("fmt", FORMATS)
def test_they_come_back_through_the_child_as_well(fmt):
    tables = demo_tables(households=40, seed=5)
    assert_same(there_and_back(tables, "household", fmt, isolated), tables["household"])


@pytest.mark.parametrize("fmt", FORMATS)
def test_writing_what_was_read_gives_the_same_bytes(fmt):
    tables = demo_tables(households=80, seed=11)
    few = {kind: tables[kind].head(MANY) for kind in ("household", "patrol_zone", "track", "unit")}
    for kind, frame in few.items():
        first = write_table(make_view(few, SPEC, "custodian", facts={}), kind, fmt)
        read = there_and_back({kind: frame}, kind, fmt)
        assert write_table(make_view({kind: read}, SPEC, "custodian", facts={}), kind, fmt) == first
