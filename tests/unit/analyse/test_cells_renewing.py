"""Codes that stay: a number on a gate or in a contract must not come to mean another place."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from gridmap.analyse.cells import Gacha, Recipe, is_active, renew
from gridmap.errors import ConfigError

CRS = "EPSG:4508"
ONE, TWO = "150223102200", "150223102201"
SQUARES = Recipe("squares", 1000.0, 10, 0.2)
MERGED = Recipe("merged", 1000.0, 10, 0.2)
NO_HOMES = np.empty((0, 2))


def nothing():
    columns = {name: [] for name in ("id", "gacha", "form", "predecessors", "status")}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=CRS))


def two(edge=3_000.0):
    return [Gacha(ONE, box(0, 0, edge, 2_000)), Gacha(TWO, box(edge, 0, 6_000, 2_000))]


def active(rows):
    return rows[is_active(rows["status"])]


def test_codes_are_fifteen_digits_in_reading_order():
    made = renew(two(), SQUARES, NO_HOMES, nothing())
    rows = made.rows
    assert all(re.fullmatch(r"\d{15}", one) for one in rows["id"])
    assert (rows["id"].str[:12] == rows["gacha"]).all()
    first = rows[rows["gacha"] == ONE].sort_values("id")
    assert first["id"].str[12:].tolist() == ["001", "002", "003", "004", "005", "006"]
    corners = [tuple(one.bounds[:2]) for one in first.geometry]
    assert corners == [(0, 1000), (1000, 1000), (2000, 1000), (0, 0), (1000, 0), (2000, 0)]
    assert made.added == tuple(rows["id"])
    assert made.retired == made.kept == ()
    assert rows["predecessors"].isna().all()
    assert set(rows["status"]) == {"active"}


def test_regenerating_without_a_change_touches_no_row():
    before = renew(two(), SQUARES, NO_HOMES, nothing()).rows
    again = renew(two(), SQUARES, NO_HOMES, before)
    assert again.touched == again.added == again.retired == ()
    assert len(again.kept) == 12


def test_an_edit_touches_only_the_changed_cells():
    """A corner of the eastern gacha goes away: one cell of twelve has another code."""
    before = renew(two(), SQUARES, NO_HOMES, nothing()).rows
    cut_off = Polygon([(3_000, 0), (6_000, 0), (6_000, 1_600), (5_600, 2_000), (3_000, 2_000)])
    made = renew([two()[0], Gacha(TWO, cut_off)], SQUARES, NO_HOMES, before)
    assert made.retired == (f"{TWO}003",)
    assert made.added == (f"{TWO}007",)
    assert made.touched == (f"{TWO}003", f"{TWO}007")
    rows = made.rows.set_index("id")
    assert rows.loc[f"{TWO}007", "predecessors"] == f"{TWO}003"
    assert rows.loc[f"{TWO}003", "status"] == "retired"
    assert rows.loc[f"{TWO}003", "geometry"].equals(box(5_000, 1_000, 6_000, 2_000))
    assert len(active(made.rows)) == 12


def test_a_retired_code_does_not_come_back_with_its_shape():
    first = renew(two(), SQUARES, NO_HOMES, nothing())
    moved = renew(two(edge=3_400.0), SQUARES, NO_HOMES, first.rows)
    back = renew(two(), SQUARES, NO_HOMES, moved.rows)
    assert set(back.added).isdisjoint(first.rows["id"])
    assert set(back.added).isdisjoint(moved.rows["id"])
    assert set(moved.rows["id"]) <= set(back.rows["id"])


def test_ground_that_changes_its_gacha_names_the_cell_of_the_other_one():
    first = renew(two(), SQUARES, NO_HOMES, nothing())
    moved = renew(two(edge=3_400.0), SQUARES, NO_HOMES, first.rows)
    rows = moved.rows.set_index("id")
    over = [code for code in moved.added if code.startswith(ONE)]
    assert any(TWO in rows.loc[code, "predecessors"] for code in over)
    for code in moved.added:
        named = rows.loc[code, "predecessors"].split(",")
        assert named == sorted(named)
        assert set(named) <= set(moved.retired)


def test_vertex_order_and_a_millimetre_do_not_change_a_cell():
    before = renew(two(), SQUARES, NO_HOMES, nothing()).rows
    turned = [Gacha(one.code, one.shape.reverse()) for one in two()]
    assert renew(turned, SQUARES, NO_HOMES, before).touched == ()
    nudged = [Gacha(ONE, box(0.0004, 0, 3_000, 2_000)), two()[1]]
    made = renew(nudged, SQUARES, NO_HOMES, before)
    assert made.added == made.retired == ()


def test_the_order_of_rows_gachas_and_homes_does_not_matter():
    rng = np.random.default_rng(1)
    homes = rng.random((90, 2)) * [6_000, 2_000]
    before = renew(two(), MERGED, homes, nothing()).rows
    fewer = homes[:55]
    one = renew(two(), MERGED, fewer, before)
    other = renew(two()[::-1], MERGED, fewer[::-1], before.iloc[::-1])
    assert one.rows.drop(columns="geometry").equals(other.rows.drop(columns="geometry"))
    assert one.rows.geometry.to_wkb().tolist() == other.rows.geometry.to_wkb().tolist()
    assert one.touched == other.touched


def test_a_home_that_moves_within_its_cell_changes_nothing_and_no_other_gacha():
    rng = np.random.default_rng(2)
    homes = rng.random((90, 2)) * [6_000, 2_000]
    before = renew(two(), MERGED, homes, nothing()).rows
    emptied = homes[~((homes[:, 0] < 1_000) & (np.arange(90) % 3 > 0))]
    made = renew(two(), MERGED, emptied, before)
    assert all(code.startswith(ONE) for code in made.touched)


def test_another_size_or_target_makes_the_grid_anew():
    rng = np.random.default_rng(3)
    homes = rng.random((90, 2)) * [6_000, 2_000]
    before = renew(two(), MERGED, homes, nothing()).rows
    finer = renew(two(), Recipe("merged", 1000.0, 5, 0.2), homes, before)
    assert len(active(finer.rows)) > len(active(before))


def test_a_gacha_that_is_gone_leaves_its_codes_retired():
    before = renew(two(), SQUARES, NO_HOMES, nothing()).rows
    made = renew(two()[:1], SQUARES, NO_HOMES, before)
    assert len(made.retired) == 6
    assert all(code.startswith(TWO) for code in made.retired)


def test_codes_run_out_with_an_error_not_a_sixteenth_digit():
    full = renew([Gacha(ONE, box(0, 0, 2_000, 1_000))], SQUARES, NO_HOMES, nothing()).rows
    full.loc[0, "id"] = f"{ONE}998"
    with pytest.raises(ConfigError) as refused:
        renew([Gacha(ONE, box(0, 500, 2_000, 2_500))], SQUARES, NO_HOMES, full)
    assert refused.value.code == "GM103"
    assert "998 codes used already" in refused.value.what


def test_cells_that_somebody_imported_give_way():
    """Rows whose ids are no codes of the grid would lie over it for ever."""
    foreign = renew(two(), SQUARES, NO_HOMES, nothing()).rows
    foreign["id"] = [f"C{at}" for at in range(12)]
    made = renew(two(), SQUARES, NO_HOMES, foreign)
    assert len(made.retired) == 12
    assert all(one.startswith("C") for one in made.retired)
    assert shapely.coverage_is_valid(active(made.rows).geometry.to_numpy())
