"""An invented steppe for attacks: villages and lone homes, in units with crooked edges. No demo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

CODE = "EPSG:4508"
X0, Y0 = 400_000.0, 4_700_000.0
WIDE, HIGH = 120_000.0, 60_000.0

Floats = np.ndarray[Any, np.dtype[np.float64]]


def country(seed: int, *, gachas: int = 8, townships: int = 3, order: Sequence[int] | None = None) -> Any:
    """Return administrative rows: gachas with crooked edges that tile a rectangle, and their townships."""
    rng = np.random.default_rng(seed)
    seats = rng.uniform((X0, Y0), (X0 + WIDE, Y0 + HIGH), (gachas, 2))
    whole = shapely.box(X0, Y0, X0 + WIDE, Y0 + HIGH)
    around = shapely.voronoi_polygons(shapely.multipoints(seats), extend_to=whole)
    cells = shapely.intersection(shapely.get_parts(around), whole) if gachas > 1 else np.array([whole])
    cells = cells[np.argsort(shapely.get_x(shapely.centroid(cells)))]
    own = np.arange(gachas) * townships // gachas
    codes = [f"15{own[n]:04d}{n:04d}" for n in range(gachas)]
    towns = [f"15{n:04d}" for n in range(townships)]
    shapes = [*cells, *(shapely.union_all(cells[own == n]) for n in range(townships))]
    frame = gpd.GeoDataFrame(
        {
            "id": [*codes, *towns],
            "code": [*codes, *towns],
            "name": [f"嘎查{code}" for code in codes] + [f"苏木{code}" for code in towns],
            "level": ["gacha"] * gachas + ["township"] * townships,
        },
        geometry=shapes,
        crs=CODE,
    )
    return frame if order is None else frame.iloc[list(order)]


def homes(seed: int, *, villages: int = 60, near: int = 1200, alone: int = 200) -> Floats:
    """Return homes: near ones around villages, and lone ones 1,500 m or more from every other home."""
    rng = np.random.default_rng(seed)
    seats = _apart(rng, villages, 4_000.0, np.empty((0, 2)))
    angle, far = rng.uniform(0, 2 * np.pi, near), rng.uniform(0.0, 1_200.0, near)
    around = (
        seats[rng.integers(0, villages, near)]
        + np.column_stack([np.cos(angle), np.sin(angle)]) * far[:, None]
    )
    return np.vstack([around, _apart(rng, alone, 1_500.0, around)])


def _apart(rng: Any, count: int, metres: float, others: Floats) -> Floats:
    """Return places in the country that keep their distance from each other and from others."""
    found = list(others)
    while len(found) < len(others) + count:
        place = rng.uniform((X0 + 2_000, Y0 + 2_000), (X0 + WIDE - 2_000, Y0 + HIGH - 2_000))
        if not found or np.hypot(*(np.array(found) - place).T).min() > metres:
            found.append(place)
    return np.array(found[len(others) :])


def most_isolated(xy: Floats, most: int = 200) -> Any:
    return np.argsort(-cKDTree(xy).query(xy, k=2)[0][:, 1], kind="stable")[:most]


def attack(xy: Floats, shapes: Any, group: Any, *, seed: int = 0) -> tuple[float, float]:
    """Play the attacker, by other means than gridmap's: every home's row, shuffled, is linked to a home.

    Returns the shares of the 200 most isolated homes found by the nearest home and by the best assignment
    of all rows to all homes at once.
    """
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(xy))
    seen = np.asarray(shapes, dtype=object)[group[rows]]
    sought = np.isin(rows, most_isolated(xy))
    nearest = cKDTree(xy).query(shapely.get_coordinates(shapely.centroid(seen)))[1]
    listed = rng.permutation(len(xy))
    different, same = np.unique(group[rows], return_inverse=True)
    shapes = np.asarray(shapes, dtype=object)[different][:, np.newaxis]
    points = shapely.points(xy[listed])
    metres = shapely.distance(shapes, points) + 0.001 * shapely.distance(shapely.centroid(shapes), points)
    assigned = listed[linear_sum_assignment(metres[same])[1]]
    return float((nearest == rows)[sought].mean()), float((assigned == rows)[sought].mean())


def edited(seed: int, ids: Any, xy: Floats) -> tuple[Any, Floats]:
    """Return the homes of the next release: one in a hundred gone, one moved a little, one new."""
    rng = np.random.default_rng(seed)
    some = max(1, len(xy) // 100)
    stays = np.sort(rng.permutation(len(xy))[some:])
    ids, xy = ids[stays], xy[stays].copy()
    moved = rng.permutation(len(xy))[:some]
    xy[moved] += rng.normal(0, 300.0, (some, 2))
    new = xy[rng.integers(0, len(xy), some)] + rng.normal(0, 1_500.0, (some, 2))
    return np.concatenate([ids, ids.max() + 1 + np.arange(some)]), np.vstack([xy, new])
