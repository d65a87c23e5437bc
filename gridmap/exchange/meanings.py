"""What one header means to a kind, by the sources that may say so, in their order."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from gridmap.config import ProjectSpec
from gridmap.exchange.vocabulary import PERHAPS_PLACE, POSITIONS, column_words, fold, role_of, take_apart

ASKED = "asked"
NAME = "column name"
TITLE = "title"
WORDS = "imports.words"
VOCABULARY = "vocabulary"
# A reader numbers a header that stands there again: name, name_2.
REPEATED = re.compile(r"(.+?)[_ .]([2-9]|[1-9][0-9])", re.DOTALL)
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
CLOSE = 0.5
# What a shell would not pass on as it stands.
SHELL = re.compile(r"[\s()&;|<>*?$'`#!]")


@dataclass(frozen=True, slots=True)
class Claim:
    """A header and what it is taken for.

    Parameters
    ----------
    header : str
        As the file has it.
    target : str
        A column of the kind, ``id``, or a position.
    how : str
        Who says so.
    role : bool
        Whether `target` is a position.
    weak : bool
        The word may as well mean an address.
    """

    header: str
    target: str
    how: str
    role: bool = False
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Every folded word that means a column of one kind, by who says so.

    Parameters
    ----------
    known : frozenset of str
        The columns, with ``id``.
    sources : tuple of (str, mapping)
        Who says it, and the words; the first that knows a word counts.
    """

    known: frozenset[str]
    sources: tuple[tuple[str, Mapping[str, str]], ...]

    @classmethod
    def of(cls, kind: str, spec: ProjectSpec) -> Self:
        """Return the words of a kind."""
        schema = spec.kinds[kind]
        known = frozenset({"id", *schema.columns})
        titles: dict[str, str] = {}
        for column, one in schema.columns.items():
            for title in one.title.every if one.title is not None else ():
                titles.setdefault(fold(title), column)
        own = {
            fold(word): column
            for word, column in spec.imports.words.items()
            if column in known or column in POSITIONS
        }
        names = {fold(column): column for column in known}
        return cls(
            known,
            ((NAME, names), (TITLE, titles), (WORDS, own), (VOCABULARY, column_words(kind, schema))),
        )

    def meaning(self, header: str, headers: Iterable[str]) -> Claim | None:
        """Return what a header means, or None; one that stands there again means the same again."""
        found = self._said(header)
        if found is not None:
            return found
        again = REPEATED.fullmatch(header)
        if again is not None and again[1] in headers:
            first = self._said(again[1])
            return None if first is None else Claim(header, first.target, first.how, first.role, first.weak)
        return None

    def target(self, word: str) -> str | None:
        """Return the column or position that a caller names, or None."""
        if word in self.known or word in POSITIONS:
            return word
        folded = fold(word)
        return next((column for column in sorted(self.known) if folded and fold(column) == folded), None)

    def suggest(self, word: str, options: list[str]) -> str:
        """Return the likeliest correction as a phrase, or what there is."""
        by_fold = {fold(option): option for option in options}
        close = difflib.get_close_matches(fold(word), list(by_fold), n=1, cutoff=CLOSE)
        if close:
            return f"did you mean {by_fold[close[0]]}?"
        return "one of: " + ", ".join(option for option in options if option)

    def column_of(self, folded: str) -> tuple[str, str] | None:
        """Return the column that a folded word means, and who says so."""
        for how, words in self.sources:
            if folded in words:
                return words[folded], how
        return None

    def _said(self, header: str) -> Claim | None:
        if header in self.known:
            return Claim(header, header, NAME)
        apart = take_apart(header)
        if not apart.folded:
            return None
        found = self.column_of(apart.folded)
        if found is not None:
            return Claim(header, found[0], found[1], role=found[0] not in self.known)
        role = role_of(apart)
        if role is not None:
            return Claim(header, role, VOCABULARY, role=True)
        if apart.bare in PERHAPS_PLACE:
            return Claim(header, "place", VOCABULARY, role=True, weak=True)
        return self._in_both_languages(header, apart.bare)

    def _in_both_languages(self, header: str, bare: str) -> Claim | None:
        """Return what ``名称 Name`` or ``经度/lon`` means: both parts must mean the same."""
        chinese, latin = "".join(HAN.findall(bare)), HAN.sub("", bare)
        if not chinese or not latin:
            return None
        one, two = self._said(chinese), self._said(latin)
        if one is None or two is None or one.target != two.target or one.role != two.role:
            return None
        return Claim(header, one.target, one.how, role=one.role, weak=one.weak)


def found_header(word: str, headers: Iterable[str]) -> str | None:
    """Return the header that a caller means by a word: the very text, else the one that says the same."""
    listed = list(headers)
    if word in listed:
        return word
    folded = fold(word)
    same = [header for header in listed if folded and fold(header) == folded]
    return same[0] if len(same) == 1 else None


def columns_option(header: str, column: str = "") -> str:
    """Return what to type so that a header is a column, or left out; in quotes where a shell needs them."""
    pair = f"{header}={column}"
    return f'--columns "{pair}"' if SHELL.search(pair) else f"--columns {pair}"
