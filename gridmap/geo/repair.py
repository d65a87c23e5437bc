"""Geometry mended because the caller asked for it, with what was changed listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.geo.measure import geodesic_area, geodesic_length

Geoms = npt.NDArray[np.object_]
POLYGONS = {int(shapely.GeometryType.POLYGON), int(shapely.GeometryType.MULTIPOLYGON)}
LINES = {int(shapely.GeometryType.LINESTRING), int(shapely.GeometryType.MULTILINESTRING)}


@dataclass(frozen=True, slots=True)
class Repair:
    """One geometry that was changed.

    Parameters
    ----------
    position : int
        Which one.
    what : str
        What was done.
    before_m2, after_m2 : float
        Geodesic area before and after (metres of length for lines).
    """

    position: int
    what: str
    before_m2: float
    after_m2: float


@dataclass(frozen=True, slots=True)
class Repaired:
    """Mended geometries, and what was changed."""

    geometry: Geoms
    repairs: tuple[Repair, ...]


def repair(geoms: npt.ArrayLike, *, crs: str) -> Repaired:
    """Drop repeated vertices and make geometries valid (OGC Simple Features).

    Parameters
    ----------
    geoms : array_like of shapely geometries, shape (n,)
        In the working CRS, metres; left as they are.
    crs : str
        The working CRS.

    Returns
    -------
    Repaired
        What was right is the same, vertex by vertex. A polygon stays one: scraps of line and point that
        making it valid leaves behind are dropped.
    """
    given = np.array(geoms, dtype=object)
    out = given.copy()
    found: list[Repair] = []
    for at, shape in _suspects(given):
        slim = shapely.remove_repeated_points(shape)
        steps = [] if shapely.equals_identical(slim, shape) else ["repeated vertices dropped"]
        mended = slim
        if not shapely.is_valid(slim):
            mended = _whole(shapely.make_valid(slim, method="structure"), shape)
            steps.append("made valid: " + shapely.is_valid_reason(slim).split("[")[0])
        if steps:
            out[at] = mended
            found.append(Repair(at, ", ".join(steps), _size(shape, crs), _size(mended, crs)))
    return Repaired(out, tuple(found))


def _suspects(geoms: Geoms) -> Iterator[tuple[int, Any]]:
    """Yield lines and polygons whose coordinates are numbers; a point has nothing to mend."""
    ids = shapely.get_type_id(geoms)
    for at in np.flatnonzero(np.isin(ids, list(POLYGONS | LINES))).tolist():
        if np.isfinite(shapely.get_coordinates(geoms[at])).all():
            yield at, geoms[at]


def _whole(made: Any, shape: Any) -> Any:
    """Return the parts of the same dimension as the shape had."""
    parts = shapely.get_parts(shapely.get_parts([made]))
    kept = [part for part in parts if shapely.get_dimensions(part) == shapely.get_dimensions(shape)]
    if not kept:
        return shape
    return kept[0] if len(kept) == 1 else shapely.union_all(kept)


def _size(shape: Any, crs: str) -> float:
    if shapely.get_type_id(shape) in POLYGONS:
        return float(geodesic_area(np.array([shape], dtype=object), crs)[0])
    return float(geodesic_length(np.array([shape], dtype=object), crs)[0])
