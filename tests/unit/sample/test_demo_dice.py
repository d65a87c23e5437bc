"""Random numbers: the same draws for everyone, or no two machines show the same demo."""

from __future__ import annotations

import numpy as np

from gridmap.sample.dice import Dice


def test_the_stream_is_the_one_recorded():
    assert Dice(7, 1, 2).unit(3).tolist() == [0.9230124616734992, 0.7203569374911785, 0.2663851419363449]


def test_streams_of_one_seed_do_not_repeat_each_other():
    assert not set(Dice(7, 1).unit(50)) & set(Dice(7, 2).unit(50))


def test_any_whole_number_is_a_seed():
    for seed in (0, -1, 2**80):
        drawn = Dice(seed, 0).unit(100)
        assert ((drawn >= 0) & (drawn < 1)).all()


def test_whole_numbers_stay_below_their_limit_and_reach_it():
    assert set(Dice(1, 0).below(3, 200).tolist()) == {0, 1, 2}


def test_weights_are_followed():
    drawn = np.bincount(Dice(1, 0).weighted(np.array([0.0, 1.0, 3.0]), 4_000), minlength=3)
    assert drawn[0] == 0
    assert 2.6 < drawn[2] / drawn[1] < 3.4


def test_a_disc_is_round():
    away = Dice(1, 0).disc(3_000)
    assert away.shape == (3_000, 2)
    assert (away**2).sum(axis=1).max() < 1
    assert np.abs(away.mean(axis=0)).max() < 0.05
