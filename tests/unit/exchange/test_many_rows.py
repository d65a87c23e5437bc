"""What is looked at column by column gives what a look at each cell gives."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap.exchange import typed
from gridmap.exchange.checksums import present
from gridmap.exchange.moving import swapped, transformed
from gridmap.exchange.totals import FILLED_IN_A_TOTAL, SIGNED, TOTALS, is_total

CELLS = st.sampled_from(["", " ", "\t", "合计", "Total", "12", "审核人：", "\u3000", "a"])


@given(record=st.lists(CELLS, max_size=9))
def test_a_total_is_told_whatever_stands_before_it(record):
    filled = [cell for cell in record if cell.strip()]
    few = len(filled) <= FILLED_IN_A_TOTAL and len(filled) * 2 <= max(len(record), 2)
    assert is_total(record) == (few and any(TOTALS.fullmatch(one) or SIGNED.match(one) for one in filled))


@given(values=st.lists(st.none() | st.text(max_size=2) | st.sampled_from([0, 0.0, float("nan"), False])))
def test_the_values_of_a_column_that_are_there(values):
    there = [value for value in values if value is not None and value == value and value != ""]  # noqa: PLR0124 - NaN
    assert present(values) == there


@pytest.mark.parametrize("around", ["plain", "户主"])
@pytest.mark.parametrize("code", [0, 0xD800, 0xDFFF, 0xFFFD])
def test_a_character_that_no_database_keeps_is_found_among_good_ones(around, code):
    assert typed.typed_column([around, None] * 50, "text")[1] == []
    _, misfits = typed.typed_column([*[around, None] * 50, f"x{chr(code)}"], "text")
    assert [row for row, _ in misfits] == [100]


@given(texts=st.text(st.characters() | st.sampled_from("锟斤拷烫屯\ufffd"), max_size=4))
def test_signs_of_destroyed_text_are_found_one_by_one_as_together(texts):
    assert typed._suspect(texts) == (typed.SUSPECT.search(texts) is not None)


@pytest.mark.parametrize("kind", ["text", "integer", "real", "boolean", "date"])
@pytest.mark.parametrize("rows", [0, 1, 5])
def test_a_column_without_a_value_has_its_type(kind, rows):
    series, misfits = typed.typed_column([None] * rows, kind)
    pd.testing.assert_series_equal(series, pd.Series([None] * rows, dtype=typed.DTYPES[kind]))
    assert misfits == []


@pytest.mark.parametrize("odd", [None, shapely.Point(), shapely.LineString([(0, 0), (1, 2)])])
def test_points_are_moved_as_other_shapes_are(odd):
    shapes = np.empty(3, dtype=object)
    shapes[:] = [shapely.Point(1, 2), shapely.Point(np.inf, 3), odd]
    together = transformed(shapes[:2], lambda xy: xy * 2 + 1)
    among = transformed(shapes, lambda xy: xy * 2 + 1)
    assert shapely.to_wkt(together).tolist() == shapely.to_wkt(among[:2]).tolist()
    assert shapely.get_x(together).tolist() == [3.0, np.inf]
    assert shapely.to_wkt(swapped(shapes[:1])).tolist() == ["POINT (2 1)"]
