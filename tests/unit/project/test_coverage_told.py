"""Who may have which table of a coverage, and settings from before there were any."""

from __future__ import annotations

import pytest

import gridmap as gm
from gridmap.config import ANALYSIS_COLUMNS, ANALYSIS_TABLES, default_spec, parse_spec, template_text
from gridmap.errors import ConfigError, PublishError, RenderError
from gridmap.privacy import make_view
from gridmap.project.covered import analysis_tables
from gridmap.project.drawable import refuse_undrawable
from gridmap.project.figured import analysis_of

COVER = tuple(one for one in ANALYSIS_TABLES if one != "posts")
# These two are made only with minutes, and one of them only against another scenario.
TIMED = {"isochrones", "travel_change"}
HOUSEHOLD = 'household = ["id", "stronghold", "persons", "gacha", "unit", "status"]'
UNIT = 'unit = ["id", "name", "layer", "contact", "status"]'
ZONE = 'patrol_zone = ["id", "name", "unit", "status"]'


@pytest.fixture(scope="module")
def area():
    return gm.demo(households=120)


@pytest.fixture(scope="module")
def found(area):
    return area.plan().coverage(reach_m=6_000, without=["outpost:O03"])


@pytest.fixture(scope="module")
def made(found):
    return analysis_tables(found, [one for one in COVER if one not in TIMED])


def text():
    return template_text(name_en="a", name_zh="b", crs="EPSG:4508", synthetic=True, source="")


def without(settings, tables):
    """Return settings without the lines of some tables."""
    left = [one for one in settings.splitlines(keepends=True) if not one.startswith(tuple(tables))]
    return "".join(left) if tables else settings


def planner(spec, **columns):
    """Return settings whose planner lists other columns of some tables; None takes a table out."""
    one = spec.audiences["planner"]
    listed = {name: held for name, held in (one.columns | columns).items() if held is not None}
    audience = one.model_copy(update={"columns": listed})
    return spec.model_copy(update={"audiences": {**spec.audiences, "planner": audience}})


@pytest.mark.parametrize(
    ("listed", "hidden"),
    [
        ({"household": ("id",)}, set(COVER)),
        ({"household": ("id", "stronghold")}, {"cover_gaps", "cover_units"}),
        ({"outpost": ("name",)}, set(COVER)),
        ({"patrol_zone": None}, {"cover_depth", "cover_strip"}),
        ({"unit": ("id", "layer")}, {"cover_units"}),
        ({}, set()),
    ],
)
def test_a_table_passes_to_who_sees_what_it_tells(area, found, made, listed, hidden):
    """Persons, strongholds and units' names would leave by a coverage that may not leave as they are."""
    facts = {"coverage": analysis_of(found, "map").fact}
    view = make_view({**found.plan.tables, **made}, planner(area.spec, **listed), "planner", facts=facts)
    assert set(made) - set(view.tables) == hidden - TIMED
    assert ("coverage" in view.facts) == ("cover_line" not in hidden)


@pytest.mark.parametrize(
    ("old", "new", "table", "lacking", "beside"),
    [
        (HOUSEHOLD, 'household = ["id", "persons"]', "cover_line", "household.stronghold", ()),
        (HOUSEHOLD, 'household = ["id", "stronghold"]', "cover_gaps", "household.persons", ()),
        (UNIT, 'unit = ["id", "layer"]', "cover_units", "unit.name", ()),
        (ZONE, "", "cover_depth", "patrol_zone", ()),
        (ZONE, "", "cover_strip", "patrol_zone", ("cover_depth",)),
    ],
)
def test_a_table_that_tells_more_is_refused_with_what_is_missing(old, new, table, lacking, beside):
    assert text().count(old) >= 1
    with pytest.raises(ConfigError, match="GM103") as caught:
        parse_spec(without(text().replace(old, new, 1), beside), where="test")
    assert f"columns.{table}" in caught.value.where
    assert f"lacks {lacking}" in str(caught.value)


def test_columns_that_a_project_does_not_have_hide_nothing():
    named = 'name = { type = "text", required = true, title = { en = "Name", zh = "名称" } }\nlayer ='
    bare = text().replace(named, "layer =").replace('unit = ["id", "name", ', 'unit = ["id", ')
    bare = bare.replace('unit = ["id", "name", "layer"]', 'unit = ["id", "layer"]')
    assert "cover_units" in parse_spec(bare, where="test").audiences["planner"].columns


def test_settings_without_the_tables_are_refused_with_the_lines_to_add(area, found, monkeypatch):
    """A map from before there were any would show nothing of the coverage, and nobody would know why."""
    old = planner(area.spec, **dict.fromkeys(COVER))
    monkeypatch.setattr(area, "spec", old)
    named = {"map": ("cover_line", "cover_gaps"), "strip": ("cover_strip",), "bars": ("cover_units",)}
    for what, draw in (("map", found.map), ("strip", found.strip), ("bars", found.bars)):
        with pytest.raises(RenderError, match="GM702") as caught:
            draw(audience="planner")
        assert "[audiences.planner.columns]" in caught.value.fix
        for table in named[what]:
            columns = ", ".join(f'"{one}"' for one in ANALYSIS_COLUMNS[table])
            assert f"{table} = [{columns}]" in caught.value.fix
    with pytest.raises(PublishError, match="GM607"):
        found.map(audience="public")
    assert found.map(audience="custodian").data


def test_lines_that_are_added_as_told_make_the_map():
    """The fix is read back: what it says is what the settings take."""
    whole = text()
    start, stop = whole.index("[maps.coverage]"), whole.index("# [maps.main.basemap]")
    old = without(whole[:start] + whole[stop:], ("cover_", "isochrones =", "travel_change ="))
    spec = parse_spec(old, where="test")
    with pytest.raises(ConfigError, match="GM105") as caught:
        refuse_undrawable(spec, "map", "planner")
    told_map, _, told_tables = caught.value.fix.partition("; and under [audiences.planner.columns]: ")
    overlays = told_map.partition("[maps.coverage]: ")[2].replace(", overlays", "\noverlays")
    tables = told_tables.partition("; there are")[0].replace("], ", "]\n")
    added = old.replace(HOUSEHOLD, f"{HOUSEHOLD}\n{tables}", 1) + f"\n[maps.coverage]\n{overlays}\n"
    spec = parse_spec(added, where="test")
    refuse_undrawable(spec, "map", "planner")
    with pytest.raises(RenderError, match="GM702"):
        refuse_undrawable(spec, "strip", "planner")


def test_isochrones_alone_are_a_map_only_with_minutes():
    spec = planner(default_spec("EPSG:4508"), **{one: None for one in COVER if one != "isochrones"})
    refuse_undrawable(spec, "map", "planner", timed=True)
    with pytest.raises(RenderError, match="GM702"):
        refuse_undrawable(spec, "map", "planner", timed=False)
