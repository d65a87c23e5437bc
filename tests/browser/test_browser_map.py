"""The map in a real browser, from a file, with the network off: what a planner does with it."""

from __future__ import annotations

import re

import pytest

from gridmap.render import compose
from gridmap.render.backends.folium import to_folium, to_html

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def html(synthetic_view):
    return to_html(compose(synthetic_view.view(relief_asc=synthetic_view.relief()), synthetic_view.spec()))


@pytest.fixture
def map_page(same_page, html):
    return same_page(html)


def test_counts_are_those_of_the_tables(map_page, synthetic_view):
    held = {name: len(frame) for name, frame in synthetic_view.tables().items()}
    assert map_page.page.evaluate("gridmap.counts()") == held
    map_page.page.locator(".gm-group-point h3 input").click()
    assert map_page.page.evaluate("gridmap.counts()") == held, "switching a layer off is not a filter"


def test_what_is_drawn_is_what_is_counted(map_page):
    # Every row of a table of points is found again where it stands, by the page's own search.
    found = map_page.page.evaluate(
        """() => { const out = {};
        for (const name of ["household", "outpost", "landmark"]) {
          const table = gridmap.scene.tables[name]; let hits = 0;
          for (let row = 0; row < table.rows; row += 1) {
            if (Number.isNaN(table.lon[row])) continue;
            const found = gridmap.parts.at(L.latLng(table.lat[row], table.lon[row]));
            hits += found.some((one) => one.table === table && one.row === row);
          } out[name] = hits; }
        out.zones = document.querySelectorAll(".leaflet-pane path[fill^='url(#gm-hatch-']").length;
        return out; }"""
    )
    assert found["household"] == 29, "one of 30 has no place"
    assert found["outpost"] == 3
    assert found["landmark"] == 3
    assert found["zones"] == 5, "four zones and the overlap"


def test_dots_are_painted_where_the_households_are(map_page):
    painted = map_page.page.evaluate(
        """() => { const canvas = document.querySelector(".leaflet-gm-points-pane canvas");
        const box = canvas.getBoundingClientRect(); const ratio = canvas.width / box.width;
        const map = gridmap.map.getContainer().getBoundingClientRect();
        const table = gridmap.scene.tables.household;
        const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        let hits = 0;
        for (let row = 0; row < 29; row += 1) {
          const at = gridmap.map.latLngToContainerPoint([table.lat[row], table.lon[row]]);
          const x = Math.round((at.x + map.left - box.left) * ratio);
          const y = Math.round((at.y + map.top - box.top) * ratio);
          const [r, g, b, a] = pixels.slice((y * canvas.width + x) * 4); hits += a > 200 && g > r + 40;
        } return hits; }"""
    )
    assert painted == 29


def test_a_click_on_a_home_says_who_answers_and_why(map_page, synthetic_view):
    home = synthetic_view.tables()["household"].loc[3]
    map_page.click(home.geometry.x, home.geometry.y)
    said = map_page.text("#gm-details")
    assert "H000003" in said
    assert "北部派出所" in said, "the unit of the area layer by its name"
    assert "位于巡逻区\u2068四区 (Z4)\u2069内" in said
    assert "最近的堡垒户\u2068H000000\u2069，距离 3,702 米" in said
    assert "牵头" in said


def test_an_orphan_is_said_to_have_nobody(map_page):
    map_page.page.evaluate(
        """() => { const table = gridmap.scene.tables.household;
        const drawing = gridmap.scene.drawings.find((one) => one.name === "households");
        gridmap.parts.show([{ drawing, table, row: 29 }], null); }"""
    )
    said = map_page.text("#gm-details")
    assert "无人负责" in said
    assert "无位置" in said


def test_a_click_beside_everything_says_the_ground_it_is_on(map_page):
    map_page.click(110.62, 42.33)
    said = map_page.text("#gm-details")
    assert "四区" in said
    assert "巴音花镇" in said
    assert re.search(r"110\.6\d+°E\s+42\.3\d+°N", said)


def test_a_zone_says_how_many_it_answers_for(map_page):
    map_page.click(110.62, 42.33)
    assert "牧户：牵头 7，协同 1" in map_page.text(".gm-serves")


def test_a_section_says_its_chainage_and_its_keeper(map_page):
    map_page.click(110.325, 42.47)
    said = map_page.text("#gm-details")
    assert "K17+310" in said
    assert "北段边防连" in said


def test_the_language_is_switched_in_place(map_page):
    map_page.click(110.62, 42.33)
    map_page.page.locator("#gm-language").click()
    assert map_page.page.evaluate("[gridmap.language, document.documentElement.lang]") == ["en", "en"]
    assert map_page.text("#gm-title") == "Sample area: who answers here?"
    assert "Assigned here" in map_page.text("#gm-details")
    assert "Strongholds" in map_page.text("#gm-legend")
    map_page.page.evaluate("gridmap.language = 'zh'")
    assert "堡垒户" in map_page.text("#gm-legend")
    map_page.page.evaluate("gridmap.language = 'xx'")
    assert map_page.page.evaluate("gridmap.language") == "zh"


def test_the_legend_switches_layers_by_group(map_page):
    shown = "gridmap.parts.visible().map((one) => one.name)"
    box = map_page.page.locator(".gm-group-line h3 input")
    box.click()
    assert not {"border", "sections", "outposts-line"} & set(map_page.page.evaluate(shown))
    assert "households" in map_page.page.evaluate(shown)
    box.click()
    assert {"border", "sections", "outposts-line"} <= set(map_page.page.evaluate(shown))


def test_the_list_of_findings_flies_to_each(map_page):
    map_page.page.locator("#gm-tab-findings").click()
    entries = map_page.page.locator(".gm-finding")
    assert entries.count() == 4
    entries.nth(2).click()
    map_page.page.wait_for_timeout(1500)
    view = map_page.page.evaluate("[gridmap.map.getCenter().lng, gridmap.map.getCenter().lat]")
    assert view == pytest.approx([110.6, 42.4], abs=0.01)
    assert "无堡垒户可及的牧户" in map_page.text("#gm-details h3")


def test_title_statement_and_banner_are_on_the_sheet(map_page):
    assert map_page.page.title() == "示例地区：此地谁负责？"
    assert "示意·合成数据 / Schematic, synthetic data" in map_page.text("#gm-synthetic")
    footer = map_page.text("#gm-footer")
    for said in ("EPSG:4508", "0123456789abcdef", "invented for a test", "规划人员", "gridmap 0.0-test"):
        assert said in footer


def test_real_data_has_no_synthetic_banner(open_page, synthetic_view):
    page = open_page(to_html(compose(synthetic_view.view(synthetic=False), synthetic_view.spec())))
    assert not page.page.locator("#gm-synthetic").is_visible()


def test_the_scale_bar_is_true(map_page):
    import pyproj

    bar = map_page.page.evaluate(
        """() => { const bar = document.querySelector(".gm-bar");
        const map = gridmap.map; const size = map.getSize();
        const at = (x) => map.containerPointToLatLng([x, size.y / 2]);
        const from = at(100), to = at(100 + Number(bar.dataset.pixels));
        return [Number(bar.dataset.metres), from.lng, from.lat, to.lng, to.lat]; }"""
    )
    *_, metres = pyproj.Geod(ellps="GRS80").inv(*bar[1:])
    assert bar[0] == pytest.approx(metres, rel=0.01)


def test_nothing_is_cut_on_a_phone(open_page, html):
    page = open_page(html, width=390, height=844, has_touch=True, is_mobile=True)
    assert page.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not page.page.locator("#gm-legend").is_visible()
    page.page.locator("#gm-handle").tap()
    assert page.page.locator("#gm-legend").is_visible()
    page.page.locator("#gm-handle").tap()
    page.page.touchscreen.tap(*page.place(110.62, 42.33))
    page.page.wait_for_timeout(200)
    assert "四区" in page.text("#gm-details")
    top = page.page.locator("#gm-panel").bounding_box()["y"]
    assert page.place(110.62, 42.33)[1] < top, "what was touched is not under the panel"


def test_one_printed_sheet_holds_everything(map_page):
    page = map_page.page
    view = page.evaluate("[gridmap.map.getZoom(), gridmap.map.getSize().x]")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    sheet = page.locator("#gm-app").bounding_box()
    legend = page.locator("#gm-legend").bounding_box()
    assert legend["y"] + legend["height"] <= sheet["y"] + sheet["height"] + 1, "the legend is cut"
    assert page.locator("#gm-title").is_visible()
    assert page.locator("#gm-footer").is_visible()
    assert not page.locator("#gm-tools").is_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("[gridmap.map.getZoom(), gridmap.map.getSize().x]") == view


def test_names_do_not_lie_on_each_other(map_page):
    overlaps = map_page.page.evaluate(
        """() => { const nodes = [...document.querySelectorAll(".gm-labels text")];
        const boxes = nodes.map((node) => node.getBoundingClientRect());
        let count = 0; boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
          const across = a.left + 3 < b.right && b.left + 3 < a.right;
          if (across && a.top + 4 < b.bottom && b.top + 4 < a.bottom) count += 1; }));
        return [count, boxes.length]; }"""
    )
    assert overlaps[0] == 0
    assert overlaps[1] > 8


def test_a_view_of_one_table_still_makes_a_map(open_page, synthetic_view):
    held = synthetic_view.tables()
    page = open_page(
        to_html(compose(synthetic_view.view({"household": held["household"]}), synthetic_view.spec()))
    )
    assert page.page.evaluate("gridmap.counts()") == {"household": 30}
    page.click(held["household"].geometry.x[3], held["household"].geometry.y[3])
    assert "H000003" in page.text("#gm-details")


def test_ten_thousand_homes_are_held_and_found(open_page, synthetic_view):
    held = synthetic_view.tables(10_000)
    page = open_page(to_html(compose(synthetic_view.view(held), synthetic_view.spec())))
    assert page.page.evaluate("gridmap.counts()")["household"] == 10_000
    ids = page.page.evaluate(
        """["H000000", "H000001", "H004999", "H009998"].map((id) => {
        const t = gridmap.scene.tables.household;
        return [t.id(t.rowOf(id)), t.get(t.rowOf(id), 'persons')]; })"""
    )
    assert ids == [["H000000", 1], ["H000001", 2], ["H004999", 2], ["H009998", 3]]


def test_what_an_analyst_adds_runs_under_the_same_policy(open_page, synthetic_view):
    import folium

    made = to_folium(compose(synthetic_view.view(), synthetic_view.spec()))
    folium.CircleMarker((42.2, 110.2), radius=9, tooltip="added").add_to(made)
    place = {"type": "Point", "coordinates": [110.3, 42.2]}
    feature = {"type": "Feature", "properties": {"name": "{{7*7}}"}, "geometry": place}
    features = {"type": "FeatureCollection", "features": [feature]}
    folium.GeoJson(features, marker=folium.CircleMarker(), tooltip=folium.GeoJsonTooltip(["name"])).add_to(
        made
    )
    page = open_page(made.get_root().render())
    assert page.page.evaluate("gridmap.counts()")["household"] == 30
    assert (
        page.page.evaluate(
            "Object.values(gridmap.map._layers).filter((one) => one instanceof L.CircleMarker).length"
        )
        == 2
    )


def test_the_notebook_frame_works_without_a_network(open_page, synthetic_view):
    frame = to_folium(compose(synthetic_view.view(), synthetic_view.spec()))._repr_html_()
    page_html = f"<!DOCTYPE html><meta charset=utf-8><script>window.gridmap={{ready: true}}</script>{frame}"
    opened = open_page(page_html)
    inner = opened.page.frames[1]
    inner.wait_for_selector("#gm-legend")
    assert inner.evaluate("gridmap.counts()")["household"] == 30


@pytest.mark.parametrize("script", ["off", "altered"])
def test_a_reader_without_the_script_is_told_why_the_map_is_empty(chromium, html, tmp_path, script):
    path = tmp_path / "map.html"
    altered = html.replace("gridmap.mount(map_gridmap);", "gridmap.mount(map_gridmap); /* altered */")
    assert altered != html
    path.write_text(html if script == "off" else altered, encoding="utf-8", newline="\n")
    context = chromium.new_context(java_script_enabled=script != "off", offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    if script == "altered":
        # The policy kept the scripts out; after a while of nothing the reader is told what may be wrong.
        page.evaluate("document.getAnimations().forEach((one) => one.finish())")
        assert page.locator("#gm-old").is_visible()
    assert page.locator("noscript .gm-message").is_visible() == (script == "off")
    assert "示意·合成数据" in page.locator("#gm-synthetic").inner_text()
    context.close()
