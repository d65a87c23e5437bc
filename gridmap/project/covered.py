"""Tables of a coverage, for views: what maps and figures of it are drawn from. Nothing of it is stored."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import geo
from gridmap.analyse.cover import share
from gridmap.analyse.demand import Floats, Ints, Objects, Posts
from gridmap.analyse.layered import DEPTHS, without
from gridmap.analyse.stretches import MM
from gridmap.project.changed import TABLE as CHANGE
from gridmap.project.changed import travel_change
from gridmap.project.covered_strip import strip_bins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gridmap.project.coverage import Coverage
    from gridmap.project.travel import Travel

KM, KM2 = 1e3, 1e6
DECIMALS = 3
UNITS = "unit"
# Of the layers' figures in `Coverage.by("unit")`: the column, its unit, and what it is called here.
SCALED = {
    "line_m": ("line_km", KM),
    "line_covered_m": ("line_covered_km", KM),
    "area_m2": ("area_km2", KM2),
    "area_covered_m2": ("area_covered_km2", KM2),
}
COUNTED = ("households", "households_covered", "persons", "persons_covered")


def analysis_tables(
    found: Coverage, names: Iterable[str], *, against: str | None = None
) -> dict[str, pd.DataFrame]:
    """Return some of the tables of `gridmap.config.ANALYSIS_TABLES`.

    Parameters
    ----------
    found : Coverage
        What keepers reach.
    names : iterable of str
        Which tables; isochrones are left out where no travel time was asked for.
    against : str, optional
        The scenario that times are compared with; without it, the table of changes is left out.

    Returns
    -------
    dict of str to frame
        In the working CRS, with the columns of `gridmap.config.ANALYSIS_COLUMNS`.
    """
    makers: dict[str, Callable[[Coverage], pd.DataFrame]] = {
        "cover_line": cover_line,
        "cover_area": cover_area,
        "cover_depth": cover_depth,
        "cover_gaps": cover_gaps,
        "isochrones": isochrones,
        "cover_strip": strip_bins,
        "cover_units": cover_units,
    }
    wanted = [name for name in names if name != "isochrones" or found.how.minutes is not None]
    made = {name: makers[name](found) for name in wanted if name != CHANGE}
    return (
        made if against is None or CHANGE not in wanted else {**made, CHANGE: travel_change(found, against)}
    )


def cover_line(found: Coverage) -> gpd.GeoDataFrame:
    """Return the border, whole, in stretches that the same number of line outposts reach.

    ``nearest`` and ``metres`` are the outpost nearest to the middle of a stretch, and its geodesic distance,
    within reach or not.
    """
    pieces, border = found.line.pieces, found.demand.border
    if border is None or not len(pieces.count):
        starts, stops, counts = np.empty(0), np.empty(0), np.empty(0, dtype=np.int64)
    else:
        first = np.flatnonzero(np.diff(pieces.count, prepend=-1))
        starts, counts = pieces.breaks[first] / MM, pieces.count[first]
        stops = np.append(starts[1:], pieces.breaks[-1] / MM)
    shapes = np.empty(len(starts), dtype=object)
    middle = np.empty((0, 2))
    if border is not None and len(starts):
        ends = np.minimum(stops, border.length_m)
        shapes[:] = [border.interval(float(a), float(b)) for a, b in zip(starts, ends, strict=True)]
        middle = border.place((starts + ends) / 2)
    names, metres = nearest_outpost(found, middle)
    columns = {
        "id": numbered("L", len(starts)),
        "from_m": starts,
        "to_m": stops,
        "km": np.round((stops - starts) / KM, DECIMALS),
        "keepers": counts.astype(np.int64),
        "nearest": pd.array(names, dtype="str"),
        "metres": metres,
    }
    return _frame(columns, shapes, found)


def nearest_outpost(found: Coverage, xy: Floats) -> tuple[Objects, Floats]:
    """Return the nearest outpost of a line unit to each place, ``kind:id`` and geodesic metres."""
    some = found.posts.only(np.flatnonzero(found.posts.line))
    near = geo.nearest(xy, np.array(some.names, dtype=object), some.xy, found.demand.crs)
    names = np.array([*some.names, None], dtype=object)[near.index]
    return names, np.where(near.index >= 0, np.round(near.metres, 1), np.nan)


def cover_area(found: Coverage) -> gpd.GeoDataFrame:
    """Return where at least one, two and three keepers reach the jurisdiction."""
    area = found.area
    km2 = np.asarray(area.at_least_m2, dtype=np.float64) / KM2
    columns = {
        "id": numbered("A", DEPTHS),
        "keepers": np.arange(1, DEPTHS + 1),
        "km2": np.round(km2, DECIMALS),
        "share": [share(float(one), area.total_m2) for one in area.at_least_m2],
    }
    kept = km2 > 0.0
    shapes = np.array(area.at_least, dtype=object)
    return _frame({name: np.asarray(one)[kept] for name, one in columns.items()}, shapes[kept], found)


def cover_depth(found: Coverage) -> gpd.GeoDataFrame:
    """Return the jurisdiction by the layers that answer; the figures are those of the ground as it is."""
    faces = found.depth.faces
    m2 = faces["m2"].to_numpy(dtype=np.float64)
    columns = {
        "id": numbered("D", len(faces)),
        "depth": faces["depth"].to_numpy(dtype=np.int64),
        "layers": faces["layers"].to_numpy(dtype=object),
        "km2": np.round(m2 / KM2, DECIMALS),
        "share": [share(float(one), found.area.total_m2) for one in m2],
    }
    return _frame(columns, faces.geometry.to_numpy(), found)


def cover_gaps(found: Coverage) -> gpd.GeoDataFrame:
    """Return where nobody reaches: stretches, ground, households. The last are homes' positions."""
    gaps = found.gaps
    layer = gaps["layer"].to_numpy(dtype=object)
    size = gaps["size"].to_numpy(dtype=np.float64)

    def sized(name: str, scale: float) -> Floats:
        return np.asarray(np.round(np.where(layer == name, size / scale, np.nan), DECIMALS), dtype=np.float64)

    columns = {
        "id": numbered("G", len(gaps)),
        "layer": layer,
        "household": gaps["id"].to_numpy(dtype=object),
        "from_m": gaps["from_m"].to_numpy(dtype=np.float64),
        "to_m": gaps["to_m"].to_numpy(dtype=np.float64),
        "km": sized("line", KM),
        "km2": sized("area", KM2),
        "persons": sized("point", 1.0),
        "nearest": gaps["nearest"].to_numpy(dtype=object),
        "metres": np.round(gaps["metres"].to_numpy(dtype=np.float64), 1),
    }
    return _frame(columns, gaps.geometry.to_numpy(), found)


def travel_by(found: Coverage, posts: Posts) -> Travel:
    """Return how long some keepers of a coverage take."""
    from gridmap.project.travel import Travel, network_of  # noqa: PLC0415 - heavy, and only times need it

    how = found.how
    network = network_of(found.plan, how.profile, how.scenario)
    return Travel(found.plan, str(how.profile), how.scenario, posts, network)


def bands(minutes: float) -> tuple[float, ...]:
    """Return the times that isochrones are drawn for: the one asked for, its half and its double."""
    return (minutes / 2, minutes, minutes * 2)


def isochrones(found: Coverage) -> gpd.GeoDataFrame:
    """Return where keepers get to in how many minutes: bands that leave out what is nearer.

    ``km2`` is a band's own, ``within_km2`` with all that is nearer.
    """
    how = found.how
    made = travel_by(found, found.posts).isochrones(bands(float(how.minutes or 0.0)))
    shapes = np.array(made.geometry.to_numpy(), dtype=object)
    rings = np.empty(len(shapes), dtype=object)
    rings[:] = [*shapes[:1], *(without(b, a)[0] for a, b in pairwise(shapes))]
    km2 = np.round(geo.geodesic_area(rings, found.demand.crs) / KM2, DECIMALS)
    # Where all the ground is reached sooner there is no band.
    kept = np.flatnonzero(km2 > 0.0)
    columns = {
        "id": numbered("T", len(kept)),
        "minutes": made["minutes"].to_numpy(dtype=np.float64)[kept],
        "profile": [str(how.profile)] * len(kept),
        "scenario": [how.scenario] * len(kept),
        "km2": km2[kept],
        "within_km2": np.round(geo.geodesic_area(shapes[kept], found.demand.crs) / KM2, DECIMALS),
    }
    return _frame(columns, rings[kept], found)


def cover_units(found: Coverage) -> pd.DataFrame:
    """Return for each unit what it keeps of its layer, and how much of that is within reach."""
    made = found.by(UNITS)
    made = made[made["id"].notna()].reset_index(drop=True)
    columns: dict[str, Any] = {"id": made["id"]}
    for name in ("name", "layer"):
        columns[name] = made[name] if name in made.columns else pd.array([None] * len(made), dtype="str")
    for name, (called, scale) in SCALED.items():
        columns[called] = np.round(made[name].to_numpy(dtype=np.float64) / scale, DECIMALS)
    columns |= {name: made[name].to_numpy(dtype=np.int64) for name in COUNTED}
    return pd.DataFrame(columns)


def numbered(letter: str, count: int) -> Any:
    """Return ids of the rows of a table that is made in one order."""
    digits = max(3, len(str(count)))
    return pd.array([f"{letter}{number:0{digits}}" for number in range(1, count + 1)], dtype="str")


def _frame(columns: dict[str, Any], shapes: Objects | Ints, found: Coverage) -> gpd.GeoDataFrame:
    crs = found.demand.crs
    texts = {"layer", "layers", "household", "nearest", "profile", "scenario"}
    held = {name: pd.array(one, dtype="str") if name in texts else one for name, one in columns.items()}
    return gpd.GeoDataFrame(held, geometry=gpd.GeoSeries(shapes, crs=crs))
