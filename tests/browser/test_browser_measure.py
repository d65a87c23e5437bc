"""Measuring on the map: what a planner would otherwise do with a ruler on paper, and get wrong."""

from __future__ import annotations

import pytest
from pyproj import CRS, Geod

from gridmap.render import compose
from gridmap.render.backends.folium import to_html

pytestmark = pytest.mark.browser
PLACES = [(110.06, 42.08), (110.61, 42.11), (110.55, 42.41), (110.11, 42.37)]
TOTAL = ".gm-measure-total[role=status]"
# The ellipsoid of the working CRS, CGCS2000's.
GEOD: Geod = CRS("EPSG:4508").get_geod()


@pytest.fixture(scope="session")
def html(synthetic_view):
    return to_html(compose(synthetic_view.view(), synthetic_view.spec()))


@pytest.fixture
def ruler(open_page, html):
    return open_page(html)


def clicked(opened, places: list[tuple[float, float]]) -> list[list[float]]:
    """Click the places and return where the clicks fell: a pixel is not a point."""
    opened.page.evaluate(
        """() => { window.fallen = [];
        gridmap.map.on('click', (one) => window.fallen.push([one.latlng.lng, one.latlng.lat])); }"""
    )
    for lon, lat in places:
        opened.page.mouse.click(*opened.place(lon, lat))
        opened.page.wait_for_timeout(320)  # two clicks soon after each other would be a double click
    return opened.page.evaluate("window.fallen")


def figure(opened, name: str) -> float:
    return float(opened.page.get_attribute(TOTAL, f"data-{name}"))


def test_a_distance_is_that_of_the_geodesic(ruler):
    ruler.page.click("#gm-tool-distance")
    fallen = clicked(ruler, PLACES)
    expected = GEOD.line_length(*zip(*fallen, strict=True))
    assert figure(ruler, "metres") == pytest.approx(expected, rel=1e-6)
    assert f"{expected / 1000:.{2 if expected < 1e5 else 1}f}" in ruler.text(TOTAL)
    assert ruler.page.locator(".gm-measure-text").count() == 3, "each edge has its length"


def test_an_area_and_its_perimeter_are_those_of_the_geodesic_polygon(ruler):
    ruler.page.click("#gm-tool-area")
    fallen = clicked(ruler, PLACES)
    area, perimeter = GEOD.polygon_area_perimeter(*zip(*fallen, strict=True))
    assert figure(ruler, "square") == pytest.approx(abs(area), rel=1e-6)
    assert figure(ruler, "metres") == pytest.approx(perimeter, rel=1e-6)
    words = ruler.text(TOTAL)
    assert f"{abs(area) / 1e6:,.0f} 平方公里" in words
    assert f"{abs(area) / (2000 / 3) / 1e4:.1f} 万亩" in words
    ruler.page.evaluate("gridmap.language = 'en'")
    assert "km²" in ruler.text(TOTAL)
    assert "mu" not in ruler.text(TOTAL)


def test_a_small_area_is_in_square_metres_and_a_middling_one_in_hectares(ruler):
    for zoom, word in ((17, "平方米"), (14, "公顷")):
        ruler.page.evaluate(f"gridmap.map.setView([42.2, 110.3], {zoom}, {{animate: false}})")
        ruler.page.click("#gm-tool-area")
        box = ruler.page.locator(".folium-map").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for dx, dy in ((0, 0), (60, 0), (60, -60)):
            ruler.page.mouse.click(x + dx, y + dy)
            ruler.page.wait_for_timeout(320)
        assert word in ruler.text(TOTAL), zoom
        ruler.page.keyboard.press("Escape")


def test_an_outline_that_crosses_itself_is_said_to_have_no_area(ruler):
    ruler.page.click("#gm-tool-area")
    clicked(ruler, [PLACES[0], PLACES[2], PLACES[1], PLACES[3]])
    assert "自相交" in ruler.text(TOTAL)
    assert ruler.page.get_attribute(TOTAL, "data-square") == ""


def test_while_measuring_a_click_asks_nothing_and_afterwards_it_does(ruler):
    ruler.page.click("#gm-tool-distance")
    clicked(ruler, PLACES[:2])
    assert ruler.page.get_attribute("#gm-tab-answer", "aria-selected") == ruler.page.evaluate(
        "String(gridmap.parts.tabNow() === 'answer')"
    )
    before = ruler.text("#gm-details")
    assert ruler.page.evaluate("gridmap.parts.busy()")
    ruler.page.keyboard.press("Escape")
    assert not ruler.page.evaluate("gridmap.parts.busy()")
    assert ruler.page.locator(".gm-measure").count() == 0, "nothing is left on the map"
    assert ruler.page.get_attribute("#gm-tool-distance", "aria-pressed") == "false"
    ruler.click(110.3, 42.2)
    assert ruler.text("#gm-details") != before


def test_the_mouse_ends_with_a_double_click_and_takes_back_with_backspace(ruler):
    ruler.page.click("#gm-tool-distance")
    fallen = clicked(ruler, PLACES[:3])
    ruler.page.keyboard.press("Backspace")
    assert figure(ruler, "metres") == pytest.approx(
        GEOD.line_length(*zip(*fallen[:2], strict=True)), rel=1e-6
    )
    zoom = ruler.page.evaluate("gridmap.map.getZoom()")
    ruler.page.mouse.dblclick(*ruler.place(*PLACES[3]))
    ruler.page.wait_for_timeout(100)
    assert ruler.page.evaluate("gridmap.map.getZoom()") == zoom, "a double click does not zoom now"
    assert ruler.page.locator(".gm-measure-buttons button >> nth=1").is_disabled(), "it has ended"
    ended = figure(ruler, "metres")
    ruler.page.mouse.move(*ruler.place(110.3, 42.2))
    ruler.page.wait_for_timeout(60)
    assert figure(ruler, "metres") == ended
    assert ruler.page.locator(".gm-measure-point").count() == 3


def test_the_running_length_follows_the_pointer_but_is_not_said_aloud(ruler):
    ruler.page.click("#gm-tool-distance")
    clicked(ruler, PLACES[:1])
    ruler.page.mouse.move(*ruler.place(110.3, 42.2))
    ruler.page.wait_for_timeout(80)
    running = ruler.page.locator("p.gm-measure-total")
    assert running.get_attribute("aria-hidden") == "true"
    first = running.inner_text()
    ruler.page.mouse.move(*ruler.place(110.4, 42.3))
    ruler.page.wait_for_timeout(80)
    assert running.inner_text() != first


def test_by_keyboard_alone(ruler):
    ruler.page.focus("#gm-tool-distance")
    ruler.page.keyboard.press("Enter")
    assert ruler.page.locator(".gm-measure-cross").is_visible(), "it shows where Enter sets a point"
    centres = []
    for arrow in ("", "ArrowRight", "ArrowDown"):
        if arrow:
            ruler.page.keyboard.press(arrow)
            ruler.page.wait_for_timeout(500)
        centres.append(
            ruler.page.evaluate("(() => { const at = gridmap.map.getCenter(); return [at.lng, at.lat]; })()")
        )
        ruler.page.keyboard.press("Enter")
    assert figure(ruler, "metres") == pytest.approx(GEOD.line_length(*zip(*centres, strict=True)), rel=1e-6)
    ruler.page.keyboard.press("Enter")
    assert not ruler.page.locator(".gm-measure-cross").is_visible(), "twice at one place is the end"
    ruler.page.keyboard.press("Escape")
    assert ruler.page.locator(".gm-measure-box").count() == 0


def test_by_touch_on_a_phone(open_page, html):
    opened = open_page(html, width=390, height=844, has_touch=True, is_mobile=True)
    opened.page.tap("#gm-tool-distance")
    for lon, lat in ((110.15, 42.1), (110.5, 42.15)):
        opened.page.touchscreen.tap(*opened.place(lon, lat))
        opened.page.wait_for_timeout(400)
    expected = GEOD.line_length([110.15, 110.5], [42.1, 42.15])
    assert figure(opened, "metres") == pytest.approx(expected, rel=0.02), "a finger is some pixels wide"
    opened.page.tap(".gm-measure-buttons button >> nth=1")
    opened.page.tap(".gm-measure-buttons button >> nth=2")
    assert opened.page.locator(".gm-measure-box").count() == 0


def test_one_tool_at_a_time(ruler):
    ruler.page.click("#gm-tool-distance")
    ruler.page.click("#gm-tool-area")
    assert ruler.page.get_attribute("#gm-tool-distance", "aria-pressed") == "false"
    assert ruler.page.get_attribute("#gm-tool-area", "aria-pressed") == "true"
    assert ruler.page.locator(".gm-measure-box").count() == 1
    ruler.page.click("#gm-tool-area")
    assert not ruler.page.evaluate("gridmap.parts.busy()")
