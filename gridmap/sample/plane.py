"""A little plane geometry on arrays of metres, the same on every machine (no BLAS, no libm)."""

from __future__ import annotations

import numpy as np

from gridmap.sample.dice import Floats

MM = 3


def squared_gap(xy: Floats, place: Floats) -> Floats:
    """Return the squared distances, (n,), of places (n, 2) from one place (2,) or from as many (n, 2)."""
    away = xy - place
    return np.asarray(away[:, 0] ** 2 + away[:, 1] ** 2)


def lengths(line: Floats) -> Floats:
    """Return the length of a line up to each of its vertices, (n,)."""
    return np.concatenate([[0.0], np.cumsum(np.sqrt(squared_gap(line[1:], line[:-1])))])


def along(line: Floats, share: Floats) -> Floats:
    """Return the places at shares of a line's length, (n, 2), rounded to the millimetre."""
    upto = lengths(line)
    at = share * upto[-1]
    return np.round(np.column_stack([np.interp(at, upto, line[:, 0]), np.interp(at, upto, line[:, 1])]), MM)
