"""The strip map: the border unrolled under the map, and what a planner reads off it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.geo.chainage import build_border
from gridmap.geo.crs import geoms_from_lonlat
from gridmap.render import compose
from gridmap.render.backends.folium import to_html

pytestmark = pytest.mark.browser
CRS = "EPSG:4508"
PLOT = ".gm-strip-plot"


@pytest.fixture(scope="session")
def html(synthetic_view):
    return to_html(compose(synthetic_view.view(), synthetic_view.spec()))


@pytest.fixture
def strip(same_page, html):
    opened = same_page(html)
    opened.page.wait_for_selector(".gm-strip-section")
    return opened


@pytest.fixture
def own_strip(open_page, html):
    """Return a strip that no other test has used."""
    opened = open_page(html)
    opened.page.wait_for_selector(".gm-strip-section")
    opened.page.wait_for_timeout(300)
    return opened


@pytest.fixture(scope="session")
def border(synthetic_view):
    geoms = geoms_from_lonlat(synthetic_view.tables()["border"].geometry.to_numpy(), CRS)
    return build_border(geoms, CRS)


def along(opened, metres: float) -> tuple[float, float]:
    """Return where a chainage is on the strip, in pixels of its box."""
    axis = opened.page.evaluate(
        """() => { const rect = [...document.querySelectorAll('.gm-strip-section')].map((node) =>
        [Number(node.getAttribute('x')), Number(node.getAttribute('width')), Number(node.dataset.row)]);
        const first = rect.find((one) => one[2] === 0);
        const table = gridmap.scene.tables.sections;
        const scale = first[1] / (table.get(0, 'to_m') - table.get(0, 'from_m'));
        return [first[0] - table.get(0, 'from_m') * scale, scale, gridmap.parts.stripGutter()]; }"""
    )
    return axis[2] + axis[0] + metres * axis[1], 26.0


def hover(opened, metres: float) -> None:
    x, y = along(opened, metres)
    opened.page.hover(PLOT, position={"x": x, "y": y})
    opened.page.wait_for_timeout(80)


def said(opened) -> str:
    return opened.page.get_attribute(PLOT, "aria-valuetext")


def metres_of(text: str) -> float:
    kilometres, metres = text[1:].split("+")
    return int(kilometres) * 1000 + int(metres[:3])


def test_pointing_at_the_strip_says_who_keeps_the_place_and_shows_it_on_the_map(strip):
    hover(strip, 10_000)
    assert "S001 · 北段边防连" in said(strip)
    where = metres_of(said(strip))
    assert abs(where - 10_000) < 60, "a pixel of the strip is some 55 m"
    assert "S001" in strip.text(".gm-strip-tip")
    shown = strip.page.evaluate(
        """() => { let at = null; gridmap.map.eachLayer((one) => {
        if (one instanceof L.CircleMarker && one.options.pane === 'gm-selected') at = one.getLatLng(); });
        return [at.lng, at.lat]; }"""
    )
    expected = strip.page.evaluate("([m]) => gridmap.parts.geo.border.place(m)", [where])
    assert shown == pytest.approx([expected["lon"], expected["lat"]], abs=2e-5)
    strip.page.mouse.move(5, 5)
    strip.page.wait_for_timeout(400)
    assert strip.page.locator(".gm-strip-tip").count() == 0, "the marker goes with the pointer"


def test_a_stretch_that_nobody_keeps_is_drawn_and_said(strip, border):
    gaps = strip.page.evaluate("gridmap.parts.stripModel().gaps")
    assert len(gaps) == 1
    assert gaps[0]["from"] == 38_900
    assert gaps[0]["to"] == pytest.approx(border.length_m, abs=1)
    bar = strip.page.locator('.gm-strip-fault[data-fault="gap"]')
    assert bar.count() == 1
    assert bar.get_attribute("fill").startswith("url(#gm-hatch-fault"), "a hatch beside the colour"
    hover(strip, 45_000)
    assert "空白" in said(strip)


def test_two_claims_on_one_stretch_are_an_overlap(open_page, synthetic_view):
    held = synthetic_view.tables()
    held["sections"] = held["sections"].assign(to_m=[20_000.0, 38_900.0])
    opened = open_page(to_html(compose(synthetic_view.view(held), synthetic_view.spec())))
    opened.page.wait_for_selector('.gm-strip-fault[data-fault="overlap"]')
    hover(opened, 18_600)
    assert "重叠" in said(opened)
    assert "S001" in said(opened)
    assert "S002" in said(opened)


def test_a_view_of_a_part_never_says_that_nobody_keeps_the_rest(open_page, synthetic_view):
    held = synthetic_view.partner_tables()
    html = to_html(compose(synthetic_view.redacted_view(held, "partner", unit="U2"), synthetic_view.spec()))
    opened = open_page(html)
    opened.page.wait_for_selector(".gm-strip-border", state="attached")
    assert opened.page.locator(".gm-strip-fault").count() == 0
    assert "空白" not in said(opened)


def test_without_a_border_in_the_view_there_is_no_strip(open_page, synthetic_view):
    view = synthetic_view.redacted_view(synthetic_view.public_tables(), "public")
    opened = open_page(to_html(compose(view, synthetic_view.spec())))
    assert opened.page.locator("#gm-dock-strip").count() == 0


def test_the_histogram_counts_the_homes_of_the_belt_by_kilometre(strip, border, synthetic_view):
    homes = synthetic_view.tables()["household"].geometry
    places = geoms_from_lonlat(homes[homes.notna()].to_numpy(), CRS)
    found = border.locate(np.array([[one.x, one.y] for one in places]))
    near = found.distance_m <= 20_000
    expected = np.bincount(
        (found.chainage_m[near] // 1000).astype(int), minlength=int(border.length_m // 1000) + 1
    )
    bins = strip.page.evaluate("Array.from(gridmap.parts.stripModel().homes)")
    assert bins == expected.tolist()
    assert sum(bins) == near.sum() > 0
    drawn = strip.page.locator(".gm-strip-home")
    assert drawn.count() == np.count_nonzero(expected)


def test_the_histogram_follows_the_filters(own_strip):
    masked = own_strip.page.evaluate(
        """() => { const before = gridmap.parts.passes;
        const sum = () => gridmap.parts.stripModel().homes.reduce((a, b) => a + b, 0); const all = sum();
        gridmap.parts.passes = (table) => table.name === 'household' ? new Uint8Array(table.rows) : null;
        gridmap.parts.tell('filter'); const none = sum();
        gridmap.parts.passes = before; gridmap.parts.tell('filter'); return [all, none]; }"""
    )
    assert masked[0] > 0
    assert masked[1] == 0


def test_a_section_that_a_filter_hides_is_not_taken_for_a_gap(own_strip):
    own_strip.page.evaluate(
        """() => { gridmap.parts.passes = (table) => table.name === 'sections' ? Uint8Array.of(1, 0) : null;
        gridmap.parts.tell('filter'); }"""
    )
    own_strip.page.wait_for_selector(".gm-strip-faint")
    assert own_strip.page.locator('.gm-strip-fault[data-fault="gap"]').count() == 1, "the true gap alone"


def test_outposts_hang_at_their_distance_and_markers_stand_at_their_chainage(strip, border):
    found = strip.page.evaluate(
        """() => { const model = gridmap.parts.stripModel(); const plain = (one) =>
        [gridmap.scene.tables[one.table.name].id(one.row), one.at, one.off];
        return {inland: model.inland.map(plain), markers: model.markers.map(plain)}; }"""
    )
    by_id = {one[0]: one[1:] for one in found["inland"] + found["markers"]}
    places = {"O1": (110.1, 42.46), "O2": (110.33, 42.45), "L2": (110.2, 42.5)}
    for name, (lon, lat) in places.items():
        point = geoms_from_lonlat(np.array([shapely.Point(lon, lat)], dtype=object), CRS)[0]
        expected = border.locate(np.array([[point.x, point.y]]))
        assert by_id[name] == pytest.approx([expected.chainage_m[0], expected.distance_m[0]], abs=0.01)
    assert "O3" not in by_id, "it is beyond the belt"
    assert "701" in strip.page.locator(".gm-strip-picture").text_content()


def test_pointing_at_the_map_moves_the_cursor_of_the_strip(strip):
    x, y = strip.place(110.2, 42.49)
    strip.page.mouse.move(x, y)
    strip.page.wait_for_timeout(120)
    located = strip.page.evaluate("gridmap.parts.geo.border.locate(110.2, 42.49)")
    assert abs(metres_of(strip.text(".gm-strip-said b")) - located["chainage"]) < 200
    assert strip.page.get_attribute(".gm-strip-cursor", "visibility") == "visible"
    far = strip.place(110.3, 42.05)
    strip.page.mouse.move(*far)
    strip.page.wait_for_timeout(120)
    assert strip.page.get_attribute(".gm-strip-cursor", "visibility") == "hidden", "beyond the belt"


def test_a_row_pointed_at_elsewhere_moves_the_cursor(strip):
    strip.page.evaluate("gridmap.parts.tell('hover', {table: gridmap.scene.tables.sections, row: 1})")
    assert said(strip).startswith("K28+105"), "the middle of the section"
    strip.page.evaluate("gridmap.parts.tell('hover', null)")
    assert strip.page.get_attribute(".gm-strip-cursor", "visibility") == "hidden"


def test_clicking_the_strip_goes_there_and_asks(strip):
    x, y = along(strip, 30_000)
    strip.page.mouse.move(5, 5)
    strip.page.click(PLOT, position={"x": x, "y": y})
    strip.page.wait_for_timeout(150)
    centre = strip.page.evaluate("(() => { const at = gridmap.map.getCenter(); return [at.lng, at.lat]; })()")
    found = strip.page.evaluate("([lon, lat]) => gridmap.parts.geo.border.locate(lon, lat)", centre)
    assert abs(found["chainage"] - 30_000) < 100
    assert found["metres"] < 100
    assert strip.page.get_attribute("#gm-tab-answer", "aria-selected") == "true"


def test_by_keyboard_alone(own_strip):
    own_strip.page.focus(PLOT)
    own_strip.page.keyboard.press("Home")
    assert said(own_strip).startswith("K0+000")
    for _ in range(3):
        own_strip.page.keyboard.press("ArrowRight")
    own_strip.page.keyboard.press("Shift+ArrowRight")
    assert said(own_strip).startswith("K3+100")
    assert own_strip.page.get_attribute(PLOT, "aria-valuenow") == "3100"
    assert own_strip.page.get_attribute(PLOT, "role") == "slider"
    own_strip.page.keyboard.press("End")
    assert said(own_strip).startswith("K60+")
    own_strip.page.keyboard.press("PageDown")
    own_strip.page.keyboard.press("Enter")
    own_strip.page.wait_for_timeout(100)
    assert own_strip.page.get_attribute("#gm-tab-answer", "aria-selected") == "true"
    own_strip.page.keyboard.press("Escape")


def test_zooming_in_keeps_the_place_under_the_pointer_and_out_again_shows_all(own_strip):
    x, y = along(own_strip, 20_000)
    own_strip.page.hover(PLOT, position={"x": x, "y": y})
    before = metres_of(said(own_strip))
    for _ in range(4):
        own_strip.page.mouse.wheel(0, -240)
        own_strip.page.wait_for_timeout(60)
    own_strip.page.mouse.move(0, 0)
    own_strip.page.hover(PLOT, position={"x": x, "y": y})
    assert abs(metres_of(said(own_strip)) - before) < 30
    assert own_strip.page.locator(".gm-strip-picture").text_content().count("K19") >= 1, "finer marks"
    own_strip.page.click(".gm-strip-tools button >> nth=2")
    own_strip.page.wait_for_timeout(60)
    assert own_strip.page.locator(".gm-strip-tools button >> nth=2").is_disabled()


def _long(held: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    held["unit"] = held["unit"].assign(
        name=held["unit"]["name"] + "（" + "很长" * 9 + "的单位名称）<img src=x onerror=alert(1)>"
    )
    held["outpost"] = held["outpost"].assign(name=held["outpost"]["name"] + "长名称" * 12 + "\u202e{{7*7}}")
    return held


def _hundreds(held: dict[str, pd.DataFrame], sections: int) -> dict[str, pd.DataFrame]:
    ends = np.linspace(0, 59_000, sections + 1)
    first = held["sections"].iloc[[0] * sections].reset_index(drop=True)
    names = pd.Series([f"S{at:03d}" for at in range(sections)], dtype="str")
    held["sections"] = first.assign(id=names, from_m=ends[:-1], to_m=ends[1:])
    return held


OVERLAPS = """() => { const boxes = [...document.querySelectorAll('.gm-strip-picture text')].map((node) => {
  const box = node.getBoundingClientRect(); return [box.left, box.top + 3, box.right, box.bottom - 3]; });
  let met = 0; boxes.forEach((a, at) => boxes.slice(at + 1).forEach((b) => {
    if (a[0] + 1 < b[2] && b[0] + 1 < a[2] && a[1] < b[3] && b[1] < a[3]) met += 1; }));
  const root = document.querySelector('.gm-strip-plot').getBoundingClientRect();
  const out = boxes.filter((one) => one[0] < root.left - 1 || one[2] > root.right + 1);
  return [met, out.length, boxes.length]; }"""


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.stress)])
def test_long_names_and_hundreds_of_sections_stay_readable(open_page, synthetic_view, width, language):
    held = _hundreds(_long(synthetic_view.tables()), 300)
    opened = open_page(
        to_html(compose(synthetic_view.view(held), synthetic_view.spec())), width=width, height=844
    )
    opened.page.evaluate(f"gridmap.language = '{language}'")
    if opened.page.get_attribute("#gm-dock-strip", "aria-selected") != "true":
        opened.page.click("#gm-dock-strip")
    opened.page.wait_for_timeout(400)
    assert opened.page.locator(".gm-strip-section").count() == 300
    met, out, many = opened.page.evaluate(OVERLAPS)
    assert met == 0, "no two texts stand on each other"
    assert out == 0, "no text runs out of the strip"
    assert many > 8
    for _ in range(6):
        opened.page.click(".gm-strip-tools button >> nth=1")
    opened.page.wait_for_timeout(100)
    assert opened.page.evaluate(OVERLAPS)[:2] == [0, 0]
    assert "S1" in opened.page.locator(".gm-strip-picture").text_content(), "near, every section has its name"


def test_two_fingers_zoom_and_one_drags_on_a_phone(open_page, html):
    opened = open_page(html, width=390, height=844, has_touch=True)
    opened.page.click("#gm-dock-strip")
    opened.page.wait_for_timeout(300)
    box = opened.page.locator(PLOT).bounding_box()
    gesture = """([kind, points]) => { const plot = document.querySelector('.gm-strip-plot');
      points.forEach(([id, x, y]) => plot.dispatchEvent(new PointerEvent(kind, {pointerId: id, clientX: x,
      clientY: y, pointerType: 'touch', bubbles: true, button: 0}))); }"""
    opened.page.evaluate("document.querySelector('.gm-strip-plot').setPointerCapture = () => {}")
    middle, y = box["x"] + 220, box["y"] + 60
    for kind, gap in (("pointerdown", 20), ("pointermove", 60)):
        opened.page.evaluate(gesture, [kind, [[7, middle - gap, y], [8, middle + gap, y]]])
    opened.page.evaluate(gesture, ["pointerup", [[7, middle - 60, y], [8, middle + 60, y]]])
    opened.page.wait_for_timeout(100)
    assert not opened.page.locator(".gm-strip-tools button >> nth=2").is_disabled(), "it is zoomed"
    assert opened.page.evaluate("gridmap.parts.stripAt()") is None, "zooming asks nothing"
