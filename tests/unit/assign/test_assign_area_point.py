"""The area and point layers: which zone holds a place, which stronghold answers for a home."""

import numpy as np
import pytest
import shapely
from steppe import box, built, geodesic, home, outpost, spot, steppe, township, zone

from gridmap.assign import arrange
from gridmap.config import default_spec

SPEC = default_spec()


def made(**changed: object):
    return arrange(built({**steppe(), **changed}), SPEC)


def rows(plan, layer: str, feature: str) -> list[list[str]]:
    found = plan.assignments[(plan.assignments["layer"] == layer) & (plan.assignments["feature"] == feature)]
    return found[["target", "role"]].to_numpy().tolist()


def codes(plan) -> list[tuple[str, str, str | None]]:
    return [(one.code, one.table, one.id) for one in plan.findings]


def test_a_complete_area_has_no_finding() -> None:
    plan = made()
    assert codes(plan) == []
    assert plan.figures.area.gap_m2 <= plan.figures.area.area_m2 * 1e-9
    assert plan.figures.area.overlap_m2 <= plan.figures.area.area_m2 * 1e-9
    assert plan.figures.area.outside_m2 <= plan.figures.area.area_m2 * 1e-9
    assert (plan.figures.area.targets, plan.figures.point.targets) == (3, 2)
    assert (plan.figures.point.served, plan.figures.point.orphans) == (4, 0)
    assert plan.figures.assignments == len(plan.assignments)
    assert plan.notes == ()


def test_homes_and_outposts_belong_to_the_zone_around_them() -> None:
    plan = made()
    assert rows(plan, "area", "H1") == [["Z1", "lead"]]
    assert rows(plan, "area", "O3") == [["Z3", "lead"]]
    area = plan.assignments[plan.assignments["layer"] == "area"]
    assert set(area["metres"]) == {0.0}
    assert area.loc[area["feature"] == "O3", "unit"].item() == "U-line-2"
    assert area.loc[area["feature"] == "H1", "reason"].item() == "inside zone Z1"


def test_on_a_shared_edge_the_smaller_id_alone() -> None:
    plan = made(household=[home("H1", 20_000, -5_000, stronghold=True)])
    assert rows(plan, "area", "H1") == [["Z1", "lead"]]


def test_where_zones_overlap_the_smaller_leads_the_other_supports_and_it_is_listed() -> None:
    zones = [
        zone("Z2", box(18_000, -30_000, 60_000, 0)),
        zone("Z1", box(0, -30_000, 20_000, 0)),
    ]
    plan = made(patrol_zone=zones, household=[home("H1", 19_000, -5_000, stronghold=True)])
    assert rows(plan, "area", "H1") == [["Z1", "lead"], ["Z2", "support"]]
    overlap = next(one for one in plan.findings if one.code == "area-overlap")
    assert (overlap.table, overlap.id, overlap.related, overlap.level) == (
        "patrol_zone",
        "Z1",
        ("Z2",),
        "error",
    )
    assert overlap.size == pytest.approx(2_000 * 30_000, rel=2e-3)
    assert plan.figures.area.overlap_m2 == pytest.approx(overlap.size, rel=1e-9)


def test_a_hole_in_the_zones_is_listed_once_and_its_homes_follow() -> None:
    zones = [zone("Z1", box(0, -30_000, 20_000, 0)), zone("Z3", box(40_000, -30_000, 60_000, 0))]
    plan = made(patrol_zone=zones, household=[home("H1", 30_000, -5_000, stronghold=True)])
    assert codes(plan) == [("area-gap", "patrol_zone", None)]
    gap = plan.findings.items[0]
    assert gap.geometry.symmetric_difference(box(20_000, -30_000, 40_000, 0)).area < 1
    assert rows(plan, "area", "H1") == []
    assert plan.figures.area.gap_m2 == pytest.approx(gap.size, rel=1e-9)


def test_a_zone_outside_the_jurisdiction_is_a_warning() -> None:
    plan = made(
        patrol_zone=[*steppe()["patrol_zone"], zone("Z9", box(60_000, -10_000, 61_000, 0))],
    )
    assert [(one.code, one.id, one.level) for one in plan.findings] == [("area-outside", "Z9", "warning")]
    assert plan.figures.area.outside_m2 == pytest.approx(10_000 * 1_000, rel=2e-3)


def test_a_home_in_no_zone_and_no_gap_is_listed() -> None:
    plan = made(household=[home("H1", -500, -5_000, stronghold=True)])
    assert codes(plan) == [("area-unzoned", "household", "H1")]


def test_a_home_goes_to_the_nearest_stronghold_with_distance_and_reason() -> None:
    plan = made()
    point = plan.assignments[plan.assignments["layer"] == "point"].set_index("feature")
    assert point["target"].to_dict() == {"H1": "H1", "H2": "H2", "H3": "H1", "H4": "H2"}
    away = geodesic(spot(44_000, -15_000).coords[0], spot(45_000, -5_000).coords[0])
    assert point.loc["H4", "metres"] == pytest.approx(away, rel=1e-5)
    assert point.loc["H4", "reason"] == f"nearest stronghold H2 at {away:,.0f} m, within 15,000 m"
    assert point.loc["H1", ["metres", "reason"]].tolist() == [0.0, "is itself a stronghold"]
    assert point["unit"].fillna("none").to_dict() == {
        "H1": "U-home",
        "H2": "none",
        "H3": "U-home",
        "H4": "none",
    }


def test_strongholds_at_one_place_each_lead_themselves_and_the_smaller_answers_for_others() -> None:
    homes = [
        home("H2", 5_000, -5_000, stronghold=True),
        home("H1", 5_000, -5_000, stronghold=True),
        home("H3", 6_000, -5_000),
    ]
    plan = made(household=homes)
    assert [rows(plan, "point", each) for each in ("H1", "H2", "H3")] == [
        [["H1", "lead"]],
        [["H2", "lead"]],
        [["H1", "lead"]],
    ]


def test_equal_distances_go_to_the_smaller_id() -> None:
    # The central meridian's mirror image: distances are equal to the last bit that counts.
    homes = [
        home("H9", 50_000 - 3_000, -5_000, stronghold=True),
        home("H10", 50_000 + 3_000, -5_000, stronghold=True),
        home("H5", 50_000, -5_000),
    ]
    assert rows(made(household=homes), "point", "H5") == [["H10", "lead"]]


def test_an_orphan_is_listed_with_the_nearest_stronghold() -> None:
    homes = [home("H1", 5_000, -5_000, stronghold=True), home("H2", 30_000, -5_000)]
    plan = made(household=homes)
    assert codes(plan) == [("household-orphan", "household", "H2")]
    orphan = plan.findings.items[0]
    assert "nearest is H1 at 25,0" in orphan.message
    assert orphan.geometry.equals(spot(30_000, -5_000))
    assert (plan.figures.point.served, plan.figures.point.orphans) == (1, 1)
    assert rows(plan, "point", "H2") == []


def test_reach_is_inclusive_to_the_millimetre() -> None:
    away = made().assignments.query("layer == 'point' and feature == 'H4'")["metres"].item()
    for limit, orphans in ((away, 0), (away - 0.001, 1)):
        point = SPEC.layers.point.model_copy(update={"reach_m": limit})
        spec = SPEC.model_copy(update={"layers": SPEC.layers.model_copy(update={"point": point})})
        assert arrange(built(steppe(), spec), spec).figures.point.orphans == orphans


def test_no_stronghold_every_home_is_an_orphan() -> None:
    plan = made(household=[home("H1", 5_000, -5_000)])
    assert codes(plan) == [("household-orphan", "household", "H1")]
    assert "there is none" in plan.findings.items[0].message
    assert plan.figures.point.targets == 0


def test_a_unit_that_does_not_exist_answers_for_nothing() -> None:
    plan = made(patrol_zone=[zone("Z1", box(0, -30_000, 60_000, 0), unit="nobody")])
    assert plan.assignments.query("layer == 'area'")["unit"].isna().all()


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        shapely.Point(),
        shapely.Point(np.inf, 0),
        shapely.Point(np.nan, np.nan),
        shapely.Point(1e300, 1e300),
        shapely.Point(-1e13, 4e12),
        box(0, 0, 1, 1),
        shapely.LineString(),
        shapely.MultiPoint([(450_000, 4_690_000)]),
    ],
)
def test_a_home_or_outpost_without_a_usable_position_takes_no_part(geometry: object) -> None:
    rows_ = steppe()
    rows_["household"].append({"id": "H9", "stronghold": True, "persons": 1, "geometry": geometry})
    rows_["outpost"].append({"id": "O9", "name": "O9", "unit": "U-line", "geometry": geometry})
    plan = arrange(built(rows_), SPEC)
    assert not plan.assignments["feature"].isin(["H9", "O9"]).any()
    assert codes(plan) == [("household-orphan", "household", "H9")]
    assert plan.figures.point.targets == 2
    assert (plan.figures.point.served, plan.figures.point.orphans) == (4, 1)


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        shapely.Polygon(),
        shapely.Point(450_000, 4_690_000),
        shapely.Polygon([(0, 0), (np.inf, 0), (1, 1)]),
        shapely.Polygon([(1e300, 0), (1e300, 1e300), (0, 1e300)]),
        shapely.LineString([(450_000, 4_690_000), (1e300, 0)]),
        shapely.Polygon([(450_000, 4_690_000), (451_000, 4_690_000), (450_000, 4_690_000)]),
    ],
)
@pytest.mark.parametrize("kind", ["patrol_zone", "admin", "border"])
def test_an_unusable_outline_takes_no_part(kind: str, geometry: object) -> None:
    rows_ = steppe()
    length = arrange(built(rows_), SPEC).figures.line.length_m
    faulty = {"patrol_zone": zone, "admin": township}.get(
        kind, lambda name, shape: {"id": name, "geometry": shape}
    )
    rows_[kind].append(faulty("Z9", geometry))
    plan = arrange(built(rows_), SPEC)
    assert codes(plan) == []
    assert plan.figures.line.length_m == length
    assert plan.figures.area.targets == 3


def test_an_invalid_zone_is_repaired_for_the_arrangement() -> None:
    bow = shapely.Polygon(
        [spot(*at).coords[0] for at in ((0, -30_000), (20_000, 0), (20_000, -30_000), (0, 0))]
    )
    rows_ = steppe()
    rows_["patrol_zone"][0] = zone("Z1", bow)
    plan = arrange(built(rows_), SPEC)
    assert {code for code, _, _ in codes(plan)} == {"area-gap"}
    assert plan.figures.area.targets == 3
    assert rows(plan, "area", "O1") == []


def test_tables_alone_are_enough_and_nothing_at_all_is_an_error() -> None:
    from gridmap.errors import AssignmentError

    nothing = {name: [] for name in steppe()}
    with pytest.raises(AssignmentError, match="GM502"):
        arrange(built(nothing), SPEC)
    homes = arrange(built({**nothing, "household": steppe()["household"]}), SPEC)
    assert homes.figures.point.served == 4
    assert len(homes.notes) == 3
    area = arrange(built({**nothing, "admin": steppe()["admin"]}), SPEC)
    assert [one.code for one in area.findings] == ["area-gap"]
    assert area.figures.area.gap_m2 == pytest.approx(area.figures.area.area_m2, rel=1e-9)
    border = arrange(built({**nothing, "border": steppe()["border"], "outpost": [outpost("O1", 0)]}), SPEC)
    assert [one.code for one in border.findings] == ["line-gap"]
    assert border.figures.line.gap_m == border.figures.line.length_m
