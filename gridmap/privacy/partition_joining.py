"""Which areas join where one has come to hold too few homes."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from gridmap.privacy.partition_tree import FAR, Leaves, Tree, leaves_of
from gridmap.privacy.partition_units import Units

Ints = np.ndarray[Any, np.dtype[np.int64]]

# Of groups alike, so many that lie nearest by their bounds are measured exactly.
MEASURED = 30


@dataclass(frozen=True, slots=True)
class Group:
    """Units that are cut by one tree.

    Parameters
    ----------
    units : tuple of int
        Positions of the units.
    tree : Cut or int
        The cuts; its leaves are numbers of areas.
    """

    units: tuple[int, ...]
    tree: Tree


def joined(
    groups: Sequence[Group], units: Units, counts: Mapping[int, int], k: int, cell_m: float
) -> dict[int, int]:
    """Return, for every area, the number of the area that it belongs to when none holds fewer than k.

    Parameters
    ----------
    groups : sequence of Group
        The groups of a partition.
    units : Units
        What the groups' units are.
    counts : mapping of int to int
        Homes in each area.
    k : int
        The fewest homes of an area. With fewer than k homes in all, everything joins.
    cell_m : float
        Metres between grid lines.

    Returns
    -------
    dict of int to int
        Joined areas take the smallest of their numbers. The smallest area below k joins first: one across
        the last cut between them, beside it if it can be, and the smallest of those; where a whole group
        belongs to one area, one in the nearest group, of the same township if it can be.
    """
    state = _Joining(groups, units, dict(counts), cell_m)
    short = [(count, area) for area, count in state.counts.items() if count < k]
    heapq.heapify(short)
    while short and len(state.counts) > 1:
        count, area = heapq.heappop(short)
        if state.counts.get(area) != count:
            continue
        kept = state.join(area, state.partner(area))
        if state.counts[kept] < k:
            heapq.heappush(short, (state.counts[kept], kept))
    final = {}
    for area in counts:
        root = area
        while root in state.into:
            root = state.into[root]
        final[area] = root
    return final


@dataclass(slots=True)
class _Joining:
    """Areas while they join."""

    groups: Sequence[Group]
    units: Units
    counts: dict[int, int]
    cell_m: float
    into: dict[int, int] = field(default_factory=dict)
    leaves: list[Leaves] = field(init=False)
    owner: list[Ints] = field(init=False)
    groups_of: dict[int, set[int]] = field(init=False)
    grounds: dict[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.leaves = [leaves_of(group.tree) for group in self.groups]
        self.owner = [one.numbers.copy() for one in self.leaves]
        self.groups_of = {area: set() for area in self.counts}
        for group, one in enumerate(self.leaves):
            for area in one.numbers.tolist():
                self.groups_of[area].add(group)

    def join(self, one: int, other: int) -> int:
        kept, gone = min(one, other), max(one, other)
        self.into[gone] = kept
        self.counts[kept] += self.counts.pop(gone)
        moved = self.groups_of.pop(gone)
        for group in moved:
            owner = self.owner[group]
            owner[owner == gone] = kept
        self.groups_of[kept] |= moved
        return kept

    def partner(self, area: int) -> int:
        found = self._across_the_last_cut(area)
        return min(found)[-1] if found else self._in_the_nearest_group(area)

    def _across_the_last_cut(self, area: int) -> set[tuple[bool, int, int]]:
        """Return (whether apart, homes, area) of the areas across the last cuts that end the area."""
        cuts = {group: self._ending(group, area) for group in sorted(self.groups_of[area])}
        sizes = np.concatenate([some[:, 1] - some[:, 0] for some in cuts.values()])
        least = sizes.min(initial=FAR)
        return {
            (bool(far), self.counts[name], name)
            for group, some in cuts.items()
            for start, end in some[some[:, 1] - some[:, 0] == least].tolist()
            for name, far in self._across(group, slice(start, end), area)
        }

    def _ending(self, group: int, area: int) -> Ints:
        """Return the cuts with leaves of the area, and of others, under them."""
        cuts = self.leaves[group].cuts
        before = np.concatenate([[0], np.cumsum(self.owner[group] == area)])
        own = before[cuts[:, 1]] - before[cuts[:, 0]]
        return np.asarray(cuts[(own > 0) & (own < cuts[:, 1] - cuts[:, 0])])

    def _across(self, group: int, leaves: slice, area: int) -> Iterator[tuple[int, bool]]:
        """Yield the areas of the other leaves under a cut, and whether each lies apart from the area."""
        owner, boxes = self.owner[group][leaves], self.leaves[group].boxes[leaves]
        own, others = boxes[owner == area], boxes[owner != area]
        apart = ~_beside_any(own, others)
        yield from zip(owner[owner != area].tolist(), apart.tolist(), strict=True)

    def _in_the_nearest_group(self, area: int) -> int:
        """Return an area of another group, for one that fills whole groups."""
        own = sorted(self.groups_of[area])
        others = [group for group in range(len(self.groups)) if group not in own]
        kin = {other: max(self._kinship(one, other) for one in own) for other in others}
        near = [other for other in others if kin[other] == max(kin.values())]
        ground = shapely.union_all([self._ground(group) for group in own])
        near = self._nearest(ground, near)
        homes = {group: self._homes(group) for group in near}
        chosen = min(near, key=lambda group: (homes[group], group))
        boxes = self._drawn(chosen)
        metres = np.round(shapely.distance(ground, boxes))
        names = [int(name) for name in self.owner[chosen]]
        found = [(far, self.counts[name], name) for far, name in zip(metres.tolist(), names, strict=True)]
        return min(found)[-1]

    def _nearest(self, ground: Any, groups: list[int]) -> list[int]:
        bounds = shapely.box(*shapely.bounds([self._ground(group) for group in groups]).T)
        rough = shapely.distance(shapely.box(*shapely.bounds(ground)), bounds)
        some = [groups[n] for n in np.argsort(rough, kind="stable")[:MEASURED]]
        metres = np.round(shapely.distance(ground, [self._ground(group) for group in some]))
        return [group for group, far in zip(some, metres, strict=True) if far == metres.min()]

    def _kinship(self, one: int, other: int) -> int:
        pairs = ((a, b) for a in self.groups[one].units for b in self.groups[other].units)
        return max(self.units.kinship(a, b) for a, b in pairs)

    def _ground(self, group: int) -> Any:
        if group not in self.grounds:
            self.grounds[group] = shapely.union_all(self.units.shapes[list(self.groups[group].units)])
        return self.grounds[group]

    def _homes(self, group: int) -> int:
        return sum(self.counts[area] for area in set(self.owner[group].tolist()))

    def _drawn(self, group: int) -> Any:
        """Return the leaves' boxes within the bounds of a group's ground."""
        boxes = self.leaves[group].boxes
        ends = np.where(np.abs(boxes) == FAR, boxes * 1e6, boxes * self.cell_m)
        west, south, east, north = shapely.bounds(self._ground(group))
        # A leaf may lie beside the ground altogether: its box is then a line or a point on the bounds.
        x = np.clip(ends[:, [0, 2]], west, east)
        y = np.clip(ends[:, [1, 3]], south, north)
        return shapely.box(x[:, 0], y[:, 0], x[:, 1], y[:, 1])


def _beside_any(own: Ints, others: Ints) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Say which boxes share a piece of edge, not a corner alone, with any of the boxes on the other side."""
    # Only what touches the bounds of the other side can: of thousands of leaves some tens.
    near = own[_meet(own, _bounds(others))]
    touching = np.flatnonzero(_meet(others, _bounds(own)))
    low = np.maximum(near[:, np.newaxis, :2], others[touching, :2])
    high = np.minimum(near[:, np.newaxis, 2:], others[touching, 2:])
    found = np.zeros(len(others), dtype=bool)
    found[touching] = ((high >= low).all(axis=2) & (high > low).any(axis=2)).any(axis=0)
    return found


def _bounds(boxes: Ints) -> Ints:
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _meet(boxes: Ints, box: Ints) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray((boxes[:, :2] <= box[2:]).all(axis=1) & (boxes[:, 2:] >= box[:2]).all(axis=1))
