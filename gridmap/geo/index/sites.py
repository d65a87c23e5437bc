"""The nearest of many sites, looked up: cells of the plane with the sites that can be nearest in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gridmap.geo.crs import to_lonlat, working_crs
from gridmap.geo.index.chart import CHUNK, Chart
from gridmap.geo.index.chart_cells import CellArrays, Plan, cell_of, refined
from gridmap.geo.index.chart_chord import MM, RANGE_M, geodesic, series_error, tie_margin, whole_mm
from gridmap.geo.index.chart_judge import Judge, Rules, Things
from gridmap.geo.index.compiling import compiled
from gridmap.geo.nearest import Nearest, geocentric, nearest
from gridmap.geo.threads import cut, in_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Shorts = NDArray[np.int32]

# Points are expected in the box of the sites and this far around it, and no less than this share of it.
AROUND_M = 30_000.0
AROUND = 0.1
# Lists as short as this are not worth finer cells.
ENOUGH = 1
NONE, DOUBT = -1, -2


class SiteArrays(NamedTuple):
    """What a kernel needs of the sites.

    Parameters
    ----------
    places : array of float, shape (k, 3)
        Geocentric places of the sites in the lists, relative to the chart's centre.
    usable : array of int, shape (k,)
        Which of the sites these are: those with a position, the first of each place.
    """

    places: Floats
    usable: Ints


@dataclass(frozen=True)
class SiteIndex:
    """Sites, and for each cell of the plane those that can be nearest. Make it with `SiteIndex.of`.

    Parameters
    ----------
    ids : array of str, shape (m,)
        Ids of the sites, in code-point order.
    xy : array of float, shape (m, 2)
        Their positions in the CRS.
    crs : CRS
        The working CRS.
    sites : SiteArrays
        Those that stand in the lists.
    chart : Chart or None
        None where every point is left to `gridmap.geo.nearest`.
    cells : CellArrays or None
        Likewise.
    fast : bool
        Whether places are looked up by compiled kernels.
    """

    ids: NDArray[Any]
    xy: Floats
    crs: CRS
    sites: SiteArrays
    chart: Chart | None
    cells: CellArrays | None
    fast: bool = False

    @classmethod
    def of(
        cls,
        ids: NDArray[Any],
        xy_target: Floats,
        crs: str | CRS,
        *,
        expected: int = 1_000_000,
        bounds: Floats | None = None,
    ) -> SiteIndex:
        """Prepare for many points.

        Parameters
        ----------
        ids : array of str, shape (m,)
            Ids of the sites, in code-point order.
        xy_target : array of float, shape (m, 2)
            Their positions in the CRS; NaN where there is none.
        crs : str or CRS
            Projected, metric.
        expected : int
            About how many points will be asked; decides how fine the cells are and whether kernels are
            compiled, never an answer.
        bounds : array of float, shape (4,), optional
            West, south, east and north of the box in which the points lie; else the sites' box and 30 km
            around it, a tenth of its extent at least. Points outside are answered as well, but slower.

        Raises
        ------
        ValueError
            If there are not as many ids as sites.
        """
        xy, working = np.asarray(xy_target, dtype=np.float64).reshape(-1, 2), working_crs(crs)
        if len(ids) != len(xy):
            msg = "ids and xy_target differ in length"
            raise ValueError(msg)
        place = geocentric(to_lonlat(xy, working), working)
        usable = np.flatnonzero(np.isfinite(place).all(axis=1))
        # Of sites at one position only the first, that is the smallest id, can win.
        usable = np.sort(usable[np.unique(xy[usable], axis=0, return_index=True)[1]])
        bare = cls(np.asarray(ids), xy, working, SiteArrays(np.empty((0, 3)), usable), None, None)
        if not len(usable):
            return bare
        box = _around(xy[usable]) if bounds is None else np.asarray(bounds, dtype=np.float64)
        plan = Plan.of(box, expected)
        chart = Chart.of(plan.bounds, working)
        if chart is None:
            return bare
        local = place[usable] - np.array(chart.arrays.centre)
        fast = compiled(expected)
        cells = refined(plan, chart, Judge(Things.of_sites(local), Rules(ENOUGH), fast=fast))
        return cls(bare.ids, xy, working, SiteArrays(local, usable), chart, cells, fast)

    def nearest(self, xy: Floats) -> Nearest:
        """Find the nearest site of each point, as `gridmap.geo.nearest` does.

        Parameters
        ----------
        xy : array of float, shape (n, 2)
            Points in the CRS; NaN where a point has no position.

        Returns
        -------
        Nearest
            Among sites at the same distance to the millimetre, the one with the smaller id.
        """
        index, millimetres = self.nearest_mm(xy)
        return Nearest(index.astype(np.int64), np.where(index < 0, np.inf, millimetres / MM))

    def nearest_mm(self, xy: Floats) -> tuple[Shorts, Ints]:
        """Find the nearest site of each point, and whole millimetres to it; see `nearest`.

        Returns
        -------
        index : array of int32, shape (n,)
        millimetres : array of int, shape (n,)
            -1 where there is no site, or the point has no position.
        """
        points = np.ascontiguousarray(xy, dtype=np.float64).reshape(-1, 2)
        index, millimetres = self.look_up(points)
        open_ = np.flatnonzero(millimetres == DOUBT)
        if len(open_):
            found = nearest(points[open_], self.ids, self.xy, self.crs)
            index[open_] = found.index
            millimetres[open_] = np.where(found.index < 0, NONE, np.rint(found.metres * MM))
        return index, millimetres

    def look_up(self, xy: Floats) -> tuple[Shorts, Ints]:
        """Return the nearest sites and millimetres to them where they are sure, else `DOUBT` twice."""
        out = (np.empty(len(xy), dtype=np.int32), np.empty(len(xy), dtype=np.int64))
        chart, cells = self.chart, self.cells
        if chart is None or cells is None:
            out[0][:] = out[1][:] = DOUBT
            return out
        if self.fast:
            from gridmap.geo.index.chart_compiled import nearest_sites  # noqa: PLC0415 - only where wanted

            def work(some: slice) -> None:
                into = (out[0][some], out[1][some])
                nearest_sites(xy[some], chart.arrays, cells, self.sites, chart.error_m, into)
        else:

            def work(some: slice) -> None:
                for part in cut(some, CHUNK):
                    self._part(xy[part], chart, cells, (out[0][part], out[1][part]))

        in_parts(len(xy), work)
        return out

    def _part(self, xy: Floats, chart: Chart, cells: CellArrays, out: tuple[Shorts, Ints]) -> None:
        """Fill in what `look_up` returns for some points."""
        out[0][:] = out[1][:] = DOUBT
        places, cell = self.sites.places, cell_of(xy, cells)
        row = np.flatnonzero(cell >= 0)
        first = cells.table[cell[row]]
        count = cells.items[first]
        # Rows are taken, not indexed: that is four times as fast.
        at = chart.xyz(xy.take(row, axis=0))
        found = cells.items[first + 1].astype(np.int64)
        best, second = _square(places.take(found, axis=0) - at), np.full(len(row), np.inf)
        more, number = np.flatnonzero(count > 1), 1
        while len(more):
            site = cells.items[first[more] + (number + 1)].astype(np.int64)
            square, till = _square(places.take(site, axis=0) - at.take(more, axis=0)), best[more]
            second[more] = np.minimum(second[more], np.maximum(square, till))
            nearer = np.flatnonzero(square < till)
            won = more[nearer]
            best[won], found[won] = square[nearer], site[nearer]
            number += 1
            more = more[count[more] > number]
        chord = np.sqrt(best)
        metres = geodesic(places.take(found, axis=0) - at, at, chart.arrays)
        millimetres, doubt = whole_mm(metres, chart.error_m + series_error(metres))
        doubt |= (np.sqrt(second) <= chord + tie_margin(chord)) | ~(metres <= RANGE_M)
        sure = np.flatnonzero(~doubt)
        out[0][row[sure]], out[1][row[sure]] = self.sites.usable[found[sure]], millimetres[sure]


def _square(vector: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->i", vector, vector), dtype=np.float64)


def _around(xy: Floats) -> Floats:
    low, high = xy.min(axis=0), xy.max(axis=0)
    pad = max(AROUND_M, AROUND * float((high - low).max()))
    return np.concatenate([low - pad, high + pad])
