"""GeoJSON features as rows, for the formats that hold them: one collection, or one feature a line.

Parsed with the standard library, not with GDAL: a JSON text stays text and a JSON number keeps every digit,
where a type inferred over a column would turn ``000123`` into a number or a date. One feature is parsed at a
time, so that a million of them do not stand in memory as objects.
"""

from __future__ import annotations

import json
import re
import sys
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import geopandas as gpd
import numpy as np
import shapely

from gridmap.exchange.cells import attributes, drawable, plain
from gridmap.exchange.format import RawTable, unreadable

Geoms = np.ndarray[Any, np.dtype[np.object_]]
# GEOS writes 17 digits, so that 42.49634 reads 42.496339999999996.
LONG_NUMBER = re.compile(r"-?\d+\.\d{8,}")
NOT_A_POSITION = "is not a GeoJSON geometry in degrees, lon first"
NOT_A_FEATURE = "is not a GeoJSON feature"
TWICE = "has one name twice"
TOO_LONG = "is a number of thousands of digits"
SHAPES = {
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
}
WHITE = re.compile(r"[ \t\r\n]*")
WIDE = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{")
# What Python's float holds.
FINITE = 1e300
# One encoder for all cells: making one a cell costs most of the time of a large file.
dumps: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


class _Twice(dict[str, Any]):
    """An object in which a name stands twice: which value is meant nobody can say."""


class _TooLong:
    """A number of more digits than Python turns into an integer."""


class Features:
    """Features, one after the other, and the table they make."""

    def __init__(self: Self) -> None:
        self.count = 0
        self.understood = 0
        self.columns: dict[str, list[Any]] = {}
        self.ids: dict[int, Any] = {}
        self.faults: list[tuple[int, str, str]] = []
        self._points = (array("q"), array("d"))
        self._shapes: dict[int, Any] = {}

    def add(self: Self, feature: Any) -> None:
        """Add a feature, or a geometry without properties."""
        if type(feature) is _Twice:
            self.refuse(TWICE)
        elif type(feature) is not dict or not _is_feature(feature):
            self.refuse(NOT_A_FEATURE)
        elif feature.get("type") in SHAPES:
            self._add({}, feature)
        elif type(feature.get("properties") or {}) is not dict:
            twice = isinstance(feature["properties"], _Twice)
            self.refuse(TWICE if twice else "has properties that are no object")
        else:
            if "id" in feature:
                self.ids[self.count] = feature["id"]
            self._add(feature.get("properties") or {}, feature.get("geometry"))

    def refuse(self: Self, reason: str) -> None:
        """Add a row that is no feature."""
        self.faults.append((self.count, "(row)", reason))
        self.count += 1

    def table(self: Self, crs: str | None) -> RawTable:
        """Return the rows; features are counted from 1."""
        for column in self.columns.values():
            column.extend([None] * (self.count - len(column)))
        columns = self.columns
        if not self.count:
            # A table without rows has no properties to show its columns by.
            columns["id"] = []
        if "id" not in columns and self.ids:
            columns["id"] = [_cell(self.ids.get(at), at, "id", self.faults) for at in range(self.count)]
        shapes = np.full(self.count, None, dtype=object)
        places, numbers = self._points
        if places:
            pairs = np.frombuffer(numbers, dtype=np.float64).reshape(-1, 2)
            shapes[np.frombuffer(places, dtype=np.int64)] = shapely.points(pairs)
        for at, shape in self._shapes.items():
            shapes[at] = shape
        rows = np.arange(1, self.count + 1, dtype=np.int64)
        return RawTable(columns, shapes, crs, rows, "feature", tuple(self.faults))

    def _add(self: Self, properties: dict[str, Any], geometry: Any) -> None:
        at = self.count
        for name, value in properties.items():
            column = self.columns.get(name)
            if column is None:
                column = self.columns[name] = [None] * at
            elif len(column) < at:
                column.extend([None] * (at - len(column)))
            column.append(_cell(value, at, name, self.faults))
        self.count += 1
        self.understood += 1
        if geometry is None:
            return
        place = _point(geometry)
        if place is not None:
            self._points[0].append(at)
            self._points[1].extend(place)
            return
        shape = _shape(geometry)
        if shape is None:
            self.faults.append((at, "geometry", NOT_A_POSITION))
        self._shapes[at] = shape


def value_at(text: str, at: int) -> tuple[Any, int]:
    """Parse the JSON value that begins at a place; return it and where it ends.

    Raises
    ------
    ValueError
        If it is no JSON; a `json.JSONDecodeError` where the place is known.
    RecursionError
        If it is nested too deeply.
    """
    try:
        return _STRICT.raw_decode(text, at)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return _PATIENT.raw_decode(text, at)


def skip_white(text: str, at: int) -> int:
    """Return the place of the next character that is not white space."""
    found = WHITE.match(text, at)
    return found.end() if found else at


def refuse_wide(path: Path, head: bytes) -> None:
    """Refuse UTF-16, which RFC 8259 does not allow.

    Raises
    ------
    InputError
        GM202.
    """
    if head.startswith(WIDE):
        raise unreadable(path, "the text is UTF-16, not UTF-8", "save it again as UTF-8")


def feature_texts(frame: Any) -> Iterator[str]:
    """Yield the rows of a frame as GeoJSON features; rings follow the right-hand rule."""
    table = attributes(frame)
    keys = [dumps(str(name)) for name in table.columns]
    cells = [
        ["null" if cell is None else dumps(cell) for cell in plain(table[name])] for name in table.columns
    ]
    for position, shape in enumerate(_shape_texts(frame)):
        pairs = ",".join(f"{key}:{column[position]}" for key, column in zip(keys, cells, strict=True))
        yield f'{{"type":"Feature","properties":{{{pairs}}},"geometry":{shape}}}'


def _is_feature(one: dict[str, Any]) -> bool:
    sort = one.get("type")
    if isinstance(sort, str) and sort in SHAPES:
        return "coordinates" in one or "geometries" in one
    return (sort is None or sort == "Feature") and ("properties" in one or "geometry" in one)


def _cell(value: Any, at: int, name: str, faults: list[tuple[int, str, str]]) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, _TooLong):
        faults.append((at, name, TOO_LONG))
        return None
    try:
        return dumps(value)
    except (TypeError, ValueError, RecursionError):
        faults.append((at, name, "cannot be kept as text"))
        return None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else _Twice(made)


def _integer(digits: str) -> Any:
    limit = sys.get_int_max_str_digits()
    return _TooLong() if limit and len(digits) > limit else int(digits)


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


_STRICT = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant)
# Calls Python for every integer: only for a feature that cannot be parsed otherwise.
_PATIENT = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant, parse_int=_integer)
_PLAIN = frozenset({str, int, float, bool, type(None)})


def _point(member: Any) -> tuple[float, float] | None:
    """Return the position of a plain point, the common case; anything else goes the long way."""
    if type(member) is not dict or member.get("type") != "Point":
        return None
    place = member.get("coordinates")
    if not isinstance(place, list) or len(place) not in {2, 3}:
        return None
    if not all(type(value) in {int, float} and abs(value) < FINITE for value in place):
        return None
    return float(place[0]), float(place[1])


def _shape(member: Any) -> Any:
    if isinstance(member, _Twice):
        return None
    try:
        text = json.dumps(member, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return None
    # GEOS refuses an unclosed ring, which shapely's `shape` would close without a word.
    return shapely.from_geojson(text, on_invalid="ignore")


def _shape_texts(frame: Any) -> list[str]:
    if not isinstance(frame, gpd.GeoDataFrame):
        return ["null"] * len(frame)
    texts = shapely.to_geojson(shapely.orient_polygons(drawable(frame.geometry.to_numpy())))
    return ["null" if text is None else LONG_NUMBER.sub(_shortest, str(text)) for text in texts]


def _shortest(match: re.Match[str]) -> str:
    return repr(float(match[0]))
