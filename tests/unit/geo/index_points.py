"""Seeded lines, sites and points for the tests of the indexes."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap import geo

# Where in each CRS a piece of country lies: west and south of it. Zone-prefixed eastings are 1.8e7 m.
PLACES = {
    "EPSG:4508": (420_000.0, 4_700_000.0),
    "EPSG:4498": (18_420_000.0, 5_300_000.0),
    "EPSG:32145": (480_000.0, 120_000.0),
    "EPSG:3857": (12_200_000.0, 5_200_000.0),
}
# The kernels compile once for all tests of a process; without the extra only the other path is there.
PATHS = ("numpy", "compiled")


def ids(count):
    return np.array([f"S{number:06d}" for number in range(count)])


def wiggly(rng, crs, size=40_000.0, count=400):
    """A line from west to east with bends of every size."""
    west, south = PLACES[crs]
    share = np.linspace(0.0, 1.0, count)
    north = np.zeros(count)
    for bends in (1, 2, 5, 11, 29):
        north += size / 12.0 / bends**1.2 * np.sin(2 * np.pi * (bends * share + rng.random()))
    return np.column_stack([west + share * size, south + north])


def ring(rng, crs, size=12_000.0, count=120):
    """A closed line, starlike."""
    middle = np.array(PLACES[crs]) + size
    turn = np.linspace(0.0, 2 * np.pi, count, endpoint=False)
    radius = size * (0.7 + 0.3 * rng.random(count))
    line = middle + radius[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    return np.vstack([line, line[:1]])


def border(lines, crs):
    return geo.build_border(np.array([shapely.LineString(line) for line in lines], dtype=object), crs)


def beside(rng, xy, metres):
    """Points at the given distances from others, in any direction."""
    turn = rng.uniform(0.0, 2 * np.pi, len(xy))
    return xy + np.asarray(metres)[..., None] * np.column_stack([np.cos(turn), np.sin(turn)])


def awkward(rng, line, within_m, count):
    """Points on a line, on and beside its vertices, on its normals, about the rim of its belt, and far."""
    vertices = np.vstack(line.parts)
    some = vertices[rng.integers(0, len(vertices), count)]
    on = line.place(rng.uniform(0.0, line.length_m, count))
    low, high = vertices.min(axis=0) - 1.2 * within_m, vertices.max(axis=0) + 1.2 * within_m
    off_edges = [beside(rng, some, metres) for metres in (0.0005, 0.0015, 0.3, 40.0, within_m)]
    strange = np.array([[np.nan, 1.0], [np.inf, 0.0], [1e9, 1e9], [low[0] - 3e5, high[1]], [0.0, 0.0]])
    return np.vstack(
        [some, on, beside(rng, on, 0.0005), rng.uniform(low, high, (4 * count, 2)), *off_edges, strange]
    )
