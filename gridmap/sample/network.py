"""Roads and tracks: cheapest ways over the relief, sharing what is there already, drawn smooth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy

from gridmap.sample.dice import Dice, Flags, Floats, Ints
from gridmap.sample.ground import Ground
from gridmap.sample.plane import MM, squared_gap
from gridmap.sample.relief import EAST_M, NORTH_M, SOUTH_M, WEST_M, height

STREAM = 4
STEP_M = 1_500.0
JITTER = 0.36
NONE, TRACK, GRAVEL, ROAD = 0, 1, 2, 3
CLASSES = {TRACK: "track", GRAVEL: "gravel", ROAD: "road"}
# A slope of one in ten triples the cost; an existing way costs a fifth.
SLOPE_COST, WHIM, REUSE = 20.0, 0.35, 5
SAMPLES = np.arange(9) / 8.0
CUTS = 2


@dataclass
class Network:
    """A lattice of places with the edges between neighbours, and which of them carry a way.

    Parameters
    ----------
    xy : (n, 2)
        Places in metres.
    ends : (m, 2) int
        The edges, the smaller index first.
    cost : (m,) float
        Whole numbers, so that sums are exact and the same path wins on every machine.
    border_m : (m,)
        Metres from the edge's middle to the border.
    way : (m,) int
        NONE, TRACK, GRAVEL or ROAD.
    """

    xy: Floats
    ends: Ints
    cost: Floats
    border_m: Floats
    way: Ints

    def node(self, place: Floats) -> int:
        """Return the place of the lattice nearest to (2,) metres, of those that edges join to each other.

        A port on the border may stand where no edge stays inside the area: its road ends beside it.
        """
        return int(self._joined[np.argmin(squared_gap(self.xy[self._joined], place))])

    @cached_property
    def _joined(self) -> Ints:
        size = len(self.xy)
        graph = scipy.sparse.csr_array((self.cost, (self.ends[:, 0], self.ends[:, 1])), shape=(size, size))
        _, piece = scipy.sparse.csgraph.connected_components(graph, directed=False)
        return np.flatnonzero(piece == np.bincount(piece).argmax())

    def join(self, start: int, ends: Ints, *, way: int, patrol: bool = False) -> None:
        """Build the cheapest way from `start` to the one of `ends` that is cheapest to reach.

        A `patrol` way prefers to run along the border, some 2.5 km behind it.
        """
        cost = np.where(self.way > NONE, np.floor(self.cost / REUSE), self.cost)
        if patrol:
            cost = np.floor(cost * (1.0 + np.abs(self.border_m - 2_500.0) / 2_500.0))
        size = len(self.xy)
        graph = scipy.sparse.csr_array((cost, (self.ends[:, 0], self.ends[:, 1])), shape=(size, size))
        reached, before = scipy.sparse.csgraph.dijkstra(
            graph, directed=False, indices=[start], return_predecessors=True
        )
        at = int(ends[np.argmin(reached[0, ends])])
        key = self.ends[:, 0] * size + self.ends[:, 1]
        while at != start:
            back = int(before[0, at])
            edge = np.searchsorted(key, min(at, back) * size + max(at, back))
            self.way[edge] = max(self.way[edge], way)
            at = back

    def settled(self) -> Ints:
        """Return the places that a way leads to."""
        return np.unique(self.ends[self.way > NONE])


def lattice(ground: Ground, *, stops: Floats, seed: int) -> Network:
    """Return the empty network of the area; each of `stops` (n, 2) takes the place nearest to it."""
    columns = int((EAST_M - WEST_M) / STEP_M)
    rows = int((NORTH_M - SOUTH_M) / STEP_M)
    dice = Dice(seed, STREAM, 0)
    x, y = np.tile(np.arange(columns), rows), np.repeat(np.arange(rows), columns)
    push = dice.between(-JITTER, JITTER, 2 * rows * columns).reshape(-1, 2)
    xy = np.array([WEST_M, SOUTH_M]) + (np.column_stack([x, y]) + 0.5 + push) * STEP_M
    for stop in stops:
        xy[np.argmin(squared_gap(xy, stop))] = stop
    pairs = []
    for dx, dy in ((1, 0), (0, 1), (1, 1), (-1, 1)):
        fits = (x + dx >= 0) & (x + dx < columns) & (y + dy < rows)
        start = np.flatnonzero(fits)
        pairs.append(np.column_stack([start, start + dy * columns + dx]))
    ends = np.concatenate(pairs)
    ends = ends[np.lexsort((ends[:, 1], ends[:, 0]))]
    ends = ends[_passable(xy, ends, ground)]
    middle = (xy[ends[:, 0]] + xy[ends[:, 1]]) / 2.0
    return Network(
        xy=xy,
        ends=ends,
        cost=_cost(xy, ends, seed, dice),
        border_m=ground.border_m[ground.cells(middle)],
        way=np.zeros(len(ends), dtype=np.int64),
    )


def _passable(xy: Floats, ends: Ints, ground: Ground) -> Flags:
    a, b = xy[ends[:, 0]], xy[ends[:, 1]]
    fits = np.ones(len(ends), dtype=bool)
    for share in SAMPLES.tolist():
        fits &= ground.is_clear(a + share * (b - a), border_m=0.0)
    return fits


def _cost(xy: Floats, ends: Ints, seed: int, dice: Dice) -> Floats:
    length = np.sqrt(squared_gap(xy[ends[:, 1]], xy[ends[:, 0]]))
    heights = height(xy, seed=seed)
    slope = np.abs(heights[ends[:, 1]] - heights[ends[:, 0]]) / length
    return np.floor(length * (1.0 + SLOPE_COST * slope + WHIM * dice.unit(len(ends)))) + 1.0


def draw(network: Network) -> list[tuple[str, Floats]]:
    """Return the ways as (class, line) from junction to junction, smooth, rounded to the millimetre."""
    used = np.flatnonzero(network.way > NONE)
    beside: dict[int, list[tuple[int, int]]] = {}
    for a, b, way in zip(*network.ends[used].T.tolist(), network.way[used].tolist(), strict=True):
        beside.setdefault(a, []).append((b, way))
        beside.setdefault(b, []).append((a, way))
    stops = {node for node, ways in beside.items() if len({way for _, way in ways}) > 1 or len(ways) != 2}  # noqa: PLR2004 - a place between two edges
    walked: set[tuple[int, int]] = set()
    lines = []
    for start in sorted(stops):
        for first, way in beside[start]:
            if (start, first) in walked:
                continue
            chain = [start, first]
            while chain[-1] not in stops:
                chain.append(next(node for node, _ in beside[chain[-1]] if node != chain[-2]))
            walked |= {(chain[0], chain[1]), (chain[-1], chain[-2])}
            lines.append((CLASSES[way], smooth(network.xy[chain])))
    return sorted(lines, key=lambda line: (-_rank(line[0]), line[1][0].tolist(), line[1][1].tolist()))


def _rank(name: str) -> int:
    return next(rank for rank, known in CLASSES.items() if known == name)


def smooth(line: Floats) -> Floats:
    """Cut the corners of a line, twice, and leave its ends (Chaikin, 1974)."""
    for _ in range(CUTS):
        early, late = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        cut = np.empty((2 * len(early), 2))
        cut[::2], cut[1::2] = early, late
        line = np.concatenate([line[:1], cut[1:-1], line[-1:]])
    return np.round(line, MM)
