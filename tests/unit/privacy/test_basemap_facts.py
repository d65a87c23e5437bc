"""A picture shows what its maker saw: nobody gets it who is not listed, not even the custodian."""

from __future__ import annotations

import pytest

from gridmap.config import default_spec
from gridmap.model.basemap import Basemap
from gridmap.privacy import make_view


def basemap(*audiences: str) -> Basemap:
    return Basemap(b"pixels", "image/png", 109.0, 42.0, 110.0, 43.0, "degrees", 1.0, "X", audiences)


@pytest.mark.parametrize("audience", ["custodian", "planner", "public"])
@pytest.mark.parametrize("listed", [(), ("custodian",), ("planner", "public")])
def test_only_who_is_listed_gets_it(audience, listed):
    facts = {"basemaps": {"main": basemap(*listed), "other": basemap("nobody")}}
    view = make_view({}, default_spec(), audience, facts=facts)
    assert ("main" in view.facts["basemaps"]) == (audience in listed)
    assert "other" not in view.facts["basemaps"]


@pytest.mark.parametrize("audience", ["custodian", "planner"])
@pytest.mark.parametrize("held", [None, b"pixels", [basemap("planner")]])
def test_what_does_not_say_whom_it_is_for_is_for_nobody(audience, held):
    view = make_view({}, default_spec(), audience, facts={"basemaps": held})
    assert view.facts["basemaps"] == {}
