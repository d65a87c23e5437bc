"""axe-core's rules for WCAG 2.2 AA on every audience's page: nothing serious, nothing critical."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

import gridmap as gm

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
AUDIENCES = ("custodian", "planner", "partner", "public")
PLACE = (110.0, 42.4)


@pytest.fixture(scope="module")
def pages():
    plan = gm.demo(households=240, seed=11, faults=True).plan()
    units = {"partner": "U-A1"}
    return {one: plan.map(audience=one, unit=units.get(one)).data.decode("utf-8") for one in AUDIENCES}


def serious(page) -> list[str]:
    """Return what axe finds at its two upper levels, with the elements that it is about."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"][:4]
    ]


def cases():
    """Every audience at both widths in both schemes; of the lesser ones some wait for `make stress`."""
    for audience in AUDIENCES:
        for scheme, width, height in (
            ("light", 1440, 900),
            ("dark", 390, 844),
            ("dark", 1440, 900),
            ("light", 390, 844),
        ):
            twice = (scheme == "light") == (width > 760)
            often = twice and (audience == "planner" or (audience == "public" and scheme == "dark"))
            yield pytest.param(audience, scheme, width, height, marks=() if often else pytest.mark.stress)


@pytest.mark.parametrize(("audience", "scheme", "width", "height"), list(cases()))
def test_nobody_is_shut_out(open_page, pages, audience, scheme, width, height):
    phone = {"has_touch": True, "is_mobile": True} if width < 800 else {}
    # axe is put into the page from outside: the policy, which other tests hold to, would keep it out.
    page = open_page(
        pages[audience], width=width, height=height, color_scheme=scheme, bypass_csp=True, **phone
    ).page
    assert serious(page) == []
    page.evaluate("([lon, lat]) => gridmap.parts.goTo(lon, lat, 11)", PLACE)
    tabs = page.locator("#gm-panel [role=tab]").evaluate_all("all => all.map((one) => one.id.slice(7))")
    assert len(tabs) > 1
    for tab in tabs:
        page.evaluate("name => gridmap.parts.openTab(name)", tab)
        page.wait_for_timeout(30)
        assert serious(page) == [], tab
    if width > 760:
        docks = page.locator("#gm-dock [role=tab]")
        for dock in docks.evaluate_all("all => all.map((one) => one.id.slice(8))"):
            page.evaluate("name => gridmap.parts.openDock(name)", dock)
            page.wait_for_timeout(60)
            assert serious(page) == [], dock
        page.evaluate("gridmap.parts.printNow()")
        assert serious(page) == [], "the dialog before printing"
