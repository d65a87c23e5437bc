"""What is covered of the border, the jurisdiction and the households, counted from who reaches what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gridmap import geo
from gridmap.analyse.demand import Bools, Demand, Floats, Homes, Objects, Posts
from gridmap.analyse.layered import DEPTHS, EMPTY, common, layered, without
from gridmap.analyse.reached import HomesReached, Reached
from gridmap.analyse.stretches import MM, Pieces

# What is left between two edges that do not quite meet is no place: gaps are told to a tenth of a millimetre.
GRID_M = 1e-4


def share(part: float, whole: float) -> float:
    """Return the share of a whole to six decimals; 0 of nothing."""
    return round(part / whole, 6) if whole > 0 else 0.0


def m2_of(shape: Any, crs: str) -> float:
    """Return the geodesic area of one shape in square metres."""
    return float(geo.geodesic_area(np.array([shape], dtype=object), crs)[0])


@dataclass(frozen=True, slots=True)
class LineCover:
    """The border in metres.

    Parameters
    ----------
    pieces : Pieces
        The border cut wherever reach begins or ends.
    """

    pieces: Pieces

    @property
    def total_m(self) -> float:
        """Length of the border."""
        return int(self.pieces.size.sum()) / MM

    @property
    def covered_m(self) -> float:
        """Metres within reach of an outpost of a line unit."""
        return self.at_least(1)

    def at_least(self, count: int) -> float:
        """Return the metres that so many outposts reach."""
        return int(self.pieces.size[self.pieces.count >= count].sum()) / MM

    @property
    def gaps(self) -> Floats:
        """Stretches that nobody reaches, (g, 2) metres."""
        return np.asarray(self.pieces.runs(self.pieces.count == 0) / MM, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class AreaCover:
    """The jurisdiction in square metres.

    Parameters
    ----------
    total_m2 : float
        Of the jurisdiction.
    at_least_m2 : (3,) float
        Of it, within reach of one, two, three keepers or more.
    at_least : (3,) polygons
        Where that is, in the working CRS.
    uncovered : polygons
        Where nobody reaches.
    """

    total_m2: float
    at_least_m2: Floats
    at_least: Objects = field(repr=False)
    uncovered: Any = field(repr=False)

    @property
    def covered(self) -> Any:
        """The ground within reach of any keeper, in the working CRS."""
        return self.at_least[0]

    @property
    def covered_m2(self) -> float:
        """Square metres within reach of any keeper."""
        return float(self.at_least_m2[0])


@dataclass(frozen=True, slots=True)
class PointCover:
    """Households and persons.

    Parameters
    ----------
    homes : Homes
        The households.
    reached : HomesReached
        Which strongholds reach them.
    """

    homes: Homes
    reached: HomesReached

    @property
    def inside(self) -> Bools:
        """Whether each household is within reach of a stronghold, (n,)."""
        return np.asarray(self.reached.count > 0, dtype=bool)

    @property
    def total(self) -> int:
        """Number of households, those without a usable position among them."""
        return len(self.homes.ids)

    @property
    def covered(self) -> int:
        """Households within reach of a stronghold."""
        return int(np.count_nonzero(self.inside))

    @property
    def persons(self) -> int:
        """Persons in all households."""
        return int(self.homes.persons.sum())

    @property
    def persons_covered(self) -> int:
        """Persons in households within reach."""
        return int(self.homes.persons[self.inside].sum())

    @property
    def uncovered(self) -> Objects:
        """Ids of the other households, in code-point order."""
        return self.homes.ids[~self.inside]


@dataclass(frozen=True, slots=True)
class Covered:
    """What is covered of the three demands."""

    line: LineCover
    area: AreaCover
    point: PointCover


def cover(demand: Demand, posts: Posts, reached: Reached) -> Covered:
    """Count what is covered.

    Parameters
    ----------
    demand : Demand
        What is to be covered.
    posts : Posts
        The keepers.
    reached : Reached
        What each of them reaches.

    Returns
    -------
    Covered
        The border within reach of an outpost of a line unit, the jurisdiction within reach of any keeper,
        and households within reach of a stronghold. What is covered and what is not add up to the whole.
    """
    length = 0 if demand.border is None else round(demand.border.length_m * MM)
    spans = [one if line else one[:0] for one, line in zip(reached.line, posts.line, strict=True)]
    return Covered(
        LineCover(Pieces.of(spans, total=length)),
        _area(demand, reached.shapes),
        PointCover(demand.homes, reached.homes),
    )


def _area(demand: Demand, shapes: Objects) -> AreaCover:
    stack = np.empty(DEPTHS, dtype=object)
    if demand.jurisdiction is None:
        stack[:] = EMPTY
        return AreaCover(0.0, np.zeros(DEPTHS), stack, EMPTY)
    total = m2_of(demand.jurisdiction, demand.crs)
    stack[:] = layered(shapes)
    inside = common(stack, demand.jurisdiction)
    # Where all is covered, rounding must not make it more than all.
    found = np.minimum(geo.geodesic_area(inside, demand.crs), total)
    return AreaCover(total, found, inside, without(demand.jurisdiction, inside[0], grid_m=GRID_M)[0])
