"""The figures of every cell: ground, households, persons, strongholds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap import geo
from gridmap.analyse.demand import Bools, Floats, Homes, Ints, Objects


@dataclass(frozen=True, slots=True)
class Figured:
    """Figures of n cells; the sums over cells that tile the area are the totals.

    Parameters
    ----------
    km2 : (n,) float
        Geodesic square kilometres.
    households, persons, strongholds : (n,) int
        In the cell; a home on an edge is in the cell with the smaller code.
    cell_of_home : (h,) int
        The cell of each home, -1 for none.
    """

    km2: Floats
    households: Ints
    persons: Ints
    strongholds: Ints
    cell_of_home: Ints


def figured(cells: Objects, codes: Objects, homes: Homes, stronghold: Bools, crs: str) -> Figured:
    """Count what is in each cell.

    Parameters
    ----------
    cells, codes : (n,) polygons and text
        The cells, in the working CRS, and their codes.
    homes : Homes
        The households.
    stronghold : (h,) bool
        Which of them are strongholds.
    crs : str
        The working CRS.
    """
    held = geo.contain(homes.xy, cells, codes).lead.astype(np.int64)
    inside = held >= 0

    def counted(weights: Ints | Bools) -> Ints:
        found = np.bincount(held[inside], weights=weights[inside], minlength=len(cells))
        return np.round(found).astype(np.int64)

    return Figured(
        km2=geo.geodesic_area(cells, crs) / 1e6,
        households=counted(np.ones(len(held), dtype=np.int64)),
        persons=counted(homes.persons),
        strongholds=counted(stronghold),
        cell_of_home=held,
    )
