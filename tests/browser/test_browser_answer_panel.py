"""A planner clicks a place and reads who answers there, or why nobody does; and sees it on the map."""

from __future__ import annotations

import re

import pytest
import shapely

import gridmap as gm

pytestmark = pytest.mark.browser

INSIDE = (110.12, 42.53)
OUTSIDE = (110.12, 42.9)
HOSTILE = "<img src=x onerror=window.__pwned=1> {{7*7}} ${x} \u202eabc"


@pytest.fixture(scope="module")
def area():
    return gm.demo(households=300)


@pytest.fixture(scope="module")
def plan(area):
    return area.plan()


@pytest.fixture(scope="module")
def html(plan):
    return plan.map(audience="planner").data.decode("utf-8")


def asked(opened, lon, lat, zoom=9):
    opened.page.evaluate("([lon, lat, zoom]) => gridmap.parts.goTo(lon, lat, zoom)", [lon, lat, zoom])
    opened.page.wait_for_timeout(100)


def layer(opened, name):
    return opened.text(f"#gm-details .gm-layer-{name}")


def unit_of(plan, one):
    return plan.tables["unit"].set_index("id").loc[one]


def test_the_answer_comes_first_with_keeper_distance_reason_and_whom_to_call(same_page, html, plan):
    opened = same_page(html)
    asked(opened, *INSIDE)
    right = plan.who(*INSIDE, audience="planner")
    line, zone, point = (layer(opened, name) for name in ("line", "area", "point"))
    for said, one in ((line, right.line), (zone, right.area), (point, right.point)):
        unit = unit_of(plan, one.unit)
        assert unit["name"] in said
        assert unit["contact"] in said
        assert "牵头" in said or "最近" in said or "位于" in said
    whole = round(right.line.chainage_m)
    assert f"K{whole // 1000}+{whole % 1000:03d}" in line
    assert right.line.section in line
    assert right.area.zone in zone
    assert right.point.stronghold in point
    order = opened.page.evaluate(
        """() => { const all = [...document.querySelectorAll("#gm-details > *")];
        const parts = [".gm-who", ".gm-nearby", ".gm-feature"];
        return parts.map((one) => all.findIndex((node) => node.matches(one))); }"""
    )
    assert order == sorted(order)
    assert order[0] > 0


def test_the_three_next_strongholds_are_named_with_way_and_distance_and_lead_on(same_page, html):
    opened = same_page(html)
    asked(opened, *INSIDE)
    near = opened.page.locator(".gm-near button")
    assert near.count() == 3
    metres = opened.page.evaluate(
        "([lon, lat]) => gridmap.parts.answerAt(lon, lat).near.map((one) => one.metres)", list(INSIDE)
    )
    assert metres == sorted(metres)
    assert all(re.search(r"[东南西北]+ [\d.]+ (公里|米)", text) for text in near.all_inner_texts())
    name = near.nth(0).locator(".gm-target-name").inner_text()
    near.nth(0).click()
    assert opened.text("#gm-details h3") == name
    assert "本户即堡垒户" in layer(opened, "point")


def test_lines_lead_to_the_border_and_to_the_strongholds(same_page, html):
    opened = same_page(html)
    asked(opened, *INSIDE, 9)
    drawn = opened.page.evaluate(
        """() => { const found = { rays: 0, areas: 0, thick: 0 };
        gridmap.parts.selected.eachLayer((one) => {
          if (one instanceof L.Polygon) found.areas += one.options.fill ? 1 : 0;
          else if (!(one instanceof L.Polyline) || one.options.color === "#fff") return;
          else if (one.options.weight >= 6) found.thick += 1;
          else found.rays += 1;
        }); return found; }"""
    )
    assert drawn == {"rays": 5, "areas": 1, "thick": 1}
    tags = opened.page.locator(".gm-tag").all_inner_texts()
    assert len(tags) == 2
    assert any("K" in one for one in tags)
    opened.page.locator(".gm-clear").click()
    assert opened.page.evaluate("gridmap.parts.selected.getLayers().length") == 0
    assert "点击地图" in opened.text("#gm-details") or "单击" in opened.text("#gm-details")


def test_outside_the_jurisdiction_one_sentence_says_so(same_page, html):
    opened = same_page(html)
    asked(opened, *OUTSIDE, 8)
    assert "辖区范围之外" in opened.text("#gm-details")
    assert opened.page.locator("#gm-details .gm-layer").count() == 0


def test_a_home_shows_its_own_assignments_and_they_say_the_same(same_page, html, plan):
    opened = same_page(html)
    home = plan.assignments[plan.assignments["kind"].eq("household") & plan.assignments["layer"].eq("line")]
    one = home["feature"].iloc[0]
    opened.page.evaluate(
        """id => { const table = gridmap.scene.tables.household;
        const row = table.rowOf(id);
        gridmap.parts.show([{ drawing: gridmap.parts.drawingOf(table, row), table, row }], null); }""",
        one,
    )
    rows = plan.assignments[plan.assignments["feature"].eq(one) & plan.assignments["kind"].eq("household")]
    for row in rows.itertuples():
        said = layer(opened, row.layer)
        assert row.target in said
        assert ("牵头" if row.role == "lead" else "协同") in said
    answer = opened.page.evaluate(
        """id => { const homes = gridmap.scene.tables.household, row = homes.rowOf(id);
        return gridmap.who(homes.lon[row], homes.lat[row]); }""",
        one,
    )
    by_layer = rows.set_index("layer")["target"]
    assert answer["line"]["section"] == by_layer["line"]
    assert answer["point"]["stronghold"] == by_layer["point"]


def test_both_languages_and_the_screen_reader_say_it(same_page, html):
    opened = same_page(html)
    asked(opened, *INSIDE)
    spoken = opened.page.evaluate("document.getElementById('gm-live').textContent")
    assert spoken.startswith("军管线：")
    opened.page.evaluate("gridmap.language = 'en'")
    said = opened.text("#gm-details")
    assert "Who answers here" in said
    assert re.search(r"[\d.]+ km to the border", said)
    assert "Other strongholds near" in said
    assert not re.search(r"answer\.|note\.|one\.", said), "no key without words"


@pytest.fixture(scope="module")
def faulty():
    area = gm.demo(households=300)
    zones = area.table("patrol_zone")
    first, second = zones.iloc[3], zones.iloc[8]
    area.edit("patrol_zone", first["id"], geometry=shapely.buffer(first.geometry, 1_500))
    area.edit("patrol_zone", second["id"], geometry=shapely.buffer(second.geometry, -1_500))
    area.edit("patrol_zone", first["id"], name=HOSTILE)
    line = area.spec.layers.line.model_copy(update={"section_reach_m": 3_000.0})
    point = area.spec.layers.point.model_copy(update={"reach_m": 2_000.0})
    layers = area.spec.layers.model_copy(update={"line": line, "point": point})
    area.spec = area.spec.model_copy(update={"layers": layers})
    return area.plan()


def places_where(plan, wanted):
    from gridmap import geo

    west, south, east, north = plan.made.ground.jurisdiction.bounds
    step = 1_000
    xy = [(x, y) for x in range(int(west), int(east), step) for y in range(int(south), int(north), step)]
    lonlat = geo.to_lonlat(xy, plan.area.spec.crs)
    seen = plan.asked_by("planner").answers(geo.from_lonlat(lonlat, plan.area.spec.crs))
    return [place.tolist() for place, one in zip(lonlat, seen, strict=True) if wanted(one)]


def test_where_nobody_answers_it_is_said_why(same_page, faulty):
    opened = same_page(faulty.map(audience="planner").data.decode("utf-8"))
    gap = places_where(faulty, lambda one: any("in a gap" in note for note in one.notes))[0]
    asked(opened, *gap)
    assert "无人负责" in layer(opened, "line")
    assert "空白" in layer(opened, "line")
    hole = places_where(faulty, lambda one: "no zone contains this place" in one.notes)[0]
    asked(opened, *hole)
    assert "没有巡逻区包含此处" in layer(opened, "area")
    far = places_where(faulty, lambda one: any("no stronghold within" in note for note in one.notes))[0]
    asked(opened, *far)
    assert "2,000 米内没有堡垒户" in layer(opened, "point")
    assert "最近的堡垒户" in opened.text(".gm-nearby")
    beyond = places_where(faulty, lambda one: any("beyond the border belt" in note for note in one.notes))[0]
    asked(opened, *beyond)
    assert "无人负责" not in layer(opened, "line"), "the belt's end is no gap"
    assert "边境带之外" in layer(opened, "line")


def test_where_two_zones_claim_a_place_both_are_named_and_hostile_names_are_text(same_page, faulty):
    opened = same_page(faulty.map(audience="planner").data.decode("utf-8"))
    two = places_where(faulty, lambda one: bool(one.area and one.area.also))[0]
    asked(opened, *two)
    said = opened.page.evaluate("document.querySelector('#gm-details .gm-layer-area').textContent")
    right = faulty.who(*two, audience="planner").area
    assert right.also[0] in said
    assert HOSTILE.split(" \u202e", maxsplit=1)[0] in said
    assert opened.page.evaluate("window.__pwned") is None
    assert opened.page.locator("#gm-details img").count() == 0


@pytest.mark.parametrize(("audience", "unit"), [("public", None), ("partner", "U-A1")])
def test_who_may_see_less_is_never_told_that_nobody_answers(same_page, plan, audience, unit):
    opened = same_page(plan.map(audience=audience, unit=unit).data.decode("utf-8"))
    for place in (INSIDE, (109.8, 42.3), (110.4, 42.3)):
        for language, words in (("zh", ("无人负责", "空白")), ("en", ("Nobody answers", "gap"))):
            opened.page.evaluate("one => { gridmap.language = one; }", language)
            asked(opened, *place)
            said = opened.text("#gm-details")
            assert not [word for word in words if word in said]


def test_on_a_phone_the_answer_is_whole_and_its_buttons_are_large(open_page, html):
    opened = open_page(html, width=390, height=844, has_touch=True, is_mobile=True)
    asked(opened, *INSIDE)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
    for box in [one.bounding_box() for one in opened.page.locator(".gm-near button, .gm-clear").all()]:
        assert box["height"] >= 40
        assert box["x"] + box["width"] <= 390
