import datetime as dt

import pytest
from drawn_area import box, point

from gridmap.geo import build_border

OLD, NEW = dt.datetime(2024, 1, 1), dt.datetime(2025, 1, 1)  # noqa: DTZ001 - dates


def plan(area, name, start, end, outpost="o1", **more):
    return area.add("section_plan", id=name, from_m=start, to_m=end, outpost=outpost, **more)


@pytest.mark.parametrize(
    ("code", "kind", "name", "values"),
    [
        ("level-unknown", "admin", "150223102201", {"level": "hamlet"}),
        ("code-pattern", "admin", "150223102201", {"code": "15022310220"}),
        ("code-pattern", "admin", "150223102201", {"code": "１５０２２３１０２２０１"}),
        ("parent-missing", "admin", "150223102201", {"parent": None}),
        ("parent-level", "admin", "150223102201", {"parent": "150223102200"}),
        ("parent-level", "admin", "150223102201", {"parent": "150223102201"}),
        ("code-not-nested", "admin", "150223102201", {"code": "150223108999"}),
        ("validity-reversed", "track", "t1", {"valid_from": NEW, "valid_to": OLD}),
        ("date-implausible", "unit", "ul", {"valid_from": dt.datetime(1024, 1, 1)}),  # noqa: DTZ001 - a date
        ("stronghold-empty", "household", "h1", {"persons": 0}),
        ("position-outside", "household", "h2", {"geometry": point(5, -1)}),
        ("position-outside", "household", "h2", {"geometry": point(-3, 22)}),
        ("position-across", "household", "h2", {"geometry": point(5, 20.1)}),
        ("position-across", "outpost", "o2", {"geometry": point(25, 30)}),
        ("position-duplicate", "household", "h2", {"geometry": point(5.0000002, 10)}),
        ("gacha-mismatch", "household", "h2", {"gacha": "150223102201"}),
        ("unit-layer", "patrol_zone", "z2", {"unit": "ul"}),
        ("unit-layer", "outpost", "o2", {"unit": "up"}),
        ("outpost-beyond-belt", "outpost", "o1", {"geometry": point(15, -0.5)}),
        ("marker-duplicate", "landmark", "m4", {"number": "界3"}),
        ("marker-order", "landmark", "m4", {"number": "界40"}),
        ("marker-off-border", "landmark", "m4", {"geometry": point(20, 19.4)}),
    ],
)
def test_a_fault_of_the_field_is_found_once(area, code, kind, name, values):
    if code == "outpost-beyond-belt":
        for row, shape in (("150223102", box(0, -1, 20, 20)), ("150223102201", box(10, -1, 20, 20))):
            area.change("admin", row, geometry=shape)
        area.change("admin", "150223102200", geometry=box(0, -1, 10, 20))
    area.change(kind, name, **values)
    assert area.found() == [(code, kind, name)]


def test_equal_dates_are_valid(area):
    area.change("track", "t1", valid_from=OLD, valid_to=OLD)
    assert area.found() == []


def test_a_home_without_a_gacha_or_unit_is_no_fault(area):
    area.change("household", "h2", gacha=None).change("household", "h1", unit=None)
    area.change("household", "h3", unit=None)
    assert area.found() == [("unit-unused", "unit", "up")]


def test_a_home_may_name_its_township(area):
    area.change("household", "h2", gacha="150223102")
    assert area.found() == []
    assert area.change("household", "h2", gacha="150223108").found() == [
        ("gacha-mismatch", "household", "h2")
    ]


def test_a_home_a_millimetre_outside_is_inside(area):
    area.change("household", "h2", geometry=point(5, -0.0000009))
    assert area.found() == []


def test_a_mismatch_names_the_gacha_it_stands_in(area):
    area.change("household", "h2", gacha="150223108200")
    (finding,) = area.findings()
    assert finding.related == ("150223102200",)


def test_an_unused_unit_is_told_unless_a_required_unit_is_missing(area):
    area.add("unit", id="spare", name="spare", layer="line")
    assert area.found() == [("unit-unused", "unit", "spare")]
    area.change("outpost", "o1", unit=None)
    assert area.found() == [("value-missing", "outpost", "o1")]


def test_markers_may_be_numbered_either_way_and_in_pairs(area):
    for n in range(1, 7):
        area.change("landmark", f"m{n}", number=f"{(7 - n) * 10}({n % 2 + 1})")
    area.add("landmark", **area.marker("m7", "30(9)", 20, 20.2))
    assert area.found() == []


def test_a_marker_without_a_number_is_left_alone(area):
    area.change("landmark", "m4", number=None)
    assert area.found() == []


def test_planned_sections_that_cannot_be_are_found(area):
    length = build_border(area.frame("border").geometry.to_numpy(), area.spec.crs).length_m
    plan(area, "p1", 100, 100)
    plan(area, "p2", 100, length + 1)
    plan(area, "p3", 100, 200, border_hash="0" * 32)
    plan(area, "p4", 300, 400, outpost="o2")
    plan(area, "p5", 500, length)
    plan(area, "p6", -1, 400)
    assert area.found() == [
        ("section-plan-beyond", "section_plan", "p2"),
        ("section-plan-keeper", "section_plan", "p4"),
        ("section-plan-reversed", "section_plan", "p1"),
        ("section-plan-stale", "section_plan", "p3"),
        ("value-out-of-range", "section_plan", "p6"),
    ]


def test_a_plan_for_this_border_is_not_stale_whatever_way_the_line_is_drawn(area):
    made_for = build_border(area.frame("border").geometry.to_numpy(), area.spec.crs).hash
    plan(area, "p1", 100, 200, border_hash=made_for)
    for row in area.rows["border"]:
        row["geometry"] = row["geometry"].reverse()
    assert area.found() == []


def test_a_plan_for_another_border_is_not_also_too_long(area):
    plan(area, "p1", 100, 99_000, border_hash="0" * 32)
    assert area.found() == [("section-plan-stale", "section_plan", "p1")]


def test_without_a_border_or_townships_nothing_is_measured_against_them(area):
    area.rows["border"], area.rows["admin"] = [], []
    for home in area.rows["household"]:
        home["gacha"] = None
    plan(area, "p1", 100, 990_000, outpost="o1")
    assert area.found() == []
