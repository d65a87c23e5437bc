"""Counts by administrative unit, with at least k rows behind every one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gridmap.config import RedactionSpec
from gridmap.geo import point_xy
from gridmap.privacy.redaction import Ground, Made, Redaction, the_partition
from gridmap.privacy.redactions.counted import counted, nothing

if TYPE_CHECKING:
    from gridmap.privacy.partition import Partition


def aggregate(rows: pd.DataFrame, used: RedactionSpec, ground: Ground) -> Made:
    """Return one row for each unit of the level, with the number of rows in it and their sums.

    Units that an area of the common partition joins are one row: every count is a sum of whole areas, so
    that nothing comes out where counts by area are subtracted from it.
    """
    partition, area = the_partition(used, ground).settled(point_xy(rows.geometry), used.k)
    if (area >= 0).sum() < used.k:
        return nothing("counts", rows, used, ground)
    level = used.level or ground.spec.level_names[-1]
    clusters, of_area = partition.clusters(level)
    group = np.where(area >= 0, of_area[area], -1)
    ids = np.array([str(number + 1) for number in range(len(clusters))], dtype=object)
    territories = partition.units.territories()
    shapes = np.empty(len(clusters), dtype=object)
    shapes[:] = [shapely.union_all(territories[list(units)]) for units in clusters]
    names = [_name(partition, units, level, territories) for units in clusters]
    return Made("counts", counted(rows, group, used, ground, (ids, names, shapes)), group)


def _name(partition: Partition, units: tuple[int, ...], level: str, territories: Any) -> str:
    """Return the names of the level's units; those without ground of their own count only if all are."""
    some = [unit for unit in units if not territories[unit].is_empty] or list(units)
    return "、".join(dict.fromkeys(partition.units.place_at(unit, level).name for unit in some))


REDACTION = Redaction("aggregate", aggregate, needs_partition=True)
