"""Filters: every combination of three of them shows the counts that pandas finds in the same view.

The rules are those of docs/map.md, written here once more, over frames.
"""

from __future__ import annotations

from functools import wraps
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from gridmap.assign import arrange
from gridmap.config.load import parse_spec
from gridmap.geo.frames import findings_frame
from gridmap.privacy import make_view
from gridmap.render import compose
from gridmap.render.backends.folium import to_html
from gridmap.sample import demo_settings, demo_tables

pytestmark = pytest.mark.browser
KEYS = ("layer", "unit", "township", "gacha", "status")
OWN_LAYER = {"sections": "line", "patrol_zone": "area"}
REFUSED = "one => { try { gridmap.filter(one); return ''; } catch (error) { return error.message; } }"
AUDIENCES = {"custodian": None, "planner": None, "partner": "U-A1"}


@pytest.fixture(scope="module")
def area():
    """Return the demo, some of whose rows have a status, some homes no gacha, and a gap and orphans."""
    spec = parse_spec(demo_settings(), where="demo")
    tables = demo_tables(households=300)
    for name, every in (("household", 3), ("outpost", 4), ("track", 5)):
        frame = tables[name].copy()
        frame["status"] = pd.Series(
            [("在用", "停用")[at % 2] if at % every == 0 else None for at in range(len(frame))],
            index=frame.index,
            dtype="string",
        )
        tables[name] = frame
    homes = tables["household"]
    homes.loc[homes.index[::17], "gacha"] = None
    strong = homes.index[homes["stronghold"]]
    homes.loc[strong[1:], "stronghold"] = False
    tables["patrol_zone"] = tables["patrol_zone"].iloc[1:]
    posts = tables["outpost"]
    tables["outpost"] = posts[posts["id"] != "O03"]
    plan = arrange(tables, spec)
    results = {"sections": plan.sections, "assignments": plan.assignments}
    return {**tables, **results, "findings": findings_frame(plan.findings, spec.crs)}, spec


@pytest.fixture(scope="module")
def views(area):
    tables, spec = area
    return {one: make_view(tables, spec, one, unit=unit, facts={}) for one, unit in AUDIENCES.items()}


def frames_of(view):
    return {name: pd.DataFrame(held.frame).reset_index(drop=True) for name, held in view.tables.items()}


def matching(rows, layer, unit):
    """Return the rows that are of the layer and of the unit, as far as these are named."""
    of_layer = rows["layer"].eq(layer) if layer else True
    return (
        rows[of_layer & (rows["unit"].eq(unit).fillna(value=False) if unit else True)]
        if layer or unit
        else rows
    )


def remembered(work):
    """Keep what a method gave, as long as its object lives."""

    @wraps(work)
    def from_memory(self, *asked):
        key = (work.__name__, asked)
        if key not in self.memory:
            self.memory[key] = work(self, *asked)
        return self.memory[key]

    return from_memory


class Reference:
    """The rules over frames: which rows of every table pass, and how many."""

    def __init__(self, view):
        self.frames, self.memory = frames_of(view), {}
        admin = self.frames["admin"].drop_duplicates("code").set_index("code")
        self.township = {
            code: code if row["level"] == "township" else row["parent"] for code, row in admin.iterrows()
        }
        rows = self.frames.get("assignments", pd.DataFrame(columns=["kind", "feature", "layer", "unit"]))
        held = {name: set(frame["id"]) for name, frame in self.frames.items() if "id" in frame}
        known = [one.feature in held.get(one.kind, ()) for one in rows.itertuples()]
        self.rows = rows[known].reset_index(drop=True)
        self.names = [name for name, frame in self.frames.items() if name not in {"findings", "assignments"}]
        self.own = {name: self.columns(frame) for name, frame in self.frames.items()}

    def columns(self, frame):
        found = {
            key: frame[key]
            for key in ("township", "gacha", "status")
            if key in frame and frame[key].notna().any()
        }
        if "township" not in found and "gacha" in found:
            found["township"] = found["gacha"].map(self.township)
        return found

    @remembered
    def keepers(self, name):
        """Return id, layer and unit of every assignment of a table's rows, and of the targets themselves."""
        if "id" not in self.frames[name]:
            return pd.DataFrame(columns=["id", "layer", "unit"])
        frame, rows = self.frames[name], self.rows[self.rows["kind"] == name]
        found = rows.rename(columns={"feature": "id"})[["id", "layer", "unit"]]
        if name in OWN_LAYER:
            unit = frame.get("unit")
            found = pd.concat(
                [found, pd.DataFrame({"id": frame["id"], "layer": OWN_LAYER[name], "unit": unit})]
            )
        return found

    @remembered
    def kept(self, name, layer, unit):
        """Return which rows of a table have a keeper that is of the layer and of the unit at once."""
        rows = self.keepers(name)
        if not len(rows) or (layer is None and unit is None):
            return np.ones(len(self.frames[name]), dtype=bool)
        return self.frames[name]["id"].isin(matching(rows, layer, unit)["id"]).to_numpy(dtype=bool)

    @remembered
    def bears(self, name, key, value):
        """Return which rows bear a value; all of a table that has no such column."""
        if value is None or key not in self.own[name]:
            return np.ones(len(self.frames[name]), dtype=bool)
        return (self.own[name][key] == value).fillna(value=False).to_numpy(dtype=bool)

    def passing(self, name, chosen):
        passes = self.kept(name, chosen.get("layer"), chosen.get("unit")).copy()
        for key in ("township", "gacha", "status"):
            passes &= self.bears(name, key, chosen.get(key))
        return passes

    @remembered
    def about(self, name):
        """Return the kinds that results are about, and in which row of these each of their rows is."""
        rows = self.rows if name == "assignments" else self.frames[name]
        kinds = rows["kind" if name == "assignments" else "table"].to_numpy(dtype=object)
        ids = rows["feature" if name == "assignments" else "id"]
        found = [(kind, np.flatnonzero(kinds == kind)) for kind in self.names if (kinds == kind).any()]
        return [(kind, at, pd.Index(self.frames[kind]["id"]).get_indexer(ids.iloc[at])) for kind, at in found]

    def counts(self, chosen):
        masks = {name: self.passing(name, chosen) for name in self.names}
        found = {name: int(mask.sum()) for name, mask in masks.items()}
        for name in {"findings", "assignments"} & set(self.frames):
            of_view = name == "assignments" and not chosen
            rows = self.frames[name] if of_view or name == "findings" else self.rows
            passes = np.ones(len(rows), dtype=bool)
            for kind, at, place in [] if of_view else self.about(name):
                passes[at] = masks[kind][place] | (place < 0)
            if name == "assignments":
                passes &= rows.index.isin(matching(rows, chosen.get("layer"), chosen.get("unit")).index)
            found[name] = int(passes.sum())
        return found

    def values(self, key):
        """Return what may be chosen."""
        if key in {"layer", "unit"}:
            named = [self.keepers(name) for name in self.names]
            return sorted({one for rows in named if len(rows) for one in rows[key].dropna()})
        return sorted({value for own in self.own.values() if key in own for value in own[key].dropna()})


@pytest.fixture(scope="module")
def pages(views, area):
    return {one: to_html(compose(view, area[1])) for one, view in views.items()}


# Every eighth combination in every run, all of them for everybody in `make stress`.
@pytest.mark.parametrize(
    ("audience", "step"),
    [("planner", 8), *(pytest.param(one, 1, marks=pytest.mark.stress) for one in AUDIENCES)],
)
def test_every_combination_of_three_filters_counts_as_pandas_does(same_page, pages, views, audience, step):
    opened, reference = same_page(pages[audience]), Reference(views[audience])
    assert audience == "partner" or len(reference.frames["findings"]) > 0
    values = {key: reference.values(key) for key in KEYS}
    offered = opened.page.evaluate("gridmap.parts.filters.keys()")
    assert offered == [key for key in KEYS if values[key]]
    assert opened.page.evaluate("gridmap.counts()") == reference.counts({})
    triples = [
        dict(zip(keys, chosen, strict=True))
        for keys in combinations(offered, 3)
        for chosen in product(*(values[key] for key in keys))
    ]
    fewer = [
        dict(zip(keys, chosen, strict=True))
        for many in (1, 2)
        for keys in combinations(offered, many)
        for chosen in product(*(values[key] for key in keys))
    ]
    assert len(triples) > (1000 if audience != "partner" else 3)
    tried = triples[::step] + fewer
    found = opened.page.evaluate("all => all.map((one) => gridmap.filter(one))", tried)
    for one, made in zip(tried, found, strict=True):
        assert made == reference.counts(one), one
    assert opened.page.evaluate("gridmap.filter({})") == reference.counts({})


def test_the_figure_of_an_option_is_what_choosing_it_leaves(same_page, pages, views):
    page, reference = same_page(pages["planner"]).page, Reference(views["planner"])
    for chosen in ({}, {"unit": "U-A1"}, {"layer": "line"}, {"layer": "point", "township": "150223108"}):
        page.evaluate("one => gridmap.filter(one)", chosen)
        for key in KEYS:
            shown = page.evaluate("key => Array.from(gridmap.parts.filters.options(key))", key)
            others = {name: value for name, value in chosen.items() if name != key}
            for value, n in shown:
                left = reference.counts({**others, key: value})
                own = [name for name in reference.names if applies(reference, name, key)]
                assert n == sum(left[name] for name in own), (chosen, key, value)


def applies(reference, name, key):
    if key in {"layer", "unit"}:
        return len(reference.keepers(name)) > 0
    return key in reference.own[name]


MISSPELT = [
    ({"colour": "red"}, "no such filter: colour"),
    ({"unit": "U-NONE"}, "no such unit on this map: U-NONE"),
    ({"layer": "lines"}, "no such layer"),
    ({"township": {}}, "no such township"),
    ("U-A1", "a filter is an object"),
    ({"unit": "__proto__"}, "no such unit"),
]


def test_a_misspelt_filter_is_told_and_changes_nothing(same_page, pages):
    page = same_page(pages["planner"]).page
    page.evaluate("gridmap.language = 'en'")
    before = page.evaluate("gridmap.filter({ unit: 'U-A1' })")
    for wanted, said in MISSPELT:
        assert said in page.evaluate(REFUSED, wanted)
        assert page.evaluate("gridmap.counts()") == before, wanted


def test_a_filter_that_this_audience_has_no_column_for_is_absent(open_page, area):
    tables, spec = area
    public = open_page(to_html(compose(make_view(tables, spec, "public", facts={}), spec))).page
    assert "gacha" not in public.evaluate("gridmap.parts.filters.keys()")
    assert public.evaluate(REFUSED, {"gacha": "150223102200"})


def test_a_township_may_be_named_and_empty_values_are_none(same_page, pages):
    page = same_page(pages["planner"]).page
    by_code = page.evaluate("gridmap.filter({ township: '150223102' })")
    assert page.evaluate("gridmap.filter({ township: '满都拉镇', unit: '', gacha: null })") == by_code
    assert page.evaluate("gridmap.filter()") == page.evaluate("gridmap.scene.counts")


def test_the_tab_combines_filters_and_one_key_takes_them_all_away(same_page, pages):
    opened = same_page(pages["planner"])
    page = opened.page
    page.locator("#gm-tab-filters").click()
    page.locator("#gm-filter-unit").select_option("U-A1")
    page.locator("#gm-filter-layer").select_option("area")
    assert page.evaluate("gridmap.parts.filters.chosen()") == {"unit": "U-A1", "layer": "area"}
    assert page.locator(".gm-chip").count() == 2
    assert "(2)" in opened.text("#gm-tab-filters")
    disabled = page.locator("#gm-filter-gacha option:disabled").all_inner_texts()
    assert disabled, "a gacha in which nothing would be left cannot be chosen"
    assert all(one.endswith("(0)") for one in disabled)
    page.locator(".gm-chip").first.click()
    assert page.locator(".gm-chip").count() == 1
    page.keyboard.press("Tab")
    page.locator("#gm-search").focus()
    page.keyboard.press("r")
    assert page.locator(".gm-chip").count() == 1, "a letter that is written is no command"
    page.locator("#gm-search").press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("r")
    assert page.locator(".gm-chip").count() == 0
    assert page.evaluate("gridmap.counts()") == page.evaluate("gridmap.scene.counts")


def test_single_keys_can_be_switched_off(open_page, pages):
    page = open_page(pages["planner"]).page
    page.evaluate("gridmap.filter({ unit: 'U-A1' })")
    page.keyboard.press("?")
    assert page.locator("#gm-help").is_visible()
    assert "R" in page.locator("#gm-help kbd").all_inner_texts()
    page.locator("#gm-help input").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    assert page.evaluate("gridmap.parts.filters.chosen()") == {"unit": "U-A1"}


def test_the_legend_follows_and_says_that_something_is_left_out(same_page, pages, views):
    opened, reference = same_page(pages["planner"]), Reference(views["planner"])
    opened.page.evaluate("gridmap.language = 'en'; gridmap.filter({ unit: 'U-A1' })")
    strong = reference.frames["household"]["stronghold"].to_numpy(dtype=bool)
    homes = ~strong
    passes = reference.passing("household", {"unit": "U-A1"})
    legend = opened.text("#gm-legend")
    assert f"{(passes & homes).sum()} of {homes.sum()}" in legend
    assert f"{(passes & strong).sum()} of {strong.sum()}" in legend
    assert "Filter Unit:" in opened.text("#gm-filtered")
    opened.page.evaluate("gridmap.filter({})")
    assert not opened.page.locator("#gm-filtered").is_visible()
    assert " of " not in opened.text("#gm-legend .gm-group-point")
