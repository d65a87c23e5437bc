"""Stationing: a place as (chainage, offset, side) of the border, back again, and kilometre posts.

The way there is `Border.locate`: the foot is the nearest place of the line. The way back goes from the foot
at right angles to the edge that it is on, for the offset in geodesic metres (`pyproj.Geod`); the angle is
refined until the place that it leads to has the same foot again, so that the two are inverse to each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.errors import ConfigError
from gridmap.geo.crs import from_lonlat, geod, to_lonlat
from gridmap.geo.locate import NOTHING, SegmentIndex
from gridmap.geo.measure import bearing, inverse
from gridmap.geo.nearest import geocentric

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gridmap.geo.chainage import Border

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

LEFT, RIGHT, ON = 1, -1, 0
SIDES = {LEFT: "left", RIGHT: "right", ON: "on"}
KM = 1000.0
QUARTER = 90.0
# Each step of the refinement leaves about a millionth of the error before it.
STEPS = 4
# A post is drawn at the end of the line if only the arithmetic of floats keeps it off.
END_M = 1e-6
# More posts than one in so many metres are a slip of the finger; `stationing.post_m` has the same limit.
LEAST_POST_M = 10.0
# Chainage is written to the millimetre: what rounding put beyond an end of the line is that end.
ROUNDED_M = 1e-3
# A place as near to a corner as this has it as its foot.
CORNER_M = 5e-4
# Two directions that cancel each other out to this have no middle.
OPPOSITE = 1e-9


@dataclass(frozen=True, slots=True)
class Stations:
    """Places as they stand to the border.

    Parameters
    ----------
    chainage_m : (n,) float
        Metres from the western end to the foot; NaN without a position.
    offset_m : (n,) float
        Geodesic metres from the foot to the place, not rounded.
    side : (n,) int
        1 left of the direction of chainage, -1 right, 0 on the line (or straight beyond an end of it).
    foot : (n, 2) float
        The nearest place of the border, in the working CRS.
    bearing_deg : (n,) float
        From the foot to the place, in degrees from true north; 0 on the line.
    """

    chainage_m: Floats
    offset_m: Floats
    side: NDArray[np.int8]
    foot: Floats
    bearing_deg: Floats


def stationed(border: Border, xy: ArrayLike) -> Stations:
    """Say where places stand to the border.

    Parameters
    ----------
    border : Border
        The one border.
    xy : array_like, shape (n, 2)
        Places in the working CRS; NaN gives NaN.

    Notes
    -----
    Where several places of the line are equally near, the smaller chainage answers. Outside the turn of a
    corner all places of a fan have the corner as their foot; so do places beyond an end.
    """
    given = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    found = border.locate(given)
    foot = border.place(found.chainage_m)
    _, metres = inverse(to_lonlat(foot, border.crs), to_lonlat(given, border.crs), border.crs)
    return Stations(
        found.chainage_m,
        np.where(found.distance_m == 0.0, 0.0, metres),
        found.side,
        foot,
        np.where(found.distance_m == 0.0, 0.0, bearing(foot, given, border.crs)),
    )


def placed(border: Border, chainage_m: ArrayLike, offset_m: ArrayLike = 0.0, side: ArrayLike = ON) -> Floats:
    """Return the places that are so far along the border and so far off it: the inverse of `stationed`.

    Parameters
    ----------
    border : Border
        The one border.
    chainage_m : array_like, shape (n,)
        Metres along it, 0 to L; NaN gives NaN.
    offset_m : array_like, shape (n,) or one
        Geodesic metres off it, not negative.
    side : array_like, shape (n,) or one
        1 left, -1 right of the direction of chainage, 0 on the line.

    Returns
    -------
    ndarray, shape (n, 2)
        Places in the working CRS.

    Raises
    ------
    ConfigError
        GM107 for a chainage that is not on the border (see `on_border`); GM106 for an offset that is
        negative, infinite or without a side.

    Notes
    -----
    At a corner, which is the foot of many places, the direction halves the turn; inside the turn another
    stretch of the line may be nearer to the place than the corner.
    """
    along = on_border(border, chainage_m)
    away = np.broadcast_to(np.asarray(offset_m, dtype=np.float64), along.shape)
    hand = np.broadcast_to(np.asarray(side, dtype=np.int8), along.shape)
    _refuse(away, hand)
    foot = border.place(along)
    rows = np.flatnonzero(np.isfinite(along) & np.isfinite(away) & (away > 0.0) & (hand != ON))
    out = np.where(np.isfinite(away)[:, None], foot, np.nan)
    if len(rows):
        out[rows] = _aside(border, along[rows], away[rows], hand[rows].astype(np.float64))
    return out


def at_corner(border: Border, chainage_m: ArrayLike) -> NDArray[np.bool_]:
    """Say which chainages are drawn corners of the border, or ends of it: the foot of many places, (n,)."""
    corners = np.concatenate(
        [chain[corner] for chain, corner in zip(border.chainages, border.corners, strict=True)]
    )
    along = np.atleast_1d(np.asarray(chainage_m, dtype=np.float64))
    return np.asarray(np.abs(along[:, None] - corners[None, :]).min(axis=1) < CORNER_M, dtype=bool)


def on_border(border: Border, chainage_m: ArrayLike) -> Floats:
    """Return chainages as places of the border have them, 0 to L; NaN stays.

    Parameters
    ----------
    border : Border
        The one border.
    chainage_m : array_like, shape (n,)
        Metres, as they were written: a millimetre beyond an end is the end.

    Returns
    -------
    ndarray, shape (n,)
        Metres, 0 to L.

    Raises
    ------
    ConfigError
        GM107 for a chainage that is not on the border.
    """
    along = np.atleast_1d(np.asarray(chainage_m, dtype=np.float64))
    length = border.length_m
    off = np.flatnonzero((along < -ROUNDED_M) | (along > length + ROUNDED_M))
    if len(off):
        raise ConfigError(
            "GM107",
            f"chainage {along[off[0]]:.12g} m is not on the border",
            where=f"the border runs from K0 to {spoken(length)} ({length:.3f} m)",
            fix="give a chainage within it",
        )
    return np.clip(along, 0.0, length)


def _refuse(away: Floats, hand: NDArray[np.int8]) -> None:
    if (away < 0.0).any() or np.isinf(away).any():
        raise ConfigError(
            "GM106",
            "an offset is negative or infinite",
            where="the offset",
            fix="give it as positive metres, with its side",
        )
    if ((away > 0.0) & (hand == ON)).any():
        raise ConfigError(
            "GM106", "an offset has no side", where="the offset", fix="say left or right of the line"
        )


def _aside(border: Border, along: Floats, away: Floats, hand: Floats) -> Floats:
    """Return the places off the line, each with its foot at its chainage."""
    index = SegmentIndex.of(border.parts, border.chainages, border.crs)
    segment, share = on_segment(index, along)
    azimuth, free = _direction(index, segment, share)
    azimuth = azimuth - QUARTER * hand
    foot = index.start[segment] * (1.0 - share)[:, None] + index.end[segment] * share[:, None]
    start = to_lonlat(foot, border.crs)
    origin = geocentric(to_lonlat(index.start[segment], border.crs), border.crs)
    edge = geocentric(to_lonlat(index.end[segment], border.crs), border.crs) - origin
    length = np.sqrt(np.einsum("ij,ij->i", edge, edge))
    ellipsoid = geod(border.crs)
    for step in range(STEPS + 1):
        lon, lat, _ = ellipsoid.fwd(start[:, 0], start[:, 1], azimuth, away)
        lonlat = np.column_stack([lon, lat])
        if step == STEPS:
            break
        along_edge = np.einsum("ij,ij->i", geocentric(lonlat, border.crs) - origin, edge) / length
        # A hundredth of a turn to the right moves a place on the left forwards, one on the right back.
        turn = np.degrees(np.clip((along_edge - share * length) / away, -1.0, 1.0))
        azimuth = np.where(free, azimuth - hand * turn, azimuth)
    return from_lonlat(lonlat, border.crs)


def on_segment(index: SegmentIndex, along: Floats) -> tuple[Ints, Floats]:
    """Return the segment that each chainage is on, and how far along it; across a hole the later part's."""
    segment = np.clip(np.searchsorted(index.start_m, along, side="right") - 1, 0, None)
    start, end = index.start_m[segment], index.end_m[segment]
    share = np.clip((along - start) / (end - start), 0.0, 1.0)
    return segment.astype(np.int64), np.where(along >= end, 1.0, share)


def _headings(index: SegmentIndex, segment: Ints) -> Floats:
    """Return the azimuth of segments at their start, in degrees from true north."""
    return bearing(index.start[segment], index.end[segment], index.crs)


def _direction(index: SegmentIndex, segment: Ints, share: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the direction of the line at each place, and whether it may be refined.

    At a vertex it is the middle of the two edges' directions, or the first one's where they are opposite.
    """
    into = np.where(share == 0.0, index.before[segment], segment)
    onto = np.where(share == 1.0, index.after[segment], segment)
    single = (into == onto) | (into == NOTHING) | (onto == NOTHING)
    heading = _headings(index, segment)
    at = np.flatnonzero(~single)
    arriving = np.radians(bearing(index.end[into[at]], index.start[into[at]], index.crs) + 2 * QUARTER)
    leaving = np.radians(_headings(index, onto[at]))
    east, north = np.sin(arriving) + np.sin(leaving), np.cos(arriving) + np.cos(leaving)
    middle = np.degrees(np.arctan2(east, north))
    heading[at] = np.where(np.hypot(east, north) < OPPOSITE, np.degrees(arriving), middle)
    return heading, single


def stations_frame(border: Border, places: gpd.GeoSeries) -> pd.DataFrame:
    """Measure where places stand to the border, on the index of the places.

    Parameters
    ----------
    border : Border
        The one border.
    places : GeoSeries of points, shape (n,)
        In the working CRS; a row without a point has no values.

    Returns
    -------
    DataFrame
        ``chainage_m``, ``offset_m`` (metres, to the millimetre), ``side`` (left, right, on), ``lon`` and
        ``lat`` of the foot (degrees of the working CRS's own datum), ``bearing_deg`` from the foot.
    """
    from gridmap.geo.frames import point_xy  # noqa: PLC0415 - frames reads findings, which need no border

    found = stationed(border, point_xy(places))
    lonlat = to_lonlat(found.foot, border.crs)
    known = np.isfinite(found.chainage_m)
    words = np.array([SIDES[one] for one in found.side.tolist()], dtype=object)
    words[~known] = None
    return pd.DataFrame(
        {
            "chainage_m": np.round(found.chainage_m, 3),
            "offset_m": np.round(found.offset_m, 3),
            "side": pd.array(words, dtype="str"),
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
            "bearing_deg": found.bearing_deg,
        },
        index=places.index,
    )


def posts(border: Border, every_m: float) -> gpd.GeoDataFrame:
    """Return the posts that stand every so many metres along the border, from its western end.

    Parameters
    ----------
    border : Border
        The one border; chainage goes on across a hole without counting it.
    every_m : float
        Metres between two posts, at least 10.

    Returns
    -------
    GeoDataFrame
        ``number`` (0, 1, 2…), ``name`` (``K23`` or ``K23+500``), ``chainage_m``, ``part`` (1, 2…), ``lon``,
        ``lat`` (degrees of the working CRS's own datum), ``bearing_deg`` (the direction of chainage from true
        north), and the place in the working CRS.

    Raises
    ------
    ConfigError
        GM106 for a distance that is less, or no number.
    """
    if not LEAST_POST_M <= every_m < np.inf:
        raise ConfigError(
            "GM106",
            "posts need a distance",
            where=f"{every_m:g} m",
            fix=f"give at least {LEAST_POST_M:g} metres, e.g. 1000",
        )
    number = np.arange(int(np.floor((border.length_m + END_M) / every_m)) + 1)
    along = np.minimum(number * every_m, border.length_m)
    xy = border.place(along)
    lonlat = to_lonlat(xy, border.crs)
    index = SegmentIndex.of(border.parts, border.chainages, border.crs)
    segment, _ = on_segment(index, along)
    ends = np.array([chain[-1] for chain in border.chainages])
    part = np.minimum(np.searchsorted(ends, along, side="right"), len(ends) - 1) + 1
    frame: dict[str, Any] = {
        "number": number,
        "name": pd.array([spoken(one) for one in along.tolist()], dtype="str"),
        "chainage_m": along,
        "part": part,
        "lon": lonlat[:, 0],
        "lat": lonlat[:, 1],
        "bearing_deg": _headings(index, segment),
    }
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapely.points(xy), crs=border.crs))


def spoken(chainage_m: float, *, prefix: str = "K") -> str:
    """Return a chainage as it is spoken of, to the millimetre: ``K23``, ``K23+450``, ``K23+450.125``."""
    kilometres, millimetres = divmod(round(chainage_m * KM), round(KM * KM))
    metres, rest = divmod(millimetres, 1000)
    tail = f"+{metres:03d}" if metres or rest else ""
    return f"{prefix}{kilometres}{tail}" + (f".{rest:03d}" if rest else "")
