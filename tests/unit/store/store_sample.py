"""A small invented area for the store's tests; also used by the child processes they start."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.config import default_spec

SPEC = default_spec()
X0, Y0 = 500_000.0, 4_650_000.0


def homes(count, *, seed=1):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "id": [f"H{number:05d}" for number in range(count)],
            "name": [f"户主{number % 97}" for number in range(count)],
            "contact": [f"139{number:08d}" for number in range(count)],
            "stronghold": np.arange(count) % 35 == 0,
            "persons": rng.integers(1, 8, count),
            "gacha": [f"15022310{number % 7}201" for number in range(count)],
        }
    )
    xy = rng.random((count, 2)) * 100_000 + (X0, Y0)
    return gpd.GeoDataFrame(frame, geometry=shapely.points(xy), crs=SPEC.crs)


def zones():
    shapes = [shapely.box(X0 + 1000 * n, Y0, X0 + 1000 * (n + 1), Y0 + 1000) for n in range(3)]
    data = {"id": ["Z1", "Z2", "Z3"], "name": ["一区", "二区", "三区"], "unit": ["U1", "U1", "U2"]}
    return gpd.GeoDataFrame(data, geometry=shapes, crs=SPEC.crs)


def units():
    return pd.DataFrame({"id": ["U1", "U2"], "name": ["甲", "乙"], "layer": ["area", "line"]})


def area(count=40):
    return {"household": homes(count), "patrol_zone": zones(), "unit": units()}


def results(number=1):
    line = shapely.LineString([(X0, Y0), (X0 + 500.0, Y0 + number)])
    sections = gpd.GeoDataFrame(
        {"id": ["S1"], "unit": ["U2"], "outpost": ["O1"], "from_m": [0.0], "to_m": [500.0 + number]},
        geometry=[line],
        crs=SPEC.crs,
    )
    found = gpd.GeoDataFrame(
        {
            "code": ["gap", "orphan"],
            "level": ["error", "error"],
            "table": ["sections", "household"],
            "id": [None, "H00001"],
            "related": ["", ""],
            "message": ["nobody keeps it", "nobody in reach"],
            "fix": ["", ""],
            "size": [12.5, None],
        },
        geometry=[line, None],
        crs=SPEC.crs,
    )
    assignments = pd.DataFrame(
        {
            "kind": ["household"],
            "feature": ["H00000"],
            "layer": ["point"],
            "target": ["H00000"],
            "unit": [None],
            "role": ["lead"],
            "metres": [float(number)],
            "rule": ["nearest_stronghold"],
            "reason": ["it answers for itself"],
        }
    )
    return {"sections": sections, "assignments": assignments, "findings": found}
