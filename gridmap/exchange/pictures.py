"""Pictures from outside: known by their first bytes, and taken without anything but the picture.

A photograph or a scan says where, when and with what it was made (EXIF, XMP, comments, profiles, thumbnails).
Nothing of it is taken: of each format the parts that make the picture are listed, all others are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gridmap.errors import InputError

PNG = b"\x89PNG\r\n\x1a\n"
# Of PNG (ISO/IEC 15948): size, palette, transparency, gamma and primaries, pixels. No text, time or profile.
PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"IDAT", b"IEND"})
CHUNK = 12  # length, name and checksum of a PNG chunk

JPEG = b"\xff\xd8\xff"
# Of JPEG (ITU-T T.81): frames, tables, scans, restart interval. Adobe's APP14 says which colours are meant.
SOF = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
DHT, DAC, SOS, EOI, DQT, DNL, DRI, ADOBE = 0xC4, 0xCC, 0xDA, 0xD9, 0xDB, 0xDC, 0xDD, 0xEE
JPEG_KEPT = SOF | {DHT, DAC, DQT, DNL, DRI}
ADOBE_SIZE = 12
RESTARTS = frozenset(range(0xD0, 0xD8))

WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH"})
WEBP_ALPHA = 0x10
MOST_PIXELS = 1 << 13  # of a side: what every browser can hold


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture without anything beside it; `width` and `height` in pixels."""

    data: bytes
    media: str
    width: int
    height: int


class _BrokenError(ValueError):
    """The bytes are not what their beginning says."""


def take_picture(data: bytes, *, where: str) -> Picture:
    """Return the picture in a file, and nothing else of the file.

    Parameters
    ----------
    data : bytes
        The file.
    where : str
        Its name, for errors.

    Raises
    ------
    InputError
        GM205 if it is no PNG, JPEG or WebP, or an animation; GM202 if it is damaged; GM209 if it has more
        pixels than a browser can hold.
    """
    read = next((one for looks, one in _READERS if looks(data)), None)
    if read is None:
        raise InputError(
            "GM205",
            "the picture is no PNG, JPEG or WebP",
            where=where,
            fix="convert it, e.g. with: gdal_translate -of PNG -co WORLDFILE=YES IN OUT.png",
        )
    try:
        picture = read(data)
    except (_BrokenError, IndexError) as error:
        raise InputError(
            "GM202",
            f"the picture is damaged: {error}",
            where=where,
            fix="open it in another program and save it again as PNG",
        ) from error
    if picture.width < 1 or picture.height < 1 or max(picture.width, picture.height) > MOST_PIXELS:
        raise InputError(
            "GM209",
            f"the picture is {picture.width} by {picture.height} pixels; {MOST_PIXELS} a side are the most",
            where=where,
            fix=f"make it smaller, e.g. with: gdal_translate -outsize {MOST_PIXELS // 2} 0 IN OUT.png",
        )
    return picture


def _png(data: bytes) -> Picture:
    parts = [PNG]
    size = None
    at = len(PNG)
    while at < len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        chunk = data[at : at + CHUNK + length]
        if len(chunk) < CHUNK + length:
            raise _BrokenError("it ends in the middle of a part")
        at += len(chunk)
        if name == b"IHDR":
            size = int.from_bytes(chunk[8:12], "big"), int.from_bytes(chunk[12:16], "big")
        if name in PNG_KEPT:
            parts.append(chunk)
        if name == b"IEND":
            break
    if size is None or not parts[-1].endswith(b"IEND\xaeB`\x82"):
        raise _BrokenError("its size or its end is missing")
    return Picture(b"".join(parts), "image/png", *size)


def _jpeg(data: bytes) -> Picture:
    parts = [JPEG[:2]]
    size = None
    for marker, segment in _segments(data):
        if marker in SOF:
            size = int.from_bytes(segment[7:9], "big"), int.from_bytes(segment[5:7], "big")
        if marker == ADOBE and segment[4:9] == b"Adobe":
            # Nothing follows the twelve bytes that say the colours.
            parts.append(b"\xff\xee" + (ADOBE_SIZE + 2).to_bytes(2, "big") + segment[4 : 4 + ADOBE_SIZE])
        elif marker in JPEG_KEPT or marker in {SOS, EOI}:
            parts.append(segment)
    if size is None or parts[-1] != b"\xff\xd9":
        raise _BrokenError("its size or its end is missing")
    return Picture(b"".join(parts), "image/jpeg", *size)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the marker and the bytes of every segment up to the end; a scan holds its pixels."""
    at = 2
    while True:
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        if data[at] != 0xFF:  # noqa: PLR2004 - what a marker begins with
            raise _BrokenError("a part does not begin where it should")
        marker = data[at + 1]
        if marker == EOI:
            yield EOI, data[at : at + 2]
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == SOS:
            end = _end_of_scan(data, end)
        if end > len(data) or end < at + 4:
            raise _BrokenError("it ends in the middle of a part")
        yield marker, data[at:end]
        at = end


def _end_of_scan(data: bytes, at: int) -> int:
    """Return where pixels end: at a marker that is neither a stuffed byte nor a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise _BrokenError("it ends in the middle of the picture")
        if data[at + 1] != 0 and data[at + 1] not in RESTARTS:
            return at
        at += 2


def _webp(data: bytes) -> Picture:
    parts, size = [], None
    at, end = 12, 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise _BrokenError("it ends before it should")
    while at + 8 <= end:
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + length]
        if len(body) < length:
            raise _BrokenError("it ends in the middle of a part")
        at += 8 + length + length % 2
        if name == b"ANIM":
            raise _BrokenError("it is an animation")
        if name == b"VP8X":
            # The flags say what follows: of it only transparency is kept.
            body = bytes([body[0] & WEBP_ALPHA]) + body[1:10]
        if name in WEBP_KEPT:
            size = size or _webp_size(name, body)
            parts.append(name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2))
    if size is None or not any(part[:4] in {b"VP8 ", b"VP8L"} for part in parts):
        raise _BrokenError("it holds no picture")
    held = b"WEBP" + b"".join(parts)
    return Picture(b"RIFF" + len(held).to_bytes(4, "little") + held, "image/webp", *size)


def _webp_size(name: bytes, body: bytes) -> tuple[int, int] | None:
    if name == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if name == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return None


_READERS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], Picture]], ...] = (
    (lambda data: data.startswith(PNG), _png),
    (lambda data: data.startswith(JPEG), _jpeg),
    (lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", _webp),
)
