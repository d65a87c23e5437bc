"""A gacha cut along a lattice of squares into contiguous faces that share their nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap.analyse.demand import Bools, Floats, Ints, Objects

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Edges:
    """Neighbours of polygons.

    Parameters
    ----------
    pairs : (k, 2) int
        Positions of two polygons with a common edge, each pair once, the smaller first.
    lengths : (k,) metres
        How long it is in the plane, to the millimetre.
    """

    pairs: Ints
    lengths: Floats


def cut(shape: Any, size_m: float) -> Objects:
    """Cut a polygon along the lines of a lattice.

    Parameters
    ----------
    shape : Polygon or MultiPolygon
        In the working CRS.
    size_m : float
        Side of a square in metres. The lines are those whose x or y is a multiple of it, whatever the data.

    Returns
    -------
    (n,) polygons
        Contiguous faces, each in one square, in reading order; they tile the shape and share their nodes.
        Where a line of the lattice crosses an edge of the outline, a neighbour with the same edge gets the
        same node, whichever way its outline runs.

    Notes
    -----
    The outline and the lattice are noded together and polygonised, so that a corner that only touches a
    line is a node on both of its sides.
    """
    rings = shapely.get_rings(np.asarray(shapely.get_parts(shape), dtype=object))
    lines = shapely.union_all([*rings, *_lattice(shape.bounds, size_m)])
    faces = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(lines))), dtype=object)
    shapely.prepare(shape)
    inside: Bools = np.asarray(shapely.contains(shape, shapely.point_on_surface(faces)), dtype=bool)
    kept = shapely.normalize(faces[inside])
    return np.asarray(kept[in_reading_order(kept, size_m)], dtype=object)


def in_reading_order(shapes: Objects, size_m: float) -> Ints:
    """Return the order of shapes as a page is read: rows of the lattice from the north, each from the west.

    Their row is the one that holds their centre; in one row they go by the square, then by the centre itself.
    """
    centre = np.round(shapely.get_coordinates(shapely.centroid(shapes)), 3) + 0.0
    square = np.floor(centre / size_m)
    box = np.round(shapely.bounds(shapes).reshape(-1, 4), 3)
    keys = (box[:, 1], box[:, 0], -centre[:, 1], centre[:, 0], square[:, 0], -square[:, 1])
    return np.lexsort(keys).astype(np.int64)


def shared_edges(shapes: Objects) -> Edges:
    """Return which polygons have a common edge.

    The polygons share every node: a common edge is made of the same segments on both sides.
    """
    coords, owner = shapely.get_coordinates(shapely.get_rings(shapes), return_index=True)
    _, ring_owner = shapely.get_rings(shapes, return_index=True)
    same = owner[1:] == owner[:-1]
    start, end = coords[:-1][same], coords[1:][same]
    polygon = ring_owner[owner[1:][same]]
    turned = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    low, high = np.where(turned[:, None], end, start), np.where(turned[:, None], start, end)
    order = np.lexsort((polygon, high[:, 1], high[:, 0], low[:, 1], low[:, 0]))
    ends = np.column_stack([low, high])[order]
    twice = np.flatnonzero((ends[1:] == ends[:-1]).all(axis=1))
    pairs = np.column_stack([polygon[order[twice]], polygon[order[twice + 1]]]).astype(np.int64)
    length = np.hypot(*(ends[twice, 2:] - ends[twice, :2]).T)
    real = pairs[:, 0] != pairs[:, 1]
    unique, where = np.unique(pairs[real], axis=0, return_inverse=True)
    total = np.bincount(where.reshape(-1), weights=length[real], minlength=len(unique))
    return Edges(unique, np.round(total, 3))


def joined(shapes: Objects, groups: Iterable[Ints]) -> Objects:
    """Return the union of each group of faces; nodes on its outline stay, so that neighbours still fit."""
    made = [
        shapes[group[0]] if len(group) == 1 else shapely.normalize(shapely.coverage_union_all(shapes[group]))
        for group in groups
    ]
    out = np.empty(len(made), dtype=object)
    out[:] = made
    return out


def _lattice(bounds: tuple[float, ...], size_m: float) -> list[Any]:
    """Return the lines of the lattice that cross a box, with a node at each of their crossings."""
    west, south, east, north = bounds
    x = np.arange(np.floor(west / size_m), np.ceil(east / size_m) + 1) * size_m
    y = np.arange(np.floor(south / size_m), np.ceil(north / size_m) + 1) * size_m
    upright = [shapely.LineString(np.column_stack([np.full(len(y), at), y])) for at in x]
    level = [shapely.LineString(np.column_stack([x, np.full(len(x), at)])) for at in y]
    return [*upright, *level]
