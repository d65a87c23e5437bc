"""Whole columns of text searched at once: a clean column costs one pass over its bytes."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
import pandas as pd

from gridmap.checks.base import Rows
from gridmap.checks.columns import ASCII_END, Bytes, Objects, objects, utf8
from gridmap.checks.scan import Scan

# What GBK read as UTF-8 and back leaves behind, and UTF-8 read as Latin-1.
_TRACES = ("\ufffd", "锟斤拷", "锟絔", "烫烫烫", "屯屯屯")
# Windows-1252 has quotes and dashes for some of the bytes: there it takes two of them, as in any Chinese
# character, to tell a wrong encoding from an accent before a quote.
_1252 = "\u0080-\u00bf" + bytes(set(range(0x80, 0xA0)) - {0x81, 0x8D, 0x8F, 0x90, 0x9D}).decode("cp1252")
_MOJIBAKE = re.compile(
    "|".join(_TRACES) + f"|[\u00c2-\u00f4][\u0080-\u00bf]|[\u00e0-\u00ef][{re.escape(_1252)}]{{2}}"
)
# C0 and C1, zero-width marks, line separators, marks of direction. The joiners and the narrow
# no-break space stay out: Mongolian is written with them.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
# No file name, no `kind:id`, no shell word should break on an id.
_UNSAFE = re.compile(
    r"""[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]"""
)
_SEPARATOR = "\n"
_NONE: Rows = np.empty(0, dtype=np.intp)


# What a text in UTF-8 has to hold before a pattern above can match at all, as ranges of bytes. U+00C2 to
# U+00F4 all begin with C3, which begins nothing else.
_HIGH_LEAD = (0xC3, 0xC3)
_CONTROL_BYTES = ((0x00, 0x1F), (0x7F, 0x7F))
# C1; zero-width and other marks of U+2000 to U+207F; the byte order mark.
_CONTROL_BEYOND = (
    ((0xC2, 0xC2), (0x80, 0x9F)),
    ((0xE2, 0xE2), (0x80, 0x81), (0x80, 0xBF)),
    ((0xEF, 0xEF), (0xBB, 0xBB), (0xBF, 0xBF)),
)
_UNTIDY_BYTES = (
    (0x00, 0x20),
    *((ord(one), ord(one)) for one in r"""\/:*?"<>|"""),
    (0x7F, 0xFF),
)
_MAY_DIFFER_IN_WIDTH = ((0x00, 0x20), (ASCII_END, 0xFF))
_TRACE_BYTES = tuple(trace.encode() for trace in _TRACES)
_LOWER, _UPPER = (ord("a"), ord("z")), (ord("A"), ord("Z"))


def mojibake(column: pd.Series[Any], scan: Scan | None = None) -> Rows:
    """Return the positions of texts that were read in a wrong encoding; None is no text.

    A `scan` of the column, where there is one already, saves another.
    """
    scan = scan or Scan(utf8(column))
    if scan.ascii or not (scan.holds(_HIGH_LEAD) or any(scan.has(trace) for trace in _TRACE_BYTES)):
        return _NONE
    return _matching(objects(column), _MOJIBAKE)


def control(column: pd.Series[Any], scan: Scan | None = None) -> Rows:
    """Return the positions of texts that hold invisible control characters; None is no text."""
    scan = scan or Scan(utf8(column))
    beyond = not scan.ascii and any(scan.follows(*ranges) for ranges in _CONTROL_BEYOND)
    # Most marks of U+2000 to U+207F are harmless: the slower question is asked only where there are some.
    if not scan.holds(*_CONTROL_BYTES) and not (beyond and not _printable(scan.raw)):
        return _NONE
    return _matching(objects(column), _CONTROL)


def _printable(raw: Bytes) -> bool:
    # Nothing that _CONTROL matches is.
    return raw.tobytes().decode("utf-8", "surrogatepass").isprintable()


def _matching(values: Objects, pattern: re.Pattern[str]) -> Rows:
    found = [value is not None and pattern.search(value) is not None for value in values]
    return np.flatnonzero(np.array(found, dtype=bool))


def untidy_ids(column: pd.Series[Any]) -> Rows:
    """Return the positions of ids with spaces around them, or characters that files and shells trip over."""
    if not Scan(utf8(column)).holds(*_UNTIDY_BYTES):
        return _NONE
    ids = objects(column)
    known = [value for value in ids if value is not None]
    blob = _SEPARATOR.join(known)
    spaces = len(blob) - len("".join(blob.split()))
    if spaces == max(len(known) - 1, 0) and not _UNSAFE.search(blob.replace(_SEPARATOR, "")):
        return _NONE
    found = [
        value is not None and (value != value.strip() or _UNSAFE.search(value) is not None) for value in ids
    ]
    return np.flatnonzero(np.array(found, dtype=bool))


def sure_to_differ(column: pd.Series[Any]) -> bool:
    """Whether ids that are not the same cannot look alike: plain ASCII without spaces, in one case."""
    scan = Scan(utf8(column))
    return not scan.holds(*_MAY_DIFFER_IN_WIDTH) and not (scan.holds(_LOWER) and scan.holds(_UPPER))


def lookalike_keys(ids: Objects) -> Objects:
    """Return what each id looks like: one width, one case, no spaces around it."""
    blob = _SEPARATOR.join("" if value is None else value for value in ids)
    keys = unicodedata.normalize("NFKC", blob).casefold().split(_SEPARATOR)
    if len(keys) != len(ids):
        keys = ["" if value is None else unicodedata.normalize("NFKC", value).casefold() for value in ids]
    result = np.empty(len(ids), dtype=object)
    result[:] = [key.strip() for key in keys]
    return result
