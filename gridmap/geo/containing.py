"""Which polygon contains a point, to the millimetre; and the polygonal part of any geometry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap.geo.extent import finite
from gridmap.geo.validity import valid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Shorts = NDArray[np.int32]

# Edges and points are compared to the millimetre: a place on an edge must not fall between two zones.
TOLERANCE_M = 1e-3
CHUNK = 250_000


@dataclass(frozen=True, slots=True)
class Containment:
    """Which polygon each of n points belongs to.

    Parameters
    ----------
    lead : array of int32, shape (n,)
        Position of the polygon; -1 where there is none.
    extra : array of int, shape (m, 2)
        Pairs of point and further polygon that claims it, in the order of points, then of ids.
    """

    lead: Shorts
    extra: Ints


def polygons_of(shape: Any) -> Any:
    """Return the polygonal part of a geometry, made valid, 2D; an empty MultiPolygon if there is none."""
    if shape is None or shape.is_empty or not np.isfinite(shapely.get_coordinates(shape)).all():
        return shapely.MultiPolygon()
    flat = shapely.force_2d(shape)
    is_valid = valid(np.array([flat], dtype=object))[0]
    sound = flat if is_valid else shapely.make_valid(flat, method="structure", keep_collapsed=False)
    parts = shapely.get_parts(np.array([sound], dtype=object))
    kept = [part for one in parts for part in shapely.get_parts(one) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(kept) if len(kept) != 1 else kept[0]


def all_polygons_of(shapes: NDArray[Any]) -> NDArray[np.object_]:
    """Return `polygons_of` each geometry of an array, shape (n,)."""
    out = np.empty(len(shapes), dtype=object)
    single = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON)
    # Valid is what has finite coordinates too: nothing but heights is to be taken away.
    sound = single[valid(shapes[single]) & ~shapely.is_empty(shapes[single])]
    out[sound] = shapely.force_2d(shapes[sound])
    for at in np.setdiff1d(np.arange(len(shapes)), sound).tolist():
        out[at] = polygons_of(shapes[at])
    return out


def by_id(ids: NDArray[Any]) -> Ints:
    """Return the positions of ids in code-point order."""
    return np.array(sorted(range(len(ids)), key=lambda i: str(ids[i])), dtype=np.int64)


def inside(xy: Floats, polygon: Any) -> NDArray[np.bool_]:
    """Return which points, shape (n, 2), lie in a polygon or within a millimetre of it; NaN does not."""
    places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    within = np.zeros(len(places), dtype=np.bool_)
    shapely.prepare(polygon)
    known = np.flatnonzero(finite(places))
    within[known] = shapely.contains_xy(polygon, places[known])
    rest = known[~within[known]]
    within[rest] = shapely.dwithin(polygon, _points(places[rest]), TOLERANCE_M)
    return within


def contain(xy: Floats, polygons: NDArray[Any], ids: NDArray[Any]) -> Containment:
    """Find the polygon that each point belongs to.

    Parameters
    ----------
    xy : array of float, shape (n, 2)
        In the working CRS; NaN belongs to nothing.
    polygons : array of geometry, shape (m,)
        In the working CRS; None, empty ones and what is no polygon claim nothing.
    ids : array of str, shape (m,)
        The smaller id leads where several claim a point.

    Returns
    -------
    Containment
        A point deeper than a millimetre in a polygon belongs to it; on an edge, to the smallest id among
        the polygons within a millimetre, alone.
    """
    places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    order = by_id(ids)
    # From here on a polygon's number is its rank: the smaller number is the smaller id.
    ranked = _Polygons(all_polygons_of(np.asarray(polygons, dtype=object)[order]))
    lead = np.full(len(places), -1, dtype=np.int32)
    extra = [np.empty((0, 2), dtype=np.int64)]
    known = np.flatnonzero(finite(places))
    for start in range(0, len(known) if len(order) else 0, CHUNK):
        rows = known[start : start + CHUNK]
        deep, edge = ranked.claims(places[rows])
        first = _first_of_each(deep[0])
        lead[rows[deep[0, first]]] = order[deep[1, first]]
        extra.append(np.column_stack([rows[deep[0, ~first]], order[deep[1, ~first]]]))
        edge = edge[:, lead[rows[edge[0]]] < 0]
        first = _first_of_each(edge[0])
        lead[rows[edge[0, first]]] = order[edge[1, first]]
    return Containment(lead, np.vstack(extra))


def _points(xy: Floats) -> NDArray[np.object_]:
    return np.asarray(shapely.points(xy), dtype=object).reshape(-1)


def _first_of_each(rows: Ints) -> NDArray[np.bool_]:
    return np.concatenate([np.ones(min(len(rows), 1), dtype=np.bool_), rows[1:] != rows[:-1]])


class _Polygons:
    """Polygons with a tree over them and one over their edges."""

    def __init__(self, polygons: NDArray[np.object_]) -> None:
        self.polygons = polygons
        shapely.prepare(polygons)
        self.tree = shapely.STRtree(polygons)
        edges, self.owner = _edges(polygons)
        self.edges = shapely.STRtree(edges)

    def claims(self, xy: Floats) -> tuple[Ints, Ints]:
        """Return pairs (point, polygon): deeper inside than the tolerance, and within it of the edge.

        Both have shape (2, k) and are sorted by point, then polygon.
        """
        points = _points(xy)
        row, segment = self.edges.query(points, predicate="dwithin", distance=TOLERANCE_M)
        edge = np.unique(np.stack([row, self.owner[segment]]).astype(np.int64), axis=1)
        row, polygon = self.tree.query(points).astype(np.int64)
        order = np.argsort(polygon, kind="stable")
        row, polygon = row[order], polygon[order]
        within = np.zeros(len(row), dtype=np.bool_)
        starts = np.searchsorted(polygon, np.arange(len(self.polygons) + 1))
        for number in np.unique(polygon):
            some = slice(starts[number], starts[number + 1])
            within[some] = shapely.contains_xy(self.polygons[number], xy[row[some]])
        row, polygon = row[within], polygon[within]
        count = len(self.polygons)
        deep = ~np.isin(row * count + polygon, edge[0] * count + edge[1])
        row, polygon = row[deep], polygon[deep]
        order = np.lexsort((polygon, row))
        return np.stack([row[order], polygon[order]]), edge


def _edges(polygons: NDArray[np.object_]) -> tuple[NDArray[np.object_], Ints]:
    """Return every edge of the polygons as a line of two points, and the polygon it belongs to."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    ends = np.stack([coords[:-1][same], coords[1:][same]], axis=1)
    lines = np.asarray(shapely.linestrings(ends), dtype=object).reshape(-1)
    return lines, owner[part[ring[1:][same]]].astype(np.int64)
