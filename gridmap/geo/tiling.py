"""Do polygons tile a whole? Gaps and overlaps, with their place, size and who is beside or claims them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap.geo.containing import (
    TOLERANCE_M,
    Containment,
    all_polygons_of,
    by_id,
    contain,
    inside,
    polygons_of,
)
from gridmap.geo.fitting import bounds_of_parts, connected, unfitted
from gridmap.geo.measure import geodesic_area

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geoms = NDArray[np.object_]

__all__ = [
    "TOLERANCE_M",
    "Containment",
    "Patch",
    "Tiling",
    "contain",
    "inside",
    "jurisdiction",
    "polygons_of",
    "tile",
]

# Narrower than this is the rounding of coordinates, not a place.
HAIRLINE_M = 1e-6
# Of so many edges that do not fit it is not asked where they are: it would cost more than it saves.
SCATTERED = 20_000
POLYGONAL = (3, 6)


@dataclass(frozen=True, slots=True)
class Patch:
    """A gap or an overlap.

    Parameters
    ----------
    geometry : Polygon
        In the working CRS.
    m2 : float
        Geodesic square metres.
    ids : tuple of str
        The neighbours of a gap, the claimants of an overlap; in code-point order.
    """

    geometry: Any
    m2: float
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tiling:
    """How polygons tile a whole; areas are geodesic square metres.

    Parameters
    ----------
    gaps, overlaps : tuple of Patch
        Those larger than the declared sliver. Where three claim a place it is one overlap of three.
    area_m2, gap_m2, overlap_m2, outside_m2 : float
        Of the whole; of it not covered; each excess claim in it once; covered outside it.
    """

    gaps: tuple[Patch, ...]
    overlaps: tuple[Patch, ...]
    area_m2: float
    gap_m2: float
    overlap_m2: float
    outside_m2: float

    @classmethod
    def proven(cls, polygons: NDArray[Any], whole: Any, crs: str | CRS) -> Tiling | None:
        """Return how polygons tile a whole if their edges prove that they do; None if more has to be asked.

        Parameters
        ----------
        polygons : array of Polygon or MultiPolygon, shape (n,)
            In the working CRS, valid; None and empty ones claim nothing.
        whole : Polygon or MultiPolygon
            What they should tile; valid.
        crs : str or CRS
            Projected, metric.
        """
        if len(unfitted(polygons, whole)):
            return None
        return cls((), (), _area(whole, crs), gap_m2=0.0, overlap_m2=0.0, outside_m2=0.0)


def jurisdiction(polygons: NDArray[Any]) -> Any:
    """Return the union of polygons, as valid Polygon or MultiPolygon; empty if there are none.

    Holes narrower than a millimetre, which edges that do not quite fit leave, are closed.
    """
    joined = polygons_of(shapely.union_all(all_polygons_of(np.asarray(polygons, dtype=object))))
    if not shapely.get_num_interior_rings(shapely.get_parts(joined)).any():
        return joined
    return polygons_of(shapely.MultiPolygon([_without_cracks(one) for one in shapely.get_parts(joined)]))


def _without_cracks(polygon: Any) -> Any:
    rings = np.array(polygon.interiors, dtype=object)
    if not len(rings):
        return polygon
    closed = shapely.is_empty(shapely.buffer(shapely.polygons(rings), -TOLERANCE_M / 2.0))
    return shapely.Polygon(polygon.exterior, list(rings[~closed]))


def tile(
    polygons: NDArray[Any],
    ids: NDArray[Any],
    whole: Any,
    crs: str | CRS,
    *,
    sliver_m2: float,
    sliver_width_m: float,
) -> Tiling:
    """Judge how polygons tile a whole.

    Parameters
    ----------
    polygons : array of geometry, shape (n,)
        In the working CRS; invalid ones are made valid, others than polygons claim nothing.
    ids : array of str, shape (n,)
        Their ids.
    whole : Polygon or MultiPolygon
        What they should tile.
    crs : str or CRS
        Projected, metric.
    sliver_m2, sliver_width_m : float
        Patches no larger, or nowhere wider, than this are not listed; the figures hold them all the same.

    Returns
    -------
    Tiling

    Notes
    -----
    Polygons that fit vertex by vertex are proven to tile by their edges alone, see `unfitted`. Else GEOS's
    overlay nodes all edges with one another before it judges them, so that a vertex of one polygon on the
    straight edge of another opens no more than a sliver, and the areas of the patches themselves are added
    up: the difference of two large areas would lose them.
    """
    whole = polygons_of(whole)
    loose = _loose(np.asarray(polygons, dtype=object), whole)
    if loose is not None and not len(loose):
        return Tiling((), (), _area(whole, crs), gap_m2=0.0, overlap_m2=0.0, outside_m2=0.0)
    order = by_id(ids)
    shapes = all_polygons_of(np.asarray(polygons, dtype=object)[order])
    real = ~shapely.is_empty(shapes)
    shapes, names = shapes[real], np.array([str(one) for one in ids], dtype=object)[order][real]
    covered = shapely.union_all(shapes)
    missing = polygons_of(shapely.difference(whole, covered))
    limit = _Limit(crs, sliver_m2, sliver_width_m)
    shared = _shared(shapes, whole, _astray(shapes, loose))
    return Tiling(
        gaps=_gaps(missing, shapes, names, limit),
        overlaps=_overlaps(shared, names, limit),
        area_m2=_area(whole, crs),
        gap_m2=_area(missing, crs),
        overlap_m2=_excess(shared, crs),
        outside_m2=_area(polygons_of(shapely.difference(covered, whole)), crs),
    )


def _loose(polygons: Geoms, whole: Any) -> Floats | None:
    """Return the edges that do not cancel; None where polygons have to be made valid first."""
    given = polygons[~(shapely.is_missing(polygons) | shapely.is_empty(polygons))]
    if not (np.isin(shapely.get_type_id(given), POLYGONAL).all() and shapely.is_valid(given).all()):
        return None
    return unfitted(given, whole)


def _astray(shapes: Geoms, loose: Floats | None) -> Ints:
    """Return the positions of the shapes that may overlap others, ascending: those where edges are loose."""
    if loose is None or len(loose) > SCATTERED:
        return np.arange(len(shapes))
    boxes = np.asarray(shapely.box(*bounds_of_parts(loose).T), dtype=object)
    return np.unique(shapely.STRtree(shapes).query(boxes)[1]).astype(np.int64)


def _area(shape: Any, crs: str | CRS) -> float:
    return float(geodesic_area(np.array([shape], dtype=object), crs)[0])


@dataclass(frozen=True, slots=True)
class _Shared:
    """What two polygons both claim of the whole: their positions, the first before the second."""

    left: Ints
    right: Ints
    shapes: Geoms


def _shared(shapes: Geoms, whole: Any, astray: Ints) -> _Shared:
    some = shapes[astray]
    left, right = astray[shapely.STRtree(some).query(some, predicate="intersects")]
    ahead = np.flatnonzero(left < right)
    # STRtree's order of pairs depends on the tree: the sum of areas must not.
    ahead = ahead[np.lexsort((right[ahead], left[ahead]))]
    left, right = left[ahead], right[ahead]
    met = np.asarray(shapely.intersection(shapes[left], shapes[right]), dtype=object).reshape(-1)
    wide = np.flatnonzero(shapely.area(met) > 0.0)
    met = all_polygons_of(np.asarray(shapely.intersection(all_polygons_of(met[wide]), whole), dtype=object))
    real = shapely.area(met) > 0.0
    return _Shared(left[wide][real], right[wide][real], met[real])


def _excess(shared: _Shared, crs: str | CRS) -> float:
    """Return the sum of claims less the area claimed: what each polygon takes of those before it."""
    taken = [shapely.union_all(shared.shapes[shared.right == late]) for late in np.unique(shared.right)]
    return float(geodesic_area(all_polygons_of(np.array(taken, dtype=object)), crs).sum())


def _gaps(missing: Any, shapes: Geoms, names: NDArray[Any], limit: _Limit) -> tuple[Patch, ...]:
    tree = shapely.STRtree(shapes)
    found = []
    for piece, m2 in limit.pieces(missing):
        beside = tree.query(piece, predicate="dwithin", distance=TOLERANCE_M)
        found.append(Patch(piece, m2, tuple(sorted(names[beside].tolist()))))
    return tuple(sorted(found, key=_patch_key))


def _overlaps(shared: _Shared, names: NDArray[Any], limit: _Limit) -> tuple[Patch, ...]:
    found: list[Patch] = []
    for group in _groups(shared.shapes):
        for claimants, shape in _faces(shared, group):
            ids = tuple(sorted(names[claimants].tolist()))
            found.extend(Patch(piece, m2, ids) for piece, m2 in limit.pieces(shape))
    return tuple(sorted(found, key=_patch_key))


def _patch_key(patch: Patch) -> tuple[Any, ...]:
    return (patch.ids, patch.geometry.bounds, -patch.m2)


def _groups(shapes: Geoms) -> list[Ints]:
    """Return the positions of shapes that share an area with one another, directly or through others."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    ahead = one < other
    one, other = one[ahead], other[ahead]
    real = shapely.area(shapely.intersection(shapes[one], shapes[other])) > 0.0
    group = connected(one[real], other[real], len(shapes))
    return [np.flatnonzero(group == first) for first in np.unique(group)]


def _faces(shared: _Shared, group: Ints) -> list[tuple[list[int], Any]]:
    """Cut what several pairs share into faces, each with all who claim it."""
    claimants = np.stack([shared.left[group], shared.right[group]], axis=1)
    if len(group) == 1:
        return [(claimants[0].tolist(), shared.shapes[group[0]])]
    nodes = shapely.union_all(shapely.boundary(shared.shapes[group]))
    faces = shapely.get_parts(shapely.polygonize([nodes]))
    # Rounding opens faces of atom's width along shared edges: they would grow spikes on their neighbours.
    faces = faces[2.0 * shapely.area(faces) > HAIRLINE_M * shapely.length(faces)]
    within = shapely.contains(shared.shapes[group][None, :], shapely.point_on_surface(faces)[:, None])
    by_claim: dict[tuple[int, ...], list[Any]] = {}
    for face, claimed in zip(faces, within, strict=True):
        who = tuple(np.unique(claimants[claimed]).tolist())
        by_claim.setdefault(who, []).append(face)
    return [(list(who), shapely.union_all(same)) for who, same in sorted(by_claim.items()) if who]


@dataclass(frozen=True, slots=True)
class _Limit:
    """What is too small to be more than a sliver of drawing."""

    crs: str | CRS
    sliver_m2: float
    sliver_width_m: float

    def pieces(self, shape: Any) -> list[tuple[Any, float]]:
        """Return the polygons of a shape that are no slivers, with their geodesic areas."""
        parts = shapely.get_parts(polygons_of(shape))
        areas = geodesic_area(parts, self.crs)
        large = areas > self.sliver_m2
        parts, areas = parts[large], areas[large]
        # Twice area by perimeter is never more than the width at the widest place, and costs nothing.
        wide = 2.0 * shapely.area(parts) > self.sliver_width_m * shapely.length(parts)
        wide[~wide] = ~shapely.is_empty(shapely.buffer(parts[~wide], -self.sliver_width_m / 2.0))
        return [(part, float(m2)) for part, m2 in zip(parts[wide], areas[wide], strict=True)]
