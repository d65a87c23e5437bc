"""The base of the map: water, neighbours, settlements and a picture, for old projects without them, too."""

from __future__ import annotations

import base64

import geopandas as gpd
import numpy as np
import synthetic_view
from shapely import LineString, Point, box

from gridmap.model.basemap import Basemap
from gridmap.render import compose
from gridmap.render.overlays import basemap, landmarks, neighbours, water
from gridmap.render.sheet import Sheet

SPEC = synthetic_view.spec()
PIXELS = b"\x89PNG pixels"


def frame(geoms, **columns):
    shapes = np.empty(len(geoms), dtype=object)
    shapes[:] = geoms
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs="EPSG:4490"))


def held():
    text = synthetic_view.text
    return {
        **synthetic_view.tables(),
        "water": frame(
            [LineString([(110, 42), (110.1, 42.1)]), LineString([(110.1, 42.1), (110.2, 42.3)]), None],
            id=text(["R1", "R2", "R3"]),
            name=text(["某河", "某河", "某沟"]),
            **{"class": text(["stream", "river", None])},
        ),
        "neighbour": frame(
            [box(109, 42.5, 111, 44), box(108, 41, 110, 42.4)],
            id=text(["N1", "N2"]),
            name=text(["邻国（示意）", "邻旗（示意）"]),
            **{"class": text(["country", "canton"])},
        ),
        "landmark": frame(
            [Point(110.2, 42.12), Point(110.3, 42.2)],
            id=text(["L1", "L2"]),
            name=text(["满都拉", "某居民点（示例）"]),
            number=text([None, None]),
            **{"class": text(["seat", "settlement"])},
        ),
    }


def picture(**more: object) -> Basemap:
    said = {"data": PIXELS, "media": "image/png", "west": 109.0, "south": 41.0, "east": 111.0, "north": 43.0}
    said |= {"spacing": "degrees", "opacity": 0.7, "attribution": "<b>who</b>", "audiences": ("planner",)}
    return Basemap(**{**said, **more})


def test_water_is_named_once_on_its_river_and_unknown_classes_are_streams():
    (drawing,) = water.draw(Sheet(synthetic_view.view(held()), SPEC))
    assert [case.rows for case in drawing.cases] == [1, 2, 0]
    assert drawing.labels[0].texts == ("", "某河", "")


def test_neighbours_are_tinted_and_named_where_they_are_in_view():
    (drawing,) = neighbours.draw(Sheet(synthetic_view.view(held()), SPEC))
    assert [case.rows for case in drawing.cases] == [1, 0, 1]
    assert drawing.labels[0].placement == "view"
    assert all(0 < case.style.fill_opacity < 0.7 for case in drawing.cases)


def test_settlements_are_a_class_of_their_own_under_the_seats():
    drawings = landmarks.draw(Sheet(synthetic_view.view(held()), SPEC))
    assert [one.name for one in drawings] == ["landmarks-settlement", "landmarks-seat"]
    settlement, seat = drawings
    assert settlement.labels[0].priority < seat.labels[0].priority
    assert settlement.cases[0].style.size < seat.cases[0].style.size


def test_a_project_without_any_of_it_draws_as_before():
    sheet = Sheet(synthetic_view.view(), SPEC)
    assert water.draw(sheet) == neighbours.draw(sheet) == basemap.draw(sheet) == ()


def test_the_base_lies_under_the_three_layers():
    scene = compose(
        synthetic_view.view(held(), relief_asc=synthetic_view.relief(), basemaps={"main": picture()}), SPEC
    )
    names = [one.name for one in scene.drawings]
    order = [
        "basemap",
        "relief",
        "graticule",
        "neighbours",
        "admin-gacha",
        "admin-township",
        "water",
        "tracks",
        "zones",
    ]
    assert [name for name in names if name in order] == order
    assert names.index("sections") > names.index("zones")


def test_a_picture_goes_into_the_scene_with_who_made_it():
    scene = compose(synthetic_view.view(basemaps={"main": picture(), "other": picture()}), SPEC)
    (drawing,) = [one for one in scene.drawings if one.picture is not None]
    assert base64.b64decode(drawing.picture.data) == PIXELS
    assert drawing.picture.opacity == 0.7
    assert scene.statement.basemap == "<b>who</b>"


def test_a_picture_of_another_map_is_not_in_this_one():
    for facts in ({}, {"basemaps": {}}, {"basemaps": {"other": picture()}}, {"basemaps": {"main": b"bytes"}}):
        scene = compose(synthetic_view.view(**facts), SPEC)
        assert not any(one.picture for one in scene.drawings)
        assert scene.statement.basemap == ""
