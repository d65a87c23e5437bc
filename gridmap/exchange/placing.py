"""From coordinates as a file has them to positions in the project's CRS: stated, told, or refused.

What the caller says counts before what the file says. Where neither says anything, the possible readings are
listed and the file is refused; where a file states one thing and plainly holds another, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError, ProjError

from gridmap.config import ProjectSpec
from gridmap.errors import ConfigError, InputError
from gridmap.exchange.globe import MOST, around, finite, off_globe
from gridmap.exchange.moving import swapped, transformed
from gridmap.exchange.options import ReadOptions
from gridmap.geo import crs as geo_crs
from gridmap.geo.datum import SHIFTED, UNSHIFTED, to_wgs84
from gridmap.geo.readings import CrsReading, crs_readings
from gridmap.geo.territory import doubtful

Geoms = np.ndarray[Any, np.dtype[np.object_]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
WGS84, CGCS2000 = UNSHIFTED["wgs84"], UNSHIFTED["cgcs2000"]
TITLES = {
    WGS84: "degrees on WGS 84",
    "OGC:CRS84": "degrees on WGS 84",
    CGCS2000: "degrees on CGCS2000",
    "gcj02": "degrees in GCJ-02 (Amap, Tencent), taken back to WGS 84",
    "bd09": "degrees in BD-09 (Baidu), taken back to WGS 84",
}
# Beijing 1954 and Xian 1980: the national shift parameters are not public.
UNSURE_DATUMS = {4214: "Beijing 1954", 4610: "Xian 1980"}
NO_PLACE = "lies where the project's coordinate reference system has no place; are lon and lat swapped?"
NO_NUMBER = "has a coordinate that is no number"
AROUND = "crosses the line of 180 degrees: cut it there into two parts"
SHOWN = 8
FEW = 1_000


class UnstatedCrsError(InputError):
    """A file does not say what its coordinates are in (GM201).

    Parameters
    ----------
    readings : sequence of CrsReading
        What they could be in, the likeliest first.
    """

    def __init__(self, what: str, *, where: str, fix: str, readings: Sequence[CrsReading]) -> None:
        super().__init__("GM201", what, where=where, fix=fix)
        self.readings = tuple(readings)


@dataclass(frozen=True, slots=True)
class Given:
    """Positions as a file has them.

    Parameters
    ----------
    geometry : (n,) object ndarray
        Two-dimensional shapes, the first coordinate first; None where a row has none.
    crs : str or None
        What the file or its headers state: anything pyproj takes, ``"gcj02"`` or ``"bd09"``.
    defined : bool
        Whether the format itself fixes it.
    tabular : bool
        Whether they stood in columns of a table.
    """

    geometry: Geoms
    crs: str | None
    defined: bool = False
    tabular: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """Positions in the project's CRS.

    Parameters
    ----------
    geometry : (n,) object ndarray
        Shapes in the working CRS.
    crs : str
        What the file's coordinates were taken to be in, in words.
    notes : tuple of str
        What a reader should know of it.
    faults : tuple of (position, reason)
        Rows whose position has no place there.
    """

    geometry: Geoms
    crs: str
    notes: tuple[str, ...]
    faults: tuple[tuple[int, str], ...]


def place(given: Given, *, spec: ProjectSpec, options: ReadOptions, jurisdiction: Any, name: str) -> Placed:
    """Bring a file's positions into the project's CRS.

    Parameters
    ----------
    given : Given
        The positions and what is stated of them.
    spec : ProjectSpec
        Says the working CRS.
    options : ReadOptions
        ``crs``, ``datum`` and ``swap_axes`` of the caller.
    jurisdiction : shapely geometry or None
        Where the data should lie, in the working CRS.
    name : str
        The file, for messages.

    Raises
    ------
    UnstatedCrsError
        GM201 if nobody says what the coordinates are in.
    InputError
        GM201 for a CRS that cannot be understood; GM208 if what is stated cannot be true.
    ConfigError
        GM106 for both a CRS and a datum.
    """
    if options.crs is not None and options.datum is not None:
        raise ConfigError(
            "GM106", "both a CRS and a datum are given", where="--crs, --datum", fix="leave one of them out"
        )
    asked = options.crs or (UNSHIFTED.get(options.datum, options.datum) if options.datum else None)
    stated = asked or _usable(given.crs, name)
    shapes = swapped(given.geometry) if options.swap_axes else given.geometry
    if stated is None:
        _refuse_unstated(given, spec, jurisdiction, name)
    assert stated is not None  # noqa: S101 - refused above
    notes = [f"the file states {_title(given.crs)}; taken as you say"] if asked and given.crs else []
    lonlat, more = _degrees(shapes, stated, _inside(jurisdiction, spec), name)
    more += _refuse_untrue(
        replace(given, geometry=shapes),
        spec,
        (jurisdiction, stated, name, None if stated in SHIFTED else lonlat),
        asked=bool(asked or options.swap_axes),
    )
    if stated in SHIFTED or _is_pipeline(stated):
        working = geo_crs.geoms_from_lonlat(lonlat, spec.crs)
    else:
        working, exact = _direct(shapes, stated, spec.crs, lonlat)
        more += exact
    faults = [(int(at), NO_NUMBER) for at in np.flatnonzero(~finite(shapes))]
    faults += [(int(at), AROUND) for at in np.flatnonzero(around(lonlat))]
    lost = ~finite(working) | (_in_degrees(stated, name) & off_globe(shapes))
    faults += [(int(at), NO_PLACE) for at in np.flatnonzero(finite(shapes) & lost)]
    return Placed(working, _title(stated, swap=options.swap_axes), (*notes, *more), tuple(faults))


def readings_of(given: Given, *, spec: ProjectSpec, jurisdiction: Any) -> tuple[CrsReading, ...]:
    """List what a file's coordinates could be in."""
    return crs_readings(shapely.get_coordinates(given.geometry), jurisdiction=jurisdiction, working=spec.crs)


def _usable(crs: str | None, name: str) -> str | None:
    """Return what a file states, None if it has no place on the earth.

    Raises
    ------
    InputError
        GM201 if it cannot be understood.
    """
    if crs is None or crs in SHIFTED:
        return crs
    parsed = _parsed(crs, name, "set the file's CRS with --crs, e.g. --crs EPSG:4490")
    # GeoPackage's "undefined" systems and drawing-office grids.
    placed = (
        parsed.is_geographic or parsed.is_projected or (parsed.is_bound and parsed.source_crs is not None)
    )
    return crs if placed and parsed.name.lower() not in {"undefined", "unknown"} else None


def _parsed(crs: str, name: str, fix: str) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(crs.lstrip("\ufeff"))
    except CRSError as error:
        raise InputError(
            "GM201",
            f"{name} states a coordinate reference system that cannot be understood",
            where=name,
            fix=fix,
        ) from error


def _is_pipeline(crs: str) -> bool:
    return "+proj=pipeline" in crs


def _inside(jurisdiction: Any, spec: ProjectSpec) -> Any:
    return None if jurisdiction is None else geo_crs.geoms_to_lonlat([jurisdiction], spec.crs)[0]


def _degrees(shapes: Geoms, stated: str, inside: Any, name: str) -> tuple[Geoms, list[str]]:
    """Return the shapes in lon/lat on WGS 84 (or CGCS2000, which is the same here), and notes."""
    if stated in SHIFTED:
        moved = transformed(shapes, lambda xy: to_wgs84(xy, stated, inside=inside))  # type: ignore[arg-type]
        unsure = int(doubtful(shapely.get_coordinates(moved), inside).sum())
        if unsure:
            note = (
                f"{unsure} vertices are within 2 km of where web maps stop shifting: look at them on the map"
            )
            return moved, [note]
        return moved, []
    try:
        if _is_pipeline(stated):
            pipeline = pyproj.Transformer.from_pipeline(stated)
        else:
            parsed = _parsed(stated, name, "give an EPSG code, e.g. --crs EPSG:4490")
            pipeline = pyproj.Transformer.from_crs(parsed, WGS84, always_xy=True)
    except (ProjError, CRSError) as error:
        raise InputError(
            "GM201",
            "the transformation cannot be understood",
            where="--crs",
            fix="give an EPSG code, or a PROJ pipeline from the file's coordinates to lon/lat in degrees",
        ) from error
    return transformed(shapes, lambda xy: np.column_stack(pipeline.transform(xy[:, 0], xy[:, 1]))), []


def _direct(shapes: Geoms, stated: str, working: str, lonlat: Geoms) -> tuple[Geoms, list[str]]:
    """Go straight to the working CRS, which is exact where both have one datum; say what is unsure."""
    source, target = geo_crs.any_crs(stated.lstrip("\ufeff")), geo_crs.working_crs(working)
    way = geo_crs.between(source, target)
    base = source.geodetic_crs
    code = None if base is None else base.to_epsg()
    notes = []
    if code in UNSURE_DATUMS:
        known = f" ({way.accuracy:g} m by its own account)" if way.accuracy and way.accuracy > 0 else ""
        notes.append(
            f"{UNSURE_DATUMS[code]}: the true shift is not public, PROJ's is approximate{known}; "
            "give your own with --crs '+proj=pipeline ...'"
        )
    if source == target:
        return shapes, notes
    moved = transformed(shapes, lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1])))
    return (moved if finite(moved).all() else geo_crs.geoms_from_lonlat(lonlat, working)), notes


def _in_degrees(stated: str, name: str) -> bool:
    return stated in SHIFTED or (not _is_pipeline(stated) and bool(_parsed(stated, name, "").is_geographic))


def _refuse_unstated(given: Given, spec: ProjectSpec, jurisdiction: Any, name: str) -> None:
    found = readings_of(given, spec=spec, jurisdiction=jurisdiction)
    fix = f"say which with --crs, e.g. --crs {spec.crs}, or with --datum"
    where = name
    if found:
        fix = f"say which it is, e.g. {found[0].option}"
        if any(one.datum == "gcj02" for one in found):
            fix += ", or --datum gcj02 if it was copied from Amap"
        where = f"{name}; these readings put it {_inside_of(jurisdiction)}:"
        where += "".join(f"\n    {_reading_line(one)}" for one in found[:SHOWN])
    elif jurisdiction is not None and shapely.get_coordinates(given.geometry).size:
        where = f"{name}; no reading that is known puts it inside the jurisdiction"
    raise UnstatedCrsError(
        f"{name} does not say what its coordinates are in", where=where, fix=fix, readings=found
    )


def _inside_of(jurisdiction: Any) -> str:
    return "on the earth" if jurisdiction is None else "inside the jurisdiction"


def _reading_line(one: CrsReading) -> str:
    share = "" if one.inside >= 1 else f", {one.inside:.0%} inside"
    apart = "" if not one.apart_m else f", {one.apart_m:,.0f} m from the first"
    also = f" (the same as {'; '.join(one.also)})" if one.also else ""
    return f"{one.option}: {one.title}, about {one.lon:.4f} {one.lat:.4f}{share}{apart}{also}"


def _refuse_untrue(
    given: Given, spec: ProjectSpec, about: tuple[Any, str, str, Geoms | None], *, asked: bool
) -> list[str]:
    """Refuse a file that states one CRS and plainly holds another; return what a caller should know.

    Data that merely lie somewhere else are no contradiction: that is for `gridmap check` to say. Where the
    caller says what they are, he is believed, and told what else would put them inside.

    Raises
    ------
    InputError
        GM208.
    """
    jurisdiction, stated, name, lonlat = about
    xy = shapely.get_coordinates(given.geometry)
    xy = xy[np.isfinite(xy).all(axis=1)]
    if not len(xy):
        return []
    impossible = _in_degrees(stated, name) and (np.abs(xy) > MOST[:2]).any(axis=1).mean() > 0.5  # noqa: PLR2004
    if not impossible and jurisdiction is not None and lonlat is None:
        lonlat, _ = _degrees(given.geometry, stated, None, name)
    if not impossible and (jurisdiction is None or _any_inside(lonlat, jurisdiction, spec)):
        return []
    found = readings_of(given, spec=spec, jurisdiction=jurisdiction)
    if asked and not impossible:
        instead = f"; {found[0].option} would put {found[0].inside:.0%} of them there" if found else ""
        return [f"no position lies inside the jurisdiction{instead}"]
    if not impossible and not found:
        return []
    lines = "".join(f"\n    {_reading_line(one)}" for one in found[:SHOWN])
    raise InputError(
        "GM208",
        f"{name} states {_title(stated)}, and its coordinates are something else",
        where=f"{name}; these readings put it {_inside_of(jurisdiction)}:{lines}" if lines else name,
        fix="say what it really is with --crs, --datum or --swap-axes",
    )


def _any_inside(lonlat: Any, jurisdiction: Any, spec: ProjectSpec) -> bool:
    whole = shapely.get_coordinates(lonlat)
    # One inside is enough, and is mostly among the first.
    for part in (whole[:FEW], whole[FEW:]):
        xy = geo_crs.from_lonlat(part, spec.crs)
        xy = xy[np.isfinite(xy).all(axis=1)]
        if shapely.intersects_xy(jurisdiction, xy[:, 0], xy[:, 1]).any():
            return True
    return False


def _title(crs: str | None, *, swap: bool = False) -> str:
    """Return what a CRS is called: its code and name."""
    tail = ", the first coordinate the northing or latitude" if swap else ""
    if crs is None:
        return "nothing"
    if crs in TITLES:
        return TITLES[crs] + tail
    if _is_pipeline(crs):
        return "your pipeline" + tail
    parsed = pyproj.CRS.from_user_input(crs.lstrip("\ufeff"))
    code = parsed.to_epsg()
    return (f"EPSG:{code} ({parsed.name})" if code else parsed.name) + tail
