"""MapInfo: exact texts or a refusal whatever the charset says, and no file but its own is ever opened."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from reading_help import cells, read_as, unless_refused

from gridmap.errors import InputError
from gridmap.exchange import dbf
from gridmap.exchange.formats.mapinfo import FORMAT

NAMES = ["巴雅尔", "达尔罕茂明安联合旗满都拉镇", "呼和浩特市新城区"]
RARE = [*NAMES, "㐀𠀀"]


def by_gdal(extension, count=3, crs="EPSG:4326") -> dict[str, bytes]:
    """Return the parts of a table of points."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x{extension}"
        pyogrio.raw.write(
            path,
            shapely.to_wkb(shapely.points(110 + np.arange(count) / 10, 42.5)),
            [np.array(["a"] * count, dtype=object)],
            ["id"],
            layer="x",
            driver="MapInfo File",
            geometry_type="Point",
            crs=crs,
            encoding="UTF-8",
        )
        return {one.suffix: one.read_bytes() for one in Path(folder).iterdir()}


def tab(charset, *columns: bytes, more: bytes = b"") -> bytes:
    said = (
        f'!table\n!version 300\n!charset {charset}\n\nDefinition Table\n  Type NATIVE Charset "{charset}"\n'
    )
    fields = b"".join(b"    " + one + b" ;\n" for one in columns)
    return said.encode() + f"  Fields {len(columns)}\n".encode() + fields + more


def dat(*columns: list[bytes]) -> bytes:
    fields = [dbf.Field(b"F", "C", len(column[0])) for column in columns]
    return dbf.write(fields, columns, rows=len(columns[0]), language=0)


def texts_tab(texts, encoding, charset, width=40) -> dict[str, bytes]:
    made = [text.encode(encoding).ljust(width, b"\0") for text in texts]
    head = "户主".encode(encoding) + f" Char ({width})".encode()
    return {**by_gdal(".tab", len(texts)), ".tab": tab(charset, head), ".dat": dat(made)}


def texts_mif(texts, encoding, charset) -> dict[str, bytes]:
    head = f'Version 300\nCharset "{charset}"\nDelimiter ","\nCoordSys Earth Projection 1, 104\nColumns 1\n'
    shapes = "".join(f"\nPoint {110 + at} 42.5\n    Symbol (35,0,12)" for at in range(len(texts)))
    main = head.encode() + "  户主 Char(40)\n".encode(encoding) + f"Data\n{shapes}\n".encode()
    return {".mif": main, ".mid": "".join(f'"{text}"\n' for text in texts).encode(encoding)}


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
    @pytest.mark.parametrize(
        "charset", ["WindowsSimpChinese", "UTF-8", "Neutral", "WindowsLatin1", "WindowsCyrillic", "x"]
    )
    @pytest.mark.parametrize(("main", "make"), [(".tab", texts_tab), (".mif", texts_mif)])
    def test_texts_are_exact_or_the_file_is_refused(self, tmp_path, encoding, charset, main, make):
        texts = RARE if encoding == "gb18030" else NAMES
        read = unless_refused(lambda: read_as(FORMAT, tmp_path, make(texts, encoding, charset), main))
        if isinstance(read, InputError):
            assert read.code == "GM207"
            return
        assert list(read.columns) == ["户主"]
        assert cells(read, "户主") == texts
        assert read.crs == "EPSG:4326"
        assert len(read.geometry) == len(texts)

    @pytest.mark.parametrize(
        ("encoding", "charset"),
        [
            ("gbk", "WindowsSimpChinese"),
            ("gbk", "Neutral"),
            ("utf-8", "WindowsSimpChinese"),
            ("utf-8", "UTF-8"),
        ],
    )
    @pytest.mark.parametrize(("main", "make"), [(".tab", texts_tab), (".mif", texts_mif)])
    def test_the_common_cases_are_read(self, tmp_path, encoding, charset, main, make):
        read = read_as(FORMAT, tmp_path, make(NAMES, encoding, charset), main)
        assert cells(read, "户主") == NAMES

    def test_a_name_that_ends_in_a_byte_that_is_white_space_elsewhere(self, tmp_path):
        # 鄥 ends in 0xA0 or so in GBK: a blank to whoever takes the line for Latin.
        name = next(char for char in map(chr, range(0x4E00, 0x9FA5)) if char.encode("gbk")[1] == 0xA0)
        parts = texts_tab(NAMES, "gbk", "WindowsSimpChinese")
        parts[".tab"] = tab("WindowsSimpChinese", f"户{name} Char (40)".encode("gbk"))
        assert list(read_as(FORMAT, tmp_path, parts, ".tab").columns) == [f"户{name}"]

    def test_a_text_that_was_cut_within_a_character_is_told(self, tmp_path):
        parts = texts_tab(NAMES, "gbk", "WindowsSimpChinese", width=27)
        cut = ("牧" * 20).encode("gbk")[:27]
        parts[".dat"] = dat(
            [NAMES[0].encode("gbk").ljust(27, b"\0"), NAMES[2].encode("gbk").ljust(27, b"\0"), cut]
        )
        read = read_as(FORMAT, tmp_path, parts, ".tab")
        assert cells(read, "户主") == [NAMES[0], NAMES[2], None]
        assert [(at, column) for at, column, _ in read.faults] == [(2, "户主")]


class TestValues:
    def test_the_binary_columns_of_a_table(self, tmp_path):
        columns = {
            b"code Char (6)": [b"000123", b"\0" * 6],
            b"n Integer": [struct.pack("<i", -7), bytes(4)],
            b"s SmallInt Index 1": [struct.pack("<h", 9), bytes(2)],
            b"l LargeInt": [struct.pack("<q", 2**62 + 1), bytes(8)],
            b"f Float": [struct.pack("<d", 0.1), bytes(8)],
            b"d Decimal (8,2)": [b"   12.50", b"        "],
            b"day Date": [struct.pack("<hBB", 2024, 2, 29), bytes(4)],
            b"t Time": [struct.pack("<i", 3_661_000), struct.pack("<i", -1)],
            b"at DateTime": [struct.pack("<hBBi", 2024, 2, 29, 0), bytes(8)],
            b"yes Logical": [b"T", b"F"],
        }
        parts = {**by_gdal(".tab", 2), ".tab": tab("Neutral", *columns), ".dat": dat(*columns.values())}
        read = read_as(FORMAT, tmp_path, parts, ".tab")
        first = [cells(read, name)[0] for name in read.columns]
        assert first == ["000123", -7, 9, 2**62 + 1, 0.1, 12.5, "2024-02-29", "01:01:01", "2024-02-29", True]
        assert [cells(read, name)[1] for name in ("code", "d", "day", "t", "at", "yes")] == [None] * 5 + [
            False
        ]

    def test_the_columns_of_an_interchange_file(self, tmp_path):
        head = (
            'Version 300\nCharset "Neutral"\nDelimiter ";"\nCoordSys Earth\n  Projection 1, 104\nColumns 5\n'
            "  code Char(6)\n  n Decimal(10,0)\n  day Date\n  yes Logical\n  at DateTime\nData\n\n"
            "Point 110 42.5\nPOINT 111 42.5\nNone\n"
        )
        rows = '"000123";150223102;20240229;T;20240229013000000\n"a""b;c";;;F;\n"";2.5;00000000;;\n'
        read = read_as(FORMAT, tmp_path, {".mif": head.encode(), ".mid": rows.encode()}, ".mif")
        assert cells(read, "code") == ["000123", 'a"b;c', None]
        assert cells(read, "n") == [150223102, None, 2.5]
        assert cells(read, "day") == ["2024-02-29", None, None]
        assert cells(read, "yes") == [True, False, None]
        assert cells(read, "at") == ["2024-02-29T01:30:00", None, None]
        assert read.geometry.tolist() == [shapely.Point(110, 42.5), shapely.Point(111, 42.5), None]
        assert read.crs == "EPSG:4326"

    def test_more_shapes_than_rows_and_a_row_of_other_width_are_told(self, tmp_path):
        parts = texts_mif(NAMES, "utf-8", "UTF-8")
        parts[".mid"] = b'"a"\n"b","c"\n'
        read = read_as(FORMAT, tmp_path, parts, ".mif")
        assert read.rows.tolist() == [1, 2, 3]
        assert [(at, column) for at, column, _ in read.faults] == [(1, "(row)"), (2, "(row)")]

    def test_a_deleted_row_is_left_out_with_its_shape(self, tmp_path):
        parts = texts_tab(NAMES, "gbk", "WindowsSimpChinese")
        data = bytearray(parts[".dat"])
        start, width = struct.unpack_from("<HH", data, 8)
        data[start + width] = ord("*")
        read = read_as(FORMAT, tmp_path, {**parts, ".dat": bytes(data)}, ".tab")
        assert cells(read, "户主") == [NAMES[0], NAMES[2]]
        assert read.rows.tolist() == [1, 3]
        assert [round(shape.x, 1) for shape in read.geometry] == [110.0, 110.2]
        assert read.left_out == ((2, "is deleted"),)

    def test_a_plan_that_lies_nowhere_states_no_crs(self, tmp_path):
        head = 'Version 300\nCharset "Neutral"\nCoordSys NonEarth Units "m" Bounds (0, 0) (9, 9)\nColumns 0\n'
        read = read_as(FORMAT, tmp_path, {".mif": f"{head}Data\n\nPoint 1 2\n".encode()}, ".mif")
        assert read.crs is None
        assert read.geometry.tolist() == [shapely.Point(1, 2)]

    def test_a_table_without_shapes(self, tmp_path):
        parts = {
            end: data for end, data in texts_tab(NAMES, "gbk", "Neutral").items() if end in {".tab", ".dat"}
        }
        assert read_as(FORMAT, tmp_path, parts, ".tab").geometry is None


OWN = "Type NATIVE\nFields 1\nid Char (1) ;\n"


class TestOtherFilesAreNeverOpened:
    @pytest.mark.parametrize(
        "text",
        [
            'Definition Table\nType LINKED Charset "Neutral"\nFields 1\nid Char (1) ;\n',
            "Definition Table\nType DBF\nFields 1\nid Char (1) ;\n",
            f'Definition Table\nFile "/etc/passwd"\n{OWN}',
            f'Definition Table\n{OWN}File "../other.dat"\n',
            'open table "/etc/passwd.TAB" hide\ncreate view x as select * from y\n',
            f'Definition Table\n{OWN}begin_metadata\n"\\IsSeamless" = "TRUE"\nend_metadata\n',
            'Definition Table\nFile "x.tif"\nType "RASTER"\n',
        ],
    )
    def test_a_table_of_other_tables_is_refused(self, tmp_path, text):
        parts = {**by_gdal(".tab"), ".tab": f"!table\n!version 300\n\n{text}".encode()}
        with pytest.raises(InputError, match="GM205"):
            read_as(FORMAT, tmp_path, parts, ".tab")

    @pytest.mark.parametrize("lost", [".dat", ".map", ".id"])
    def test_a_part_that_is_lost_is_named(self, tmp_path, lost):
        parts = {end: data for end, data in by_gdal(".tab").items() if end != lost}
        with pytest.raises(InputError, match=rf"GM202.*\{lost}"):
            read_as(FORMAT, tmp_path, parts, ".tab")

    def test_a_dat_of_another_table_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="other columns"):
            read_as(FORMAT, tmp_path, {**by_gdal(".tab"), ".dat": dat([b"abc"] * 3)}, ".tab")
