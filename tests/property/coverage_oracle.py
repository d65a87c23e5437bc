"""What coverage should be, found the slow way: pyproj, samples and quadrature; nothing of gridmap."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import geo_oracle as oracle
import numpy as np
import shapely
from geo_oracle import GEOD

Floats = np.ndarray[Any, np.dtype[np.float64]]

COARSE_M, FINE = 25.0, 500
NODES = 24


def samples(parts: list[Floats]) -> tuple[Floats, Floats, Floats]:
    """Return the ends of short pieces of a line, starts and stops in the plane, and the chainage of both."""
    starts, stops, chainage, reached = [], [], [], 0.0
    for part in parts:
        xy = shapely.get_coordinates(shapely.segmentize(shapely.LineString(part), COARSE_M))
        at = reached + np.concatenate([[0.0], np.cumsum(oracle.metres(xy[:-1], xy[1:]))])
        starts.append(xy[:-1])
        stops.append(xy[1:])
        chainage.append(np.column_stack([at[:-1], at[1:]]))
        reached = float(at[-1])
    return np.vstack(starts), np.vstack(stops), np.vstack(chainage)


def within(parts: list[Floats], post: Floats, reach: float) -> list[tuple[float, float]]:
    """Return chainage intervals within reach of a post, to some centimetres.

    Along a line the distance changes by a metre in a metre at most: only pieces whose ends are about as far
    as the reach can be in by a part; those are cut finely, and each crumb is asked by its middle.
    """
    start, stop, chainage = samples(parts)
    ends = np.stack([oracle.metres(start, post), oracle.metres(stop, post)])
    away, far = ends.min(axis=0), ends.max(axis=0)
    size = chainage[:, 1] - chainage[:, 0]
    found = [tuple(one) for one in chainage[far <= reach - size]]
    mixed = (far > reach - size) & (away <= reach + size)
    share = (np.arange(FINE) + 0.5) / FINE
    for one, other, (low, high) in zip(start[mixed], stop[mixed], chainage[mixed], strict=True):
        inside = oracle.metres(one + share[:, None] * (other - one), post) <= reach
        step = (high - low) / FINE
        found.extend((low + n * step, low + (n + 1) * step) for n in np.flatnonzero(inside))
    return found


def difference_m(one: Any, other: Any) -> float:
    """Return how many metres are in one of two sets of intervals and not in the other."""
    ends = np.unique(np.concatenate([np.asarray(each, dtype=float).reshape(-1) for each in (one, other)]))
    if len(ends) < 2:
        return 0.0
    middle = (ends[:-1] + ends[1:]) / 2.0
    held = [_holds(each, middle) for each in (one, other)]
    return float(np.diff(ends)[held[0] != held[1]].sum())


def _holds(spans: Any, at: Floats) -> Any:
    spans = np.asarray(spans, dtype=float).reshape(-1, 2)
    return ((spans[:, :1] < at) & (at < spans[:, 1:])).any(axis=0)


def areas(lonlat: Floats, reach: Floats, box: tuple[float, float, float, float]) -> list[float]:
    """Return square metres of a box of longitudes and latitudes within 1, 2 and 3 of some discs or more.

    Quadrature over the latitude of the width in longitude: on each parallel the ends of every disc are found
    by halving with `Geod.inv`. Panels begin where discs begin and end, where circles cross one another, and
    where they cross the sides of the box.
    """
    west, south, east, north = box
    breaks = sorted({south, north, *(b for b in _breaks(lonlat, reach, box) if south < b < north)})
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    total = np.zeros(3)
    for low, high in pairwise(breaks):
        # A circle's width begins like a square root: the sine takes that out.
        turn = nodes * np.pi / 2.0
        lat = (low + high) / 2.0 + (high - low) / 2.0 * np.sin(turn)
        weight = weights * np.pi / 2.0 * np.cos(turn) * (high - low) / 2.0
        ends = _ends(lonlat, reach, lat)
        for number, phi in enumerate(lat):
            spans = np.clip(ends[:, number], west, east)
            for depth in range(3):
                width = _width(spans, depth + 1)
                total[depth] += weight[number] * width * _element(float(phi))
    return (total * np.radians(1.0) ** 2).tolist()


def _element(lat: float) -> float:
    """Return M N cos of the ellipsoid: square metres by square radian."""
    sine = np.sin(np.radians(lat))
    root = 1.0 - GEOD.es * sine**2
    return float(GEOD.a**2 * (1.0 - GEOD.es) / root**2 * np.cos(np.radians(lat)))


def _ends(lonlat: Floats, reach: Floats, lat: Floats) -> Floats:
    """Return the longitudes between which each disc holds each parallel, (m, n, 2); equal for none."""
    m, n = len(lonlat), len(lat)
    lon0, lat0 = (np.repeat(lonlat[:, axis], n) for axis in (0, 1))
    phi, limit = np.tile(lat, m), np.repeat(reach, n)
    low, high = np.zeros(m * n), np.full(m * n, 3.0)
    for _ in range(48):
        middle = (low + high) / 2.0
        inside = GEOD.inv(lon0, lat0, lon0 + middle, phi)[2] <= limit
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return np.stack([lon0 - low, lon0 + low], axis=1).reshape(m, n, 2)


def _width(spans: Floats, depth: int) -> float:
    """Return the length on which so many intervals or more lie over one another."""
    ends = np.unique(spans)
    middle = (ends[:-1] + ends[1:]) / 2.0
    held = ((spans[:, :1] < middle) & (middle < spans[:, 1:])).sum(axis=0)
    return float(np.diff(ends)[held >= depth].sum())


def _breaks(lonlat: Floats, reach: Floats, box: tuple[float, float, float, float]) -> list[float]:
    found = []
    azimuth = np.linspace(0.0, 360.0, 3601)
    for number, ((lon, lat), radius) in enumerate(zip(lonlat, reach, strict=True)):
        found += [GEOD.fwd(lon, lat, turn, radius)[1] for turn in (0.0, 180.0)]

        def on_circle(turn: Any, lon: float = lon, lat: float = lat, radius: float = radius) -> Any:
            same = np.ones_like(turn)
            return GEOD.fwd(lon * same, lat * same, turn, radius * same)[:2]

        def apart(turn: Any, other: int, circle: Any = on_circle) -> Any:
            there = circle(turn)
            same = np.ones_like(turn)
            away = GEOD.inv(*there, lonlat[other, 0] * same, lonlat[other, 1] * same)[2]
            return away - reach[other]

        tests = [
            lambda turn, other=other: apart(turn, other) for other in range(len(lonlat)) if other != number
        ]
        tests += [lambda turn, side=side: on_circle(turn)[0] - side for side in (box[0], box[2])]
        for test in tests:
            found += [float(on_circle(np.array([turn]))[1][0]) for turn in _roots(test, azimuth)]
    return found


def _roots(test: Any, azimuth: Floats) -> list[float]:
    value = test(azimuth)
    roots = []
    for at in np.flatnonzero(value[:-1] * value[1:] < 0.0):
        low, high, sign = azimuth[at], azimuth[at + 1], np.sign(value[at])
        for _ in range(50):
            middle = (low + high) / 2.0
            low, high = (middle, high) if np.sign(test(np.array([middle]))[0]) == sign else (low, middle)
        roots.append((low + high) / 2.0)
    return roots
