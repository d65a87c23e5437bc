"""A packed column that comes back different moves a home or renames a unit."""

from __future__ import annotations

import base64

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiPoint, Point, Polygon

from gridmap.model import Bilingual
from gridmap.render.pack import (
    FRONT_DIGITS,
    FRONT_SEPARATOR,
    code_texts,
    front_code,
    pack_column,
    pack_geometry,
    pack_ids,
    pack_ints,
)

TITLE = Bilingual(en="Title", zh="标题")


def ints_of(packed, count):
    if packed.width == 0:
        return np.full(count, packed.offset)
    raw = (
        np.frombuffer(base64.b64decode(packed.data), dtype=np.uint8)
        .reshape(-1, packed.width)
        .astype(np.int64)
    )
    return packed.offset + (raw * 256 ** np.arange(packed.width)).sum(axis=1)


def front_of(joined):
    before, found = "", []
    for part in joined.split(FRONT_SEPARATOR):
        before = before[: FRONT_DIGITS.index(part[0])] + part[1:]
        found.append(before)
    return found


@pytest.mark.parametrize(
    ("values", "width"),
    [([7, 7, 7], 0), ([-3, 250], 1), ([0, 65_535], 2), ([-1_100_000, 3], 3), ([0, 2**32 - 1], 4), ([], 0)],
)
def test_integers_come_back_in_the_fewest_bytes(values, width):
    packed = pack_ints(values)
    assert packed.width == width
    assert ints_of(packed, len(values)).tolist() == values


def test_integers_too_far_apart_are_refused():
    with pytest.raises(ValueError, match="32 bits"):
        pack_ints([0, 2**32])


@pytest.mark.parametrize(
    "values",
    [
        ["H000001", "H000002", "H000010"],
        ["", "a", "a"],
        ["x" * 50, "x" * 50 + "y"],
        ["一", "一二"],
        ["\u2028", "{{7*7}}"],
    ],
)
def test_ids_come_back(values):
    assert front_of(front_code(values)) == values


@pytest.mark.parametrize("values", [["a" + FRONT_SEPARATOR], ["😀1", "😁2"]])
def test_ids_that_would_not_come_back_are_not_front_coded(values):
    assert front_code(values) is None


def test_few_ids_are_written_plainly_and_many_shortly():
    few, many = (pd.Series([f"H{at:05d}" for at in range(count)], dtype="str") for count in (3, 5000))
    plain = pack_ids(few, title=TITLE)
    assert (plain.form, tuple(plain.values)) == ("list", ("H00000", "H00001", "H00002"))
    packed = pack_ids(many, title=TITLE)
    assert packed.form == "front"
    assert len(packed.values) < 4 * 5000
    assert front_of(str(packed.values)) == many.tolist()


@pytest.mark.parametrize(
    ("values", "kind", "cells"),
    [
        (pd.Series(["b", None, "a", "b", "b"], dtype="str"), "text", ["b", None, "a", "b", "b"]),
        (pd.Series(pd.array([3, None, 3, 1, 3], dtype="Int64")), "integer", [3, None, 3, 1, 3]),
        (pd.Series(pd.array([True, None, False], dtype="boolean")), "boolean", [True, None, False]),
        (pd.Series([1.5, np.nan, np.inf]), "real", [1.5, None, None]),
        (
            pd.Series(pd.to_datetime(["2026-01-02", None])).astype("datetime64[s]"),
            "date",
            ["2026-01-02", None],
        ),
        (pd.Series([("a", "b"), None], dtype=object), "text", ["a, b", None]),
    ],
)
def test_every_type_of_column_comes_back(values, kind, cells):
    packed = pack_column("c", values, title=TITLE)
    assert packed.type == kind
    if packed.form == "codes":
        codes = ints_of(packed.codes, len(values))
        known = (None, *packed.values)  # noqa: PD011 - a column's own field, not a frame's
        assert [known[code] for code in codes] == cells
    else:
        assert list(packed.values) == cells


def test_codes_do_not_depend_on_the_order_of_rows():
    names, codes = code_texts(pd.Series(["b", "a", None, "b"], dtype="str"))
    assert names == ("a", "b")
    assert codes.tolist() == [2, 1, 0, 2]


def test_points_are_rounded_once_and_the_missing_ones_are_named():
    geoms = np.array(
        [Point(110.123456, 42.5), None, Point(), Point(np.nan, 1), Point(109.9, 42.4)], dtype=object
    )
    packed = pack_geometry(geoms, decimals=5)
    assert packed.missing == (1, 2, 3)
    assert ints_of(packed.x, 5)[[0, 4]].tolist() == [11_012_346, 10_990_000]
    assert packed.x.width <= 3, "a row without a place must not widen the column"


def test_a_faulty_mixture_of_shapes_is_kept_part_by_part():
    square = Polygon([(0, 0), (1, 0), (1, 1)], [[(0.2, 0.1), (0.4, 0.1), (0.4, 0.2)]])
    mixed = GeometryCollection(
        [Point(2, 3), LineString([(0, 0), (0, 0), (1, 2)]), square, MultiPoint([(4, 5)])]
    )
    packed = pack_geometry(np.array([mixed, None, Polygon()], dtype=object), decimals=1)
    kinds = [part[0] for part in packed.shapes[0]]
    assert kinds == [1, 2, 3, 1]
    assert packed.shapes[0][1][1] == (0, 0, 10, 20), "a repeated vertex draws nothing and is left out"
    assert len(packed.shapes[0][2][1]) == 2
    assert packed.missing == (1, 2)


def test_paths_come_back_within_the_rounding():
    line = LineString([(110.0, 42.0), (110.00001, 42.00002), (110.5, 42.3)])
    ((_, flat),) = pack_geometry(np.array([line], dtype=object), decimals=5).shapes[0]
    xy = np.array(flat).reshape(-1, 2).cumsum(axis=0) / 1e5
    assert np.abs(xy - shapely.get_coordinates(line)).max() < 1e-9
