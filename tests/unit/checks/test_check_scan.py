"""A byte or a sign that is missed here is a damaged text that nobody is told of."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.checks import scan as scanning
from gridmap.checks.scan import BLOCK, Scan


def scan(data):
    return Scan(np.frombuffer(data, dtype=np.uint8))


@given(data=st.binary(max_size=60), low=st.integers(0, 255), more=st.integers(0, 255))
@settings(max_examples=200, deadline=None)
def test_a_byte_of_a_range_is_found_wherever_it_is(data, low, more):
    high = min(low + more, 255)
    if data:
        assert scan(data).holds((low, high)) == any(low <= one <= high for one in data)
    assert scan(data).ascii == data.isascii()


@given(data=st.lists(st.sampled_from(b"\xe2\x80\x8b\xe9a"), max_size=40).map(bytes), block=st.integers(1, 9))
@settings(max_examples=200, deadline=None)
def test_a_sign_is_found_also_across_two_blocks(data, block):
    whole, scanning.BLOCK = scanning.BLOCK, block
    try:
        found = scan(data)
        assert found.has(b"\xe2\x80\x8b") == (b"\xe2\x80\x8b" in data)
        assert found.has(b"\xe9\xe9\xe9\xe9") == (b"\xe9" * 4 in data)
        assert found.has(b"\xe2\x80\x8b\xe2\x80\x8b") == (b"\xe2\x80\x8b\xe2\x80\x8b" in data)
        pairs = any(one == 0xE2 and other >= 0x80 for one, other in pairwise(data))
        assert found.follows((0xE2, 0xE2), (0x80, 0xFF)) == pairs
    finally:
        scanning.BLOCK = whole


@pytest.mark.parametrize("at", [0, BLOCK - 2, BLOCK - 1, BLOCK, 3 * BLOCK - 3])
def test_one_mark_in_a_long_column_is_found(at):
    data = bytearray(b"x" * (3 * BLOCK))
    assert not scan(bytes(data)).has("\u200b".encode())
    data[at : at + 3] = "\u200b".encode()
    assert scan(bytes(data)).has("\u200b".encode())
