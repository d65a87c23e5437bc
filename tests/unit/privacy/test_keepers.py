"""Whose a row is: a mistake here gives one unit's people to another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import gridmap as gm
from gridmap.config import ColumnSpec, KindSpec, default_spec
from gridmap.config.texts import Text
from gridmap.privacy.keepers import kept_kinds, own_rows

HERE = Text(en="x", zh="x")


@pytest.fixture(scope="module")
def arranged():
    area = gm.demo(households=200)
    plan = area.plan()
    return area.spec, {**plan.tables, **plan.results()}


def with_kind(spec, name, **columns):
    kind = KindSpec(geometry="none", title=HERE, columns=columns)
    return spec.model_copy(update={"kinds": {name: kind, **spec.kinds}})


def test_what_a_keeper_answers_for_is_kept_and_the_ground_is_everybodys():
    kept = kept_kinds(default_spec())
    assert kept == {"unit", "outpost", "patrol_zone", "household", "camp", "section_plan"}


def test_a_new_kind_that_names_a_home_belongs_to_the_homes_keeper(arranged):
    spec, tables = arranged
    spec = with_kind(spec, "shed", household=ColumnSpec(type="text", references="household"))
    homes = tables["household"]["id"]
    sheds = pd.DataFrame({"id": ["C1", "C2", "C3"], "household": [homes.iloc[0], homes.iloc[1], None]})
    assert "shed" in kept_kinds(spec)
    found = own_rows({**tables, "shed": sheds}, spec, "U-A1")
    mine = set(homes[found["household"]])
    assert found["shed"].tolist() == [one in mine for one in sheds["household"]]


def test_a_chain_of_references_is_followed_in_any_order_of_the_settings(arranged):
    spec, tables = arranged
    spec = with_kind(spec, "stove", shed=ColumnSpec(type="text", references="shed"))
    kinds = dict(with_kind(spec, "shed", household=ColumnSpec(type="text", references="household")).kinds)
    spec = spec.model_copy(update={"kinds": {"stove": kinds.pop("stove"), **kinds}})
    home = tables["household"]["id"][own_rows(tables, spec, "U-A1")["household"]].iloc[0]
    more = {
        "shed": pd.DataFrame({"id": ["C1"], "household": [home]}),
        "stove": pd.DataFrame({"id": ["S1", "S2"], "shed": ["C1", None]}),
    }
    assert own_rows({**tables, **more}, spec, "U-A1")["stove"].tolist() == [True, False]


@pytest.mark.parametrize("unit", ["U-A1", "U-A2", "U-L1", "U-P3"])
def test_a_home_is_a_units_own_if_it_leads_it_or_is_named_by_it(arranged, unit):
    spec, tables = arranged
    rows = tables["assignments"]
    led = rows[(rows["unit"] == unit) & (rows["role"] == "lead") & (rows["kind"] == "household")]["feature"]
    homes = tables["household"]
    expected = homes["id"].isin(led) | (homes["unit"] == unit)
    assert own_rows(tables, spec, unit)["household"].tolist() == expected.tolist()


def test_support_along_the_border_does_not_make_a_home_a_line_units_own(arranged):
    spec, tables = arranged
    rows = tables["assignments"]
    supported = rows[(rows["unit"] == "U-L1") & (rows["kind"] == "household")]
    assert len(supported)
    assert not own_rows(tables, spec, "U-L1")["household"].any()


def test_every_home_is_some_area_units_and_no_two_area_units_share_one(arranged):
    spec, tables = arranged
    counted = sum(own_rows(tables, spec, unit)["household"].astype(int) for unit in ("U-A1", "U-A2", "U-A3"))
    assert np.array_equal(counted, np.ones(len(tables["household"])))


def test_without_assignments_only_what_names_the_unit_is_its_own(arranged):
    spec, tables = arranged
    bare = {name: frame for name, frame in tables.items() if name != "assignments"}
    own = own_rows(bare, spec, "U-P1")
    assert own["household"].tolist() == (tables["household"]["unit"] == "U-P1").tolist()
    assert own["unit"].sum() == 1


def test_an_outpost_in_another_units_zone_stays_its_own_units(arranged):
    spec, tables = arranged
    rows = tables["assignments"]
    led = rows[(rows["kind"] == "outpost") & (rows["layer"] == "area") & (rows["unit"] == "U-A1")]["feature"]
    posts = tables["outpost"].set_index("id")["unit"]
    assert (posts[led] != "U-A1").any()
    assert own_rows(tables, spec, "U-A1")["outpost"].tolist() == (posts == "U-A1").tolist()
