"""The border in bins: what the strip chart shows of it besides its coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gridmap import geo
from gridmap.analyse.demand import Floats, Ints, Objects

if TYPE_CHECKING:
    from gridmap.project.coverage import Coverage

BIN_M = 500.0
KM = 1e3
# Ground that ends this near to the border reaches it: what a drawn edge may be off another drawn one.
TOUCH_M = 1.0


def strip_bins(found: Coverage) -> pd.DataFrame:
    """Return the border in bins of 500 m from the west; the last has 250 to 750 m.

    Returns
    -------
    DataFrame
        ``keepers`` line outposts that reach the bin's middle; ``depth``, the layers that answer there (on the
        area layer a zone at the place of the jurisdiction nearest to it); ``minutes`` and ``metres`` to the
        nearest outpost of a line unit, the first missing where no travel time was asked for and infinite
        where none gets there; ``homes`` within the belt whose nearest chainage is in the bin, and
        ``homes_km``, that by kilometre of border.
    """
    from gridmap.project.covered import nearest_outpost, numbered  # noqa: PLC0415 - it imports this module

    border = found.demand.border
    length = 0.0 if border is None else border.length_m
    # What is left at the end is a bin of its own, or makes the last one longer: homes by kilometre of a few
    # metres would say nothing.
    starts = np.arange(max(round(length / BIN_M), 1 if length > 0 else 0)) * BIN_M
    stops = np.append(starts[1:], length) if len(starts) else starts
    middle = (starts + stops) / 2
    xy = np.empty((0, 2)) if border is None else border.place(middle)
    pieces = found.line.pieces
    at = np.searchsorted(pieces.breaks, np.rint(middle * KM), side="right") - 1
    keepers = pieces.count[np.clip(at, 0, len(pieces.count) - 1)] if len(at) else np.empty(0, dtype=np.int64)
    homes = _homes(found, len(starts))
    _, metres = nearest_outpost(found, xy)
    return pd.DataFrame(
        {
            "id": numbered("B", len(starts)),
            "from_m": starts,
            "to_m": stops,
            "keepers": keepers.astype(np.int64),
            "depth": _depth(found, xy, keepers),
            "minutes": _minutes(found, xy),
            "metres": metres,
            "homes": homes,
            "homes_km": np.round(homes / np.maximum(stops - starts, 1.0) * KM, 3),
        }
    )


def _homes(found: Coverage, bins: int) -> Ints:
    """Count the homes of the belt in each bin of the border."""
    border, xy = found.demand.border, found.demand.homes.xy
    xy = xy[np.isfinite(xy).all(axis=1)]
    if border is None or not len(xy):
        return np.zeros(bins, dtype=np.int64)
    located = border.locate(xy)
    near = located.chainage_m[located.distance_m <= found.demand.belt_m]
    return np.bincount(
        np.clip((near // BIN_M).astype(np.int64), 0, bins - 1), minlength=bins
    ).astype(np.int64)  # fmt: skip


def _depth(found: Coverage, xy: Floats, keepers: Ints) -> Ints:
    """Return on how many layers somebody answers at places of the border."""
    places: Objects = np.asarray(shapely.points(xy), dtype=object)
    deep = (keepers > 0).astype(np.int64)
    # The border is an edge of the ground, drawn for itself: the layers of the ground are asked on the ground.
    inland = places
    if found.demand.jurisdiction is not None and len(places):
        inland = shapely.get_point(shapely.shortest_line(found.demand.jurisdiction, places), 0)
    strongholds = found.reached.shapes[found.posts.stronghold]
    # What is reached in time is drawn by cells: its edge may be one of them off.
    edge = TOUCH_M if found.how.minutes is None else float(found.plan.area.spec.travel.cell_m)
    for shapes, where, off in ((found.demand.zones, inland, TOUCH_M), (strongholds, places, edge)):
        deep += _touched(shapes, where, off)
    return deep


def _touched(shapes: Objects, places: Objects, within_m: float) -> Ints:
    """Say which places any of some polygons holds, or comes near to."""
    some = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    held = np.zeros(len(places), dtype=np.int64)
    if len(some):
        held[shapely.STRtree(some).query(places, predicate="dwithin", distance=within_m)[0]] = 1
    return held


def _minutes(found: Coverage, xy: Floats) -> Floats:
    if found.how.minutes is None or not len(xy):
        return np.full(len(xy), np.nan)
    from gridmap.project.covered import travel_by  # noqa: PLC0415 - it imports this module

    asked = travel_by(found, found.posts.only(np.flatnonzero(found.posts.line)))
    return np.asarray(asked.minutes(geo.to_lonlat(xy, found.demand.crs)), dtype=np.float64)
