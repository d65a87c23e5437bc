"""Reading GeoPackage and GeoJSON: no digit, no row and no refusal is lost to a library's guess."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from gridmap.config import default_spec
from gridmap.errors import ConfigError, InputError
from gridmap.exchange import ReadOptions, refuse_faulty
from gridmap.exchange import read_rows as isolated_rows
from gridmap.exchange.reading import in_process

SPEC = default_spec()


def gpkg(
    folder: Path, frame: pd.DataFrame, name: str = "homes.gpkg", layer: str = "homes", **options
) -> Path:
    path = folder / name
    pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG", **options)
    return path


def points(**columns) -> gpd.GeoDataFrame:
    count = len(next(iter(columns.values())))
    places = shapely.points(110 + np.arange(count) / 100, 42.5)
    return gpd.GeoDataFrame(columns, geometry=places, crs="EPSG:4490")


def feature(properties: object, geometry: object = None, **more: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry, **more}


def geojson(folder: Path, *features: object, **members: object) -> Path:
    path = folder / "homes.geojson"
    document = {"type": "FeatureCollection", "features": list(features), **members}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def read_rows(path: Path, *, kind: str, layer: str | None = None):
    """Read these files, which the test made itself, without the cost of a child process."""
    options = ReadOptions(layer=layer)
    return isolated_rows(path, kind=kind, spec=SPEC, options=options, reader=in_process)


def read_frame(path: Path, *, kind: str = "household", layer: str | None = None):
    reading = read_rows(path, kind=kind, layer=layer)
    refuse_faulty(reading)
    return reading.frame


def refusal(path: Path, *, kind: str = "household", layer: str | None = None) -> str:
    with pytest.raises((InputError, ConfigError)) as caught:
        read_frame(path, kind=kind, layer=layer)
    return str(caught.value)


def drop_triggers(database: sqlite3.Connection) -> None:
    """The R-tree's triggers call functions that only GDAL brings."""
    for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
        database.execute(f'DROP TRIGGER "{name}"')


def geojson_text(folder: Path, geometry: object, properties: str = '"id":"a"') -> Path:
    path = folder / "written.geojson"
    one = f'{{"type":"Feature","properties":{{{properties}}},"geometry":{json.dumps(geometry)}}}'
    path.write_text(f'{{"type":"FeatureCollection","features":[{one}]}}', encoding="utf-8")
    return path


POINT = {"type": "Point", "coordinates": [110.5, 42.5]}


class TestGeoPackage:
    def test_text_integers_and_booleans_come_as_they_are(self, tmp_path):
        frame = points(
            id=["000123", "b"],
            persons=pd.array([2**53 + 1, None], dtype="Int64"),
            stronghold=pd.array([True, None], dtype="boolean"),
            name=["户主", None],
        )
        read = read_frame(gpkg(tmp_path, frame), kind="household")
        assert read["id"].tolist() == ["000123", "b"]
        assert read["persons"][0] == 2**53 + 1, "the digits that a float would drop"
        assert read["persons"].isna().tolist() == [False, True]
        assert read["stronghold"].dtype == "boolean"
        assert bool(read["stronghold"][0]) is True
        assert read.crs.to_epsg() == 4508

    def test_an_integer_key_called_id_is_the_id_as_text(self, tmp_path):
        path = gpkg(tmp_path, points(persons=[3, 4]), layer_options={"FID": "id"})
        assert read_frame(path, kind="household")["id"].tolist() == ["1", "2"]

    def test_a_code_stored_as_a_fraction_is_not_taken_for_text(self, tmp_path):
        path = gpkg(tmp_path, points(id=["a", "b"], gacha=[150223102.0, 150223108.0]))
        message = refusal(path)
        assert "[GM206]" in message
        assert "fid 1: gacha" in message

    def test_without_a_crs_it_is_refused_never_guessed(self, tmp_path):
        frame = points(id=["a"]).set_crs(None, allow_override=True)
        path = tmp_path / "homes.gpkg"
        with pytest.warns(UserWarning, match="crs"):
            pyogrio.write_dataframe(frame, path, driver="GPKG")
        assert "[GM201]" in refusal(path)

    def test_a_projected_file_is_moved_to_the_projects_crs(self, tmp_path):
        there = points(id=["a", "b"])
        read = read_frame(gpkg(tmp_path, there.to_crs(4545)), kind="household")
        assert np.allclose(
            shapely.get_coordinates(read.geometry),
            shapely.get_coordinates(there.to_crs(4508).geometry),
            atol=1e-3,
        )

    def test_one_of_several_tables_is_found_by_the_kind_or_named(self, tmp_path):
        path = gpkg(tmp_path, points(id=["a"]), layer="household")
        pyogrio.write_dataframe(points(id=["b"]), path, layer="wells", driver="GPKG")
        assert read_frame(path, kind="household")["id"].tolist() == ["a"]
        assert read_frame(path, kind="household", layer="wells")["id"].tolist() == ["b"]
        assert "household, wells" in refusal(path, kind="landmark")
        assert "no table nowhere" in refusal(path, layer="nowhere")

    def test_a_table_without_geometry_is_read_for_a_kind_without_one(self, tmp_path):
        path = gpkg(tmp_path, pd.DataFrame({"id": ["u"], "name": ["n"], "layer": ["line"]}))
        assert read_frame(path, kind="unit")["name"].tolist() == ["n"]
        assert "no positions" in refusal(gpkg(tmp_path, pd.DataFrame({"id": ["u"]}), name="x.gpkg"))

    def test_the_file_is_left_as_it_was(self, tmp_path):
        path = gpkg(tmp_path, points(id=["a"]))
        before = path.read_bytes()
        read_frame(path, kind="household")
        assert path.read_bytes() == before
        assert sorted(one.name for one in tmp_path.iterdir()) == ["homes.gpkg"]

    def test_what_another_program_left_in_the_log_is_read(self, tmp_path):
        path = gpkg(tmp_path, points(id=["a"]))
        other = sqlite3.connect(path)
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("PRAGMA wal_autocheckpoint=0")
        drop_triggers(other)
        other.execute("UPDATE homes SET id='late'")
        other.commit()
        assert read_frame(path, kind="household")["id"].tolist() == ["late"]
        other.close()

    def test_a_projects_own_store_is_not_opened(self, tmp_path):
        (tmp_path / "gridmap.toml").write_text("", encoding="utf-8")
        path = gpkg(tmp_path, points(id=["a"]), name="border.gpkg")
        assert "own store" in refusal(path)
        other = tmp_path / "link.gpkg"
        other.symlink_to(path)
        assert "own store" in refusal(other)

    def test_a_cut_file_is_a_clear_error(self, tmp_path):
        path = gpkg(tmp_path, points(id=[str(n) for n in range(2000)]))
        whole = path.read_bytes()
        for size in (4096, len(whole) // 2):
            path.write_bytes(whole[:size])
            assert "[GM202]" in refusal(path)

    def test_a_row_whose_shape_is_broken_is_named(self, tmp_path):
        path = gpkg(tmp_path, points(id=["a", "b"]))
        with sqlite3.connect(path) as other:
            drop_triggers(other)
            other.execute("UPDATE homes SET geom=x'4750000100000000FFFF' WHERE id='b'")
        other.close()
        reading = read_rows(path, kind="household")
        assert reading.total == 2
        assert len(reading.frame) + len(reading.faults) == 2 or reading.frame.geometry.isna().any()

    def test_text_in_a_number_column_is_told_not_read_as_zero(self, tmp_path):
        frame = points(
            id=["a", "b", "c"],
            persons=pd.array([1, 2, None], dtype="Int64"),
            stronghold=pd.array([True, False, None], dtype="boolean"),
            valid_from=pd.to_datetime(["2024-01-01", None, "2024-01-02"]),
        )
        path = gpkg(tmp_path, frame)
        with sqlite3.connect(path) as other:
            drop_triggers(other)
            other.execute("UPDATE homes SET persons='many', stronghold='yes', valid_from='soon' WHERE id='b'")
        other.close()
        reading = read_rows(path, kind="household")
        assert reading.frame["id"].tolist() == ["a", "c"]
        assert [(fault.row, fault.column) for fault in reading.faults] == [
            (2, "persons"),
            (2, "stronghold"),
            (2, "valid_from"),
        ]

    def test_refused_columns_are_refused_here_too(self, tmp_path):
        assert "[GM204]" in refusal(gpkg(tmp_path, points(id=["a"], 民族=["x"])))


class TestGeoJson:
    def test_text_stays_text_and_numbers_keep_their_digits(self, tmp_path):
        path = geojson(
            tmp_path,
            feature({"id": "000123", "persons": 2**53 + 1, "gacha": 150223102, "stronghold": True}, POINT),
            feature({"id": "2024-01-01", "persons": None, "stronghold": "否"}, None),
        )
        read = read_frame(path, kind="household")
        assert read["id"].tolist() == ["000123", "2024-01-01"]
        assert read["persons"][0] == 2**53 + 1
        assert read["gacha"][0] == "150223102"
        assert read.geometry[1] is None

    def test_the_features_own_id_serves_where_the_properties_have_none(self, tmp_path):
        path = geojson(tmp_path, feature({"persons": 1}, POINT, id="x"), feature({}, POINT, id=7))
        assert read_frame(path, kind="household")["id"].tolist() == ["7", "x"]

    def test_faults_are_named_by_feature(self, tmp_path):
        path = geojson(
            tmp_path,
            feature({"id": 1.5, "persons": 1}, POINT),
            feature({"id": "b", "persons": "many"}, {"type": "Point", "coordinates": ["a", "b"]}),
            feature({"id": "c", "name": {"first": "x"}}, {"type": "Nonsense"}),
            feature(
                {"id": "d", "persons": True}, {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}
            ),
        )
        message = refusal(path)
        for part in ("feature 1: id", "feature 2: geometry", "feature 2: persons", "feature 3: geometry"):
            assert part in message
        assert "feature 4: geometry" in message, "an unclosed ring is told, not closed"

    def test_a_swapped_pair_and_half_a_character_are_told(self, tmp_path):
        far = {"type": "Point", "coordinates": [42.5, 110.5]}
        assert "--swap-axes" in refusal(geojson_text(tmp_path, far))
        assert "feature 1: name holds" in refusal(geojson_text(tmp_path, POINT, '"id":"a","name":"x\\ud800"'))
        assert "feature 1: name holds" in refusal(geojson_text(tmp_path, POINT, '"id":"a","name":"x\\u0000"'))

    def test_the_older_crs_member_is_honoured(self, tmp_path):
        named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4508"}}
        place = {"type": "Point", "coordinates": [500_000.0, 4_700_000.0]}
        read = read_frame(geojson(tmp_path, feature({"id": "a"}, place), crs=named), kind="household")
        assert read.geometry.x[0] == pytest.approx(500_000)
        odd = {"type": "name", "properties": {"name": "my village grid"}}
        assert "[GM201]" in refusal(geojson(tmp_path, feature({"id": "a"}, place), crs=odd))

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            "null",
            '{"type":"Feature"}',
            '{"type":"FeatureCollection"}',
            '{"type":"FeatureCollection","features":[1]}',
            '{"type":"FeatureCollection","features":[{"properties":[1]}]}',
            '{"type":"FeatureCollection","features":[{"properties":{"id":NaN}}]}',
            '{"a":' + "[" * 100_000,
        ],
    )
    def test_what_is_no_feature_collection_is_refused(self, tmp_path, text):
        path = tmp_path / "x.geojson"
        path.write_text(text, encoding="utf-8")
        assert any(code in refusal(path) for code in ("[GM202]", "[GM205]"))

    def test_gbk_is_told(self, tmp_path):
        path = tmp_path / "x.geojson"
        path.write_bytes('{"type":"FeatureCollection","features":[],"name":"满都拉"}'.encode("gbk"))
        assert "not UTF-8" in refusal(path)


class TestTheGate:
    VRT = (
        '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )

    @pytest.mark.parametrize("extension", [".csv", ".gpkg", ".geojson", ".CSV"])
    def test_another_drivers_content_is_never_opened(self, tmp_path, extension):
        path = tmp_path / f"homes{extension}"
        path.write_text(self.VRT, encoding="utf-8")
        assert "[GM205]" in refusal(path)

    @pytest.mark.parametrize("name", ["homes.vrt", "homes.gdb", "homes", "homes.xls", "homes.csv.exe"])
    def test_only_known_extensions_are_read(self, tmp_path, name):
        path = tmp_path / name
        path.write_bytes(b"id\na\n")
        assert "[GM205]" in refusal(path)

    @pytest.mark.parametrize(
        "name", ["/vsicurl/http://127.0.0.1:9/x.gpkg", "/vsizip/x.zip/a.geojson", "GPKG:x.gpkg"]
    )
    def test_a_name_that_gdal_would_fetch_is_no_file(self, name):
        assert "[GM202]" in refusal(Path(name))

    def test_a_folder_a_pipe_and_a_missing_file_are_refused(self, tmp_path):
        (tmp_path / "d.gpkg").mkdir()
        assert "[GM202] not a regular file" in refusal(tmp_path / "d.gpkg")
        os.mkfifo(tmp_path / "p.csv")
        assert "[GM202] not a regular file" in refusal(tmp_path / "p.csv")
        assert "[GM202] there is no such file" in refusal(tmp_path / "none.csv")

    def test_a_database_that_is_no_geopackage_is_refused(self, tmp_path):
        path = tmp_path / "x.gpkg"
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE t (id TEXT)")
        other.close()
        assert "[GM2" in refusal(path)

    def test_an_unknown_kind_is_a_callers_mistake(self, tmp_path):
        with pytest.raises(ConfigError, match="GM105"):
            read_frame(tmp_path / "x.csv", kind="yurt")


def test_keys_of_a_view_that_repeat_lose_no_row(tmp_path):
    path = gpkg(tmp_path, points(id=["a", "b", "c"]))
    with sqlite3.connect(path) as other:
        drop_triggers(other)
        other.execute("CREATE VIEW twice AS SELECT 1 AS fid, id, 'x' AS persons, geom FROM homes")
        other.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
            "VALUES ('twice', 'features', 'twice', 4490)"
        )
        other.execute("INSERT INTO gpkg_geometry_columns VALUES ('twice', 'geom', 'POINT', 4490, 0, 0)")
    other.close()
    reading = read_rows(path, kind="household", layer="twice")
    assert (reading.total, len(reading.frame), len(reading.quarantine)) == (3, 0, 3)
    assert reading.quarantine["row"].tolist() == [1, 2, 3]
