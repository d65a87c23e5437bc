"""The chains of vertices that shapes are made of: of lines and rings, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap.geo.measure import densify

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geoms = NDArray[np.object_]

SHAPE_EDGE_M = 500.0
# Every so many vertices of a chain are asked first, and its ends; bounds on the scale hold over such a run.
RUN = 16


@dataclass(frozen=True, slots=True)
class Chains:
    """The chains of vertices that shapes are made of.

    Parameters
    ----------
    xy : array of float, shape (n, 2)
        All vertices, chain after chain.
    owner : array of int, shape (n,)
        The shape of each, ascending.
    along : array of float, shape (n,)
        Metres in the plane to each along the chains, which follow each other without a step between them.
    first, last : array of int, shape (c,)
        The vertices that each chain begins and ends with.
    """

    xy: Floats
    owner: Ints
    along: Floats
    first: Ints
    last: Ints

    @classmethod
    def of(cls, shapes: Geoms) -> Chains:
        """Take shapes apart; edges longer than `SHAPE_EDGE_M` get more vertices first."""
        xy, leads, chain, owner = vertices_of(shapes)
        step = _steps(xy, leads)
        # GEOS measures an edge on its own account: what is as long to rounding is for it to judge.
        long = np.unique(owner[chain[step > SHAPE_EDGE_M * (1.0 - 1e-9)]])
        if len(long):
            shapes = shapes.copy()
            shapes[long] = densify(shapes[long], SHAPE_EDGE_M)
            xy, leads, chain, owner = vertices_of(shapes)
            step = _steps(xy, leads)
        # What is empty in a collection has a chain without vertices.
        ends = np.flatnonzero(np.append(chain[1:] != chain[:-1], True))
        return cls(xy, np.take(owner, chain), _sums(step), np.append(0, ends[:-1] + 1), ends)

    def runs(self) -> tuple[Ints, Ints]:
        """Return the vertices that runs of at most `RUN` edges begin and end with."""
        count = -(-(self.last - self.first) // RUN)
        before = np.cumsum(count) - count
        first = np.repeat(self.first - before * RUN, count) + np.arange(count.sum()) * RUN
        return first, np.minimum(first + RUN, np.repeat(self.last, count))

    def way(self, first: Ints, stop: Ints) -> Floats:
        """Return the metres in the plane along the edges of runs."""
        return self.along[stop] - self.along[first]


def _steps(xy: Floats, leads: Bools) -> Floats:
    """Return how far it is from each vertex to the next of its chain."""
    step = np.zeros(len(xy))
    with np.errstate(over="ignore", invalid="ignore"):
        apart = np.diff(xy, axis=0)
        step[:-1] = np.sqrt(apart[:, 0] ** 2 + apart[:, 1] ** 2)
    step[~leads] = 0.0
    return step


def _sums(step: Floats) -> Floats:
    """Return how far it is along all steps before each; one to a vertex that is nowhere spoils no others."""
    along = np.zeros(len(step))
    np.cumsum(np.where(np.isfinite(step[:-1]), step[:-1], 0.0), out=along[1:])
    return along


def vertices_of(shapes: Geoms) -> tuple[Floats, Bools, Ints, Ints]:
    """Return vertices, which of them an edge leads on from, their chains, and the shape of each chain."""
    if _plain(shapes):
        xy, chain = shapely.get_coordinates(shapes, return_index=True)
        return xy, _leads(chain), chain, np.arange(len(shapes))
    pieces, owner = _pieces(shapes)
    rings, piece = shapely.get_rings(pieces, return_index=True)
    plain = np.flatnonzero(shapely.get_dimensions(pieces) < 2)  # noqa: PLR2004 - points and lines
    chains, of = np.concatenate([rings, pieces[plain]]), owner[np.concatenate([piece, plain])]
    order = np.argsort(of, kind="stable")
    xy, chain = shapely.get_coordinates(chains[order], return_index=True)
    return xy, _leads(chain), chain, of[order]


def _plain(shapes: Geoms) -> bool:
    """Whether all shapes are polygons without holes: each is one chain."""
    polygons = (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all()
    return bool(polygons and not shapely.get_num_interior_rings(shapes).any())


def _leads(chain: Ints) -> Bools:
    """Whether the next vertex is of the same chain."""
    return np.append(chain[1:] == chain[:-1], np.zeros(min(len(chain), 1), dtype=bool))


def _pieces(shapes: Geoms) -> tuple[Geoms, Ints]:
    """Return the points, lines and polygons that shapes are made of, and the shape that each is of.

    Collections are taken apart however deep they are in others: points of one are no line.
    """
    pieces, owner = shapes, np.arange(len(shapes))
    while (shapely.get_type_id(pieces) >= shapely.GeometryType.MULTIPOINT).any():
        pieces, whole = shapely.get_parts(pieces, return_index=True)
        owner = owner[whole]
    return pieces, owner


def filled(shapes: Geoms) -> Geoms:
    """Return shapes without empty points, lines and polygons: on some collections of them GEOS crashes."""
    several = np.flatnonzero(shapely.get_type_id(shapes) >= shapely.GeometryType.MULTIPOINT)
    pieces, owner = _pieces(shapes[several])
    some = several[np.unique(owner[shapely.is_empty(pieces)])]
    if not len(some):
        return shapes
    out = shapes.copy()
    out[some] = [_filled(shape) for shape in shapes[some]]
    return out


def _filled(shape: Any) -> Any:
    if not hasattr(shape, "geoms"):
        return shape
    return type(shape)([_filled(part) for part in shape.geoms if not part.is_empty])
