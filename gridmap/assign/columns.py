"""Columns of a table as arrays: texts, and geometries that can take part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.geo import on_earth, valid, xy_of
from gridmap.geo.placed import places

Objects = npt.NDArray[np.object_]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

AREAL = (3, 6)

__all__ = [
    "Names",
    "Texts",
    "ascending",
    "geometries",
    "nothing",
    "on_earth",
    "polygons",
    "positions",
    "still_placed",
    "texts",
]


def texts(column: pd.Series[Any]) -> Objects:
    """Return texts as Python strings, None where missing."""
    missing: Any = None
    found: Objects = column.to_numpy(dtype=object, na_value=missing)
    return found


class Names:
    """Ids of rows; the texts are made when they are first asked for: a million of them cost 50 milliseconds.

    Parameters
    ----------
    column : Series or (n,) text
        Each row's id.
    """

    def __init__(self, column: pd.Series[Any] | Objects) -> None:
        self._column = column
        self._chosen: Any = None

    @cached_property
    def texts(self) -> Objects:
        """The ids as Python strings, shape (n,)."""
        if isinstance(self._column, np.ndarray):
            return self._column if self._chosen is None else self._column[self._chosen]
        return texts(self._column if self._chosen is None else self._column.iloc[self._chosen])

    def of(self, chosen: Any) -> Names:
        """Return some of them: `chosen` is a mask, or positions."""
        known = isinstance(self._column, np.ndarray) or "texts" in vars(self) or self._chosen is not None
        some = Names(self.texts if known else self._column)
        some._chosen = chosen
        return some


class Texts(Mapping[str, Objects]):
    """Ids as texts by kind, each made when it is first asked for."""

    def __init__(self, names: Mapping[str, Names]) -> None:
        self._names = names

    def __getitem__(self, kind: str) -> Objects:
        return self._names[kind].texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def nothing(count: int) -> Objects:
    """Return None so many times, read-only: one place in memory, however many they are."""
    return np.broadcast_to(np.array([None], dtype=object), count)


def ascending(column: pd.Series[Any]) -> bool:
    """Whether every text is there and larger, in code-point order, than the one before."""
    if bool(column.isna().any()):
        return False
    as_arrow = getattr(column.array, "__arrow_array__", None)
    if as_arrow is None or getattr(column.dtype, "storage", "") != "pyarrow":
        known = texts(column)
        return bool((known[:-1] < known[1:]).all())
    from pyarrow import compute  # noqa: PLC0415 - an extra: it is there where such a column is

    whole = as_arrow()
    # Arrow compares the bytes of UTF-8: that is code-point order.
    return bool(compute.all(compute.less(whole[:-1], whole[1:]), min_count=0).as_py())


def geometries(frame: pd.DataFrame) -> Objects:
    """Return the geometries of a frame as an array of objects, None where missing."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return np.full(len(frame), None, dtype=object)
    return np.asarray(frame.geometry.to_numpy(), dtype=object)


def positions(frame: pd.DataFrame) -> Floats:
    """Return where the points of a frame are, (n, 2); NaN for what is no point.

    Points whose places are known are not made for it.
    """
    known = places(frame, frame.active_geometry_name) if isinstance(frame, gpd.GeoDataFrame) else None
    return xy_of(geometries(frame)) if known is None else known


def still_placed(frame: pd.DataFrame, table: pd.DataFrame, xy: Floats | None) -> Floats | None:
    """Return the positions of a table if they are those of the frame made of it too; else None."""
    if xy is None or len(xy) != len(frame):
        return None
    if isinstance(frame, gpd.GeoDataFrame) and places(frame, frame.active_geometry_name) is not None:
        # `positions` has them at once.
        return None
    # Rows that changed places, or lost theirs, do not share their geometries with the table.
    return xy if np.shares_memory(geometries(frame), geometries(table)) else None


def polygons(shapes: Objects, *, known: Bools | None = None) -> Objects:
    """Return valid polygons; None for what is not a polygon or without area.

    Parameters
    ----------
    shapes : (n,) geometries
    known : (n,) bool, optional
        Which are valid, where somebody has looked.
    """
    usable = np.full(len(shapes), None, dtype=object)
    places = np.flatnonzero(np.isin(shapely.get_type_id(shapes), AREAL))
    if not len(places):
        return usable
    sound, faulty = shapes[places], ~(valid(shapes[places]) if known is None else known[places])
    sound[faulty] = shapely.make_valid(sound[faulty], method="structure", keep_collapsed=False)
    # An area may round to nothing: of a triangle of kilometres as narrow as the last place of a coordinate.
    kept = (shapely.area(sound) > 0) & np.isin(shapely.get_type_id(sound), AREAL)
    usable[places[kept]] = sound[kept]
    return usable
