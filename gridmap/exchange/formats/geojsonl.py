"""GeoJSON, one feature a line, or one behind each record separator (RFC 8142); lon/lat on WGS 84.

A line that is no feature is a fault of its row: what collects such files appends to them, and now and then
one is cut.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from gridmap.exchange.features import Features, feature_texts, refuse_wide, skip_white, value_at
from gridmap.exchange.format import WGS84, Format, RawTable, ReadRequest, WriteRequest, unreadable

MARK = b"\xef\xbb\xbf"
SEPARATOR = b"\x1e"
OTHERS = (b"<", b"PK\x03\x04", b"%PDF", b"SQLite format 3")


def read(path: Path, request: ReadRequest) -> RawTable:  # noqa: ARG001 - every format's signature
    """Read features line by line; blank lines are none, and the features are counted from 1."""
    found = Features()
    try:
        for record in _records(path):
            _take(record, found)
    except OSError as error:
        raise unreadable(path, "the file cannot be read", "give a file that you may read") from error
    if found.count and not found.understood:
        reasons = {reason for _, _, reason in found.faults}
        told = reasons.pop() if len(reasons) == 1 else "is not a GeoJSON feature"
        raise unreadable(path, f"every line {told}", "export it again as newline-delimited GeoJSON in UTF-8")
    return found.table(WGS84)


def write(request: WriteRequest) -> bytes:
    """Return a table as one feature a line; a table without rows is one blank line."""
    lines = [*feature_texts(request.frame), ""]
    return ("\n".join(lines) or "\n").encode("utf-8")


def looks_right(head: bytes) -> bool:
    """Say whether an object begins somewhere, or nothing but blank lines is there."""
    start = head.removeprefix(MARK).lstrip()
    if not start:
        return bool(head) and not head.startswith(MARK)
    return b"{" in start and not start.startswith(OTHERS)


def _records(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        head = stream.read(4)
        refuse_wide(path, head)
        stream.seek(len(MARK) if head.startswith(MARK) else 0)
        if head.removeprefix(MARK).startswith(SEPARATOR):
            # A record between separators may go over several lines.
            yield from stream.read().split(SEPARATOR)
        else:
            yield from stream


def _take(record: bytes, found: Features) -> None:
    try:
        text = record.decode("utf-8").strip(" \t\r\n")
        if not text:
            return
        feature, end = value_at(text, 0)
    except UnicodeDecodeError:
        found.refuse("is not UTF-8")
    except RecursionError:
        found.refuse("nests its values too deeply")
    except ValueError as error:
        found.refuse(
            f"is not JSON: {error.msg}" if isinstance(error, json.JSONDecodeError) else "is not JSON"
        )
    else:
        if skip_white(text, end) < len(text):
            found.refuse("is not JSON: Extra data")
        else:
            found.add(feature)


FORMAT = Format(
    "geojsonl",
    "newline-delimited GeoJSON",
    (".geojsonl", ".geojsons", ".ndjson"),
    looks_right,
    read,
    write,
    defines_crs=True,
)
