"""What the page answers with: enough to measure on, and nothing that the view does not hold."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import synthetic_view

from gridmap.model import View
from gridmap.model.answer import NOTES
from gridmap.model.redacted import Redacted
from gridmap.model.view import seal
from gridmap.render import compose
from gridmap.render.answering import answering, holding, seen_border, seen_shapes, stated_length
from gridmap.render.codec import unpack_ints

BOX = (109.9, 41.9, 110.8, 42.6)
LENGTH = {"figures": {"layers": {"line": {"length_m": 60_000.5}}}}


@pytest.fixture(scope="module")
def spec():
    return synthetic_view.spec()


def made(held, spec, **more):
    return answering(synthetic_view.view(held, **more), spec, bounds=BOX)


def places(path):
    return np.column_stack([unpack_ints(path.x), unpack_ints(path.y)]) / 10.0**path.decimals


def test_the_course_is_the_border_s_own_vertices(spec):
    held = synthetic_view.tables()
    [part] = made(held, spec).course
    assert places(part) == pytest.approx(shapely.get_coordinates(held["border"].geometry.iloc[0]), abs=1e-12)


def test_the_course_runs_with_the_chainage_however_the_line_is_drawn(spec):
    held = synthetic_view.tables()
    held["border"].geometry = shapely.reverse(held["border"].geometry.to_numpy())
    [part] = made(held, spec).course
    assert places(part)[0].tolist() == [110.0, 42.45]


def test_what_the_public_does_not_see_is_not_in_it(spec):
    view = synthetic_view.redacted_view(synthetic_view.public_tables(), "public", decimals=3)
    found = answering(view, spec, bounds=BOX)
    assert (found.course, found.length_m, found.belt_m, found.reach_m) == ((), 0.0, 0.0, 0.0)
    assert found.held["border"] == found.held["line"] == "none"
    assert found.held["point"] == "derived"
    assert found.step_m == 100.0


def test_the_stated_length_is_taken_only_with_the_border(spec):
    held = synthetic_view.tables()
    view = synthetic_view.view(held, **LENGTH)
    assert stated_length(view) == 60_000.5
    assert seen_border(view, spec).length_m == pytest.approx(60_000.5, abs=1e-6)
    del held["border"]
    assert made(held, spec, **LENGTH).length_m == 0.0


@pytest.mark.parametrize(
    ("table", "column", "what"),
    [
        ("household", "stronghold", "point"),
        ("sections", "from_m", "line"),
        ("admin", "level", "admin"),
        ("patrol_zone", "geometry", "area"),
        ("unit", "id", "unit"),
    ],
)
def test_without_a_column_that_an_answer_needs_nothing_of_it_is_held(spec, table, column, what):
    held = synthetic_view.tables()
    assert holding(synthetic_view.view(held), spec)[what] == "whole"
    held[table] = pd.DataFrame(held[table].drop(columns=column))
    assert holding(synthetic_view.view(held), spec)[what] == "none"


def test_what_was_dropped_of_the_border_leaves_no_chainage(spec):
    whole = synthetic_view.view(synthetic_view.tables())
    view = seal(View("planner", whole.tables, 5, redacted=(Redacted("border", "drop", "", 0, 2, 1, 1),)))
    assert holding(view, spec)["border"] == "part"
    assert seen_border(view, spec) is None


def test_a_ring_that_crosses_itself_is_mended_once_for_page_and_command(spec):
    held = synthetic_view.tables()
    bow = shapely.Polygon([(110.0, 42.0), (110.2, 42.2), (110.2, 42.0), (110.0, 42.2)])
    shapes = held["patrol_zone"].geometry.to_numpy().copy()
    shapes[1], shapes[2] = bow, shapely.Polygon()
    held["patrol_zone"] = held["patrol_zone"].set_geometry(gpd.GeoSeries(shapes, crs="EPSG:4490"))
    found = made(held, spec).mended["patrol_zone"]
    assert set(found) == {"1", "2"}
    assert found["2"] == ()
    assert len(found["1"]) == 2
    assert all(np.hypot(*(places(ring) - (110.1, 42.1)).T).min() < 1e-3 for ring in found["1"])


def test_rows_that_are_reported_to_be_misplaced_take_no_part(spec):
    held = synthetic_view.tables()
    held["findings"] = pd.DataFrame(
        {
            "code": synthetic_view.text(["coordinates-swapped", "coordinates-swapped"]),
            "table": synthetic_view.text(["household", "border"]),
            "id": synthetic_view.text(["H000003", "B1"]),
        }
    )
    found = made(held, spec)
    assert found.misplaced == (3,)
    assert found.course == ()
    assert seen_shapes(synthetic_view.view(held), "household")[3] is None


def test_the_page_has_the_very_notes_of_the_command(spec):
    scene = compose(synthetic_view.view(synthetic_view.tables()), spec)
    assert scene.answering.notes == NOTES
    assert scene.answering.proj4.startswith("+proj=tmerc")
    assert scene.answering.series is None
