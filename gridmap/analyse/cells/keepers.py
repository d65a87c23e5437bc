"""The three keepers of every cell: a section of line, a zone of area, a stronghold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap import geo
from gridmap.analyse.alongside import NOBODY, share_border
from gridmap.analyse.demand import Bools, Floats, Ints, Objects

MM = 1e-3


@dataclass(frozen=True, slots=True)
class Sections:
    """Sections of the line.

    Parameters
    ----------
    ids : (s,) text
        In code-point order.
    from_m, to_m : (s,) metres
        Chainages.
    """

    ids: Objects
    from_m: Floats
    to_m: Floats

    def at(self, chainage: Floats, length_m: float) -> Ints:
        """Return the section of each chainage: the smallest id where several claim it, -1 at a gap."""
        found = np.full(len(chainage), NOBODY, dtype=np.int64)
        for number in range(len(self.ids) - 1, -1, -1):
            start, stop = self.from_m[number], self.to_m[number]
            # The border's end belongs to its last section.
            last = stop >= length_m - MM
            found[(chainage >= start) & ((chainage < stop) | last)] = number
        return found


@dataclass(frozen=True, slots=True)
class Kept:
    """Who keeps each of n cells on one layer.

    Parameters
    ----------
    lead : (n,) int
        Position of the keeper among the targets; -1 where there is none.
    amount : (n,) float
        Of a section the metres from the cell to the border, of a zone its share of the cell, of a
        stronghold the homes in the cell that it leads; NaN where there is no keeper.
    also : list of tuple of int
        Other targets that claim a part of the cell.
    """

    lead: Ints
    amount: Floats
    also: list[tuple[int, ...]]


def line_keepers(
    cells: Objects, border: geo.Border | None, sections: Sections, *, belt_m: float, crs: str
) -> tuple[Kept, Floats]:
    """Find the section of each cell, and how much of the border is its own.

    Parameters
    ----------
    cells : (n,) polygons
        In the working CRS, in the order of their codes.
    border : Border or None
        The border.
    sections : Sections
        Its sections.
    belt_m : float
        Cells farther from the border have no section.
    crs : str
        The working CRS.

    Returns
    -------
    Kept
        The section that runs longest along the cell; where none does, the one at the place of the border
        that is nearest to the cell. None at a gap.
    (n,) metres
        Border along each cell, as `gridmap.analyse.alongside` shares it out.
    """
    lead, amount = np.full(len(cells), NOBODY, dtype=np.int64), np.full(len(cells), np.nan)
    also: list[tuple[int, ...]] = [()] * len(cells)
    if border is None or not len(cells):
        return Kept(lead, amount, also), np.zeros(len(cells))
    # Ends of sections are cuts, too: a stretch lies in one section or outside it.
    shared = share_border(border, cells, cuts=np.concatenate([sections.from_m, sections.to_m]))
    start, stop, owner = shared.start, shared.stop, shared.owner
    length = np.where(owner >= 0, stop - start, 0.0)
    border_m: Floats = np.bincount(np.maximum(owner, 0), weights=length, minlength=len(cells)).astype(
        np.float64
    )
    runs = geo.round_mm(_runs(sections, start, stop, owner, len(cells)))
    link = shapely.get_coordinates(shapely.shortest_line(cells, border.geometry)).reshape(-1, 2, 2)
    away = geo.round_mm(geo.geodesic_distance(link[:, 0], link[:, 1], crs))
    near = away <= belt_m
    nearest = sections.at(border.locate(link[:, 1]).chainage_m, border.length_m)
    alone = border_m <= MM
    lead = np.where(near & alone, nearest, NOBODY)
    if len(sections.ids):
        longest = np.where(runs.max(axis=0) > 0, runs.argmax(axis=0), NOBODY)
        lead = np.where(near & ~alone, longest, lead)
        also = [
            tuple(int(one) for one in np.flatnonzero(runs[:, at] > 0) if one != lead[at])
            for at in range(len(cells))
        ]
    return Kept(lead.astype(np.int64), np.where(lead >= 0, away, np.nan), also), border_m


def area_keepers(cells: Objects, zones: Objects, *, sliver_m2: float, crs: str) -> Kept:
    """Find the zone with the largest share of each cell; the smaller position where two are equal.

    Parameters
    ----------
    cells, zones : (n,), (k,) polygons
        In the working CRS; zones in the order of their ids.
    sliver_m2 : float
        A smaller overlap is the rounding of an edge.
    crs : str
        The working CRS.
    """
    cell, zone = shapely.STRtree(zones).query(cells, predicate="intersects")
    common = np.round(geo.geodesic_area(shapely.intersection(cells[cell], zones[zone]), crs), 3)
    real = common > sliver_m2
    cell, zone, common = cell[real], zone[real], common[real]
    order = np.lexsort((zone, -common, cell))
    lead, amount = _first_of_each(cell[order], zone[order], common[order], len(cells))
    share = amount / geo.geodesic_area(cells, crs)
    also = [
        tuple(sorted(int(one) for one in zone[cell == at] if one != lead[at])) for at in range(len(cells))
    ]
    return Kept(lead, share, also)


def point_keepers(cell_of_home: Ints, leader: Ints, nearest: Ints, within: Bools, *, count: int) -> Kept:
    """Find the stronghold that leads most homes of each cell, else the nearest one within reach.

    Parameters
    ----------
    cell_of_home, leader : (h,) int
        The cell that each home is in and the stronghold that leads it; -1 for none.
    nearest : (n,) int
        The stronghold nearest to the inside of each cell.
    within : (n,) bool
        Whether it is within reach.
    count : int
        How many cells there are.
    """
    known = (cell_of_home >= 0) & (leader >= 0)
    pairs, homes = np.unique(np.stack([cell_of_home[known], leader[known]]), axis=1, return_counts=True)
    order = np.lexsort((pairs[1], -homes, pairs[0]))
    lead, amount = _first_of_each(pairs[0][order], pairs[1][order], homes[order].astype(np.float64), count)
    also = [
        tuple(sorted(int(one) for one in pairs[1][pairs[0] == at] if one != lead[at])) for at in range(count)
    ]
    empty = (lead < 0) & within
    return Kept(np.where(empty, nearest, lead), np.where(empty, 0.0, amount), also)


def _first_of_each(cell: Ints, target: Ints, amount: Floats, count: int) -> tuple[Ints, Floats]:
    """Return the target and amount of the first row of each cell."""
    lead, most = np.full(count, NOBODY, dtype=np.int64), np.full(count, np.nan)
    unique, first = np.unique(cell, return_index=True)
    lead[unique], most[unique] = target[first], amount[first]
    return lead, most


def _runs(sections: Sections, start: Floats, stop: Floats, owner: Ints, count: int) -> Floats:
    """Return the metres of each section along each cell, shape (s, n)."""
    runs = np.zeros((len(sections.ids), count))
    middle, length = (start + stop) / 2.0, stop - start
    for number in range(len(sections.ids)):
        mine = (owner >= 0) & (middle > sections.from_m[number]) & (middle < sections.to_m[number])
        runs[number] = np.bincount(owner[mine], weights=length[mine], minlength=count)
    return runs
