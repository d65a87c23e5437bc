"""What a redaction is: the seam for redactions of third parties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.config import ProjectSpec, RedactionSpec
from gridmap.errors import InternalError

if TYPE_CHECKING:
    from gridmap.privacy.partition import Partition

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a redaction may look at besides the rows.

    Parameters
    ----------
    spec : ProjectSpec
        The settings: CRS, levels, kinds.
    admin : GeoDataFrame
        The administrative rows, in the project's CRS.
    partition : Partition or None
        The areas that products of this project share, for a redaction whose `needs_partition` is true.
    """

    spec: ProjectSpec
    admin: gpd.GeoDataFrame
    partition: Partition | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What a redaction made of rows.

    Parameters
    ----------
    suffix : str
        The made table is called after the kind and this: ``household_areas``; "" for none: rows that
        were not dropped pass as they are.
    frame : DataFrame or GeoDataFrame
        The made rows, in the project's CRS; with `suffix` "" the rows that pass.
    group : (n,) int array
        For each row given, which made row stands for it (its position); -1 where none does.
    """

    suffix: str
    frame: pd.DataFrame
    group: Ints = field(repr=False)


@dataclass(frozen=True, slots=True)
class Redaction:
    """One redaction, registered in the group ``gridmap.redactions``.

    Parameters
    ----------
    name : str
        As in ``audiences.*.redactions`` of gridmap.toml.
    make : callable
        From rows, the settings of this use and the ground to what it made; changes nothing.
    needs_partition : bool
        Whether it works with the areas that all products of the project share.
    in_place : bool
        Whether it filters the rows that pass (`drop`), instead of making a table of those that do not.
    """

    name: str
    make: Callable[[pd.DataFrame, RedactionSpec, Ground], Made]
    needs_partition: bool = False
    in_place: bool = False


def admin_of(tables: Mapping[str, pd.DataFrame], spec: ProjectSpec) -> gpd.GeoDataFrame:
    """Return the administrative rows of a project: none where it has no such kind."""
    if "admin" in tables:
        return gpd.GeoDataFrame(tables["admin"])
    return gpd.GeoDataFrame({"id": [], "level": []}, geometry=[], crs=spec.crs)


def the_partition(used: RedactionSpec, ground: Ground) -> Partition:
    """Return the partition of the ground; where there is none, the fault is ours.

    Raises
    ------
    InternalError
        GM900 if a redaction that needs the common areas was run without them.
    """
    if ground.partition is None:
        raise InternalError(
            "GM900",
            f"the redaction {used.redaction} was run without the areas that products share",
            where=f"redaction {used.redaction} of {used.kind}",
            fix="prepare the releases first, see gridmap.privacy.prepare",
        )
    return ground.partition
