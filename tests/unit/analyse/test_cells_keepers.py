"""The keepers and figures of cells, against other ways to find them; and the grid of a whole area."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

import gridmap as gm
from gridmap import geo, project
from gridmap.analyse import cells
from gridmap.config.load import default_spec, parse_spec, template_text
from gridmap.errors import AssignmentError, ConfigError, StoreLocked

BELT = 20_000.0


@pytest.fixture(scope="module")
def area():
    made = gm.demo(households=200)
    project.make_grid(made).save()
    return made


@pytest.fixture(scope="module")
def plan(area):
    return area.assign()


@pytest.fixture(scope="module")
def table(plan):
    return project.cell_table(plan)


@pytest.fixture
def fresh(area):
    """The same area without its grid, to change."""
    frames = {kind: frame for kind, frame in area.frames().items() if kind != "cell"}
    return gm.memory(frames, spec=area.spec)


def outlines(table):
    return table[["id", "geometry"]].rename(columns={"id": "cell"})


def test_sums_over_cells_are_the_totals(area, plan, table):
    homes = area.table("household")
    assert table["households"].sum() == len(homes)
    assert table["persons"].sum() == homes["persons"].sum()
    assert table["strongholds"].sum() == homes["stronghold"].sum()
    assert table["border_m"].sum() == pytest.approx(plan.made.border.length_m, abs=0.001)
    assert table["km2"].sum() == pytest.approx(plan.figures.area.area_m2 / 1e6, rel=1e-9)


def test_every_cell_has_its_gacha_and_township(area, table):
    admin = area.table("admin").set_index("code")
    assert set(table["gacha"]) <= set(admin.index)
    assert set(table["township"]) <= set(admin.index)
    assert (table["gacha_name"] == table["gacha"].map(admin["name"])).all()
    inner = table.geometry.representative_point()
    within = gpd.sjoin(gpd.GeoDataFrame(table[["gacha"]], geometry=inner), admin[["level", "geometry"]])
    assert (within[within["level"] == "gacha"]["code"] == table["gacha"]).all()


def test_border_metres_agree_with_walking_along_it(plan, table):
    """A step every ten metres, each counted for the nearest cell."""
    border = plan.made.border
    chainage = np.arange(5.0, border.length_m, 10.0)
    steps = gpd.GeoDataFrame(
        {"m": chainage}, geometry=gpd.points_from_xy(*border.place(chainage).T), crs=table.crs
    )
    near = gpd.sjoin_nearest(steps, outlines(table)).sort_values(["m", "cell"]).drop_duplicates("m")
    walked = near.groupby("cell").size().reindex(table["id"], fill_value=0) * 10.0
    assert np.abs(walked.to_numpy() - table["border_m"]).max() <= 25.0
    sections = plan.sections
    near["section"] = sections["id"].to_numpy()[np.searchsorted(sections["to_m"], near["m"])]
    runs = near.pivot_table(index="cell", columns="section", aggfunc="size", fill_value=0)
    by_id = table.set_index("id")
    ordered = np.sort(runs.to_numpy(), axis=1)
    for cell in runs.index[(ordered[:, -1] - ordered[:, -2]) > 5]:
        assert by_id.loc[cell, "line"] == runs.loc[cell].idxmax()
    assert by_id.loc[runs.index, "line"].notna().all()


def test_a_cell_away_from_the_border_has_the_section_nearest_to_it(plan, table):
    away = table[(table["border_m"] == 0) & table["line"].notna()]
    assert len(away) > 10
    lines = plan.sections.set_index("id").geometry
    for _, row in away.iterrows():
        apart = lines.distance(row.geometry)
        assert apart[row["line"]] == pytest.approx(apart.min(), abs=0.01)
        assert row["line_away_m"] == pytest.approx(apart.min(), rel=1e-3)
    none = table[table["line"].isna()]
    whole = shapely.union_all(lines.to_numpy())
    assert (shapely.distance(none.geometry.to_numpy(), whole) > BELT * 0.999).all()
    assert (away["line_away_m"] <= BELT).all()


def test_the_zone_is_the_one_with_the_largest_share(plan, table):
    parts = gpd.overlay(outlines(table), plan.zones[["id", "unit", "geometry"]], keep_geom_type=True)
    parts["m2"] = parts.geometry.area
    most = parts.sort_values("m2").groupby("cell").last()
    by_id = table.set_index("id")
    assert (by_id.loc[most.index, "area"] == most["id"]).all()
    assert (by_id.loc[most.index, "area_unit"] == most["unit"]).all()
    assert np.allclose(
        by_id.loc[most.index, "area_share"], most["m2"] / by_id.loc[most.index].geometry.area, atol=1e-4
    )
    split = table[table["area_also"].notna()]
    assert (split["area_share"] < 1).all()
    assert len(split)


def test_the_stronghold_is_the_one_that_leads_most_homes(area, plan, table):
    made = plan.assignments
    lead = made[(made["layer"] == "point") & (made["kind"] == "household") & (made["role"] == "lead")]
    homes = area.table("household")[["id", "geometry"]].merge(lead, left_on="id", right_on="feature")
    placed = gpd.sjoin(homes, outlines(table))
    counts = placed.groupby(["cell", "target"]).size().reset_index(name="homes")
    best = counts.sort_values(["homes", "target"], ascending=[False, True]).groupby("cell").first()
    by_id = table.set_index("id")
    assert (by_id.loc[best.index, "point"] == best["target"]).all()
    assert (by_id.loc[best.index, "point_homes"] == best["homes"]).all()
    empty = table[(table["households"] == 0) & table["point"].notna()]
    assert len(empty)
    inner = geo.point_xy(empty.geometry.representative_point())
    strongholds = plan.strongholds.sort_values("id").reset_index(drop=True)
    near = geo.nearest(
        inner, strongholds["id"].to_numpy(dtype=object), geo.point_xy(strongholds.geometry), table.crs
    )
    assert (strongholds["id"].to_numpy()[near.index] == empty["point"]).all()
    assert (near.metres <= 15_000).all()


def test_a_gap_has_no_section_and_the_last_metre_has_one():
    ids = np.array(["S001", "S002"], dtype=object)
    sections = cells.Sections(ids, np.array([0.0, 500.0]), np.array([300.0, 900.0]))
    assert sections.at(np.array([0.0, 299.9, 300.0, 500.0, 900.0]), 900.0).tolist() == [0, 0, -1, 1, 1]


def test_no_border_no_zone_and_no_stronghold_leave_cells_without_keepers():
    shapes = np.array([box(0, 0, 1, 1)], dtype=object)
    line, metres = cells.line_keepers(
        shapes, None, cells.Sections(*(np.empty(0),) * 3), belt_m=1.0, crs="EPSG:4508"
    )
    assert line.lead.tolist() == [-1]
    assert metres.tolist() == [0.0]
    none = np.empty(0, dtype=object)
    assert cells.area_keepers(shapes, none, sliver_m2=1.0, crs="EPSG:4508").lead.tolist() == [-1]
    empty = np.empty(0, dtype=np.int64)
    point = cells.point_keepers(empty, empty, np.array([-1]), np.array([False]), count=1)
    assert point.lead.tolist() == [-1]


def test_equal_claims_go_to_the_smaller_id():
    shapes = np.array([box(400_000, 4_700_000, 402_000, 4_701_000)], dtype=object)
    halves = np.array(
        [box(400_000, 4_700_000, 401_000, 4_701_000), box(401_000, 4_700_000, 402_000, 4_701_000)]
    )
    homes, leads = np.array([0, 0, 0, 0]), np.array([3, 1, 1, 3])
    assert cells.point_keepers(homes, leads, np.array([0]), np.array([True]), count=1).lead.tolist() == [1]
    whole = np.array([shapes[0], shapes[0]], dtype=object)
    assert cells.area_keepers(shapes, whole, sliver_m2=1.0, crs="EPSG:4508").lead.tolist() == [0]
    kept = cells.area_keepers(shapes, halves, sliver_m2=1.0, crs="EPSG:4508")
    assert kept.amount[0] == pytest.approx(0.5, abs=1e-4)
    assert kept.also == [(1,)] if kept.lead[0] == 0 else [(0,)]


def test_the_grid_is_stored_in_one_action_and_taken_back_whole(fresh):
    empty = fresh.store.revision()
    made = project.make_grid(fresh, form="merged", households=20)
    assert "merged 5000 m, 20 households" in repr(made)
    assert len(fresh.table("cell")) == 0
    stored = made.save()
    assert stored == fresh.store.revision() != empty
    assert len(fresh.table("cell")) == len(made.cells)
    again = project.make_grid(fresh, form="merged", households=20)
    assert again.changes.touched == ()
    assert again.save() == stored
    assert not fresh.check().has_errors
    fresh.undo()
    assert fresh.store.revision() == empty


def test_a_grid_of_data_that_have_changed_since_is_not_stored(fresh):
    made = project.make_grid(fresh)
    fresh.edit("household", fresh.table("household")["id"].iloc[0], persons=3)
    with pytest.raises(StoreLocked):
        made.save()


def test_after_an_edit_of_one_gacha_the_other_codes_stand(fresh):
    project.make_grid(fresh).save()
    before = fresh.table("cell").set_index("id")
    admin = fresh.table("admin").set_index("id")
    code = admin[admin["level"] == "gacha"].index[-1]
    shape = admin.loc[code, "geometry"]
    west, south, _, north = shape.bounds
    fresh.edit("admin", code, geometry=shape.difference(box(west, south, west + 3_000, north)))
    made = project.make_grid(fresh)
    assert made.changes.retired
    assert {one[:12] for one in (*made.changes.added, *made.changes.retired)} == {code}
    made.save()
    after = fresh.table("cell").set_index("id")
    others = [one for one in before.index if one[:12] != code]
    assert before.loc[others].geometry.geom_equals_exact(after.loc[others].geometry, 0.0).all()
    assert set(before.index) <= set(after.index)


def test_retired_cells_of_a_gacha_with_another_code_are_no_fault(fresh):
    """Nobody could mend it: their rows must stay, or their codes would be used again."""
    project.make_grid(fresh).save()
    admin = fresh.table("admin")
    old = admin[admin["level"] == "gacha"]["id"].iloc[-1]
    fresh.edit("admin", old, code="150223214999")
    project.make_grid(fresh).save()
    rows = fresh.table("cell")
    assert (rows["gacha"] == old).sum() == (rows["gacha"] == "150223214999").sum() > 0
    assert not [one for one in fresh.check() if one.table == "cell"]
    fresh.edit("cell", rows["id"].iloc[0], gacha="150223214111")
    assert [(one.code, one.id) for one in fresh.check() if one.table == "cell"] == [
        ("reference-dangling", rows["id"].iloc[0])
    ]


def test_places_are_found_by_cell_code_and_by_beidou_code(plan, table):
    row = table.iloc[7]
    there = project.cell_at(plan, row["id"])
    assert there.cell["id"] == row["id"]
    again = project.cell_at(plan, there.beidou)
    assert again.cell["id"] == row["id"]
    assert again.beidou == there.beidou
    assert plan.who(there.beidou).area == plan.who(row["id"]).area
    typed = project.cell_at(plan, 110.3, 42.3)
    assert typed.beidou == geo.beidou.encode("110.3", "42.3")
    written = project.cell_at(plan, "42°20'00\"N 110°20'00\"E")
    assert written.beidou == "N49K445500000" + "0" * 7
    outside = project.cell_at(plan, 100.0, 30.0)
    assert outside.cell is None
    assert "no cell here" in outside.notes[-1]
    with pytest.raises(ConfigError, match="character 7"):
        plan.who("N49K44900")


def test_projects_that_cannot_have_a_grid_say_why(fresh):
    bare = template_text(name_en="a", name_zh="b", crs="EPSG:4508", synthetic=True, source="")
    start, stop = bare.index("[kinds.cell]"), bare.index("[kinds.section_plan]")
    old = (bare[:start] + bare[stop:]).replace(
        'cell = ["id", "gacha", "form", "predecessors", "status"]\n', ""
    )
    with pytest.raises(ConfigError) as refused:
        project.make_grid(gm.memory({}, spec=parse_spec(old, where="test")))
    assert refused.value.code == "GM105"
    assert "[kinds.cell]" in refused.value.fix
    with pytest.raises(AssignmentError) as nothing:
        project.make_grid(gm.memory({}, spec=default_spec()))
    assert nothing.value.code == "GM502"
    for wrong in ({"form": "hexagons"}, {"size_m": 1.0}, {"households": 0}):
        with pytest.raises(ConfigError) as bad:
            project.make_grid(fresh, **wrong)
        assert bad.value.code == "GM106"
    admin = fresh.table("admin")
    gacha = admin[admin["level"] == "gacha"].iloc[:1]
    fresh.edit("admin", gacha["id"].iloc[0], code="50027")
    with pytest.raises(ConfigError) as other:
        project.make_grid(fresh)
    assert other.value.code == "GM103"
    assert "50027" in other.value.where


def test_the_table_is_plain_and_repeats_itself(plan, table):
    again = plan.cells()
    pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(again))
    assert table["id"].is_monotonic_increasing
    assert table.crs.to_epsg() == 4508
