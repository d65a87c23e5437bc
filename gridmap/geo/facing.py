"""Where shapes that do not touch a border are nearest to it: the pairs of places that may be, and no others.

The nearest pair of two lines has a vertex of one of them in it, so the vertices of both sides are asked.
Of a shape most are far from its nearest place: how far two places are from the border differs by no more than
they are apart, and so all between vertices that are known to be far is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.geo.chains import RUN, SHAPE_EDGE_M, Chains
from gridmap.geo.measure import geodesic_distance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

    from gridmap.geo.locate import Located

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geoms = NDArray[np.object_]
    Locate = Callable[[Floats], Located]
    Bounds = Callable[[Floats], tuple[Floats, Floats]]

# A vertex of the border that is so much farther from a shape than the nearest one is not asked.
STRETCH = 1.01
# Boxes of the border in one box.
BRANCH = 8
# Half the size of a box that nothing is near to.
NOWHERE_M = -1e150
# So many boxes of the border are held against each shape's own.
COARSE = 128
# More than distances to the millimetre are off by.
SLACK_M = 0.01
# A foot so near beside the end of an edge, as a share of it, may be on it.
BESIDE = 1e-6
# The scale of a working projection changes by no more than this over a metre (that of Mercator's at 80
# degrees by 0.9e-6), and over any distance by no more than a factor of two that anybody works with.
SCALE_PER_M, SCALE_AT_MOST = 1e-6, 2.0
# At so many places of the border the scale is measured, over so many metres along and across and aslant.
SAMPLES, AXIS_M, WAYS = 256, 100.0, ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0))


@dataclass(frozen=True, slots=True)
class _Edges:
    """Straight edges of shapes that may be as near to the border as the nearest vertex of the shape.

    Parameters
    ----------
    start, along : array of float, shape (e, 2)
        Where each starts, and its direction, of length one.
    length : array of float, shape (e,)
        In the plane.
    low, high : array of float, shape (e,)
        From how far along it to how far it may be so near, in the plane.
    owner : array of int, shape (e,)
        The shape it is of.
    """

    start: Floats
    along: Floats
    length: Floats
    low: Floats
    high: Floats
    owner: Ints

    @classmethod
    def of(cls, chains: Chains, first: Ints, spare: Floats) -> _Edges:
        """Return the edges that begin with vertices.

        Parameters
        ----------
        first : array of int, shape (k,)
        spare : array of float, shape (2, k)
            From their starts and their ends so far, in the plane, nothing is near enough.
        """
        start, end = (np.take(chains.xy, first + last, axis=0) for last in (0, 1))
        length = np.hypot(*(end - start).T)
        # A foot a little beside an edge, by rounding, is on it.
        beside = BESIDE * (length + 1.0)
        low, high = np.maximum(spare[0], 0.0) - beside, length - np.maximum(spare[1], 0.0) + beside
        some = np.flatnonzero((length > 0.0) & (low <= high))
        start, length = start[some], length[some]
        along = (end[some] - start) / length[:, None]
        return cls(start, along, length, low[some], high[some], chains.owner[first[some]])

    def places(self, edge: Ints, metres: Floats) -> Floats:
        """Return the place so many metres along each edge, at its ends if beside it; shape (k, 2)."""
        on = np.clip(metres, 0.0, self.length[edge])
        return np.asarray(self.start[edge] + self.along[edge] * on[:, None], dtype=np.float64)


@dataclass(frozen=True)
class Facing:
    """The vertices of a border, in its order, and boxes around them; they are what edges of shapes face.

    Parameters
    ----------
    vertices : array of float, shape (n, 2)
        In the CRS.
    plane : tuple of float
        How long a metre on the ground is in the plane at the border, at least and at most: `plane_scale`.
    edge_m : float
        No edge of the border is longer, in the plane.
    """

    vertices: Floats
    plane: tuple[float, float]
    edge_m: float

    @cached_property
    def _boxes(self) -> list[tuple[Floats, Floats]]:
        """Middle and half the size of boxes around many vertices, then of those in each, down to each alone.

        Both of shape (2, BRANCH, k): the boxes of k around them, of which box b in k is k * BRANCH + b of the
        next level. That way round numpy has long rows to work on.
        """
        low, high = self.vertices, self.vertices
        levels: list[tuple[Floats, Floats]] = []
        while not levels or len(low) > 1:
            # What makes the number up is too small for anything to be in reach.
            more = ((0, -len(low) % BRANCH), (0, 0))
            middle, half = np.pad((low + high) / 2.0, more), np.pad((high - low) / 2.0, more)
            half[len(low) :] = NOWHERE_M
            middle, half = (each.reshape(-1, BRANCH, 2).T.copy() for each in (middle, half))
            levels.append((middle, half))
            first = np.arange(0, len(low), BRANCH)
            low, high = np.minimum.reduceat(low, first, axis=0), np.maximum.reduceat(high, first, axis=0)
        return levels[::-1]

    def near(self, shapes: Geoms, within_m: float) -> Ints:
        """Return which shapes may be within so many geodesic metres, by their bounds; empty ones are not."""
        # From any place of the border it is half an edge to a vertex.
        reach = within_m * self.plane[1] * _spread(within_m) + self.edge_m / 2.0 + SLACK_M
        low, high = np.split(shapely.bounds(shapes), 2, axis=1)
        rows, at, size = np.arange(len(shapes)), (low + high) / 2.0, (high - low) / 2.0
        for middle, half in self._boxes:
            if middle[0].size > COARSE:
                break
            x, y = (
                np.maximum(np.abs(np.subtract.outer(here, there)) - np.add.outer(mine, its), 0.0)
                for here, there, mine, its in zip(at[rows].T, middle, size[rows].T, half, strict=True)
            )
            rows = rows[(x * x + y * y <= reach * reach).any(axis=(1, 2))]
        return rows

    def nearest(
        self, shapes: Geoms, locate: Locate, within_m: float = np.inf, *, bounds: Bounds | None = None
    ) -> tuple[Floats, Floats]:
        """Find the place of the border that is nearest to each shape.

        Parameters
        ----------
        shapes : array of geometry, shape (n,)
            In the CRS, apart from the border; none of them missing or empty.
        locate : callable
            Locates places, shape (k, 2); farther away than `within_m` it need not find any.
        within_m : float
            Geodesic metres.
        bounds : callable, optional
            Tells of places how far they are at least and at most, to the millimetre; cheaper than `locate`.

        Returns
        -------
        distance_m, chainage_m : array of float, shape (n,)
            Geodesic metres and chainage, of equal distances the smaller chainage; NaN if none is so near.

        Notes
        -----
        The foot of a vertex is dropped in the plane, which is right where a map is true to angles, as
        Gauss-Kruger is. On others (EPSG:6933) an edge may be nearer than what is found.
        """
        spread = _spread(within_m + RUN * SHAPE_EDGE_M)
        ground, plane = spread / self.plane[0], spread * self.plane[1]
        chains = Chains.of(shapes)
        best = np.full(len(shapes), within_m + SLACK_M)
        low, first, stop = _pruned(chains, bounds or _bounds_of(locate, within_m), best, ground)
        asked = np.flatnonzero(low <= best[chains.owner])
        near = self._may_hold_foot(
            (low[first], low[stop]), chains.way(first, stop) * ground, best[chains.owner[first]]
        )
        first, stop = first[near], stop[near]
        spare = (np.stack([low[first], low[stop]]) - best[chains.owner[first]]) / ground
        edges = _Edges.of(chains, first, spare)
        edge, metres = self._opposite(edges, best[edges.owner] * plane * STRETCH + 1.0)
        owner = np.append(chains.owner[asked], edges.owner[edge])
        at = locate(np.vstack([np.take(chains.xy, asked, axis=0), edges.places(edge, metres)]))
        distance, chainage = _least(owner, np.stack([at.distance_m, at.chainage_m]), len(shapes))
        # Of what is farther not every vertex was asked.
        beyond = distance > within_m + SLACK_M
        return np.where(beyond, np.nan, distance), np.where(beyond, np.nan, chainage)

    def _may_hold_foot(self, low: tuple[Floats, Floats], length: Floats, best: Floats) -> Bools:
        """Whether a foot on edges may be as near as the best, by how far their ends are at least.

        From the foot it is h metres to the border, and from an end, s metres along the edge from the foot, no
        more than the root of h * h + s * s: that holds on a sphere, too. For both ends together s * s is at
        most the length squared. On the ground the angle at the foot is not quite a right one: the scale
        changes along the way, and is another one across it.
        """
        off = 2.0 * SCALE_PER_M * best + self.plane[1] / self.plane[0] - 1.0
        square = (low[0] ** 2 + low[1] ** 2 - length**2) / 2.0
        return np.asarray(np.sqrt(np.maximum(square, 0.0)) - off * length <= best, dtype=bool)

    def _opposite(self, edges: _Edges, reach: Floats) -> tuple[Ints, Floats]:
        """Return edges that a vertex within reach has its foot on, and how many metres along it."""
        edge, node = np.arange(len(reach)), np.zeros(len(reach), dtype=np.int64)
        metres = np.empty(0)
        for middle, half in self._boxes:
            along, across = edges.along.take(edge, axis=0).T.copy()
            x, y = middle.take(node, axis=2) - edges.start.take(edge, axis=0).T[:, None]
            wide, high = half.take(node, axis=2)
            ahead, spread = x * along + y * across, wide * np.abs(along) + high * np.abs(across)
            abreast = np.flatnonzero(
                (ahead + spread >= edges.low.take(edge)) & (ahead - spread <= edges.high.take(edge))
            )
            # Few are left, of which some are too far away.
            box = abreast // max(len(edge), 1)
            pair = abreast - box * len(edge)
            x, y, wide, high, metres = (each.ravel()[abreast] for each in (x, y, wide, high, ahead))
            along, across, edge, node = along[pair], across[pair], edge[pair], node[pair] * BRANCH + box
            aside, thick = np.abs(x * across - y * along), wide * np.abs(across) + high * np.abs(along)
            near = aside - thick <= reach.take(edge)
            edge, node, metres = edge[near], node[near], metres[near]
        return edge, metres


def plane_scale(parts: Sequence[Floats], crs: CRS) -> tuple[float, float]:
    """Return how long a metre on the ground is in the plane along lines, in any direction: least and most.

    Parameters
    ----------
    parts : sequence of array of float, shape (k, 2)
        Vertices of lines in the CRS.
    crs : CRS
        Projected, metric.

    Notes
    -----
    At some of the vertices the axes of Tissot's ellipse are measured; between them the scale changes by no
    more than `SCALE_PER_M`, which is added.
    """
    step = sum(len(part) for part in parts) // SAMPLES + 1
    apart = max(float(np.hypot(*np.diff(part, axis=0).T).max()) for part in parts) * step
    places = np.concatenate([np.vstack([part[::step], part[-1:]]) for part in parts])
    x, y, both = (geodesic_distance(places, places + np.array(way) * AXIS_M, crs) / AXIS_M for way in WAYS)
    # The metric on the ground is a matrix in plane coordinates; its eigenvalues are of the axes.
    mean, aslant = (x**2 + y**2) / 2.0, (both**2 - x**2 - y**2) / 2.0
    off = np.hypot((x**2 - y**2) / 2.0, aslant)
    changes = 1.0 + SCALE_PER_M * apart
    least, most = float(np.nanmin(mean - off)), float(np.nanmax(mean + off))
    return float(1.0 / (np.sqrt(most) * changes)), float(changes / np.sqrt(least))


def _spread(within_m: float) -> float:
    """Return how much a scale may differ so far from the border from what it is along the border."""
    return min(1.0 + SCALE_PER_M * within_m, SCALE_AT_MOST)


def _bounds_of(locate: Locate, within_m: float) -> Bounds:
    """Return what tells how far places are at least and at most; what is not found is beyond `within_m`."""
    least = within_m if np.isfinite(within_m) else 0.0

    def bounds(xy: Floats) -> tuple[Floats, Floats]:
        distance = locate(xy).distance_m
        lost = np.isnan(distance)
        return np.where(lost, least, distance), np.where(lost, np.inf, distance)

    return bounds


def _pruned(chains: Chains, bounds: Bounds, best: Floats, ground: float) -> tuple[Floats, Ints, Ints]:
    """Ask vertices of chains, and leave out all between two that cannot be as near as the nearest of a shape.

    Parameters
    ----------
    best : array of float, shape (m,)
        How far the nearest place of each shape is at most, and `SLACK_M`; brought down as vertices are asked.
    ground : float
        How long a metre in the plane is on the ground, at most.

    Returns
    -------
    low : array of float, shape (n,)
        How far each vertex is at least; NaN where it was not asked.
    first, stop : array of int, shape (k,)
        The edges that are left: vertices that they begin and end with.
    """
    owner, low = chains.owner, np.full(len(chains.owner), np.nan)
    first, stop = chains.runs()
    ask = np.concatenate([chains.first, stop])
    while len(ask):
        low[ask], high = bounds(np.take(chains.xy, ask, axis=0))
        np.minimum.at(best, owner[ask], high + SLACK_M)
        # No place between two vertices is nearer than both on average, less half of the way between them.
        near = low[first] + low[stop] - chains.way(first, stop) * ground <= 2.0 * best[owner[first]]
        first, stop = first[near], stop[near]
        wide = stop - first > 1
        ask = (first[wide] + stop[wide]) // 2
        first, stop = np.sort(np.append(first, ask)), np.sort(np.append(stop, ask))
    return low, first, stop


def _least(owner: Ints, found: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the least distance of each owner, and the smallest chainage at it; from both, shape (2, n)."""
    distance, chainage = np.full((2, count), np.nan)
    np.fmin.at(distance, owner, found[0])
    first = found[0] == distance[owner]
    np.fmin.at(chainage, owner[first], found[1, first])
    return distance, chainage
