"""Nothing passes that is not listed: what is new in a project reaches its custodian and nobody else."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from steppe import CODE, home, spot, steppe, table

import gridmap as gm
from gridmap.config import default_spec
from gridmap.config.spec import ColumnSpec, KindSpec
from gridmap.config.texts import Text
from gridmap.errors import ConfigError
from gridmap.privacy import make_view
from gridmap.privacy.releases import Releases

SPEC = default_spec(CODE)
RELEASES = Releases(bytes(range(32)))
OTHERS = [
    ("planner", None),
    ("partner", "U-area"),
    ("partner", "U-line"),
    ("partner", "U-home"),
    ("public", None),
]
RESULTS = ("sections", "assignments", "findings")
KINDS = [*SPEC.kinds]
# Values that stand nowhere else: as text, in digits, and as what they mean.
TEXT, NUMBER, REAL = "Zqv-canary-Zqv", 918273645, 27182.81828459
DAY = dt.date(1907, 3, 19)
MARKS = (TEXT, str(NUMBER), "27182.8", "1907-03-19")
QUICK = settings(deadline=None, max_examples=12)

names = st.from_regex(r"[a-z][a-z0-9_]{0,11}", fullmatch=True)
wild = st.one_of(
    names,
    st.text(min_size=1, max_size=8),
    st.sampled_from(["户主", "ID", "Name", "geom", "fid", "contact ", "姓名"]),
)
receivers = st.sampled_from(OTHERS)
types = st.sampled_from(["text", "integer", "real", "boolean", "date"])


@cache
def base():
    """Return the tables of a small area with its results."""
    rows = steppe()
    rows["household"] += [
        {**home(f"H1{at}", 3_000 + 2_500 * at, -4_000 - 900 * at), "name": f"name {at}"} for at in range(20)
    ]
    rows["landmark"] = [{"id": "L1", "name": "well", "class": "well", "geometry": spot(8_000, -8_000)}]
    rows["track"] = [
        {"id": "T1", "class": "road", "geometry": shapely.LineString([spot(0, -9_000), spot(9_000, -9_000)])}
    ]
    rows["section_plan"] = [{"id": "P1", "from_m": 0.0, "to_m": 9_000.0, "outpost": "O1"}]
    tables = {kind: table(kind, rows.get(kind, ()), spec=SPEC) for kind in SPEC.kinds}
    plan = gm.memory(tables, spec=SPEC).plan()
    return {**tables, **plan.results()}


def values(kind: str, count: int):
    """Return a column of one type, full of what stands nowhere else."""
    if kind == "geometry":
        return gpd.GeoSeries([spot(123.456, -789.012)] * count, crs=CODE)
    made = {
        "text": pd.array([TEXT] * count, dtype="str"),
        "integer": pd.array([NUMBER] * count, dtype="Int64"),
        "real": np.full(count, REAL),
        "boolean": pd.array([True] * count, dtype="boolean"),
        "date": pd.array([np.datetime64(DAY, "s")] * count, dtype="datetime64[s]"),
    }
    return made[kind]


def with_column(tables, name: str, column: str, kind: str):
    frame = tables[name].copy()
    frame[column] = values(kind, len(frame))
    return {**tables, name: frame}


def declared(kind: str, column: str, type_: str, *, private: bool):
    """Return the settings with one more column of a kind."""
    old = SPEC.kinds[kind]
    columns = {**old.columns, column: ColumnSpec(type=type_, private=private)}
    return SPEC.model_copy(
        update={"kinds": {**SPEC.kinds, kind: old.model_copy(update={"columns": columns})}}
    )


def cleared(receiver, tables, spec=SPEC, facts=()):
    audience, unit = receiver
    return make_view(tables, spec, audience, facts=dict(facts), unit=unit, releases=RELEASES)


def said(view) -> str:
    """Return everything that a view holds, as text."""
    frames = [f"{name} {[*one.frame.columns]}\n{one.frame.to_csv()}" for name, one in view.tables.items()]
    return "\n".join([*frames, json.dumps(dict(view.facts), default=str, ensure_ascii=False)])


def assert_new_column_is_nowhere(receiver, tables, spec, name, column):
    view = cleared(receiver, tables, spec)
    if name in view.tables:
        assert column not in view.tables[name].frame.columns
    assert not [mark for mark in MARKS if mark in said(view)]
    held = make_view(tables, spec, "custodian", facts={}).tables[name].frame
    assert column in held.columns


@QUICK
@given(receiver=receivers, kind=st.sampled_from(KINDS), column=names, type_=types, private=st.booleans())
def test_a_new_declared_column_reaches_the_custodian_alone(receiver, kind, column, type_, private):
    if column in {"id", "fid", "geom", "geometry", *SPEC.kinds[kind].columns}:
        return
    spec = declared(kind, column, type_, private=private)
    assert_new_column_is_nowhere(receiver, with_column(base(), kind, column, type_), spec, kind, column)


@QUICK
@given(
    receiver=receivers,
    name=st.sampled_from([*KINDS, *RESULTS]),
    column=wild,
    type_=st.one_of(types, st.just("geometry")),
)
def test_a_column_that_is_merely_there_reaches_the_custodian_alone(receiver, name, column, type_):
    if column in base()[name].columns:
        return
    assert_new_column_is_nowhere(receiver, with_column(base(), name, column, type_), SPEC, name, column)


@QUICK
@given(receiver=receivers, name=wild, listed=st.booleans())
def test_a_new_table_reaches_the_custodian_alone(receiver, name, listed):
    if name in base() or name.endswith(("_areas", "_counts")):
        return
    homes = base()["household"]
    secret = gpd.GeoDataFrame(
        {"id": [TEXT] * len(homes), "persons": NUMBER}, geometry=homes.geometry, crs=CODE
    )
    spec = SPEC
    if listed and name.isascii() and name.isidentifier():
        kind = KindSpec(
            geometry="point", title=Text(en="new", zh="新"), columns={"persons": ColumnSpec(type="integer")}
        )
        spec = SPEC.model_copy(update={"kinds": {**SPEC.kinds, name: kind}})
    tables = {**base(), name: secret}
    view = cleared(receiver, tables, spec)
    assert name not in view.tables
    assert not [mark for mark in MARKS if mark in said(view)]
    assert name in make_view(tables, spec, "custodian", facts={}).tables


facts = st.dictionaries(
    st.text(min_size=1, max_size=10),
    st.recursive(
        st.sampled_from([TEXT, NUMBER, REAL]),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    min_size=1,
    max_size=3,
)


# What every product says, whatever is in the tables; and what it says of a layer.
SAID = {
    "name",
    "crs",
    "version",
    "source",
    "synthetic",
    "banner",
    "relief_asc",
    "codes",
    "revision",
    "figures",
}
SAID |= {"assignments", "layers", "line", "area", "point"}


@QUICK
@given(receiver=receivers, new=facts, inside=st.booleans())
def test_a_new_fact_reaches_the_custodian_alone(receiver, new, inside):
    if new.keys() & SAID:
        return
    known = {"name": {"en": "a"}, "crs": CODE, "revision": "abc", "figures": {"assignments": 3, "layers": {}}}
    if inside:
        given_facts = {**known, "figures": {**known["figures"], **new, "layers": new}}
    else:
        given_facts = {**new, **known}
    told = dict(cleared(receiver, base(), facts=given_facts).facts)
    assert not [mark for mark in MARKS if mark in json.dumps(told, default=str, ensure_ascii=False)]
    assert not new.keys() & told.keys()
    assert dict(make_view(base(), SPEC, "custodian", facts=given_facts).facts) == given_facts


@QUICK
@given(
    unit=st.sampled_from(["U-area", "U-line", "U-line-2", "U-home"]),
    kind=st.sampled_from(["unit", "outpost", "patrol_zone", "household"]),
    column=names,
    type_=types,
)
def test_a_column_listed_for_a_units_own_rows_is_empty_in_all_others(unit, kind, column, type_):
    if column in {"id", "fid", "geom", "geometry", *SPEC.kinds[kind].columns}:
        return
    partner = SPEC.audiences["partner"]
    columns = {**partner.columns, kind: ("id", "name", column)}
    # Others' rows of every kind: only what they are called.
    others = dict.fromkeys(("unit", "outpost", "patrol_zone", "household"), ("id",))
    spec = declared(kind, column, type_, private=True)
    widened = partner.model_copy(update={"columns": columns, "others": others, "redactions": ()})
    spec = spec.model_copy(update={"audiences": {"partner": widened}})
    tables = with_column(base(), kind, column, type_)
    frame = cleared(("partner", unit), tables, spec).tables[kind].frame
    assert len(frame) == len(tables[kind])
    assert int(frame[column].notna().sum()) == own_rows(kind, unit)


@pytest.mark.parametrize("kind", ["household", "unit", "track", "admin"])
def test_a_column_listed_for_others_rows_alone_is_of_no_own_row(kind):
    """Roads and townships are everybody's: none of them is another unit's."""
    partner = SPEC.audiences["partner"]
    spec = declared(kind, "debts", "text", private=True)
    widened = partner.model_copy(update={"others": {kind: ("id", "debts")}, "redactions": ()})
    spec = spec.model_copy(update={"audiences": {"partner": widened}})
    tables = with_column(base(), kind, "debts", "text")
    frame = cleared(("partner", "U-area"), tables, spec).tables[kind].frame
    told = int(frame["debts"].notna().sum()) if "debts" in frame.columns else 0
    mine = own_rows(kind, "U-area") if kind in {"household", "unit"} else len(tables[kind])
    assert told == len(tables[kind]) - mine


def own_rows(kind: str, unit: str) -> int:
    """Count a unit's own: itself, what names it, and the homes that it leads."""
    frame, rows = base()[kind], base()["assignments"]
    if kind == "unit":
        return 1
    led = rows[(rows["kind"] == "household") & (rows["unit"] == unit) & (rows["role"] == "lead")]["feature"]
    return int(((frame["unit"] == unit).fillna(value=False) | frame["id"].isin(led)).sum())


@pytest.mark.parametrize(("audience", "unit"), OTHERS)
def test_a_new_column_is_in_no_byte_of_a_map(audience, unit):
    spec = declared("household", "debts", "text", private=False)
    tables = {kind: frame for kind, frame in base().items() if kind not in RESULTS}
    area = gm.memory(with_column(tables, "household", "debts", "text"), spec=spec)
    to = {} if unit is None else {"unit": unit}
    assert TEXT.encode() not in area.map(audience=audience, **to).data
    assert TEXT.encode() in area.map(audience="custodian").data


def test_a_new_audience_sees_nothing():
    nothing = SPEC.audiences["planner"].model_copy(update={"columns": {}})
    spec = SPEC.model_copy(update={"audiences": {"new": nothing}})
    assert dict(make_view(base(), spec, "new", facts={}).tables) == {}
    with pytest.raises(ConfigError):
        make_view(base(), spec, "other", facts={})
