"""A small invented steppe for the tests of arrangements: tables by hand, no demo, no gridmap.geo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Geod, Transformer

from gridmap.config import ProjectSpec, default_spec

CODE = "EPSG:4508"
X0, Y0 = 450_000.0, 4_700_000.0
GEOD = Geod(a=6378137.0, rf=298.257222101)
LONLAT = Transformer.from_crs(CRS(CODE), CRS(CODE).geodetic_crs, always_xy=True)
DTYPES = {"text": "str", "integer": "Int64", "real": "float64", "boolean": "boolean", "date": "datetime64[s]"}

Row = Mapping[str, Any]


def spot(east: float, north: float) -> shapely.Point:
    """Return a place in metres from the steppe's corner."""
    return shapely.Point(X0 + east, Y0 + north)


def line(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(X0 + east, Y0 + north) for east, north in places])


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(X0 + west, Y0 + south, X0 + east, Y0 + north)


def table(kind: str, rows: Iterable[Row] = (), *, spec: ProjectSpec | None = None) -> pd.DataFrame:
    """Return a table as a store gives it: all columns, types, ordered by id."""
    declared = (spec or default_spec(CODE)).kinds[kind]
    ordered = sorted(rows, key=lambda row: row["id"])
    columns: dict[str, Any] = {"id": pd.array([row["id"] for row in ordered], dtype="str")}
    for name, column in declared.columns.items():
        values = [row.get(name) for row in ordered]
        columns[name] = pd.Series(values, dtype=object).astype(DTYPES[column.type])
    frame = pd.DataFrame(columns)
    if not declared.spatial:
        return frame
    shapes = np.empty(len(ordered), dtype=object)
    shapes[:] = [row.get("geometry") for row in ordered]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=CODE))


def tables(spec: ProjectSpec | None = None, **rows: Sequence[Row]) -> dict[str, pd.DataFrame]:
    """Return the tables of every kind; those not named are empty."""
    used = spec or default_spec(CODE)
    return {kind: table(kind, rows.get(kind, ()), spec=used) for kind in used.kinds}


UNITS = (
    {"id": "U-line", "name": "line keepers", "layer": "line"},
    {"id": "U-line-2", "name": "other line keepers", "layer": "line"},
    {"id": "U-area", "name": "area keepers", "layer": "area"},
    {"id": "U-home", "name": "point keepers", "layer": "point"},
)


def outpost(name: str, east: float, north: float = -1000.0, unit: str = "U-line") -> Row:
    return {"id": name, "name": name, "unit": unit, "geometry": spot(east, north)}


def home(name: str, east: float, north: float, *, stronghold: bool | None = False, **more: Any) -> Row:
    place = {"geometry": spot(east, north)}
    return {"id": name, "stronghold": stronghold, "persons": 3, **place, **more}


def zone(name: str, shape: Any, unit: str = "U-area") -> Row:
    return {"id": name, "name": name, "unit": unit, "geometry": shape}


def township(name: str, shape: Any) -> Row:
    return {"id": name, "code": name, "name": name, "level": "township", "geometry": shape}


def planned(name: str, from_m: float, to_m: float, post: str, **more: Any) -> Row:
    return {"id": name, "from_m": from_m, "to_m": to_m, "outpost": post, **more}


def steppe() -> dict[str, list[Row]]:
    """Return rows of a complete area: 60 km of straight border, two townships, three zones, no fault."""
    return {
        "unit": list(UNITS),
        "border": [{"id": "B1", "geometry": line((0, 0), (60_000, 0))}],
        "admin": [
            township("150000001", box(0, -30_000, 30_000, 0)),
            township("150000002", box(30_000, -30_000, 60_000, 0)),
        ],
        "patrol_zone": [
            zone("Z1", box(0, -30_000, 20_000, 0)),
            zone("Z2", box(20_000, -30_000, 40_000, 0)),
            zone("Z3", box(40_000, -30_000, 60_000, 0), unit="U-line-2"),
        ],
        "outpost": [outpost("O1", 10_000), outpost("O2", 30_000), outpost("O3", 50_000, unit="U-line-2")],
        "household": [
            home("H1", 5_000, -5_000, stronghold=True, unit="U-home"),
            home("H2", 45_000, -5_000, stronghold=True),
            home("H3", 6_000, -5_000),
            home("H4", 44_000, -25_000 + 10_000),
        ],
    }


def built(rows: Mapping[str, Sequence[Row]], spec: ProjectSpec | None = None) -> dict[str, pd.DataFrame]:
    return tables(spec, **rows)


def xy_of(*places: tuple[float, float]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([(X0 + east, Y0 + north) for east, north in places])


def geodesic(one: Sequence[float], other: Sequence[float]) -> float:
    """Return geodesic metres between two places in the working CRS, by pyproj alone."""
    (lon1, lat1), (lon2, lat2) = LONLAT.transform(*one), LONLAT.transform(*other)
    return float(GEOD.inv(lon1, lat1, lon2, lat2)[2])
