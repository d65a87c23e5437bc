"""How the fonts of a PDF spell: from the bytes that a page shows to the characters they stand for."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# ISO 32000-1, 9.10.3: maps from codes to UTF-16, one by one and in ranges.
CODES = re.compile(rb"begincodespacerange\s*<([0-9A-Fa-f\s]+)>")
CHARS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
PAIR = re.compile(rb"<([0-9A-Fa-f\s]+)>\s*<([0-9A-Fa-f\s]*)>")
SPAN = re.compile(
    rb"<([0-9A-Fa-f\s]+)>\s*<([0-9A-Fa-f\s]+)>\s*(?:<([0-9A-Fa-f\s]*)>|\[([^\]]*)\])", re.DOTALL
)
HEX = re.compile(rb"<([0-9A-Fa-f\s]*)>")
LONGEST = 65_536  # codes of one range
DIFFERENCES = re.compile(rb"/Differences\s*\[([^\]]*)\]")
DIFFERENCE = re.compile(rb"(\d+)|/([^\s/\[\]<>()]+)")
UNICODE_NAME = re.compile(r"^(?:uni|u)([0-9A-Fa-f]{4,6})$")
STANDARD = {
    b"/WinAnsiEncoding": "cp1252",
    b"/MacRomanEncoding": "mac-roman",
    b"/UniGB-UCS2-H": "utf-16-be",
    b"/UniGB-UTF16-H": "utf-16-be",
    b"/UniCNS-UTF16-H": "utf-16-be",
    b"/UniJIS-UTF16-H": "utf-16-be",
    b"/GBK-EUC-H": "gbk",
    b"/GBKp-EUC-H": "gbk",
    b"/GBK2K-H": "gb18030",
    b"/GB-EUC-H": "gb2312",
}
# Names of characters that are not written as themselves (Adobe Glyph List, those of plain text).
NAMES = (
    *("space", "exclam", "quotedbl", "numbersign", "dollar", "percent", "ampersand", "quotesingle"),
    *("parenleft", "parenright", "asterisk", "plus", "comma", "hyphen", "period", "slash"),
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("colon", "semicolon", "less", "equal", "greater", "question", "at"),
)
GLYPHS = {name: chr(code) for code, name in enumerate(NAMES, start=0x20)}


# TrueType and OpenType (ISO/IEC 14496-22): a head, then of each table its tag, a sum, its place and length.
SFNT = (b"\x00\x01\x00\x00", b"OTTO", b"true")
TABLES_FROM, TABLE = 12, struct.Struct(">4s4xII")


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one font spells.

    Parameters
    ----------
    width : int
        Bytes of a code.
    known : mapping of int to str
        What codes stand for.
    encoding : str
        What other codes are in; "" where that is not known.
    """

    width: int = 1
    known: Mapping[int, str] = field(default_factory=dict)
    encoding: str = ""

    def read(self, data: bytes) -> str:
        """Return what shown bytes say; a code that is not known is U+FFFD."""
        if self.encoding and not self.known:
            return data.decode(self.encoding, "replace")
        return "".join(self._one(data[at : at + self.width]) for at in range(0, len(data), self.width))

    def _one(self, code: bytes) -> str:
        number = int.from_bytes(code, "big")
        if number in self.known:
            return self.known[number]
        return code.decode(self.encoding, "replace") if self.encoding else "\ufffd"


def from_cmap(data: bytes) -> Spelling | None:
    """Read a ToUnicode map; None if bytes are none."""
    if b"beginbfchar" not in data and b"beginbfrange" not in data:
        return None
    space = CODES.search(data)
    width = len(_digits(space[1])) // 2 if space else 2
    known: dict[int, str] = {}
    for block in CHARS.finditer(data):
        known.update((int(_digits(code), 16), _text(text)) for code, text in PAIR.findall(block[1]))
    for block in RANGES.finditer(data):
        for low, high, first, several in SPAN.findall(block[1]):
            known.update(_range(int(_digits(low), 16), int(_digits(high), 16), first, several))
    return Spelling(max(width, 1), known)


def _range(low: int, high: int, first: bytes, several: bytes) -> Iterator[tuple[int, str]]:
    if several.strip():
        yield from ((low + at, _text(one)) for at, one in enumerate(HEX.findall(several)))
        return
    begin = _text(first)
    for step in range(min(high - low + 1, LONGEST) if begin else 0):
        code = ord(begin[-1]) + step
        if code <= 0x10FFFF:  # noqa: PLR2004 - the last character there is
            yield low + step, begin[:-1] + chr(code)


def _digits(found: bytes) -> bytes:
    return b"".join(found.split())


def _text(found: bytes) -> str:
    digits = _digits(found)
    return bytes.fromhex((digits + b"0" * (len(digits) % 4)).decode("ascii")).decode("utf-16-be", "replace")


def from_dictionary(body: bytes) -> Spelling:
    """Read the encoding of a font without a ToUnicode map from its dictionary."""
    named = next((encoding for name, encoding in STANDARD.items() if name in body), "")
    wide = b"/Type0" in body
    found = DIFFERENCES.search(body)
    known = dict(_differences(found[1])) if found else {}
    if wide:
        return Spelling(2, known, named or "utf-16-be")
    return Spelling(1, known, named or "cp1252")


def _differences(body: bytes) -> Iterator[tuple[int, str]]:
    code = 0
    for number, name in DIFFERENCE.findall(body):
        if number:
            code = int(number)
            continue
        text = _glyph(name.decode("latin-1"))
        if text:
            yield code, text
        code += 1


def _glyph(name: str) -> str:
    """Return the character that a glyph is called after."""
    found = UNICODE_NAME.match(name)
    if found is not None:
        code = int(found[1], 16)
        return chr(code) if code <= 0x10FFFF else ""  # noqa: PLR2004 - the last character there is
    return name if len(name) == 1 else GLYPHS.get(name, "")


def without_characters(data: bytes) -> bytes:
    """Return an embedded font without the table of its characters; other bytes as they are.

    The table lists the characters that a document uses, in order: two neighbours in it are a name of two
    characters now and then, and nobody wrote it.
    """
    if not data.startswith(SFNT):
        return data
    many = int.from_bytes(data[4:6], "big")
    for at in range(TABLES_FROM, min(TABLES_FROM + many * TABLE.size, len(data) - TABLE.size), TABLE.size):
        tag, begin, length = TABLE.unpack_from(data, at)
        if tag == b"cmap":
            return data[:begin] + data[begin + length :]
    return data
