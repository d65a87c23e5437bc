"""Chainage: metres along the border from its western end, geodesic; linear referencing both ways.

All border rows form one border. Parts run west to east, chainage goes on across a hole between parts
without counting it, and a closed loop starts at its westernmost vertex and runs clockwise.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap.errors import AssignmentError
from gridmap.geo.chains import filled
from gridmap.geo.contact import Contacts
from gridmap.geo.course import course
from gridmap.geo.crs import to_lonlat, working_crs
from gridmap.geo.facing import Facing, plane_scale
from gridmap.geo.locate import Located, SegmentIndex
from gridmap.geo.measure import inverse

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from pyproj import CRS

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Locate = Callable[[Floats], Located]
    Bounds = Callable[[Floats], tuple[Floats, Floats]]

# Within an edge of this length the projection's scale is one number to better than 1e-7, and the chord
# between its ends is within a millimetre of the ground.
EDGE_M = 100.0
TOUCH_M = 1e-3
# Shorter than this is a contact in one place, widened by the tolerance on either side.
POINT_M = 5e-3
# Two chainages nearer than this are one place: no edge so short is drawn.
SAME_M = 1e-6


@dataclass(frozen=True)
class Border:
    """The border as one measured line. Make it with `build_border`.

    Parameters
    ----------
    parts : tuple of array of float, shape (k, 2)
        Vertices of each part in the CRS, densified, in the order and direction of chainage.
    chainages : tuple of array of float, shape (k,)
        Chainage of each vertex, in metres.
    corners : tuple of array of int, shape (j,)
        Which of the vertices of each part are its own, as drawn.
    crs : CRS
        The working CRS.
    """

    parts: tuple[Floats, ...]
    chainages: tuple[Floats, ...]
    corners: tuple[NDArray[np.int64], ...]
    crs: CRS

    @property
    def length_m(self) -> float:
        """Length L of the border in metres, holes not counted."""
        return float(self.chainages[-1][-1])

    @cached_property
    def hash(self) -> str:
        """Hash of the line to the millimetre; the same however it is cut into rows or directed.

        A vertex on a straight edge, such as a cut between two rows leaves, does not enter.
        """
        digest = hashlib.blake2b(digest_size=16)
        for part, corner in zip(self.parts, self.corners, strict=True):
            digest.update(b"part")
            plain = shapely.get_coordinates(shapely.simplify(shapely.LineString(part[corner]), TOUCH_M))
            # Adding zero turns -0.0 into 0.0.
            digest.update((np.round(plain, 3) + 0.0).astype("<f8").tobytes())
        return digest.hexdigest()

    @cached_property
    def geometry(self) -> Any:
        """The border as a LineString or MultiLineString, with its vertices as drawn."""
        lines = [
            shapely.LineString(part[corner]) for part, corner in zip(self.parts, self.corners, strict=True)
        ]
        return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)

    @cached_property
    def _segments(self) -> SegmentIndex:
        return SegmentIndex.of(self.parts, self.chainages, self.crs)

    @cached_property
    def _contacts(self) -> Contacts:
        parts = np.cumsum([0, *(len(part) - 1 for part in self.parts)])
        first = [start + corner[:-1] for start, corner in zip(parts[:-1], self.corners, strict=True)]
        return Contacts(self._segments, np.concatenate([*first, parts[-1:]]))

    @cached_property
    def _facing(self) -> Facing:
        return Facing(np.vstack(self.parts), plane_scale(self.parts, self.crs), EDGE_M)

    def locate(self, xy: Floats) -> Located:
        """Find the nearest place of the border to each point.

        Parameters
        ----------
        xy : array of float, shape (n, 2)
            Points in the CRS; NaN gives NaN.

        Returns
        -------
        Located
            Chainage, geodesic distance and side; equal distances go to the smaller chainage. The end of a
            part before a hole is given as the last number below its chainage, so that `place` leads back.
        """
        return self._segments.locate(np.asarray(xy, dtype=np.float64).reshape(-1, 2))

    def place(self, chainage: Floats) -> Floats:
        """Return the position of each chainage in the CRS, shape (n, 2); outside [0, L] is clipped.

        Where two parts meet across a hole, the chainage belongs to the start of the later part; NaN
        gives NaN.
        """
        wanted = np.clip(np.atleast_1d(np.asarray(chainage, dtype=np.float64)), 0.0, self.length_m)
        ends = np.array([chain[-1] for chain in self.chainages])
        part = np.minimum(np.searchsorted(ends, wanted, side="right"), len(ends) - 1)
        xy = np.empty((len(wanted), 2))
        for position in np.unique(part):
            mine = part == position
            xy[mine] = self._on(position, wanted[mine])
        return xy

    def _on(self, part: int, chainage: Floats) -> Floats:
        line, chain = self.parts[part], self.chainages[part]
        return np.column_stack([np.interp(chainage, chain, line[:, axis]) for axis in (0, 1)])

    def interval(self, from_m: float, to_m: float) -> Any:
        """Return the stretch between two chainages as a LineString or MultiLineString in the CRS.

        Consecutive intervals share their end coordinates exactly. Empty where the stretch has no length.
        """
        pieces = []
        for number, (line, chain) in enumerate(zip(self.parts, self.chainages, strict=True)):
            start, stop = max(from_m, chain[0]), min(to_m, chain[-1])
            if stop - start <= SAME_M:
                continue
            corner = self.corners[number]
            inner = corner[(chain[corner] > start + SAME_M) & (chain[corner] < stop - SAME_M)]
            cut = self._on(number, np.array([start, stop]))
            pieces.append(shapely.LineString(np.vstack([cut[:1], line[inner], cut[1:]])))
        if not pieces:
            return shapely.LineString()
        return pieces[0] if len(pieces) == 1 else shapely.MultiLineString(pieces)

    def locate_geoms(
        self,
        geoms: NDArray[Any],
        *,
        within_m: float = np.inf,
        locate: Locate | None = None,
        bounds: Bounds | None = None,
    ) -> tuple[Floats, list[Floats]]:
        """Find where the border is nearest to each geometry.

        Parameters
        ----------
        geoms : array of geometry, shape (n,)
            Valid, in the CRS.
        within_m : float
            Geometries that are farther than these geodesic metres by over a centimetre get NaN.
        locate : callable, optional
            What locates points instead of `locate`; it need not find any that are farther than `within_m`.
        bounds : callable, optional
            Tells of points how far they are at least and at most, to the millimetre; cheaper than `locate`.

        Returns
        -------
        distance_m : array of float, shape (n,)
            Geodesic metres; 0 where the geometry touches the border (1 mm); NaN without a geometry.
        ranges : list of array of float, shape (k, 2)
            For each geometry the chainage ranges of contact, or the one nearest chainage twice.
        """
        array = filled(np.asarray(geoms, dtype=object))
        distance = np.full(len(array), np.nan)
        ranges = [np.empty((0, 2))] * len(array)
        rows = self._facing.near(array, within_m)
        apart = []
        for row, contact in zip(rows.tolist(), self._contacts.ranges(array[rows], TOUCH_M), strict=True):
            if not len(contact):
                apart.append(row)
                continue
            dots = contact[:, 1] - contact[:, 0] < POINT_M
            contact[dots] = contact[dots].mean(axis=1, keepdims=True)
            distance[row], ranges[row] = 0.0, contact
        if apart:
            metres, chainage = self._facing.nearest(
                array[apart], locate or self.locate, within_m, bounds=bounds
            )
            for row, away, at in zip(apart, metres, chainage, strict=True):
                distance[row], ranges[row] = away, np.array([[at, at]])
        return distance, ranges


def build_border(geoms: NDArray[Any], crs: str | CRS) -> Border:
    """Join the rows of the border into one measured line.

    Parameters
    ----------
    geoms : array of geometry
        LineStrings or MultiLineStrings in the CRS, in any order and direction; others are left out.
    crs : str or CRS
        Projected, metric.

    Raises
    ------
    AssignmentError
        GM501 if no usable line is left.
    """
    working = working_crs(crs)
    drawn = course(geoms, working)
    if not drawn:
        raise AssignmentError(
            "GM501",
            "there is no border to measure along",
            where="the table border",
            fix="add a line: gridmap import FILE --as border",
        )
    parts, chains, corners, reached = [], [], [], 0.0
    for vertices in drawn:
        line, corner = _dense(vertices)
        lonlat = to_lonlat(line, working)
        steps = inverse(lonlat[:-1], lonlat[1:], working)[1]
        chain = reached + np.concatenate([[0.0], np.cumsum(steps)])
        reached = float(chain[-1])
        parts.append(line)
        chains.append(chain)
        corners.append(corner)
    return Border(tuple(parts), tuple(chains), tuple(corners), working)


def _dense(vertices: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Add vertices so that no edge is longer than EDGE_M; return them, and where the given ones stand."""
    length = np.hypot(*np.diff(vertices, axis=0).T)
    pieces = np.maximum(np.ceil(length / EDGE_M), 1.0).astype(np.int64)
    corner = np.concatenate([[0], np.cumsum(pieces)])
    number = np.arange(corner[-1] + 1)
    edge = np.minimum(np.searchsorted(corner, number, side="right") - 1, len(pieces) - 1)
    share = ((number - corner[edge]) / pieces[edge])[:, None]
    line = vertices[edge] * (1.0 - share) + vertices[edge + 1] * share
    line[corner] = vertices
    return line, corner
