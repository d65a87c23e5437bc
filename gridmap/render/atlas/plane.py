"""The map plane of a sheet: the working CRS at an exact scale on paper, and what the ground is to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.geo import bearing, from_lonlat, geodesic_distance, to_lonlat
from gridmap.render.atlas.page import Box

Floats = npt.NDArray[np.float64]
MM_PER_M = 1000.0
BASE_M = 1000.0  # over which scale and convergence are measured


@dataclass(frozen=True, slots=True)
class Plane:
    """Where on paper the plane coordinates of the working CRS are.

    Parameters
    ----------
    frame : Box
        The map's frame on the page, in millimetres.
    centre : (easting, northing)
        Metres in the working CRS at the middle of the frame.
    scale : int
        The denominator: plane metres on paper are exactly one `scale`-th.
    crs : str
        The working CRS.
    """

    frame: Box
    centre: tuple[float, float]
    scale: int
    crs: str

    @property
    def mm(self) -> float:
        """Millimetres on paper of a metre in the plane."""
        return MM_PER_M / self.scale

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top of the frame in metres."""
        half_x, half_y = self.frame.width / 2 / self.mm, self.frame.height / 2 / self.mm
        x, y = self.centre
        return x - half_x, y - half_y, x + half_x, y + half_y

    def place(self, xy: npt.ArrayLike) -> Floats:
        """Return metres, shape (n, 2), as millimetres on the page."""
        given = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        return np.asarray((given - np.array(self.centre)) * self.mm + np.array(self.frame.middle))

    def on_paper(self, geoms: Any, *, beyond: float = 6.0) -> Any:
        """Return geometries in metres as geometries in millimetres, cut off `beyond` mm outside the frame."""
        left, bottom, right, top = self.extent
        more = beyond / self.mm
        near = shapely.clip_by_rect(geoms, left - more, bottom - more, right + more, top + more)
        return shapely.transform(near, self.place)

    def holds(self, xy: Floats, *, beyond: float = 0.0) -> npt.NDArray[np.bool_]:
        """Say which places in millimetres are inside the frame, or up to `beyond` mm outside."""
        box = self.frame.inset(-beyond)
        return np.asarray(
            (xy[:, 0] >= box.left)
            & (xy[:, 0] <= box.right)
            & (xy[:, 1] >= box.bottom)
            & (xy[:, 1] <= box.top)
        )

    def to_plane(self, lonlat: npt.ArrayLike) -> Floats:
        """Return degrees as metres."""
        return from_lonlat(lonlat, self.crs)

    def ground_mm(self, metres: float) -> float:
        """Return how long a distance on the ground is on paper, eastward at the centre of the sheet.

        Method: the geodesic (GeographicLib) between two places on a grid line that are so far apart in
        the plane; what it differs from that is the scale of the projection there.
        """
        x, y = self.centre
        ends = np.array([[x - metres / 2, y], [x + metres / 2, y]])
        geodesic = float(geodesic_distance(ends[:1], ends[1:], self.crs)[0])
        return metres * self.mm * metres / geodesic

    @property
    def factor(self) -> float:
        """Plane metres of a metre on the ground at the centre: the scale factor of the projection."""
        return self.ground_mm(BASE_M) / (BASE_M * self.mm)

    @property
    def convergence(self) -> float:
        """Degrees that grid north lies east of true north at the centre; west is negative."""
        here = np.array([self.centre])
        turned = float(bearing(here, here + np.array([[0.0, BASE_M]]), self.crs)[0])
        return turned - 360.0 if turned > 180.0 else turned  # noqa: PLR2004 - half a circle

    def lonlat(self, xy: npt.ArrayLike) -> Floats:
        """Return metres as degrees."""
        return to_lonlat(xy, self.crs)
