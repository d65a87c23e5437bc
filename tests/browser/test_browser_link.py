"""A link to a view: it opens the same view anywhere, and an odd one does no harm."""

from __future__ import annotations

import pytest

from gridmap.render import compose
from gridmap.render.backends.folium import to_html

pytestmark = pytest.mark.browser
PIXEL = 5e-4  # degrees, at the zoom of the test
GOOD = "#at=110.3,42.3"
HOSTILE = [
    *(
        "#",
        "#at",
        "#at=,",
        "#at=1e999,NaN&z=Infinity",
        "#at=500,42",
        "#at=110.3,42.3,1",
        "#%E0%A4%A",
        "#" + "a" * 9000,
    ),
    GOOD + "&z=-5",
    GOOD + "&f.unit=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
    GOOD + "&f.__proto__=x&f.constructor=y",
    GOOD + "&sel=constructor:x&tab=__proto__&dock=toString",
    GOOD + "&sel=household:&on=,,&off=nothing",
    GOOD + "&lang=xx&theme=javascript:alert(1)",
    GOOD + "&tab=%22%3E%3Cscript%3E",
]
CHANGED = """() => { gridmap.map.setView([42.2, 110.4], 11.25, { animate: false }); gridmap.language = "en";
gridmap.parts.setTheme("dark"); gridmap.filter({ unit: "U2", layer: "area" });
gridmap.parts.toggle("graticule", false);
const table = gridmap.scene.tables.household; const row = table.rowOf("H000003");
gridmap.parts.show([{ drawing: gridmap.parts.drawingOf(table, row), table, row }], null);
gridmap.parts.openTab("filters"); gridmap.parts.openDock("table");
gridmap.map.setView([42.2, 110.4], 11.25, { animate: false }); }"""


@pytest.fixture(scope="module")
def html(synthetic_view):
    return to_html(compose(synthetic_view.view(), synthetic_view.spec()))


def same(made, wanted):
    near = made["centre"] == pytest.approx(wanted["centre"], abs=PIXEL)
    return near and {**made, "centre": None} == {**wanted, "centre": None}


def hash_of(opened):
    opened.page.wait_for_timeout(500)
    return opened.page.evaluate("location.hash")


def follow(opened, link):
    opened.page.evaluate("link => { location.hash = link; }", link)
    opened.page.wait_for_timeout(150)


def test_a_link_opens_the_same_view_at_another_size_of_the_window(open_page, html):
    first = open_page(html)
    first.page.evaluate(CHANGED)
    wanted, link = first.page.evaluate("gridmap.state()"), hash_of(first)
    assert wanted["centre"] == pytest.approx([110.4, 42.2], abs=PIXEL)
    assert wanted["zoom"] == 11.25
    assert wanted["filters"] == {"unit": "U2", "layer": "area"}
    assert (wanted["language"], wanted["theme"], wanted["tab"], wanted["dock"]) == (
        "en",
        "dark",
        "filters",
        "table",
    )
    assert wanted["selected"] == "household:H000003"
    assert "graticule" not in wanted["drawings"]
    second = open_page(html, width=1100, height=720)
    second.page.goto(second.page.url.split("#")[0] + link)
    second.page.reload()
    second.page.evaluate("gridmap.ready")
    assert same(second.page.evaluate("gridmap.state()"), wanted)
    assert "H000003" in second.page.locator("#gm-tab-box-answer").text_content()
    phone = open_page(html, width=390, height=844, has_touch=True, is_mobile=True)
    follow(phone, link)
    made = phone.page.evaluate("gridmap.state()")
    assert same({**made, "dock": "table"}, wanted), "all but the dock, for which a phone has no room"


def test_the_address_follows_and_going_back_to_the_start_is_a_link_too(open_page, html):
    opened = open_page(html)
    opened.page.evaluate("gridmap.filter({ unit: 'U2' })")
    assert "f.unit=U2" in hash_of(opened)
    opened.page.evaluate("gridmap.filter({})")
    assert "f.unit" not in hash_of(opened)
    follow(opened, "#at=110.4,42.2&z=11&f.unit=U2")
    follow(opened, "#at=110.4,42.2&z=11")
    assert opened.page.evaluate("gridmap.state().filters") == {}


@pytest.mark.parametrize("after", ["", "&z=11"])
def test_odd_links_are_passed_over(open_page, html, after):
    opened = open_page(html)
    for link in HOSTILE:
        follow(opened, link + after)
        state = opened.page.evaluate("gridmap.state()")
        assert all(isinstance(one, int | float) for one in [*state["centre"], state["zoom"]])
        assert state["filters"] == {}
        assert (state["language"], state["theme"], state["selected"]) == ("zh", "system", None)
    assert opened.page.evaluate("({}).x === undefined && ({}).y === undefined")


def test_what_is_good_in_a_link_of_other_data_is_used(open_page, html):
    opened = open_page(html)
    follow(opened, "#at=110.4,42.2&z=11&f.unit=NONE&f.layer=area&sel=household:NONE&on=nothing")
    state = opened.page.evaluate("gridmap.state()")
    assert state["centre"] == pytest.approx([110.4, 42.2], abs=PIXEL)
    assert (state["zoom"], state["filters"]) == (11, {"layer": "area"})


def test_ids_made_for_an_audience_are_in_no_link(open_page, synthetic_view):
    held = synthetic_view.partner_tables()
    view = synthetic_view.redacted_view(held, "partner", unit="U2", decimals=5, unit_name="北部派出所")
    opened = open_page(to_html(compose(view, synthetic_view.spec())))
    opened.page.evaluate(
        """() => { const table = gridmap.scene.tables.household;
        gridmap.parts.show([{ drawing: gridmap.parts.drawingOf(table, 0), table, row: 0 }], null); }"""
    )
    assert opened.page.evaluate("gridmap.state().selected") is None
    assert "sel=" not in hash_of(opened)


def test_the_link_is_copied_or_offered_for_copying(open_page, html):
    opened = open_page(html)
    opened.page.evaluate(
        """Object.defineProperty(navigator, "clipboard", { value: {
        writeText: (one) => { window.copied = one; return Promise.resolve(); } } })"""
    )
    opened.page.locator("#gm-tool-link").click()
    assert opened.page.locator("#gm-toast").is_visible()
    assert "#at=" in opened.page.evaluate("window.copied")
    opened.page.evaluate("navigator.clipboard.writeText = undefined")
    opened.page.locator("#gm-tool-link").click()
    field = opened.page.locator("#gm-link input")
    assert field.input_value() == opened.page.evaluate("window.copied")
    assert opened.page.evaluate("document.activeElement.selectionEnd") == len(field.input_value())
    opened.page.keyboard.press("Escape")
    assert not field.is_visible()


def test_in_a_frame_of_a_notebook_there_is_no_address_and_no_complaint(open_page, html):
    opened = open_page(html)
    opened.page.evaluate(
        """html => new Promise((done) => { const frame = document.createElement("iframe");
        frame.sandbox = "allow-scripts";
        const at = { position: "fixed", inset: "0", width: "900px", height: "600px", zIndex: 9 };
        Object.assign(frame.style, at);
        frame.srcdoc = html; frame.onload = done; document.body.appendChild(frame); })""",
        html,
    )
    frame = opened.page.frames[1]
    frame.evaluate("gridmap.ready")
    frame.evaluate("gridmap.filter({ unit: 'U2' })")
    opened.page.wait_for_timeout(500)
    assert frame.evaluate("gridmap.state().filters") == {"unit": "U2"}
