"""An attack that finds nothing proves nothing unless it finds what is there: writers that leak are caught."""

from __future__ import annotations

import pytest
from canary import Planted, planted, to_degrees
from canary_find import Forbidden, by_origin, leaks
from canary_leaks import PLACES, TEXTS, Place, pdf, png

from gridmap import registry

PAGES = ("map", "summary")
FORMATS = sorted(name for name, one in registry.everything("formats").items() if one.write is not None)


@pytest.fixture(scope="module")
def victim():
    return planted(11, households=30)


@pytest.fixture(scope="module")
def honest(victim):
    """Return a product of each kind, as a planner gets it: homes without names, places to a metre."""
    made = {writer: getattr(victim.plan, writer)(audience="planner").data for writer in PAGES}
    for fmt in FORMATS:
        made[fmt] = victim.area.export("household", audience="planner", format=fmt).data
    return {**made, "png": png(), "pdf": pdf()}


def secrets_of(victim: Planted, how: str) -> list[tuple[str, str]]:
    """Return three secrets of homes, one in each script; in other wrappings for other leaks."""
    homes = victim.tables["household"].set_index("id")
    by_script: dict[str, list[tuple[str, str]]] = {}
    for core, at in victim.canaries.items():
        if at.kind == "household" and at.private:
            by_script.setdefault(core[:2], []).append((core, homes.loc[at.row, at.column]))
    turn = [*TEXTS].index(how)
    return [some[turn % len(some)] for some in by_script.values()]


def test_honest_products_are_clean(victim, honest):
    forbidden = Forbidden.to(victim, "planner")
    assert {writer: by_origin(leaks(data, forbidden), victim) for writer, data in honest.items()} == {
        writer: {} for writer in honest
    }


@pytest.mark.parametrize("how", TEXTS)
def test_a_text_is_found(victim, honest, how):
    writer, hide = TEXTS[how]
    forbidden = Forbidden.to(victim, "planner")
    for core, text in secrets_of(victim, how):
        found = leaks(hide(honest[writer], text), forbidden)
        assert core in {leak.text for leak in found}, f"not seen: {text!r}"


@pytest.mark.parametrize("how", PLACES)
def test_a_place_is_found(victim, honest, how):
    writer, hide = PLACES[how]
    home = victim.tables["household"].geometry.iloc[7]
    lon, lat = to_degrees(victim.spec.crs).transform(home.x, home.y)
    found = leaks(hide(honest[writer], Place(lon, lat, home.x, home.y)), Forbidden.to(victim, "planner"))
    assert {leak.what for leak in found} & {
        "digits", "integer", "double", "pair of doubles", "packed number", "geometry of a page"
    }  # fmt: skip


def test_every_writer_has_one_that_leaks():
    containers = {*PAGES, *FORMATS, "png", "pdf"}
    assert {writer for writer, _ in TEXTS.values()} == containers
    assert {writer for writer, _ in PLACES.values()} >= containers - {"summary", "geojsonl"}
