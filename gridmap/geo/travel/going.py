"""How somebody travels, and how fast the ground lets them: seconds for a metre, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy
import shapely

from gridmap.geo.heights import Heights, sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.geo.travel.lattice import Bools, Floats, Lattice

    Geoms = NDArray[np.object_]

KMH = 3.6
# A place that stands in snow too deep to travel leaves it at this share of the speed, over its own cell.
OWN_SNOW = 0.1
ALIKE = 7


@dataclass(frozen=True, slots=True)
class Going:
    """A way to travel, in numbers; `gridmap.config.travel.ProfileSpec` says what they mean.

    Parameters
    ----------
    speed_kmh : float
        On level open ground.
    slope_decay, slope_ease, slope_most : float
        Tobler's form, and the steepest slope.
    snow_stop_cm : float or None
        The depth at which nobody gets on; None if snow does not matter.
    slowest_land : float
        The smallest share above 0 that any land leaves: what a place pays that stands on barred land.
    """

    speed_kmh: float
    slope_decay: float = 0.0
    slope_ease: float = 0.0
    slope_most: float = np.inf
    snow_stop_cm: float | None = None
    slowest_land: float = 1.0

    @property
    def pace(self) -> float:
        """Seconds for a metre of level open ground."""
        return KMH / self.speed_kmh

    def slowing(self, slope: Floats) -> Floats:
        """Return by what the time is multiplied on slopes (rise over run); where none is known, by 1."""
        known = np.nan_to_num(slope, nan=0.0)
        return np.asarray(
            np.exp(self.slope_decay * (np.abs(known + self.slope_ease) - self.slope_ease)), dtype=np.float64
        )

    def snow_share(self, depth: Floats) -> Floats:
        """Return the share of the speed that snow of a depth in centimetres leaves."""
        if self.snow_stop_cm is None:
            return np.ones_like(depth)
        return np.clip(1.0 - depth / self.snow_stop_cm, 0.0, 1.0)


def _nothing() -> Geoms:
    return np.empty(0, dtype=object)


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies on the ground; everything in the working CRS.

    Parameters
    ----------
    land, share : (n,) polygons, (n,) float
        Land, and the share of the speed that it leaves; where pieces overlap the smaller counts.
    snow, depth : (m,) polygons, (m,) float
        Snow, and its depth in centimetres; the largest counts, also of the two below.
    snow_cm : float
        The depth everywhere.
    snow_grid : Heights or None
        A grid of depths.
    relief : Heights or None
        A grid of heights; level without one, and where it has no number.
    shut : (k,) polygons
        Where nobody goes, whoever travels; judged by the cells' centres.
    within : polygons or None
        If given, nobody goes outside it.
    """

    land: Geoms = field(default_factory=_nothing)
    share: Floats = field(default_factory=lambda: np.empty(0))
    snow: Geoms = field(default_factory=_nothing)
    depth: Floats = field(default_factory=lambda: np.empty(0))
    snow_cm: float = 0.0
    snow_grid: Heights | None = None
    relief: Heights | None = None
    shut: Geoms = field(default_factory=_nothing)
    within: Any = None


@dataclass(frozen=True, slots=True)
class Surface:
    """The cost surface: one number a cell, n cells.

    Parameters
    ----------
    lattice : Lattice
        The cells.
    going : Going
        Who travels.
    pace : (n,) float
        Seconds for a metre of level ground; infinite where the cell is barred.
    own : (n,) float
        The pace at which a place in the cell leaves it; never infinite.
    forded : (n,) float
        The pace around a ford: that of `own`, so that land does not bar it; infinite where all else does.
    snow : (n,) float
        The share of the speed that snow leaves.
    heights : (n,) float or None
        Metres; NaN where unknown.
    relief : Heights or None
        What they are from, for what lies between the centres.
    plain : (n,) bool
        Whether the pace is one for three cells around, so that it need not be asked along a leg.
    off : (n,) bool
        Whether the cell lies outside of where ways may lead.
    """

    lattice: Lattice
    going: Going
    pace: Floats
    own: Floats
    forded: Floats
    snow: Floats
    heights: Floats | None
    relief: Heights | None
    plain: Bools
    off: Bools


def surface(lattice: Lattice, going: Going, ground: Ground) -> Surface:
    """Lay the ground out in cells, each as it is at its centre.

    Parameters
    ----------
    lattice : Lattice
        The cells.
    going : Going
        Who travels.
    ground : Ground
        What there is.

    Returns
    -------
    Surface
        A cell is barred where land leaves nothing of the speed, snow is too deep, the ground is steeper than
        anybody goes (by central differences), or where it is shut.
    """
    land = laid(lattice, ground.land, ground.share, start=1.0, keep=np.minimum)
    share = going.snow_share(snow_depth(lattice, ground))
    heights = None
    shut = laid(lattice, ground.shut, np.ones(len(ground.shut)), start=0.0, keep=np.maximum) > 0
    off = np.zeros(lattice.size, dtype=bool)
    if ground.within is not None:
        allowed = np.array([ground.within], dtype=object)
        off = laid(lattice, allowed, np.ones(1), start=0.0, keep=np.maximum) == 0
        shut |= off
    if ground.relief is not None:
        heights = sample(ground.relief.values, ground.relief, lattice.centres())
        shut |= _steepness(lattice, heights) > going.slope_most
    own_land = np.where(land > 0, land, going.slowest_land)
    open_pace = going.pace
    own = open_pace / (own_land * np.maximum(share, OWN_SNOW))
    with np.errstate(divide="ignore"):
        pace = np.where(shut, np.inf, open_pace / (land * share))
    forded = np.where(shut | (share == 0), np.inf, own)
    plain = _plain(lattice, pace) & (own == pace)
    return Surface(lattice, going, pace, own, forded, share, heights, ground.relief, plain, off)


def _plain(lattice: Lattice, pace: Floats) -> Bools:
    grid = pace.reshape(lattice.rows, lattice.columns)
    alike = scipy.ndimage.maximum_filter(grid, ALIKE) == scipy.ndimage.minimum_filter(grid, ALIKE)
    return np.asarray(alike & np.isfinite(grid), dtype=bool).ravel()


def snow_depth(lattice: Lattice, ground: Ground) -> Floats:
    """Return the depth of snow at the cells' centres in centimetres, (n,)."""
    depth = laid(lattice, ground.snow, ground.depth, start=ground.snow_cm, keep=np.maximum)
    if ground.snow_grid is not None:
        grid = ground.snow_grid
        depth = np.fmax(depth, sample(grid.values, grid, lattice.centres()))
    return depth


def laid(lattice: Lattice, shapes: Geoms, values: Floats, *, start: float, keep: np.ufunc) -> Floats:
    """Lay polygons' values out in cells whose centres they contain or touch; `keep` decides among several."""
    out = np.full((lattice.rows, lattice.columns), start)
    x = lattice.left + (np.arange(lattice.columns) + 0.5) * lattice.cell
    y = lattice.top - (np.arange(lattice.rows) + 0.5) * lattice.cell
    for shape, value in zip(shapes, values, strict=True):
        if shape is None or shape.is_empty:
            continue
        rows, columns = lattice.window(shape.bounds)
        across, down = np.meshgrid(x[columns], y[rows])
        shapely.prepare(shape)
        inside = np.asarray(shapely.intersects_xy(shape, across, down), dtype=bool)
        out[rows, columns] = np.where(inside, keep(out[rows, columns], value), out[rows, columns])
    return out.ravel()


def _steepness(lattice: Lattice, heights: Floats) -> Floats:
    south, east = np.gradient(heights.reshape(lattice.rows, lattice.columns), lattice.cell)
    return np.nan_to_num(np.hypot(south, east), nan=0.0).ravel()


def steep(going: Going, slope: Floats) -> Bools:
    """Return where a slope is more than anybody goes; NaN is level."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(slope) > going.slope_most, dtype=bool)
