"""A small map in characters: the jurisdiction's outline, and where each reading of a file would put it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap import geo
from gridmap.project import intake

if TYPE_CHECKING:
    from gridmap.geo.readings import CrsReading
    from gridmap.project import Area

WIDTH, HEIGHT = 64, 20
# A Braille character is two dots wide and four high: Unicode 15.0, section 21.1, and the bit of each dot.
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
BLANK = 0x2800
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MARGIN = 0.15


def readings_map(readings: Sequence[CrsReading], area: Area) -> list[str]:
    """Return the lines of a map with a letter for each reading, and what each letter means.

    Parameters
    ----------
    readings : sequence of CrsReading
        What the coordinates of a file could be in.
    area : Area
        The project, for the outline.
    """
    shape = intake.jurisdiction(area)
    legend = [
        f"  {letter}  {one.title}: {one.option} ({one.lon:.5f} {one.lat:.5f}, {one.inside:.0%} inside, "
        f"{one.apart_m:,.0f} m from A)"
        for letter, one in zip(LETTERS, readings, strict=False)
    ]
    if shape is None:
        return legend
    outline = geo.to_lonlat(_outline(shape), area.spec.crs)
    places = np.array([(one.lon, one.lat) for one in readings], dtype=np.float64).reshape(-1, 2)
    return [*_drawn(outline, places), "", *legend]


def _outline(shape: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    x0, y0, x1, y1 = shape.bounds
    step = max(x1 - x0, y1 - y0) / (4 * WIDTH)
    found: np.ndarray[Any, np.dtype[np.float64]] = shapely.get_coordinates(
        shapely.segmentize(shape.boundary, step)
    )
    return found


def _drawn(outline: np.ndarray[Any, Any], places: np.ndarray[Any, Any]) -> list[str]:
    """Draw in dots, longitudes shortened as at the middle latitude, letters on top."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    shrink = np.array([np.cos(np.radians((low[1] + high[1]) / 2)), 1.0])
    size = (high - low) * shrink * (1 + 2 * MARGIN)
    scale = min(2 * WIDTH / size[0], 4 * HEIGHT / size[1])
    middle = (low + high) / 2

    def dots(lonlat: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        away = (lonlat - middle) * shrink * scale * np.array([1.0, -1.0])
        found: np.ndarray[Any, Any] = np.floor(away + np.array([WIDTH, 2 * HEIGHT])).astype(int)
        return found

    cells = np.full((HEIGHT, WIDTH), BLANK)
    for x, y in dots(outline):
        if 0 <= x < 2 * WIDTH and 0 <= y < 4 * HEIGHT:
            cells[y // 4, x // 2] |= DOTS[y % 4][x % 2]
    lines = [[chr(cell) for cell in row] for row in cells]
    for letter, (x, y) in reversed(list(zip(LETTERS, dots(places), strict=False))):
        if 0 <= x < 2 * WIDTH and 0 <= y < 4 * HEIGHT:
            lines[y // 4][x // 2] = letter
    return ["".join(line).rstrip(chr(BLANK)) for line in lines]
