"""Search: whatever a planner writes finds what the view holds, in both languages, and nothing else."""

from __future__ import annotations

import pytest

from gridmap.errors import ConfigError
from gridmap.geo.places import parse_place
from gridmap.render import compose
from gridmap.render.backends.folium import to_html

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}${x}\u202eabc"
PLACES = [
    *(
        "110.12 42.53",
        "110.12,42.53",
        "110.12°, 42.53°",
        "１１０．１２，４２．５３",
        "42°31'48\"N 110°7'12\"E",
    ),
    *("42°31′48″N, 110°7′12″E", "东经110度7分12秒 北纬42度31分48秒", "北纬42°31′48″，东经110°7′12″"),
    *("E110:07:12 N42:31:48", "110°7'12\" 42°31'48\"", "N42.53 E110.12", "-110.12 42.53", "110.12W 42.53S"),
    *(
        "110.12 95",
        "300 42",
        "42°61' 110°7'",
        "110 7 12 42 31 48",
        "N42.5 N43.5",
        "西经110度南纬42度",
        "110.12",
    ),
    *(
        "K23+450",
        "k23",
        "23+450",
        "K 23 + 450",
        "23.5km",
        "450 m",
        "12公里",
        "K23+1450",
        "K",
        "＋",
        "H000003",
    ),
    "110-07-12E 42-31-48N",
]


@pytest.fixture(scope="module")
def tables(synthetic_view):
    held = synthetic_view.tables()
    held["landmark"].loc[0, "name"] = HOSTILE
    return held


@pytest.fixture(scope="module")
def html(synthetic_view, tables):
    return to_html(compose(synthetic_view.view(tables), synthetic_view.spec()))


@pytest.fixture
def opened(open_page, html):
    return open_page(html)


def search(opened, text):
    return opened.page.evaluate("text => gridmap.search(text)", text)


def read(text):
    try:
        return parse_place(text)
    except ConfigError:
        return None


def test_a_place_is_read_as_who_reads_it(opened):
    found = opened.page.evaluate("texts => texts.map((one) => gridmap.parts.written(one))", PLACES)
    for text, made in zip(PLACES, found, strict=True):
        place = read(text)
        if place is None or place.kind == "name":
            wanted = None
        elif place.kind == "lonlat":
            wanted = {"kind": "lonlat", "lon": place.lon, "lat": place.lat}
        else:
            wanted = {"kind": "chainage", "metres": place.chainage_m}
        assert made == wanted, text


def test_names_ids_numbers_codes_and_units_are_found(opened, tables):
    homes, posts = tables["household"], tables["outpost"]
    first = search(opened, homes["id"].iloc[3])[0]
    assert (first["kind"], first["id"], first["why"]) == ("household", homes["id"].iloc[3], "id")
    assert (first["lon"], first["lat"]) == pytest.approx(
        (homes.geometry.iloc[3].x, homes.geometry.iloc[3].y), abs=1e-5
    )
    assert search(opened, f"household:{homes['id'].iloc[3]}")[0] == first
    assert search(opened, f"outpost:{homes['id'].iloc[3]}") == []
    assert search(opened, posts["name"].iloc[0])[0]["id"] == posts["id"].iloc[0]
    unit = search(opened, "北部派出所")[0]
    assert (unit["kind"], unit["id"]) == ("unit", "U2")
    assert unit["lon"] is not None
    assert set(first) == {"kind", "id", "name", "lon", "lat", "why"}


def test_kinds_are_found_by_their_titles_in_both_languages(opened):
    for text in ("哨所", "outposts", "Outp"):
        found = search(opened, text)
        assert {"outpost"} <= {one["kind"] for one in found}, text
    assert len(search(opened, "牧户")) <= 20
    assert search(opened, "") == search(opened, "  ") == []
    assert search(opened, "nothing like it") == []


def test_ids_made_for_an_audience_are_neither_found_nor_given(open_page, synthetic_view):
    spec = synthetic_view.spec()
    held = synthetic_view.partner_tables()
    view = synthetic_view.redacted_view(held, "partner", unit="U2", decimals=5, unit_name="北部派出所")
    page = open_page(to_html(compose(view, spec)))
    for name in ("household", "patrol_zone", "unit"):
        for one in held[name]["id"].iloc[:3] if name in held else ():
            assert [found["kind"] for found in search(page, one) if found["why"] == "id"] == []
    assert {one["id"] for one in search(page, "区")} == {None}


def test_by_keyboard_alone_a_name_is_found_and_gone_to(opened, tables):
    page = opened.page
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "gm-search"
    page.keyboard.type(tables["outpost"]["name"].iloc[1])
    page.wait_for_selector("#gm-found [role=option]")
    assert page.get_attribute("#gm-search", "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    active = page.get_attribute("#gm-search", "aria-activedescendant")
    assert page.get_attribute(f"#{active}", "aria-selected") == "true"
    page.keyboard.press("Enter")
    page.wait_for_timeout(1200)
    assert not page.locator("#gm-found").is_visible()
    assert tables["outpost"]["name"].iloc[1] in opened.text("#gm-details")
    place = tables["outpost"].geometry.iloc[1]
    centre = page.evaluate("[gridmap.map.getCenter().lng, gridmap.map.getCenter().lat]")
    assert centre == pytest.approx([place.x, place.y], abs=0.05)


def test_escape_closes_first_and_empties_then(opened):
    page = opened.page
    page.locator("#gm-search").fill("哨所")
    page.wait_for_selector("#gm-found [role=option]")
    page.keyboard.press("Escape")
    assert not page.locator("#gm-found").is_visible()
    assert page.input_value("#gm-search") == "哨所"
    page.keyboard.press("Escape")
    assert page.input_value("#gm-search") == ""


def test_a_coordinate_is_gone_to_and_asked_about(opened):
    page = opened.page
    page.locator("#gm-search").fill("东经110度37分12秒 北纬42度19分48秒")
    page.wait_for_selector("#gm-found [role=option]")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    centre = page.evaluate("[gridmap.map.getCenter().lng, gridmap.map.getCenter().lat]")
    assert centre == pytest.approx([110.62, 42.33], abs=0.01)
    assert "四区" in opened.text("#gm-tab-box-answer")


def test_a_unit_shows_only_what_it_keeps(opened):
    page = opened.page
    page.locator("#gm-search").fill("北部派出所")
    page.wait_for_selector("#gm-found [role=option]")
    page.locator("#gm-found [role=option]").first.click()
    assert page.evaluate("gridmap.parts.filters.chosen()") == {"unit": "U2"}
    assert page.locator("#gm-filters").is_visible()


def test_by_touch_on_a_phone(open_page, html):
    opened = open_page(html, width=390, height=844, has_touch=True, is_mobile=True)
    page = opened.page
    page.locator("#gm-search").tap()
    page.locator("#gm-search").fill("哨所")
    page.wait_for_selector("#gm-found [role=option]")
    box = page.locator("#gm-found [role=option]").first.bounding_box()
    assert box["height"] >= 40
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.locator("#gm-found [role=option]").first.tap()
    page.wait_for_timeout(1200)
    assert page.locator("#gm-details h3").is_visible()


def test_hostile_names_are_only_text(opened):
    page = opened.page
    page.locator("#gm-search").fill("<img src")
    page.wait_for_selector("#gm-found [role=option]")
    assert "{{7*7}}${x}" in page.locator("#gm-found").inner_text()
    assert page.locator("#gm-found img").count() == 0


# A list of half a million names, as a custodian's may be.
MANY = """const many = 500000; const home = gridmap.scene.tables.household; home.rows = many;
home.by.name = { name: "name", type: "text", get: (row) => "示例·" + (row * 7919) % many };
home.id = (row) => "H" + row; home.lon = new Float64Array(many).fill(110); home.lat = home.lon;"""
# The longest time for which a page could not have answered, while something is waited for.
WATCHED = """const watched = (start) => new Promise((done) => {
let last = performance.now(), worst = 0, over = false;
const tick = () => { const now = performance.now(); worst = Math.max(worst, now - last); last = now;
  if (over) done(worst); else setTimeout(tick, 0); };
tick(); start(() => { over = true; }); });"""


def test_many_names_hold_up_neither_typing_nor_the_map(opened):
    longest = opened.page.evaluate(
        f"""async () => {{ {MANY} {WATCHED}
        const found = [await watched((done) => gridmap.parts.indexNames(done))];
        for (const text of ["4", "49", "499", "4999", "示例49999", "H499999", "no such"]) {{
          found.push(await watched((done) => gridmap.parts.slowly(gridmap.parts.finding(text), done))); }}
        return found; }}"""
    )
    # Turns are of 12 ms; the rest is a loaded machine.
    assert longest[0] < 1_000, longest
    assert sorted(longest[1:])[3] < 100, longest
    assert search(opened, "示例49999")[0]["name"] == "示例·49999"
