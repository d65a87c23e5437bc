"""Surveyed chainage: one wrong figure is found, and the right ones beside it are not blamed."""

from __future__ import annotations

import pytest
from drawn_area import point

RISING = {f"m{n}": 5_000.0 * n + 10.0 for n in range(1, 7)}


@pytest.fixture
def surveyed(area):
    for name, metres in RISING.items():
        area.change("landmark", name, surveyed_m=metres)
    return area


def told(area):
    return [(one.id, one.related) for one in area.findings() if one.code == "surveyed-falls"]


def test_a_survey_that_grows_is_well(surveyed):
    assert surveyed.found() == []


def test_one_figure_that_falls_is_told_with_both_landmarks(surveyed):
    surveyed.change("landmark", "m4", surveyed_m=12.0)
    assert told(surveyed) == [("m4", ("m3",))]
    [finding] = surveyed.findings()
    assert "m3" in finding.message
    assert "12" not in finding.message


def test_two_figures_at_one_place_are_told(surveyed):
    place = {"class": "gate", "geometry": point(15, 20)}
    surveyed.add("landmark", id="g1", surveyed_m=RISING["m3"] + 1.0, **place)
    assert told(surveyed) == [("m3", ("g1",))]
    # The same figure is no contradiction.
    surveyed.change("landmark", "g1", surveyed_m=RISING["m3"])
    assert told(surveyed) == []


def test_the_order_of_rows_plays_no_part(surveyed):
    surveyed.change("landmark", "m2", surveyed_m=29_000.0)
    surveyed.change("landmark", "m6", surveyed_m=3.0)
    once = told(surveyed)
    surveyed.rows["landmark"].reverse()
    assert sorted(told(surveyed)) == sorted(once)
    assert {name for name, _ in once} == {"m2", "m6"}


def test_what_stands_far_from_the_border_calibrates_nothing(surveyed):
    surveyed.add("landmark", id="w1", surveyed_m=0.0, **{"class": "well", "geometry": point(35, 10)})
    assert told(surveyed) == []
