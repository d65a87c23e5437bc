"""Partitions that hang together: of all homes, of more homes an area, of the homes that are not a unit's.

Each is the one above it with areas joined. So what two receivers hold, laid over each other, is never finer
than the areas of all homes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import scipy

from gridmap.privacy import partition_tree as trees
from gridmap.privacy.partition import Partition

Floats = np.ndarray[Any, np.dtype[np.float64]]


def next_link(above: Partition, before: Partition | None, xy: Floats, k: int) -> Partition:
    """Return a partition with areas of at least k of some homes, in each of which whole areas of another lie.

    Parameters
    ----------
    above : Partition
        The one that it hangs on, as it is today.
    before : Partition or None
        What it was in the release before, so that areas which were joined stay joined.
    xy : (n, 2) array of float
        The homes of which each area must hold k, in the project's CRS.
    k : int
        The fewest.
    """
    begun = above if before is None else joined_as(above, before)
    return begun.continued(xy, begun.units, k)


def joined_as(partition: Partition, other: Partition) -> Partition:
    """Return a partition with its areas joined wherever one area of another covers parts of several.

    Both come from one partition, coarsened in different ways: as far as both have groups, these are the
    same. Ground that only the first has stays as it is.
    """
    pairs = [
        pair
        for one, another in zip(partition.groups, other.groups, strict=False)
        if one.units == another.units
        for pair in _overlaid(one.tree, another.tree)
    ]
    into = _smallest_together(partition.areas, pairs)
    groups = tuple(
        replace(group, tree=trees.renumbered(group.tree, into.__getitem__)) for group in partition.groups
    )
    return replace(partition, groups=groups)


def _overlaid(one: trees.Tree, other: trees.Tree) -> Iterator[tuple[int, int]]:
    """Yield the areas of two trees that share ground."""
    if isinstance(one, trees.Cut) and isinstance(other, trees.Cut) and one.along == other.along:
        yield from _overlaid(one.low, other.low)
        yield from _overlaid(one.high, other.high)
    else:
        # One is not cut any further here; where both are, and differently, all of it counts as shared.
        yield from product(trees.leaf_numbers(one), trees.leaf_numbers(other))


def _smallest_together(areas: tuple[int, ...], pairs: list[tuple[int, int]]) -> dict[int, int]:
    """Return, for each area, the smallest of those that it shares an area of the other partition with."""
    place = {area: at for at, area in enumerate(areas)}
    others = {area: len(areas) + at for at, area in enumerate(sorted({other for _, other in pairs}))}
    rows = [place[one] for one, _ in pairs]
    columns = [others[other] for _, other in pairs]
    size = len(areas) + len(others)
    links = scipy.sparse.coo_array((np.ones(len(pairs)), (rows, columns)), shape=(size, size))
    part = scipy.sparse.csgraph.connected_components(links, directed=False)[1]
    first: dict[int, int] = {}
    return {area: first.setdefault(int(part[place[area]]), area) for area in sorted(areas)}
