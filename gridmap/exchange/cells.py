"""Frame columns as plain Python values, for writers."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


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


def plain_values(values: Any) -> Any:
    """Return an array as GDAL gives it as numbers, or as a list of texts and None; days as ISO texts."""
    if values.dtype.kind in "iufb":
        return values
    if values.dtype.kind == "M":
        stamps = values.astype("datetime64[s]")
        if np.isnat(stamps).all():
            return [None] * len(stamps)
        days = stamps.astype("datetime64[D]")
        whole = days.astype("datetime64[s]") == stamps
        texts = np.where(whole, np.datetime_as_string(days), np.datetime_as_string(stamps))
        return [None if gone else str(text) for text, gone in zip(texts, np.isnat(stamps), strict=True)]
    plain: list[Any] = values.tolist()
    if set(map(type, plain)) <= {str, type(None)}:
        return plain
    return [one if one is None or isinstance(one, (int, float, bool)) else str(one) for one in plain]


def drawable(geoms: Any) -> Any:
    """Return geometries with None for those that no format can hold (a non-finite coordinate)."""
    finite = shapely.get_coordinates(geoms, return_index=True)
    bad = finite[1][~pd.notna(finite[0]).all(axis=1)]
    kept = geoms.copy()
    kept[bad] = None
    return kept
