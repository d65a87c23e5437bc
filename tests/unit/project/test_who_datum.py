"""A pasted point is half a kilometre off: who answers there is said for where it really is."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import gridmap as gm
from gridmap import project
from gridmap.errors import ConfigError, InputError
from gridmap.exchange import ReadOptions
from gridmap.geo.datum import from_wgs84

TRUE = np.array([[110.0, 42.5], [109.9, 42.35]])


@pytest.fixture(scope="module")
def plan():
    return gm.demo(households=150).assign()


def parts(answer):
    return answer.line, answer.area, answer.point


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_pasted_point_is_answered_for_where_it_really_is(plan, datum):
    for true, pasted in zip(TRUE, from_wgs84(TRUE, datum), strict=True):
        right, naive = plan.who(*true), plan.who(*pasted)
        found = plan.who(*pasted, datum=datum)
        assert found.area == right.area
        assert found.point.distance_m == pytest.approx(right.point.distance_m, abs=0.05)
        assert abs(naive.point.distance_m - right.point.distance_m) > 50
        assert found.notes[0].startswith("position: degrees in ")
        assert "moved by" in found.notes[0]


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000"])
def test_a_true_datum_moves_nothing_and_is_said(plan, datum):
    found = plan.who(110.0, 42.5, datum=datum)
    assert parts(found) == parts(plan.who(110.0, 42.5))
    assert "moved" not in found.notes[0]


def test_without_a_datum_nothing_is_said_of_it(plan):
    assert not any("position:" in note for note in plan.who(110.0, 42.5).notes)


def test_across_the_border_web_maps_shift_nothing(plan):
    assert "web maps shift nothing there" in plan.who(110.0, 44.5, datum="gcj02").notes[0]


def test_a_datum_of_what_is_no_coordinate_is_a_mistake(plan):
    for place in ("K23+450", "landmark:M01"):
        with pytest.raises(ConfigError, match="no coordinate"):
            plan.who(place, datum="gcj02")


def test_a_frame_of_pasted_points_is_moved_whatever_it_states(plan):
    pasted = from_wgs84(TRUE, "gcj02")
    frame = gpd.GeoDataFrame(geometry=[*shapely.points(pasted), None], index=["a", "b", "none"], crs=4326)
    found = plan.who(frame, datum="gcj02")
    right = plan.who(gpd.GeoDataFrame(geometry=shapely.points(TRUE), crs=4490))
    assert list(found.index) == ["a", "b", "none"]
    assert found["zone"].tolist()[:2] == right["zone"].tolist()
    assert np.allclose(found["stronghold_m"][:2], right["stronghold_m"], atol=0.05)
    assert found["notes"].iloc[0].startswith("position: degrees in GCJ-02")
    assert pd.isna(found["zone"].iloc[2])


def test_a_file_is_answered_row_by_row_in_its_order(plan, tmp_path):
    path = tmp_path / "places.csv"
    path.write_text(
        "编号,地名,经度,纬度\nZ9,井,110.0,42.5\nA1,坏,abc,42.5\nB2,北,109°54′,42°21′\nC3,空,,\n",
        encoding="utf-8",
    )
    found = project.who_in_file(plan, path, ReadOptions(datum="wgs84"))
    assert [(one.row, one.id, one.name) for one in found.rows] == [
        (2, "Z9", "井"),
        (3, "A1", "坏"),
        (4, "B2", "北"),
        (5, "C3", "空"),
    ]
    assert parts(found.rows[0].answer) == parts(plan.who(110.0, 42.5))
    assert parts(found.rows[2].answer) == parts(plan.who(109.9, 42.35))
    assert [one.answer is None for one in found.rows] == [False, True, False, True]
    assert "lon or lat" in found.rows[1].reason
    assert found.rows[3].reason == "has no position"
    assert "abc" not in str(found.rows[1].to_json())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("lon,lat\n110.0,42.5\n110.0,42.5\n", "numbers"),
        ("id,lon,lat\nP,110.0,42.5\nP,110.0,42.5\n", "numbers"),
        ("id,lon,lat\nP,110.0,42.5\nQ,110.0,42.5\n", "ids"),
    ],
)
def test_a_file_needs_no_ids_and_may_ask_twice(plan, tmp_path, text, named):
    path = tmp_path / "places.csv"
    path.write_text(text, encoding="utf-8")
    rows = project.who_in_file(plan, path, ReadOptions(datum="gcj02")).rows
    assert [one.row for one in rows] == [2, 3]
    assert all(one.answer is not None for one in rows)
    assert [one.id for one in rows] == (["P", "Q"] if named == "ids" else [None, None])


def test_bare_degrees_of_a_file_are_not_guessed(plan, tmp_path):
    path = tmp_path / "places.csv"
    path.write_text("id,lon,lat\nP,110.0,42.5\n", encoding="utf-8")
    with pytest.raises(InputError, match="--datum gcj02") as caught:
        project.who_in_file(plan, path)
    assert caught.value.code == "GM201"


def test_a_format_that_states_its_datum_is_taken_at_its_word(plan, tmp_path):
    path = tmp_path / "places.geojson"
    shapes = [shapely.Point(110.0, 42.5), shapely.LineString([(110.0, 42.5), (110.1, 42.5)])]
    gpd.GeoDataFrame({"name": ["well", "road"]}, geometry=shapes, crs=4326).to_file(path)
    one, other = project.who_in_file(plan, path).rows
    assert parts(one.answer) == parts(plan.who(110.0, 42.5))
    assert (one.name, other.answer, other.reason) == ("well", None, "is not a point")
