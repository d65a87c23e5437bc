"""The page's frame: tabs, themes, languages, paper, and what an older browser is told."""

from __future__ import annotations

import re

import pytest

from gridmap.render import compose, words
from gridmap.render.backends.folium import to_html

pytestmark = pytest.mark.browser

# Elements whose text does not lie within the part of the page that they belong to.
OVERFLOWING = """() => {
  const bad = [], parts = ["#gm-header", "#gm-panel", "#gm-dock", "#gm-footer", "#gm-print-box", "#gm-main"];
  const sheet = document.querySelector("#gm-app").getBoundingClientRect();
  for (const name of parts) for (const part of document.querySelectorAll(name)) {
    if (!part.getClientRects().length) continue;
    const outer = part.getBoundingClientRect();
    for (const node of part.querySelectorAll("*")) {
      if (node.closest("svg, .leaflet-map-pane, .gm-unseen, .gm-graticule, canvas")) continue;
      if (!node.getClientRects().length) continue;
      const scrolls = node.closest(".gm-scroll, #gm-cards, #gm-dock-boxes, table");
      const own = [...node.childNodes].some((one) => one.nodeType === 3 && one.textContent.trim());
      if (!own) continue;
      const box = node.getBoundingClientRect();
      const right = Math.min(outer.right, sheet.right);
      const said = node.textContent.slice(0, 40);
      if (box.right > right + 1 || box.left < outer.left - 1) bad.push(name + ": " + said);
      if (!scrolls && node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== "inline")
        bad.push(name + " cuts: " + said);
    }
  } return bad; }"""


@pytest.fixture(scope="session")
def shell_html(synthetic_view):
    return to_html(compose(synthetic_view.view(relief_asc=synthetic_view.relief()), synthetic_view.spec()))


def doubled(text: str) -> str:
    """Twice the length of every word, as a translation may have it; blanks and short signs stay."""
    return text if len(text) < 2 else text + text.replace("{", "").replace("}", "")


@pytest.fixture
def long_html(synthetic_view, monkeypatch):
    real = words.catalogue()
    long = {name: {key: doubled(one) for key, one in held.items()} for name, held in real.items()}
    long["zh"]["language.name"] = real["zh"]["language.name"]
    for module in ("gridmap.render.words", "gridmap.render.backends.folium"):
        monkeypatch.setattr(f"{module}.catalogue", lambda: long)
    spec = synthetic_view.spec(name_zh="示例地区" * 6, name_en="Sample area of the steppe " * 4)
    return to_html(compose(synthetic_view.view(), spec))


def test_tabs_are_walked_with_the_arrows(open_page, shell_html):
    page = open_page(shell_html).page
    assert page.locator("#gm-legend").is_visible(), "the legend is what opens"
    page.locator("#gm-tab-layers").focus()
    page.keyboard.press("ArrowRight")
    focused = page.evaluate("document.activeElement.id")
    assert focused != "gm-tab-layers"
    assert page.locator(f"#{focused}").get_attribute("aria-selected") == "true"
    assert not page.locator("#gm-legend").is_visible()
    shown = page.locator("#gm-cards > .gm-box:visible")
    assert shown.count() == 1
    assert shown.get_attribute("aria-labelledby") == focused


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_the_system_s_until_somebody_chooses(open_page, shell_html, scheme):
    page = open_page(shell_html, color_scheme=scheme).page
    theme = "document.documentElement.dataset.theme"
    assert page.evaluate(theme) == scheme
    page.locator("#gm-theme").click()
    assert page.evaluate(theme) != scheme
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(theme) == "light", "paper is white"
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(theme) != scheme


def test_a_third_language_is_one_file(open_page, synthetic_view, monkeypatch):
    real = words.catalogue()
    third = {key: f"ᠮᠣᠩ {key}" for key in real["en"]} | {"language.name": "ᠮᠣᠩᠭᠣᠯ"}
    more = {**real, "mn": third}
    for module in ("gridmap.render.words", "gridmap.render.backends.folium"):
        monkeypatch.setattr(f"{module}.catalogue", lambda: more)
    page = open_page(to_html(compose(synthetic_view.view(), synthetic_view.spec()))).page
    button = page.locator("#gm-language")
    assert button.inner_text() == "English"
    button.click()
    assert button.inner_text() == "ᠮᠣᠩᠭᠣᠯ"
    button.click()
    assert page.evaluate("[gridmap.language, document.documentElement.lang]") == ["mn", "mn"]
    assert "ᠮᠣᠩ group.line" in page.locator("#gm-legend").inner_text()
    assert "ᠮᠣᠩ track.road" in page.locator("#gm-legend").inner_text(), "titles from the catalogue too"
    assert page.locator("#gm-title").inner_text() == "Sample area: who answers here?", (
        "data has two languages"
    )


@pytest.mark.parametrize(
    ("width", "height", "language"),
    [
        (1440, 900, "zh"),
        (1024, 700, "en"),
        (390, 844, "zh"),
        (390, 844, "en"),
        pytest.param(1440, 900, "en", marks=pytest.mark.stress),
        pytest.param(1024, 700, "zh", marks=pytest.mark.stress),
    ],
)
def test_words_of_twice_the_length_stay_in_their_places(open_page, long_html, width, height, language):
    page = open_page(long_html, width=width, height=height).page
    page.evaluate("one => { gridmap.language = one }", language)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    tabs = page.locator("#gm-panel [role=tab]")
    for tab in tabs.evaluate_all("all => all.map((one) => one.id.slice(7))"):
        page.evaluate("name => gridmap.parts.openTab(name)", tab)
        page.wait_for_timeout(50)
        assert page.evaluate(OVERFLOWING) == [], tab
    if width > 760:
        page.evaluate("gridmap.parts.printNow()")
        assert page.evaluate(OVERFLOWING) == [], "the dialog before printing"


@pytest.mark.parametrize(
    ("size", "turn", "which"),
    [
        ("A4", "landscape", "shell_html"),
        ("A3", "portrait", "shell_html"),
        ("A4", "portrait", "long_html"),
        ("A3", "landscape", "long_html"),
        pytest.param("A4", "portrait", "shell_html", marks=pytest.mark.stress),
        pytest.param("A3", "landscape", "shell_html", marks=pytest.mark.stress),
        pytest.param("A4", "landscape", "long_html", marks=pytest.mark.stress),
        pytest.param("A3", "portrait", "long_html", marks=pytest.mark.stress),
    ],
)
def test_a_sheet_of_any_size_holds_everything(open_page, request, size, turn, which):
    opened = open_page(request.getfixturevalue(which))
    page = opened.page
    page.evaluate("([size, turn]) => gridmap.parts.setPaper(size, turn)", [size, turn])
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    wide, tall = (float(one) for one in re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups())
    long_side = {"A4": 842, "A3": 1191}[size]
    assert max(wide, tall) == pytest.approx(long_side, abs=2)
    assert (wide > tall) == (turn == "landscape")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    sheet = page.locator("#gm-app").bounding_box()
    head = ("#gm-title", "#gm-subtitle", "#gm-synthetic")
    for one in (*head, "#gm-legend", ".gm-north", ".gm-bar", "#gm-printed"):
        box = page.locator(one).first.bounding_box()
        assert box is not None, one
        assert box["x"] >= sheet["x"] - 1, one
        assert box["y"] + box["height"] <= sheet["y"] + sheet["height"] + 1, f"{one} is cut"
        assert box["x"] + box["width"] <= sheet["x"] + sheet["width"] + 1, f"{one} is cut"
    assert page.locator(".gm-meridian:visible").count() > 1
    assert page.locator(".gm-parallel:visible").count() > 1
    assert page.evaluate(OVERFLOWING) == []
    assert re.fullmatch(r".*\d{4}-\d\d-\d\d", page.locator("#gm-printed").inner_text())
    legend = page.locator("#gm-cards").evaluate("one => [one.scrollHeight, one.clientHeight]")
    assert legend[0] <= legend[1] + 1, "all of the legend is on the sheet"


def test_the_printed_scale_bar_is_true(open_page, shell_html):
    import pyproj

    page = open_page(shell_html).page
    for size, turn in (("A4", "landscape"), ("A3", "portrait")):
        page.evaluate("([size, turn]) => gridmap.parts.setPaper(size, turn)", [size, turn])
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        bar = page.evaluate(
            """() => { const bar = document.querySelector(".gm-bar"), box = bar.getBoundingClientRect();
            const map = gridmap.map.getContainer().getBoundingClientRect();
            const rects = [...bar.querySelectorAll("rect")].map((one) => one.getBoundingClientRect());
            const left = Math.min(...rects.map((one) => one.left));
            const right = Math.max(...rects.map((one) => one.right));
            const y = gridmap.map.getSize().y / 2;
            const from = gridmap.map.containerPointToLatLng([left - map.left, y]);
            const to = gridmap.map.containerPointToLatLng([right - map.left, y]);
            return [Number(bar.dataset.metres), from.lng, from.lat, to.lng, to.lat]; }"""
        )
        *_, metres = pyproj.Geod(ellps="GRS80").inv(*bar[1:])
        assert bar[0] == pytest.approx(metres, rel=0.01), (size, turn)
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")


def test_an_older_browser_is_told_so_and_has_the_figures(chromium, shell_html, tmp_path):
    # A browser that does not know a word of the scripts stops at it: none of them runs.
    path = tmp_path / "map.html"
    path.write_text(shell_html.replace('"use strict";', "?? @;"), encoding="utf-8", newline="\n")
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    assert not page.locator("#gm-old p").is_visible(), "who only waits is not told that the browser is old"
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")
    said = page.locator("#gm-old").inner_text()
    assert page.locator("#gm-old p").is_visible()
    assert "Chromium 90" in said
    assert re.search(r"牧户 / Households\s+30", said)
    assert re.search(r"巡逻区 / Patrol zones\s+4", said)
    context.close()
