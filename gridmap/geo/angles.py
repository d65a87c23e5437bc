"""Degrees as people write them: decimals, and degrees, minutes and seconds in every common spelling.

``110.4326``, ``41°41′57″N``, ``41d41'57"N``, ``41 41 57``, ``41:41:57``, ``110.26.00``, ``110-26-00``,
``东经110度26分``, in the digits and marks of a Chinese keyboard or of a surveyor's. ISO 6709 annex D has the
first two.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Axis = Literal["lon", "lat"]

SIXTY = 60.0
# Two angles in words are a third of it; every cut of a text is tried, so that neither may be without end.
LONGEST = 200
MOST_CUTS = 40
HEMISPHERES: dict[str, tuple[int, Axis]] = {
    "N": (1, "lat"),
    "S": (-1, "lat"),
    "E": (1, "lon"),
    "W": (-1, "lon"),
    "北纬": (1, "lat"),
    "南纬": (-1, "lat"),
    "东经": (1, "lon"),
    "西经": (-1, "lon"),
}
WORDS = "|".join(HEMISPHERES)
# Marks that Unicode would fold into a letter or a blank, put into their plain form first.
MARKS = str.maketrans(
    {"º": "°", "˚": "°", "´": "'", "`": "'", "‘": "'", "’": "'", "“": '"', "”": '"', "−": "-"}
)
PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
HEAD = re.compile(rf"({WORDS})\s*[:：]?\s*", re.IGNORECASE)
TAIL = re.compile(rf"\s*({WORDS})$", re.IGNORECASE)
# Only the last part may have decimals.
BODIES = tuple(
    re.compile(rf"(?P<sign>[+-]?)\s*{body}", re.IGNORECASE)
    for body in (
        r"(?P<deg>\d{1,3}(?:\.\d+)?)\s*[°度d]?",
        r"(?P<deg>\d{1,3})\s*[°度d]\s*(?P<min>\d{1,2}(?:\.\d+)?)\s*['′分]?",
        (
            r"(?P<deg>\d{1,3})\s*[°度d]\s*(?P<min>\d{1,2})\s*['′分]\s*(?P<sec>\d{1,2}(?:\.\d+)?)\s*"
            r"(?:\"|''|′′|″|秒)?"
        ),
        r"(?P<deg>\d{1,3})(?P<gap>\s+|\s*:\s*)(?P<min>\d{1,2}(?:\.\d+)?)",
        r"(?P<deg>\d{1,3})(?P<gap>\s+|\s*:\s*)(?P<min>\d{1,2})(?:\s+|\s*:\s*)(?P<sec>\d{1,2}(?:\.\d+)?)",
        # Two dots or two dashes: no decimal is written so.
        r"(?P<deg>\d{1,3})\.(?P<min>\d{1,2})\.(?P<sec>\d{1,2}(?:\.\d+)?)",
        r"(?P<deg>\d{1,3})-(?P<min>\d{1,2})-(?P<sec>\d{1,2}(?:\.\d+)?)",
    )
)
BETWEEN = re.compile(r"\s*[,，;；、/|]\s*")


@dataclass(frozen=True, slots=True)
class Angle:
    """An angle as written.

    Parameters
    ----------
    degrees : float
        South and west are negative.
    axis : {"lon", "lat"} or None
        What its hemisphere says it is; None if it names none.
    """

    degrees: float
    axis: Axis | None = None


def folded(text: str) -> str:
    """Return a text with plain digits, marks and single blanks, whatever keyboard it came from."""
    return " ".join(unicodedata.normalize("NFKC", text.translate(MARKS)).translate(MARKS).split())


def parse_angle(text: str) -> Angle | None:
    """Read one angle.

    Parameters
    ----------
    text : str
        In any spelling of the module's docstring.

    Returns
    -------
    Angle or None
        None if it is something else: minutes of 60 or more, a sign and a hemisphere, two hemispheres; or
        longer than any angle.
    """
    rest = _short(text)
    sign, axis = 1, None
    found = HEAD.match(rest) or TAIL.search(rest)
    if found:
        sign, axis = HEMISPHERES[found[1].upper()]
        rest = rest[found.end() :] if found.start() == 0 else rest[: found.start()]
    for body in BODIES:
        match = body.fullmatch(rest.strip())
        if match is None:
            continue
        degrees = _value(match)
        if degrees is None or (found and match["sign"]):
            return None
        return Angle(sign * degrees, axis)
    return None


def _short(text: str) -> str:
    """Return a text folded; nothing for one that is longer than any angle or pair, before or after that."""
    bare = text.strip()
    rest = folded(bare) if len(bare) <= LONGEST else ""
    # One character may stand for eighteen.
    return rest if len(rest) <= LONGEST else ""


def _value(match: re.Match[str]) -> float | None:
    parts = match.groupdict()
    minutes, seconds = float(parts.get("min") or 0), float(parts.get("sec") or 0)
    if minutes >= SIXTY or seconds >= SIXTY:
        return None
    # One division, of a number that is mostly whole: 110°7'12" is 110.12 to the last bit.
    value = (float(parts["deg"]) * SIXTY**2 + minutes * SIXTY + seconds) / SIXTY**2
    return -value if parts["sign"] == "-" else value


def parse_pair(text: str) -> tuple[Angle, Angle] | None:
    """Read two angles in one text, in the order they are written; None if it is something else."""
    whole = _short(text).strip("()[] ")
    for split in itertools.islice(BETWEEN.finditer(whole), MOST_CUTS):
        pair = _both(whole[: split.start()], whole[split.end() :])
        if pair:
            return pair
    # Without a mark between them, the one cut that makes two angles; more than one is no answer.
    cuts = {match.start() for match in re.finditer(rf"\s|(?<=[NSEW\"″秒'′分°度])|(?=(?:{WORDS}))", whole)}
    if len(cuts) > MOST_CUTS:
        return None
    made = (_both(whole[:cut], whole[cut:]) for cut in sorted(cuts - {0, len(whole)}))
    found = list(dict.fromkeys(pair for pair in made if pair))
    named = [pair for pair in found if pair[0].axis and pair[1].axis] or found
    return named[0] if len(named) == 1 else None


def _both(one: str, other: str) -> tuple[Angle, Angle] | None:
    first = parse_angle(one)
    second = parse_angle(other) if first else None
    return (first, second) if first and second else None


def parse_angles(cells: Sequence[Any], *, axis: Axis | None) -> tuple[npt.NDArray[np.float64], list[int]]:
    """Read a column of angles.

    Parameters
    ----------
    cells : sequence
        Texts, numbers or None.
    axis : {"lon", "lat"} or None
        What the column holds.

    Returns
    -------
    ndarray, shape (n,)
        Degrees; NaN where there is none or it cannot be read.
    list of int
        Positions that cannot be read, or whose hemisphere is the other axis'.
    """
    values = np.full(len(cells), np.nan)
    bad: list[int] = []
    for at, cell in enumerate(cells):
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            continue
        value = _number(cell, axis)
        if value is None:
            bad.append(at)
        else:
            values[at] = value
    return values, bad


def _number(cell: Any, axis: Axis | None) -> float | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, (int, float, np.integer, np.floating)):
        return float(cell) if math.isfinite(cell) else None
    text = str(cell).strip()
    if PLAIN.fullmatch(text) and text.isascii():
        return float(text)
    found = parse_angle(text)
    if found is None or (axis is not None and found.axis not in {None, axis}):
        return None
    return found.degrees
