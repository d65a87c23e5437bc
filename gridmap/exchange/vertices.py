"""Positions in texts as shapes: lines, rings and areas that are what they say, or the reason why not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from gridmap.exchange.rings import FEWEST, OPEN

Floats = np.ndarray[Any, np.dtype[np.float64]]
Place = tuple[float, float]

NOT_NUMBERS = "has a position that is not lon,lat in numbers (decimals are written with a point)"
NOT_FINITE = "has a position that is not finite"
NOTHING = "has no position"
SEVERAL = "has several positions where one belongs"
LONE = "is a line of a single position"
SMALL = "has a ring of fewer than three corners"
NO_OUTLINE = "is an area without an outline"
OUTLINES = "is an area with two outlines"

# One way only to read a run of digits: a long one that is followed by something else ends at once.
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
# In a text of these alone, `float` takes nothing for a number that is none (``1_0``, ``nan``, ``１``).
PLAIN = re.compile(r"[-+0-9.eE,\s]*", re.ASCII)
# The height is not read: some programs write NaN.
ONE = re.compile(rf"\s*({NUMBER.pattern})\s*,\s*({NUMBER.pattern})\s*(?:,[^\s,]*\s*)?", re.ASCII)


class ShapeError(ValueError):
    """Positions make no shape; the text is the reason, and never holds a value."""


def position(text: str) -> Place:
    """Return the one position in a text ``lon,lat`` or ``lon,lat,height``.

    Raises
    ------
    ShapeError
        If it is none, or several.
    """
    found = ONE.fullmatch(text)
    if found is None:
        many = positions(text)
        if len(many) > 1:
            raise ShapeError(SEVERAL)
        return float(many[0, 0]), float(many[0, 1])
    return finite(float(found[1]), float(found[2]))


def positions(text: str) -> Floats:
    """Return positions ``lon,lat[,height]`` that are separated by blanks, as (n, 2) array, n at least 1.

    Raises
    ------
    ShapeError
        If one is none, or there are none.
    """
    words = text.split()
    if not words:
        raise ShapeError(NOTHING)
    found = _plain(text, words)
    if found is None:
        # Blanks behind a comma are not the format's, but leave no doubt: each has two or three numbers.
        words = re.sub(r",\s+", ",", text).split()
        found = np.array([_pair(word.split(",")) for word in words], dtype=np.float64)
    if not np.isfinite(found).all():
        raise ShapeError(NOT_FINITE)
    return found


def finite(x: float, y: float) -> Place:
    """Return a position; a ShapeError if it is not finite."""
    # The difference of anything infinite and itself is no number.
    if x - x != 0 or y - y != 0:
        raise ShapeError(NOT_FINITE)
    return x, y


def line(xy: Floats) -> Any:
    """Return a line; a ShapeError if it is a single position."""
    if len(xy) < 2:  # noqa: PLR2004 - a line has two ends
        raise ShapeError(LONE)
    return shapely.linestrings(xy)


def ring(xy: Floats, *, repair: bool) -> Floats:
    """Return the positions of a closed ring.

    Parameters
    ----------
    xy : (n, 2) ndarray
        Its corners.
    repair : bool
        Close it with its first corner where it is open.

    Raises
    ------
    ShapeError
        If it is open and may not be closed, or has fewer than three corners.
    """
    closed = bool((xy[0] == xy[-1]).all())
    if len(xy) + (not closed) < FEWEST:
        raise ShapeError(SMALL)
    if closed:
        return xy
    if not repair:
        raise ShapeError(OPEN)
    return np.vstack([xy, xy[:1]])


def area(outlines: Sequence[Floats], holes: Sequence[Floats], *, repair: bool) -> Any:
    """Return a polygon; a ShapeError if it has not exactly one outline, or a ring that is none."""
    if len(outlines) != 1:
        raise ShapeError(OUTLINES if outlines else NO_OUTLINE)
    return shapely.Polygon(ring(outlines[0], repair=repair), [ring(one, repair=repair) for one in holes])


def track(segments: Sequence[Sequence[Place]]) -> tuple[Any | None, int]:
    """Return the line of a recorded track, and how many of its segments are single positions and left out.

    A device that loses its signal leaves such segments behind. A track of nothing else is told.

    Returns
    -------
    tuple of geometry or None and int
        A line, several lines, or None if nothing was recorded.

    Raises
    ------
    ShapeError
        If there are positions, and no two in one segment.
    """
    lines = [shapely.LineString(one) for one in segments if len(one) > 1]
    lone = sum(len(one) == 1 for one in segments)
    if not lines and lone:
        raise ShapeError(LONE)
    if len(lines) <= 1:
        return (lines[0] if lines else None), lone
    return shapely.MultiLineString(lines), lone


def together(parts: Sequence[Any]) -> Any:
    """Return one shape of several: of one sort a multi-part shape, of several sorts a collection."""
    every = shapely.get_parts(np.array(parts, dtype=object)) if parts else np.empty(0, dtype=object)
    kinds = set(shapely.get_type_id(every).tolist())
    if kinds == {int(shapely.GeometryType.POINT)}:
        return shapely.multipoints(every)
    if kinds == {int(shapely.GeometryType.LINESTRING)}:
        return shapely.multilinestrings(every)
    if kinds == {int(shapely.GeometryType.POLYGON)}:
        return shapely.multipolygons(every)
    return shapely.geometrycollections(every)


def placed(shapes: Sequence[Any]) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Return shapes as an array, positions among them as points: made all at once, which is much faster."""
    out = np.full(len(shapes), None, dtype=object)
    at = [number for number, one in enumerate(shapes) if type(one) is tuple]
    others = [number for number, one in enumerate(shapes) if one is not None and type(one) is not tuple]
    if at:
        out[at] = shapely.points([shapes[number] for number in at])
    for number in others:
        out[number] = shapes[number]
    return out


def _plain(text: str, words: list[str]) -> Floats | None:
    """Return the positions of a text as programs write it, all with a height or none; None for any other."""
    commas = words[0].count(",")
    if commas not in {1, 2} or not PLAIN.fullmatch(text) or any(one.count(",") != commas for one in words):
        return None
    numbers = text.replace(",", " ").split()
    if len(numbers) != len(words) * (commas + 1):
        return None
    try:
        flat = np.fromiter(map(float, numbers), dtype=np.float64, count=len(numbers))
    except ValueError:
        return None
    return flat.reshape(len(words), commas + 1)[:, :2]


def _pair(numbers: list[str]) -> Place:
    if len(numbers) not in {2, 3} or not all(map(NUMBER.fullmatch, numbers[:2])):
        raise ShapeError(NOT_NUMBERS)
    return float(numbers[0]), float(numbers[1])
