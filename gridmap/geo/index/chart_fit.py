"""The polynomials of a chart: fitted at Chebyshev nodes, checked between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.crs import to_lonlat
from gridmap.geo.nearest import geocentric

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    Floats = NDArray[np.float64]

DEGREE = 4
NODES = 6
CHECKS = 6
# The terms u**i * v**j in the order of the coefficients.
EXPONENTS = tuple((i, j) for i in range(DEGREE + 1) for j in range(DEGREE + 1 - i))
TERMS = len(EXPONENTS)
# A tile whose polynomial is farther off than this, at a place between the nodes, does not serve.
OFF_M = 5e-8
# The error between the places of a check is smooth, and at most about this much larger than at them.
BETWEEN = 1.5
# Tiles that are fitted in one go: bounds the memory.
GO = 512


@dataclass(frozen=True)
class Fit:
    """Coefficients of the tiles, their origin, and the bounds that hold on all of them."""

    coef: Floats
    centre: tuple[float, float, float]
    error_m: float
    stretch: float


def powers(u: Floats, v: Floats) -> Floats:
    """Return the terms of the polynomial, shape (TERMS, n), for u and v from -1 to 1."""
    out = np.empty((TERMS, len(u)))
    out[0] = 1.0
    row = {each: number for number, each in enumerate(EXPONENTS)}
    for (i, j), number in row.items():
        if j:
            np.multiply(out[row[i, j - 1]], v, out=out[number])
        elif i:
            np.multiply(out[row[i - 1, 0]], u, out=out[number])
    return out


def in_v(coef: Floats, v: Floats) -> Floats:
    """Return the coefficients of the powers of u where v is given.

    Parameters
    ----------
    coef : array of float, shape (..., TERMS, c)
        Of all terms.
    v : array of float
        From -1 to 1; broadcast against (..., c).

    Returns
    -------
    array of float, shape (..., DEGREE + 1, c)
        Of u to the power 0, 1, and so on.
    """
    out = []
    for power in range(DEGREE + 1):
        at = [number for number, (i, _) in enumerate(EXPONENTS) if i == power]
        value = coef[..., at[-1], :]
        for number in at[-2::-1]:
            value = value * v + coef[..., number, :]
        out.append(value)
    return np.stack(out, axis=-2)


def fitted(box: tuple[float, float, float], shape: tuple[int, int], crs: CRS) -> Fit | None:
    """Fit all tiles of a box.

    Parameters
    ----------
    box : tuple of float
        West and south of the box and the size of a tile, in metres of the CRS.
    shape : tuple of int
        Tiles from west to east and from south to north.
    crs : CRS
        The working CRS.

    Returns
    -------
    Fit or None
        None if a tile does not serve.
    """
    number = np.arange(shape[0] * shape[1])
    middle = np.column_stack([number % shape[0], number // shape[0]]) + 0.5
    middle = middle * box[2] + np.array(box[:2])
    centre = np.round(geocentric(to_lonlat(middle, crs), crs).mean(axis=0))
    if not np.isfinite(centre).all():
        return None
    go = [_tiles(middle[start : start + GO], box[2], centre, crs) for start in range(0, len(number), GO)]
    coef, off, stretch = (np.concatenate([each[part] for each in go]) for part in range(3))
    if not (off <= OFF_M).all():
        return None
    x, y, z = (float(each) for each in centre)
    return Fit(coef, (x, y, z), float(off.max()) * BETWEEN, float(stretch.max()))


def _tiles(middle: Floats, size: float, centre: Floats, crs: CRS) -> tuple[Floats, Floats, Floats]:
    """Return coefficients, largest error at the checks and largest stretch of some tiles."""
    node = np.cos((2 * np.arange(NODES) + 1) * np.pi / (2 * NODES))
    check = np.linspace(-1.0, 1.0, CHECKS)
    solve = np.linalg.pinv(powers(*_square(node)).T)
    both = [np.concatenate(each) for each in zip(_square(node), _square(check), strict=True)]
    wanted, seen = np.split(_asked(middle, size, (both[0], both[1]), crs) - centre, [NODES**2], axis=1)
    coef = np.einsum("kn,tnc->tkc", solve, wanted)
    said = np.einsum("kn,tkc->tnc", powers(*_square(check)), coef)
    off = np.sqrt(((said - seen) ** 2).sum(axis=2)).max(axis=1)
    across, up = (np.einsum("kn,tkc->tnc", each, coef) for each in _slopes(*_square(check)))
    a, b, c = (np.einsum("tnc,tnc->tn", *each) for each in ((across, across), (across, up), (up, up)))
    # The larger singular value of the 3 x 2 matrix of slopes.
    largest = np.sqrt((a + c) / 2 + np.sqrt(((a - c) / 2) ** 2 + b * b)).max(axis=1) * (2.0 / size)
    return coef, off, largest


def _square(at: Floats) -> tuple[Floats, Floats]:
    u, v = np.meshgrid(at, at)
    return u.reshape(-1), v.reshape(-1)


def _asked(middle: Floats, size: float, uv: tuple[Floats, Floats], crs: CRS) -> Floats:
    """Return what PROJ says of the same places of every tile, shape (tiles, places, 3)."""
    xy = middle[:, None, :] + np.column_stack(uv)[None, :, :] * (size / 2.0)
    return geocentric(to_lonlat(xy.reshape(-1, 2), crs), crs).reshape(len(middle), -1, 3)


def _slopes(u: Floats, v: Floats) -> tuple[Floats, Floats]:
    across = [i * u ** max(i - 1, 0) * v**j for i, j in EXPONENTS]
    up = [j * u**i * v ** max(j - 1, 0) for i, j in EXPONENTS]
    return np.asarray(across), np.asarray(up)
