"""The area that is measured on: invented, seeded, of any size; frames as a project holds them.

Zones tile 200 by 100 km behind the border: a lattice whose edges are wiggly lines that two zones share,
vertex by vertex. An edge stays within a narrow cone at either end of its chord, so that no two edges cross.
Homes lie anywhere, in no order, at whole millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

CODE = "EPSG:4508"
WEST, SOUTH, WIDE_M, DEEP_M = 400_000.0, 4_600_000.0, 200_000.0, 100_000.0
# Steps of an edge of a zone, and how far an edge leaves its chord, as a share of the way to its nearer end.
STEPS, CONE = 94, 0.3
UNITS, STATIONS, POSTS = 20, 10, 40
# No edge of the area leaves its chord by more than this: homes keep away from it.
MARGIN_M = 4_000.0
TOWNSHIP = "990000001"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Size:
    """How much of everything there is; `zones` needs divisors in about the shape of the area.

    An edge of a zone is drawn in `steps`: four of them, and a vertex at each, make a zone.
    """

    homes: int = 1_000_000
    zones: int = 1_000
    strongholds: int = 500
    border_vertices: int = 4_000
    steps: int = STEPS


def made(size: Size = Size(), *, seed: int = 7) -> dict[str, pd.DataFrame]:
    """Return the tables by kind, in EPSG:4508: the same for the same size and seed.

    A fault of the lattice (zones that do not tile) raises ValueError: nobody measures that by mistake.
    """
    rng = np.random.default_rng(seed)
    border = _border(rng, size.border_vertices)
    zones, whole = _zones(rng, size, border)
    units = [f"U{number:02d}" for number in range(UNITS)]
    layers = ["line", *["area"] * (UNITS - 1)]
    posts = _posts(rng, border)
    return {
        "border": _frame({"id": ["B1"], "name": ["border"]}, np.array([shapely.LineString(border)])),
        "admin": _frame(
            {"id": [TOWNSHIP], "code": [TOWNSHIP], "name": ["all"], "level": ["township"]}, np.array([whole])
        ),
        "unit": pd.DataFrame({"id": units, "name": units, "layer": layers}),
        "outpost": _frame(
            {
                "id": [f"O{number:03d}" for number in range(len(posts))],
                "name": [f"post {number}" for number in range(len(posts))],
                "unit": [units[0]] * STATIONS + [units[1 + at % (UNITS - 1)] for at in range(POSTS)],
            },
            shapely.points(posts),
        ),
        "patrol_zone": _frame(
            {
                "id": [f"Z{number:05d}" for number in range(len(zones))],
                "name": [f"zone {number}" for number in range(len(zones))],
                "unit": [units[1 + at % (UNITS - 1)] for at in range(len(zones))],
            },
            zones,
        ),
        "household": _homes(rng, size, border),
    }


def _frame(columns: dict[str, Any], shapes: npt.NDArray[np.object_]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=CODE))


def _border(rng: np.random.Generator, vertices: int) -> Floats:
    """Return the border from west to east: long waves, and a jag at each vertex."""
    x = np.linspace(WEST, WEST + WIDE_M, vertices)
    step = WIDE_M / (vertices - 1)
    waves = sum(
        high * np.sin(2 * np.pi * (x / long + rng.uniform()))
        for high, long in ((1_200.0, 63_000.0), (400.0, 17_000.0), (90.0, 4_100.0))
    )
    y = SOUTH + DEEP_M + waves + rng.uniform(-0.2, 0.2, vertices) * step
    return np.round(np.column_stack([x, y]), 3)


def _shape(zones: int) -> tuple[int, int]:
    """Return columns and rows whose cells are about as wide as the zones are deep."""
    divisors = [one for one in range(1, zones + 1) if zones % one == 0]
    columns = min(divisors, key=lambda one: (abs(np.log(one / np.sqrt(zones * WIDE_M / DEEP_M / 1.25))), one))
    return columns, zones // columns


def _zones(rng: np.random.Generator, size: Size, border: Floats) -> tuple[npt.NDArray[np.object_], Any]:
    columns, rows = _shape(size.zones)
    cuts = np.linspace(0, len(border) - 1, columns + 1).astype(np.intp)
    # Nodes of the lattice, row 0 on the border; the columns follow it to the south.
    share = 1 - np.arange(rows + 1) / rows
    jitter = rng.uniform(-0.08, 0.08, (rows + 1, columns + 1, 2)) * [WIDE_M / columns, DEEP_M / rows]
    jitter[0] = jitter[-1, :, 1] = jitter[:, 0, 0] = jitter[:, -1, 0] = 0
    nodes = np.empty((rows + 1, columns + 1, 2))
    nodes[..., 0] = border[cuts, 0]
    nodes[..., 1] = SOUTH + share[:, None] * (border[cuts, 1] - SOUTH)
    nodes = np.round(nodes + jitter, 3)
    across = _edges(rng, nodes[1:, :-1], nodes[1:, 1:], steps=size.steps)
    down = _edges(rng, nodes[:-1], nodes[1:], steps=size.steps)
    north = [border[start : stop + 1] for start, stop in pairwise(cuts)]

    def ring(row: int, column: int) -> shapely.Polygon:
        top = north[column] if row == 0 else across[row - 1, column]
        parts = (top, down[row, column + 1], across[row, column][::-1], down[row, column][::-1])
        return shapely.Polygon(np.concatenate([part[:-1] for part in parts]))

    found = np.array([ring(row, column) for row in range(rows) for column in range(columns)], dtype=object)
    outline = (border, *down[:, -1], *across[-1, ::-1, ::-1], *down[::-1, 0, ::-1])
    whole = shapely.Polygon(np.concatenate([part[:-1] for part in outline]))
    if not (shapely.is_valid(found).all() and shapely.coverage_is_valid(found) and whole.is_valid):
        message = f"{size.zones} zones do not tile the area"
        raise ValueError(message)
    return found, whole


def _edges(rng: np.random.Generator, starts: Floats, stops: Floats, *, steps: int) -> Floats:
    """Return wiggly lines between nodes: a vertex more than steps each."""
    t = np.linspace(0.0, 1.0, steps + 1)
    shape = (*starts.shape[:2], 1)
    waves = [np.sin(2 * np.pi * (turns * t + rng.uniform(size=shape))) / turns for turns in (1, 3, 7, 15)]
    noise = (np.sum(waves, axis=0) + rng.uniform(-0.1, 0.1, (*shape[:2], len(t)))) / 1.65
    aside = CONE * np.minimum(t, 1 - t) * noise
    along = stops - starts
    normal = np.stack([-along[..., 1], along[..., 0]], axis=-1)
    lines = starts[..., None, :] + t[:, None] * along[..., None, :] + aside[..., None] * normal[..., None, :]
    lines[..., 0, :], lines[..., -1, :] = starts, stops
    return np.asarray(np.round(lines, 3))


def _posts(rng: np.random.Generator, border: Floats) -> Floats:
    """Return stations behind the border, and posts anywhere."""
    at = ((np.arange(STATIONS) + 0.5) * len(border) / STATIONS).astype(np.intp)
    stations = border[at] - [0.0, 1_500.0]
    return np.round(np.vstack([stations, _places(rng, POSTS, border)]), 3)


def _places(rng: np.random.Generator, count: int, border: Floats) -> Floats:
    """Return places on the south side of the border, away from the other three sides."""
    x = rng.uniform(WEST + MARGIN_M, WEST + WIDE_M - MARGIN_M, count)
    top = np.interp(x, border[:, 0], border[:, 1])
    y = SOUTH + MARGIN_M + rng.uniform(0, 1, count) * (top - 1.0 - SOUTH - MARGIN_M)
    return np.round(np.column_stack([x, y]), 3)


def _homes(rng: np.random.Generator, size: Size, border: Floats) -> gpd.GeoDataFrame:
    stronghold = np.zeros(size.homes, dtype=bool)
    stronghold[rng.choice(size.homes, min(size.strongholds, size.homes), replace=False)] = True
    ids = pd.array([f"H{number:07d}" for number in range(size.homes)], dtype="str")
    columns = {"id": ids, "stronghold": stronghold, "persons": rng.integers(1, 8, size.homes)}
    return _frame(columns, shapely.points(_places(rng, size.homes, border)))
