"""The ground of the map: a picture lies where its rows say, night and day read, names stand in view."""

from __future__ import annotations

import base64
import html as markup
import io
import struct
import zlib

import geopandas as gpd
import numpy as np
import pytest
from PIL import Image
from shapely import Point, box

import gridmap as gm
from gridmap.model.basemap import Basemap
from gridmap.render import compose
from gridmap.render.backends.folium import to_html

pytestmark = pytest.mark.browser

WEST, SOUTH, EAST, NORTH = 110.0, 42.0, 111.0, 43.0
ROWS, COLUMNS = 1000, 740
LINES = (120, 310, 499, 700, 880)
ATTRIBUTION = "<img src=x onerror=alert(1)> {{7*7}} ${x} \u202eabc"


def png(rows: np.ndarray) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    raw = b"".join(b"\0" + np.repeat(row, COLUMNS).astype(np.uint8).tobytes() for row in rows)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", COLUMNS, len(rows), 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


def lined() -> bytes:
    """Return a picture in even degrees, white with a black line at some rows."""
    rows = np.full(ROWS, 255)
    rows[list(LINES)] = 0
    return png(rows)


def page(synthetic_view, **more: object) -> str:
    said = {"data": lined(), "media": "image/png", "west": WEST, "south": SOUTH, "east": EAST, "north": NORTH}
    said |= {"spacing": "degrees", "opacity": 0.8, "attribution": ATTRIBUTION, "audiences": ("planner",)}
    picture = Basemap(**{**said, **more})
    view = synthetic_view.view(basemaps={"main": picture}, relief_asc=synthetic_view.relief())
    return to_html(compose(view, synthetic_view.spec()))


def shown(opened) -> tuple[np.ndarray, dict]:
    """Return the rows of the picture as it lies on the map, and where it lies."""
    opened.page.wait_for_selector("img.gm-picture")
    found = opened.page.evaluate(
        """() => { const node = document.querySelector("img.gm-picture");
        const layer = gridmap.scene.drawings.find((one) => one.picture);
        return { src: node.src, box: layer.picture, opacity: getComputedStyle(node).opacity }; }"""
    )
    image = Image.open(io.BytesIO(base64.b64decode(found["src"].split(",", 1)[1]))).convert("L")
    return np.asarray(image, dtype=float)[:, COLUMNS // 2], found


def mercator(lat: float) -> float:
    return float(np.arctanh(np.sin(np.radians(lat))))


def test_rows_in_even_degrees_lie_right_within_half_a_pixel(open_page, synthetic_view):
    rows, found = shown(open_page(page(synthetic_view)))
    assert float(found["opacity"]) == 0.8
    size = len(rows)
    assert size >= ROWS
    high, low = mercator(NORTH), mercator(SOUTH)
    stretched_off = []
    for line in LINES:
        latitude = NORTH - (line + 0.5) / ROWS * (NORTH - SOUTH)
        expected = (high - mercator(latitude)) / (high - low) * size
        near = np.arange(size)[abs(np.arange(size) + 0.5 - expected) < 12]
        dark = 255 - rows[near]
        assert dark.sum() > 60, "the line is there"
        assert (dark * (near + 0.5)).sum() / dark.sum() == pytest.approx(expected, abs=0.5)
        stretched_off.append(abs((line + 0.5) / ROWS * size - expected))
    # What an even stretch would be off by: the reason for all this.
    assert max(stretched_off) > 1.5


def test_a_picture_in_web_mercator_is_shown_as_it_is(open_page, synthetic_view):
    rows, found = shown(open_page(page(synthetic_view, spacing="mercator")))
    assert found["src"] == "data:image/png;base64," + base64.b64encode(lined()).decode()
    assert np.flatnonzero(rows == 0).tolist() == list(LINES)


def test_it_lies_under_all_else_can_be_switched_and_says_who_made_it(open_page, synthetic_view):
    opened = open_page(page(synthetic_view))
    shown(opened)
    levels = opened.page.evaluate(
        """() => [".gm-picture", ".gm-ground"].map((one) =>
        Number(getComputedStyle(document.querySelector("img" + one).closest(".leaflet-pane")).zIndex))"""
    )
    assert levels[0] < levels[1] < 400
    assert ATTRIBUTION in opened.page.locator("#gm-footer").text_content()
    opened.page.evaluate("gridmap.parts.toggle('basemap', false)")
    assert opened.page.locator("img.gm-picture").count() == 0
    opened.page.evaluate("gridmap.parts.toggle('basemap', true)")
    assert opened.page.locator("img.gm-picture").count() == 1


def brightness(opened, selector: str = "#gm-main") -> float:
    shot = opened.page.locator(selector).screenshot()
    return float(np.asarray(Image.open(io.BytesIO(shot)).convert("L")).mean())


def test_the_ground_is_dark_by_night_and_paper_is_always_light(open_page, synthetic_view):
    view = synthetic_view.view(relief_asc=synthetic_view.relief())
    opened = open_page(to_html(compose(view, synthetic_view.spec())), color_scheme="dark")
    ground = "document.querySelector('img.gm-ground').src"
    by_night = opened.page.evaluate(ground)
    assert brightness(opened) < 90
    opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    opened.page.wait_for_timeout(200)
    assert brightness(opened) > 170
    assert opened.page.evaluate(ground) != by_night
    opened.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    opened.page.evaluate("gridmap.parts.setTheme('light')")
    assert brightness(opened) > 170
    opened.page.evaluate("gridmap.parts.setTheme('dark')")
    assert opened.page.evaluate(ground) == by_night


def test_a_neighbour_is_named_in_what_is_in_view_of_it(open_page, synthetic_view):
    tables = synthetic_view.tables()
    tables["neighbour"] = gpd.GeoDataFrame(
        {"id": ["N1"], "name": ["邻国"], "class": ["country"]}, geometry=[box(100, 42.46, 120, 60)], crs=4490
    )
    opened = open_page(to_html(compose(synthetic_view.view(tables), synthetic_view.spec())))
    names = "Array.from(document.querySelectorAll('.gm-labels text'))"
    name = f"{names}.filter((one) => one.textContent === '邻国')"
    for place in ("110.3, 42.6", "104, 50", "118, 58"):
        lon, lat = place.split(", ")
        opened.page.evaluate(f"gridmap.map.setView([{lat}, {lon}], 9, {{ animate: false }})")
        opened.page.wait_for_timeout(150)
        assert opened.page.evaluate(name + ".length") == 1
    opened.page.evaluate("gridmap.map.setView([40, 110], 10, { animate: false })")
    opened.page.wait_for_timeout(150)
    assert opened.page.evaluate(name + ".length") == 0


def in_a_notebook(inline: str) -> str:
    """Return a page that holds a frame as a notebook does, with its own `ready` for `open_page`."""
    script = "<script>window.gridmap = { ready: Promise.resolve(true) };</script>"
    return f"<!DOCTYPE html><meta charset='utf-8'><title>notebook</title>{script}<body>{inline}</body>"


@pytest.mark.parametrize("made", ["area", "frame"])
def test_in_a_notebook_s_frame_every_tool_works_or_stays_quiet(open_page, made):
    if made == "area":
        inline = gm.demo(households=40).map(audience="planner")._repr_html_()
    else:
        places = gpd.GeoDataFrame(
            {"n": range(30)}, geometry=[Point(110 + i / 50, 42) for i in range(30)], crs=4490
        )
        inline = gm.show(places)._repr_html_()
    opened = open_page(in_a_notebook(inline))
    frame = opened.page.frame_locator("iframe")
    frame.locator("#gm-title").wait_for()
    opened.page.wait_for_timeout(600)
    assert (
        opened.page.locator("iframe").get_attribute("sandbox") == "allow-scripts allow-modals allow-downloads"
    )
    with opened.page.expect_download() as download:
        frame.locator("#gm-tool-picture").click()
    assert download.value.suggested_filename.endswith(".png")
    for selector in ("#gm-language", "#gm-theme", "#gm-theme", "#gm-print", "#gm-tool-link"):
        frame.locator(selector).click()
        opened.page.wait_for_timeout(150)
        opened.page.keyboard.press("Escape")  # printing and links ask first
    tabs = frame.locator("#gm-panel [role=tab]")
    for at in range(tabs.count()):
        tabs.nth(at).click()
    assert frame.locator("#gm-old").count() == 0
    # The frame reaches nothing of the notebook around it.
    handle = next(one for one in opened.page.frames if one != opened.page.main_frame)
    assert (
        handle.evaluate(
            "(() => { try { return parent.document.title; } catch (error) { return 'denied'; } })()"
        )
        == "denied"
    )


def test_the_frame_is_the_page_itself(open_page):
    shown_page = gm.show(gpd.GeoDataFrame({"n": [1]}, geometry=[Point(110, 42)], crs=4490))
    inner = markup.unescape(shown_page._repr_html_().split('srcdoc="', 1)[1].split('" style', 1)[0])
    assert inner == shown_page.page
    opened = open_page(inner)
    assert opened.page.evaluate("gridmap.counts()") == {"frame": 1}
