"""Who reaches what by straight distance over the ellipsoid."""

from __future__ import annotations

import numpy as np

from gridmap import geo
from gridmap.analyse.blocks import within
from gridmap.analyse.demand import Demand, Floats, Ints, Objects, Posts
from gridmap.analyse.reached import NOBODY, HomesReached, Reached
from gridmap.geo.discs import discs
from gridmap.geo.measure import inverse, round_mm
from gridmap.geo.nearest import Nearest, chord_margin, geocentric
from gridmap.geo.reach import chord_of, reach_line

ROUNDING_M = 1e-3
# From so many places on an index is built before they are asked.
INDEXED = 20_000


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
    Homes are counted by the chords of geocentric positions, block by block; only pairs so near to the limit
    that the chord cannot tell are measured by the geodesic.
    """
    rows = np.flatnonzero(posts.stronghold)
    found = HomesReached.none(len(demand.homes.ids))
    lonlat = geo.to_lonlat(demand.homes.xy, demand.crs)
    known = np.flatnonzero(np.isfinite(lonlat).all(axis=1))
    if not len(rows) or not len(known):
        return found
    there = geo.to_lonlat(posts.xy[rows], demand.crs)
    near = _nearest(demand.homes.xy, posts.ids[rows], posts.xy[rows], demand.crs)
    found.nearest[:] = np.where(near.index >= 0, rows[near.index], NOBODY)
    found.away[:] = near.metres
    here, known_lonlat = geocentric(lonlat[known], demand.crs), lonlat[known]
    for reach in np.unique(reach_m[rows]):
        group = np.flatnonzero(reach_m[rows] == reach)
        count, one = _count(here, known_lonlat, there[group], float(reach), demand.crs)
        found.count[known] += count
        single = np.flatnonzero(count == 1)
        found.only[known[single]] = rows[group[one[single]]]
    found.only[found.count != 1] = NOBODY
    return found


def _nearest(xy: Floats, ids: Objects, there: Floats, crs: str) -> Nearest:
    """Return the nearest keeper of each place as `geo.nearest` does; of many places by an index."""
    if len(xy) < INDEXED:
        return geo.nearest(xy, ids, there, crs)
    from gridmap.geo.index.sites import SiteIndex  # noqa: PLC0415 - only many places need an index

    # Keepers stand among the homes: around their own box there is no home that the index answers slowly, but
    # for strays, which would make all of its cells coarse if they counted.
    return SiteIndex.of(ids, there, crs, expected=len(xy)).nearest(xy)


def _count(here: Floats, lonlat: Floats, keepers: Floats, reach: float, crs: str) -> tuple[Ints, Ints]:
    """Return how many of keepers that reach equally far reach each home, and which one where it is one alone.

    Homes are `lonlat`, and `here` on the ellipsoid.
    """
    chord = chord_of(np.array([reach]))
    # A distance that rounds to the limit is within it.
    margin = chord_margin(chord) + ROUNDING_M
    least, most = float((chord - margin)[0]), float((chord + margin)[0])
    found = within(here, geocentric(keepers, crs), least, most)
    exact = inverse(lonlat[found.place], keepers[found.keeper], crs)[1]
    reached = round_mm(exact) <= reach
    home, keeper = found.place[reached], found.keeper[reached]
    count = found.count + np.bincount(home, minlength=len(here))
    # The sum over a single one is that one.
    summed = found.summed + np.bincount(home, weights=keeper, minlength=len(here)).astype(np.int64)
    return count, summed
