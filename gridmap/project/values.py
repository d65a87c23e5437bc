"""From ``column=value`` on a command line to typed values of a kind's columns."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import shapely

from gridmap import geo
from gridmap.config import ProjectSpec
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError

TRUE = frozenset({"true", "yes", "1", "是"})
FALSE = frozenset({"false", "no", "0", "否"})


def parse_assignments(words: Sequence[str], kind: str, spec: ProjectSpec) -> dict[str, object]:
    """Read ``column=value`` words; ``lon=`` and ``lat=`` become a point in the project's CRS.

    Raises
    ------
    ConfigError
        GM105 for an unknown kind or column, GM106 for a value that does not fit, GM108 for a word
        without an equals sign.
    """
    if kind not in spec.kinds:
        raise ConfigError(
            "GM105", f"no such kind: {kind}", where="gridmap.toml", fix=suggest(kind, spec.kinds)
        )
    columns = spec.kinds[kind].columns
    place: dict[str, str] = {}
    values: dict[str, object] = {}
    for word in words:
        column, equals, text = word.partition("=")
        if not equals:
            raise ConfigError("GM108", "not column=value", where=word, fix="write e.g. persons=5")
        if column in {"lon", "lat"} and column not in columns:
            place[column] = text
        elif column in columns:
            values[column] = _parse(text, columns[column].type, f"{kind}.{column}") if text else None
        else:
            fix = suggest(column, [*columns, "lon", "lat"])
            raise ConfigError("GM105", f"no such column: {kind}.{column}", where="gridmap.toml", fix=fix)
    if place:
        values["geometry"] = _point(place, kind, spec)
    return values


def _point(place: Mapping[str, str], kind: str, spec: ProjectSpec) -> shapely.Point:
    if spec.kinds[kind].geometry != "point":
        raise ConfigError("GM106", f"{kind} is not a point", where="lon, lat", fix="edit its shape in QGIS")
    if len(place) != len({"lon", "lat"}):
        raise ConfigError("GM106", "half a position", where=", ".join(place), fix="give both lon= and lat=")
    lonlat = np.array(
        [[_parse(place["lon"], "real", "lon"), _parse(place["lat"], "real", "lat")]], dtype=float
    )
    if abs(lonlat[0, 0]) > 180 or abs(lonlat[0, 1]) > 90:  # noqa: PLR2004 - the globe
        raise ConfigError(
            "GM106", "not on the globe", where="lon, lat", fix="give degrees; lon first, then lat"
        )
    return shapely.Point(geo.from_lonlat(lonlat, spec.crs)[0])


def _boolean(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in TRUE | FALSE:
        return lowered in TRUE
    raise ValueError(text)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


READERS: dict[str, tuple[Callable[[str], object], str]] = {
    "text": (str, "text"),
    "integer": (int, "a whole number"),
    "real": (_finite, "a number"),
    "boolean": (_boolean, "true or false"),
    "date": (dt.date.fromisoformat, "a date such as 2026-11-22"),
}


def _parse(text: str, kind: str, where: str) -> object:
    read, wanted = READERS[kind]
    try:
        return read(text)
    except ValueError as error:
        # The value itself is not repeated: the column may be private.
        raise ConfigError("GM106", f"the value is not {wanted}", where=where, fix=f"give {wanted}") from error
