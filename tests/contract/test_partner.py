"""A member unit gets its own in full, and of other units' homes, contacts and posts nothing."""

from __future__ import annotations

import itertools
import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from canary import Planted, planted, to_degrees
from canary_find import Forbidden, by_origin, doubles, leaks, marked
from canary_unpack import column_texts, documents, geometries, page_tables, paths, points, unpack

UNITS = [("area", 0), ("area", 1), ("line", 0), ("line", 1), ("point", 0)]
DECIMALS = 5
EXPORTS = {
    "household": ("gpkg", "geojson", "csv", "shapefile", "kml", "xlsx"),
    "outpost": ("csv", "gpkg"),
    "household_areas": ("geojson",),
    **dict.fromkeys(("unit", "patrol_zone", "sections", "assignments"), ("csv",)),
}
PAIR = re.compile(r"(\d+\.\d+)[^\d]{1,60}?(\d+\.\d+)")
Pairs = set[tuple[int, int]]


@cache
def project() -> Planted:
    return planted(20, households=60, crs="EPSG:4508", emoji=False)


def named(layer: str, at: int) -> str:
    units = project().tables["unit"]
    return units.loc[units["layer"] == layer, "id"].iloc[at]


@cache
def products(unit: str) -> dict[str, bytes]:
    """Return everything that a unit gets."""
    one = project()
    made = {name: getattr(one.plan, name)(audience="partner", unit=unit).data for name in ("map", "summary")}
    for table, fmt in ((table, fmt) for table, formats in EXPORTS.items() for fmt in formats):
        exported = one.area.export(table, audience="partner", unit=unit, format=fmt)
        made[f"{table}.{fmt}"] = exported.data
    return made


def pairs(data: bytes) -> Pairs:
    """Return every pair of numbers in some bytes that could be a place, in 10**-5 degrees, lon first."""
    places = project().places
    found: Pairs = set()
    for _, blob in unpack(data):
        for values in itertools.chain(doubles(blob, "<"), doubles(blob, ">")):
            found |= _pairs(values[:-1], values[1:], places)
        texts = PAIR.findall(blob.decode("utf-8", "replace"))
        if texts:
            found |= _pairs(*np.array(texts, dtype=float).T, places)
        for document in documents(blob):
            for geometry in geometries(document):
                found |= {(x, y) for x, y in points(geometry)} | {*vertices(geometry)}
    return found


def _pairs(first: np.ndarray, second: np.ndarray, places: Any) -> Pairs:
    found: Pairs = set()
    for lon, lat in ((first, second), (second, first)):
        with np.errstate(all="ignore"):
            there = (np.abs(lon - places.lon.mean()) < 2) & (np.abs(lat - places.lat.mean()) < 2)
        scaled = np.rint(np.column_stack([lon[there], lat[there]]) * 10**DECIMALS).astype(int)
        found |= {tuple(one) for one in scaled.tolist()}
    return found


def vertices(geometry: dict[str, Any]):
    """Yield the corners of the lines and polygons of a page's geometry."""
    for kind, path in paths(geometry):
        if kind != 1:
            yield from path


def positions(kind: str, *, of: str, own: bool) -> Pairs:
    """Return the rounded positions of a unit's rows, or of all others'."""
    frame = project().tables[kind]
    mine = project().own(kind, of)
    shapes = frame.geometry[mine if own else ~mine]
    lon, lat = to_degrees(project().spec.crs).transform(shapes.x.to_numpy(), shapes.y.to_numpy())
    return {*map(tuple, np.rint(np.column_stack([lon, lat]) * 10**DECIMALS).astype(int).tolist())}


@pytest.fixture(params=UNITS, ids=lambda one: f"{one[0]} unit {one[1]}")
def unit(request):
    return named(*request.param)


def test_a_pair_is_found_where_it_is():
    """Who looks for positions must find those that are there."""
    everywhere = project().plan.map(audience="planner").data
    lines = project().area.export("household", audience="planner", format="csv").data
    cells = project().area.export("household", audience="planner", format="gpkg").data
    homes = positions("household", of="nobody", own=False)
    assert len(homes) == len(project().tables["household"])
    for data in (everywhere, lines, cells):
        assert homes <= pairs(data)
    assert positions("outpost", of="nobody", own=False) <= pairs(everywhere)


def test_every_unit_has_something_and_lacks_something(unit):
    for kind in ("household", "unit"):
        own = project().own(kind, unit)
        assert 0 < int(own.sum()) < len(own)


def test_no_text_and_no_id_of_others(unit):
    forbidden = Forbidden.to(project(), "partner", unit)
    for name, data in products(unit).items():
        assert by_origin(leaks(data, forbidden), project()) == {}, name


def test_no_home_and_no_post_of_others_has_a_place(unit):
    others = positions("household", of=unit, own=False) | positions("outpost", of=unit, own=False)
    mine = positions("household", of=unit, own=True) | positions("outpost", of=unit, own=True)
    assert others
    for name, data in products(unit).items():
        assert not pairs(data) & (others - mine), name


def test_the_contact_of_another_unit_is_nowhere(unit):
    contacts = {
        core: at for core, at in project().canaries.items() if (at.kind, at.column) == ("unit", "contact")
    }
    there = set().union(*(marked(blob) for data in products(unit).values() for _, blob in unpack(data)))
    assert {contacts[core].row for core in contacts.keys() & there} == {unit}


def test_the_map_holds_its_own_rows_and_no_more(unit):
    tables = page_tables(products(unit)["map"])
    for kind in ("outpost", "patrol_zone", "household"):
        assert tables[kind]["rows"] == int(project().own(kind, unit).sum()), kind
    assert tables["unit"]["rows"] == len(project().tables["unit"])
    sections = tables["sections"]
    (keeper,) = (one for one in sections["columns"] if one["name"] == "unit")
    kept = project().plan.sections["unit"] == unit
    assert sections["rows"] == int(kept.sum())
    assert len({*column_texts(keeper, sections["rows"])}) == min(1, int(kept.sum()))


def test_its_own_is_there_in_full(unit):
    """What is safe and useless helps nobody in a snowstorm."""
    listed = project().spec.audiences["partner"].columns
    for kind in ("unit", "outpost", "patrol_zone", "household"):
        own = {*project().tables[kind].loc[project().own(kind, unit), "id"]}
        wanted = {
            core
            for core, at in project().canaries.items()
            if at.kind == kind and at.row in own and at.column in listed[kind]
        }
        for name in ("map", f"{kind}.csv"):
            there = set().union(*(marked(blob) for _, blob in unpack(products(unit)[name])))
            assert wanted <= there, name
    for kind in ("outpost", "household"):
        for name in ("map", f"{kind}.csv", f"{kind}.gpkg"):
            assert positions(kind, of=unit, own=True) <= pairs(products(unit)[name]), name


def test_two_units_get_different_products():
    one, other = named("area", 0), named("point", 0)
    for name in ("map", "summary", "household.csv", "household_areas.geojson", "unit.csv"):
        assert products(one)[name] != products(other)[name], name
