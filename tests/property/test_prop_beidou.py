"""BeiDou grid codes: whatever the position, its code leads back to it, at every level."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from gridmap.geo import beidou


def round_trips(count, seed):
    rng = random.Random(seed)  # noqa: S311 - test positions, no secret
    for _ in range(count):
        # Seconds with up to five decimals: some positions lie on edges of cells.
        scale = 3600 * 10 ** rng.choice([0, 1, 2, 5])
        lon = Fraction(rng.randrange(180 * scale), scale)
        lat = Fraction(rng.randrange(88 * scale), scale)
        code = beidou.encode(lon, lat)
        assert len(code) == 20
        while True:
            cell = beidou.decode(code)
            assert cell.contains(lon, lat), code
            level = beidou.level_of(code)
            assert beidou.encode(lon, lat, level) == code
            assert beidou.encode(*cell.centre, level) == code
            if level == 1:
                break
            above = beidou.parent(code)
            assert code.startswith(above)
            wider = beidou.decode(above)
            assert wider.west <= cell.west < cell.east <= wider.east
            assert wider.south <= cell.south < cell.north <= wider.north
            code = above


def test_positions_round_trip_through_all_levels():
    round_trips(300, 1)


@pytest.mark.stress
def test_ten_thousand_positions_round_trip_through_all_levels():
    round_trips(10_000, 2)


def test_ten_thousand_codes_contain_their_point():
    """As `encode` and `decode` alone do it; exactly, with fractions."""
    rng = random.Random(3)  # noqa: S311
    for _ in range(10_000):
        lon, lat = round(rng.uniform(0, 179.9), 6), round(rng.uniform(0, 87.9), 6)
        assert beidou.decode(beidou.encode(lon, lat)).contains(lon, lat)
