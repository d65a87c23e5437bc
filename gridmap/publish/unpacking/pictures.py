"""PNG pictures: what they hold beside the picture."""

from __future__ import annotations

from collections.abc import Iterator

from gridmap.publish.unpacking.archives import ZLIB_BITS
from gridmap.publish.unpacking.piece import ANY_BYTE, Budget, Piece

PNG = b"\x89PNG\r\n\x1a\n"
# A chunk: four bytes of length, four of name, the data, four of checksum (ISO/IEC 15948).
HEAD, CHECK = 8, 4
WITH_NAME = frozenset({b"tEXt", b"zTXt", b"iTXt", b"iCCP"})
PIXELS, END = b"IDAT", b"IEND"


def is_png(data: bytes) -> bool:
    """Say whether bytes begin like PNG."""
    return data.startswith(PNG)


def png(data: bytes, budget: Budget) -> Iterator[bytes | Piece]:
    """Yield texts, notes and profiles of a picture, and what follows its end."""
    at = len(PNG)
    while at + HEAD <= len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + HEAD]
        body = data[at + HEAD : at + HEAD + size]
        at += HEAD + size + CHECK
        if name in WITH_NAME:
            yield from _noted(name, body, budget)
        elif name != PIXELS:
            yield body
        if name == END:
            break
    yield data[at:]


def _noted(kind: bytes, body: bytes, budget: Budget) -> Iterator[bytes | Piece]:
    """Yield the parts of a text: its name, and what it says, which may be compressed."""
    name, _, rest = body.partition(b"\0")
    yield name
    if kind == b"tEXt":
        yield from _said(rest)
    elif kind == b"iTXt":
        language, _, more = rest[2:].partition(b"\0")
        title, _, text = more.partition(b"\0")
        yield from (language, title)
        yield from _said(budget.inflate(text, ZLIB_BITS)[0] if rest[:1] == b"\x01" else text)
    else:
        yield from _said(budget.inflate(rest[1:], ZLIB_BITS)[0])


def _said(text: bytes) -> Iterator[bytes | Piece]:
    """Yield a text as it is, and as Latin-1, which PNG means by it."""
    yield text
    if not text.isascii() and text:
        yield Piece(text.decode("latin-1").encode("utf-8"))
        yield Piece(text, ANY_BYTE)
