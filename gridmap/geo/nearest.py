"""The nearest target of each point, exact in geodesic metres, ties to the smaller id."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap.geo.crs import geod, to_lonlat, working_crs
from gridmap.geo.measure import inverse, round_mm

if TYPE_CHECKING:
    import scipy
    from numpy.typing import NDArray
    from pyproj import CRS

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

FIRST_NEIGHBOURS = 2
# Rows times neighbours that are looked at in one go: bounds the memory.
CHUNK = 2_000_000
# So many distances are worked out sooner than scipy is loaded; and in one go, in the processor's cache.
PAIRS, TOGETHER = 4_000_000, 100_000
# How much the order of chords may differ from the order of geodesics: rounding, and the ellipsoid being
# curved up to 0.7 % more in one direction than in another (a 24th of it by the square of the chord).
CHORD_SHARE = 1e-7
CURVATURE_SHARE = 1e-3
TIE_M = 0.005
EARTH_M = 6.37e6


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest targets of n points.

    Parameters
    ----------
    index : array of int, shape (n,)
        Position of the target; -1 where there is none, or the point has no position.
    metres : array of float, shape (n,)
        Geodesic metres, to the millimetre; infinite where there is none.
    """

    index: Ints
    metres: Floats


def geocentric(lonlat: Floats, crs: str | CRS) -> Floats:
    """Return positions on the ellipsoid as x, y, z in metres from the earth's centre, shape (n, 3)."""
    ellipsoid = geod(crs)
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    normal = ellipsoid.a / np.sqrt(1.0 - ellipsoid.es * np.sin(lat) ** 2)
    return np.column_stack(
        [
            normal * np.cos(lat) * np.cos(lon),
            normal * np.cos(lat) * np.sin(lon),
            normal * (1.0 - ellipsoid.es) * np.sin(lat),
        ]
    )


@dataclass(frozen=True)
class Places:
    """Geocentric places that are asked for the nearest of them: few pairs all at once, many by a k-d tree.

    Parameters
    ----------
    xyz : array of float, shape (m, 3)
        Metres from the earth's centre.
    leaf : int
        Places in a leaf of the tree.
    """

    xyz: Floats
    leaf: int = 16

    @property
    def n(self) -> int:
        """How many places there are."""
        return len(self.xyz)

    @cached_property
    def _tree(self) -> scipy.spatial.cKDTree:
        from scipy.spatial import cKDTree  # noqa: PLC0415 - takes long to load, and is rarely needed

        return cKDTree(self.xyz, leafsize=self.leaf)

    def neighbours(self, xyz: Floats, k: int) -> tuple[Floats, Ints]:
        """Find the k nearest places, by chord.

        Parameters
        ----------
        xyz : array of float, shape (n, 3)
            Metres from the earth's centre.
        k : int
            From 1 to as many as there are places.

        Returns
        -------
        chord, which : array, shape (n, k)
            Metres, and which places these are; nearest first. In what order equal ones come is not said.
        """
        if len(xyz) * self.n > PAIRS:
            chord, which = self._tree.query(xyz, k=np.arange(1, k + 1))
            return np.asarray(chord, dtype=np.float64), np.asarray(which, dtype=np.int64)
        step = max(1, TOGETHER // self.n)
        parts = [self._all(xyz[first : first + step], k) for first in range(0, max(len(xyz), 1), step)]
        return np.concatenate([each[0] for each in parts]), np.concatenate([each[1] for each in parts])

    def _all(self, xyz: Floats, k: int) -> tuple[Floats, Ints]:
        """Do the same by every distance."""
        square = np.zeros((len(xyz), self.n))
        for axis in range(3):
            away = xyz[:, axis, None] - self.xyz[None, :, axis]
            away *= away
            square += away
        which = np.argpartition(square, k - 1, axis=1)[:, :k] if k < self.n else np.argsort(square, axis=1)
        near = np.take_along_axis(square, which, axis=1)
        order = np.argsort(near, axis=1)
        which = np.take_along_axis(which, order, axis=1)
        return np.sqrt(np.take_along_axis(near, order, axis=1)), which.astype(np.int64)


def chord_margin(chord: Floats) -> Floats:
    """Return how much longer a chord may be whose geodesic is as short, to the millimetre, in metres."""
    share = CHORD_SHARE + CURVATURE_SHARE * (chord / EARTH_M) ** 2
    return np.asarray(chord * share + TIE_M, dtype=np.float64)


def nearest(xy: Floats, ids: NDArray[Any], xy_target: Floats, crs: str | CRS) -> Nearest:
    """Find the nearest target of each point.

    Parameters
    ----------
    xy : array of float, shape (n, 2)
        Points in the CRS; NaN where a point has no position.
    ids : array of str, shape (m,)
        Ids of the targets, in code-point order.
    xy_target : array of float, shape (m, 2)
        Positions of the targets in the CRS.
    crs : str or CRS
        Projected, metric.

    Returns
    -------
    Nearest
        Among targets at the same distance to the millimetre, the one with the smaller id.

    Raises
    ------
    ValueError
        If there are not as many ids as targets.

    Notes
    -----
    Chords between geocentric positions offer the candidates, the geodesic decides among them.
    """
    points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    targets = np.asarray(xy_target, dtype=np.float64).reshape(-1, 2)
    if len(ids) != len(targets):
        msg = "ids and xy_target differ in length"
        raise ValueError(msg)
    index = np.full(len(points), -1, dtype=np.int64)
    metres = np.full(len(points), np.inf)
    here, there = to_lonlat(points, crs), to_lonlat(targets, crs)
    usable = np.flatnonzero(np.isfinite(there).all(axis=1))
    asked = np.flatnonzero(np.isfinite(here).all(axis=1))
    if len(usable) == 0 or len(asked) == 0:
        return Nearest(index, metres)
    # Of targets at one position only the first, that is the smallest id, can win.
    _, first = np.unique(there[usable], axis=0, return_index=True)
    usable = usable[np.sort(first)]
    search = _Search(here[asked], there[usable], working_crs(crs))
    found, metres[asked] = search.run()
    index[asked] = usable[found]
    return Nearest(index, metres)


class _Search:
    """Candidates by chord, decision by geodesic; rows with many near ties are asked again, wider."""

    def __init__(self, here: Floats, there: Floats, crs: CRS) -> None:
        self.crs = crs
        self.here, self.there = here, there
        self.places = Places(geocentric(there, crs))

    def run(self) -> tuple[Ints, Floats]:
        """Return position and metres of the nearest target of every point."""
        index, metres = np.zeros(len(self.here), dtype=np.int64), np.full(len(self.here), np.inf)
        rows, k = np.arange(len(self.here)), FIRST_NEIGHBOURS
        while len(rows):
            k = min(k, self.places.n)
            step, again = max(1, CHUNK // k), []
            for start in range(0, len(rows), step):
                some = rows[start : start + step]
                chord, candidate = self.places.neighbours(geocentric(self.here[some], self.crs), k)
                near = chord <= (chord[:, 0] + chord_margin(chord[:, 0]))[:, None]
                index[some], metres[some] = self._decide(some, candidate, near)
                # A row whose farthest candidate is still within the margin may have more of them.
                again.append(some[near[:, -1]] if k < self.places.n else some[:0])
            rows, k = np.concatenate(again), k * 4
        return index, metres

    def _decide(self, rows: Ints, candidate: Ints, near: Bools) -> tuple[Ints, Floats]:
        row, column = np.nonzero(near)
        target = candidate[row, column]
        exact = inverse(self.here[rows[row]], self.there[target], self.crs)[1]
        distance = np.full(near.shape, np.inf)
        distance[row, column] = round_mm(exact)
        best = distance.min(axis=1)
        # Targets stand in the order of their ids: the smallest position is the smallest id.
        tied = np.where(distance == best[:, None], candidate, self.places.n)
        return tied.min(axis=1).astype(np.int64), best
