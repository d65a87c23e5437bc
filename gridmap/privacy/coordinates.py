"""The coordinates that a view has rounded: what no number of its products may say more exactly.

A number of a product is compared with every vertex, in degrees and in the project's metres. It leaks where
it is a true coordinate, rounded or cut off to the number's own digits, and has more digits than the audience
may see.

By chance alone some numbers do: among a million northings on 100 km, every tenth number of one decimal in
that range is one. So a find counts only where chance is no explanation (`gridmap.privacy.chance`), judged
separately for each number of digits:

*   *Pairs.* A number and its neighbour are longitude and latitude, or easting and northing, of one vertex. By
    chance such a pair is found ``n * p * q`` times, where n is the number of vertices and p and q say how
    often one vertex fits the one and the other number: for a million vertices and one decimal of a metre
    two in a million pairs, and for six decimals of a degree fewer. One pair is enough, unless there are
    very many numbers that could be pairs.
*   *Single numbers* (a column of northings alone). One is found ``n * p`` times by chance; a single one
    counts where the number has so many digits, or there are so few vertices, that this is rare over all
    numbers; of a whole column, finds count where there are far more than that. One number with one digit too
    many is not found so: among five thousand vertices, one such number in a hundred fits by chance.

How often one vertex fits is taken from the vertices around the number (those that do not fit themselves), and
never less than if they were spread evenly: homes crowd in valleys, and so may the numbers beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.geo import crs as geo_crs
from gridmap.privacy.chance import implausible

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# A degree is some 111 km: five decimals fewer are metres of the same fineness.
METRES_BEHIND = 5
# Digits that are compared at most: a tenth of a micrometre. Beyond, two programs compute differently.
FINEST_DEGREE, FINEST_METRE = 12, 7
# What binary fractions and other programs' arithmetic add to a rounded number, in its finest digits.
NOISE = 10.0
NARROWEST_DEGREE, NARROWEST_METRE = 0.01, 1000.0
MOST_DEGREES = np.array([180.0, 90.0])
# A number fits a coordinate that is up to half a last digit smaller (rounded), or one larger (cut off).
BELOW, ABOVE = 0.501, 1.001
AROUND = 32.0  # last digits to either side, in which the vertices around a number are counted
# So many candidates for pairs decide; more would only cost time and memory.
MOST_CANDIDATES = 4_000_000
MOST_OWNERS = 1000


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Numbers:
    """Numbers of a product.

    Parameters
    ----------
    values : (n,) float array
        The numbers, in their order.
    digits : (n,) int array
        How many decimals each has, trailing zeros left out.
    places : (n,) int array
        Where each stands, ascending.
    reach : int
        How far apart two of one row stand at most.
    """

    values: Floats
    digits: Ints
    places: Ints
    reach: int

    def __len__(self) -> int:
        return len(self.values)

    def at(self, which: Any) -> Numbers:
        """Return some of them."""
        return Numbers(self.values[which], self.digits[which], self.places[which], self.reach)


@dataclass(frozen=True, repr=False, eq=False)
class Plane:
    """All vertices in one pair of axes.

    Parameters
    ----------
    xy : (n, 2) float array
        Finite coordinates.
    owner : (n,) int array
        Of which table each vertex is.
    decimals : int
        How many decimals the audience may see.
    finest : int
        Decimals that are compared at most.
    narrowest : float
        How wide an area is at least, of which nothing but a few vertices is known.
    """

    xy: Floats
    owner: npt.NDArray[np.int16]
    decimals: int
    finest: int
    narrowest: float

    @cached_property
    def axes(self) -> tuple[_Axis, _Axis]:
        """The secret coordinates of each axis, sorted."""
        return self._axis(0), self._axis(1)

    def _axis(self, number: int) -> _Axis:
        secret = np.flatnonzero(self.finer(self.xy[:, number]))
        order = secret[np.argsort(self.xy[secret, number], kind="stable")]
        found = self.xy[order, number]
        span = float(found[-1] - found[0]) if len(found) else 0.0
        return _Axis(found, np.unique(found), order, max(span, self.narrowest))

    def finer(self, values: Floats) -> npt.NDArray[np.bool_]:
        """Say which values are more exact than the audience may see."""
        return np.asarray(np.abs(values - np.round(values, self.decimals)) > NOISE * 10.0**-self.finest)

    def leaks(self, numbers: Numbers) -> Iterator[Ints]:
        """Yield the tables of the vertices that the numbers give away."""
        kept = numbers.at((numbers.digits > self.decimals) & self.finer(numbers.values))
        digits = np.minimum(kept.digits, self.finest)
        for count in np.unique(digits).tolist():
            alike = kept.at(digits == count)
            fits = [_Fit.of(axis, alike, count) for axis in self.axes]
            for axis, fit in zip(self.axes, fits, strict=True):
                if fit.leaks():
                    yield self.owner[axis.rows[fit.rows()]].astype(np.int64)
            for number in (0, 1):
                yield from self._pairs(number, fits[number], numbers, count)

    def _pairs(self, number: int, first: _Fit, numbers: Numbers, digits: int) -> Iterator[Ints]:
        """Look at each number that fits on one axis together with its neighbours on the other.

        The neighbour need not be as exact: of a tenth of all numbers the last digit is a zero.
        """
        axis = self.axes[1 - number]
        if not len(first.numbers) or not len(axis.ordered):
            return
        others = numbers.at(axis.near(numbers.values))
        after = np.searchsorted(others.places, first.numbers.places, side="right")
        before = np.searchsorted(others.places, first.numbers.places, side="left") - 1
        found, expected = [], 0.0
        for at in (after, before):
            there = (at >= 0) & (at < len(others))
            there[there] &= (
                np.abs(others.places[at[there]] - first.numbers.places[there]) <= first.numbers.reach
            )
            second = _Fit.of(axis, others.at(at[there]), digits, whole=True)
            expected += float((first.expected[there] * second.expected).sum()) / first.axis.count
            found.append(self._same_vertex(first, np.flatnonzero(there), second, 1 - number))
        rows = np.unique(np.concatenate(found))
        if implausible(len(rows), expected):
            yield self.owner[rows].astype(np.int64)

    def _same_vertex(self, first: _Fit, which: Ints, second: _Fit, other: int) -> Ints:
        """Return, for each pair that fits one vertex on both axes, such a vertex."""
        sizes = (first.high - first.low)[which]
        enough = int(np.searchsorted(np.cumsum(sizes), MOST_CANDIDATES, side="right"))
        sizes, which = sizes[:enough], which[:enough]
        pair = np.repeat(np.arange(len(which)), sizes)
        begins = np.repeat(first.low[which] - (np.cumsum(sizes) - sizes), sizes)
        rows = first.axis.rows[begins + np.arange(len(pair))]
        across = self.xy[rows, other]
        fits = (across >= second.least[pair]) & (across <= second.most[pair])
        _, one = np.unique(pair[fits], return_index=True)
        return np.asarray(rows[fits][one])


@dataclass(frozen=True, slots=True)
class _Axis:
    """Sorted secret coordinates, each also once, the row of each, and how wide they are spread."""

    ordered: Floats
    distinct: Floats
    rows: Ints
    span: float

    @property
    def count(self) -> int:
        return max(len(self.distinct), 1)

    def near(self, values: Floats) -> npt.NDArray[np.bool_]:
        """Say which numbers could be a coordinate of this axis at all."""
        if not len(self.ordered):
            return np.zeros(len(values), dtype=bool)
        return np.asarray((values >= self.ordered[0] - 1.0) & (values <= self.ordered[-1] + 1.0))


@dataclass(frozen=True, slots=True)
class _Fit:
    """Numbers of one number of digits against one axis.

    ``low`` and ``high`` bound the positions in the axis that fit each number, ``least`` and ``most`` their
    values; ``expected`` is how many would by chance.
    """

    axis: _Axis
    numbers: Numbers
    low: Ints
    high: Ints
    least: Floats
    most: Floats
    expected: Floats

    @classmethod
    def of(cls, axis: _Axis, numbers: Numbers, digits: int, *, whole: bool = False) -> _Fit:
        """Compare; unless `whole`, the numbers that cannot be of the axis are left out."""
        if not whole:
            numbers = numbers.at(axis.near(numbers.values))
        step = 10.0**-digits
        values = numbers.values  # noqa: PD011 - no frame
        # Cut off means towards zero; the last bits of a float are no difference.
        up = np.where(values >= 0, ABOVE, BELOW) * step
        down = np.where(values >= 0, BELOW, ABOVE) * step
        bits = 2 * np.spacing(np.abs(values))
        least, most = values - down - bits, values + up + bits
        low = np.searchsorted(axis.ordered, least, side="left")
        high = np.searchsorted(axis.ordered, most, side="right")
        wide, share = AROUND * step, (BELOW + ABOVE) * step
        once = axis.distinct
        around = np.searchsorted(once, values + wide, "right") - np.searchsorted(once, values - wide)
        fitting = np.searchsorted(once, most, "right") - np.searchsorted(once, least)
        evenly = len(once) * share / max(axis.span, share)
        local = (around - fitting) * (share / (2 * wide))
        return cls(axis, numbers, low, high, least, most, np.maximum(local, evenly))

    def leaks(self) -> bool:
        """Say whether more of the numbers fit than chance explains; a number that is repeated is one."""
        if not bool((self.high > self.low).any()):
            return False
        _, one = np.unique(self.numbers.values, return_index=True)
        hits = int((self.high > self.low)[one].sum())
        return implausible(hits, float(self.expected[one].sum()))

    def rows(self) -> Ints:
        """Return the positions in the axis that some of the numbers fit."""
        which = np.flatnonzero(self.high > self.low)[:MOST_OWNERS]
        spans = [np.arange(self.low[one], min(self.high[one], self.low[one] + MOST_OWNERS)) for one in which]
        return np.concatenate(spans)


@dataclass(frozen=True, repr=False, eq=False)
class ExactCoordinates:
    """Every vertex of a project's tables, in degrees and in its metres; never printed.

    Parameters
    ----------
    tables : tuple of str
        The tables that have a geometry.
    degrees, metres : Plane
        The same vertices in the geodetic CRS and in the working CRS.
    """

    tables: tuple[str, ...]
    degrees: Plane = field(repr=False)
    metres: Plane = field(repr=False)

    def __repr__(self) -> str:
        return f"<ExactCoordinates of {len(self.degrees.xy)} vertices, {self.degrees.decimals} decimals>"

    def __bool__(self) -> bool:
        return any(len(axis.ordered) for plane in self.planes for axis in plane.axes)

    @property
    def planes(self) -> tuple[Plane, Plane]:
        """Both planes."""
        return self.degrees, self.metres

    @cached_property
    def ranges(self) -> tuple[tuple[float, float, int], ...]:
        """Of each axis: from where to where its secret coordinates lie, and how many decimals may be seen."""
        return tuple(
            (float(axis.ordered[0]), float(axis.ordered[-1]), plane.decimals)
            for plane in self.planes
            for axis in plane.axes
            if len(axis.ordered)
        )

    def leaks(self, numbers: Numbers) -> frozenset[str]:
        """Return the columns whose coordinates the numbers give away, as ``"household.geometry"``."""
        owners = [one for plane in self.planes for one in plane.leaks(numbers)] if len(numbers) else []
        named = np.unique(np.concatenate(owners)).tolist() if owners else []
        return frozenset(f"{self.tables[one]}.geometry" for one in named)


def exact_coordinates(tables: Mapping[str, pd.DataFrame], crs: str, decimals: int) -> ExactCoordinates | None:
    """Collect every vertex of every table with a geometry.

    Parameters
    ----------
    tables : mapping of str to frame
        In the working CRS.
    crs : str
        The working CRS.
    decimals : int
        Decimals of a degree that the audience may see; of metres it may see five fewer.

    Returns
    -------
    ExactCoordinates or None
        None if no table has a geometry.
    """
    frames = {name: frame for name, frame in tables.items() if isinstance(frame, gpd.GeoDataFrame)}
    if not frames:
        return None
    parts = [shapely.get_coordinates(frame.geometry.to_numpy()) for frame in frames.values()]
    owner = np.repeat(np.arange(len(parts), dtype=np.int16), [len(part) for part in parts])
    xy = np.concatenate(parts)
    # A faulty row may hold degrees where metres should be: as such they are as exact as any other degrees.
    mistaken = (np.abs(xy) <= MOST_DEGREES).all(axis=1)
    degrees = np.concatenate([geo_crs.to_lonlat(xy, crs), xy[mistaken]])
    owners = np.concatenate([owner, owner[mistaken]])

    def plane(coordinates: Floats, owner: Any, *settings: Any) -> Plane:
        finite = np.isfinite(coordinates).all(axis=1)
        return Plane(coordinates[finite], owner[finite], *settings)

    metres = max(0, decimals - METRES_BEHIND)
    return ExactCoordinates(
        tuple(frames),
        plane(degrees, owners, decimals, FINEST_DEGREE, NARROWEST_DEGREE),
        plane(xy[~mistaken], owner[~mistaken], metres, FINEST_METRE, NARROWEST_METRE),
    )
