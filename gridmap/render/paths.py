"""Lines and polygons as a page holds them: all vertices of a table in one run of integers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.model.packed import Shapes
from gridmap.render.codec import Ints, pack_ints

Objects = npt.NDArray[Any]

POINT, LINE, POLYGON = 1, 2, 3
# GEOS's numbers of types, as parts of a shape.
KINDS = np.array([POINT, LINE, LINE, POLYGON, 0, 0, 0, 0])
POLYGON_TYPES = (3, 6)
FIRST_COLLECTION = 4
MANY_VERTICES = 200_000  # from which it pays to look for vertices that draw nothing
ON_ONE_LINE = 0.5  # the side of a triangle of integers is half at least, unless it is none


class _Vertices(NamedTuple):
    """Vertices of all paths, and of which path each is, ascending."""

    xy: Ints
    path: Ints

    def at(self, which: npt.NDArray[np.bool_]) -> _Vertices:
        return _Vertices(self.xy[which], self.path[which])


def pack_shapes(geoms: Objects, scale: int) -> Shapes:
    """Pack geometries in lon/lat, shape (n,), as integers of one in `scale` of a degree.

    What rounding makes equal is drawn once: repeated vertices, and in a coverage of very many vertices those
    that lie on the line between their neighbours in every shape that has them.
    """
    parts, row = _parts(thinned(geoms, scale))
    kinds = KINDS[shapely.get_type_id(parts)]
    paths, part = _paths(parts, kinds)
    vertices = _vertices(paths, scale)
    vertices = _without_ends(vertices, kinds[part] == POLYGON)
    sizes = np.bincount(vertices.path, minlength=len(paths))
    # A path, and then a part, may have lost all it had to numbers that are none.
    rings = np.bincount(part[sizes > 0], minlength=len(parts))
    kept = rings > 0
    return Shapes(
        parts=pack_ints(np.bincount(row[kept], minlength=len(geoms))),
        kinds=pack_ints(kinds[kept]),
        rings=pack_ints(rings[kept]),
        sizes=pack_ints(sizes[sizes > 0]),
        x=pack_ints(vertices.xy[:, 0]),
        y=pack_ints(vertices.xy[:, 1]),
    )


def thinned(geoms: Objects, scale: int) -> Objects:
    """Return a coverage of very many vertices with fewer, and anything else as it is.

    Method: `shapely.coverage_simplify` (Visvalingam and Whyatt) of the vertices as the page rounds them, with
    a tolerance that only vertices on a straight line fall below: no edge moves, and neighbours share theirs.
    """
    if shapely.get_num_coordinates(geoms).sum() <= MANY_VERTICES:
        return geoms
    there = ~(shapely.is_missing(geoms) | shapely.is_empty(geoms))
    if not np.isin(shapely.get_type_id(geoms[there]), POLYGON_TYPES).all():
        return geoms
    rounded = shapely.transform(geoms[there], lambda xy: np.rint(xy * scale))
    if not shapely.is_valid(rounded).all() or not shapely.coverage_is_valid(rounded):
        return geoms
    made = geoms.copy()
    fewer = shapely.coverage_simplify(rounded, tolerance=ON_ONE_LINE)
    made[there] = shapely.transform(fewer, lambda xy: xy / scale)
    return made


def _parts(geoms: Objects) -> tuple[Objects, Ints]:
    """Return points, lines and polygons, and the row of each; collections are taken apart at any depth."""
    parts, row = shapely.get_parts(geoms, return_index=True)
    while (shapely.get_type_id(parts) >= FIRST_COLLECTION).any():
        parts, index = shapely.get_parts(parts, return_index=True)
        row = row[index]
    there = ~shapely.is_empty(parts)
    return parts[there], row[there]


def _paths(parts: Objects, kinds: Ints) -> tuple[Objects, Ints]:
    """Return every path, and the part of each: a polygon's rings, and all else as it is."""
    polygons = np.flatnonzero(kinds == POLYGON)
    others = np.flatnonzero(kinds != POLYGON)
    rings, of = shapely.get_rings(parts[polygons], return_index=True)
    part = np.concatenate([others, polygons[of]])
    order = np.argsort(part, kind="stable")
    return np.concatenate([parts[others], rings])[order], part[order]


def _vertices(paths: Objects, scale: int) -> _Vertices:
    xy, path = shapely.get_coordinates(paths, return_index=True)
    good = np.isfinite(xy).all(axis=1)
    found = _Vertices(np.rint(xy[good] * scale).astype(np.int64), path[good])
    again = np.zeros(len(found.path), dtype=bool)
    again[1:] = (found.path[1:] == found.path[:-1]) & (found.xy[1:] == found.xy[:-1]).all(axis=1)
    return found.at(~again)


def _without_ends(vertices: _Vertices, is_ring: npt.NDArray[np.bool_]) -> _Vertices:
    """Leave out the last vertex of rings where it is the first again."""
    path = vertices.path
    last = np.flatnonzero(np.diff(path, append=-1))
    first = np.concatenate([[0], last[:-1] + 1]) if len(last) else last
    closing = is_ring[path[last]] & (first < last) & (vertices.xy[first] == vertices.xy[last]).all(axis=1)
    kept = np.ones(len(path), dtype=bool)
    kept[last[closing]] = False
    return vertices.at(kept)
