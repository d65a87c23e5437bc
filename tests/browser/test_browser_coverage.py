"""The map of a coverage in a browser: a gap is seen, named in both languages, and says how long it is."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, box

from gridmap.render.backends.folium import to_html
from gridmap.render.compose import compose

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def html(synthetic_view):
    west, south, east, north = 110.0, 42.0, 110.7, 42.5

    def frame(geoms, **columns):
        shapes = np.empty(len(geoms), dtype=object)
        shapes[:] = geoms
        return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs="EPSG:4490"))

    border = synthetic_view.tables()["border"].geometry.iloc[0]
    first, last = border.coords[0], border.coords[-1]
    middle = ((first[0] + last[0]) / 2, (first[1] + last[1]) / 2)
    text = synthetic_view.text
    cover = {
        "cover_line": frame(
            [LineString([first, middle]), LineString([middle, last])],
            id=text(["L001", "L002"]),
            from_m=[0.0, 30_000.0],
            to_m=[30_000.0, 33_200.0],
            km=[30.0, 3.2],
            keepers=[2, 0],
            nearest=text(["outpost:O1", "outpost:O2"]),
            metres=[900.0, 7000.0],
        ),
        "cover_depth": frame(
            [box(west, south, 110.3, north), box(110.3, south, east, north)],
            id=text(["D001", "D002"]),
            depth=[0, 3],
            layers=text(["", "line area point"]),
            km2=[100.0, 300.0],
        ),
    }
    fact = {"en": "Coverage: every keeper reaches 6 km", "zh": "覆盖分析：每个力量可达 6 公里"}
    view = synthetic_view.view({**synthetic_view.tables(), **cover}, coverage=fact)
    return to_html(compose(view, synthetic_view.spec(), map_name="coverage"))


def test_a_gap_is_named_in_both_languages_and_answers_a_click(open_page, html):
    opened = open_page(html)
    page = opened.page
    names = "[...document.querySelectorAll('.gm-labels text')].map((one) => one.textContent)"
    assert "空白 3.2 km" in page.evaluate(names)
    page.evaluate("gridmap.language = 'en'")
    page.wait_for_timeout(300)
    assert "gap 3.2 km" in page.evaluate(names)
    assert "空白 3.2 km" not in page.evaluate(names)
    # The band is on, the sections below it are off; the legend has the figures.
    assert page.evaluate("gridmap.parts.visible().map((one) => one.name).includes('coverage')")
    assert not page.evaluate("gridmap.parts.visible().map((one) => one.name).includes('sections')")
    page.evaluate("gridmap.parts.openTab('layers')")
    legend = opened.text("#gm-legend")
    assert "Nobody reaches: 3.2 km · 9.6 %" in legend
    assert "No layer: nobody answers: 100.0 km² · 25.0 %" in legend
    assert "every keeper reaches 6 km" in opened.text("#gm-footer")
    at = page.evaluate("gridmap.parts.placeOf(gridmap.scene.tables.cover_line, 1)")
    opened.click(at["lon"], at["lat"])
    said = opened.text("#gm-details")
    assert "Nobody reaches" in said
    assert "outpost:O2" in said
    assert "3.2" in said
    page.evaluate(
        "gridmap.parts.show([{drawing: gridmap.scene.drawings.find((one) => one.name === 'depth'),"
        "table: gridmap.scene.tables.cover_depth, row: 1}], null)"
    )
    assert "line, area, point" in opened.text("#gm-details")
