"""What one receiver gets: a unit its own, the public nothing that stands for a single home."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import gridmap as gm
from gridmap.errors import ConfigError
from gridmap.model import Redacted
from gridmap.privacy import Releases, make_view, prepare
from gridmap.privacy.renewed import renew
from gridmap.privacy.shared_areas import shared_areas

KEPT = Releases(b"k" * 32)


@pytest.fixture(scope="module")
def area():
    return gm.demo(households=300)


@pytest.fixture(scope="module")
def tables(area):
    plan = area.plan()
    return {**plan.tables, **plan.results()}


@pytest.fixture(scope="module")
def facts(area):
    return {"figures": area.plan().figures.to_json(), "revision": area.store.revision(), "rumour": "x"}


@pytest.fixture(scope="module")
def views(area, tables, facts):
    def made(audience, unit=None):
        return make_view(tables, area.spec, audience, facts=facts, unit=unit, releases=KEPT)

    return {
        "custodian": made("custodian"),
        "planner": made("planner"),
        "public": made("public"),
        **{unit: made("partner", unit) for unit in ("U-A1", "U-A2", "U-L1", "U-P1")},
    }


def frame(view, table):
    return view.tables[table].frame


def test_the_planner_sees_duty_contacts_and_nothing_private_of_homes(views, area):
    assert frame(views["planner"], "unit")["contact"].notna().all()
    private = area.spec.kinds["household"].private
    assert private
    assert not private & set(frame(views["planner"], "household").columns)


def test_the_public_gets_no_line_assets_no_outposts_and_no_home(views):
    held = views["public"].tables.keys()
    assert (
        not {"border", "sections", "section_plan", "outpost", "household", "assignments", "findings"} & held
    )
    assert set(frame(views["public"], "unit")["layer"]) == {"area", "point"}
    assert "marker" not in set(frame(views["public"], "landmark")["class"])
    assert {"household_areas", "household_counts"} <= held
    assert (frame(views["public"], "household_areas")["rows"] >= 10).all()


def test_homes_in_areas_and_by_township_are_the_same_homes(views, tables):
    total = len(tables["household"])
    assert frame(views["public"], "household_areas")["rows"].sum() == total
    assert frame(views["public"], "household_counts")["rows"].sum() == total


def test_a_unit_gets_its_own_in_full_and_of_the_others_their_names(views, tables):
    view = views["U-A1"]
    rows = tables["assignments"]
    mine = rows[(rows["unit"] == "U-A1") & (rows["kind"] == "household")]["feature"]
    homes = frame(view, "household")
    expected = tables["household"][tables["household"]["id"].isin(mine)]
    assert sorted(homes["name"]) == sorted(expected["name"])
    assert sorted(homes["contact"]) == sorted(expected["contact"])
    units = frame(view, "unit")
    assert len(units) == len(tables["unit"])
    assert units["contact"].notna().sum() == 1
    assert units["name"].notna().all()
    assert set(frame(view, "outpost")["name"]) == set(
        tables["outpost"]["name"][tables["outpost"]["unit"] == "U-A1"]
    )


def test_the_other_homes_are_areas_of_at_least_k_and_none_is_lost(views, tables):
    for unit in ("U-A1", "U-A2", "U-L1", "U-P1"):
        view = views[unit]
        areas = frame(view, "household_areas")
        assert (areas["rows"] >= 10).all()
        assert areas["rows"].sum() + len(frame(view, "household")) == len(tables["household"])


def test_two_units_see_no_home_in_common(views):
    names = {unit: set(frame(views[unit], "household")["name"]) for unit in ("U-A1", "U-A2")}
    assert names["U-A1"]
    assert names["U-A2"]
    assert not names["U-A1"] & names["U-A2"]


def test_assignments_of_a_unit_are_about_what_it_sees(views):
    view = views["U-A1"]
    rows = frame(view, "assignments")
    assert set(rows["feature"]) <= set(frame(view, "household")["id"]) | set(frame(view, "outpost")["id"])
    assert set(rows["target"]) <= set(frame(view, "patrol_zone")["id"])
    assert len(set(rows["unit"])) == 1
    assert "reason" not in rows.columns


def test_ids_and_order_are_new_for_each_receiver_and_the_same_again(views, area, tables, facts):
    true = set(tables["household"]["id"])
    mine, theirs = frame(views["U-A1"], "household"), frame(views["U-P1"], "household")
    shared = set(mine["name"]) & set(theirs["name"])
    assert shared
    assert not set(mine["id"]) & true
    assert not set(mine["id"]) & set(theirs["id"])
    assert mine["id"].is_monotonic_increasing
    again = make_view(tables, area.spec, "partner", facts=facts, unit="U-A1", releases=KEPT)
    pd.testing.assert_frame_equal(frame(again, "household"), mine)
    other = make_view(tables, area.spec, "partner", facts=facts, unit="U-A1", releases=Releases.fresh())
    assert not set(frame(other, "household")["id"]) & set(mine["id"])


def test_the_order_of_rows_in_the_project_means_nothing(views, area, tables, facts):
    turned = {name: one.iloc[::-1].reset_index(drop=True) for name, one in tables.items()}
    again = make_view(turned, area.spec, "partner", facts=facts, unit="U-A1", releases=KEPT)
    for name in ("household", "unit", "assignments", "household_areas"):
        pd.testing.assert_frame_equal(
            frame(again, name).drop(columns="geometry", errors="ignore"),
            frame(views["U-A1"], name).drop(columns="geometry", errors="ignore"),
        )


def test_references_follow_the_new_ids_and_lead_nowhere_else(views):
    view = views["U-A1"]
    own = frame(view, "unit").set_index("id")["contact"].dropna().index[0]
    assert set(frame(view, "outpost")["unit"]) == {own}
    assert set(frame(view, "patrol_zone")["unit"]) == {own}
    assert set(frame(views["public"], "patrol_zone")["unit"]) <= set(frame(views["public"], "unit")["id"])


def test_a_reference_to_a_row_that_does_not_pass_is_empty(area):
    shown = {
        "outpost": pd.DataFrame({"id": ["O1", "O2"], "unit": ["U1", "U9"]}),
        "unit": pd.DataFrame({"id": ["U1"]}),
    }
    made = renew(shown, area.spec, KEPT, receiver=("partner", "U1"))["outpost"]
    assert made["unit"].notna().sum() == 1
    assert not {"U1", "U9", "O1", "O2"} & set(made.to_numpy().ravel())


def test_facts_pass_by_name_and_figures_by_layer(views):
    assert "rumour" in views["custodian"].facts
    assert "rumour" not in views["planner"].facts
    assert set(views["planner"].facts["figures"]["layers"]) == {"line", "area", "point"}
    assert set(views["public"].facts["figures"]["layers"]) == {"area"}
    assert "assignments" not in views["public"].facts["figures"]
    assert "figures" not in views["U-A1"].facts
    assert views["U-A1"].facts["unit_name"]


def test_a_revision_cannot_be_tried_out_by_who_gets_new_ids(views, facts):
    assert views["planner"].facts["revision"] == facts["revision"]
    held = {views[name].facts["revision"] for name in ("public", "U-A1", "U-A2")}
    assert len(held) == 3
    assert facts["revision"] not in held


def test_distances_are_no_finer_than_positions(views, tables):
    for name, step in (("planner", 1.0), ("U-A1", 1.0)):
        metres = frame(views[name], "assignments")["metres"]
        assert ((metres % step) == 0).all()
    assert (
        frame(views["planner"], "sections")["to_m"].tolist() == tables["sections"]["to_m"].round(0).tolist()
    )
    assert frame(views["custodian"], "sections")["to_m"].tolist() == tables["sections"]["to_m"].tolist()


def test_a_view_says_what_was_done(views):
    done = {(one.kind, one.redaction): one for one in views["public"].redacted}
    areas = done["household", "areas"]
    assert areas == Redacted("household", "areas", "household_areas", 10, 300, areas.after, 0)
    assert done["unit", "drop"].left_out == 3


@pytest.mark.parametrize(("audience", "unit"), [("partner", None), ("partner", "U-X"), ("public", "U-A1")])
def test_a_wrong_receiver_is_refused(area, tables, audience, unit):
    with pytest.raises(ConfigError) as caught:
        make_view(tables, area.spec, audience, facts={}, unit=unit, releases=KEPT)
    assert caught.value.code == "GM109"


def test_what_a_project_remembers_comes_back_and_hides_its_secret():
    kept = Releases.fresh().with_partition("a", {"x": [1, 2]})
    assert Releases.from_text(kept.to_text(), where="x") == kept
    assert kept.secret.hex() not in repr(kept)
    assert kept.keyed("ab", "c") != kept.keyed("a", "bc")


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[" * 10_000, json.dumps({"format": 1, "secret": "00", "partitions": {}}), "null",
     json.dumps({"format": 2, "secret": "00" * 32, "partitions": {}})],
)  # fmt: skip
def test_a_damaged_memory_is_said_not_begun_anew(text):
    with pytest.raises(ConfigError) as caught:
        Releases.from_text(text, where="releases.json")
    assert caught.value.code == "GM112"


def test_one_area_of_too_few_homes_is_not_remembered_since_it_would_stay_one(area, tables):
    few = {**tables, "household": tables["household"].iloc[:9]}
    assert not prepare(few, area.spec, "public", unit=None, releases=KEPT).partitions
    view = make_view(few, area.spec, "public", facts={}, releases=KEPT)
    assert len(frame(view, "household_areas")) == 0
    assert {one.left_out for one in view.redacted if one.kind == "household"} == {9}
    assert len(prepare(tables, area.spec, "public", unit=None, releases=KEPT).partitions) == 1


def test_a_view_does_not_depend_on_whether_its_areas_were_remembered(area, tables):
    ready = prepare(tables, area.spec, "public", unit=None, releases=KEPT)
    views = [make_view(tables, area.spec, "public", facts={}, releases=one) for one in (KEPT, ready)]
    pd.testing.assert_frame_equal(*(frame(one, "household_areas") for one in views))


def with_areas(spec, **changed):
    """Return settings in which everybody's areas of homes are for another k or on another grid."""
    audiences = {
        name: one.model_copy(
            update={"redactions": tuple(
                used.model_copy(update=changed) if used.kind == "household" else used
                for used in one.redactions
            )}
        )
        for name, one in spec.audiences.items()
    }  # fmt: skip
    return spec.model_copy(update={"audiences": audiences})


def held_by(tables, spec, releases):
    """Return the area that each home is in, for everybody."""
    redactions = spec.audiences["public"].redactions
    used = next(one for one in redactions if one.redaction == "areas")
    homes = tables["household"].geometry
    return shared_areas(tables, {}, spec, used, (), releases).locate(np.column_stack([homes.x, homes.y]))


@pytest.mark.parametrize("k", [5, 12, 20])
def test_areas_that_were_drawn_are_not_drawn_again_for_another_k(area, tables, k):
    drawn = prepare(tables, area.spec, "public", unit=None, releases=KEPT)
    spec = with_areas(area.spec, k=k)
    ready = prepare(tables, spec, "public", unit=None, releases=drawn)
    before, after = held_by(tables, area.spec, drawn), held_by(tables, spec, ready)
    # Laid over each other, they are the areas that were given out.
    assert len(set(zip(before.tolist(), after.tolist(), strict=True))) == len(set(before.tolist()))
    assert np.bincount(after).min() >= k


def test_areas_that_were_drawn_are_not_drawn_again_on_another_grid(area, tables):
    drawn = prepare(tables, area.spec, "public", unit=None, releases=KEPT)
    with pytest.raises(ConfigError) as caught:
        prepare(tables, with_areas(area.spec, cell_m=700.0), "public", unit=None, releases=drawn)
    assert caught.value.code == "GM103"


def test_columns_for_the_others_rows_do_not_pass_of_what_is_everybodys(area, tables):
    partner = area.spec.audiences["partner"]
    odd = partner.model_copy(
        update={
            "columns": {**partner.columns, "landmark": ("id",)},
            "others": {"landmark": ("id", "name"), "border": ("id", "name"), "track": ("id", "name")},
        }
    )
    columns = {name: kept for name, kept in odd.columns.items() if name != "track"}
    odd = odd.model_copy(update={"columns": columns})
    spec = area.spec.model_copy(update={"audiences": {"partner": odd}})
    view = make_view(tables, spec, "partner", facts={}, unit="U-A1", releases=KEPT)
    assert list(frame(view, "landmark").columns) == ["id", "geometry"]
    assert "track" not in view.tables


def test_a_column_for_the_others_rows_is_not_one_of_the_units_own(area, tables):
    partner = area.spec.audiences["partner"]
    odd = partner.model_copy(
        update={"columns": {**partner.columns, "unit": ("id", "layer")}, "others": {"unit": ("id", "name")}}
    )
    spec = area.spec.model_copy(update={"audiences": {"partner": odd}})
    units = frame(make_view(tables, spec, "partner", facts={}, unit="U-A1", releases=KEPT), "unit")
    assert units["layer"].notna().sum() == 1
    assert (units["layer"].isna() == units["name"].notna()).all()
