"""What keepers reach, on the map: figures in the legend, gaps that stand out, nothing without tables."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pytest
import synthetic_view as made
from shapely import LineString, Point, box

from gridmap.model.scene import to_plain
from gridmap.render.codec import unpack_ints
from gridmap.render.compose import compose
from gridmap.render.overlays import border, change, coverage, depth, isochrones
from gridmap.render.sheet import Sheet

W, S, E, N = made.WEST, made.SOUTH, made.EAST, made.NORTH


def frame(geoms, **columns):
    shapes = np.empty(len(geoms), dtype=object)
    shapes[:] = geoms
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs="EPSG:4490"))


def cover():
    ends = np.linspace(W, E, 6)
    lines = [LineString([(a, N), (b, N)]) for a, b in itertools.pairwise(ends)]
    faces = [box(a, S, b, N) for a, b in itertools.pairwise(ends)]
    return {
        "cover_line": frame(
            lines,
            id=made.text([f"L{at}" for at in range(5)]),
            km=[10.0, 3.2, 20.0, 1.8, 25.0],
            keepers=[1, 0, 2, 0, 7],
            nearest=made.text(["outpost:O1"] * 5),
            metres=[1.0, 2.0, 3.0, 4.0, 5.0],
        ),
        "cover_area": frame(
            faces[:2], id=made.text(["A1", "A2"]), keepers=[1, 2], km2=[80.0, 20.0], share=[0.8, 0.2]
        ),
        "cover_depth": frame(
            faces[:4],
            id=made.text(["D1", "D2", "D3", "D4"]),
            depth=[0, 1, 1, 3],
            layers=made.text(["", "area", "point", "line area point"]),
            km2=[100.0, 200.0, 300.0, 400.0],
        ),
        "cover_gaps": frame(
            [lines[1], faces[0], Point(W + 0.1, S + 0.1), Point(W + 0.2, S + 0.1)],
            id=made.text(["G1", "G2", "G3", "G4"]),
            layer=made.text(["line", "area", "point", "point"]),
            km2=[np.nan, 12.5, np.nan, np.nan],
            persons=[np.nan, np.nan, 3.0, 4.0],
        ),
        "isochrones": frame(
            faces[:2],
            id=made.text(["T1", "T2"]),
            minutes=[30.0, 60.0],
            km2=[5.0, 7.0],
            within_km2=[5.0, 12.0],
        ),
    }


def changes():
    faces = [box(W + at / 10, S, W + (at + 1) / 10, N) for at in range(4)]
    return {
        "travel_change": frame(
            faces,
            id=made.text(["S1", "S2", "S3", "S4"]),
            change=made.text(["longer", "longer", "lost", "longer"]),
            from_min=[15.0, 60.0, np.nan, 15.0],
            to_min=[30.0, np.nan, np.nan, 30.0],
            km2=[10.0, 7.0, 2.5, 1.0],
        )
    }


@pytest.fixture(scope="module")
def spec():
    return made.spec()


@pytest.fixture(scope="module")
def sheet(spec):
    return Sheet(made.view({**made.tables(), **cover()}), spec)


def cases(drawing):
    return {one.title.en: one.rows for one in drawing.cases}


def test_the_band_tells_how_many_reach_and_names_each_gap(sheet):
    _, band = coverage.draw(sheet)
    assert cases(band) == {
        "Nobody reaches: 5.0 km · 8.3 %": 2,
        "One outpost reaches: 10.0 km · 16.7 %": 1,
        "Two outposts reach: 20.0 km · 33.3 %": 1,
        "Three or more reach: 25.0 km · 41.7 %": 1,
    }
    assert unpack_ints(band.codes).tolist() == [1, 0, 2, 0, 3]
    said = [one if isinstance(one, str) else (one.zh, one.en) for one in band.labels[0].texts]
    assert said == ["", ("空白 3.2 km", "gap 3.2 km"), "", ("空白 1.8 km", "gap 1.8 km"), ""]


def test_what_is_in_no_case_has_its_own_sign_also_in_grey(sheet):
    """A print in grey must still say where nobody is: by dash or hatch, and not by colour alone."""
    _, band = coverage.draw(sheet)
    [deep] = depth.draw(sheet)
    assert [bool(one.style.dash) for one in band.cases] == [True, False, False, False]
    hatches = [one.style.hatch for one in deep.cases]
    assert hatches[0] == "cross"
    assert len(set(hatches)) == 4
    for drawing in (band, deep):
        colours = [one.style.stroke if drawing is band else one.style.fill for one in drawing.cases]
        light = [
            sum(int(one[at : at + 2], 16) * k for at, k in ((1, 0.3), (3, 0.59), (5, 0.11)))
            for one in colours
        ]
        assert light[1:] == sorted(light[1:], reverse=True), "the deeper, the darker"
        assert min(np.abs(np.diff(sorted(light[1:])))) > 25


def test_depth_has_square_kilometres_and_shares(sheet):
    [drawn] = depth.draw(sheet)
    assert cases(drawn) == {
        "No layer: nobody answers: 100.0 km² · 10.0 %": 1,
        "One layer answers: 500.0 km² · 50.0 %": 2,
        "Two layers answer: 0.0 km² · 0.0 %": 0,
        "All three answer: 400.0 km² · 40.0 %": 1,
    }


def test_isochrones_are_outlines_that_hide_nothing(sheet):
    [drawn] = isochrones.draw(sheet)
    assert cases(drawn) == {"Within 30 min: 5.0 km²": 1, "Within 60 min: 12.0 km²": 1}
    assert all(not one.style.fill and not one.style.hatch for one in drawn.cases)
    assert [one.zh for one in drawn.labels[0].texts] == ["30 分钟", "60 分钟"]


def test_gaps_of_the_ground_are_off_and_those_of_homes_on(sheet):
    area, point = coverage.draw_gaps(sheet)
    assert (area.shown, point.shown) == (False, True)
    assert point.cases[0].title.en == "Homes that no stronghold reaches: 2"
    assert unpack_ints(point.codes).tolist() == [1, 1, 0, 0]


def test_where_it_takes_longer_is_told_from_where_access_is_lost(spec):
    """On a grey print, too: who is only slower must not look cut off, nor the other way round."""
    both = Sheet(made.view({**made.tables(), **cover(), **changes()}), spec)
    [drawn] = change.draw(both)
    assert cases(drawn) == {
        "15 to 30 min longer: 11.0 km²": 2,
        "30 to 60 min longer: 0.0 km²": 0,
        "60 min longer and more: 7.0 km²": 1,
        "Access lost: 2.5 km²": 1,
    }
    assert drawn.cases[0].title.zh == "慢 15–30 分钟：11.0 平方公里"
    assert unpack_ints(drawn.codes).tolist() == [0, 2, 3, 0]
    assert [bool(one.style.hatch) for one in drawn.cases] == [False, False, False, True]
    light = [
        sum(int(one.style.fill[at : at + 2], 16) * k for at, k in ((1, 0.3), (3, 0.59), (5, 0.11)))
        for one in drawn.cases
    ]
    assert light == sorted(light, reverse=True), "the longer, the darker"
    assert min(np.abs(np.diff(light))) > 25
    assert drawn.shown
    assert [one.shown for one in depth.draw(both)] == [False], "two tints on each other are neither"


def test_one_of_band_and_sections_is_on(spec, sheet):
    plain = Sheet(made.view(), spec)
    assert [one.shown for one in border.draw(plain) if one.name == "sections"] == [True]
    assert [one.shown for one in border.draw(sheet) if one.name == "sections"] == [False]


def test_without_tables_or_columns_less_is_drawn(spec):
    overlays = (coverage.draw, coverage.draw_gaps, depth.draw, isochrones.draw, change.draw)
    bare = {name: one[["id", "geometry"]] for name, one in {**cover(), **changes()}.items()}
    for held in ({}, bare):
        some = Sheet(made.view({**made.tables(), **held}), spec)
        assert [draw(some) for draw in overlays] == [()] * 5


def test_the_map_says_how_far_keepers_reach(spec):
    fact = {"en": "Coverage: every keeper reaches 6 km", "zh": "覆盖分析：六公里", "metres": 6000.0}
    view = made.view({**made.tables(), **cover()}, coverage=fact)
    scene = compose(view, spec, map_name="coverage")
    assert [one.en for one in scene.statement.notes] == ["Coverage: every keeper reaches 6 km"]
    names = [one.name for one in scene.drawings]
    # What is clicked first lies on top: the band over outlines, outlines over depth.
    order = [
        names.index(one)
        for one in ("depth", "isochrones", "coverage-area", "coverage", "border", "gaps-point")
    ]
    assert order == sorted(order)
    assert to_plain(scene) == to_plain(compose(view, spec, map_name="coverage"))
