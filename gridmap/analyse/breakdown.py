"""Coverage by section, by polygon (zone, township, gacha, cell) and by unit, adding up to the totals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gridmap import geo
from gridmap.analyse.alongside import share_border
from gridmap.analyse.cover import Covered
from gridmap.analyse.demand import Demand, Floats, Ints, Objects
from gridmap.analyse.layered import common, without
from gridmap.analyse.stretches import MM
from gridmap.geo.containing import all_polygons_of

LINE = ("line_m", "line_covered_m")
AREA = ("area_m2", "area_covered_m2")
LEAST_M2 = 0.1
POINT = ("households", "households_covered", "persons", "persons_covered")
# Beyond these the last digits of a sum differ between machines.
DECIMALS = {"line_m": 3, "line_covered_m": 3, "area_m2": 3, "area_covered_m2": 3}


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose everything is, by positions in a list of owners; where several claim it, the first has it.

    Parameters
    ----------
    ids : (n,) text
        The owners, in code-point order.
    spans : list of n float arrays (k, 2), or None
        Stretches of border in metres.
    shapes : (n,) polygons, or None
        Ground in the working CRS.
    homes : (households,) int, or None
        The owner of each household; -1 for nobody.
    """

    ids: Objects
    spans: list[Floats] | None = None
    shapes: Objects | None = None
    homes: Ints | None = None


def by_polygons(demand: Demand, ids: Objects, shapes: Objects) -> Owners:
    """Return the owners of all that lies in polygons, (n,) in the working CRS.

    A metre of border is the polygon's that lies along it, as `gridmap.analyse.alongside` has it; a household
    that polygon's that it stands in.
    """
    border = demand.border
    spans = [np.empty((0, 2))] * len(ids)
    if border is not None and len(ids):
        spans = share_border(border, shapes).spans(len(ids))
    return Owners(ids, spans, shapes, geo.contain(demand.homes.xy, shapes, ids).lead.astype(np.int64))


def breakdown(covered: Covered, demand: Demand, owners: Owners) -> pd.DataFrame:
    """Add up what is covered, owner by owner.

    Parameters
    ----------
    covered : Covered
        What is covered.
    demand : Demand
        What is to be covered.
    owners : Owners
        Whose it is.

    Returns
    -------
    DataFrame
        One row an owner and, where something is nobody's, a last one with a missing ``id``. Columns, as far
        as the owners can have such: ``line_m``, ``line_covered_m``, ``area_m2``, ``area_covered_m2``,
        ``households``, ``households_covered``, ``persons``, ``persons_covered``. Each column adds up to
        the total.
    """
    columns: dict[str, Floats | Ints] = {}
    if owners.spans is not None:
        total, within = covered.line.pieces.by_owner(owners.spans)
        columns |= {LINE[0]: total / MM, LINE[1]: within / MM}
    if owners.shapes is not None:
        columns |= dict(zip(AREA, _areas(covered, demand, owners.shapes), strict=True))
    if owners.homes is not None:
        columns |= _homes(covered, owners.homes, len(owners.ids))
    frame = pd.DataFrame({"id": pd.array([*owners.ids, None], dtype="str"), **columns})
    nobody = frame.iloc[-1:].drop(columns="id").to_numpy(dtype=np.float64)
    return frame if (nobody > 0.0).any() else frame.iloc[:-1].copy()


def grouped(tables: list[pd.DataFrame], groups: list[Objects], ids: Objects) -> pd.DataFrame:
    """Add tables up by what each of their rows belongs to.

    Parameters
    ----------
    tables : list of DataFrame
        As `breakdown` makes them.
    groups : list of (rows,) text or None
        For each table what its rows belong to; None, and what is not among `ids`, is nobody's.
    ids : (n,) text
        The groups, in order.

    Returns
    -------
    DataFrame
        One row a group, and a last one with a missing ``id`` for the rest.
    """
    known = {one: number for number, one in enumerate(ids)}
    columns: dict[str, Floats | Ints] = {}
    for table, group in zip(tables, groups, strict=True):
        row = np.array([known.get(one, len(ids)) for one in group], dtype=np.int64)
        for name in table.columns.drop("id"):
            summed = np.zeros(len(ids) + 1)
            np.add.at(summed, row, table[name].to_numpy(dtype=np.float64))
            figures = np.round(summed, DECIMALS.get(name, 0))
            columns[name] = figures if name in DECIMALS else figures.astype(np.int64)
    frame = pd.DataFrame({"id": pd.array([*ids, None], dtype="str"), **columns})
    nobody = frame.iloc[-1:].drop(columns="id").to_numpy(dtype=np.float64)
    return frame if (nobody > 0.0).any() else frame.iloc[:-1].copy()


def _areas(covered: Covered, demand: Demand, shapes: Objects) -> tuple[Floats, Floats]:
    """Return square metres, all and covered, of each polygon and of what no polygon has."""
    parts = _apart(all_polygons_of(shapes), demand)
    total = geo.geodesic_area(parts, demand.crs)
    within = np.minimum(geo.geodesic_area(_inside(parts, covered), demand.crs), total)
    return _and_rest(total, covered.area.total_m2), _and_rest(within, covered.area.covered_m2)


def _and_rest(parts: Floats, whole: float) -> Floats:
    rest = whole - float(parts.sum())
    # Less than a tenth of a square metre is rounding, not a place.
    return np.round(np.append(parts, rest if rest >= LEAST_M2 else 0.0), DECIMALS[AREA[0]])


def _apart(shapes: Objects, demand: Demand) -> Objects:
    """Return polygons cut to the jurisdiction, each without what is an earlier one's."""
    if demand.jurisdiction is None:
        return np.full(len(shapes), shapely.Polygon(), dtype=object)
    parts = common(shapes, demand.jurisdiction)
    late, early = shapely.STRtree(parts).query(parts, predicate="intersects")
    pairs = early < late
    late, early = late[pairs], early[pairs]
    shared = shapely.area(shapely.intersection(parts[late], parts[early])) > 0.0
    late, early = late[shared], early[shared]
    cut = parts.copy()
    for number in np.unique(late):
        taken = shapely.union_all(parts[np.sort(early[late == number])])
        cut[number] = without(parts[number], taken)[0]
    return cut


def _inside(parts: Objects, covered: Covered) -> Objects:
    """Return what of each part is covered; most are so altogether or not at all."""
    ground = covered.area.covered
    shapely.prepare(ground)
    found = parts.copy()
    edge = np.flatnonzero(~shapely.covers(ground, parts))
    found[edge] = common(parts[edge], ground) if len(edge) else found[edge]
    return found


def _homes(covered: Covered, owner: Ints, count: int) -> dict[str, Ints]:
    point = covered.point
    row = np.where(owner < 0, count, owner)
    persons = point.homes.persons
    ones = np.ones(len(row), dtype=np.int64)
    figures = (ones, ones * point.inside, persons, persons * point.inside)
    found = {}
    for name, values in zip(POINT, figures, strict=True):
        summed = np.zeros(count + 1, dtype=np.int64)
        np.add.at(summed, row, values)
        found[name] = summed
    return found
