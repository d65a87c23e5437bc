"""No check may stumble over anything a store can hold, and the order of rows may not matter."""

import datetime as dt
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gridmap.checks import check_frame, check_tables, codes
from gridmap.config import default_spec

SPEC = default_spec()
X, Y = 400_000.0, 4_650_000.0
DTYPES = {"text": "str", "integer": "Int64", "real": "float64", "boolean": "boolean", "date": "datetime64[s]"}
WORDS = (
    "a",
    "b",
    "A",
    "",
    " ",
    "150223102",
    "150223102200",
    "150223108",
    "township",
    "gacha",
    "line",
    "area",
)
WORDS += ("point", "marker", "界7", "界8(2)", "示", "锟斤拷", "\u202e\x07", "{{7*7}}", "x" * 300, "\ufffd")
CLOSE = (0.0, 0.5, 10.0, 50.0, 10_000.0, 20_000.0, 30_000.0)
WILD = (float("nan"), float("inf"), float("-inf"), 1e300, -1e300, 110.1, 42.3, 19e6, 0.0)

near = st.builds(lambda x, y: (X + x, Y + y), st.sampled_from(CLOSE), st.sampled_from(CLOSE))
wild = st.builds(lambda x, y: (x, y), st.sampled_from(WILD), st.sampled_from((*WILD, Y)))
places = st.one_of(near, near, near, wild)


def quietly(make):
    """Return a maker of geometries that may be given what is no number."""

    def made(*given_places):
        with np.errstate(all="ignore"):
            return make(*given_places)

    return made


def lines(place):
    return st.lists(place, min_size=2, max_size=5).map(quietly(shapely.LineString))


def polygons(place):
    boxes = st.builds(lambda a, b: shapely.box(*a, *b), near, near)
    # It starts at a number: a ring whose first vertex is none cannot even be made.
    rings = st.builds(
        quietly(lambda a, rest: shapely.Polygon([a, *rest])), near, st.lists(place, min_size=2, max_size=5)
    )
    return st.one_of(boxes, boxes, rings)


SHAPES = {
    "point": places.map(shapely.Point),
    "line": st.one_of(
        lines(near), lines(places), st.lists(lines(near), max_size=3).map(shapely.MultiLineString)
    ),
    "polygon": st.one_of(polygons(near), polygons(places)),
}
ODD = st.one_of(
    st.none(),
    st.sampled_from(
        [shapely.Point(), shapely.LineString(), shapely.MultiPolygon(), shapely.GeometryCollection()]
    ),
    *SHAPES.values(),
    places.map(lambda xy: shapely.GeometryCollection([shapely.Point(xy)])),
)
CELLS = {
    "text": st.one_of(st.none(), st.sampled_from(WORDS)),
    "integer": st.one_of(st.none(), st.integers(-1, 70), st.just(2**62)),
    "real": st.one_of(st.none(), st.sampled_from((-1.0, 0.0, 5.0, 10_000.0, float("inf"), 1e300))),
    "boolean": st.one_of(st.none(), st.booleans()),
    "date": st.one_of(st.none(), st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31))),
}


@st.composite
def frames(draw, kind):
    one = SPEC.kinds[kind]
    ids = draw(st.lists(st.sampled_from([word for word in WORDS if word]), unique=True, max_size=6))
    data = {"id": pd.Series(ids, dtype="str")}
    for name, column in one.columns.items():
        cells = [draw(CELLS[column.type]) for _ in ids]
        data[name] = pd.Series(cells, dtype=object).astype(DTYPES[column.type])
    made = pd.DataFrame(data, index=pd.RangeIndex(len(ids)))
    if not one.spatial:
        return made
    shapes = [draw(st.one_of(SHAPES[one.geometry], SHAPES[one.geometry], ODD)) for _ in ids]
    return gpd.GeoDataFrame(made, geometry=gpd.GeoSeries(shapes, crs=SPEC.crs))


@st.composite
def projects(draw):
    return {kind: draw(frames(kind)) for kind in SPEC.kinds}


# Shrinking a project of nine tables takes minutes; the first failing one is told as it is.
QUIET = {
    "phases": (Phase.explicit, Phase.generate),
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "derandomize": True,
}


@settings(max_examples=25, **QUIET)
@given(projects(), st.randoms(use_true_random=False))
def test_whatever_is_stored_is_judged_and_the_order_of_rows_does_not_matter(tables, random):
    found = check_tables(tables, SPEC)
    told = json.dumps(found.to_json(), ensure_ascii=False)
    assert all(one.code in codes() and one.table in SPEC.kinds for one in found)
    rows = {kind: random.sample(range(len(frame)), len(frame)) for kind, frame in tables.items()}
    mixed = {kind: frame.iloc[rows[kind]] for kind, frame in reversed(tables.items())}
    assert json.dumps(check_tables(mixed, SPEC).to_json(), ensure_ascii=False) == told


@settings(max_examples=25, **QUIET)
@given(projects())
def test_a_geometry_that_is_faulty_itself_is_reported_once(tables):
    own = ("geometry-", "coordinates-", "line-zero-length", "polygon-tiny")
    after = ("position-", "gacha-mismatch", "border-", "gacha-outside", "township-overlap", "gacha-overlap")
    found = check_tables(tables, SPEC)
    faulty = [(one.table, one.id) for one in found if one.code.startswith(own)]
    assert len(faulty) == len(set(faulty))
    assert not {(one.table, one.id) for one in found if one.code.startswith(after)} & set(faulty)


CLUTTER = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.text(max_size=4),
    st.binary(max_size=3),
    st.dates(),
    st.datetimes(),
    st.lists(st.integers(), max_size=2),
    st.just(pd.NA),
    st.just(pd.NaT),
)


@settings(max_examples=25, **QUIET)
@given(st.sampled_from(sorted(SPEC.kinds)), st.data())
def test_whatever_a_frame_holds_it_is_judged(kind, data):
    size = data.draw(st.integers(0, 4))
    known = ["id", *SPEC.kinds[kind].columns, "geometry"]
    names = data.draw(
        st.lists(st.one_of(st.sampled_from(known), st.text(max_size=3), st.integers()), max_size=9)
    )
    columns = [
        pd.Series(data.draw(st.lists(CLUTTER, min_size=size, max_size=size)), dtype=object) for _ in names
    ]
    frame = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=range(size))
    frame.columns = pd.Index(names, dtype=object)
    found = check_frame(frame, kind=kind, spec=SPEC)
    assert all(one.code in codes() and one.table == kind for one in found)
