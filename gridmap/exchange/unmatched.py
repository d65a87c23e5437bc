"""Headers that no source knows: the ones that look misspelt, and the one that may be the ids."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gridmap.exchange.meanings import VOCABULARY, Dictionary
from gridmap.exchange.vocabulary import POSITION_WORDS, fold, take_apart

# "strongold" for "stronghold" is 0.95, "longtitude" for "longitude" 0.95, "year" for "gear" 0.75.
ALIKE = 0.8
# So many letters more than a word make another word.
QUALIFIED = 2
# Shorter words are alike by chance.
SHORTEST = 4
SHORTEST_HAN = 3
ID_WORDS = ("编号", "编码", "代码", "号", "id", "code", "number", "key", "序", "no")


def lookalikes(
    headers: Iterable[str], words: Dictionary, filled: Collection[str], *, placed: bool
) -> dict[str, str]:
    """Return headers that look like a column that no header fills, with that column.

    Parameters
    ----------
    headers : iterable of str
        Headers that mean nothing.
    words : Dictionary
        The words of the kind.
    filled : collection of str
        Columns and positions that have a header.
    placed : bool
        Whether positions come from columns.

    Returns
    -------
    dict of str to str
        In the order of `headers`.
    """
    known: dict[str, str] = {}
    for how, group in words.sources:
        # Short pinyin and the like would be resembled by anything.
        known |= {
            word: column
            for word, column in group.items()
            if column not in filled and word not in known and (how != VOCABULARY or _is_long(word))
        }
    if placed and not {*filled} & {"wkt", "place"}:
        known |= {
            word: role for word, role in POSITION_WORDS.items() if role not in filled and _is_long(word)
        }
    found: dict[str, str] = {}
    for header in headers:
        bare = take_apart(header).bare
        close = difflib.get_close_matches(bare, list(known), n=1, cutoff=ALIKE) if _is_long(bare) else []
        # A gbcode is another code, not a misspelt one.
        if close and (close[0] not in bare or len(bare) - len(close[0]) < QUALIFIED):
            found[header] = known[close[0]]
    return found


def likeliest_id(columns: Mapping[str, Sequence[Any] | np.ndarray[Any, Any]]) -> str | None:
    """Return the header that may be the ids: a value of its own in every row, and best a name like it."""
    distinct = [header for header, values in columns.items() if header.strip() and _is_distinct(values)]
    for word in ID_WORDS:
        for header in distinct:
            if word in fold(header):
                return header
    return distinct[0] if distinct else None


def _is_long(word: str) -> bool:
    return len(word) >= (SHORTEST if word.isascii() else SHORTEST_HAN)


def _is_distinct(values: Sequence[Any] | np.ndarray[Any, Any]) -> bool:
    if isinstance(values, np.ndarray):
        return values.dtype.kind in "iu" and len(values) > 0 and len(np.unique(values)) == len(values)
    texts = [str(value).strip() for value in values if isinstance(value, (str, int))]
    return len(texts) == len(values) > 0 and len(set(texts)) == len(texts) and "" not in texts
