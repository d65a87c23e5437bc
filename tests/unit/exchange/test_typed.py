"""Typed values: every declared spelling is understood, anything else is told, and no digit changes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.exchange.typed import DTYPES, typed_column

MARK = "zz"


def converted(wanted: Any, *cells: Any) -> list[Any]:
    """Return what cells become, the same whether a whole column is converted at once or cell by cell."""
    column, misfits = typed_column(list(cells), wanted)
    assert misfits == [], misfits
    assert str(column.dtype) == DTYPES[wanted]
    # A misfit at the end takes the quick way away.
    slow, odd = typed_column([*cells, object()], wanted)
    assert [at for at, _ in odd] == [len(cells)]
    pd.testing.assert_series_equal(slow[:-1], column)
    return [None if pd.isna(one) else one for one in column]


def misfit(wanted: Any, cell: Any) -> str:
    column, misfits = typed_column([None, cell], wanted)
    assert column.isna().all()
    assert [at for at, _ in misfits] == [1]
    if isinstance(cell, str) and len(cell) > 3:
        assert cell not in misfits[0][1], "a reason repeats the value"
    return misfits[0][1]


class TestText:
    def test_codes_keep_every_character(self):
        kept = ["000123", "1e5", "NA", "３", " a ", "　", "", "-", None, "1.0"]
        assert converted("text", *kept) == kept

    def test_whole_numbers_of_a_spreadsheet_are_codes(self):
        assert converted("text", 150223102, None, "150223103") == ["150223102", None, "150223103"]

    @pytest.mark.parametrize("value", [1.5, 150223102.0, True, ["a"], {"a": 1}])
    def test_what_is_no_text_is_not_made_one(self, value):
        assert "where text belongs" in misfit("text", value)

    def test_what_no_database_keeps_is_told(self):
        for value in ("a\x00b", "a\ud800b"):
            assert "NUL or half a character" in misfit("text", value)

    @pytest.mark.parametrize("value", ["满都拉\ufffd", "锟斤拷锟斤拷"])
    def test_text_that_was_destroyed_on_the_way_is_not_passed_on_as_good(self, value):
        assert "already destroyed" in misfit("text", value)


class TestNumbers:
    def test_spellings_of_whole_numbers(self):
        assert converted("integer", "5", "+5", "-5", "007", "", None) == [5, 5, -5, 7, None, None]
        assert converted("integer", " 5 ", "５", "　", 3.0, "9007199254740993") == [
            5,
            5,
            None,
            3,
            9007199254740993,
        ]
        assert converted("integer", str(2**63 - 1), str(-(2**63))) == [2**63 - 1, -(2**63)]

    @pytest.mark.parametrize(
        "cell", ["3.5", "3.0", "1e3", "5人", "五", "1_000", "1\n2", True, 3.5, "--1", "+", "-"]
    )
    def test_nothing_is_rounded_into_a_whole_number(self, cell):
        assert "is not a whole number" in misfit("integer", cell)

    @pytest.mark.parametrize("cell", ["1,234", "1 234", "12,345,678", "1'234"])
    def test_separators_are_not_guessed_at(self, cell):
        assert "without separators" in misfit("integer", cell)
        assert "without separators" in misfit("real", cell)

    def test_too_large_is_told(self):
        for cell in (str(2**63), 2**63, "9" * 19):
            assert "too large" in misfit("integer", cell)

    def test_spellings_of_numbers(self):
        assert converted("real", "1.5", ".5", "-2", "1.", "", None) == [1.5, 0.5, -2.0, 1.0, None, None]
        assert converted("real", " 1.5", "１．５", "1e3", 2, 2.5) == [1.5, 1.5, 1000.0, 2.0, 2.5]

    @pytest.mark.parametrize("cell", ["1,5", "nan", "inf", "-inf", "1.2.3", "..", "1_0", True, "22°", "0x1"])
    def test_what_is_no_number_is_told(self, cell):
        assert "is not a number" in misfit("real", cell)

    @pytest.mark.parametrize("cell", ["1e999", "9" * 400, float("inf")])
    def test_infinity_is_told(self, cell):
        assert "finite" in misfit("real", cell)

    @given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1).map(str)))
    def test_every_integer_keeps_every_digit(self, cells):
        assert converted("integer", *cells) == [None if cell is None else int(cell) for cell in cells]

    @given(st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False).map(repr)))
    def test_every_number_keeps_every_bit(self, cells):
        assert converted("real", *cells) == [None if cell is None else float(cell) for cell in cells]


class TestTruth:
    def test_spellings(self):
        true = ["true", "TRUE", "是", "有", "√", "Y", "yes", "1", 1, True, 1.0, " 是 ", "１"]
        false = ["false", "False", "否", "无", "×", "n", "NO", "0", 0, False, 0.0]
        assert converted("boolean", *true, *false, "", None) == [True] * 13 + [False] * 11 + [None, None]
        assert converted("boolean", "是", "否", "", None) == [True, False, None, None]

    @pytest.mark.parametrize("cell", ["maybe", "2", 2, "是的吗", "x", "-", 0.5])
    def test_anything_else_is_told(self, cell):
        assert "is not true or false" in misfit("boolean", cell)


class TestDates:
    @pytest.mark.parametrize(
        "cell",
        [
            *(
                "2026-11-02",
                "2026/11/2",
                "2026/11/02",
                "2026.11.02",
                "2026年11月2日",
                "20261102",
                "2026-11-2",
            ),
            *("2026-11-02T00:00:00", "2026-11-02 00:00:00", "2026-11-02T00:00:00.000", " 2026-11-02 "),
            *("２０２６－１１－０２", 20261102, dt.date(2026, 11, 2), dt.datetime(2026, 11, 2)),  # noqa: DTZ001 - a cell
        ],
    )
    def test_spellings(self, cell):
        assert converted("date", cell, None) == [pd.Timestamp("2026-11-02"), None]

    @pytest.mark.parametrize("cell", ["11/12/2026", "12.11.2026", "1-2-26", "22/11/2026"])
    def test_a_day_that_may_be_a_month_is_not_guessed(self, cell):
        assert "write the year first" in misfit("date", cell)

    @pytest.mark.parametrize(
        "cell",
        ["2026-11-22T10:00:00", "2026-11-22 10:00", dt.datetime(2026, 11, 22, 10)],  # noqa: DTZ001 - a cell
    )
    def test_a_time_of_day_is_not_dropped(self, cell):
        assert "time of day" in misfit("date", cell)

    @pytest.mark.parametrize("cell", ["2026-02-29", "2026-13-01", "20260230", "0000-01-01"])
    def test_a_day_that_is_none_is_told(self, cell):
        assert "day of the calendar" in misfit("date", cell)

    @pytest.mark.parametrize(
        "cell", ["today", "1999", "1999-11", "46000", 46000, 2026.5, True, "-026-11-22", "NaT"]
    )
    def test_anything_else_is_told(self, cell):
        assert "is not a date such as" in misfit("date", cell)

    @given(st.lists(st.none() | st.dates().map(str)))
    def test_every_day_comes_back(self, cells):
        found = converted("date", *cells)
        assert [None if one is None else f"{one:%Y-%m-%d}".zfill(10) for one in found] == cells


class TestArrays:
    def test_arrays_of_numbers_are_taken_whole(self):
        column, misfits = typed_column(np.array([1.0, np.nan, 3.0]), "integer")
        assert column.tolist() == [1, pd.NA, 3]
        assert misfits == []
        assert typed_column(np.array([1, 2], dtype=np.uint64), "integer")[0].tolist() == [1, 2]
        assert typed_column(np.array([True]), "boolean")[0].tolist() == [True]
        assert len(typed_column(np.array([np.inf, 1.0]), "real")[1]) == 1
        assert len(typed_column(np.array([1.0, 1.5]), "text")[1]) == 2

    def test_a_message_never_repeats_a_value(self):
        for wanted in ("integer", "real", "boolean", "date"):
            assert "SECRET" not in misfit(wanted, "SECRET")
