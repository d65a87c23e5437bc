"""GeoJSON (RFC 7946): one FeatureCollection, lon/lat.

Read with the standard library's JSON parser, not with GDAL: a JSON text stays text and a JSON number
keeps every digit, where a type inferred over a column would turn ``000123`` into a number or a date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.exchange.cells import attributes, in_wgs84, plain
from gridmap.exchange.format import WGS84, Format, RawTable, ReadRequest, WriteRequest, unreadable

Geoms = np.ndarray[Any, np.dtype[np.object_]]
# GEOS writes 17 digits, so that 42.49634 reads 42.496339999999996.
LONG_NUMBER = re.compile(r"-?\d+\.\d{8,}")
NOT_A_POSITION = "is not a GeoJSON geometry in degrees, lon first"


def read(path: Path, request: ReadRequest) -> RawTable:  # noqa: ARG001 - every format's signature
    """Read a GeoJSON file; features are counted from 1."""
    document = _parse(path)
    features = document.get("features") if document.get("type") == "FeatureCollection" else None
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise unreadable(
            path, "the file is not a GeoJSON FeatureCollection", "export it as GeoJSON (RFC 7946)"
        )
    columns: dict[str, list[Any]] = {}
    for position, feature in enumerate(features):
        properties = feature.get("properties") or {}
        if not isinstance(properties, dict):
            raise unreadable(path, f"feature {position + 1} has no properties", "export it again as GeoJSON")
        for name, value in properties.items():
            if name not in columns:
                columns[name] = [None] * len(features)
            columns[name][position] = value
    if not features:
        # A table without rows has no properties to show its columns by.
        columns["id"] = []
    if "id" not in columns and any("id" in feature for feature in features):
        columns["id"] = [feature.get("id") for feature in features]
    geometry, faults = _geometries([feature.get("geometry") for feature in features])
    rows = np.arange(1, len(features) + 1, dtype=np.int64)
    return RawTable(columns, geometry, _crs(document), rows, "feature", faults)


def write(request: WriteRequest) -> bytes:
    """Return a table as GeoJSON, one feature a line; rings follow the right-hand rule."""
    table = attributes(request.frame)
    keys = [_dumps(str(name)) for name in table.columns]
    cells = [
        ["null" if cell is None else _dumps(cell) for cell in plain(table[name])] for name in table.columns
    ]
    shapes = _shapes(request.frame, request.decimals)
    lines = []
    for position, shape in enumerate(shapes):
        pairs = ",".join(f"{key}:{column[position]}" for key, column in zip(keys, cells, strict=True))
        lines.append(f'{{"type":"Feature","properties":{{{pairs}}},"geometry":{shape}}}')
    head = f'{{"type":"FeatureCollection","name":{_dumps(request.table)},"features":['
    return "\n".join([head, ",\n".join(lines), "]}", ""]).encode("utf-8")


def looks_right(head: bytes) -> bool:
    """Say whether the file begins like a JSON object."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


# One encoder for all cells: making one a cell costs most of the time of a large file.
_dumps: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _parse(path: Path) -> dict[str, Any]:
    fix = "export it again as GeoJSON in UTF-8"
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise unreadable(path, f"the text is not UTF-8 (byte {error.start} and following)", fix) from error
    except RecursionError as error:
        raise unreadable(path, "the file nests its values too deeply", fix) from error
    except json.JSONDecodeError as error:
        raise unreadable(path, f"not JSON: {error.msg} in line {error.lineno}", fix) from error
    except (ValueError, OSError) as error:
        raise unreadable(path, f"the file cannot be read: {error}", fix) from error
    return document if isinstance(document, dict) else {}


def _crs(document: dict[str, Any]) -> object:
    """Return the CRS: RFC 7946 fixes WGS 84; the older ``crs`` member is honoured where it stands."""
    member = document.get("crs")
    if not isinstance(member, dict):
        return WGS84
    properties = member.get("properties")
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else "a crs member without a name"


def _geometries(members: Sequence[Any]) -> tuple[Geoms, tuple[tuple[int, str, str], ...]]:
    shapes = np.full(len(members), None, dtype=object)
    faults: list[tuple[int, str, str]] = []
    points: list[tuple[int, float, float]] = []
    others: list[int] = []
    for at, member in enumerate(members):
        if member is None:
            continue
        place = _point(member)
        if place is None:
            others.append(at)
        else:
            points.append((at, *place))
    if points:
        shapes[[one[0] for one in points]] = shapely.points([one[1:] for one in points])
    for at in others:
        shapes[at] = _shape(members[at])
        if shapes[at] is None:
            faults.append((at, "geometry", NOT_A_POSITION))
    return shapes, tuple(faults)


def _point(member: Any) -> tuple[float, float] | None:
    """Return the position of a plain point, the common case; anything else goes the long way."""
    if not isinstance(member, dict) or member.get("type") != "Point":
        return None
    place = member.get("coordinates")
    if not isinstance(place, list) or len(place) not in {2, 3}:
        return None
    if not all(type(value) in {int, float} and abs(value) < 1e300 for value in place):  # noqa: PLR2004 - finite
        return None
    return float(place[0]), float(place[1])


def _shape(member: Any) -> Any:
    try:
        text = json.dumps(member, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    # GEOS refuses an unclosed ring, which shapely's `shape` would close without a word.
    return shapely.from_geojson(text, on_invalid="ignore")


def _shapes(frame: Any, decimals: int) -> list[str]:
    if not isinstance(frame, gpd.GeoDataFrame):
        return ["null"] * len(frame)
    texts = shapely.to_geojson(shapely.orient_polygons(in_wgs84(frame, decimals)))
    return ["null" if text is None else LONG_NUMBER.sub(_shortest, str(text)) for text in texts]


def _shortest(match: re.Match[str]) -> str:
    return repr(float(match[0]))


FORMAT = Format("geojson", "GeoJSON", (".geojson", ".json"), looks_right, read, write)
