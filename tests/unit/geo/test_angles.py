"""Degrees as people write them."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.geo.angles import parse_angle, parse_angles, parse_pair

LAT = 41 + 41 / 60 + 57 / 3600
LON = 110 + 26 / 60
SPELLINGS = {
    "41°41′57″N": LAT,
    "41 41 57": LAT,
    "41°41'57\"N": LAT,
    "41°41'57''N": LAT,
    "41° 41′ 57″ N": LAT,
    "N41°41′57″": LAT,
    "N 41 41 57": LAT,
    "41:41:57": LAT,
    "41：41：57": LAT,
    "41.41.57": LAT,
    "41-41-57": LAT,
    "41-41-57N": LAT,
    "北纬41度41分57秒": LAT,
    "北纬 41° 41′ 57″": LAT,
    "北纬：41°41′57″": LAT,
    "41度41分57秒": LAT,
    "４１°４１′５７″Ｎ": LAT,
    '41º41´57"': LAT,
    "41˚41’57”": LAT,
    "41°41'57.0\"N": LAT,
    "41°41′57.5″N": LAT + 0.5 / 3600,
    "41d41'57\"N": LAT,
    "41°41'57\"n": LAT,
    "S41°41′57″": -LAT,
    "南纬41度41分57秒": -LAT,
    "-41°41′57″": -LAT,
    "−41°41′57″": -LAT,
    "110.26.00": LON,
    "110.26.00.5": LON + 0.5 / 3600,
    "110:26:00": LON,
    "110-26-00": LON,
    "东经110度26分": LON,
    "东经110°26′": LON,
    "E110°26′00″": LON,
    "110°26.0′": LON,
    "110°26.5′": 110 + 26.5 / 60,
    "110°26.5'E": 110 + 26.5 / 60,
    "110 26.5": 110 + 26.5 / 60,
    "１１０．４３２６": 110.4326,
    "110.4326": 110.4326,
    "110.4326°": 110.4326,
    "110.4326°E": 110.4326,
    "东经110.4326": 110.4326,
    "东经110.4326度": 110.4326,
    "110.4326E": 110.4326,
    "W110.4326": -110.4326,
    "西经110度26分": -LON,
    "  110.4326  ": 110.4326,
    "110°26′00″": LON,
    "110°26′ 0.00″ E": LON,
    "41°": 41.0,
    "41度": 41.0,
}
WRONG = [
    "41°60′00″",
    "41°41′60″",
    "41 41 61",
    "41°41′57″N S",
    "N41°41′57″E",
    "-41°41′57″N",
    "41°41′57″X",
    "41,5",
    "41 41 57 12",
    "1e2",
    "0x29",
    "nan",
    "inf",
    "41_000",
    "north",
    "东经",
    "°",
    "41°41.5′57″",
    "41 -41 57",
    "--41",
    "",
    "1111°00′",
    "41°-41′",
]


@pytest.mark.parametrize(("text", "degrees"), SPELLINGS.items())
def test_a_spelling_is_read(text, degrees):
    found = parse_angle(text)
    assert found is not None
    assert found.degrees == pytest.approx(degrees, abs=1e-12)


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_angle_is_not_guessed_at(text):
    assert parse_angle(text) is None


def test_a_column_says_which_rows_are_wrong():
    cells = ["41°41′57″N", "41°61′", None, "", "41.5", 42, 42.5, "110°26′E", True, float("nan"), "北纬41度"]
    values, bad = parse_angles(cells, axis="lat")
    # A longitude in a column of latitudes is a fault of its row, and so is a truth.
    assert bad == [1, 7, 8, 9]
    assert np.isnan(values[[1, 2, 3, 7, 8, 9]]).all()
    assert values[[0, 4, 5, 6, 10]].tolist() == pytest.approx([LAT, 41.5, 42, 42.5, 41])


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("110.4326,41.6992", (110.4326, 41.6992)),
        ("110.4326，41.6992", (110.4326, 41.6992)),
        ("110.4326 41.6992", (110.4326, 41.6992)),
        ("(110.4326, 41.6992)", (110.4326, 41.6992)),
        ("110°26′00″E, 41°41′57″N", (LON, LAT)),
        ("110°26′00″E 41°41′57″N", (LON, LAT)),
        ("东经110度26分，北纬41度41分57秒", (LON, LAT)),
        ("东经110度26分北纬41度41分57秒", (LON, LAT)),
        ("N41°41′57″ E110°26′", (LAT, LON)),
        ("41°41′57″N/110°26′E", (LAT, LON)),
        ("110 26 0 41 41 57", (LON, LAT)),
        ("110.4326;41.6992", (110.4326, 41.6992)),
    ],
)
def test_a_pair_in_one_cell_is_read(text, pair):
    found = parse_pair(text)
    assert found is not None
    assert (found[0].degrees, found[1].degrees) == pytest.approx(pair, abs=1e-12)


@pytest.mark.parametrize("text", ["110.4326", "1 2 3 4", "110,42,5", "somewhere", "", "41 41 57 10 26"])
def test_what_could_be_two_pairs_is_none(text):
    assert parse_pair(text) is None


@pytest.mark.parametrize(
    "text", ["1 " * 20_000, "1," * 4_000, "°" * 50_000, "E" * 9_000, "\ufdfa" * 199, "1 " * 99]
)
def test_a_page_in_a_cell_is_no_pair_and_takes_no_time(text):
    begin = time.monotonic()
    assert parse_pair(text) is None
    assert parse_angle(text) is None
    assert time.monotonic() - begin < 0.5


def test_blanks_around_an_angle_are_not_counted():
    assert parse_angle("110.4326" + " " * 300) == parse_angle("110.4326")
    assert parse_pair(" " * 300 + "110.4326, 41.6992") is not None


# --- a law: what is written in any spelling is read again ---

FORMS = [
    "{d}°{m}′{s}″{h}",
    "{d}°{m}'{s}\"{h}",
    "{h}{d}°{m}′{s}″",
    "{d} {m} {s}{h}",
    "{d}:{m:02}:{s}{h}",
    "{d}.{m}.{s}",
    "{d}-{m}-{s}",
    "{d}度{m}分{s}秒",
    "{w}{d}度{m}分{s}秒",
    "{w}：{d}°{m}′{s}″",
    "{d} ° {m} ′ {s} ″ {h}",
]
WIDE = str.maketrans("0123456789.:-", "０１２３４５６７８９．：－")
HEMISPHERES = {"lat": (("N", "北纬", 1), ("S", "南纬", -1)), "lon": (("E", "东经", 1), ("W", "西经", -1))}


@st.composite
def written(draw):
    """Give a text, its degrees, the axis of its column, and the axis that its hemisphere names."""
    axis = draw(st.sampled_from(["lat", "lon"]))
    letter, word, sign = draw(st.sampled_from(HEMISPHERES[axis]))
    whole, minutes = draw(st.integers(0, 89 if axis == "lat" else 179)), draw(st.integers(0, 59))
    hundredths = draw(st.integers(0, 5999))
    seconds = f"{hundredths // 100}" + (f".{hundredths % 100:02}" if hundredths % 100 else "")
    form = draw(st.sampled_from(FORMS))
    text = form.format(d=whole, m=minutes, s=seconds, h=letter, w=word)
    degrees = whole + minutes / 60 + hundredths / 360_000
    named = "{h}" in form or "{w}" in form
    wide = draw(st.booleans())
    return text.translate(WIDE) if wide else text, sign * degrees if named else degrees, axis, named


@given(written())
@settings(max_examples=400, deadline=None)
def test_what_is_written_is_read_again(one):
    text, degrees, axis, named = one
    found = parse_angle(text)
    assert found is not None
    assert found.degrees == pytest.approx(degrees, abs=1e-11)
    assert found.axis == (axis if named else None)
    values, bad = parse_angles([text], axis=axis)
    assert bad == []
    assert values[0] == found.degrees


@given(st.floats(-180, 180))
@settings(max_examples=200, deadline=None)
def test_a_decimal_is_read_to_the_last_bit(value):
    text = f"{value:.12f}"
    assert parse_angles([text], axis="lon")[0][0] == float(text)
    assert parse_angle(text).degrees == pytest.approx(float(text), abs=1e-13)
