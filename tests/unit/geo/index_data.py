"""Seeded zones that tile a box with shared, wiggly borders, and awkward zones and places."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely


def tiling(
    count: int,
    vertices: int,
    *,
    wide: float = 200_000.0,
    origin: tuple[float, float] = (0.0, 0.0),
    seed: int = 7,
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return about `count` zones of about `vertices` vertices, in a box of 2 : 1, and their ids (shuffled).

    A lattice of displaced nodes; each side between two nodes is one wiggly line that both zones share.
    """
    random = np.random.default_rng(seed)
    rows = max(round((count / 2) ** 0.5), 1)
    columns = max(round(count / rows), 1)
    cell = np.array([wide / columns, wide / 2 / rows])
    nodes = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), axis=-1) * cell
    nodes[1:-1, 1:-1] += random.uniform(-0.25, 0.25, (rows - 1, columns - 1, 2)) * cell
    nodes += origin
    each = max(vertices // 4, 1)

    def line(start: np.ndarray[Any, Any], end: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        share = np.linspace(0, 1, each + 1)
        walk = random.normal(size=each + 1).cumsum()
        bridge = walk - walk[0] - share * (walk[-1] - walk[0])
        # Sideways only, and little near the ends: no line crosses itself or another.
        most = 0.3 * share * (1 - share)
        aside = np.clip(0.1 * bridge / max(float(np.abs(bridge).max()), 1e-9), -most, most)
        way = end - start
        out = start + share[:, None] * way + aside[:, None] * np.array([-way[1], way[0]])
        out[0], out[-1] = start, end
        return out

    level = [[line(nodes[i, j], nodes[i, j + 1]) for j in range(columns)] for i in range(rows + 1)]
    upright = [[line(nodes[i, j], nodes[i + 1, j]) for j in range(columns + 1)] for i in range(rows)]
    zones = []
    for i in range(rows):
        for j in range(columns):
            sides = (level[i][j], upright[i][j + 1], level[i + 1][j][::-1], upright[i][j][::-1])
            zones.append(shapely.Polygon(np.concatenate([side[:-1] for side in sides])))
    out = np.array(zones, dtype=object)
    ids = np.array([f"z{number:05d}" for number in random.permutation(len(out))], dtype=object)
    return out, ids


def awkward(origin: tuple[float, float] = (0.0, 0.0)) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return zones of every bad kind over a small tiling of 20 x 10 km, and their ids."""
    zones, _ = tiling(18, 40, wide=20_000.0)
    ring = shapely.Point(9_000, 5_000).buffer(3_000)
    holed = ring.difference(shapely.Point(9_100, 5_000).buffer(1_000))
    more = [
        zones[4],  # a second claim to all of a zone, with the same edges
        shapely.reverse(zones[5]),
        holed,
        shapely.Point(9_100, 5_000).buffer(1_000),  # fills the hole
        shapely.box(-500, 4_999.99, 20_500, 5_000),  # a sliver one centimetre wide, across all
        shapely.box(100, 100, 100.001, 9_000),  # as wide as the tolerance
        shapely.MultiPolygon([shapely.box(0, 0, 900, 700), shapely.box(900, 700, 1_500, 1_600)]),
        shapely.Polygon([(3_000, 1_000), (5_000, 3_000), (5_000, 1_000), (3_000, 3_000)]),  # crosses itself
        shapely.force_3d(shapely.box(12_000, 2_000, 14_000, 4_000), z=7.0),
        shapely.segmentize(shapely.box(12_000, 2_000, 14_000, 4_000), 130.0),
        shapely.Polygon([(6_000, 6_000), (6_000, 6_000), (7_500, 6_000), (7_500, 7_700), (6_000, 6_000)]),
        None,
        shapely.Polygon(),
        shapely.LineString([(0, 0), (20_000, 10_000)]),
        shapely.Point(1_000, 1_000),
        shapely.box(1, 1, 1.0001, 1.0001),  # smaller than the tolerance
    ]
    out = np.array([*zones, *more], dtype=object)
    random = np.random.default_rng(11)
    ids = np.array([f"z{number}" for number in random.permutation(len(out))], dtype=object)
    moved = [
        None if zone is None else shapely.transform(zone, lambda xy: xy + origin, include_z=False)
        for zone in out
    ]
    out[:] = moved
    return out, ids


def places(zones: np.ndarray[Any, Any], count: int, *, seed: int = 5) -> np.ndarray[Any, Any]:
    """Return about `count` places: half anywhere in and around the zones, half where rounding tells."""
    random = np.random.default_rng(seed)
    coords = shapely.get_coordinates(zones)
    low, high = coords.min(axis=0), coords.max(axis=0)
    spread = 0.1 * (high - low)
    anywhere = random.uniform(low - spread, high + spread, (count // 2, 2))
    pick = random.integers(0, len(coords) - 1, count // 2)
    start, end = coords[pick], coords[pick + 1]
    way = end - start
    length = np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    share = random.choice([0.0, 0.5, 1.0, 0.3], (len(pick), 1)) + random.choice([0.0, 1e-7], (len(pick), 1))
    aside = random.choice([0.0, 5e-4, -5e-4, 1e-3, -1e-3, 2e-3, -2e-3, 1.0], (len(pick), 1))
    beside = start + share * way + aside * np.column_stack([-way[:, 1], way[:, 0]]) / length
    lost = np.array(
        [[np.nan, 0.0], [0.0, np.nan], [np.inf, 0.0], [0.0, -np.inf], [1e300, 1e300], [-1e12, 5.0]]
    )
    return np.concatenate([anywhere, beside, lost])
