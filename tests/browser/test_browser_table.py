"""The table under the map: what is in view, in any order, linked both ways, saved as a file that is safe."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest

from gridmap.exchange.formats.csv import guard, unguard
from gridmap.render import compose
from gridmap.render.backends.folium import to_html

pytestmark = pytest.mark.browser
HOSTILE = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "＝1", "'=1", "\ttab", 'a,b"c"', "line\nline", "'", "plain", ""),
    *("<img src=x onerror=alert(1)>", "{{7*7}}", "${x}", "\u202eabc"),
]


@pytest.fixture(scope="module")
def tables(synthetic_view):
    held = synthetic_view.tables()
    names = [*HOSTILE, *(f"户{at}" for at in range(len(held["household"]) - len(HOSTILE)))]
    held["household"] = held["household"].assign(name=pd.Series(names, dtype="str"))
    return held


@pytest.fixture(scope="module")
def html(synthetic_view, tables):
    return to_html(compose(synthetic_view.view(tables), synthetic_view.spec("A: b/c", "图<b>=1</b>:/\\甲")))


@pytest.fixture
def opened(open_page, html):
    made = open_page(html)
    # With the dock open the map is lower: the whole area is brought back into view.
    made.page.evaluate("gridmap.parts.openDock('table'); gridmap.parts.home()")
    made.page.wait_for_timeout(100)
    return made


def rows(opened):
    return opened.page.locator(".gm-list tbody th").all_inner_texts()


def test_it_lists_what_is_in_view_and_passes_the_filters(opened, tables):
    homes = tables["household"]
    placed = homes[~homes.geometry.is_empty & homes.geometry.notna()]
    assert set(rows(opened)) == set(placed["id"])
    opened.page.evaluate("gridmap.map.fitBounds([[42.0, 110.0], [42.2, 110.35]], { animate: false })")
    opened.page.wait_for_timeout(100)
    west, south, east, north = opened.page.evaluate(
        "gridmap.map.getBounds().toBBoxString().split(',').map(Number)"
    )
    inside = placed[placed.geometry.x.between(west, east) & placed.geometry.y.between(south, north)]
    assert 0 < len(inside) < len(placed)
    assert set(rows(opened)) == set(inside["id"])
    joined = tables["assignments"]
    kept = set(joined[(joined["kind"] == "household") & (joined["unit"] == "U2")]["feature"])
    opened.page.evaluate("gridmap.filter({ unit: 'U2' })")
    assert set(rows(opened)) == set(inside["id"]) & kept
    opened.page.locator(".gm-list-bar input").uncheck()
    assert set(rows(opened)) == set(homes["id"]) & kept, (
        "not only what is in view: those without a place, too"
    )


def test_a_header_sorts_up_and_down_and_says_so(opened, tables):
    button = opened.page.locator('.gm-list thead button[data-column="persons"]')
    shown = dict(zip(tables["household"]["id"], tables["household"]["persons"], strict=True))
    for wanted, order in ((False, "ascending"), (True, "descending")):
        button.click()
        made = [shown[one] for one in rows(opened)]
        assert made == sorted(made, reverse=wanted)
        head = opened.page.locator('.gm-list th:has(button[data-column="persons"])')
        assert head.get_attribute("aria-sort") == order
        assert opened.page.evaluate("document.activeElement.dataset.column") == "persons"


def test_a_row_selects_on_the_map_and_the_map_selects_a_row(opened, tables):
    page = opened.page
    page.locator(".gm-list tbody .gm-row").nth(4).click()
    page.wait_for_timeout(1200)
    chosen = rows(opened)[4]
    home = tables["household"].set_index("id").loc[chosen]
    assert chosen in opened.text("#gm-tab-box-answer")
    centre = page.evaluate("[gridmap.map.getCenter().lng, gridmap.map.getCenter().lat]")
    assert centre == pytest.approx([home.geometry.x, home.geometry.y], abs=0.02)
    assert len(rows(opened)) > 20, "the list stays while its own choice moves the map"
    assert opened.page.locator(".gm-chosen-row").inner_text().startswith(chosen)
    page.evaluate("gridmap.parts.home()")
    page.wait_for_timeout(200)
    other = tables["household"].set_index("id").loc["H000003"].geometry
    opened.click(other.x, other.y)
    assert opened.page.locator(".gm-chosen-row").inner_text().startswith("H000003")
    assert opened.page.locator('.gm-row[aria-current="true"]').inner_text() == "H000003"


def test_pointing_at_a_row_puts_a_ring_on_the_map(opened):
    ring = ".leaflet-gm-selected-pane path"
    before = opened.page.locator(ring).count()
    opened.page.locator(".gm-list tbody tr").nth(2).hover()
    assert opened.page.locator(ring).count() == before + 2
    opened.page.locator(".gm-list-bar select").hover()
    assert opened.page.locator(ring).count() == before


def test_by_keyboard_a_row_is_chosen(opened):
    opened.page.locator(".gm-row").first.focus()
    opened.page.keyboard.press("Enter")
    opened.page.wait_for_timeout(1000)
    assert rows(opened)[0] in opened.text("#gm-tab-box-answer")
    assert opened.page.locator(".gm-list caption").inner_text()


def saved(opened, button=".gm-csv"):
    with opened.page.expect_download() as made:
        opened.page.locator(button).click()
    with open(made.value.path(), "rb") as file:  # noqa: PTH123 - a path of the browser's
        return made.value.suggested_filename, file.read()


def test_the_csv_holds_what_the_audience_may_see_and_no_spreadsheet_runs_it(opened, tables):
    name, data = saved(opened)
    assert name.endswith(".csv")
    assert not set(name) & set('<>:"/\\|?*')
    assert data.startswith(b"\xef\xbb\xbf")
    text = data.decode("utf-8-sig")
    assert text.count("\r\n") >= 30
    made = list(csv.DictReader(io.StringIO(text, newline="")))
    homes = tables["household"].drop(columns="geometry")
    assert list(made[0]) == [*homes.columns, "lon_cgcs2000", "lat_cgcs2000"]
    by_id = homes.set_index("id")
    for row in made:
        value = by_id.loc[row["id"], "name"]
        assert row["name"] == guard(value), "as gridmap's own export writes it"
        assert unguard(row["name"]) == value
        assert row["stronghold"] == str(bool(by_id.loc[row["id"], "stronghold"])).lower()
    assert len(made) == len(rows(opened))
    place = tables["household"].set_index("id").loc[made[0]["id"]].geometry
    found = [float(made[0][name]) for name in ("lon_cgcs2000", "lat_cgcs2000")]
    assert found == pytest.approx([place.x, place.y], abs=1e-5)


def test_every_table_with_rows_can_be_chosen(opened, tables):
    names = opened.page.locator(".gm-list-bar option").evaluate_all("all => all.map((one) => one.value)")
    assert set(names) == {name for name, frame in tables.items() if len(frame) and name != "assignments"}
    for name in names:
        opened.page.locator(".gm-list-bar select").select_option(name)
        assert len(rows(opened)) >= 1, name


def test_a_page_of_rows_is_written_at_once_and_the_others_are_a_click_away(open_page, synthetic_view):
    held = synthetic_view.tables(count=450)
    opened = open_page(to_html(compose(synthetic_view.view(held), synthetic_view.spec())))
    opened.page.evaluate("gridmap.language = 'en'; gridmap.parts.openDock('table')")
    assert len(rows(opened)) == 100
    assert "1–100 of" in opened.text(".gm-list-count")
    first = rows(opened)[0]
    opened.page.locator(".gm-pages button").last.click()
    assert "101–200 of" in opened.text(".gm-list-count")
    assert rows(opened)[0] != first
    home = held["household"].iloc[333]
    opened.page.evaluate(
        """id => { const table = gridmap.scene.tables.household; const row = table.rowOf(id);
        gridmap.parts.show([{ drawing: gridmap.parts.drawingOf(table, row), table, row }], null); }""",
        home["id"],
    )
    assert home["id"] in opened.page.locator(".gm-chosen-row").inner_text(), "its page is turned to"


def test_a_million_rows_are_sorted_in_turns(opened):
    opened.page.evaluate(
        """() => { const many = 400000; const home = gridmap.scene.tables.household;
        gridmap.parts.openDock(null); home.rows = many; home.lon = new Float64Array(many).fill(110.3);
        home.lat = new Float64Array(many).fill(42.2); home.id = (row) => "H" + ((row * 7919) % many);
        gridmap.parts.openDock("table"); }"""
    )
    opened.page.wait_for_timeout(1500)
    took = opened.page.evaluate(
        """() => new Promise((done) => { let last = performance.now(), worst = 0;
        const tick = () => { const now = performance.now(); worst = Math.max(worst, now - last); last = now;
          if (document.querySelector("[aria-busy]")) setTimeout(tick, 0);
          else done([worst, document.querySelector(".gm-list tbody th").textContent]); };
        document.querySelector('.gm-list thead button[data-column="id"]').click(); tick(); })"""
    )
    assert took[0] < 400, "most of it is this machine's load"
    assert took[1] == "H0"
