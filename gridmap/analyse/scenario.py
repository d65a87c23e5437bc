"""What a scenario changes: minutes before and after, home by home and as ground."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import geo
from gridmap.analyse.demand import Floats, Objects
from gridmap.errors import ConfigError
from gridmap.geo import travel

MINUTE_S = 60.0
# Ground where it takes longer by at least so many minutes.
STEPS_MIN = (15.0, 30.0, 60.0)
LONGER, LOST = "longer", "lost"


def changed(ids: Objects, before: Floats, after: Floats) -> pd.DataFrame:
    """Compare minutes to the same homes.

    Parameters
    ----------
    ids : (n,) text
        The homes.
    before, after : (n,) float
        Minutes; infinite where nobody can get there.

    Returns
    -------
    DataFrame
        ``id``, ``before``, ``after``, ``change`` (minutes more; infinite where access is lost, negative
        where it is won, NaN where there was none and is none), ``isolated`` (reached before, and not after).
    """
    with np.errstate(invalid="ignore"):
        change = after - before
    return pd.DataFrame(
        {
            "id": pd.Series(ids, dtype="str"),
            "before": before,
            "after": after,
            "change": change,
            "isolated": np.isfinite(before) & ~np.isfinite(after),
        }
    )


def change_bands(
    before: tuple[travel.Lattice, Floats], after: tuple[travel.Lattice, Floats], *, crs: str
) -> gpd.GeoDataFrame:
    """Return the difference map: ground where it takes longer, and ground that can no longer be reached.

    Parameters
    ----------
    before, after : (Lattice, (cells,) float)
        Seconds at the cells' centres; both lattices with cells of one size.
    crs : str
        The working CRS.

    Returns
    -------
    GeoDataFrame
        ``change`` (longer, lost), ``from_min``, ``to_min`` (minutes more: from inclusive, to exclusive; NaN
        for none), ``km2`` (geodesic) and the cells joined; bands do not overlap, empty ones are there too.

    Raises
    ------
    ConfigError
        GM106 if the cells are of different sizes.
    """
    lattice, first = before
    later = _on(lattice, *after)
    with np.errstate(invalid="ignore"):
        more = (later - first) / MINUTE_S
    reached = np.isfinite(first)
    ends = [*STEPS_MIN[1:], np.inf]
    masks = [reached & (more >= low) & (more < high) for low, high in zip(STEPS_MIN, ends, strict=True)]
    masks.append(reached & np.isinf(later))
    shapes = np.empty(len(masks), dtype=object)
    shapes[:] = [travel.squares(lattice, mask) for mask in masks]
    data = {
        "change": pd.Series([*[LONGER] * len(STEPS_MIN), LOST], dtype="str"),
        "from_min": [*STEPS_MIN, np.nan],
        "to_min": [*STEPS_MIN[1:], np.nan, np.nan],
        "km2": np.round(geo.geodesic_area(shapes, crs) / 1e6, 6),
    }
    return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs)


def _on(lattice: travel.Lattice, other: travel.Lattice, values: Floats) -> Floats:
    """Return values of another lattice at the cells of this one; NaN off it."""
    if other.cell != lattice.cell:
        raise ConfigError(
            "GM106",
            "the two travel times are on cells of different sizes",
            where=f"cells of {lattice.cell:g} m and {other.cell:g} m",
            fix="compare two scenarios of one project",
        )
    if other == lattice:
        return values
    cells = other.cells(lattice.centres())
    return np.where(cells >= 0, values[cells], np.nan)
