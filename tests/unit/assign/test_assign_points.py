"""Positions of which a few moved are those of an array with the few written into it; the array is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.assign import points
from gridmap.assign.points import Points

COUNT = 12
ROWS = st.lists(st.integers(0, COUNT - 1), unique=True, max_size=COUNT)


@pytest.mark.parametrize("many", [0, 3, points.MANY])
@given(edits=st.lists(ROWS, max_size=6), asked=ROWS)
def test_a_place_is_where_the_last_edit_put_it(many: int, edits: list[list[int]], asked: list[int]) -> None:
    """A home that moved twice, or back, would be assigned where it stood before."""
    whole = np.arange(2.0 * COUNT).reshape(-1, 2)
    base, told = whole.copy(), Points(whole.copy())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(points, "MANY", many)
        for turn, rows in enumerate(edits):
            some = np.array(sorted(rows), dtype=np.int64)
            places = base[some] + 100.0 * turn
            before = told.at(np.arange(COUNT)).copy()
            told, left = told.moved(some, places), told
            whole[some] = places
            assert left.xy.tolist() == before.tolist(), "the plan of before keeps its own"
    assert told.at(np.array(asked, dtype=np.int64)).tolist() == whole[asked].tolist()
    assert told.xy.tolist() == whole.tolist()
    assert told.at(np.array(asked, dtype=np.int32)).tolist() == whole[asked].tolist()


def test_a_million_places_are_not_copied_for_one_that_moved() -> None:
    base = np.zeros((8, 2))
    told = Points(base).moved(np.array([1]), np.ones((1, 2))).moved(np.array([5]), np.ones((1, 2)))
    assert told._base is base
    assert told.at(np.array([0, 1, 5])).tolist() == [[0.0, 0.0], [1.0, 1.0], [1.0, 1.0]]
    assert "xy" not in vars(told), "nor for who asks for some of them"


def test_what_is_given_away_is_a_copy() -> None:
    """Whoever writes into it would move the homes of every plan."""
    base = np.zeros((3, 2))
    Points(base).at(np.array([1]))[:] = 7.0
    assert not base.any()


@pytest.mark.parametrize("rows", [np.array([True, False, True]), np.array([-1]), np.array(1), np.array([3])])
def test_what_is_no_row_is_refused(rows: np.ndarray) -> None:
    for told in (Points(np.zeros((3, 2))), Points(np.zeros((3, 2))).moved(np.array([1]), np.ones((1, 2)))):
        with pytest.raises(IndexError):
            told.at(rows)


def test_nowhere_stays_nowhere() -> None:
    told = Points(np.zeros((3, 2))).moved(np.array([1]), np.array([[np.nan, np.nan]]))
    assert np.isnan(told.xy).all(axis=1).tolist() == [False, True, False]
    assert np.isnan(told.at(np.array([2, 1]))).all(axis=1).tolist() == [False, True]
