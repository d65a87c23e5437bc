"""Camps: a misspelt season would leave a household at home, and nobody would notice."""

from __future__ import annotations

import pytest
from drawn_area import point

from gridmap.checks.camps import read_months


def camp(area, name, household="h2", season="winter", **more):
    area.rows.setdefault("camp", [])
    return area.add("camp", id=name, household=household, season=season, **{"geometry": point(7, 12), **more})


def test_camps_of_two_seasons_are_no_fault(area):
    camp(area, "c1", months="11-3")
    camp(area, "c2", season="summer", months="6,7,8")
    camp(area, "c3", household="h3")
    assert area.found() == []


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("camp-season", {"season": "wintr"}),
        ("camp-season", {"season": "wintr", "months": "6"}),
        ("camp-months", {"months": "winter"}),
        ("camp-months", {"months": "0"}),
        ("camp-months", {"months": "10-12"}),
        ("camp-twice", {}),
        ("camp-twice", {"season": "summer", "months": "3"}),
        ("reference-dangling", {"household": "h9"}),
        ("position-outside", {"season": "summer", "geometry": point(5, -1)}),
        ("position-across", {"season": "summer", "geometry": point(5, 21)}),
    ],
)
def test_a_fault_of_a_camp_is_found_at_the_later_one(area, code, values):
    camp(area, "c1")
    camp(area, "c2", **values)
    found = area.found()
    if code == "camp-twice" and "months" in values:
        # A month of another season is that fault; that both are one home's in March only follows.
        assert found == [("camp-months", "camp", "c2")]
    else:
        assert found == [(code, "camp", "c2")]


def test_without_declared_seasons_any_word_is_a_season(area):
    area.spec = area.spec.model_copy(update={"seasons": {}})
    camp(area, "c1", season="zud", months="1-3")
    camp(area, "c2", season="spring", months="3,4")
    assert area.found() == [("camp-twice", "camp", "c2")]


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("11-3", {11, 12, 1, 2, 3}),
        ("6、7、8月", {6, 7, 8}),
        ("12", {12}),
        ("11至1月，3", {11, 12, 1, 3}),
        ("1-12", set(range(1, 13))),
        ("13", None),
        ("6-", None),
        ("", None),
        ("¹²", None),
    ],
)
def test_months_are_read_as_people_write_them(text, months):
    assert read_months(text) == (None if months is None else frozenset(months))
