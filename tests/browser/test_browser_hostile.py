"""Text that could run: in every field, header, name and title it shows as text and runs nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from gridmap.render import compose
from gridmap.render.backends.folium import to_html

pytestmark = pytest.mark.browser

PAYLOADS = [
    "{{7*7}}",
    "{% raw %}{{x}}",
    "{# gone #}",
    "${window.__pwned=1}",
    "`${window.__pwned=1}`",
    "\\u003cimg\\u003e\\",
    "</script><script>window.__pwned=1</script>",
    "<img src=x onerror=window.__pwned=1>",
    "<!--<script>",
    "\u2028window.__pwned=1;\u2029",
    "\u202egnp.exe\u202c",
    "');window.__pwned=1;//",
    '"><svg onload=window.__pwned=1>',
    "javascript:window.__pwned=1",
    "&lt;b&gt;",
]
EVERYTHING = " ".join(PAYLOADS)
SHORT = "<img src=x onerror=window.__pwned=1>"


def hostile_tables(synthetic_view):
    """Put the text into every text cell but ids that others refer to, into a header and a table's name."""
    held = synthetic_view.tables()
    out = {}
    for name, frame in held.items():
        hurt = frame.copy()
        for column in hurt.columns:
            keep = column in {
                "geometry",
                "level",
                "class",
                "layer",
                "kind",
                "feature",
                "target",
                "role",
                "table",
                "unit",
                "outpost",
            }
            if (
                not keep
                and str(hurt[column].dtype) == "str"
                and (column != "id" or name in {"track", "border"})
            ):
                hurt[column] = pd.Series([f"{EVERYTHING} {row}" for row in range(len(hurt))], dtype="str")
        if name in {"outpost", "patrol_zone"}:
            hurt.insert(1, EVERYTHING, pd.Series([EVERYTHING] * len(hurt), dtype="str"))
        out[name] = hurt
    # Names short enough to find room on the map.
    out["landmark"]["name"] = pd.Series([SHORT, None, "{{7*7}}"], dtype="str")
    out["assignments"]["rule"] = EVERYTHING
    out[EVERYTHING] = held["unit"].assign(name=EVERYTHING)
    return out


@pytest.fixture(scope="module")
def page_html(synthetic_view):
    spec = synthetic_view.spec(
        name_en=EVERYTHING.replace("\u2028", "").replace("\u2029", ""), name_zh=EVERYTHING
    )
    view = synthetic_view.view(
        hostile_tables(synthetic_view), source=EVERYTHING, revision=EVERYTHING, version=EVERYTHING
    )
    return to_html(compose(view, spec))


def test_python_runs_nothing(page_html):
    assert "{{7*7}}" in page_html.replace("\\u007b", "{")
    assert "<img src=x" not in page_html
    assert "<script>window.__pwned" not in page_html


def test_the_page_shows_it_and_runs_nothing(open_page, page_html, synthetic_view):
    opened = open_page(page_html)
    page = opened.page
    shown = "(selector) => document.querySelector(selector).textContent"
    # Every panel, in both languages, of a feature of every table.
    for language in ("zh", "en"):
        page.evaluate(f"gridmap.language = '{language}'")
        for name in synthetic_view.tables():
            if name == "assignments":
                continue
            page.evaluate(
                """(name) => { const table = gridmap.scene.tables[name]; if (!table.rows) return;
                const drawing = gridmap.scene.drawings.find((one) => one.table === name && one.codes);
                const one = { drawing, table, row: 0 };
                gridmap.parts.show(drawing ? [one, one] : [one], null); }""",
                name,
            )
            page.wait_for_timeout(20)
        page.evaluate("gridmap.map.setZoom(gridmap.map.getZoom() + 2, {animate: false})")
        page.wait_for_timeout(100)
    page.pdf()
    assert page.evaluate("window.__pwned") is None
    assert (
        page.evaluate(
            "document.querySelectorAll('img[src=x], #gm-app svg[onload], #gm-app script script').length"
        )
        == 0
    )
    assert EVERYTHING in page.evaluate(shown, "#gm-footer")
    page.evaluate("gridmap.language = 'zh'")
    assert EVERYTHING in page.evaluate(shown, "#gm-title")
    assert "{{7*7}} {% raw %}" in page.evaluate("document.title")


def test_fields_headers_and_reasons_show_as_the_text_they_are(open_page, page_html):
    page = open_page(page_html).page
    page.evaluate(
        """() => { const table = gridmap.scene.tables.outpost;
        const drawing = gridmap.scene.drawings.find((one) => one.name === "outposts-line");
        gridmap.parts.show([{ drawing, table, row: 0 }], null); }"""
    )
    said = page.evaluate("document.querySelector('#gm-details').textContent")
    assert f"{EVERYTHING} 0" in said, "a field"
    headers = page.evaluate("[...document.querySelectorAll('#gm-details dt')].map((one) => one.textContent)")
    assert EVERYTHING in headers
    reasons = page.evaluate(
        "[...document.querySelectorAll('#gm-details .gm-reason')].map((one) => one.textContent)"
    )
    assert f"{EVERYTHING} 0" in reasons
    assert page.evaluate("window.__pwned") is None


def test_names_on_the_map_are_text(open_page, page_html):
    page = open_page(page_html).page
    page.evaluate("gridmap.parts.openDock(null)")
    page.evaluate("gridmap.map.setView([42.17, 110.3], 11.5, {animate: false})")
    page.wait_for_timeout(200)
    texts = page.evaluate("[...document.querySelectorAll('.gm-labels text')].map((one) => one.textContent)")
    assert {SHORT, "{{7*7}}"} <= set(texts)
    assert page.evaluate("document.querySelectorAll('.gm-labels text *').length") == 0
    assert page.evaluate("window.__pwned") is None


def test_the_policy_would_stop_what_got_through(open_page, page_html):
    opened = open_page(page_html)
    opened.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,x\" onerror=\"window.__pwned=1\">')"
    )
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("window.__pwned") is None
    assert any("Content Security Policy" in said for said in opened.complaints)
    opened.complaints.clear()
