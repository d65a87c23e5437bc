"""The page says who answers: the same as `gridmap who` of the same view, anywhere, and in words and lines."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from answer_oracle import Oracle

import gridmap as gm
from gridmap import geo
from gridmap.config import load_spec
from gridmap.geo.crs import working_crs
from gridmap.model.recipe import MAP, Recipe
from gridmap.project import leaving

pytestmark = pytest.mark.browser

PLACES = 5_000
WHO = "places => places.map((one) => gridmap.who(one[0], one[1]))"
SAME_M, SAME_CHAINAGE_M = 0.01, 1.0
NOTHING_SEEN = ("is in a gap", "no zone contains", "no stronghold", "no usable")


def hard_places(plan, count, *, seed):
    """Return places in degrees: in and out of the jurisdiction, and close to every kind of boundary."""
    dice = np.random.default_rng(seed)
    west, south, east, north = plan.made.ground.jurisdiction.bounds
    anywhere = (
        dice.uniform(west - 5e3, east + 5e3, count // 2),
        dice.uniform(south - 5e3, north + 5e3, count // 2),
    )
    some = count // 10
    near = (beside_border, beside_edges, beside_ends, at_belt, at_reach)
    xy = np.vstack([np.column_stack(anywhere), *(made(plan, dice, some) for made in near)])
    return geo.to_lonlat(xy, plan.area.spec.crs)


def beside_border(plan, dice, count):
    at = plan.made.border.place(dice.uniform(0, plan.made.border.length_m, count))
    return at + dice.normal(0, 2_000, at.shape)


def beside_edges(plan, dice, count):
    """Within metres of the edges of zones."""
    edges = shapely.get_parts(shapely.union_all(shapely.boundary(plan.made.ground.zones.shapes)))
    chosen = edges[dice.integers(0, len(edges), count)]
    on = shapely.line_interpolate_point(chosen, dice.uniform(0, 1, count), normalized=True)
    return shapely.get_coordinates(on) + dice.normal(0, 3, (count, 2))


def beside_ends(plan, dice, count):
    """Where one section ends."""
    ends = plan.sections[["from_m", "to_m"]].to_numpy(dtype=float).ravel()
    at = plan.made.border.place(dice.choice(ends, count) + dice.normal(0, 30, count))
    return at + dice.normal(0, 50, at.shape)


def at_belt(plan, dice, count):
    """About as far from the border as the belt is wide."""
    belt = plan.area.spec.layers.line.belt_m + dice.normal(0, 20, count)
    at = plan.made.border.place(dice.uniform(0, plan.made.border.length_m, count))
    return at + around(dice, count) * belt[:, None]


def at_reach(plan, dice, count):
    """About as far from a stronghold as it reaches."""
    known = plan.made.ground.strongholds.xy
    reach = plan.area.spec.layers.point.reach_m + dice.normal(0, 20, count)
    return known[dice.integers(0, len(known), count)] + around(dice, count) * reach[:, None]


def around(dice, count):
    angle = dice.uniform(0, 2 * np.pi, count)
    return np.column_stack([np.cos(angle), np.sin(angle)])


def page_and_view(plan, audience, unit=None):
    recipe = Recipe(MAP, audience, unit, {"map": "main"})
    view = leaving.material(plan.area, recipe, plan).view
    return plan.map(audience=audience, unit=unit).data.decode("utf-8"), view


def told(answer):
    """Return who is named, without figures."""
    line, area, point = answer["line"], answer["area"], answer["point"]
    return (
        line and (line["section"], line["unit"], line["also"]),
        area,
        point and (point["stronghold"], point["unit"]),
        len(answer["notes"]),
    )


def figures_differ(one, other):
    for layer, key, most in (
        ("line", "distance_m", SAME_M),
        ("line", "chainage_m", SAME_CHAINAGE_M),
        ("point", "distance_m", SAME_M),
    ):
        if one[layer] and abs(one[layer][key] - other[layer][key]) > most + 1e-9:
            return True
    return False


def compared(page, plan, audience, places, *, unit=None):
    """Return positions of places where page and Python differ, and the greatest differences of figures."""
    seen = plan.asked_by(audience, unit=unit)
    right = [one.to_json() for one in seen.answers(geo.from_lonlat(places, plan.area.spec.crs))]
    shown = page.page.evaluate(WHO, places.tolist())
    differ = [
        at
        for at, (one, other) in enumerate(zip(right, shown, strict=True))
        if told(one) != told(other) or figures_differ(one, other)
    ]
    return right, shown, differ


def agree(opened, plan, view, places, record_testsuite_property):
    """Assert that page and Python agree, but where the oracle says that either is right."""
    audience = view.audience
    right, shown, differ = compared(opened, plan, audience, places)
    spec = plan.area.spec
    oracle = Oracle(working_crs(spec.crs), {name: one.frame for name, one in view.tables.items()}, spec)
    excused = Counter()
    for at in differ:
        why = oracle.excuses(*places[at])
        assert why, (places[at].tolist(), right[at], shown[at])
        excused.update(why[:1])
    record_testsuite_property(f"excused as {audience}, of {len(places)}", dict(excused))
    assert len(differ) <= len(places) // 100
    return right


@pytest.fixture(scope="module")
def plan():
    return gm.demo().plan()


@pytest.mark.parametrize("audience", ["planner", pytest.param("custodian", marks=pytest.mark.stress)])
def test_the_page_answers_as_python_does_at_thousands_of_places(
    open_page, plan, audience, record_testsuite_property
):
    html, view = page_and_view(plan, audience)
    places = hard_places(plan, PLACES, seed=5)
    right = agree(open_page(html), plan, view, places, record_testsuite_property)
    kept = Counter(layer for one in right for layer in ("line", "area", "point") if one[layer])
    nobody = sum(one["line"] is None and one["area"] is None for one in right)
    assert min(*kept.values(), nobody) > len(places) // 10, "the places try every case"


def test_an_area_with_gaps_overlaps_and_orphans_is_answered_alike(open_page, record_testsuite_property):
    area = gm.demo(households=500, faults=True)
    zones = area.table("patrol_zone")
    first, second = zones.iloc[3], zones.iloc[8]
    area.edit("patrol_zone", first["id"], geometry=shapely.buffer(first.geometry, 1_500))
    area.edit("patrol_zone", second["id"], geometry=shapely.buffer(second.geometry, -1_500))
    homes = area.table("household")
    for home in homes["id"][homes["stronghold"].fillna(value=False)].tolist()[:12]:
        area.edit("household", home, stronghold=False)
    outposts = sorted(area.table("outpost")["id"])[:2]
    overlap = {"id": ["P1", "P2"], "from_m": [20e3, 25e3], "to_m": [30e3, 35e3], "outpost": outposts}
    area.save(pd.DataFrame(overlap), kind="section_plan")
    line = area.spec.layers.line.model_copy(update={"section_reach_m": 3_000.0})
    layers = area.spec.layers.model_copy(update={"line": line})
    area.spec = area.spec.model_copy(update={"layers": layers})
    plan = area.plan()
    for audience in ("custodian", "planner"):
        html, view = page_and_view(plan, audience)
        right = agree(
            open_page(html), plan, view, hard_places(plan, 2_000, seed=6), record_testsuite_property
        )
        said = " ".join(note for one in right for note in one["notes"])
        assert any(one["area"] and one["area"]["also"] for one in right)
        assert any(one["line"] and one["line"]["also"] for one in right)
        assert "m is in a gap" in said
        assert "no zone contains this place" in said
        assert "no stronghold within 15,000 m" in said


SECOND = Path(__file__).parents[2] / "data" / "second"
FILES = {
    "unit": "units.csv",
    "admin": "admin.geojson",
    "border": "border.geojson",
    "patrol_zone": "zones.geojson",
    "outpost": "outposts.csv",
    "household": "households.csv",
}


@pytest.mark.stress
def test_an_area_of_another_country_in_another_crs_is_answered_alike(open_page, record_testsuite_property):
    area = gm.memory({}, spec=load_spec(SECOND / "gridmap.toml"))
    for kind, name in FILES.items():
        area.import_file(SECOND / name, kind=kind)
    plan = area.plan()
    for audience in ("custodian", "planner"):
        html, view = page_and_view(plan, audience)
        agree(open_page(html), plan, view, hard_places(plan, 2_000, seed=9), record_testsuite_property)


@pytest.mark.parametrize(
    ("audience", "unit"),
    [("public", None), ("partner", "U-A1"), pytest.param("partner", "U-P1", marks=pytest.mark.stress)],
)
def test_a_view_of_less_is_answered_alike_and_never_claims_a_gap(open_page, plan, audience, unit):
    html, _ = page_and_view(plan, audience, unit)
    places = hard_places(plan, 1_000, seed=7)
    right, shown, differ = compared(open_page(html), plan, audience, places, unit=unit)
    assert not differ
    assert [one["notes"] for one in right] == [one["notes"] for one in shown]
    notes = {note for one in shown for note in one["notes"]}
    assert not [note for note in notes for word in NOTHING_SEEN if word in note]
    assert any("this view does not hold" in note for note in notes)


def test_the_notes_are_those_of_the_command(open_page, plan):
    html, _ = page_and_view(plan, "planner")
    right, shown, differ = compared(open_page(html), plan, "planner", hard_places(plan, 1_000, seed=8))
    same = [at for at in range(len(right)) if at not in set(differ)]
    assert [right[at] for at in same] == [shown[at] for at in same], "to the millimetre, note by note"
