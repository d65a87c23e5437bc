"""Geometry family: every row's own geometry, from "there is none" to "it is where no such row can be".

A row gets one finding: the tests form a cascade, and what falls through one is not tried in the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
import shapely

from gridmap.checks.base import GEOMETRY, Check, Faults, Mask, Reads, Scope, Stage, doc
from gridmap.checks.columns import Objects
from gridmap.checks.context import Context
from gridmap.checks.region import Bounds, Boxes, inside_bounds, region_bounds
from gridmap.geo.crs import from_lonlat
from gridmap.geo.earth import all_finite
from gridmap.geo.extent import extent
from gridmap.geo.validity import valid

_POINT, _LINE, _POLYGON = (0,), (1, 5), (3, 6)
_TYPES = {"point": _POINT, "line": _LINE, "polygon": _POLYGON}
_DEGREES = 180.0
_ZONE = 1_000_000.0
_PLACE = re.compile(r"^(?P<reason>.*?)\[(?P<x>\S+) (?P<y>\S+)\]$")

_CASCADE = (
    doc("geometry-missing", "error", ("the geometry is missing", "几何缺失"), "give the row its geometry"),
    doc("geometry-empty", "error", ("the geometry is empty", "几何为空"), "give the row its geometry"),
    doc(
        "geometry-wrong-type",
        "error",
        ("the geometry is not of the kind's type", "几何类型与该类型不符"),
        "draw it as the type that the kind declares, or move the row to another table",
    ),
    doc(
        "geometry-not-finite",
        "error",
        ("a coordinate is infinite or not a number", "坐标为无穷或非数值"),
        "measure the position again; the place in the file holds no number",
    ),
    doc(
        "coordinates-degrees",
        "error",
        ("the coordinates look like degrees in a metric system", "坐标疑似经纬度(度)，应为米"),
        "import the row again and say that its coordinates are longitude and latitude",
    ),
    doc(
        "coordinates-zone-prefix",
        "error",
        ("the easting carries a zone number in front", "横坐标带有带号"),
        "drop the zone number: the digits above the millions",
    ),
    doc(
        "coordinates-swapped",
        "error",
        ("easting and northing are swapped", "横纵坐标颠倒"),
        "swap the two coordinates",
    ),
    doc(
        "coordinates-outside-crs",
        "error",
        ("the position is outside the area of the coordinate reference system", "位置超出坐标系适用范围"),
        "check the CRS that the row was imported with",
    ),
    doc(
        "line-zero-length",
        "error",
        ("the line has no length", "线长度为零"),
        "draw the line, or delete the row",
    ),
    doc(
        "geometry-invalid",
        "error",
        ("the geometry is invalid", "几何无效"),
        "repair it at the place given; shapely.make_valid or QGIS 'Fix geometries' may do",
    ),
    doc(
        "polygon-tiny",
        "warning",
        ("the polygon is smaller or narrower than a sliver", "面积小于碎屑阈值"),
        "delete the row, or draw its true outline",
    ),
)
_REPEATED = (
    doc(
        "vertices-repeated",
        "info",
        ("consecutive vertices are the same", "存在重复节点"),
        "remove the repeated vertices; shapely.remove_repeated_points does",
    ),
)


def _cascade(context: Context) -> Iterator[Faults]:
    region = region_bounds(context)
    for kind in context.spatial():
        for code, mask, message in _tests(context, kind, region):
            hit = mask & context.sound(kind, GEOMETRY)
            if hit.any():
                rows = np.flatnonzero(hit)
                places = _meant(code, context.geoms(kind)[rows], context.spec.crs)
                yield Faults(code, kind, rows, message, (GEOMETRY,), places=places)
        yield from _pointlike(context, kind)
        yield from _invalid(context, kind)
        yield from _tiny(context, kind)


def _tests(context: Context, kind: str, region: Bounds) -> Iterator[tuple[str, Mask, str]]:
    declared = context.spec.kinds[kind].geometry
    if declared == "point" and _all_in_place(context.xy(kind), region):
        return
    geoms = context.geoms(kind)
    yield "geometry-missing", shapely.is_missing(geoms), "there is no geometry"
    types = shapely.get_type_id(geoms)
    wrong = ~np.isin(types, _TYPES[declared])
    finite = all_finite(geoms)
    # A point that is not a number counts as empty in GEOS: it is told apart by having a coordinate.
    unknown = ~finite & (shapely.get_num_coordinates(geoms) > 0)
    yield "geometry-empty", shapely.is_empty(geoms) & ~unknown, "the geometry is empty"
    yield "geometry-wrong-type", wrong, f"the geometry is not a {declared}"
    yield "geometry-not-finite", ~finite, "a coordinate is infinite or not a number"
    yield from _misplaced(geoms, region)


def _all_in_place(xy: Boxes, region: Bounds) -> bool:
    """Whether all rows are points in the region: what has an x and a y is a point, and not empty."""
    low, high = extent(xy)
    # NaN, of a row that is no point, passes no comparison.
    box = np.concatenate([low, high])[None, :]
    return bool(np.isfinite(box).all() and inside_bounds(box, region).all())


def _misplaced(geoms: Objects, region: Bounds) -> Iterator[tuple[str, Mask, str]]:
    """Tell the usual mistakes of position apart; only rows that leave the CRS's region are in question."""
    boxes = shapely.bounds(geoms)
    boxes[~np.isfinite(boxes).all(axis=1)] = np.nan
    lost = ~np.isnan(boxes[:, 0]) & ~inside_bounds(boxes, region)
    small = (np.abs(boxes) <= _DEGREES).all(axis=1)
    yield "coordinates-degrees", lost & small, "all coordinates are small enough to be degrees"
    cut = boxes.copy()
    cut[:, [0, 2]] -= np.floor(boxes[:, [0]] / _ZONE) * _ZONE
    prefixed = lost & (boxes[:, 0] >= _ZONE) & inside_bounds(cut, region)
    yield "coordinates-zone-prefix", prefixed, "without the digits above the millions the easting is in place"
    swapped = lost & inside_bounds(boxes[:, [1, 0, 3, 2]], region)
    yield "coordinates-swapped", swapped, "with the two coordinates swapped the row is in place"
    yield "coordinates-outside-crs", lost, f"the row is outside the area of {region.crs}"


def _meant(code: str, geoms: Objects, crs: str) -> Objects | None:
    """Return where rows are meant to be, as far as the mistake tells; None for where they are."""
    mistakes: dict[str, Callable[[Boxes], Boxes]] = {
        "coordinates-degrees": lambda xy: from_lonlat(xy, crs),
        "coordinates-zone-prefix": lambda xy: xy - np.array([np.floor(xy[0, 0] / _ZONE) * _ZONE, 0.0]),
        "coordinates-swapped": lambda xy: xy[:, ::-1],
    }
    if code not in mistakes:
        return None
    moved = [shapely.transform(geom, mistakes[code]) for geom in geoms]
    places = np.array([*moved, None], dtype=object)[:-1]
    places[~all_finite(places)] = None
    return places


def _pointlike(context: Context, kind: str) -> Iterator[Faults]:
    if context.spec.kinds[kind].geometry != "line":
        return
    rows = np.flatnonzero(context.sound(kind, GEOMETRY))
    rows = rows[shapely.length(context.geoms(kind)[rows]) == 0]
    if len(rows):
        yield Faults("line-zero-length", kind, rows, "the line has no length", (GEOMETRY,))


def _invalid(context: Context, kind: str) -> Iterator[Faults]:
    if context.spec.kinds[kind].geometry == "point":
        return
    geoms = context.geoms(kind)
    rows = np.flatnonzero(context.sound(kind, GEOMETRY))
    rows = rows[~valid(geoms[rows])]
    if not len(rows):
        return
    messages, places = [], []
    for row, reason in zip(rows, shapely.is_valid_reason(geoms[rows]), strict=True):
        found = _PLACE.match(reason)
        messages.append((found["reason"] if found else str(reason)).strip() or "invalid")
        places.append(shapely.Point(float(found["x"]), float(found["y"])) if found else geoms[row])
    yield Faults("geometry-invalid", kind, rows, messages, (GEOMETRY,), places=places)


def _tiny(context: Context, kind: str) -> Iterator[Faults]:
    if context.spec.kinds[kind].geometry != "polygon":
        return
    limits = context.spec.layers.area
    rows = np.flatnonzero(context.sound(kind, GEOMETRY))
    geoms = context.geoms(kind)[rows]
    area, around = shapely.area(geoms), shapely.length(geoms)
    tiny = (area < limits.sliver_m2) | (area * 2 < around * limits.sliver_width_m)
    if tiny.any():
        message = f"the polygon is under {limits.sliver_m2:g} m2 or {limits.sliver_width_m:g} m wide"
        yield Faults("polygon-tiny", kind, rows[tiny], message, (GEOMETRY,))


def _repeated(context: Context) -> Iterator[Faults]:
    for kind in context.spatial():
        if context.spec.kinds[kind].geometry == "point":
            continue
        rows = np.flatnonzero(context.sound(kind, GEOMETRY))
        geoms = context.geoms(kind)[rows]
        counts = shapely.get_num_coordinates(geoms)
        extra = counts - shapely.get_num_coordinates(shapely.remove_repeated_points(geoms))
        hit = extra > 0
        if hit.any():
            messages = [f"{n} vertices repeat the one before" for n in extra[hit].tolist()]
            yield Faults("vertices-repeated", kind, rows[hit], messages)


CHECKS = (
    Check(Stage.CELL, _CASCADE, _cascade, Scope.ROW, Reads.PLACE),
    Check(Stage.ROW, _REPEATED, _repeated, Scope.ROW, Reads.PLACE),
)
