"""The guard: the last look at finished bytes, behind the views.

It takes the bytes apart (archives, databases, packed columns, base64: `gridmap.publish.unpacking`), reads
each piece in every spelling and encoding that a page or table can hold a text in, and refuses to leave a
file with a private text that the view left out, or with a coordinate more exact than its audience may see. It
finds mistakes of writers and of configuration; it is not what keeps a view clean.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module, resources
from importlib.resources.abc import Traversable

from gridmap.errors import PublishError
from gridmap.privacy import Needles, Withheld
from gridmap.privacy.chance import RARE
from gridmap.privacy.search import SHORT
from gridmap.publish.unpacking import Piece, TooMuchError, as_text, doubles, readings, unpack, written
from gridmap.publish.unpacking.piece import ANY_BYTE

# What every page holds, whatever the data: a household called so is not given away by it.
STRUCTURE = (
    b"<!doctype html><html><head><meta><title><style><script></script></style></title><body><svg><table>"
)
# Rules bring the words that pages give for reasons.
RULES = "gridmap.assign.rules"
# What bytes that are no UTF-8 text may spell texts in.
ENCODINGS = ("gb18030", "utf-16-le", "utf-16-be")
# Smaller pieces are looked at together.
SMALL, BETWEEN = 1 << 16, b"\n\n\n\n"


def guard(data: bytes, withheld: Withheld, *, where: str) -> None:
    """Refuse bytes that hold a withheld text in any spelling, or too exact a coordinate.

    Parameters
    ----------
    data : bytes
        A finished product.
    withheld : Withheld
        From `gridmap.privacy.withheld`, for the view that the product was made from.
    where : str
        What an error calls the product.

    Raises
    ------
    PublishError
        GM602, with the names of the columns; or with the reason, if the bytes cannot be looked into.
    ConfigError
        GM111 if a library for looking into them is not installed.
    """
    if not withheld.needles and not withheld.coordinates:
        return
    try:
        texts, places = _found(data, withheld)
    except TooMuchError as error:
        raise PublishError(
            "GM602",
            f"the product cannot be looked into: {error}",
            where=where,
            fix="nothing was written; no writer of gridmap makes such a file: look at the one that did",
        ) from error
    own = _own_words()
    columns = withheld.columns_of(one for one in texts if one.encode("utf-8", "replace") not in own)
    if columns:
        raise PublishError(
            "GM602",
            "the product would hold private texts that its audience may not see, of " + ", ".join(columns),
            where=where,
            fix="nothing was written; look for these texts in columns that are not private, "
            "e.g. a householder's name in a remark, and correct them or list the columns for the audience",
            columns=columns,
        )
    if places:
        raise PublishError(
            "GM602",
            "the product would hold coordinates more exact than its audience may see, of "
            + ", ".join(sorted(places)),
            where=where,
            fix="nothing was written; look for positions in columns (a remark, a link to a map), "
            "or give the audience more decimals",
            columns=tuple(sorted(places)),
        )


def _found(data: bytes, withheld: Withheld) -> tuple[set[str], set[str]]:
    """Return the texts that the bytes give away, and the columns whose coordinates they do."""
    texts: set[str] = set()
    places: set[str] = set()
    others: list[bytes] = []
    for piece in unpack(data):
        is_utf8, more = as_text(piece.data) if not piece.symbols else (False, [])
        symbols = 0 if is_utf8 else piece.symbols or ANY_BYTE
        for reading in readings(piece.data, text=symbols != ANY_BYTE):
            texts |= _texts_in(reading, piece, withheld, symbols)
            places |= _written_in(reading, withheld)
        for reading in (spelled for text in more for spelled in readings(text)):
            texts |= withheld.found(reading)
            places |= _written_in(reading, withheld)
        places.update(_places_in(piece, withheld))
        if symbols == ANY_BYTE:
            others.append(piece.data)
    return texts | _in_other_encodings(others, withheld), places


def _texts_in(reading: bytes, piece: Piece, withheld: Withheld, symbols: int) -> frozenset[str]:
    found = withheld.found(reading, symbols=symbols)
    if found and piece.side_by_side is not None:
        # Found across the end of one text and the beginning of the next. One that is within a text is
        # found in the values as well.
        found -= withheld.found(piece.side_by_side())
    return found


def _written_in(reading: bytes, withheld: Withheld) -> frozenset[str]:
    if not withheld.coordinates:
        return frozenset()
    return withheld.coordinates.leaks(written(reading, withheld.coordinates.ranges))


def _places_in(piece: Piece, withheld: Withheld) -> Iterator[str]:
    """Yield the columns whose coordinates a piece holds as packed integers or as floats."""
    if not withheld.coordinates:
        return
    numbers = doubles(piece.data, withheld.coordinates.ranges)
    for one in [*numbers, *([] if piece.numbers is None else [piece.numbers])]:
        yield from withheld.coordinates.leaks(one)


def _in_other_encodings(pieces: list[bytes], withheld: Withheld) -> set[str]:
    """Look for texts in other encodings, one after the other: two million texts are held once more only.

    Texts of so few bytes that chance explains them are not looked for.
    """
    small = BETWEEN.join(one for one in pieces if len(one) < SMALL)
    haystacks = [one for one in (small, *pieces) if one is small or len(one) >= SMALL]
    size = sum(map(len, haystacks))
    found: set[str] = set()
    for encoding in ENCODINGS if size and withheld.needles else ():
        # Plain letters are the same bytes in GB18030 as in UTF-8.
        sought = withheld.texts
        if encoding == "gb18030":
            sought = [text for text in sought if not text.isascii()]
        begun = _begun(sought, haystacks, encoding)
        needles = Needles(_worth_looking(begun, sought, encoding, size), encoding=encoding)
        for one in haystacks if needles else ():
            found |= needles.found(one, symbols=ANY_BYTE) - withheld.held
    return found


def _begun(sought: list[str], haystacks: list[bytes], encoding: str) -> list[str]:
    """Return the texts whose first two characters stand in the bytes.

    There are far fewer beginnings than texts, and hardly any of them is in bytes that hold no text.
    """
    starts = {text[:2] for text in sought}
    needles = Needles(starts, encoding=encoding)
    # What is too short to be looked for may be there.
    there = {start for start in starts if len(start.encode(encoding, "replace")) < SHORT}
    there.update(*(needles.found(one) for one in haystacks))
    if not there:
        return []
    return [text for text in sought if text[:2] in there]


def _worth_looking(begun: list[str], sought: list[str], encoding: str, size: int) -> list[str]:
    """Return the texts of which chance does not explain a find among all that are sought."""
    if not begun:
        return []
    alike = Counter(len(text.encode(encoding, "replace")) for text in sought)
    by_chance = {length: size * count / float(ANY_BYTE) ** min(length, 64) for length, count in alike.items()}
    lengths = ((text, len(text.encode(encoding, "replace"))) for text in begun)
    return [text for text, length in lengths if length >= SHORT and by_chance[length] < RARE]


@cache
def _own_words() -> bytes:
    """Return all that gridmap's pages and tables are made of: public source, so no secret is in it."""
    words = [STRUCTURE, *_files(resources.files("gridmap.render")), *_files(resources.files(RULES))]
    # Every workbook has the same theme: names of fonts and scripts, Mongolian among them.
    with contextlib.suppress(ImportError):
        words.append(import_module("openpyxl.writer.theme").theme_xml.encode("utf-8"))
    return b"\n".join(words)


def _files(folder: Traversable) -> Iterator[bytes]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            yield from _files(entry)
        elif entry.name.endswith((".py", ".js", ".css", ".html", ".json")):
            yield entry.read_bytes()
