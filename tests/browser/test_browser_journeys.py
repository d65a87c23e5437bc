"""What a planner comes for, whole: by mouse, by the keyboard alone, and by touch."""

from __future__ import annotations

import re

import pytest

import gridmap as gm

pytestmark = pytest.mark.browser
# One screen in every run for a way to use it, all four in `make stress`.
ALL = ((1440, 900, "light"), (390, 844, "dark"), (1440, 900, "dark"), (390, 844, "light"))


def screens(often: int):
    cases = [
        pytest.param(*one, marks=() if at == often else pytest.mark.stress) for at, one in enumerate(ALL)
    ]
    return pytest.mark.parametrize(("width", "height", "scheme"), cases)


@pytest.fixture(scope="module")
def plan():
    return gm.demo(households=300, seed=5, faults=True).plan()


@pytest.fixture(scope="module")
def html(plan):
    return plan.map(audience="planner").data.decode("utf-8")


@pytest.fixture(scope="module")
def section(plan):
    """Return who keeps the line at K23+450, as Python says."""
    return plan.who("K23+450").line.section


def to_the_top(page) -> None:
    page.evaluate("document.activeElement && document.activeElement.blur()")


def tab_to(page, target: str, most: int = 120) -> None:
    """Press Tab until an element has the focus, as somebody without a mouse does."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("one => document.activeElement.matches(one)", target):
            return
    raise AssertionError(f"the keyboard does not reach {target}")


def active(page) -> str:
    return page.evaluate("gridmap.parts.tabNow()")


@screens(0)
def test_by_mouse(open_page, html, section, width, height, scheme):
    page = open_page(html, width=width, height=height, color_scheme=scheme).page
    # A place by its chainage.
    page.locator("#gm-search").click()
    page.keyboard.type("K23+450")
    page.locator("#gm-found [role=option]").first.click()
    assert active(page) == "answer"
    assert section in page.locator("#gm-details").inner_text()
    # A filter, and back.
    whole = page.evaluate("gridmap.counts().household")
    page.locator("#gm-tab-filters").click()
    page.locator("#gm-filter-unit").select_option("U-A1")
    part = page.evaluate("gridmap.counts().household")
    assert 0 < part < whole
    page.locator("#gm-tab-layers").click()
    homes = page.locator(".gm-group-point .gm-count").all_inner_texts()
    assert sum(int(one.split("/")[0].replace(",", "")) for one in homes if "/" in one) >= part
    page.evaluate("gridmap.filter({})")
    # A finding, from the list to the map.
    page.locator("#gm-tab-findings").click()
    page.locator(".gm-finding").first.click()
    page.wait_for_timeout(900)
    assert active(page) == "answer"
    if width > 760:
        # A row of the table.
        page.locator("#gm-dock-table").click()
        row = page.locator("#gm-dock-box-table tbody tr").first
        row.click()
        page.wait_for_timeout(400)
        assert page.locator("#gm-details h3").first.inner_text().strip()


@screens(0)
def test_by_the_keyboard_alone(open_page, html, section, width, height, scheme):
    page = open_page(html, width=width, height=height, color_scheme=scheme).page
    page.keyboard.press("/")
    page.keyboard.type("K23+450")
    page.wait_for_timeout(150)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert section in page.locator("#gm-details").inner_text()
    # The panel: to its tabs, along them, into the filter.
    to_the_top(page)
    tab_to(page, "#gm-panel [role=tab]")
    for _ in range(5):
        if active(page) == "filters":
            break
        page.keyboard.press("ArrowRight")
    assert active(page) == "filters"
    tab_to(page, "#gm-filter-unit")
    whole = page.evaluate("gridmap.counts().household")
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(100)
    assert page.evaluate("gridmap.counts().household") < whole
    to_the_top(page)
    page.keyboard.press("r")
    assert page.evaluate("gridmap.counts().household") == whole, "one key takes every filter back"
    # The findings, from the list to the map.
    tab_to(page, "#gm-panel [role=tab]")
    page.keyboard.press("ArrowRight")
    assert active(page) == "findings"
    tab_to(page, ".gm-finding")
    page.keyboard.press("Enter")
    page.wait_for_timeout(900)
    assert active(page) == "answer"
    # The table: what the canvas shows, row by row, of the whole area.
    to_the_top(page)
    tab_to(page, ".gm-zoom button:nth-child(3)")
    page.keyboard.press("Enter")
    tab_to(page, "#gm-dock [role=tab]")
    if page.evaluate("gridmap.parts.dockNow()") != "table":
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(150)
    assert page.evaluate("gridmap.parts.dockNow()") == "table"
    tab_to(page, "#gm-dock-box-table tbody tr, #gm-dock-box-table tbody tr *")
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    assert page.locator("#gm-details h3").first.inner_text().strip()


@screens(1)
def test_by_touch(open_page, html, plan, width, height, scheme):
    touched = {"has_touch": True, "is_mobile": width < 800}
    page = open_page(html, width=width, height=height, color_scheme=scheme, **touched)
    inner = page.page
    section = plan.who("K23+450").line.section
    inner.locator("#gm-search").tap()
    inner.keyboard.type("K23+450")
    inner.locator("#gm-found [role=option]").first.tap()
    assert section in page.text("#gm-details")
    if width < 800:
        top = inner.locator("#gm-panel").bounding_box()["y"]
        assert inner.locator("#gm-handle").bounding_box()["height"] >= 40, "large enough for a thumb"
        assert top > 200, "the map is still to be seen"
        inner.locator("#gm-handle").tap()
    inner.evaluate("gridmap.map.setView([42.4, 110.0], 11, { animate: false })")
    inner.wait_for_timeout(200)
    inner.touchscreen.tap(*page.place(110.0, 42.4))
    inner.wait_for_timeout(250)
    answer = plan.who(110.0, 42.4)
    assert answer.area.zone in page.text("#gm-details")
    inner.locator("#gm-tab-filters").tap()
    inner.locator("#gm-filter-layer").select_option("point")
    assert inner.evaluate("gridmap.state().filters") == {"layer": "point"}
    assert re.search(r"\d", page.text("#gm-filters"))
