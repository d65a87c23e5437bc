"""Squares clipped to gachas: ground that falls between two cells, or in two of them, has no keeper or two."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from gridmap.analyse.cells.drawing import Gacha, Recipe, draw
from gridmap.analyse.cells.lattice import Edges, cut, shared_edges
from gridmap.analyse.cells.merging import merge
from gridmap.errors import ConfigError

SIZE = 1000.0
NO_HOMES = np.empty((0, 2))
NONE = np.empty(0, dtype=object)


def wavy(west, east, south, north):
    """Two gachas with one winding edge between them, vertex by vertex the same, run in both directions."""
    y = np.linspace(south, north, 1_201)
    x = (west + east) / 2 + 730.0 * np.sin(y / 371.0) + 111.0 * np.cos(y / 57.0)
    x += np.random.default_rng(8).normal(0.0, 4.0, len(y))
    edge = list(zip(x.tolist(), y.tolist(), strict=True))
    left = Polygon([(west, north), (west, south), *edge])
    right = Polygon([*edge[::-1], (east, south), (east, north)])
    return left, right


def recipe(form="squares", size=SIZE, households=10, sparse=0.2):
    return Recipe(form, size, households, sparse)


def drawn(shape, made=None, homes=NO_HOMES, former=NONE):
    return draw(Gacha("150223102200", shape), made or recipe(), homes, former)


@pytest.mark.parametrize("size", [1_000.0, 777.7, 131.3])
def test_squares_tile_a_gacha_and_fit_the_neighbours(size):
    left, right = wavy(400_300.0, 409_700.0, 4_700_250.0, 4_708_330.0)
    one, other = cut(left, size), cut(right, size)
    for shape, faces in ((left, one), (right, other)):
        assert shapely.coverage_is_valid(faces)
        assert shapely.area(faces).sum() == pytest.approx(shape.area, rel=1e-12)
        assert (shapely.get_type_id(faces) == shapely.GeometryType.POLYGON).all()
    # Nodes of the lattice stand on both sides of the edge between the gachas.
    assert shapely.coverage_is_valid(np.concatenate([one, other]))


def test_the_lattice_does_not_depend_on_the_data():
    """Its lines are multiples of the size: another gacha beside it, or a moved edge, moves no other cell."""
    whole = cut(box(0, 0, 3_000, 3_000), SIZE)
    part = cut(box(400, 0, 3_000, 3_000), SIZE)
    same = [one for one in part if any(one.equals(two) for two in whole)]
    assert len(same) == 6
    assert {tuple(np.mod(shapely.bounds(one), SIZE)) for one in whole} == {(0.0, 0.0, 0.0, 0.0)}


def test_pieces_are_in_reading_order():
    faces = cut(box(0, 0, 3_000, 2_000), SIZE)
    assert [tuple(one.bounds[:2]) for one in faces] == [
        (0, 1000), (1000, 1000), (2000, 1000), (0, 0), (1000, 0), (2000, 0),
    ]  # fmt: skip


def test_a_corner_that_only_touches_a_line_is_a_node_on_both_sides():
    notch = Polygon(
        [(0, 0), (2_000, 0), (2_000, 2_000), (1_200, 2_000), (1_000, 1_500), (900, 2_000), (0, 2_000)]
    )
    faces = cut(notch, SIZE)
    assert shapely.coverage_is_valid(faces)
    assert shapely.area(faces).sum() == pytest.approx(notch.area)


def test_a_gacha_with_a_hole_and_one_in_two_parts():
    holed = box(100, 100, 4_900, 4_900).difference(box(1_500, 1_500, 3_300, 2_700))
    faces = drawn(holed)
    assert shapely.coverage_is_valid(faces)
    assert shapely.area(faces).sum() == pytest.approx(holed.area)
    apart = shapely.union_all([box(0, 0, 2_000, 1_000), box(5_000, 0, 5_100, 100)])
    cells = drawn(apart)
    # A part that is smaller than any cell should be has no neighbour, and stays.
    assert sorted(shapely.area(cells)) == [10_000.0, 1e6, 1e6]


def test_two_pieces_in_one_square_are_two_cells():
    arms = Polygon(
        [(0, 0), (1_000, 0), (1_000, 400), (200, 400), (200, 600), (1_000, 600), (1_000, 1_000), (0, 1_000)]
    )
    reach = shapely.union_all(
        [arms, box(-1_000, 0, 0, 1_000), box(1_000, 0, 2_000, 400), box(1_000, 600, 2_000, 1_000)]
    )
    cells = cut(reach, SIZE)
    assert all(one.geom_type == "Polygon" for one in cells)
    assert len(cells) == 4


def test_a_sparse_piece_joins_the_neighbour_with_the_longest_edge():
    """A corner of 100 by 900 m east of a square and south of another: the longer edge is the western one."""
    corner = box(1_000, 100, 1_100, 1_000)
    shape = shapely.union_all([box(0, 0, 1_000, 1_000), corner, box(1_000, 1_000, 2_000, 2_000)])
    assert len(cut(shape, SIZE)) == 3
    cells = drawn(shape)
    assert [round(one.area) for one in cells] == [1_000_000, 1_090_000]
    turned = shapely.transform(shape, lambda xy: np.column_stack([xy[:, 1], xy[:, 0]]))
    assert [one.bounds for one in drawn(turned)] == [(1_000, 1_000, 2_000, 2_000), (0, 0, 1_000, 1_100)]
    assert len(drawn(shape, recipe(sparse=0.0))) == 3


def test_equal_edges_go_to_the_earlier_position():
    """A piece between two squares, 1,000 m beside each: the western one has it, however often one asks."""
    shape = shapely.union_all(
        [box(0, 0, 1_000, 1_000), box(1_000, 0, 2_000, 100), box(2_000, 0, 3_000, 1_000)]
    )
    cells = drawn(shape)
    assert [round(one.area) for one in cells] == [1_100_000, 1_000_000]
    assert cells[0].bounds[0] == 0


def test_shared_edges_are_measured_on_both_sides_once():
    edges = shared_edges(cut(box(0, 0, 2_000, 1_000), SIZE))
    assert edges.pairs.tolist() == [[0, 1]]
    assert edges.lengths.tolist() == [1000.0]


def test_merged_cells_hold_enough_and_are_contiguous():
    rng = np.random.default_rng(5)
    homes = rng.random((200, 2)) * 9_000.0
    shape = box(0, 0, 9_000, 9_000)
    cells = drawn(shape, recipe("merged", households=15), homes)
    inside = gpd.GeoSeries(cells).apply(lambda one: int(shapely.contains_xy(one, homes).sum()))
    assert inside.sum() == 200
    assert inside.min() >= 15
    # Not one cell for all: cells end soon after they hold enough.
    assert len(cells) >= 200 / 15 / 2.5
    assert (shapely.get_type_id(cells) == shapely.GeometryType.POLYGON).all()
    assert shapely.coverage_is_valid(cells)


def test_a_gacha_with_too_few_households_is_one_cell():
    cells = drawn(box(0, 0, 5_000, 5_000), recipe("merged", households=15), np.array([[100.0, 100.0]] * 14))
    assert len(cells) == 1


def test_a_merged_cell_that_still_holds_enough_stays():
    rng = np.random.default_rng(6)
    homes = rng.random((200, 2)) * 9_000.0
    shape, made = box(0, 0, 9_000, 9_000), recipe("merged", households=15)
    before = drawn(shape, made, homes)
    counts = [int(shapely.contains_xy(one, homes).sum()) for one in before]
    poorest = before[int(np.argmin(counts))]
    left = homes[~shapely.contains_xy(poorest, homes) | (np.arange(200) % 2 == 0)]
    after = drawn(shape, made, left, before)
    kept = sum(any(one.equals(two) for two in before) for one in after)
    # The one that lost its people, and the neighbour that it joins.
    assert kept == len(before) - 2
    assert len(after) == len(before) - 1


def test_a_cell_with_too_few_joins_another_one_with_too_few():
    """Joining a full neighbour with the longer edge leaves the poor one alone, and ends in fewer cells."""
    edges = Edges(np.array([[0, 1], [1, 2]]), np.array([900.0, 100.0]))
    homes, area = np.array([12.0, 4.0, 6.0]), np.array([3.0, 1.0, 2.0])
    assert [one.tolist() for one in merge(homes, edges, least=10, size=area)] == [[0], [1, 2]]
    assert [one.tolist() for one in merge(np.array([12.0, 4.0, 11.0]), edges, least=10, size=area)] == [
        [0, 1],
        [2],
    ]


def test_merged_cells_stay_where_people_come_though_finer_ones_could_be_cut():
    rng = np.random.default_rng(7)
    homes = rng.random((200, 2)) * 9_000.0
    shape, made = box(0, 0, 9_000, 9_000), recipe("merged", households=15)
    before = drawn(shape, made, homes)
    more = np.vstack([homes, rng.random((300, 2)) * 9_000.0])
    after = drawn(shape, made, more, before)
    assert len(drawn(shape, made, more)) > len(before)
    assert [one.wkb for one in after] == [one.wkb for one in before]


@pytest.mark.parametrize(("size", "said"), [(100.0, "1,600 cells"), (1.0, "squares")])
def test_more_cells_than_serials_is_an_error(size, said):
    with pytest.raises(ConfigError) as refused:
        drawn(box(0, 0, 4_000, 4_000), recipe(size=size))
    assert refused.value.code == "GM103"
    assert said in refused.value.what
    assert "larger squares" in refused.value.fix
