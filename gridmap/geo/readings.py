"""What bare coordinates could be in: every reading that puts them where they should lie.

A number says nothing about its datum, its zone or its axis order. Each candidate is tried, those whose result
is the same are one, and the reader chooses: nothing is chosen here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer

from gridmap.geo import crs as geo_crs
from gridmap.geo.datum import to_wgs84
from gridmap.model.datums import Datum

Floats = npt.NDArray[np.float64]

SAMPLE = 400
SAME_M = 1.0
# A reading that puts less than this share of what the best one does inside is none.
SHARE = 0.5
SHOWN = 12
HALF_TURN, FULL_TURN = 180.0, 360.0
# A grid's numbers fit at most so many degrees from its meridian.
ZONE_REACH = 12.0
WGS84 = "EPSG:4326"
WEB_MAPS: tuple[tuple[Datum, str], ...] = (
    ("gcj02", "degrees in GCJ-02 (Amap, Tencent)"),
    ("bd09", "degrees in BD-09 (Baidu)"),
)
# EPSG codes of the Gauss-Kruger zones: (name, what is unsure, first code, first zone or meridian, step, how
# many, words).
GAUSS_KRUGER: tuple[tuple[str, str, int, int, int, int, str], ...] = (
    ("CGCS2000", "", 4491, 13, 1, 11, "6-degree zone {}, with zone prefix"),
    ("CGCS2000", "", 4502, 75, 6, 11, "6-degree zone, central meridian {}E"),
    ("CGCS2000", "", 4513, 25, 1, 21, "3-degree zone {}, with zone prefix"),
    ("CGCS2000", "", 4534, 75, 3, 21, "3-degree zone, central meridian {}E"),
    ("Xian 1980", "datum", 2327, 13, 1, 11, "6-degree zone {}, with zone prefix"),
    ("Xian 1980", "datum", 2338, 75, 6, 11, "6-degree zone, central meridian {}E"),
    ("Xian 1980", "datum", 2349, 25, 1, 21, "3-degree zone {}, with zone prefix"),
    ("Xian 1980", "datum", 2370, 75, 3, 21, "3-degree zone, central meridian {}E"),
    ("Beijing 1954", "datum", 21413, 13, 1, 11, "6-degree zone {}, with zone prefix"),
    ("Beijing 1954", "datum", 21453, 75, 6, 11, "6-degree zone, central meridian {}E"),
    ("Beijing 1954", "datum", 2401, 25, 1, 21, "3-degree zone {}, with zone prefix"),
    ("Beijing 1954", "datum", 2422, 75, 3, 21, "3-degree zone, central meridian {}E"),
)
UNSURE = " (PROJ's shift to WGS 84 is unknown or approximate)"


@dataclass(frozen=True, slots=True)
class CrsReading:
    """One thing that coordinates could be in.

    Parameters
    ----------
    crs : str or None
        EPSG code; None for a web map's datum.
    datum : str or None
        ``"gcj02"``, ``"bd09"`` or ``"wgs84"``.
    swap : bool
        The first coordinate is the northing or the latitude.
    title : str
        In words.
    lon, lat : float
        The middle of the data in this reading, degrees on WGS 84.
    inside : float
        Share of the data in the jurisdiction, 0 to 1; 1 where no jurisdiction is known.
    apart_m : float
        Metres from the first reading's result.
    also : tuple of str
        Titles of readings that give the same result.
    """

    crs: str | None
    datum: str | None
    swap: bool
    title: str
    lon: float
    lat: float
    inside: float
    apart_m: float = 0.0
    also: tuple[str, ...] = ()

    @property
    def option(self) -> str:
        """What to type."""
        chosen = f"--datum {self.datum}" if self.datum else f"--crs {self.crs}"
        return f"{chosen} --swap-axes" if self.swap else chosen


@dataclass(frozen=True, slots=True)
class _Candidate:
    crs: str | None
    datum: Datum | None
    title: str


def crs_readings(xy: npt.ArrayLike, *, jurisdiction: Any, working: str) -> tuple[CrsReading, ...]:
    """List what coordinates could be in.

    Parameters
    ----------
    xy : array_like, shape (n, 2)
        Coordinates as the file has them.
    jurisdiction : shapely geometry or None
        Where they should lie, in the working CRS; without it every reading that the ranges of the numbers and
        the working CRS's area of use allow.
    working : str
        The project's CRS.

    Returns
    -------
    tuple of CrsReading
        The one with most of the data inside first, degrees before grids; empty if none fits.
    """
    given = _sample(np.asarray(xy, dtype=np.float64).reshape(-1, 2))
    if not len(given):
        return ()
    found: list[tuple[CrsReading, Floats]] = []
    near = _Near.of(jurisdiction, working)
    for swap in (False, True):
        pair = given[:, ::-1] if swap else given
        for candidate, lonlat in _results(pair, near):
            share = _share(lonlat, jurisdiction, working)
            if share > 0:
                middle = np.nanmedian(lonlat, axis=0).tolist()
                one = CrsReading(
                    candidate.crs, candidate.datum, swap, candidate.title, middle[0], middle[1], share
                )
                found.append((one, lonlat))
    # A banner's file in a project of three of its townships: a quarter inside may be all there is.
    least = SHARE * max((one.inside for one, _ in found), default=0.0)
    found = [each for each in found if each[0].inside >= least]
    found.sort(key=lambda each: -round(each[0].inside, 1))
    return _told(found, working)


def _sample(xy: Floats) -> Floats:
    finite = xy[np.isfinite(xy).all(axis=1)]
    return finite[:: max(len(finite) // SAMPLE, 1)][:SAMPLE]


@lru_cache(maxsize=8)
def _lonlat_of(wkb: bytes, working: str) -> Any:
    return geo_crs.geoms_to_lonlat(np.array([shapely.from_wkb(wkb)], dtype=object), working)[0]


def _inside_lonlat(jurisdiction: Any, working: str) -> Any:
    return None if jurisdiction is None else _lonlat_of(shapely.to_wkb(jurisdiction), working)


def _share(lonlat: Floats, jurisdiction: Any, working: str) -> float:
    there = np.isfinite(lonlat).all(axis=1)
    if jurisdiction is not None:
        xy = geo_crs.from_lonlat(lonlat, working)
        there &= shapely.intersects_xy(jurisdiction, xy[:, 0], xy[:, 1])
    return float(np.mean(there))


def _results(xy: Floats, near: _Near) -> Iterator[tuple[_Candidate, Floats]]:
    """Yield each candidate whose range most numbers are in, with the data in degrees on WGS 84, else NaN."""
    on_globe = (np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= 90)  # noqa: PLR2004 - the globe
    if on_globe.mean() >= SHARE:
        degrees = np.where(on_globe[:, None], xy, np.nan)
        yield _Candidate(None, "wgs84", "degrees on WGS 84"), degrees
        for datum, title in WEB_MAPS:
            moved = to_wgs84(degrees, datum, inside=near.inside)
            if (moved[on_globe] != degrees[on_globe]).any():
                yield _Candidate(None, datum, title), moved
        return
    if (np.abs(xy) <= FULL_TURN).mean() >= SHARE:
        # Degrees in the other order: no grid has its data within metres of its origin.
        return
    for grid in _grids():
        fits = (
            (np.abs(xy[:, 0] - grid.middle) <= grid.reach)
            & (xy[:, 1] >= grid.south)
            & (xy[:, 1] <= grid.north)
        )
        if fits.mean() >= SHARE and near.reaches(grid):
            x, y = _to_wgs84(grid.crs).transform(xy[:, 0], xy[:, 1])
            lonlat = np.column_stack([x, y])
            lonlat[~(fits & np.isfinite(lonlat).all(axis=1))] = np.nan
            yield _Candidate(grid.crs, None, grid.title), lonlat


@dataclass(frozen=True, slots=True)
class _Near:
    """Where data are looked for: the jurisdiction in degrees, and the meridians about it."""

    inside: Any
    west: float
    east: float

    @classmethod
    def of(cls, jurisdiction: Any, working: str) -> Self:
        if jurisdiction is not None:
            inside = _inside_lonlat(jurisdiction, working)
            west, _, east, _ = shapely.bounds(inside)
            return cls(inside, west - ZONE_REACH, east + ZONE_REACH)
        # The project's own CRS says for which part of the earth it is meant.
        area = geo_crs.working_crs(working).area_of_use
        if area is None or area.west > area.east:
            return cls(None, -HALF_TURN, HALF_TURN)
        return cls(None, area.west, area.east)

    def reaches(self, grid: _Grid) -> bool:
        return grid.meridian is None or self.west <= grid.meridian <= self.east


@dataclass(frozen=True, slots=True)
class _Grid:
    """A plane CRS: where its numbers lie, told without asking PROJ, which takes 40 ms for each."""

    crs: str
    title: str
    meridian: float | None
    middle: float
    reach: float = 500_000.0
    south: float = 0.0
    north: float = 10_000_000.0


@lru_cache(maxsize=1)
def _grids() -> tuple[_Grid, ...]:
    found = []
    for name, unsure, first, start, step, count, words in GAUSS_KRUGER:
        prefix = "prefix" in words
        # Six-degree zone 19 has its meridian at 111, three-degree zone 37 as well.
        degrees = 6 if "6-degree" in words else 3
        for number in range(count):
            zone = start + number * step
            meridian = float(zone * degrees - (degrees - 3) if prefix else zone)
            title = f"{name} Gauss-Kruger, {words.format(zone)}{UNSURE if unsure else ''}"
            middle = 500_000.0 + (zone * 1e6 if prefix else 0)
            found.append(_Grid(f"EPSG:{first + number}", title, meridian, middle))
    for zone in range(1, 61):
        meridian = 6.0 * zone - 183
        found.append(_Grid(f"EPSG:{32600 + zone}", f"WGS 84 UTM zone {zone}N", meridian, 500_000.0))
        found.append(_Grid(f"EPSG:{32700 + zone}", f"WGS 84 UTM zone {zone}S", meridian, 500_000.0))
    edge = 20_037_508.342_789_244
    found.append(_Grid("EPSG:3857", "Web Mercator", None, 0.0, edge, -edge, edge))
    return tuple(found)


@lru_cache(maxsize=512)
def _to_wgs84(crs: str) -> Transformer:
    return Transformer.from_crs(crs, WGS84, always_xy=True)


def _told(found: list[tuple[CrsReading, Floats]], working: str) -> tuple[CrsReading, ...]:
    """Join readings with one result, and say how far each is from the first."""
    kept: list[tuple[CrsReading, Floats, list[str]]] = []
    for one, lonlat in found:
        for _, other, also in kept:
            if len(other) == len(lonlat) and _apart(lonlat, other, working) <= SAME_M:
                also.append(f"{one.title}: {one.option}")
                break
        else:
            kept.append((one, lonlat, []))
    first = kept[0][1] if kept else np.empty((0, 2))
    return tuple(
        CrsReading(
            one.crs, one.datum, one.swap, one.title, one.lon, one.lat, one.inside,
            _apart(lonlat, first, working), tuple(also),
        )
        for one, lonlat, also in kept[:SHOWN]
    )  # fmt: skip


def _apart(one: Floats, other: Floats, working: str) -> float:
    metres = geo_crs.geod(working).inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])[2]
    return float(np.nanmedian(metres))
