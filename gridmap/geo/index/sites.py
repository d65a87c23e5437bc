"""The nearest of many sites, looked up: cells of the plane with the sites that can be nearest in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from gridmap.geo.crs import to_lonlat, working_crs
from gridmap.geo.index.chart import CHUNK, Chart
from gridmap.geo.index.chart_cells import CellArrays, Lists, Plan, around, cell_of, refined
from gridmap.geo.index.chart_chord import MM, RANGE_M, geodesic, series_error, tie_margin, whole_mm
from gridmap.geo.index.compiling import compiled
from gridmap.geo.nearest import Nearest, chord_margin, geocentric, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

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
        plan = Plan.of(box, expected, len(usable))
        chart = Chart.of(plan.bounds, working)
        if chart is None:
            return bare
        local = place[usable] - np.array(chart.arrays.centre)
        cells = refined(plan, chart, _Judge(local), ENOUGH)
        sites = SiteArrays(local, usable)
        return cls(bare.ids, xy, working, sites, chart, cells, compiled(expected))

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
        return Nearest(index, np.where(index < 0, np.inf, millimetres / MM))

    def nearest_mm(self, xy: Floats) -> tuple[Ints, Ints]:
        """Find the nearest site of each point, and whole millimetres to it; see `nearest`.

        Returns
        -------
        index, millimetres : array of int, shape (n,)
            -1 where there is no site, or the point has no position.
        """
        points = np.ascontiguousarray(xy, dtype=np.float64).reshape(-1, 2)
        out = np.full((len(points), 2), DOUBT, dtype=np.int64)
        if not len(self.sites.usable):
            out[:] = NONE
        elif self.chart is not None and self.cells is not None:
            self._look_up(points, out, self.chart, self.cells)
        open_ = np.flatnonzero(out[:, 1] == DOUBT)
        if len(open_):
            found = nearest(points[open_], self.ids, self.xy, self.crs)
            out[open_, 0] = found.index
            out[open_, 1] = np.where(found.index < 0, NONE, np.rint(found.metres * MM))
        return out[:, 0], out[:, 1]

    def _look_up(self, xy: Floats, out: Ints, chart: Chart, cells: CellArrays) -> None:
        """Fill in what is sure."""
        if self.fast:
            from gridmap.geo.index.chart_compiled import nearest_sites  # noqa: PLC0415 - only where wanted

            nearest_sites(xy, chart.arrays, cells, self.sites, chart.error_m, out)
        else:
            for start in range(0, len(xy), CHUNK):
                some = slice(start, start + CHUNK)
                self._part(xy[some], out[some], chart, cells)

    def _part(self, xy: Floats, out: Ints, chart: Chart, cells: CellArrays) -> None:
        places, cell = self.sites.places, cell_of(xy, cells)
        row = np.flatnonzero(cell >= 0)
        first = cells.table[cell[row]]
        count = cells.items[first]
        at = chart.xyz(xy[row])
        found = cells.items[first + 1].astype(np.int64)
        best, second = _square(places[found] - at), np.full(len(row), np.inf)
        more, number = np.flatnonzero(count > 1), 1
        while len(more):
            site = cells.items[first[more] + (number + 1)].astype(np.int64)
            square = _square(places[site] - at[more])
            nearer = square < best[more]
            second[more] = np.minimum(second[more], np.where(nearer, best[more], square))
            best[more[nearer]], found[more[nearer]] = square[nearer], site[nearer]
            number += 1
            more = more[count[more] > number]
        chord = np.sqrt(best)
        metres = geodesic(places[found] - at, at, chart.arrays)
        millimetres, doubt = whole_mm(metres, chart.error_m + series_error(metres))
        doubt |= (np.sqrt(second) <= chord + tie_margin(chord)) | ~(metres <= RANGE_M)
        sure = np.flatnonzero(~doubt)
        out[row[sure]] = np.column_stack([self.sites.usable[found[sure]], millimetres[sure]])


class _Judge:
    """Keeps the sites that can be nearest to a place of a ball.

    Of two sites s and t the difference of squared chords ``|p - s|**2 - |p - t|**2`` is linear in p with
    slope ``2 (t - s)``, so in a ball of radius r around c it is no less than its value at c less
    ``2 r |s - t|``. With t the site nearest to c, s can only be as near to p as t, within the margin m of
    a tie, where the difference at p is at most ``2 m d + m**2``; and d, from p to t, is at most r more than
    from c.
    """

    def __init__(self, places: Floats) -> None:
        self.places = places

    def start(self, middle: Floats, radius: float) -> Lists:
        """Return the sites no more than the ball's diameter farther from its middle than the nearest."""
        tree = cKDTree(self.places)
        least = np.asarray(tree.query(middle)[0], dtype=np.float64) + 2.0 * radius
        return around(tree, middle, least + chord_margin(least))

    def keep(self, middle: Floats, radius: float, lists: Lists) -> tuple[Bools, Bools]:
        """Whether each site can be the nearest; see the class. Every cell is settled."""
        owner = lists.owner
        site = self.places[lists.items]
        square = _square(site - middle[owner])
        least = np.minimum.reduceat(square, lists.first)
        top = np.flatnonzero(square == least[owner])
        nearest_item = np.empty(len(middle), dtype=np.int64)
        nearest_item[owner[top]] = lists.items[top]
        farthest = np.sqrt(least) + radius
        margin = chord_margin(farthest)
        slack = (2.0 * farthest + margin) * margin
        apart = np.sqrt(_square(site - self.places[nearest_item][owner]))
        keep = square - least[owner] <= 2.0 * radius * apart + slack[owner]
        return keep, np.ones(len(middle), dtype=bool)

    def items(self, lists: Lists) -> Ints:
        """Return the sites as they are."""
        return lists.items


def _square(vector: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->i", vector, vector), dtype=np.float64)


def _around(xy: Floats) -> Floats:
    low, high = xy.min(axis=0), xy.max(axis=0)
    pad = max(AROUND_M, AROUND * float((high - low).max()))
    return np.concatenate([low - pad, high + pad])
