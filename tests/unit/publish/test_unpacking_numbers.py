"""Numbers as they stand in bytes: one that is not read is one that is not checked."""

from __future__ import annotations

import random
import struct

import numpy as np
import pytest

from gridmap.publish.unpacking import doubles, packed, written

DEGREES = ((109.0, 111.0, 5), (41.5, 43.0, 5))
METRES = ((360_000.0, 480_000.0, 0), (4_600_000.0, 4_800_000.0, 0))
WEST = ((-73.5, -71.4, 5), (-0.5, 0.5, 5))


def pairs(data: bytes, ranges=DEGREES) -> list[tuple[float, int]]:
    found = written(data, ranges)
    return list(zip(found.values.tolist(), found.digits.tolist(), strict=True))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("110.123456", [(110.123456, 6)]),
        ("[110.1234567,42.123456789]", [(110.1234567, 7), (42.123456789, 9)]),
        ("110.12345", []),
        ("110.1234500000", [(110.12345, 5)]),
        ("x=110.1234567890123456789", [(110.123456789012, 14)]),
        ("E110.123456°", [(110.123456, 6)]),
        ("1.10123456e2", [(110.123456, 6)]),
        ("1.10123456E+02", [(110.123456, 6)]),
        ("110123456", [(110.123456, 6)]),
        ("4.2.1.110.123456", []),
        ("1110.123456", []),
        ("", []),
        (".", []),
        ("110.", []),
    ],
)
def test_numbers_with_more_decimals_than_may_be_seen(text, wanted):
    found = pairs(text.encode())
    assert [digits for _, digits in found] == [digits for _, digits in wanted]
    assert [value for value, _ in found] == pytest.approx([value for value, _ in wanted], abs=1e-12)


def test_metres_and_signs():
    assert pairs(b"414617.947 4719584.9", METRES) == [(414617.947, 3), (4719584.9, 1)]
    assert pairs(b"-72.123456,0.1234567,-0.123456", WEST) == [(-72.123456, 6), (0.1234567, 7), (-0.123456, 6)]


def test_every_number_of_a_long_text_is_read():
    dice = random.Random(1)  # noqa: S311 - test data
    values = [round(dice.uniform(109, 111), dice.randint(6, 12)) for _ in range(3000)]
    text = "".join(f"{value!r}{dice.choice([' ', ',', '</v>', ';a'])}" for value in values)
    wanted = [value for value in values if len(repr(value).split(".")[1]) > 5]
    assert [value for value, _ in pairs(text.encode())] == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("at", [*range(9), 2**20 - 7, 2**20 - 1, 2**20])
def test_a_float_is_read_at_any_place_and_in_either_order(order, at):
    for value, ranges in ((110.1234567, DEGREES), (4719584.947, METRES), (-72.1234567, WEST)):
        data = b"." * at + struct.pack(f"{order}d", value) + b"."
        little, big = doubles(data, ranges)
        found = little if order == "<" else big
        assert value in found.values.tolist()
        assert found.places[found.values.tolist().index(value)] == at


def test_a_rounded_float_is_not_finer_than_its_decimals():
    for value in (110.12345, 42.1, 110.0):
        assert not any(len(found) for found in doubles(struct.pack("<2d", value, value), DEGREES))


def test_packed_integers_are_the_numbers_they_stand_for():
    found = packed(np.array([[1101234567, 421234500]]), 7)
    assert found.values.tolist() == [110.1234567, 42.12345]
    assert found.digits.tolist() == [7, 5]
