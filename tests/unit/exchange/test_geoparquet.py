"""GeoParquet in and out: exact types, what its notes may say, and files that are none."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import sys
from decimal import Decimal
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.config import default_spec
from gridmap.errors import ConfigError, InputError
from gridmap.exchange import read_rows
from gridmap.exchange.format import RawTable, ReadRequest, WriteRequest
from gridmap.exchange.formats.geoparquet import FORMAT
from gridmap.exchange.reading import in_process

POINT = shapely.to_wkb(shapely.Point(110.1, 42.5))


def read(folder: Path, data: bytes) -> RawTable:
    path = folder / "data.parquet"
    path.write_bytes(data)
    return FORMAT.read(path, ReadRequest("household", spatial=True))


def parquet(table: pa.Table, geo: object | None = None, **options) -> bytes:
    if geo is not None:
        table = table.replace_schema_metadata({"geo": geo if isinstance(geo, bytes) else json.dumps(geo)})
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def notes(version: str = "1.1.0", column: str = "g", **own) -> dict[str, object]:
    return {"version": version, "primary_column": column, "columns": {column: {"encoding": "WKB", **own}}}


def shapes(*wkb: bytes | None) -> pa.Table:
    ids = [f"H{at}" for at in range(len(wkb))]
    return pa.table({"id": ids, "g": pa.array(wkb, pa.binary())})


def written(frame: pd.DataFrame, **more) -> bytes:
    assert FORMAT.write is not None
    return FORMAT.write(WriteRequest("household", frame, 9, **more))


def cells_of(values) -> list[object]:
    cells = values.tolist() if isinstance(values, np.ndarray) else values
    return [None if cell != cell else cell for cell in cells]  # noqa: PLR0124 - NaN


def refusal(folder: Path, data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, data)
    assert caught.value.code == "GM202"
    assert "data.parquet" in caught.value.where
    return str(caught.value)


class TestTypes:
    @pytest.mark.parametrize(
        ("cells", "expected"),
        [
            (pa.array([2**63 - 1, None]), [2**63 - 1, None]),
            (pa.array([2**53 + 1, 3]), [2**53 + 1, 3]),
            (pa.array([2**64 - 1, None], pa.uint64()), [2**64 - 1, None]),
            (pa.array([-1, None], pa.int8()), [-1, None]),
            (pa.array([True, None]), [True, None]),
            (pa.array([True, False]), [True, False]),
            (pa.array(["000123", None], pa.large_string()), ["000123", None]),
            (pa.array(["", "甲"], pa.string_view()), ["", "甲"]),
            (pa.array(["a", None]).dictionary_encode(), ["a", None]),
            (pa.array([None, None], pa.null()), [None, None]),
            (pa.array([Decimal("1.10"), None], pa.decimal128(38, 2)), ["1.10", None]),
            (pa.array([Decimal(10**37), None], pa.decimal256(40, 0)), [str(10**37), None]),
            (pa.array([dt.date(1, 1, 1), None]), ["0001-01-01", None]),
            (pa.array([86_400_000, None], pa.date64()), ["1970-01-02", None]),
            (pa.array([1_709_164_800 * 10**9, None], pa.timestamp("ns")), ["2024-02-29", None]),
            (pa.array([1, 0], pa.timestamp("us")), ["1970-01-01T00:00:00.000001", "1970-01-01"]),
            (pa.array([0, None], pa.timestamp("s", tz="UTC")), ["1970-01-01T00:00:00Z", None]),
            (pa.array([dt.time(6, 30), None]), ["06:30:00", None]),
            (pa.array([["a", one] for one in "甲乙"]), ['["a", "甲"]', '["a", "乙"]']),
            (pa.array([{"a": 1, "b": b"\x01"}, None]), ['{"a": 1, "b": "01"}', None]),
        ],
        ids=lambda value: str(getattr(value, "type", "")),
    )
    def test_every_value_is_exact(self, tmp_path, cells, expected):
        table = read(tmp_path, parquet(pa.table({"x": cells}), store_schema=True))
        found = table.columns["x"]
        assert (found.tolist() if isinstance(found, np.ndarray) else found) == expected
        assert table.faults == ()

    def test_floats_keep_every_digit_and_missing_is_missing(self, tmp_path):
        found = read(tmp_path, parquet(pa.table({"x": pa.array([0.1 + 0.2, None, 1e300])}))).columns["x"]
        assert found[0] == 0.1 + 0.2
        assert np.isnan(found[1])

    @pytest.mark.parametrize("cells", [pa.array([b"\x00\xff", None]), pa.array([dt.timedelta(1), None])])
    def test_what_is_no_value_of_a_table_is_a_fault_of_its_row(self, tmp_path, cells):
        table = read(tmp_path, parquet(pa.table({"id": ["a", "b"], "x": cells})))
        assert [(at, name) for at, name, _ in table.faults] == [(0, "x")]
        assert list(table.columns["x"]) == [None, None]

    def test_rows_are_counted_from_1_over_all_groups(self, tmp_path):
        table = read(tmp_path, parquet(pa.table({"x": list(range(2500))}), row_group_size=700))
        assert table.row_word == "row"
        assert table.rows.tolist() == list(range(1, 2501))
        assert np.asarray(table.columns["x"]).tolist() == list(range(2500))

    def test_what_pandas_notes_of_an_index_is_not_obeyed(self, tmp_path):
        frame = pd.DataFrame({"id": ["a", "b"]}, index=pd.Index(["x", "y"], name="key"))
        stream = io.BytesIO()
        frame.to_parquet(stream)
        assert {*read(tmp_path, stream.getvalue()).columns} == {"id", "key"}


class TestGeo:
    def test_without_a_word_it_is_degrees_on_wgs_84_and_null_is_unknown(self, tmp_path):
        assert read(tmp_path, parquet(shapes(POINT), notes())).crs == "OGC:CRS84"
        assert read(tmp_path, parquet(shapes(POINT), notes(crs=None))).crs is None

    def test_the_crs_that_geopandas_wrote(self, tmp_path):
        import pyproj

        frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(500000, 4.7e6)], crs="EPSG:4508")
        stream = io.BytesIO()
        frame.to_parquet(stream)
        table = read(tmp_path, stream.getvalue())
        assert pyproj.CRS.from_user_input(str(table.crs)).to_epsg() == 4508
        assert [*table.columns] == ["id"]
        assert table.geometry is not None
        assert table.geometry[0].equals(frame.geometry[0])

    @pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
    @pytest.mark.parametrize(
        "wkt",
        [
            "POINT (1 2)",
            "LINESTRING (0 0, 1 2)",
            "POLYGON ((0 0, 0 9, 9 9, 0 0), (1 3, 1 4, 2 4, 1 3))",
            "MULTIPOINT (1 2, 3 4)",
            "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))",
            "MULTIPOLYGON (((0 0, 0 9, 9 9, 0 0)))",
        ],
    )
    def test_both_encodings_of_every_type(self, tmp_path, encoding, wkt):
        shape = shapely.from_wkt(wkt)
        frame = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[shape, None], crs="EPSG:4490")
        stream = io.BytesIO()
        frame.to_parquet(stream, geometry_encoding=encoding, write_covering_bbox=encoding == "WKB")
        table = read(tmp_path, stream.getvalue())
        assert table.geometry is not None
        assert shapely.equals_exact(table.geometry[0], shape)
        assert table.geometry[1] is None
        assert [*table.columns] == ["id"], "boxes for looking up are no values"
        assert table.faults == ()

    def test_a_table_without_geo_is_a_plain_table(self, tmp_path):
        made = pa.table({"id": ["a"], "name": ["甲"], "lon_wgs84": [111.0], "lat_wgs84": [42.5]})
        table = read(tmp_path, parquet(made))
        assert table.geometry is None
        reading = read_rows(
            tmp_path / "data.parquet", kind="household", spec=default_spec(), reader=in_process
        )
        assert reading.frame["name"].tolist() == ["甲"]
        assert reading.frame.geometry.x[0] == pytest.approx(500_000, abs=1e-6)

    def test_a_shape_that_is_none_is_a_fault_of_its_row(self, tmp_path):
        table = read(tmp_path, parquet(shapes(POINT, b"\x01\xff", None), notes()))
        assert [(at, name) for at, name, _ in table.faults] == [(1, "geometry")]

    def test_further_geometries_are_left_out_and_said(self, tmp_path):
        about = notes()
        about["columns"]["h"] = {"encoding": "WKB"}
        made = shapes(POINT).append_column("h", pa.array([POINT]))
        table = read(tmp_path, parquet(made, about))
        assert [*table.columns] == ["id"]
        assert any("h" in note for note in table.notes)

    @pytest.mark.parametrize(
        "about",
        [
            b"{",
            b"[]",
            b"\xff",
            b"[" * 100_000,
            {},
            notes(version="2.0.0"),
            notes(column="z"),
            {**notes(), "columns": {"g": "WKB"}},
            {**notes(), "primary_column": ["g"]},
            notes(encoding="../x"),
            notes(encoding=[]),
            notes(encoding="polygon"),
            notes(covering={"bbox": {"xmin": 1}}),
        ],
        ids=lambda about: str(about)[:40],
    )
    def test_notes_that_are_none(self, tmp_path, about):
        refusal(tmp_path, parquet(shapes(POINT), about))


class TestBadFiles:
    def test_cut_anywhere(self, tmp_path):
        data = parquet(shapes(*[POINT] * 50), notes())
        for share in (0.01, 0.3, 0.7, 0.99):
            refusal(tmp_path, data[: int(len(data) * share)])

    def test_a_byte_wrong_anywhere_is_a_refusal_or_a_table(self, tmp_path):
        data = parquet(shapes(*[POINT] * 50), notes())
        for at in range(4, len(data) - 4, 23):
            changed = bytearray(data)
            changed[at] ^= 0xFF
            # Anything else than our error would end the test.
            with contextlib.suppress(InputError):
                table = read(tmp_path, bytes(changed))
                assert all(len(values) == len(table.rows) for values in table.columns.values())

    def test_more_rows_claimed_than_there_are(self, tmp_path):
        data = parquet(pa.table({"x": list(range(50))}), compression="none", use_dictionary=False)
        # A file's footer says 50 as the zigzag 100; it is raised to 51 wherever it stands.
        tail = len(data) - int.from_bytes(data[-8:-4], "little") - 8
        claimed = data[:tail] + data[tail:].replace(b"\x16\x64", b"\x16\x66")
        assert claimed != data
        refusal(tmp_path, claimed)

    def test_columns_of_one_name(self, tmp_path):
        made = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["x", "x"])
        assert "twice: x" in refusal(tmp_path, parquet(made))

    def test_other_content_does_not_look_right(self):
        assert FORMAT.looks_right(b"PAR1....")
        assert not FORMAT.looks_right(b"PARE....")
        assert not FORMAT.looks_right(b"PK\x03\x04")

    @pytest.mark.parametrize("way", ["read", "write"])
    def test_without_the_library_it_is_said_what_to_install(self, tmp_path, monkeypatch, way):
        data = written(pd.DataFrame({"id": ["a"]}))
        monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
        with pytest.raises(ConfigError) as caught:
            read(tmp_path, data) if way == "read" else written(pd.DataFrame({"id": ["a"]}))
        assert caught.value.code == "GM111"
        assert "gridmap[parquet]" in caught.value.fix


class TestWriting:
    def homes(self) -> gpd.GeoDataFrame:
        columns = {
            "id": pd.Series(["a", "b", "c"], dtype="str"),
            "name": pd.Series(["满都拉", "", None], dtype="str"),
            "persons": pd.Series([2**63 - 1, None, -3], dtype="Int64"),
            "stronghold": pd.Series([True, False, None], dtype="boolean"),
            "metres": pd.Series([0.1, np.nan, 1e20]),
            "valid_from": pd.Series(["0001-01-01", None, "9999-12-31"], dtype="datetime64[s]"),
        }
        places = [shapely.Point(110.1, 42.5), shapely.LineString([(1, 2), (3, 4)]), None]
        return gpd.GeoDataFrame(columns, geometry=places, crs="EPSG:4490")

    def test_it_is_geoparquet_1_1_with_the_types_of_the_columns(self):
        table = pq.read_table(io.BytesIO(written(self.homes(), crs="EPSG:4490")))
        assert {field.name: str(field.type) for field in table.schema} == {
            "id": "string",
            "name": "string",
            "persons": "int64",
            "stronghold": "bool",
            "metres": "double",
            "valid_from": "date32[day]",
            "geometry": "binary",
        }
        assert table["name"].to_pylist() == ["满都拉", "", None]
        assert table["persons"].to_pylist() == [2**63 - 1, None, -3]
        assert table["metres"].to_pylist() == [0.1, None, 1e20]
        assert table["valid_from"].to_pylist() == [dt.date(1, 1, 1), None, dt.date(9999, 12, 31)]
        about = json.loads(table.schema.metadata[b"geo"])
        assert (about["version"], about["primary_column"]) == ("1.1.0", "geometry")
        own = about["columns"]["geometry"]
        assert own["encoding"] == "WKB"
        assert own["geometry_types"] == ["LineString", "Point"]
        assert own["bbox"] == [1, 2, 110.1, 42.5]
        assert own["crs"]["id"] == {"authority": "EPSG", "code": 4490}

    def test_geopandas_reads_it(self):
        frame = gpd.read_parquet(io.BytesIO(written(self.homes())))
        assert frame.crs.to_epsg() == 4490
        assert frame.geometry[0].equals(shapely.Point(110.1, 42.5))

    def test_the_same_rows_are_the_same_bytes(self):
        assert written(self.homes()) == written(self.homes())

    def test_no_geometry_and_no_rows(self, tmp_path):
        plain = read(tmp_path, written(pd.DataFrame({"id": ["a"]})))
        assert plain.geometry is None
        empty = read(tmp_path, written(self.homes().iloc[:0]))
        assert len(empty.rows) == 0
        assert empty.geometry is not None
        assert "name" in empty.columns

    @given(
        rows=st.lists(
            st.tuples(
                st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=9)),
                st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
                st.one_of(st.none(), st.booleans()),
                st.one_of(st.none(), st.floats(allow_nan=False)),
                st.one_of(st.none(), st.dates()),
                st.one_of(st.none(), st.tuples(st.floats(-180, 180), st.floats(-90, 90))),
            ),
            min_size=1,
            max_size=6,
        )
    )
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_any_rows_come_back(self, tmp_path, rows):
        names, persons, flags, metres, days, places = map(list, zip(*rows, strict=True))
        columns = {
            "name": pd.Series(names, dtype="str"),
            "persons": pd.Series(persons, dtype="Int64"),
            "stronghold": pd.Series(flags, dtype="boolean"),
            "metres": pd.Series(metres, dtype="float64"),
            "valid_from": pd.Series(days, dtype="datetime64[s]"),
        }
        points = [None if place is None else shapely.Point(place) for place in places]
        made = gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:4326")
        table = read(tmp_path, written(made))
        found = {name: cells_of(values) for name, values in table.columns.items()}
        dates = [None if one is None else one.isoformat() for one in days]
        given_cells = (names, persons, flags, metres, dates)
        assert [found[name] for name in columns] == [*given_cells]
        assert table.geometry is not None
        assert [one if one is None else (one.x, one.y) for one in table.geometry] == places
