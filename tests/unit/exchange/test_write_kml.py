"""Writing KML: what is read again is what was written, and no viewer runs any of it."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.config import default_spec
from gridmap.errors import ConfigError
from gridmap.exchange import read_rows, write_table
from gridmap.exchange.format import RawTable, ReadRequest, WriteRequest
from gridmap.exchange.formats import kml
from gridmap.exchange.inert import exact, inert
from gridmap.exchange.reading import in_process
from gridmap.geo.crs import geoms_from_lonlat
from gridmap.privacy import make_view
from gridmap.sample import demo_tables

SPEC = default_spec()
DEGREE = 1e-9
NAMESPACE = "{http://www.opengis.net/kml/2.2}"
TYPES = {"text": "str", "integer": "Int64", "real": "float64", "boolean": "boolean", "date": "datetime64[s]"}

GIVEN = {"name": 0, "contact": 1, "stronghold": 2, "persons": 3, "valid_from": 4}


def homes(rows: list[tuple]) -> gpd.GeoDataFrame:
    """Return households with these names, contacts, strongholds, persons, dates and places."""
    data = {"id": pd.Series([f"{n:05d}" for n in range(len(rows))], dtype="str")}
    for name, column in SPEC.kinds["household"].columns.items():
        cells = [row[GIVEN[name]] if name in GIVEN else None for row in rows]
        data[name] = pd.Series(cells, dtype=TYPES[column.type])
    places = np.array([None if row[5] is None else shapely.Point(row[5]) for row in rows], dtype=object)
    geometry = geoms_from_lonlat(places, SPEC.crs)
    return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(geometry, crs=SPEC.crs))


def written(tables: dict, kind: str) -> bytes:
    return write_table(make_view(tables, SPEC, "custodian", facts={}), kind, "kml")


def read(data: bytes, kind: str):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.kml"
        path.write_bytes(data)
        reading = read_rows(path, kind=kind, spec=SPEC, reader=in_process)
    assert not reading.faults
    return reading.frame


def raw(data: bytes, folder: Path) -> RawTable:
    path = folder / "x.kml"
    path.write_bytes(data)
    return kml.read(path, ReadRequest("household", spatial=True))


@given(st.text(max_size=30))
@settings(max_examples=120)
def test_any_text_at_all_is_made_inert_and_exact_again(text):
    safe = inert(text)
    assert exact(safe) == text
    assert "<" not in safe
    ET.fromstring(f"<a>{safe.replace('&', '&amp;')}</a>".encode())  # noqa: S314 - made here


@given(st.text("\\u0123cd<\x01", max_size=20))
@settings(max_examples=120)
def test_what_looks_like_an_escape_is_text(text):
    assert exact(inert(text)) == text


SHAPES = [
    "POINT (110.123456789 42.5)",
    "LINESTRING (110 42, 111 43, 110.5 42.5)",
    "POLYGON ((110 42, 111 42, 111 43, 110 42), (110.6 42.2, 110.7 42.4, 110.8 42.2, 110.6 42.2))",
    "MULTIPOINT ((110 42))",
    "MULTIPOINT ((110 42), (111 43))",
    "MULTILINESTRING ((110 42, 111 43))",
    "MULTILINESTRING ((110 42, 111 43), (1 2, 3 4))",
    "MULTIPOLYGON (((110 42, 111 42, 111 43, 110 42)))",
    "GEOMETRYCOLLECTION (POINT (110 42), LINESTRING (110 42, 111 43))",
    "GEOMETRYCOLLECTION EMPTY",
    None,
]


def of_shapes(*shapes, **columns) -> WriteRequest:
    table = {"id": pd.Series([str(at) for at in range(len(shapes))], dtype="str"), **columns}
    frame = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(list(shapes), crs="EPSG:4326"))
    return WriteRequest("t", frame, 9)


def test_every_sort_of_shape_comes_back(tmp_path):
    shapes = shapely.from_wkt(SHAPES)
    back = raw(kml.write(of_shapes(*shapes)), tmp_path)
    assert not back.faults
    wanted = shapely.to_wkt(shapely.orient_polygons(shapes), trim=True)
    assert shapely.to_wkt(back.geometry, trim=True).tolist() == wanted.tolist()


def test_what_kml_has_no_word_for_is_still_empty_or_a_line(tmp_path):
    shapes = [
        shapely.Point(),
        shapely.Polygon(),
        shapely.LinearRing([(0, 0), (1, 0), (1, 1)]),
        shapely.Point(1, 2, 3),
        shapely.Point(np.nan, 1),
    ]
    back = raw(kml.write(of_shapes(*shapes)), tmp_path)
    empty = "GEOMETRYCOLLECTION EMPTY"
    assert not back.faults
    assert shapely.to_wkt(back.geometry, trim=True).tolist() == [
        empty,
        empty,
        "LINESTRING (0 0, 1 0, 1 1, 0 0)",
        "POINT (1 2)",
        None,
    ]


def test_columns_without_values_and_names_in_chinese_come_back(tmp_path):
    columns = {
        "一个很长很长的中文列名用来说明户主的情况": pd.Series(["甲"], dtype="str"),
        'a"b\r\n\t<&>': pd.Series(["x"], dtype="str"),
        "nothing": pd.Series([None], dtype="str"),
    }
    back = raw(kml.write(of_shapes(shapely.Point(1, 2), **columns)), tmp_path)
    assert back.columns == {"id": ["0"], **{name: series.tolist() for name, series in columns.items()}} | {
        "nothing": [None]
    }


def test_a_table_without_rows_still_has_its_columns():
    frame = homes([])
    back = read(written({"household": frame}, "household"), "household")
    pd.testing.assert_frame_equal(pd.DataFrame(back), pd.DataFrame(frame))


NASTY = '<img src=x onerror="alert(1)"><script>alert(2)</script>${x}{{7*7}}'


def test_no_text_is_markup_to_a_viewer():
    columns = {
        "name": pd.Series([NASTY], dtype="str"),
        "description": pd.Series([NASTY], dtype="str"),
        NASTY: pd.Series([NASTY], dtype="str"),
    }
    root = ET.fromstring(kml.write(of_shapes(shapely.Point(1, 2), **columns)))  # noqa: S314 - made here
    said = [one for element in root.iter() for one in (element.text or "", *element.attrib.values())]
    assert len([text for text in said if "onerror" in text]) == 5
    # What a viewer would take for HTML is no tag, also after the XML is undone.
    assert not any("<" in text for text in said)
    assert root.find(f".//{NAMESPACE}Placemark/{NAMESPACE}description") is None
    assert root.find(f".//{NAMESPACE}Placemark/{NAMESPACE}name") is not None


def test_types_are_stated_where_kml_has_them():
    frame = homes([("甲", None, True, 3, dt.date(2024, 2, 29), (110.0, 42.0))])
    data = written({"household": frame}, "household").decode("utf-8")
    fields = {name: kind for kind, name in re.findall(r'<SimpleField type="(\w+)" name="(\w+)"/>', data)}
    assert (fields["id"], fields["stronghold"], fields["persons"]) == ("string", "bool", "int")
    assert "name" not in fields
    large = written({"household": homes([("甲", None, None, 2**40, None, None)])}, "household")
    assert b'<SimpleField type="string" name="persons"/>' in large


def test_coordinates_have_the_decimals_that_were_asked():
    request = of_shapes(shapely.Point(110.123456, 42))
    short = kml.write(WriteRequest("t", request.frame, 3)).decode()
    assert "<coordinates>110.123,42.000</coordinates>" in short


def test_only_degrees_on_wgs84_are_written():
    view = make_view({"household": homes([])}, SPEC, "custodian", facts={})
    with pytest.raises(ConfigError) as caught:
        write_table(view, "household", "kml", crs="EPSG:4525")
    assert caught.value.code == "GM106"


def test_a_name_changed_in_a_viewer_comes_in(tmp_path):
    frame = homes([("旧", None, None, 3, None, (110.0, 42.0))])
    data = written({"household": frame}, "household").decode("utf-8")
    assert raw(data.replace("旧", "新").encode(), tmp_path).columns["name"] == ["新"]


def test_another_library_reads_the_same(tmp_path):
    """GDAL has its own KML reader: what it makes of a file is what most other programs will."""
    tables = demo_tables(households=80, seed=11)
    path = tmp_path / "x.kml"
    path.write_bytes(written(tables, "household"))
    other = pyogrio.read_dataframe(path)
    view = make_view(tables, SPEC, "custodian", facts={}).tables["household"].frame
    assert other["Name"].tolist() == view["name"].tolist()
    # GDAL keeps the name id for the identifiers of elements, and gives ours another.
    assert any(other[column].tolist() == view["id"].tolist() for column in other.columns)
    here, there = (shapely.get_coordinates(frame.geometry.to_numpy()) for frame in (other, view))
    assert np.abs(here - there).max() <= DEGREE
