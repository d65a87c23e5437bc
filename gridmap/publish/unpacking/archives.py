"""ZIP archives, gzip and zlib streams."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from gridmap.publish.unpacking.piece import STEP, Budget, Piece, TooMuchError

GZIP, ZIP, ZIP_EMPTY = b"\x1f\x8b\x08", b"PK\x03\x04", b"PK\x05\x06"
GZIP_BITS, ZLIB_BITS, RAW_BITS = 31, 15, -15
# The head of a member: of its 30 bytes the method, the packed size, and the lengths of two texts behind it.
LOCAL = struct.Struct("<8xH8xI4xHH")
BEGINS = re.compile(
    b"|".join(map(re.escape, (GZIP, ZIP, b"\x89PNG\r\n\x1a\n", b"SQLite format 3\0", b"%PDF-")))
    + rb"|\x78[\x01\x5e\x9c\xda]"
)
# What is smaller is searched together; what is smaller still holds no text.
SMALL, LEAST = 4096, 4
ENCRYPTED = 0x1
# RFC 1950: the first byte of a stream with the largest window, and what the first two are divisible by.
ZLIB, ZLIB_CHECK = 0x78, 31


def is_gzip(data: bytes) -> bool:
    """Say whether bytes begin like gzip."""
    return data.startswith(GZIP)


def is_zip(data: bytes) -> bool:
    """Say whether bytes begin like a ZIP archive."""
    return data.startswith((ZIP, ZIP_EMPTY))


def is_zlib(data: bytes) -> bool:
    """Say whether bytes begin with a zlib stream that can be decompressed."""
    if len(data) <= 8 or data[0] != ZLIB or int.from_bytes(data[:2], "big") % ZLIB_CHECK:  # noqa: PLR2004 - head and check
        return False
    try:
        return bool(zlib.decompressobj().decompress(data, 1))
    except zlib.error:
        return False


def gunzip(data: bytes, budget: Budget) -> Iterator[bytes | Piece]:
    """Yield the members of a gzip file, and what follows them."""
    at = 0
    while data.startswith(GZIP, at):
        made, at = budget.inflate(data, GZIP_BITS, begin=at)
        yield made
    yield data[at:]


def inflate(data: bytes, budget: Budget) -> Iterator[bytes | Piece]:
    """Yield a zlib stream, and what follows it."""
    made, end = budget.inflate(data, ZLIB_BITS)
    yield from (made, data[end:])


def unzip(data: bytes, budget: Budget) -> Iterator[bytes | Piece]:
    """Yield the members of a ZIP archive, also those that its directory does not list, and all notes."""
    listed: set[int] = set()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield archive.comment
            for member in archive.infolist():
                listed.add(member.header_offset)
                yield Piece(member.filename.encode("utf-8", "surrogatepass"))
                yield member.comment
                yield member.extra
                yield _member(archive, member, budget)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error) as error:
        raise TooMuchError("it holds a ZIP archive that cannot be opened") from error
    for match in re.finditer(re.escape(ZIP), data):
        if match.start() not in listed:
            yield _local(data, match.start(), budget)


def embedded(data: bytes, budget: Budget) -> list[bytes]:
    """Return the containers that begin somewhere in bytes, opened; small ones are joined.

    Where none begins, random bytes sometimes look like it: what they unpack to is small and means nothing.
    """
    made = []
    for match in BEGINS.finditer(data, 1):
        at = match.start()
        if match[0] == ZIP:
            made.append(_local(data, at, budget))
        elif match[0][0] in {ZLIB, GZIP[0]}:
            bits = GZIP_BITS if match[0] == GZIP else ZLIB_BITS
            made.append(budget.inflate(data, bits, begin=at)[0])
        else:
            made.append(data[at:])
    large = [one for one in made if len(one) >= SMALL]
    small = [one for one in made if LEAST <= len(one) < SMALL]
    return [*large, b"\n\n".join(small)] if small else large


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: Budget) -> bytes:
    if member.flag_bits & ENCRYPTED:
        raise TooMuchError("it holds a ZIP archive with a password")
    parts = []
    with archive.open(member) as stream:
        while part := stream.read(STEP):
            budget.take(len(part))
            parts.append(part)
    return b"".join(parts)


def _local(data: bytes, at: int, budget: Budget) -> bytes:
    """Return what stands behind the head of a member, whatever the archive's directory says."""
    head = data[at : at + LOCAL.size]
    if len(head) < LOCAL.size:
        return b""
    method, size, name, extra = LOCAL.unpack(head)
    begin = at + LOCAL.size + name + extra
    if method == zipfile.ZIP_DEFLATED:
        return budget.inflate(data, RAW_BITS, begin=begin)[0]
    return data[begin : begin + size]
