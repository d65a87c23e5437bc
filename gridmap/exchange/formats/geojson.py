"""GeoJSON (RFC 7946): one FeatureCollection, a single feature or a bare geometry; lon/lat."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gridmap.exchange.features import (
    WIDE,
    Features,
    dumps,
    feature_texts,
    refuse_wide,
    skip_white,
    value_at,
)
from gridmap.exchange.format import WGS84, Format, RawTable, ReadRequest, WriteRequest, unreadable

MARK = b"\xef\xbb\xbf"
FIX = "export it again as GeoJSON in UTF-8"
NO_COLLECTION = "the file is not a GeoJSON FeatureCollection"
AGAIN = "export it as GeoJSON (RFC 7946)"


def read(path: Path, request: ReadRequest) -> RawTable:  # noqa: ARG001 - every format's signature
    """Read a GeoJSON file; features are counted from 1."""
    found = Features()
    document, listed = _parsed(path, found)
    if not listed:
        found.add(document)
    if (listed and document.get("type") != "FeatureCollection") or (found.count and not found.understood):
        raise unreadable(path, NO_COLLECTION, AGAIN)
    return found.table(_crs(document))


def write(request: WriteRequest) -> bytes:
    """Return a table as GeoJSON, one feature a line; rings follow the right-hand rule."""
    head = f'{{"type":"FeatureCollection","name":{dumps(request.table)},"features":['
    return "\n".join([head, ",\n".join(feature_texts(request.frame)), "]}", ""]).encode("utf-8")


def looks_right(head: bytes) -> bool:
    """Say whether the file begins like a JSON object; that UTF-16 is not allowed is told later."""
    return head.removeprefix(MARK).lstrip()[:1] == b"{" or head.startswith(WIDE)


def _parsed(path: Path, found: Features) -> tuple[dict[str, Any], bool]:
    """Parse a file, its features into `found`; return the other members, and whether there was a list."""
    try:
        data = path.read_bytes()
        refuse_wide(path, data[:4])
        return _document(data.decode("utf-8-sig"), found)
    except UnicodeDecodeError as error:
        raise unreadable(path, f"the text is not UTF-8 (byte {error.start} and following)", FIX) from error
    except RecursionError as error:
        raise unreadable(path, "the file nests its values too deeply", FIX) from error
    except json.JSONDecodeError as error:
        raise unreadable(path, f"not JSON: {error.msg} in line {error.lineno}", FIX) from error
    except ValueError as error:
        raise unreadable(path, f"the file cannot be read: {error}", FIX) from error
    except OSError as error:
        raise unreadable(path, "the file cannot be read", "give a file that you may read") from error


def _document(text: str, found: Features) -> tuple[dict[str, Any], bool]:
    document: dict[str, Any] = {}
    listed = False
    at = _expected(text, skip_white(text, 0), "{")
    more = not text.startswith("}", skip_white(text, at))
    while more:
        begin = skip_white(text, at)
        name, at = value_at(text, begin)
        if not isinstance(name, str) or name in document or (listed and name == "features"):
            raise json.JSONDecodeError("a name that is none, or stands there twice", text, begin)
        at = skip_white(text, _expected(text, skip_white(text, at), ":"))
        if name == "features" and text.startswith("[", at):
            listed, at = True, _features(text, at + 1, found)
        else:
            document[name], at = value_at(text, at)
        at = skip_white(text, at)
        more = text.startswith(",", at)
        at += more
    at = skip_white(text, _expected(text, skip_white(text, at), "}"))
    if at < len(text):
        raise json.JSONDecodeError("Extra data", text, at)
    return document, listed


def _features(text: str, at: int, found: Features) -> int:
    """Parse a list from behind its bracket on; return where it ends."""
    at = skip_white(text, at)
    more = not text.startswith("]", at)
    while more:
        feature, at = value_at(text, skip_white(text, at))
        found.add(feature)
        at = skip_white(text, at)
        more = text.startswith(",", at)
        at += more
    return _expected(text, at, "]")


def _expected(text: str, at: int, sign: str) -> int:
    if not text.startswith(sign, at):
        raise json.JSONDecodeError(f"Expecting '{sign}'", text, at)
    return at + 1


def _crs(document: dict[str, Any]) -> str:
    """Return the CRS: RFC 7946 fixes WGS 84; the older ``crs`` member is honoured where it stands."""
    member = document.get("crs")
    if not isinstance(member, dict):
        return WGS84
    properties = member.get("properties")
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else "a crs member without a name"


FORMAT = Format("geojson", "GeoJSON", (".geojson", ".json"), looks_right, read, write, defines_crs=True)
