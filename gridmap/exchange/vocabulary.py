"""What headers mean: Chinese, pinyin and English words for the usual columns, and for positions.

The words are declared in ``vocabulary.toml`` and nowhere else. A project adds its own under
``[imports.words]``; a kind's own column names and titles always win over both.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Literal, cast

from gridmap.config import ProjectSpec
from gridmap.config.spec import KindSpec

Role = Literal["lon", "lat", "x", "y", "wkt", "place"]

_TEXT = resources.files("gridmap").joinpath("exchange", "vocabulary.toml").read_text(encoding="utf-8")
_WORDS: dict[str, dict[str, list[str]]] = tomllib.loads(_TEXT)


def _by_word(*groups: str) -> dict[str, str]:
    """Return the words of groups, the first that has a word first: word -> what it means."""
    found: dict[str, str] = {}
    for group in groups:
        for meaning, words in _WORDS[group].items():
            for word in words:
                found.setdefault(word, meaning)
    return found


UNITS = frozenset(_WORDS["brackets"]["units"])
# A datum, as a CRS code or as ReadOptions has it, by what a header says.
DATUMS = _by_word("datums")
LONGEST_FIRST = tuple(sorted(DATUMS, key=len, reverse=True))
# ``经度(高德 GCJ-02 火星坐标)`` says it three times; nobody's header is as long as a sentence.
MOST_DATUMS = 4
LONGEST = 64
POSITIONS: tuple[Role, ...] = ("lon", "lat", "x", "y", "wkt", "place")
POSITION_WORDS = cast("dict[str, Role]", _by_word("positions"))
PERHAPS_PLACE = frozenset(_WORDS["perhaps"]["place"])
BRACKETED = re.compile(r"[(\[{<【〔「（［]([^()\[\]{}<>【】〔〕「」]*)[)\]}>】〕」）］]")
# Marks that NFKC would turn into a blank or a letter.
MARKS = str.maketrans({"º": "°", "˚": "°"})

CODE = re.compile(r"(?:epsg)([0-9]{4,6})")
# CGCS2000 and WGS 84 are no answer for metres: which zone is not said.
DEGREES_ONLY = frozenset({"EPSG:4326", "EPSG:4490"})


@dataclass(frozen=True, slots=True)
class Header:
    """A header taken apart.

    Parameters
    ----------
    text : str
        As the file has it.
    folded : str
        What it says, folded.
    bare : str
        The same without what it says about its coordinates.
    crs : str or None
        What it says its coordinates are in: a CRS code, ``"gcj02"`` or ``"bd09"``.
    """

    text: str
    folded: str
    bare: str
    crs: str | None


def fold(header: str) -> str:
    """Return what a header says, without how it is written.

    NFKC, case folded; blanks, punctuation and underscores gone; brackets with a unit or a hint for filling in
    gone with what is in them: ``经度(°)`` is ``经度``, ``户主 姓名`` is ``户主姓名``, ``Householder_Name`` is
    ``householdername``.
    """
    plain = unicodedata.normalize("NFKC", header.translate(MARKS)).casefold()
    plain = BRACKETED.sub(lambda match: " " if _is_unit(match[1]) else match[0], plain)
    folded = re.sub(r"[\W_]+", "", plain)
    return folded or re.sub(r"\s+", "", plain)


def take_apart(header: str) -> Header:
    """Return a header with what it states about its coordinates split off.

    ``lon_wgs84``, ``lat-gcj02``, ``经度(GCJ02)``, ``高德经度``, ``X(EPSG:4525)``, ``wkt_epsg4508``.
    """
    folded = fold(header)
    if folded in DATUMS:
        return Header(header, folded, folded, None)
    code = re.search(CODE.pattern + "$", folded)
    if code is not None and code.start() > 0:
        return Header(header, folded, folded[: code.start()], f"EPSG:{code[1]}")
    for bare, crs in _without_datums(folded) if len(folded) <= LONGEST else ():
        if bare in POSITION_WORDS or bare in PERHAPS_PLACE:
            return Header(header, folded, bare, crs)
    return Header(header, folded, folded, None)


def _without_datums(folded: str) -> Iterator[tuple[str, str]]:
    """Yield what is left without the words of one datum before or behind; ``(GCJ-02 高德)`` are two words."""
    last: list[tuple[str, str | None]] = [(folded, None)]
    seen: set[tuple[str, str]] = set()
    for _ in range(MOST_DATUMS):
        # Each rest once: words before and behind can be taken away in either order.
        rests = dict.fromkeys(rest for text, crs in last for rest in _shorter(text, crs) if rest not in seen)
        yield from rests
        seen |= rests.keys()
        last = list(rests)


def _shorter(text: str, crs: str | None) -> Iterator[tuple[str, str]]:
    """Yield a text without one word of a datum, the longest words first."""
    for word in LONGEST_FIRST:
        for bare in (text.removesuffix(word), text.removeprefix(word)):
            if bare not in {"", text} and crs in {None, DATUMS[word]}:
                yield bare, DATUMS[word]


def role_of(header: Header) -> Role | None:
    """Return which coordinate a header is, or None."""
    return POSITION_WORDS.get(header.bare)


def stated_crs(header: Header) -> str | None:
    """Return what a header says its coordinates are in; CGCS2000 on metres does not say the zone."""
    if role_of(header) in {"x", "y"} and header.crs in DEGREES_ONLY:
        return None
    return header.crs


def column_words(kind: str, schema: KindSpec) -> dict[str, str]:
    """Return the vocabulary of a kind: folded word -> column (only columns it has, and ``id``)."""
    known = {"id", *schema.columns}
    private = "name" in schema.private
    fitting = (("people", private), ("areas", "level" in known), ("others", not private), ("common", True))
    own = {word: "name" for word in _WORDS["things"].get(kind, []) if "name" in known}
    return own | {
        word: column
        for word, column in _by_word(*(group for group, fits in fitting if fits)).items()
        if column in known and word not in own
    }


def words_for(kind: str, spec: ProjectSpec) -> frozenset[str]:
    """Return every folded header that means something to a kind, for readers that look for the header row."""
    schema = spec.kinds[kind]
    words = {fold(name) for name in ("id", *schema.columns)}
    words |= {fold(title) for one in schema.columns.values() if one.title for title in one.title.every}
    words |= {
        fold(word)
        for word, column in spec.imports.words.items()
        if column == "id" or column in schema.columns
    }
    words |= column_words(kind, schema).keys()
    if schema.spatial:
        words |= POSITION_WORDS.keys() | PERHAPS_PLACE
        words |= {word + datum for word in ("lon", "lat", "wkt", "经度", "纬度") for datum in DATUMS}
    return frozenset(words - {""})


def _is_unit(text: str) -> bool:
    return re.sub(r"\s+", "", text) in UNITS
