"""The readers of text that people write or programs spoil: nothing but an error of ours may come out.

A round each in `make test`; ten minutes in `make stress`. What was found once is replayed always.
"""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

import makers
import numpy as np
import pytest
import shapely
from fuzz import STRESS_SECONDS, fuzz, kept, survive
from hypothesis import strategies as st

from gridmap.config.load import default_spec, parse_spec, template_text
from gridmap.exchange import ReadOptions
from gridmap.exchange.format import ReadRequest
from gridmap.exchange.formats import csv as csv_format
from gridmap.exchange.formats import shapefile
from gridmap.exchange.reading import in_process, read_rows
from gridmap.geo import angles, parse_place

ENCODINGS = ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "latin-1", "big5"]
REQUEST = ReadRequest("household", spatial=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


def checked(table):
    """Look at every column: its length is that of the table, its cells are plain."""
    for cells in table.columns.values():
        assert len(cells) == len(table.rows)
        if not isinstance(cells, np.ndarray):
            assert {type(cell) for cell in cells} <= {str, int, float, bool, type(None)}
    for at, _, reason in table.faults:
        assert 0 <= at < len(table.rows)
        assert reason


def csv_reader(place: Path, end: str, reader):
    def read(data: bytes) -> None:
        path = place / f"data{end}"
        path.write_bytes(data)
        if reader.looks_right(data[:4096]):
            checked(reader.read(path, REQUEST))

    return read


def rows_reader(place: Path):
    """Read a CSV the whole way: what follows after the child has no walls around it."""
    jurisdiction = shapely.box(380_000, 4_600_000, 560_000, 4_800_000)

    def read(data: bytes) -> None:
        # The first byte says what the caller says.
        said = data[0] if data else 0
        path = place / "homes.csv"
        path.write_bytes(data[1:])
        reading = read_rows(
            path,
            kind="household",
            spec=default_spec(),
            options=ReadOptions(
                id_column="@row" if said & 1 else None,
                datum="gcj02" if said & 2 else None,
                repair=bool(said & 4),
                drop_refused=bool(said & 8),
                swap_axes=bool(said & 16),
            ),
            jurisdiction=jurisdiction if said & 32 else None,
            reader=in_process,
        )
        assert len(reading.frame) + len(reading.quarantine) == reading.total

    return read


def dbf_reader(place: Path):
    whole = makers.shapefile()

    def read(data: bytes) -> None:
        # The first bytes say what becomes of the code page; the rest is the table.
        page, dbf = data[:1], data[1:]
        # A folder of its own for each, as `staged` makes one for each file.
        with tempfile.TemporaryDirectory(dir=place) as name:
            folder = Path(name)
            for end in (".shp", ".shx"):
                (folder / f"data{end}").write_bytes(whole[end])
            if page > b"\x80":
                (folder / "data.cpg").write_bytes([b"GBK", b"UTF-8", b"936", b"nonsense"][page[0] % 4])
            (folder / "data.dbf").write_bytes(dbf)
            checked(shapefile.FORMAT.read(folder / "data.shp", REQUEST))

    return read


def dms_reader(data: bytes) -> None:
    text = data.decode("utf-8", "surrogatepass")
    angles.parse_angle(text)
    angles.parse_pair(text)
    values, faults = angles.parse_angles([text, None, 1.5], axis="lon")
    assert len(values) == 3
    assert all(0 <= at < 3 for at in faults)
    # Last: it may refuse.
    parse_place(text)


def toml_reader(data: bytes) -> None:
    parse_spec(data.decode("utf-8", "surrogatepass"), where="gridmap.toml")


# --- inputs ---

cell = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["110.02", "42.57", "41°41′57″N", '"', "'", "=1+1", "锟斤拷", "\0", "示例·甲", "\ufeff", "1e999"]
    ),
)
line = st.lists(cell, max_size=6)
table_text = st.builds(
    lambda lines, separator, end: end.join(separator.join(one) for one in lines),
    st.lists(line, max_size=6),
    st.sampled_from([",", "\t", ";", "|", "，"]),
    st.sampled_from(["\n", "\r\n", "\r", ""]),
)
csv_bytes = st.one_of(
    st.binary(max_size=300),
    st.builds(
        lambda text, encoding: text.encode(encoding, "replace"), table_text, st.sampled_from(ENCODINGS)
    ),
    st.builds(
        lambda text: (makers.HEADER + "\n" + text).encode("utf-8", "surrogatepass"),
        st.text(st.characters(codec=None), max_size=80),
    ),
)

DEGREE_WORDS = """° ′ ″ 度 分 秒 N E 北纬 东经 西 S . , - + 110 42 26 57 60 １１０ ４２ ９ d ' " º ： :
km K +000 e9 nan inf ٤٢"""
degree_words = st.sampled_from([" ", *DEGREE_WORDS.split()])
dms_bytes = st.one_of(
    st.lists(degree_words, max_size=14).map("".join),
    st.text(max_size=40),
).map(lambda text: text.encode("utf-8", "surrogatepass"))


def spoilt(data: bytes, changes: list[tuple[int, int]], cut: int, text: bytes) -> bytes:
    changed = bytearray(data)
    for at, value in changes:
        changed[at % len(changed)] = value
    if text:
        changed[-len(text) - 2 : -2] = text
    return bytes(changed[: len(changed) - cut])


def small_dbf(names: list[bytes], length: int, rows: list[bytes], language: int) -> bytes:
    """Return a dBase table of text columns, as the format has it (dBase III, LDID at byte 29)."""
    width = 1 + length * len(names)
    head = struct.pack("<B3BIHH16xBB2x", 3, 126, 1, 1, len(rows), 33 + 32 * len(names), width, 0, language)
    fields = b"".join(struct.pack("<11sc4xBB14x", name[:10], b"C", length, 0) for name in names)
    return (
        head + fields + b"\r" + b"".join(b" " + row[: width - 1].ljust(width - 1) for row in rows) + b"\x1a"
    )


dbf_bytes = st.builds(
    lambda page, dbf: bytes([page]) + dbf,
    st.integers(0, 255),
    st.one_of(
        st.builds(
            spoilt,
            st.just(makers.shapefile()[".dbf"]),
            st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), max_size=4),
            st.integers(0, 200),
            st.one_of(st.just(b""), st.text(max_size=20).map(lambda one: one.encode("gb18030", "ignore"))),
        ),
        st.builds(
            small_dbf,
            st.lists(st.binary(min_size=1, max_size=10), max_size=4),
            st.integers(0, 40),
            st.lists(
                st.one_of(
                    st.binary(max_size=40),
                    st.text(max_size=20).map(lambda one: one.encode("gb18030", "ignore")),
                    st.text(max_size=20).map(lambda one: one.encode("utf-8", "ignore")),
                ),
                max_size=6,
            ),
            st.sampled_from([0, 0x4D, 0x4F, 0x57, 0x7A, 0xFF]),
        ),
    ),
)

TEMPLATE = template_text(name_en="x", name_zh="x", crs="EPSG:4508", synthetic=True, source="x")
toml_line = st.one_of(
    st.sampled_from(
        [
            *TEMPLATE.splitlines(),
            "[imports]",
            "max_seconds = 1e999",
            "[[maps]]",
            "schema = 99999999999999999999",
        ]
    ),
    st.text(max_size=30),
    st.builds(
        lambda key, value: f"{key} = {value}",
        st.sampled_from(["crs", "schema", "belt_m", "columns", "pattern", "kinds.x.geometry", "a" * 5000]),
        st.sampled_from(
            ["nan", "-inf", "{}", "[[[]]]", "1979-05-27", '"(?P<"', "'''", "0x_1", "true", "[" * 500]
        ),
    ),
)


def with_line(lines: list[str], at: int) -> str:
    text = TEMPLATE.splitlines()
    text[at % len(text) : at % len(text) + 1] = lines
    return "\n".join(text)


toml_bytes = st.one_of(
    st.builds(with_line, st.lists(toml_line, max_size=3), st.integers(0, 500)),
    st.lists(toml_line, max_size=8).map("\n".join),
    st.text(max_size=80),
).map(lambda text: text.encode("utf-8", "surrogatepass"))

SIDES = [
    "lon",
    "lat",
    "经度",
    "纬度",
    "x",
    "y",
    "X(EPSG:4525)",
    "Y(EPSG:4525)",
    "wkt",
    "坐标",
    "高德经度",
    "高德纬度",
]
rows_bytes = st.builds(
    lambda said, header, lines: (
        bytes([said]) + "\n".join(",".join(one) for one in [header, *lines]).encode("utf-8", "surrogatepass")
    ),
    st.integers(0, 63),
    st.lists(
        st.one_of(
            st.sampled_from(["id", "户主", "人口", "堡垒户", "民族", "valid_from", *SIDES]),
            st.text(max_size=5),
        ),
        min_size=1,
        max_size=6,
    ),
    st.lists(
        st.lists(
            st.one_of(
                cell,
                st.floats(108, 113).map(str),
                st.floats(40, 44).map(str),
                st.floats(-1e8, 1e8).map(str),
                st.sampled_from(
                    ["POINT (110 42)", "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))", "110°26′", "是", "2026-01-01"]
                ),
            ),
            min_size=1,
            max_size=6,
        ),
        max_size=6,
    ),
)

TARGETS = {
    "rows": (rows_reader, rows_bytes),
    "csv": (lambda place: csv_reader(place, ".csv", csv_format.FORMAT), csv_bytes),
    "tsv": (lambda place: csv_reader(place, ".tsv", csv_format.TSV), csv_bytes),
    "dms": (lambda _place: dms_reader, dms_bytes),
    "dbf": (dbf_reader, dbf_bytes),
    "toml": (lambda _place: toml_reader, toml_bytes),
}


def test_the_template_is_read():
    """What the generated settings are made of is sound."""
    assert default_spec().crs == "EPSG:4508"
    toml_reader(TEMPLATE.encode())


@pytest.mark.parametrize("target", TARGETS)
def test_what_broke_a_reader_once_does_not_again(target, place):
    read, _ = TARGETS[target]
    for one in kept(target):
        survive(read(place), one.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_a_reader_survives_what_it_is_given(target, place):
    read, inputs = TARGETS[target]
    assert fuzz(target, read(place), inputs) == 1


@pytest.mark.stress
@pytest.mark.parametrize("target", TARGETS)
def test_a_reader_survives_for_minutes(target, place):
    read, inputs = TARGETS[target]
    assert fuzz(target, read(place), inputs, seconds=STRESS_SECONDS) > 1
