"""Where the pointer is, in the formats of the trade, and into the clipboard with it."""

from __future__ import annotations

import re

import pytest
from pyproj import Transformer

from gridmap.render import compose
from gridmap.render.backends.folium import to_html

pytestmark = pytest.mark.browser
OUTPUT = ".gm-reading output"
FORMAT = ".gm-reading-format"


@pytest.fixture(scope="session")
def html(synthetic_view):
    return to_html(compose(synthetic_view.view(), synthetic_view.spec()))


@pytest.fixture
def reading(open_page, html):
    opened = open_page(html)
    opened.page.evaluate(
        "gridmap.map.on('mousemove', (one) => { window.pointed = [one.latlng.lng, one.latlng.lat]; })"
    )
    return opened


def point(opened, lon: float, lat: float) -> tuple[float, float]:
    opened.page.mouse.move(*opened.place(lon, lat))
    opened.page.wait_for_timeout(60)
    return tuple(opened.page.evaluate("window.pointed"))


def test_decimal_degrees(reading):
    lon, lat = point(reading, 110.3, 42.2)
    assert reading.text(OUTPUT) == f"{lon:.5f}°E  {lat:.5f}°N"


def test_degrees_minutes_and_seconds(reading):
    reading.page.select_option(FORMAT, "dms")
    for place in ((110.3, 42.2), (110.5, 42.3)):
        wanted = point(reading, *place)
        found = re.findall(r"(\d+)°(\d\d)′(\d\d\.\d)″([EN])", reading.text(OUTPUT))
        assert [one[3] for one in found] == ["E", "N"]
        for (degrees, minutes, seconds, _), value in zip(found, wanted, strict=True):
            assert float(seconds) < 60
            assert int(degrees) + int(minutes) / 60 + float(seconds) / 3600 == pytest.approx(value, abs=2e-5)


def test_seconds_never_reach_sixty(reading):
    # 109.99999 degrees are 109 59 59.96, which is 110 00 00.0 in tenths.
    reading.page.select_option(FORMAT, "dms")
    reading.page.evaluate("gridmap.map.fire('mousemove', {latlng: L.latLng(41.99999, 109.99999)})")
    reading.page.wait_for_timeout(60)
    assert reading.text(OUTPUT) == "110°00′00.0″E  42°00′00.0″N"


def test_easting_and_northing_of_the_working_crs(reading):
    reading.page.select_option(FORMAT, "plane")
    wanted = point(reading, 110.3, 42.2)
    east, north = Transformer.from_crs("EPSG:4490", "EPSG:4508", always_xy=True).transform(*wanted)
    numbers = [int(one.replace(",", "")) for one in re.findall(r"[\d,]+", reading.text(OUTPUT))]
    assert numbers == pytest.approx([east, north], abs=0.51)
    assert reading.text(OUTPUT).startswith("东"), "which of the two is which is said"
    chosen = reading.page.locator(f"{FORMAT} option:checked").inner_text()
    assert "EPSG:4508" in chosen
    assert "111" in chosen, "and around which meridian"


def test_chainage_and_distance_to_the_border(reading):
    reading.page.select_option(FORMAT, "chainage")
    wanted = point(reading, 110.3, 42.2)
    found = reading.page.evaluate("([lon, lat]) => gridmap.parts.geo.border.locate(lon, lat)", list(wanted))
    whole = round(found["chainage"])
    assert reading.text(OUTPUT).startswith(f"K{whole // 1000}+{whole % 1000:03d} · ")
    assert f"{found['metres'] / 1000:.2f}" in reading.text(OUTPUT)


def test_without_a_border_no_chainage_is_offered(open_page, synthetic_view):
    view = synthetic_view.redacted_view(synthetic_view.public_tables(), "public")
    opened = open_page(to_html(compose(view, synthetic_view.spec())))
    assert opened.page.locator(f'{FORMAT} option[value="chainage"]').count() == 0
    assert opened.page.locator(f'{FORMAT} option[value="decimal"]').count() == 1


def test_the_map_centre_is_read_where_there_is_no_pointer(open_page, html):
    opened = open_page(html, width=390, height=844, has_touch=True)
    opened.page.evaluate("gridmap.map.setView([42.25, 110.25], 11, {animate: false})")
    opened.page.wait_for_timeout(60)
    assert opened.text(OUTPUT) == "110.25000°E  42.25000°N"


@pytest.mark.parametrize("form", ["decimal", "dms", "plane", "chainage"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_corner_does_not_twitch(reading, form, language):
    reading.page.evaluate(f"gridmap.language = '{language}'")
    reading.page.select_option(FORMAT, form)
    widths = set()
    for place in ((110.01, 42.01), (110.1, 42.2), (110.65, 42.45), (110.33, 42.49)):
        point(reading, *place)
        widths.add(reading.page.evaluate("document.querySelector('.gm-reading').offsetWidth"))
        assert reading.page.evaluate(
            """() => { const box = document.querySelector('.gm-reading-text');
            return box.scrollWidth <= box.clientWidth; }"""
        )
    assert len(widths) == 1


def test_copied_by_key_and_by_button(open_page, html):
    opened = open_page(html, permissions=["clipboard-read", "clipboard-write"])
    opened.page.mouse.move(*opened.place(110.3, 42.2))
    opened.page.wait_for_timeout(60)
    shown = opened.text(OUTPUT)
    opened.page.keyboard.press("c")
    opened.page.wait_for_timeout(100)
    assert opened.page.evaluate("navigator.clipboard.readText()") == shown.replace("  ", " ")
    assert opened.text("#gm-live") == "已复制"
    opened.page.select_option(FORMAT, "plane")
    opened.page.click(".gm-reading-copy")
    opened.page.wait_for_timeout(100)
    copied = opened.page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith("(EPSG:4508)"), "a bare pair of metres would be worth nothing"


def test_copied_the_old_way_where_the_new_one_is_refused(open_page, html):
    opened = open_page(html, permissions=["clipboard-read"])
    opened.page.evaluate(
        """() => { window.copied = null; Object.defineProperty(navigator, 'clipboard', {value: undefined});
        document.addEventListener('copy', () => { window.copied = document.activeElement.value; }); }"""
    )
    opened.page.mouse.move(*opened.place(110.3, 42.2))
    opened.page.wait_for_timeout(60)
    opened.page.click(".gm-reading-copy")
    opened.page.wait_for_timeout(60)
    assert re.fullmatch(r"[\d.]+°E [\d.]+°N", opened.page.evaluate("window.copied"))
    assert opened.page.locator("textarea").count() == 0, "the field is gone again"


def test_typing_a_c_in_a_field_copies_nothing(open_page, html):
    opened = open_page(html)
    opened.page.focus(FORMAT)
    opened.page.keyboard.press("c")
    opened.page.wait_for_timeout(60)
    assert opened.text("#gm-live") != "已复制"
