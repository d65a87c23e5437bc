"""The pages on privacy say what the settings and the code do, in both languages, and their examples run."""

from __future__ import annotations

import re

import geopandas as gpd
import pytest
import reference
import test_docs

import gridmap
from gridmap import privacy, registry
from gridmap.config import default_spec, parse_spec, template_text
from gridmap.errors import CATALOGUE
from gridmap.geo import point_xy
from gridmap.privacy import Releases
from gridmap.privacy.linkage import link_limit, link_rates
from gridmap.privacy.partition import Partition
from gridmap.publish import Manifest

PAGES = reference.PRIVACY
BOTH = pytest.mark.parametrize("language", PAGES)


def read(language: str) -> str:
    return PAGES[language].read_text(encoding="utf-8")


def own_settings(language: str):
    """Return a new project's settings with the page's example at their end."""
    [example] = test_docs.blocks(PAGES[language], "toml")
    text = template_text(name_en="a", name_zh="b", crs="EPSG:4508", synthetic=True, source="")
    return parse_spec(f"{text}\n{example}", where="docs/privacy.md")


@pytest.fixture(scope="module")
def tables():
    area = gridmap.demo()
    plan = area.assign()
    found = {kind: area.table(kind) for kind in area.spec.kinds}
    return {**found, "sections": plan.sections, "assignments": plan.assignments}


def seen(tables, spec, audience: str) -> dict[str, gpd.GeoDataFrame]:
    releases = privacy.prepare(tables, spec, audience, unit=None, releases=Releases.fresh())
    view = privacy.make_view(tables, spec, audience, facts={}, releases=releases)
    return {name: table.frame for name, table in view.tables.items()}


@BOTH
def test_the_table_is_as_the_settings_make_it(language):
    """An office decides by this table what to hand on; `make docs` writes it anew."""
    assert reference.pages()[PAGES[language]] == read(language), "run: make docs"


@BOTH
def test_the_table_follows_the_settings(language):
    spec = default_spec()
    text = reference.AudienceTable(spec, language).text()
    public = spec.audiences["public"]
    wider = public.model_copy(update={"columns": {**public.columns, "household": ("id", "contact")}})
    other = spec.model_copy(update={"audiences": {**spec.audiences, "public": wider}})
    title = spec.kinds["household"].columns["contact"].title
    word = f"**{title.zh if language == 'zh' else title.en}**"
    shown = reference.AudienceTable(other, language).text()
    assert shown.count(word) == text.count(word) + 1


def test_both_languages_say_the_same():
    """What only one of the two pages says, half of the readers never learn."""
    english, chinese = (read(language) for language in ("en", "zh"))

    def shape(text: str) -> list[str]:
        return re.findall(r"^(?:#+ |\d\. |- \*\*|\| |!\[|```\w*$)", text, re.MULTILINE)

    def common(text: str, pattern: str) -> list[str]:
        return sorted(set(re.findall(pattern, text)))

    assert [len(re.findall(r"^##? ", one, re.MULTILINE)) for one in (english, chinese)] == [11, 11]
    assert [row for row in shape(english) if row != "- **"] == [
        row for row in shape(chinese) if row != "- **"
    ]
    for pattern in (
        r"GM\d{3}",
        r"images/[\w-]+\.png",
        r"`make \w+`",
        r"`[a-z_]+\.json`",
        r"\]\(\.\./[^)]+\)",
    ):
        assert common(english, pattern) == common(chinese, pattern), pattern
    for kind in ("sh", "toml", "python"):
        assert test_docs.blocks(PAGES["en"], kind) == test_docs.blocks(PAGES["zh"], kind), kind


@BOTH
def test_what_the_pages_name_exists(language):
    text = read(language)
    assert set(re.findall(r"GM\d{3}", text)) <= set(CATALOGUE)
    for name in registry.names("redactions"):
        assert re.search(rf"^\| `{name}` \|", text, re.MULTILINE), name


@BOTH
def test_every_field_of_the_manifest_is_explained(language):
    rows = re.findall(r"^\| (`[^|]+`) \|", read(language), re.MULTILINE)
    named = {word for row in rows for word in re.findall(r"`(\w+)`", row)}
    assert set(Manifest.model_fields) <= named


def test_the_commands_run(tmp_path):
    """Whoever hands on a map types these; the four maps hold what the pictures show."""
    test_docs.run_page(PAGES["en"], tmp_path)
    for audience in ("custodian", "planner", "partner", "public"):
        assert (tmp_path / f"map-{audience}.html").stat().st_size > 10_000
        assert (tmp_path / f"map-{audience}.html.manifest.json").is_file()


def test_the_audience_of_ones_own_sees_what_the_page_says(tables):
    shown = seen(tables, own_settings("en"), "relief")
    assert set(shown) == {"admin", "household_counts"}
    assert {"rows", "persons"} <= set(shown["household_counts"].columns)
    assert (shown["household_counts"]["rows"] >= 10).all()


def test_the_redaction_of_ones_own_works_as_printed(tables, monkeypatch):
    [code] = test_docs.blocks(PAGES["en"], "python")
    made: dict[str, object] = {}
    exec(compile(code, "docs/privacy.md", "exec"), made)  # noqa: S102 - the page's own example
    get, names = registry.get, registry.names
    monkeypatch.setattr(
        registry, "get", lambda group, name: made["TOTAL"] if name == "total" else get(group, name)
    )
    monkeypatch.setattr(
        registry, "names", lambda group: (*names(group), *(["total"] if group == "redactions" else []))
    )
    text = template_text(name_en="a", name_zh="b", crs="EPSG:4508", synthetic=True, source="")
    [example] = test_docs.blocks(PAGES["en"], "toml")
    spec = parse_spec(f"{text}\n{example.replace('aggregate', 'total')}", where="docs/privacy.md")
    [row] = seen(tables, spec, "relief")["household_total"].to_dict("records")
    assert row["rows"] == len(tables["household"])


@BOTH
def test_the_figure_of_the_wells_is_the_demos(tables, language):
    """The page warns that wells point at homes, and says how many do."""
    landmarks = tables["landmark"]
    wells = landmarks[landmarks["class"] == "well"]
    near = (wells.geometry.distance(tables["household"].union_all()) < 300).sum()
    assert re.search(rf"\b{near}\b.*\b{len(wells)}\b|\b{len(wells)}\b.*\b{near}\b", read(language), re.DOTALL)


@BOTH
def test_the_figures_of_the_linkage_are_the_demos(tables, language):
    """What an attacker with a list of all homes finds is measured, not said."""
    releases = privacy.prepare(tables, default_spec(), "public", unit=None, releases=Releases.fresh())
    [plain] = releases.partitions.values()
    areas = Partition.from_plain(plain)
    xy = point_xy(tables["household"].geometry)
    found = link_rates(xy, areas.drawn().shapes, areas.locate(xy))
    most = int(link_limit(10, found.homes) * found.homes)
    counts = [str(round(share * found.homes)) for share in (found.nearest, found.assigned)]
    said = re.search(r"^\| (?:linkage|关联) \|.*$", read(language), re.MULTILINE).group()
    assert {str(found.homes), str(most), *counts} <= set(re.findall(r"\d+", said))
