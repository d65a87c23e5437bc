"""The line layer: which outpost leads which stretch, and who supports it."""

import numpy as np
import pandas as pd
import pytest
import shapely
from steppe import GEOD, LONLAT, X0, Y0, box, built, home, line, outpost, planned, steppe, zone

from gridmap.assign import arrange
from gridmap.config import default_spec

SPEC = default_spec()


def made(**changed: object):
    return arrange(built({**steppe(), **changed}), SPEC)


def km(east: float) -> float:
    """Return the chainage of a place on the straight border, by pyproj alone."""
    steps = np.linspace(0, east, 201)
    lon, lat = LONLAT.transform(X0 + steps, np.full(201, Y0))
    return float(GEOD.line_length(lon, lat))


def intervals(plan) -> list[tuple[str, str, float, float]]:
    rows = plan.sections[["id", "outpost", "from_m", "to_m"]]
    return [tuple(row) for row in rows.itertuples(index=False)]


def line_rows(plan, feature: str) -> pd.DataFrame:
    rows = plan.assignments
    return rows[(rows["layer"] == "line") & (rows["feature"] == feature)]


def test_without_a_plan_each_outpost_leads_the_stretch_nearest_to_it() -> None:
    plan = made()
    assert [row[1] for row in intervals(plan)] == ["O1", "O2", "O3"]
    assert plan.sections["id"].tolist() == ["S001", "S002", "S003"]
    expected = [0, km(20_000), km(40_000), km(60_000)]
    assert plan.sections["from_m"].tolist() == pytest.approx(expected[:-1], abs=0.1)
    assert plan.sections["to_m"].tolist() == pytest.approx(expected[1:], abs=0.1)
    assert plan.sections["unit"].tolist() == ["U-line", "U-line", "U-line-2"]
    assert plan.figures.line.gap_m == plan.figures.line.overlap_m == 0
    assert plan.figures.line.targets == 3


def test_sections_are_drawn_where_they_are() -> None:
    plan = made()
    for shape, start, stop in zip(
        plan.sections.geometry, plan.sections["from_m"], plan.sections["to_m"], strict=True
    ):
        lon, lat = LONLAT.transform(*np.array(shape.segmentize(200).coords).T)
        assert GEOD.line_length(lon, lat) == pytest.approx(stop - start, abs=0.01)


def test_lead_rows_name_the_outpost_its_distance_and_the_reason() -> None:
    row = line_rows(made(), "O1").iloc[0]
    assert (row["kind"], row["target"], row["role"], row["unit"]) == ("outpost", "S001", "lead", "U-line")
    assert row["rule"] == "chainage_midpoint"
    assert row["metres"] == pytest.approx(1000, rel=1e-3)
    assert row["reason"] == (
        "leads S001: nearest outpost along the border, within 20,000 m; stands 1,000 m from the border"
    )


def test_everything_else_in_the_belt_supports_the_section_nearest() -> None:
    plan = made()
    assert line_rows(plan, "H3")[["target", "role", "rule"]].to_numpy().tolist() == [
        ["S001", "support", "within_belt"]
    ]
    assert line_rows(plan, "Z2")[["target", "role", "metres"]].to_numpy().tolist() == [
        ["S001", "support", 0.0]
    ]
    assert line_rows(plan, "H3")["reason"].item().startswith("nearest section S001 at 5,0")


def test_a_zone_that_touches_several_sections_goes_to_the_smallest_id() -> None:
    plan = made(patrol_zone=[zone("Z1", box(15_000, -30_000, 60_000, 0))])
    assert line_rows(plan, "Z1")["target"].tolist() == ["S001"]


def test_a_zone_that_meets_the_border_twice_goes_to_the_smaller_id() -> None:
    twice = shapely.MultiPolygon([box(45_000, -9_000, 50_000, 0), box(22_000, -9_000, 25_000, 0)])
    assert line_rows(made(patrol_zone=[zone("Z1", twice)]), "Z1")["target"].tolist() == ["S002"]


def test_a_zone_that_ends_where_a_section_does_has_not_met_the_next() -> None:
    border = made().border
    cut = float(border.locate(np.array([[X0 + 40_000, Y0]])).chainage_m[0])
    plans = [planned("P1", 0, cut, "O1"), planned("P2", cut, border.length_m, "O3")]
    plan = made(section_plan=plans)
    assert line_rows(plan, "Z3")["target"].tolist() == ["S002"]
    assert line_rows(plan, "Z2")["target"].tolist() == ["S001"]


def test_a_zone_away_from_the_border_has_its_geodesic_distance() -> None:
    plan = made(patrol_zone=[zone("Z1", box(45_000, -12_000, 60_000, -7_000))])
    row = line_rows(plan, "Z1").iloc[0]
    assert row["target"] == "S003"
    assert row["metres"] == pytest.approx(7_000, rel=1e-3)


def test_the_belt_is_inclusive_to_the_millimetre() -> None:
    away = line_rows(made(), "H3")["metres"].item()
    for limit, found in ((away, 1), (away - 0.001, 0)):
        belt = SPEC.layers.line.model_copy(update={"belt_m": limit})
        spec = SPEC.model_copy(update={"layers": SPEC.layers.model_copy(update={"line": belt})})
        plan = arrange(built({**steppe(), "outpost": [outpost("O1", 10_000, -10)]}, spec), spec)
        assert len(line_rows(plan, "H3")) == found


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4508", "EPSG:32648"])
def test_the_belt_is_metres_on_the_ground_in_any_projection(crs: str) -> None:
    """At this latitude a metre of web Mercator is 0.74 m on the ground."""
    spec = default_spec(crs)
    homes = [home(f"H{at}", at * 500, -1_000.0 * at - 400) for at in range(1, 30)]
    tables = built({**steppe(), "household": homes})
    near = {one["id"] for one in homes if line_distance(one["geometry"]) <= 20_000}
    moved = {k: f.to_crs(crs) if hasattr(f, "to_crs") else f for k, f in tables.items()}
    rows = arrange(moved, spec).assignments.query("layer == 'line' and kind == 'household'")
    assert set(rows["feature"]) == near
    assert 0 < len(near) < len(homes)


def line_distance(place: object) -> float:
    """Return geodesic metres to the straight border, by walking it."""
    steps = np.linspace(0, 60_000, 3_001)
    lon, lat = LONLAT.transform(X0 + steps, np.full(len(steps), Y0))
    one = LONLAT.transform(place.x, place.y)
    return float(GEOD.inv(np.full(len(lon), one[0]), np.full(len(lon), one[1]), lon, lat)[2].min())


def test_an_outpost_beyond_the_belt_or_of_another_layer_leads_nothing() -> None:
    posts = [outpost("O1", 10_000), outpost("O2", 30_000, -21_000), outpost("O3", 50_000, unit="U-area")]
    plan = made(outpost=posts)
    assert plan.sections["outpost"].tolist() == ["O1"]
    assert len(line_rows(plan, "O2")) == len(line_rows(plan, "O3")) == 0


def test_reach_leaves_a_gap_that_is_listed_with_place_and_size() -> None:
    plan = made(outpost=[outpost("O1", 10_000)])
    gap = [one for one in plan.findings if one.code == "line-gap"]
    assert [(one.table, one.id, one.level) for one in gap] == [("border", None, "error")]
    reach_end = plan.sections["to_m"].item()
    assert reach_end == pytest.approx(km(10_000) + 20_000, abs=0.1)
    assert gap[0].size == pytest.approx(plan.figures.line.length_m - reach_end, abs=1e-6)
    assert plan.figures.line.gap_m == pytest.approx(gap[0].size)
    assert gap[0].geometry.bounds[2] == pytest.approx(X0 + 60_000, abs=0.01)
    # Nearest to a gap is near no section.
    assert len(line_rows(plan, "H2")) == 0


def test_outposts_of_one_chainage_the_smaller_id_leads_the_other_supports() -> None:
    plan = made(outpost=[outpost("O2", 30_000, -500), outpost("O1", 30_000, -900)])
    assert plan.sections["outpost"].tolist() == ["O1"]
    assert line_rows(plan, "O2")[["target", "role"]].to_numpy().tolist() == [["S001", "support"]]


def test_a_plan_wins_and_its_outpost_takes_no_share_of_the_rest() -> None:
    plan = made(section_plan=[planned("P1", 5_000, 25_000, "O2")])
    # O1 stands at about 10 km and O3 at about 50 km: their cells meet near 30 km, and the plan cuts O1's.
    assert [row[1] for row in intervals(plan)] == ["O1", "O2", "O1", "O3"]
    assert plan.sections["from_m"].tolist()[:3] == [0, 5_000, 25_000]
    assert plan.sections["from_m"].tolist()[3] == pytest.approx(km(30_000), abs=0.1)
    leads = plan.assignments.query("layer == 'line' and role == 'lead'")
    assert leads["rule"].tolist().count("section_plan") == 1
    assert len(leads) == len(plan.sections)
    assert plan.figures.line.gap_m == 0


def test_an_outpost_that_leads_elsewhere_supports_nothing() -> None:
    plan = made(section_plan=[planned("P1", 40_000, 60_000, "O1")])
    assert line_rows(plan, "O1")[["target", "role"]].to_numpy().tolist() == [
        [plan.sections["id"].iloc[-1], "lead"]
    ]


def test_overlapping_plan_rows_both_stand_and_are_listed() -> None:
    plan = made(section_plan=[planned("P2", 0, 20_000, "O1"), planned("P1", 15_000, 40_000, "O2")])
    overlap = [one for one in plan.findings if one.code == "line-overlap"]
    assert [(one.table, one.id, one.related, one.size) for one in overlap] == [
        ("section_plan", "P1", ("P2",), 5_000)
    ]
    assert plan.figures.line.overlap_m == 5_000
    kept = plan.sections["to_m"] - plan.sections["from_m"]
    assert kept.sum() == pytest.approx(plan.figures.line.length_m + 5_000, abs=1e-6)


@pytest.mark.parametrize(
    "row",
    [
        planned("P1", 9_000, 9_000, "O2"),
        planned("P1", 9_000, 1_000, "O2"),
        planned("P1", 9_000, 12_000, "nobody"),
        planned("P1", float("inf"), 12_000, "O2"),
        planned("P1", 90_000, 95_000, "O2"),
        {"id": "P1", "from_m": None, "to_m": None, "outpost": None},
    ],
)
def test_a_faulty_plan_row_takes_no_part(row: dict) -> None:
    assert intervals(made(section_plan=[row])) == intervals(made())


def test_a_plan_is_cut_to_the_border() -> None:
    plan = made(section_plan=[planned("P1", 40_000, 99_000, "O3")])
    assert plan.sections["to_m"].iloc[-1] == plan.figures.line.length_m
    assert plan.figures.line.overlap_m == 0


def test_a_planned_outpost_without_a_position_still_leads() -> None:
    posts = [{"id": "O1", "name": "O1", "unit": "U-line"}, outpost("O3", 50_000)]
    plan = made(outpost=posts, section_plan=[planned("P1", 0, 20_000, "O1")])
    row = line_rows(plan, "O1").iloc[0]
    assert np.isnan(row["metres"])
    assert "an unknown number of m" in row["reason"]


def test_a_hole_between_parts_is_not_counted() -> None:
    parts = [
        {"id": "B1", "geometry": line((0, 0), (20_000, 0))},
        {"id": "B2", "geometry": line((25_000, 0), (60_000, 0))},
    ]
    plan = made(border=parts)
    assert plan.figures.line.length_m == pytest.approx(km(60_000) - (km(25_000) - km(20_000)), abs=0.01)
    assert plan.figures.line.gap_m == 0


def test_no_border_is_no_line_layer_and_no_crash() -> None:
    plan = made(border=[])
    assert len(plan.sections) == 0
    assert plan.figures.line.length_m == plan.figures.line.gap_m == 0
    assert not (plan.assignments["layer"] == "line").any()
    assert "there is no usable border: nothing is on the line layer" in plan.notes


def test_ids_sort_as_they_run_west_to_east_past_a_thousand() -> None:
    from gridmap.assign.frames import section_ids

    ids = section_ids(1001).tolist()
    assert ids == sorted(ids)
    assert ids[0] == "S0001"


def test_households_beyond_the_belt_are_not_on_the_line() -> None:
    plan = made(household=[home("H1", 5_000, -25_000, stronghold=True)])
    assert len(line_rows(plan, "H1")) == 0
