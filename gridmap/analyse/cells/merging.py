"""Neighbours merged until each group has enough: deterministic, contiguous, at one pace."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.analyse.cells.lattice import Edges
from gridmap.analyse.demand import Floats, Ints

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass
class _Groups:
    """Groups of pieces, each known by its first; `beside` is the length shared with each neighbour."""

    weight: list[float]
    size: list[float]
    members: list[list[int]]
    beside: list[dict[int, float]]
    enough: float

    def partner(self, at: int) -> int:
        """Return the neighbour that a group is merged with."""
        beside = self.beside[at]
        return min(
            beside,
            key=lambda near: (
                self.weight[near] >= self.enough,
                -round(beside[near], 3),
                self.size[near],
                near,
            ),
        )

    def merge(self, one: int, other: int) -> int:
        """Put two groups together and return which it is now: the earlier one."""
        kept, gone = min(one, other), max(one, other)
        self.weight[kept] += self.weight[gone]
        self.size[kept] += self.size[gone]
        self.members[kept] += self.members[gone]
        self.members[gone] = []
        for neighbour, length in self.beside[gone].items():
            del self.beside[neighbour][gone]
            if neighbour != kept:
                total = self.beside[kept].get(neighbour, 0.0) + length
                self.beside[kept][neighbour] = self.beside[neighbour][kept] = total
        self.beside[gone] = {}
        return kept


def merge(
    weight: Floats, edges: Edges, *, least: float, size: Floats | None = None, seeds: Iterable[Ints] = ()
) -> list[Ints]:
    """Merge pieces with their neighbours until each group weighs enough, or has no neighbour.

    Parameters
    ----------
    weight : (n,) float
        Of the pieces, in the order of their positions.
    edges : Edges
        Who is whose neighbour.
    least : float
        What a group should weigh.
    size : (n,) float, optional
        Of the pieces, where that is not their weight.
    seeds : arrays of int
        Pieces that are together from the beginning.

    Returns
    -------
    list of (m,) int
        Contiguous groups in the order of their first pieces; each ascending.

    Notes
    -----
    A greedy regionalisation: of the groups that lack weight the smallest is merged first, so that all of them
    grow at one pace, with the neighbour that it shares the longest edge with. Where size is not weight, a
    neighbour that lacks weight, too, comes first. Ties go to the smaller neighbour, then to the earlier
    position.
    """
    groups = _Groups(
        weight.tolist(),
        np.round(weight if size is None else size, 3).tolist(),
        [[at] for at in range(len(weight))],
        [{} for _ in weight],
        enough=np.inf if size is None else least,
    )
    for (one, other), length in zip(edges.pairs.tolist(), edges.lengths.tolist(), strict=True):
        groups.beside[one][other] = groups.beside[other][one] = length
    for seed in seeds:
        _join_seed(groups, seed.tolist())
    heap = [(groups.size[at], at) for at, own in enumerate(groups.members) if own]
    heapq.heapify(heap)
    while heap:
        large, at = heapq.heappop(heap)
        # An entry is stale once its group has grown or gone.
        if not groups.members[at] or large != groups.size[at] or groups.weight[at] >= least:
            continue
        if groups.beside[at]:
            kept = groups.merge(at, groups.partner(at))
            heapq.heappush(heap, (groups.size[kept], kept))
    return [np.array(sorted(own), dtype=np.int64) for own in groups.members if own]


def _join_seed(groups: _Groups, seed: list[int]) -> None:
    """Put the pieces of a seed together, those parts of it that hang together."""
    waiting = sorted(seed)
    while waiting:
        root = waiting.pop(0)
        while True:
            near = [one for one in waiting if one in groups.beside[root]]
            if not near:
                break
            for one in near:
                groups.merge(root, one)
                waiting.remove(one)
