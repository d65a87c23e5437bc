"""Trees of straight cuts on the lines of a grid: how they are made, walked, drawn and written.

Strict Mondrian (LeFevre, DeWitt and Ramakrishnan 2006), but for one thing: cuts lie on the lines of a fixed
grid and never at a home, so that an edge says nothing finer than the grid about where anybody lives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely

Ints = np.ndarray[Any, np.dtype[np.int64]]

# A tree of homes where people live is some twenty cuts deep; deeper ones are not worth their file.
MOST_CUTS = 200
# Beyond every grid line: 2**40 cells.
FAR = 1 << 40
AXES: tuple[Literal["x"], Literal["y"]] = ("x", "y")


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut along a grid line: cells below the line go one way, the others the other.

    Parameters
    ----------
    axis : int
        0 for a line of constant x, 1 for one of constant y.
    at : int
        Number of the grid line.
    low, high : Cut or int
        What lies on each side; an int is an area's number.
    """

    axis: int
    at: int
    low: Tree
    high: Tree

    @property
    def along(self) -> tuple[int, int]:
        """The line of the cut."""
        return self.axis, self.at


Tree = Cut | int


def mondrian(cells: Ints, counts: Ints, k: int, numbers: Iterator[int]) -> Tree:
    """Return the tree of areas that hold at least a number of homes each.

    Parameters
    ----------
    cells : (m, 2) int array
        The grid cells that hold homes, each once.
    counts : (m,) int array
        Homes in each.
    k : int
        The fewest homes on either side of a cut.
    numbers : iterator of int
        Numbers for the areas, taken in the order of the tree.

    Returns
    -------
    Cut or int
        The same whatever the order of the cells.
    """
    return _split(cells, counts, k, numbers, 0)


def _split(cells: Ints, counts: Ints, k: int, numbers: Iterator[int], depth: int) -> Tree:
    found = _cut(cells, counts, k) if depth < MOST_CUTS else None
    if found is None:
        return next(numbers)
    axis, at = found
    below = cells[:, axis] < at
    low = _split(cells[below], counts[below], k, numbers, depth + 1)
    return Cut(axis, at, low, _split(cells[~below], counts[~below], k, numbers, depth + 1))


def _cut(cells: Ints, counts: Ints, k: int) -> tuple[int, int] | None:
    """Return the most balanced cut across the longer axis, else across the other; None if neither may be."""
    if counts.sum() < 2 * k:
        return None
    spans = cells.max(axis=0) - cells.min(axis=0)
    for axis in (0, 1) if spans[0] >= spans[1] else (1, 0):
        lines, column = np.unique(cells[:, axis], return_inverse=True)
        low = np.cumsum(np.bincount(column, weights=counts).astype(np.int64))[:-1]
        smaller = np.minimum(low, counts.sum() - low)
        if len(smaller) and smaller.max() >= k:
            best = int(smaller.argmax())
            # In the middle of empty columns: a line beside a home's column would tell where it is.
            return axis, int(lines[best] + 1 + lines[best + 1]) // 2
    return None


def leaf_numbers(tree: Tree) -> list[int]:
    """Return the areas' numbers, leaf by leaf in the order of the tree."""
    if isinstance(tree, int):
        return [tree]
    return [*leaf_numbers(tree.low), *leaf_numbers(tree.high)]


def walk(tree: Tree, cells: Ints) -> Ints:
    """Return the number of the area that each cell, shape (n, 2), lies in."""
    found = np.empty(len(cells), dtype=np.int64)
    waiting = [(tree, np.arange(len(cells)))]
    while waiting:
        node, some = waiting.pop()
        if isinstance(node, int):
            found[some] = node
        elif len(some):
            below = cells[some, node.axis] < node.at
            waiting += [(node.low, some[below]), (node.high, some[~below])]
    return found


def renumbered(tree: Tree, number: Callable[[int], int]) -> Tree:
    """Return the tree with other numbers; a cut between two leaves of one number is taken out."""
    if isinstance(tree, int):
        return number(tree)
    low, high = renumbered(tree.low, number), renumbered(tree.high, number)
    same = isinstance(low, int) and low == high
    return low if same else Cut(tree.axis, tree.at, low, high)


def pieces(tree: Tree, shape: Any, cell_m: float) -> Iterator[tuple[int, Any]]:
    """Yield (area, its part of a shape) for every leaf that has one."""
    if shape.is_empty:
        return
    yield from _pieces(tree, shape, cell_m, shapely.bounds(shape))


def _pieces(tree: Tree, shape: Any, cell_m: float, bounds: Any) -> Iterator[tuple[int, Any]]:
    if isinstance(tree, int):
        yield tree, shape
        return
    # Always of the whole shape's bounds: both sides then meet the outline in the very same points.
    for side, branch in enumerate((tree.low, tree.high)):
        ends = [bounds[0] - cell_m, bounds[1] - cell_m, bounds[2] + cell_m, bounds[3] + cell_m]
        ends[tree.axis + (0 if side else 2)] = tree.at * cell_m
        if ends[tree.axis] >= ends[tree.axis + 2]:
            continue
        part = shapely.intersection(shape, shapely.box(*ends))
        if shapely.area(part) > 0:
            yield from _pieces(branch, part, cell_m, bounds)


def to_plain(tree: Tree) -> Any:
    """Return the tree as plain JSON."""
    if isinstance(tree, int):
        return tree
    return {"axis": AXES[tree.axis], "at": tree.at, "low": to_plain(tree.low), "high": to_plain(tree.high)}


def from_plain(plain: int | Mapping[str, Any]) -> Tree:
    """Return the tree that `to_plain` wrote."""
    if isinstance(plain, int):
        return plain
    low, high = from_plain(plain["low"]), from_plain(plain["high"])
    return Cut(AXES.index(plain["axis"]), int(plain["at"]), low, high)


@dataclass(frozen=True, slots=True)
class Leaves:
    """The leaves of a tree, in its order.

    Parameters
    ----------
    numbers : (m,) int array
        Their areas.
    boxes : (m, 4) int array
        Their ground in grid lines: west, south, east, north; `FAR` where nothing ends it.
    cuts : (m - 1, 2) int array
        The leaves under every cut, as [start, end).
    """

    numbers: Ints
    boxes: Ints
    cuts: Ints


def leaves_of(tree: Tree) -> Leaves:
    """Return the leaves of a tree."""
    found: list[tuple[int, tuple[int, int, int, int]]] = []
    cuts: list[tuple[int, int]] = []

    def visit(node: Tree, box: tuple[int, int, int, int]) -> None:
        if isinstance(node, int):
            found.append((node, box))
            return
        start = len(found)
        for side, branch in enumerate((node.low, node.high)):
            ends = list(box)
            ends[node.axis + (0 if side else 2)] = node.at
            visit(branch, (ends[0], ends[1], ends[2], ends[3]))
        cuts.append((start, len(found)))

    visit(tree, (-FAR, -FAR, FAR, FAR))
    numbers = np.array([number for number, _ in found], dtype=np.int64)
    boxes = np.array([box for _, box in found], dtype=np.int64).reshape(-1, 4)
    return Leaves(numbers, boxes, np.array(cuts, dtype=np.int64).reshape(-1, 2))
