"""Identity numbers and the like, recognised by what they are made of, whatever their column is called.

How often one harmless value is taken for one of them (a column needs `ENOUGH` values and most of them):

==============================  ==============================================================  =========
what                            what must hold                                                  by chance
==============================  ==============================================================  =========
resident id, 18 (GB 11643)      a province, a day from 1900 on, ISO 7064 MOD 11-2               3e-5
resident id, 15 (GB 11643)      a province, a day (YYMMDD)                                      1.5e-2
IMEI, bank card (ISO/IEC 7812)  a known beginning and the Luhn digit                            5e-3, 2e-2
passport                        a letter that is issued and eight digits, or two and seven      (form)
plate (GA 36)                   a province's character, an authority's letter, 5 or 6 more      (form)
MAC address                     six pairs of hexadecimal digits with marks between              (form)
==============================  ==============================================================  =========

The figures were counted over random digits; columns of 3, 6 and 20 random numbers of 8 to 20 digits were
refused in none of 2,000 tries each, but for 6 of 15 digits (5e-4). They do not hold for numbers that are made
like identity numbers: an 18-digit asset code of a county's code, a day and a serial number passes with one in
11, so that a column of six such codes is refused by mistake with 1.1e-2, one of twelve with 4e-4, one of
thirty with 1e-8. A 15-digit code that goes on from a 12-digit gacha code can look like a day in every row,
but it is the same day for the same gacha: old numbers count only where nearly all differ in the day. The same
is asked of passports and their leading digits, which serial numbers share. 12-digit codes and 11-digit phone
numbers are shorter than all of these and never taken for one.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gridmap.config.refusals import BANK, IDENTITY, MOVEMENT, PLATES

# As many values must be recognised, and this share of those that are there.
ENOUGH = 3
MOST = 0.5
# A Luhn digit alone is right by chance in one of ten.
NEARLY_ALL = 0.8
# Of a long column so many values are looked at, at even distances.
LOOKED_AT = 2_000
LONGEST = 500
OLDEST = 1900
# Nobody in a file is born later; not the clock's year, so that the same file always reads the same.
NEWEST = 2100
# Whole numbers beyond this are not all there as floats.
EXACT = 2**53
ROUNDED = "~"
NEW_LENGTH = 18

# Codes of provinces, GB/T 2260, with Taiwan, Hong Kong, Macao and (since 2021) residents from there.
PROVINCES = frozenset(
    str(region + number)
    for region, numbers in ((10, 5), (20, 3), (30, 7), (40, 6), (60, 5), (70, 1), (80, 3), (90, 1))
    for number in range(1, numbers + 1)
) | {"50", "51", "52", "53", "54"}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
# Blanks and hyphens as people put them between the groups of a number.
GAP = r"[ \-]?"
NEW_ID = re.compile(
    rf"(?<![0-9])([1-9][0-9]{{5}}){GAP}([0-9]{{4}}){GAP}([0-9]{{4}}){GAP}([0-9]{{3}}[0-9X])(?![0-9A-Z])"
)
OLD_ID = re.compile(rf"(?<![0-9A-Z])([1-9][0-9]{{5}}){GAP}([0-9]{{6}}){GAP}([0-9]{{3}})(?![0-9A-Z])")
PASSPORT = re.compile(r"(?:[EGDSP][0-9]{8}|E[A-HJ-NP-Z][0-9]{7})")
CARD = re.compile(r"(?<![0-9])(?:[0-9]{4}[ \-]?){3}[0-9]{1,4}(?:[ \-]?[0-9]{3})?(?![0-9])")
CARD_STARTS = ("62", "4", "51", "52", "53", "54", "55", "34", "37", "9558")
CARD_LENGTHS = frozenset({16, 19})
IMEI = re.compile(r"(?<![0-9])(?:35|86|01|98|99)[0-9]{13}(?![0-9])")
MAC = re.compile(r"(?<![0-9A-F:\-])(?:[0-9A-F]{2}([:\-]))(?:[0-9A-F]{2}\1){4}[0-9A-F]{2}(?![0-9A-F:\-])")
PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·.\- ]?"
    r"(?:[A-HJ-NP-Z0-9]{5,6}|[A-HJ-NP-Z0-9]{4}[挂学警领港澳])(?![A-Z0-9])"
)


@dataclass(frozen=True, slots=True)
class _Sort:
    """One sort of number: how it is found in a text, and what a column of it must have.

    ``find`` gives the number found and the part of it in which numbers of different people differ, or None;
    of a ``strong`` one, two are enough in a column of two. ``differ`` is the share of those that must.
    """

    reason: str
    find: Callable[[str], tuple[str, str] | None]
    share: float = MOST
    strong: bool = False
    differ: float = 0.0


def holds_resident_id(value: Any) -> bool:
    """Say whether a cell is or holds such a number, alone or in the middle of a text."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return False
    return any(_new_id(text) is not None for text in _texts([value]))


def luhn(digits: str) -> bool:
    """Say whether the last digit is the Luhn digit of the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of two digits
    return total % 10 == 0


def recognised(values: Sequence[Any] | np.ndarray[Any, Any]) -> str | None:
    """Return what the values of a column are recognised as, or None.

    Parameters
    ----------
    values : sequence
        Cells of any type; numbers are looked at as well as texts, and texts also in their middle.

    Returns
    -------
    str or None
        A reason of `gridmap.config.refusals`.
    """
    texts = _texts(sampled(values))
    if not texts:
        return None
    for sort in SORTS:
        found = [hit for text in texts if (hit := sort.find(text)) is not None]
        enough = max(2, min(ENOUGH, len(texts))) if sort.strong else ENOUGH
        needed = max(enough, math.ceil(sort.share * len(texts)))
        if len(found) < needed:
            continue
        different = dict(found)
        if sort.differ and len(set(different.values())) < max(
            ENOUGH, math.ceil(sort.differ * len(different))
        ):
            continue
        return sort.reason
    return None


def looks_like_phones(values: Sequence[Any] | np.ndarray[Any, Any]) -> bool:
    """Say whether most values are Chinese mobile numbers: they name a person, and are kept as a contact."""
    texts = _texts(sampled(values))
    fitting = sum(
        re.fullmatch(r"(?:\+?86)?1[3-9][0-9]{9}", re.sub(r"[ \-]", "", text)) is not None for text in texts
    )
    return fitting >= max(ENOUGH, math.ceil(MOST * len(texts)))


def present(values: Sequence[Any] | np.ndarray[Any, Any]) -> list[Any]:
    """Return the values of a column that are there: neither missing nor empty."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "iufb":
        there: list[Any] = (values[np.isfinite(values)] if values.dtype.kind == "f" else values).tolist()
        return there
    plain = values.tolist() if isinstance(values, np.ndarray) else values
    if set(map(type, plain)) <= {str, type(None)}:
        return list(filter(None, plain))
    return [value for value in plain if value is not None and value == value and value != ""]  # noqa: PLR0124 - NaN


def sampled(values: Sequence[Any] | np.ndarray[Any, Any]) -> list[Any]:
    """Return up to `LOOKED_AT` of the values that are there, at even distances."""
    there = present(values)
    return there[:: max(1, math.ceil(len(there) / LOOKED_AT))]


def _texts(values: Iterable[Any]) -> list[str]:
    """Return values as texts in capitals, full-width characters as plain ones.

    A fraction or a truth is only a mark: it counts among the values that are there. So does a large number
    of which a spreadsheet has rounded the last digits away, but its first ones can be read.
    """
    texts = []
    for value in values:
        if isinstance(value, float) and math.isfinite(value) and value.is_integer():
            texts.append(str(int(value)) if abs(value) < EXACT else f"{ROUNDED}{int(value)}")
        elif isinstance(value, (str, int)) and not isinstance(value, bool):
            text = unicodedata.normalize("NFKC", str(value)[:LONGEST]).strip().upper()
            if text:
                texts.append(text)
        else:
            texts.append(ROUNDED)
    return texts


def _is_region_and_day(digits: str) -> bool:
    return digits[:2] in PROVINCES and _is_day(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))


def _is_day(year: int, month: int, day: int) -> bool:
    if year < OLDEST or year > NEWEST:
        return False
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def _new_is_right(number: str) -> bool:
    if not _is_region_and_day(number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True))
    return CHECKS[total % 11] == number[17]


def _new_id(text: str) -> tuple[str, str] | None:
    squeezed = re.sub(r"[\s\-]", "", text)
    # Blanks anywhere, where the number is all there is; between its groups in the middle of a text.
    for match in NEW_ID.finditer(squeezed if len(squeezed) == NEW_LENGTH else text):
        number = "".join(match.groups())
        if _new_is_right(number):
            return number, number[6:14]
    return None


def _rounded_id(text: str) -> tuple[str, str] | None:
    """Find 18 digits whose last ones are rounded: the check digit is lost, province and day hold."""
    number = text[1:]
    right = text[0] == ROUNDED and len(number) == NEW_LENGTH and _is_region_and_day(number)
    return (number, number[6:14]) if right else None


def _old_id(text: str) -> tuple[str, str] | None:
    for match in OLD_ID.finditer(text):
        region, day, _ = match.groups()
        if region[:2] in PROVINCES and _is_day(1900 + int(day[:2]), int(day[2:4]), int(day[4:])):
            return "".join(match.groups()), day
    return None


def _passport(text: str) -> tuple[str, str] | None:
    return (text, text[1:5]) if PASSPORT.fullmatch(text) else None


def _card(text: str) -> tuple[str, str] | None:
    for match in CARD.finditer(text):
        number = re.sub(r"[ \-]", "", match[0])
        if len(number) in CARD_LENGTHS and number.startswith(CARD_STARTS) and luhn(number):
            return number, number[-8:]
    return None


def _imei(text: str) -> tuple[str, str] | None:
    match = IMEI.search(text)
    return (match[0], match[0]) if match and luhn(match[0]) else None


def _mac(text: str) -> tuple[str, str] | None:
    match = MAC.search(text)
    return (match[0], match[0]) if match else None


def _plate(text: str) -> tuple[str, str] | None:
    match = PLATE.search(text)
    return (match[0], match[0]) if match else None


SORTS = (
    _Sort(IDENTITY, _new_id, strong=True),
    _Sort(IDENTITY, _rounded_id),
    _Sort(IDENTITY, _old_id, differ=NEARLY_ALL),
    _Sort(IDENTITY, _passport, differ=MOST),
    _Sort(PLATES, _plate),
    _Sort(MOVEMENT, _mac),
    _Sort(MOVEMENT, _imei, share=NEARLY_ALL),
    _Sort(BANK, _card, share=NEARLY_ALL),
)
