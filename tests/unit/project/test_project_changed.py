"""The difference map of two scenarios: what the demo's blizzard changes, drawn, verified, and refused."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import shapely
from coarse import coarse_demo

from gridmap.analyse.scenario import STEPS_MIN
from gridmap.config import ANALYSIS_COLUMNS
from gridmap.errors import ConfigError, RenderError
from gridmap.project.changed import travel_change
from gridmap.render.overlays.change import FROM

TABLE = re.compile(rb'data-gridmap="table">(.*?)</script>', re.DOTALL)


@pytest.fixture(scope="module")
def area():
    return coarse_demo(60, cell_m=800.0)


@pytest.fixture(scope="module")
def plan(area):
    return area.assign()


@pytest.fixture(scope="module")
def snowed(plan):
    return plan.coverage(minutes=60, profile="vehicle", scenario="blizzard")


@pytest.fixture(scope="module")
def bands(snowed):
    return travel_change(snowed, "none")


@pytest.fixture(scope="module")
def product(snowed):
    return snowed.map(audience="planner", against="none")


def test_the_bands_hold_the_places_whose_minutes_change_so_much(plan, bands):
    """Minutes are asked for at places, by another way than that of the cells' table."""
    assert tuple(bands.columns[:-1]) == ANALYSIS_COLUMNS["travel_change"]
    assert set(bands["change"]) == {"longer", "lost"}
    whole = plan.made.ground.jurisdiction
    asked = [plan.travel(profile="vehicle", scenario=one) for one in (None, "blizzard")]
    rng = np.random.default_rng(5)
    seen = 0
    for band in bands.itertuples():
        assert shapely.area(shapely.difference(band.geometry, whole)) < 1.0
        # A whole cell within the band: at its edge legs lead across it.
        inner = shapely.buffer(band.geometry, -800)
        west, south, east, north = inner.bounds
        xy = rng.uniform((west, south), (east, north), (4000, 2))
        places = bands.iloc[:0].geometry.from_xy(*xy[shapely.contains_xy(inner, xy)].T, crs=bands.crs)
        before, after = (one.minutes(places).to_numpy() for one in asked)
        gone = ~np.isfinite(after)
        with np.errstate(invalid="ignore"):
            more = after - before
        longer = (more >= band.from_min - 5) & ~(more >= band.to_min + 5) & ~gone
        seen += len(places)
        assert (gone if band.change == "lost" else longer).all(), band.change
    assert seen > 500


def test_overlay_and_bands_begin_at_the_same_minutes():
    assert FROM == STEPS_MIN


def test_the_page_says_both_scenarios_and_holds_the_change(product, snowed):
    held = {one["name"] for one in map(json.loads, TABLE.findall(product.data))}
    assert "travel_change" in held
    assert "difference map: after a blizzard compared with no scenario" in product.data.decode()
    plain = snowed.map(audience="planner").data
    assert "travel_change" not in {one["name"] for one in map(json.loads, TABLE.findall(plain))}
    assert b"difference map" not in plain


def test_the_map_is_made_again_from_its_manifest(area, product, tmp_path):
    out = product.save(tmp_path / "change.html")
    told = area.verify(out)
    assert told.sound
    assert told.same_data
    manifest = json.loads(out.with_name("change.html.manifest.json").read_bytes())
    assert manifest["options"]["against"] == "none"


def test_where_nothing_takes_longer_the_page_says_so(plan):
    """The other way round: no snow takes no longer than snow."""
    clear = plan.coverage(minutes=60, profile="vehicle")
    assert "nowhere 15 minutes longer" in clear.map(audience="planner", against="blizzard").data.decode()


@pytest.mark.parametrize(
    ("how", "against", "said"),
    [
        ({}, "none", "GM106 who travels"),
        ({"minutes": 60, "profile": "vehicle"}, "none", "GM106 with itself"),
        ({"minutes": 60, "profile": "vehicle"}, "blizard", "GM105 did you mean blizzard"),
        ({"minutes": 60, "profile": "vehicle"}, 3, "GM106 no text"),
    ],
)
def test_what_cannot_be_compared_is_refused(plan, how, against, said):
    code, _, words = said.partition(" ")
    with pytest.raises(ConfigError, match=code) as caught:
        plan.coverage(**how).map(audience="planner", against=against)
    assert words in str(caught.value)


def test_settings_without_the_overlay_are_refused_with_what_to_add(area, snowed, monkeypatch):
    """A map from before there was any would show nothing of the change, and nobody would know why."""
    kept = area.spec.maps["coverage"]
    old = kept.model_copy(update={"overlays": tuple(one for one in kept.overlays if one != "change")})
    maps = {**area.spec.maps, "coverage": old}
    monkeypatch.setattr(area, "spec", area.spec.model_copy(update={"maps": maps}))
    with pytest.raises(RenderError, match="GM702") as caught:
        snowed.map(audience="planner", against="none")
    assert '"change" to the overlays of [maps.coverage]' in caught.value.fix
