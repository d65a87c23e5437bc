"""Exact arithmetic of half-open stretches along a line, in whole millimetres.

Chainages are rounded to the millimetre once and are int64 from then on: stretches that meet
share one number, so sums telescope and a tie is a tie on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MM = 1000
# From so many places on a ladder is asked by bins of 65 m (in millimetres: bits), as far as these are few.
MANY, BIN_BITS, MOST_BINS = 100_000, 16, 1_000_000
NEITHER = -2
NOTHING = np.iinfo(np.int64).max


def to_mm(metres: Any) -> Ints:
    """Round metres to whole millimetres; what is not finite becomes -1."""
    values = np.asarray(metres, dtype=np.float64)
    known = np.isfinite(values)
    # Farther than any place on Earth is as good as the end of it; int64 holds no infinity.
    rounded = np.rint(np.clip(np.where(known, values, 0.0), -1e12, 1e12) * MM)
    return np.where(known, rounded, -1).astype(np.int64)


def to_m(millimetres: Ints) -> Floats:
    """Return metres, each the float nearest to its whole millimetre."""
    return np.asarray(millimetres, dtype=np.float64) / MM


def cells(stations: Ints, *, length: int, reach: int) -> tuple[Ints, Ints]:
    """Split ``[0, length)`` at the midpoints of stations, none reaching farther than `reach`.

    Parameters
    ----------
    stations : (n,) ascending distinct chainages in millimetres.
    length, reach : int
        Millimetres.

    Returns
    -------
    starts, stops : (n,) millimetres
        ``[start, stop)`` of each station's cell; an empty cell has ``start == stop``.
    """
    middles = (stations[:-1] + stations[1:]) // 2
    starts = np.concatenate([[0], middles]) if len(stations) else np.empty(0, np.int64)
    stops = np.concatenate([middles, [length]]) if len(stations) else np.empty(0, np.int64)
    starts = np.maximum(starts, stations - reach)
    stops = np.maximum(np.minimum(stops, stations + reach), starts)
    return starts.astype(np.int64), stops.astype(np.int64)


def subtract(starts: Ints, stops: Ints, *, holes: tuple[Ints, Ints]) -> tuple[Ints, Ints, Ints]:
    """Cut the holes out of stretches.

    Returns
    -------
    starts, stops, owner : (m,)
        The pieces that are left, west to east within each owner; `owner` is the position of
        the stretch that a piece is of.
    """
    hole_starts, hole_stops = merge(*holes)
    # What is free between the merged holes, as one row of stretches without end.
    end = np.iinfo(np.int64).max
    free_starts = np.concatenate([[-1], hole_stops]).astype(np.int64)
    free_stops = np.concatenate([hole_starts, [end]]).astype(np.int64)
    left = np.maximum(starts[:, None], free_starts[None, :])
    right = np.minimum(stops[:, None], free_stops[None, :])
    owner, piece = np.nonzero(left < right)
    return left[owner, piece], right[owner, piece], owner.astype(np.int64)


def merge(starts: Ints, stops: Ints) -> tuple[Ints, Ints]:
    """Return the union of stretches as disjoint stretches, west to east; empty ones vanish."""
    ladder = Ladder.of(starts, stops)
    covered = np.array([bool(members) for members in ladder.members], dtype=bool)
    if not covered.any():
        return np.empty(0, np.int64), np.empty(0, np.int64)
    edges = np.diff(np.concatenate([[0], covered.astype(np.int8), [0]]))
    return ladder.breaks[np.nonzero(edges == 1)[0]], ladder.breaks[np.nonzero(edges == -1)[0]]


@dataclass(frozen=True, slots=True)
class Ladder:
    """The line cut at every end of a stretch, each rung with the stretches that hold it.

    Parameters
    ----------
    breaks : (k + 1,) ascending millimetres
        Ends of the k rungs (empty if there is no stretch).
    members : k tuples of int
        Positions of the stretches on each rung, ascending.
    """

    breaks: Ints
    members: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, starts: Ints, stops: Ints, *, length: int | None = None) -> Ladder:
        """Cut; with `length` the rungs tile ``[0, length)`` even where nothing is."""
        ends = [starts, stops] if length is None else [starts, stops, np.array([0, length])]
        breaks = np.unique(np.concatenate(ends).astype(np.int64))
        first = np.searchsorted(breaks, starts)
        last = np.searchsorted(breaks, stops)
        members: list[list[int]] = [[] for _ in range(max(len(breaks) - 1, 0))]
        for position, (one, other) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
            for rung in range(one, other):
                members[rung].append(position)
        return cls(breaks, tuple(tuple(each) for each in members))

    def rung(self, at: Ints) -> Ints:
        """Return the rung of each place, -1 off the ladder; the last rung holds its end too."""
        if not self.members:
            return np.full(len(at), -1, np.int64)
        found = np.searchsorted(self.breaks, at, side="right") - 1
        found = np.where(at == self.breaks[-1], len(self.members) - 1, found)
        off = (at < self.breaks[0]) | (at > self.breaks[-1])
        return np.where(off, -1, found).astype(np.int64)

    def first(self) -> Ints:
        """Return the smallest member of each rung and -1 where it has none."""
        return np.array([each[0] if each else -1 for each in self.members], dtype=np.int64)

    def holder(self, at: Ints) -> Ints:
        """Return the smallest stretch that holds each place, -1 where none does."""
        if not self.members:
            return np.full(len(at), -1, np.int64)
        # The last rung holds its end too; before the first and behind the last is nothing.
        edges = np.append(self.breaks[:-1], self.breaks[-1] + 1)
        held = np.concatenate([[-1], self.first(), [-1]])
        first, last = int(edges[0]), int(edges[-1])
        if len(at) < MANY or last - first > MOST_BINS << BIN_BITS:
            return np.asarray(held[np.searchsorted(edges, at, side="right")], dtype=np.int64)
        # Of many places most lie in a bin without an end of a stretch: one look-up instead of a search.
        bins = np.clip((at - first) >> BIN_BITS, -1, (last - first) >> BIN_BITS) + 1
        starts = np.arange(-1, ((last - first) >> BIN_BITS) + 1) << BIN_BITS
        low, high = (
            np.searchsorted(edges, first + starts + shift, side="right") for shift in (0, (1 << BIN_BITS) - 1)
        )
        found = np.where(low == high, held[low], NEITHER)[bins]
        rest = np.flatnonzero(found == NEITHER)
        found[rest] = held[np.searchsorted(edges, at[rest], side="right")]
        return np.asarray(found, dtype=np.int64)

    def between(self, starts: Ints, stops: Ints) -> Ints:
        """Return the smallest stretch that meets each closed range ``[start, stop]``, -1 where none does."""
        found = np.full(len(starts), -1, np.int64)
        if not self.members:
            return found
        low = self.rung(np.maximum(starts, self.breaks[0]))
        high = self.rung(np.minimum(stops, self.breaks[-1]))
        real = np.flatnonzero((low >= 0) & (high >= low))
        if len(real):
            smallest = np.append(np.where(self.first() < 0, NOTHING, self.first()), NOTHING)
            bounds = np.stack([low[real], high[real] + 1], axis=1).reshape(-1)
            found[real] = np.minimum.reduceat(smallest, bounds)[::2]
        found[found == NOTHING] = -1
        return found

    def runs(self) -> list[tuple[int, int, tuple[int, ...]]]:
        """Return (start, stop, members), neighbouring rungs with the same members joined."""
        joined: list[tuple[int, int, tuple[int, ...]]] = []
        for start, stop, members in zip(self.breaks[:-1], self.breaks[1:], self.members, strict=True):
            if joined and joined[-1][2] == members:
                joined[-1] = (joined[-1][0], int(stop), members)
            else:
                joined.append((int(start), int(stop), members))
        return joined
