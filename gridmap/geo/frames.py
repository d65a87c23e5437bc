"""Between findings and frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.geo.placed import PlacedArray
from gridmap.geo.threads import cut, in_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    from gridmap.model import Findings

# So many geometries stay in a processor's cache between two looks at them.
BLOCK = 2_000

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
    known = geometry.array.xy if isinstance(geometry.array, PlacedArray) else None
    # A caller may write into what it is given.
    return xy_of(np.asarray(geometry.to_numpy(), dtype=object)) if known is None else known.copy()


def xy_of(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the x and y of an array of geometries, as `point_xy`."""
    xy = np.empty((len(shapes), 2))

    def work(some: slice) -> None:
        for part in cut(some, BLOCK):
            shapely.get_x(shapes[part], out=xy[part, 0])
            shapely.get_y(shapes[part], out=xy[part, 1])

    try:
        in_parts(len(shapes), work)
    except shapely.GEOSException:
        # GEOS has no x of an empty point; of what is no point at all shapely says NaN.
        return _xy_of_sound(shapes)
    return xy


def _xy_of_sound(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    xy = np.full((len(shapes), 2), np.nan)
    sound = np.flatnonzero(~shapely.is_empty(shapes))
    xy[sound, 0], xy[sound, 1] = shapely.get_x(shapes[sound]), shapely.get_y(shapes[sound])
    return xy
