"""In a page homes stand in spatial order: every part of the page must mean the same row by a number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import synthetic_view
from shapely import Point
from test_render_joins import rows_of
from test_render_pack import cells_of

from gridmap.render import compose
from gridmap.render.codec import unpack_ints
from gridmap.render.joins import joins
from gridmap.render.sheet import Sheet

MANY = 900


@pytest.fixture(scope="module")
def held():
    tables = synthetic_view.tables(MANY)
    tables["findings"] = pd.DataFrame(
        {
            "code": synthetic_view.text(["coordinates-swapped"] * 2),
            "table": synthetic_view.text(["household"] * 2),
            "id": synthetic_view.text(["H000003", "H000571"]),
        }
    )
    return tables


@pytest.fixture(scope="module")
def scene(held):
    return compose(synthetic_view.view(held), synthetic_view.spec())


def page_ids(scene, table):
    found = next(one for one in scene.tables if one.name == table)
    return cells_of(found.ids, found.rows)


def test_the_view_keeps_its_order(held):
    view = synthetic_view.view(held)
    before = {name: one.frame.copy() for name, one in view.tables.items()}
    compose(view, synthetic_view.spec())
    for name, frame in before.items():
        pd.testing.assert_frame_equal(pd.DataFrame(view.tables[name].frame), pd.DataFrame(frame))


def test_homes_are_moved_and_small_tables_are_not(scene, held):
    ids = page_ids(scene, "household")
    assert ids != held["household"]["id"].tolist()
    assert sorted(ids) == held["household"]["id"].tolist()
    assert ids[-1] == f"H{MANY - 1:06d}", "a home without a place comes last"
    for table in ("outpost", "patrol_zone", "landmark"):
        assert page_ids(scene, table) == held[table]["id"].tolist()


def test_places_columns_codes_and_homes_that_take_no_part_stay_with_their_ids(scene, held):
    home = held["household"].set_index("id")
    table = next(one for one in scene.tables if one.name == "household")
    ids = page_ids(scene, "household")
    x, y = unpack_ints(table.geometry.x), unpack_ints(table.geometry.y)
    columns = {one.name: cells_of(one, table.rows) for one in table.columns}
    drawing = next(one for one in scene.drawings if one.name == "strongholds")
    codes = unpack_ints(drawing.codes)
    for row, one in enumerate(ids[:-1]):
        place = home.loc[one].geometry
        assert (x[row], y[row]) == (round(place.x * 1e5), round(place.y * 1e5))
        assert columns["persons"][row] == home.loc[one, "persons"]
        assert codes[row] == (0 if home.loc[one, "stronghold"] else 1)
    assert {ids[row] for row in scene.answering.misplaced} == {"H000003", "H000571"}


def test_assignments_stay_with_their_homes(held):
    sheet = Sheet.ordered(synthetic_view.view(held), synthetic_view.spec())
    page = {name: one.frame for name, one in sheet.view.tables.items()}
    frame = held["assignments"]
    wanted = {
        (r.kind, r.feature, r.layer, r.target, r.unit, r.role, r.rule, round(r.metres))
        for r in frame.itertuples()
    }
    assert rows_of(joins(sheet), page) == wanted


def test_homes_at_one_place_keep_their_order():
    tables = synthetic_view.tables(MANY)
    home = tables["household"]
    home["geometry"] = [Point(110.1, 42.1)] * MANY
    ids = page_ids(compose(synthetic_view.view(tables), synthetic_view.spec()), "household")
    assert ids == home["id"].tolist()


def test_bounds_do_not_depend_on_the_order(held):
    view = synthetic_view.view({"household": held["household"]})
    sheet, plain = Sheet.ordered(view, synthetic_view.spec()), Sheet(view, synthetic_view.spec())
    ordered, given = sheet.boxes("household"), plain.boxes("household")
    given = given[np.isfinite(given).all(axis=1)]
    assert ordered.min(axis=0).tolist() == given.min(axis=0).tolist()
    assert ordered.max(axis=0).tolist() == given.max(axis=0).tolist()
