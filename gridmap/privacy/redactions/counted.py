"""Rows that stand for many: their numbers and sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.config import RedactionSpec
from gridmap.errors import ConfigError
from gridmap.privacy.redaction import Ground, Made

Ints = np.ndarray[Any, np.dtype[np.int64]]
Shown = tuple[Any, Sequence[str], Any]

OWN = ("id", "area_name", "rows")
NUMBERS = ("integer", "boolean", "real")


def counted(
    rows: pd.DataFrame, group: Ints, used: RedactionSpec, ground: Ground, shown: Shown
) -> gpd.GeoDataFrame:
    """Return the made rows, with how many rows each stands for and the sums of the listed columns.

    Parameters
    ----------
    rows : DataFrame
        The rows given.
    group : (n,) int array
        The made row that stands for each; -1 for none.
    used : RedactionSpec
        ``columns`` are added up; what is missing counts nothing.
    ground : Ground
        The settings.
    shown : tuple
        Ids, names and shapes of the made rows.

    Raises
    ------
    ConfigError
        GM103 if a listed column holds no numbers, or has the name of one that is made.
    """
    ids, names, shapes = shown
    made: dict[str, Any] = {
        "id": pd.array(list(ids), dtype="str"),
        "area_name": pd.array(list(names), dtype="str"),
        "rows": np.bincount(group[group >= 0], minlength=len(names)).astype(np.int64),
    }
    for column in used.columns:
        kind = _number_type(column, used, ground)
        values = rows[column].astype("float64").to_numpy(dtype="float64", na_value=0.0)
        known = (group >= 0) & np.isfinite(values)
        # In order of size, so that the last digit of a sum does not tell the order of rows.
        order = np.lexsort((values[known], group[known]))
        sums = np.bincount(group[known][order], weights=values[known][order], minlength=len(names))
        made[column] = sums if kind == "real" else pd.array(np.round(sums).astype(np.int64), dtype="Int64")
    return gpd.GeoDataFrame(made, geometry=gpd.GeoSeries(list(shapes), crs=ground.spec.crs))


def nothing(suffix: str, rows: pd.DataFrame, used: RedactionSpec, ground: Ground) -> Made:
    """Return no made rows: there are too few to show anything."""
    group = np.full(len(rows), -1, dtype=np.int64)
    return Made(suffix, counted(rows, group, used, ground, ([], [], [])), group)


def _number_type(column: str, used: RedactionSpec, ground: Ground) -> str:
    declared = ground.spec.kinds[used.kind].columns.get(column)
    if declared is None or declared.type not in NUMBERS or column in OWN:
        raise ConfigError(
            "GM103",
            f"{used.kind}.{column} cannot be added up",
            where=f"gridmap.toml: audiences, redaction {used.redaction} of {used.kind}: columns",
            fix="list columns of type integer, real or boolean, not called " + ", ".join(OWN),
        )
    return declared.type
