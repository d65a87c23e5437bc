"""What a view holds of an arrangement is asked by the same rules; what it lacks is never a gap."""

import numpy as np
import pandas as pd
import pytest
from steppe import CODE, box, built, line, steppe, xy_of

from gridmap import geo
from gridmap.assign import answer, arrange, seen
from gridmap.config import default_spec

SPEC = default_spec()
WHOLE = dict.fromkeys(("line", "area", "point", "border", "admin", "unit"), "whole")


def tables(**changed: object):
    made = arrange(built({**steppe(), **changed}), SPEC)
    kinds = built({**steppe(), **changed})
    return {**kinds, "sections": made.sections}


def asked(given, *, step_m: float = 0.0, **held: str):
    much = {**WHOLE, **held}
    whole = much["border"] == "whole"
    course = geo.build_border(given["border"].geometry.to_numpy(), CODE) if whole else None
    return seen(given, SPEC, held=much, border=course, step_m=step_m)


def at(made, east: float, north: float):
    return answer(made, xy_of((east, north))[0])


def test_a_view_of_everything_answers_as_the_arrangement_does() -> None:
    given = tables()
    whole = arrange(built(steppe()), SPEC)
    for place in ((6_000, -6_000), (30_000, -100), (59_000, -25_000), (6_000, 500), (0, 0)):
        assert at(asked(given), *place) == at(whole, *place)


def test_a_section_that_is_not_in_the_view_is_not_a_gap() -> None:
    given = tables()
    given["sections"] = given["sections"].iloc[:1]
    inside = at(asked(given), 55_000, -6_000)
    assert inside.line is None
    assert "gap" in " ".join(inside.notes), "of a whole layer it is one"
    part = at(asked(given, line="own"), 55_000, -6_000)
    assert part.line is None
    assert "this view does not hold the line layer whole: who answers here may not be in it" in part.notes
    assert "gap" not in " ".join(part.notes)


@pytest.mark.parametrize("held", ["own", "mixed", "part", "targets", "derived", "none"])
def test_layers_that_are_held_in_part_never_claim_that_nobody_answers(held: str) -> None:
    given = {name: frame.iloc[:0] for name, frame in tables().items() if name != "admin"}
    given["admin"] = tables()["admin"]
    less = {**dict.fromkeys(("line", "area", "point"), held), "border": "none"}
    found = at(asked(given, **less), 6_000, -6_000)
    assert (found.line, found.area, found.point) == (None, None, None)
    assert len(found.notes) == 3
    assert all("does not hold" in note for note in found.notes)


def test_without_the_whole_jurisdiction_nothing_is_outside() -> None:
    found = at(asked(tables(), admin="part"), 6_000, 500)
    assert found.line is not None
    assert found.notes[0] == "this view does not hold the whole jurisdiction: it is not known what is outside"


def test_a_stronghold_of_a_part_may_not_be_the_nearest_and_that_is_said() -> None:
    found = at(asked(tables(), point="own"), 6_000, -6_000)
    assert found.point is not None
    assert found.notes == (
        "this view does not hold the point layer whole: a nearer stronghold may not be in it",
    )


def test_the_last_section_reaches_the_end_that_rounding_took_it_from() -> None:
    given = tables()
    length = geo.build_border(given["border"].geometry.to_numpy(), CODE).length_m
    rounded = given["sections"].assign(
        from_m=given["sections"]["from_m"].round(), to_m=given["sections"]["to_m"].round()
    )
    rounded.loc[rounded.index[-1], "to_m"] = np.floor(length)
    given["sections"] = rounded
    end = at(asked(given, step_m=1.0), 60_000, 0)
    assert end.line is not None
    assert end.line.section == rounded["id"].iloc[-1]
    assert at(asked(given, step_m=0.0), 60_000, 0).line is None


def test_units_are_those_that_the_view_has() -> None:
    given = tables(patrol_zone=[{"id": "Z1", "unit": "U-gone", "geometry": box(0, -30_000, 60_000, 0)}])
    assert at(asked(given), 6_000, -6_000).area.unit is None, "with every unit at hand it is known to be none"
    assert at(asked(given, unit="part"), 6_000, -6_000).area.unit == "U-gone"
    bare = {**given, "sections": pd.DataFrame(given["sections"].drop(columns=["unit", "geometry"]))}
    assert at(asked(bare), 6_000, -6_000).line.unit is None


def test_where_several_claim_a_place_the_smaller_of_the_views_ids_answers() -> None:
    both = [{"id": one, "unit": "U-area", "geometry": box(0, -30_000, 60_000, 0)} for one in ("zz", "aa")]
    found = at(asked(tables(patrol_zone=both)), 6_000, -6_000)
    assert (found.area.zone, found.area.also) == ("aa", ("zz",))


def test_a_hole_in_the_border_counts_no_metre() -> None:
    rows = [
        {"id": "B1", "geometry": line((0, 0), (20_000, 0))},
        {"id": "B2", "geometry": line((40_000, 0), (60_000, 0))},
    ]
    given = tables(border=rows)
    whole = arrange(built({**steppe(), "border": rows}), SPEC)
    for east in (10_000, 29_000, 31_000, 50_000):
        assert at(asked(given), east, -3_000) == at(whole, east, -3_000)
