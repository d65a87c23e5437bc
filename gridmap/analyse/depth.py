"""Depth: on how many of the three layers somebody answers at a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap import geo
from gridmap.analyse.demand import Bools, Demand, Floats, Objects, Posts
from gridmap.analyse.layered import EMPTY, common, without
from gridmap.analyse.reached import Reached
from gridmap.geo.discs import belt

LAYERS = ("line", "area", "point")


@dataclass(frozen=True, slots=True)
class Depth:
    """The jurisdiction by the layers that answer.

    Parameters
    ----------
    m2 : (4,) float
        Geodesic square metres where 0, 1, 2 and 3 layers answer; their sum is the jurisdiction's.
    faces : GeoDataFrame
        One row for every set of layers that occurs: ``depth``, ``layers`` (``"line area"``, empty where
        nobody answers), ``m2``, geometry in the working CRS. They tile the jurisdiction.
    """

    m2: Floats
    faces: gpd.GeoDataFrame


def depth(demand: Demand, posts: Posts, reached: Reached) -> Depth:
    """Find how many layers answer where.

    Parameters
    ----------
    demand : Demand
        What is to be covered.
    posts : Posts
        The keepers.
    reached : Reached
        What each of them reaches.

    Returns
    -------
    Depth
        On the line layer an outpost of a line unit answers within its reach inside the belt, on the area
        layer a zone, on the point layer a stronghold within its reach.
    """
    whole = EMPTY if demand.jurisdiction is None else demand.jurisdiction
    found: list[tuple[tuple[str, ...], Any]] = [((), whole)]
    for name, ground in zip(LAYERS, _grounds(demand, posts, reached), strict=True):
        cut = [((*names, name), common(shape, ground)[0]) for names, shape in found]
        rest = [(names, without(shape, ground)[0]) for names, shape in found]
        found = [(names, shape) for names, shape in (*cut, *rest) if not shape.is_empty]
    found.sort(key=lambda one: (len(one[0]), [LAYERS.index(name) for name in one[0]]))
    shapes = np.empty(len(found), dtype=object)
    shapes[:] = [shape for _, shape in found]
    m2 = geo.geodesic_area(shapes, demand.crs)
    deep = np.array([len(names) for names, _ in found], dtype=np.int64)
    faces = gpd.GeoDataFrame(
        {"depth": deep, "layers": [" ".join(names) for names, _ in found], "m2": m2},
        geometry=gpd.GeoSeries(shapes, crs=demand.crs),
    )
    summed = np.bincount(deep, weights=m2, minlength=len(LAYERS) + 1).astype(np.float64)
    total = float(geo.geodesic_area(np.array([whole], dtype=object), demand.crs)[0])
    # What the overlay rounds away is less than a square metre; it is given to the places without anybody.
    summed[0] = max(total - float(summed[1:].sum()), 0.0)
    return Depth(summed, faces)


def _grounds(demand: Demand, posts: Posts, reached: Reached) -> tuple[Any, Any, Any]:
    """Return where somebody answers on each of the layers."""
    within = EMPTY if demand.border is None else belt(demand.border, demand.belt_m)
    line = common(_joined(reached.shapes, posts.line), within)[0]
    zones = np.ones(len(demand.zones), dtype=bool)
    return line, _joined(demand.zones, zones), _joined(reached.shapes, posts.stronghold)


def _joined(shapes: Objects, chosen: Bools) -> Any:
    return geo.polygons_of(shapely.union_all(shapes[chosen])) if chosen.any() else EMPTY
