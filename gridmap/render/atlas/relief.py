"""What is made of pixels under a sheet: shaded relief, and the picture of a basemap if the view holds one."""

from __future__ import annotations

import base64
import io

import numpy as np
import numpy.typing as npt

from gridmap.model.packed import Packed
from gridmap.model.scene import Picture as Basemap
from gridmap.model.scene import Raster
from gridmap.render.atlas.page import POINT, Picture
from gridmap.render.atlas.plane import Plane
from gridmap.render.codec import unpack_ints

Floats = npt.NDArray[np.float64]
Bounds = tuple[float, float, float, float]

PER_MM = 2.5  # pixels: some 60 an inch, for light that is smooth
PICTURE_PER_MM = 8.0  # and some 200 for a picture
# Heights from low to high in a steppe sheet's greens and tans (as js/relief.js has them).
TINTS = np.array(
    [[226, 232, 208], [238, 236, 214], [240, 230, 204], [231, 214, 184], [214, 194, 165]], dtype=float
)
FLAT = 0.7071  # the light of level ground: it comes out in its tint
DARKEST, LIGHTEST, DEPTH = 0.72, 1.08, 0.6
FAINT = 0.62  # how much of the tint is left beside white paper
FADE = 0.07  # of the grid's shorter side: it ends somewhere, and that is no border
STEPS = 4.0  # values of a colour that are told apart: fewer pack better


def relief(raster: Raster, plane: Plane) -> Picture | None:
    """Return the relief as it lies under a sheet; None where it does not reach.

    Method: for each pixel of the sheet its place in lon/lat, and there the value between the four cells
    around it; the raster is even in Web Mercator.
    """
    lonlat, size = _pixels(plane, PER_MM)
    box = (raster.west, raster.south, raster.east, raster.north)
    shade = _grid(raster.shade, raster.columns, raster.rows)
    height = _grid(raster.height, raster.height_columns, raster.height_rows)
    across, down = _cells(box, shade, lonlat, mercator=True)
    inside = _inside(shade, across, down)
    if not inside.any():
        return None
    known = _sample((shade > 0).astype(float), across, down)
    light = (_sample(shade, across, down) / np.maximum(known, 1e-6) - 1) / max(raster.shades - 1, 1) / FLAT
    lit = np.clip(1 + (light - 1) * DEPTH, DARKEST, LIGHTEST)
    level = _sample(height, *_cells(box, height, lonlat, mercator=True))
    step = np.clip(level / 255, 0, 1) * (len(TINTS) - 1)
    low = np.minimum(step.astype(int), len(TINTS) - 2)
    tint = TINTS[low] + (TINTS[low + 1] - TINTS[low]) * (step - low)[:, None]
    edge = np.minimum.reduce([across, down, raster.columns - 1 - across, raster.rows - 1 - down])
    seen = FAINT * known * inside * np.clip(edge / max(1.0, min(raster.columns, raster.rows) * FADE), 0, 1)
    colour = 255 + (tint * lit[:, None] - 255) * seen[:, None]
    return _picture(np.round(colour / STEPS) * STEPS, size, plane)


def basemap(held: Basemap, plane: Plane) -> Picture | None:
    """Return a basemap's picture as it lies under a sheet; None where it does not reach."""
    from PIL import Image  # noqa: PLC0415 - matplotlib brings it

    with Image.open(io.BytesIO(base64.b64decode(held.data))) as image:
        bands = np.asarray(image.convert("RGBA"), dtype=float)
    lonlat, size = _pixels(plane, PICTURE_PER_MM)
    box = (held.west, held.south, held.east, held.north)
    across, down = _cells(box, bands[..., 0], lonlat, mercator=held.spacing == "mercator")
    inside = _inside(bands[..., 0], across, down)
    if not inside.any():
        return None
    red, green, blue, seen = (_sample(bands[..., band], across, down) for band in range(4))
    share = (seen / 255 * held.opacity * inside)[:, None]
    return _picture(255 + (np.stack([red, green, blue], axis=1) - 255) * share, size, plane)


def _pixels(plane: Plane, per_mm: float) -> tuple[Floats, tuple[int, int]]:
    """Return the places of a sheet's pixels in lon/lat, row by row from the top, and rows and columns."""
    columns, rows = max(2, round(plane.frame.width * per_mm)), max(2, round(plane.frame.height * per_mm))
    left, bottom, right, top = plane.extent
    x = left + (np.arange(columns) + 0.5) / columns * (right - left)
    y = top - (np.arange(rows) + 0.5) / rows * (top - bottom)
    return plane.lonlat(np.stack([np.tile(x, rows), np.repeat(y, columns)], axis=1)), (rows, columns)


def _picture(colour: Floats, size: tuple[int, int], plane: Plane) -> Picture:
    pixels = np.clip(np.rint(colour), 0, 255).astype(np.uint8).reshape(*size, 3)
    box = plane.frame
    left, bottom, right, top = (round(one * POINT, 2) for one in (box.left, box.bottom, box.right, box.top))
    return Picture(pixels, (left, bottom, right, top))


def _cells(box: Bounds, grid: Floats, lonlat: Floats, *, mercator: bool) -> tuple[Floats, Floats]:
    """Return columns and rows, in cells from the middle of the first, at some places."""
    west, south, east, north = box
    rows, columns = grid.shape
    ends, lat = np.array([north, south]), lonlat[:, 1]
    if mercator:
        ends, lat = _mercator(ends), _mercator(lat)
    across = (lonlat[:, 0] - west) / (east - west) * columns - 0.5
    down = (ends[0] - lat) / (ends[0] - ends[1]) * rows - 0.5
    return np.nan_to_num(across, nan=-9.0), np.nan_to_num(down, nan=-9.0)


def _inside(grid: Floats, across: Floats, down: Floats) -> npt.NDArray[np.bool_]:
    rows, columns = grid.shape
    half = 0.5  # the first and the last cell reach as far beyond their middles
    held = (across > -half) & (across < columns - half) & (down > -half) & (down < rows - half)
    return np.asarray(held)


def _mercator(lat: Floats) -> Floats:
    return np.asarray(np.arctanh(np.sin(np.radians(lat))))


def _grid(packed: Packed, columns: int, rows: int) -> Floats:
    return unpack_ints(packed).reshape(rows, columns).astype(float)


def _sample(values: Floats, across: Floats, down: Floats) -> Floats:
    rows, columns = values.shape
    left = np.clip(np.floor(across), 0, columns - 2).astype(int)
    top = np.clip(np.floor(down), 0, rows - 2).astype(int)
    u, v = np.clip(across - left, 0, 1), np.clip(down - top, 0, 1)
    upper = values[top, left] * (1 - u) + values[top, left + 1] * u
    lower = values[top + 1, left] * (1 - u) + values[top + 1, left + 1] * u
    return np.asarray(upper * (1 - v) + lower * v)
