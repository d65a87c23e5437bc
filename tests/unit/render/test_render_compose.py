"""A scene holds what the view holds, draws less where it may see less, and never fails for that."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
import synthetic_view
from shapely import Point

from gridmap.errors import ConfigError, PublishError, RenderError
from gridmap.model import View, ViewTable
from gridmap.model.scene import to_plain
from gridmap.render import compose
from gridmap.render.codec import unpack_ints
from gridmap.render.overlays.border import chainage_text


def drawn(scene):
    return {drawing.name: drawing for drawing in scene.drawings}


def test_every_table_is_counted_and_held():
    held = synthetic_view.tables()
    scene = compose(synthetic_view.view(held), synthetic_view.spec())
    assert scene.counts == {name: len(frame) for name, frame in held.items()}
    assert {table.name: table.rows for table in scene.tables} == {
        name: len(frame) for name, frame in held.items() if name != "assignments"
    }


def test_every_row_with_a_kind_of_its_own_is_drawn_exactly_once():
    scene = compose(synthetic_view.view(), synthetic_view.spec())
    for table in (
        "household",
        "outpost",
        "landmark",
        "patrol_zone",
        "sections",
        "admin",
        "track",
        "findings",
    ):
        cases = [case.rows for one in scene.drawings if one.table == table for case in one.cases]
        assert sum(cases) == scene.counts[table], table


@pytest.mark.parametrize("absent", sorted(synthetic_view.tables()))
def test_a_table_the_audience_may_not_see_is_only_less_to_draw(absent):
    held = synthetic_view.tables()
    del held[absent]
    scene = compose(synthetic_view.view(held), synthetic_view.spec())
    assert absent not in scene.counts
    assert not [one for one in scene.drawings if one.table == absent]


COLUMNS = [
    (table, column)
    for table, frame in synthetic_view.tables().items()
    for column in frame.columns
    if column != "id" or table in {"assignments", "findings"}
]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_the_audience_may_not_see_is_only_less_to_draw(table, column):
    held = synthetic_view.tables()
    held[table] = pd.DataFrame(held[table]).drop(columns=column)
    assert compose(synthetic_view.view(held), synthetic_view.spec()).counts[table] == len(held[table])


def test_an_empty_store_says_that_there_is_nothing_to_draw():
    held = {name: frame.iloc[:0] for name, frame in synthetic_view.tables().items()}
    with pytest.raises(RenderError, match="GM702"):
        compose(synthetic_view.view(held), synthetic_view.spec())


def test_frames_and_copies_of_views_are_refused():
    good = synthetic_view.view()
    for bad in (
        synthetic_view.tables(),
        dataclasses.replace(good),
        View("x", {"border": ViewTable("border", None)}, 5),
    ):
        with pytest.raises(PublishError, match="GM601"):
            compose(bad, synthetic_view.spec())


def test_a_misspelt_map_is_named():
    with pytest.raises(ConfigError, match="no such map: mian"):
        compose(synthetic_view.view(), synthetic_view.spec(), map_name="mian")


def test_chainage_stands_at_the_ends_of_sections_and_every_ten_kilometres():
    scene = compose(synthetic_view.view(), synthetic_view.spec())
    marks = drawn(scene)["border"].marks
    major = [mark.text for mark in marks if mark.major]
    assert major[:3] == ["K0+000", "K17+310", "K38+900"]
    assert [mark.text for mark in marks if not mark.major][:2] == ["K10+000", "K20+000"]
    first = marks[0]
    assert (first.lon, first.lat) == (synthetic_view.WEST, 42.45)
    assert 60 < first.bearing < 90, "the line runs north of east there"


@pytest.mark.parametrize(
    ("metres", "text"), [(0, "K0+000"), (999.6, "K1+000"), (23_450.2, "K23+450"), (123_004, "K123+004")]
)
def test_chainage_is_written_as_on_the_ground(metres, text):
    assert chainage_text(metres) == text


def test_a_swapped_coordinate_does_not_make_the_map_one_of_the_world():
    held = synthetic_view.tables()
    outposts = held["outpost"].copy()
    outposts.loc[0, "geometry"] = Point(42.4, 110.2)
    held["outpost"] = outposts
    west, south, east, north = compose(synthetic_view.view(held), synthetic_view.spec()).bounds
    assert (west, north) > (109.9, 42.4)
    assert (east, south) < (110.8, 42.1)


def test_faults_in_the_geometry_are_drawn_as_far_as_they_can_be():
    held = synthetic_view.tables()
    homes = held["household"].copy()
    homes.loc[0, "geometry"] = Point(np.inf, 42)
    held["household"] = homes
    zones = held["patrol_zone"].copy()
    zones.loc[0, "geometry"] = Point(110.2, 42.2)
    held["patrol_zone"] = zones
    scene = compose(synthetic_view.view(held), synthetic_view.spec())
    geometry = next(table for table in scene.tables if table.name == "household").geometry
    assert unpack_ints(geometry.missing).tolist() == [0, 29]


def test_the_order_of_the_columns_facts_and_tables_changes_nothing():
    held = synthetic_view.tables()
    turned = dict(reversed(held.items()))
    one = compose(synthetic_view.view(held, a="1", b="2"), synthetic_view.spec())
    two = compose(synthetic_view.view(turned, b="2", a="1"), synthetic_view.spec())
    assert json.dumps(to_plain(one)) == json.dumps(to_plain(two))


def test_titles_of_codes_come_from_the_facts_for_the_codes_in_use():
    codes = {
        "line-gap": {"en": "Gap", "zh": "空白"},
        "unused": {"en": "x", "zh": "x"},
        "zone-overlap": "no title",
    }
    scene = compose(synthetic_view.view(codes=codes), synthetic_view.spec())
    assert list(scene.codes) == ["line-gap"]
