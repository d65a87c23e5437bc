"""Neighbours that nearly meet, made to meet: a coverage cleaned, and the proof of how little moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.errors import ConfigError
from gridmap.geo.measure import geodesic_area

# A corner may move along both of its edges.
FARTHEST = 3.0
Geoms = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Moved:
    """One polygon that was changed: geodesic area before and after, and how far its edge moved at most."""

    position: int
    before_m2: float
    after_m2: float
    moved_m: float


@dataclass(frozen=True, slots=True)
class Snapped:
    """Polygons that meet, and what was changed."""

    geometry: Geoms
    moves: tuple[Moved, ...]


def snap(polygons: npt.ArrayLike, *, crs: str, width_m: float) -> Snapped:
    """Close gaps and overlaps between polygons that are no wider than a limit (GEOS ``CoverageClean``).

    Parameters
    ----------
    polygons : array_like of shapely geometries, shape (n,)
        Valid polygons in the working CRS; left as they are.
    crs : str
        The working CRS.
    width_m : float
        Gaps up to this width are closed, and vertices up to this distance joined.

    Returns
    -------
    Snapped
        Polygons that nothing was wrong with are the same, vertex by vertex.

    Raises
    ------
    ConfigError
        GM106 if the limit is not positive, if a polygon is not valid, or if one would vanish.
    """
    given = np.array(polygons, dtype=object)
    if not width_m > 0:
        raise _wrong("the width to close is not positive", "give metres, e.g. --snap 0.5")
    there = ~shapely.is_missing(given) & ~shapely.is_empty(given)
    if not shapely.is_valid(given[there]).all() or (shapely.get_dimensions(given[there]) != 2).any():  # noqa: PLR2004
        raise _wrong("only valid polygons can be snapped", "mend them first, e.g. with --repair")
    out = given.copy()
    out[there] = shapely.coverage_clean(  # type: ignore[attr-defined] # newer than its stubs
        given[there], snapping_distance=width_m, gap_width=width_m
    )
    if shapely.is_empty(out[there]).any():
        raise _wrong("a polygon would vanish", "give a smaller width")
    changed = np.flatnonzero(there & ~shapely.equals(given, out))
    out[np.setdiff1d(np.flatnonzero(there), changed)] = given[np.setdiff1d(np.flatnonzero(there), changed)]
    before, after = geodesic_area(given[changed], crs), geodesic_area(out[changed], crs)
    moves = tuple(
        Moved(int(at), float(one), float(two), float(far))
        for at, one, two, far in zip(
            changed,
            before,
            after,
            shapely.hausdorff_distance(shapely.boundary(given[changed]), shapely.boundary(out[changed])),
            strict=True,
        )
    )
    if any(one.moved_m > FARTHEST * width_m for one in moves):
        # GEOS gives an overlap of any width to one side: a wide one is for its owners to settle.
        raise _wrong(
            "polygons overlap by more than the width to close",
            "look at them with gridmap check, and settle it",
        )
    return Snapped(out, moves)


def _wrong(what: str, fix: str) -> ConfigError:
    return ConfigError("GM106", what, where="--snap", fix=fix)
