"""Stretches of border: a millimetre lost or counted twice is a stretch nobody or two answer for."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gridmap.assign.intervals import Ladder, cells, merge, subtract, to_m, to_mm


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_metres_become_whole_millimetres_and_back() -> None:
    assert to_mm([1.0004, 1.0006, np.nan, np.inf]).tolist() == [1000, 1001, -1, -1]
    assert to_m(ints(1000, 1001)).tolist() == [1.0, 1.001]


def test_cells_meet_at_midpoints_and_cover_the_line() -> None:
    starts, stops = cells(ints(10, 30, 90), length=100, reach=1000)
    assert (starts.tolist(), stops.tolist()) == ([0, 20, 60], [20, 60, 100])


def test_cells_end_at_the_reach() -> None:
    starts, stops = cells(ints(10, 90), length=100, reach=15)
    assert (starts.tolist(), stops.tolist()) == ([0, 75], [25, 100])


def test_no_station_no_cell() -> None:
    starts, stops = cells(ints(), length=100, reach=15)
    assert (len(starts), len(stops)) == (0, 0)


def test_a_plan_cuts_a_cell_in_two() -> None:
    starts, stops, owner = subtract(ints(0, 50), ints(50, 100), holes=(ints(20, 45), ints(30, 60)))
    assert list(zip(starts.tolist(), stops.tolist(), owner.tolist(), strict=True)) == [
        (0, 20, 0),
        (30, 45, 0),
        (60, 100, 1),
    ]


def test_nothing_to_cut_leaves_all() -> None:
    starts, stops, owner = subtract(ints(0), ints(50), holes=(ints(), ints()))
    assert (starts.tolist(), stops.tolist(), owner.tolist()) == ([0], [50], [0])


def test_overlapping_and_touching_stretches_merge() -> None:
    starts, stops = merge(ints(0, 5, 10, 40), ints(8, 10, 20, 50))
    assert (starts.tolist(), stops.tolist()) == ([0, 40], [20, 50])


def test_half_open_ends_and_the_last_metre() -> None:
    ladder = Ladder.of(ints(0, 50), ints(50, 100), length=100)
    assert ladder.holder(ints(0, 49, 50, 100, 101)).tolist() == [0, 0, 1, 1, -1]


def test_a_gap_has_no_holder_and_an_overlap_the_smallest() -> None:
    ladder = Ladder.of(ints(0, 20), ints(30, 60), length=100)
    assert ladder.holder(ints(10, 25, 40, 80)).tolist() == [0, 0, 1, -1]
    assert ladder.runs() == [(0, 20, (0,)), (20, 30, (0, 1)), (30, 60, (1,)), (60, 100, ())]


def test_a_range_finds_the_smallest_it_meets() -> None:
    ladder = Ladder.of(ints(20, 60), ints(60, 80), length=100)
    starts, stops = ints(0, 10, 50, 60, 80, 100), ints(10, 20, 70, 60, 100, 100)
    assert ladder.between(starts, stops).tolist() == [-1, 0, 0, 1, -1, -1]
    assert ladder.between(ints(), ints()).tolist() == []


def test_no_stretch_is_one_gap() -> None:
    assert Ladder.of(ints(), ints(), length=100).runs() == [(0, 100, ())]
    assert Ladder.of(ints(), ints(), length=0).runs() == []
    assert Ladder.of(ints(), ints(), length=0).between(ints(0), ints(1)).tolist() == [-1]


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), max_size=6),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), max_size=6),
)
def test_each_millimetre_agrees_with_counting(given_: list, holes: list) -> None:
    starts, stops = ints(*[a for a, _ in given_]), ints(*[a + n for a, n in given_])
    cut = (ints(*[a for a, _ in holes]), ints(*[a + n for a, n in holes]))
    left = subtract(starts, stops, holes=cut)
    covered = {at for a, n in holes for at in range(a, a + n)}
    for owner, (a, n) in enumerate(given_):
        mine = {
            at
            for start, stop, of in zip(*(each.tolist() for each in left), strict=True)
            if of == owner
            for at in range(start, stop)
        }
        assert mine == set(range(a, a + n)) - covered
    ladder = Ladder.of(starts, stops, length=100)
    for start, stop, members in ladder.runs():
        for at in range(start, stop):
            assert set(members) == {i for i, (a, n) in enumerate(given_) if a <= at < a + n}


def test_many_places_find_the_stretch_that_few_find() -> None:
    rng = np.random.default_rng(3)
    starts = np.sort(rng.integers(0, 200_000_000, 60))
    ladder = Ladder.of(starts, starts + rng.integers(1, 9_000_000, 60), length=210_000_000)
    at = np.concatenate(
        [rng.integers(-5, 215_000_000, 100_000), *[ladder.breaks + shift for shift in (-1, 0, 1)], [-1]]
    )
    few = np.concatenate([ladder.holder(part) for part in np.array_split(at, 40)])
    assert np.array_equal(ladder.holder(at), few)
    assert set(few) > {-1}
