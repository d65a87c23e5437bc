"""What gridmap.toml says of a basemap, and whether its datum fits the project's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Self

import pyproj
from pydantic import Field, StringConstraints, model_validator
from pyproj.exceptions import CRSError

from gridmap.config.texts import Frozen, Name
from gridmap.model.datums import Datum

# What a page can place: rows evenly spaced in degrees, or in Web Mercator.
PICTURES = ("EPSG:3857", "EPSG:4326", "EPSG:4490")
SHIFTED = ("gcj02", "bd09")
# Datums that stand on the centre of the Earth and agree within a metre or so.
GEOCENTRIC = (
    "World Geodetic System 1984",
    "China 2000",
    "European Terrestrial Reference System 1989",
    "International Terrestrial Reference Frame",
)
Number = Annotated[float, Field(allow_inf_nan=False, strict=True)]
DEGREES = 360.0


class BasemapSpec(Frozen):
    """A picture under a map.

    ``bounds`` are west, south, east, north in the units of ``crs``; without them a world file lies beside the
    picture. ``audiences`` lists who gets it: nobody else does.
    """

    file: Annotated[str, StringConstraints(min_length=1)]
    crs: str
    datum: Datum
    bounds: tuple[Number, Number, Number, Number] | None = None
    opacity: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False, strict=True)] = 1.0
    attribution: Annotated[str, StringConstraints(max_length=300, strip_whitespace=True)] = ""
    audiences: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> Self:
        if self.bounds is None:
            return self
        west, south, east, north = self.bounds
        if not (west < east and south < north):
            msg = "bounds are west, south, east, north: each pair from low to high"
            raise ValueError(msg)
        degrees = max(map(abs, self.bounds)) <= DEGREES
        if degrees and self.crs == "EPSG:3857":
            msg = "bounds in EPSG:3857 are metres: for degrees and Web Mercator give the corners in metres"
            raise ValueError(msg)
        if not degrees and self.crs != "EPSG:3857":
            msg = f"bounds in {self.crs} are degrees"
            raise ValueError(msg)
        return self


def misplaced(one: BasemapSpec, crs: str) -> Iterator[tuple[str, str, str]]:
    """Yield (key, what, fix) if a picture would not lie where a project in `crs` has its places."""
    if one.datum in SHIFTED:
        what = f"the basemap is on {one.datum}, the project on {_datum(crs)}: it would lie 500 to 650 m off"
        yield "datum", what, "take a picture on WGS 84 or CGCS2000, or have it warped to one before"
    if one.crs not in PICTURES:
        yield "crs", f"a picture in {one.crs} is not placed{_because(one.crs, crs)}", _FIX
    elif not _datum(crs).startswith(GEOCENTRIC):
        what = f"the basemap is in {one.crs}, the project on {_datum(crs)}: it would lie up to 150 m off"
        yield "crs", what, "leave the basemap out, or bring the project to a CRS on CGCS2000"


_FIX = "warp it first, e.g. with gdalwarp -t_srs EPSG:3857, and give one of: " + ", ".join(PICTURES)


def _because(given: str, crs: str) -> str:
    try:
        theirs = _datum(given)
    except CRSError:
        return ": there is no such coordinate reference system"
    if theirs.startswith(GEOCENTRIC) or theirs == _datum(crs):
        return ""
    return f": it stands on {theirs}, the project on {_datum(crs)}"


@lru_cache(maxsize=16)
def _datum(crs: str) -> str:
    """Return the name of the datum that a CRS stands on."""
    geodetic = pyproj.CRS.from_user_input(crs).geodetic_crs
    datum = None if geodetic is None else geodetic.datum
    return "no datum" if datum is None else str(datum.name).removesuffix(" ensemble")
