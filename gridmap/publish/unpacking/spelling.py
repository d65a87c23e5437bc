"""The spellings and encodings of texts, undone."""

from __future__ import annotations

import html
import re
import urllib.parse
from collections.abc import Iterator

JSON_ESCAPE = re.compile(r'((?:\\u[0-9a-fA-F]{4})+)|\\(["\\/bfnrt])')
SHORT_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
WORKBOOK_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
SPELLED = tuple(map(re.compile, (rb"&", rb"\\", rb"%", rb'""', rb"_x[0-9A-Fa-f]{4}_")))
# A letter that is still spelled as something else.
LETTER = tuple(
    map(
        re.compile,
        (
            rb"\\(?:u[0-9A-Fa-f]{4}|[\"/])",
            rb"&(?:#[0-9A-Za-z]+|quot|amp|lt|gt);",
            rb"%[0-9A-Fa-f]{2}",
            rb"_x[0-9A-Fa-f]{4}_",
        ),
    )
)
# One after the other, each with its own beginning: that is ten times as fast as all at once.
EVIDENT = tuple(
    re.compile(pattern)
    for pattern in (
        rb"\\u[0-9A-Fa-f]{4}\\u[0-9A-Fa-f]{4}",
        rb"&#[xX]?[0-9A-Fa-f]+;&#[xX]?[0-9A-Fa-f]+;",
        rb"&(?:amp|quot|lt|gt|#39|#x27);",
        rb"%[0-9A-Fa-f]{2}%[0-9A-Fa-f]{2}%[0-9A-Fa-f]{2}",
        rb"_x[0-9A-Fa-f]{4}__x[0-9A-Fa-f]{4}_",
    )
)
ROUNDS = 3
CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1e\ue000-\uf8ff]")
# Letters, signs and ideographs that texts here are made of; of random pairs of bytes a third are among them.
USUAL = re.compile(
    "[\t\n\r\x20-\x7e\xa0-\u052f\u1800-\u18af\u2010-\u203b\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]"
)
MOSTLY = 0.9
THREE_BYTES = re.compile(rb"[\xe0-\xf4][\x80-\xbf]")
MARKS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def as_text(data: bytes) -> tuple[bool, list[bytes]]:
    """Read bytes as a text.

    Returns
    -------
    is_utf8, others
        Whether they are clean UTF-8; and the texts that they are in GB18030 or UTF-16, as UTF-8. GB18030
        of a few characters may be clean UTF-8 by chance.
    """
    wide = next((name for mark, name in MARKS if data.startswith(mark)), None)
    if wide is not None:
        return False, _wide(data[2:], [wide])
    if _is_utf8(data):
        doubtful = not data.isascii() and THREE_BYTES.search(data) is None
        return True, _gb18030(data) if doubtful else []
    return False, [*_gb18030(data), *_wide(data, ["utf-16-le", "utf-16-be"])]


def readings(data: bytes, *, text: bool = True) -> Iterator[bytes]:
    r"""Yield bytes as they are, and with each kind of spelling undone.

    JSON escapes (``\u6237``), character references of HTML (``&#25143;``), escapes of workbooks
    (``_x6237_``), percent encoding and doubled quotes of CSV; and one in the other. Where the bytes are no
    text, only what does not stand there by chance: several letters in a row, or a sign by its name.
    """
    yield data
    seen = {data}
    new = [data] if _any(SPELLED if text else EVIDENT, data) else []
    for again in range(ROUNDS):
        # A page's own scripts are full of such signs; the second time only what can still be a letter.
        worth = LETTER if text else EVIDENT
        undone = [more for one in new if not again or _any(worth, one) for more in _undone(one)]
        new = [one for one in dict.fromkeys(undone) if one not in seen]
        seen.update(new)
        yield from new


def _any(patterns: tuple[re.Pattern[bytes], ...], data: bytes) -> bool:
    return any(pattern.search(data) is not None for pattern in patterns)


def _undone(data: bytes) -> Iterator[bytes]:
    text = data.decode("utf-8", "surrogateescape")
    if "&" in text:
        yield _bytes(html.unescape(text))
    if "\\" in text:
        yield _bytes(JSON_ESCAPE.sub(_json_character, text))
    if "_x" in text:
        yield _bytes(WORKBOOK_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text))
    if '""' in text:
        yield _bytes(text.replace('""', '"'))
    if "%" in text:
        yield urllib.parse.unquote_to_bytes(data)


def _bytes(text: str) -> bytes:
    # Only the sixteen-bit halves that decoding let through are written back as they came.
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _json_character(match: re.Match[str]) -> str:
    if match[2]:
        return SHORT_ESCAPES.get(match[2], match[2])
    units = bytes.fromhex(match[1].replace("\\u", ""))
    return units.decode("utf-16-be", "replace")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def _gb18030(data: bytes) -> list[bytes]:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return []
    return [] if CONTROL.search(text) else [text.encode("utf-8", "surrogatepass")]


def _wide(data: bytes, names: list[str]) -> list[bytes]:
    found = []
    for name in names:
        try:
            text = data[: len(data) // 2 * 2].decode(name)
        except UnicodeDecodeError:
            continue
        if len(USUAL.findall(text)) >= MOSTLY * max(len(text), 1):
            found.append(text.encode("utf-8", "surrogatepass"))
    return found
