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


def test_a_short_text_in_random_bytes_is_chance_and_a_long_one_is_not():
    noise = random.Random(7).randbytes(300_000)  # noqa: S311 - test data
    short, long = noise[1000:1004].decode("latin-1"), noise[2000:2012].decode("latin-1")
    many = {f"{n:04x}" for n in range(60_000)}
    needles = Needles({*many, short, long}, encoding="latin-1")
    assert needles.found(noise, symbols=256) == {long}
    assert short in needles.found(noise)


def test_a_short_text_that_plainly_is_one_counts_among_random_bytes():
    noise = random.Random(8).randbytes(300_000)  # noqa: S311 - test data
    needles = Needles({"Bata", *(f"{n:04x}" for n in range(60_000))})
    for hidden in (b"\0called Bata, lives here\0", b"\xff\x04\0\0\0Bata\xff", b"\xff\0\0\0\x04Bata\xff"):
        assert needles.found(noise + hidden + noise, symbols=256) == {"Bata"}
    assert needles.found(noise + b"\xffBata\xff" + noise, symbols=256) == set()


def test_letters_of_base64_are_fewer_than_bytes():
    needles = Needles({"Bata", "Batbayar"})
    letters = ("xY9" * 2000 + "Bata" + "Zz8" * 2000 + "Batbayar" + "q" * 3000).encode()
    assert needles.found(letters, symbols=64) == {"Bata", "Batbayar"}
    assert needles.found(letters * 10, symbols=64) == {"Batbayar"}


def test_a_number_inside_a_longer_one_counts_where_chance_is_no_explanation():
    few, many = Needles(["5551234"]), Needles(f"{n:07d}" for n in range(0, 10_000_000, 200))
    codes = "\n".join(str(10**11 + n * 7919) for n in range(500)).encode()
    assert few.found(b"0015551234") == {"5551234"}
    assert many.found(codes) == set()
    assert many.found(codes + b"\n 0000400 ") == {"0000400"}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le", "utf-16-be"])
def test_texts_are_found_in_other_encodings(encoding):
    hay = b"\x01\x02" * 9 + "叫巴特尔夫的人, Batbayar".encode(encoding)
    needles = Needles(["巴特尔夫", "Batbayar", "没有的人"], encoding=encoding)
    assert needles.found(hay, symbols=256) == {"巴特尔夫", "Batbayar"}
