"""A quick look at any frame: safe without thinking, whatever is in it."""

from __future__ import annotations

import datetime as dt
import json
import re
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import GeometryCollection, LineString, MultiPolygon, Point, box

import gridmap as gm
from gridmap.errors import ConfigError, InputError
from gridmap.model.packed import Packed
from gridmap.render.codec import unpack_ints

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "{{7*7}} {% raw %}",
    "${alert(1)} `x`",
    "\u202eabc",
    "</script><script>",
]


def points(count: int = 3, crs: object = 4490, **columns: object) -> gpd.GeoDataFrame:
    places = [Point(110 + at / 10, 42 + at / 20) for at in range(count)]
    return gpd.GeoDataFrame(columns, geometry=places, crs=4490).to_crs(crs)


def blocks(page: str, part: str) -> list[dict]:
    found = re.findall(rf'data-gridmap="{part}">(.*?)</script>', page, re.DOTALL)
    return [json.loads(one) for one in found]


def table(shown) -> dict:
    (one,) = blocks(shown.page, "table")
    return one


def names(shown) -> list[str]:
    return [one["name"] for one in table(shown)["columns"]]


def places(shown) -> np.ndarray:
    geometry = table(shown)["geometry"]
    xy = [unpack_ints(Packed(**geometry[axis])) / 10 ** geometry["decimals"] for axis in "xy"]
    return np.column_stack(xy)


def test_nothing_of_a_frame_runs_anywhere(tmp_path):
    frame = points(5, text=HOSTILE, **{HOSTILE[0]: range(5), HOSTILE[1]: range(5)})
    page = gm.show(frame, title=HOSTILE[4] + HOSTILE[1]).save(tmp_path / "look.html").read_text("utf-8")
    outside = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    # The title alone stands in the page itself, every active character of it as an entity.
    assert not [text for text in HOSTILE[:4] if text in outside]
    assert "onerror=alert" not in outside
    assert "{{7" not in outside
    (title,) = blocks(page, "title")
    assert title["en"] == HOSTILE[4] + HOSTILE[1]


def test_what_gridmap_keeps_of_nobody_is_shown_to_nobody():
    frame = points(
        n=range(3), 身份证号=["1"] * 3, ethnicity=["x"] * 3, 宗教信仰=["x"] * 3, 政治面貌=["x"] * 3
    )
    shown = gm.show(frame)
    assert names(shown) == ["n"]
    assert {"身份证号", "ethnicity"} <= {note.split(": ")[1].split(" (")[0] for note in shown.notes}
    assert "身份证号" in blocks(shown.page, "statement")[0]["banner"]["zh"]
    with pytest.raises(InputError, match=r"\[GM204\]"):
        gm.show(frame, columns=["n", "身份证号"])


@pytest.mark.parametrize(
    "name",
    ["name", "contact", "户主", "户主姓名", "联系电话", "phone", "Householder", "Mobile_Phone", "电话号码"],
)
def test_who_lives_somewhere_is_left_out_unless_asked_for(name):
    frame = points(n=range(3), **{name: ["张三", "李四", "王五"]})
    shown = gm.show(frame)
    assert names(shown) == ["n"]
    assert "张三" not in shown.page
    assert name in shown.notes[0]
    assert "private" in shown.notes[0]
    asked = gm.show(frame, columns=[name])
    assert names(asked) == [name]
    assert "张三" in asked.page
    assert asked.notes == ()


def test_the_name_of_an_area_is_nobody_s_name():
    zones = gpd.GeoDataFrame(
        {"name": ["某网格"], "户主": ["张三"]}, geometry=[box(110, 42, 111, 43)], crs=4490
    )
    assert names(gm.show(zones)) == ["name"]


@pytest.mark.parametrize("crs", [4490, 4326, 4508, 4527, 3857, 32649, 2345, 4214])
def test_any_crs_leads_to_its_own_degrees(crs):
    frame = points(4).set_crs(crs, allow_override=True) if crs in {4326, 4214} else points(4, crs)
    base = frame.crs.geodetic_crs
    expected = frame.geometry.to_crs(base)
    assert places(gm.show(frame)) == pytest.approx(np.column_stack([expected.x, expected.y]), abs=6e-7)


def test_without_a_crs_nothing_is_guessed():
    with pytest.raises(InputError, match=r"\[GM201\]"):
        gm.show(gpd.GeoDataFrame(geometry=[Point(110, 42)]))
    with pytest.raises(InputError, match=r"\[GM201\]"):
        gm.show(pd.DataFrame({"n": [1]}))
    local = 'LOCAL_CS["site",UNIT["metre",1],AXIS["x",EAST],AXIS["y",NORTH]]'
    with pytest.raises(InputError, match=r"\[GM203\]"):
        gm.show(gpd.GeoDataFrame(geometry=[Point(1, 2)], crs=local))


def test_shapes_of_all_kinds_and_none_at_all():
    shapes = [
        Point(110, 42),
        LineString([(110, 42), (111, 43)]),
        MultiPolygon([box(110, 42, 110.2, 42.2)]),
        GeometryCollection([Point(110, 42), box(110.4, 42, 110.5, 42.1)]),
        Point(),
        None,
        Point(110, 42, 1300),
    ]
    shown = gm.show(gpd.GeoDataFrame({"n": range(7)}, geometry=shapes, crs=4490))
    (drawing,) = [one for one in blocks(shown.page, "drawing") if one["table"]]
    assert [case["rows"] for case in drawing["cases"]] == [3, 1, 2]
    for empty in (points(0), points(2).iloc[:0], gpd.GeoDataFrame({"n": [1]}, geometry=[None], crs=4508)):
        assert table(gm.show(empty))["rows"] == len(empty)


def test_points_without_a_place_stay_rows_without_a_place():
    geometry = [Point(110, 42), None, Point(), Point(np.nan, 1), Point(np.inf, 2)]
    found = table(gm.show(gpd.GeoDataFrame({"n": range(5)}, geometry=geometry, crs=4490)))
    assert unpack_ints(Packed(**found["geometry"]["missing"])).tolist() == [1, 2, 3, 4]


def test_columns_of_every_sort_and_name():
    frame = points(
        3,
        when=[dt.date(2024, 1, 2)] * 3,
        stamp=pd.to_datetime(["2024-01-02 03:04", None, "2024-05-06 00:00"]),
        zoned=pd.to_datetime(["2024-01-02"] * 3, utc=True),
        tags=[[1, 2], None, ("a",)],
        big=[2**60, 2**60 + 1, 3],
        part=pd.Categorical(["a", "b", "a"]),
        parts=pd.Categorical([3, 4, 3]),
        truth=pd.array([True, None, False], dtype="boolean"),
        real=[0.5, np.nan, np.inf],
        span=pd.to_timedelta([1, 2, 3], unit="D"),
        thing=[object(), {"a": 1}, b"x"],
    )
    frame[7] = 1
    frame[(1, "b")] = 2
    frame = pd.concat([frame, frame[["tags", "tags"]]], axis=1)
    shown = gm.show(frame)
    assert names(shown)[-4:] == ["7", "(1, 'b')", "tags (2)", "tags (3)"]
    assert len(set(names(shown))) == len(names(shown)) == 15
    assert "1152921504606846977" in json.dumps(table(shown))


def test_a_frame_is_left_as_it_was_whatever_its_index():
    frame = points(4, n=range(4)).set_index(pd.Index(["b", "b", "a", None]))
    before = frame.copy()
    shown = gm.show(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert table(shown)["rows"] == 4


def test_columns_language_and_file_are_checked(tmp_path):
    frame = points(n=range(3))
    with pytest.raises(ConfigError, match="no such column: m"):
        gm.show(frame, columns=["m"])
    with pytest.raises(ConfigError, match=r"\[GM106\]"):
        gm.show(frame, language="fr")
    assert names(gm.show(frame, columns="n")) == ["n"]
    shown = gm.show(frame, language="en", title="Wells")
    assert '<html lang="en">' in shown.page
    target = shown.save(tmp_path / "look.html")
    assert target.read_text(encoding="utf-8") == shown.page
    with pytest.raises(ConfigError, match=r"\[GM104\]"):
        shown.save(target, force=False)


def test_the_page_says_that_it_is_no_product():
    (said,) = blocks(gm.show(points()).page, "statement")
    assert "not a product" in said["banner"]["en"]
    assert "并非成品" in said["banner"]["zh"]


def test_the_same_frame_gives_the_same_page():
    assert gm.show(points(9, n=range(9))).page == gm.show(points(9, n=range(9))).page


def test_many_rows_take_no_time_worth_waiting_for():
    many = 100_000
    dice = np.random.default_rng(1)
    frame = gpd.GeoDataFrame(
        {"id": [f"H{at:06d}" for at in range(many)], "persons": dice.integers(1, 8, many)},
        geometry=gpd.points_from_xy(dice.uniform(360e3, 480e3, many), dice.uniform(4.64e6, 4.73e6, many)),
        crs=4508,
    )
    gm.show(frame.head(10))
    began = time.process_time()
    gm.show(frame)
    # `make bench` has the figure; here it is only that no row is touched by Python: that takes seconds.
    assert time.process_time() - began < 1.5
