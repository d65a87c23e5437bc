"""Points of a frame that are made when somebody asks for one: a million cost half a second and 200 MB.

Most of what is asked of homes is where they are. A column of `PlacedArray` holds that, and does what a column
of points does; `places` gives the positions without making a point, `plain` the column that users know.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import GeometryArray

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    Floats = NDArray[np.float64]

_NONE = np.empty(0, dtype=object)


class _Known:
    """Places, and the points that are made of them once; neither is ever changed."""

    def __init__(self, xy: Floats) -> None:
        self.xy = xy.view()
        self.xy.flags.writeable = False

    @cached_property
    def points(self) -> NDArray[np.object_]:
        """The points."""
        made = np.asarray(shapely.points(self.xy), dtype=object)
        # Who writes into it copies first: copies of a column share it.
        made.flags.writeable = False
        return made


class PlacedArray(GeometryArray):  # type: ignore[misc]
    """The points of a frame's geometry column, made when they are first asked for.

    Made by `placed`. Setting one makes all, and the column is then as any other; the columns that were copied
    from it keep theirs.
    """

    def __init__(self, known: _Known, crs: Any) -> None:
        self._known = known
        super().__init__(_NONE, crs=crs)

    @property
    def _data(self) -> NDArray[np.object_]:
        """What `GeometryArray` keeps its geometries in."""
        return self._known.points if self._own is None else self._own

    @_data.setter
    def _data(self, data: NDArray[np.object_]) -> None:
        self._own = None if data is _NONE else data

    @property
    def xy(self) -> Floats | None:
        """The places (n, 2), not to be written into; None if a point was set since."""
        return self._known.xy if self._own is None else None

    @property
    def size(self) -> int:
        """How many points there are."""
        return len(self._known.xy) if self._own is None else len(self._own)

    def isna(self) -> NDArray[np.bool_]:
        """Say which are missing: none, of those that were placed."""
        found: NDArray[np.bool_] = np.zeros(self.size, bool) if self._own is None else super().isna()
        return found

    def copy(self, *how: Any, **more: Any) -> GeometryArray:
        """Return a copy; it shares places and points, which are never changed."""
        return super().copy(*how, **more) if self._own is not None else self._again()

    def __getitem__(self, at: Any) -> Any:
        """Return one, or some; some are placed too, or have their points if these are made already."""
        if self._own is not None or pd.api.types.is_integer(at):
            return super().__getitem__(at)
        if isinstance(at, slice) and at == slice(None):
            return self._again()
        return self._some(pd.api.indexers.check_array_indexer(self, at))

    def take(self, at: Any, *how: Any, allow_fill: bool = False, **more: Any) -> GeometryArray:
        """Return those at some positions; of an edited table a few are taken, and a million are not made."""
        places = np.asarray(at, dtype=np.intp)
        # A position of -1 may be one to fill, which has no place; one out of bounds is for pandas to refuse.
        inside = bool(((places >= 0) & (places < self.size)).all())
        if self._own is not None or not inside:
            return super().take(at, *how, allow_fill=allow_fill, **more)
        return self._some(places)

    def __setitem__(self, at: Any, value: Any) -> None:
        """Set one, or some, in an array of its own."""
        if self._own is None:
            self._own = self._known.points.copy()
        super().__setitem__(at, value)

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process as plain geometries."""
        return GeometryArray, (np.array(self._data), self.crs)

    def _some(self, at: Any) -> GeometryArray:
        if "points" in vars(self._known):
            return GeometryArray(np.array(self._known.points[at]), crs=self.crs)
        return PlacedArray(_Known(self._known.xy[at]), self.crs)

    def _again(self) -> PlacedArray:
        made = PlacedArray(self._known, self.crs)
        made._sindex = self._sindex
        return made


def placed(xy: Floats, crs: CRS | str) -> PlacedArray:
    """Return points as the values of a geometry column, none of which is made yet.

    Parameters
    ----------
    xy : (n, 2)
        Their places in the CRS, none of them NaN; not to be changed afterwards.
    crs : CRS or str
        What they are in.
    """
    return PlacedArray(_Known(xy), crs)


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose points are made, in a column as geopandas makes it: what users are given.

    Parameters
    ----------
    frame : DataFrame
        Any frame; not changed.
    """
    if not isinstance(frame, gpd.GeoDataFrame) or places(frame, frame.geometry.name) is None:
        return frame
    made = GeometryArray(np.array(frame.geometry.to_numpy(), dtype=object), crs=frame.crs)
    settled: pd.DataFrame = frame.set_geometry(gpd.GeoSeries(made, index=frame.index))
    return settled


def places(frame: pd.DataFrame, column: Hashable = "geometry") -> Floats | None:
    """Return the places (n, 2) of a column of points whose places are known; None of any other column.

    Parameters
    ----------
    frame : DataFrame
        Any frame.
    column : hashable
        The name of its geometry column.

    Returns
    -------
    ndarray, shape (n, 2), or None
        In the column's CRS, not to be written into; the same array for copies of the column.
    """
    values = frame[column].array if column in frame.columns else None
    return values.xy if isinstance(values, PlacedArray) else None
