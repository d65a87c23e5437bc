"""Lists of numbers, one for each of many cells, in two arrays."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


class Lists(NamedTuple):
    """Lists of some cells.

    Parameters
    ----------
    first, length : array of int, shape (n,)
        Where the list of each cell starts, and its length. Cells may share a list.
    items : array of int, shape (k,)
        What stands in the lists.
    """

    first: Ints
    length: Ints
    items: Ints

    @classmethod
    def of(cls, length: Ints, items: Ints) -> Lists:
        """Make lists that follow one another without gaps, of their lengths."""
        return cls(np.cumsum(length) - length, length, items)

    @property
    def owner(self) -> Ints:
        """Return whose each item is; of lists without gaps."""
        return np.repeat(np.arange(len(self.length)), self.length)

    def of_cells(self, cells: Ints) -> Lists:
        """Return the lists of some cells, in their order; a cell may come again. No item is copied."""
        return Lists(self.first[cells], self.length[cells], self.items)

    def some(self, cells: slice | Ints) -> Lists:
        """Return the lists of some cells without gaps, in their order; a cell may come again."""
        first, length = self.first[cells], self.length[cells]
        start = np.cumsum(length) - length
        at = np.arange(int(length.sum())) + np.repeat(first - start, length)
        return Lists(start, length, self.items[at])

    def stored(self, items: Ints) -> tuple[Ints, Ints]:
        """Return lists without gaps with other items, each led by its length, and where each stands."""
        number = np.arange(len(self.length))
        at = np.arange(len(items)) + np.repeat(number + 1, self.length)
        first = self.first + number
        out = np.empty(len(items) + len(self.length), dtype=np.int64)
        out[at], out[first] = items, self.length
        return first, out

    def blocks(self, size: int) -> Iterator[slice]:
        """Cut into blocks of cells, none with many more items than `size`."""
        reached = np.cumsum(self.length)
        whole = int(reached[-1]) if len(reached) else 0
        cut = np.unique(np.searchsorted(reached, np.arange(0, whole, size)))
        for start, stop in pairwise([*cut.tolist(), len(self.length)]):
            yield slice(start, stop)
