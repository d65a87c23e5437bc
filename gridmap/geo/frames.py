"""Between findings and frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    from gridmap.model import Findings

TEXT_COLUMNS = ("code", "level", "table", "id", "related", "message", "fix")


def findings_frame(findings: Findings, crs: str | CRS) -> gpd.GeoDataFrame:
    """Return findings as a frame: a row each, ``related`` joined by spaces, the place as geometry.

    Parameters
    ----------
    findings : Findings
        In their own order.
    crs : str or CRS
        CRS of the findings' geometries.
    """
    rows = list(findings)
    data: dict[str, Any] = {
        name: pd.Series([getattr(item, name) for item in rows], dtype="str")
        for name in TEXT_COLUMNS
        if name != "related"
    }
    data["related"] = pd.Series([" ".join(item.related) for item in rows], dtype="str")
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [item.geometry for item in rows]
    frame = pd.DataFrame(data)[list(TEXT_COLUMNS)]
    frame["size"] = pd.Series([item.size for item in rows], dtype="float64")
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs)


def point_xy(geometry: gpd.GeoSeries) -> NDArray[np.float64]:
    """Return the x and y of points, shape (n, 2); NaN where a row has none, or something else."""
    return xy_of(np.asarray(geometry.to_numpy(), dtype=object))


def xy_of(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the x and y of an array of geometries, as `point_xy`."""
    point = (shapely.get_type_id(shapes) == shapely.GeometryType.POINT) & ~shapely.is_empty(shapes)
    if point.all():
        return np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)])
    xy = np.full((len(shapes), 2), np.nan)
    xy[point] = shapely.get_coordinates(shapes[point])
    return xy
