"""What an audience may not see is in no byte of what it is given, unpacked, whoever wrote it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from canary import KEPT, Planted, planted
from canary_find import Forbidden, by_origin, leaks
from canary_unpack import page_tables

from gridmap import registry
from gridmap.config import ANALYSIS_TABLES, sees_analysis
from gridmap.errors import ConfigError, GridmapError, PublishError
from gridmap.project.product import Product

# How each kind of product is made: formats with what they take besides, one after the other.
PAGES = ("map", "summary")
OWN: dict[str, Any] = {"crs": "own"}
FORMATS: dict[str, tuple[dict[str, Any], ...]] = {
    "gpkg": ({}, OWN),
    "geojson": ({},),
    "geojsonl": ({},),
    "csv": ({}, OWN, {"encoding": "gbk"}, {"datum": "gcj02"}),
    "xlsx": ({}, OWN, {"datum": "bd09"}),
    "kml": ({},),
    "shapefile": ({}, {**OWN, "encoding": "gbk"}),
    "flatgeobuf": ({}, OWN),
    "geoparquet": ({}, OWN),
}
WRITERS = (*PAGES, *FORMATS)
# Five of the settings, one of them for two units.
RECEIVERS = ("custodian", "planner", "partner", "other partner", "public", "chosen")
PROJECTS, STEP = 12, 6
TIMES = 3
ENDS = {"map": "html", "summary": "html", "flatgeobuf": "fgb", "geoparquet": "parquet", "shapefile": "zip"}


def receiver(project: Planted, named: str) -> tuple[str, str | None]:
    """Return the audience and the unit of a receiver: of the area's units, or of the line's."""
    audience = "partner" if named == "other partner" else named
    if not project.spec.audiences[audience].per_unit:
        return audience, None
    units = project.tables["unit"]
    layer = {"partner": "area", "other partner": "line"}.get(named, "point")
    return audience, units.loc[units["layer"] == layer, "id"].iloc[0]


def held(project: Planted, audience: str) -> list[str]:
    """Return the tables that an audience gets, by the settings."""
    allowed = project.spec.audiences[audience]
    if allowed.everything:
        return [*project.spec.kinds, "sections", "assignments", "findings", "quarantine"]
    forms = {"areas": "areas", "aggregate": "counts", "generalise": "generalised"}
    made = [f"{one.kind}_{forms[one.redaction]}" for one in allowed.redactions if one.redaction in forms]
    # What is everybody's has no others.
    others = [one for one in allowed.others if one in KEPT]
    # Tables of an analysis are no stored tables: they leave in maps and figures alone.
    stored = [one for one in allowed.columns if one not in ANALYSIS_TABLES]
    return list(dict.fromkeys([*made, *stored, *others]))


def product(project: Planted, named: str, writer: str, turn: int) -> Product:
    """Make what a receiver gets of a writer: a page, or the table whose turn it is."""
    audience, unit = receiver(project, named)
    to: dict[str, Any] = {"audience": audience} | ({"unit": unit} if unit else {})
    # Also sections, assignments and findings are tables, once they are stored.
    plan = project.plan
    if writer in PAGES:
        return getattr(plan, writer)(**to)
    tables = held(project, audience)
    homes = [one for one in tables if one.startswith("household")]
    if turn % TIMES == 0 and homes:
        tables = homes
    table = tables[(turn + 5 * WRITERS.index(writer)) % len(tables)]
    options = FORMATS[writer][turn % len(FORMATS[writer])]
    given = {key: project.spec.crs if value == "own" else value for key, value in options.items()}
    return project.area.export(table, format=writer, **to, **given)


def found(project: Planted, named: str, made: Product, folder: Path, name: str) -> dict[str, int]:
    """Save a product and return what leaks in it, or in what lies beside it."""
    audience, unit = receiver(project, named)
    forbidden = Forbidden.to(project, audience, unit)
    saved = made.save(folder / name)
    assert saved.read_bytes() == made.data
    assert len([*folder.iterdir()]) > 1, "no manifest lies beside the product"
    found = []
    for file in sorted(folder.iterdir()):
        leaked = leaks(file.read_bytes(), forbidden)
        if file != saved:
            # A manifest says for which unit it is, by the id that was asked for.
            leaked = [one for one in leaked if one.text != unit]
        found += leaked
    return by_origin(found, project)


def attack(project: Planted, folder: Path, chosen: Iterator[tuple[str, str, int]]) -> dict[str, Any]:
    """Make, save and search products; return what leaked, by receiver and writer."""
    leaked = {}
    for named, writer, turn in chosen:
        made = product(project, named, writer, turn)
        name = f"product.{ENDS.get(writer, writer)}"
        what = found(project, named, made, Path(mkdtemp(dir=folder)), name)
        if what:
            leaked[f"{named}, {writer}"] = what
    return leaked


def turns(at: int) -> Iterator[tuple[str, str, int]]:
    """Choose receivers and writers for one project of the twelve."""
    for place, named in enumerate(RECEIVERS):
        for number, writer in enumerate(WRITERS):
            if (number + 5 * place + at) % STEP == 0:
                yield named, writer, at // STEP + place


def project(seed: int) -> Planted:
    # GBK has no emoji: such a text is refused there, as it should be.
    return planted(seed, emoji=False)


@pytest.mark.parametrize("at", range(PROJECTS))
def test_no_secret_and_no_exact_place_in_any_byte(at, tmp_path):
    assert attack(project(1000 + at), tmp_path, turns(at)) == {}


@pytest.mark.stress
@pytest.mark.parametrize("at", range(200))
def test_no_secret_and_no_exact_place_for_anybody_by_any_writer(at, tmp_path):
    everything = ((named, writer, at + place) for place, named in enumerate(RECEIVERS) for writer in WRITERS)
    assert attack(project(5000 + at), tmp_path, everything) == {}


@pytest.mark.parametrize("at", range(3))
def test_what_keepers_reach_leaves_for_who_may_see_it_alone(at, tmp_path):
    one = project(3000 + at)
    cover = one.plan.coverage(reach_m=3_000.0)
    for named in RECEIVERS:
        audience, unit = receiver(one, named)
        to = {"audience": audience} | ({"unit": unit} if unit else {})
        if not sees_analysis(one.spec.audiences[audience]):
            with pytest.raises(PublishError, match="GM607"):
                cover.map(**to)
            continue
        drawn = {"html": cover.map(**to), "svg": cover.strip(audience=audience)}
        for ending, made in drawn.items():
            folder = Path(mkdtemp(dir=tmp_path))
            assert found(one, named, made, folder, f"product.{ending}") == {}, (named, ending)


def test_every_receiver_gets_something_of_every_writer():
    counts = {(named, writer): 0 for named in RECEIVERS for writer in WRITERS}
    for at in range(PROJECTS):
        for named, writer, _ in turns(at):
            counts[named, writer] += 1
    assert min(counts.values()) >= PROJECTS // STEP


def test_every_format_that_is_written_is_attacked():
    written = {name for name, one in registry.everything("formats").items() if one.write is not None}
    assert written == FORMATS.keys()


@pytest.fixture(scope="module")
def wild():
    return planted(77)


@pytest.mark.parametrize("writer", ["map", "geojson", "xlsx"])
@pytest.mark.parametrize("named", ["planner", "partner", "public"])
def test_texts_with_signs_that_no_code_page_has(wild, named, writer, tmp_path):
    assert attack(wild, tmp_path, iter([(named, writer, 0)])) == {}


def test_what_may_be_seen_is_there():
    """An attack on empty products would find nothing, too."""
    one = project(3)
    for named in RECEIVERS:
        audience, unit = receiver(one, named)
        to = {"audience": audience} | ({"unit": unit} if unit else {})
        page = one.plan.map(**to).data
        nothing = Forbidden(one.canaries.keys(), one.places, 20)
        there = {leak.text for leak in leaks(page, nothing) if leak.what == "text"}
        # A page holds tables; of drawn ones all their texts.
        assert there
        if audience == "custodian":
            assert there == one.canaries.keys()


def test_the_public_gets_no_home():
    one = project(4)
    page = one.plan.map(audience="public").data
    assert "household" not in page_tables(page)
    assert "outpost" not in page_tables(page)
    assert "border" not in page_tables(page)
    for table in ("household", "outpost", "border", "sections", "assignments"):
        with pytest.raises(ConfigError):
            one.area.export(table, audience="public", format="geojson")


def test_nothing_leaves_without_an_audience():
    one = project(5)
    for make in (one.plan.map, one.plan.summary):
        with pytest.raises(TypeError):
            make()
        with pytest.raises(GridmapError):
            make(audience="")
    with pytest.raises(TypeError):
        one.area.export("household", format="csv")


def test_a_manifest_tells_the_counts_and_no_secret(tmp_path):
    one = project(6)
    one.plan.map(audience="public").save(tmp_path / "map.html")
    (beside,) = (file for file in tmp_path.iterdir() if file.name != "map.html")
    assert isinstance(json.loads(beside.read_text("utf-8")), dict)
    assert leaks(beside.read_bytes(), Forbidden.to(one, "public")) == []
