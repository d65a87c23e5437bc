"""Writing Excel sheets: what runs when a planner opens one, and what is lost on the way back."""

from __future__ import annotations

import datetime as dt
import io
import re
import sys
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gridmap.errors import ConfigError
from gridmap.exchange import cell_texts
from gridmap.exchange.format import RawTable, ReadRequest, WriteRequest
from gridmap.exchange.formats.xlsx import FORMAT

TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.text("_x0041DF\r\n '\x00\x1f\ufffeA =", max_size=24),
)
WORDS = frozenset({"id", "name"})


def written(frame: pd.DataFrame, **more) -> bytes:
    assert FORMAT.write is not None
    return FORMAT.write(WriteRequest("household", frame, 9, **more))


def back(data: bytes, folder: Path, words: frozenset[str] = WORDS) -> RawTable:
    path = folder / "data.xlsx"
    path.write_bytes(data)
    return FORMAT.read(path, ReadRequest("household", spatial=True, words=words))


def table(**columns) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    return pd.DataFrame({"id": pd.Series([f"r{at}" for at in range(count)], dtype="str"), **columns})


def names(*texts: str | None) -> pd.DataFrame:
    return table(name=pd.Series(texts, dtype="str"))


def cells_of(data: bytes) -> list[list[openpyxl.cell.Cell]]:
    return [list(row) for row in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows()]


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))
def test_nothing_is_run_and_nothing_altered(tmp_path, start):
    text = f"{start}cmd|' /C calc'!A0"
    data = written(names(text))
    cell = cells_of(data)[1][1]
    assert cell.data_type == "s"
    assert cell.number_format == "@", "a text that is typed anew stays a text"
    assert cell.quotePrefix or text.strip() != text
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    assert list(back(data, tmp_path).columns["name"]) == [text]


@pytest.mark.parametrize(
    "text", ["#N/A", "TRUE", "000123", "1e5", "2024-02-29", "=1+1", "''", "' a", "_x0041_"]
)
def test_a_text_that_looks_like_something_else_is_a_text(tmp_path, text):
    data = written(names(text))
    assert cells_of(data)[1][1].data_type == "s"
    assert list(back(data, tmp_path).columns["name"]) == [text]


def test_others_read_the_same_texts():
    """No apostrophe that only we take away again, where none is needed."""
    data = written(names("=1+1", "+86 139", "a\tb", "满都拉 '甲'"))
    assert [row[1].value for row in cells_of(data)[1:]] == ["=1+1", "+86 139", "a\tb", "满都拉 '甲'"]


def test_nothing_and_an_empty_text_are_two_things(tmp_path):
    assert list(back(written(names(None, "", " ", "'", "''")), tmp_path).columns["name"]) == [
        None,
        "",
        " ",
        "'",
        "''",
    ]


@given(texts=st.lists(st.one_of(st.none(), TEXT), min_size=1, max_size=8))
@example(texts=["_x0041\r", "\r\n", "\x00", "'' ", "😀", "_x005F_x0041_", "\ufffe"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back(tmp_path, texts):
    assert list(back(written(names(*texts)), tmp_path).columns["name"]) == texts


@given(
    numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), min_size=1, max_size=6),
    whole=st.integers(-(2**63), 2**63 - 1),
    day=st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)),
)
@example(numbers=[0.1 + 0.2, 5e-324, 1e15, 1.7e308, -0.5], whole=10**15, day=dt.date(1900, 2, 28))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_number_and_day_comes_back(tmp_path, numbers, whole, day):
    count = len(numbers)
    frame = table(
        name=pd.Series(["x"] * count, dtype="str"),
        metres=pd.Series(numbers, dtype="float64"),
        persons=pd.Series([whole] * count, dtype="Int64"),
        day=pd.Series([day] * count, dtype="datetime64[s]"),
    )
    read = back(written(frame), tmp_path)
    assert read.faults == ()
    assert [float(one) for one in read.columns["metres"]] == numbers
    assert [int(one) for one in read.columns["persons"]] == [whole] * count
    assert list(read.columns["day"]) == [day.isoformat()] * count


def test_types_are_the_spreadsheets_own():
    frame = table(
        name=pd.Series(["x", None], dtype="str"),
        persons=pd.Series([4, None], dtype="Int64"),
        large=pd.Series([2**53 + 1, None], dtype="Int64"),
        stronghold=pd.Series([True, None], dtype="boolean"),
        day=pd.Series(["2024-02-29", None], dtype="datetime64[s]"),
        old=pd.Series(["1850-01-01", None], dtype="datetime64[s]"),
    )
    row, empty = cells_of(written(frame))[1:]
    assert [cell.value for cell in row[2:]] == [
        4,
        "9007199254740993",
        True,
        pd.Timestamp(2024, 2, 29),
        "1850-01-01",
    ]
    assert row[5].number_format == "yyyy-mm-dd"
    assert {cell.value for cell in empty[1:]} == {None}


class TestPositions:
    def places(self, *shapes, crs="EPSG:4326") -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(names(*("x" for _ in shapes)), geometry=list(shapes), crs=crs)

    def test_points_are_numbers_under_headers_that_say_what_they_are_in(self, tmp_path):
        frame = self.places(shapely.Point(110.123456789, 42.5), None)
        for crs, says in (("EPSG:4326", "wgs84"), ("gcj02", "gcj02"), ("EPSG:4490", "cgcs2000")):
            read = back(written(frame, crs=crs), tmp_path)
            assert list(read.columns[f"lon_{says}"]) == [110.123456789, None]
            assert [float(one or 0) for one in read.columns[f"lat_{says}"]] == [42.5, 0]

    def test_a_shape_longer_than_a_cell_goes_on_in_other_columns(self, tmp_path):
        ring = np.round(np.column_stack([np.linspace(109, 111, 9000), np.linspace(41, 43, 9000) ** 1.01]), 9)
        line = shapely.LineString(ring)
        frame = self.places(line, shapely.Point(1, 2), None)
        data = written(frame)
        row = cells_of(data)[1]
        assert len(row) > 5
        assert max(len(cell.value) for cell in row if cell.value) <= cell_texts.LONGEST
        read = back(data, tmp_path)
        assert list(read.columns) == ["id", "name", "wkt_wgs84"]
        shapes = shapely.from_wkt(list(read.columns["wkt_wgs84"]))
        assert np.abs(shapely.get_coordinates(shapes[0]) - ring).max() < 1e-9
        assert shapes[2] is None

    def test_a_long_text_of_any_characters_comes_back(self, tmp_path):
        texts = ["=" + "甲😀\r " * 20_000, "x", " " * 40_000]
        assert list(back(written(names(*texts)), tmp_path).columns["name"]) == texts


def test_the_same_rows_are_the_same_bytes_at_any_time(monkeypatch):
    frame = names("a", None)
    first = written(frame)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 1e8)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(1e9))
    assert written(frame) == first
    archive = zipfile.ZipFile(io.BytesIO(first))
    assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    dates = re.findall(r"\d{4}-\d{2}-\d{2}T[^<]*", archive.read("docProps/core.xml").decode())
    assert dates == ["2000-01-01T00:00:00Z"] * 2


def test_a_table_without_rows(tmp_path):
    read = back(written(names().iloc[:0]), tmp_path)
    assert list(read.columns) == ["id", "name"]
    assert len(read.rows) == 0


def test_more_rows_than_a_sheet_has_are_refused_with_a_way_out():
    frame = pd.DataFrame({"id": pd.Series(np.arange(1_048_576), dtype="int64")})
    with pytest.raises(ConfigError) as caught:
        written(frame)
    assert caught.value.code == "GM106"
    assert "CSV" in caught.value.fix


def test_a_long_name_of_a_table_is_cut():
    assert FORMAT.write is not None
    data = FORMAT.write(WriteRequest("a" * 40, names("x"), 9))
    assert openpyxl.load_workbook(io.BytesIO(data)).sheetnames == ["a" * 31]


def test_without_the_library_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ConfigError) as caught:
        written(names("x"))
    assert caught.value.code == "GM111"


def test_registering_the_formats_does_not_load_their_libraries():
    import subprocess

    code = (
        "import sys; from gridmap import registry; registry.everything('formats');"
        "print([name for name in ('openpyxl', 'pyarrow.parquet') if name in sys.modules])"
    )
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "[]"
