"""The areas that all products of a project share: each holds at least k homes, and together they tile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np
import scipy
import shapely

from gridmap.geo import polygons_of
from gridmap.privacy import partition_tree as trees
from gridmap.privacy.linkage import MOST_ISOLATED, exposed, link_limit
from gridmap.privacy.partition_joining import Group, joined
from gridmap.privacy.partition_units import Units

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Geoms = np.ndarray[Any, np.dtype[np.object_]]

# Cuts leave more than k on both sides, so that one home that moves away does not cost an area at once.
MARGIN_PER_CENT = 120


@dataclass(frozen=True, slots=True)
class Drawn:
    """Areas as shapes.

    Parameters
    ----------
    shapes : (n,) array of geometry
        Polygons in the project's CRS, in the order of `Partition.areas`.
    units : tuple of tuple of int
        For each, the positions of the units that it covers a part of.
    """

    shapes: Geoms
    units: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Partition:
    """Areas: groups of administrative units, cut along the lines of a grid.

    It is made once, from the homes of that day, and after that only coarsened: whatever somebody lays over
    each other of several days' products, nothing finer comes out than the finest of them.

    Parameters
    ----------
    cell_m : float
        Metres between grid lines, which are multiples of it in the project's CRS.
    units : Units
        The administrative units as they were drawn when it was made; later ground is added, no boundary
        moved.
    groups : tuple of Group
        The units that are cut together, and how. An area may have leaves in several groups.
    """

    cell_m: float
    units: Units
    groups: tuple[Group, ...]

    @classmethod
    def build(cls, xy: Floats, units: Units, *, k: int, cell_m: float) -> Partition:
        """Make the areas of some homes.

        Parameters
        ----------
        xy : (n, 2) array of float
            Positions in the project's CRS; NaN and what lies in no unit belongs to no area.
        units : Units
            Administrative units (`units_of`). One with fewer than k homes joins a neighbour, of the same
            township if it can be.
        k : int
            The fewest homes of an area.
        cell_m : float
            Metres between grid lines.

        Returns
        -------
        Partition
            The same whatever the order of rows. With fewer than k homes in all there is one area, that
            holds too few: nothing can be shown of it.
        """
        bare = cls(cell_m, Units(units.levels, (), np.empty(0, dtype=object)), ())
        at = units.locate(xy)
        made = _with_ground(bare, xy, units, at, k)
        return _hidden(made, made.numbers(xy, at), xy, k, 1.0 / k)

    @property
    def areas(self) -> tuple[int, ...]:
        """Numbers of the areas, in order; an area keeps its number until it joins another."""
        return tuple(sorted({area for group in self.groups for area in trees.leaf_numbers(group.tree)}))

    def continued(self, xy: Floats, units: Units, k: int) -> Partition:
        """Return the areas for today's homes and units: new ground gets areas, short and exposed ones join.

        An area is exposed if the home nearest to its middle is one of the most isolated of all: a lone home
        has a wide neighbourhood, and so is nearer to the middle than its share of the area's homes would
        have it. When more of them than `link_limit` are nearest, areas join until it is one in k. Where
        today's units only draw other boundaries on the same ground, the areas stay as they are.
        """
        ground = self.units.grown(units)
        at = ground.locate(xy)
        made = _with_ground(self, xy, ground, at, k)
        kept, number = _settled(made, made.numbers(xy, at), k)
        return _hidden(kept, number, xy, k, link_limit(k, MOST_ISOLATED))

    def settled(self, xy: Floats, k: int) -> tuple[Partition, Ints]:
        """Return the areas joined until each holds at least k of some homes, and in them their `locate`.

        With fewer than k homes in all nothing is changed, since nothing can be shown of them.
        """
        made, number = _settled(self, self.numbers(xy, self.units.locate(xy)), k)
        return made, _positions(made.areas, number)

    def locate(self, xy: Floats) -> Ints:
        """Return the area of each home, as a position in `areas`, shape (n,); -1 for none."""
        return _positions(self.areas, self.numbers(xy, self.units.locate(xy)))

    def drawn(self) -> Drawn:
        """Return the areas' shapes: rectangles of grid lines within the groups' units."""
        territories = self.units.territories()
        parts: dict[int, list[Any]] = {area: [] for area in self.areas}
        covered: dict[int, set[int]] = {area: set() for area in self.areas}
        for group in self.groups:
            for unit in group.units:
                for area, piece in trees.pieces(group.tree, territories[unit], self.cell_m):
                    parts[area].append(piece)
                    covered[area].add(unit)
        shapes = np.empty(len(parts), dtype=object)
        shapes[:] = [polygons_of(shapely.union_all(some)) for some in parts.values()]
        return Drawn(shapes, tuple(tuple(sorted(some)) for some in covered.values()))

    def clusters(self, level: str) -> tuple[tuple[tuple[int, ...], ...], Ints]:
        """Return the units that must be shown as one where counts are shown by the units of a level.

        Parameters
        ----------
        level : str
            Name of a level; a unit that lies in none of it stands for itself.

        Returns
        -------
        units : tuple of tuple of int
            The units of each cluster. No area lies in two clusters, and no unit of the level: every count by
            cluster is a sum of whole areas.
        of_area : (n,) int array
            The cluster of each area.
        """
        keys: dict[tuple[str, ...], int] = {}
        ties = []
        for group in self.groups:
            tied: list[tuple[str, ...]] = [("area", str(area)) for area in trees.leaf_numbers(group.tree)]
            tied += [("place", *self.units.place_at(unit, level).key) for unit in group.units]
            tied += [("unit", str(unit)) for unit in group.units]
            numbers = [keys.setdefault(key, len(keys)) for key in tied]
            ties += [(numbers[0], number) for number in numbers]
        one, other = np.array(ties, dtype=np.int64).reshape(-1, 2).T
        links = scipy.sparse.coo_array((np.ones(len(ties)), (one, other)), shape=(len(keys), len(keys)))
        part = scipy.sparse.csgraph.connected_components(links, directed=False)[1]
        found: dict[int, list[int]] = {}
        for unit in sorted(unit for group in self.groups for unit in group.units):
            found.setdefault(int(part[keys["unit", str(unit)]]), []).append(unit)
        order = {name: position for position, name in enumerate(found)}
        of_area = [order[int(part[keys["area", str(area)]])] for area in self.areas]
        return tuple(tuple(units) for units in found.values()), np.array(of_area, dtype=np.int64)

    def joined_below(self, counts: Ints, k: int) -> tuple[Partition, Ints]:
        """Return the areas joined until each counts k; `counts` is in the order of `areas`.

        Returns
        -------
        Partition
            The joined areas.
        Ints
            For each number up to the largest, the number of the area that it became part of; -1 at the end.
        """
        given = dict(zip(self.areas, counts.tolist(), strict=True))
        into = joined(self.groups, self.units, given, k, self.cell_m)
        groups = (replace(one, tree=trees.renumbered(one.tree, into.__getitem__)) for one in self.groups)
        table = np.array([into.get(area, -1) for area in range(self.areas[-1] + 1)] + [-1], dtype=np.int64)
        return replace(self, groups=tuple(groups)), table

    def numbers(self, xy: Floats, at: Ints) -> Ints:
        """Return the number of each home's area, -1 for none; `at` is the unit it lies in."""
        places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        found = np.full(len(places), -1, dtype=np.int64)
        of_unit = np.full(len(self.units) + 1, -1, dtype=np.int64)
        for position, group in enumerate(self.groups):
            of_unit[list(group.units)] = position
        order = np.argsort(of_unit[at], kind="stable")
        ends = np.searchsorted(of_unit[at][order], np.arange(len(self.groups) + 1))
        for position, group in enumerate(self.groups):
            rows = order[ends[position] : ends[position + 1]]
            if len(rows):
                found[rows] = trees.walk(group.tree, _cells(places[rows], self.cell_m))
        return found

    def to_plain(self) -> dict[str, Any]:
        """Return the partition as plain JSON."""
        groups = [{"units": list(group.units), "tree": trees.to_plain(group.tree)} for group in self.groups]
        return {"cell_m": self.cell_m, **self.units.to_plain(), "groups": groups}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Partition:
        """Return the partition that `to_plain` wrote; ValueError, KeyError or TypeError for anything else."""
        groups = tuple(
            Group(tuple(group["units"]), trees.from_plain(group["tree"])) for group in plain["groups"]
        )
        units = Units.from_plain(plain)
        if sorted(unit for group in groups for unit in group.units) != list(range(len(units))):
            msg = "each unit is in one group"
            raise ValueError(msg)
        return cls(float(plain["cell_m"]), units, groups)


def _counts(partition: Partition, number: Ints) -> Ints:
    held = np.bincount(number[number >= 0], minlength=max(partition.areas, default=-1) + 1)
    return held[list(partition.areas)].astype(np.int64)


def _settled(partition: Partition, number: Ints, k: int) -> tuple[Partition, Ints]:
    """Return the areas joined until each holds k homes, and the area of each home."""
    counts = _counts(partition, number)
    if counts.sum() < k or counts.min() >= k:
        return partition, number
    made, into = partition.joined_below(counts, k)
    return made, into[number]


def _hidden(partition: Partition, number: Ints, xy: Floats, k: int, allowed: float) -> Partition:
    """Return the partition with exposed areas joined, if these expose more homes than are allowed."""
    while len(partition.areas) > 1:
        group = _positions(partition.areas, number)
        found, homes = exposed(xy, partition.drawn().shapes, group)
        if len(found) <= max(allowed * homes, homes // k):
            break
        # Those with the fewest homes, down to one in k; what counts nobody joins another.
        counts = _counts(partition, number)
        counts[found[np.argsort(counts[found], kind="stable")][: len(found) - homes // k]] = 0
        partition, into = partition.joined_below(counts, 1)
        number = into[number]
        allowed = 1.0 / k
    return partition


def _with_ground(partition: Partition, xy: Floats, units: Units, at: Ints, k: int) -> Partition:
    """Return the partition with groups for the units that it has none for; `at` is the unit of each home."""
    known = {unit for group in partition.groups for unit in group.units}
    new = [unit for unit in range(len(units)) if unit not in known]
    if not new:
        return replace(partition, units=units)
    held = np.bincount(at[at >= 0], minlength=len(units))
    alone = [Group((unit,), unit) for unit in new]
    into = joined(alone, units, {unit: int(held[unit]) for unit in new}, k, partition.cell_m)
    members = [tuple(unit for unit in new if into[unit] == root) for root in sorted(set(into.values()))]
    numbers = count(max(partition.areas, default=-1) + 1)
    inside = np.flatnonzero(np.isin(at, new))
    cells = _cells(np.asarray(xy)[inside], partition.cell_m)
    groups = (_group(some, cells[np.isin(at[inside], some)], k, numbers) for some in members)
    return replace(partition, units=units, groups=(*partition.groups, *groups))


def _group(units: tuple[int, ...], cells: Ints, k: int, numbers: Iterator[int]) -> Group:
    """Return some units, cut where homes lie in so many cells, shape (n, 2)."""
    least = -(-k * MARGIN_PER_CENT // 100)
    return Group(units, trees.mondrian(*_counted(cells), least, numbers) if len(cells) else next(numbers))


def _cells(xy: Floats, cell_m: float) -> Ints:
    places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    return np.floor(places / cell_m).astype(np.int64)


def _positions(areas: tuple[int, ...], numbers: Ints) -> Ints:
    return np.where(numbers >= 0, np.searchsorted(np.array(areas, dtype=np.int64), numbers), -1)


def _counted(cells: Ints) -> tuple[Ints, Ints]:
    """Return each cell once, and how often it was there."""
    low = cells.min(axis=0)
    wide = int(cells[:, 1].max() - low[1]) + 1
    packed, homes = np.unique((cells[:, 0] - low[0]) * wide + (cells[:, 1] - low[1]), return_counts=True)
    return np.column_stack([packed // wide + low[0], packed % wide + low[1]]), homes
