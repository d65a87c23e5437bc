"""A synthetic steppe: gradient noise that falls from south to north, with hills, and as a grid file."""

from __future__ import annotations

from functools import cache

import numpy as np

from gridmap.sample.dice import Dice, Floats

STREAM = 2
TABLE = 64
GAIN = 1.9
TURNS = ((0.8, 0.6), (12 / 13, 5 / 13), (0.6, 0.8), (15 / 17, 8 / 17), (5 / 13, 12 / 13))
WEST_M, SOUTH_M, EAST_M, NORTH_M = 354_000.0, 4_632_000.0, 492_000.0, 4_744_000.0
CELL_M = 400.0
HIGH_M, FALL_M = 1_610.0, 500.0
# Wavelength and height of each octave of noise, in metres; ridges make the low hills of the south.
OCTAVES = ((44_000.0, 65.0), (19_000.0, 45.0), (9_000.0, 26.0), (4_300.0, 13.0), (2_000.0, 6.0))
RIDGES = ((15_000.0, 95.0), (6_700.0, 55.0), (3_100.0, 24.0))


@cache
def _slopes(seed: int, octave: int) -> Floats:
    return Dice(seed, STREAM, octave).disc(TABLE * TABLE)


def noise(xy: Floats, *, wavelength: float, seed: int, octave: int) -> Floats:
    """Return smooth noise, about [-1, 1], at places (n, 2).

    Source of method: Perlin, Improving noise, SIGGRAPH 2002; the lattice is turned by a Pythagorean angle and
    shifted for each octave, so that no two lie on each other or on the axes.
    """
    slopes = _slopes(seed, octave)
    cosine, sine = TURNS[octave % len(TURNS)]
    x, y = ((xy - np.array([WEST_M, SOUTH_M])) / wavelength).T
    at = np.column_stack([cosine * x - sine * y, sine * x + cosine * y]) + 0.37 * octave + TABLE
    cell = np.floor(at)
    part = at - cell
    column, row = (cell.astype(np.int64) % TABLE).T

    def push(right: int, up: int) -> Floats:
        slope = slopes[(row + up) % TABLE * TABLE + (column + right) % TABLE]
        return np.asarray(slope[:, 0] * (part[:, 0] - right) + slope[:, 1] * (part[:, 1] - up))

    ease = part * part * part * (part * (part * 6.0 - 15.0) + 10.0)
    low, high = push(0, 0), push(0, 1)
    low += ease[:, 0] * (push(1, 0) - low)
    high += ease[:, 0] * (push(1, 1) - high)
    return GAIN * (low + ease[:, 1] * (high - low))


def height(xy: Floats, *, seed: int) -> Floats:
    """Return synthetic heights in metres at places (n, 2)."""
    north = (xy[:, 1] - SOUTH_M) / (NORTH_M - SOUTH_M)
    heights = HIGH_M - FALL_M * north
    for octave, (wavelength, size) in enumerate(OCTAVES):
        heights += size * noise(xy, wavelength=wavelength, seed=seed, octave=octave)
    # Hills stand where the widest noise is high, and more of them in the south.
    where = noise(xy, wavelength=26_000.0, seed=seed, octave=20)
    share = np.clip(0.45 + 0.8 * where - 0.35 * north, 0.0, 1.0)
    for octave, (wavelength, size) in enumerate(RIDGES, start=30):
        ridge = 1.0 - np.abs(noise(xy, wavelength=wavelength, seed=seed, octave=octave))
        heights += size * share * ridge * ridge
    return heights


def relief_grid(*, seed: int = 7) -> str:
    """Return the heights of the demo area as the text of an ESRI ASCII grid in EPSG:4508, whole metres.

    The header and the rows end in a line feed; the first row is the northernmost.
    """
    columns = round((EAST_M - WEST_M) / CELL_M)
    rows = round((NORTH_M - SOUTH_M) / CELL_M)
    x = WEST_M + (np.arange(columns) + 0.5) * CELL_M
    y = NORTH_M - (np.arange(rows) + 0.5) * CELL_M
    xy = np.column_stack([np.tile(x, rows), np.repeat(y, columns)])
    whole = np.round(height(xy, seed=seed)).astype(np.int64).reshape(rows, columns)
    header = [
        f"ncols {columns}",
        f"nrows {rows}",
        f"xllcorner {WEST_M:.0f}",
        f"yllcorner {SOUTH_M:.0f}",
        f"cellsize {CELL_M:.0f}",
        "NODATA_value -9999",
    ]
    return "\n".join([*header, *(" ".join(map(str, row)) for row in whole.tolist())]) + "\n"
