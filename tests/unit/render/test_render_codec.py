"""An integer that comes back as another moves a home; other bytes on another machine are another map."""

from __future__ import annotations

import base64
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.model.packed import Packed
from gridmap.render.codec import pack_ints, unpack_ints
from gridmap.render.order import spatial_order

WHOLE = st.integers(-(2**40), 2**40)
RUNS = st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 70)), max_size=12)


@settings(deadline=None)
@given(RUNS, WHOLE, st.sampled_from([1, 8, 2**20]))
def test_integers_come_back(runs, low, coarse):
    values = [low + value // coarse for value, many in runs for _ in range(many)]
    assert unpack_ints(pack_ints(values)).tolist() == values


@settings(deadline=None)
@given(st.lists(st.integers(-40, 40), max_size=300), WHOLE)
def test_steps_come_back(steps, first):
    values = (first + np.cumsum(steps, dtype=np.int64)).tolist()
    assert unpack_ints(pack_ints(values)).tolist() == values


@pytest.mark.parametrize(
    "values",
    [[], [7], [7] * 100, [0, 2**32 - 1], [-3, 250], [2**31 - 1, 0] * 40, list(range(31)), list(range(33))],
)
def test_the_ends_of_what_fits(values):
    packed = pack_ints(values)
    assert unpack_ints(packed).tolist() == values
    assert packed.size == len(values)


@pytest.mark.parametrize("values", [[0, 2**32], [2**53 + 1]])
def test_integers_that_a_page_cannot_hold_are_refused(values):
    with pytest.raises(ValueError, match="32 bits"):
        pack_ints(values)


def test_the_bytes_are_the_same_on_every_machine():
    values = [3, 3, 5, 70_000, *range(60), *[9] * 64]
    data = (
        "BREFAAAAAACApwQAAwAGABQAgIsIACAAgACAAQAEAAoAGAA4AIAAIAGAAoAFAAwAGgA4AHgAAAEgAoAEgAkAFAAqAFgAuACAASAD"
        "gAaADQAgiEGKOSipxZp7MMpJq7046827/w=="
    )
    assert pack_ints(values) == Packed(size=128, low=0, high=70_000, steps=None, data=data)


def test_what_is_alike_takes_nothing():
    assert pack_ints([5] * 1_000_000).data == ""
    # Blocks of one value have no bits: what is left is one byte a block.
    runs = pack_ints(np.repeat([4, 9], 500_000))
    assert len(runs.data) < 50_000
    assert len(pack_ints(np.arange(1_000_000)).data) < 50_000, "even steps"


def test_a_million_integers_are_packed_at_once():
    dice = np.random.default_rng(1)
    values = dice.integers(0, 2**17, 1_000_000)
    start = time.process_time()
    packed = pack_ints(values)
    assert time.process_time() - start < 2.0, "no loop over rows"
    assert len(packed.data) < 1_000_000 * 17 / 6 * 1.05
    assert (unpack_ints(packed) == values).all()


@pytest.mark.parametrize(
    "change",
    [
        {"data": "*"},
        {"data": ""},
        {"size": 400},
        {"size": 1},
        {"data": base64.b64encode(b"\x40" * 64).decode()},
        {"data": base64.b64encode(b"\0\0").decode()},
    ],
)
def test_what_was_cut_or_changed_is_no_integers(change):
    with pytest.raises(ValueError, match="packed integers"):
        unpack_ints(replace(pack_ints(list(range(0, 9000, 37))), **change))


def test_the_curve_visits_neighbours_one_after_the_other():
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(32), np.arange(32)))
    order = spatial_order(x, y)
    assert sorted(order.tolist()) == list(range(1024))
    assert set((np.abs(np.diff(x[order])) + np.abs(np.diff(y[order]))).tolist()) == {1}


def test_rows_of_one_place_keep_their_order():
    assert spatial_order(np.array([5, 1, 5, 1, 5]), np.array([5, 1, 5, 1, 5])).tolist() == [1, 3, 0, 2, 4]
    assert spatial_order(np.array([], dtype=int), np.array([], dtype=int)).tolist() == []
