"""From frames to packed columns: whichever form of a column is the smallest, see `gridmap.model.scene`.

Texts are in `gridmap.render.packed_texts`, shapes in `gridmap.render.paths`, integers in
`gridmap.render.codec`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.model import Bilingual
from gridmap.model.packed import Cell, Column, Geometry, Packed
from gridmap.render.codec import MOST_STEP, Ints, pack_ints
from gridmap.render.packed_texts import Spelled, spell
from gridmap.render.paths import pack_shapes

FEW = 200  # rows up to which a plain list is small enough, and can be read by people
CODES_SHARE = 2  # in a short column codes pay where it has fewer distinct values than one row in so many
RARE_SHARE = 8  # in a long one they do without a look at anything else where it has so few
MOST_DECIMALS = 6
DRAWN_DECIMALS = 7  # a centimetre, and what 32 bits of longitude hold
QUOTES, PACKED = 3, 60  # what JSON adds to a text of a list, and to packed integers

__all__ = ["code_texts", "pack_column", "pack_geometry", "pack_ids", "pack_ints"]


def pack_ids(values: pd.Series, *, title: Bilingual) -> Column:
    """Pack a unique text column."""
    return _texts("id", title, values.to_numpy(dtype=object), values.isna().to_numpy(dtype=bool))


def pack_column(name: str, values: pd.Series, *, title: Bilingual) -> Column:
    """Pack any column: as codes of its distinct values where these are few, else row by row."""
    kind = _type_of(values)
    codes, shown = _factorized(values, kind)
    coded = len(shown) * CODES_SHARE <= len(values)
    if len(values) > FEW and len(shown) * RARE_SHARE > len(values):
        plain = np.array([*shown, None], dtype=object)[codes]
        if kind in {"integer", "real"}:
            made = _numbers(name, title, kind, plain, codes < 0)
        else:
            made = _texts(name, title, plain, codes < 0)
        return min((made, _coded(name, title, kind, shown, codes)), key=_size) if coded else made
    if coded:
        return _coded(name, title, kind, shown, codes)
    known = (*shown, None)
    return Column(name, title, kind, "list", tuple(known[code] for code in codes.tolist()))


def code_texts(values: pd.Series) -> tuple[tuple[str, ...], Ints]:
    """Return the distinct texts, sorted, and a 1-based code for each row (0 is missing)."""
    codes, distinct = pd.factorize(values, use_na_sentinel=True)
    names = [str(value) for value in distinct]
    return _sorted(names, codes)


def pack_geometry(geoms: npt.NDArray[Any], *, decimals: int) -> Geometry:
    """Pack geometries in lon/lat, shape (n,): points as two integer columns, the rest as shapes."""
    decimals = min(decimals, DRAWN_DECIMALS)
    scale = 10**decimals
    if not only_points(geoms):
        return Geometry(decimals, shapes=pack_shapes(geoms, scale))
    return pack_points(*whole_points(geoms, decimals=decimals), decimals=decimals)


def pack_points(x: Ints, y: Ints, good: npt.NDArray[np.bool_], *, decimals: int) -> Geometry:
    """Pack points as `whole_points` returns them."""
    missing = None if good.all() else pack_ints(np.flatnonzero(~good))
    return Geometry(min(decimals, DRAWN_DECIMALS), x=pack_ints(x), y=pack_ints(y), missing=missing)


def only_points(geoms: npt.NDArray[Any]) -> bool:
    """Say whether there is nothing but points; rows without a place, or an empty one, are none."""
    others = shapely.get_type_id(geoms) > 0
    return not others.any() or bool(shapely.is_empty(geoms[others]).all())


def whole_points(geoms: npt.NDArray[Any], *, decimals: int) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Return points as integers of 10**-decimals, each shape (n,), and which of them have a place.

    The others stand within the others' range, so that packing stays narrow.
    """
    scale = 10 ** min(decimals, DRAWN_DECIMALS)
    xy, row = shapely.get_coordinates(geoms, return_index=True)
    x, y = (np.full(len(geoms), np.nan) for _ in "xy")
    x[row], y[row] = xy.T * scale
    good = np.isfinite(x) & np.isfinite(y)
    if not good.all():
        x[~good], y[~good] = (one[good].min() if good.any() else 0.0 for one in (x, y))
    return np.rint(x).astype(np.int64), np.rint(y).astype(np.int64), good


def _coded(name: str, title: Bilingual, kind: str, shown: Sequence[Cell], codes: Ints) -> Column:
    values, ranked = _sorted(shown, codes)
    return Column(name, title, kind, "codes", values, pack_ints(ranked))


def _sorted(shown: Sequence[Any], codes: Ints) -> tuple[tuple[Any, ...], Ints]:
    """Return distinct values in order, not as they appear: an edit of one row moves few bytes."""
    order = sorted(range(len(shown)), key=lambda at: (str(type(shown[at])), shown[at]))
    rank = np.zeros(len(shown) + 1, dtype=np.int64)
    rank[np.array(order, dtype=np.int64)] = np.arange(1, len(order) + 1)
    return tuple(shown[at] for at in order), rank[codes]


def _factorized(values: pd.Series, kind: str) -> tuple[Ints, list[Any]]:
    """Return a code for each row (-1 is missing), and the distinct values as JSON can hold them."""
    if kind == "date":
        codes, days = pd.factorize(values.dt.normalize(), use_na_sentinel=True)
        return codes, pd.DatetimeIndex(days).strftime("%Y-%m-%d").tolist()
    if kind == "text" and not isinstance(values.dtype, pd.StringDtype):
        # Lists and other cells that are no text: each is written as one.
        values = pd.Series([_text(value) for value in values.to_numpy(dtype=object)], dtype=object)
    if kind == "real":
        real = values.to_numpy(dtype=np.float64, na_value=np.nan)
        values = pd.Series(np.where(np.isfinite(real), real, np.nan))
    codes, distinct = pd.factorize(values, use_na_sentinel=True)
    return codes, distinct.tolist()


def _numbers(
    name: str, title: Bilingual, kind: str, plain: npt.NDArray[Any], missing: npt.NDArray[np.bool_]
) -> Column:
    """Pack numbers as integers, unless they are too large or have too many decimals."""
    known = plain[~missing]
    real = known.astype(np.float64)
    digits = next((one for one in range(MOST_DECIMALS + 1) if _whole_at(real, one)), None)
    if digits is None:
        return Column(name, title, kind, "list", tuple(plain.tolist()))
    whole = np.zeros(len(plain), dtype=np.int64)
    whole[~missing] = np.rint(real * 10.0**digits)
    whole[missing] = whole[~missing].min()
    return Column(name, title, kind, "numbers", codes=pack_ints(whole), digits=digits, missing=_rows(missing))


def _whole_at(values: npt.NDArray[np.float64], digits: int) -> bool:
    scale = 10.0**digits
    scaled = np.rint(values * scale)
    return bool((np.abs(scaled) <= MOST_STEP).all() and (scaled / scale == values).all())


def _texts(name: str, title: Bilingual, plain: npt.NDArray[Any], missing: npt.NDArray[np.bool_]) -> Column:
    """Pack texts that are mostly different."""
    texts = plain.copy()
    texts[missing] = ""
    known = texts.tolist()
    spelled = spell(known) if len(plain) > FEW else None
    if spelled is not None:
        made = _spelled(name, title, spelled, missing)
        if _size(made) < sum(map(len, known)) + QUOTES * len(known):
            return made
    texts[missing] = None
    return Column(name, title, "text", "list", tuple(texts.tolist()))


def _spelled(name: str, title: Bilingual, spelled: Spelled, missing: npt.NDArray[np.bool_]) -> Column:
    return Column(
        name,
        title,
        "text",
        spelled.form,
        spelled.values,
        codes=spelled.codes,
        digits=spelled.digits,
        letters=spelled.letters,
        missing=_rows(missing),
    )


def _rows(chosen: npt.NDArray[np.bool_]) -> Packed | None:
    return pack_ints(np.flatnonzero(chosen)) if chosen.any() else None


def _size(column: Column) -> int:
    """Return about how many characters a column takes in a page."""
    packed = [one for one in (column.codes, column.missing, *column.letters) if one is not None]
    texts = len("".join(map(str, column.values))) + QUOTES * len(column.values)
    return texts + sum(len(one.data) + PACKED for one in packed)


def _type_of(values: pd.Series) -> str:
    for test, kind in (
        (pd.api.types.is_bool_dtype, "boolean"),
        (pd.api.types.is_integer_dtype, "integer"),
        (pd.api.types.is_float_dtype, "real"),
        (pd.api.types.is_datetime64_any_dtype, "date"),
    ):
        if test(values.dtype):
            return kind
    return "text"


def _text(value: Any) -> str | None:
    if isinstance(value, list | tuple | np.ndarray):
        return ", ".join(str(item) for item in value)
    return None if value is None or pd.isna(value) else str(value)
