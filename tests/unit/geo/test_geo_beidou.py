"""BeiDou grid codes: an official who reads one out must mean the same place as the map does."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from gridmap import geo
from gridmap.errors import ConfigError
from gridmap.geo import beidou

STANDARD = "N50J47539B8255346152"


def dms(degrees, minutes, seconds):
    return degrees + Fraction(minutes, 60) + Fraction(str(seconds)) / 3600


def test_the_example_of_the_standard_comes_out():
    lon, lat = dms(116, 18, "45.37"), dms(39, 59, "35.38")
    assert beidou.encode(lon, lat) == STANDARD
    assert beidou.decode(STANDARD).contains(lon, lat)
    # The same from the decimals that a program prints, and from the float that an angle was read into.
    assert beidou.encode("116.31260277777778", "39.99316111111111") == STANDARD
    assert beidou.encode(beidou.from_seconds(116.31260277777778), beidou.from_seconds(float(lat))) == STANDARD


# Worked out by hand from the tables of divisions.
# 116°23'29.0"E 39°54'26.0"N. Sheet N50J; 30': column 4, row 7 (47); 15' by 10': column 1, row 2, number 5;
# 1': column 8, row 4 (84); 4": 29/4 = 7, 26/4 = 6 (76); 2": 1" and 2" of the 4" are left: column 0, row 1,
# number 2; 1/4": 1" is column 4, row 0 (40); then nothing is left.
# 111°02'00"E 42°30'00"N: column (111-108)/0.5 = 6 of sheet 49, sheet row K (40 to 44), row (2.5)/0.5 = 5;
# 15' by 10': number 0; 1': column 2, row 0; the rest zeros.
BY_HAND = (
    ((116, 23, "29.0"), (39, 54, "26.0"), "N50J47584762" + "40" + "00" * 3),
    ((111, 2, "0"), (42, 30, "0"), "N49K65020" + "00" + "0" + "00" * 4),
    ((0, 0, "0"), (0, 0, "0"), "N31A" + "0" * 16),
)


@pytest.mark.parametrize(("lon", "lat", "code"), BY_HAND)
def test_codes_worked_out_by_hand(lon, lat, code):
    found = beidou.encode(dms(*lon), dms(*lat))
    assert found == code
    assert beidou.decode(found).contains(dms(*lon), dms(*lat))


def test_the_last_cell_before_the_limits():
    code = beidou.encode("179.99999999", "87.99999999")
    assert code == "N60VB75E9EE3" + "77" * 4
    cell = beidou.decode(code)
    assert (cell.east, cell.north) == (180, 88)


def test_every_level_has_the_size_that_the_standard_says():
    sizes = [
        (Fraction(6), Fraction(4)),
        (Fraction(1, 2), Fraction(1, 2)),
        (Fraction(1, 4), Fraction(1, 6)),
        (Fraction(1, 60), Fraction(1, 60)),
        *((Fraction(seconds, 3600),) * 2 for seconds in (4, 2)),
        *((Fraction(1, 3600 * parts),) * 2 for parts in (4, 32, 256, 2048)),
    ]
    for level, size in enumerate(sizes, 1):
        code = beidou.encode("116.3126", "39.9931", level)
        cell = beidou.decode(code)
        assert (cell.east - cell.west, cell.north - cell.south) == size
        assert beidou.level_of(code) == level
    assert beidou.parent(STANDARD) == STANDARD[:18]


def test_cells_of_one_digit_are_numbered_along_the_letter_z():
    """Level 3 has six cells and level 6 four; the first lies in the corner next to the equator."""
    for number in range(6):
        cell = beidou.decode(f"N50J47{number}")
        assert cell.west == 116 + Fraction(number % 2, 4)
        assert cell.south == Fraction(79, 2) + Fraction(number // 2, 6)
    corners = [beidou.decode(f"N50J47539B8{number}") for number in range(4)]
    assert corners[0].east == corners[1].west == corners[3].west
    assert corners[0].north == corners[2].south == corners[3].south


def test_a_decimal_is_taken_as_it_is_written():
    """0.1 of a degree is six minutes; the binary number next to it lies in the cell before."""
    assert beidou.encode(0.1, 0.3, 4) == beidou.encode(Fraction(1, 10), Fraction(3, 10), 4)
    assert beidou.decode(beidou.encode(0.3, 0.3)).west == Fraction(3, 10)
    assert beidou.encode(110 + 20 / 60, 42.0, 4) != beidou.encode(beidou.from_seconds(110 + 20 / 60), 42.0, 4)


def test_many_at_once_are_the_same_as_one_by_one():
    rng = np.random.default_rng(3)
    xy = np.round(rng.random((400, 2)) * [179.0, 87.0], 2)
    xy[::7] = np.floor(xy[::7])
    assert list(beidou.encode_all(xy)) == [beidou.encode(lon, lat) for lon, lat in xy.tolist()]
    odd = [[-1.0, 42.0], [110.0, -1.0], [np.nan, 42.0], [180.0, 42.0], [110.0, 88.0], [110.0, 42.0]]
    assert list(beidou.encode_all(odd, 4)) == [None] * 5 + [beidou.encode(110, 42, 4)]


@pytest.mark.parametrize(
    ("lon", "lat"), [(-0.1, 40), (110, -0.1), (180, 40), (110, 88), (-71.9, 44.4), ("x", 1)]
)
def test_other_hemispheres_and_the_pole_are_refused(lon, lat):
    with pytest.raises(ConfigError) as refused:
        beidou.encode(lon, lat)
    assert refused.value.code == "GM107"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("N50", "characters, not 3"),
        ("N50J4753", "characters, not 8"),
        ("S50J47539B8255346152", "northern and eastern"),
        ("N12J47", "northern and eastern"),
        ("E50J", "character 1"),
        ("N61J", "characters 2 to 3"),
        ("NXXJ", "characters 2 to 3"),
        ("N50W", "character 4 "),
        ("N50JC0", "character 5 "),
        ("N50J08", "character 6 "),
        ("N50J477", "character 7 "),
        ("N50J4753F", "character 9 "),
        ("N50J475390F", "character 11 "),
        ("N50J47539B84", "character 12 "),
        ("N50J47539B8288", "character 13 "),
        ("", "characters, not 0"),
    ],
)
def test_a_wrong_code_says_what_is_wrong_and_where(code, said):
    with pytest.raises(ConfigError) as refused:
        beidou.decode(code)
    assert refused.value.code == "GM107"
    assert said in refused.value.what


def test_a_level_that_there_is_not_is_refused():
    for level in (0, 11):
        with pytest.raises(ConfigError):
            beidou.encode(110, 42, level)
    with pytest.raises(ConfigError):
        beidou.parent("N50J")


def test_only_what_is_meant_as_a_code_is_read_as_one():
    assert beidou.parse(" n50j47539b8 ") == beidou.decode("N50J47539B8")
    for name in ("N50J47", "K23+450", "H0001", "150223100200001"):
        assert beidou.parse(name) is None
    with pytest.raises(ConfigError):
        beidou.parse("N50J47939B8")


def test_a_cell_has_its_size_in_metres():
    wide, high = beidou.size_m(beidou.decode("N49K65020"), geo.geod("EPSG:4508"))
    assert wide == pytest.approx(1370, abs=5)
    assert high == pytest.approx(1851, abs=2)
