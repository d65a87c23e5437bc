"""PDF documents: streams and strings, and the text that pages show in embedded fonts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gridmap.publish.unpacking.archives import ZLIB_BITS
from gridmap.publish.unpacking.pdf_fonts import without_characters
from gridmap.publish.unpacking.pdf_text import from_hex, objects, page_texts, spellings, unescaped
from gridmap.publish.unpacking.piece import Budget, Piece, TooMuchError

PDF = b"%PDF-"
# Some programs write a few bytes in front (ISO 32000-1, annex H).
HEAD = 1024
STREAM = re.compile(rb"(?<!end)stream\r?\n")
NUMBER = re.compile(rb"(?<!\d)(\d{1,10})\s+\d{1,5}\s+obj\b")
LITERAL = re.compile(rb"\(((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*)\)", re.DOTALL)
HEXADECIMAL = re.compile(rb"<([0-9A-Fa-f\s]{4,})>")
ENCRYPTED = re.compile(rb"/Encrypt\s+\d+\s+\d+\s+R")
MARKS = ((b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"), (b"\xef\xbb\xbf", "utf-8"))
# A picture or a font may be a stream of any bytes; pages are not larger than this.
LARGEST_PAGE = 1 << 27


def is_pdf(data: bytes) -> bool:
    """Say whether bytes begin like PDF."""
    return PDF in data[:HEAD]


def pdf(data: bytes, budget: Budget) -> Iterator[bytes | Piece]:
    """Yield the streams of a document, decompressed, all its strings, and the text of its pages.

    Raises
    ------
    TooMuchError
        If it is encrypted.
    """
    if ENCRYPTED.search(data):
        raise TooMuchError("it holds an encrypted PDF document")
    yield from _strings(data)
    streams: dict[int, bytes] = {}
    for number, raw, made in _streams(data, budget):
        streams[number] = made or raw
        if made:
            yield without_characters(made)
            yield from _strings(made)
    yield from _shown(data, streams, budget)


def _streams(data: bytes, budget: Budget) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the number of each stream's object, its bytes, and what they decompress to."""
    for match in STREAM.finditer(data):
        made, _ = budget.inflate(data, ZLIB_BITS, begin=match.end())
        numbers = NUMBER.findall(data, max(0, match.start() - HEAD), match.start())
        end = data.find(b"endstream", match.end())
        raw = b"" if made else data[match.end() : end if end >= 0 else len(data)]
        yield int(numbers[-1]) if numbers else -1, raw, made


def _shown(data: bytes, streams: dict[int, bytes], budget: Budget) -> Iterator[Piece]:
    """Yield what the pages show, a piece for each content stream."""
    fonts = spellings(objects(data, streams), streams)
    for content in streams.values():
        if len(content) <= LARGEST_PAGE and (texts := list(page_texts(content, fonts))):
            said = "\n".join(texts).encode("utf-8", "surrogatepass")
            budget.take(len(said))
            yield Piece(said)


def _strings(data: bytes) -> Iterator[Piece]:
    found = [unescaped(match[1]) for match in LITERAL.finditer(data)]
    found += [from_hex(match[1]) for match in HEXADECIMAL.finditer(data)]
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
