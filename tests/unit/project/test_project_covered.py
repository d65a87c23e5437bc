"""Tables, maps and figures of a coverage: what was counted is drawn, and only who sees homes gets it."""

from __future__ import annotations

import itertools
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from coarse import coarse_demo
from pyproj import Geod

import gridmap as gm
from gridmap import geo, privacy
from gridmap.config import ANALYSIS_COLUMNS, ANALYSIS_TABLES, parse_spec, template_text
from gridmap.errors import ConfigError, PublishError, RenderError
from gridmap.model.view import View, ViewTable, seal
from gridmap.privacy import make_view
from gridmap.project.covered import analysis_tables
from gridmap.project.figured import TABLES, analysis_of
from gridmap.render.figures import Figure, draw_figure

REACH = 9_000.0
# Kilometre posts are no table of a coverage; what changes is one only against another scenario.
COVER = tuple(one for one in ANALYSIS_TABLES if one not in {"posts", "travel_change"})
DOCS = Path(__file__).parents[3] / "docs"
PUBLIC, OTHERS = "[audiences.public.columns]", "[audiences.partner.others]"
GEOD = Geod(ellps="GRS80")
TABLE = re.compile(rb'data-gridmap="table">(.*?)</script>', re.DOTALL)


@pytest.fixture(scope="module")
def area():
    return coarse_demo(150, cell_m=400.0)


@pytest.fixture(scope="module")
def plan(area):
    return area.assign()


@pytest.fixture(scope="module")
def found(plan):
    return plan.coverage(reach_m=REACH, without=["outpost:O03"])


@pytest.fixture(scope="module")
def tables(found):
    return analysis_tables(found, COVER)


@pytest.fixture(scope="module")
def timed(plan):
    return plan.coverage(minutes=20, profile="vehicle", without=["outpost:O03"])


def page_tables(page):
    return {one["name"] for one in map(json.loads, TABLE.findall(page))}


def test_tables_have_the_columns_that_audiences_can_list(tables, timed):
    made = {**tables, **analysis_tables(timed, ["isochrones"])}
    assert set(made) == set(COVER)
    for name, frame in made.items():
        assert tuple(one for one in frame.columns if one != "geometry") == ANALYSIS_COLUMNS[name], name
        assert frame["id"].is_unique


def test_stretches_tile_the_border_and_hold_the_gaps(tables, found):
    line = tables["cover_line"]
    ends = np.append(line["from_m"], line["to_m"].iloc[-1])
    assert ends[0] == 0.0
    assert ends[-1] == found.line.total_m
    assert (line["to_m"].iloc[:-1].to_numpy() == line["from_m"].iloc[1:].to_numpy()).all()
    gaps = line.loc[line["keepers"] == 0, ["from_m", "to_m"]].to_numpy()
    assert gaps.tolist() == found.line.gaps.tolist()
    assert (np.diff(line["keepers"]) != 0).all(), "one stretch in two pieces"
    assert geo.geodesic_length(line.geometry, found.demand.crs) == pytest.approx(line["km"] * 1000, abs=1.0)


def test_what_is_drawn_is_what_was_counted(tables, found):
    summed = tables["cover_depth"].groupby("depth")["km2"].sum().reindex(range(4), fill_value=0.0)
    assert summed.to_numpy() * 1e6 == pytest.approx(found.depth.m2, abs=2_000)
    assert tables["cover_area"]["km2"].tolist() == pytest.approx(
        (found.area.at_least_m2 / 1e6)[: len(tables["cover_area"])], abs=1e-3
    )
    gaps = tables["cover_gaps"]
    assert gaps.loc[gaps["layer"] == "point", "household"].tolist() == found.point.uncovered.tolist()
    units = tables["cover_units"]
    assert units["line_km"].sum() * 1000 == pytest.approx(found.line.total_m, abs=5)
    assert units["line_covered_km"].sum() * 1000 == pytest.approx(found.line.covered_m, abs=5)


def test_bins_say_what_is_true_of_their_middle(tables, found):
    """By another way: every distance by pyproj, the nearest zone by plane geometry."""
    bins = tables["cover_strip"]
    border, posts, crs = found.demand.border, found.posts, found.demand.crs
    middle = (bins["from_m"] + bins["to_m"]).to_numpy() / 2
    here = geo.to_lonlat(border.place(middle), crs)

    def away(chosen):
        there = geo.to_lonlat(posts.xy[chosen], crs)
        lon, lat = (np.repeat(here[:, [at]], len(there), axis=1) for at in (0, 1))
        return GEOD.inv(
            lon, lat, np.broadcast_to(there[:, 0], lon.shape), np.broadcast_to(there[:, 1], lat.shape)
        )[2]

    outposts, strongholds = away(posts.line), away(posts.stronghold)
    sure = np.abs(outposts - REACH).min(axis=1) > 1
    assert (bins["keepers"].to_numpy() == (outposts <= REACH).sum(axis=1))[sure].all()
    assert bins["metres"].to_numpy() == pytest.approx(outposts.min(axis=1), abs=0.1)
    zones = shapely.union_all(found.demand.zones)
    zoned = shapely.distance(shapely.points(border.place(middle)), zones) < 50
    sure &= np.abs(strongholds - REACH).min(axis=1) > 2
    deep = (outposts.min(axis=1) <= REACH).astype(int) + zoned + (strongholds.min(axis=1) <= REACH)
    assert (bins["depth"].to_numpy() == deep)[sure].all()
    assert set(deep) == {1, 2, 3}


def test_homes_of_the_strip_are_those_of_the_belt(tables, plan):
    """The rule within_belt finds them in another way."""
    rows = plan.assignments
    held = rows[(rows["layer"] == "line") & (rows["kind"] == "household")]["feature"].nunique()
    bins = tables["cover_strip"]
    assert held == bins["homes"].sum() > 20
    each = bins["homes_km"] * (bins["to_m"] - bins["from_m"]) / 1000
    assert each.to_numpy() == pytest.approx(bins["homes"].to_numpy(), abs=0.01)
    assert bins["to_m"].iloc[-1] == pytest.approx(tables["cover_line"]["to_m"].iloc[-1], abs=1e-3)
    assert (bins["to_m"] - bins["from_m"]).between(250, 750).all()


def test_bands_of_minutes_lie_beside_each_other(timed):
    bands = analysis_tables(timed, ["isochrones"])["isochrones"]
    assert bands["minutes"].tolist() == [10, 20, 40][: len(bands)]
    shapes = bands.geometry.to_numpy()
    for one, other in itertools.pairwise(shapes):
        assert shapely.area(shapely.intersection(one, other)) < 1.0
    assert bands["km2"].cumsum().to_numpy() == pytest.approx(bands["within_km2"], rel=1e-6)
    # Whom the coverage thinks away takes no part: where it was the quickest, others take longer.
    whole = timed.plan.coverage(minutes=20, profile="vehicle")
    assert (
        analysis_tables(whole, ["isochrones"])["isochrones"]["within_km2"].iloc[0]
        > bands["within_km2"].iloc[0]
    )


def test_minutes_of_the_strip_follow_the_reach(timed):
    bins = analysis_tables(timed, ["cover_strip"])["cover_strip"]
    minutes = bins["minutes"].to_numpy()
    sure = ~(np.abs(minutes - 20) < 0.5)
    # A bin's ends may be reached where its middle is not.
    inner = np.convolve(bins["keepers"] > 0, np.ones(3), mode="same")
    settled = sure & ((inner == 0) | (inner == 3))
    assert ((minutes <= 20) == (bins["keepers"] > 0))[settled].all()
    assert settled.sum() > 100


def test_order_of_rows_changes_no_table(area, found):
    turned = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in area.frames().items()}
    other = gm.memory(turned, spec=area.spec).assign().coverage(reach_m=REACH, without=["outpost:O03"])
    for name in ("cover_line", "cover_strip", "cover_units", "cover_gaps"):
        a, b = (pd.DataFrame(analysis_tables(one, [name])[name]) for one in (found, other))
        assert a.drop(columns="geometry", errors="ignore").equals(
            b.drop(columns="geometry", errors="ignore")
        ), name


def test_nobody_else_gets_a_row_of_it(area, plan, found, tables):
    """Default deny, in bytes: neither tables nor pages of a partner or of the public hold any of it."""
    every = {**plan.tables, **plan.results(), **tables}
    facts = {"coverage": analysis_of(found, "map").fact, "revision": plan.revision}
    for audience, unit in (("public", None), ("partner", "U-A1")):
        with pytest.raises(PublishError, match="GM607"):
            found.map(audience=audience, unit=unit)
        for draw in (found.strip, found.bars):
            with pytest.raises(PublishError, match="GM607"):
                draw(audience=audience)
        page = plan.map(audience=audience, unit=unit).data
        assert not page_tables(page) & set(ANALYSIS_TABLES)
    seen = make_view(every, area.spec, "planner", facts=facts)
    assert set(tables) <= set(seen.tables)
    assert seen.facts["coverage"]["metres"] == REACH


def test_a_view_of_others_holds_none_of_it_even_if_it_is_listed(area, plan, tables):
    """Whatever a spec says that was not read from a file: who does not see homes gets nothing of them."""
    every = {**plan.tables, **plan.results(), **tables}
    public = area.spec.audiences["public"]
    listed = public.model_copy(update={"columns": {**public.columns, **ANALYSIS_COLUMNS}})
    spec = area.spec.model_copy(update={"audiences": {**area.spec.audiences, "public": listed}})
    facts = {"coverage": {"en": "without outpost:O03", "zh": ""}}
    releases = privacy.prepare(every, spec, "public", unit=None, releases=privacy.Releases.fresh())
    view = make_view(every, spec, "public", facts=facts, releases=releases)
    assert not set(view.tables) & set(ANALYSIS_TABLES)
    assert "coverage" not in view.facts


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (PUBLIC, f'{PUBLIC}\ncover_strip = ["id"]', "cover_strip tells where"),
        (OTHERS, f'{OTHERS}\ncover_gaps = ["id"]', "cover_gaps tells where"),
        ('cover_area = ["id", "keepers"', 'cover_area = ["id", "keeper"', "cover_area.keeper"),
        ("[kinds.snow", "[kinds.cover_line", "gridmap's own"),
    ],
)  # fmt: skip
def test_settings_that_would_give_it_away_are_refused(old, new, what):
    text = template_text(name_en="a", name_zh="b", crs="EPSG:4508", synthetic=True, source="")
    assert old in text
    with pytest.raises(ConfigError, match="GM103") as caught:
        parse_spec(text.replace(old, new), where="test")
    assert what in str(caught.value)


def test_products_are_those_of_the_planner_and_can_be_verified(area, found, tmp_path):
    page = found.map(audience="planner")
    assert {"cover_line", "cover_depth", "cover_gaps", "household"} <= page_tables(page.data)
    assert "cover_strip" not in page_tables(page.data), "what is not drawn is not in the file"
    assert not page_tables(found.plan.map(audience="planner").data) & set(ANALYSIS_TABLES)
    out = found.strip(audience="planner").save(tmp_path / "strip.svg")
    told = area.verify(out)
    assert told.sound
    assert told.same_data
    manifest = json.loads(out.with_name("strip.svg.manifest.json").read_bytes())
    assert manifest["action"] == "coverage strip"
    assert manifest["options"] | {"reach_m": "9000.0", "without": '["outpost:O03"]'} == manifest["options"]


def test_the_same_figure_twice_is_the_same_bytes(found):
    first, second = (found.strip(audience="planner", language="en").data for _ in range(2))
    assert first == second
    said = first.decode("utf-8")
    assert "without outpost:O03" in said
    assert "Schematic, synthetic data" in said
    total = found.line
    assert f"Covered {total.covered_m / 1000:,.1f} of {total.total_m / 1000:,.1f} km" in said


def test_a_view_without_the_tables_is_nothing_to_draw(area, plan):
    bare = seal(View("planner", {"unit": ViewTable("unit", plan.tables["unit"])}, 5, {}))
    for what in ("strip", "bars"):
        with pytest.raises(RenderError, match="GM702"):
            draw_figure(bare, area.spec, Figure(what))


def test_every_product_has_its_tables():
    assert set(TABLES) == {"map", "strip", "bars"}
    assert {name for names in TABLES.values() for name in names} == {*COVER, "travel_change"}


def test_without_a_border_there_is_no_strip_and_a_map_all_the_same(area):
    held = {name: frame for name, frame in area.frames().items() if name != "border"}
    held["border"] = area.frames()["border"].iloc[:0]
    cover = gm.memory(held, spec=area.spec).assign().coverage(reach_m=REACH)
    assert isinstance(cover.gaps, gpd.GeoDataFrame)
    assert "cover_depth" in page_tables(cover.map(audience="planner").data)
    with pytest.raises(RenderError, match="GM702"):
        cover.strip(audience="planner")


def test_the_page_names_options_that_exist():
    page, commands = (
        (DOCS / name).read_text(encoding="utf-8") for name in ("figures.md", "reference/commands.md")
    )
    own = commands.partition("## gridmap coverage")[2].partition("\n## ")[0]
    for option in set(re.findall(r"--[a-z-]+", page)):
        assert f"`{option}`" in own or option in own, option


@pytest.mark.stress
def test_the_page_runs(tmp_path):
    page = (DOCS / "figures.md").read_text(encoding="utf-8")
    [shell], [code] = (
        re.findall(rf"^```{name}\n(.*?)^```", page, re.MULTILINE | re.DOTALL) for name in ("sh", "python")
    )
    calls = [[sys.executable, "-m", *shlex.split(line)] for line in shell.splitlines()]
    for call in (*calls, [sys.executable, "-W", "error", "-c", code]):
        done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, f"{call}\n{done.stderr}"
    assert {one.name for one in tmp_path.glob("*.svg")} == {"strip.svg", "bars.svg"}
