"""What is said once: a gap that only follows from a reported fault is not reported again."""

import numpy as np
import shapely
from steppe import X0, Y0, box, built, home, line, outpost, planned, spot, steppe, township, zone

from gridmap.assign import arrange
from gridmap.config import default_spec
from gridmap.model import Finding, Findings

SPEC = default_spec()


def told(code: str, table: str, row: str | None, place: object = None, level: str = "error") -> Finding:
    return Finding(code, level, table, row, "", "", geometry=place)


def codes(rows: dict, *known: Finding) -> list[str]:
    return [one.code for one in arrange(built(rows), SPEC, known=Findings.of(known)).findings]


def test_overlap_of_an_invalid_zone_follows_from_it() -> None:
    rows = steppe()
    bow = shapely.Polygon(
        [spot(*at).coords[0] for at in ((1_000, -9_000), (3_000, -7_000), (3_000, -9_000), (1_000, -7_000))]
    )
    rows["patrol_zone"].append(zone("Z9", bow))
    assert codes(rows) == ["area-overlap", "area-overlap"] or codes(rows) == ["area-overlap"]
    assert codes(rows, told("geometry-invalid", "patrol_zone", "Z9", spot(2_000, -8_000))) == []


def test_a_fault_of_words_explains_no_gap() -> None:
    rows = steppe()
    rows["patrol_zone"] = rows["patrol_zone"][:2]
    known = told("reference-dangling", "patrol_zone", "Z2", rows["patrol_zone"][1]["geometry"])
    assert codes(rows, known) == ["area-gap"]


def test_a_fault_elsewhere_or_of_little_weight_explains_no_gap() -> None:
    rows = steppe()
    rows["patrol_zone"] = rows["patrol_zone"][:2]
    assert codes(rows, told("township-overlap", "admin", "150000001", box(0, -9_000, 10, -8_000))) == [
        "area-gap"
    ]
    assert codes(rows, told("township-gap", "admin", None, box(45_000, -9_000, 46_000, -8_000), "info")) == [
        "area-gap"
    ]
    assert codes(rows, told("gacha-gap", "admin", None, box(45_000, -9_000, 46_000, -8_000))) == ["area-gap"]


def test_a_hole_between_townships_explains_the_zone_over_it() -> None:
    rows = steppe()
    hole = box(10_000, -20_000, 12_000, -18_000)
    rows["admin"][0] = township("150000001", box(0, -30_000, 30_000, 0).difference(hole))
    assert codes(rows) == ["area-outside"]
    assert codes(rows, told("township-gap", "admin", None, hole)) == []


def test_a_township_that_sticks_out_explains_the_gap_there() -> None:
    rows = steppe()
    rows["admin"].append(township("150000003", box(29_000, -32_000, 31_000, -28_000)))
    assert codes(rows) == ["area-gap"]
    overlap = box(29_000, -30_000, 30_000, -28_000)
    assert codes(rows, told("township-overlap", "admin", "150000001", overlap)) == []


def test_rows_in_an_impossible_place_take_no_part() -> None:
    rows = steppe()
    swapped = shapely.transform(line((100, -50), (500, -50)), lambda xy: np.ascontiguousarray(xy[:, ::-1]))
    rows["border"].append({"id": "B9", "geometry": swapped})
    rows["household"].append({**home("H9", 0, 0, stronghold=True), "geometry": shapely.Point(Y0, X0)})
    known = [
        told("coordinates-swapped", "border", "B9", swapped),
        told("coordinates-swapped", "household", "H9", shapely.Point(Y0, X0)),
    ]
    clean, faulty = arrange(built(steppe()), SPEC), arrange(built(rows), SPEC, known=Findings.of(known))
    assert faulty.figures.line == clean.figures.line
    assert len(faulty.findings) == 0
    assert faulty.figures.point.orphans == 1


def test_a_home_outside_the_jurisdiction_is_not_also_an_orphan_or_unzoned() -> None:
    rows = steppe()
    rows["household"].append(home("H9", -90_000, -5_000))
    assert codes(rows) == ["area-unzoned", "household-orphan"]
    assert codes(rows, told("position-outside", "household", "H9")) == []
    assert codes(rows, told("value-out-of-range", "household", "H9")) == ["area-unzoned", "household-orphan"]


def test_homes_near_one_that_may_be_a_stronghold_are_not_orphans_on_top() -> None:
    rows = steppe()
    rows["household"] = [
        home("H1", 5_000, -5_000, stronghold=True),
        home("H2", 45_000, -5_000, stronghold=None),
        home("H4", 44_000, -15_000),
        home("H5", 28_000, -15_000),
    ]
    assert codes(rows) == ["household-orphan"] * 3
    plan = arrange(built(rows), SPEC, known=Findings.of([told("value-missing", "household", "H2")]))
    assert [one.id for one in plan.findings] == ["H5"]
    assert plan.figures.point.orphans == 3


def test_a_gap_where_a_faulty_plan_row_led_follows_from_it() -> None:
    rows = {
        **steppe(),
        "outpost": [outpost("O1", 10_000)],
        "section_plan": [planned("P1", 55_000, 31_000, "O1")],
    }
    assert codes(rows) == ["line-gap"]
    assert codes(rows, told("section-plan-reversed", "section_plan", "P1")) == []


def test_a_gap_that_an_outpost_of_no_unit_could_lead_follows_from_it() -> None:
    rows = {**steppe(), "outpost": [outpost("O1", 10_000), outpost("O2", 45_000, unit="gone")]}
    assert codes(rows) == ["line-gap"]
    assert codes(rows, told("reference-dangling", "outpost", "O2")) == []
    assert codes(rows, told("reference-dangling", "outpost", "O1")) == ["line-gap"]


def test_a_gap_on_a_faulty_part_of_the_border_follows_from_it() -> None:
    rows = steppe()
    part = line((100_000, 0), (140_000, 0))
    rows["border"].append({"id": "B2", "geometry": part})
    assert codes(rows) == ["line-gap"]
    assert codes(rows, told("border-off-edge", "border", "B2", part)) == []


def test_overlapping_plan_rows_that_are_reported_are_not_listed_again() -> None:
    rows = {**steppe(), "section_plan": [planned("P1", 0, 25_000, "O1"), planned("P2", 20_000, 40_000, "O2")]}
    assert codes(rows) == ["line-overlap"]
    assert codes(rows, told("plan-overlap", "section_plan", "P1")) == []


def test_a_gap_stays_although_a_zone_has_no_outline() -> None:
    rows = steppe()
    rows["patrol_zone"][2] = zone("Z3", None)
    assert codes(rows, told("geometry-missing", "patrol_zone", "Z3")) == ["area-gap"]


def test_a_warning_hides_no_error() -> None:
    """Else an area with a gap of kilometres would end with exit code 0 and say nothing of it."""
    rows = steppe()
    rows["outpost"] = [outpost("O1", 5_000), outpost("O2", 40_000, -25_000)]
    far = told("outpost-beyond-belt", "outpost", "O2", spot(40_000, -25_000), "warning")
    edge = told("border-off-edge", "border", "B1", line((0, 0), (60_000, 0)), "warning")
    assert "line-gap" in codes(rows, far, edge)
    rows = steppe()
    rows["patrol_zone"] = rows["patrol_zone"][:2]
    tiny = told("polygon-tiny", "patrol_zone", "Z2", box(39_999, -10_000, 40_000, -9_999), "warning")
    assert codes(rows, tiny) == ["area-gap"]
