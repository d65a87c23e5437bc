"""Sample columns as the tables that a project stores."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.config import default_spec
from gridmap.sample.dice import Floats
from gridmap.sample.layout import CRS
from gridmap.sample.linework import Geoms

DTYPES = {"text": "str", "integer": "Int64", "real": "float64", "boolean": "boolean", "date": "datetime64[s]"}


def frame_of(kind: str, columns: dict[str, Any], geometry: Any = None) -> pd.DataFrame:
    """Return a table as its kind's schema says, ordered by id; columns not given are missing values."""
    spec = default_spec(CRS).kinds[kind]
    size = len(columns["id"])
    data = {"id": pd.array(columns["id"], dtype="str")}
    for name, column in spec.columns.items():
        data[name] = pd.array(columns.get(name, [None] * size), dtype=DTYPES[column.type])
    order = np.argsort(np.array(columns["id"], dtype=object), kind="stable")
    frame = pd.DataFrame(data).iloc[order].reset_index(drop=True)
    if not spec.spatial:
        return frame
    spatial: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=np.asarray(geometry)[order], crs=CRS)
    return spatial


def points(xy: Floats) -> Geoms:
    """Return places (n, 2) as points."""
    return np.asarray(shapely.points(np.ascontiguousarray(xy)))


def polygons(rings: list[Floats]) -> Geoms:
    """Return closed rings as polygons, each in its normal form."""
    return np.asarray(shapely.normalize(np.array([shapely.Polygon(ring) for ring in rings], dtype=object)))
