"""Positions in columns: a point is where the cells say it is, or its row is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from gridmap.config import default_spec
from gridmap.exchange.coordinates import Positions, positions
from gridmap.exchange.format import RawTable
from gridmap.exchange.headers import match_headers
from gridmap.exchange.options import ReadOptions

SPEC = default_spec()


def read(header: str, *columns: Any, repair: bool = False) -> Positions:
    names = header.split(",")
    length = len(columns[0])
    cells = {"id": [str(at) for at in range(length)], **dict(zip(names, columns, strict=True))}
    raw = RawTable(cells, None, None, np.arange(length))
    headers = match_headers(raw, kind="household", spec=SPEC, options=ReadOptions(), name="f.csv")
    return positions(raw, headers, repair=repair)


def points(found: Positions) -> list[tuple[float, float] | None]:
    assert found.geometry is not None
    return [None if one is None else (one.x, one.y) for one in found.geometry]


def reasons(found: Positions) -> dict[int, str]:
    assert all(column == "geometry" for _, column, _ in found.faults)
    return {at: reason for at, _, reason in found.faults}


@pytest.mark.parametrize(
    "lons",
    [["110.5", "-0.25", "", None], [110.5, -0.25, None, None], np.array([110.5, -0.25, np.nan, np.nan])],
)
def test_decimals_as_text_and_as_numbers(lons):
    found = read("lon,lat", lons, ["42.5", "41", "", None])
    assert points(found) == [(110.5, 42.5), (-0.25, 41.0), None, None]
    assert found.faults == ()
    assert found.crs is None


def test_latitude_may_stand_first():
    assert points(read("纬度,经度", ["42.5"], ["110.5"])) == [(110.5, 42.5)]


def test_what_the_header_states_goes_along():
    assert read("lon_gcj02,lat_gcj02", ["110"], ["42"]).crs == "gcj02"
    assert read("x_epsg4525,y_epsg4525", ["37427915"], ["4711288"]).crs == "EPSG:4525"


def test_degrees_minutes_and_seconds():
    lons = ["110°07′21.29″E", "东经110度26分", "110.5", " 110.5 "]
    lats = ["42°32′01.18″N", "北纬41度41分", "42°30′", "４２．５"]
    found = read("经度,纬度", lons, lats)
    assert found.faults == ()
    here = np.array(points(found))
    there = [(110.122580556, 42.533661111), (110.433333333, 41.683333333), (110.5, 42.5), (110.5, 42.5)]
    assert np.allclose(here, there, atol=1e-9)


def test_a_hemisphere_that_contradicts_its_column_is_told():
    found = read("经度,纬度", ["42°32′01″N", "110"], ["110°07′21″E", "42"])
    assert set(reasons(found)) == {0}
    assert points(found)[1] == (110.0, 42.0)


@pytest.mark.parametrize(
    "bad", ["11x", "nan", "inf", "110,5", "1_0", "0x10", "--1", "1.2.3.4.5", "9" * 400, True, float("inf")]
)
def test_what_is_no_number_is_told_and_the_others_stand(bad):
    found = read("lon,lat", ["110", bad], ["42", "42"])
    assert points(found) == [(110.0, 42.0), None]
    assert "has a lon or lat that is not" in reasons(found)[1]
    assert str(bad) not in reasons(found)[1]


def test_half_a_position_is_told_and_none_is_none():
    found = read("lon,lat", ["110", "", "", "x"], ["", "42", "", ""])
    assert points(found) == [None] * 4
    assert set(reasons(found)) == {0, 1, 3}
    assert "only one of two" in reasons(found)[0]


def test_numbers_beyond_the_globe_are_left_to_whoever_knows_what_they_are():
    found = read("lon,lat", ["427915.3"], ["4711288.1"])
    assert points(found) == [(427915.3, 4711288.1)]
    assert found.faults == ()


def test_metres_with_their_unit():
    found = read(
        "X(m),Y(m)", ["4711288.1m", "４７１１２８８ 米", "4.7e6", "4,711,288", "1e999", ""], [*"12345", ""]
    )
    assert points(found) == [(4711288.1, 1.0), (4711288.0, 2.0), (4700000.0, 3.0), None, None, None]
    assert {at: "x or y that is not a number" in said for at, said in reasons(found).items()} == {
        3: True,
        4: True,
    }


def test_the_easting_of_a_survey_is_x():
    assert points(read("纵坐标,横坐标", ["4711288"], ["427915"])) == [(427915.0, 4711288.0)]


def test_a_column_of_pairs():
    cells = ["110.5,42.5", "110.5 42.5", "北纬42度30分 东经110度30分", "百灵庙", "", None, "42.5"]
    found = read("坐标", cells)
    assert [None if one is None else tuple(np.round(one, 9)) for one in points(found)] == [
        (110.5, 42.5),
        (110.5, 42.5),
        (110.5, 42.5),
        None,
        None,
        None,
        None,
    ]
    assert set(reasons(found)) == {3, 6}


class TestWkt:
    OPEN = "POLYGON ((0 0, 1 0, 1 1, 0 1))"

    def test_any_shape_is_read(self):
        found = read(
            "wkt", ["POINT (1 2)", "LINESTRING (0 0, 1 1)", "SRID=4326;POINT (3 4)", "", None, "none"]
        )
        assert [None if one is None else one.geom_type for one in found.geometry] == [
            "Point",
            "LineString",
            "Point",
            None,
            None,
            None,
        ]
        assert reasons(found) == {5: "is not well-known text (WKT)"}

    def test_an_open_ring_is_told_and_closed_only_when_asked(self):
        found = read("wkt", [self.OPEN])
        assert "--repair" in reasons(found)[0]
        assert found.geometry[0] is None
        mended = read(
            "wkt", [self.OPEN, "MULTIPOLYGON (((0 0, 2 0, 2 2)), ((5 5, 6 5, 6 6, 5 5)))"], repair=True
        )
        assert mended.faults == ()
        assert shapely.area(mended.geometry).tolist() == [1.0, 2.5]

    def test_what_closing_does_not_mend_is_told(self):
        for text in ("POLYGON ((0 0, 1 0))", "POLYGON ((0 0, 1))", "POLYGON (", "LINESTRING (0 0)", 5):
            assert set(reasons(read("wkt", [text], repair=True))) == {0}


def test_a_table_without_positions_has_none():
    raw = RawTable({"id": ["a"]}, None, None, np.arange(1))
    headers = match_headers(raw, kind="household", spec=SPEC, options=ReadOptions(), name="f.csv")
    assert positions(raw, headers).geometry is None
