"""A whole column is searched at once: that may not make a single cell pass that would be found by itself."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.checks import texts
from gridmap.checks.columns import among, coded, utf8

PIECES = ("a", "B", "A", "1", " ", "\u3000", "\n", "\x85", ":", "é", "Ã©", "ï¼", "å“", "锟斤", "锟斤拷", "拷")
PIECES += ("\ufffd", "\u200b", "\u200d", "\u202f", "\u2014", "\u2028", "\ufeff", "·", "示", "Ａ", "ß", "\xa0")
cells = st.lists(st.one_of(st.none(), st.lists(st.sampled_from(PIECES), max_size=4).map("".join)), max_size=6)
STORAGES = ("python", "pyarrow")


def column(values, storage):
    return pd.Series(values, dtype=pd.StringDtype(storage, na_value=np.nan))


def one_by_one(values, pattern):
    return [at for at, one in enumerate(values) if one is not None and pattern.search(one)]


@pytest.mark.parametrize("storage", STORAGES)
@given(values=cells)
@settings(max_examples=150, deadline=None)
def test_damage_is_found_as_cell_by_cell(storage, values):
    whole = column(values, storage)
    assert texts.mojibake(whole).tolist() == one_by_one(values, texts._MOJIBAKE)
    assert texts.control(whole).tolist() == one_by_one(values, texts._CONTROL)
    untidy = [
        at
        for at, one in enumerate(values)
        if one is not None and (one != one.strip() or texts._UNSAFE.search(one))
    ]
    assert texts.untidy_ids(whole).tolist() == untidy


@pytest.mark.parametrize("storage", STORAGES)
@given(values=cells)
@settings(max_examples=150, deadline=None)
def test_ids_that_look_alike_are_never_taken_for_sure_to_differ(storage, values):
    known = {one for one in values if one is not None}
    alike = len({texts.lookalike_keys(np.array([one], dtype=object))[0] for one in known}) < len(known)
    assert not (alike and texts.sure_to_differ(column(values, storage)))


def test_plain_ids_are_sure_to_differ():
    assert texts.sure_to_differ(column(["H001", "H002", None], "python"))
    assert not texts.sure_to_differ(column(["H001", "h001"], "python"))


@pytest.mark.parametrize("storage", STORAGES)
def test_a_slice_of_a_column_has_its_own_texts_only(storage):
    whole = column(["示", None, "b", "c"], storage)
    assert utf8(whole).tobytes().decode() == "示bc"
    assert utf8(whole.iloc[2:]).tobytes() == b"bc"
    assert utf8(pd.concat([whole, whole.iloc[3:]])).tobytes().decode() == "示bcc"
    assert utf8(whole.iloc[:0]).tobytes() == b""


def test_codes_give_each_row_its_own_text_back():
    found = coded(column(["x", None, "y", "x"], "python"))
    assert found.given.tolist() == [True, False, True, True]
    assert found.of(np.array([3, 2])).tolist() == ["x", "y"]
    assert found.spread(np.array([10, 20]), missing=0).tolist() == [10, 0, 20, 10]
    assert coded(column([None], "python")).spread(np.array([], dtype=np.intp), missing=-1).tolist() == [-1]


@pytest.mark.parametrize("values", [["a"], ["a", "z", "b"], []])
@pytest.mark.parametrize("known", [["b", "a"], ["z"], []])
def test_known_texts_are_known_whichever_is_longer(values, known):
    made = [np.array(one, dtype=object) for one in (values, known)]
    assert among(*made).tolist() == [one in known for one in values]
