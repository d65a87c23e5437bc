"""Basemaps: a picture and where it lies, from its bounds or from the world file beside it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from gridmap.config.basemap import BasemapSpec
from gridmap.errors import InputError
from gridmap.exchange.pictures import Picture, take_picture
from gridmap.model.basemap import Basemap

MOST_BYTES = 16 * 1024 * 1024
RADIUS_M = 6_378_137.0  # of Web Mercator's sphere
MOST_LAT = 85.0
DEGREES = 10  # decimals: a hundredth of a millimetre
LINES = 6
Box = tuple[float, float, float, float]


def read_basemap(folder: Path, spec: BasemapSpec) -> Basemap:
    """Read the picture that a map's ``basemap`` names.

    Parameters
    ----------
    folder : Path
        The project's folder.
    spec : BasemapSpec
        What gridmap.toml says of it; its datum has been found to fit when the settings were read.

    Raises
    ------
    InputError
        GM202 if the picture or its world file cannot be read, or nothing says where it lies; GM205 if it
        is no PNG, JPEG or WebP; GM209 if it is too large.
    """
    path = folder / spec.file
    picture = take_picture(_bytes(path), where=str(path))
    box = spec.bounds or _from_world_file(path, picture)
    west, south, east, north = _in_degrees(box, spec.crs, where=str(path))
    return Basemap(
        data=picture.data,
        media=picture.media,
        west=west,
        south=south,
        east=east,
        north=north,
        spacing="mercator" if spec.crs == "EPSG:3857" else "degrees",
        opacity=spec.opacity,
        attribution=spec.attribution,
        audiences=spec.audiences,
    )


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputError(
                "GM209",
                f"the basemap has {size / 1e6:.1f} MB, and {MOST_BYTES / 1e6:.1f} MB are the most",
                where=str(path),
                fix="save it as JPEG or WebP, or with fewer pixels: it goes into every map",
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            "GM202",
            "the basemap cannot be read",
            where=str(path),
            fix="put the picture there, or take the basemap out of gridmap.toml",
        ) from error


def _world_files(path: Path) -> list[Path]:
    """Return what world files of a picture are called: topo.pgw, topo.pngw, topo.wld."""
    end = path.suffix.lower().lstrip(".")
    names = [f".{end[:1]}{end[-1:]}w", f".{end}w", ".wld"]
    return [path.with_suffix(one) for name in names for one in (name, name.upper())]


def _from_world_file(path: Path, picture: Picture) -> Box:
    """Return the outer edges: a world file gives the size of a pixel and the centre of the first."""
    found = next((one for one in _world_files(path) if one.is_file()), None)
    if found is None:
        raise InputError(
            "GM202",
            "nothing says where the basemap lies",
            where=str(path),
            fix=f"give bounds in gridmap.toml, or put its world file beside it: {_world_files(path)[0].name}",
        )
    try:
        wide, skew, tilt, tall, x, y = (
            float(one) for one in found.read_text(encoding="ascii").split()[:LINES]
        )
        sound = bool(np.isfinite([wide, tall, x, y]).all()) and wide > 0 > tall and skew == tilt == 0
    except (OSError, ValueError):
        sound = False
    if not sound:
        raise InputError(
            "GM202",
            "the world file of the basemap does not serve",
            where=str(found),
            fix="it needs six numbers, the second and third 0 (north is up): gdalwarp the picture first",
        )
    west, north = x - wide / 2, y - tall / 2
    return west, north + tall * picture.height, west + wide * picture.width, north


def _in_degrees(box: Box, crs: str, *, where: str) -> Box:
    west, south, east, north = box
    if crs == "EPSG:3857":
        west, east = (math.degrees(one / RADIUS_M) for one in (west, east))
        south, north = (math.degrees(math.atan(math.sinh(one / RADIUS_M))) for one in (south, north))
    if not (-180 <= west < east <= 180 and -MOST_LAT <= south < north <= MOST_LAT):  # noqa: PLR2004 - the world
        raise InputError(
            "GM202",
            f"the basemap does not lie on a map of the world in {crs}",
            where=where,
            fix="give bounds = [west, south, east, north] in the units of its crs, and the crs that it is in",
        )
    return round(west, DEGREES), round(south, DEGREES), round(east, DEGREES), round(north, DEGREES)
