"""Which of many things can be nearest to a cell: a line's segments, or sites (segments without length).

A cell is looked at as the ball around its middle that holds all of its points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridmap.geo.index.chart_lists import Lists
from gridmap.geo.nearest import chord_margin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# What is stored of a segment in a list: four times its number, and whether the segments that lead into it and
# on from it stand beside it in the list. Of a site its number.
INTO, ONTO, FLAGS = 1, 2, 4
# Rounding of places, where it says whether a foot is off the end.
LEEWAY_M = 1e-3
# More than rounding takes where distances come from products of coordinates.
ROUNDING_M = 1.0
# Distances that are worked out in one go: they stay in the processor's cache.
TOGETHER = 100_000
# Items that are judged together: their temporaries stay in the processor's cache.
PART = 16_384


class Things(NamedTuple):
    """What the judge knows of the things.

    Parameters
    ----------
    chord : array of float, shape (n, 8)
        Geocentric start relative to the chart's centre, vector to the end, 1 over its square and its length;
        the last five are 0 for a site.
    joined : array of bool, shape (n,)
        Whether the thing before leads into this one.
    """

    chord: Floats
    joined: Bools

    @classmethod
    def of_sites(cls, places: Floats) -> Things:
        """Return sites as things, their places of shape (n, 3)."""
        chord = np.zeros((len(places), 8))
        chord[:, :3] = places
        return cls(chord, np.zeros(len(places), dtype=bool))


class Rules(NamedTuple):
    """When a list is short enough, what is near enough, and how it is stored.

    Parameters
    ----------
    enough : int
        A list no longer than this is not refined.
    step : int
        What the number of a thing is multiplied with where it is stored: `FLAGS` for segments, 1 for sites.
    more_m : float
        How much nearer a place may be than its chord says, beside another one.
    beyond_m : float
        Chords longer than this are not asked for; infinite where all are.
    """

    enough: int
    step: int = 1
    more_m: float = 0.0
    beyond_m: float = np.inf


class Judged(NamedTuple):
    """What is left for some cells.

    Parameters
    ----------
    lists : Lists
        What can matter to each cell.
    ready : array of int, shape (n,)
        Where the list of each finished cell stands in `stored`; -1 for the others, and where nothing is near.
    stored : array of int
        The finished lists, each led by its length.
    """

    lists: Lists
    ready: Ints
    stored: Ints


@dataclass(frozen=True)
class Judge:
    """Keeps the things that can hold the nearest place for a place of a ball.

    Let c be the middle of the ball and r its radius, p any place in it, f the place of all things that is
    nearest to c, at the distance d, and q any place of a thing s at the distance e from c.

    *Too far.* ``|p - q|**2 - |p - f|**2`` is linear in p with slope ``2 (f - q)``, so it is at least
    ``|c - q|**2 - d**2 - 2 r |f - q|``, and that at least ``e**2 - d**2 - 2 r F`` with F the distance from f
    to the farther end of s. The nearest place of all is no farther from p than f. If s holds a place within
    the margin m of a tie, then for some p the difference is at most ``2 m |p - f| + m**2``, with
    ``|p - f| <= d + r``. Otherwise s is dropped.

    *Behind.* The foot of p along s moves by no more than p does. If that of c lies more than r before the
    start of s, every p is nearest to its start, which is the end of the segment that leads into s: s is
    dropped if that one is in the list too. Likewise beyond its end, unless the next segment is dropped for
    being behind in the same step: of two that meet at a corner one stays. So each segment that is dropped
    leads, step by step, to one that is no farther from any p and is kept, or was dropped as too far.

    *Beyond.* If ``d - r`` is more than what is asked for, no place of the cell has anything so near.

    Parameters
    ----------
    things : Things
        See there.
    rules : Rules
        See there.
    fast : bool
        Whether to use the compiled kernel: it keeps the same.
    """

    things: Things
    rules: Rules
    fast: bool = False

    def start(self, middle: Floats, radius: float) -> Lists:
        """Return, for each middle, all things that are not much farther from it than the nearest."""
        chord = self.things.chord
        place, half = chord[:, :3] + chord[:, 3:6] / 2.0, float(chord[:, 7].max()) / 2.0
        size, twice = (place * place).sum(axis=1), -2.0 * place.T
        thing, length = [], []
        for some in np.array_split(middle, len(middle) * len(place) // TOGETHER + 1):
            # Squares of distances, less that of the middle from the centre, which is the same for all.
            square = some @ twice
            square += size
            own = (some * some).sum(axis=1)
            least = np.sqrt(np.maximum(square.min(axis=1) + own, 0.0))
            most = least + (2.0 * radius + half + self.rules.more_m + ROUNDING_M)
            most += chord_margin(most)
            row, found = np.nonzero(square <= (most * most - own)[:, None])
            thing.append(found)
            length.append(np.bincount(row, minlength=len(some)))
        return Lists.of(np.concatenate(length), np.concatenate(thing))

    def judged(self, middle: Floats, radius: float, lists: Lists, *, last: bool) -> Judged:
        """Leave out what cannot matter to any place within `radius` of the middle of its cell.

        Parameters
        ----------
        middle : array of float, shape (n, 3)
            Middles of the cells, relative to the chart's centre.
        radius : float
            Of the ball around each.
        lists : Lists
            Things that can matter, ascending, and perhaps more; none is empty.
        last : bool
            Whether all lists are finished; else the short ones of cells where everything is near enough.

        Returns
        -------
        Judged
            See there.
        """
        if self.fast:
            return self._compiled(middle, radius, lists, last=last)
        parts = [self._kept(middle[some], radius, lists.some(some)) for some in lists.blocks(PART)]
        if not parts:
            return Judged(lists, np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
        length, items, settled = (np.concatenate([each[at] for each in parts]) for at in range(3))
        kept = Lists.of(length, items)
        done = np.flatnonzero((length > 0) & (last | settled & (length <= self.rules.enough)))
        ready = np.full(len(length), -1, dtype=np.int64)
        ready[done], stored = self._stored(kept.some(done))
        return Judged(kept, ready, stored)

    def _compiled(self, middle: Floats, radius: float, lists: Lists, *, last: bool) -> Judged:
        from gridmap.geo.index.chart_judge_compiled import BLOCK, judged  # noqa: PLC0415 - only where wanted

        length, ready = np.empty((2, len(middle)), dtype=np.int64)
        whole = int(lists.length.sum())
        # One more: where the next item would go is written to before it is known to be kept, and what stands
        # beside one is read before it is known to be there.
        items, stored = np.empty(whole + 1, dtype=np.int64), np.empty(whole + len(middle), dtype=np.int64)
        room = np.empty((min(int(lists.length.max(initial=0)) * BLOCK, whole) + 1, 2))
        out = (length, items, ready, stored)
        kept, used = judged(middle, (radius, self.rules, last), lists, self.things, (out, room))
        return Judged(Lists.of(length, items[:kept]), ready, stored[:used])

    def _kept(self, middle: Floats, radius: float, lists: Lists) -> tuple[Ints, Ints, Bools]:
        """Return how many things are kept of each list without gaps, which, and what is settled."""
        axes = self.things.chord.T
        origin, edge = ([axes[at][lists.items] for at in some] for some in (range(3), range(3, 6)))
        owner = lists.owner
        away = [at[owner] - start for at, start in zip(middle.T.copy(), origin, strict=True)]
        share = dot(away, edge) * axes[6][lists.items]
        clipped = np.minimum(np.maximum(share, 0.0), 1.0)
        away = [out - clipped * along for out, along in zip(away, edge, strict=True)]
        square = dot(away, away)
        least = np.minimum.reduceat(square, lists.first)
        over = square - least[owner]
        top = np.flatnonzero(over == 0.0)
        # Any of several that are as near will do, f is one place of all: the first.
        top = top[np.searchsorted(top, lists.first)]
        foot = [at - out[top] for at, out in zip(middle.T, away, strict=True)]
        to_start = [start - at[owner] for start, at in zip(origin, foot, strict=True)]
        to_end = [start + along for start, along in zip(to_start, edge, strict=True)]
        ends = np.sqrt(np.maximum(dot(to_start, to_start), dot(to_end, to_end)))
        farthest = np.sqrt(least) + radius
        margin = chord_margin(farthest) + self.rules.more_m
        beyond_m = self.rules.beyond_m
        slack = np.where(farthest <= beyond_m + 2.0 * radius, (2.0 * farthest + margin) * margin, -np.inf)
        keep = over <= 2.0 * radius * ends + slack[owner]
        length = axes[7][lists.items]
        keep &= ~_behind(_into(lists, self.things), share * length, length, radius + LEEWAY_M)
        count = np.add.reduceat(keep, lists.first, dtype=np.int64)
        return count, lists.items[keep], farthest <= beyond_m

    def _stored(self, lists: Lists) -> tuple[Ints, Ints]:
        """Return lists without gaps as they are stored, and where each stands."""
        leads = _into(lists, self.things)
        onto = np.concatenate([leads[1:], [False]]) if len(leads) else leads
        return lists.stored(lists.items * self.rules.step + INTO * leads + ONTO * onto)


def _into(lists: Lists, things: Things) -> Bools:
    """Whether the item before each one in its list is the segment that leads into it."""
    found = np.zeros(len(lists.items), dtype=bool)
    found[1:] = (np.diff(lists.items) == 1) & things.joined[lists.items[1:]]
    found[lists.first[lists.length > 0]] = False
    return found


def _behind(joined: Bools, along: Floats, length: Floats, reach: float) -> Bools:
    """Whether the segments beside each one are no farther; see `Judge`."""
    before = joined & (along < -reach)
    beyond = np.zeros(len(along), dtype=bool)
    beyond[:-1] = joined[1:] & (along > length + reach)[:-1] & ~before[1:]
    return before | beyond


def dot(one: Sequence[Floats], other: Sequence[Floats]) -> Floats:
    """Return the scalar products of vectors that are given axis by axis."""
    return np.asarray(one[0] * other[0] + one[1] * other[1] + one[2] * other[2], dtype=np.float64)
