"""What the number formats of a workbook make of numbers: days, durations, codes with leading zeros."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Formats 27 to 36 and 50 to 58 are days and times in East Asian Excel, which writes no code for them.
EAST_ASIAN_DATES = frozenset({*range(27, 37), *range(50, 59)})
LITERAL = r'(?:"[^"]*"|\\.)'
# A number that is shown with leading zeros is a code: 000000, or "H"000.
ZEROS = re.compile(rf"({LITERAL}*)(0{{2,}})(?:;.*)?")


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What a cell's number format makes of its number.

    Parameters
    ----------
    date, elapsed : bool
        A day or time; a duration.
    zeros : int
        How many digits are shown at least, with zeros in front; 0 if that is not the point.
    prefix : str
        What is shown before these.
    """

    date: bool = False
    elapsed: bool = False
    zeros: int = 0
    prefix: str = ""


PLAIN = NumberFormat()


def number_format(number: str, code: str | None) -> NumberFormat:
    """Return what a number format makes of a number.

    Parameters
    ----------
    number : str
        Its number in the workbook.
    code : str or None
        Its code, such as ``yyyy-mm-dd``; None where the workbook writes none, since every program knows it.
    """
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format  # noqa: PLC0415

    if code is None:
        at = int(number) if re.fullmatch("[0-9]{1,4}", number) else 0
        if at in EAST_ASIAN_DATES:
            return NumberFormat(date=True)
        code = BUILTIN_FORMATS.get(at, "General")
    if is_timedelta_format(code):
        return NumberFormat(elapsed=True)
    if is_date_format(code):
        return NumberFormat(date=True)
    shown = ZEROS.fullmatch(code)
    if shown is None:
        return PLAIN
    prefix = "".join(one.strip('"').removeprefix("\\") for one in re.findall(LITERAL, shown[1]))
    return NumberFormat(zeros=len(shown[2]), prefix=prefix)
