"""The answer at a place."""

import numpy as np
import pandas as pd
import pytest
from steppe import box, built, geodesic, home, outpost, planned, steppe, xy_of, zone

from gridmap.assign import answer, answers, arrange
from gridmap.config import default_spec

SPEC = default_spec()


def made(**changed: object):
    return arrange(built({**steppe(), **changed}), SPEC)


def at(plan, east: float, north: float):
    return answer(plan, xy_of((east, north))[0])


def test_each_layer_answers_inside() -> None:
    found = at(made(), 6_000, -6_000)
    assert (found.line.section, found.line.unit, found.line.also) == ("S001", "U-line", ())
    assert found.line.distance_m == pytest.approx(6_000, rel=1e-3)
    assert (found.area.zone, found.area.unit) == ("Z1", "U-area")
    assert (found.point.stronghold, found.point.unit) == ("H1", "U-home")
    away = geodesic(xy_of((6_000, -6_000))[0], xy_of((5_000, -5_000))[0])
    assert found.point.distance_m == pytest.approx(away, rel=1e-5)
    assert found.point.bearing_deg == pytest.approx(315, abs=1)
    assert found.notes == ()
    plain = (found.line.chainage_m, found.line.distance_m, found.point.distance_m, found.point.bearing_deg)
    assert {type(one) for one in plain} == {float}


def test_outside_the_jurisdiction_nobody_answers_and_a_note_says_so() -> None:
    found = at(made(), 6_000, 50)
    assert (found.line, found.area, found.point) == (None, None, None)
    assert found.notes == ("outside the jurisdiction: nobody answers here on any layer",)


@pytest.mark.parametrize("place", [(0, -30_000), (30_000, 0), (0.0005, 0.0005), (60_000.0005, -10)])
def test_the_edge_is_inside(place: tuple[float, float]) -> None:
    assert at(made(), *place).area is not None


def test_a_place_on_the_border_is_inside_even_where_the_townships_miss_it() -> None:
    rows = steppe()
    rows["admin"] = [{**rows["admin"][0], "geometry": box(0, -30_000, 60_000, -0.5)}]
    found = at(arrange(built(rows), SPEC), 30_000, 0)
    assert found.line is not None
    assert found.line.distance_m == 0


def test_beyond_the_belt_the_note_says_how_far() -> None:
    found = at(made(), 6_000, -25_000)
    assert found.line is None
    assert found.notes[0].startswith("beyond the border belt: the border is 24,999 m away")


def test_at_a_gap_the_note_says_so() -> None:
    found = at(made(outpost=[outpost("O1", 10_000)]), 50_000, -5_000)
    assert found.line is None
    assert "is in a gap" in found.notes[0]


def test_beyond_reach_the_note_names_the_nearest() -> None:
    found = at(made(), 25_000, -5_000)
    assert found.point is None
    assert found.notes[0].startswith("no stronghold within 15,000 m: the nearest is H")
    none = at(made(household=[home("H3", 0, 0)]), 25_000, -5_000)
    assert none.notes == ("there is no stronghold",)


def test_where_several_claim_the_smaller_answers_and_the_others_are_named() -> None:
    zones = [zone(name, box(0, -30_000, 60_000, 0)) for name in ("Z3", "Z2", "Z1")]
    plan = made(
        patrol_zone=zones,
        section_plan=[planned("P1", 0, 40_000, "O2"), planned("P2", 20_000, 60_000, "O1")],
    )
    found = at(plan, 30_000, -5_000)
    assert (found.area.zone, found.area.also) == ("Z1", ("Z2", "Z3"))
    assert (found.line.section, found.line.also) == ("S001", ("S002",))


def test_no_zone_here_is_a_note() -> None:
    found = at(made(patrol_zone=[zone("Z1", box(0, -30_000, 20_000, 0))]), 45_000, -5_000)
    assert found.area is None
    assert found.notes == ("no zone contains this place",)


def test_the_last_metre_of_the_border_belongs_to_the_last_section() -> None:
    assert at(made(), 60_000, 0).line.section == "S003"


def test_without_townships_or_border_the_rest_still_answers() -> None:
    plan = made(admin=[], border=[])
    found = at(plan, 6_000, -6_000)
    assert found.line is None
    assert found.area.zone == "Z1"
    assert found.notes == (
        "there is no usable jurisdiction: it is not known what is outside",
        "there is no usable border",
    )


def test_a_layer_without_a_rule_has_no_answer() -> None:
    spec = SPEC.model_copy(update={"rules": tuple(r for r in SPEC.rules if r.layer == "line")})
    found = at(arrange(built(steppe(), spec), spec), 6_000, -6_000)
    assert found.line is not None
    assert (found.area, found.point) == (None, None)
    assert found.notes == ("no rule works on the area layer", "no rule works on the point layer")


def test_many_places_answer_as_each_alone() -> None:
    plan = made(
        patrol_zone=[*steppe()["patrol_zone"], zone("Z0", box(10_000, -9_000, 45_000, -1_000))],
        section_plan=[planned("P1", 0, 24_000, "O2"), planned("P2", 20_000, 26_000, "O1")],
    )
    rng = np.random.default_rng(7)
    places = xy_of(*rng.uniform((-5_000, -35_000), (65_000, 5_000), (300, 2)), (30_000, 0), (0, 0))
    places = np.vstack([places, [[np.nan, np.nan]]])
    table = answers(plan, places)
    assert len(table) == len(places)
    assert table.index.equals(pd.RangeIndex(len(places)))
    for row, place in zip(
        table.astype(object).where(table.notna(), None).to_dict("records"), places, strict=True
    ):
        one = answer(plan, place)
        assert row["section"] == (one.line and one.line.section)
        assert row["line_unit"] == (one.line and one.line.unit)
        assert row["chainage_m"] == (one.line and one.line.chainage_m)
        assert row["border_m"] == (one.line and one.line.distance_m)
        assert row["also_line"] == (("; ".join(one.line.also) or None) if one.line else None)
        assert row["zone"] == (one.area and one.area.zone)
        assert row["also_area"] == (("; ".join(one.area.also) or None) if one.area else None)
        assert row["stronghold"] == (one.point and one.point.stronghold)
        assert row["stronghold_m"] == (one.point and one.point.distance_m)
        assert row["bearing_deg"] == (one.point and one.point.bearing_deg)
        assert row["notes"] == ("; ".join(one.notes) or None)
    assert table[["section", "zone", "stronghold"]].notna().any().all()


def test_no_place_no_answer() -> None:
    assert len(answers(made(), np.empty((0, 2)))) == 0
