"""PDF documents: streams and strings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gridmap.publish.unpacking.archives import ZLIB_BITS
from gridmap.publish.unpacking.piece import Budget, Piece

PDF = b"%PDF-"
# Some programs write a few bytes in front (ISO 32000-1, annex H).
HEAD = 1024
STREAM = re.compile(rb"stream\r?\n")
LITERAL = re.compile(rb"\(((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*)\)", re.DOTALL)
HEXADECIMAL = re.compile(rb"<([0-9A-Fa-f\s]{4,})>")
ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|.))", re.DOTALL)
SHORT = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"b": b"\b",
    b"f": b"\f",
    b"\n": b"",
    b"\r": b"",
    b"\r\n": b"",
}
MARKS = ((b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"), (b"\xef\xbb\xbf", "utf-8"))


def is_pdf(data: bytes) -> bool:
    """Say whether bytes begin like PDF."""
    return PDF in data[:HEAD]


def pdf(data: bytes, budget: Budget) -> Iterator[bytes | Piece]:
    """Yield the streams of a document, decompressed, and all its strings."""
    yield from _strings(data)
    for match in STREAM.finditer(data):
        made, _ = budget.inflate(data, ZLIB_BITS, begin=match.end())
        if made:
            yield made
            yield from _strings(made)


def _strings(data: bytes) -> Iterator[Piece]:
    found = [ESCAPE.sub(_character, match[1]) for match in LITERAL.finditer(data)]
    for match in HEXADECIMAL.finditer(data):
        digits = b"".join(match[1].split())
        found.append(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii")))
    texts = "\n".join(text for one in found for text in _texts(one))
    if texts:
        yield Piece(texts.encode("utf-8", "surrogatepass"))


def _texts(data: bytes) -> Iterator[str]:
    """Yield a string as its mark says, or in each encoding that it may be in."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            yield data[len(mark) :].decode(encoding, "replace")
            return
    yield data.decode("latin-1")
    if not data.isascii():
        yield data.decode("utf-8", "replace")
        yield data.decode("utf-16-be", "replace")


def _character(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes([int(match[1], 8) & 0xFF])
    return SHORT.get(match[2], match[2])
