"""Which unit a home lies in, and what of that is remembered."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import shapely
from small_country import CODE, SIDE, X0, Y0, admin, places, square

from gridmap.config import default_spec
from gridmap.privacy.partition_units import Units, units_of

SPEC = default_spec(CODE)


def codes(units, xy):
    return [units.lines[unit][-1].code if unit >= 0 else "" for unit in units.locate(np.array(xy))]


def test_a_home_lies_in_its_gacha_else_in_its_township_else_nowhere():
    units = units_of(admin(), SPEC)
    xy = [(X0 + 500, Y0 + 500), (X0 + 59_500, Y0 + 500), (X0 - 5, Y0 + 500), (np.nan, np.nan)]
    assert codes(units, xy) == ["A1", "C", "", ""]


def test_a_home_on_an_edge_lies_in_the_unit_of_the_smaller_code():
    """Two runs must not put it into two areas."""
    edge = [(X0 + SIDE, Y0 + 500)]
    assert codes(units_of(admin(), SPEC), edge) == ["A1"]
    assert codes(units_of(admin().iloc[::-1], SPEC), edge) == ["A1"]


def test_a_unit_knows_the_township_it_lies_in():
    units = units_of(admin(), SPEC)
    lines = {line[-1].code: [place.code for place in line] for line in units.lines}
    assert lines["B2"] == ["B", "B2"]
    assert lines["C"] == ["C"]
    first = next(n for n, line in enumerate(units.lines) if line[-1].code == "B2")
    assert units.place_at(first, "township").name == "苏木B"
    assert units.place_at(first, "gacha").name == "嘎查B2"
    assert units.place_at(first, "no_such_level").name == "嘎查B2"


def test_two_rows_of_one_code_are_one_unit():
    rows = admin(A1=shapely.box(X0, Y0, X0 + 4_000, Y0 + SIDE))
    other = rows[rows["code"] == "A1"].copy()
    other["id"] = "A1-bis"
    other.geometry = [shapely.box(X0 + 4_000, Y0, X0 + SIDE, Y0 + SIDE)]
    units = units_of(pd.concat([rows, other], ignore_index=True), SPEC)
    assert len(units) == len(rows)
    assert codes(units, [(X0 + 6_000, Y0 + 5)]) == ["A1"]


def test_rows_without_a_polygon_or_of_no_level_are_no_units():
    rows = admin()
    rows.loc[0, "level"] = "province"
    rows.loc[1, "geometry"] = None
    assert len(units_of(rows, SPEC)) == len(rows) - 2
    assert len(units_of(rows.iloc[:0], SPEC)) == 0


def test_a_sliver_beside_the_gachas_is_no_ground_of_the_township():
    """Else areas have threads of ground all around the township they lie in."""
    rows = admin(A=shapely.box(X0 - 20, Y0 - 20, X0 + 3 * SIDE + 20, Y0 + SIDE + 20))
    units = units_of(rows, SPEC)
    ground = dict(zip([line[-1].code for line in units.lines], units.territories(), strict=True))
    assert ground["A"].is_empty
    assert ground["C"].area == pytest.approx(1_000.0 * SIDE)
    assert codes(units, [(X0 - 10, Y0 + 5)]) == ["A"]


def test_boundaries_stay_as_they_were_and_names_do_not():
    units = units_of(admin(), SPEC)
    moved = admin(A1=square(0, SIDE + 2_000.0))
    moved.loc[moved["code"] == "A1", "name"] = "新名"
    grown = units.grown(units_of(moved, SPEC))
    assert shapely.equals_exact(grown.shapes, units.shapes).all()
    assert [line[-1].name for line in grown.lines if line[-1].code == "A1"] == ["新名"]


def test_new_ground_of_a_known_unit_is_its_ground_and_that_of_a_new_one_a_new_unit():
    units = units_of(admin(), SPEC)
    larger = admin(A1=shapely.box(X0 - 3_000, Y0, X0 + SIDE, Y0 + SIDE), D=square(6), D1=square(6))
    grown = units.grown(units_of(larger, SPEC))
    assert codes(grown, [(X0 - 1_000, Y0 + 5), (X0 + 65_000, Y0 + 5)]) == ["A1", "D1"]
    assert [place.code for place in grown.lines[-1]] == ["D", "D1"]
    assert len(grown) == len(units) + 1


def test_units_come_back_from_plain_data():
    units = units_of(admin(), SPEC)
    again = Units.from_plain(json.loads(json.dumps(units.to_plain())))
    assert (again.levels, again.lines) == (units.levels, units.lines)
    assert shapely.equals_exact(again.shapes, units.shapes).all()
    assert np.array_equal(again.locate(places(A1=9, rest=3)), units.locate(places(A1=9, rest=3)))
