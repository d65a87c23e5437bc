"""Texts that are mostly different, as integers: ids as a beginning and a number, others letter by letter."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gridmap.model.packed import Form, Packed
from gridmap.render.codec import Ints, pack_ints

LONGEST = 48  # characters of a text that is spelled; longer ones are sentences
MOST_CELLS = 60_000_000  # places of all texts together, 4 bytes each
MOST_DIGITS = 9  # of a number that fits 32 bits with a sign
ZERO, NINE = 0x30, 0x39
CODE_POINTS = 0x110000
SURROGATES = (0xD800, 0xDFFF)  # a page counts a pair of them as two

Characters = npt.NDArray[np.uint32]


class Spelled(NamedTuple):
    """Texts as a `Column` holds them."""

    form: Form
    values: tuple[str, ...]
    codes: Packed | None
    digits: int
    letters: tuple[Packed, ...]


def spell(texts: list[str]) -> Spelled | None:
    """Return texts as numbers behind a common beginning, or else letter by letter.

    Returns None where they would not come back the same, or are too long to gain by it.
    """
    sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    longest = int(sizes.max(initial=0))
    if not longest or longest > LONGEST or longest * len(texts) > MOST_CELLS:
        return None
    characters = np.array(texts, dtype=f"U{longest}").view(np.uint32).reshape(len(texts), longest)
    # numpy cuts zeros off the ends of texts, and fills with them.
    if (characters - SURROGATES[0] <= SURROGATES[1] - SURROGATES[0]).any() or (
        np.count_nonzero(characters) != sizes.sum()
    ):
        return None
    return _pattern(characters, sizes) or _letters(characters)


def _pattern(characters: Characters, sizes: Ints) -> Spelled | None:
    """Read texts as one beginning and a number; zeros in front fill it up to its fewest digits."""
    alike = (characters == characters[0]).all(axis=0)
    begin = int(np.argmin(alike)) if not alike.all() else 0
    while begin and _is_digit(characters[0, begin - 1]):
        begin -= 1
    rest, sizes = characters[:, begin:], sizes - begin
    fewest, most = int(sizes.min()), int(sizes.max())
    if fewest < 1 or most > MOST_DIGITS or not (_is_digit(rest) | (rest == 0)).all():
        return None
    if (rest[sizes > fewest, 0] == ZERO).any():
        return None
    number: Ints = np.zeros(len(rest), dtype=np.int64)
    for place in range(most):
        digit = rest[:, place].astype(np.int64)
        number = np.where(digit == 0, number, number * 10 + digit - ZERO)
    prefix = "".join(map(chr, characters[0, :begin].tolist()))
    return Spelled("pattern", (prefix,), pack_ints(number), fewest, ())


def _is_digit(characters: npt.NDArray[np.uint32] | np.uint32) -> npt.NDArray[np.bool_]:
    return np.asarray((characters >= ZERO) & (characters <= NINE))


def _letters(characters: Characters) -> Spelled:
    """Give a number to every character that stands at a place; 0 says that the text has ended."""
    alphabets, letters = [], []
    rank = np.zeros(CODE_POINTS, dtype=np.int64)
    there = np.zeros(CODE_POINTS, dtype=bool)
    for place in characters.T:
        there[place] = True
        there[0] = False
        alphabet = np.flatnonzero(there)
        rank[alphabet] = np.arange(1, len(alphabet) + 1)
        letters.append(pack_ints(rank[place]))
        alphabets.append("".join(map(chr, alphabet.tolist())))
        rank[alphabet], there[alphabet] = 0, False
    return Spelled("letters", tuple(alphabets), None, 0, tuple(letters))
