"""Homes that no keeper can get to, why, and who would be the nearest."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import geo
from gridmap.analyse.demand import Floats, Homes, Objects, Posts
from gridmap.geo import travel

NO_POSITION, OFF, BARRED, CUT_OFF = "no position", "outside the area", "on barred ground", "cut off"
NO_KEEPER = "no keeper"


def isolated(
    homes: Homes, minutes: Floats, posts: Posts, network: travel.Network, *, crs: str
) -> gpd.GeoDataFrame:
    """List the homes that none of the keepers can get to.

    Parameters
    ----------
    homes : Homes
        The households.
    minutes : (n,) float
        Minutes from the quickest of the keepers; infinite where none can get there.
    posts : Posts
        The keepers that were asked, in the order of ties.
    network : Network
        Over what they travel.
    crs : str
        The working CRS.

    Returns
    -------
    GeoDataFrame
        ``id``, ``persons``, ``reason`` (no position; outside the area: too far off to be travelled to; on
        barred ground: not even the next cells can be reached; cut off; no keeper), ``nearest`` (``kind:id``
        of the keeper nearest by straight distance) and ``metres`` to it; in the order of the ids.
    """
    rows = np.flatnonzero(~np.isfinite(minutes))
    xy = homes.xy[rows]
    names = np.array([*posts.names, None], dtype=object)
    order = np.argsort(np.array(posts.names, dtype=str), kind="stable")
    near = geo.nearest(xy, names[:-1][order], posts.xy[order], crs)
    position = np.append(order, len(names) - 1)[near.index]
    data = {
        "id": pd.Series(homes.ids[rows], dtype="str"),
        "persons": homes.persons[rows],
        "reason": pd.Series(_reasons(xy, posts, network), dtype="str"),
        "nearest": pd.Series(names[position], dtype="str"),
        "metres": np.where(np.isfinite(near.metres), near.metres, np.nan),
    }
    known = np.isfinite(xy).all(axis=1)
    shapes = np.full(len(rows), None, dtype=object)
    shapes[known] = shapely.points(xy[known])
    return gpd.GeoDataFrame(pd.DataFrame(data), geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs)


def _reasons(xy: Floats, posts: Posts, network: travel.Network) -> Objects:
    known = np.isfinite(xy).all(axis=1)
    cells = network.lattice.cells(xy)
    inside = (cells >= 0) & ~network.surface.off[cells]
    joined = np.zeros(len(xy), dtype=bool)
    joined[network.legs(xy).place] = True
    if not len(posts.ids):
        return np.where(known, NO_KEEPER, NO_POSITION).astype(object)
    return np.select([~known, ~inside, ~joined], [NO_POSITION, OFF, BARRED], CUT_OFF).astype(object)
