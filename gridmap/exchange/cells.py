"""Frame columns as plain Python values, for writers."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.exchange.format import WGS84

SAME_AS_WGS84 = {4326, 4490}


def attributes(frame: Any) -> pd.DataFrame:
    """Return the columns of a frame without its active geometry."""
    if isinstance(frame, gpd.GeoDataFrame):
        return pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return pd.DataFrame(frame)


def plain(column: pd.Series[Any]) -> list[Any]:
    """Return str, int, float, bool or an ISO day per cell, and None where missing."""
    missing = column.isna().to_numpy()
    if column.dtype.kind == "M":
        # Not strftime: its %Y has three digits for the year 999 on some systems.
        cells: list[Any] = np.datetime_as_string(column.to_numpy(dtype="datetime64[D]")).tolist()
    else:
        cells = column.astype(object).tolist()
    if not missing.any():
        return cells
    return [None if gone else cell for cell, gone in zip(cells, missing, strict=True)]


def in_wgs84(frame: gpd.GeoDataFrame, decimals: int) -> Any:
    """Return the geometries in degrees on WGS 84, for formats that say or mean nothing else.

    CGCS2000 counts as WGS 84, as it does for PROJ; another datum is shifted and rounded again.
    """
    if frame.crs is not None and frame.crs.to_epsg() not in SAME_AS_WGS84:
        moved = frame.geometry.to_crs(WGS84).to_numpy()
        return shapely.transform(drawable(moved), lambda xy: np.round(xy, decimals) + 0.0)
    return drawable(frame.geometry.to_numpy())


def drawable(geoms: Any) -> Any:
    """Return geometries with None for those that no format can hold (a non-finite coordinate)."""
    finite = shapely.get_coordinates(geoms, return_index=True)
    bad = finite[1][~pd.notna(finite[0]).all(axis=1)]
    kept = geoms.copy()
    kept[bad] = None
    return kept
