"""Who reaches what of the three demands within so many minutes, over open country and ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridmap import geo
from gridmap.analyse.demand import Bools, Demand, Floats, Ints, Objects, Posts
from gridmap.analyse.reached import NOBODY, HomesReached, Reached
from gridmap.geo import travel
from gridmap.geo.containing import all_polygons_of
from gridmap.geo.discs import discs

MINUTE_S = 60.0
# Times are asked so far beyond the limit, over open ground, that the line at the limit can be drawn.
BEYOND_M = 1_000.0
BEYOND_CELLS = 5
TOUCH_M = 1e-6


def by_time(
    demand: Demand,
    posts: Posts,
    network: travel.Network,
    *,
    minutes: float,
    reach_m: Floats | None = None,
) -> Reached:
    """Find what keepers reach by travel time, and, if asked, by distance as well.

    Parameters
    ----------
    demand : Demand
        What is to be covered.
    posts : Posts
        The m keepers.
    network : Network
        Over what they travel.
    minutes : float
        How long they may take, inclusive (to the millisecond).
    reach_m : (m,) float, optional
        How far each of them reaches in geodesic metres; then both must hold.

    Returns
    -------
    Reached
        In minutes. Along the border, times are taken at its vertices, which are 100 m apart or nearer, and
        are linear between; beyond the last place that can be reached nothing is. The ground of each keeper is
        its isochrone, and with `reach_m` what of it is within the disc.
    """
    limit = minutes * MINUTE_S
    homes = _Homes(demand, posts, network, reach_m)
    line = _Line(demand, posts, network, reach_m)
    shapes = np.full(len(posts.ids), shapely.MultiPolygon(), dtype=object)
    lattice, open_pace = network.lattice, network.surface.going.pace
    beyond = limit + (BEYOND_M + BEYOND_CELLS * lattice.cell) * open_pace
    for row, seconds in enumerate(travel.each(network, posts.xy, limit=beyond)):
        shapes[row] = travel.isochrones(lattice, seconds[: lattice.size], np.array([limit]))[0]
        line.ask(row, seconds, limit)
        homes.ask(row, seconds, limit)
    if reach_m is not None:
        shapes = all_polygons_of(shapely.intersection(shapes, discs(posts.xy, reach_m, demand.crs)))
    return Reached(line.spans, shapes, homes.found(network), "min")


class _Homes:
    """Which strongholds reach each home, asked one after the other."""

    def __init__(self, demand: Demand, posts: Posts, network: travel.Network, reach_m: Floats | None) -> None:
        self.xy, self.crs, self.posts, self.reach = demand.homes.xy, demand.crs, posts, reach_m
        self.places = travel.places(network, self.xy, posts.xy)
        self.count = np.zeros(len(self.xy), dtype=np.int64)
        self.only = np.full(len(self.xy), NOBODY, dtype=np.int64)

    def ask(self, row: int, seconds: Floats, limit: float) -> None:
        if not self.posts.stronghold[row]:
            return
        inside = np.flatnonzero(geo.round_mm(self.places.seconds(seconds, row)) <= limit)
        if self.reach is not None and len(inside):
            inside = inside[_near(self.xy[inside], self.posts.xy[row], self.reach[row], self.crs)]
        self.count[inside] += 1
        self.only[inside] = row

    def found(self, network: travel.Network) -> HomesReached:
        quickest = quickest_of(network, self.xy, self.posts.xy, np.flatnonzero(self.posts.stronghold))
        only = np.where(self.count == 1, self.only, NOBODY)
        return HomesReached(self.count, only, quickest.keeper, quickest.minutes)


class _Line:
    """Which chainages of the border outposts of line units reach, asked one after the other."""

    def __init__(self, demand: Demand, posts: Posts, network: travel.Network, reach_m: Floats | None) -> None:
        self.spans = [np.empty((0, 2)) for _ in posts.ids]
        self.posts, self.reach, self.crs = posts, reach_m, demand.crs
        parts = () if demand.border is None else demand.border.parts
        chains = () if demand.border is None else demand.border.chainages
        self.xy = np.vstack([np.empty((0, 2)), *parts])
        self.chainage = np.concatenate([np.empty(0), *chains])
        self.part = np.repeat(np.arange(len(parts)), [len(one) for one in parts])
        self.places = travel.places(network, self.xy, posts.xy)

    def ask(self, row: int, seconds: Floats, limit: float) -> None:
        if not self.posts.line[row] or not len(self.xy):
            return
        # One number for both limits: within where it is at most 1.
        effort = geo.round_mm(self.places.seconds(seconds, row)) / limit
        if self.reach is not None:
            away = geo.geodesic_distance(
                np.broadcast_to(self.posts.xy[row], self.xy.shape), self.xy, self.crs
            )
            effort = np.maximum(effort, away / self.reach[row])
        self.spans[row] = spans(self.chainage, self.part, effort)


def spans(chainage: Floats, part: Ints, effort: Floats) -> Floats:
    """Return where a number along lines is at most 1, linear between what is given.

    Parameters
    ----------
    chainage, part, effort : (n,) float, int, float
        Measures, ascending within each part; which part each is of; the number, infinite where unknown.

    Returns
    -------
    (k, 2) float
        Intervals, ascending and apart. Beside an infinite number an interval ends at the last finite one.
    """
    inside = effort <= 1.0
    same = part[1:] == part[:-1]
    crossed = np.isfinite(effort[:-1]) & np.isfinite(effort[1:]) & (inside[:-1] != inside[1:])
    first, last = effort[:-1][crossed], effort[1:][crossed]
    step = np.diff(chainage)
    cut = np.where(inside[:-1], chainage[:-1], chainage[1:])
    cut[crossed] = chainage[:-1][crossed] + step[crossed] * (1.0 - first) / (last - first)
    start = np.where(inside[:-1], chainage[:-1], cut)
    stop = np.where(inside[1:], chainage[1:], cut)
    used = same & (inside[:-1] | inside[1:]) & (stop > start)
    start, stop = start[used], stop[used]
    if not len(start):
        return np.empty((0, 2))
    fresh = np.flatnonzero(np.append(True, start[1:] > stop[:-1] + TOUCH_M))
    ends = np.append(fresh[1:], len(start)) - 1
    return np.stack([start[fresh], stop[ends]], axis=1)


@dataclass(frozen=True, slots=True)
class Quickest:
    """The quickest keeper of n places.

    Parameters
    ----------
    minutes : (n,) float
        Minutes, to the millisecond; infinite where nobody can get there.
    keeper : (n,) int
        Position in the posts; -1 where nobody can.
    """

    minutes: Floats
    keeper: Ints


def quickest_of(network: travel.Network, xy: Floats, posts: Floats, chosen: Ints) -> Quickest:
    """Find the quickest of some keepers for each place; at one time the first.

    Parameters
    ----------
    network : Network
        Over what they travel.
    xy : (n, 2) metres
        The places.
    posts : (m, 2) metres
        All keepers.
    chosen : (k,) int
        Which of them are asked, ascending.
    """
    return quickest_at(network, travel.field(network, posts[chosen]), xy, posts, chosen)


def quickest_at(
    network: travel.Network, one: travel.Field, xy: Floats, posts: Floats, chosen: Ints
) -> Quickest:
    """Find the same by times that are known already."""
    found = travel.places(network, xy, posts[chosen]).quickest(one)
    keeper = np.where(found.source >= 0, np.append(chosen, NOBODY)[found.source], NOBODY)
    return Quickest(geo.round_mm(found.seconds) / MINUTE_S, keeper.astype(np.int64))


def _near(xy: Floats, post: Floats, reach: float, crs: str) -> Bools:
    away = geo.geodesic_distance(np.broadcast_to(post, xy.shape), xy, crs)
    return np.asarray(geo.round_mm(away) <= reach, dtype=bool)


def isochrone_bands(network: travel.Network, one: travel.Field, minutes: Floats, whole: Any) -> Objects:
    """Return the ground within so many minutes of the quickest keeper, (k,) polygons.

    Parameters
    ----------
    network, one : Network, Field
        Times.
    minutes : (k,) float
        Limits.
    whole : polygons or None
        If given, what the ground is cut by.
    """
    lattice = network.lattice
    made = travel.isochrones(lattice, one.seconds[: lattice.size], minutes * MINUTE_S)
    if whole is not None:
        made = np.asarray(shapely.intersection(made, whole), dtype=object)
    return all_polygons_of(made)
