"""Whose the border is: every stretch of it is that of the polygon that lies along it, or nobody's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap import geo
from gridmap.analyse.demand import Floats, Ints, Objects

NOBODY = -1
# Borders and districts are digitised apart: outlines that are farther from each other are two places.
NEAR_M = 1_000.0
STEP_M = 100.0
BESIDE_M = 1.0
TOUCH_M = 1e-3
NONE = np.empty(0)


@dataclass(frozen=True, slots=True)
class Shared:
    """The border in n stretches that tile it, each with the polygon that has it.

    Parameters
    ----------
    start, stop : (n,) metres
        Chainages to the millimetre, ascending.
    owner : (n,) int
        Position among the polygons; -1 for nobody.
    """

    start: Floats
    stop: Floats
    owner: Ints

    def spans(self, count: int) -> list[Floats]:
        """Return for each of `count` polygons its stretches, (k, 2) metres, joined where they meet."""
        first = np.flatnonzero(np.diff(self.owner, prepend=NOBODY - 1))
        last = np.append(first[1:], len(self.owner)) - 1
        ends = np.column_stack([self.start[first], self.stop[last]]).reshape(-1, 2)
        return [ends[self.owner[first] == number] for number in range(count)]


def share_border(border: geo.Border, shapes: Objects, *, cuts: Floats = NONE) -> Shared:
    """Share the border out among polygons; every metre is one polygon's or nobody's.

    Parameters
    ----------
    border : Border
        The border.
    shapes : (n,) polygons
        In the working CRS, in the order of their ids; missing and empty ones have nothing.
    cuts : (k,) metres, optional
        Chainages at which stretches end besides.

    Returns
    -------
    Shared
        A stretch is the polygon's that it runs along or through, to the millimetre; else that of the nearest
        polygon within `NEAR_M`, unless the nearest place of the polygon is on the border itself: there it
        ends, and what comes after is not its own. Of several the first has it.

    Notes
    -----
    Stretches end where contact with a polygon does, at the foot of every corner of a polygon, and every
    `STEP_M`; the middle of each is asked. So where two polygons lie along a border that touches neither, and
    share no corner, the change between them is found to within half of `STEP_M`.
    """
    ends = [np.array([one[0], one[-1]]) for one in border.chainages]
    even = np.arange(0.0, border.length_m, STEP_M)
    found = [_contacts(border, shapes), _feet(border, shapes), *ends, even, cuts]
    places = geo.round_mm(np.concatenate(found))
    inside = places[(places >= 0.0) & (places <= border.length_m)]
    places = np.unique(np.concatenate([inside, [border.length_m]]))
    start, stop = places[:-1], places[1:]
    middle = np.asarray(shapely.points(border.place((start + stop) / 2.0)), dtype=object).reshape(-1)
    return Shared(start, stop, _owners(border, shapes, middle))


def _contacts(border: geo.Border, shapes: Objects) -> Floats:
    """Return the chainages at which polygons begin or cease to touch the border."""
    # Only those at the border are asked where it runs along them: of a thousand cells most are not.
    beside = np.flatnonzero(shapely.dwithin(shapes, border.geometry, BESIDE_M))
    _, ranges = border.locate_geoms(shapes[beside])
    return np.concatenate([NONE, *(one.reshape(-1) for one in ranges)])


def _feet(border: geo.Border, shapes: Objects) -> Floats:
    nodes = np.unique(shapely.get_coordinates(shapes), axis=0)
    shapely.prepare(border.geometry)
    close = nodes[shapely.dwithin(border.geometry, shapely.points(nodes), NEAR_M)]
    return border.locate(close).chainage_m


def _owners(border: geo.Border, shapes: Objects, middle: Objects) -> Ints:
    """Return whose each place of the border is."""
    tree = shapely.STRtree(shapes)
    (at, _), far = tree.query_nearest(middle, max_distance=NEAR_M, return_distance=True)
    least = np.full(len(middle), -1.0)
    least[at] = far
    asked = np.flatnonzero(least >= 0.0)
    one, shape = tree.query(middle[asked], predicate="dwithin", distance=least[asked] + TOUCH_M)
    owner = np.full(len(middle), len(shapes), dtype=np.int64)
    # On an edge between two polygons the smaller id has it.
    np.minimum.at(owner, asked[one], shape)
    owner[owner == len(shapes)] = NOBODY
    apart = np.flatnonzero((owner >= 0) & (least > TOUCH_M))
    facing = shapely.get_coordinates(shapely.shortest_line(shapes[owner[apart]], middle[apart]))[::2]
    ended = shapely.dwithin(border.geometry, shapely.points(facing), TOUCH_M)
    owner[apart[ended]] = NOBODY
    return owner
