"""Coverage and cells on data as they come: outlines beside the border, odd persons, rows without a place."""

from __future__ import annotations

import numpy as np
import pytest
import steppe
from shapely import box as rectangle
from steppe import home, line, outpost

import gridmap as gm
from gridmap import geo, project
from gridmap.analyse.alongside import NEAR_M, share_border
from gridmap.config import default_spec
from gridmap.errors import ConfigError

LEVELS = ("township", "zone", "cell", "gacha")


def spec_with(kind, change):
    """Return the default settings with the columns of a kind changed."""
    spec = default_spec(steppe.CODE)
    columns = change(dict(spec.kinds[kind].columns))
    kinds = {**spec.kinds, kind: spec.kinds[kind].model_copy(update={"columns": columns})}
    return spec.model_copy(update={"kinds": kinds})


def tiled(north=0.0):
    """Return a steppe whose townships, gachas, zones and cells end `north` metres off the border."""
    rows = steppe.steppe()
    ends = [(0, 20_000), (20_000, 45_000), (45_000, 60_000)]
    shapes = [steppe.box(west, -30_000, east, north) for west, east in ends]
    rows["patrol_zone"] = [steppe.zone(f"Z{n}", shape) for n, shape in enumerate(shapes, 1)]
    rows["admin"] = [steppe.township(f"15000000{n}", shape) for n, shape in enumerate(shapes, 1)]
    codes = [f"15000000{n}001" for n in (1, 2, 3)]
    rows["admin"] += [
        {"id": code, "code": code, "name": code, "level": "gacha", "geometry": shape}
        for code, shape in zip(codes, shapes, strict=True)
    ]
    rows["cell"] = [
        {"id": f"{code}001", "gacha": code, "geometry": shape}
        for code, shape in zip(codes, shapes, strict=True)
    ]
    return rows


def plan_of(rows, spec=None):
    used = spec or default_spec(steppe.CODE)
    return gm.memory(steppe.built(rows, used), spec=used).plan()


@pytest.mark.parametrize("north", [-0.3, -30.0, -400.0, 250.0])
def test_the_border_is_that_of_who_lies_along_it_also_where_the_drawings_differ(north):
    """Border and districts are digitised apart, as a rule: 0 m of border for all would be no figure."""
    found = plan_of(tiled(north)).coverage(reach_m=9_000)
    for what in LEVELS:
        table = found.by(what)
        assert table["line_m"].tolist() == pytest.approx([20_000, 25_000, 15_000], abs=15), what
        assert table["line_m"].sum() == pytest.approx(found.line.total_m, abs=0.001)
        assert table["line_covered_m"].sum() == pytest.approx(found.line.covered_m, abs=0.001)
        assert (table["line_covered_m"] > 10_000).all()


def test_a_border_too_far_off_is_nobodys():
    found = plan_of(tiled(-NEAR_M - 1.0)).coverage(reach_m=9_000)
    table = found.by("township")
    assert table["line_m"].tolist() == [0, 0, 0, pytest.approx(found.line.total_m, abs=0.001)]
    assert table["id"].isna().tolist() == [False, False, False, True]


def test_a_district_that_ends_at_the_border_claims_nothing_beyond_its_end():
    rows = tiled()
    rows["patrol_zone"] = [
        steppe.zone("Z1", steppe.box(0, -30_000, 20_000, 0)),
        steppe.zone("Z2", steppe.box(20_900, -30_000, 40_000, 0)),
    ]
    table = plan_of(rows).coverage().by("zone")
    half = geo.geodesic_length(np.array([line((0, 0), (20_000, 0))], dtype=object), steppe.CODE)[0]
    assert table["line_m"].iloc[0] == pytest.approx(half, abs=0.003)
    assert table["line_m"].iloc[-1] == pytest.approx(20_900, abs=10)


def test_cells_and_coverage_share_out_the_border_alike():
    """Two figures for one thing would be one too many; walked by the metre, both are right."""
    rows = tiled(-350.0)
    plan = plan_of(rows)
    listed, counted = plan.cells()["border_m"], plan.coverage().by("cell")["line_m"]
    assert listed.tolist() == pytest.approx(counted.tolist(), abs=0.002)


def test_a_crossing_between_corners_is_found_and_no_metre_is_shared_twice():
    """A zone's edge crosses the border far from any corner of the zone."""
    rows = steppe.steppe()
    border = plan_of(rows).made.border
    west = rectangle(steppe.X0 - 5_000, steppe.Y0 - 9_000, steppe.X0 + 12_345.678, steppe.Y0 + 7_000)
    east = rectangle(steppe.X0 + 9_000, steppe.Y0 - 9_000, steppe.X0 + 70_000, steppe.Y0 + 7_000)
    shapes = np.array([west, east], dtype=object)
    shared = share_border(border, shapes)
    assert (shared.start[1:] == shared.stop[:-1]).all()
    at = border.locate(np.array([[steppe.X0 + 12_345.678, steppe.Y0]])).chainage_m[0]
    first = shared.spans(2)[0]
    assert first.tolist() == [[0.0, pytest.approx(at, abs=0.003)]]
    turned = share_border(border, shapes[::-1]).spans(2)
    assert turned[0][0, 0] == pytest.approx(border.locate(np.array([[steppe.X0 + 9_000, steppe.Y0]]))
                                            .chainage_m[0], abs=0.003)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "values", "total", "odd"),
    [
        ("real", [2.0, 3.0, 2.5, None], 5, 1),
        ("real", [0.9, 0.9, 0.9, 1.0], 1, 3),
        ("text", ["3", "four", "", None], 0, 3),
        ("integer", [2, 3, -1, None], 5, 1),
    ],
)
def test_persons_are_whole_numbers_or_unknown_and_that_is_said(kind, values, total, odd):
    def change(columns):
        column = columns["persons"].model_copy(
            update={"type": kind, "required": False, "min": None, "max": None}
        )
        return {**columns, "persons": column}

    rows = tiled()
    rows["household"] = [
        home(f"H{n}", 3_000 + 1_000 * n, -5_000, stronghold=not n, persons=one)
        for n, one in enumerate(values)
    ]
    plan = plan_of(rows, spec_with("household", change))
    found = plan.coverage(reach_m=20_000)
    assert found.point.persons == found.point.persons_covered == total
    assert found.by("cell")["persons"].sum() == total
    assert plan.cells()["persons"].sum() == total
    for notes in (found.notes, project.cell_at(plan, "H0").notes):
        [note] = [one for one in notes if "persons" in one]
        assert f"of {odd} household" in note


def test_whole_persons_need_no_note():
    plan = plan_of(tiled())
    assert not [one for one in plan.coverage().notes if "persons" in one]


def test_units_without_a_name_have_their_figures_all_the_same():
    whole = plan_of(tiled()).coverage().by("unit")
    spec = spec_with("unit", lambda columns: {"layer": columns["layer"]})
    bare = plan_of(tiled(), spec).coverage().by("unit")
    assert bare.equals(whole.drop(columns="name"))
    hidden = spec_with(
        "unit", lambda columns: {**columns, "name": columns["name"].model_copy(update={"private": True})}
    )
    assert "name" not in plan_of(tiled(), hidden).coverage().by("unit").columns


def test_a_cell_without_an_outline_is_left_out_and_said():
    rows = tiled()
    rows["cell"].append({"id": "150000001001002", "gacha": "150000001001", "geometry": None})
    plan = plan_of(rows)
    assert plan.cells()["id"].tolist() == [f"15000000{n}001001" for n in (1, 2, 3)]
    [note] = [one for one in project.cell_at(plan, "H1").notes if "outline" in one]
    assert note.startswith("1 cell ")


def test_keepers_without_a_position_are_keepers_and_a_single_name_is_a_name():
    rows = tiled()
    rows["outpost"].append({**outpost("O9", 1.0), "geometry": None})
    rows["household"].append({**home("H9", 1.0, 1.0, stronghold=True), "geometry": None})
    plan = plan_of(rows)
    whole = plan.coverage(reach_m=9_000)
    without = plan.coverage(reach_m=9_000, without=["outpost:O9", "household:H9", "H9"])
    assert without.to_json() == whole.to_json()
    one = plan.coverage(reach_m=9_000, without="outpost:O1")
    assert one.to_json() == plan.coverage(reach_m=9_000, without=["outpost:O1"]).to_json()
    assert one.line.covered_m < whole.line.covered_m
    with pytest.raises(ConfigError, match="no such keeper: H3"):
        plan.coverage(without=["H3"])
