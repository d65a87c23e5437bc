"""Cells and headers of a hundred thousand characters: no pattern of ours runs over them for ever.

What the child gives back is matched, placed and typed in the user's own process, without a limit on time.
"""

from __future__ import annotations

import csv

import numpy as np
import pytest
from patience import in_time

import gridmap
from gridmap.errors import GridmapError
from gridmap.exchange.format import RawTable
from gridmap.exchange.headers import match_headers
from gridmap.exchange.options import ReadOptions
from gridmap.exchange.reading import in_process, read_rows

LONG = 100_000
# What a pattern may come back from, over and over: a run, pairs of marks, a good beginning with a bad end.
PIECES = (
    *(
        "1",
        "1 ",
        "1.",
        "1,",
        "1-",
        "1、",
        "12345 ",
        "1°",
        "1:",
        "111,",
        "0A:",
        "6222 ",
        "150223 ",
        "2026-01-01 ",
    ),
    *(
        "a",
        "aA",
        "_",
        "E",
        "N ",
        "东经",
        "蒙A",
        "wgs84",
        "高德",
        "epsg4326",
        "(",
        "()",
        "((",
        "'",
        "号a",
        "年",
        "\t",
    ),
)
ENDS = ("12:00" + " " * LONG + "x", " " * LONG + "x", "SRID=1" + " " * LONG, "1." * 2000 + "、" * 3000)
CELLS = (*((piece * LONG)[:LONG] for piece in PIECES), *ENDS)
HEADERS = (
    "坐标",
    "位置",
    "wkt_epsg4326",
    "lon_wgs84,lat_wgs84",
    "x(EPSG:4525),y(EPSG:4525)",
    "time",
    "persons",
    "name",
)
SECONDS = 20


@pytest.fixture(scope="module")
def spec(tmp_path_factory):
    return gridmap.demo(tmp_path_factory.mktemp("long") / "demo").spec


@pytest.mark.parametrize("header", HEADERS)
def test_a_long_cell_takes_no_time(header, spec, tmp_path):
    headers = header.split(",")
    columns = {"id": [], **{one: [] for one in headers}}
    for at, cell in enumerate(CELLS):
        columns["id"].append(f"H{at}")
        for one in headers:
            columns[one].append(cell)
    path = tmp_path / "x.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([columns, *zip(*columns.values(), strict=True)])
    with in_time(SECONDS):
        try:
            reading = read_rows(path, kind="household", spec=spec, reader=in_process)
        except GridmapError as error:
            assert error.code in {"GM201", "GM202", "GM208", "GM210"}  # noqa: PT017
        else:
            assert len(reading.frame) + len(reading.quarantine) == reading.total


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell[:12].strip())
def test_a_column_of_one_long_cell_takes_no_time(cell, spec):
    """Where most cells of a column are alike, more is asked of them."""
    raw = RawTable(
        {"id": ["a", "b", "c"], "位置": [cell] * 3, "时间": [cell] * 3}, None, None, np.arange(1, 4)
    )
    with in_time(SECONDS):
        try:
            match_headers(raw, kind="household", spec=spec, options=ReadOptions(), name="x")
        except GridmapError as error:
            assert error.code in {"GM204", "GM210"}  # noqa: PT017


@pytest.mark.parametrize("length", [60, 200, 500, LONG])
def test_long_headers_take_no_time(length, spec):
    headers = {cell.strip()[:length]: ["x"] for cell in CELLS}
    raw = RawTable({"id": ["a"], **headers}, None, None, np.arange(1, 2))
    with in_time(SECONDS):
        try:
            match_headers(raw, kind="household", spec=spec, options=ReadOptions(drop_refused=True), name="x")
        except GridmapError as error:
            assert error.code == ("GM209" if length == LONG else "GM210")  # noqa: PT017
        else:
            assert length < LONG
