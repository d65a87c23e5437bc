"""GeoPackage binary: an eight-byte header, an envelope for what is not a point, ISO WKB."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.errors import GEOSException

from gridmap.store.records import wkb_of

MAGIC = b"GP"
HEADER = 8
# Bytes of the envelope, by the header's envelope code.
ENVELOPES = (0, 32, 48, 48, 64)
LITTLE, XY_ENVELOPE, EMPTY, EXTENDED = 0x01, 0x02, 0x10, 0x20
POINT_WKB = 21
POINT_BLOB = HEADER + POINT_WKB
POINT_HEAD = b"\x01\x01\x00\x00\x00"


@dataclass(frozen=True, slots=True)
class Encoded:
    """Geometries as a spatial table holds them.

    Parameters
    ----------
    blobs, wkb : list
        GeoPackage binary and the WKB in it; None for no geometry.
    bounds : ndarray (n, 4)
        min x, min y, max x, max y; NaN where there are none.
    indexed : ndarray (n,) of bool
        Which ones the R-tree holds: there, not empty, and with bounds that are numbers.
    """

    blobs: list[bytes | None]
    wkb: list[bytes | None]
    bounds: np.ndarray
    indexed: np.ndarray


def encode(geometry: np.ndarray, srs_id: int) -> Encoded:
    """Return geometries as GeoPackage binary in the CRS `srs_id`."""
    if (shapely.get_type_id(geometry) == shapely.GeometryType.POINT).all():
        found = _encoded_points(geometry, srs_id)
        if found is not None:
            return found
    wkb = wkb_of(geometry)
    bounds = shapely.bounds(geometry)
    there = ~shapely.is_missing(geometry)
    full = there & ~shapely.is_empty(geometry)
    indexed = full & ~np.isnan(bounds).any(axis=1)
    boxed = indexed & (shapely.get_type_id(geometry) != shapely.GeometryType.POINT)
    plain = struct.pack("<2sBBi", MAGIC, 0, LITTLE, srs_id)
    empty = struct.pack("<2sBBi", MAGIC, 0, LITTLE | EMPTY, srs_id)
    heads = [plain] * len(geometry)
    for row in np.flatnonzero(there & ~full).tolist():
        heads[row] = empty
    box = struct.Struct("<2sBBi4d")
    rows = np.flatnonzero(boxed).tolist()
    for row, (min_x, min_y, max_x, max_y) in zip(rows, bounds[boxed].tolist(), strict=True):
        heads[row] = box.pack(MAGIC, 0, LITTLE | XY_ENVELOPE, srs_id, min_x, max_x, min_y, max_y)
    blobs = [None if shape is None else head + shape for head, shape in zip(heads, wkb, strict=True)]
    return Encoded(blobs, wkb, bounds, indexed)


def _encoded_points(geometry: np.ndarray, srs_id: int) -> Encoded | None:
    """Encode points in one buffer; None if one of them is empty or not at a place."""
    xy = shapely.get_coordinates(geometry)
    if len(xy) != len(geometry) or not np.isfinite(xy).all():
        return None
    head = struct.pack("<2sBBi", MAGIC, 0, LITTLE, srs_id) + POINT_HEAD
    raw = np.empty((len(xy), POINT_BLOB), dtype=np.uint8)
    raw[:, : len(head)] = np.frombuffer(head, dtype=np.uint8)
    raw[:, len(head) :] = xy.astype("<f8").view(np.uint8).reshape(len(xy), POINT_BLOB - len(head))
    blobs = [one for (one,) in struct.iter_unpack(f"{POINT_BLOB}s", raw.tobytes())]
    wkb = [one for (one,) in struct.iter_unpack(f"{POINT_WKB}s", raw[:, HEADER:].tobytes())]
    return Encoded(blobs, wkb, np.column_stack([xy, xy]), np.ones(len(xy), dtype=bool))


# Of one block: the places of its points, (n, 2), or its blobs.
Part = np.ndarray | list[Any]


@dataclass(frozen=True, slots=True)
class Shapes:
    """Geometries as they were read: per block the places of its points in metres, or blobs."""

    parts: list[Part]
    order: np.ndarray | None = None

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def placed(self) -> np.ndarray | None:
        """Return the places (n, 2), in metres, if all are points at one; None if one is something else."""
        if not all(isinstance(part, np.ndarray) for part in self.parts):
            return None
        whole = np.concatenate(self.parts)
        return self._ordered(whole) if np.isfinite(whole).all() else None

    def geometry(self) -> np.ndarray:
        """Return the geometries.

        Raises
        ------
        UnreadableError
            With the positions of every blob that is not a geometry.
        """
        made, bad, first = [], [], 0
        for part in self.parts:
            try:
                made.append(points(part) if isinstance(part, np.ndarray) else decode(part))
            except UnreadableError as error:
                bad += [first + row for row in error.rows]
            first += len(part)
        if bad:
            back = None if self.order is None else np.argsort(self.order)
            raise UnreadableError(sorted(bad if back is None else back[bad].tolist()))
        return self._ordered(np.concatenate(made))

    def _ordered(self, whole: np.ndarray) -> np.ndarray:
        return whole if self.order is None else whole[self.order]


def header_size(blob: bytes) -> int:
    """Return where the WKB starts.

    Raises
    ------
    ValueError
        If it is not GeoPackage binary.
    """
    if len(blob) < HEADER or blob[:2] != MAGIC or blob[3] & EXTENDED:
        raise ValueError("not a standard GeoPackage geometry")
    code = (blob[3] >> 1) & 7
    if code >= len(ENVELOPES):
        raise ValueError("no such envelope")
    return HEADER + ENVELOPES[code]


def strip(blobs: Sequence[Any]) -> list[bytes | None]:
    """Return the WKB of every blob; what is not GeoPackage binary is returned whole.

    A blob that is not understood still takes part in its row's hash, so that damage shows.
    """
    found: list[bytes | None] = []
    for blob in blobs:
        if blob is None:
            found.append(None)
        elif not isinstance(blob, bytes):
            found.append(str(blob).encode())
        else:
            try:
                found.append(blob[header_size(blob) :])
            except ValueError:
                found.append(blob)
    return found


def decode(blobs: Sequence[Any]) -> np.ndarray:
    """Return the geometries of GeoPackage binary, in two dimensions.

    Raises
    ------
    UnreadableError
        With the positions of every blob that is not a geometry.
    """
    if blobs and all(type(blob) is bytes and len(blob) == POINT_BLOB for blob in blobs):
        points = _points(blobs)
        if points is not None:
            return points
    out = np.empty(len(blobs), dtype=object)
    out[:] = strip(blobs)
    try:
        shapes = shapely.from_wkb(out)
    except (GEOSException, TypeError) as error:
        raise UnreadableError([row for row, wkb in enumerate(out) if not _readable(wkb)]) from error
    deep = shapely.has_z(shapes) | shapely.has_m(shapes)
    if deep.any():
        shapes[deep] = shapely.from_wkb(shapely.to_wkb(shapes[deep], output_dimension=2))
    return shapes


class UnreadableError(Exception):
    """Some blobs are not geometries; `rows` are their positions."""

    def __init__(self, rows: list[int]) -> None:
        super().__init__(rows)
        self.rows = rows


def _points(blobs: Sequence[bytes]) -> np.ndarray | None:
    xy = joined_points(b"".join(blobs), len(blobs))
    return None if xy is None else points(xy)


def joined_points(joined: bytes, rows: int) -> np.ndarray | None:
    """Return the places, (n, 2) in metres, of points whose blobs stand one behind the other.

    None if they are not all written the way this package writes a point.
    """
    if len(joined) != rows * POINT_BLOB:
        return None
    return rows_of_points(np.frombuffer(joined, dtype=np.uint8).reshape(rows, POINT_BLOB))


def rows_of_points(raw: np.ndarray) -> np.ndarray | None:
    """Return the places of points as `joined_points`, from an array (n, 29) of bytes."""
    head = np.frombuffer(MAGIC + b"\0\x01", dtype=np.uint8)
    wkb = np.frombuffer(POINT_HEAD, dtype=np.uint8)
    if (raw[:, :4] != head).any() or (raw[:, HEADER : HEADER + len(POINT_HEAD)] != wkb).any():
        return None
    xy = np.ascontiguousarray(raw[:, HEADER + len(POINT_HEAD) :]).view("<f8")
    return xy.astype(np.float64, copy=False)


def points(xy: np.ndarray) -> np.ndarray:
    """Return places (n, 2) as points."""
    return np.asarray(shapely.points(xy), dtype=object)


def _readable(wkb: bytes | None) -> bool:
    try:
        shapely.from_wkb(wkb)
    except (GEOSException, TypeError):
        return False
    return True


def envelope(blob: Any) -> tuple[float, float, float, float] | None:
    """Return min x, min y, max x, max y of one blob; None where the R-tree holds nothing."""
    if not isinstance(blob, bytes):
        return None
    try:
        start = header_size(blob)
        if blob[3] & EMPTY:
            return None
        if start > HEADER:
            min_x, max_x, min_y, max_y = struct.unpack_from(
                "<4d" if blob[3] & LITTLE else ">4d", blob, HEADER
            )
            box = (min_x, min_y, max_x, max_y)
        else:
            box = tuple(float(value) for value in shapely.bounds(shapely.from_wkb(blob[start:])))  # type: ignore[assignment]
    except (ValueError, GEOSException, struct.error):
        return None
    return None if any(value != value for value in box) else box  # noqa: PLR0124 - NaN
