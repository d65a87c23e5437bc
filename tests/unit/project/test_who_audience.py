"""Who answers, for an audience: from its view alone, without a trace on disk, and without claiming a gap."""

from __future__ import annotations

import hashlib

import geopandas as gpd
import numpy as np
import pytest
import shapely

import gridmap as gm
from gridmap import geo, project
from gridmap.errors import ConfigError
from gridmap.exchange import ReadOptions
from gridmap.geo.datum import from_wgs84

CLAIMS = ("is in a gap", "no zone contains", "no stronghold", "no usable")


@pytest.fixture(scope="module")
def plan():
    return gm.demo(households=150).plan()


@pytest.fixture(scope="module")
def places(plan):
    dice = np.random.default_rng(3)
    west, south, east, north = plan.made.ground.jurisdiction.bounds
    xy = np.column_stack([dice.uniform(west, east, 300), dice.uniform(south, north, 300)])
    return geo.to_lonlat(xy, plan.area.spec.crs)


def named(answer):
    line, area, point = answer.line, answer.area, answer.point
    return (
        line and (line.section, line.unit, line.also),
        area and (area.zone, area.unit, area.also),
        point and (point.stronghold, point.unit),
    )


@pytest.mark.parametrize(("audience", "within_m"), [("custodian", 0.002), ("planner", 2.5)])
def test_who_sees_every_layer_is_answered_as_by_the_plan_itself(plan, places, audience, within_m):
    xy = geo.from_lonlat(places, plan.area.spec.crs)
    for right, found in zip(plan.answers(xy), plan.asked_by(audience).answers(xy), strict=True):
        assert named(right) == named(found)
        assert len(right.notes) == len(found.notes)
        if right.line:
            assert found.line.distance_m == pytest.approx(right.line.distance_m, abs=within_m)
        if right.point:
            assert found.point.distance_m == pytest.approx(right.point.distance_m, abs=within_m)


def test_chainage_ends_where_the_true_border_ends_however_the_line_was_rounded(plan):
    length = plan.made.border.length_m
    seen = plan.asked_by("planner").made
    assert seen.border.length_m == pytest.approx(length, abs=0.001)
    rounded = geo.build_border(seen.border.geometry, plan.area.spec.crs)
    assert abs(rounded.length_m - length) > 0.05, "rounding alone would have made it another length"
    last = plan.who(f"K{int(length // 1000)}+{length % 1000 - 0.2:.1f}", audience="planner").line
    assert last.section == plan.sections["id"].iloc[-1], "no gap of half a metre at the end"


def test_a_unit_gets_its_own_and_is_told_that_there_may_be_more(plan, places):
    seen = plan.asked_by("partner", unit="U-A1")
    found = seen.answers(geo.from_lonlat(places, plan.area.spec.crs))
    own = {one.area.zone for one in found if one.area}
    assert own
    assert not own & set(plan.zones["id"]), "ids are new"
    unkept = [one for one in found if one.area is None]
    assert unkept
    for one in found:
        assert not [note for note in one.notes for word in CLAIMS if word in note]
    inside = [one for one in unkept if not one.notes[0].startswith("outside")]
    assert all(any("does not hold the area layer whole" in note for note in one.notes) for one in inside)
    doubt = "this view does not hold the point layer whole: a nearer stronghold may not be in it"
    assert all(doubt in one.notes for one in found if one.point)


def test_the_public_is_not_told_of_the_line_nor_of_homes(plan, places):
    found = plan.asked_by("public").answers(geo.from_lonlat(places, plan.area.spec.crs))
    assert {one.line for one in found} == {one.point for one in found} == {None}
    assert any(one.area for one in found)
    notes = {note for one in found for note in one.notes}
    assert "this view does not hold the border" in notes
    assert not [note for note in notes for word in CLAIMS if word in note]


@pytest.mark.parametrize("text", ["household:H0001", "outpost:O01", "{outpost}", "{household}"])
def test_what_an_audience_may_not_see_is_not_found_and_not_betrayed(plan, text):
    filled = text.format(
        outpost=plan.tables["outpost"]["name"].iloc[0], household=plan.tables["household"]["name"].iloc[0]
    )
    said = []
    for asked in (filled, "nothing-is-called-so"):
        with pytest.raises(ConfigError) as caught:
            plan.who(asked, audience="public")
        said.append(str(caught.value).replace(asked, ""))
    assert said[0] == said[1]


def test_a_name_that_it_may_see_is_found_where_its_view_has_it(plan):
    row = plan.tables["landmark"].iloc[0]
    true = geo.to_lonlat(np.array([[row.geometry.x, row.geometry.y]]), plan.area.spec.crs)[0]
    asked = plan.who(f"landmark:{row['id']}", audience="planner")
    assert named(asked) == named(plan.who(*np.round(true, 5), audience="planner"))


def test_without_a_border_there_is_no_chainage(plan):
    with pytest.raises(ConfigError, match="no border to measure a chainage along") as caught:
        plan.who("K10+000", audience="public")
    assert caught.value.code == "GM107"
    assert "m" not in caught.value.where.split(), "not how long the border is"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"unit": "U-A1"}, "GM106"),
        ({"audience": "nobody"}, "GM109"),
        ({"audience": "partner"}, "GM109"),
        ({"audience": "planner", "unit": "U-A1"}, "GM109"),
    ],
)
def test_an_audience_that_is_none_is_a_mistake(plan, words, code):
    with pytest.raises(ConfigError) as caught:
        plan.who(110.0, 42.5, **words)
    assert caught.value.code == code


def test_asking_changes_nothing_on_disk(tmp_path):
    def state(folder):
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}

    with gm.demo(tmp_path / "area", households=60) as area:
        before = state(area.folder)
        plan = area.plan()
        plan.who(110.0, 42.5, audience="public")
        plan.who(110.0, 42.5, audience="partner", unit="U-A1")
        assert state(area.folder) == before


def test_new_ids_are_those_of_the_audience_s_products(tmp_path):
    with gm.demo(tmp_path / "area", households=60) as area:
        plan = area.plan()
        page = plan.map(audience="public").data.decode("utf-8")
        assert plan.who(110.0, 42.4, audience="public").area.zone in page


def test_a_frame_and_a_file_and_a_datum_go_with_an_audience(plan, places, tmp_path):
    some = places[:20]
    frame = gpd.GeoDataFrame(geometry=shapely.points(some), crs=4490)
    found = plan.who(frame, audience="planner")
    right = plan.asked_by("planner").answers(geo.from_lonlat(some, plan.area.spec.crs))
    assert found["zone"].fillna("").tolist() == [one.area.zone if one.area else "" for one in right]
    path = tmp_path / "places.csv"
    path.write_text(f"lon,lat\n{some[0][0]:.6f},{some[0][1]:.6f}\n", encoding="utf-8")
    [row] = project.who_in_file(plan.asked_by("public"), path, ReadOptions(datum="cgcs2000")).rows
    assert row.answer.line is None
    pasted = from_wgs84(some[:1], "gcj02")[0]
    moved = plan.who(*pasted, datum="gcj02", audience="planner")
    assert named(moved) == named(right[0])
    assert moved.notes[0].startswith("position: degrees in GCJ-02")
