"""Well-known text as shapes: row by row where one is wrong, with rings closed only where that was asked."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.errors import GEOSException

Geoms = np.ndarray[Any, np.dtype[np.object_]]
NO_TEXT = "is not well-known text (WKT)"
OPEN = "has a ring that is not closed (--repair closes it)"
NESTED = "is nested too deeply"
# A polygon in a multipolygon in a few collections; a hundred thousand overflow the stack.
DEEPEST = 32
# PostGIS writes the code in front; it is no part of well-known text.
SRID = re.compile(r"SRID\s*=\s*[0-9]+\s*;\s*", re.IGNORECASE)
AREAS = re.compile(r"\s*(MULTI)?(POLYGON|SURFACE)", re.IGNORECASE)
# A triangle, closed.
FEWEST = 4
RING = re.compile(r"\(([^()]+)\)")


def from_wkt(
    cells: Sequence[Any], *, repair: bool, most: int | None = None
) -> tuple[Geoms, list[tuple[int, str]]]:
    """Read well-known text.

    Parameters
    ----------
    cells : sequence
        Texts; None and blanks are no shape.
    repair : bool
        Close rings that are open.
    most : int, optional
        How many vertices one shape may have.

    Returns
    -------
    (n,) object ndarray
        Shapes; None where a cell is empty or wrong.
    list of (int, str)
        Position and reason of each that is wrong.
    """
    texts = np.array(
        [_bare(cell) if isinstance(cell, str) and cell.strip() else None for cell in cells],
        dtype=object,
    )
    given = np.array(
        [not (cell is None or (isinstance(cell, str) and not cell.strip())) for cell in cells], dtype=bool
    )
    wrong: list[tuple[int, str]] = []
    for at, text in enumerate(texts):
        reason = None if text is None else _too_much(text, most)
        if reason is not None:
            texts[at], given[at] = None, False
            wrong.append((at, reason))
    shapes = _parsed(texts)
    for at in np.flatnonzero(given & shapely.is_missing(shapes)).tolist():
        closed = _closed(texts[at]) if isinstance(texts[at], str) else None
        if closed is None:
            wrong.append((at, NO_TEXT))
        elif repair:
            shapes[at] = closed
        else:
            wrong.append((at, OPEN))
    return shapes, sorted(wrong)


def _bare(cell: str) -> str:
    """Return well-known text without the code in front of it."""
    text = cell.lstrip()
    code = SRID.match(text)
    return text if code is None else text[code.end() :]


def _too_much(text: str, most: int | None) -> str | None:
    """Say why a text is not even to be parsed: that takes memory and stack of this very process."""
    if most is not None and text.count(",") >= most:
        return f"has more vertices than the {most} that are allowed (max_vertices of [imports])"
    brackets = text.count("(")
    if brackets > DEEPEST:
        signs = re.sub(r"[^()]", "", text)
        deep = max(itertools.accumulate(1 if sign == "(" else -1 for sign in signs))
        return NESTED if deep > DEEPEST else None
    return None


def _parsed(texts: Geoms) -> Geoms:
    with np.errstate(all="ignore"):
        try:
            found = shapely.from_wkt(texts, on_invalid="ignore")
        except (NotImplementedError, GEOSException):
            # One curve stops all of them.
            found = np.array([*map(_one, texts), None], dtype=object)[:-1]
    return np.asarray(found, dtype=object).reshape(len(texts))


def _one(text: str | None) -> Any | None:
    try:
        return shapely.from_wkt(text, on_invalid="ignore")
    except (NotImplementedError, GEOSException):
        return None


def _closed(text: str) -> Any | None:
    """Return the area whose rings are the text's, each closed with its first vertex; None if that is none."""
    if not AREAS.match(text):
        return None
    try:
        return shapely.from_wkt(RING.sub(_close, text))
    except (NotImplementedError, GEOSException):
        return None


def _close(ring: re.Match[str]) -> str:
    vertices = [vertex.strip() for vertex in ring[1].split(",")]
    if vertices[0].split() != vertices[-1].split():
        vertices.append(vertices[0])
    # Two vertices there and back are no area: nothing to mend.
    return "(" + ", ".join(vertices) + ")" if len(vertices) >= FEWEST else "()"
