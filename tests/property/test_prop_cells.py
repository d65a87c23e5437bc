"""The grid through any sequence of edits: it tiles the gachas, and no code ever means another place."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from gridmap.analyse.cells import Gacha, Recipe, is_active, renew

CRS = "EPSG:4508"
CODES = ("150223102200", "150223102201", "150223108200")
EAST, NORTH = 7_000.0, 4_000.0


def empty():
    columns = {name: [] for name in ("id", "gacha", "form", "predecessors", "status")}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=CRS))


def gachas(edges):
    """Three gachas beside each other; each edge between two is a line of three points, the same for both."""
    (a, b), (c, d) = edges
    first, second = [(a, 0.0), (b, 2_100.0), (a, NORTH)], [(c, 0.0), (d, 1_700.0), (c, NORTH)]
    return [
        Gacha(CODES[0], Polygon([(0, NORTH), (0, 0), *first])),
        Gacha(CODES[1], Polygon([*first[::-1], *second])),
        Gacha(CODES[2], Polygon([*second[::-1], (EAST, 0), (EAST, NORTH)])),
    ]


near = st.floats(1_000.0, 3_000.0).map(lambda x: round(x, 2))
far = st.floats(4_000.0, 6_000.0).map(lambda x: round(x, 2))
ground = st.tuples(st.tuples(near, near), st.tuples(far, far))
recipe = st.sampled_from(
    [
        Recipe("squares", 1_000.0, 10, 0.2),
        Recipe("merged", 1_000.0, 8, 0.2),
        Recipe("squares", 1_500.0, 10, 0.4),
    ]
)
people = st.integers(0, 60)
edit = st.one_of(ground.map(lambda to: ("ground", to)), people.map(lambda to: ("homes", to)),
                 recipe.map(lambda to: ("recipe", to)))  # fmt: skip


def homes_of(count):
    return np.random.default_rng(9).random((60, 2))[:count] * [EAST, NORTH]


def sound(rows, here):
    """Every active cell is one piece of one gacha, and together they are the gacha."""
    active = rows[is_active(rows["status"])]
    for gacha in here:
        own = active[active["gacha"] == gacha.code].geometry.to_numpy()
        assert shapely.coverage_is_valid(own)
        assert (shapely.get_type_id(own) == shapely.GeometryType.POLYGON).all()
        assert abs(shapely.area(own).sum() - gacha.shape.area) <= 1e-9 * gacha.shape.area
        assert (shapely.area(shapely.difference(own, gacha.shape)) <= 1e-2).all()


def edited(start, edits):
    """Make the grid after each edit; what must hold, holds every time."""
    state = {"ground": start, "homes": 60, "recipe": Recipe("squares", 1_000.0, 10, 0.2)}
    rows, retired = empty(), {}
    for what, to in [("ground", start), *edits]:
        state[what] = to
        here = gachas(state["ground"])
        made = renew(here, state["recipe"], homes_of(state["homes"]), rows)
        known = set(rows["id"])
        assert known.isdisjoint(made.added)
        assert known | set(made.added) == set(made.rows["id"])
        assert all(re.fullmatch(r"\d{15}", code) for code in made.rows["id"])
        by_code = made.rows.set_index("id")
        for code, shape in retired.items():
            # What was retired stays so, with the ground that it meant.
            assert by_code.loc[code, "status"] == "retired"
            assert by_code.loc[code, "geometry"].equals_exact(shape, 0.0)
        for code in made.added:
            named = by_code.loc[code, "predecessors"]
            assert set(named.split(",") if isinstance(named, str) else ()) <= set(made.retired)
        sound(made.rows, here)
        retired |= {code: by_code.loc[code, "geometry"] for code in made.retired}
        again = renew(here[::-1], state["recipe"], homes_of(state["homes"])[::-1], made.rows.iloc[::-1])
        assert again.touched == ()
        rows = made.rows


sequences = st.lists(edit, min_size=1, max_size=5)


@given(start=ground, edits=sequences)
@settings(max_examples=8, deadline=None)
def test_no_sequence_of_edits_gives_a_code_twice(start, edits):
    edited(start, edits)


@pytest.mark.stress
@given(start=ground, edits=sequences)
@settings(max_examples=400, deadline=None)
def test_no_sequence_of_many_edits_gives_a_code_twice(start, edits):
    edited(start, edits)


@given(start=ground, moved=ground)
@settings(max_examples=10, deadline=None)
def test_an_edit_of_one_edge_touches_only_cells_that_it_changes(start, moved):
    squares = Recipe("squares", 1_000.0, 10, 0.2)
    before = renew(gachas(start), squares, homes_of(0), empty()).rows
    after = (start[0], moved[1])
    made = renew(gachas(after), squares, homes_of(0), before)
    assert not any(code.startswith(CODES[0]) for code in made.touched)
    old = before.set_index("id").geometry
    reach = shapely.union_all([one.shape for one in gachas(start)[1:]]).intersection(
        shapely.box(min(start[1] + moved[1]) - 2_100, 0, max(start[1] + moved[1]) + 2_100, NORTH)
    )
    # A square and the sparse piece that joins it are at most two squares from the edge that moved.
    assert all(old[code].intersects(reach) for code in made.retired)
