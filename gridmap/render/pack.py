"""From frames to packed columns: small, fast to read in a page, the same bytes on every machine.

Nothing is deflated: zlib's output differs between its builds, and a map must not.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.model import Bilingual
from gridmap.model.scene import Cell, Column, Geometry, Packed

FRONT_SEPARATOR = "\x1f"
FRONT_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
FRONT_FROM = 200  # rows from which front coding pays for its reading
CODES_SHARE = 2  # a column is coded when it has fewer distinct values than one row in so many
LAST_UCS2 = "\uffff"
DRAWN_DECIMALS = 7  # a centimetre, and what 32 bits of longitude hold

Ints = npt.NDArray[np.int64]


def pack_ints(values: npt.ArrayLike) -> Packed:
    """Pack integers, shape (n,); the smallest becomes the offset.

    Raises
    ------
    ValueError
        If they span more than 32 bits.
    """
    array = np.asarray(values, dtype=np.int64)
    if array.size == 0:
        return Packed(width=0, offset=0, data="")
    low, high = int(array.min()), int(array.max())
    span = high - low
    width = (span.bit_length() + 7) // 8
    if width > 4:  # noqa: PLR2004 - the page reads unsigned integers of up to 32 bits
        raise ValueError(f"integers from {low} to {high} span more than 32 bits")
    raw = (array - low).astype("<u4").view(np.uint8).reshape(-1, 4)[:, :width]
    return Packed(width=width, offset=low, data=base64.b64encode(raw.tobytes()).decode("ascii"))


def front_code(values: Sequence[str]) -> str | None:
    """Join sorted texts, each as one digit (shared beginning with the one before) and its rest.

    Returns None where that would not come back the same: a separator inside, or a character
    outside the basic plane (which a page counts as two).
    """
    joined = "".join(values)
    if FRONT_SEPARATOR in joined or (joined and max(joined) > LAST_UCS2):
        return None
    parts, before = [], ""
    limit = len(FRONT_DIGITS) - 1
    for value in values:
        shared, most = 0, min(len(before), len(value), limit)
        while shared < most and before[shared] == value[shared]:
            shared += 1
        parts.append(FRONT_DIGITS[shared] + value[shared:])
        before = value
    return FRONT_SEPARATOR.join(parts)


def pack_ids(values: pd.Series, *, title: Bilingual) -> Column:
    """Pack a unique text column."""
    texts = ["" if pd.isna(value) else str(value) for value in values]
    front = front_code(texts) if len(texts) >= FRONT_FROM else None
    if front is None:
        return Column("id", title, "text", "list", tuple(texts))
    return Column("id", title, "text", "front", front)


def pack_column(name: str, values: pd.Series, *, title: Bilingual) -> Column:
    """Pack any column: as codes of its distinct values where these are few, else row by row."""
    kind = _type_of(values)
    plain = _plain(values, kind)
    codes, distinct = pd.factorize(plain, use_na_sentinel=True)
    if len(distinct) * CODES_SHARE > len(plain):
        return Column(name, title, kind, "list", tuple(_cell(value) for value in plain))
    shown = tuple(_cell(value) for value in distinct)
    # Codes in order of value, not of appearance: an edit of one row moves few bytes.
    order = sorted(range(len(shown)), key=lambda at: (str(type(shown[at])), shown[at]))
    rank = np.empty(len(order) + 1, dtype=np.int64)
    rank[[*order]] = np.arange(1, len(order) + 1)
    rank[-1] = 0
    return Column(name, title, kind, "codes", tuple(shown[at] for at in order), pack_ints(rank[codes]))


def code_texts(values: pd.Series) -> tuple[tuple[str, ...], Ints]:
    """Return the distinct texts, sorted, and a 1-based code for each row (0 is missing)."""
    codes, distinct = pd.factorize(values.astype("object").where(values.notna(), None), use_na_sentinel=True)
    names = [str(value) for value in distinct]
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.zeros(len(names) + 1, dtype=np.int64)
    rank[[*order]] = np.arange(1, len(order) + 1)
    return tuple(names[at] for at in order), rank[codes]


def pack_geometry(geoms: npt.NDArray[Any], *, decimals: int) -> Geometry:
    """Pack geometries in lon/lat, shape (n,): points as two integer columns, the rest as paths."""
    decimals = min(decimals, DRAWN_DECIMALS)
    scale = 10**decimals
    present = ~(shapely.is_missing(geoms) | shapely.is_empty(geoms))
    if np.isin(shapely.get_type_id(geoms[present]), (0,)).all():
        x, y = np.zeros(len(geoms)), np.zeros(len(geoms))
        x[present], y[present] = shapely.get_x(geoms[present]), shapely.get_y(geoms[present])
        good = present & np.isfinite(x) & np.isfinite(y)
        x[~good], y[~good] = _middle(x, good), _middle(y, good)
        return Geometry(
            decimals,
            x=pack_ints(np.rint(x * scale).astype(np.int64)),
            y=pack_ints(np.rint(y * scale).astype(np.int64)),
            missing=tuple(int(row) for row in np.flatnonzero(~good)),
        )
    shapes = tuple(_parts(geom, scale) if ok else None for geom, ok in zip(geoms, present, strict=True))
    missing = tuple(row for row, shape in enumerate(shapes) if not shape)
    return Geometry(decimals, missing=missing, shapes=tuple(shape or None for shape in shapes))


def _middle(values: npt.NDArray[np.float64], good: npt.NDArray[np.bool_]) -> float:
    """Fill for rows without a place: within the others' range, so that packing stays narrow."""
    return float(values[good].min()) if good.any() else 0.0


def _parts(geom: Any, scale: int) -> tuple[Any, ...]:
    found: list[Any] = []
    for part in shapely.get_parts(geom):
        kind = shapely.get_type_id(part)
        if kind == 0:
            found.extend((1, (x, y)) for x, y in _ints(part, scale).tolist())
        elif kind in {1, 2}:
            path = _path(part, scale)
            if path:
                found.append((2, path))
        elif kind == 3:  # noqa: PLR2004 - GEOS's number of a polygon
            rings = tuple(path for ring in (part.exterior, *part.interiors) if (path := _path(ring, scale)))
            if rings:
                found.append((3, rings))
        elif not shapely.is_empty(part):
            found.extend(_parts(part, scale))
    return tuple(found)


def _ints(geom: Any, scale: int) -> Ints:
    xy = shapely.get_coordinates(geom)
    return np.rint(xy[np.isfinite(xy).all(axis=1)] * scale).astype(np.int64)


def _path(geom: Any, scale: int) -> tuple[int, ...]:
    xy = _ints(geom, scale)
    if not len(xy):
        return ()
    steps = np.diff(xy, axis=0)
    # Rounding may make neighbours equal: such a step draws nothing.
    steps = steps[(steps != 0).any(axis=1)]
    return tuple(int(value) for value in np.concatenate([xy[0], steps.ravel()]))


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


def _plain(values: pd.Series, kind: str) -> npt.NDArray[Any]:
    if kind == "date":
        values = values.dt.strftime("%Y-%m-%d")
    elif kind == "text":
        values = pd.Series(
            [_text(value) for value in values.to_numpy(dtype=object)], index=values.index, dtype=object
        )
    elif kind == "real":
        values = values.where(np.isfinite(values.astype("float64")), np.nan)
    return values.astype(object).where(values.notna(), None).to_numpy(dtype=object)


def _text(value: Any) -> str | None:
    if isinstance(value, list | tuple | np.ndarray):
        return ", ".join(str(item) for item in value)
    return None if value is None or pd.isna(value) else str(value)


def _cell(value: Any) -> Cell:
    plain: Cell = value.item() if isinstance(value, np.generic) else value
    return plain
