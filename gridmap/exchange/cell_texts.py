"""Texts as cells of a workbook hold them, and back, to the last character.

Three things stand between a text and its cell. XML cannot hold every character: Office Open XML writes those
as ``_x000D_`` (ECMA-376, part 1, 22.9.2.19), and a text that looks like that as ``_x005F_x000D_``. An empty
cell is a missing value, and blanks around a text are dirt in most sheets: so a text that is empty or has
blanks at its ends is put between two apostrophes. A cell holds 32,767 characters: a longer text goes on in
columns of its own.
"""

from __future__ import annotations

import re

LONGEST = 32_767
# What XML 1.0 cannot hold, and the carriage return, which its parsers turn into a line feed.
UNWRITABLE = "\\x00-\\x08\\x0b-\\x1f\ud800-\udfff\ufffe\uffff"
TO_ESCAPE = re.compile(f"_(?=x[0-9A-Fa-f]{{4}}(?:_|[{UNWRITABLE}]))|[{UNWRITABLE}]")
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
CONTINUED = re.compile(r"(.+) \[continued ([0-9]{1,5})\]")


def escaped(text: str) -> str:
    """Return a text with every character that XML cannot hold as ``_xHHHH_``."""
    return TO_ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def unescaped(text: str) -> str:
    """Return a text as it was before `escaped`, or as Excel means it."""
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def guarded(text: str) -> str:
    """Return a text that `cleaned` gives back exactly."""
    return f"'{text}'" if _is_lost(text) else text


def cleaned(cell: str) -> tuple[str | None, bool]:
    """Return what a cell's text says, and whether blanks around it were dirt.

    Parameters
    ----------
    cell : str
        The text of a cell, unescaped.

    Returns
    -------
    str or None
        The text; None if nothing but blanks stands there.
    bool
        Whether it stood between blanks.
    """
    text = cell.strip()
    if len(text) > 1 and text[0] == text[-1] == "'" and _is_lost(text[1:-1]):
        return text[1:-1], False
    return text or None, len(text) < len(cell) and text != ""


def pieces(text: str) -> list[str]:
    """Return a text as one or more cells, each guarded, escaped and short enough."""
    cell = escaped(guarded(text))
    # Counted as Excel does, in UTF-16.
    if len(cell) * 2 <= LONGEST or len(cell.encode("utf-16-le", "surrogatepass")) <= LONGEST * 2:
        return [cell]
    half = len(text) // 2
    return pieces(text[:half]) + pieces(text[half:])


def continued(header: str, number: int) -> str:
    """Return the header of the column in which texts of another go on, counted from 2."""
    return f"{header} [continued {number}]"


def _is_lost(text: str) -> bool:
    """Say whether reading would lose it: nothing at all or blanks at an end, inside whatever apostrophes."""
    core = text.strip("'")
    return not core or core != core.strip()
