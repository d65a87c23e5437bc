"""The search behind the guard: a text it misses is a text given away."""

from __future__ import annotations

import random

import pytest

from gridmap.privacy import Needles


def test_every_needle_is_found_and_nothing_else():
    dice = random.Random(5)  # noqa: S311 - test data
    letters = "户主张王李赵ab12 éЖ😀\u2028"
    words = {"".join(dice.choice(letters) for _ in range(dice.randint(2, 9))) for _ in range(4000)}
    words = {word for word in words if len(word.encode()) >= 4 and not word.strip().isdigit()}
    hay = "".join(dice.choice(letters) for _ in range(60_000))
    assert Needles(words).found(hay.encode()) == {word for word in words if word in hay}


@pytest.mark.parametrize("at", [*range(17), 2**20 - 5, 2**20 - 1, 2**20, 2**20 + 3])
def test_a_needle_is_found_at_any_place(at):
    hay = b"." * at + "堡垒户".encode() + b"."
    assert Needles(["堡垒户"]).found(hay) == {"堡垒户"}
    assert Needles(["堡垒户"]).places(hay) == [at]


def test_a_needle_at_the_very_end_and_one_that_is_cut_off():
    assert Needles(["13800000000"]).found(b"x13800000000") == {"13800000000"}
    assert Needles(["13800000000"]).found(b"x1380000000") == set()


def test_needles_that_begin_alike_or_hold_each_other():
    assert Needles(["巴特尔", "巴特", "巴特尔夫"]).found("巴特尔".encode()) == {"巴特尔", "巴特"}


def test_a_short_number_is_found_as_a_whole_only():
    needles = Needles(["8012"])
    assert needles.found(b"42.48012") == set()
    assert needles.found(b"48012") == set()
    assert needles.found(b"8012.5") == set()
    assert needles.found(b'"8012"') == {"8012"}
    assert Needles(["13812345678"]).found(b"0013812345678") == {"13812345678"}


def test_nothing_to_look_for():
    assert not Needles([])
    assert Needles([]).found(b"anything") == set()
    assert Needles(["abcd"]).found(b"") == set()
