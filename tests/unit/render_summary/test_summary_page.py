"""The summary page: complete, inert, the same each time, and nothing asked from outside."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import re

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap.config import default_spec
from gridmap.errors import PublishError
from gridmap.model import View
from gridmap.privacy import make_view
from gridmap.render.summary import summary_html
from gridmap.render.summary_numbers import kilometres, square_kilometres, thousands, unit_rows
from gridmap.sample import demo_tables

SPEC = default_spec()
FIGURES = {
    "assignments": 3195,
    "layers": {
        "line": {"targets": 2, "length_m": 86_700.0, "gap_m": 0.0, "overlap_m": 0.0},
        "area": {"targets": 19, "area_m2": 6.6e9, "gap_m2": 458e6, "overlap_m2": 0.0, "outside_m2": 0.0},
        "point": {"targets": 40, "served": 1400, "orphans": 0},
    },
}
HOSTILE = "<script>alert(1)</script>{{7*7}}{%x%}${y}`\\ \"'&\u2028\u202ergb"


@pytest.fixture(scope="module")
def demo():
    return demo_tables(households=60, seed=3)


def tables_of(demo: dict) -> dict:
    line = demo["border"].geometry[0]
    sections = gpd.GeoDataFrame(
        {
            "id": ["S1", "S2"],
            "unit": ["U-L1", "U-L1"],
            "outpost": ["O1", "O2"],
            "from_m": [0.0, 500],
            "to_m": [500.0, 2000],
        },
        geometry=[shapely.ops.substring(line, 0, 500), shapely.ops.substring(line, 500, 2000)],
        crs=SPEC.crs,
    )
    homes = demo["household"]["id"]
    assignments = pd.DataFrame(
        {
            "kind": ["household", "household", "household", "outpost"],
            "feature": [homes[0], homes[1], homes[2], "O1"],
            "layer": ["area", "area", "line", "area"],
            "target": ["Z01", "Z01", "S1", "Z01"],
            "unit": ["U-A2", "U-A2", "U-L1", "U-A2"],
            "role": ["lead", "lead", "support", "lead"],
            "metres": [0.0, 0, 900, 0],
            "rule": ["containing_zone"] * 4,
            "reason": [""] * 4,
        }
    )
    return {**demo, "sections": sections, "assignments": assignments, "findings": findings([])}


def findings(rows: list[dict]) -> gpd.GeoDataFrame:
    columns = ["code", "level", "table", "id", "related", "message", "fix"]
    frame = pd.DataFrame(rows, columns=columns, dtype="str")
    return gpd.GeoDataFrame(frame, geometry=[None] * len(rows), crs=SPEC.crs)


def page_of(tables: dict, audience: str = "planner", **facts: object) -> str:
    known = {
        "name": {"en": "Demo area", "zh": "示范区"},
        "crs": "EPSG:4508",
        "revision": "abc123",
        "version": "0.1.0",
        "source": "Natural Earth",
        "synthetic": True,
        "banner": {"en": "For planning", "zh": "规划使用"},
        "figures": FIGURES,
    }
    return summary_html(make_view(tables, SPEC, audience, facts={**known, **facts}), SPEC)


class Page(html.parser.HTMLParser):
    """Elements, attributes and shown text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.shown = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.shown += data


def test_it_says_what_a_planner_must_know(demo):
    shown = Page(page_of(tables_of(demo))).shown
    for text in (
        "示范区",
        "Demo area",
        "规划使用",
        "EPSG:4508",
        "abc123",
        "0.1.0",
        "Natural Earth",
        "86.7 km",
    ):
        assert text in shown
    assert "示意·合成数据" in shown
    assert "schematic, synthetic data" in shown


def test_real_data_is_not_marked_synthetic(demo):
    assert "合成" not in Page(page_of(tables_of(demo), synthetic=False)).shown


def test_a_layer_with_a_gap_is_not_called_complete(demo):
    page = page_of(tables_of(demo))
    assert page.count('class="verdict good"') == 3, "line, point and the findings"
    assert page.count('class="verdict bad"') == 1, "the area has a gap"


def test_a_layer_with_nothing_in_it_is_not_called_complete(demo):
    nothing = {"targets": 0, "length_m": 0.0, "gap_m": 0.0, "overlap_m": 0.0}
    layers = {**FIGURES["layers"], "line": nothing}
    page = page_of(tables_of(demo), figures={**FIGURES, "layers": layers})
    assert page.count("nothing to keep") == 1
    assert page.count("not complete") == 1


def test_the_same_view_gives_the_same_page(demo):
    assert page_of(tables_of(demo)) == page_of(tables_of(demo))


def test_nothing_is_asked_from_outside_and_nothing_runs(demo):
    page = page_of(tables_of(demo))
    read = Page(page)
    assert not {"script", "link", "img", "iframe", "object", "a", "form"} & set(read.tags)
    assert not [
        one for one in read.attributes if one[1].startswith("on") or one[1] in {"src", "href", "style"}
    ]
    policy = next(value for _, name, value in read.attributes if name == "content" and "default-src" in value)
    assert policy.startswith("default-src 'none'")
    css = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy, "or the browser drops the style"
    assert "url(" not in re.sub(r'fill="url\(#z\d\)"', "", page)
    assert "@import" not in css


def test_hostile_text_is_shown_as_the_text_it_is(demo):
    tables = tables_of(demo)
    for table, column in (("unit", "name"), ("patrol_zone", "id"), ("sections", "id")):
        changed = tables[table].copy()
        changed.loc[0, column] = HOSTILE
        tables[table] = changed
    tables["findings"] = findings(
        [dict.fromkeys(["code", "level", "table", "id", "related", "message", "fix"], HOSTILE)]
    )
    facts = dict.fromkeys(["crs", "revision", "version", "source"], HOSTILE)
    pair = {"en": HOSTILE, "zh": HOSTILE}
    page = page_of(tables, name=pair, banner=pair, **facts)
    read = Page(page)
    assert "script" not in read.tags
    assert read.shown.count("<script>alert(1)</script>{{7*7}}{%x%}${y}`\\ \"'&") >= 10
    assert "{{" not in page
    assert page.encode("utf-8")


def test_units_are_counted_by_what_they_keep(demo):
    rows = {row.unit: row for row in unit_rows(make_view(tables_of(demo), SPEC, "planner", facts={}), SPEC)}
    assert (rows["U-L1"].targets, rows["U-L1"].metres, rows["U-L1"].supports) == (2, 2000.0, 1)
    zones = demo["patrol_zone"]
    own = zones[zones["unit"] == "U-A2"]
    assert rows["U-A2"].targets == len(own)
    assert rows["U-A2"].square_metres == pytest.approx(own.area.sum(), rel=0.01)
    assert rows["U-A2"].households == 2, "an outpost is no household"
    assert set(rows) >= set(demo["unit"]["id"]), "a unit that keeps nothing is listed, too"


def test_many_findings_are_grouped_and_all_are_counted(demo):
    one = {"level": "error", "table": "household", "related": "", "message": "m", "fix": "f"}
    rows = [{**one, "code": "household-orphan", "id": f"H{n:03d}"} for n in range(300)]
    rows += [{**one, "code": f"code-{n:02d}", "id": None, "level": "warning"} for n in range(40)]
    shown = Page(page_of({**tables_of(demo), "findings": findings(rows)})).shown
    assert "300" in shown
    assert "H000, H001, H002, H003 …" in shown
    assert "and 27 more" in shown
    few = Page(page_of({**tables_of(demo), "findings": findings(rows[:3])})).shown
    assert all(f"H00{n}" in few for n in range(3))


def test_a_view_with_little_in_it_still_gives_a_page(demo):
    nothing = {name: frame.iloc[:0] for name, frame in tables_of(demo).items()}
    for tables in ({}, nothing, {"unit": demo["unit"]}):
        page = page_of(tables, figures=None)
        assert "</html>" in page


def test_broken_shapes_do_not_stop_the_page(demo):
    tables = tables_of(demo)
    zones = tables["patrol_zone"].copy()
    bow_tie = shapely.Polygon([(0, 0), (9e3, 9e3), (9e3, 0), (0, 9e3)])
    for at, shape in enumerate(
        [bow_tie, None, shapely.Point(4e5, 4.7e6), shapely.Polygon(), shapely.Point()]
    ):
        zones.loc[at, "geometry"] = shape
    tables["patrol_zone"] = zones
    assert "</svg>" in page_of(tables)


def test_a_private_text_is_not_on_the_page(demo):
    page = page_of(tables_of(demo))
    for column in ("name", "contact"):
        for text in demo["household"][column].dropna():
            assert text not in page


def test_a_frame_or_a_hand_built_view_is_refused(demo):
    for other in (demo["household"], View("planner", {}, 5)):
        with pytest.raises(PublishError, match="GM601"):
            summary_html(other, SPEC)


def test_the_page_stays_small(demo):
    assert len(page_of(tables_of(demo)).encode()) < 150_000


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "—"), (0.0, "0"), (0.5, "0.5 m"), (999.0, "999 m"), (1000.0, "1.0 km"), (86_712.0, "86.7 km")],
)
def test_lengths_in_words(value, said):
    assert kilometres(value) == said


def test_areas_and_counts_in_words():
    assert [square_kilometres(v) for v in (None, 0.0, 12.0, 6.6271e9)] == [
        "—",
        "0",
        "12 m²",
        "6\u202f627.1 km²",
    ]
    assert thousands(1_234_567) == "1\u202f234\u202f567"
