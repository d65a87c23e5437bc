"""A packed column that comes back different moves a home or renames a unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiPoint, Point, Polygon, box

from gridmap.model import Bilingual
from gridmap.render import paths
from gridmap.render.codec import unpack_ints
from gridmap.render.pack import code_texts, pack_column, pack_geometry, pack_ids
from gridmap.render.packed_texts import spell

TITLE = Bilingual(en="Title", zh="标题")


def cells_of(column, rows):
    """Read a column as the page does."""
    missing = set() if column.missing is None else set(unpack_ints(column.missing).tolist())
    if column.form == "list":
        found = list(column.values)
    elif column.form == "letters":
        codes = np.array([unpack_ints(one) for one in column.letters]).T
        found = [
            "".join(alphabet[code - 1] for alphabet, code in zip(column.values, row, strict=True) if code)
            for row in codes.tolist()
        ]
    else:
        codes = unpack_ints(column.codes).tolist()
        if column.form == "codes":
            known = (None, *column.values)  # noqa: PD011 - a column's own field
            found = [known[code] for code in codes]
        elif column.form == "numbers":
            found = [code / 10**column.digits for code in codes]
        else:
            found = [column.values[0] + str(code).zfill(column.digits) for code in codes]  # noqa: PD011 - a column's own field
    assert len(found) == rows
    return [None if row in missing else cell for row, cell in enumerate(found)]


def shapes_of(geometry):
    """Read shapes as the page does: row by row, parts as (kind, paths of integers)."""
    run = {name: unpack_ints(getattr(geometry.shapes, name)).tolist() for name in geometry.shapes.__slots__}
    found, part, path, at = [], 0, 0, 0
    for many in run["parts"]:
        row = []
        for _ in range(many):
            rings = []
            for _ in range(run["rings"][part]):
                size = run["sizes"][path]
                rings.append(list(zip(run["x"][at : at + size], run["y"][at : at + size], strict=True)))
                at, path = at + size, path + 1
            row.append((run["kinds"][part], rings))
            part += 1
        found.append(row)
    return found


@pytest.mark.parametrize(
    "values",
    [
        ["H000001", "H000002", "H000010"],
        ["H1", "H10", "H100"],
        ["1", "22", "333"],
        ["", "a", "ab"],
        ["一", "一二"],
        ["\u2028", "{{7*7}}", "<img onerror>", "${x}", "\u200f"],
        ["😀1", "😁2"],
        ["007", "7"],
    ],
)
def test_ids_come_back(values):
    many = [one + ending for ending in ("", "x", "9") for one in values] * 80
    column = pack_ids(pd.Series(many, dtype="str"), title=TITLE)
    assert cells_of(column, len(many)) == many


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=40))
def test_any_text_comes_back_or_is_left_alone(values):
    spelled = spell(values)
    if spelled is None:
        joined = "".join(values)
        assert not joined or "\0" in joined or any("\ud800" <= one <= "\udfff" for one in joined)
        return
    column = pack_ids(pd.Series(values * 300, dtype=object), title=TITLE)
    assert cells_of(column, len(values) * 300) == values * 300


def test_few_ids_are_written_plainly_and_many_shortly():
    few, many = (pd.Series([f"H{at:05d}" for at in range(count)], dtype="str") for count in (3, 5000))
    plain = pack_ids(few, title=TITLE)
    assert (plain.form, plain.values) == ("list", ("H00000", "H00001", "H00002"))  # noqa: PD011 - a column's own field
    packed = pack_ids(many, title=TITLE)
    assert (packed.form, packed.values, packed.digits) == ("pattern", ("H",), 5)  # noqa: PD011 - a column's own field
    assert len(packed.codes.data) < 300


def test_names_that_are_mostly_different_take_some_bits_a_letter():
    dice = np.random.default_rng(1)
    letters = dice.integers(0x4E00, 0x4E00 + 60, (3000, 3))
    names = pd.Series(["".join(map(chr, row)) for row in letters.tolist()], dtype="str")
    column = pack_column("name", names.where(names.index % 11 != 0), title=TITLE)
    assert column.form == "letters"
    assert sum(len(one.data) for one in column.letters) < 3000 * 3.4
    wanted = [None if row % 11 == 0 else name for row, name in enumerate(names)]
    assert cells_of(column, 3000) == wanted


@pytest.mark.parametrize("times", [1, 100])
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
def test_every_type_of_column_comes_back(values, kind, cells, times):
    packed = pack_column("c", pd.concat([values] * times, ignore_index=True), title=TITLE)
    assert packed.type == kind
    assert cells_of(packed, len(cells) * times) == cells * times


@pytest.mark.parametrize(
    ("values", "form"),
    [
        ([row * 7 for row in range(1000)], "numbers"),
        ([row / 8 for row in range(1000)], "numbers"),
        ([row / 3 for row in range(1000)], "list"),
        ([float(row) * 2**40 for row in range(1000)], "list"),
    ],
)
def test_numbers_come_back_to_the_last_digit(values, form):
    holed = pd.Series(values, dtype=float).where(pd.Series(range(1000)) % 9 != 0)
    column = pack_column("c", holed, title=TITLE)
    assert column.form == form
    assert cells_of(column, 1000) == [None if at % 9 == 0 else value for at, value in enumerate(values)]


def test_codes_do_not_depend_on_the_order_of_rows():
    names, codes = code_texts(pd.Series(["b", "a", None, "b"], dtype="str"))
    assert names == ("a", "b")
    assert codes.tolist() == [2, 1, 0, 2]


def test_points_are_rounded_once_and_the_missing_ones_are_named():
    geoms = np.array(
        [Point(110.123456, 42.5), None, Point(), Point(np.nan, 1), Point(109.9, 42.4)], dtype=object
    )
    packed = pack_geometry(geoms, decimals=5)
    assert unpack_ints(packed.missing).tolist() == [1, 2, 3]
    assert unpack_ints(packed.x)[[0, 4]].tolist() == [11_012_346, 10_990_000]
    assert packed.x.low >= 10_990_000, "a row without a place must not widen the column"


def test_a_faulty_mixture_of_shapes_is_kept_part_by_part():
    square = Polygon([(0, 0), (1, 0), (1, 1)], [[(0.2, 0.1), (0.4, 0.1), (0.4, 0.2)]])
    mixed = GeometryCollection(
        [
            Point(2, 3),
            LineString([(0, 0), (0, 0), (1, 2)]),
            GeometryCollection([square]),
            MultiPoint([(4, 5)]),
        ]
    )
    first, *others = shapes_of(pack_geometry(np.array([mixed, None, Polygon()], dtype=object), decimals=1))
    assert [kind for kind, _ in first] == [1, 2, 3, 1]
    assert first[1][1] == [[(0, 0), (10, 20)]], "a repeated vertex draws nothing and is left out"
    assert first[2][1] == [[(0, 0), (10, 0), (10, 10)], [(2, 1), (4, 1), (4, 2)]], (
        "rings are closed by the page"
    )
    assert others == [[], []]


def test_paths_come_back_within_the_rounding():
    line = LineString([(110.0, 42.0), (110.00001, 42.00002), (110.5, 42.3)])
    ((_, (path,)),) = shapes_of(pack_geometry(np.array([line], dtype=object), decimals=5))[0]
    assert np.abs(np.array(path) / 1e5 - shapely.get_coordinates(line)).max() < 1e-9


def stairs(columns, rows):
    """Return cells whose edges have vertices between their corners, as those of a raster have."""
    cells = [box(x, y, x + 1, y + 1).segmentize(0.125) for x in range(columns) for y in range(rows)]
    return shapely.transform(np.array(cells), lambda xy: 110 + xy / 100)


def test_neighbours_still_share_their_edges_when_vertices_are_left_out(monkeypatch):
    monkeypatch.setattr(paths, "MANY_VERTICES", 1000)
    cells = stairs(8, 8)
    thin = paths.thinned(cells, 10**5)
    assert shapely.get_num_coordinates(thin).sum() < shapely.get_num_coordinates(cells).sum() / 3
    assert shapely.coverage_is_valid(thin)
    assert shapely.union_all(thin).symmetric_difference(shapely.union_all(cells)).area < 1e-12
    hausdorff = shapely.hausdorff_distance(thin, cells)
    assert hausdorff.max() < 0.5e-5, "no edge moves by as much as the page rounds"


def test_what_is_no_coverage_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(paths, "MANY_VERTICES", 1000)
    cells = stairs(8, 8)
    cells[0] = shapely.buffer(cells[0], 0.001)
    assert paths.thinned(cells, 10**5) is cells
