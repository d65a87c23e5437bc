"""From a chord to the geodesic, and whether a length is sure to the millimetre.

Along a geodesic of normal curvature k the length over a chord c is ``c + k**2 c**3 / 24 + ...``. With k**2
taken at the chord's middle, on the surface of the same shape through it, the next term is
``-11/1920 k**4 c**5``: on a sphere exactly, on the ellipsoid as far as is needed here. Against Karney's
geodesic the sum is within 1e-8 m up to 50 km and 1.8e-7 m at 100 km, and from there the error grows with
the fifth power of the length (5.7e-6 m at 200 km), in all directions and up to latitude 85.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridmap.geo.nearest import CURVATURE_SHARE, EARTH_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.index.chart import ChartArrays

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Beyond this no length is taken from a chord.
RANGE_M = 200_000.0
# Twice the error seen at REFERENCE_M; it grows with the fifth power.
SERIES_M = 4e-7
REFERENCE_M = 100_000.0
THIRD = 1.0 / 24.0
FIFTH = -11.0 / 1920.0
MM = 1000.0


def geodesic(chord: Floats, place: Floats, arrays: ChartArrays) -> Floats:
    """Return the geodesic length between two places of the ellipsoid.

    Parameters
    ----------
    chord : array of float, shape (n, 3)
        From the one to the other, in geocentric metres.
    place : array of float, shape (n, 3)
        The one, relative to the chart's centre.
    arrays : ChartArrays
        For the centre and the ellipsoid.

    Returns
    -------
    array of float, shape (n,)
        Metres, within `series_error`.
    """
    second, fourth = arrays.flat
    middle = 2.0 * (place + np.asarray(arrays.centre)) + chord
    square = np.einsum("ij,ij->i", chord, chord)
    bent = square + (second - 1.0) * chord[:, 2] ** 2
    steep = middle[:, 0] ** 2 + middle[:, 1] ** 2 + fourth * middle[:, 2] ** 2
    # The square of curvature times chord: 4 bent**2 / (square * steep).
    turn = 4.0 * bent * (bent / np.maximum(square, np.finfo(np.float64).tiny)) / steep
    return np.asarray(np.sqrt(square) * (1.0 + turn * (THIRD + turn * FIFTH)), dtype=np.float64)


def series_error(metres: Floats) -> Floats:
    """Return the bound on the error of `geodesic`, without that of the places."""
    return np.asarray(SERIES_M * (metres / REFERENCE_M) ** 5, dtype=np.float64)


def tie_margin(chord: Floats) -> Floats:
    """Return how much longer a chord can be whose geodesic is as short to the millimetre.

    A millimetre, and what the ellipsoid's curvature differs between two directions.
    """
    return np.asarray(1.001e-3 + CURVATURE_SHARE * chord * (chord / EARTH_M) ** 2, dtype=np.float64)


def whole_mm(metres: Floats, error_m: Floats | float) -> tuple[Ints, Bools]:
    """Round to millimetres, and say where a length so uncertain might round otherwise."""
    finite = np.isfinite(metres)
    scaled = np.where(finite, metres, 0.0) * MM
    rounded = np.rint(scaled)
    doubt = np.abs(scaled - rounded) >= 0.5 - np.asarray(error_m) * MM
    return rounded.astype(np.int64), np.asarray(doubt | ~finite, dtype=bool)
