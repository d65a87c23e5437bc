"""What if: what is lost when a keeper falls out, and what one more would add."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gridmap import geo
from gridmap.analyse.cover import Covered, cover
from gridmap.analyse.demand import Demand, Floats, Ints, Posts
from gridmap.analyse.layered import common, without
from gridmap.analyse.reached import Reached
from gridmap.analyse.stretches import MM


@dataclass(frozen=True, slots=True)
class Change:
    """What one keeper more adds, or one less takes away.

    Parameters
    ----------
    metres, m2 : float
        Of the border and of the jurisdiction.
    homes, persons : int
        Households, and the persons in them.
    """

    metres: float
    m2: float
    homes: int
    persons: int

    def to_json(self) -> dict[str, float | int]:
        """Return the figures by name."""
        return {"metres": self.metres, "m2": self.m2, "homes": self.homes, "persons": self.persons}


def losses(covered: Covered, demand: Demand, posts: Posts, reached: Reached) -> pd.DataFrame:
    """Rank keepers by what is lost if they fall out, each alone.

    Parameters
    ----------
    covered : Covered
        What is covered with all of them.
    demand : Demand
        What is to be covered.
    posts : Posts
        The keepers.
    reached : Reached
        What each of them reaches.

    Returns
    -------
    DataFrame
        ``keeper`` (``kind:id``), ``unit``, and what nobody else reaches: ``persons``, ``homes``, ``metres``,
        ``m2``. Most persons first, then homes, metres and the keeper's name.
    """
    persons, homes = _homes(covered, len(posts.ids))
    frame = pd.DataFrame(
        {
            "keeper": pd.array(posts.names, dtype="str"),
            "unit": pd.array(posts.unit, dtype="str"),
            "persons": persons,
            "homes": homes,
            "metres": _metres(covered, len(posts.ids)),
            "m2": np.round(_m2(covered, demand, reached), 1),
        }
    )
    ranked = frame.sort_values(
        ["persons", "homes", "metres", "keeper"], ascending=[False, False, False, True], kind="stable"
    )
    return ranked.reset_index(drop=True)


def gain(covered: Covered, demand: Demand, post: Posts, reached: Reached) -> Change:
    """Return what one more keeper adds.

    Parameters
    ----------
    covered : Covered
        What is covered without it.
    demand : Demand
        What is to be covered.
    post, reached : Posts, Reached
        The new keeper alone, and what it reaches.
    """
    alone = cover(demand, post, reached)
    mine = alone.line.pieces
    _, already = covered.line.pieces.by_owner([mine.runs(mine.count > 0) / MM])
    metres = alone.line.covered_m - int(already[0]) / MM
    new = without(alone.area.covered, covered.area.covered)
    found = alone.point.inside & ~covered.point.inside
    return Change(
        metres=round(metres, 3),
        m2=round(float(geo.geodesic_area(new, demand.crs)[0]), 1),
        homes=int(np.count_nonzero(found)),
        persons=int(demand.homes.persons[found].sum()),
    )


def _homes(covered: Covered, count: int) -> tuple[Ints, Ints]:
    """Return persons and households that each keeper alone reaches."""
    rows = np.flatnonzero(covered.point.reached.count == 1)
    keeper = covered.point.reached.only[rows]
    persons, homes = np.zeros((2, count), dtype=np.int64)
    np.add.at(persons, keeper, covered.point.homes.persons[rows])
    np.add.at(homes, keeper, 1)
    return persons, homes


def _metres(covered: Covered, count: int) -> Floats:
    pieces = covered.line.pieces
    single = np.flatnonzero(pieces.count == 1)
    millimetres = np.zeros(count, dtype=np.int64)
    np.add.at(millimetres, pieces.members[pieces.starts[single]], pieces.size[single])
    return np.asarray(millimetres / MM, dtype=np.float64)


def _m2(covered: Covered, demand: Demand, reached: Reached) -> Floats:
    """Return the square metres that each keeper alone reaches."""
    single = shapely.get_parts(without(*covered.area.at_least[:2])[0])
    part, keeper = shapely.STRtree(reached.shapes).query(single, predicate="intersects").astype(np.int64)
    order = np.lexsort((part, keeper))
    part, keeper = part[order], keeper[order]
    metres = geo.geodesic_area(common(single[part], reached.shapes[keeper]), demand.crs)
    found = np.zeros(len(reached.shapes))
    np.add.at(found, keeper, metres)
    return found
