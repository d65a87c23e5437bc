"""Pictures made byte by byte, so that a test knows everything that is in them."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(rows: np.ndarray, *extra: tuple[bytes, bytes]) -> bytes:
    """Return a PNG of (height, width, 3) bytes; extra chunks stand before the pixels."""
    tall, wide, _ = rows.shape
    raw = b"".join(b"\0" + row.astype(np.uint8).tobytes() for row in rows)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", wide, tall, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + b"".join(chunk(*one) for one in extra)
        + chunk(b"IDAT", zlib.compress(raw))
        + chunk(b"IEND", b"")
    )


def colours(tall: int = 40, wide: int = 60) -> np.ndarray:
    rows, columns = np.mgrid[0:tall, 0:wide]
    return np.dstack([rows * 255 // tall, columns * 255 // wide, np.full((tall, wide), 90)]).astype(np.uint8)


def saved(kind: str, **options: object) -> bytes:
    """Return the colours as another program saves them."""
    out = io.BytesIO()
    Image.fromarray(colours()).save(out, kind, **options)
    return out.getvalue()


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
