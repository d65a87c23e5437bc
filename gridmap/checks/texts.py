"""Whole columns of text searched at once: a clean column costs one pass over one string."""

from __future__ import annotations

import re
import unicodedata

import numpy as np

from gridmap.checks.base import Rows
from gridmap.checks.context import Objects

# What GBK read as UTF-8 and back leaves behind, and UTF-8 read as Latin-1.
_TRACES = ("\ufffd", "锟斤拷", "锟絔", "烫烫烫", "屯屯屯")
# Windows-1252 has quotes and dashes for some of the bytes: there it takes two of them, as in any Chinese
# character, to tell a wrong encoding from an accent before a quote.
_1252 = "\u0080-\u00bf" + bytes(set(range(0x80, 0xA0)) - {0x81, 0x8D, 0x8F, 0x90, 0x9D}).decode("cp1252")
_MOJIBAKE = re.compile(
    "|".join(_TRACES) + f"|[\u00c2-\u00f4][\u0080-\u00bf]|[\u00e0-\u00ef][{re.escape(_1252)}]{{2}}"
)
_HIGH = re.compile("[\u00c2-\u00f4]")
# C0 and C1, zero-width marks, line separators, marks of direction. The joiners and the narrow
# no-break space stay out: Mongolian is written with them.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
# No file name, no `kind:id`, no shell word should break on an id.
_UNSAFE = re.compile(
    r"""[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]"""
)
_SEPARATOR = "\n"
_NONE: Rows = np.empty(0, dtype=np.intp)


def mojibake(values: Objects) -> Rows:
    """Return the positions of texts that were read in a wrong encoding; None is no text."""
    blob = _joined(values)
    if not _HIGH.search(blob) and not any(trace in blob for trace in _TRACES):
        return _NONE
    return _matching(values, _MOJIBAKE)


def control(values: Objects) -> Rows:
    """Return the positions of texts that hold invisible control characters; None is no text."""
    # A space is printable, and nothing that CONTROL matches is.
    return _NONE if _joined(values).isprintable() else _matching(values, _CONTROL)


def _joined(values: Objects) -> str:
    # A space between: no pattern matches it, or across it.
    return " ".join([value for value in values if value is not None])


def _matching(values: Objects, pattern: re.Pattern[str]) -> Rows:
    found = [value is not None and pattern.search(value) is not None for value in values]
    return np.flatnonzero(np.array(found, dtype=bool))


def untidy_ids(ids: Objects) -> Rows:
    """Return the positions of ids with spaces around them, or characters that files and shells trip over."""
    known = [value for value in ids if value is not None]
    blob = _SEPARATOR.join(known)
    spaces = len(blob) - len("".join(blob.split()))
    if spaces == max(len(known) - 1, 0) and not _UNSAFE.search(blob.replace(_SEPARATOR, "")):
        return _NONE
    found = [
        value is not None and (value != value.strip() or _UNSAFE.search(value) is not None) for value in ids
    ]
    return np.flatnonzero(np.array(found, dtype=bool))


def lookalike_keys(ids: Objects) -> Objects:
    """Return what each id looks like: one width, one case, no spaces around it."""
    blob = _SEPARATOR.join("" if value is None else value for value in ids)
    keys = unicodedata.normalize("NFKC", blob).casefold().split(_SEPARATOR)
    if len(keys) != len(ids):
        keys = ["" if value is None else unicodedata.normalize("NFKC", value).casefold() for value in ids]
    result = np.empty(len(ids), dtype=object)
    result[:] = [key.strip() for key in keys]
    return result
