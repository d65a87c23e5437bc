"""Encodings by what is stated by format: every text exactly as it was written, or refused; never mojibake.

The files are made byte by byte here, so that no library's idea of an encoding comes in between.
"""

from __future__ import annotations

import codecs
import struct

import numpy as np
import pyogrio
import pytest
import shapely

from gridmap.config import default_spec
from gridmap.errors import InputError
from gridmap.exchange import ReadOptions
from gridmap.exchange.reading import in_process, read_rows

SPEC = default_spec()
ENCODINGS = ("utf-8", "gbk", "gb18030")
TABLES = {
    "townships": ["满都拉镇", "巴音花苏木", "查干哈达苏木", "达尔罕苏木"],
    "herders": ["巴特尔", "娜仁高娃", "其其格", "乌力吉·苏和"],
    "rare names": ["㐂子", "𠮷野", "龘龘", "䶮"],
    "rare among others": ["满都拉镇", "巴音花苏木", "𠮷", "查干哈达苏木", "联通基站旁", "户主不在家"],
    "Mongolian script": ["ᠮᠣᠩᠭᠣᠯ", "ᠠᠷᠠᠳ"],
    "Mongolian Cyrillic": ["Сүхбаатар", "Нина", "Дашлан"],
    "two characters": ["联通"],
    "a header's word": ["户主"],
    # Valid UTF-8, every one: D0 A1 is С, CF A3 is ϣ, C4 A3 ģ, C2 B7 the dot in a name.
    "GBK that is valid UTF-8": ["小", "希"],
    "GBK that is valid UTF-8, one word": ["小希模"],
    "a road": ["路"],
    "degrees": ["41°41'57\"N", "110°26'E"],
    "accents": ["Ölgii", "Süchbaatar", "café"],
    "ASCII": ["Mandal", "Bayan", "0001"],
    "mixed": ["A区3号", "（东）井", "牧户：甲", "Baotou 包头"],
}
# Read right by everyone, without a question: what offices really send.
ORDINARY = {"townships", "herders", "ASCII", "mixed", "rare among others"}
WRONG = {"utf-8": "gbk", "gbk": "utf-8", "gb18030": "utf-8"}
CPG = {"utf-8": b"UTF-8", "gbk": b"936", "gb18030": b"GB18030"}
CHARSET = {"utf-8": "UTF-8", "gbk": "WindowsSimpChinese", "gb18030": "GB18030"}
STATED = ("right", "absent", "wrong")


def cases():
    for table, texts in TABLES.items():
        for encoding in ENCODINGS:
            try:
                [text.encode(encoding) for text in texts]
            except UnicodeEncodeError:
                continue
            for stated in STATED:
                yield pytest.param(table, encoding, stated, id=f"{table}-{encoding}-{stated}")


def dbf(texts: list[str], encoding: str, *, language: int = 0) -> bytes:
    """Return a dBase table of ids and names, its texts in an encoding."""
    cells = [text.encode(encoding) for text in texts]
    width = max(map(len, cells)) + 6
    fields = [(b"id", 10), (b"name", width)]
    size = 1 + sum(length for _, length in fields)
    head = struct.pack(
        "<4BIHH16xBB2x", 3, 126, 1, 1, len(cells), 32 + 32 * len(fields) + 1, size, 0, language
    )
    described = b"".join(struct.pack("<11sc4xBB14x", name, b"C", length, 0) for name, length in fields)
    rows = b"".join(b" " + f"H{at}".encode().ljust(10) + cell.ljust(width) for at, cell in enumerate(cells))
    return head + described + b"\r" + rows + b"\x1a"


def shp(count: int) -> tuple[bytes, bytes]:
    """Return points as .shp and .shx (ESRI Shapefile Technical Description, 1998)."""

    def whole(words: int, body: bytes) -> bytes:
        head = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, 50 + words)
        return head + struct.pack("<2i8d", 1000, 1, 110, 42, 111, 43, 0, 0, 0, 0) + body

    records = b"".join(
        struct.pack(">2i", at + 1, 10) + struct.pack("<idd", 1, 110 + at / 100, 42.5) for at in range(count)
    )
    index = b"".join(struct.pack(">2i", 50 + at * 14, 10) for at in range(count))
    return whole(14 * count, records), whole(4 * count, index)


def shapefile(folder, texts, encoding, stated, *, language=0):
    path = folder / "x.shp"
    main, index = shp(len(texts))
    path.write_bytes(main)
    (folder / "x.shx").write_bytes(index)
    (folder / "x.dbf").write_bytes(dbf(texts, encoding, language=language))
    if stated is not None:
        (folder / "x.cpg").write_bytes(CPG[stated])
    return path


def csv(folder, texts, encoding):
    path = folder / "x.csv"
    rows = [f"H{at},{text},110.{at},42.5" for at, text in enumerate(texts)]
    path.write_bytes("\r\n".join(["id,name,lon_wgs84,lat_wgs84", *rows, ""]).encode(encoding))
    return path


def tab(folder, texts, encoding, stated):
    """Return a MapInfo table: its points by GDAL with names of ASCII, its attributes made here."""
    path = folder / "x.tab"
    points = shapely.to_wkb([shapely.Point(110 + at / 100, 42.5) for at in range(len(texts))])
    names = [f"H{at}" for at in range(len(texts))]
    pyogrio.raw.write(
        path,
        points,
        [np.array(names, dtype=object)] * 2,
        ["id", "name"],
        driver="MapInfo File",
        geometry_type="Point",
        crs="EPSG:4326",
    )
    made = dbf(texts, encoding)
    width = max(len(text.encode(encoding)) for text in texts) + 6
    lines = path.read_text("ascii").splitlines()
    found = next(at for at, line in enumerate(lines) if line.strip().startswith("Fields 2"))
    lines[found + 1 : found + 3] = ["    id Char (10) ;", f"    name Char ({width}) ;"]
    charset = "Neutral" if stated is None else CHARSET[stated]
    lines = [f"!charset {charset}" if line.startswith("!charset") else line for line in lines]
    lines = [
        f'  Type NATIVE Charset "{charset}"' if line.strip().startswith("Type NATIVE") else line
        for line in lines
    ]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("ascii"))
    (folder / "x.dat").write_bytes(made)
    return path


def outcome(path, **options):
    """Return the names that were read, or the refusal."""
    try:
        reading = read_rows(
            path,
            kind="household",
            spec=SPEC,
            options=ReadOptions(**options),
            reader=in_process,
        )
    except InputError as error:
        return error
    assert not reading.faults
    return reading.frame["name"].tolist()


def judge(found, table, encoding, stated):
    texts = TABLES[table]
    if isinstance(found, InputError):
        assert found.code == "GM207", str(found)
        assert not (table in ORDINARY and stated != "wrong"), str(found)
        # The right one is among the candidates, with a piece of the text to know it by.
        shown = [line for line in found.where.splitlines() if f"--encoding {encoding}:" in line]
        assert shown, str(found)
        first = next(text for text in texts if not text.isascii())
        assert first[:4] in shown[0]
    else:
        assert found == texts


def said(encoding, stated):
    return {"right": encoding, "absent": None, "wrong": WRONG[encoding]}[stated]


def some(every):
    """Give every third case; the others wait for `make stress`, for shapefiles are judged alike."""
    for at, one in enumerate(every):
        more = () if at % 3 == 0 else (pytest.mark.stress,)
        yield pytest.param(*one.values, marks=(*one.marks, *more), id=one.id)


@pytest.mark.parametrize(("table", "encoding", "stated"), [*cases()])
def test_a_shapefile_is_read_exactly_or_refused(tmp_path, table, encoding, stated):
    path = shapefile(tmp_path, TABLES[table], encoding, said(encoding, stated))
    judge(outcome(path, crs="EPSG:4326"), table, encoding, stated)


@pytest.mark.parametrize("language", [0, 0x4D, 0x57])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("table", ["townships", "rare among others", "mixed"])
def test_a_language_byte_is_no_more_than_a_claim(tmp_path, table, encoding, language):
    """0x57 is what ArcGIS writes whatever the texts are in."""
    if encoding == "gbk" and table == "rare among others":
        return
    path = shapefile(tmp_path, TABLES[table], encoding, None, language=language)
    judge(outcome(path, crs="EPSG:4326"), table, encoding, "wrong" if language == 0x57 else "right")


@pytest.mark.parametrize(("table", "encoding", "stated"), [*some(cases())])
def test_a_csv_is_read_exactly_or_refused(tmp_path, table, encoding, stated):
    path = csv(tmp_path, TABLES[table], encoding)
    judge(outcome(path, encoding=said(encoding, stated)), table, encoding, stated)


@pytest.mark.parametrize(("table", "encoding", "stated"), [*some(cases())])
def test_a_mapinfo_table_is_read_exactly_or_refused(tmp_path, table, encoding, stated):
    path = tab(tmp_path, TABLES[table], encoding, said(encoding, stated))
    judge(outcome(path), table, encoding, stated)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_mark_at_the_beginning_settles_it(tmp_path, table, encoding):
    path = csv(tmp_path, TABLES[table], encoding)
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    path.write_bytes(mark + path.read_bytes())
    assert outcome(path) == TABLES[table]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_no_csv(tmp_path, encoding):
    found = outcome(csv(tmp_path, TABLES["townships"], encoding))
    assert isinstance(found, InputError)
    assert found.code in {"GM205", "GM202", "GM207"}


def test_a_text_that_was_destroyed_is_told_by_its_row(tmp_path):
    """The bytes behind 锟斤拷 are gone: nobody can give them back, but their owner can be asked."""
    texts = ["巴特尔", "锟斤拷锟", "\ufffd\ufffd", "其其格"]
    reading = read_rows(csv(tmp_path, texts, "utf-8"), kind="household", spec=SPEC, reader=in_process)
    assert reading.frame["name"].tolist() == ["巴特尔", "其其格"]
    assert [(fault.row, fault.column) for fault in reading.faults] == [(3, "name"), (4, "name")]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_text_that_fills_its_field_may_end_within_a_character(tmp_path, encoding):
    """254 bytes are all a shapefile has: the cut cell is told, and the others are read."""
    texts = ["满都拉镇" * 30, "巴音花苏木"]
    path = shapefile(tmp_path, ["满都拉镇", "巴音花苏木"], encoding, None)
    cells = [text.encode(encoding)[:253] for text in texts]
    size = 1 + 10 + 253
    head = struct.pack("<4BIHH16xBB2x", 3, 126, 1, 1, 2, 97, size, 0, 0)
    fields = [(b"id", 10), (b"name", 253)]
    described = b"".join(struct.pack("<11sc4xBB14x", name, b"C", length, 0) for name, length in fields)
    rows = b"".join(b" " + f"H{at}".encode().ljust(10) + cell.ljust(253) for at, cell in enumerate(cells))
    path.with_suffix(".dbf").write_bytes(head + described + b"\r" + rows + b"\x1a")
    reading = read_rows(
        path, kind="household", spec=SPEC, options=ReadOptions(crs="EPSG:4326"), reader=in_process
    )
    assert "巴音花苏木" in reading.frame["name"].tolist()
    assert set(reading.frame["name"]) <= {"巴音花苏木", cells[0].decode(encoding, "ignore")}
