"""What people write for a place is understood, or refused with a way out."""

from __future__ import annotations

import pytest

from gridmap import geo
from gridmap.errors import ConfigError

HERE = (110.12, 42.53)


@pytest.mark.parametrize(
    "written",
    [
        ("110.12 42.53",),
        ("110.12,42.53",),
        (" 110.12 , 42.53 ",),
        ("110.12，42.53",),
        ("110.12", "42.53"),
        (110.12, 42.53),
        ((110.12, 42.53),),
        ("110.12° 42.53°",),
        ("42.53N 110.12E",),
        ("E110.12, N42.53",),
        ("42°31'48\"N 110°7'12\"E",),
        ("110°7'12\"E 42°31'48\"N",),
        ("110°7'12\" 42°31'48\"",),
        ('42º31´48"n 110º7´12"e',),
        ("42°31′48″N", "110°7′12″E"),
        ("N42 31 48 E110 7 12",),
        ("42 31 48 N 110 7 12 E",),
        ("42:31:48N 110:07:12E",),
        ("42°31.8'N 110°7.2'E",),
        ("４２°３１′４８″Ｎ　１１０°７′１２″Ｅ",),
        ("北纬42度31分48秒，东经110度7分12秒",),
        ("东经110度7分12秒 北纬42度31分48秒",),
    ],
)
def test_one_place_in_the_spellings_people_use(written):
    place = geo.parse_place(*written)
    assert place.kind == "lonlat"
    assert (place.lon, place.lat) == pytest.approx(HERE, abs=1e-12)


def test_the_other_hemispheres_are_negative():
    place = geo.parse_place("W 1°30' S 2°")
    assert (place.lon, place.lat) == (-1.5, -2.0)
    assert geo.parse_place("-1°30' -2°").lon == -1.5


@pytest.mark.parametrize(
    ("written", "metres"),
    [
        ("K23+450", 23450.0),
        ("k23+450.5", 23450.5),
        ("Ｋ0+000", 0.0),
        ("23450m", 23450.0),
        ("23450 米", 23450.0),
        ("23.45 km", 23450.0),
        ("K23", 23000.0),
        ("23+450", 23450.0),
    ],
)
def test_a_chainage_in_metres(written, metres):
    place = geo.parse_place(written)
    assert (place.kind, place.chainage_m) == ("chainage", metres)


@pytest.mark.parametrize(
    "written", ["1023", "538-1", "household:H1", "N42", "满都拉口岸", "marker 538", "E W"]
)
def test_everything_else_is_a_name(written):
    place = geo.parse_place(written)
    assert (place.kind, place.text) == ("name", written)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "538 1000",
        "110.12 -91",
        "1 2 3",
        "110,12 42,53",
        "42°61'N 110°E",
        "42°N 41°N",
        "K23+4500",
        "110.12 42.53 7",
    ],
)
def test_nonsense_is_refused(written):
    with pytest.raises(ConfigError) as error:
        geo.parse_place(written)
    assert error.value.code == "GM107"
    assert "110" in error.value.fix


def test_swapped_axes_are_pointed_out_with_the_right_order():
    with pytest.raises(ConfigError, match=r"did you mean 110\.12 42\.53"):
        geo.parse_place("42.53 110.12")
    with pytest.raises(ConfigError, match=r"did you mean 110\.12 42\.53"):
        geo.parse_place("42°31'48\" 110°7'12\"")


def test_a_very_long_text_is_not_printed_back():
    with pytest.raises(ConfigError) as error:
        geo.parse_place("1 " * 50_000)
    assert len(str(error.value)) < 500
