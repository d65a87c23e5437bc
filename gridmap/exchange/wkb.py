"""Well-known binary as shapes, none of them nested so deeply that reading it overflows the stack.

GEOS reads a collection in a collection by calling itself, and asks only afterwards whether the parts are what
the whole may hold: some ten thousand headers of nine bytes end the process. They are walked here first.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from gridmap.exchange.rings import DEEPEST

Geoms = np.ndarray[Any, np.dtype[np.object_]]
POINT, LINE, POLYGON, ARC = 1, 2, 3, 8
# What has parts with headers of their own: multi-parts, collections, and curves and surfaces of several.
OF_PARTS = frozenset({4, 5, 6, 7, 9, 10, 11, 12})
HEADER, COUNT = 5, 4
# Extended WKB: what the highest bits of a type say.
HAS_Z, HAS_M, HAS_SRID = 0x80000000, 0x40000000, 0x20000000
SHORTEST = DEEPEST * (HEADER + COUNT)
# How nearly every shape begins: little endian, simple or of one simple part. In it nothing is nested.
SIMPLE = frozenset(
    struct.pack("<BI", 1, thousands + kind)
    for thousands in range(0, 4000, 1000)
    for kind in (POINT, LINE, POLYGON)
)
OF_ONE = frozenset(
    struct.pack("<BIIBI", 1, thousands + kind + 3, 1, 1, thousands + kind)
    for thousands in range(0, 4000, 1000)
    for kind in (POINT, LINE, POLYGON)
)
ONE_LENGTH = 2 * HEADER + COUNT


def from_wkb(blobs: Sequence[bytes | None], *, ignore: bool = False) -> tuple[Geoms, list[int]]:
    """Read well-known binary.

    Parameters
    ----------
    blobs : sequence of bytes or None
        One shape each.
    ignore : bool
        Give None for what cannot be understood, instead of an error.

    Returns
    -------
    (n,) object ndarray
        Shapes; None where there is none, or one nested too deeply.
    list of int
        Positions of those nested too deeply.

    Raises
    ------
    shapely.errors.ShapelyError
        For what cannot be understood, unless that is ignored.
    """
    deep = [at for at, blob in enumerate(blobs) if blob is not None and is_nested(blob)]
    given = np.empty(len(blobs), dtype=object)
    given[:] = blobs
    given[deep] = None
    shapes = shapely.from_wkb(given, on_invalid="ignore" if ignore else "raise")
    return np.asarray(shapes, dtype=object), deep


def is_nested(blob: bytes) -> bool:
    """Say whether a shape lies in more than `DEEPEST` collections; of one cut short, as far as it goes."""
    if len(blob) <= SHORTEST or blob[:HEADER] in SIMPLE or blob[:ONE_LENGTH] in OF_ONE:
        return False
    left = [1]
    at, order = 0, "<"
    try:
        while left:
            if not left[-1]:
                left.pop()
                continue
            left[-1] -= 1
            # Another mark than these two changes nothing, to GEOS either.
            order = {0: ">", 1: "<"}.get(blob[at], order)
            (kind,) = struct.unpack_from(order + "I", blob, at + 1)
            at += HEADER + (COUNT if kind & HAS_SRID else 0)
            if (kind & 0xFFFF) % 1000 not in OF_PARTS:
                at = _behind(blob, at, order, kind)
                continue
            left += struct.unpack_from(order + "I", blob, at)
            at += COUNT
            if len(left) > DEEPEST + 1:
                return True
    except (struct.error, IndexError):
        # Cut short, or of no type that is read: reading it will say so.
        return False
    return False


def _behind(blob: bytes, at: int, order: str, kind: int) -> int:
    """Return where a shape without parts ends."""
    sort, extent = (kind & 0xFFFF) % 1000, (kind & 0xFFFF) // 1000
    deep = bool(kind & HAS_Z) or extent in {1, 3}
    measured = bool(kind & HAS_M) or extent in {2, 3}
    vertex = 8 * (2 + deep + measured)
    if sort == POINT:
        return at + vertex
    if sort not in {LINE, POLYGON, ARC}:
        raise IndexError
    (count,) = struct.unpack_from(order + "I", blob, at)
    at += COUNT
    if sort != POLYGON:
        return int(at + count * vertex)
    for _ in range(count):
        (vertices,) = struct.unpack_from(order + "I", blob, at)
        at += COUNT + vertices * vertex
    return int(at)
