"""A chart: from the plane of the working CRS to geocentric places without asking PROJ for each point.

Over square tiles the way plane -> lon/lat -> geocentric is smooth: a polynomial of total degree 4 over
32 km is within 3e-8 m of it in the usual projections. The fit is to PROJ itself, and each tile is checked
against PROJ on places between the nodes. Where one tile fails there is no chart, and all is left to the
exact code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridmap.geo.crs import geod, working_crs
from gridmap.geo.index.chart_fit import DEGREE, TERMS, fitted, in_v, powers

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

TILE_M = 32_000.0
MOST_TILES = 8192
# Points that are worked on together: their temporaries stay in the processor's cache.
CHUNK = 65_536
# Fewer points than this of a tile on average: the coefficients are gathered for each point instead.
FEW = 24
# How much the scale may differ between the places where it was measured and the rest of a tile.
SCALE_SLACK = 1.01
# Rounding of PROJ, of geocentric coordinates and of the geodesic: 5e-9 m was seen, and Karney states 15e-9.
NOISE_M = 4e-8


class ChartArrays(NamedTuple):
    """What a kernel needs of a chart.

    Parameters
    ----------
    box : tuple of float
        Western and southern edge of the tiles in the CRS, and the size of a tile, in metres.
    shape : tuple of int
        Tiles from west to east and from south to north.
    coef : array of float, shape (tiles, 15, 3)
        Coefficients of each tile, rows of tiles from the south; the terms are `chart_fit.EXPONENTS`.
    centre : tuple of float
        The origin of the geocentric coordinates that the polynomials give.
    flat : tuple of float
        Squares of the ratio of the ellipsoid's axes: (a/b)**2 and (a/b)**4.
    """

    box: tuple[float, float, float]
    shape: tuple[int, int]
    coef: Floats
    centre: tuple[float, float, float]
    flat: tuple[float, float]


@dataclass(frozen=True)
class Chart:
    """Polynomials for a box of the plane. Make it with `Chart.of`.

    Parameters
    ----------
    arrays : ChartArrays
        Tiles and coefficients.
    crs : CRS
        The working CRS.
    error_m : float
        Bound on the distance between what the chart and what PROJ says of a place, rounding included.
    stretch : float
        Bound on geocentric metres per metre of the plane, in every direction.
    """

    arrays: ChartArrays
    crs: CRS
    error_m: float
    stretch: float

    @classmethod
    def of(cls, bounds: Floats, crs: str | CRS) -> Chart | None:
        """Make the chart of a box.

        Parameters
        ----------
        bounds : array of float, shape (4,)
            West, south, east and north of the box, in metres of the CRS.
        crs : str or CRS
            Projected, metric.

        Returns
        -------
        Chart or None
            None where a chart does not serve: no extent, too many tiles, or a tile that fails the check.
        """
        box = np.asarray(bounds, dtype=np.float64)
        if not np.isfinite(box).all():
            return None
        first = np.floor(box[:2] / TILE_M)
        count = np.floor(box[2:] / TILE_M) - first + 1
        if (count < 1).any() or np.prod(count) > MOST_TILES:
            return None
        shape, working = (int(count[0]), int(count[1])), working_crs(crs)
        west, south = (float(each) for each in first * TILE_M)
        fit = fitted((west, south, TILE_M), shape, working)
        if fit is None:
            return None
        ratio = (geod(working).a / geod(working).b) ** 2
        arrays = ChartArrays(
            (west, south, TILE_M), shape, fit.coef, fit.centre, (float(ratio), float(ratio * ratio))
        )
        return cls(arrays, working, fit.error_m + NOISE_M, fit.stretch * SCALE_SLACK)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the tiles."""
        west, south, tile = self.arrays.box
        return west, south, west + tile * self.arrays.shape[0], south + tile * self.arrays.shape[1]

    def covers(self, bounds: Floats) -> bool:
        """Whether a box lies in the chart."""
        west, south, east, north = self.bounds
        return bool(bounds[0] >= west and bounds[1] >= south and bounds[2] < east and bounds[3] < north)

    def xyz(self, xy: Floats) -> Floats:
        """Return geocentric places relative to the chart's centre.

        Parameters
        ----------
        xy : array of float, shape (n, 2)
            Points in the CRS.

        Returns
        -------
        array of float, shape (n, 3)
            Metres, within `error_m`; NaN outside the chart.
        """
        out = np.full((len(xy), 3), np.nan)
        tiles = len(self.arrays.coef)
        step = max(CHUNK, FEW * tiles)
        for start in range(0, len(xy), step):
            some = slice(start, start + step)
            self._part(np.asarray(xy[some], dtype=np.float64), out[some])
        return out

    def lattice(self, corner: tuple[float, float], size: float, cells: Ints) -> Floats:
        """Return the places of the middles of square cells; as `xyz`, and quicker.

        Parameters
        ----------
        corner : tuple of float
            West and south of the first cell, in metres of the CRS.
        size : float
            Of a cell.
        cells : array of int, shape (n, 2)
            Columns and rows of cells that the chart covers.

        Returns
        -------
        array of float, shape (n, 3)
            Metres relative to the chart's centre, within `error_m`.
        """
        first, tile, (across, up) = np.array(self.arrays.box[:2]), self.arrays.box[2], self.arrays.shape
        at = [
            (np.arange(cells[:, axis].max(initial=0) + 1) + 0.5) * size + (corner[axis] - first[axis])
            for axis in (0, 1)
        ]
        (column, row), (u, v) = zip(*[_on_tile(each / tile) for each in at], strict=True)
        # What a row of cells has in common on each column of tiles is worked out once.
        coef = self.arrays.coef.reshape(up, across, TERMS, 3)[np.minimum(row, up - 1)]
        of_u = np.ascontiguousarray(in_v(coef, v[:, None, None]).reshape(-1, DEGREE + 1, 3).T)
        which, u = cells[:, 1] * across + column[cells[:, 0]], u[cells[:, 0]]
        out = np.empty((len(cells), 3))
        for axis in range(3):
            value = of_u[axis, DEGREE][which]
            for power in range(DEGREE - 1, -1, -1):
                value *= u
                value += of_u[axis, power][which]
            out[:, axis] = value
        return out

    def _part(self, xy: Floats, out: Floats) -> None:
        """Fill in the places of some points."""
        west, south, size = self.arrays.box
        across, up = self.arrays.shape
        with np.errstate(invalid="ignore"):
            column, row = np.floor((xy[:, 0] - west) / size), np.floor((xy[:, 1] - south) / size)
            inside = (column >= 0) & (column < across) & (row >= 0) & (row < up)
            tile = np.where(inside, row * across + column, len(self.arrays.coef)).astype(np.uint16)
            u = ((xy[:, 0] - west) - (column + 0.5) * size) * (2.0 / size)
            v = ((xy[:, 1] - south) - (row + 0.5) * size) * (2.0 / size)
        if len(xy) < FEW * len(self.arrays.coef):
            rows = np.flatnonzero(inside)
            out[rows] = np.einsum("kn,nkc->nc", powers(u[rows], v[rows]), self.arrays.coef[tile[rows]])
            return
        order = np.argsort(tile, kind="stable")
        end = np.cumsum(np.bincount(tile, minlength=len(self.arrays.coef)))
        u, v, placed = u[order], v[order], np.full((len(xy), 3), np.nan)
        for number in np.flatnonzero(np.diff(end[: len(self.arrays.coef)], prepend=0)):
            some = slice(end[number - 1] if number else 0, end[number])
            np.matmul(powers(u[some], v[some]).T, self.arrays.coef[number], out=placed[some])
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        placed.take(back, axis=0, out=out)


def _on_tile(tiles: Floats) -> tuple[Ints, Floats]:
    """Return the number of a tile and the place on it, from -1 to 1, for a way in tiles."""
    number = np.floor(tiles)
    return number.astype(np.int64), (tiles - number) * 2.0 - 1.0
