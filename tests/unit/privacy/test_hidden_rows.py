"""What speaks of a row that an audience does not see stays behind, and so does the order of rows."""

from __future__ import annotations

import geopandas as gpd
import pytest

import gridmap as gm
from gridmap.config import RedactionSpec
from gridmap.errors import ConfigError
from gridmap.privacy import Releases, make_view, prepare, renewed
from gridmap.privacy.passing import OF_TARGET

KEPT = Releases(b"k" * 32)
# What assignments are about, and whose targets they have.
KINDS = ("household", "outpost", "patrol_zone", "sections")


@pytest.fixture(scope="module")
def area():
    return gm.demo(households=300)


@pytest.fixture(scope="module")
def plan(area):
    return area.plan()


@pytest.fixture(scope="module")
def tables(plan):
    return {**plan.tables, **plan.results()}


@pytest.fixture
def seen(area, tables, plan):
    """Return what an audience sees that is one of the template's but for some settings."""

    def made(audience, given=None, **changed):
        allowed = area.spec.audiences[audience].model_copy(update=changed)
        spec = area.spec.model_copy(update={"audiences": {audience: allowed}})
        facts = {"figures": plan.figures.to_json()}
        return make_view(given or tables, spec, audience, facts=facts, releases=KEPT)

    return made


def drop(kind, **only):
    return RedactionSpec(kind=kind, redaction="drop", only=only)


def test_a_finding_about_a_row_that_was_dropped_is_dropped(area, tables, seen):
    wells = tables["landmark"]["class"] == "well"
    about = [tables["landmark"][wells].iloc[0], tables["landmark"][~wells].iloc[0]]
    found = gpd.GeoDataFrame(
        {
            "code": ["well", "other"],
            "level": "error",
            "table": "landmark",
            "id": [one["id"] for one in about],
            "related": "",
            "message": "",
            "fix": "",
        },
        geometry=[one.geometry for one in about],
        crs=area.spec.crs,
    )
    kinds = tuple(sorted(set(tables["landmark"]["class"]) - {"well"}))
    view = seen("planner", {**tables, "findings": found}, redactions=(drop("landmark", **{"class": kinds}),))
    assert view.tables["findings"].frame["code"].tolist() == ["other"]


def test_a_sentence_that_names_a_row_that_was_dropped_is_replaced(tables, seen):
    strong = tables["household"]["stronghold"].fillna(value=False).astype(bool)
    given = {**tables, "household": tables["household"].assign(status=strong.astype("str"))}
    strongholds = set(tables["household"]["id"][strong])

    def naming(view):
        reasons = view.tables["assignments"].frame["reason"].dropna()
        return sum(any(one in text for one in strongholds) for text in reasons), len(reasons)

    assert naming(seen("planner", given))[0] > 0
    named, reasons = naming(seen("planner", given, redactions=(drop("household", status=("False",)),)))
    assert named == 0
    assert reasons > 0


@pytest.mark.parametrize("ids", ["true", "new"])
def test_nothing_is_said_of_a_target_that_does_not_pass(tables, seen, ids):
    # Three homes and their distances to a stronghold are where the stronghold is.
    strong = tables["household"]["stronghold"].fillna(value=False).astype(bool)
    given = {**tables, "household": tables["household"].assign(status=strong.astype("str"))}
    listed = {**dict.fromkeys(KINDS, ("id",)), "assignments": ("kind", "feature", "layer", *OF_TARGET)}
    some = {"ids": ids, "decimals": 5, "columns": listed}
    view = seen("planner", given, redactions=(drop("household", status=("False",)),), **some)
    shown = view.tables["assignments"].frame
    point = shown["layer"] == "point"
    assert shown.loc[point, list(OF_TARGET)].isna().all(axis=None)
    assert shown.loc[~point, list(OF_TARGET)].notna().all(axis=None)
    assert seen("planner", given, **some).tables["assignments"].frame["target"].notna().all()
    del listed["sections"]
    alone = seen("planner", given, **some).tables["assignments"].frame
    assert alone.loc[alone["layer"] == "line", list(OF_TARGET)].isna().all(axis=None)


def test_figures_of_a_layer_pass_where_all_its_targets_do(seen):
    assert set(seen("planner").facts["figures"]["layers"]) == {"line", "area", "point"}
    dropped = seen("planner", redactions=(drop("household"),))
    assert set(dropped.facts["figures"]["layers"]) == {"line", "area"}
    assert "assignments" not in dropped.facts["figures"]


@pytest.mark.parametrize(
    ("table", "columns"), [("landmark", ("name",)), ("assignments", ("kind", "layer", "rule", "metres"))]
)
def test_rows_without_an_id_do_not_stand_in_the_order_of_the_table(tables, seen, table, columns):
    def order(audience):
        view = seen(audience, columns={table: columns, **dict.fromkeys(KINDS, ("id",))}, **new)
        return view.tables[table].frame[columns[-1]].tolist()

    new = {"ids": "new", "decimals": 5, "redactions": ()}
    first, second = order("planner"), order("public")
    given = tables[table].sort_values([*columns[:2]], kind="stable")[columns[-1]]
    given = (given.round() if columns[-1] == "metres" else given).tolist()
    assert sorted(map(str, first)) == sorted(map(str, second)) == sorted(map(str, given))
    assert first != given
    assert first != second
    assert order("public") == second


@pytest.mark.parametrize("kind", ["float64", "int64", "Int64"])
def test_distances_are_rounded_whatever_numbers_they_are(tables, seen, kind):
    sections = tables["sections"].assign(from_m=tables["sections"]["from_m"].round().astype(kind))
    view = seen("public", {**tables, "sections": sections}, columns={"sections": ("from_m",)}, redactions=())
    shown = view.tables["sections"].frame["from_m"]
    assert sections["from_m"].mod(100).any()
    assert not shown.mod(100).any()


@pytest.mark.parametrize(
    "plain",
    [5, None, {}, {"cell_m": 1.0, "levels": [], "units": [], "groups": [{"units": [0], "tree": 0}]},
     {"cell_m": 1.0, "levels": [], "units": [{"line": [["a", "b", "c"]], "shape": "AA=="}],
      "groups": [{"units": [0], "tree": 0}]}],
)  # fmt: skip
def test_areas_that_were_damaged_are_said_not_drawn_anew(area, tables, plain):
    (name,) = prepare(tables, area.spec, "public", unit=None, releases=KEPT).partitions
    broken = KEPT.with_partition(name, plain)
    for call in (
        lambda: prepare(tables, area.spec, "public", unit=None, releases=broken),
        lambda: make_view(tables, area.spec, "public", facts={}, releases=broken),
    ):
        with pytest.raises(ConfigError) as caught:
            call()
        assert caught.value.code == "GM112"


@pytest.mark.parametrize("audience", ["public", "partner"])
def test_without_administrative_units_no_home_is_shown(area, tables, audience):
    bare = {name: frame for name, frame in tables.items() if name != "admin"}
    unit = "U-A1" if audience == "partner" else None
    view = make_view(bare, area.spec, audience, facts={}, unit=unit, releases=KEPT)
    assert len(view.tables["household_areas"].frame) == 0
    done = next(one for one in view.redacted if one.redaction == "areas")
    assert done.left_out == done.before > 0


def test_new_ids_that_begin_alike_are_written_longer(monkeypatch, tables, seen):
    monkeypatch.setattr(renewed, "DIGITS", 1)
    made = seen("public").tables["landmark"].frame["id"]
    assert made.is_unique
    assert seen("public", redactions=()).tables["landmark"].frame["id"].nunique() == len(tables["landmark"])
