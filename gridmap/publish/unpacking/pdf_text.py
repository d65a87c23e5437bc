"""The text of a PDF's pages, as a reader copies it: shown codes, read back through the fonts they are in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from gridmap.publish.unpacking.pdf_fonts import Spelling, from_cmap, from_dictionary

# `7 0 obj ... endobj`, of which a stream is not looked through here.
OBJECT = re.compile(rb"(?<!\d)(\d{1,10})\s+\d{1,5}\s+obj\b(.*?)(?=\bstream\r?\n|\bendobj\b)", re.DOTALL)
FONTS = re.compile(rb"/Font\s*<<(.*?)>>", re.DOTALL)
FONTS_AT = re.compile(rb"/Font\s+(\d+)\s+\d+\s+R")
ENTRY = re.compile(rb"/([^\s/<>\[\]()]+)\s+(\d+)\s+\d+\s+R")
IS_FONT = re.compile(rb"/Type\s*/Font\b(?!Desc)")
TO_UNICODE = re.compile(rb"/ToUnicode\s+(\d+)\s+\d+\s+R")
ENCODING_AT = re.compile(rb"/Encoding\s+(\d+)\s+\d+\s+R")
PACKED = re.compile(rb"/Type\s*/ObjStm\b")
PACKED_FIRST, PACKED_MANY = re.compile(rb"/First\s+(\d+)"), re.compile(rb"/N\s+(\d+)")
TOKEN = re.compile(
    rb"\((?P<literal>(?:[^()\\]|\\.|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\))*)\)"
    rb"|<(?P<hex>[0-9A-Fa-f\s]*)>(?!>)"
    rb"|/(?P<name>[^\s/<>\[\]()]+)"
    rb"|(?P<number>[-+]?(?:\d+\.?\d*|\.\d+))"
    rb"|(?P<word>[A-Za-z'\"*]+\d?)"
    rb"|(?P<other>[\[\]{}]|<<|>>)"
    rb"|%[^\r\n]*",
    re.DOTALL,
)
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
SHOWS = {b"Tj", b"TJ", b"'", b'"'}
CHOICE = re.compile(rb"/([^\s/<>\[\]()]+)\s+[-+.\d]+\s+Tf\b")
WORD_GAP = -180.0  # a thousandth of an em: a step this wide is the space between two words
Spellings = Mapping[bytes, tuple[Spelling, ...]]


def unescaped(literal: bytes) -> bytes:
    """Return the bytes of a string that is written in brackets."""
    return ESCAPE.sub(_character, literal)


def _character(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes([int(match[1], 8) & 0xFF])
    return SHORT.get(match[2], match[2])


def from_hex(digits: bytes) -> bytes:
    """Return the bytes of a string that is written in hexadecimal digits."""
    bare = b"".join(digits.split())
    return bytes.fromhex((bare + b"0" * (len(bare) % 2)).decode("ascii"))


def objects(data: bytes, streams: Mapping[int, bytes]) -> dict[int, bytes]:
    """Return the dictionaries of a document by their number, those in object streams among them."""
    found = {int(number): body for number, body in OBJECT.findall(data)}
    for number, body in list(found.items()):
        if PACKED.search(body):
            found |= dict(_packed(body, streams.get(number, b"")))
    return found


def _packed(body: bytes, stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the objects of an object stream (ISO 32000-1, 7.5.7): their numbers and places, then they."""
    first, many = PACKED_FIRST.search(body), PACKED_MANY.search(body)
    if first is None or many is None:
        return
    begin = int(first[1])
    head = [int(one) for one in stream[:begin].split()[: 2 * int(many[1])] if one.isdigit()]
    places = head[1::2]
    for number, at, end in zip(head[0::2], places, [*places[1:], len(stream)], strict=False):
        yield number, stream[begin + at : begin + end]


def spellings(held: Mapping[int, bytes], streams: Mapping[int, bytes]) -> dict[bytes, tuple[Spelling, ...]]:
    """Return how the fonts spell, by the name that pages call them.

    The same name may be another font on another page: it has all their spellings then. Under no name there
    are all of them, for a text whose font is not known.
    """
    fonts = {number: _spelling(body, held, streams) for number, body in held.items() if IS_FONT.search(body)}
    named: dict[bytes, dict[int, Spelling]] = {}
    for name, number in _names(held):
        if number in fonts:
            named.setdefault(name, {})[number] = fonts[number]
    return {b"": tuple(fonts.values())} | {name: tuple(of.values()) for name, of in named.items()}


def _names(held: Mapping[int, bytes]) -> Iterator[tuple[bytes, int]]:
    for body in held.values():
        places = [*FONTS.findall(body), *(held.get(int(at), b"") for at in FONTS_AT.findall(body))]
        for place in places:
            yield from ((name, int(number)) for name, number in ENTRY.findall(place))


def _spelling(body: bytes, held: Mapping[int, bytes], streams: Mapping[int, bytes]) -> Spelling:
    at = TO_UNICODE.search(body)
    found = from_cmap(streams.get(int(at[1]), b"")) if at else None
    if found is not None:
        return found
    elsewhere = ENCODING_AT.search(body)
    return from_dictionary(body + (held.get(int(elsewhere[1]), b"") if elsewhere else b""))


def page_texts(content: bytes, fonts: Spellings) -> Iterator[str]:
    """Yield what a content stream shows: one text for each text object, in each spelling of its font.

    What is shown in pieces, or letter by letter, is put together; a step to the right that is as wide as a
    space is one.
    """
    if b"BT" not in content:
        return
    # A font that no resource names may be any of them.
    used = [fonts.get(name) or fonts.get(b"", ()) for name in set(CHOICE.findall(content))]
    for which in range(max(map(len, used), default=0)):
        texts = [text for text in _objects_of(content, fonts, which) if text]
        yield from texts
        # Texts of one letter, one after the other, are one that was written letter by letter.
        for alone, several in groupby(texts, key=lambda text: len(text) == 1):
            if alone and len(letters := list(several)) > 1:
                yield "".join(letters)


def _objects_of(content: bytes, fonts: Spellings, which: int) -> Iterator[str]:
    """Yield the text of each text object, read with the `which`-th spelling of each font."""
    font, name, said, waiting = _chosen(b"", fonts, which), b"", "", ""
    for token in TOKEN.finditer(content):
        if token["literal"] is not None or token["hex"] is not None:
            literal = token["literal"]
            shown = unescaped(literal) if literal is not None else from_hex(token["hex"])
            waiting += "".join(one.read(shown) for one in font)
        elif token["number"] is not None:
            waiting += " " if waiting and float(token["number"]) <= WORD_GAP else ""
        elif token["name"] is not None:
            name = token["name"]
        elif token["word"] is not None:
            word = token["word"]
            if word == b"Tf":
                font = _chosen(name, fonts, which)
            elif word == b"BT":
                said = ""
            elif word == b"ET":
                yield said
                said = ""
            said += waiting if word in SHOWS else ""
            waiting = ""


def _chosen(name: bytes, fonts: Spellings, which: int) -> tuple[Spelling, ...]:
    of = fonts.get(name) or fonts.get(b"", ())
    return of[min(which, len(of) - 1) :][:1]
