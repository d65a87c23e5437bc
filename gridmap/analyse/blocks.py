"""Counting who reaches many places: places that lie together are settled together, as far as they can be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy

from gridmap.analyse.demand import Floats, Ints

# Places that lie together, at most; more of them make wider blocks, in which less is settled at once.
TOGETHER = 24
# Pairs that are looked at in one go: bounds the memory.
PAIRS = 4_000_000
# A block is at most so wide, as a part of the reach: wider, most keepers would be neither near nor far.
WIDEST = 1.0 / 8.0
# Of the 16 bits a side has.
_SIDE = 16
_SLACK_M = 1e-6


@dataclass(frozen=True, slots=True)
class Blocks:
    """Places in blocks: runs of a curve that fills the plane (Morton 1966).

    Parameters
    ----------
    order : (n,) int
        The places, block by block.
    first : (b + 1,) int
        Where each block begins in `order`, and where the last one ends.
    middle : (b, 3) metres
        A point of each block, geocentric.
    radius : (b,) metres
        How far from it the block's places are, at most, along the chord.
    """

    order: Ints
    first: Ints
    middle: Floats
    radius: Floats

    @classmethod
    def of(cls, xyz: Floats, widest: float) -> Blocks:
        """Return places in blocks no wider than `widest` metres; `xyz` is (n, 3), geocentric."""
        axes = np.argsort(np.ptp(xyz, axis=0))[1:]
        low, span = xyz[:, axes].min(axis=0), float(np.ptp(xyz[:, axes], axis=0).max())
        side = np.clip((xyz[:, axes] - low) * ((2**_SIDE - 1) / max(span, 1.0)), 0, 2**_SIDE - 1)
        code = _spread(side[:, 0].astype(np.uint64)) | (_spread(side[:, 1].astype(np.uint64)) << np.uint64(1))
        order = np.argsort(code, kind="stable")
        # Squares of the curve's own grid that are no wider than is allowed.
        halvings = min(_SIDE, max(0, int(np.ceil(np.log2(max(span, 1.0) / widest)))))
        square = code[order] >> np.uint64(2 * (_SIDE - halvings))
        new = np.flatnonzero(np.r_[True, square[1:] != square[:-1]])
        within = np.arange(len(order)) - np.repeat(new, np.diff(np.r_[new, len(order)]))
        first = np.r_[np.flatnonzero(within % TOGETHER == 0), len(order)]
        sizes = np.diff(first)
        mine = xyz[order]
        middle = np.add.reduceat(mine, first[:-1], axis=0) / sizes[:, None]
        away = np.sqrt(np.square(mine - np.repeat(middle, sizes, axis=0)).sum(axis=1))
        return cls(order, first, middle, np.maximum.reduceat(away, first[:-1]))

    def __len__(self) -> int:
        return len(self.radius)


def _spread(bits: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Put a zero between every two of 16 bits."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        bits = (bits | (bits << np.uint64(shift))) & np.uint64(mask)
    return bits


@dataclass(frozen=True, slots=True)
class Within:
    """What is within reach of n places.

    Parameters
    ----------
    count, summed : (n,) int
        How many keepers surely are, and the sum of their positions.
    place, keeper : (k,) int
        Pairs of which the chord alone does not tell.
    """

    count: Ints
    summed: Ints
    place: Ints
    keeper: Ints


def within(xyz: Floats, keepers: Floats, least: float, most: float) -> Within:
    """Count the keepers whose chord to each place is within a limit.

    Parameters
    ----------
    xyz, keepers : (n, 3) and (m, 3) metres
        Places and keepers, geocentric; at least one of each.
    least, most : float
        A chord up to `least` is within reach; one above `most` is not; of one between them it is not known.

    Returns
    -------
    Within
        What is sure, and the pairs that are not.
    """
    blocks = Blocks.of(xyz, max(least, 1.0) * WIDEST)
    sure, summed = np.zeros(len(blocks), dtype=np.int64), np.zeros(len(blocks), dtype=np.int64)
    count, total = np.zeros(len(xyz), dtype=np.int64), np.zeros(len(xyz), dtype=np.int64)
    doubt: list[tuple[Ints, Ints]] = []
    for block, keeper, chord in _near(blocks, keepers, most):
        inside = chord <= least - blocks.radius[block] - _SLACK_M
        sure += np.bincount(block[inside], minlength=len(blocks))
        summed += np.bincount(block[inside], keeper[inside], minlength=len(blocks)).astype(np.int64)
        ring = ~inside & (chord <= most + blocks.radius[block] + _SLACK_M)
        for place, one in _spelled(blocks, block[ring], keeper[ring]):
            away = np.sqrt(sum(np.square(xyz[place, axis] - keepers[one, axis]) for axis in range(3)))
            reached = away <= least
            count += np.bincount(place[reached], minlength=len(xyz))
            total += np.bincount(place[reached], one[reached], minlength=len(xyz)).astype(np.int64)
            open_ = ~reached & (away <= most)
            doubt.append((place[open_], one[open_]))
    sizes = np.diff(blocks.first)
    count[blocks.order] += np.repeat(sure, sizes)
    total[blocks.order] += np.repeat(summed, sizes)
    nothing = np.empty(0, dtype=np.int64)
    place, keeper = (np.concatenate([nothing, *(pair[at] for pair in doubt)]) for at in (0, 1))
    return Within(count, total, place, keeper)


def _near(blocks: Blocks, keepers: Floats, most: float) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Yield pairs of a block and a keeper that may be in reach of one of its places, and their chords."""
    tree = scipy.spatial.cKDTree(keepers)
    step = max(1, PAIRS // len(keepers))
    for first in range(0, len(blocks), step):
        some = slice(first, first + step)
        far = most + float(blocks.radius[some].max()) + 2.0 * _SLACK_M
        mine = scipy.spatial.cKDTree(blocks.middle[some])
        pairs = mine.sparse_distance_matrix(tree, far, output_type="ndarray")
        yield pairs["i"].astype(np.int64) + first, pairs["j"].astype(np.int64), pairs["v"]


def _spelled(blocks: Blocks, block: Ints, keeper: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield the pairs of places and keepers that pairs of blocks and keepers stand for."""
    step = max(1, PAIRS // TOGETHER)
    for first in range(0, len(block), step):
        some = block[first : first + step]
        sizes = blocks.first[some + 1] - blocks.first[some]
        ends = np.cumsum(sizes)
        at = np.arange(int(ends[-1])) + np.repeat(blocks.first[some] - (ends - sizes), sizes)
        yield blocks.order[at], np.repeat(keeper[first : first + step], sizes)
