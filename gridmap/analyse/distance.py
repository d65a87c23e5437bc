"""Who reaches what by straight distance over the ellipsoid."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from gridmap import geo
from gridmap.analyse.demand import Demand, Floats, Ints, Posts
from gridmap.analyse.reached import NOBODY, HomesReached, Reached
from gridmap.geo.discs import discs
from gridmap.geo.measure import inverse, round_mm
from gridmap.geo.nearest import chord_margin, geocentric
from gridmap.geo.reach import chord_of, reach_line

# Homes, and pairs of them with strongholds, that are looked at in one go: bounds the memory.
CHUNK, PAIRS = 250_000, 8_000_000
ROUNDING_M = 1e-3


def by_distance(demand: Demand, posts: Posts, reach_m: Floats) -> Reached:
    """Find what keepers reach by geodesic distance.

    Parameters
    ----------
    demand : Demand
        What is to be covered.
    posts : Posts
        The m keepers.
    reach_m : array of float, shape (m,)
        How far each of them reaches in geodesic metres, inclusive (to the millimetre).

    Returns
    -------
    Reached
        In metres. Only outposts of line units reach the border, only strongholds reach homes; the ground of
        each keeper is the geodesic disc around it.
    """
    reach = np.asarray(reach_m, dtype=np.float64)
    line = [np.empty((0, 2)) for _ in posts.ids]
    keepers = np.flatnonzero(posts.line)
    if demand.border is not None:
        for row, spans in zip(
            keepers, reach_line(demand.border, posts.xy[keepers], reach[keepers]), strict=True
        ):
            line[row] = spans
    return Reached(line, discs(posts.xy, reach, demand.crs), reach_homes(demand, posts, reach), "m")


def reach_homes(demand: Demand, posts: Posts, reach_m: Floats) -> HomesReached:
    """Find which strongholds reach each home; parameters as for `by_distance`.

    Notes
    -----
    Pairs within reach are found by their chords in k-d trees over geocentric positions; only those so near
    to the limit that the chord cannot tell are measured by the geodesic.
    """
    rows = np.flatnonzero(posts.stronghold)
    found = HomesReached.none(len(demand.homes.ids))
    lonlat = geo.to_lonlat(demand.homes.xy, demand.crs)
    known = np.flatnonzero(np.isfinite(lonlat).all(axis=1))
    if not len(rows) or not len(known):
        return found
    there = geo.to_lonlat(posts.xy[rows], demand.crs)
    near = geo.nearest(demand.homes.xy, posts.ids[rows], posts.xy[rows], demand.crs)
    found.nearest[:] = np.where(near.index >= 0, rows[near.index], NOBODY)
    found.away[:] = near.metres
    for reach in np.unique(reach_m[rows]):
        group = np.flatnonzero(reach_m[rows] == reach)
        same = _Group(there[group], float(reach), demand.crs)
        step = max(1, min(CHUNK, PAIRS // len(group)))
        for first in range(0, len(known), step):
            some = known[first : first + step]
            count, one = same.count(lonlat[some])
            found.count[some] += count
            single = np.flatnonzero(count == 1)
            found.only[some[single]] = rows[group[one[single]]]
    found.only[found.count != 1] = NOBODY
    return found


class _Group:
    """Strongholds that reach equally far."""

    def __init__(self, lonlat: Floats, reach: float, crs: str) -> None:
        self.lonlat, self.reach, self.crs = lonlat, reach, crs
        self.tree = cKDTree(geocentric(lonlat, crs))
        chord = chord_of(np.array([reach]))
        # A distance that rounds to the limit is within it.
        margin = chord_margin(chord) + ROUNDING_M
        self.least, self.most = float((chord - margin)[0]), float((chord + margin)[0])

    def count(self, lonlat: Floats) -> tuple[Ints, Ints]:
        """Return how many reach each home, and which one that is where it is one alone."""
        homes = cKDTree(geocentric(lonlat, self.crs))
        pairs = homes.sparse_distance_matrix(self.tree, self.most, output_type="ndarray")
        home, keeper = pairs["i"].astype(np.int64), pairs["j"].astype(np.int64)
        inside = np.asarray(pairs["v"] <= self.least, dtype=np.bool_)
        doubt = np.flatnonzero(~inside)
        exact = inverse(lonlat[home[doubt]], self.lonlat[keeper[doubt]], self.crs)[1]
        inside[doubt] = round_mm(exact) <= self.reach
        home, keeper = home[inside], keeper[inside]
        count = np.bincount(home, minlength=len(lonlat))
        # The sum over a single one is that one.
        summed = np.bincount(home, weights=keeper, minlength=len(lonlat))
        return count.astype(np.int64), summed.astype(np.int64)
