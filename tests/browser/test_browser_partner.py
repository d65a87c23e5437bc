"""One unit's map in a real browser: nothing of another unit, wherever somebody looks for it in the page."""

from __future__ import annotations

import numpy as np
import pytest

import gridmap as gm
from gridmap.geo import point_xy, to_lonlat

pytestmark = pytest.mark.browser
MINE, THEIRS = "U-A1", "U-A2"
# All that scripts of the page can reach: every object that a global of the page leads to, and what the
# tables' own accessors give.
WALK = """(clean) => {
  const seen = new Set(), texts = new Set(), places = [];
  const own = Object.getOwnPropertyNames(window).filter((name) => !clean.includes(name));
  const waiting = own.map((name) => window[name]);
  while (waiting.length) {
    const one = waiting.pop();
    if (typeof one === "string") texts.add(one);
    const holds = one !== null && (typeof one === "object" || typeof one === "function");
    if (!holds || seen.has(one) || one instanceof Node || one === window || ArrayBuffer.isView(one)) continue;
    seen.add(one);
    if (one instanceof Map || one instanceof Set) for (const value of one) waiting.push(value);
    for (const name of Object.getOwnPropertyNames(one)) {
      texts.add(name);
      // What the browser's own prototypes compute is not data of the page.
      const held = Object.getOwnPropertyDescriptor(one, name);
      if ("value" in held) waiting.push(held.value);
    }
  }
  for (const table of Object.values(gridmap.scene.tables)) {
    for (let row = 0; row < table.rows; row += 1) {
      for (const column of ["id", ...table.columns.map((made) => made.name)]) {
        texts.add(String(table.get(row, column)));
      }
      if (table.lon) places.push([table.lon[row], table.lat[row]]);
    }
  }
  return { globals: own, texts: [...texts].join("\\n"), places };
}"""


@pytest.fixture(scope="module")
def area():
    return gm.demo(households=240, seed=11)


@pytest.fixture(scope="module")
def plan(area):
    return area.plan()


@pytest.fixture(scope="module")
def page_of(plan):
    return plan.map(audience="partner", unit=MINE).data.decode("utf-8")


@pytest.fixture(scope="module")
def theirs(plan):
    """Return the homes, outposts and contacts that are not the unit's own."""
    rows, tables = plan.assignments, plan.tables
    led = rows[(rows["unit"] == MINE) & (rows["role"] == "lead") & (rows["kind"] == "household")]["feature"]
    homes, posts, units = tables["household"], tables["outpost"], tables["unit"]
    return {
        "homes": homes[~homes["id"].isin(led) & (homes["unit"] != MINE)],
        "posts": posts[posts["unit"] != MINE],
        "units": units[units["id"] != MINE],
    }


@pytest.fixture(scope="module")
def words(theirs, plan):
    """Return the texts that must not be found: names that the unit's own homes do not bear as well."""
    names = set(theirs["homes"]["name"]) - set(plan.tables["household"]["name"].drop(theirs["homes"].index))
    found = {
        *names,
        *theirs["homes"]["contact"],
        *theirs["homes"]["id"],
        *theirs["units"]["contact"],
        *theirs["posts"]["name"],
    }
    assert len(found) > 300
    return found


def lonlat(frame, plan):
    return to_lonlat(point_xy(frame.geometry), plan.area.spec.crs)


@pytest.fixture
def held(same_page, page_of):
    """Return what the page holds for scripts, its source, and what it says."""
    page = same_page(page_of).page
    blank = page.context.new_page()
    clean = blank.evaluate("Object.getOwnPropertyNames(window)")
    blank.close()
    made = page.evaluate(WALK, clean)
    assert "gridmap" in made["globals"]
    return {**made, "source": page.content(), "said": page.evaluate("document.body.innerText")}


def test_neither_source_nor_window_holds_another_units_texts(held, words, theirs, plan):
    homes = plan.tables["household"].drop(theirs["homes"].index)
    assert homes["name"].iloc[0] in held["texts"], "the walk must reach the data"
    for part in ("texts", "source", "said"):
        assert not [one for one in words if one in held[part]]


def test_no_position_of_another_unit_is_among_those_of_the_page(held, theirs, plan):
    shown = {tuple(one) for one in np.round(np.array(held["places"], dtype=float), 5)}
    homes = plan.tables["household"].drop(theirs["homes"].index)
    assert {tuple(one) for one in np.round(lonlat(homes, plan), 5)} <= shown
    for hidden in (theirs["homes"], theirs["posts"]):
        assert not {tuple(one) for one in np.round(lonlat(hidden, plan), 5)} & shown


@pytest.mark.parametrize("which", ["homes", "posts"])
def test_a_click_where_another_units_home_or_post_is_names_nothing_of_it(
    same_page, page_of, theirs, words, plan, which
):
    page = same_page(page_of)
    places = lonlat(theirs[which], plan)
    for lon, lat in places[:: max(1, len(places) // 12)]:
        page.click(float(lon), float(lat))
        text = page.text("#gm-details")
        assert text.strip()
        assert not [one for one in words if one in text]


def test_its_own_homes_are_there_with_name_and_contact(same_page, page_of, theirs, plan):
    page = same_page(page_of)
    homes = plan.tables["household"].drop(theirs["homes"].index)
    lon, lat = lonlat(homes, plan)[0]
    page.page.evaluate("([lon, lat]) => gridmap.map.setView([lat, lon], 15, { animate: false })", [lon, lat])
    page.page.wait_for_timeout(300)
    page.click(float(lon), float(lat))
    text = page.text("#gm-details")
    assert homes["name"].iloc[0] in text
    assert homes["contact"].iloc[0] in text
