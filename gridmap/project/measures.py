"""Measures: a frame in, a named Series on the same index out."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import checks, geo
from gridmap.config import ProjectSpec, default_spec
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError, InputError
from gridmap.model import Findings


def nearest_stronghold(homes: gpd.GeoDataFrame, strongholds: gpd.GeoDataFrame) -> pd.Series[str]:
    """Return the id of the stronghold nearest to each home, whatever the distance.

    Parameters
    ----------
    homes : GeoDataFrame of points, n rows
        Any index; the CRS is projected and metric.
    strongholds : GeoDataFrame of points
        With a text column ``id``, in the same CRS.

    Returns
    -------
    Series of str, n rows
        Named ``nearest_stronghold``, on the index of `homes`; missing where a home has no position
        or there is no stronghold. Geodesic metres; ties to the millimetre go to the smaller id.

    Raises
    ------
    InputError
        GM203 if the two frames are not in one CRS.
    """
    if homes.crs is None or strongholds.crs is None or homes.crs != strongholds.crs:
        raise InputError(
            "GM203",
            "homes and strongholds are not in one coordinate reference system",
            where=f"homes: {homes.crs}, strongholds: {strongholds.crs}",
            fix="bring both to the project's CRS with .to_crs()",
        )
    ordered = strongholds.sort_values("id", kind="stable")
    ids = ordered["id"].to_numpy(dtype=object)
    found = geo.nearest(geo.point_xy(homes.geometry), ids, geo.point_xy(ordered.geometry), homes.crs)
    # Where there is none the index is -1: the last place, which is missing.
    named = np.array([*ids, None], dtype=object)
    return pd.Series(named[found.index], index=homes.index, name="nearest_stronghold", dtype="str")


def check(frame: pd.DataFrame, *, kind: str, spec: ProjectSpec | None = None) -> Findings:
    """Find the faults of one frame, which need not be stored nor be fit to store.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        Rows of one kind; a geometry in any stated CRS.
    kind : str
        What the rows are, e.g. ``"household"``.
    spec : ProjectSpec, optional
        Settings; those of ``gridmap new`` if left out.

    Returns
    -------
    Findings
        Also those that a store could not hold: repeated ids, unknown columns, wrong types.

    Raises
    ------
    ConfigError
        GM105 if there is no such kind.
    """
    settings = spec or default_spec()
    if kind not in settings.kinds:
        raise ConfigError("GM105", f"no such kind: {kind}", where="kind=", fix=suggest(kind, settings.kinds))
    return checks.check_frame(frame, kind=kind, spec=settings)
