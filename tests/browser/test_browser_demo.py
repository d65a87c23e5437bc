"""The demo area as its planner and its custodian see it: the whole way from tables to the page."""

from __future__ import annotations

import pytest

from gridmap.assign import arrange
from gridmap.config.load import parse_spec
from gridmap.geo.frames import findings_frame
from gridmap.privacy import make_view
from gridmap.render import compose
from gridmap.render.backends.folium import to_html
from gridmap.sample import demo_settings, demo_tables, relief_grid

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def demo():
    spec = parse_spec(demo_settings(), where="demo")
    tables = demo_tables(households=400)
    plan = arrange(tables, spec)
    results = {"sections": plan.sections, "assignments": plan.assignments}
    return {**tables, **results, "findings": findings_frame(plan.findings, spec.crs)}, spec


@pytest.mark.parametrize("audience", ["planner", "custodian"])
def test_the_demo_is_drawn_whole_and_twice_the_same(open_page, demo, audience):
    tables, spec = demo
    facts = {"relief_asc": relief_grid(seed=7), "synthetic": True}
    made = [to_html(compose(make_view(tables, spec, audience, facts=facts), spec)) for _ in range(2)]
    assert made[0] == made[1]
    opened = open_page(made[0])
    assert opened.page.evaluate("gridmap.counts()") == {name: len(frame) for name, frame in tables.items()}
    assert "示意·合成数据" in opened.text("#gm-synthetic")
    contact = tables["household"]["contact"].dropna().iloc[0]
    # Texts are packed in the page: its own accessor says what it holds.
    told = opened.page.evaluate(
        """contact => { const table = gridmap.scene.tables.household;
        const all = Array.from({ length: table.rows }, (_, row) => table.get(row, "contact"));
        return all.includes(contact); }""",
        contact,
    )
    assert told == (audience == "custodian"), "a private column reaches the custodian alone"
    assert audience == "custodian" or contact not in made[0]
