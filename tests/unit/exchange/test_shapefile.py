"""Shapefiles: whatever the .cpg says, whatever does not fit in ten bytes, whatever part of it is missing."""

from __future__ import annotations

import io
import struct
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from reading_help import cells, read_as, unless_refused

from gridmap.errors import ConfigError, InputError
from gridmap.exchange import dbf
from gridmap.exchange.format import WriteRequest
from gridmap.exchange.formats.shapefile import FORMAT

NAMES = ["巴雅尔", "达尔罕茂明安联合旗满都拉镇", "呼和浩特市新城区"]
# The last stands in GB 18030 alone, in four bytes.
RARE = [*NAMES, "㐀𠀀"]


def text_table(texts, encoding, *, language=0, header="户主", width=40) -> bytes:
    """Return a dBase table of one column of texts."""
    made = [text if isinstance(text, bytes) else text.encode(encoding) for text in texts]
    one = dbf.Field(header.encode(encoding), "C", width)
    return dbf.write([one], [[text.ljust(width) for text in made]], rows=len(made), language=language)


def read_dbf(tmp_path, data, **beside):
    files = {".dbf": data, **{f".{end}": content for end, content in beside.items()}}
    return read_as(FORMAT, tmp_path, files, ".dbf")


def parts_of(frame, encoding="utf-8") -> dict[str, bytes]:
    """Return the files that are written, by extension."""
    data = FORMAT.write(WriteRequest("household", frame, 9, "EPSG:4326", encoding))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {f".{name.split('.', 1)[1]}": archive.read(name) for name in archive.namelist()}


def read_parts(tmp_path, parts, **wanted):
    return read_as(FORMAT, tmp_path, parts, ".shp" if ".shp" in parts else ".dbf", **wanted)


def points(**columns) -> gpd.GeoDataFrame:
    count = len(next(iter(columns.values())))
    return gpd.GeoDataFrame(columns, geometry=shapely.points(110 + np.arange(count), 42.0), crs="EPSG:4326")


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
    @pytest.mark.parametrize(
        "cpg", [None, b"UTF-8\n", b"936", b"cp936", b"GBK", b"GB18030", b"ISO-8859-1", b"88591", b"nonsense"]
    )
    @pytest.mark.parametrize("language", [0, 0x4D, 0x57])
    def test_texts_are_exact_or_the_file_is_refused(self, tmp_path, encoding, cpg, language):
        texts = RARE if encoding == "gb18030" else NAMES
        data = text_table(texts, encoding, language=language)
        beside = {} if cpg is None else {"cpg": cpg}
        read = unless_refused(lambda: read_dbf(tmp_path, data, **beside))
        if isinstance(read, InputError):
            assert read.code == "GM207"
            assert "--encoding" in str(read)
            return
        assert list(read.columns) == ["户主"]
        assert cells(read, "户主") == texts

    @pytest.mark.parametrize(
        ("encoding", "cpg", "language"),
        [
            ("gbk", None, 0),
            ("gbk", None, 0x4D),
            ("utf-8", None, 0),
            ("gbk", b"UTF-8", 0),
            ("utf-8", b"GBK", 0x4D),
        ],
    )
    def test_the_common_mistakes_are_read(self, tmp_path, encoding, cpg, language):
        data = text_table(NAMES, encoding, language=language)
        read = read_dbf(tmp_path, data, **({} if cpg is None else {"cpg": cpg}))
        assert cells(read, "户主") == NAMES
        assert read.encoding == encoding

    def test_a_text_that_was_cut_within_a_character_is_told(self, tmp_path):
        cut = ("牧" * 4).encode("gbk")[:7]
        read = read_dbf(tmp_path, text_table([NAMES[0], NAMES[2][:3], cut], "gbk", width=7))
        assert cells(read, "户主")[2] is None
        assert [(at, column) for at, column, _ in read.faults] == [(2, "户主")]
        assert "cut" in read.faults[0][2]


class TestCells:
    def made(self, tmp_path, *columns, version=0x03):
        fields = [dbf.Field(name, sort, len(texts[0])) for name, sort, texts in columns]
        data = dbf.write(fields, [texts for *_, texts in columns], rows=len(columns[0][2]), language=0)
        return read_dbf(tmp_path, bytes([version]) + data[1:])

    def test_numbers_keep_every_digit_and_stars_are_said(self, tmp_path):
        texts = [b" 150223102", b"0000000007", b"**********", b"          ", b"       1.5", b"       1,5"]
        read = self.made(tmp_path, (b"N", "N", texts), (b"BIG", "N", [b"9223372036854775807"] * 6))
        assert cells(read, "N") == [150223102, 7, None, None, 1.5, None]
        assert cells(read, "BIG") == [2**63 - 1] * 6
        assert read.faults == ((5, "N", "is not of its column's type"),)
        assert "N holds stars in 1 rows" in read.notes[0]

    def test_codes_are_text_and_days_and_truths_are_values(self, tmp_path):
        read = self.made(
            tmp_path,
            (b"CODE", "C", [b"000123", b"      ", b"12\0xxx"]),
            (b"DAY", "D", [b"00010101", b"00000000", b"2024-1-1"]),
            (b"YES", "L", [b"T", b"?", b"x"]),
        )
        assert cells(read, "CODE") == ["000123", None, "12"]
        assert cells(read, "DAY") == ["0001-01-01", None, None]
        assert cells(read, "YES") == [True, None, None]
        assert [(at, column) for at, column, _ in read.faults] == [(2, "DAY"), (2, "YES")]

    def test_the_binary_columns_of_visual_foxpro_are_values(self, tmp_path):
        read = self.made(
            tmp_path,
            (b"I", "I", [struct.pack("<i", -7)]),
            (b"B", "B", [struct.pack("<d", 0.1)]),
            (b"Y", "Y", [struct.pack("<q", 125000)]),
            (b"T", "T", [struct.pack("<ii", 2460370, 3_600_000)]),
            version=0x30,
        )
        row = [cells(read, name)[0] for name in ("I", "B", "Y", "T")]
        assert row == [-7, 0.1, 12.5, "2024-02-29T01:00:00"]

    def test_what_stands_in_another_file_is_told_not_read_as_a_number(self, tmp_path):
        read = self.made(tmp_path, (b"MEMO", "M", [b"         1", b" " * 10]), (b"X", "Q", [b"\1\2", b"  "]))
        assert cells(read, "MEMO") == [None, None]
        assert [(at, column) for at, column, _ in read.faults] == [(0, "MEMO"), (0, "X")]

    def test_a_deleted_record_is_left_out_and_said(self, tmp_path):
        parts = parts_of(points(id=["a", "b", "c"]))
        data = bytearray(parts[".dbf"])
        start, width = struct.unpack_from("<HH", data, 8)
        data[start + width] = ord("*")
        read = read_parts(tmp_path, {**parts, ".dbf": bytes(data)})
        assert cells(read, "id") == ["a", "c"]
        assert read.rows.tolist() == [1, 3]
        assert [shape.x for shape in read.geometry] == [110, 112]
        assert read.left_out == ((2, "is deleted"),)


class TestParts:
    def test_more_shapes_than_records_and_the_other_way_round_are_told(self, tmp_path):
        two, three = parts_of(points(id=["a", "b"])), parts_of(points(id=["a", "b", "c"]))
        for index, (parts, column) in enumerate(
            [
                ({**three, ".dbf": two[".dbf"]}, "(row)"),
                ({**three, **{e: two[e] for e in (".shp", ".shx")}}, "geometry"),
            ]
        ):
            folder = tmp_path / str(index)
            folder.mkdir()
            read = read_parts(folder, {end: data for end, data in parts.items() if end != ".columns.json"})
            assert read.rows.tolist() == [1, 2, 3]
            assert [(at, name) for at, name, _ in read.faults] == [(2, column)]
            assert any("records" in note for note in read.notes)

    @pytest.mark.parametrize("index", [None, b"", b"\0" * 500])
    def test_an_index_that_is_lost_is_made_anew(self, tmp_path, index):
        parts = parts_of(points(id=["a", "b", "c"]))
        if index is None:
            del parts[".shx"]
        else:
            parts[".shx"] = index
        read = read_parts(tmp_path, parts)
        assert [shape.x for shape in read.geometry] == [110, 111, 112]
        assert any(".shx" in note for note in read.notes)

    def test_cut_shapes_are_refused(self, tmp_path):
        parts = parts_of(points(id=["a", "b", "c"]))
        with pytest.raises(InputError, match="cut short"):
            read_parts(tmp_path, {**parts, ".shp": parts[".shp"][:-20]})

    def test_a_multipatch_is_a_fault_of_its_row(self, tmp_path):
        parts = parts_of(points(id=["a", "b"]))
        data = bytearray(parts[".shp"])
        struct.pack_into("<i", data, 108, 31)
        read = read_parts(tmp_path, {**parts, ".shp": bytes(data)})
        assert read.geometry[0] is None
        assert read.geometry[1] == shapely.Point(111, 42)
        assert read.faults[0][:2] == (0, "geometry")
        assert "MultiPatch" in read.faults[0][2]

    def test_shapes_without_a_table(self, tmp_path):
        parts = {end: data for end, data in parts_of(points(id=["a"])).items() if end in {".shp", ".shx"}}
        read = read_parts(tmp_path, parts)
        assert read.columns == {}
        assert read.crs is None
        assert read.geometry.tolist() == [shapely.Point(110, 42)]


LONG = "长" * 200


class TestWhatDoesNotFit:
    @pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030", "big5"])
    def test_it_comes_back_from_the_sidecar(self, tmp_path, encoding):
        frame = points(
            id=["000123", "b", "c", "d", "e"],
            户主姓名很长的名字=["é", None, "", "  ", LONG],
            户主姓名很长的名称=["😀", "𠀀㐀", "a\0b", "x ", "\r\n"],
            NAME=["a"] * 5,
            name=["b"] * 5,
            n=pd.array([2**63 - 1, None, -(2**63), 0, 1], dtype="Int64"),
            yes=pd.array([True, None, False, True, None], dtype="boolean"),
            x=[0.1, np.nan, 5e-324, -1.2345678901234567e-300, 1e20],
            day=pd.Series(["0001-01-01", None, "9999-12-31", "2024-02-29", None], dtype="datetime64[s]"),
        )
        read = read_parts(tmp_path, parts_of(frame, encoding))
        assert list(read.columns) == [name for name in frame.columns if name != "geometry"]
        for name in read.columns:
            wanted = [None if pd.isna(one) else one for one in frame[name].astype(object)]
            if name == "day":
                wanted = [None if one is None else one.isoformat()[:10] for one in wanted]
            assert cells(read, name) == wanted, name
        assert read.faults == ()
        assert read.notes == ()

    def test_field_names_are_cut_between_characters_and_unique_whatever_their_case(self):
        parts = parts_of(
            points(户主姓名甲=["a"], 户主姓名乙=["b"], ID=["c"], id=["d"], **{"\0\n": ["e"], " ": ["f"]})
        )
        names = [one.name for one in dbf.read(parts[".dbf"]).fields]
        assert len({name.decode("utf-8").casefold() for name in names}) == len(names) == 6
        assert all(0 < len(name) <= 10 for name in names)
        assert names[0].decode("utf-8") == "户主姓"

    def test_shapes_of_several_types_single_ones_of_several_and_none(self, tmp_path):
        shapes = [
            shapely.Point(1, 2),
            None,
            shapely.LineString([(0, 0), (1, 1)]),
            shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]),
            shapely.Polygon(),
            shapely.box(0, 0, 2, 2),
            shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)]),
            shapely.LinearRing([(0, 0), (1, 0), (1, 1)]),
        ]
        frame = gpd.GeoDataFrame({"id": list("abcdefgh")}, geometry=shapes, crs="EPSG:4326")
        read = read_parts(tmp_path, parts_of(frame))
        same = shapely.equals_identical(
            shapely.orient_polygons(read.geometry), shapely.orient_polygons(shapes)
        )
        assert same[[0, 2, 3, 4, 5, 6]].all()
        assert read.geometry[1] is None
        # Well-known binary has no ring outside a polygon.
        assert read.geometry[7] == shapely.LineString(shapes[7].coords)

    @pytest.mark.parametrize("count", [0, 2])
    def test_empty_tables_tables_without_geometry_and_very_wide_ones(self, tmp_path, count):
        wide = pd.DataFrame(
            {"id": ["a", "b"][:count], **{f"c{at}": ["v", None][:count] for at in range(300)}}
        )
        parts = parts_of(wide)
        assert ".shp" not in parts
        assert len(dbf.read(parts[".dbf"]).fields) == 255
        read = read_parts(tmp_path, parts)
        assert list(read.columns) == list(wide.columns)
        assert cells(read, "c299") == ["v", None][:count]

    def test_what_another_program_changed_since_counts(self, tmp_path):
        parts = parts_of(points(id=["a", "b", "c"], 户主姓名很长的名字=[LONG, LONG, ""]))
        table = dbf.read(parts[".dbf"])
        changed = [[cell or b"" for cell in column] for column in table.cells]
        changed[1][1] = "新名".encode()
        fitted = [
            [cell.ljust(one.width) for cell in column]
            for one, column in zip(table.fields, changed, strict=True)
        ]
        parts[".dbf"] = dbf.write(table.fields, fitted, rows=3, language=0)
        read = read_parts(tmp_path, parts)
        assert cells(read, "户主姓名很长的名字") == [LONG, "新名", ""]
        assert any("another program" in note for note in read.notes)

    @pytest.mark.parametrize(
        "sidecar",
        [b"", b"[]", b"{}", b"\xff", b'{"rows":1,"names":{"id":7}}', b"[" * 100_000],
    )
    def test_a_sidecar_that_is_none_is_said_and_passed_over(self, tmp_path, sidecar):
        read = read_parts(tmp_path, {**parts_of(points(id=["a"])), ".columns.json": sidecar})
        assert cells(read, "id") == ["a"]
        assert any(".columns.json" in note for note in read.notes)

    def test_an_encoding_in_which_no_table_can_be_is_refused(self):
        with pytest.raises(ConfigError, match="GM106"):
            parts_of(points(id=["a"]), "utf-16")

    def test_the_code_page_is_said_twice(self):
        assert parts_of(points(id=["a"]), "gbk")[".cpg"] == b"GBK"
        assert parts_of(points(id=["a"]), "gbk")[".dbf"][29] == 0x4D
        assert parts_of(points(id=["a"]))[".cpg"] == b"UTF-8"
        assert parts_of(points(id=["a"]))[".dbf"][29] == 0
