"""Grid cells on the map: a retired code that is still drawn sends somebody to a cell that is no more."""

from __future__ import annotations

import geopandas as gpd
import synthetic_view
from shapely import box

from gridmap.render import compose
from gridmap.render.codec import unpack_ints
from gridmap.render.overlays import cells
from gridmap.render.sheet import Sheet

SPEC = synthetic_view.spec()
CODES = ["150223102201001", "150223102201002", "150223102201003"]


def held(status=("active", "retired", "active")):
    text = synthetic_view.text
    shapes = [box(110.0 + at / 10, 42.0, 110.1 + at / 10, 42.1) for at in range(3)]
    columns = {"id": text(CODES), "gacha": text(["150223102201"] * 3)}
    if status is not None:
        columns["status"] = text(list(status))
    frame = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs="EPSG:4490"))
    return {**synthetic_view.tables(), "cell": frame}


def drawn(tables, **more):
    return cells.draw(Sheet(synthetic_view.view(tables, **more), SPEC))


def test_a_retired_cell_is_neither_drawn_nor_named_nor_counted():
    (drawing,) = drawn(held())
    assert drawing.name == "cells"
    assert drawing.group == "area"
    (case,) = drawing.cases
    assert case.rows == 2
    assert unpack_ints(drawing.codes).tolist() == [0, 1, 0]
    assert drawing.labels[0].texts == ("001", "", "003")
    assert (case.title.en, case.title.zh) == ("Grid cells in use", "现行网格")


def test_a_cell_without_a_status_is_in_use():
    (drawing,) = drawn(held((None, "retired", "active")))
    assert unpack_ints(drawing.codes).tolist() == [0, 1, 0]


def test_nothing_is_drawn_where_no_cell_is_in_use_or_nobody_says_which():
    assert drawn(synthetic_view.tables()) == ()
    assert drawn(held(("retired",) * 3)) == ()
    # A view without the column could not tell a retired cell from one in use.
    assert drawn(held(None)) == ()


def test_ids_that_are_new_are_no_serials():
    """An audience with new ids sees the outlines; the last characters of such an id name nothing."""
    (drawing,) = drawn(held(), audience="partner")
    assert drawing.labels == ()


def test_a_new_project_draws_cells_over_the_zones_and_under_the_homes():
    names = [one.name for one in compose(synthetic_view.view(held()), SPEC).drawings]
    assert names.index("zones") < names.index("cells") < names.index("border")
