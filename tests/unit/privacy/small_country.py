"""A country of squares, ten kilometres wide, for tests of redactions."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

CODE = "EPSG:4508"
X0, Y0 = 450_000.0, 4_700_000.0
SIDE = 10_000.0
# Township A has three gachas from west to east, B two, C one; the last kilometre of C is in no gacha.
GACHAS = ("A1", "A2", "A3", "B1", "B2", "C1")


def square(position: int, width: float = SIDE) -> Any:
    west = X0 + position * SIDE
    return shapely.box(west, Y0, west + width, Y0 + SIDE)


def admin(**more: Any) -> gpd.GeoDataFrame:
    """Return the rows; `more` adds units or replaces their shapes: ``A1=shape``."""
    shapes = {name: square(position) for position, name in enumerate(GACHAS)}
    for town in "ABC":
        shapes[town] = shapely.union_all([shape for name, shape in shapes.items() if name[0] == town])
    shapes["C1"] = square(5, SIDE - 1_000.0)
    shapes |= more
    rows = {
        "id": list(shapes),
        "code": list(shapes),
        "name": [f"嘎查{name}" if len(name) > 1 else f"苏木{name}" for name in shapes],
        "level": ["gacha" if len(name) > 1 else "township" for name in shapes],
    }
    return gpd.GeoDataFrame(rows, geometry=list(shapes.values()), crs=CODE)


def places(**counts: int) -> Any:
    """Return positions: so many homes in each gacha, spread over it; ``rest`` lie in C but in no gacha."""
    made = []
    for name, count in counts.items():
        rng = np.random.default_rng(sum(map(ord, name)))
        west = X0 + (5 * SIDE + 9_000.0 if name == "rest" else GACHAS.index(name) * SIDE)
        width = 1_000.0 if name == "rest" else SIDE - 1_000.0
        made.append(np.column_stack([west + rng.random(count) * width, Y0 + rng.random(count) * SIDE]))
    return np.vstack(made) if made else np.empty((0, 2))


def households(xy: Any) -> gpd.GeoDataFrame:
    count = len(xy)
    rows = {
        "id": pd.array([f"H{n:04d}" for n in range(count)], dtype="str"),
        "name": pd.array([f"秘密户{n:04d}" for n in range(count)], dtype="str"),
        "stronghold": pd.array([n % 7 == 0 for n in range(count)], dtype="boolean"),
        "persons": pd.array([1 + n % 5 for n in range(count)], dtype="Int64"),
        "status": pd.array(["在用"] * count, dtype="str"),
    }
    return gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(list(shapely.points(xy)), crs=CODE))
