"""Kilometre posts of a project: as they are shown, and as they leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from gridmap.geo import stationing as lines

if TYPE_CHECKING:
    from gridmap.project.stationing import Measured

MM_DECIMALS = 3


def post_table(where: Measured, every_m: float) -> gpd.GeoDataFrame:
    """Return the posts, with surveyed chainage where there is a calibration.

    Parameters
    ----------
    where : Measured
        The border.
    every_m : float
        Metres between two posts, at least 10.

    Returns
    -------
    GeoDataFrame
        As `gridmap.geo.stationing.posts`, with ``surveyed_m``; metres to the millimetre.

    Raises
    ------
    ConfigError
        GM106 for a distance that is less.
    """
    found = lines.posts(where.border, every_m)
    found["chainage_m"] = np.round(found["chainage_m"], MM_DECIMALS)
    if where.calibration is not None:
        at = found.columns.get_loc("chainage_m") + 1
        surveyed = where.calibration.to_surveyed(found["chainage_m"])
        found.insert(at, "surveyed_m", np.round(surveyed, MM_DECIMALS))
    return found


def posts_export(where: Measured, every_m: float) -> gpd.GeoDataFrame:
    """Return the posts as a table that leaves the project: positions are its geometry alone."""
    found = post_table(where, every_m)
    frame = found.drop(columns=["lon", "lat"])
    frame.insert(0, "id", found["name"])
    return frame
