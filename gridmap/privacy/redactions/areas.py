"""Areas that hold at least k homes each: how many live there, not where."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gridmap.config import RedactionSpec
from gridmap.geo import point_xy
from gridmap.privacy.redaction import Ground, Made, Redaction, the_partition
from gridmap.privacy.redactions.counted import counted, nothing


def areas(rows: pd.DataFrame, used: RedactionSpec, ground: Ground) -> Made:
    """Return one row for each area of the common partition, with the number of rows in it and their sums.

    An area that holds fewer than k of these rows joins others first. Rows in no administrative unit are in
    no area; with fewer than k rows in areas nothing is shown.
    """
    partition, group = the_partition(used, ground).settled(point_xy(rows.geometry), used.k)
    if (group >= 0).sum() < used.k:
        return nothing("areas", rows, used, ground)
    drawn = partition.drawn()
    territory = partition.units
    names = [
        "、".join(dict.fromkeys(territory.lines[unit][-1].name for unit in some)) for some in drawn.units
    ]
    ids = np.array([str(number + 1) for number in partition.areas], dtype=object)
    return Made("areas", counted(rows, group, used, ground, (ids, names, drawn.shapes)), group)


REDACTION = Redaction("areas", areas, needs_partition=True)
