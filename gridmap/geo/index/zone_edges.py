"""The edges of polygons as plain columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap.geo.containing import TOLERANCE_M, polygons_of
from gridmap.geo.index.zone_sorting import bits, fresh, sort, spread
from gridmap.geo.threads import cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Shorts = NDArray[np.int32]

# Roundings between a coordinate and a decision about it, in units of its last place: a dozen at most.
ROUNDINGS = 64
EPSILON = float(np.finfo(np.float64).eps)
# An orientation whose determinant is larger than this share of its two products has the right sign
# (Shewchuk 1997, "Adaptive precision floating-point arithmetic", bound A: 3.33e-16; we take more).
CERTAIN = 4e-16
POLYGON, MULTIPOLYGON = 3, 6
# Odd numbers with well spread bits (the golden ratio and the square roots of 2 and 3, as fractions of 2^64).
MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0x6A09E667F3BCC909), np.uint64(0xBB67AE8584CAA73B))
# Units of course that the longest edge may have.
COURSE = 1 << 30
# Beyond these sizes products of coordinates lose their meaning.
SMALLEST, LARGEST = 1e-150, 1e150
NONE = -1
# Vertices worked on at once: what is made of them stays in the processor's cache.
BLOCK = 1 << 14
# Polygons that an edge belongs to, where none overlap.
SHARED = 2


@dataclass(frozen=True, slots=True)
class Rings:
    """The k rings of m polygons.

    Parameters
    ----------
    place : array of float, shape (n, 2)
        Vertices, ring after ring; a ring ends where it starts.
    stop : array of int, shape (k,)
        Where the vertices of a ring end.
    polygon : array of int32, shape (k,)
        Position of the polygon of a ring.
    box : tuple of float
        West, south, east and north of all; zeros without a vertex.
    """

    place: Floats
    stop: Ints
    polygon: Shorts
    box: tuple[float, float, float, float]

    @property
    def unit(self) -> float:
        """Metres in which courses are counted, so that no order of adding them changes the sum."""
        size = self.box[2] - self.box[0] + self.box[3] - self.box[1]
        return min(max(size, SMALLEST), LARGEST) / COURSE


@dataclass(frozen=True, slots=True)
class Edges:
    """The distinct edges of m polygons; where several polygons share one, it is held once.

    Edge v runs from vertex v to vertex v + 1. A shared edge goes by the first of its numbers. An edge of no
    length is none: its neighbours speak for it.

    Parameters
    ----------
    place : array of float, shape (n, 2)
        The vertices.
    first : array of int32, shape (n + 1,)
        Where in `owner` the polygons of edge v begin; none where no edge has that number.
    owner : array of int32, shape (k,)
        Position of each polygon that an edge belongs to.
    turned : array of bool, shape (k,)
        Whether that polygon has the edge the other way round.
    box : tuple of float
        West, south, east and north of all edges.
    course : float
        Metres that the edges run along x, and along y, in all.
    """

    place: Floats
    first: Shorts
    owner: Shorts
    turned: Bools
    box: tuple[float, float, float, float]
    course: float

    @property
    def margin(self) -> float:
        """Metres. A place farther than this from an edge is beyond the tolerance whatever rounding did."""
        return TOLERANCE_M * (1 + 1e-9) + ROUNDINGS * EPSILON * max(abs(one) for one in self.box)

    @property
    def every(self) -> Ints:
        """The numbers of all edges."""
        return np.flatnonzero(self.first[1:] != self.first[:-1])

    def ends(self, edge: NDArray[np.integer[Any]]) -> Floats:
        """Return x and y of start and end of edges, shape (4, e)."""
        # As complex numbers both coordinates are fetched at once; as columns they are worked on faster.
        place = self.place.view(np.complex128)[:, 0]
        ends = np.empty((4, len(edge)))
        for first, vertex in ((0, edge), (2, edge + 1)):
            there = np.take(place, vertex)
            ends[first], ends[first + 1] = there.real, there.imag
        return ends

    def owners(self, edge: NDArray[np.integer[Any]]) -> tuple[Ints, Ints]:
        """Return for every polygon of edges the edge's position in the array, and the place in `owner`."""
        first = self.first[edge]
        return spread(first, self.first[edge + 1] - first)


def rings_of(polygons: NDArray[np.object_]) -> Rings:
    """Return the rings of valid polygons, in the order that their coordinates come in."""
    plain = shapely.get_type_id(polygons) == POLYGON
    plain &= shapely.get_num_interior_rings(polygons) == 0
    alone, others = np.flatnonzero(plain), np.flatnonzero(~plain)
    parts, of = shapely.get_parts(polygons[others], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    polygon = np.concatenate([alone, others[of[part]]])
    sizes = [shapely.get_num_coordinates(some) for some in (polygons[alone], rings)]
    order = np.argsort(polygon, kind="stable")
    stop = np.cumsum(np.concatenate(sizes)[order], dtype=np.int64)
    box = shapely.total_bounds(polygons).tolist() if len(stop) and stop[-1] else [0.0] * 4
    owner: Shorts = polygon[order].astype(np.int32)
    return Rings(shapely.get_coordinates(polygons), stop, owner, (box[0], box[1], box[2], box[3]))


def edges_of(polygons: NDArray[np.object_], *, fast: bool = False) -> Edges:
    """Return the edges of valid polygons: the same as `gridmap.geo.contain` compares with.

    Parameters
    ----------
    polygons : array of geometry, shape (m,)
    fast : bool
        Whether to use the compiled kernels; the edges are the same.
    """
    rings = rings_of(polygons)
    if fast:
        from gridmap.geo.index.zone_edges_compiled import joined  # noqa: PLC0415 - numba is optional

        return joined(rings)
    edge = _edges(rings)
    leader, turned = _leaders(rings.place, edge)
    first = np.zeros(len(rings.place) + 1, dtype=np.int32)
    np.cumsum(np.bincount(leader, minlength=len(rings.place)), out=first[1:])
    place = _places(leader, edge, first)
    owner, turns = np.empty(len(edge), dtype=np.int32), np.empty(len(edge), dtype=np.bool_)
    owner[place] = np.take(np.repeat(rings.polygon, np.diff(rings.stop, prepend=0)), edge)
    turns[place] = turned
    course = _course(rings, leader[leader == edge])
    return Edges(rings.place, first, owner, turns, rings.box, course)


def _course(rings: Rings, edge: Ints) -> float:
    """Return how many metres edges run along x, and along y, in all."""
    course = 0
    for some in cut(slice(0, len(edge)), BLOCK):
        with np.errstate(over="ignore", invalid="ignore"):
            steps = np.abs(
                np.take(rings.place, edge[some] + 1, axis=0) - np.take(rings.place, edge[some], axis=0)
            )
            course += int(((steps[:, 0] + steps[:, 1]) / rings.unit).astype(np.int64).sum())
    return course * rings.unit


def _edges(rings: Rings) -> Ints:
    """Return the vertices that start an edge."""
    place = rings.place.view(np.complex128)[:, 0]
    starts = np.zeros(len(place), dtype=np.bool_)
    starts[:-1] = place[1:] != place[:-1]
    starts[rings.stop[np.diff(rings.stop, prepend=0) > 0] - 1] = False
    return np.flatnonzero(starts)


def _places(leader: Ints, edge: Ints, first: Shorts) -> Ints:
    """Return the place of each edge in the order of leaders, a led one behind its own; `first` as `Edges`."""
    place = np.empty(len(edge), dtype=np.int64)
    if np.diff(first).max(initial=0) <= SHARED:
        # At most one is led, and so its place is known.
        np.add(np.take(first, leader), leader != edge, out=place)
    else:
        place[sort(leader)[1]] = np.arange(len(edge))
    return place


def _leaders(coords: Floats, edge: Ints) -> tuple[Ints, Bools]:
    """Find equal edges, whichever way they run: return the first that equals each, and whether it is turned.

    Edges are sorted by a number mixed from the bits of their ends, and each is compared with the first of
    its number. Different edges may share a number: those that are not equal to the first are sorted again.
    """
    number = _number(coords)
    number = np.take(number[:-1] + number[1:], edge) >> np.uint64(bits(len(edge)) + 1)
    leader, turned, rest = edge.copy(), np.zeros(len(edge), dtype=np.bool_), np.arange(len(edge))
    ordered, order = sort(number.view(np.int64))
    while len(rest):
        new = fresh(ordered)
        again = np.flatnonzero(~new)
        head = np.full(len(rest), NONE, dtype=np.int32)
        # Before each that is not the first of its number so many others are not.
        head[order[again]] = order[np.flatnonzero(new)[again - np.arange(1, len(again) + 1)]]
        # In their own order: neighbours are mostly compared with neighbours, which lie together in memory.
        later = np.flatnonzero(head != NONE)
        mine, other = edge[rest[later]], edge[rest[head[later]]]
        equal, reverse = _equal(coords, mine, other)
        leader[rest[later[equal]]], turned[rest[later[equal]]] = other[equal], reverse[equal]
        rest = rest[later[~equal]]
        ordered, order = sort(number[rest].view(np.int64))
    return leader, turned


def _equal(coords: Floats, one: Ints, other: Ints) -> tuple[Bools, Bools]:
    """Return which edges of two arrays are equal, whichever way they run, and which run the other way."""
    # As complex numbers both coordinates are fetched and compared at once.
    place = coords.view(np.complex128)[:, 0]
    equal, turned = np.empty((2, len(one)), dtype=np.bool_)
    for some in cut(slice(0, len(one)), BLOCK):
        starts, ends = np.take(place, one[some]), np.take(place, one[some] + 1)
        begins, stops = np.take(place, other[some]), np.take(place, other[some] + 1)
        turned[some] = (starts == stops) & (ends == begins)
        equal[some] = turned[some] | (starts == begins) & (ends == stops)
    return equal, turned


def _number(coords: Floats) -> NDArray[np.uint64]:
    """Return a number for each vertex, mixed from the bits of its coordinates; both zeros are one."""
    number = np.empty(len(coords), dtype=np.uint64)
    for some in cut(slice(0, len(coords)), BLOCK):
        x, y = (coords[some] + 0.0).T.copy().view(np.uint64)
        mixed = (x * MIX[0]) ^ ((y * MIX[1]) >> np.uint64(7)) ^ (y * MIX[2])
        number[some] = (mixed ^ (mixed >> np.uint64(29))) * MIX[1]
    return number


def clean(shapes: NDArray[Any], *, valid: bool = False) -> NDArray[np.object_]:
    """Return `polygons_of` each geometry of an array, shape (m,), quickly where nothing is to be done.

    Parameters
    ----------
    shapes : array of geometry, shape (m,)
    valid : bool
        Whether the caller knows that every polygon and multipolygon is valid.
    """
    out = np.empty(len(shapes), dtype=object)
    flat = shapes.copy()
    raised = shapely.has_z(shapes)
    flat[raised] = shapely.force_2d(shapes[raised])
    fit = np.isin(shapely.get_type_id(shapes), (POLYGON, MULTIPOLYGON)) & ~shapely.is_empty(shapes)
    if not valid:
        fit[fit] = shapely.is_valid(flat[fit])
    out[fit] = flat[fit]
    out[~fit] = [polygons_of(shape) for shape in shapes[~fit]]
    return out
