"""How areas are made where few people live, and how they join."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from small_country import CODE, SIDE, X0, Y0, admin, places

from gridmap.config import default_spec
from gridmap.privacy.partition import Partition
from gridmap.privacy.partition_joining import Group, joined
from gridmap.privacy.partition_tree import Cut, mondrian, renumbered, walk
from gridmap.privacy.partition_units import units_of

SPEC = default_spec(CODE)
UNITS = units_of(admin(), SPEC)


def built(**counts):
    return Partition.build(places(**counts), UNITS, k=10, cell_m=1000.0)


def codes(partition):
    """Return the codes of the units that each area covers a part of."""
    names = [line[-1].code for line in partition.units.lines]
    return [sorted(names[unit] for unit in some) for some in partition.drawn().units]


def test_a_gacha_with_few_homes_joins_one_of_its_own_township():
    """B1 is as near to A3 as B2 is, and A3 has fewer homes."""
    found = codes(built(A1=15, A2=15, A3=11, B1=4, B2=14, C1=12))
    assert ["B1", "B2"] in found
    assert ["A3"] in found


def test_a_township_with_few_homes_joins_the_nearest_gacha():
    found = codes(built(A1=15, A2=15, A3=15, B1=15, B2=15, C1=4))
    assert sorted({code for some in found if "C1" in some for code in some}) == ["B2", "C", "C1"]


def test_a_unit_with_nobody_in_it_lies_in_an_area_all_the_same():
    """Else the first home that is built there stands alone."""
    partition = built(A1=30, A3=30, B1=30, B2=30, C1=30)
    assert (partition.locate(places(A2=50, rest=5)) >= 0).all()


def test_with_fewer_than_k_homes_there_is_one_area_and_nothing_changes():
    """A project that is half loaded must not spoil its areas for good."""
    few = built(A1=3, C1=4)
    assert len(few.areas) == 1
    many = built(A1=40, B1=40)
    assert many.settled(places(A1=3, B1=4), 10)[0] == many
    assert Partition.build(np.empty((0, 2)), UNITS, k=10, cell_m=1000.0).areas == (0,)


def test_without_units_there_are_no_areas():
    none = Partition.build(places(A1=20), units_of(admin().iloc[:0], SPEC), k=10, cell_m=1000.0)
    assert none.areas == ()
    assert (none.locate(places(A1=20)) == -1).all()
    assert none.continued(places(A1=20), UNITS, 10).locate(places(A1=20)).tolist() == [0] * 20


def test_an_area_that_lost_homes_joins_what_was_cut_from_it_last():
    xy = places(A1=30)
    partition = Partition.build(xy, UNITS, k=10, cell_m=1000.0)
    assert len(partition.areas) == 2
    kept = xy[(partition.locate(xy) == 1) | (np.cumsum(partition.locate(xy) == 0) < 5)]
    assert len(partition.settled(kept, 10)[0].areas) == 1


# In the west 0 lies south of 1; in the east 2 lies south of 3 and, farther east, 4.
QUARTERS = Cut(0, 0, Cut(1, 0, 0, 1), Cut(1, 0, 2, Cut(0, 5, 3, 4)))


@pytest.mark.parametrize(
    ("counts", "joins"),
    [
        # Across the last cut, though 2 has fewer homes and lies beside it too.
        ((3, 90, 11, 90, 90), {0: 0, 1: 0, 2: 2, 3: 3, 4: 4}),
        # Across the last cut are 3 and 4: 3 lies beside 1's half, but both lie north of 2; the smaller one.
        ((90, 90, 3, 50, 40), {0: 0, 1: 1, 2: 2, 3: 3, 4: 2}),
        # A cut that has become one area is passed over: 0 and 1 together go on to what lies beside them.
        ((3, 3, 50, 40, 12), {0: 0, 1: 0, 2: 2, 3: 0, 4: 4}),
        # With fewer than k in all, everything is one.
        ((1, 1, 1, 1, 1), {0: 0, 1: 0, 2: 0, 3: 0, 4: 0}),
    ],
)
def test_an_area_joins_the_one_it_was_cut_from(counts, joins):
    """Any other would make one area of pieces far apart, and spoil two where one was enough."""
    found = joined([Group((0,), QUARTERS)], UNITS, dict(enumerate(counts)), 10, 1000.0)
    assert found == joins


def test_an_area_in_two_places_joins_where_it_was_cut_last():
    tree = Cut(0, 0, Cut(1, 0, 0, 1), Cut(1, 0, 0, Cut(0, 5, 2, 3)))
    found = joined([Group((0,), tree)], UNITS, {0: 3, 1: 90, 2: 50, 3: 12}, 10, 1000.0)
    assert found == {0: 0, 1: 0, 2: 2, 3: 3}


def test_a_cut_between_two_parts_of_one_area_is_forgotten():
    """Else what is remembered only grows, and an edge is drawn where there is none."""
    one_area = renumbered(QUARTERS, lambda number: 0 if number in {0, 1} else number)
    assert one_area == Cut(0, 0, 0, Cut(1, 0, 2, Cut(0, 5, 3, 4)))
    assert renumbered(QUARTERS, lambda _: 7) == 7


def test_an_area_keeps_its_number_until_it_joins():
    xy = places(A1=60, B1=60)
    partition = Partition.build(xy, UNITS, k=10, cell_m=1000.0)
    gone = partition.areas[2]
    coarse = partition.settled(xy[partition.locate(xy) != 2], 10)[0]
    assert set(coarse.areas) < set(partition.areas)
    assert len(coarse.areas) == len(partition.areas) - 1
    assert gone not in coarse.areas or partition.areas[3] not in coarse.areas


def test_cuts_leave_a_margin_on_both_sides():
    """With exactly k on a side, the first family that moves away costs an area."""
    cells = np.array([[0, 0], [1, 0]])
    assert isinstance(mondrian(cells, np.array([12, 12]), 12, itertools.count()), Cut)
    assert mondrian(cells, np.array([11, 13]), 12, itertools.count()) == 0
    assert all(size >= 12 for size in np.bincount(built(A1=200).locate(places(A1=200))))


def test_a_cut_lies_in_the_middle_of_empty_ground():
    """Beside a home's cell it would tell where the home is."""
    tree = mondrian(np.array([[0, 0], [9, 0]]), np.array([5, 5]), 5, itertools.count())
    assert tree == Cut(0, 5, 0, 1)
    assert walk(tree, np.array([[4, 7], [5, 7]])).tolist() == [0, 1]


def test_homes_in_one_cell_are_never_cut_apart():
    xy = np.array([(X0 + 4_500.0, Y0 + 4_500.0)] * 300) + np.linspace(0, 400, 300)[:, np.newaxis]
    partition = Partition.build(xy, UNITS, k=10, cell_m=1000.0)
    assert len(partition.areas) == 1


def test_clusters_are_sums_of_whole_areas():
    partition = built(A1=30, A2=4, A3=30, B1=30, B2=30, C1=4)
    clusters, of_area = partition.clusters("gacha")
    names = [line[-1].code for line in partition.units.lines]
    shown = [sorted(names[unit] for unit in some) for some in clusters]
    assert sum(len(some) for some in shown) == len(names)
    assert len(of_area) == len(partition.areas)
    assert [some for some in shown if "A2" in some] != [["A2"]]
    towns = partition.clusters("township")[0]
    # C joined a gacha of B, so that the two townships are one.
    assert sorted(sorted({names[unit][0] for unit in some}) for some in towns) == [["A"], ["B", "C"]]


@pytest.mark.parametrize("cell_m", [100.0, 1_000.0, 50_000.0])
def test_a_grid_of_any_size_works(cell_m):
    xy = places(A1=80, B2=80)
    partition = Partition.build(xy, UNITS, k=10, cell_m=cell_m)
    assert np.bincount(partition.locate(xy)).min() >= 10
    assert partition.drawn().shapes[0].area <= 6 * SIDE * SIDE
