"""Rows of a table that add up others, or sign it: no data, and left out with a word."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Rows that add up others; only where hardly another cell is filled.
TOTALS = re.compile(
    r"\s*(合\s*计|总\s*计|小\s*计|共\s*计|总\s*数|合\s*共|(grand )?total|sum)\s*[:：]?\s*", re.IGNORECASE
)
FILLED_IN_A_TOTAL = 3
# Who filled the sheet in, and who signed it: below the rows, and no row.
SIGNED = re.compile(
    r"\s*(填\s*表|制\s*表|审\s*核|填\s*报|负\s*责|经\s*办|统\s*计|复\s*核)\s*(人|单位|日期|时间)?\s*[:：]"
)


def is_total(record: Sequence[str]) -> bool:
    """Say whether a row only adds up others, or signs the sheet: few cells, and one of them says so.

    Parameters
    ----------
    record : sequence of str
        The row's cells; empty where nothing stands.
    """
    filled: list[str] = []
    for cell in record:
        if cell and not cell.isspace():
            if len(filled) == FILLED_IN_A_TOTAL:
                # Nearly every row ends here.
                return False
            filled.append(cell)
    return len(filled) * 2 <= max(len(record), 2) and any(
        TOTALS.fullmatch(cell) or SIGNED.match(cell) for cell in filled
    )
