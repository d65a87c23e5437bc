"""What gridmap is measured against, on frames in memory: an analyst's geopandas, and shapely at its best.

Both say for every home its zone, its nearest stronghold within reach and, inside the belt, its chainage and
its section. They measure in the plane, know no ties and no shared edges, and give no reasons.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from tests.bench.measure import Clock

BELT_M, REACH_M = 20_000.0, 15_000.0
# geopandas has no index on the line: its way along the border is measured on so many homes, and scaled.
SAMPLE = 10_000
CHUNK = 50_000
# Segments whose middles are nearest are looked at, where these are all that can be nearest.
NEIGHBOURS = 32

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Objects = npt.NDArray[np.object_]
Tables = dict[str, pd.DataFrame]


def geopandas_way(tables: Tables, clock: Clock) -> dict[str, float]:
    """Join as an analyst writes it: `sjoin`, `sjoin_nearest`, `project` and `distance` of the line.

    Marks ``area``, ``point``, ``line`` (all homes along the border), and ``belt`` (the careful analyst: only
    homes within the belt, found with `sjoin` by `dwithin`). The last two are scaled from a sample.
    """
    homes = gpd.GeoDataFrame(tables["household"][["id", "stronghold", "geometry"]])
    zones = tables["patrol_zone"][["id", "unit", "geometry"]].rename(columns={"id": "zone"})
    clock.mark("start")
    homes = homes.sjoin(zones, how="left", predicate="within").drop(columns="index_right")
    clock.mark("area")
    strongholds = homes.loc[homes["stronghold"], ["id", "geometry"]].rename(columns={"id": "nearest"})
    homes = homes.sjoin_nearest(strongholds, how="left", max_distance=REACH_M, distance_col="metres")
    homes = homes.drop(columns="index_right").drop_duplicates("id").reset_index(drop=True)
    clock.mark("point")
    border = shapely.line_merge(tables["border"].union_all())
    line_outposts(tables, border)
    some = homes.geometry.iloc[:SAMPLE]
    chainage, metres = shapely.line_locate_point(border, some.to_numpy()), some.distance(border)
    clock.mark("line", times=max(len(homes) / SAMPLE, 1.0))
    frame = gpd.GeoDataFrame(geometry=[border], crs=homes.crs)
    inside = homes[["id", "geometry"]].sjoin(frame, predicate="dwithin", distance=BELT_M)
    clock.mark("belt_join")
    some = inside.geometry.iloc[:SAMPLE]
    chainage, metres = shapely.line_locate_point(border, some.to_numpy()), some.distance(border)
    clock.mark("belt_along", times=max(len(inside) / SAMPLE, 1.0))
    assert len(chainage) == len(metres)
    return {
        "in_zone": float(homes["zone"].notna().sum()),
        "in_reach": float(homes["nearest"].notna().sum()),
        "in_belt": float(len(inside)),
    }


def line_outposts(tables: Tables, border: Any) -> Floats:
    """Return where sections end: the midpoints between the chainages of the line's outposts."""
    units = tables["unit"]
    posts = tables["outpost"]
    mine = posts["unit"].isin(units.loc[units["layer"] == "line", "id"]).to_numpy(dtype=bool)
    points = posts.geometry.to_numpy()[mine]
    near = shapely.dwithin(points, border, BELT_M)
    at = np.sort(shapely.line_locate_point(border, points[near]))
    return np.asarray((at[:-1] + at[1:]) / 2)


@dataclass(frozen=True)
class Prepared:
    """The trees and arrays that the vectorised way builds once."""

    zones: Objects
    zone_tree: shapely.STRtree
    stronghold_tree: cKDTree
    vertices: Floats
    cumulative: Floats
    segment_tree: shapely.STRtree
    middles: cKDTree
    half_m: float
    cuts: Floats


def prepare(tables: Tables) -> Prepared:
    zones = tables["patrol_zone"].geometry.to_numpy()
    shapely.prepare(zones)
    homes = tables["household"]
    strongholds = homes.geometry.to_numpy()[homes["stronghold"].to_numpy(dtype=bool)]
    border = shapely.line_merge(shapely.union_all(tables["border"].geometry.to_numpy()))
    vertices = shapely.get_coordinates(border)
    lengths = np.hypot(*np.diff(vertices, axis=0).T)
    segments = shapely.linestrings(np.stack([vertices[:-1], vertices[1:]], axis=1))
    return Prepared(
        zones,
        shapely.STRtree(zones),
        cKDTree(shapely.get_coordinates(strongholds)),
        vertices,
        np.concatenate([[0.0], np.cumsum(lengths)]),
        shapely.STRtree(segments),
        cKDTree((vertices[:-1] + vertices[1:]) / 2),
        float(lengths.max()) / 2,
        line_outposts(tables, border),
    )


@dataclass(frozen=True)
class Assigned:
    """A row per home; -1 and NaN where there is none."""

    zone: Ints
    stronghold: Ints
    metres: Floats
    chainage: Floats
    border_m: Floats
    section: Ints

    def counts(self) -> dict[str, float]:
        return {
            "in_zone": float((self.zone >= 0).sum()),
            "in_reach": float((self.stronghold >= 0).sum()),
            "in_belt": float((self.section >= 0).sum()),
        }


def vectorised(ready: Prepared, points: Objects, *, threads: int) -> Assigned:
    """Assign points in chunks, on threads: shapely and scipy let the interpreter go while they work."""
    spans = [slice(*pair) for pair in pairwise([*range(0, len(points), CHUNK), len(points)])]
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(lambda span: _chunk(ready, points[span]), spans))
    return Assigned(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _chunk(ready: Prepared, points: Objects) -> tuple[Any, ...]:
    xy = shapely.get_coordinates(points)
    metres, nearest = ready.stronghold_tree.query(xy, distance_upper_bound=REACH_M)
    chainage, border_m = _along(ready, points, xy)
    section = np.where(np.isfinite(chainage), np.searchsorted(ready.cuts, chainage), -1)
    found = np.where(np.isfinite(metres), nearest, -1)
    return _zone(ready, points, xy), found, metres, chainage, border_m, section


def _zone(ready: Prepared, points: Objects, xy: Floats) -> Ints:
    """Return the zone of each point: candidates by their boxes, then each prepared polygon once."""
    at, zone = ready.zone_tree.query(points)
    order = np.argsort(zone, kind="stable")
    at, zone = at[order], zone[order]
    found = np.full(len(points), -1, dtype=np.intp)
    starts = np.flatnonzero(np.diff(zone, prepend=-1))
    for start, stop in pairwise([*starts, len(zone)]):
        some = at[start:stop]
        inside = shapely.contains_xy(ready.zones[zone[start]], xy[some, 0], xy[some, 1])
        found[some[inside]] = zone[start]
    return found


def _along(ready: Prepared, points: Objects, xy: Floats) -> tuple[Floats, Floats]:
    """Return chainage and distance within the belt.

    A segment can be nearest only if its middle is no farther than the nearest middle and half the longest
    segment. Where more may be than were asked for, the tree over segments answers: about 4 % of the belt,
    and the whole is half again as fast as that tree alone.
    """
    chainage, metres = np.full(len(xy), np.nan), np.full(len(xy), np.inf)
    first, _ = ready.middles.query(xy, distance_upper_bound=BELT_M + ready.half_m)
    near = np.flatnonzero(np.isfinite(first))
    count = min(NEIGHBOURS, ready.middles.n)
    distance, segment = ready.middles.query(xy[near], k=np.arange(1, count + 1))
    sure = (distance[:, -1] > distance[:, 0] + ready.half_m) | (count == ready.middles.n)
    for column in segment[sure].T:
        _nearer(ready, xy, near[sure], column, (chainage, metres))
    rest = near[~sure]
    at, column = ready.segment_tree.query_nearest(points[rest], max_distance=BELT_M, all_matches=False)
    _nearer(ready, xy, rest[at], column, (chainage, metres))
    outside = metres > BELT_M
    chainage[outside], metres[outside] = np.nan, np.inf
    return chainage, metres


def _nearer(ready: Prepared, xy: Floats, rows: Ints, segment: Ints, into: tuple[Floats, Floats]) -> None:
    """Keep what is nearer on these segments than what was found before."""
    start = ready.vertices[segment]
    way = ready.vertices[segment + 1] - start
    share = np.clip(((xy[rows] - start) * way).sum(axis=1) / (way * way).sum(axis=1), 0.0, 1.0)
    metres = np.hypot(*(xy[rows] - start - share[:, None] * way).T)
    better = metres < into[1][rows]
    length = ready.cumulative[segment + 1] - ready.cumulative[segment]
    into[0][rows[better]] = (ready.cumulative[segment] + share * length)[better]
    into[1][rows[better]] = metres[better]


def shapely_way(threads: int) -> Callable[[Tables, Clock], dict[str, float]]:
    """Return the vectorised way on so many threads; it marks ``index`` and ``assign``."""

    def way(tables: Tables, clock: Clock) -> dict[str, float]:
        clock.mark("start")
        ready = prepare(tables)
        clock.mark("index")
        found = vectorised(ready, tables["household"].geometry.to_numpy(), threads=threads)
        clock.mark("assign")
        return found.counts()

    return way
