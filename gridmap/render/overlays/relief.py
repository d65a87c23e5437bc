"""Shaded relief from an ESRI ASCII grid of heights in the working CRS (``facts["relief_asc"]``)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmap.geo.crs import from_lonlat, to_lonlat
from gridmap.geo.heights import Heights, read_asc, sample
from gridmap.model.scene import Drawing, Raster
from gridmap.render.pack import pack_ints
from gridmap.render.sheet import Overlay, Sheet
from gridmap.render.words import word

Grid = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]  # west, south, east, north
LONGEST = 640  # cells of the longer side as drawn: on A3 one is two thirds of a millimetre
TINT_LONGEST = 90  # the same of the tints by height, which have no edges
SHADES = 63  # light is told apart in so many steps: an eye sees no more, and a page is a third smaller
EDGE_POINTS = 50
# Light from the north-west at 45 degrees, as maps have it; heights exaggerated, for steppe is flat.
LIGHT = (-0.5, 0.5, 0.7071067811865476)
EXAGGERATION = 6.0


def hillshade(heights: Heights) -> Grid:
    """Return how lit each cell is, 0 to 1.

    Method: the cosine between the light and the surface's normal, from central differences. Only
    arithmetic that every machine rounds alike (no arctangent): the same map, byte for byte.
    """
    south, east = np.gradient(heights.values, heights.cell)
    across, up = -east * EXAGGERATION, south * EXAGGERATION
    lit = (across * LIGHT[0] + up * LIGHT[1] + LIGHT[2]) / np.sqrt(across * across + up * up + 1.0)
    result: Grid = np.clip(lit, 0.0, 1.0)
    return result


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw the relief, if the project has one."""
    text = sheet.fact("relief_asc")
    if not isinstance(text, str) or not text.strip():
        return ()
    return (
        Drawing("relief", "base", word("drawing.relief"), raster=_raster(read_asc(text), sheet.spec.crs)),
    )


def _raster(heights: Heights, crs: str) -> Raster:
    box = _lonlat_bounds(heights, crs)
    columns, rows = _size(heights, box, LONGEST)
    lit = sample(hillshade(heights), heights, _centres(box, columns, rows, crs))
    tint_columns, tint_rows = _size(heights, box, TINT_LONGEST)
    level = sample(heights.values, heights, _centres(box, tint_columns, tint_rows, crs))
    known = heights.values[np.isfinite(heights.values)]
    low_m, high_m = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    share = (np.nan_to_num(level, nan=low_m) - low_m) / max(high_m - low_m, 1.0)
    height = np.rint(np.clip(share, 0, 1) * 255)
    shade = np.where(np.isfinite(lit), 1 + np.rint(np.nan_to_num(lit) * (SHADES - 1)), 0)
    west, south, east, north = (round(edge, 5) for edge in box)
    return Raster(
        west=west,
        south=south,
        east=east,
        north=north,
        columns=columns,
        rows=rows,
        min_m=round(low_m),
        max_m=round(high_m),
        shades=SHADES,
        shade=pack_ints(shade.astype(np.int64)),
        height=pack_ints(height.astype(np.int64)),
        height_columns=tint_columns,
        height_rows=tint_rows,
    )


def _size(heights: Heights, box: Box, longest: int) -> tuple[int, int]:
    """Return columns and rows of a picture whose cells are square on the map, no finer than the grid."""
    west, south, east, north = box
    wide, tall = float(np.radians(east - west)), _mercator(north) - _mercator(south)
    step = max(wide, tall) / min(longest, max(heights.values.shape))
    return max(2, round(wide / step)), max(2, round(tall / step))


def _centres(box: Box, columns: int, rows: int, crs: str) -> Grid:
    """Return the cells' centres in the working CRS, row by row from the north, (columns * rows, 2)."""
    west, south, east, north = box
    high, low = _mercator(north), _mercator(south)
    lon = west + (np.arange(columns) + 0.5) / columns * (east - west)
    lat = _latitude(high - (np.arange(rows) + 0.5) / rows * (high - low))
    return from_lonlat(np.stack([np.tile(lon, rows), np.repeat(lat, columns)], axis=1), crs)


def _lonlat_bounds(heights: Heights, crs: str) -> Box:
    rows, columns = heights.values.shape
    right, bottom = heights.left + columns * heights.cell, heights.top - rows * heights.cell
    x, y = np.linspace(heights.left, right, EDGE_POINTS), np.linspace(bottom, heights.top, EDGE_POINTS)
    edges = [
        (x, np.full_like(x, heights.top)),
        (x, np.full_like(x, bottom)),
        (np.full_like(y, heights.left), y),
        (np.full_like(y, right), y),
    ]
    lonlat = to_lonlat(np.concatenate([np.stack(edge, axis=1) for edge in edges]), crs)
    (west, south), (east, north) = lonlat.min(axis=0), lonlat.max(axis=0)
    return float(west), float(south), float(east), float(north)


def _mercator(lat: float) -> float:
    return float(np.arctanh(np.sin(np.radians(lat))))


def _latitude(y: Grid) -> Grid:
    result: Grid = np.degrees(np.arctan(np.sinh(y)))
    return result


OVERLAY = Overlay("relief", draw)
